// Package pgserver runs a PostgreSQL server of one's own: a new data folder, a free port on loopback,
// gone when it is stopped. Tests and `frontdesk bench` use it.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrMissing says that PostgreSQL is not installed here.
var ErrMissing = errors.New("initdb and postgres are not installed")

// Cluster is a data folder with the server that runs on it.
type Cluster struct {
	// URL is the address of its database "postgres".
	URL string

	bin, dir string
	durable  bool
	local    bool // a Unix socket alone
	port     int
	owner    *syscall.SysProcAttr
	hold     io.Closer     // while it is open the server runs
	ended    chan struct{} // closed when the server has ended
}

// New makes a data folder in a temporary one below dir; empty means the system's own. durable leaves
// fsync on, as it is by default; without it the server is fast and forgets at a power cut. The error
// is ErrMissing where PostgreSQL is not installed.
//
// As root the server runs under another account, which must be able to reach dir.
func New(dir string, durable bool) (*Cluster, error) { return NewFor(dir, "frontdesk", durable) }

// NewFor is New with another superuser than "frontdesk".
func NewFor(dir, superuser string, durable bool) (_ *Cluster, err error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin, durable: durable}
	if c.dir, err = os.MkdirTemp(dir, "frontdesk-postgres-"); err != nil {
		return nil, fmt.Errorf("making folder for PostgreSQL: %w", err)
	}
	defer func() {
		if err != nil {
			c.Remove()
		}
	}()
	if c.owner, err = owner(c.dir); err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", c.data(), "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = c.dir, c.owner
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	if c.port, err = freePort(); err != nil {
		return nil, err
	}
	c.URL = fmt.Sprintf("postgres://frontdesk@127.0.0.1:%d/postgres?sslmode=disable", c.port)
	return c, nil
}

// Local lets the server listen on a Unix socket alone, and take there this account of the machine and nobody else as user
// "frontdesk": peer authentication. It comes before Start.
func (c *Cluster) Local(account string) error {
	return c.peers("frontdesk", "own "+account+" frontdesk\n")
}

// Debian lets the server be as Debian sets it up: on a Unix socket, with peer authentication and the role "postgres" alone, as
// which root comes too. account stands for the user of the machine named "frontdesk". It comes before Start.
func (c *Cluster) Debian(account string) error {
	return c.peers("postgres", "own root postgres\nown postgres postgres\nown "+account+" frontdesk\n")
}

// peers lets accounts of the machine in as roles, by their Unix socket alone. URL is for one role.
func (c *Cluster) peers(role, rules string) error {
	for name, text := range map[string]string{"pg_hba.conf": "local all all peer map=own\n", "pg_ident.conf": rules} {
		if err := os.WriteFile(filepath.Join(c.data(), name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("setting up peer authentication: %w", err)
		}
	}
	c.local = true
	c.URL = fmt.Sprintf("postgres://%s@/postgres?host=%s&port=%d", role, c.dir, c.port)
	if err := os.Chmod(c.dir, 0o711); err != nil { //nolint:gosec // the server's own folder in it stays closed
		return fmt.Errorf("opening the folder of the socket: %w", err)
	}
	return nil
}

// Socket is the folder of the Unix socket and its port.
func (c *Cluster) Socket() (dir string, port int) { return c.dir, c.port }

// TLS gives the server a certificate with its key, and the rules of pg_hba.conf by which it takes connections; those by the
// Unix socket, at URL, are needed to see that it runs. Address tells its host and port. It comes before Start.
func (c *Cluster) TLS(cert, key []byte, rules string) error {
	for name, text := range map[string][]byte{"server.crt": cert, "server.key": key, "pg_hba.conf": []byte(rules)} {
		path := filepath.Join(c.data(), name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return fmt.Errorf("setting up TLS: %w", err)
		}
		if _, err := owner(path); err != nil {
			return fmt.Errorf("setting up TLS: %w", err)
		}
	}
	f, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("setting up TLS: %w", err)
	}
	_, err = f.WriteString("ssl = on\n")
	c.URL = fmt.Sprintf("postgres://frontdesk@/postgres?host=%s&port=%d", c.dir, c.port)
	return errors.Join(err, f.Close())
}

// Address is where the server listens, unless it is Local.
func (c *Cluster) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)) }

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// Remove deletes the data folder of a stopped server.
func (c *Cluster) Remove() { os.RemoveAll(c.dir) }

// Start runs the server and waits until it answers. The shell waits on a pipe that this process
// holds: however this process ends, the server ends too.
func (c *Cluster) Start() error {
	host := "127.0.0.1"
	if c.local {
		host = ""
	}
	server := exec.Command("/bin/sh", "-c", `"$@" & server=$!; read -r _; kill -INT $server; wait $server`, "sh",
		filepath.Join(c.bin, "postgres"), "-D", c.data(), "-h", host, "-p", strconv.Itoa(c.port), "-k", c.dir, "-c", "max_connections=200")
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
	return ready(c.URL, ended)
}

// Stop ends the server, if it runs.
func (c *Cluster) Stop() {
	if c.hold == nil {
		return
	}
	c.hold.Close()
	<-c.ended
	c.hold = nil
}

// PID is the process id of the server, from the first line of its file.
func (c *Cluster) PID() (int, error) {
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

// find looks for the folder that holds both initdb and postgres.
func find() (string, error) {
	folders := filepath.SplitList(os.Getenv("PATH"))
	installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well-formed
	slices.Reverse(installed)
	for _, dir := range append(installed, folders...) {
		if executable(dir, "initdb") && executable(dir, "postgres") {
			return dir, nil
		}
	}
	return "", ErrMissing
}

func executable(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, name))
	return err == nil && info.Mode()&0o111 != 0
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
