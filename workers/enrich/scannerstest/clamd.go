package scannerstest

import (
	"crypto/md5" //nolint:gosec // the form of the daemon's signatures
	"encoding/hex"
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// EICAR is the test file of the makers of virus scanners; it does nothing.
func EICAR() []byte {
	return []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR` + `-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)
}

// EICARName is what the test's clamd calls it.
const EICARName = "Eicar-Test-Signature.UNOFFICIAL"

// Infected is a text that the test's clamd takes for malware wherever it is.
const Infected = "FRONTDESK-TEST-MALWARE"

// Clamd is one clamd.
type Clamd struct {
	*server
	Address string // unix:PATH
}

// StartClamd starts a clamd that knows the EICAR test file and Infected, and takes 4 MB at most.
func StartClamd(t testing.TB) *Clamd {
	t.Helper()
	program := find(t, "clamd", "clamav-daemon")
	s := start(t, "cl")
	socket := filepath.Join(s.dir, "sock")
	c := &Clamd{server: s, Address: "unix:" + socket}
	sum := md5.Sum(EICAR()) //nolint:gosec // as above
	s.write("db/test.hdb", fmt.Sprintf("%x:%d:Eicar-Test-Signature\n", sum, len(EICAR())))
	s.write("db/test.ndb", "Frontdesk.Test:0:*:"+hex.EncodeToString([]byte(Infected))+"\n")
	s.args = []string{program, "-c", s.write("clamd.conf", clamdConfiguration)}
	s.alive = func() bool {
		conn, err := net.DialTimeout("unix", socket, time.Second)
		if err != nil {
			return false
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(time.Second))
		if _, err := conn.Write([]byte("zPING\x00")); err != nil {
			return false
		}
		b := make([]byte, 8)
		n, _ := conn.Read(b)
		return string(b[:n]) == "PONG\x00"
	}
	s.Restart()
	return c
}

const clamdConfiguration = `LocalSocket DIR/sock
FixStaleSocket yes
DatabaseDirectory DIR/db
PidFile DIR/pid
LogFile DIR/log
TemporaryDirectory DIR
Foreground yes
MaxThreads 4
StreamMaxLength 4M
SelfCheck 0
ConcurrentDatabaseReload no
`
