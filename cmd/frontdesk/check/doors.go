package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"frontdesk/cmd/frontdesk/service"
	"frontdesk/configs"
)

// doors tells whether each listener's port is free, or held by the service of this data directory that runs. Nothing
// is left listening. It binds each port for a moment, since nothing else tells what the kernel would say; so port 0
// and Unix sockets are passed over, and ports of roles that this process has not.
func doors(c configs.Config) []checked {
	running := runningAt(c)
	var out []checked
	for _, at := range []struct{ path, addr, roles string }{
		{"listen.http", c.Listen.HTTP, configs.RoleIntake}, {"listen.ops", c.Listen.Ops, ""}, {"listen.desk", c.Listen.Desk, configs.RoleDesk}, {"listen.smtp", c.Listen.SMTP, configs.RoleIntake}, {"listen.lmtp", c.Listen.LMTP, configs.RoleIntake},
	} {
		if at.addr == "" || strings.HasPrefix(at.addr, "unix:") || at.roles != "" && !hasRole(c, at.roles) {
			continue
		}
		if _, port, err := net.SplitHostPort(at.addr); err == nil && port == "0" {
			continue
		}
		out = append(out, door(at.path, at.addr, running))
	}
	return out
}

func hasRole(c configs.Config, role string) bool {
	if slices.Contains(c.Roles, role) {
		return true
	}
	return len(c.Roles) == 0
}

// door looks at one port. A port that is taken is a warning: check also runs while an older process, or another
// machine's, still serves.
func door(path, addr string, running map[string]bool) checked {
	out := checked{what: path, path: path, found: addr + " is free"}
	if running[port(addr)] {
		out.found = addr + " is held by the service that runs"
		return out
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		out.found = "" // the warning says it
	}
	switch {
	case err == nil:
		l.Close()
	case errors.Is(err, syscall.EADDRINUSE):
		out.warning = fmt.Sprintf("another program listens at %s, and a start would fail: stop it, or write another port", addr)
	case errors.Is(err, syscall.EACCES):
		out.warning = fmt.Sprintf("this user may not listen at %s: ports below 1024 need the capability CAP_NET_BIND_SERVICE (deploy/frontdesk.service)", addr)
	default:
		out.warning = fmt.Sprintf("nobody can listen there: %v", err)
	}
	return out
}

// port is what stands behind the last colon. Hosts are not compared: ":8080" and "127.0.0.1:8080" take the same port
// away from each other.
func port(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }

// runningAt are the ports of the service that serves from the data directory, as it has written them down. A process
// that was killed leaves addresses.json behind, so its PID is looked at; another process may have got that PID since,
// which makes a warning less, no more.
func runningAt(c configs.Config) map[string]bool {
	text, err := os.ReadFile(filepath.Join(c.DataDir, "addresses.json"))
	var at service.Addresses
	if err != nil || json.Unmarshal(text, &at) != nil || !alive(at.PID) {
		return nil
	}
	return map[string]bool{port(at.HTTP): true, port(at.Ops): true, port(at.Desk): true, port(at.SMTP): true, port(at.LMTP): true}
}

// alive reports whether a process is there, be it another user's. Signal 0 is delivered to nobody: kill(2) only
// checks.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}
