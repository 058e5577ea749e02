package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"frontdesk/channels/channelstest/dovecot"
)

// tokenWire stands before a Dovecot that knows passwords only and takes XOAUTH2 instead.
type tokenWire struct {
	addr   string
	issuer *issuer
	server *dovecot.Server

	mu    sync.Mutex
	conns []net.Conn
}

func newTokenWire(t testing.TB, d *dovecot.Server, s *issuer) *tokenWire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &tokenWire{addr: l.Addr().String(), issuer: s, server: d}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { w.carry(conn) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		w.cut()
		wg.Wait()
	})
	return w
}

func (w *tokenWire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

// carry greets, reads commands until a token is good, signs in with the password in its place and
// passes everything on from there.
func (w *tokenWire) carry(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.server.Addr)
	if err != nil {
		return
	}
	defer server.Close()
	w.mu.Lock()
	w.conns = append(w.conns, client, server)
	w.mu.Unlock()
	up, down := bufio.NewReader(client), bufio.NewReader(server)
	if _, err := down.ReadString('\n'); err != nil {
		return
	}
	const caps = "CAPABILITY IMAP4rev1 SASL-IR ID IDLE AUTH=XOAUTH2"
	fmt.Fprintf(client, "* OK [%s] ready\r\n", caps)
	for {
		line, err := up.ReadString('\n')
		if err != nil {
			return
		}
		tag, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		verb, arg, _ := strings.Cut(rest, " ")
		switch strings.ToUpper(verb) {
		case "CAPABILITY":
			fmt.Fprintf(client, "* %s\r\n%s OK done\r\n", caps, tag)
		case "ID":
			fmt.Fprintf(client, "* ID NIL\r\n%s OK done\r\n", tag)
		case "AUTHENTICATE":
			user, token := xoauth2(strings.TrimPrefix(arg, "XOAUTH2 "))
			if user == "" || w.issuer.owner(token) != user {
				fmt.Fprintf(client, "%s NO [AUTHENTICATIONFAILED] Invalid credentials\r\n", tag)
				continue
			}
			fmt.Fprintf(server, "%s LOGIN %s %s\r\n", tag, user, w.server.Password)
			var both sync.WaitGroup
			both.Go(func() { defer server.Close(); io.Copy(server, up) })
			both.Go(func() { defer client.Close(); io.Copy(client, down) })
			both.Wait()
			return
		default:
			fmt.Fprintf(client, "%s BAD sign in first\r\n", tag)
		}
	}
}

// xoauth2 reads "user=NAME^Aauth=Bearer TOKEN^A^A".
func xoauth2(initial string) (user, token string) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(initial))
	if err != nil {
		return "", ""
	}
	for _, part := range strings.Split(string(raw), "\x01") {
		if v, ok := strings.CutPrefix(part, "user="); ok {
			user = v
		}
		if v, ok := strings.CutPrefix(part, "auth=Bearer "); ok {
			token = v
		}
	}
	return user, token
}
