// A page that is open is a sign of life, whether its tab is looked at or hidden: browsers slow the clocks of hidden tabs down, but not those
// of a worker.
'use strict';

function beat() {
  fetch('/desk/here', { method: 'POST', credentials: 'same-origin', cache: 'no-store', redirect: 'manual', headers: { Accept: 'application/json' } })
    .then((r) => (r.ok ? r.json() : null), () => null)
    .then((said) => { if (said) postMessage(said.presence); });
}
setInterval(beat, 30000);
beat();
