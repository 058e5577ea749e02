package dovecot

import (
	"bufio"
	"net"
	"strings"
	"testing"
	"time"
)

func TestServerDeliversAndRestarts(t *testing.T) {
	s := Start(t)
	s.Deliver(s.User, []byte("Subject: one\r\n\r\nhello\r\n"))
	if got := status(t, s); !strings.Contains(got, "MESSAGES 1") {
		t.Errorf("status = %q, want one message", got)
	}
	s.SetUIDValidity(s.User, 4711)
	s.Kill()
	if _, err := net.DialTimeout("tcp", s.Addr, time.Second); err == nil {
		t.Error("the server still answers after Kill")
	}
	s.Restart()
	if got := status(t, s); !strings.Contains(got, "UIDVALIDITY 4711") {
		t.Errorf("status = %q, want the new UIDVALIDITY", got)
	}
}

func status(t *testing.T, s *Server) string {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = conn.Write([]byte("a LOGIN " + s.User + " " + s.Password + "\r\nb STATUS INBOX (MESSAGES UIDVALIDITY)\r\n"))
	for in := bufio.NewScanner(conn); in.Scan(); {
		if strings.HasPrefix(in.Text(), "* STATUS") {
			return in.Text()
		}
	}
	return ""
}
