package templates

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
)

// Limits on what a template file may hold and may write, in bytes.
const (
	// A text that is longer is no letter to a customer, but a mistake: maxOutput also ends a loop over a long list.
	maxFile   = 64 << 10
	maxOutput = 64 << 10
)

// functions are all that a template may call; the rest of text/template's own are refused, since
// they can write without bound or print what is not meant for customers.
func functions() template.FuncMap { return template.FuncMap{"join": strings.Join} }

// load reads every file below ack/ of a file system; one without that folder holds no texts.
func (s *Set) load(files fs.FS) error {
	return fs.WalkDir(files, "ack", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case name == "ack" && errors.Is(err, fs.ErrNotExist):
			return fs.SkipAll
		case err != nil:
			return err
		case entry.IsDir():
			return nil
		}
		if err := s.loadFile(files, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
}

// lieInPlace refuses a folder of texts in which something lies that no text is read from, or nothing:
// whoever put it there would wait in vain for customers to get it.
func lieInPlace(files fs.FS) error {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return err
	}
	const expected = "texts lie at ack/<language>/<file>, such as ack/en/acknowledgement.mail.txt"
	for _, e := range entries {
		if e.Name() != "ack" && !strings.HasPrefix(e.Name(), ".") {
			return fmt.Errorf("nothing would read %s: %s", e.Name(), expected)
		}
	}
	found := false
	err = fs.WalkDir(files, "ack", func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !slices.Contains(retired(), entry.Name()) {
			found = true
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !found {
		return errors.New("there is no text: " + expected)
	}
	return nil
}

// loadFile reads one file. Its name says all of it: language, kind, form. A name that nobody would look for is an error, or a typing error
// would leave customers with the built-in text.
func (s *Set) loadFile(files fs.FS, name string) error {
	folders := strings.Split(path.Dir(name), "/")
	if len(folders) != 2 {
		return errors.New("texts lie at ack/<language>/<file>")
	}
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if len(text) > maxFile {
		return fmt.Errorf("larger than %d bytes", maxFile)
	}
	lang, base := folders[1], path.Base(name)
	if base == "categories.txt" {
		return s.loadParagraphs(lang, string(text))
	}
	for _, kind := range Kinds() {
		for _, form := range []string{"mail", "short"} {
			if base == string(kind)+"."+form+".txt" {
				return s.loadText(key{lang, kind, form}, string(text))
			}
		}
	}
	if slices.Contains(retired(), base) {
		return nil
	}
	return fmt.Errorf("no text of that name is used; the kinds are %v, each .mail.txt or .short.txt", Kinds())
}

// retired are texts that the built-in ones of older versions held and nothing ever sent: whoever has copied that folder may keep them.
func retired() []string { return []string{"follow-up.mail.txt", "follow-up.short.txt"} }

// loadText reads a whole text in the place of the one below it.
func (s *Set) loadText(k key, text string) error {
	if k.form == "mail" && !strings.HasPrefix(text, subjectPrefix) {
		return fmt.Errorf("a mail begins with a line %q", subjectPrefix)
	}
	t, err := parseText(template.New("text"), text)
	if err != nil {
		return err
	}
	if len(t.Templates()) > 1 {
		return errors.New("define belongs into categories.txt")
	}
	s.texts[k] = t
	return nil
}

// loadParagraphs adds the definitions of a categories.txt to those of the language; one of the same name replaces the other.
func (s *Set) loadParagraphs(lang, text string) error {
	base := s.paragraphs[lang]
	if base == nil {
		base = template.New("")
		s.paragraphs[lang] = base
	}
	_, err := parseText(base, text)
	return err
}

// parseText parses and checks a file into t and the definitions that t already holds.
func parseText(t *template.Template, text string) (*template.Template, error) {
	t, err := t.Funcs(functions()).Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("parsing: %w", err)
	}
	for _, defined := range t.Templates() {
		if defined.Tree == nil {
			continue
		}
		if err := check(defined.Root); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// check walks a template and refuses what could run without end: calls of other templates, and
// loops over anything but a field.
// Templates come from whoever runs the desk, not from a stranger; this is against mistakes that would only show with a customer's data.
func check(n parse.Node) error {
	switch n := n.(type) {
	case *parse.ListNode:
		return checkList(n)
	case *parse.ActionNode:
		return checkPipe(n.Pipe)
	case *parse.IfNode:
		return checkBranch(&n.BranchNode)
	case *parse.WithNode:
		return checkBranch(&n.BranchNode)
	case *parse.RangeNode:
		if !overField(n.Pipe) {
			return fmt.Errorf("line %d: range goes over a field only", n.Line)
		}
		return checkBranch(&n.BranchNode)
	case *parse.TemplateNode:
		return fmt.Errorf("line %d: a text calls no other", n.Line)
	}
	return nil
}

// checkList, checkBranch and checkPipe walk on; the first fault is told.
func checkList(list *parse.ListNode) error {
	if list == nil {
		return nil
	}
	for _, n := range list.Nodes {
		if err := check(n); err != nil {
			return err
		}
	}
	return nil
}

// A branch without else has no ElseList.
func checkBranch(b *parse.BranchNode) error {
	return errors.Join(checkPipe(b.Pipe), checkList(b.List), checkList(b.ElseList))
}

// A pipe holds commands, a command arguments, and an argument may be a pipe again, as deep as the file writes it.
func checkPipe(pipe *parse.PipeNode) error {
	if pipe == nil {
		return nil
	}
	for _, c := range pipe.Cmds {
		for _, arg := range c.Args {
			if err := checkArg(arg, pipe.Line); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkArg lets through the functions of text/template that end and print nothing by themselves.
func checkArg(arg parse.Node, line int) error {
	switch a := arg.(type) {
	case *parse.PipeNode:
		return checkPipe(a)
	case *parse.ChainNode:
		return checkArg(a.Node, line)
	case *parse.IdentifierNode:
		if !slices.Contains([]string{"join", "len", "index", "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not"}, a.Ident) {
			return fmt.Errorf("line %d: function %q is not for texts", line, a.Ident)
		}
	}
	return nil
}

// overField reports whether a range goes over one field, such as .Missing or $.Missing.
func overField(pipe *parse.PipeNode) bool {
	if len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return false
	}
	switch a := pipe.Cmds[0].Args[0].(type) {
	case *parse.FieldNode:
		return true
	case *parse.VariableNode:
		return len(a.Ident) > 1
	}
	return false
}

// execute renders into a buffer that refuses to grow over the limit.
func execute(t *template.Template, v view) (string, error) {
	var out limited
	if err := t.Execute(&out, v); err != nil {
		return "", err
	}
	return out.String(), nil
}

// limited is a buffer of at most maxOutput bytes.
type limited struct{ bytes.Buffer }

// Write implements io.Writer; the error ends the template.
func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxOutput {
		return 0, fmt.Errorf("the text is larger than %d bytes", maxOutput)
	}
	return l.Buffer.Write(p)
}

// tryAll renders every text and paragraph with little and with much data.
// A fault that only other data would show is left; missingkey=error and the samples find nearly all.
func (s *Set) tryAll() error {
	for _, k := range slices.SortedFunc(maps.Keys(s.texts), func(a, b key) int { return strings.Compare(a.path(), b.path()) }) { // of several faults always the same one is told
		for _, d := range samples(k) {
			got, err := s.render(s.texts[k], k.lang, clean(d))
			if err != nil {
				return fmt.Errorf("%s: %w", k.path(), err)
			}
			if got.Body == "" || (k.form == "mail" && got.Subject == "") {
				return fmt.Errorf("%s: subject or text is empty", k.path())
			}
		}
	}
	for _, lang := range slices.Sorted(maps.Keys(s.paragraphs)) {
		all := s.paragraphs[lang].Templates()
		slices.SortFunc(all, func(a, b *template.Template) int { return strings.Compare(a.Name(), b.Name()) })
		for _, t := range all {
			if t.Tree == nil {
				continue
			}
			if _, err := execute(t, view{Data: samples(key{lang: lang})[1]}); err != nil {
				return fmt.Errorf("ack/%s/categories.txt: %w", lang, err)
			}
		}
	}
	return nil
}

// samples are what tryAll renders with: only what is always there, and everything that may be.
func samples(k key) []Data {
	bare := Data{DeskName: "Desk", TicketNumber: "T-1", Language: k.lang, Short: k.form == "short"}
	full := bare
	full.Token, full.Subject, full.CustomerName = "[#T-1-abcd]", "Subject", "Ann"
	full.FirstReplyBy, full.Category, full.Channel = "Tuesday 6 May, 10:00 (Shanghai time)", "refund", "a channel"
	full.Tone = "danger"
	full.Missing = []string{"the order number", "the amount"}
	full.Answers = []Answer{{"Question?", "Answer."}}
	full.Digest, full.Count, full.More = []DigestItem{{"T-1", "First", "Tuesday"}, {TicketNumber: "T-2"}}, 5, 3
	return []Data{bare, full}
}
