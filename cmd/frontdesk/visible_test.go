package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"unicode"

	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/workers/replay"
	"frontdesk/workers/store/view"
)

// hostileText clears a terminal, sets its title, writes to its clipboard, begins a line anew and turns one round.
const hostileText = "late \x1b[2J\x1b]0;owned\x07 \x1b]52;c;cm0gLXJm\x07\r forged \u009b31m \u202egnorw\u2066 \b\x7f 订单 👩\u200d💻"

// What strangers wrote says nothing to the terminal on which it is listed.
func TestNothingOfAStrangerSpeaksToTheTerminal(t *testing.T) {
	var out strings.Builder
	story := view.Story{Message: view.Message{ID: 1, From: hostileText, Subject: hostileText, Text: hostileText + "\nsecond", Key: hostileText}, Evidence: hostileText,
		Attachments: []view.Attached{{Name: hostileText, MediaType: hostileText, Note: hostileText}}, Ticket: &view.Ticket{Queue: hostileText}}
	tell(terminal.Visibly(&out), story)
	if err := (&replayReport{w: &out, before: func() {}}).verdict(replay.Verdict{Text: hostileText, Differences: []replay.Difference{{Field: hostileText, Now: hostileText}}}); err != nil {
		t.Fatal(err)
	}
	list := terminal.NewPrinter(&out, "ID\tTEXT", func(m view.Message) string { return terminal.Columns(m.ID, terminal.Line(m.Subject, 400), m.From) }, false)
	if err := list.Item(story.Message); err != nil {
		t.Fatal(err)
	}
	if err := list.End(); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Fatalf("%q speaks to the terminal in\n%q", r, out.String())
		}
	}
	if strings.Count(out.String(), "订单 👩\u200d💻") < 8 || !strings.Contains(out.String(), "\n  second") {
		t.Errorf("what is visible is not all there:\n%s", out.String())
	}
}

// The names of files are a stranger's too, and so are the words with which another server refuses.
func TestNoNameOfAFileSpeaksToTheTerminal(t *testing.T) {
	dir := t.TempDir()
	config := testConfig(t)
	if err := os.Symlink("/nonexistent", filepath.Join(dir, "a\x1b[2J\u202e\nframed.eml")); err != nil {
		t.Skip("no such name can be made here")
	}
	var out, errs strings.Builder
	if code := run(t.Context(), []string{"migrate", "--data-dir", config.DataDir}, &strings.Builder{}, &errs); code != 0 {
		t.Fatal(errs.String())
	}
	run(t.Context(), []string{"import", "--data-dir", config.DataDir, "--inbox", "support", dir, filepath.Join(dir, "\x1b]0;x\x07")}, &out, &errs)
	run(t.Context(), []string{"check", "--config", filepath.Join(dir, "\x1b[2J.yaml")}, &out, &errs)
	run(t.Context(), []string{"\x1b[2J"}, &out, &errs)
	var said strings.Builder
	table := &auditTable{tabwriter.NewWriter(&said, 0, 0, 2, ' ', 0)}
	table.line("%s", hostileText)
	table.Flush()
	all := out.String() + errs.String() + said.String()
	for _, r := range all {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Fatalf("%q speaks to the terminal in\n%q", r, all)
		}
	}
	if !strings.Contains(all, "not read: ") || strings.Contains(all, "\nframed") || strings.Count(all, "frontdesk: ") < 2 {
		t.Errorf("what was said is not all there, or a name makes a line of its own:\n%s", all)
	}
}
