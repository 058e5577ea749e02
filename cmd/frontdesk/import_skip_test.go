package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/email/mbox"
)

// TestImportLeavesOutWhatWasThrownAway reads the folders of real mail programs.
func TestImportLeavesOutWhatWasThrownAway(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]map[mbox.Skip]int{"18-import-expunged": {mbox.SkipDeleted: 1}, "18-import-kept": {}} {
		t.Run(name, func(t *testing.T) {
			c := testConfig(t)
			r := start(t, c)
			got, code := imported(t, c.DataDir, filepath.Join("testdata", "cases", name))
			if diff := cmp.Diff(want, got.Skipped); code != 0 || diff != "" {
				t.Fatalf("ended with %d, left out (-want +got):\n%s", code, diff)
			}
			r.settled(got.Recorded)
			for _, m := range r.messages() {
				if m.Subject != "kept" && name == "18-import-expunged" {
					t.Errorf("%q was imported", m.Subject)
				}
			}
		})
	}
}

func TestImportTakesOnRequestWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	r := start(t, c)
	mails := t.TempDir()
	for i, where := range []string{"a.eml", "Trash/b.eml", "Spam/c.eml", "Drafts/d.eml", "Chats/e.eml"} {
		wroteMail(t, filepath.Join(mails, where), dated("Li <li@customer.example>", where, fmt.Sprint(i, "@customer.example"), "My payment of 200 USD failed.", longAgo))
	}
	code, out, _ := frontdesk(t, "import", "--inbox", "support", "--dry-run", "--data-dir", c.DataDir, mails)
	if want := "left out: 1 deleted, 1 spam, 1 draft, 1 chat; --include deleted,spam,draft,chat takes these too\n"; code != 0 || !strings.Contains(out, want) {
		t.Errorf("ended with %d and says %q", code, out)
	}
	got, _ := imported(t, c.DataDir, "--include", "deleted,chat", mails)
	if diff := cmp.Diff(map[mbox.Skip]int{mbox.SkipSpam: 1, mbox.SkipDraft: 1}, got.Skipped); got.Recorded != 3 || got.Unrecorded != 0 || diff != "" {
		t.Errorf("%+v", got)
	}
	r.settled(3)
	for _, args := range [][]string{{"--include", "everything"}, {"--include", "system"}, {"--open", "--acknowledge"}} {
		if code, _, errs := frontdesk(t, append([]string{"import", "--inbox", "support", "--data-dir", c.DataDir, mails}, args...)...); code != 2 {
			t.Errorf("%v ended with %d: %s", args, code, errs)
		}
	}
}

// TestImportedTicketsAreOpenOnRequest: history is closed, and a live answer to it has a ticket of its own either way.
func TestImportedTicketsAreOpenOnRequest(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{"": "closed", "--open": "open", "--acknowledge": "open"} {
		t.Run("import "+flag, func(t *testing.T) {
			c := testConfig(t)
			r := start(t, c)
			args := []string{wroteMail(t, filepath.Join(t.TempDir(), "a.eml"), dated("Li <li@customer.example>", "Payment failed", "1@customer.example", "My payment of 200 USD failed.", longAgo))}
			if flag != "" {
				args = append(args, flag)
			}
			if got, code := imported(t, c.DataDir, args...); code != 0 || got.Recorded != 1 {
				t.Fatalf("ended with %d: %+v", code, got)
			}
			r.settled(1)
			if tickets := r.tickets(); len(tickets) != 1 || tickets[0].Status != want {
				t.Errorf("tickets = %+v", tickets)
			}
		})
	}
}

// TestTheNewestMessageIsFirstAfterAnImport: an import takes ids of its own block, far above those that the service uses.
func TestTheNewestMessageIsFirstAfterAnImport(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	r := start(t, c)
	r.mustMail("ann@customer.example", human("Ann <ann@customer.example>", "before", "1@customer.example", "Where is my refund?"))
	r.settled(1)
	path := wroteMail(t, filepath.Join(t.TempDir(), "a.eml"), dated("Li <li@customer.example>", "history", "2@customer.example", "My payment of 200 USD failed.", longAgo))
	if got, _ := imported(t, c.DataDir, path); got.Recorded != 1 {
		t.Fatalf("import: %+v", got)
	}
	r.settled(2)
	r.mustMail("kim@customer.example", human("Kim <kim@customer.example>", "after", "3@customer.example", "When will my refund arrive?"))
	r.settled(3)
	var subjects []string
	for _, m := range r.messages() {
		subjects = append(subjects, m.Subject)
	}
	if diff := cmp.Diff([]string{"after", "history", "before"}, subjects); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if tickets := r.tickets(); tickets[0].Subject != "after" {
		t.Errorf("the first ticket is %q", tickets[0].Subject)
	}
	if code, out, _ := frontdesk(t, "messages", "--limit", "1", "--json", "--data-dir", c.DataDir); code != 0 || !strings.Contains(out, `"after"`) {
		t.Errorf("ended with %d: %s", code, out)
	}
}
