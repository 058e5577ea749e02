package crashloop

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// member is one process of an installation, with a supervisor that starts it again whenever it ends,
// as systemd or Kubernetes would.
type member struct {
	w    *world
	name string
	args []string
	dir  string

	faults sync.Mutex // held by whoever is about to do something to the process

	mu       sync.Mutex
	cmd      *exec.Cmd
	ready    bool
	http     string
	smtp     string
	born     time.Time     // start of the present process
	starts   int           // processes so far
	wanted   bool          // its end is our doing
	politely bool          // by SIGTERM alone, so that it has to end well
	changed  chan struct{} // closed and replaced when any of this changes
	longest  time.Duration // from a start to ready, when nothing else was broken
}

func newMember(w *world, name string, dir string, args ...string) *member {
	return &member{w: w, name: name, dir: dir, args: args, changed: make(chan struct{})}
}

// supervise runs the process, again and again, until ctx ends; then it stops it with SIGTERM.
func (m *member) supervise(ctx context.Context) {
	for ctx.Err() == nil {
		if err := m.life(ctx); err != nil {
			m.w.violate("starting %s: %v", m.name, err)
			return
		}
		pause(ctx, 50*time.Millisecond)
	}
}

// life is one process from its start to its end.
func (m *member) life(ctx context.Context) error {
	logs, err := os.OpenFile(m.w.path(m.name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer logs.Close()
	cmd := exec.Command(m.w.binary, m.args...)
	cmd.Env = append(os.Environ(), "CRASHLOOP_DIR="+m.dir)
	cmd.Stderr = logs
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	fmt.Fprintf(logs, "--- start %s\n", time.Now().Format(time.RFC3339Nano))
	if err := cmd.Start(); err != nil {
		return err
	}
	m.change(func() {
		m.cmd, m.ready, m.born, m.wanted, m.politely = cmd, false, time.Now(), false, false
		m.starts++
	})
	stop := context.AfterFunc(ctx, func() { m.signal(syscall.SIGTERM) })
	defer stop()
	for in := bufio.NewScanner(out); in.Scan(); {
		m.announced(in.Text())
	}
	_ = cmd.Wait() // its code is read below
	fmt.Fprintf(logs, "--- end %s %v\n", time.Now().Format(time.RFC3339Nano), cmd.ProcessState)
	unwanted, politely := false, false
	m.change(func() {
		unwanted, politely = !m.wanted, m.politely
		m.cmd, m.ready, m.http, m.smtp = nil, false, "", ""
	})
	if politely && !m.w.troubled() && cmd.ProcessState.ExitCode() != 0 {
		m.w.violate("%s did not stop well: %v", m.name, cmd.ProcessState)
	}
	if unwanted && !m.w.troubled() {
		m.w.violate("%s ended by itself: %v", m.name, cmd.ProcessState)
	}
	return nil
}

func (m *member) announced(line string) {
	rest, ok := strings.CutPrefix(line, "ready ")
	if !ok {
		return
	}
	m.change(func() {
		m.ready = true
		if took := time.Since(m.born); took > m.longest && !m.w.troubled() {
			m.longest = took
		}
		for _, f := range strings.Fields(rest) {
			name, addr, _ := strings.Cut(f, "=")
			switch name {
			case "http":
				m.http = addr
			case "smtp":
				m.smtp = addr
			}
		}
	})
}

func (m *member) change(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
	close(m.changed)
	m.changed = make(chan struct{})
}

// until waits for a state of the process and reports whether it came.
func (m *member) until(ctx context.Context, within time.Duration, ok func() bool) bool {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for {
		m.mu.Lock()
		done, changed := ok(), m.changed
		m.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-changed:
		case <-deadline.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// isReady waits until the process has said that it is ready.
func (m *member) isReady(ctx context.Context, within time.Duration) bool {
	return m.until(ctx, within, func() bool { return m.ready })
}

// signal sends a signal to the present process, and reports whether there was one.
func (m *member) signal(sig syscall.Signal) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cmd == nil {
		return false
	}
	switch sig {
	case syscall.SIGKILL:
		m.wanted, m.politely = true, false
	case syscall.SIGTERM:
		m.wanted, m.politely = true, true
	}
	return m.cmd.Process.Signal(sig) == nil
}

// kill is kill -9 of the present process; it returns when that is gone, and reports whether there was one.
func (m *member) kill(ctx context.Context) bool {
	m.mu.Lock()
	starts := m.starts
	m.mu.Unlock()
	if !m.signal(syscall.SIGKILL) {
		return false
	}
	m.until(ctx, 10*time.Second, func() bool { return m.cmd == nil || m.starts > starts })
	return true
}

// stopped is what a deploy does: SIGTERM, and wait. The supervisor starts the next process.
func (m *member) stopped(ctx context.Context) {
	m.faults.Lock()
	defer m.faults.Unlock()
	m.mu.Lock()
	starts := m.starts
	m.mu.Unlock()
	m.signal(syscall.SIGTERM)
	if !m.until(ctx, time.Minute, func() bool { return m.cmd == nil || m.starts > starts }) {
		m.w.violate("%s did not stop within a minute", m.name)
		m.kill(ctx)
	}
}

func (m *member) addresses() (http, smtp string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.http, m.smtp
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
