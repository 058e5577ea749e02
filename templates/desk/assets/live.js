// What happens while a page is open. Each browser has one stream of events, read by one of its tabs, which tells the others. Nothing moves
// under who reads: what is new is said, and shown when he wants it. His text, and the place in it, are never touched.
'use strict';

(function () {
  const line = document.getElementById('live');
  if (!line || !window.ReadableStream) return;
  const words = line.dataset, { user, here } = document.body.dataset;
  const fill = (say, v) => say.replace(/%[ds]/, String(v));
  const ticket = (/^\/desk\/tickets\/(T-\d+)/.exec(location.pathname) || [])[1] || '';
  const byItself = { 'Frontdesk-By-Itself': '1' };
  const ask = (path, more) => fetch(path, { credentials: 'same-origin', cache: 'no-store', redirect: 'manual', headers: byItself, ...more });
  const part = async (path) => {
    const r = await ask(path);
    if (!r.ok) throw new Error(String(r.status));
    return new DOMParser().parseFromString(await r.text(), 'text/html');
  };
  const visible = () => document.visibilityState === 'visible';
  const now = () => performance.now();
  const kept = (k) => { try { return localStorage.getItem('desk:' + user + ':' + k); } catch (e) { return null; } };

  // ---- the stream ----
  const tabs = window.BroadcastChannel ? new BroadcastChannel('desk:' + user) : null;
  const tell = (what) => { if (tabs) tabs.postMessage(what); };
  const after = (a, b) => { // whether one place lies behind another
    const [t, n] = a.split('.').map(Number), [u, m] = b.split('.').map(Number);
    return t > u || t === u && n > m;
  };
  let mark = document.body.dataset.mark;
  let heard = now(), held = 0, over = false, leads = false, stop = null, wake = null, tries = 0;
  let begun = '', past = []; // of who leads: where his stream has begun, and the last of what came

  function alive() { heard = now(); if (!line.hidden && !line.dataset.stays) line.hidden = true; }
  function came(e) {
    if (e.mark) {
      if (!after(e.mark, mark)) return; // it is on the page
      mark = e.mark;
    }
    if (e.name === 'change') for (const c of [JSON.parse(e.data)].flat()) for (const t of [c.ticket, ...c.more || []]) changed({ ...c, ticket: t });
    else if (e.name === 'who') who(JSON.parse(e.data));
    else if (e.name === 'reset') { mark = e.at; anew(); }
  }
  // read takes what has come of the stream, and gives what is left of the last line.
  function read(text, event) {
    const lines = text.split('\n');
    const rest = lines.pop();
    for (const l of lines) {
      if (l === '') {
        if (event.name === 'bye') event.retry = JSON.parse(event.data).retry;
        else if (event.name === 'hello') { begun = begun || event.mark; if (event.mark) mark = event.mark; }
        else if (event.name) {
          const e = { name: event.name, data: event.data, mark: event.mark };
          if (e.name === 'reset') { mark = begun = e.at = e.mark; delete e.mark; past = []; }
          if (e.mark) { past.push(e); if (past.length > 200) begun = past.shift().mark; }
          tell({ event: e });
          came(e);
        } else if (event.mark) { mark = event.mark; tell({ at: mark }); }
        event.name = event.data = event.mark = '';
      } else if (l.startsWith('id: ')) event.mark = l.slice(4);
      else if (l.startsWith('event: ')) event.name = l.slice(7);
      else if (l.startsWith('data: ')) event.data = l.slice(6);
    }
    return rest;
  }
  // once reads one stream to its end, and gives after how many milliseconds to come back.
  async function once() {
    const event = { name: '', data: '', mark: '', retry: 0 };
    stop = new AbortController();
    try {
      const r = await ask('/desk/events', { headers: { Accept: 'text/event-stream', 'Last-Event-ID': mark, 'Frontdesk-Pieces': '1' }, signal: stop.signal });
      if (r.status === 503) event.retry = 15000 * (0.7 + Math.random());
      if (event.retry) return held = now() + event.retry, event.retry;
      if (!r.ok || !r.body) throw new Error(String(r.status));
      const body = r.body.getReader(), decoder = new TextDecoder();
      for (let rest = ''; ;) {
        const { value, done } = await body.read();
        if (done) break;
        tries = 0;
        alive();
        tell({ alive: 1 });
        rest = read(rest + decoder.decode(value, { stream: true }), event);
      }
    } catch (e) { /* it is cut: see below */ }
    if (event.retry > 10000) held = now() + event.retry; // there is no room for this one: it asks until then
    return event.retry || Math.random() * Math.min(30000, 1000 * 2 ** tries++);
  }
  async function lead() {
    leads = true;
    while (!over) {
      const pause = await once();
      if (!over) await new Promise((resolve) => { wake = resolve; setTimeout(resolve, pause); });
    }
  }
  // Who comes back need not wait, and a stream of which nothing is heard is given up.
  function again() {
    if (now() - heard < 4000 || now() < held) return;
    if (!leads) tell({ again: 1 });
    else { tries = 0; if (stop) stop.abort(); if (wake) wake(); }
  }
  if (tabs) tabs.onmessage = ({ data }) => {
    if (data.alive) alive();
    if (data.at && after(data.at, mark)) mark = data.at;
    if (data.event) came(data.event);
    if (data.again && leads) again();
    if (data.anyone && visible() && document.hasFocus()) tell({ looks: 1 });
    if (data.looks) looked = true;
    if (data.rings !== undefined) choose(data.rings);
    if (data.from && leads && begun) { // of a tab that has just been opened
      if (after(begun, data.from)) tell({ renew: 1 });
      for (const e of past) if (after(e.mark, data.from)) tell({ event: e });
      tell({ alive: 1 });
    }
    if (data.renew) { counts(); news(); }
  };
  if (tabs && navigator.locks) {
    navigator.locks.request('desk:' + user, lead).catch(() => {});
    tell({ from: mark });
  } else lead();
  addEventListener('pagehide', () => { over = true; if (stop) stop.abort(); if (wake) wake(); });
  for (const on of ['online', 'focus', 'pageshow']) addEventListener(on, again);
  document.addEventListener('visibilitychange', () => { if (visible()) { again(); if (stale) counts(); looks(); } });

  // ---- it is cut ----
  function lost() {
    if (over) return;
    delete line.dataset.stays;
    const at = new Date(Date.now() - (now() - heard));
    line.textContent = fill(words.lost, String(at.getHours()).padStart(2, '0') + ':' + String(at.getMinutes()).padStart(2, '0'));
    line.hidden = false;
  }
  addEventListener('offline', lost);
  setInterval(() => {
    const silent = now() - heard;
    if (silent > 4000 && now() > held + 1000 && visible() && (line.hidden || line.dataset.stays)) lost();
    if (leads && silent > 9000 && stop && !stop.signal.aborted) stop.abort();
  }, 400);

  // ---- lists ----
  const head = document.querySelector('.list > header');
  const fresh = new Set(); // tickets with something new
  const arrives = ['opened', 'continued', 'reopen', 'give', 'hand-back', 'return', 'wake', 'take-out', 'set-waiting', 'route'];
  const whys = { risk: 'risk', failed: 'failed', give: 'given', take: 'given', route: 'given' };
  const [, list] = /^(?:lists|queues)\/(.*)/.exec(here) || [];
  const fits = (e) => here === 'lists/mine' ? e.mine : here === 'lists/unassigned' ? e.free : here.startsWith('queues/') && e.queue === list;
  let stale = false, counting = 0, counted = -Infinity;

  function changed(e) {
    if (!counting) counting = setTimeout(counts, Math.max(300 + Math.random() * 1200, counted + 5000 - now()));
    if (e.ticket && e.ticket === ticket) news();
    if (e.own || !e.ticket) return;
    const comes = arrives.includes(e.kind) || e.kind === 'take' && e.mine; // what the desk gives him it takes for him
    const why = e.named ? 'named' : e.leads ? 'escalated' : e.mine && (whys[e.kind] || comes && 'answered');
    if (why) remind(e.ticket, why);
    if (!comes) return;
    if (head && fits(e) && (e.ticket !== ticket || !visible())) { fresh.add(e.ticket); said(); }
  }
  function said() {
    if (!head) return;
    let b = head.querySelector('.fresh');
    if (!b) {
      b = document.createElement('button');
      b.type = 'button';
      b.className = 'fresh';
      b.setAttribute('aria-live', 'polite');
      b.addEventListener('click', () => rows(true));
      const sort = head.querySelector('.sort');
      if (sort) sort.before(b); else head.append(b);
    }
    b.hidden = !fresh.size;
    b.textContent = fresh.size === 1 ? words.single : fill(words.many, fresh.size);
    badge();
  }
  // rows shows the list as it is now.
  async function rows(asked) {
    try {
      const page = await part('/desk/' + here);
      const old = document.querySelector('.list > .rows, .list > .rest'), is = page.querySelector('.list > .rows, .list > .rest');
      if (!old || !is) throw new Error('no list');
      for (const a of is.querySelectorAll('.row')) if (ticket && a.pathname.endsWith('/' + ticket)) a.setAttribute('aria-current', 'true');
      for (const e of is.querySelectorAll('.needs')) e.hidden = false;
      old.replaceWith(document.adoptNode(is));
      fresh.clear();
      said();
      const first = asked && document.querySelector('.row');
      if (first) first.focus();
    } catch (e) { if (asked) location.assign('/desk/' + here); }
  }
  // counts renews the figures beside the lists: at most every five seconds, and for nobody while nobody looks.
  async function counts() {
    clearTimeout(counting);
    counting = 0;
    if (!visible()) { stale = true; return; }
    stale = false;
    counted = now();
    try {
      const page = await part('/desk/counts?from=' + encodeURIComponent(here));
      for (const a of page.querySelectorAll('.nav li a')) {
        const mine = document.querySelector('.nav li a[href="' + CSS.escape(a.getAttribute('href')) + '"] .count'), is = a.querySelector('.count');
        if (mine && is && mine.outerHTML !== is.outerHTML) mine.replaceWith(document.adoptNode(is));
      }
    } catch (e) { stale = true; }
  }
  setInterval(() => {
    if (!visible()) return;
    if (now() - counted > 60000 || now() < held) counts();
    if (now() < held) news();
  }, 15000);
  counted = now();

  // ---- a ticket ----
  const flow = document.querySelector('.flow'), area = document.querySelector('.scroll');
  const last = !new URLSearchParams(location.search).has('before');
  const unseen = []; // lines that have come and were not before anybody's eyes
  let asking = null, more = false, latest = null, below = null;

  async function news() {
    if (!ticket || !flow || !last) return;
    if (asking) { more = true; return; }
    asking = part('/desk/tickets/' + ticket + '/news?from=' + encodeURIComponent(here) + ((by) => by ? '&by=' + by.value : '')(document.querySelector('.answer [name=by]'))).then(merge, () => { stale = true; });
    await asking;
    asking = null;
    if (more) { more = false; setTimeout(news, 500); }
  }
  function merge(page) {
    const box = flow.getBoundingClientRect(), edge = area.getBoundingClientRect().top;
    const anchor = [...flow.children].find((c) => c.getBoundingClientRect().bottom > edge) || flow;
    const at = anchor.getBoundingClientRect().top;
    let day = null;
    for (const child of page.querySelectorAll('.flow > *')) {
      if (child.matches('.day')) day = child;
      for (const e of child.id ? [child] : child.querySelectorAll('.sys[id]')) {
        const old = document.getElementById(e.id);
        if (old) { fate(old, e); if (child.matches('.say, .sys')) day = null; continue; }
        if (e.id === 'new') continue;
        if (day) { flow.append(document.adoptNode(day)); day = null; }
        flow.append(document.adoptNode(e));
        if (e.matches('article') && !e.hasAttribute('data-mine')) { unseen.push(e); eyes.observe(e); }
      }
    }
    const meta = page.querySelector('.meta'), acts = page.querySelector('.acts'), mine = document.querySelector('.talk .acts');
    const old = document.querySelector('.talk .meta');
    if (meta && old) { if (readers && old.contains(readers)) meta.append(readers); old.replaceWith(document.adoptNode(meta)); }
    const typed = mine && [...mine.querySelectorAll('textarea, input:not([type=hidden])')].some((e) => e.value !== e.defaultValue);
    if (acts && mine && !typed && !mine.contains(document.activeElement) && !mine.querySelector('[open]')) mine.replaceWith(document.adoptNode(acts));
    if (box.height) area.scrollTop += anchor.getBoundingClientRect().top - at;
    const form = page.getElementById('reply-form');
    latest = form && { seen: form.elements.seen.value, ground: form.elements.ground.value, to: form.querySelector('.to'), was: form.elements.was };
    looks();
  }
  // fate shows how far an answer has come.
  function fate(old, e) {
    const is = e.querySelector('.fate'), was = old.querySelector('.fate');
    if (!was || was.outerHTML === (is && is.outerHTML) || was.contains(document.activeElement)) return;
    if (is) was.replaceWith(document.adoptNode(is)); else was.remove();
  }
  const eyes = new IntersectionObserver((all) => {
    for (const e of all) e.target.inview = e.isIntersecting;
    looks();
  }, { root: area, rootMargin: '0px 0px -24px 0px' });
  // looks takes note of what is before somebody's eyes. What he answers has then seen it, and not before.
  function looks() {
    if (!flow) return;
    if (visible()) while (unseen.length && unseen[0].inview) { eyes.unobserve(unseen[0]); unseen.shift(); }
    if (!unseen.length && latest && visible()) {
      for (const f of document.querySelectorAll('.answer form')) {
        f.elements.seen.value = latest.seen;
        if (f.elements.was && latest.was) f.elements.was.value = latest.was.value;
      }
      const ground = document.querySelector('.answer [name=ground]'), to = document.querySelector('.answer .to');
      if (ground && to && latest.to) { ground.value = latest.ground; if (to.outerHTML !== latest.to.outerHTML) to.replaceWith(document.adoptNode(latest.to)); }
      latest = null;
      const lines = flow.querySelectorAll('article.say[id], details.say[id]'), end = lines[lines.length - 1];
      if (end) ask('/desk/tickets/' + ticket + '/saw', { method: 'POST', headers: { ...byItself, 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ line: end.id.slice(2) }) }).catch(() => {});
    }
    if (!below && unseen.length) {
      below = document.createElement('div');
      below.className = 'below';
      below.innerHTML = '<button type="button" class="fresh" aria-live="polite"></button>';
      below.firstChild.addEventListener('click', () => { if (unseen.length) unseen[0].scrollIntoView({ block: 'nearest' }); area.focus({ preventScroll: true }); });
      area.after(below);
    }
    if (below) {
      below.hidden = !unseen.length;
      below.firstChild.textContent = unseen.length === 1 ? words.line : fill(words.lines, unseen.length);
    }
    badge();
  }
  // anew shows all of the page as it is now: too much was missed to be told.
  function anew() {
    line.textContent = words.reset;
    line.dataset.stays = '1';
    line.hidden = false;
    setTimeout(() => { if (line.dataset.stays) { delete line.dataset.stays; line.hidden = true; } }, 8000);
    counts();
    news();
    if (head && list) rows(false);
  }

  // ---- who reads, who writes ----
  let readers = null, wrote = -Infinity;
  function who(e) {
    if (!ticket || e.ticket !== ticket) return;
    const place = document.querySelector('.answer .tabs') || document.querySelector('.talk .meta'); // where nothing moves for it
    if (!readers) {
      readers = document.createElement('span');
      readers.className = 'readers';
      readers.setAttribute('role', 'status');
    }
    if (place && readers.parentNode !== place) place.append(readers);
    readers.replaceChildren(...e.who.map((w) => {
      const s = document.createElement(w.writes ? 'b' : 'span');
      s.textContent = fill(w.writes ? words.writes : words.reads, w.name);
      return s;
    }));
  }
  let refused = !ticket;
  function does(what) {
    if (refused) return;
    ask('/desk/tickets/' + ticket + '/here', { method: 'POST', keepalive: true, headers: { ...byItself, 'Content-Type': 'application/json' }, body: JSON.stringify({ does: what }) })
      .then((r) => { if (r.status === 404) refused = true; return r.ok && what !== 'gone' ? r.json() : null; }).then((e) => { if (e) who(e); }, () => {});
  }
  if (ticket) {
    does('reading');
    setInterval(() => does('reading'), 10000);
    document.addEventListener('input', (e) => {
      if (!e.target.closest('.answer') || now() - wrote < 3000) return;
      wrote = now();
      does('writing');
    });
    addEventListener('pagehide', () => does('gone'));
  }

  // ---- title, notice of the browser, sound ----
  const title = document.title;
  function badge() {
    const n = fresh.size + unseen.length;
    document.title = n ? '(' + n + ') ' + title : title;
  }
  const due = new Set(); // tickets of which one is to be told
  let rings; // what he has chosen, as the page that was loaded last knows it
  const choose = (l) => { rings = Object.fromEntries(l.split(';').map((l) => l.split(':'))); };
  choose(words.rings || '');
  tell({ rings: words.rings || '' });
  const wants = (why, k) => kept(k) === 'on' && (rings[why] === undefined || rings[why].includes(k));
  let shows = false, sounds = false;
  let looked = false, timer = 0, last_ = -Infinity;
  const switches = { show: document.getElementById('alert-show'), sound: document.getElementById('alert-sound') };
  for (const [k, box] of Object.entries(switches)) {
    if (!box || !window.Notification) continue;
    box.parentNode.hidden = false;
    box.checked = kept(k) === 'on';
    box.addEventListener('change', async () => {
      if (box.checked && k === 'show' && Notification.permission !== 'granted' && await Notification.requestPermission() !== 'granted') box.checked = false;
      try { localStorage.setItem('desk:' + user + ':' + k, box.checked ? 'on' : 'off'); } catch (e) { /* for this page */ }
    });
  }
  // remind tells of a ticket: many are one notice, at most every ten seconds, none while somebody looks or is away.
  function remind(number, why) {
    if (!leads || !wants(why, 'show') && !wants(why, 'sound')) return;
    shows = shows || wants(why, 'show');
    sounds = sounds || wants(why, 'sound');
    due.add(number);
    if (!timer) timer = setTimeout(notify, Math.max(1500, last_ + 10000 - now()));
  }
  async function notify() {
    looked = visible() && document.hasFocus();
    tell({ anyone: 1 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    timer = 0;
    const presence = document.querySelector('[data-presence]'), all = [...due];
    const [show, sound] = [shows, sounds];
    shows = sounds = false;
    if (looked || presence && presence.dataset.presence === 'away') { due.clear(); return; }
    if (!all.length) return;
    last_ = now();
    if (sound) beep();
    if (!show) due.clear();
    if (!show || !window.Notification || Notification.permission !== 'granted') return;
    const n = new Notification(all.length === 1 ? words.alert : fill(words.alerts, all.length), { tag: 'desk', silent: !sound });
    n.onclick = () => { window.focus(); due.clear(); location.assign(all.length === 1 ? '/desk/tickets/' + all[0] : '/desk'); n.close(); };
  }
  function beep() {
    try {
      const c = new AudioContext(), tone = c.createOscillator(), loud = c.createGain();
      tone.frequency.value = 660;
      loud.gain.setValueAtTime(0.08, c.currentTime);
      loud.gain.exponentialRampToValueAtTime(0.0001, c.currentTime + 0.4);
      tone.connect(loud).connect(c.destination);
      tone.start();
      tone.stop(c.currentTime + 0.4);
      tone.onended = () => c.close();
    } catch (e) { /* no sound */ }
  }
})();
