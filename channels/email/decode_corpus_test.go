package email

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"frontdesk/pipeline/message"
)

// corpora is the folder of public mails, or skips the test.
func corpora(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("FRONTDESK_SHARED")
	if shared == "" {
		t.Skip("FRONTDESK_SHARED is not set: the public mail corpora are not here")
	}
	return filepath.Join(shared, "corpora")
}

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

// TestCorpusNeverFails decodes every mail of the corpora: none may panic, none that holds anything
// may be refused, and everything that comes out must be storable.
func TestCorpusNeverFails(t *testing.T) {
	root := corpora(t)
	mails, refused, empty := 0, 0, 0
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, readErr := os.ReadFile(path)
		if readErr != nil || len(strings.TrimSpace(string(raw))) == 0 {
			return readErr
		}
		m, err := decodeFile(t, path)
		mails++
		if err != nil {
			refused++
			t.Logf("refused: %s: %v", strings.TrimPrefix(path, root), err)
			return nil
		}
		checkStorable(t, path, m)
		if isMailFile(path) && strings.TrimSpace(m.Text+m.HTML+m.Subject) == "" && len(m.Attachments) == 0 {
			empty++
			t.Logf("nothing usable: %s", strings.TrimPrefix(path, root))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files decoded, %d refused, %d mails with nothing usable", mails, refused, empty)
	if mails < 1500 || refused > 0 {
		t.Errorf("%d files, %d refused", mails, refused)
	}
}

func isMailFile(path string) bool {
	switch filepath.Ext(path) {
	case ".eml", ".box", ".msg", ".raw":
		return true
	}
	return false
}

// TestCorpusZammad compares with what Zammad's own tests expect.
func TestCorpusZammad(t *testing.T) {
	dir := filepath.Join(corpora(t), "zammad-mail/test/data/mail")
	expectations, _ := filepath.Glob(filepath.Join(dir, "*.yml"))
	var subjects, senders, files tally
	for _, f := range expectations {
		truth := zammadTruth(t, f)
		m, err := decodeFile(t, strings.TrimSuffix(f, ".yml")+".box")
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		base := filepath.Base(f)
		if base == "mail018.yml" { // Zammad does not know UTF-7 in headers
			truth.subject = "Benachrichtung zum Übermittlungsstatus (Fehlgeschlagen)"
		}
		if truth.hasSubject {
			subjects.check(alike(m.Subject, truth.subject), "%s: %q, want %q", base, m.Subject, truth.subject)
		}
		if truth.from != "" && base != "mail016.yml" && base != "mail087.yml" { // Return-Path before Reply-To; an address without brackets
			senders.check(strings.EqualFold(m.From.Value, truth.from), "%s: %q, want %q", base, m.From.Value, truth.from)
		}
		for _, name := range truth.files {
			if !inventedName(name) {
				files.check(hasAlike(m, name), "%s: %q, want %q", base, names(m), name)
			}
		}
	}
	subjects.report(t, "zammad subjects", 99)
	senders.report(t, "zammad senders", 95)
	files.report(t, "zammad attachment names", 95)
}

// alike compares without white space. A U+FFFD in what another parser expects stands for a
// character that it could not read: anything fits.
func alike(got, want string) bool {
	g, w := []rune(squeeze(got)), []rune(squeeze(want))
	if len(g) != len(w) {
		return false
	}
	for i := range w {
		if w[i] != g[i] && w[i] != '\ufffd' {
			return false
		}
	}
	return true
}

// hasAlike reports whether an attachment has that name. Paths are cut off on purpose, also those
// that the other parser left without their backslashes.
func hasAlike(m message.Message, name string) bool {
	for _, a := range m.Attachments {
		if alike(a.Name, lastElement(name)) || a.Name != "" && strings.HasPrefix(name, "C:") && strings.HasSuffix(name, a.Name) {
			return true
		}
	}
	return false
}

// inventedName knows the names that Zammad gives to nameless parts, and its counters for names
// that come twice.
func inventedName(name string) bool {
	base := strings.TrimRight(strings.TrimSuffix(name, filepath.Ext(name)), "0123456789")
	switch base {
	case "document", "image", "video", "file", "delivery-status":
		return true
	}
	return name == "32497.1617621278.2" || name == "Screen Shot 2018-12-17 at 091.00.38.png"
}

type zammadMail struct {
	subject, from string
	hasSubject    bool
	files         []string
}

// zammadTruth reads an expectation; attachments that Zammad makes itself are left out.
func zammadTruth(t *testing.T, path string) zammadMail {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var out zammadMail
	root := doc.Content[0]
	subject := yamlField(root, "subject")
	out.hasSubject = subject != nil && subject.Tag != "!!null"
	if subject != nil {
		out.subject = subject.Value
	}
	if from := yamlField(root, "from_email"); from != nil {
		out.from = from.Value
	}
	if list := yamlField(root, "attachments"); list != nil {
		for _, a := range list.Content {
			name := yamlField(a, "filename")
			if prefs := yamlField(a, "preferences"); prefs != nil && yamlField(prefs, "content-alternative") != nil {
				continue
			}
			if name != nil {
				out.files = append(out.files, name.Value)
			}
		}
	}
	return out
}

func yamlField(n *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// TestCorpusStalwart compares with the trees of stalwart's mail-parser.
func TestCorpusStalwart(t *testing.T) {
	root := filepath.Join(corpora(t), "stalwart-mail-parser/resources/eml")
	var subjects, files, bodies tally
	_ = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" || strings.HasSuffix(path, ".crlf.json") {
			return err
		}
		truth := stalwartTruth(t, path)
		m, err := decodeFile(t, strings.TrimSuffix(path, ".json")+".eml")
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		base := strings.TrimPrefix(path, root)
		if truth.hasSubject {
			subjects.check(alike(m.Subject, truth.subject), "%s: %q, want %q", base, m.Subject, truth.subject)
		}
		for _, name := range truth.files {
			files.check(hasAlike(m, name), "%s: %q, want %q", base, names(m), name)
		}
		for _, text := range truth.texts {
			got := squeeze(m.Text + m.HTML)
			bodies.check(strings.Contains(got, squeeze(text)) || alike(m.Text, text), "%s: %.80q, want %.80q", base, m.Text, text)
		}
		return nil
	})
	subjects.report(t, "stalwart subjects", 95)
	files.report(t, "stalwart attachment names", 95)
	bodies.report(t, "stalwart texts", 80)
}

// stalwartMail is what a tree of mail-parser says about a whole mail.
type stalwartMail struct {
	subject    string
	hasSubject bool
	files      []string
	texts      []string
}

func stalwartTruth(t *testing.T, path string) stalwartMail {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var tree struct {
		Text        []int `json:"text_body"`
		Attachments []int `json:"attachments"`
		Parts       []struct {
			Headers []struct {
				Name  any `json:"name"`
				Value any `json:"value"`
			} `json:"headers"`
			Body any `json:"body"`
		} `json:"parts"`
	}
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var out stalwartMail
	for _, h := range tree.Parts[0].Headers {
		if v, ok := h.Value.(map[string]any); ok && h.Name == "subject" {
			out.subject, out.hasSubject = v["Text"].(string)
		}
	}
	for _, i := range tree.Attachments {
		disposition, kind := "", ""
		for _, h := range tree.Parts[i].Headers {
			if h.Name == "content_disposition" {
				disposition = attribute(h.Value, "filename")
			}
			if h.Name == "content_type" {
				kind = attribute(h.Value, "name")
			}
		}
		if name := firstNonEmpty(disposition, kind); name != "" {
			out.files = append(out.files, name)
		}
	}
	for _, i := range tree.Text {
		if b, ok := tree.Parts[i].Body.(map[string]any); ok {
			if text, ok := b["Text"].(string); ok && text != "" {
				out.texts = append(out.texts, text)
			}
		}
	}
	return out
}

func firstNonEmpty(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// attribute finds a parameter in a content type of the tree.
func attribute(v any, name string) string {
	m, _ := v.(map[string]any)
	ct, _ := m["ContentType"].(map[string]any)
	list, _ := ct["attributes"].([]any)
	for _, a := range list {
		if kv, ok := a.(map[string]any); ok && kv["name"] == name {
			s, _ := kv["value"].(string)
			return s
		}
	}
	return ""
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
	dir := filepath.Join(corpora(t), "sisimai-set-of-emails")
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
