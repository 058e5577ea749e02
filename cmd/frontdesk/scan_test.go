package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/configs"
	"frontdesk/configs/values"
	"frontdesk/workers/enrich/scannerstest"
	"frontdesk/workers/store/view"
)

// guarded is the embedded default with both scanners.
func guarded(t testing.TB, spam *scannerstest.Rspamd, virus *scannerstest.Clamd) configs.Config {
	t.Helper()
	c := testConfig(t)
	c.Scanners = configs.Scanners{Deadline: values.Duration(20 * time.Second),
		Rspamd: &configs.Rspamd{URL: spam.URL, Timeout: values.Duration(10 * time.Second), MaxSize: 20 << 20},
		Clamd:  &configs.Clamd{Address: virus.Address, Timeout: values.Duration(15 * time.Second), MaxSize: 4 << 20}}
	return c
}

// checkGuarded checks a configuration file with those scanners.
func checkGuarded(t testing.TB, c configs.Config) (code int, out, errs string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fd.yaml")
	write(t, path, fmt.Sprintf("desk: {name: Example, domain: desk.example}\ndata_dir: %s\nkeys: {master: [{name: first, file: %s/keys/master.key}]}\n"+
		"listen: {http: '', ops: '127.0.0.1:0', smtp: '127.0.0.1:0'}\nscanners: {rspamd: {url: '%s'}, clamd: {address: '%s'}}\ninboxes:\n%s",
		c.DataDir, c.DataDir, c.Scanners.Rspamd.URL, c.Scanners.Clamd.Address, doorInbox("support", "support@desk.example")))
	return frontdesk(t, "check", "--config", path)
}

// parcel is a mail of a person with one file.
func parcel(from, id, name string, file []byte) string {
	body := base64.StdEncoding.EncodeToString(file)
	var lines strings.Builder
	for len(body) > 76 {
		lines.WriteString(body[:76] + "\n")
		body = body[76:]
	}
	return fmt.Sprintf("From: %s\nTo: support@desk.example\nSubject: Refund %s\nDate: Fri, 20 Nov 2026 10:00:00 +0800\nMessage-ID: <%s>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nWhere is my refund for order 20261120001? See the file.\n--b\n"+
		"Content-Type: application/octet-stream; name=%s\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=%s\n\n%s\n--b--\n",
		from, id, id, name, name, lines.String()+body)
}

func zipped(t testing.TB, name string, file []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(file)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// storyFrom is the story of the one message of that sender.
func (r *rig) storyFrom(from string) view.Story {
	r.t.Helper()
	for _, m := range r.messages() {
		if strings.Contains(m.From, from) {
			s, err := r.store.View.Trace(r.t.Context(), m.ID)
			if err != nil {
				r.t.Fatal(err)
			}
			return s
		}
	}
	r.t.Fatalf("there is no message from %s", from)
	return view.Story{}
}

func TestSpamAndMalwareAreParkedByRealScanners(t *testing.T) {
	t.Parallel()
	spam, virus := scannerstest.StartRspamd(t), scannerstest.StartClamd(t)
	c := guarded(t, spam, virus)
	if code, out, errs := checkGuarded(t, c); code != 0 || !strings.Contains(out, "ok      scanner rspamd") || !strings.Contains(out, "scanner clamd: ClamAV ") {
		t.Errorf("check ended with %d: %s\n%s", code, errs, out)
	}
	r := start(t, c)
	eicar := scannerstest.EICAR()
	question := "Where is my refund for order 20261120001? I have waited two weeks."
	for _, m := range []struct{ from, raw, state string }{
		{"ann@customer.example", human("ann@customer.example", "Refund", "1@customer.example", question), "ticketed"},
		{"bo@customer.example", parcel("bo@customer.example", "2@customer.example", "invoice.txt", []byte("an invoice over 200 USD")), "ticketed"},
		{"gtube@spam.example", human("gtube@spam.example", "Refund", "3@spam.example", scannerstest.GTUBE), "parked spam"},
		{"pills@spam.example", human("pills@spam.example", "Refund", "4@spam.example", question+" "+scannerstest.Pills), "parked spam"},
		{"eicar@bad.example", parcel("eicar@bad.example", "5@bad.example", "eicar.com", eicar), "parked malware"},
		{"nested@bad.example", parcel("nested@bad.example", "6@bad.example", "a.zip", zipped(t, "b.zip", zipped(t, "eicar.com", eicar))), "parked malware"},
		{"text@bad.example", human("text@bad.example", "Refund", "7@bad.example", question+" "+scannerstest.Infected), "parked malware"},
	} {
		r.mustMail(m.from, m.raw)
		r.eventually(30*time.Second, func() string {
			for _, row := range r.messages() {
				if strings.Contains(row.From, m.from) && row.State != "recorded" && row.State != "awaiting" {
					return ""
				}
			}
			return "no decision about " + m.from
		})
		s := r.storyFrom(m.from)
		if got := strings.TrimSpace(s.Message.State + " " + s.Message.Cause); got != m.state {
			t.Errorf("%s: %s, want %s", m.from, got, m.state)
		}
		if len(s.Opinions) != 2 || s.Opinions[0].Late || s.Opinions[1].Late {
			t.Errorf("%s: opinions are %+v", m.from, s.Opinions)
		}
		for _, a := range s.Attachments {
			if kept := a.Digest != ""; kept != (m.state == "ticketed") {
				t.Errorf("%s: the file is kept: %v", m.from, kept)
			}
		}
	}
	r.settled(7)
	if acks := r.outbox("acknowledgement"); len(acks) != 2 {
		t.Errorf("%d acknowledgements, want those of the two customers", len(acks))
	}
	r.showsOpinions(r.storyFrom("eicar@bad.example"))
	r.stop()
	nowhere(t, c.DataDir, r.logs.String(), string(eicar[:40]))
}

// showsOpinions looks for what a scanner said on the message's page and in the trace.
func (r *rig) showsOpinions(s view.Story) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, fmt.Sprintf("http://%s/messages/%d", r.app.Addresses().Ops, s.Message.ID), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	_, told, _ := frontdesk(r.t, "trace", strconv.FormatInt(s.Message.ID, 10), "--data-dir", r.config.DataDir)
	for where, text := range map[string]string{"page": string(page), "trace": told} {
		if !strings.Contains(text, scannerstest.EICARName) || !strings.Contains(text, "rspamd") {
			r.t.Errorf("the %s does not say what was found", where)
		}
	}
}

func TestMailGoesOnWhenScannersFreezeOrDie(t *testing.T) {
	t.Parallel()
	spam, virus := scannerstest.StartRspamd(t), scannerstest.StartClamd(t)
	c := guarded(t, spam, virus)
	c.Scanners.Deadline = values.Duration(2 * time.Second)
	r := start(t, c)
	question := "Where is my refund for order 20261120001? I have waited two weeks."
	sent := 0
	send := func(n int) {
		t.Helper()
		for range n {
			sent++
			from := fmt.Sprintf("customer%d@customer%d.example", sent, sent)
			r.mustMail(from, human(from, fmt.Sprintf("Refund %d", sent), fmt.Sprintf("%d@customer.example", sent), fmt.Sprintf("%s Number %d.", question, sent)))
		}
		r.settled(sent)
	}
	send(1)
	spam.Freeze()
	virus.Freeze()
	begun := time.Now()
	send(20)
	if took := time.Since(begun); took < time.Second {
		t.Errorf("with frozen scanners 20 mails took %v; nobody waited", took)
	}
	begun = time.Now()
	send(10) // the breakers are open
	t.Logf("ten mails beside frozen scanners took %v", time.Since(begun))
	spam.Kill()
	virus.Kill()
	send(10)
	if tickets, acks := r.tickets(), r.outbox("acknowledgement"); len(tickets) != sent || len(acks) != sent {
		t.Errorf("%d tickets and %d acknowledgements, want %d", len(tickets), len(acks), sent)
	}
	for _, p := range r.promises("acknowledgement") {
		if p.State != "kept" {
			t.Errorf("promise = %+v", p)
		}
	}
	if s := r.storyFrom("customer41@"); len(s.Opinions) != 2 || s.Opinions[0].Verdict == "clean" || !strings.Contains(fmt.Sprint(s.Trace), "went on without its answer") {
		t.Errorf("the last one's story: %+v, %+v", s.Opinions, s.Trace)
	}
	if code, out, errs := checkGuarded(t, c); code != command.ExitFinding || strings.Count(out, "FAILED  scanner") != 2 {
		t.Errorf("check ended with %d: %s\n%s", code, errs, out)
	}
	spam.Restart()
	virus.Restart()
	r.eventually(90*time.Second, func() string {
		send(1)
		if s := r.storyFrom(fmt.Sprintf("customer%d@", sent)); s.Opinions[0].Verdict != "clean" || s.Opinions[1].Verdict != "clean" {
			time.Sleep(time.Second) // of the breaker's pause, which is real
			return "the scanners are not asked again"
		}
		return ""
	})
}

func TestAnInboxMayGoUnscanned(t *testing.T) {
	t.Parallel()
	spam, virus := scannerstest.StartRspamd(t), scannerstest.StartClamd(t)
	c := guarded(t, spam, virus)
	no := false
	c.Inboxes[0].Scan = &no
	r := start(t, c)
	r.mustMail("gtube@spam.example", human("gtube@spam.example", "Refund", "3@spam.example", scannerstest.GTUBE))
	r.settled(1)
	if s := r.storyFrom("gtube@spam.example"); s.Message.State != "ticketed" || len(s.Opinions) != 0 {
		t.Errorf("%s with %d opinions, want a ticket and none", s.Message.State, len(s.Opinions))
	}
}
