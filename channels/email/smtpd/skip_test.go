package smtpd

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// pieces is a connection that hands over given bytes in given sizes.
type pieces struct {
	net.Conn
	rest []byte
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.rest[:min(len(p.rest), p.size)])
	p.rest = p.rest[n:]
	return n, nil
}

// TestSMTPSkipFindsTheEndWhereverItIsCut: the session has read so many bytes when the rest begins to be
// thrown away; it must get the end of the data and what stands behind it, whole.
func TestSMTPSkipFindsTheEndWhereverItIsCut(t *testing.T) {
	const data, behind = "line\r\n.dot\r\n\r\n..\r\nmore\n.\nlast", "QUIT\r\n"
	all := data + dot + behind
	for size := 1; size <= len(all); size++ {
		for read := 0; read <= len(data)+len(dot)-1; read++ {
			t.Run(fmt.Sprintf("in %d bytes, skipped from %d", size, read), func(t *testing.T) {
				c := &conn{Conn: &pieces{rest: []byte(all), size: size}}
				head := make([]byte, read)
				if _, err := io.ReadFull(c, head); err != nil {
					t.Fatal(err)
				}
				c.skips = true
				rest, err := io.ReadAll(c)
				if err != nil {
					t.Fatal(err)
				}
				// What the session sees in all ends as the data does, and nothing of it is invented.
				seen := string(head) + string(rest)
				if !strings.HasSuffix(seen, dot+behind) || !strings.HasSuffix(all, string(rest)) {
					t.Errorf("the session sees %q", seen)
				}
			})
		}
	}
}

// TestSMTPTooLargeDataLeavesTheSessionUsable: after the refusal the next mail is taken, also when it was
// said without waiting.
func TestSMTPTooLargeDataLeavesTheSessionUsable(t *testing.T) {
	r := start(t, func(c *Config) { c.MaxBytes = 20 << 10 })
	c := dial(t, r.addr).greet()
	c.envelope("a@b.example", "support@desk.example").do("DATA", "354")
	c.say(strings.Repeat(strings.Repeat("x", 78)+"\r\n", 50_000) + ".\r\n")
	c.want("552 5.3.4")
	c.envelope("a@b.example", "support@desk.example").do("DATA", "354")
	c.say("Subject: x\r\n\r\n" + strings.Repeat("y", 30<<10) + "\r\n.\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<support@desk.example>\r\n")
	c.want("552 5.3.4")
	c.want("250")
	c.want("250")
	c.do("DATA", "354")
	c.do("Subject: small\r\n\r\nhi\r\n.", "250")
	if got := r.accepted(); len(got) != 1 || !bytes.Contains(got[0][0].Raw, []byte("small")) {
		t.Errorf("%d mails were taken", len(got))
	}
}

// TestSMTPTakesALargeMailWhole: one that lies in several pieces until its end comes.
func TestSMTPTakesALargeMailWhole(t *testing.T) {
	r := start(t, nil)
	want := "Subject: large\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 13<<20/72) + "end\r\n"
	c := dial(t, r.addr).greet()
	c.envelope("a@b.example", "support@desk.example").do("DATA", "354")
	c.say(want + ".\r\n")
	c.want("250")
	if got := r.accepted(); len(got) != 1 || string(got[0][0].Raw) != want {
		t.Errorf("%d mails, the first of them is another one", len(got))
	}
}
