(() => {
  "use strict";
  const form = document.getElementById("form");
  const field = document.getElementById("altcha");
  const send = document.getElementById("send");
  const status = document.getElementById("status");
  const lifetime = Number(form.dataset.lifetime) * 1000;
  const minimum = Number(form.dataset.minimum) * 1000;

  // SHA-256 (FIPS 180-4) in plain script: it runs on pages without HTTPS too, and for texts this
  // short it is faster than asking the browser's own, which answers later.
  const primes = [];
  for (let n = 2; primes.length < 64; n++) {
    if (primes.every((p) => n % p)) primes.push(n);
  }
  const fraction = (x) => ((x - Math.floor(x)) * 0x100000000) | 0;
  const constants = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
  const initial = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
  const words = new Int32Array(64);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));

  const block = (state) => {
    for (let i = 16; i < 64; i++) {
      const x = words[i - 15], y = words[i - 2];
      const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
      const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
      words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const t1 = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + words[i]) | 0;
      const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    return [a, b, c, d, e, f, g, h].map((x, i) => (x + state[i]) | 0);
  };

  // digest of an ASCII text.
  const digest = (text) => {
    const size = text.length;
    const end = ((size + 8) >> 6) * 64 + 64;
    let state = Array.from(initial);
    for (let start = 0; start < end; start += 64) {
      words.fill(0, 0, 16);
      for (let i = start; i < Math.min(start + 64, size + 1); i++) {
        const byte = i < size ? text.charCodeAt(i) : 0x80;
        words[(i - start) >> 2] |= byte << (24 - 8 * (i & 3));
      }
      if (start + 64 === end) words[15] = size * 8;
      state = block(state);
    }
    return state;
  };
  const hex = (state) => state.map((x) => (x >>> 0).toString(16).padStart(8, "0")).join("");

  // solve tries numbers in slices of a few milliseconds, so that the page stays alive.
  const solve = async (c) => {
    const first = parseInt(c.challenge.slice(0, 8), 16) | 0;
    for (let n = 0; n <= c.maxnumber; ) {
      const until = performance.now() + 12;
      for (; n <= c.maxnumber && performance.now() < until; ) {
        for (let stop = Math.min(n + 64, c.maxnumber + 1); n < stop; n++) {
          const state = digest(c.salt + n);
          if (state[0] === first && hex(state) === c.challenge) return n;
        }
      }
      await new Promise((next) => setTimeout(next, 0));
    }
    throw new Error("no number solves the challenge");
  };

  let fetched = 0; // when the last challenge was asked for; 0: never
  let waiting = false; // the visitor has pressed the button
  let running = false;

  const prepare = async () => {
    if (running) return;
    running = true;
    field.value = "";
    try {
      const answer = await fetch(form.dataset.challenge, { cache: "no-store", credentials: "omit" });
      if (!answer.ok) throw new Error("status " + answer.status);
      const c = await answer.json();
      fetched = performance.now();
      const number = await solve(c);
      field.value = btoa(JSON.stringify({ algorithm: c.algorithm, challenge: c.challenge, number, salt: c.salt, signature: c.signature }));
      running = false;
      if (waiting) go();
    } catch {
      running = false;
      if (waiting) stop();
    }
  };
  // go posts once the visitor has pressed the button and the proof is there. The server takes the
  // age of the challenge for the time it took to fill the form, so a fresh one has to ripen.
  const go = () => {
    const ripe = minimum + 1000 - (performance.now() - fetched);
    setTimeout(() => form.submit(), Math.max(0, ripe));
  };
  const stop = () => {
    waiting = false;
    send.disabled = false;
    status.textContent = form.dataset.failed;
  };

  // tooMuch says why the server would refuse the post unread: it could not show again what was typed.
  const tooMuch = () => {
    const bytes = (text) => new TextEncoder().encode(text.replace(/\r?\n/g, "\r\n")).length;
    let typed = 2048, all = 0; // the proof of work is a field too
    for (const e of form.elements) {
      if (!e.name) continue;
      if (e.type === "file") for (const f of e.files) all += f.size + 1024;
      else typed += bytes(e.name) + bytes(e.value);
    }
    if (typed > Number(form.dataset.typed)) return form.dataset.toolong;
    if (all + typed > Number(form.dataset.files)) return form.dataset.toolarge;
    return "";
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (waiting) return;
    const problem = tooMuch();
    status.className = problem ? "problem" : "hint";
    status.textContent = problem;
    if (problem) return;
    waiting = true;
    send.disabled = true;
    status.textContent = form.dataset.working;
    if (field.value !== "" && performance.now() - fetched < lifetime * 0.9) go();
    else prepare();
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    waiting = false;
    send.disabled = false;
    status.textContent = "";
    prepare();
  });
  prepare();
})();
