// What this browser itself does when something happens: it may show a notification, and sound. It is kept in the browser, where the pages of the desk look.
'use strict';

(function () {
  const page = document.getElementById('alerts');
  if (!page) return;
  const words = page.dataset, said = document.getElementById('tried');
  const key = (k) => 'desk:' + words.user + ':' + k;
  const kept = (k) => { try { return localStorage.getItem(key(k)); } catch (e) { return null; } };
  const allowed = async () => window.Notification && (Notification.permission === 'granted' || await Notification.requestPermission() === 'granted');
  for (const k of ['show', 'sound']) {
    const box = document.getElementById('own-' + k), test = document.getElementById('try-' + k);
    if (k === 'show' && !window.Notification || k === 'sound' && !window.AudioContext) { box.parentNode.hidden = true; continue; }
    document.getElementById('own').hidden = test.hidden = false;
    box.checked = kept(k) === 'on';
    box.addEventListener('change', async () => {
      if (box.checked && k === 'show' && !await allowed()) { box.checked = false; said.textContent = words.denied; }
      try { localStorage.setItem(key(k), box.checked ? 'on' : 'off'); } catch (e) { /* for this page */ }
    });
    test.addEventListener('click', k === 'sound' ? sound : notify);
  }
  async function notify() {
    if (!await allowed()) { said.textContent = words.denied; return; }
    const n = new Notification(words.title, { body: words.text, tag: 'desk-test' });
    n.onshow = () => { said.textContent = words.shown; };
    n.onerror = () => { said.textContent = words.denied; };
  }
  function sound() {
    const c = new AudioContext(), tone = c.createOscillator(), loud = c.createGain();
    tone.frequency.value = 660;
    loud.gain.setValueAtTime(0.08, c.currentTime);
    loud.gain.exponentialRampToValueAtTime(0.0001, c.currentTime + 0.4);
    tone.connect(loud).connect(c.destination);
    tone.start();
    tone.stop(c.currentTime + 0.4);
    tone.onended = () => c.close();
    said.textContent = words.heard;
  }
})();
