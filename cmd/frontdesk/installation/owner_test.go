package installation

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADataDirectoryHasOneOwner(t *testing.T) {
	dir := t.TempDir()
	first, err := Own(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Own(dir); err == nil || !strings.Contains(err.Error(), "another process serves from") {
		t.Errorf("a second owner got %v, want that another process serves", err)
	}
	first.Close()
	second, err := Own(dir)
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	defer second.Close()
	if second.Name != first.Name {
		t.Errorf("the name was %q and is %q, want the same after a restart", first.Name, second.Name)
	}
	if other, err := Own(t.TempDir()); err != nil || other.Name == first.Name {
		t.Errorf("another directory has the name %v, %v", other, err)
	} else {
		other.Close()
	}
}

func TestABrokenInstanceFileIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"", "0123", "zzzzzzzzzzzzzzzz"} {
		if err := os.WriteFile(filepath.Join(dir, "instance"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := Own(dir)
		if err != nil {
			t.Fatal(err)
		}
		o.Close()
		again, err := Own(dir)
		if err != nil {
			t.Fatal(err)
		}
		again.Close()
		if o.Name != again.Name || strings.Contains(o.Name, ":"+text+":") {
			t.Errorf("after %q the name is %q, then %q", text, o.Name, again.Name)
		}
	}
}
