package blobs

import (
	"os"
	"testing"
)

// TestTryLeavesNothingAndFailsWithItsFolder: a folder that is gone fails as one on a full disk does.
func TestTryLeavesNothingAndFailsWithItsFolder(t *testing.T) {
	root := t.TempDir()
	d, err := OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Try(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(root); err != nil || len(left) != 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
	if err := os.Remove(root); err != nil {
		t.Fatal(err)
	}
	if d.Try() == nil {
		t.Error("a folder that is gone is writable")
	}
}
