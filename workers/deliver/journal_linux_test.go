package deliver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/outbox"
)

// smallDisk is a folder of two megabytes. fill takes all that is left of it, until free.
func smallDisk(t *testing.T) (dir string, fill, free func()) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m,mode=0755"); err != nil {
		if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
			t.Fatalf("making a disk of the test's own: %v", err)
		}
		t.Skipf("a disk of a test's own needs root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	full := filepath.Join(dir, "full")
	fill = func() {
		if err := os.WriteFile(full, make([]byte, 4<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("filling the disk: %v", err)
		}
	}
	free = func() {
		if err := os.Remove(full); err != nil {
			t.Fatal(err)
		}
	}
	return dir, fill, free
}

func TestAFullDiskHasRoomForWhatWasSent(t *testing.T) {
	dir, fill, _ := smallDisk(t)
	path := filepath.Join(dir, "sent.log")
	s, _ := openJournal(t, path)
	if err := s.Forget(); err != nil {
		t.Fatal(err)
	}
	fill()
	const sends = 3000 // as many lines as fit before the file would be written anew, and more
	for id := int64(1); id <= sends; id++ {
		if err := s.ready(); err != nil {
			t.Fatalf("send %d: %v", id, err)
		}
		s.note(outbox.EffectRow{ID: id, Key: "acknowledgement:1", CreatedAt: noon}, commands.SendEnded{State: effects.Sent, ProviderID: "P"})
		if id%2 == 0 {
			s.settled(id)
		}
	}
	_, left := openJournal(t, path) // never closed: it dies
	for id := int64(1); id <= sends; id += 2 {
		if !hasSlip(left, id) {
			t.Fatalf("send %d is forgotten; %d are left", id, len(left))
		}
	}
}

func TestNothingIsSentThatCouldNotBeNoted(t *testing.T) {
	dir, fill, free := smallDisk(t)
	r, sends := newRig(t), 0
	id := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment}).Effects[0].ID
	r.senders["hotline"] = sendFunc(func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
		sends++
		return wellDone(ctx, key, out)
	})
	d := r.deliverer()
	d.journal, _ = openJournal(t, filepath.Join(dir, "sent.log"))
	fill()
	r.Must(d.journal.Forget())
	r.deliver(d, id)
	r.Same("sends and state on a full disk", []any{0, "due"}, []any{sends, r.Effect(id).State})
	free()
	r.Pass(2 * noteAgain)
	r.deliver(d, id)
	r.Same("sends and state once there is room", []any{1, "sent"}, []any{sends, r.Effect(id).State})
}
