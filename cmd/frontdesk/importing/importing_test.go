package importing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/email/mbox"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/workers"
	"frontdesk/workers/receive"
	"frontdesk/workers/store"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/storetest"
)

// TestWhatAnInterruptionLeavesUnrecordedIsCounted: Ctrl-C comes while a lot is being gathered.
func TestWhatAnInterruptionLeavesUnrecordedIsCounted(t *testing.T) {
	const lot, read = 10, 14
	var ring *keyring.Ring
	s := storetest.SQLite(t, func(o *store.Options) { ring = o.Keyring })
	ctx, cancel := context.WithCancel(t.Context())
	mails := t.TempDir()
	for i := range 2 * read {
		mail := fmt.Sprintf("From: li@customer.example\nTo: support@desk.example\nSubject: Question\nMessage-ID: <%d@customer.example>\nDate: Tue, 6 May 2025 10:00:00 +0800\n\nHow does it work?\n", i)
		if err := os.WriteFile(filepath.Join(mails, fmt.Sprintf("%02d.eml", i)), []byte(mail), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	quiet := slog.New(slog.DiscardHandler)
	im := &importing{result: Result{Inbox: "support"}, bar: terminal.NewProgress(io.Discard, "imported", true, time.Now()), sink: receive.NewImporter(s, "support", receive.NewIntake(receive.IntakeConfig{Store: s, Notifier: workers.NewNotifier(nil, quiet), Logger: quiet})),
		boxes: &mbox.Mailboxes{Paths: []string{mails}, Limit: 1 << 20, Digest: ring.Digest}, flags: flags{inbox: "support"},
		now: func() time.Time {
			if n++; n == read {
				cancel()
			}
			return time.Now()
		}}
	im.sink.Rate = 4 * lot
	if err := im.run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	im.sum()
	want := Result{Inbox: "support", Mails: read, ImportCounts: receive.ImportCounts{Recorded: lot}, Unrecorded: read - lot}
	if diff := cmp.Diff(want, im.result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	var out strings.Builder
	if err := im.result.print(&out, false); err != nil || !strings.Contains(out.String(), "4 of those read were not recorded") {
		t.Errorf("told %v: %s", err, out.String())
	}
}
