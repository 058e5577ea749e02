package imap

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/channels/email/internal/emailtest"
)

// faultyProxy stands between client and Dovecot. limit is how many octets of the server's it passes
// on to a connection before it cuts the line, or stops to pass anything when hole is set.
type faultyProxy struct {
	net.Listener
	to    string
	limit atomic.Int64
	hole  atomic.Bool
}

func newFaultyProxy(t *testing.T, to string) *faultyProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &faultyProxy{Listener: l, to: to}
	p.limit.Store(1 << 40)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { p.serve(ctx, client) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); cancel(); wg.Wait() })
	return p
}

func (p *faultyProxy) serve(ctx context.Context, client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer server.Close()
	stop := context.AfterFunc(ctx, func() { _ = client.Close(); _ = server.Close() })
	defer stop()
	go func() { _, _ = io.Copy(server, client) }()
	passed, buf := int64(0), make([]byte, 4096)
	for {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		limit := p.limit.Load()
		if passed+int64(n) > limit {
			_, _ = client.Write(buf[:max(0, limit-passed)])
			if p.hole.Load() {
				<-ctx.Done()
			}
			return
		}
		passed += int64(n)
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// Scenario: the poller hangs or dies silently.
func TestDovecotCutOrBlackHoledMidLiteral(t *testing.T) {
	for name, hole := range map[string]bool{"cut": false, "black hole": true} {
		t.Run(name, func(t *testing.T) {
			s := dovecot.Start(t)
			const n = 40
			mail := func(i int) []byte {
				return slices.Concat(testMail(i+1), bytes.Repeat([]byte("0123456789\r\n"), 2000))
			}
			for i := range n {
				s.Deliver(s.User, mail(i))
			}
			p := newFaultyProxy(t, s.Addr)
			cfg := testConfig(p.Addr().String(), s.User, s.Password)
			cfg.Since, cfg.CommandTimeout = time.Now().Add(-time.Hour), 500*time.Millisecond
			f := newFetcher(t, cfg)
			cursor := fetch(t, f, nil).Next
			p.hole.Store(hole)
			p.limit.Store(300_000) // in the thirteenth mail
			var got []channels.Delivery
			faults := 0
			for len(got) < n {
				begun := time.Now()
				b, err := f.Fetch(t.Context(), cursor)
				if took := time.Since(begun); took > 3*time.Second {
					t.Fatalf("Fetch took %v", took)
				}
				if err != nil {
					faults++
					if e := emailtest.Error(t, err); e.Class != channels.Temporary {
						t.Fatal(err)
					}
					continue
				}
				got = append(got, b.Deliveries...)
				cursor = b.Next
				if len(got) > n/2 {
					p.limit.Store(1 << 40)
				}
			}
			for i, d := range got {
				if !bytes.Equal(d.Raw, mail(i)) || d.Cause != "" {
					t.Fatalf("mail %d is %.80q with %d octets", i+1, d.Raw, len(d.Raw))
				}
			}
			if c := cursorOf(t, cursor); len(got) != n || len(c.Pending) > 0 {
				t.Errorf("got %d mails, pending %v, faults %d", len(got), c.Pending, faults)
			}
		})
	}
}

func BenchmarkDovecotPull10000(b *testing.B) {
	const n = 10000
	s := dovecot.Start(b)
	filler := bytes.Repeat([]byte("All work and no play makes a dull mail of the usual size.\r\n"), 330)
	for i := range n {
		s.Deliver(s.User, slices.Concat(testMail(i+1), filler))
	}
	cfg := dovecotConfig(s)
	cfg.Since = time.Now().Add(-time.Hour)
	for first := true; b.Loop(); {
		if first { // Dovecot builds its index once
			first = false
			b.StopTimer()
			benchPull(b, cfg, n)
			b.StartTimer()
		}
		b.SetBytes(benchPull(b, cfg, n))
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "mails/s")
}

func benchPull(b *testing.B, cfg Config, n int) int64 {
	b.Helper()
	f := newFetcher(b, cfg)
	defer f.Close()
	var cursor channels.Cursor
	var count int
	var bytes int64
	for count < n {
		batch := fetch(b, f, cursor)
		count += len(batch.Deliveries)
		for _, d := range batch.Deliveries {
			bytes += int64(len(d.Raw))
		}
		cursor = batch.Next
	}
	if !json.Valid(cursor) {
		b.Fatal("the cursor is no JSON")
	}
	return bytes
}
