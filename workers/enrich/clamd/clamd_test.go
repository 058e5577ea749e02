package clamd

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/workers/enrich/scanners"
	"frontdesk/workers/enrich/scannerstest"
)

// talking is a clamd that reads one command, hands an INSTREAM's bytes over, and then says what it is
// told to.
func talking(t testing.TB, serve func(conn net.Conn, command string)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); all.Wait() })
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(20 * time.Second))
				serve(conn, command(conn))
			})
		}
	})
	return l.Addr().String()
}

// command reads up to the NUL that ends it.
func command(r io.Reader) string {
	var out []byte
	for b := make([]byte, 1); ; {
		if _, err := io.ReadFull(r, b); err != nil || b[0] == 0 {
			return string(out)
		}
		out = append(out, b[0])
	}
}

// content reads the chunks of a stream.
func content(r io.Reader) []byte {
	var out []byte
	var length [4]byte
	for {
		if _, err := io.ReadFull(r, length[:]); err != nil {
			return nil
		}
		n := binary.BigEndian.Uint32(length[:])
		if n == 0 {
			return out
		}
		part := make([]byte, n)
		if _, err := io.ReadFull(r, part); err != nil {
			return nil
		}
		out = append(out, part...)
	}
}

func client(t testing.TB, address string, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{Address: address, Timeout: 5 * time.Second}
	for _, f := range change {
		f(&config)
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRepliesAreUnderstood(t *testing.T) {
	for _, c := range []struct {
		name, reply string
		verdict     scanners.Verdict
		found       string
		fails       bool
	}{
		{"a clean file", "stream: OK\x00", scanners.Clean, "", false},
		{"a finding", "stream: Eicar-Test-Signature FOUND\x00", scanners.Malware, "Eicar-Test-Signature", false},
		{"a finding with spaces in its name", "stream: Odd Name FOUND\x00", scanners.Malware, "Odd Name", false},
		{"a finding named OK", "stream: OK FOUND\x00", scanners.Malware, "OK", false},
		{"a finding whose name is no text", "stream: A\xff\x1bB FOUND\x00", scanners.Malware, "A??B", false},
		{"a stream beyond the daemon's limit", "INSTREAM size limit exceeded. ERROR\x00", scanners.TooLarge, "", false},
		{"an error", "stream: Can't allocate memory ERROR\x00", "", "", true},
		{"half a reply", "stream: OK", "", "", true},
		{"an empty reply", "\x00", "", "", true},
		{"nothing at all", "", "", "", true},
		{"another protocol", "220 mail.example ESMTP\r\n\x00", "", "", true},
		{"a reply without end", strings.Repeat("stream: ", maxReply), "", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			address := talking(t, func(conn net.Conn, _ string) {
				content(conn)
				io.WriteString(conn, c.reply)
			})
			got, err := client(t, address).ScanFile(t.Context(), []byte("a file"))
			if (err != nil) != c.fails || got.Verdict != c.verdict || got.Name != c.found {
				t.Errorf("got %q, %q and %v, want %q, %q, failing %v", got.Verdict, got.Name, err, c.verdict, c.found, c.fails)
			}
		})
	}
}

func TestTheFileTravelsWhole(t *testing.T) {
	for _, size := range []int{0, 1, chunk - 1, chunk, chunk + 1, 3*chunk + 7} {
		want := bytes.Repeat([]byte{'a', 0, 'b'}, size/3+1)[:size]
		got := make(chan []byte, 1)
		address := talking(t, func(conn net.Conn, command string) {
			if command != "zINSTREAM" {
				t.Errorf("command is %q", command)
			}
			got <- content(conn)
			io.WriteString(conn, "stream: OK\x00")
		})
		if _, err := client(t, address).ScanFile(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if b := <-got; !bytes.Equal(b, want) {
			t.Errorf("of %d bytes %d came", len(want), len(b))
		}
	}
}

// TestARefusalBeforeTheEndIsHeard: the daemon answers and closes while we still send.
func TestARefusalBeforeTheEndIsHeard(t *testing.T) {
	address := talking(t, func(conn net.Conn, _ string) {
		io.ReadFull(conn, make([]byte, 100))
		io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
		conn.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, conn)
	})
	got, err := client(t, address).ScanFile(t.Context(), make([]byte, 8<<20))
	if err != nil || got.Verdict != scanners.TooLarge {
		t.Errorf("got %q and %v, want too-large", got.Verdict, err)
	}
}

func TestASilentDaemonCostsItsTimeoutAndNoMore(t *testing.T) {
	release := make(chan struct{})
	address := talking(t, func(net.Conn, string) { <-release })
	t.Cleanup(func() { close(release) })
	c := client(t, address, func(c *Config) { c.Timeout = 50 * time.Millisecond })
	if _, err := c.ScanFile(t.Context(), make([]byte, 8<<20)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v, want the deadline", err)
	}
	if _, err := c.Probe(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the probe's error is %v, want the deadline", err)
	}
}

func TestACallerWhoGoesIsNotKept(t *testing.T) {
	heard, release := make(chan struct{}), make(chan struct{})
	address := talking(t, func(net.Conn, string) { close(heard); <-release })
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-heard; cancel() }()
	if _, err := client(t, address).ScanFile(ctx, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want that the caller has gone", err)
	}
}

func TestAFileBeyondTheLimitIsNotAskedAbout(t *testing.T) {
	address := talking(t, func(net.Conn, string) { t.Error("it was asked about") })
	got, err := client(t, address, func(c *Config) { c.MaxSize = 10 }).ScanFile(t.Context(), make([]byte, 11))
	if err != nil || got.Verdict != scanners.TooLarge {
		t.Errorf("got %q and %v, want too-large", got.Verdict, err)
	}
}

func TestAddresses(t *testing.T) {
	for address, network := range map[string]string{"unix:/run/clamd.ctl": "unix", "/run/clamd.ctl": "unix", "127.0.0.1:3310": "tcp", "clamd": ""} {
		c, err := New(Config{Address: address})
		if (err != nil) != (network == "") || err == nil && c.network != network {
			t.Errorf("%q: got %v, %v, want %q", address, c, err, network)
		}
	}
}

func mailWith(t testing.TB, file []byte) []byte {
	t.Helper()
	return []byte("From: ann@example.org\r\nTo: support@desk.example\r\nSubject: a file\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nsee the file\r\n--b\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n" +
		"Content-Disposition: attachment; filename=a.bin\r\n\r\n" + base64.StdEncoding.EncodeToString(file) + "\r\n--b--\r\n")
}

func zipped(t testing.TB, name string, file []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestARealClamd(t *testing.T) {
	s := scannerstest.StartClamd(t)
	c := client(t, s.Address)
	if found, err := c.Probe(t.Context()); err != nil || !strings.HasPrefix(found, "ClamAV ") {
		t.Fatalf("probe: %q, %v", found, err)
	}
	eicar := scannerstest.EICAR()
	for _, f := range []struct {
		name    string
		content []byte
		want    scanners.Verdict
	}{
		{"the test file", eicar, scanners.Malware},
		{"the test file in an archive in an archive", zipped(t, "inner.zip", zipped(t, "eicar.com", eicar)), scanners.Malware},
		{"a mail with the test file", mailWith(t, eicar), scanners.Malware},
		{"a mail with the test file in an archive", mailWith(t, zipped(t, "eicar.com", eicar)), scanners.Malware},
		{"a mail whose text is malware", []byte("From: a@example.org\r\nSubject: x\r\n\r\n" + scannerstest.Infected + "\r\n"), scanners.Malware},
		{"a mail with a harmless file", mailWith(t, []byte("an invoice")), scanners.Clean},
		{"nothing", nil, scanners.Clean},
		{"more than the daemon takes", make([]byte, 5<<20), scanners.TooLarge},
	} {
		t.Run(f.name, func(t *testing.T) {
			got, err := c.ScanFile(t.Context(), f.content)
			if err != nil || got.Verdict != f.want {
				t.Errorf("got %+v and %v, want %s", got, err, f.want)
			}
		})
	}
	s.Kill()
	if _, err := c.ScanFile(t.Context(), eicar); err == nil {
		t.Error("a dead clamd answered")
	}
	s.Restart()
	if got, err := c.ScanFile(t.Context(), eicar); err != nil || got.Name != scannerstest.EICARName {
		t.Errorf("after its start: got %+v and %v", got, err)
	}
}

func FuzzRead(f *testing.F) {
	for _, reply := range []string{"stream: OK", "stream: A FOUND", "INSTREAM size limit exceeded. ERROR", "stream: FOUND", "x ERROR"} {
		f.Add(reply)
	}
	f.Fuzz(func(t *testing.T, reply string) {
		var o scanners.Opinion
		err := read(reply, &o)
		if (err == nil) != (o.Verdict != "") {
			t.Errorf("verdict %q with error %v", o.Verdict, err)
		}
		if o.Verdict == scanners.Clean && reply != "stream: OK" {
			t.Errorf("%q is taken for clean", reply)
		}
	})
}
