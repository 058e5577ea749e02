// Package clamd has files scanned by a clamd daemon over its own protocol: INSTREAM, in which the
// bytes travel in chunks on the socket on which they were asked about, so that the daemon needs to
// read no file of ours (https://docs.clamav.net/manual/Usage/ClamdProtocol.html).
//
//	zINSTREAM\0 <4 bytes length><data> … <0000>
//	stream: OK\0
//	stream: Eicar-Test-Signature FOUND\0
//	INSTREAM size limit exceeded. ERROR\0
package clamd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"frontdesk/workers/enrich/scanners"
)

// Name is that of the opinions.
const Name = "clamd"

// Config says where clamd is.
type Config struct {
	Address  string        // unix:/run/clamav/clamd.ctl, or host:port
	MaxSize  int64         // bytes of one file; larger ones are not asked about. 0: 25 MB, clamd's own StreamMaxLength
	Timeout  time.Duration // of one scan. 0: 15 s
	Parallel int           // scans at a time. 0: 8; clamd's own MaxThreads is 10
}

// Client is safe for concurrent use. Each scan has a connection of its own: clamd gives a session one
// thread only, and a connection that broke takes one scan with it.
type Client struct {
	config  Config
	network string
	address string
	slots   chan struct{}
}

// New makes a client. It connects when first used.
func New(c Config) (*Client, error) {
	out := &Client{network: "tcp", address: c.Address}
	if path, ok := strings.CutPrefix(c.Address, "unix:"); ok {
		out.network, out.address = "unix", path
	} else if strings.HasPrefix(c.Address, "/") {
		out.network = "unix"
	} else if _, _, err := net.SplitHostPort(c.Address); err != nil {
		return nil, errors.New("making the clamd client: its address is neither unix:PATH nor host:port")
	}
	if c.MaxSize == 0 {
		c.MaxSize = 25 << 20
	}
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	if c.Parallel == 0 {
		c.Parallel = 8
	}
	out.config, out.slots = c, make(chan struct{}, c.Parallel)
	return out, nil
}

// ScanFile has one file scanned. A mail's raw bytes are a file too: clamd reads MIME and archives.
func (c *Client) ScanFile(ctx context.Context, content []byte) (scanners.Opinion, error) {
	o := scanners.Opinion{Scanner: Name, Asked: time.Now()}
	if int64(len(content)) > c.config.MaxSize {
		o.Verdict, o.At = scanners.TooLarge, o.Asked
		return o, nil
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return o, fmt.Errorf("asking clamd: %w", scanners.ErrBusy)
	}
	reply, err := c.talk(ctx, func(w io.Writer) error { return stream(w, content) })
	if err != nil {
		return o, fmt.Errorf("asking clamd: %w", err)
	}
	o.At = time.Now()
	if err := read(reply, &o); err != nil {
		return o, fmt.Errorf("asking clamd: %w", err)
	}
	return o, nil
}

// Probe asks PING, then VERSION: the program and the age of its signatures.
func (c *Client) Probe(ctx context.Context) (string, error) {
	pong, err := c.command(ctx, "zPING\x00")
	if err != nil {
		return "", fmt.Errorf("probing clamd: %w", err)
	}
	if pong != "PONG" {
		return "", fmt.Errorf("probing clamd: %w", scanners.ErrProtocol)
	}
	version, err := c.command(ctx, "zVERSION\x00")
	if err != nil {
		return "", fmt.Errorf("probing clamd: %w", err)
	}
	return printable(version, 200), nil
}

func (c *Client) command(ctx context.Context, line string) (string, error) {
	return c.talk(ctx, func(w io.Writer) error {
		_, err := io.WriteString(w, line)
		return err
	})
}

// talk opens a connection, says what is to be said and reads the one reply. clamd may answer before it
// has read everything, and then closes: its reply counts more than our failing to write.
func (c *Client) talk(ctx context.Context, say func(io.Writer) error) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, c.network, c.address)
	if err != nil {
		return "", timely(ctx, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) }) //nolint:errcheck // the read then fails
	defer stop()
	said := say(conn)
	reply, err := hear(conn)
	switch {
	case err == nil:
		return reply, nil
	case said != nil && ctx.Err() == nil:
		return "", fmt.Errorf("sending: %w", said)
	default:
		return "", timely(ctx, err)
	}
}

// timely is the error of ctx, where that is why the connection failed.
func timely(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// chunk is how many bytes go out behind one length.
const chunk = 256 << 10

// stream sends the file in chunks with their lengths, and an empty one at its end. clamd may close in the middle;
// then its reply tells why.
func stream(w io.Writer, content []byte) error {
	if _, err := io.WriteString(w, "zINSTREAM\x00"); err != nil {
		return err
	}
	var length [4]byte
	for len(content) > 0 {
		n := min(len(content), chunk)
		binary.BigEndian.PutUint32(length[:], uint32(n)) // at most chunk
		parts := net.Buffers{length[:], content[:n]}
		if _, err := parts.WriteTo(w); err != nil {
			return err
		}
		content = content[n:]
	}
	_, err := w.Write([]byte{0, 0, 0, 0})
	return err
}

// maxReply bounds a reply, in bytes. The longest is the name of a signature.
const maxReply = 4 << 10

// hear reads up to the NUL that ends a reply, or the end of the connection.
func hear(r io.Reader) (string, error) {
	b, err := bufio.NewReaderSize(io.LimitReader(r, maxReply), maxReply).ReadBytes(0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	b = bytes.TrimRight(b, "\x00\r\n")
	switch {
	case len(b) >= maxReply-1:
		return "", fmt.Errorf("more than %d bytes: %w", maxReply, scanners.ErrProtocol)
	case len(b) == 0:
		return "", fmt.Errorf("reading the reply: %w", io.ErrUnexpectedEOF)
	case err != nil: // half a reply is none: "stream: OK" may be the beginning of a name
		return "", fmt.Errorf("reading the reply: %w", io.ErrUnexpectedEOF)
	}
	return string(b), nil
}

// read takes a reply apart.
func read(reply string, o *scanners.Opinion) error {
	switch found, is := strings.CutSuffix(reply, " FOUND"); {
	case reply == "stream: OK":
		o.Verdict = scanners.Clean
	case is && strings.HasPrefix(found, "stream: "):
		o.Verdict, o.Name = scanners.Malware, printable(strings.TrimPrefix(found, "stream: "), 120)
	case strings.Contains(reply, "size limit exceeded"):
		o.Verdict = scanners.TooLarge
	case strings.HasSuffix(reply, "ERROR"):
		return fmt.Errorf("it says %q: %w", printable(reply, 120), scanners.ErrProtocol)
	default:
		return scanners.ErrProtocol
	}
	return nil
}

// printable is a word of clamd's as it may be shown and logged.
func printable(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if r := []rune(s); len(r) > limit {
		s = string(r[:limit])
	}
	return s
}
