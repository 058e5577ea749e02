package parse

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/pipeline/message"
)

// tally counts right answers and keeps the wrong ones.
type tally struct {
	right, total int
	wrong        []string
}

func (c *tally) check(right bool, format string, args ...any) {
	c.total++
	if right {
		c.right++
		return
	}
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// report fails the test when less than percent of the answers are right.
func (c *tally) report(t *testing.T, what string, percent int) {
	t.Helper()
	t.Logf("%s: %d of %d", what, c.right, c.total)
	if c.total == 0 || c.right*100 < percent*c.total {
		t.Errorf("%s: %d of %d right, want %d %%", what, c.right, c.total, percent)
	}
	if testing.Verbose() || t.Failed() {
		sort.Strings(c.wrong)
		for _, w := range c.wrong {
			t.Logf("%s wrong: %s", what, w)
		}
	}
}

// checkStorable fails when a message holds what a database would refuse.
func checkStorable(t testing.TB, path string, m message.Message) {
	t.Helper()
	texts := []string{m.Subject, m.Text, m.HTML, m.From.Name, m.From.Value, m.MessageID}
	for _, h := range m.Headers {
		texts = append(texts, h.Name, h.Value)
	}
	for _, a := range m.Attachments {
		texts = append(texts, a.Name, a.MediaType, a.ContentID)
	}
	for _, list := range [][]message.Address{m.To, m.Cc, m.ReplyTo} {
		for _, a := range list {
			texts = append(texts, a.Value, a.Name)
		}
	}
	texts = append(texts, m.References...)
	texts = append(texts, m.Envelope.Recipients...)
	if m.Report != nil {
		texts = append(texts, m.Report.Diagnostic, m.Report.FinalRecipient, m.Report.OriginalMessageID, m.Report.Status, m.Report.Action)
	}
	for _, s := range texts {
		if strings.ToValidUTF8(s, "") != s || strings.IndexByte(s, 0) >= 0 {
			t.Errorf("%s: not storable: %.100q", path, s)
		}
	}
}

// TestCorpusBounces compares with the set of bounces of some eighty mail systems: that they are seen,
// which status they carry, and whether the message they are about is found.
func TestCorpusBounces(t *testing.T) {
	dir := filepath.Join(emailtest.Corpora(t), "sisimai-set-of-emails")
	rows, err := os.ReadFile(filepath.Join(dir, "expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var seen, status, original tally
	done := map[string]bool{}
	for _, row := range strings.Split(string(rows), "\n")[1:] {
		f := strings.Split(row, "\t")
		if len(f) < 8 || f[7] != "yes" || done[f[0]] || f[4] == "vacation" || f[4] == "feedback" {
			continue
		}
		done[f[0]] = true
		path := filepath.Join(dir, "maildir", "bsd", f[0])
		raw, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		m, err := decodeFile(t, path)
		if err != nil {
			t.Errorf("%s: %v", f[0], err)
			continue
		}
		seen.check(m.Report != nil, "%s: from %q, subject %q", f[0], m.From.Value, m.Subject)
		if m.Report == nil {
			continue
		}
		if f[2] != "" && m.Report.Kind == message.DSN && !strings.Contains(f[2], ".9") { // x.y.9zz is Sisimai's own invention
			status.check(m.Report.Status == f[2], "%s: %q, want %q", f[0], m.Report.Status, f[2])
		}
		if ids := strings.Count(strings.ToLower(string(raw)), "\nmessage-id:"); ids > 1 {
			original.check(m.Report.OriginalMessageID != "", "%s", f[0])
		}
	}
	seen.report(t, "bounces seen", 95)
	status.report(t, "bounce status", 88)
	original.report(t, "original found", 95)
}
