package imap

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// fuzz answers each command of a client with the next piece of a script, TAG standing for the
// command's tag, and hangs up when the script is over.
type fuzz struct {
	net.Listener
	mu     sync.Mutex
	script []string
	conns  sync.WaitGroup
}

func newFuzz(f *testing.F) *fuzz {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	s := &fuzz{Listener: l}
	s.conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.conns.Go(func() { s.serve(c) })
		}
	})
	f.Cleanup(func() {
		_ = l.Close()
		s.conns.Wait()
	})
	return s
}

func (s *fuzz) next() (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.script) == 0 {
		return "", false
	}
	piece := s.script[0]
	s.script = s.script[1:]
	return piece, true
}

func (s *fuzz) serve(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(c, "* OK [CAPABILITY IMAP4rev1] ready\r\n")
	line := make([]byte, 4096)
	for {
		n, err := c.Read(line)
		if err != nil {
			return
		}
		tag, rest, _ := strings.Cut(strings.TrimSpace(string(line[:n])), " ")
		if strings.HasPrefix(rest, "LOGIN") {
			_, _ = io.WriteString(c, tag+" OK [CAPABILITY IMAP4rev1 IDLE] in\r\n")
			continue
		}
		piece, ok := s.next()
		if !ok {
			return
		}
		_, _ = io.WriteString(c, strings.ReplaceAll(piece, "TAG", tag))
	}
}

// FuzzIMAPServer lets a server say foreign bytes: Fetch returns in time, and what it hands over is
// what a store can keep, with a bookmark that it can read again.
func FuzzIMAPServer(f *testing.F) {
	examine := "* 1 EXISTS\r\n* OK [UIDVALIDITY 42] x\r\n* OK [UIDNEXT 9] x\r\nTAG OK done\r\n"
	for _, script := range []string{
		examine + "\x00* SEARCH 3 4\r\nTAG OK done\r\n\x00* 1 FETCH (UID 3 RFC822.SIZE 12 INTERNALDATE \"17-Jul-2025 02:44:25 +0000\")\r\nTAG OK done\r\n\x00* 1 FETCH (UID 3 BODY[] {12}\r\nSubject: x\r\n)\r\nTAG OK done\r\n",
		examine + "\x00* SEARCH 3\r\nTAG OK done\r\n\x00* 1 FETCH (UID 3 RFC822.SIZE 12 INTERNALDATE \"17-Jul-2025 02:44:25 +0000\")\r\nTAG OK done\r\n\x00* 1 FETCH (UID 3 BODY[] {999999999}\r\nSubj",
		examine + "\x00* SEARCH 4294967295 0 -1\r\nTAG OK done\r\n\x00* 9999999999 FETCH (UID 0 RFC822.SIZE -1)\r\nTAG NO [LIMIT] no\r\n",
		"* 1 EXISTS\r\n* OK [UIDVALIDITY 0] x\r\nTAG OK done\r\n\x00* BYE\r\n",
		"TAG BAD what\r\n", "* LIST (\\Noselect) \"/\" {5}\r\nabc",
		examine + "\x00* ESEARCH (TAG \"TAG\") UID ALL 1:4294967295\r\n* SEARCH 1 2 3\r\nTAG OK done\r\n",
	} {
		f.Add([]byte(script))
	}
	server := newFuzz(f)
	cfg := testConfig(server.Addr().String(), "support", "test-password")
	cfg.CommandTimeout, cfg.ConnectTimeout, cfg.IdleFor = 40*time.Millisecond, 40*time.Millisecond, 20*time.Millisecond
	cfg.Since = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, script []byte) {
		server.mu.Lock()
		server.script = strings.SplitN(string(script), "\x00", 16)
		server.mu.Unlock()
		fetcher := newFetcher(t, cfg)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		after, err := cursor{UIDValidity: 42, Last: 1}.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := fetcher.Fetch(ctx, after)
		if ctx.Err() != nil {
			t.Fatal("the fetcher stalls")
		}
		if err != nil && len(got.Deliveries) > 0 {
			t.Errorf("%d deliveries beside an error", len(got.Deliveries))
		}
		for _, d := range got.Deliveries {
			key, err := parseKey(d.Key)
			if err != nil || key.uid == 0 || d.At.IsZero() || len(d.Raw) > len(script) {
				t.Errorf("delivery %q of %d bytes at %v: %v", d.Key, len(d.Raw), d.At, err)
			}
		}
		if got.Next != nil {
			if _, err := decodeCursor(got.Next); err != nil {
				t.Errorf("a bookmark that cannot be read: %v", err)
			}
		}
	})
}

// FuzzIMAPKey reads foreign delivery keys, as the outbox gives them back: what is read is written the
// same again.
func FuzzIMAPKey(f *testing.F) {
	f.Add("INBOX:42:7")
	f.Add("A%2FB:42.1:4294967295")
	f.Add("::")
	f.Fuzz(func(t *testing.T, key string) {
		k, err := parseKey(key)
		if err != nil || !utf8.ValidString(k.folder) {
			return
		}
		if strings.EqualFold(k.folder, "INBOX") { // known without case (RFC 9051 §5.1)
			k.folder = "INBOX"
		}
		again, err := parseKey(cursor{UIDValidity: k.validity, Turn: k.turn}.key(k.folder, k.uid))
		if err != nil || again != k {
			t.Errorf("%q is %+v, written again it is %+v, %v", key, k, again, err)
		}
	})
}
