// The part of the agents' pages that a form alone cannot do. Without it everything works, with a page for each step. What somebody has
// typed is never lost: each change goes into the tab's storage at once, to the server within two seconds, and leaves the storage only
// when the server has said that it has it.
'use strict';

(function () {
  const byId = (id) => document.getElementById(id);
  const user = document.body.dataset.user;
  const fill = (say, ...of) => of.reduce((s, v) => s.replace(/%[ds]/, String(v)), say);
  const path = location.pathname;
  for (const e of document.querySelectorAll('.needs')) e.hidden = false;

  // ---- parts of SMS: the rule of internal/segments; a test holds both to the same figures ----
  const basic = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
  const extension = '\f^{}\\[~]|€';
  const tally = (alone, joined) => ({ alone, joined, total: 0, segments: 0, used: 0 });
  function add(t, n) {
    t.total += n;
    if (t.segments === 0 || t.used + n > t.joined) { t.segments++; t.used = 0; }
    t.used += n;
  }
  // parts is how many SMS a text takes, and how many characters of its kind the last one has room for.
  function parts(text) {
    const gsm = tally(160, 153), ucs = tally(70, 67);
    let unicode = false;
    for (const c of text) {
      add(ucs, c.length);
      if (basic.includes(c)) add(gsm, 1);
      else if (extension.includes(c)) add(gsm, 2);
      else unicode = true;
    }
    const t = unicode ? ucs : gsm;
    if (t.total <= t.alone) return { count: t.total > 0 ? 1 : 0, left: t.alone - t.total };
    return { count: t.segments, left: t.joined - t.used };
  }
  window.deskParts = parts;

  // ---- boxes: a reply's and a note's ----
  const trouble = byId('trouble');
  const ways = trouble ? [...trouble.querySelectorAll('[data-way]')] : [];
  function say(what, ...show) {
    if (!trouble) return;
    trouble.hidden = !what;
    if (!what) return;
    trouble.querySelector('p').textContent = trouble.dataset[what];
    for (const w of ways) w.hidden = !show.includes(w.dataset.way);
    trouble.dataset.what = what;
  }
  const calm = (what) => { if (trouble && (!what || trouble.dataset.what === what)) say(''); };

  function Box(form) {
    const text = form.elements.text;
    const mark = form.querySelector('[data-saved]');
    const slot = ['desk', user, form.dataset.name, form.dataset.kind].join(':');
    let version = Number(form.dataset.version);
    let saved = text.value; // what the server has
    let when = ''; // since when, by the desk's clock
    const before = mark.textContent; // what the page itself says of it
    let timer = 0, since = 0, flight = null, again = 0, gone = false, sending = false;

    function keep() {
      try {
        if (text.value === saved) sessionStorage.removeItem(slot);
        else sessionStorage.setItem(slot, JSON.stringify({ text: text.value, version }));
      } catch (e) { /* no storage, or a full one: the server is asked all the sooner */ }
    }
    function shown(state) {
      mark.classList.toggle('unsaved', state === 'not');
      if (state === 'not') mark.textContent = mark.dataset.saving;
      else mark.textContent = when ? fill(mark.dataset.saved, when) : before;
    }
    function request(value, leaving) {
      return fetch(form.dataset.draft, {
        method: 'POST', credentials: 'same-origin', cache: 'no-store', redirect: 'manual', keepalive: leaving && value.length < 20000,
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        body: JSON.stringify({ kind: form.dataset.kind, text: value, seen: Number(form.elements.seen.value), version }),
      });
    }
    function later(ms) { clearTimeout(timer); timer = setTimeout(save, ms); }
    async function save() {
      clearTimeout(timer);
      if (sending || gone || flight || text.value === saved) return;
      const value = text.value;
      since = 0;
      flight = request(value, document.visibilityState === 'hidden').then((r) => answered(r, value), failed);
      await flight;
      flight = null;
      if (!sending && !gone && text.value !== saved && !again) later(800);
    }
    async function answered(r, value) {
      if (r.ok) {
        ({ version, at: when } = await r.json());
        saved = value;
        again = 0;
        keep();
        calm();
        if (text.value === saved) shown('saved');
      } else if (r.status === 409) {
        const other = await r.json();
        if (other.text === value) { ({ version, at: when } = other); saved = value; again = 0; keep(); calm(); shown('saved'); return; }
        conflict(other);
      } else if (r.status === 401 || r.type === 'opaqueredirect') {
        say('signedout', 'signin');
        retry();
      } else if (r.status === 404) {
        gone = true;
        say('gone');
      } else if (r.status === 403) {
        gone = true;
        say('refused');
      } else failed();
    }
    function failed() { say('failed'); retry(); }
    function retry() {
      shown('not');
      again = Math.min((again || 1000) * 2, 15000);
      later(again);
    }
    // The same person has changed the draft elsewhere. Nothing is thrown away: both texts are there to choose from.
    let mine = null, theirs = null;
    function conflict(other) {
      theirs = other;
      mine = null;
      gone = true; // until he has chosen
      shown('not');
      say('conflict', 'theirs', 'keep');
    }
    function choose(way, button) {
      if (!theirs) return;
      if (way === 'theirs') {
        const back = mine !== null;
        if (back) { text.value = mine; mine = null; } else { mine = text.value; text.value = theirs.text; }
        const label = button.textContent;
        button.textContent = button.dataset.other;
        button.dataset.other = label;
        counted();
      } else {
        version = theirs.version;
        saved = theirs.text;
        theirs = mine = null;
        gone = false;
        say('');
        keep();
        if (text.value === saved) shown('saved');
        save();
      }
    }

    const figure = form.querySelector('[data-parts]');
    function counted() {
      if (!figure) return;
      const p = parts(text.value);
      figure.textContent = p.count ? fill(figure.dataset.say, p.count, p.left) : '';
    }

    text.addEventListener('input', () => {
      counted();
      keep();
      if (text.value === saved) { clearTimeout(timer); shown('saved'); return; }
      shown('not');
      const now = Date.now();
      since = since || now;
      later(Math.max(0, Math.min(800, since + 1500 - now)));
    });
    // A page that goes away says what it has, as far as a browser lets it; the tab's storage has it in any case.
    function leave() { if (!sending && !gone && text.value !== saved) { clearTimeout(timer); keep(); request(text.value, true).catch(() => {}); } }
    addEventListener('pagehide', leave);
    // Who comes back, from signing in or from a tunnel, need not wait for the next try.
    for (const back of ['focus', 'online']) addEventListener(back, () => save());
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') save(); });

    // What the tab still holds was never taken by the server: it goes first. But a text that stands in the conversation as one's own was
    // sent from elsewhere, and does not come back.
    try {
      const held = JSON.parse(sessionStorage.getItem(slot));
      const sent = held && [...document.querySelectorAll('[data-mine] .text')].some((e) => (e.dataset.typed || e.textContent).trim() === held.text.trim());
      if (held && held.text !== text.value && !sent) {
        const other = { text: text.value, version };
        text.value = held.text;
        if (held.version === version || other.text === '') later(0); else conflict(other);
      } else if (held) sessionStorage.removeItem(slot);
    } catch (e) { /* nothing is held */ }
    counted();

    let uploads = Promise.resolve();
    // Sending waits for a draft that is under way, so that none can come behind the reply and bring its text back.
    async function send(button) {
      if (sending) return;
      sending = true;
      clearTimeout(timer);
      const buttons = [...form.querySelectorAll('button'), ...document.querySelectorAll('[form="' + form.id + '"]')];
      const fields = new FormData(form);
      fields.delete('file');
      const data = new URLSearchParams(fields);
      if (button && button.name) data.set(button.name, button.value);
      if (button && (button.name === 'anyway' || button.name === 'despite')) data.set('then', form.dataset.then || 'stay');
      form.dataset.then = data.get('then') || '';
      for (const b of buttons) b.disabled = true;
      text.readOnly = true;
      const done = (what, ...show) => {
        sending = false;
        for (const b of buttons) b.disabled = false;
        text.readOnly = false;
        if (what) say(what, ...show);
        keep();
        if (text.value !== saved && !gone) later(again || 800);
      };
      try {
        await uploads;
        if (flight) await flight;
        const r = await fetch(form.action, { method: 'POST', credentials: 'same-origin', redirect: 'manual', headers: { Accept: 'application/json' }, body: data });
        if (r.ok) {
          const to = (await r.json()).to;
          saved = text.value;
          keep();
          location.assign(to);
          return;
        }
        if (r.status === 401 || r.type === 'opaqueredirect') return done('signedout', 'signin');
        if (r.status === 403) return done('refused');
        if (r.status === 404) return done('gone');
        if (r.status !== 409 && r.status !== 422) return done('broken');
        clashed(await r.text());
        done('');
      } catch (e) { done('broken'); }
    }
    // Somebody has written meanwhile: the server's page says what, above the text, which stays as it is.
    function clashed(html) {
      const page = new DOMParser().parseFromString(html, 'text/html');
      const line = page.getElementById('clash');
      const seen = page.querySelector('#' + form.id + ' [name=seen]');
      const old = byId('clash');
      if (old) old.remove();
      calm();
      if (line) {
        trouble.before(document.adoptNode(line));
        const again = line.querySelector('button');
        if (again) again.focus();
      }
      const beneath = page.getElementById('beneath'), before = byId('beneath');
      if (before) before.remove();
      if (beneath) trouble.before(document.adoptNode(beneath));
      const was = page.querySelector('#' + form.id + ' [name=was]');
      if (was && form.elements.was) form.elements.was.value = was.value;
      // It may be worked on in another ticket by now: what is sent and kept goes there.
      const there = page.getElementById(form.id);
      if (there && there.getAttribute('action') !== form.getAttribute('action')) {
        for (const b of boxes) {
          const f = page.getElementById(b.form.id);
          if (f) b.moved(f);
        }
      }
      if (seen) for (const f of document.querySelectorAll('.answer form')) f.elements.seen.value = seen.value;
      // Who receives it may have changed: the recipients and what they stand on come from one page.
      const to = page.querySelector('.to'), ground = page.querySelector('[name=ground]');
      if (to && ground) {
        document.querySelector('.to').replaceWith(document.adoptNode(to));
        document.querySelector('[name=ground]').value = ground.value;
      }
      const from = page.querySelector('.flow'), flow = document.querySelector('.flow');
      if (from && flow) for (const e of [...from.children]) if (e.id && !byId(e.id)) flow.append(document.adoptNode(e));
    }
    // Sending waits for files that are on their way.
    const at = () => form.action.replace(/\/[^/]*$/, ''), files = form.querySelector('[data-files]'), shownArea = form.querySelector('[data-shown]');
    const ask = (to, body) => { if (form.elements.by) body.set('by', form.elements.by.value); return fetch(to, { method: 'POST', credentials: 'same-origin', redirect: 'manual', headers: { Accept: 'application/json' }, body }); };
    const told = (r) => say(...({ 413: ['large'], 422: ['nofile'], 401: ['signedout', 'signin'], 403: ['refused'], 404: ['gone'] }[r.status] || (r.type === 'opaqueredirect' ? ['signedout', 'signin'] : ['broken'])));
    const made = (html) => [...new DOMParser().parseFromString(html, 'text/html').body.childNodes].map((n) => document.adoptNode(n));
    function insert(words) {
      text.setRangeText(words, text.selectionStart, text.selectionEnd, 'end');
      text.dispatchEvent(new Event('input', { bubbles: true }));
    }
    async function put(file, pasted) {
      const body = new FormData();
      body.set('kind', form.dataset.kind);
      if (pasted) body.set('pasted', '1');
      body.set('file', file, file.name || 'image.png');
      try {
        const r = await ask(at() + '/files', body);
        if (!r.ok) return told(r);
        const f = await r.json();
        files.append(...made(f.chip));
        if (f.mark) insert(f.mark);
      } catch (e) { say('broken'); }
    }
    const upload = (all, pasted) => { for (const f of all) uploads = uploads.then(() => put(f, pasted)); };
    async function remove(button) {
      const chip = button.closest('[data-file]');
      const r = await ask(at() + '/files/' + chip.dataset.file + '/remove', new URLSearchParams({ kind: form.dataset.kind })).catch(() => null);
      if (!r || !r.ok) return r ? told(r) : say('broken');
      const mark = new RegExp('!\\[[^\\]]*\\]\\(file:' + chip.dataset.file + '\\)', 'g');
      if (mark.test(text.value)) { text.value = text.value.replace(mark, ''); text.dispatchEvent(new Event('input', { bubbles: true })); }
      chip.remove();
      text.focus();
    }
    async function preview(button) {
      if (button.getAttribute('aria-expanded') !== 'true') {
        await uploads;
        const r = await ask(at() + '/preview', new URLSearchParams({ kind: form.dataset.kind, text: text.value })).catch(() => null);
        if (!r || !r.ok) return r ? told(r) : say('broken');
        shownArea.querySelector('.rich').replaceChildren(...made((await r.json()).html));
      }
      const open = button.getAttribute('aria-expanded') === 'true', label = button.textContent;
      shownArea.hidden = open;
      button.setAttribute('aria-expanded', String(!open));
      button.textContent = button.dataset.other;
      button.dataset.other = label;
    }
    // A slash offers snippets, not within a composition.
    const menu = form.querySelector('[data-phrases]');
    let phrases = null, fits = [], pick = 0;
    const word = () => { const m = /(?:^|\s)\/([^\s/]{0,40})$/.exec(text.value.slice(0, text.selectionStart)); return m && m[1]; };
    const shut = () => { menu.hidden = true; text.removeAttribute('aria-activedescendant'); };
    async function offer() {
      if (composing || word() === null) return shut();
      if (!phrases) {
        phrases = [];
        const r = await fetch(at() + '/snippets', { credentials: 'same-origin', redirect: 'manual' }).catch(() => null);
        if (r && r.ok) phrases = await r.json(); else phrases = null;
      }
      const typed = word();
      if (!phrases || typed === null) return shut();
      fits = phrases.filter(([name]) => name.toLowerCase().includes(typed.toLowerCase())).slice(0, 20);
      menu.replaceChildren(...fits.map(([name, words], i) => {
        const [li, b, gist] = ['li', 'b', 'span'].map((n) => document.createElement(n));
        b.textContent = name;
        gist.textContent = words;
        li.append(b, gist);
        li.id = form.id + '-phrase-' + i;
        li.setAttribute('role', 'option');
        li.addEventListener('mousedown', (e) => { e.preventDefault(); take(i); });
        return li;
      }));
      menu.hidden = !fits.length;
      choosePhrase(0);
    }
    function choosePhrase(i) {
      pick = (i + fits.length) % (fits.length || 1);
      [...menu.children].forEach((li, n) => li.setAttribute('aria-selected', String(n === pick)));
      const li = menu.children[pick];
      if (menu.hidden || !li) return shut();
      text.setAttribute('aria-activedescendant', li.id);
      li.scrollIntoView({ block: 'nearest' });
    }
    function take(i) {
      const typed = word();
      if (typed === null || !fits[i]) return;
      text.setSelectionRange(text.selectionStart - typed.length - 1, text.selectionEnd);
      shut();
      insert(fits[i][1]);
    }
    text.addEventListener('input', offer);
    text.addEventListener('compositionend', () => setTimeout(offer));
    text.addEventListener('blur', shut);
    text.addEventListener('keydown', (e) => {
      if (menu.hidden || ofMethod(e) || e.ctrlKey || e.metaKey || e.altKey) return;
      const act = { ArrowDown: () => choosePhrase(pick + 1), ArrowUp: () => choosePhrase(pick - 1), Enter: () => take(pick), Tab: () => take(pick), Escape: shut }[e.key];
      if (act) { e.preventDefault(); e.stopPropagation(); act(); }
    });
    for (const b of form.querySelectorAll('[data-plain]')) b.hidden = true;
    const attach = form.querySelector('[data-attach]');
    attach.multiple = true;
    attach.addEventListener('change', () => { upload([...attach.files]); attach.value = ''; });
    text.addEventListener('paste', (e) => {
      const images = [...e.clipboardData.files].filter((f) => f.type.startsWith('image/'));
      if (images.length && !e.clipboardData.types.includes('text/plain')) { e.preventDefault(); upload(images, true); }
    });
    text.addEventListener('drop', (e) => { if (e.dataTransfer.files.length) { e.preventDefault(); upload([...e.dataTransfer.files]); } });
    form.addEventListener('submit', (e) => {
      e.preventDefault();
      const b = e.submitter;
      if (b && b.dataset.by) location.assign(b.dataset.by); else if (b && b.matches('[data-remove]')) remove(b); else if (b && b.matches('[data-preview]')) preview(b); else send(b);
    });
    function moved(f) {
      form.setAttribute('action', f.getAttribute('action'));
      form.dataset.draft = f.dataset.draft;
      version = Number(f.dataset.version);
    }
    return { form, text, save, choose, moved };
  }
  const boxes = [...document.querySelectorAll('form[data-draft]')].map(Box);
  for (const w of ways) if (w.tagName === 'BUTTON') w.addEventListener('click', () => { for (const b of boxes) b.choose(w.dataset.way, w); });
  // A page from the browser's memory may show what is over.
  addEventListener('pageshow', (e) => { if (e.persisted) location.reload(); });

  // ---- reply or note ----
  function front(kind) {
    const area = byId('answer');
    if (!area) return;
    area.classList.toggle('isnote', kind === 'note');
    for (const b of boxes) b.form.hidden = b.form.dataset.kind !== kind;
    for (const tab of area.querySelectorAll('[data-box]')) {
      if (tab.dataset.box === kind) tab.setAttribute('aria-current', 'true'); else tab.removeAttribute('aria-current');
    }
    const box = boxes.find((b) => b.form.dataset.kind === kind);
    if (box) box.text.focus();
  }
  document.addEventListener('click', (e) => {
    const tab = e.target.closest('[data-box]');
    if (tab && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0) { e.preventDefault(); front(tab.dataset.box); }
    const ask = e.target.closest('[data-insert]');
    if (ask) {
      front('reply');
      const text = byId('reply-text');
      text.setRangeText((text.value && !/\s$/.test(text.value.slice(0, text.selectionStart)) ? '\n' : '') + ask.dataset.insert, text.selectionStart, text.selectionEnd, 'end');
      text.dispatchEvent(new Event('input', { bubbles: true }));
    }
    for (const open of document.querySelectorAll('details.drop[open]')) if (!open.contains(e.target)) open.open = false;
  });

  // ---- earlier lines, without leaving the page ----
  document.addEventListener('click', async (e) => {
    const link = e.target.closest('[data-earlier]');
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    if (link.dataset.busy) return;
    link.dataset.busy = '1';
    try {
      const r = await fetch(link.dataset.earlier, { credentials: 'same-origin', redirect: 'manual' });
      if (!r.ok) throw new Error(String(r.status));
      const page = new DOMParser().parseFromString(await r.text(), 'text/html');
      const area = document.querySelector('.scroll');
      const below = area.scrollHeight - area.scrollTop;
      const first = link.closest('.earlier');
      const lines = [...page.body.childNodes].map((n) => document.adoptNode(n));
      first.replaceWith(...lines);
      area.scrollTop = area.scrollHeight - below;
      const next = document.querySelector('[data-earlier]');
      (next || area).focus({ preventScroll: true });
    } catch (err) { location.assign(link.href); }
  });

  // ---- the bar that takes a reply back: the server's clock decides, this one only shows it ----
  const undo = document.querySelector('[data-undo]');
  if (undo && Number(undo.dataset.undo) > 0) {
    const until = performance.now() + Number(undo.dataset.undo) * 1000;
    const left = undo.querySelector('.left');
    const tick = setInterval(() => {
      const n = Math.ceil((until - performance.now()) / 1000);
      left.textContent = n > 0 ? fill(left.dataset.say, n) : left.dataset.over;
      if (n <= 0) { clearInterval(tick); undo.querySelector('form').remove(); }
    }, 250);
    undo.removeAttribute('role'); // said once when the page came; not each second
  }

  // ---- several tickets at once: the bar shows itself when something is selected ----
  const bar = byId('many');
  const picks = [...document.querySelectorAll('.pick')];
  let lastPick = null;
  function picked() {
    if (!bar) return;
    const n = picks.filter((p) => p.checked).length;
    bar.classList.toggle('idle', n === 0);
    bar.querySelector('[data-count]').textContent = n ? fill(bar.dataset.some, n) : bar.dataset.none;
  }
  for (const p of picks) {
    p.addEventListener('click', (e) => {
      if (e.shiftKey && lastPick) {
        const [from, to] = [picks.indexOf(lastPick), picks.indexOf(p)].sort((a, b) => a - b);
        for (const q of picks.slice(from, to + 1)) q.checked = p.checked;
      }
      lastPick = p;
      picked();
    });
  }
  picked();

  // ---- keys ----
  const keys = byId('keys'), on = byId('keys-on');
  let single = true;
  try { single = localStorage.getItem('desk:keys') !== 'off'; } catch (e) { /* on */ }
  on.checked = single;
  on.addEventListener('change', () => { single = on.checked; try { localStorage.setItem('desk:keys', single ? 'on' : 'off'); } catch (e) { /* for this page */ } });
  for (const b of document.querySelectorAll('[data-keys]')) { b.hidden = false; b.addEventListener('click', () => keys.showModal()); }

  // Input methods take Enter to choose a candidate. Some send its keydown within the composition, some behind it with the code 229.
  let composing = false;
  addEventListener('compositionstart', () => { composing = true; }, true);
  addEventListener('compositionend', () => { composing = false; }, true);
  const ofMethod = (e) => composing || e.isComposing || e.keyCode === 229;

  function move(by) {
    const rows = [...document.querySelectorAll('.row')];
    const at = rows.indexOf(document.activeElement);
    const open = rows.findIndex((r) => r.hasAttribute('aria-current'));
    const to = rows[at >= 0 ? at + by : open >= 0 ? open + by : by > 0 ? 0 : rows.length - 1];
    if (to) to.focus();
  }
  const press = (selector) => { const b = document.querySelector(selector); if (b) b.click(); };
  const single_ = {
    x: () => {
      const row = document.activeElement && document.activeElement.closest('.rows li');
      const pick = row && row.querySelector('.pick');
      if (pick) pick.click();
    },
    j: () => move(1), k: () => move(-1), r: () => front('reply'), m: () => front('note'),
    n: () => press('form[action="/desk/next"] button'), z: () => press('.undo form button'), '/': () => byId('find').focus(), '?': () => keys.showModal(),
  };
  // Ctrl+K goes anywhere. Whoever has switched single keys off has the browser's own meaning of it, and on a Mac Ctrl+K stays an editor's.
  const go = byId('go'), goText = go.querySelector('input'), goFound = byId('go-found');
  const goKey = navigator.platform.startsWith('Mac') ? 'metaKey' : 'ctrlKey';
  let goAsked = 0, goWait;
  async function goAsk() {
    const n = ++goAsked;
    try {
      const r = await fetch(go.dataset.at + '?q=' + encodeURIComponent(goText.value));
      const html = await r.text();
      if (n === goAsked && r.ok && !r.redirected) goFound.replaceChildren(...new DOMParser().parseFromString(html, 'text/html').body.childNodes);
    } catch (e) { /* what stands there stays; the form searches */ }
  }
  goText.addEventListener('input', () => { clearTimeout(goWait); goWait = setTimeout(goAsk, 120); });
  go.addEventListener('keydown', (e) => {
    if (ofMethod(e)) return;
    const all = [goText, ...goFound.querySelectorAll('a')], at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[e.key];
    if (to !== undefined && all[to]) { e.preventDefault(); all[to].focus(); }
  });
  addEventListener('keydown', (e) => {
    if (ofMethod(e)) return;
    if (single && e.key === 'k' && e[goKey] && !e.shiftKey && !e.altKey && !keys.open) {
      e.preventDefault();
      if (!go.open) { go.showModal(); goText.select(); goAsk(); }
      return;
    }
    const form = e.target.closest && e.target.closest('form[data-draft]');
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && form) {
      e.preventDefault();
      if (!e.repeat) form.requestSubmit(form.querySelector('.primary'));
      return;
    }
    if (e.key === 'Escape') {
      for (const open of document.querySelectorAll('details.drop[open]')) { open.open = false; open.querySelector('summary').focus(); }
      if (location.hash === '#side' || location.hash === '#nav') location.hash = 'main';
      return;
    }
    if (!single || e.ctrlKey || e.metaKey || e.altKey || e.repeat || keys.open || go.open) return;
    if (e.target.closest && e.target.closest('input, textarea, select, [contenteditable], summary')) return;
    const act = Object.hasOwn(single_, e.key) && single_[e.key];
    if (act) { e.preventDefault(); act(); }
  });

  // A ticket opens at its end. Where what is new, or else the customer's last words, begins above that, it opens there.
  const area = document.querySelector('.scroll');
  const start = byId('new') || [...document.querySelectorAll('.flow .theirs')].pop();
  if (area && start && !new URLSearchParams(location.search).has('before')) {
    const above = start.getBoundingClientRect().top - area.getBoundingClientRect().top;
    if (above < 0) area.scrollTop += above - 8;
  }

  // ---- an open page is a sign of life ----
  if (document.body.dataset.beat) {
    try {
      new Worker(document.body.dataset.beat).onmessage = (e) => {
        const here = document.querySelector('[data-presence]');
        if (!e.data || !here) return;
        here.dataset.presence = e.data;
        here.querySelector('.state').textContent = e.data === 'away' ? here.dataset.isAway : here.dataset.isOnline;
      };
    } catch (e) { /* each page that is opened is one, too */ }
  }

  // ---- small things ----
  if (location.hash === '#ticket') { const h = byId('ticket'); if (h) h.focus({ preventScroll: true }); }
  // Who signs out, or runs a macro, has his texts saved first.
  for (const form of document.querySelectorAll('[data-signout], [data-saves]')) {
    form.addEventListener('submit', (e) => {
      e.preventDefault();
      const pause = new Promise((resolve) => setTimeout(resolve, 1500));
      Promise.race([Promise.all(boxes.map((b) => b.save())), pause]).finally(() => form.submit());
    });
  }
  // What was said of an act is not said again when the page is loaded anew.
  const query = new URLSearchParams(location.search);
  if (query.has('done') || query.has('ran')) {
    for (const k of ['done', 'of', 'ran']) query.delete(k);
    const rest = query.toString();
    history.replaceState(history.state, '', path + (rest ? '?' + rest : '') + location.hash);
  }
})();
