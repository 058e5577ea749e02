package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/decide"
	"frontdesk/workers/store/backlog"
)

// The floors of TestCorpora, in percent of what the expected outputs say.
const (
	floorZammad   = 99 // subjects
	floorStalwart = 95 // subjects
	floorFiles    = 95 // attachment names
	floorBounces  = 98 // bounces seen
	floorReplies  = 75 // visible text of the trimmer fixtures, exact
	humansPerSlip = 300
	fileBudget    = 3 * time.Second
)

// corpusRoot is the folder of public mails: FRONTDESK_CORPUS, or that of the shared data.
func corpusRoot(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("FRONTDESK_CORPUS"); dir != "" {
		return dir
	}
	shared := os.Getenv("FRONTDESK_SHARED")
	if shared == "" {
		t.Skip("neither FRONTDESK_CORPUS nor FRONTDESK_SHARED is set: the public mail corpora are not here")
	}
	return filepath.Join(shared, "corpora")
}

// score counts right answers and keeps the wrong ones.
type score struct {
	right, total int
	wrong        []string
}

func (s *score) check(right bool, format string, args ...any) {
	s.total++
	if right {
		s.right++
		return
	}
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

func (s *score) String() string {
	if s.total == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d %.1f%%", s.right, s.total, 100*float64(s.right)/float64(s.total))
}

// floor fails the test when less than percent of the answers are right.
func (s *score) floor(t *testing.T, what string, percent int) {
	t.Helper()
	if s.total == 0 || s.right*100 < percent*s.total {
		t.Errorf("%s: %s, want %d %%", what, s, percent)
	}
	if testing.Verbose() || s.right*100 < percent*s.total {
		for _, w := range s.wrong {
			t.Logf("%s wrong: %s", what, w)
		}
	}
}

// folder is what became of one folder's files.
type folder struct {
	name                             string
	files, read, fault               int
	states                           map[string]int // state, or parking cause
	subjects, people, files_, bodies score
	replies, bounces, humans         score
	took, slowest                    time.Duration
	slow                             string
}

func (f *folder) line() string {
	var states []string
	for _, k := range slices.Sorted(maps.Keys(f.states)) {
		states = append(states, fmt.Sprintf("%s %d", k, f.states[k]))
	}
	return fmt.Sprintf("%-30s files %4d read %4d | subjects %-15s addresses %-15s attachments %-15s text %-15s replies %-15s bounces %-15s people %-15s | %v, slowest %v (%s) | %s",
		f.name, f.files, f.read, &f.subjects, &f.people, &f.files_, &f.bodies, &f.replies, &f.bounces, &f.humans,
		f.took.Round(time.Millisecond), f.slowest.Round(time.Millisecond), f.slow, strings.Join(states, ", "))
}

// corpusRun puts mails through everything that decides, as the service does, with nothing known before.
type corpusRun struct {
	t     *testing.T
	root  string
	line  *decide.Hindsight
	inbox string
}

func newCorpusRun(t *testing.T) *corpusRun {
	t.Helper()
	root := corpusRoot(t) // skips where there are none
	r := wholeLine(t)
	r.root = root
	return r
}

// mail decides one mail. A file that takes longer than its budget fails the test as a stall.
func (r *corpusRun) mail(raw []byte) (c pipeline.Case, took time.Duration) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	began := time.Now()
	done := make(chan pipeline.Case, 1)
	go func() {
		d := backlog.Pending{ID: 1, Inbox: r.inbox, Channel: "email", Key: "k", At: now, Raw: raw, Meta: map[string]string{}}
		done <- r.line.Decide(d, pipeline.Known{Since: now.AddDate(-1, 0, 0)}, now)
	}()
	select {
	case c = <-done:
	case <-time.After(20 * fileBudget):
		r.t.Fatal("a mail stalls the line")
	}
	return c, time.Since(began)
}

// TestCorpora puts every mail of the public corpora through the line and compares what comes out with
// the expected outputs beside them.
func TestCorpora(t *testing.T) {
	r := newCorpusRun(t)
	entries, err := os.ReadDir(r.root)
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]*folder{}
	var all folder
	for _, e := range entries {
		if e.IsDir() {
			f := r.folder(e.Name())
			folders[e.Name()] = f
			t.Log(f.line())
			all.add(f)
		}
	}
	all.name = "all"
	t.Log(all.line())
	if all.files == 0 || all.fault > 0 {
		t.Errorf("%d files, %d of them could not be decoded", all.files, all.fault)
	}
	floors := []struct {
		folder, what string
		percent      int
		of           func(*folder) *score
	}{
		{"zammad-mail", "subjects", floorZammad, func(f *folder) *score { return &f.subjects }},
		{"zammad-mail", "attachment names", floorFiles, func(f *folder) *score { return &f.files_ }},
		{"stalwart-mail-parser", "subjects", floorStalwart, func(f *folder) *score { return &f.subjects }},
		{"stalwart-mail-parser", "attachment names", floorFiles, func(f *folder) *score { return &f.files_ }},
		{"matrix", "attachment names", floorFiles, func(f *folder) *score { return &f.files_ }},
		{"sisimai-set-of-emails", "bounces", floorBounces, func(f *folder) *score { return &f.bounces }},
	}
	for _, x := range floors {
		if f, ok := folders[x.folder]; ok {
			x.of(f).floor(t, x.folder+": "+x.what, x.percent)
		}
	}
	if all.replies.total > 0 {
		all.replies.floor(t, "visible text of replies", floorReplies)
	}
	if slips := all.humans.total - all.humans.right; slips*humansPerSlip > all.humans.total {
		t.Errorf("people taken for machines: %d of %d, want at most one in %d: %q", slips, all.humans.total, humansPerSlip, all.humans.wrong)
	}
}

func (f *folder) add(o *folder) {
	f.files, f.read, f.fault, f.took = f.files+o.files, f.read+o.read, f.fault+o.fault, f.took+o.took
	if o.slowest > f.slowest {
		f.slowest, f.slow = o.slowest, o.name+"/"+o.slow
	}
	if f.states == nil {
		f.states = map[string]int{}
	}
	for k, n := range o.states {
		f.states[k] += n
	}
	for _, p := range [][2]*score{{&f.subjects, &o.subjects}, {&f.people, &o.people}, {&f.files_, &o.files_}, {&f.bodies, &o.bodies},
		{&f.replies, &o.replies}, {&f.bounces, &o.bounces}, {&f.humans, &o.humans}} {
		p[0].right, p[0].total = p[0].right+p[1].right, p[0].total+p[1].total
		p[0].wrong = append(p[0].wrong, p[1].wrong...)
	}
}

func (r *corpusRun) folder(name string) *folder {
	f := &folder{name: name, states: map[string]int{}}
	truths := truthsOf(r.t, filepath.Join(r.root, name), name)
	err := filepath.WalkDir(filepath.Join(r.root, name), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil || len(strings.TrimSpace(string(raw))) == 0 {
			return err
		}
		c, took := r.mail(raw)
		r.judge(f, path, raw, c, took)
		if truth, ok := truths[path]; ok {
			f.compare(filepath.Base(path), c, truth)
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.fixtures(f)
	return f
}

// judge counts the state, and holds what every mail must hold.
func (r *corpusRun) judge(f *folder, path string, raw []byte, c pipeline.Case, took time.Duration) {
	base := filepath.Base(path)
	f.files++
	f.took += took
	if took > f.slowest {
		f.slowest, f.slow = took, base
	}
	if took > fileBudget {
		r.t.Errorf("%s takes %v", path, took)
	}
	f.states[cmp.Or(c.Plan.Cause, string(c.Plan.State))]++
	if c.Plan.State == messages.Parked && len(c.Plan.Trace) == 1 {
		f.fault++
		r.t.Logf("%s: parked before it was read: %s", path, c.Plan.Evidence)
		return
	}
	f.read++
	for _, s := range []string{c.Subject, c.Text.Visible, c.Text.Quoted, c.Text.Signature, c.Message.From.Name, c.Message.From.Value} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			r.t.Errorf("%s: not storable: %.100q", path, s)
		}
	}
	if strings.TrimSpace(c.Message.Text) != "" && strings.TrimSpace(c.Text.Full) != "" && strings.TrimSpace(c.Text.Visible) == "" {
		r.t.Errorf("%s: nothing is visible of what somebody wrote", path)
	}
	if byPerson(path) && !c.Message.From.IsZero() {
		machine := c.Screen.Kind == screen.DSN || c.Screen.Kind == screen.MDN || c.Screen.Kind == screen.ARF
		f.humans.check(!machine || realReport(strings.ToLower(path)), "%s is %s: %v", base, c.Screen.Kind, c.Screen.Reasons)
	}
	_ = raw
}

func (f *folder) compare(base string, c pipeline.Case, want truth) {
	m := c.Message
	if want.subject != nil {
		f.subjects.check(alike(m.Subject, *want.subject), "%s: %q, want %q", base, m.Subject, *want.subject)
	}
	for role, addresses := range want.people {
		got := addressesOf(m, role)
		for _, a := range addresses {
			f.people.check(slices.Contains(got, strings.ToLower(a)), "%s: %s %q, want %q", base, role, got, a)
		}
	}
	for _, name := range want.files {
		f.files_.check(hasFile(m, name), "%s: %q, want %q", base, fileNames(m), name)
	}
	for _, text := range want.texts {
		got := squeezed(m.Text + m.HTML)
		f.bodies.check(strings.Contains(got, squeezed(text)) || alike(m.Text, text), "%s: %.60q, want %.60q", base, m.Text, text)
	}
	if want.bounce {
		f.bounces.check(c.Screen.Kind == screen.DSN || c.Message.Report != nil && c.Message.Report.Kind == message.DSN, "%s: %s, subject %q", base, c.Screen.Kind, m.Subject)
	}
	if want.reply != nil {
		f.reply(base, c.Text.Visible, *want.reply)
	}
}

func (f *folder) reply(base, got, want string) {
	f.replies.check(folded(got) == folded(want), "%s: %.80q, want %.80q", base, got, want)
}

// folded joins words by single spaces, so that lines may be re-wrapped.
func folded(s string) string { return strings.Join(strings.Fields(s), " ") }

// squeezed removes white space, so that line ends and folding do not count.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// alike compares without white space. A U+FFFD in what another parser expects stands for a character
// that it could not read: anything fits.
func alike(got, want string) bool {
	g, w := []rune(squeezed(got)), []rune(squeezed(want))
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

func addressesOf(m message.Message, role string) (out []string) {
	for _, a := range map[string][]message.Address{"from": {m.From}, "to": m.To, "cc": m.Cc}[role] {
		out = append(out, strings.ToLower(a.Value))
	}
	return out
}

func fileNames(m message.Message) (out []string) {
	for _, a := range m.Attachments {
		out = append(out, a.Name)
	}
	return out
}

// hasFile reports whether an attachment has that name. Paths are cut off on purpose, also those that
// the other parser left without their backslashes.
func hasFile(m message.Message, name string) bool {
	last := name[strings.LastIndexAny(name, `/\`)+1:]
	for _, a := range m.Attachments {
		if alike(a.Name, last) || a.Name != "" && strings.HasPrefix(name, "C:") && strings.HasSuffix(name, a.Name) {
			return true
		}
	}
	return false
}

// visibleOf is what the desk sees of a mail's text.
func (r *corpusRun) visibleOf(text, kind string) string {
	c, _ := r.mail([]byte("From: li@customer.example\r\nSubject: Re: x\r\nMIME-Version: 1.0\r\nContent-Type: " + kind + "; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text))
	return c.Text.Visible
}
