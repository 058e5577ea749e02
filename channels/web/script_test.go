package web

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// stubs stand in for the browser around the page's script: just enough of a document, and a fetch
// that answers with the challenge given as argument. The script's form is submitted at once, and
// what it posts is printed.
const stubs = `
const challenge = JSON.parse(process.argv[2]);
const listeners = {};
const elements = {
  form: { dataset: { lifetime: "3600", minimum: "0", challenge: "/form/contact/challenge", working: "working", failed: "failed" },
    addEventListener: (name, f) => { listeners[name] = f; },
    submit: () => { console.log(JSON.stringify({ altcha: elements.altcha.value, waited: performance.now() - started, disabled: elements.send.disabled })); } },
  altcha: { value: "" }, send: { disabled: false }, status: { textContent: "" },
};
globalThis.document = { getElementById: (id) => elements[id] };
globalThis.addEventListener = () => {};
let calls = 0;
globalThis.fetch = async (url) => {
  calls++;
  if (url !== "/form/contact/challenge") throw new Error("fetches " + url);
  if (process.argv[3] === "offline" && calls === 1) throw new Error("offline");
  return { ok: true, json: async () => challenge };
};
const started = performance.now();
setTimeout(() => listeners.submit({ preventDefault: () => {} }), 20);
`

// TestPageScriptSolvesChallenges runs the page's own script in Node.js and verifies what it posts.
func TestPageScriptSolvesChallenges(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node in PATH to run the page's script")
	}
	script := t.TempDir() + "/page.cjs"
	if err := os.WriteFile(script, []byte(stubs+pageJS), 0o600); err != nil {
		t.Fatal(err)
	}
	a := altcha{key: []byte("test-hmac-secret"), difficulty: 20_000, lifetime: time.Hour}
	for _, mode := range []string{"online", "offline"} { // offline: the first fetch fails, the button asks again
		t.Run(mode, func(t *testing.T) {
			c, err := a.issue(testTime)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), node, script, string(text), mode).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			var posted struct {
				Altcha   string
				Waited   float64
				Disabled bool
			}
			if err := json.Unmarshal(out, &posted); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if _, err := a.verify(posted.Altcha, testTime); err != nil {
				t.Errorf("the script's solution: %v", err)
			}
			if posted.Waited < 1000 || !posted.Disabled {
				t.Errorf("posted after %v ms with the button disabled %v", posted.Waited, posted.Disabled)
			}
		})
	}
	if strings.Contains(pageJS, "</script") {
		t.Error("the script would end its own element")
	}
}
