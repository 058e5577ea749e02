package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADataDirectoryHasOneOwner(t *testing.T) {
	dir := t.TempDir()
	first, err := own(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := own(dir); err == nil || !strings.Contains(err.Error(), "another process serves from") {
		t.Errorf("a second owner got %v, want that another process serves", err)
	}
	first.close()
	second, err := own(dir)
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	defer second.close()
	if second.name != first.name {
		t.Errorf("the name was %q and is %q, want the same after a restart", first.name, second.name)
	}
	if other, err := own(t.TempDir()); err != nil || other.name == first.name {
		t.Errorf("another directory has the name %v, %v", other, err)
	} else {
		other.close()
	}
}

func TestABrokenInstanceFileIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"", "0123", "zzzzzzzzzzzzzzzz"} {
		if err := os.WriteFile(filepath.Join(dir, "instance"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := own(dir)
		if err != nil {
			t.Fatal(err)
		}
		o.close()
		again, err := own(dir)
		if err != nil {
			t.Fatal(err)
		}
		again.close()
		if o.name != again.name || strings.Contains(o.name, ":"+text+":") {
			t.Errorf("after %q the name is %q, then %q", text, o.name, again.name)
		}
	}
}

// TestASecondProcessIsRefusedWhileTheFirstStops: the control socket is closed by then.
func TestASecondProcessIsRefusedWhileTheFirstStops(t *testing.T) {
	c := testConfig(t)
	r := start(t, c)
	r.app.control.Close()
	code, _, errs := frontdesk(t, "serve", "--data-dir", c.DataDir, "--http", "127.0.0.1:0", "--ops", "127.0.0.1:0", "--smtp", "127.0.0.1:0")
	if code != 1 || !strings.Contains(errs, "another process serves from") {
		t.Errorf("exit %d, %q; want 1 and that another process serves", code, errs)
	}
}
