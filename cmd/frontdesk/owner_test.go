package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestASecondProcessIsRefusedWhileTheFirstStops: the control socket is closed by then.
func TestASecondProcessIsRefusedWhileTheFirstStops(t *testing.T) {
	c := testConfig(t)
	r := start(t, c)
	if err := os.Remove(filepath.Join(r.config.DataDir, "control.sock")); err != nil {
		t.Fatal(err)
	}
	code, _, errs := frontdesk(t, "serve", "--data-dir", c.DataDir, "--http", "127.0.0.1:0", "--ops", "127.0.0.1:0", "--desk", "127.0.0.1:0", "--smtp", "127.0.0.1:0")
	if code != 1 || !strings.Contains(errs, "another process serves from") {
		t.Errorf("exit %d, %q; want 1 and that another process serves", code, errs)
	}
}
