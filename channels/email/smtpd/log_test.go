package smtpd

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSMTPLogSaysWhatHappened: constant words, the cause, a panic's stack, and neither a bare format nor an address.
func TestSMTPLogSaysWhatHappened(t *testing.T) {
	client := &net.TCPAddr{IP: net.IPv4(203, 0, 113, 9), Port: 4711}
	for _, c := range []struct {
		name, format string
		values       []any
		want         string
	}{
		{"a session that the client broke off", "error handling %v: %s", []any{client, &net.OpError{Op: "read", Net: "tcp", Addr: client, Err: os.NewSyscallError("read", syscall.ECONNRESET)}},
			`level=WARN msg="smtp session failed" error="the client broke the connection off"`},
		{"a handshake of no TLS", "error handling %v: %s", []any{client, tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}}, `error="the client did not speak TLS"`},
		{"a client that trusts us not", "error handling %v: %s", []any{client, &net.OpError{Op: "remote error", Err: tls.AlertError(42)}}, `error="the TLS handshake failed"`},
		{"a session that talks without end", "error handling %v: %s", []any{client, errChatter}, `error="too many commands without a message"`},
		{"an error nobody has seen", "error handling %v: %s", []any{client, errors.New("203.0.113.9 said secret")}, `error=*errors.errorString`},
		{"a panic", "panic serving %v: %v\n%s", []any{client, "index out of range with secret", []byte("goroutine 1")}, `level=ERROR msg="smtp session panicked" stack="goroutine 1"`},
		{"a panic with an error", "panic serving %v: %v\n%s", []any{client, errors.New("secret"), []byte("goroutine 1")}, `stack="goroutine 1"`},
		{"no more files", "accept error: %s; retrying in %s", []any{&net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}, time.Second}, `error="too many open files"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			log{slog.New(slog.NewTextHandler(&out, nil))}.Printf(c.format, c.values...)
			got := out.String()
			if !strings.Contains(got, c.want) || strings.ContainsAny(got, "%") || strings.Contains(got, "203.0.113.9") || strings.Contains(got, "secret") {
				t.Errorf("logged %s", got)
			}
		})
	}
}

// TestAnSMTPSessionThatFailsIsLoggedInWords: with the library as it is.
func TestAnSMTPSessionThatFailsIsLoggedInWords(t *testing.T) {
	read, write := io.Pipe()
	defer write.Close()
	r := start(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(write, nil)) })
	c := dial(t, r.addr).greet()
	go io.Copy(io.Discard, c.r)
	go func() {
		for {
			if _, err := io.WriteString(c.Conn, strings.Repeat("NOOP\r\n", 1<<10)); err != nil {
				return
			}
		}
	}()
	line := make([]byte, 1024)
	n, err := read.Read(line)
	if got := string(line[:n]); err != nil || !strings.Contains(got, `msg="smtp session failed" error="too many commands without a message"`) {
		t.Errorf("logged %s, %v", fmt.Sprintf("%q", got), err)
	}
	go io.Copy(io.Discard, read)
}
