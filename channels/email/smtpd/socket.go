package smtpd

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"
)

// socketMode lets our own user and the group of the socket connect: that of the mail server which hands over.
const socketMode = 0o660

// listen listens at host:port, or at unix:/path.
func listen(addr string) (net.Listener, error) {
	path, socket := strings.CutPrefix(addr, "unix:")
	if !socket {
		return net.Listen("tcp", addr)
	}
	if err := clearSocket(path); err != nil {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, socketMode); err != nil {
		l.Close()
		return nil, fmt.Errorf("closing the socket to others: %w", err)
	}
	return l, nil
}

// maxSocketPath is what the systems take for the path of a socket, the least of them (sun_path: 104 bytes on BSD and macOS,
// 108 on Linux, with the zero at the end).
const maxSocketPath = 103

// SocketPlace refuses a path at which no socket can be made. A folder that is not there yet is none of its matters: a service
// manager makes it, as a rule.
func SocketPlace(path string) error {
	if len(path) > maxSocketPath {
		return fmt.Errorf("the path of a socket has at most %d bytes, and %s has %d", maxSocketPath, path, len(path))
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSocket == 0:
		return fmt.Errorf("%s is there and no socket: name another path, or take it away", path)
	}
	return nil
}

// clearSocket takes the socket of a process that died away, and nothing else.
func clearSocket(path string) error {
	if err := SocketPlace(path); err != nil {
		return err
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		c.Close()
		return fmt.Errorf("another process listens at %s", path)
	}
	return os.Remove(path)
}
