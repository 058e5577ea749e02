package wire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestIMAPWireMends(t *testing.T) {
	same := []string{
		"* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n",
		"* 3 EXISTS\r\n* 1 RECENT\r\n* 2 EXPUNGE\r\n",
		"* SEARCH 1 2 3\r\nT4 OK done\r\n",
		"+ idling\r\n",
		"+ \r\n",
		"* 1 FETCH (UID 1 BODY[] {12}\r\n( ) {3}\r\n) \n)\r\nT5 OK [READ-ONLY] x\r\n",
		"* 1 FETCH (FLAGS (\\Seen) ENVELOPE \"a  ) \\\" ( b\" UID 3)\r\n",
		"* LIST (\\HasNoChildren) \"/\" {3}\r\na b\r\n",
		"* OK not a literal {3}\r\nT1 OK\r\n",
		"* BYE\r\n",
		"* 1 FETCH (UID 1 BODY[HEADER.FIELDS (FROM TO)]<0> {2}\r\nab FLAGS (A B))\r\n",
		"* 1 FETCH (UID 1 X-UNKNOWN {2}\r\nab)\r\n",
		"* 1 FETCH (UID 1 ENVELOPE (NIL \"a\" ((\"b\" NIL \"c\" \"d\"))) BODY[1.2] NIL RFC822.SIZE 3)\r\n",
		"* 1 FETCH (\r\n", "* 1 FETCH\r\n", "* 1 FETCH (UID\r\n", "* 1 FETCH (BODY[\r\n",
	}
	cases := map[string]struct{ in, want string }{
		"an unknown answer with a literal":       {"* XLIST {4}\r\nT1 O more\r\nT1 OK\r\n", "T1 OK\r\n"},
		"a space before the parenthesis":         {"* 1 FETCH (UID 12 )\r\n", "* 1 FETCH (UID 12)\r\n"},
		"a space behind the parenthesis":         {"* 1 FETCH ( FLAGS (\\Seen  \\Answered ) UID 1)\r\n", "* 1 FETCH (FLAGS (\\Seen \\Answered) UID 1)\r\n"},
		"a code that is no atom":                 {"T2 OK [Error=\"x]y\"] AUTHENTICATE completed.\r\n", "T2 OK y\"] AUTHENTICATE completed.\r\n"},
		"a code that never ends":                 {"* OK [FOO bar\r\n* OK ]\r\n", "* OK (FOO bar\r\n* OK ]\r\n"},
		"lines that belong to no answer":         {"\r\n[COPYUID 1 2 3]\r\nThe end\r\n* 1 EXISTS\r\n", "* 1 EXISTS\r\n"},
		"items nobody asked for":                 {"* 1 FETCH (X-GM-MSGID 12 UID 1 X-GM-LABELS (\\Inbox \"a ) b\") FLAGS (\\Seen) X-A \"x\\\"y\" X-B NIL)\r\n", "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n"},
		"an item nobody asked for behind a body": {"* 1 FETCH (UID 1 BODY[] {2}\r\nX  X-A (1 (2)) MODSEQ (3))\r\n", "* 1 FETCH (UID 1 BODY[] {2}\r\nX  MODSEQ (3))\r\n"},
		"the old name of a body":                 {"* 1 FETCH (UID 1 RFC822 {2}\r\nab)\r\n", "* 1 FETCH (UID 1 BODY[] {2}\r\nab)\r\n"},
		"an ID answer":                           {"* ID (\"name\" NIL)\r\nT1 OK\r\n", "T1 OK\r\n"},
		"an ESEARCH nobody asked for":            {"* ESEARCH (TAG \"T3\") UID ALL 1:4294967295\r\nT3 OK\r\n", "T3 OK\r\n"},
		"a cut line is handed on as it is":       {"* 1 FET", "* 1 FET"},
		"a line beyond the reader's buffer":      {"* SEARCH" + strings.Repeat(" 1", 40000) + "\r\n", "* SEARCH" + strings.Repeat(" 1", 40000) + "\r\n"},
	}
	for _, s := range same {
		cases[s] = struct{ in, want string }{s, s}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in))} {
				got, err := io.ReadAll(New(r))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, string(got)); diff != "" {
					t.Errorf("stream (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestIMAPWireRefusesWhatTheLibraryWouldBuffer(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want error
	}{
		"a string of a gigabyte":          {"* LIST () \"/\" {1000000000}\r\n", errLiteral},
		"a body of an exabyte":            {"* 1 FETCH (BODY[] {1000000000000000000}\r\nx", errLiteral},
		"a subject of a gigabyte":         {"* 1 FETCH (ENVELOPE (NIL {1000000000}\r\n", errLiteral},
		"a line that never ends":          {"* SEARCH" + strings.Repeat(" 1", 9<<20), ErrLine},
		"an unasked line that never ends": {"* X" + strings.Repeat(" 1", 9<<20), ErrLine},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := io.Copy(io.Discard, New(strings.NewReader(c.in))); !errors.Is(err, c.want) {
				t.Errorf("error = %v, want %v", err, c.want)
			}
		})
	}
}

func TestIMAPWirePassesBodiesOfAnySize(t *testing.T) {
	body := strings.Repeat("0123456789abcdef", 1<<16)
	in := "* 1 FETCH (UID 1 RFC822 {1048576}\r\n" + body + ")\r\n* 2 FETCH (UID 2 BODY[]<0> {1048576}\r\n" + body + ")\r\n"
	got, err := io.ReadAll(New(strings.NewReader(in)))
	if err != nil || string(got) != strings.Replace(in, "RFC822", "BODY[]", 1) {
		t.Errorf("got %d octets, %v, want %d", len(got), err, len(in))
	}
}

func TestIMAPWireFillsACutLiteral(t *testing.T) {
	reset := errors.New("connection reset")
	in := io.MultiReader(strings.NewReader("* 1 FETCH (UID 1 BODY[] {8}\r\nabc"), iotest.ErrReader(reset))
	w := New(in)
	got, err := io.ReadAll(w)
	if want := "* 1 FETCH (UID 1 BODY[] {8}\r\nabc\x00\x00\x00\x00\x00"; string(got) != want || !errors.Is(err, reset) || !w.Cut.Load() {
		t.Errorf("got %q, %v, cut %v; want %q", got, err, w.Cut.Load(), want)
	}
}

// FuzzIMAPWire: the stream never grows (but to fill up a cut literal), never panics, and is the same however the bytes arrive.
func FuzzIMAPWire(f *testing.F) {
	for _, s := range []string{
		"* OK [CAPABILITY IMAP4rev1] x\r\n* 1 FETCH (UID 1 BODY[] {3}\r\nabc )\r\nT1 OK [X=\"\"] d\r\n",
		"* XLIST {4}\r\nabcd more {2}\r\nxy\r\n", "* 1 FETCH ( FLAGS ( ) \" ) \\\" \")\n", "+\r\n*\r\n* \r\n{9}\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		w := New(bytes.NewReader(in))
		whole, err := io.ReadAll(io.LimitReader(w, 1<<20))
		if len(whole) > len(in) && !w.Cut.Load() {
			t.Fatalf("%d octets became %d", len(in), len(whole))
		}
		bytewise, err2 := io.ReadAll(io.LimitReader(New(iotest.OneByteReader(bytes.NewReader(in))), 1<<20))
		if !bytes.Equal(whole, bytewise) || (err == nil) != (err2 == nil) {
			t.Fatalf("at once %q (%v), byte by byte %q (%v)", whole, err, bytewise, err2)
		}
	})
}

func BenchmarkIMAPWire(b *testing.B) {
	body := strings.Repeat("0123456789abcd\r\n", 1280)
	in := []byte(strings.Repeat("* 1 FETCH (UID 1 BODY[] {20480}\r\n"+body+")\r\n", 50))
	b.SetBytes(int64(len(in)))
	buf := make([]byte, 4096)
	for b.Loop() {
		w := New(bytes.NewReader(in))
		for {
			if _, err := w.Read(buf); err != nil {
				break
			}
		}
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestALineWithoutEndIsReadToItsBound and no further: not even by a client that has time.
func TestALineWithoutEndIsReadToItsBound(t *testing.T) {
	t.Parallel()
	read := 0
	w := New(readerFunc(func(p []byte) (int, error) {
		read += len(p)
		return copy(p, bytes.Repeat([]byte{'1'}, len(p))), nil
	}))
	if _, err := io.Copy(io.Discard, w); !errors.Is(err, ErrLine) {
		t.Errorf("ended with %v", err)
	}
	if read < maxLine || read > maxLine+1<<20 {
		t.Errorf("%d bytes were read of a line that may have %d", read, maxLine)
	}
}
