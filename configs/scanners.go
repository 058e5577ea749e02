package configs

import (
	"fmt"
	"net"
	"strings"

	"frontdesk/configs/values"
)

// Scanners are daemons that are asked about a message before it is decided. Without any, nobody is
// asked and no message waits.
type Scanners struct {
	// How long a message waits for all of them; then it goes on without those that have not answered.
	Deadline values.Duration `yaml:"deadline"`
	// Spam filter, for mail.
	Rspamd *Rspamd `yaml:"rspamd"`
	// Virus scanner, for mail and for the files of every channel.
	Clamd *Clamd `yaml:"clamd"`
}

// Rspamd is an rspamd "normal" worker or proxy.
type Rspamd struct {
	// Its address, e.g. http://127.0.0.1:11333.
	URL string `yaml:"url" check:"required"`
	// Password, where the worker wants one.
	Password values.Secret `yaml:"password"`
	// Longest time of one scan.
	Timeout values.Duration `yaml:"timeout"`
	// Largest mail that is asked about.
	MaxSize values.Size `yaml:"max_size"`
}

// Clamd is a clamd daemon.
type Clamd struct {
	// Its socket: unix:/run/clamav/clamd.ctl, or host:port.
	Address string `yaml:"address" check:"required"`
	// Longest time of one scan.
	Timeout values.Duration `yaml:"timeout"`
	// Largest file that is asked about; at most clamd's own StreamMaxLength.
	MaxSize values.Size `yaml:"max_size"`
}

// Any reports whether a scanner is configured.
func (s Scanners) Any() bool { return s.Rspamd != nil || s.Clamd != nil }

// Scanned reports whether the inbox's messages are shown to the scanners.
func (in Inbox) Scanned() bool { return in.Scan == nil || *in.Scan }

// fillScanners fills what is zero in the scanners that are configured.
func fillScanners(s *Scanners) {
	if s.Rspamd != nil && s.Rspamd.Timeout == 0 {
		s.Rspamd.Timeout = 10 * second
	}
	if s.Rspamd != nil && s.Rspamd.MaxSize == 0 {
		s.Rspamd.MaxSize = 20 << 20
	}
	if s.Clamd != nil && s.Clamd.Timeout == 0 {
		s.Clamd.Timeout = 15 * second
	}
	if s.Clamd != nil && s.Clamd.MaxSize == 0 {
		s.Clamd.MaxSize = 25 << 20
	}
}

// scanners checks addresses and times.
func (v *validation) scanners(s Scanners) {
	if s.Deadline < second || s.Deadline > hour {
		v.Add("scanners.deadline", "this is no time to wait", "write a time between 1s and 1h, such as 20s")
	}
	if r := s.Rspamd; r != nil {
		if r.URL != "" {
			v.web("scanners.rspamd.url", r.URL)
		}
		v.scanLimits("scanners.rspamd", r.Timeout, r.MaxSize)
	}
	if c := s.Clamd; c != nil {
		if c.Address != "" && !isSocket(c.Address) {
			v.Add("scanners.clamd.address", "this is no address of a clamd", "write unix:/run/clamav/clamd.ctl or 127.0.0.1:3310")
		}
		v.scanLimits("scanners.clamd", c.Timeout, c.MaxSize)
	}
}

// scanLimits checks time and size of one scanner.
func (v *validation) scanLimits(at string, timeout values.Duration, size values.Size) {
	if timeout < 0 || timeout > hour {
		v.Add(at+".timeout", fmt.Sprintf("%s is no time for one scan", timeout), "write a time such as 10s")
	}
	if size < 0 {
		v.Add(at+".max_size", "the size is negative", "write a size such as 25MiB")
	}
}

// isSocket reports whether an address is one that clamd may listen on.
func isSocket(address string) bool {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		return strings.HasPrefix(path, "/")
	}
	host, port, err := net.SplitHostPort(address)
	return err == nil && host != "" && port != "" && isListen(address)
}
