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
  form: { dataset: { lifetime: "3600", minimum: "0", challenge: "/form/contact/challenge", working: "working", failed: "failed",
      typed: "65536", files: "1000000", toolong: "too long", toolarge: "too large" },
    elements: [{ name: "lang", value: "en" }, { name: "text", value: process.argv[4] || "hello" }, { name: "", value: "x".repeat(1e6) },
      { name: "files", type: "file", value: "", files: JSON.parse(process.argv[5] || "[]") }],
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

// TestThePageKeepsWhatIsTooMuch: what the server would refuse unread, so that it could not show it again, is not
// posted; the page says why, and the visitor can send again what he has shortened.
func TestThePageKeepsWhatIsTooMuch(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node in PATH to run the page's script")
	}
	// Whoever presses the button again half a second later has shortened his message.
	const again = `
setTimeout(() => {
  console.log(JSON.stringify({ said: elements.status.textContent, disabled: elements.send.disabled }));
  elements.form.elements[1].value = "short"; elements.form.elements[3].files = [];
  listeners.submit({ preventDefault: () => {} });
}, 500);
`
	script := t.TempDir() + "/page.cjs"
	if err := os.WriteFile(script, []byte(stubs+pageJS+again), 0o600); err != nil {
		t.Fatal(err)
	}
	a := altcha{key: []byte("test-hmac-secret"), difficulty: 100, lifetime: time.Hour}
	for _, c := range []struct{ name, text, files, said string }{
		{"a text of more bytes than the server takes", strings.Repeat("a", maxTyped), "[]", "too long"},
		{"Chinese counts by its bytes", strings.Repeat("长", maxTyped/3), "[]", "too long"},
		{"a line break is sent as two", strings.Repeat("\n", maxTyped/2), "[]", "too long"},
		{"files", "hello", `[{"size":600000},{"size":600000}]`, "too large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			challenge, err := a.issue(testTime)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(challenge)
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), node, script, string(text), "online", c.text, c.files).Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			if want := `{"said":"` + c.said + `","disabled":false}`; len(lines) != 2 || lines[0] != want || !strings.Contains(lines[1], `"altcha"`) {
				t.Errorf("the page said and did %q, want %s and one post after it", lines, want)
			}
		})
	}
}

// TestThePageKnowsWhatTheServerTakes: the bounds of the page are the server's.
func TestThePageKnowsWhatTheServerTakes(t *testing.T) {
	f := newTestForm(t, func(c *FormConfig) { c.MaxBody = 5 << 20 })
	page := string(f.answer(200, shown{Language: "en"}).Body)
	for _, want := range []string{`data-typed="65536"`, `data-files="5242880"`, `data-toolong="Your message is too long.`, `data-toolarge="Your files are too large.`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}
