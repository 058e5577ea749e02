package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/channels/channelstest/toy"
	"frontdesk/channels/descriptor"
	"frontdesk/channels/kinds"
	"frontdesk/configs"
	"frontdesk/workers/store/view"
)

// A toy channel goes through the whole program: one folder, and one entry of a registry that the test passes. No other product file
// knows of it.

const toySecret = "the toy account's secret, sixteen or more"

// withToy is the registry with one line more.
func withToy() descriptor.Kinds { return append(kinds.All(), toy.Kind()) }

// toyProvider takes our messages; those to nobody it refuses for ever.
type toyProvider struct {
	*httptest.Server
	mu    sync.Mutex
	taken []map[string]string
}

func newToyProvider(t *testing.T) *toyProvider {
	t.Helper()
	p := &toyProvider{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var m map[string]string
		_ = json.Unmarshal(body, &m)
		if strings.HasPrefix(m["to"], "u_gone") {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"error":"no-such-user"}`)
			return
		}
		if r.Method == http.MethodPost {
			p.mu.Lock()
			p.taken = append(p.taken, m)
			p.mu.Unlock()
		}
		_, _ = io.WriteString(w, `{"id":"p-1"}`)
	}))
	t.Cleanup(p.Close)
	return p
}

// to are the texts that somebody got.
func (p *toyProvider) to(who string) (out []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.taken {
		if m["to"] == who {
			out = append(out, m["text"])
		}
	}
	return out
}

// toyDesk writes a configuration with a toy inbox beside one of mail, and returns its file.
func toyDesk(t *testing.T, provider string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"toy.secret": toySecret, "frontdesk.yaml": `desk: {name: Topay, domain: desk.example, languages: [en, zh-Hans]}
data_dir: data
keys: {master: [{name: first, file: master.key}]}
listen: {http: "127.0.0.1:0", ops: "127.0.0.1:0", smtp: "127.0.0.1:0", public_url: "http://127.0.0.1"}
inboxes:
  - {name: toys, channel: toy, address: desk, toy: {secret_file: toy.secret, base_url: "` + provider + `"}}
  - {name: support, channel: email, address: support@desk.example, smtp_door: true}
promises:
  - {match: {channel: toy}, acknowledgement: {within: 2h}}
  - {acknowledgement: {within: 24h}}
routing: [{match: {channel: toy}, queue: payments}]
screening: {continue_within: {toy: 1h}}
acknowledgements: {fallback: [toy, email]}
`, "master.key": testKey} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "frontdesk.yaml")
}

// toyCall posts messages as the provider does.
func (r *rig) toyCall(messages ...map[string]any) {
	r.t.Helper()
	body, err := json.Marshal(map[string]any{"messages": messages})
	if err != nil {
		r.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.httpURL("/hooks/toys"), bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(toySecret))
	mac.Write(body)
	req.Header.Set("X-Toy-Signature", hex.EncodeToString(mac.Sum(nil)))
	got, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	got.Body.Close()
	if got.StatusCode != http.StatusOK {
		r.t.Fatalf("the webhook answers %d", got.StatusCode)
	}
}

func toyMessage(id, from, text string) map[string]any {
	return map[string]any{"id": id, "from": from, "name": "Ann", "text": text, "at": time.Now().UTC().Format(time.RFC3339)}
}

func TestAChannelIsOneFolderAndOneLine(t *testing.T) {
	provider := newToyProvider(t)
	file := toyDesk(t, provider.URL)
	checkToy(t, file)
	c, err := configs.Load(file, os.LookupEnv, withToy())
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, c)
	r.toyCall(toyMessage("m-1", "u_7x", "My payment of 99.00 failed, please help"), toyMessage("m-2", "u_9x", "Where is my refund of 20.00?"))
	other := toyMessage("m-3", "u_gone", "I cannot sign in to my account since yesterday")
	other["email"] = "gone@customer.example"
	r.toyCall(other)
	r.settled(3)
	toyTickets(t, r)
	toyAcknowledgement(t, r, provider)
	toyFallback(t, r)
	eraseToy(t, r, file)
}

// checkToy: a good file passes, and each mistake in the channel's own section is told with its line.
func checkToy(t *testing.T, file string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := runWith(t.Context(), withToy(), []string{"check", "--config", file}, &out, &errs); !strings.Contains(out.String(), "inbox toys, Toy account: the account is there") {
		t.Errorf("check ends with %d and says %q, %q", code, out.String(), errs.String())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for mistake, want := range map[string][2]string{
		"an unknown key":            {"base_url:", "base_ulr:"},
		"no section":                {`, toy: {secret_file: toy.secret, base_url: "`, `, telegram: {token: "`},
		"another channel's section": {"channel: toy, address: desk", "channel: telegram, address: desk"},
	} {
		bad := filepath.Join(filepath.Dir(file), "bad.yaml")
		if err := os.WriteFile(bad, []byte(strings.Replace(string(text), want[0], want[1], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := configs.Load(bad, os.LookupEnv, withToy()); err == nil || !strings.Contains(err.Error(), "bad.yaml:6:") {
			t.Errorf("%s: %v", mistake, err)
		}
	}
}

func toyTickets(t *testing.T, r *rig) {
	t.Helper()
	for _, k := range r.tickets() {
		if !slices.Equal(k.Channels, []string{"toy"}) || k.Queue != "payments" {
			t.Errorf("ticket %s came by %v and is in %s", k.Number, k.Channels, k.Queue)
		}
	}
	for _, p := range r.promises("acknowledgement") {
		if got := time.Until(p.DueAt.Time); got > 2*time.Hour || got < time.Hour {
			t.Errorf("an acknowledgement is promised within %s", got)
		}
	}
}

// toyAcknowledgement: it is there, once, in words that fit a chat.
func toyAcknowledgement(t *testing.T, r *rig, p *toyProvider) {
	t.Helper()
	r.eventually(20*time.Second, func() string {
		if len(p.to("u_7x")) == 0 || len(p.to("u_9x")) == 0 {
			return "an acknowledgement has not come"
		}
		return ""
	})
	for _, who := range []string{"u_7x", "u_9x"} {
		texts := p.to(who)
		if len(texts) != 1 || !strings.Contains(texts[0], "T-") {
			t.Errorf("%s got %q", who, texts)
		}
		for _, word := range []string{"mail", "邮件", "Subject", "Dear"} {
			if strings.Contains(texts[0], word) {
				t.Errorf("%s reads %q: %s", who, word, texts[0])
			}
		}
	}
}

// toyFallback: an address that the provider calls dead is marked, and the acknowledgement goes on by mail.
func toyFallback(t *testing.T, r *rig) {
	t.Helper()
	r.eventually(20*time.Second, func() string {
		rows := r.outbox("acknowledgement")
		failed := slices.ContainsFunc(rows, func(o view.OutboxRow) bool { return o.To == "u_gone" && o.State == "fallback" })
		mailed := slices.ContainsFunc(rows, func(o view.OutboxRow) bool { return o.To == "gone@customer.example" && o.State == "sent" })
		if !failed || !mailed {
			return fmt.Sprintf("the rows are %+v", rows)
		}
		return ""
	})
}

// eraseToy: a person is erased with proof, and nobody else is touched.
func eraseToy(t *testing.T, r *rig, file string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := runWith(t.Context(), withToy(), []string{"erase", "toy:u_7x", "--yes", "--config", file}, &out, &errs); code != 0 {
		t.Fatalf("erase ends with %d and says %q, %q", code, out.String(), errs.String())
	}
	out.Reset()
	if code := runWith(t.Context(), withToy(), []string{"erase", "toy:u_7x", "--dry-run", "--config", file}, &out, &errs); code != 0 || !strings.Contains(out.String(), "nothing") {
		t.Errorf("a second search ends with %d and says %q", code, out.String())
	}
	from := map[string]int{}
	for _, m := range r.messages() {
		from[m.From]++
	}
	if from["u_7x"] != 0 || from["u_9x"] != 1 {
		t.Errorf("senders are %v", from)
	}
}
