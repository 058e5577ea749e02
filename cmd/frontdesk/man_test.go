package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"frontdesk/channels/kinds"
)

// TestTheManualHoldsEveryCommandAndFlag, on a page of its own each, from what --help says.
func TestTheManualHoldsEveryCommandAndFlag(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "man1")
	if code, _, errs := frontdesk(t, "man", "--dir", dir); code != 0 {
		t.Fatal(errs)
	}
	root := newRoot(kinds.All())
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	pages := 0
	for _, c := range manualCommands(root) {
		pages++
		page := mustRead(t, filepath.Join(dir, manualName(c)+".1"))
		want := []string{".TH ", roff(c.Short), roff(strings.TrimSpace(strings.Split(c.Long+c.Short, "\n")[0]))}
		c.InitDefaultHelpFlag()
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				want = append(want, "\\-\\-"+roff(f.Name)+"\\fR", roff(f.Usage[:min(20, len(f.Usage))]))
			} else if strings.Contains(page, "\\-\\-"+roff(f.Name)+"\\fR") {
				t.Errorf("%s tells of the hidden --%s", manualName(c), f.Name)
			}
		})
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				want = append(want, ".BR "+roff(manualName(sub))+" (1)")
			}
		}
		for _, w := range want {
			if !strings.Contains(page, w) {
				t.Errorf("%s lacks %q", manualName(c), w)
			}
		}
	}
	files, err := filepath.Glob(dir + "/*.1")
	if err != nil || len(files) != pages || pages < 25 {
		t.Errorf("%d pages for %d commands, %v", len(files), pages, err)
	}
	silent(t, files)
}

// silent sees that those who set the pages have nothing to say about them.
func silent(t *testing.T, files []string) {
	t.Helper()
	if mandoc, err := exec.LookPath("mandoc"); err == nil {
		if out, err := exec.Command(mandoc, append([]string{"-T", "lint", "-W", "warning"}, files...)...).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("mandoc: %v\n%s", err, out)
		}
	} else {
		t.Log("mandoc is not installed")
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Log("groff is not installed")
		return
	}
	for _, file := range files {
		cmd := exec.Command(groff, "-K", "utf8", "-T", "utf8", "-w", "w", "-man", "-z", file)
		cmd.Env = append(os.Environ(), "GROFF_NO_SGR=1")
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("groff %s: %v\n%s", filepath.Base(file), err, out)
		}
	}
}

func TestNothingInAPageIsACommandOfTheTypesetter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{".so /etc/passwd": `\&.so /etc/passwd`, "'br": `\&'br`, `a\b`: `a\eb`, "--x": `\-\-x`, "a\n.b": "a .b"} {
		if got := roff(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if got, want := paragraphs("One\ntwo.\n\n  fixed  line\n\nThree"), "One\ntwo.\n.PP\n.nf\n  fixed  line\n.fi\n.PP\nThree\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
