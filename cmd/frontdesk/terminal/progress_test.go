package terminal

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestOnlyATerminalIsTakenForOne(t *testing.T) {
	t.Parallel()
	open := func(path string) *os.File {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for _, c := range []struct {
		name   string
		stream any
		want   bool
	}{
		{"what is no file", &bytes.Buffer{}, false},
		{"a file", open(filepath.Join(t.TempDir(), "out")), false},
		{"a pipe", w, false},
		{"the null device, as cron and service managers give it", open(os.DevNull), false},
	} {
		if got := IsTerminal(c.stream); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if _, err := os.Stat("/dev/ptmx"); err == nil && !IsTerminal(open("/dev/ptmx")) {
		t.Error("a terminal is taken for none")
	}
}
