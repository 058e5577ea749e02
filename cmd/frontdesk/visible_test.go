package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// The names of files are a stranger's, and so are the words with which another server refuses.
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
	all := out.String() + errs.String()
	for _, r := range all {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Fatalf("%q speaks to the terminal in\n%q", r, all)
		}
	}
	if !strings.Contains(all, "not read: ") || strings.Contains(all, "\nframed") || strings.Count(all, "frontdesk: ") < 2 {
		t.Errorf("what was said is not all there, or a name makes a line of its own:\n%s", all)
	}
}
