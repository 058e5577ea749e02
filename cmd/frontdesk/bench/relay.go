package bench

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
)

// relay is the mail server that the service sends through: it takes every mail and drops it. It speaks only so much SMTP that it
// takes next to nothing of the machine that is measured.
type relay struct {
	listener net.Listener
	wait     sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func startRelay() (*relay, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the mail relay: %w", err)
	}
	r := &relay{listener: l, conns: map[net.Conn]struct{}{}}
	r.wait.Go(r.serve)
	return r, nil
}

func (r *relay) addr() string { return r.listener.Addr().String() }

func (r *relay) close() {
	_ = r.listener.Close() // ends serve
	r.mu.Lock()
	for c := range r.conns {
		_ = c.Close() // ends its session
	}
	r.mu.Unlock()
	r.wait.Wait()
}

// serve takes connections until close. Each is remembered, so that close can end it.
func (r *relay) serve() {
	for {
		c, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		r.conns[c] = struct{}{}
		r.mu.Unlock()
		r.wait.Go(func() {
			r.session(c)
			_ = c.Close() // it may have ended
			r.mu.Lock()
			delete(r.conns, c)
			r.mu.Unlock()
		})
	}
}

// session speaks as much SMTP (RFC 5321) as a submitter needs.
func (r *relay) session(c net.Conn) {
	in, out := bufio.NewReader(c), bufio.NewWriter(c)
	say := func(line string) bool {
		_, _ = out.WriteString(line + "\r\n") // told by Flush
		return in.Buffered() > 0 || out.Flush() == nil
	}
	ok := say("220 relay.example ESMTP")
	for ok {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb := strings.ToUpper(strings.TrimSpace(line))
		// Whatever else a client says is fine: nothing here depends on it.
		switch {
		case strings.HasPrefix(verb, "EHLO"):
			ok = say("250-relay.example") && say("250-PIPELINING") && say("250-8BITMIME") && say("250-SMTPUTF8") && say("250 SIZE 52428800")
		case verb == "DATA":
			ok = say("354 go on") && out.Flush() == nil && drop(in) && say("250 2.0.0 taken")
		case verb == "QUIT":
			say("221 2.0.0 bye")
			return
		default:
			ok = say("250 2.0.0 fine")
		}
	}
}

// drop reads a mail to its end.
func drop(in *bufio.Reader) bool {
	begin := true
	for {
		line, more, err := in.ReadLine()
		if err != nil {
			return false
		}
		if begin && !more && string(line) == "." {
			return true
		}
		begin = !more
	}
}
