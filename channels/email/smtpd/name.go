package smtpd

import (
	"bytes"
	"strings"
)

// nameless is the one recipient that needs no domain (RFC 5321 §4.5.1).
const nameless = "RCPT TO:<POSTMASTER>"

// complete gives that recipient the domain of the desk, which the protocol library does not do, and counts the bytes
// of commands. b[:n] was just read; what grows beyond b waits in ahead. Chunks of messages, and what is under TLS, are
// never touched: from the first BDAT or STARTTLS on nothing is completed any more.
func (c *conn) complete(b []byte, n int) int {
	c.chatter.Add(int64(n))
	if c.named || n == 0 {
		return n
	}
	out := make([]byte, 0, n+64)
	for rest := b[:n]; len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		if whole {
			line = rest[:len(line)+1]
		}
		rest = after
		if c.named = c.named || starts(line, "BDAT") || starts(line, "STARTTLS"); !c.named && starts(line, nameless) {
			at := len(nameless) - 1
			out = append(append(append(append(out, line[:at]...), '@'), c.door.domain...), line[at:]...)
			continue
		}
		out = append(out, line...)
	}
	n = copy(b, out)
	c.ahead = append(c.ahead, out[n:]...)
	return n
}

// starts compares without case.
func starts(line []byte, word string) bool {
	return len(line) >= len(word) && strings.EqualFold(string(line[:len(word)]), word)
}
