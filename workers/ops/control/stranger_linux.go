package control

import (
	"net"
	"os"
	"syscall"
)

// stranger reports whether the other end of a Unix socket is surely a process of another user. Root and we ourselves are none.
func stranger(c *net.UnixConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return true
	}
	var peer *syscall.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		peer, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil || failed != nil {
		return true
	}
	return peer.Uid != 0 && int(peer.Uid) != os.Geteuid()
}
