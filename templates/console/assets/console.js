// The live part of the overview: the server tells that something has changed, the page fetches the
// fragment and replaces the sections that differ, at most once a second.
'use strict';

(function () {
  const live = document.getElementById('live');
  const status = document.getElementById('status');
  if (!live) return;

  const pause = 1000;
  let wanted = false;
  let busy = false;
  let last = 0;

  function show(on) {
    if (status.dataset.state === String(on)) return;
    status.dataset.state = String(on);
    status.textContent = on ? status.dataset.up : status.dataset.down;
  }

  function selecting(section) {
    const s = document.getSelection();
    return s && !s.isCollapsed && section.contains(s.anchorNode);
  }

  function mark(before, section) {
    for (const row of section.querySelectorAll('[id]')) {
      if (!before.has(row.id)) row.classList.add('fresh');
    }
  }

  function replace(old, fresh) {
    if (old.innerHTML === fresh.innerHTML || selecting(old)) return;
    const before = new Set(Array.from(old.querySelectorAll('[id]'), (e) => e.id));
    const links = Array.from(old.querySelectorAll('a, button'));
    const at = links.indexOf(document.activeElement);
    const href = at >= 0 && links[at].getAttribute('href');
    old.innerHTML = fresh.innerHTML;
    if (before.size > 0) mark(before, old);
    if (at >= 0) {
      const again = Array.from(old.querySelectorAll('a, button')).find((e) => e.getAttribute('href') === href);
      if (again) again.focus({ preventScroll: true });
    }
  }

  function swap(html) {
    const next = new DOMParser().parseFromString(html, 'text/html');
    for (const section of next.querySelectorAll('[data-live]')) {
      const old = document.getElementById(section.id);
      if (old) replace(old, section);
    }
    const asof = next.querySelector('.asof');
    const here = live.querySelector('.asof');
    if (asof && here) here.textContent = asof.textContent;
  }

  async function refresh() {
    if (busy || document.hidden) { wanted = true; return; }
    busy = true;
    wanted = false;
    last = Date.now();
    try {
      const answer = await fetch(live.dataset.fragment, { credentials: 'same-origin', cache: 'no-store' });
      if (answer.status === 401) { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      swap(await answer.text());
      show(true);
    } catch (e) {
      show(false);
      wanted = true;
    }
    busy = false;
    if (wanted) later();
  }

  let timer = 0;
  function later() {
    if (timer) return;
    timer = setTimeout(function () { timer = 0; refresh(); }, Math.max(0, last + pause - Date.now()));
  }

  let stream = null;
  function connect() {
    stream = new EventSource(live.dataset.events);
    stream.addEventListener('open', function () { show(true); });
    stream.addEventListener('change', later);
    stream.addEventListener('error', function () {
      show(false);
      // A session that has ended closes the stream; the refresh then leads to the form.
      if (stream.readyState === EventSource.CLOSED) setTimeout(function () { connect(); later(); }, 3000);
      else later();
    });
  }

  document.addEventListener('visibilitychange', function () { if (!document.hidden && wanted) later(); });
  if (window.EventSource) connect(); else setInterval(later, 5000);
})();
