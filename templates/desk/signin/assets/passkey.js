// Asks the browser for a passkey, for each form of the page that wants one. Where the browser knows none the forms stay hidden. The words that it
// shows stand in the page, or come from the desk.
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (b) => String.fromCharCode(b)).join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // Browsers of a few years ago cannot read and write the JSON of the protocol by themselves.
  const read = (options) => {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const key of [...(options.excludeCredentials || []), ...(options.allowCredentials || [])]) key.id = bytes(key.id);
    return options;
  };
  const write = (key) => {
    const from = key.response, response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) if (from[name]) response[name] = text(from[name]);
    if (from.getTransports) response.transports = from.getTransports();
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
  };

  const post = async (path, data) => (await fetch(path, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(data) })).json();

  const run = async (form, say) => {
    const words = form.dataset, data = new FormData(form);
    // goes reports whether the desk leads elsewhere, or has said what is wrong.
    const goes = (out) => {
      const to = out.sign_in || out.to;
      if (to) location.assign(to);
      else if (!out.options) say(out.error || words.failed);
      return to || !out.options;
    };
    try {
      const asked = await post(form.action, data);
      if (goes(asked)) return;
      const publicKey = read(asked.options);
      const key = await (publicKey.user ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
      data.delete("before"); // the password was shown
      data.set("answer", write(key));
      goes(await post(words.finish, data));
    } catch (error) {
      say(error.name === "InvalidStateError" ? words.known : error.name === "NotAllowedError" || error.name === "AbortError" ? words.cancelled : error.name === "SecurityError" ? words.elsewhere : words.failed);
    }
  };

  const able = window.PublicKeyCredential && navigator.credentials;
  for (const hint of document.querySelectorAll("[data-nokeys]")) hint.hidden = !!able;
  for (const form of document.querySelectorAll("form.passkey")) {
    if (!able) continue;
    const button = form.querySelector("button"), says = form.querySelector("[data-says]");
    const say = (word) => { says.lastElementChild.textContent = word; says.hidden = !word; };
    form.hidden = false;
    if (location.origin !== form.dataset.origin) {
      say(form.dataset.elsewhere);
      says.className = "hint"; // nothing is wrong: they are good elsewhere
      says.firstElementChild.remove();
      form.replaceChildren(says);
      continue;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (button.disabled) return;
      button.disabled = true;
      say("");
      await run(form, say);
      button.disabled = false;
    });
  }
})();
