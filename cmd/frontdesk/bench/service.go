package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"frontdesk/cmd/frontdesk/bench/measured"
	"frontdesk/cmd/frontdesk/bench/proc"
	"frontdesk/workers/ops/control"
)

// process is one running service, in a process of its own: so its memory and CPU are its alone, and a crash ends no
// measurement of others. It is asked over the control socket of the bench (package measured).
type process struct {
	cmd    *exec.Cmd
	hold   io.Closer // while it is open the service runs
	ended  chan struct{}
	errs   *tail
	client *http.Client
	site   *site
	HTTP   string // addresses of its listeners
	SMTP   string
	Desk   string // empty where the site has none
}

// readyWithin is how long a start may take; a large database is looked over at a start.
const readyWithin = 2 * time.Minute

// startService runs the service on a site and waits until it is ready. held keeps its workers and
// its deliverers back until they are released.
func startService(ctx context.Context, s *site, held bool) (*process, error) {
	cmd := s.program("bench", "serve", "--config", s.file, fmt.Sprintf("--hold=%t", held))
	v := &process{cmd: cmd, site: s, ended: make(chan struct{}), errs: &tail{}}
	cmd.Stderr = v.errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the service: %w", err)
	}
	if v.hold, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting the service: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the service: %w", err)
	}
	ready := make(chan string, 1)
	go v.watch(out, ready)
	select {
	case line := <-ready:
		err = v.addresses(line)
	case <-v.ended:
		err = fmt.Errorf("the service ended at its start: %s", v.errs)
	case <-time.After(readyWithin):
		err = fmt.Errorf("the service is not ready after %s", readyWithin)
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		v.stop()
		return nil, err
	}
	folder := measured.SocketFolder(filepath.Join(s.dir, "data"))
	v.client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return control.Dial(ctx, folder)
	}}}
	return v, nil
}

// watch waits for the line "ready", reads on so that the pipe never fills, and closes ended when the process has
// gone.
func (v *process) watch(out io.Reader, ready chan<- string) {
	defer close(v.ended)
	for in := bufio.NewScanner(out); in.Scan(); {
		if strings.HasPrefix(in.Text(), "ready ") {
			ready <- in.Text()
		}
	}
	_ = v.cmd.Wait() // its end is all that counts
}

// addresses reads the line that announces the listeners, "ready http=… ops=… smtp=…".
func (v *process) addresses(line string) error {
	for word := range strings.FieldsSeq(line) {
		if name, value, ok := strings.Cut(word, "="); ok {
			switch name {
			case "http":
				v.HTTP = value
			case "smtp":
				v.SMTP = value
			case "desk":
				v.Desk = value
			}
		}
	}
	if v.HTTP == "" || v.SMTP == "" {
		return fmt.Errorf("the service listens on %q only", line)
	}
	return nil
}

// stop ends the process at once: what it has is thrown away.
func (v *process) stop() {
	_ = v.cmd.Process.Kill() // it may have ended
	<-v.ended
	_ = v.hold.Close()
	if v.client != nil {
		v.client.CloseIdleConnections()
	}
}

// end stops the process as an operator does, and waits for it.
func (v *process) end(ctx context.Context) error {
	if err := v.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stopping the service: %w", err)
	}
	select {
	case <-v.ended:
		return nil
	case <-time.After(readyWithin):
		return fmt.Errorf("the service has not stopped after %s: %s", readyWithin, v.errs)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// usage is the CPU time of the service and of the servers it works with.
func (v *process) usage() usage {
	u := usage{service: proc.CPU(v.cmd.Process.Pid)}
	if v.site.pair.databasePID > 0 {
		u.database = proc.Family(v.site.pair.databasePID)
	}
	if v.site.pair.redisPID > 0 {
		u.redis = proc.CPU(v.site.pair.redisPID)
	}
	return u
}

func (v *process) figures(ctx context.Context) (f measured.Figures, err error) {
	body, err := v.ask(ctx, http.MethodGet, "/measure", nil)
	if err == nil {
		err = json.Unmarshal(body, &f)
	}
	if err != nil {
		return f, fmt.Errorf("asking the service for its figures: %w", err)
	}
	return f, nil
}

// release lets the workers ("work") or the deliverers ("deliver") go.
func (v *process) release(ctx context.Context, what string) error {
	_, err := v.ask(ctx, http.MethodPost, "/release", url.Values{"what": {what}})
	return err
}

// ask calls the socket. When the process has ended, the error holds the last that it said, since a refused connection
// explains nothing.
func (v *process) ask(ctx context.Context, method, path string, query url.Values) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://frontdesk"+path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	res, err := v.client.Do(req)
	if err != nil {
		select {
		case <-v.ended:
			return nil, fmt.Errorf("the service has ended: %s", v.errs)
		default:
			return nil, err
		}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return body, err
}

// errStuck says that the service has stopped getting on.
var errStuck = errors.New("nothing has happened for a minute")

// until waits until done says so, looking every few milliseconds: 20 ms is fine enough for runs of seconds, and costs
// the service next to nothing. It gives up when the figures do not move for a minute.
func (v *process) until(ctx context.Context, done func(measured.Figures) bool) error {
	const beat, patience = 20 * time.Millisecond, time.Minute
	var last measured.Figures
	moved := time.Now()
	for {
		f, err := v.figures(ctx)
		if err != nil || done(f) {
			return err
		}
		if f.Accepted != last.Accepted || f.Decided != last.Decided || f.Sent != last.Sent {
			last, moved = f, time.Now()
		}
		if time.Since(moved) > patience {
			return fmt.Errorf("waiting for the service: %w; %d accepted, %d decided, %d handed over: %s", errStuck, f.Accepted, f.Decided, f.Sent, v.errs)
		}
		select {
		case <-time.After(beat):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// decided waits until so many messages are decided.
func (v *process) decided(ctx context.Context, n int64) error {
	return v.until(ctx, func(f measured.Figures) bool { return f.Decided >= n })
}

// sent waits until so many acknowledgements are handed over.
func (v *process) sent(ctx context.Context, n int64) error {
	return v.until(ctx, func(f measured.Figures) bool { return f.Sent >= n })
}

// tail keeps the end of what a process says.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// tailBytes is how much of the end is kept: some lines of a stack or an error, whatever the process says before.
const tailBytes = 4 << 10

// Write keeps the last of it; it is given to exec.Cmd, so it may be called beside String.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(p)
	if over := t.buf.Len() - tailBytes; over > 0 {
		t.buf.Next(over)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buf.Len() == 0 {
		return "(it said nothing)"
	}
	return strings.TrimSpace(t.buf.String())
}
