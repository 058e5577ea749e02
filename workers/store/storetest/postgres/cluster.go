package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a data folder with the server that runs on it.
type cluster struct {
	bin, dir string
	durable  bool
	port     int
	address  string
	owner    *syscall.SysProcAttr
	hold     io.Closer     // while it is open the server runs
	ended    chan struct{} // closed when the server has ended
}

// newCluster makes a data folder in a temporary one.
func newCluster(bin string, durable bool) (c *cluster, err error) {
	c = &cluster{bin: bin, durable: durable}
	if c.dir, err = os.MkdirTemp("", "frontdesk-postgres-"); err != nil {
		return nil, fmt.Errorf("making folder for PostgreSQL: %w", err)
	}
	defer func() {
		if err != nil {
			c.remove()
		}
	}()
	if c.owner, err = owner(c.dir); err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", c.data(), "-U", "frontdesk", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = c.dir, c.owner
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	if c.port, err = freePort(); err != nil {
		return nil, err
	}
	c.address = fmt.Sprintf("postgres://frontdesk@127.0.0.1:%d/postgres?sslmode=disable", c.port)
	return c, nil
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) remove() { os.RemoveAll(c.dir) }

// start runs the server and waits until it answers. The shell waits on a pipe that this process
// holds: however this process ends, the server ends too.
func (c *cluster) start() error {
	server := exec.Command("/bin/sh", "-c", `"$@" & server=$!; read -r _; kill -INT $server; wait $server`, "sh",
		filepath.Join(c.bin, "postgres"), "-D", c.data(), "-h", "127.0.0.1", "-p", strconv.Itoa(c.port), "-k", c.dir, "-c", "max_connections=200")
	if !c.durable {
		server.Args = append(server.Args, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
	}
	server.Dir, server.SysProcAttr = c.dir, c.owner
	hold, err := server.StdinPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		return fmt.Errorf("starting postgres: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		server.Wait() //nolint:errcheck // its end is all that counts
		close(ended)
	}()
	c.hold, c.ended = hold, ended
	return ready(c.address, ended)
}

// stop ends the server, if it runs.
func (c *cluster) stop() {
	if c.hold == nil {
		return
	}
	c.hold.Close()
	<-c.ended
	c.hold = nil
}

// pid is the process id of the server, from the first line of its file.
func (c *cluster) pid() (int, error) {
	f, err := os.Open(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("reading the server's process id: %w", err)
	}
	defer f.Close()
	var pid int
	if _, err := fmt.Fscan(f, &pid); err != nil {
		return 0, fmt.Errorf("reading the server's process id: %w", err)
	}
	return pid, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// ready waits until the server answers.
func ready(address string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := pgx.Connect(ctx, address)
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-tick.C:
		case <-ended:
			return errors.New("postgres ended at its start")
		case <-ctx.Done():
			return fmt.Errorf("waiting for postgres: %w", err)
		}
	}
}
