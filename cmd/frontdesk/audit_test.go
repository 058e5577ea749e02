package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/workers/receive"
	"frontdesk/workers/store/auditing"
)

// audited is what audit --json prints.
type audited struct {
	auditing.Books
	Clean     bool
	Providers []receive.Asked
}

func TestAuditProvesTheBooksBesideTheService(t *testing.T) {
	t.Parallel()
	r := start(t, testConfig(t))
	dir := r.config.DataDir
	r.mustMail("li@customer.example", human("li@customer.example", "Payment failed", "1@customer.example", "My payment failed yesterday, order 4711."))
	r.mustMail("bo@customer.example", human("bo@customer.example", "Refund", "2@customer.example", "Where is my refund for order 4712?"))
	r.settled(2)
	code, out, errs := frontdesk(t, "audit", "--data-dir", dir)
	if code != 0 || errs != "" {
		t.Fatalf("ended with %d: %s\n%s", code, errs, out)
	}
	for _, want := range []string{"The books from the beginning until now", "recorded", "= opened a ticket", "acknowledgement", "none: every sum holds"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not print %q:\n%s", want, out)
		}
	}
	var books audited
	code, out, errs = frontdesk(t, "audit", "--data-dir", dir, "--json", "--from", "2020-01-01")
	if err := json.Unmarshal([]byte(out), &books); err != nil || code != 0 {
		t.Fatalf("ended with %d: %s, %v\n%s", code, errs, err, out)
	}
	if !books.Clean || books.Whole || books.Messages.Recorded != 2 || books.Acknowledgements.Sent != 2 || books.Promises["acknowledgement"].Kept != 2 {
		t.Errorf("books are %+v", books)
	}

	rewrite(t, r.config, `UPDATE tickets SET messages = 9 WHERE id = 1`)
	code, out, errs = frontdesk(t, "audit", "--data-dir", dir)
	if code != command.ExitFinding || !strings.Contains(errs, "findings: 1") {
		t.Errorf("ended with %d: %s", code, errs)
	}
	for _, want := range []string{"T-1: it counts 9 messages, and has 1", "→ 'frontdesk trace MESSAGE'; look at what the customer wrote"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not print %q:\n%s", want, out)
		}
	}
	if code, _, errs := frontdesk(t, "audit", "--data-dir", dir, "--quick", "--to", "2020-01-01"); code != 0 {
		t.Errorf("the audit of an empty period ended with %d: %s", code, errs)
	}
	for _, wrong := range []string{"--grace=0s", "--from=yesterday", "--to=soon"} {
		if code, _, _ := frontdesk(t, "audit", "--data-dir", dir, wrong); code != command.ExitUsage {
			t.Errorf("%s ended with %d, want %d", wrong, code, command.ExitUsage)
		}
	}
	if code, _, errs := frontdesk(t, "audit", "--data-dir", dir, "--from", "2026-11-22", "--to", "2026-11-21"); code != command.ExitUsage || !strings.Contains(errs, "ends before") {
		t.Errorf("a period that ends before it begins: ended with %d: %s", code, errs)
	}
	rewrite(t, r.config, `UPDATE tickets SET messages = 1 WHERE id = 1`)
}

// TestAuditKnowsThePolicy: a ticket has each promise that the configuration makes.
func TestAuditKnowsThePolicy(t *testing.T) {
	t.Parallel()
	r := start(t, testConfig(t))
	r.mustMail("li@customer.example", human("li@customer.example", "Payment failed", "1@customer.example", "My payment failed yesterday, order 4711."))
	r.settled(1)
	books := func(version string) auditing.Books {
		t.Helper()
		s, err := policy.Settings(r.config, r.base().Ring)
		if err != nil {
			t.Fatal(err)
		}
		s.Version += version
		b, err := r.store.Auditing.Audit(t.Context(), auditing.AuditOptions{Promised: policy.PromisedBy(s)}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if b := books(""); !b.Clean() {
		t.Errorf("findings %+v", b.Findings)
	}
	rewrite(t, r.config, `UPDATE promises SET kind = 'another' WHERE kind = 'first-reply'`)
	if b := books(""); len(b.Findings) != 1 || b.Findings[0].Rule != auditing.RulePromise || b.Findings[0].Detail != "it has no promise of kind first-reply" {
		t.Errorf("findings %+v", b.Findings)
	}
	if b := books("changed"); !b.Clean() {
		t.Errorf("a policy of later is held against it: %+v", b.Findings)
	}
}

// TestAuditAsksTheMailServer: a mail that the server lists up to the bookmark has a row here.
func TestAuditAsksTheMailServer(t *testing.T) {
	t.Parallel()
	r, d, c := mailDesk(t)
	for i := range 2 {
		from := fmt.Sprintf("old%d@customer.example", i)
		d.DeliverAt(d.User, letter(from, "Refund", fmt.Sprintf("audit-%d@customer.example", i), fmt.Sprintf("Please refund my order number %d.", 1000+i)), time.Now().Add(-2*time.Hour))
	}
	r.settled(2)
	ask := func() (int, audited) {
		t.Helper()
		var books audited
		code, out, errs := frontdesk(t, "audit", "--config", c.DataDir+"/config.yaml", "--json")
		if err := json.Unmarshal([]byte(out), &books); err != nil || len(books.Providers) != 1 {
			t.Fatalf("ended with %d: %s, %v\n%s", code, errs, err, out)
		}
		return code, books
	}
	if code, books := ask(); code != 0 || books.Providers[0].Listed != 2 || books.Providers[0].Recorded != 2 {
		t.Errorf("ended with %d: %+v, %+v", code, books.Providers, books.Findings)
	}
	key := r.messages()[0].Key
	r.stop() // it would find by itself what is missing
	rewrite(t, c, `UPDATE deliveries SET key = 'elsewhere' WHERE key = '`+key+`'`)
	code, books := ask()
	if code != command.ExitFinding || books.Providers[0].Missing != 1 || len(books.Findings) != 1 || books.Findings[0].Rule != auditing.RuleProvider ||
		!strings.Contains(books.Findings[0].Detail, key) {
		t.Errorf("a mail without a row: ended with %d: %+v, %+v", code, books.Providers, books.Findings)
	}
	rewrite(t, c, `UPDATE deliveries SET key = '`+key+`' WHERE key = 'elsewhere'`)
}

// TestAuditTellsWhomItCouldNotAsk: a server that is away is no broken sum.
func TestAuditTellsWhomItCouldNotAsk(t *testing.T) {
	t.Parallel()
	r, _, c := mailDesk(t)
	r.stop()
	path := filepath.Join(c.DataDir, "config.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, strings.Replace(string(text), fmt.Sprintf("port: %d,", mailOf(c.Inboxes[0]).IMAP.Port), "port: 1,", 1))
	var a audited
	code, out, errs := frontdesk(t, "audit", "--config", path, "--json")
	if err := json.Unmarshal([]byte(out), &a); err != nil || code != command.ExitUnasked || !strings.Contains(errs, "not every provider could be asked") {
		t.Errorf("ended with %d: %s, %v", code, errs, err)
	}
	if len(a.Providers) != 1 || a.Providers[0].Err == "" || !a.Clean {
		t.Errorf("asked %+v, findings %+v", a.Providers, a.Findings)
	}
	if _, out, _ := frontdesk(t, "audit", "--config", path); !strings.Contains(out, "could not be asked: ") {
		t.Errorf("printed:\n%s", out)
	}
}
