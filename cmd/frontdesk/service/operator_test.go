package service

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/channels/guard"
)

// TestATokenOfSomebodyElseIsRefused: one that lay there before the first start, or that others could read.
func TestATokenOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	good := strings.Repeat("q7Zt2mVb9L", 4) + "x1Y"
	for name, put := range map[string]func(path string) error{
		"readable by others":    func(p string) error { return os.WriteFile(p, []byte(good), 0o644) },
		"readable by its group": func(p string) error { return os.WriteFile(p, []byte(good), 0o640) },
		"empty":                 func(p string) error { return os.WriteFile(p, nil, 0o600) },
		"of a person's making":  func(p string) error { return os.WriteFile(p, []byte("operator"), 0o600) },
		"of another user": func(p string) error {
			return errors.Join(os.WriteFile(p, []byte(good), 0o600), os.Chown(p, 65534, 65534))
		},
		"a link to another file": func(p string) error {
			return errors.Join(os.WriteFile(p+".x", []byte(good), 0o600), os.Symlink(p+".x", p))
		},
		"a folder": func(p string) error { return os.Mkdir(p, 0o700) },
	} {
		c := testConfig(t)
		if err := put(TokenFile(c.DataDir)); err != nil {
			if name == "of another user" && os.Geteuid() != 0 {
				continue
			}
			t.Fatal(err)
		}
		if token, err := openToken(c); err == nil || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("one that is %s: %+v, %v", name, token, err)
		}
	}
	c := testConfig(t)
	if err := os.WriteFile(TokenFile(c.DataDir), []byte(good+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if token, err := openToken(c); err != nil || token.text != good || token.fresh {
		t.Errorf("a token of ours: %+v, %v", token, err)
	}
}

// TestAStartThatFailsShowsItsTokenNextTime: what nobody was shown is not kept.
func TestAStartThatFailsShowsItsTokenNextTime(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	a, err := New(t.Context(), c, Options{Logger: NewLogger(c.Log, new(slog.LevelVar), io.Discard)})
	if err != nil || !a.token.fresh {
		t.Fatalf("%v", err)
	}
	a.Close()
	if _, err := os.Stat(TokenFile(c.DataDir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the token was kept: %v", err)
	}
}

// TestConnectionsToTheOperatorsListenerEnd: whoever says nothing, half of something, or does not read.
func TestConnectionsToTheOperatorsListenerEnd(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) //nolint:errcheck // as far as it comes
		for range 1000 {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	done := make(chan error, 1)
	go func() {
		done <- serveOperator(ctx, l, h, operatorTimes{header: time.Second, read: time.Second, write: time.Second, idle: time.Second})
	}()
	for name, said := range map[string]string{
		"nothing": "", "half a header": "GET / HTTP/1.1\r\nHost: x\r\nX-A", "half a body": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc", "and does not read": "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, said); err != nil {
			t.Fatal(err)
		}
		if name == "and does not read" {
			time.Sleep(3 * time.Second) // its writer has given up by then
		}
		if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) || n >= 1000*64<<10 {
			t.Errorf("who says %s: %d bytes, %v", name, n, err)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// stillConn is a connection that only knows where it is from.
type stillConn struct {
	net.Conn
	from   string
	closed bool
}

func (c *stillConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(c.from), Port: 1} }

// stillListener hands out what is put into it.
type stillListener chan net.Conn

func (l stillListener) Accept() (net.Conn, error) {
	select {
	case c := <-l:
		return c, nil
	default:
		return nil, io.EOF
	}
}

func (c *stillConn) Close() error { c.closed = true; return nil }

func (stillListener) Close() error   { return nil }
func (stillListener) Addr() net.Addr { return &net.TCPAddr{} }

// letIn is the state of a connection whose request was let in, which net/http knows nothing of.
const letIn = http.ConnState(99)

// TestSilentConnectionsCloseThePageToNobody: who comes on top of many that say nothing takes the place of the oldest of them,
// and one machine takes places from itself alone.
func TestSilentConnectionsCloseThePageToNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := operatorLimits()
		limits.All, limits.Address = 8, 4
		queue := make(stillListener, 1)
		l := guard.Listen(queue, limits)
		guarded := map[*stillConn]net.Conn{}
		come := func(from string, state http.ConnState) *stillConn {
			conn := &stillConn{from: from}
			queue <- conn
			c, err := l.Accept()
			if err != nil {
				return conn // no place was found for it
			}
			guarded[conn] = c
			if state != http.StateNew && state != letIn {
				rested(c, state)
			}
			if state == letIn {
				rested(c, http.StateActive)
				admitted(httptest.NewRequest(http.MethodGet, "/", nil).WithContext(guard.Context(t.Context(), c)))
			}
			time.Sleep(time.Millisecond)
			return conn
		}
		at := come("127.0.0.1", letIn)
		var silent []*stillConn
		for i := range 7 {
			silent = append(silent, come("127.0.0.1", []http.ConnState{http.StateNew, http.StateActive}[i%2]))
		}
		operator := come("127.0.0.1", letIn)
		if !silent[0].closed || silent[1].closed || at.closed || operator.closed {
			t.Error("a page was not let in before the silent ones")
		}
		var flood []*stillConn
		for range 3 {
			flood = append(flood, come("2001:db8::1", letIn), come("2001:db8::2", letIn))
		}
		open := 0
		for _, f := range flood {
			if !f.closed {
				open++
			}
		}
		if open != 4 || at.closed || operator.closed {
			t.Errorf("%d connections of one machine are open, want 4", open)
		}
		for range 100 {
			come("127.0.0.1", http.StateIdle)
		}
		if open, _, _ := l.Counts(); open > 8 || at.closed || operator.closed {
			t.Errorf("%d connections are held", open)
		}
		before, _, _ := l.Counts()
		guarded[at].Close()
		rested(guarded[at], http.StateIdle)
		if open, _, _ := l.Counts(); open != before-1 {
			t.Error("a closed connection is held")
		}
	})
}
