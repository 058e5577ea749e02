package screen

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
)

// corpus returns the folder of public mails, or skips the test.
func corpus(t *testing.T) string {
	t.Helper()
	root := os.Getenv("FRONTDESK_SHARED")
	if root == "" {
		t.Skip("FRONTDESK_SHARED is not set: the public mail corpora are not at hand")
	}
	return filepath.Join(root, "corpora")
}

// load reads a mail as far as screening needs it.
func load(t *testing.T, path string) message.Message {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\r", "\n")
	if strings.HasPrefix(s, "From ") {
		_, s, _ = strings.Cut(s, "\n")
	}
	head, body, _ := strings.Cut(s, "\n\n")
	m := message.Message{Channel: "email", Traits: message.Traits{Mail: true}, Headers: fields(head)}
	m.Subject = decode(m.Headers.Get("Subject"))
	m.From = address(m.Headers.Get("From"))
	if v := m.Headers.Get("In-Reply-To"); v != "" {
		m.InReplyTo = []string{v}
	}
	m.Text = transfer(body, m.Headers.Get("Content-Transfer-Encoding"))
	for _, f := range fields(body) {
		if strings.EqualFold(f.Name, "Content-Type") {
			m.Attachments = append(m.Attachments, message.Attachment{MediaType: token(f.Value)})
		}
	}
	return m
}

func fields(head string) message.Headers {
	var out message.Headers
	for line := range strings.SplitSeq(head, "\n") {
		if len(out) > 0 && line != "" && (line[0] == ' ' || line[0] == '\t') {
			out[len(out)-1].Value += " " + strings.TrimSpace(line)
			continue
		}
		if name, value, ok := strings.Cut(line, ":"); ok && !strings.ContainsAny(name, " \t") {
			out = append(out, message.Header{Name: name, Value: strings.TrimSpace(value)})
		}
	}
	return out
}

func decode(s string) string {
	d := mime.WordDecoder{CharsetReader: func(_ string, r io.Reader) (io.Reader, error) { return r, nil }}
	if out, err := d.DecodeHeader(s); err == nil {
		return out
	}
	return s
}

func address(s string) message.Address {
	s = decode(s)
	if s == "" {
		return message.Address{}
	}
	if i, j := strings.LastIndexByte(s, '<'), strings.LastIndexByte(s, '>'); i >= 0 && j > i {
		return message.Address{Kind: message.Email, Value: s[i+1 : j], Name: strings.Trim(s[:i], `" `)}
	}
	value, name, _ := strings.Cut(s, "(")
	return message.Address{Kind: message.Email, Value: strings.TrimSpace(value), Name: strings.TrimRight(name, ")")}
}

func transfer(body, encoding string) string {
	switch strings.ToLower(encoding) {
	case "base64":
		if b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, "\n", "")); err == nil {
			return string(b)
		}
	case "quoted-printable":
		if b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body))); err == nil {
			return string(b)
		}
	}
	return body
}

// TestReportsOfEveryMailSystem measures how many public bounces are recognised.
func TestReportsOfEveryMailSystem(t *testing.T) {
	t.Parallel()
	root := filepath.Join(corpus(t), "sisimai-set-of-emails")
	table, err := os.ReadFile(filepath.Join(root, "expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	total, known, answered := 0, 0, 0
	for _, row := range strings.Split(string(table), "\n")[1:] {
		name, _, _ := strings.Cut(row, "\t")
		// rfc3834 are vacation notices, arf are complaints: other kinds by right.
		if name == "" || seen[name] || strings.HasPrefix(name, "rfc3834") || strings.HasPrefix(name, "arf") {
			continue
		}
		seen[name] = true
		m := load(t, filepath.Join(root, "maildir", "bsd", name))
		got := Check(m, Facts{}, Settings{})
		total++
		if got.Kind == DSN || got.Park == causes.ServerNotice {
			known++
		} else {
			t.Logf("%s: %s, withheld for %q: from %q subject %q", name, got.Kind, got.Withhold, m.From.Value, m.Subject)
		}
		if got.Withhold == "" && name != "lhost-sendmail-14.eml" { // a person forwards a report, with words of his own
			answered++
		}
	}
	t.Logf("%d of %d recognised, %d would be answered", known, total, answered)
	if total < 300 {
		t.Fatalf("only %d reports in the corpus", total)
	}
	if known*100 < total*98 {
		t.Errorf("%d of %d bounces recognised, want 98 %%", known, total)
	}
	if answered > 0 {
		t.Errorf("%d bounces would be acknowledged", answered)
	}
}

// TestComplaintsAndVacations checks the two other kinds of that corpus.
func TestComplaintsAndVacations(t *testing.T) {
	t.Parallel()
	root := filepath.Join(corpus(t), "sisimai-set-of-emails", "maildir", "bsd")
	for pattern, want := range map[string][]Kind{"arf-*.eml": {ARF, DSN, Auto}, "rfc3834-*.eml": {Auto}} {
		files, _ := filepath.Glob(filepath.Join(root, pattern))
		if len(files) == 0 {
			t.Errorf("no file matches %s", pattern)
		}
		for _, f := range files {
			got := Check(load(t, f), Facts{}, Settings{})
			ok := false
			for _, k := range want {
				ok = ok || got.Kind == k
			}
			if !ok || got.Withhold == "" {
				t.Errorf("%s is %s (acknowledged: %v), want one of %v", filepath.Base(f), got.Kind, got.Withhold == "", want)
			}
		}
	}
}
