package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// truth is what the expected output beside a mail says about it; nil and empty for what it does not say.
type truth struct {
	subject *string
	people  map[string][]string // role → addresses
	files   []string
	texts   []string // each stands in the text somewhere
	reply   *string  // the visible text
	bounce  bool
}

// truthsOf reads a folder's expected outputs, by the path of the mail.
func truthsOf(t *testing.T, dir, name string) map[string]truth {
	t.Helper()
	switch name {
	case "zammad-mail":
		return zammadTruths(t, filepath.Join(dir, "test/data/mail"))
	case "stalwart-mail-parser":
		return stalwartTruths(t, filepath.Join(dir, "resources/eml"))
	case "matrix":
		return matrixTruths(t, dir)
	case "sisimai-set-of-emails":
		return sisimaiTruths(t, dir)
	}
	return nil
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var addressPattern = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]+`)

// zammadTruths reads what Zammad's own tests expect. Its rules differ on purpose in four files.
func zammadTruths(t *testing.T, dir string) map[string]truth {
	t.Helper()
	out := map[string]truth{}
	files, _ := filepath.Glob(filepath.Join(dir, "*.yml"))
	for _, f := range files {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(mustRead(t, f)), &doc); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		root, base := doc.Content[0], filepath.Base(f)
		x := truth{people: map[string][]string{}}
		if s := yamlField(root, "subject"); s != nil && s.Tag != "!!null" {
			x.subject = &s.Value
		}
		if base == "mail018.yml" { // Zammad does not know UTF-7 in headers
			s := "Benachrichtung zum Übermittlungsstatus (Fehlgeschlagen)"
			x.subject = &s
		}
		if from := yamlField(root, "from_email"); from != nil && from.Value != "" && base != "mail016.yml" && base != "mail087.yml" {
			x.people["from"] = []string{from.Value} // the two: Return-Path before Reply-To; an address without brackets
		}
		for _, role := range []string{"to", "cc"} {
			if v := yamlField(root, role); v != nil {
				x.people[role] = addressPattern.FindAllString(v.Value, -1)
			}
		}
		x.files = zammadFiles(root)
		out[strings.TrimSuffix(f, ".yml")+".box"] = x
	}
	return out
}

// zammadFiles leaves out the attachments that Zammad makes or names itself.
func zammadFiles(root *yaml.Node) (names []string) {
	list := yamlField(root, "attachments")
	if list == nil {
		return nil
	}
	for _, a := range list.Content {
		if prefs := yamlField(a, "preferences"); prefs != nil && yamlField(prefs, "content-alternative") != nil {
			continue
		}
		if name := yamlField(a, "filename"); name != nil && !inventedName(name.Value) {
			names = append(names, name.Value)
		}
	}
	return names
}

func yamlField(n *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// inventedName knows the names that Zammad gives to nameless parts, and its counters for names that
// come twice.
func inventedName(name string) bool {
	base := strings.TrimRight(strings.TrimSuffix(name, filepath.Ext(name)), "0123456789")
	switch base {
	case "document", "image", "video", "file", "delivery-status":
		return true
	}
	return name == "32497.1617621278.2" || name == "Screen Shot 2018-12-17 at 091.00.38.png"
}

// stalwartTree is the part of mail-parser's output that is compared.
type stalwartTree struct {
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

func stalwartTruths(t *testing.T, dir string) map[string]truth {
	t.Helper()
	out := map[string]truth{}
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	for _, f := range files {
		if strings.HasSuffix(f, ".crlf.json") {
			continue
		}
		var tree stalwartTree
		if err := json.Unmarshal([]byte(mustRead(t, f)), &tree); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		out[strings.TrimSuffix(f, ".json")+".eml"] = tree.truth()
	}
	return out
}

func (tree stalwartTree) truth() truth {
	x := truth{people: map[string][]string{}}
	for _, h := range tree.Parts[0].Headers {
		v, _ := h.Value.(map[string]any)
		switch name, _ := h.Name.(string); name {
		case "subject":
			if s, ok := v["Text"].(string); ok {
				x.subject = &s
			}
		case "from", "to", "cc":
			x.people[name] = stalwartAddresses(v["Address"])
		}
	}
	x.people["from"] = x.people["from"][:min(1, len(x.people["from"]))] // a message has one sender here
	for _, i := range tree.Attachments {
		disposition, kind := "", ""
		for _, h := range tree.Parts[i].Headers {
			if h.Name == "content_disposition" {
				disposition = stalwartAttribute(h.Value, "filename")
			}
			if h.Name == "content_type" {
				kind = stalwartAttribute(h.Value, "name")
			}
		}
		if name := disposition + kind; disposition != "" && kind != "" {
			x.files = append(x.files, disposition)
		} else if name != "" {
			x.files = append(x.files, name)
		}
	}
	for _, i := range tree.Text {
		if b, ok := tree.Parts[i].Body.(map[string]any); ok {
			if text, ok := b["Text"].(string); ok && text != "" {
				x.texts = append(x.texts, text)
			}
		}
	}
	return x
}

// stalwartAddresses lists addresses that are such; the tree also has names without one.
func stalwartAddresses(v any) (out []string) {
	list, _ := v.(map[string]any)
	members, _ := list["List"].([]any)
	for _, m := range members {
		a, _ := m.(map[string]any)
		if s, _ := a["address"].(string); addressPattern.FindString(s) == s && s != "" {
			out = append(out, s)
		}
	}
	return out
}

// stalwartAttribute finds a parameter in a content type of the tree.
func stalwartAttribute(v any, name string) string {
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

func matrixTruths(t *testing.T, dir string) map[string]truth {
	t.Helper()
	var cases map[string]struct {
		Subject, Text string
		Att           *string
	}
	if err := json.Unmarshal([]byte(mustRead(t, filepath.Join(dir, "truth.json"))), &cases); err != nil {
		t.Fatal(err)
	}
	out := map[string]truth{}
	for name, c := range cases {
		x := truth{subject: &c.Subject, texts: []string{c.Text}}
		if c.Att != nil {
			x.files = []string{*c.Att}
		}
		out[filepath.Join(dir, name+".eml")] = x
	}
	return out
}

// sisimaiTruths names the bounces. rfc3834 are vacation notices, arf are complaints: other kinds by right.
func sisimaiTruths(t *testing.T, dir string) map[string]truth {
	t.Helper()
	out := map[string]truth{}
	for _, row := range strings.Split(mustRead(t, filepath.Join(dir, "expected.tsv")), "\n")[1:] {
		f := strings.Split(row, "\t")
		if len(f) < 8 || f[7] != "yes" || strings.HasPrefix(f[0], "rfc3834") || strings.HasPrefix(f[0], "arf") {
			continue
		}
		out[filepath.Join(dir, "maildir", "bsd", f[0])] = truth{bounce: true}
	}
	return out
}

// fixtures compares the trimmers' fixtures, which are texts and no mails.
func (r *corpusRun) fixtures(f *folder) {
	dir := filepath.Join(r.root, f.name)
	switch f.name {
	case "zh-replies":
		var cases []struct{ Name, Text, Want string }
		if err := json.Unmarshal([]byte(mustRead(r.t, filepath.Join(dir, "cases.json"))), &cases); err != nil {
			r.t.Fatal(err)
		}
		for _, c := range cases {
			f.reply(c.Name, r.visibleOf(c.Text, "text/plain"), c.Want)
		}
	case "discourse-email_reply_trimmer":
		files, _ := filepath.Glob(filepath.Join(dir, "test/emails/*.txt"))
		for _, path := range files {
			got, want := r.visibleOf(mustRead(r.t, path), "text/plain"), mustRead(r.t, filepath.Join(dir, "test/trimmed", filepath.Base(path)))
			if strings.TrimSpace(got) == "" && strings.TrimSpace(want) != "" {
				r.t.Errorf("%s: nothing is visible", path)
			}
			f.reply(filepath.Base(path), got, want)
		}
	case "mailgun-talon":
		files, _ := filepath.Glob(filepath.Join(dir, "tests/fixtures/html_replies/*.html"))
		for _, path := range files { // each says this, and one a line more
			got := r.visibleOf(mustRead(r.t, path), "text/html")
			f.replies.check(strings.HasPrefix(got, "Hi. I am fine.") && len(got) < 80, "%s: %.80q", filepath.Base(path), got)
		}
		bodies, _ := filepath.Glob(filepath.Join(dir, "tests/fixtures/signature/emails/stripped/*_body"))
		for _, path := range bodies {
			body, signature := mustRead(r.t, path), strings.TrimSpace(mustRead(r.t, strings.TrimSuffix(path, "_body")+"_signature"))
			if !strings.HasPrefix(signature, "--") {
				continue // without a mark it is cut off by what is learned of a sender, which this is not about
			}
			f.reply(filepath.Base(path), r.visibleOf(body, "text/plain"), strings.TrimSuffix(strings.TrimSpace(body), signature))
		}
	case "github-email_reply_parser", "crisp-email-reply-parser":
		files, _ := filepath.Glob(filepath.Join(dir, "test/*/*.txt"))
		more, _ := filepath.Glob(filepath.Join(dir, "test/*.txt"))
		deep, _ := filepath.Glob(filepath.Join(dir, "test/*/*/*.txt"))
		for _, path := range append(append(files, more...), deep...) {
			if text := mustRead(r.t, path); strings.TrimSpace(text) != "" && strings.TrimSpace(r.visibleOf(text, "text/plain")) == "" {
				r.t.Errorf("%s: nothing is visible", path)
			}
		}
	}
}

// byPerson reports whether the folder holds mails of people, but for those that realReport names.
func byPerson(path string) bool {
	for _, dir := range []string{"spamassassin-ham", "mailgun-talon", "closeio-quotequail", "mikel-mail", "james-mime4j", "nodemailer-mailparser", "webklex-php-imap", "enmime", "stalwart-mail-parser", "zammad-mail", "chatwoot-eml"} {
		if strings.Contains(path, string(filepath.Separator)+dir+string(filepath.Separator)) {
			return mailFile(path)
		}
	}
	return false
}

func mailFile(path string) bool {
	switch filepath.Ext(path) {
	case ".eml", ".box", ".msg", ".raw", ".txt", "":
		return !strings.Contains(path, "LICENSE")
	}
	return strings.Contains(path, "spamassassin-ham")
}

// realReport names the files of those folders that are reports, looked at one by one.
func realReport(name string) bool {
	for _, part := range []string{"bounce", "dsn", "delivery", "mimepart_without_content_type", "multipart_report", "badbound.msg", "issue-382", "issue-462", "multipart-wo-boundary",
		"mail018.box", "mail033", "mail052.box", "mail055.box", "report", "feedback", "read-receipt"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
