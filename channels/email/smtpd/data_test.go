package smtpd

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
)

// TestDataIsReadByLines: what a client says behind DATA, and the mail that is taken. The session goes on behind it.
func TestDataIsReadByLines(t *testing.T) {
	for name, test := range map[string]struct{ said, mail string }{
		"as usual":                                    {"Subject: a\r\n\r\nhi\r\n.\r\n", "Subject: a\r\n\r\nhi\r\n"},
		"another CR before the last line end":         {"Subject: a\r\n\r\nhi\r\r\n.\r\n", "Subject: a\r\n\r\nhi\r\r\n"},
		"three of them":                               {"Subject: a\r\n\r\nhi\r\r\r\r\n.\r\n", "Subject: a\r\n\r\nhi\r\r\r\r\n"},
		"each line ends so":                           {"Subject: a\r\r\n\r\r\nhi\r\r\n.\r\n", "Subject: a\r\r\n\r\r\nhi\r\r\n"},
		"the last line is a CR alone":                 {"Subject: a\r\n\r\n\r\r\n.\r\n", "Subject: a\r\n\r\n\r\r\n"},
		"a dot before the text is taken away":         {"Subject: a\r\n\r\n..hi\r\n.x\r\n.\r\n", "Subject: a\r\n\r\n.hi\r\nx\r\n"},
		"a dot of transparency behind CR CR LF":       {"Subject: a\r\n\r\nhi\r\r\n..\r\n.\r\n", "Subject: a\r\n\r\nhi\r\r\n.\r\n"},
		"a line of a dot and two CR":                  {"Subject: a\r\n\r\n.\r\r\n.\r\n", "Subject: a\r\n\r\n\r\r\n"},
		"a dot, a CR and text":                        {"Subject: a\r\n\r\n.\rhi\r\n.\r\n", "Subject: a\r\n\r\n\rhi\r\n"},
		"a dot behind a bare LF is the mail's":        {"Subject: a\r\n\r\nhi\n.\nMAIL FROM:<x@y.example>\r\n.\r\n", "Subject: a\r\n\r\nhi\n.\nMAIL FROM:<x@y.example>\r\n"},
		"a dot between LF and CR LF is the mail's":    {"Subject: a\r\n\r\nhi\n.\r\nMAIL FROM:<x@y.example>\r\n.\r\n", "Subject: a\r\n\r\nhi\n.\r\nMAIL FROM:<x@y.example>\r\n"},
		"a dot between CR LF and a bare LF is, too":   {"Subject: a\r\n\r\nhi\r\n.\nMAIL\r\n.\r\n", "Subject: a\r\n\r\nhi\r\n\nMAIL\r\n"},
		"a dot between CR LF and a bare CR as well":   {"Subject: a\r\n\r\nhi\r\n.\r.\r\n.\r\n", "Subject: a\r\n\r\nhi\r\n\r.\r\n"},
		"a dot behind a bare CR is the mail's":        {"Subject: a\r\n\r\nhi\r.\r\n.\r\n", "Subject: a\r\n\r\nhi\r.\r\n"},
		"nothing but a line without its dot to spare": {".x\r\n.\r\n", "x\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, nil)
			c := dial(t, r.addr).greet()
			c.envelope("a@b.example", "support@desk.example").do("DATA", "354")
			c.say(test.said)
			c.want("250")
			c.do("NOOP", "250")
			if got := r.accepted(); len(got) != 1 || string(got[0][0].Raw) != test.mail {
				t.Errorf("%d taken: %q, want %q", len(got), got[0][0].Raw, test.mail)
			}
		})
	}
}

// TestTooLargeDataEndsBehindAnotherCR: the refusal waits for the end, which is seen.
func TestTooLargeDataEndsBehindAnotherCR(t *testing.T) {
	r := start(t, func(c *Config) { c.MaxBytes = 4 << 10 })
	c := dial(t, r.addr).greet()
	c.envelope("a@b.example", "support@desk.example").do("DATA", "354")
	c.say(strings.Repeat(strings.Repeat("x", 78)+"\r\r\n", 500) + ".\r\n")
	c.want("552 5.3.4")
	c.do("NOOP", "250")
}

// TestWhatIsNoDataIsLeft: chunks come through a pipe, and are not read by lines.
func TestWhatIsNoDataIsLeft(t *testing.T) {
	pipe, _ := io.Pipe()
	for _, r := range []io.Reader{pipe, strings.NewReader("x"), bufio.NewReader(strings.NewReader("x")), io.LimitReader(pipe, 1), nil} {
		if got := linesOf(r); got != r {
			t.Errorf("%T is read by lines", r)
		}
	}
}

// FuzzLines: the mail is what stands before the first CR LF . CR LF, without the dots of transparency, however it is cut; behind it is what was said behind it.
func FuzzLines(f *testing.F) {
	for _, s := range []string{"", ".\r\n", "a\r\r\n.\r\nQUIT\r\n", ".\r\r\n.\r\n", "..\r\n.a\r\n.\r\n.\r\n", "a\n.\r\n\r\n.\n.\r\n", ".\r.\r\r.\r\n.\r\n"} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, said []byte, size int) {
		size = 1 + size&15
		all := "\r\n" + string(said) // as if a line ended before
		want, behind, whole := strings.Cut(all, "\r\n.\r\n")
		want = strings.ReplaceAll(want+"\r\n", "\r\n.", "\r\n")[2:]
		state := 0
		buf := bufio.NewReaderSize(bytes.NewReader(said), 16)
		l := &lines{buf, &state}
		var got []byte
		var err error
		for err == nil {
			var n int
			b := make([]byte, size)
			n, err = l.Read(b)
			got = append(got, b[:n]...)
		}
		rest, _ := io.ReadAll(buf)
		switch {
		case !whole && err != io.ErrUnexpectedEOF:
			t.Errorf("%q has no end: %v", said, err)
		case whole && (err != io.EOF || string(got) != want || string(rest) != behind || state != linesEnded):
			t.Errorf("%q: %q and %q, want %q and %q (%v)", said, got, rest, want, behind, err)
		}
	})
}
