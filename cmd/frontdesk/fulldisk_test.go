//go:build linux

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAFullDiskIsNotReady: /readyz says so, mail is asked to come back, and all is well once there is room
// again.
func TestAFullDiskIsNotReady(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m,mode=0755"); err != nil {
		if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
			t.Fatalf("making a disk of the test's own: %v", err)
		}
		t.Skipf("a disk of a test's own needs root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	p := program(t, nil, "serve", "--data-dir", filepath.Join(dir, "data"), "--http", "127.0.0.1:0", "--ops", "127.0.0.1:0", "--desk", "127.0.0.1:0", "--smtp", "127.0.0.1:0")
	r := &rig{t: t}
	ready := func(want int) {
		r.eventually(30*time.Second, func() string {
			res, err := http.Get("http://" + p.at.Ops + "/readyz")
			if err != nil {
				return err.Error()
			}
			res.Body.Close()
			if res.StatusCode != want {
				return "/readyz says " + res.Status
			}
			return ""
		})
	}
	ready(http.StatusOK)
	full := filepath.Join(dir, "full")
	fill(t, full)
	ready(http.StatusServiceUnavailable)
	large := human("li@customer.example", "Refund", "full@customer.example", noise(3<<20))
	if err := r.mailTo(p.at.SMTP, "li@customer.example", large); err == nil || !strings.Contains(err.Error(), "451") && !strings.Contains(err.Error(), "452") {
		t.Errorf("a mail on a full disk was answered %v, want 451 or 452", err)
	}
	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}
	ready(http.StatusOK)
	if err := r.mailTo(p.at.SMTP, "li@customer.example", large); err != nil {
		t.Errorf("a mail after there was room again: %v", err)
	}
	if code := p.end(); code != 0 {
		t.Errorf("the process ended with %d", code)
	}
}

// noise is text that cannot be made smaller by much.
func noise(size int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "%016x%016x%016x%016x\n", r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64())
	}
	return b.String()
}

// fill writes until there is no room.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size >= 1; {
		_, err := f.Write(make([]byte, size))
		switch {
		case errors.Is(err, syscall.ENOSPC):
			size /= 2
		case err != nil:
			t.Fatal(err)
		}
	}
}
