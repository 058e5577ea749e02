package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/configs"
)

// asService makes the test binary the service: TestServiceProcess then runs the command line in it.
const asService = "FRONTDESK_TEST_SERVICE_CONFIG"

// TestServiceProcess is no test: it is what the processes run that other tests start and kill.
func TestServiceProcess(t *testing.T) {
	path := os.Getenv(asService)
	if path == "" {
		t.Skip("only for the processes that other tests start")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, []string{"serve", "--config", path}, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// process is the service as a process of its own.
type process struct {
	t      testing.TB
	cmd    *exec.Cmd
	smtp   string
	errs   *syncBuffer
	exited chan struct{}
}

// spawn starts the service and returns when it is ready. The caller reaps it by kill or terminate;
// the end of the test does at the latest.
func spawn(t testing.TB, c configs.Config) *process {
	t.Helper()
	p := &process{t: t, errs: &syncBuffer{}, exited: make(chan struct{})}
	p.cmd = exec.Command(os.Args[0], "-test.run=^TestServiceProcess$")
	p.cmd.Env = append(os.Environ(), asService+"="+filepath.Join(c.DataDir, "config.yaml"))
	p.cmd.Stderr = p.errs
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		proveBooks(t, c, 0)
		if t.Failed() {
			t.Logf("the process said:\n%s", tail(p.errs.String(), 4000))
		}
	})
	ready := make(chan string, 1)
	go func() {
		defer close(p.exited)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if line, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
				ready <- line
			}
		}
		_, _ = io.Copy(io.Discard, out)
		_ = p.cmd.Wait()
	}()
	select {
	case line := <-ready:
		for _, f := range strings.Fields(line) {
			if addr, ok := strings.CutPrefix(f, "smtp="); ok {
				p.smtp = addr
			}
		}
	case <-p.exited:
		t.Fatalf("the service ended at once:\n%s", p.errs.String())
	case <-time.After(30 * time.Second):
		t.Fatalf("the service was not ready in half a minute:\n%s", p.errs.String())
	}
	return p
}

// kill is kill -9; it may be called twice.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.exited
}

// terminate is what a deploy does: SIGTERM, and wait.
func (p *process) terminate() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(60 * time.Second):
		p.t.Error("the service did not stop within a minute")
		p.kill()
	}
}

// sender hands mails over as another mail server does: what is not answered with 250 is sent again.
type sender struct {
	t       testing.TB
	mu      sync.Mutex
	addr    string
	repeats int
}

func (s *sender) to(addr string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addr = addr
}

func (s *sender) where() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// flow sends the mails with that many connections at a time and tells of each 250.
func (s *sender) flow(ctx context.Context, lanes int, mails []string, taken func()) {
	work := make(chan int)
	var all sync.WaitGroup
	for range lanes {
		all.Go(func() {
			for i := range work {
				from := crashSender(i)
				for try := 0; ctx.Err() == nil; try++ {
					if err := s.once(from, mails[i]); err == nil {
						taken()
						break
					}
					s.mu.Lock()
					s.repeats++
					s.mu.Unlock()
					select { // a server that is away is tried again after a while
					case <-time.After(20 * time.Millisecond):
					case <-ctx.Done():
					}
				}
			}
		})
	}
	for i := range mails {
		work <- i
	}
	close(work)
	all.Wait()
}

func (s *sender) once(from, raw string) error {
	addr := s.where()
	if addr == "" {
		return errors.New("nobody listens")
	}
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return fmt.Errorf("dialling: %w", err)
	}
	client := smtp.NewClient(conn)
	defer client.Close()
	return client.SendMail(from, []string{"support@desk.example"}, strings.NewReader(strings.ReplaceAll(raw, "\n", "\r\n")))
}

func crashSender(i int) string { return fmt.Sprintf("customer%d@c%d.example", i, i%40) }

func crashMails(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = human(crashSender(i), fmt.Sprintf("Order %d", i), fmt.Sprintf("crash%d@c.example", i), fmt.Sprintf("Where is my order with the number %d?", 600000+i))
	}
	return out
}
