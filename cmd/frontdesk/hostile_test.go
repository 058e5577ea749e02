package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
)

// What one hostile mail may cost the service beyond its rest, in bytes. The time that it costs is
// printed and not asserted: the machine that runs this may be busy.
const hostileMemory = 100 << 20

// burden is what a process has used.
type burden struct {
	cpu  time.Duration
	rest int64 // resident bytes when the measurement began
	pid  int
}

// weigh begins a measurement. The kernel then counts the peak anew.
func weigh(t *testing.T, pid int) burden {
	t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
		if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
			t.Fatalf("asking for the peak of a process: %v", err)
		}
		t.Skipf("this system tells no peak of a process: %v", err)
	}
	return burden{cpu: cpuOf(t, pid), rest: statusOf(t, pid, "VmRSS"), pid: pid}
}

// end prints what it was, and fails the test where it was too much memory.
func (b burden) end(t *testing.T, what string) {
	t.Helper()
	peak := statusOf(t, b.pid, "VmHWM")
	t.Logf("%s: %v CPU, %d MB more than the %d MB at rest", what, cpuOf(t, b.pid)-b.cpu, (peak-b.rest)>>20, b.rest>>20)
	if peak-b.rest > hostileMemory {
		t.Errorf("%s: %d MB more than at rest, want at most %d", what, (peak-b.rest)>>20, hostileMemory>>20)
	}
}

// cpuOf reads user and system time from /proc (proc(5)); a tick is 10 ms on every Linux in use.
func cpuOf(t *testing.T, pid int) time.Duration {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	ticks := 0
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

func statusOf(t *testing.T, pid int, name string) int64 {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(raw)
	if m == nil {
		t.Fatalf("no %s in the status of the process", name)
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}

// nestedMail has n multiparts, each within the one before.
func nestedMail(n int) string {
	var b strings.Builder
	b.WriteString("From: deep@customer.example\nTo: support@desk.example\nSubject: deep\nMessage-ID: <deep@customer.example>\nMIME-Version: 1.0\n")
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	b.WriteString("\ninnermost\n")
	for i := n - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\n", i)
	}
	return b.String()
}

// hollowMail has n parts with nothing in them.
func hollowMail(n int) string {
	return "From: many@customer.example\nTo: support@desk.example\nSubject: many\nMessage-ID: <many@customer.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" +
		strings.Repeat("--b\n\n\n", n) + "--b--\n"
}

// fatServer is an IMAP server whose second mail is a literal of that many bytes, while it says that the
// mail has lie bytes.
type fatServer struct {
	net.Listener
	size, lie int64
	all       sync.WaitGroup
}

func newFatServer(t *testing.T, size, lie int64) *fatServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &fatServer{Listener: l, size: size, lie: lie}
	s.all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		s.all.Wait()
	})
	return s
}

// small is one of the two mails beside the fat one.
func (s *fatServer) small(uid int) string {
	return strings.ReplaceAll(human(fmt.Sprintf("c%d@customer.example", uid), fmt.Sprintf("small %d", uid), fmt.Sprintf("small%d@customer.example", uid), "Where is my refund?"), "\n", "\r\n")
}

func (s *fatServer) serve(c net.Conn) {
	defer c.Close()
	out := bufio.NewWriterSize(c, 64<<10)
	in := bufio.NewReader(c)
	say := func(format string, args ...any) { fmt.Fprintf(out, format+"\r\n", args...) }
	say("* OK [CAPABILITY IMAP4rev1] ready")
	for {
		if out.Flush() != nil {
			return
		}
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		tag, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case strings.HasPrefix(rest, "EXAMINE"):
			say("* 3 EXISTS\r\n* OK [UIDVALIDITY 42] x\r\n* OK [UIDNEXT 4] x")
		case strings.HasPrefix(rest, "UID SEARCH"):
			say("* SEARCH 1 2 3")
		case strings.HasPrefix(rest, "UID FETCH"):
			s.fetch(out, rest)
		}
		say("%s OK done", tag)
	}
}

func (s *fatServer) fetch(out *bufio.Writer, line string) {
	set, items, _ := strings.Cut(strings.TrimPrefix(line, "UID FETCH "), " ")
	for uid := 1; uid <= 3; uid++ {
		if !inSet(set, uid) {
			continue
		}
		size := s.lie
		if uid != 2 {
			size = int64(len(s.small(uid)))
		}
		switch {
		case strings.Contains(items, "<0.") && uid == 2: // the beginning is asked for
			head := "Subject: fat\r\n\r\n" + strings.Repeat("x", 1<<10)
			fmt.Fprintf(out, "* %d FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n", uid, uid, len(head), head)
		case strings.Contains(items, "BODY") && uid == 2:
			fmt.Fprintf(out, "* %d FETCH (UID %d BODY[] {%d}\r\nSubject: fat\r\n\r\n", uid, uid, s.size)
			_, _ = io.CopyN(out, endless('x'), s.size-16)
			_, _ = out.WriteString(")\r\n")
		case strings.Contains(items, "BODY"):
			fmt.Fprintf(out, "* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n", uid, uid, size, s.small(uid))
		default:
			fmt.Fprintf(out, "* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE \"%s\")\r\n", uid, uid, size, time.Now().UTC().Format("02-Jan-2006 15:04:05 -0700"))
		}
	}
}

// inSet reports whether a set of numbers and ranges holds uid.
func inSet(set string, uid int) bool {
	for part := range strings.SplitSeq(set, ",") {
		first, last, ranged := strings.Cut(part, ":")
		if !ranged {
			last = first
		}
		a, _ := strconv.Atoi(first)
		b, err := strconv.Atoi(last)
		if err != nil {
			b = 1 << 30
		}
		if uid >= a && uid <= b {
			return true
		}
	}
	return false
}

// endless is lines of one letter without end.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
		if i%80 == 79 {
			p[i] = '\n'
		}
		if i%80 == 78 && i+1 < len(p) {
			p[i] = '\r'
		}
	}
	return len(p), nil
}

// TestHostileMailIsParkedAndCostsLittle: 3 000 nested parts, 100 000 empty ones and 300 MB that a server
// hands over as one mail. Each is parked where a person sees it, costs little, and what stands behind it
// becomes a ticket.
func TestHostileMailIsParkedAndCostsLittle(t *testing.T) {
	for _, lie := range []int64{300 << 20, 1000} {
		name := map[bool]string{true: "300 MB that say so", false: "300 MB that say 1 000 bytes"}[lie > 1000]
		t.Run(name, func(t *testing.T) {
			server := newFatServer(t, 300<<20, lie)
			c := mailConfig(t, imapInbox("support", "support@desk.example", server.Addr().String(), "support", "imap since: "+time.Now().AddDate(0, 0, -2).Format(time.DateOnly)), "")
			p := spawn(t, c)
			w := weigh(t, p.cmd.Process.Pid)
			r := reader(t, c)
			r.settled(3)
			w.end(t, name)
			r.parkedOnly(causes.TooLarge, 1, 2)
		})
	}
	t.Run("structure", func(t *testing.T) {
		c := mailConfig(t, doorInbox("support", "support@desk.example"), "")
		p := spawn(t, c)
		r := reader(t, c)
		if err := r.mailTo(p.smtp, "first@customer.example", human("first@customer.example", "Refund", "first@customer.example", "Where is it?")); err != nil {
			t.Fatal(err)
		}
		r.settled(1)
		for i, x := range []struct{ what, raw string }{{"3 000 nested parts", nestedMail(3000)}, {"100 000 empty parts", hollowMail(100_000)}} {
			w := weigh(t, p.cmd.Process.Pid)
			if err := r.mailTo(p.smtp, "x@customer.example", x.raw); err != nil {
				t.Fatal(err)
			}
			r.settled(2 + i)
			w.end(t, x.what)
		}
		if err := r.mailTo(p.smtp, "last@customer.example", human("last@customer.example", "Transfer", "last@customer.example", "Where is my transfer?")); err != nil {
			t.Fatal(err)
		}
		r.settled(4)
		r.parkedOnly(causes.TooLarge, 2, 2)
	})
	t.Run("300 MB over SMTP", func(t *testing.T) {
		c := mailConfig(t, doorInbox("support", "support@desk.example"), "")
		p := spawn(t, c)
		r := reader(t, c)
		w := weigh(t, p.cmd.Process.Pid)
		if got := fatSMTP(t, p.smtp, 300<<20); !strings.HasPrefix(got, "552 5.3.4") {
			t.Errorf("300 MB were answered %q, want 552: the sender's server tells its author", got)
		}
		w.end(t, "300 MB over SMTP")
		if err := r.mailTo(p.smtp, "last@customer.example", human("last@customer.example", "Transfer", "last@customer.example", "Where is my transfer?")); err != nil {
			t.Fatal(err)
		}
		r.settled(1)
	})
}

// reader lists what is in the database of another process.
func reader(t *testing.T, c configs.Config) *rig {
	t.Helper()
	b, err := installation.Open(t.Context(), c, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return &rig{t: t, store: b.Store}
}

// parkedOnly wants so many messages parked for that cause, so many tickets, and nothing else.
func (r *rig) parkedOnly(cause string, parked, tickets int) {
	r.t.Helper()
	n := 0
	for _, m := range r.messages() {
		if m.State == string(messages.Parked) {
			n++
			if m.Cause != cause {
				r.t.Errorf("message %d is parked for %q, want %q", m.ID, m.Cause, cause)
			}
		}
	}
	if n != parked || len(r.tickets()) != tickets {
		r.t.Errorf("%d parked and %d tickets, want %d and %d", n, len(r.tickets()), parked, tickets)
	}
}

// fatSMTP says a mail of that many bytes, which it did not announce, and returns the answer.
func fatSMTP(t *testing.T, addr string, size int64) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(2 * time.Minute))
	in := bufio.NewReader(conn)
	answer := func() (last string) {
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatalf("after %q: %v", last, err)
			}
			if last = line; len(line) > 3 && line[3] == ' ' {
				return last
			}
		}
	}
	answer()
	for _, command := range []string{"EHLO c.example", "MAIL FROM:<x@customer.example>", "RCPT TO:<support@desk.example>", "DATA"} {
		fmt.Fprintf(conn, "%s\r\n", command)
		answer()
	}
	out := bufio.NewWriterSize(conn, 80*1024)
	_, _ = out.WriteString("Subject: fat\r\n\r\n")
	if _, err := io.CopyBuffer(struct{ io.Writer }{out}, io.LimitReader(endless('x'), size/80*80), make([]byte, 80*1024)); err != nil {
		t.Fatalf("saying %d bytes: %v", size, err)
	}
	_, _ = out.WriteString("\r\n.\r\n")
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	return answer()
}
