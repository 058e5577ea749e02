package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/channels/channelstest/twiliofake"
)

// TestSecretsAreNeverPrinted: check, serve at its most talkative and every other command, on a
// configuration full of secrets whose connections partly fail; none of them shows one.
func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{}
	secret := func(name string) string {
		secrets[name] = "s3cret-" + name + "-value"
		return secrets[name]
	}
	other := httptest.NewServer(twiliofake.New(twilioAccount, "another-token"))
	t.Cleanup(other.Close)
	botAPI := httptest.NewServer(telegramfake.New("4242:" + secret("telegram")))
	t.Cleanup(botAPI.Close)
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, r.URL.String()+r.Header.Get("Authorization"), http.StatusInternalServerError)
	}))
	t.Cleanup(broken.Close)
	dir := t.TempDir()
	text := fmt.Sprintf(`desk: {name: Desk, domain: desk.example}
data_dir: %[1]s
keys: {master: [{name: first, env: FRONTDESK_TEST_MASTER_KEY}]}
listen: {http: 127.0.0.1:0, ops: 127.0.0.1:0, smtp: 127.0.0.1:0, public_url: "https://desk.example", ops_token: %[2]s}
log: {level: debug, format: json}
relays:
  - {name: out, host: 127.0.0.1, port: 1, tls: none, user: frontdesk, password: %[3]s}
webhooks:
  - {url: "%[9]s/alarm", secret: %[4]s}
inboxes:
  - {name: support, channel: email, address: support@desk.example, smtp_door: true, relay: out}
  - {name: box, channel: email, address: box@desk.example, relay: out, imap: {host: 127.0.0.1, port: 1, tls: none, user: box, password: %[5]s}}
  - name: oauth
    channel: email
    address: oauth@desk.example
    imap: {host: 127.0.0.1, port: 1, tls: none, user: box, auth: xoauth2, oauth: {provider: custom, client_id: id, client_secret: %[6]s, refresh_token: %[7]s, token_url: "%[9]s/token"}}
  - {name: hotline, channel: sms, address: "+85221234567", twilio: {account_sid: %[10]s, auth_token: %[8]s, base_url: "%[11]s"}}
  - {name: bot, channel: telegram, address: desk_bot, telegram: {token: "4242:%[12]s", base_url: "%[13]s"}}
  - {name: lostbot, channel: telegram, address: lost_bot, telegram: {token: "77:%[14]s", base_url: "%[9]s"}}
  - {name: app, channel: api, api: {tokens: [%[15]s]}}
  - {name: contact, channel: form, form: {secret: %[16]s}}
`, dir, secret("ops"), secret("relay"), secret("webhook"), secret("imap"), secret("client"), secret("refresh"), secret("twilio"), broken.URL,
		twilioAccount, other.URL, secrets["telegram"], botAPI.URL, secret("lostbot"), secret("api"), secret("form-secret-of-enough-letters"))
	path := filepath.Join(t.TempDir(), "frontdesk.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	secrets["master"] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	env := []string{"FRONTDESK_TEST_MASTER_KEY=" + secrets["master"]}
	p := program(t, env, "serve", "--config", path)
	if err := (&rig{}).mailTo(p.at.SMTP, "li@customer.example", human("li@customer.example", "Payment failed", "1@customer.example", "My payment failed.")); err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, args := range [][]string{{"check"}, {"migrate"}, {"inboxes", "--json"}, {"messages", "--json"}, {"tickets", "--json"}, {"outbox", "--json"}, {"promises", "--json"},
		{"parked", "list", "--json"}, {"trace", "1"}, {"trace", "1", "--json"}, {"templates", "render"}, {"inboxes"}, {"outbox"}} {
		said[strings.Join(args, " ")] = once(t, env, append(args, "--config", path)...)
	}
	for _, page := range []string{"/healthz", "/readyz", "/metrics", "/", "/login", "/sessions"} {
		said["page "+page] = fetched(t, "http://"+p.at.Ops+page, secrets["ops"])
	}
	until(t, func() string {
		for _, inbox := range []string{"box", "oauth", "lostbot", "hotline"} {
			if !strings.Contains(p.errs.String(), `"inbox":"`+inbox+`"`) {
				return inbox + " has not failed yet"
			}
		}
		return ""
	})
	for _, file := range []string{"addresses.json"} {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		said[file] = string(content)
	}
	p.end()
	said["serve, stderr"], said["serve, stdout"] = p.errs.String(), strings.Join(p.stdout(), "\n")
	if !strings.Contains(said["check"], "FAILED") || !strings.Contains(said["check"], "bot, Telegram bot: ") {
		t.Errorf("check found no failures:\n%s", said["check"])
	}
	for where, words := range said {
		for name, value := range secrets {
			if strings.Contains(words, value) {
				i := strings.Index(words, value)
				t.Errorf("%s shows the secret %s: …%s…", where, name, words[max(0, i-150):i])
			}
		}
	}
	var values []string
	for _, v := range secrets {
		values = append(values, v)
	}
	nowhere(t, dir, "", values...)
}

// once runs a command as a process of its own and returns all it says.
func once(t testing.TB, env []string, args ...string) string {
	t.Helper()
	cmd := commandOf(env, args...)
	out, err := cmd.CombinedOutput()
	if len(out) == 0 {
		t.Fatalf("%v said nothing: %v", args, err)
	}
	return string(out)
}

// fetched is what a page answers, with its headers.
func fetched(t testing.TB, address, token string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := (&http.Client{Timeout: 20 * time.Second}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body) // whole: what goes over the wire is cut into pieces anywhere
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(res.Status + "\n")
	if err := res.Header.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n" + string(body)
}
