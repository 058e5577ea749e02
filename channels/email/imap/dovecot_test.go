package imap

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/channels/meta"
)

// dovecotConfig is the configuration of a fetcher on that server's INBOX.
func dovecotConfig(s *dovecot.Server) Config {
	return testConfig(s.Addr, s.User, s.Password)
}

func testConfig(addr, user, password string) Config {
	host, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	return Config{
		Inbox: "support-mail", Host: host, Port: n, TLS: Plain, User: user, Password: password,
		IdleFor: 20 * time.Second, CommandTimeout: 10 * time.Second, ConnectTimeout: 5 * time.Second,
	}
}

func newFetcher(t testing.TB, cfg Config) *Fetcher {
	t.Helper()
	f, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	f.retry = func(int) time.Duration { return time.Millisecond }
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func testMail(n int) []byte {
	return fmt.Appendf(nil, "From: c%d@example.com\r\nTo: support@example.org\r\nSubject: mail %d\r\nMessage-ID: <%d@example.com>\r\n\r\nbody of %d\r\n", n, n, n, n)
}

// fetch fetches once and fails the test on an error.
func fetch(t testing.TB, f *Fetcher, after channels.Cursor) channels.Batch {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	b, err := f.Fetch(ctx, after)
	if err != nil {
		t.Fatalf("fetching after %s: %v", after, err)
	}
	return b
}

// drain fetches until n deliveries have come, passing over errors that are temporary.
func drain(t testing.TB, f *Fetcher, after channels.Cursor, n int) ([]channels.Delivery, channels.Cursor) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var all []channels.Delivery
	for len(all) < n {
		b, err := f.Fetch(ctx, after)
		if err != nil {
			if ctx.Err() != nil {
				t.Fatalf("got %d of %d deliveries: %v", len(all), n, err)
			}
			if e := emailtest.Error(t, err); e.Class != channels.Temporary {
				t.Fatal(err)
			}
			continue
		}
		all = append(all, b.Deliveries...)
		if b.Next != nil {
			after = b.Next
		}
	}
	return all, after
}

func cursorOf(t testing.TB, raw channels.Cursor) cursor {
	t.Helper()
	c, err := decodeCursor(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func raws(ds []channels.Delivery) []string {
	var out []string
	for _, d := range ds {
		out = append(out, string(d.Raw))
	}
	return out
}

func keys(ds []channels.Delivery) []string {
	var out []string
	for _, d := range ds {
		out = append(out, d.Key)
	}
	return out
}

func TestDovecotHistoryIsLeftAndNewMailComesPromptly(t *testing.T) {
	s := dovecot.Start(t)
	s.Deliver(s.User, testMail(1))
	f := newFetcher(t, dovecotConfig(s))

	first := fetch(t, f, nil)
	if len(first.Deliveries) != 0 || cursorOf(t, first.Next).Last != 1 {
		t.Fatalf("first fetch = %+v, want no deliveries and the cursor at UID 1", first)
	}
	type result struct {
		b  channels.Batch
		at time.Time
	}
	done := make(chan result, 1)
	go func() {
		b, _ := f.Fetch(t.Context(), first.Next)
		done <- result{b, time.Now()}
	}()
	waitForIdle(t, f)
	put := time.Now()
	s.Deliver(s.User, testMail(2))
	r := <-done
	if diff := cmp.Diff([]string{string(testMail(2))}, raws(r.b.Deliveries)); diff != "" {
		t.Fatalf("deliveries (-want +got):\n%s", diff)
	}
	if took := r.at.Sub(put); took > 3*time.Second {
		t.Errorf("the mail was seen after %v, want IDLE to tell of it at once", took)
	}
	d := r.b.Deliveries[0]
	if d.Inbox != "support-mail" || d.Channel != "email" || d.Meta[meta.Folder] != "INBOX" || time.Since(d.At) > time.Minute {
		t.Errorf("delivery = %+v", d)
	}
}

// waitForIdle returns once the fetcher's connection is selected and quiet.
func waitForIdle(t *testing.T, f *Fetcher) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if !f.fetching.TryLock() {
			// The search is over in a few milliseconds; a mail that comes earlier is found as well.
			time.Sleep(100 * time.Millisecond)
			return
		}
		f.fetching.Unlock()
	}
	t.Fatal("Fetch does not run")
}

func TestDovecotLargeMailboxComesOnceInOrderOverRestarts(t *testing.T) {
	const n = 10000
	s := dovecot.Start(t)
	for i := range n {
		s.Deliver(s.User, testMail(i+1))
	}
	cfg := dovecotConfig(s)
	cfg.Since = time.Now().Add(-time.Hour)
	var cursor channels.Cursor
	var got []channels.Delivery
	for restarts := 0; len(got) < n; restarts++ {
		f := newFetcher(t, cfg)
		for range 20 {
			b := fetch(t, f, cursor)
			got = append(got, b.Deliveries...)
			if b.Next != nil {
				cursor = b.Next
			}
			if len(got) >= n {
				break
			}
		}
		// The last batch is lost with the process: it must come again, the same.
		if restarts == 1 {
			lost := fetch(t, f, cursor)
			again := fetch(t, f, cursor)
			if diff := cmp.Diff(keys(lost.Deliveries), keys(again.Deliveries)); diff != "" {
				t.Fatalf("fetched again (-want +got):\n%s", diff)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != n {
		t.Fatalf("got %d mails, want %d", len(got), n)
	}
	seen := map[string]bool{}
	for i, d := range got {
		if want := testMail(i + 1); !bytes.Equal(d.Raw, want) {
			t.Fatalf("mail %d is %q, want %q", i, d.Raw, want)
		}
		seen[d.Key] = true
	}
	if len(seen) != n {
		t.Errorf("got %d different keys, want %d", len(seen), n)
	}
}

func TestDovecotSurvivesKilledServer(t *testing.T) {
	s := dovecot.Start(t)
	f := newFetcher(t, dovecotConfig(s))
	cursor := fetch(t, f, nil).Next
	s.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := f.Fetch(ctx, cursor)
	if e := emailtest.Error(t, err); e.Class != channels.Temporary {
		t.Errorf("class = %q, want Temporary", e.Class)
	}
	s.Restart()
	s.Deliver(s.User, testMail(1))
	got, _ := drain(t, f, cursor, 1)
	if diff := cmp.Diff([]string{string(testMail(1))}, raws(got)); diff != "" {
		t.Errorf("after the restart (-want +got):\n%s", diff)
	}
}

func TestDovecotKilledSessionEndsIdle(t *testing.T) {
	s := dovecot.Start(t)
	f := newFetcher(t, dovecotConfig(s))
	cursor := fetch(t, f, nil).Next
	done := make(chan error, 1)
	go func() {
		_, err := f.Fetch(t.Context(), cursor)
		done <- err
	}()
	waitForIdle(t, f)
	if s.KillSessions() == 0 {
		t.Fatal("no session to kill")
	}
	if e := emailtest.Error(t, <-done); e.Class != channels.Temporary {
		t.Errorf("class = %q, want Temporary", e.Class)
	}
	s.Deliver(s.User, testMail(1))
	if got, _ := drain(t, f, cursor, 1); len(got) != 1 {
		t.Errorf("got %d mails", len(got))
	}
}

func TestDovecotNewUIDValidityBringsWhatIsMissing(t *testing.T) {
	s := dovecot.Start(t)
	long := time.Now().Add(-30 * 24 * time.Hour)
	s.DeliverAt(s.User, testMail(1), long) // history
	f := newFetcher(t, dovecotConfig(s))
	cursor := fetch(t, f, nil).Next
	s.Deliver(s.User, testMail(2))
	got, cursor := drain(t, f, cursor, 1)

	s.SetUIDValidity(s.User, 777777)
	s.Deliver(s.User, testMail(3))
	more, cursor := drain(t, f, cursor, 2)
	if diff := cmp.Diff([]string{string(testMail(2)), string(testMail(3))}, raws(more)); diff != "" {
		t.Errorf("after the change (-want +got):\n%s", diff)
	}
	if more[0].Key == got[0].Key {
		t.Errorf("key %q names two epochs", more[0].Key)
	}
	c := cursorOf(t, cursor)
	if c.UIDValidity != 777777 || len(c.Epochs) != 1 {
		t.Errorf("cursor = %+v, want the new epoch", c)
	}
	for i := range uint32(2) {
		s.SetUIDValidity(s.User, 777778+i)
		_, cursor = drain(t, f, cursor, 2)
	}
	s.SetUIDValidity(s.User, 888888)
	var e *channels.Error
	for range 3 { // the open connection may end first
		_, err := f.Fetch(t.Context(), cursor)
		if e = emailtest.Error(t, err); e.Class != channels.Temporary {
			break
		}
	}
	if e.Class != channels.Permanent || e.After <= 0 {
		t.Errorf("the fourth change in a day gives %+v, want a Permanent error with a wait", e)
	}
}

func TestDovecotOtherClientReadsAndDeletes(t *testing.T) {
	const n = 600
	s := dovecot.Start(t)
	for i := range n {
		s.Deliver(s.User, testMail(i+1))
	}
	cfg := dovecotConfig(s)
	cfg.Since, cfg.Batch = time.Now().Add(-time.Hour), 20
	f := newFetcher(t, cfg)
	cursor := fetch(t, f, nil).Next

	// Between our batches a person reads mails and deletes some that we have seen already, some
	// that we have found and not fetched, and some that we have not found yet.
	removed := map[int]bool{}
	seen := map[string]int{}
	for at := 20; at < n-150; at += 40 {
		for range 2 {
			b := fetch(t, f, cursor)
			cursor = b.Next
			for _, d := range b.Deliveries {
				seen[string(d.Raw)]++
			}
		}
		last := int(cursorOf(t, cursor).Last)
		s.Doveadm("flags", "add", "-u", s.User, `\Seen \Answered`, "mailbox", "INBOX", "UID", fmt.Sprintf("1:%d", last+5))
		for _, uid := range []int{last - 1, last + 1, last + 5, last + 130} {
			removed[uid] = removed[uid] || uid > last
			s.Doveadm("expunge", "-u", s.User, "mailbox", "INBOX", "UID", strconv.Itoa(uid))
		}
	}
	rest, cursor := drain(t, f, cursor, n-len(removed)-len(seen))
	for _, d := range rest {
		seen[string(d.Raw)]++
	}
	for i := 1; i <= n; i++ {
		want := 1
		if removed[i] {
			want = 0
		}
		if got := seen[string(testMail(i))]; got != want {
			t.Errorf("mail %d came %d times, want %d", i, got, want)
		}
	}
	if c := cursorOf(t, cursor); len(c.Pending) != 0 || c.Last != n || c.Gone == 0 {
		t.Errorf("cursor = %+v, want all of them passed and nothing pending", c)
	}
}

func TestDovecotReconcileFindsWhatIsNotRecorded(t *testing.T) {
	s := dovecot.Start(t)
	s.Deliver(s.User, testMail(1)) // history
	f := newFetcher(t, dovecotConfig(s))
	if b, count, err := f.Reconcile(t.Context(), time.Now().Add(-time.Hour), nothingRecorded); err != nil || len(b.Deliveries) != 0 || count.Source != 0 {
		t.Fatalf("before the first fetch: %v, %v, %v", b, count, err)
	}
	cursor := fetch(t, f, nil).Next
	for i := 2; i <= 5; i++ {
		s.Deliver(s.User, testMail(i))
	}
	got, _ := drain(t, f, cursor, 4)
	recorded := func(_ context.Context, keys []string) (map[string]bool, error) {
		known := map[string]bool{}
		for _, k := range keys {
			known[k] = k != got[1].Key
		}
		return known, nil
	}
	b, count, err := f.Reconcile(t.Context(), time.Now().Add(-48*time.Hour), recorded)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]channels.Delivery{got[1]}, b.Deliveries); diff != "" {
		t.Errorf("missing mails (-want +got):\n%s", diff)
	}
	if want := (channels.Count{Source: 4, Recorded: 3}); count != want {
		t.Errorf("count = %+v, want %+v", count, want)
	}
}

func nothingRecorded(context.Context, []string) (map[string]bool, error) { return nil, nil }

func TestDovecotMarkFlagsOrMovesOnce(t *testing.T) {
	s := dovecot.Start(t)
	s.Doveadm("mailbox", "create", "-u", s.User, "Done")
	for _, c := range []struct{ action, flags, box string }{
		{PostSeen, `\Seen`, "INBOX"},
		{"flag:Frontdesk", "Frontdesk", "INBOX"},
		{"move:Done", "", "Done"},
	} {
		t.Run(c.action, func(t *testing.T) {
			cfg := dovecotConfig(s)
			cfg.PostAction = c.action
			f := newFetcher(t, cfg)
			cursor := fetch(t, f, nil).Next
			s.Deliver(s.User, []byte("Subject: "+c.action+"\r\n\r\nx\r\n"))
			got, _ := drain(t, f, cursor, 1)
			for range 2 {
				if err := f.Mark(t.Context(), got[0].Key); err != nil {
					t.Fatal(err)
				}
			}
			out := s.Doveadm("fetch", "-u", s.User, "flags hdr.subject", "mailbox", c.box, "header", "Subject", c.action)
			if n := bytes.Count([]byte(out), []byte("hdr.subject: ")); n != 1 || !bytes.Contains([]byte(out), []byte(c.flags)) {
				t.Errorf("in %s: %q, want the mail once, with %q", c.box, out, c.flags)
			}
			if err := f.Mark(t.Context(), "INBOX:1:1"); err != nil {
				t.Errorf("marking a mail of another epoch: %v", err)
			}
		})
	}
}

func TestDovecotProbeAndWrongPassword(t *testing.T) {
	s := dovecot.Start(t)
	s.Deliver(s.User, testMail(1))
	f := newFetcher(t, dovecotConfig(s))
	seen, err := f.Probe(t.Context())
	if err != nil || !bytes.Contains([]byte(seen), []byte("INBOX: 1 mails")) {
		t.Errorf("Probe = %q, %v", seen, err)
	}
	cfg := dovecotConfig(s)
	cfg.Password = "not-the-password"
	_, err = newFetcher(t, cfg).Probe(t.Context())
	e := emailtest.Error(t, err)
	if e.Class != channels.Unauthorized || e.Code != "NO AUTHENTICATIONFAILED" {
		t.Errorf("wrong password gives %+v", e)
	}
}

func TestDovecotFolderNamesAreKeptApart(t *testing.T) {
	s := dovecot.Start(t)
	for _, folder := range []string{"客户", "a:b", "100%"} {
		s.Doveadm("mailbox", "create", "-u", s.User, folder)
		cfg := dovecotConfig(s)
		cfg.Folder, cfg.Since = folder, time.Now().Add(-time.Hour)
		cfg.PostAction = PostSeen
		f := newFetcher(t, cfg)
		s.Deliver(s.User, testMail(1))
		s.Doveadm("move", "-u", s.User, folder, "mailbox", "INBOX", "ALL")
		got, _ := drain(t, f, nil, 1)
		k, err := parseKey(got[0].Key)
		if err != nil || k.folder != folder {
			t.Errorf("key %q names folder %q (%v), want %q", got[0].Key, k.folder, err, folder)
		}
		if err := f.Mark(t.Context(), got[0].Key); err != nil {
			t.Error(err)
		}
	}
}

// Scenario: an outage of more than 24 hours must not cost a mail.
func TestDovecotOutageOfThreeDays(t *testing.T) {
	const n = 2000
	s := dovecot.Start(t)
	f := newFetcher(t, dovecotConfig(s))
	cursor := fetch(t, f, nil).Next
	_ = f.Close()
	begun := time.Now().Add(-72 * time.Hour).Truncate(time.Second)
	at := func(i int) time.Time { return begun.Add(time.Duration(i) * 72 * time.Hour / n).Truncate(time.Second) }
	for i := range n {
		s.DeliverAt(s.User, testMail(i), at(i))
	}
	got, _ := drain(t, newFetcher(t, dovecotConfig(s)), cursor, n)
	for i, d := range got {
		if !bytes.Equal(d.Raw, testMail(i)) || !d.At.Equal(at(i)) {
			t.Fatalf("mail %d is %q of %v, want %q of %v", i, d.Raw, d.At, testMail(i), at(i))
		}
	}
	if len(got) != n {
		t.Errorf("got %d mails, want %d", len(got), n)
	}
}
