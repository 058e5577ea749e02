package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels/email/imap/internal/wire"
	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// errNoStartTLS ends the connection: going on in the clear would hand the password to whoever took the answer out.
var errNoStartTLS = errors.New("the server does not start TLS")

// dial opens a connection and waits for the greeting.
func (f *Fetcher) dial(ctx context.Context) (*session, error) {
	conn, greeted, err := f.dialNet(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	ic := newConn(conn)
	if greeted {
		// The library waits for a greeting, and the server has given it before TLS.
		ic.wire.Inject("* OK ready\r\n")
	}
	s := &session{conn: ic, quiet: f.cfg.CommandTimeout, noIdle: f.cfg.NoIdle, wake: make(chan struct{}, 1)}
	s.stray.cut = &ic.wire.Cut
	s.client = imapclient.New(ic, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: s.mailboxChanged,
		Fetch:   s.stray.take,
	}})
	if err := s.run(ctx, f.cfg.ConnectTimeout, s.client.WaitGreeting); err != nil {
		s.close()
		return nil, fmt.Errorf("waiting for the greeting: %w", err)
	}
	return s, nil
}

// dialNet opens the socket and brings up TLS. greeted says that the greeting has been read.
// ConnectTimeout bounds all of it. crypto/tls takes the context itself; for STARTTLS the socket is closed when the time is over,
// since a read in progress can be ended in no other way.
func (f *Fetcher) dialNet(ctx context.Context) (conn net.Conn, greeted bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.cfg.ConnectTimeout)
	defer cancel()
	addr := net.JoinHostPort(f.cfg.Host, strconv.Itoa(f.cfg.Port))
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, false, err
	}
	if f.cfg.TLS == Plain {
		return raw, false, nil
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	if f.cfg.TLS == StartTLS {
		if err := startTLS(raw); err != nil {
			_ = raw.Close()
			return nil, false, err
		}
	}
	secure := tls.Client(raw, f.tlsConfig())
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, false, err
	}
	return secure, f.cfg.TLS == StartTLS, nil
}

// tlsConfig names the server for the certificate's check. A configuration that is given is cloned, since connections share it.
func (f *Fetcher) tlsConfig() *tls.Config {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.cfg.TLSConfig != nil {
		cfg = f.cfg.TLSConfig.Clone()
	}
	if cfg.ServerName == "" {
		cfg.ServerName = f.cfg.Host
	}
	return cfg
}

// startTLS asks for TLS on a fresh connection (RFC 9051 §6.2.1). It reads byte by byte, so
// that nothing sent in the clear can slip in behind the answer. A server that says PREAUTH would
// keep us from TLS and is refused (§7.1.4).
func startTLS(conn net.Conn) error {
	greeting, err := readLine(conn)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(strings.ToUpper(greeting), "* OK") {
		return errNoStartTLS
	}
	if _, err := conn.Write([]byte("S1 STARTTLS\r\n")); err != nil {
		return err
	}
	// Untagged answers may come before ours; a server that sends a hundred does not want to answer.
	for range 100 {
		line, err := readLine(conn)
		if err != nil {
			return err
		}
		if rest, ok := strings.CutPrefix(line, "S1 "); ok {
			if strings.HasPrefix(strings.ToUpper(rest), "OK") {
				return nil
			}
			return errNoStartTLS
		}
	}
	return errNoStartTLS
}

// readLine reads one line without its end, at most 8 KiB: before TLS nobody is to be believed, and no greeting is so long.
func readLine(conn net.Conn) (string, error) {
	var line []byte
	var b [1]byte
	for len(line) < 8<<10 {
		if _, err := conn.Read(b[:]); err != nil {
			return "", err
		}
		if b[0] == '\n' {
			return strings.TrimRight(string(line), "\r"), nil
		}
		line = append(line, b[0])
	}
	return "", wire.ErrLine
}

// connect signs in and tells who we are. A sign-in that is refused is tried once more, with a fresh
// token where there are tokens; after that the account rests.
// The first try takes a token that may have expired meanwhile, so a refusal then says little; the second one is asked with a token
// made just now. With a password the same is simply tried once more.
func (f *Fetcher) connect(ctx context.Context) (*session, error) {
	if err := f.auth.gate(f.cfg.Now()); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		secret, err := f.auth.secret(ctx, try > 1)
		if err != nil {
			return nil, f.auth.refused(f.cfg.Now(), err)
		}
		s, err := f.dial(ctx)
		if err != nil {
			return nil, err
		}
		err = s.signIn(ctx, f.auth, secret)
		if err == nil {
			f.auth.accepted()
			s.identify(ctx, f.cfg.ID)
			return s, nil
		}
		s.close()
		if try == 2 || !errors.Is(err, errSignIn) {
			return nil, f.auth.refused(f.cfg.Now(), err)
		}
	}
}

// open connects and opens the folder, read-only unless write is set.
// Read-only is EXAMINE (RFC 9051 §6.3.3): fetching then changes no flag, whatever the server makes of PEEK.
func (f *Fetcher) open(ctx context.Context, folder string, write bool) (*session, error) {
	s, err := f.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.choose(ctx, folder, write); err != nil {
		s.close()
		return nil, fmt.Errorf("opening the folder: %w", err)
	}
	return s, nil
}

// identify sends ID where the server knows it. 163 and 126 refuse to open a folder without; no
// server's answer to it matters.
func (s *session) identify(ctx context.Context, id ID) {
	if !s.has(imap.CapID) {
		return
	}
	_ = s.run(ctx, s.quiet, func() error {
		_, err := s.client.ID(&imap.IDData{Name: id.Name, Version: id.Version, Vendor: id.Vendor, SupportURL: id.SupportURL}).Wait()
		return err
	})
}

// choose opens a folder and notes its UIDVALIDITY and UIDNEXT.
// A server without UIDVALIDITY cannot be fetched from: no mail would have a key that lasts (RFC 9051 §2.3.1.1).
func (s *session) choose(ctx context.Context, folder string, write bool) error {
	var data *imap.SelectData
	err := s.run(ctx, s.quiet, func() (err error) {
		data, err = s.client.Select(folder, &imap.SelectOptions{ReadOnly: !write}).Wait()
		return err
	})
	if err != nil {
		return err
	}
	if data.UIDValidity == 0 {
		return errors.New("the server gives no UIDVALIDITY")
	}
	s.folder, s.write = folder, write
	s.flags = data.PermanentFlags
	s.validity, s.next, s.count = data.UIDValidity, data.UIDNext, data.NumMessages
	if s.told = s.next > 0; !s.told {
		s.next, err = s.findNext(ctx)
	}
	return err
}

// behind reports whether a folder that was just opened has given out fewer UIDs than we have read:
// it was restored or made anew under its old UIDVALIDITY, against RFC 9051 §2.3.1.1.
func (s *session) behind(last imap.UID) bool { return s.told && s.next <= last }

// findNext finds the next UID where the server does not tell it.
// It searches for UID *, the last mail (RFC 9051 §9, seq-number); 1 for an empty folder.
func (s *session) findNext(ctx context.Context) (imap.UID, error) {
	uids, err := s.search(ctx, &imap.SearchCriteria{UID: []imap.UIDSet{{{Start: 0, Stop: 0}}}})
	if err != nil || len(uids) == 0 {
		return 1, err
	}
	return uids[len(uids)-1] + 1, nil
}

// has asks for a capability.
func (s *session) has(c imap.Cap) bool { return s.caps.Has(c) }

// session is one connection that is signed in.
// One command runs at a time; Fetch and what runs aside have a session each.
type session struct {
	// conn and client are the two ends of one connection; caps are the capabilities after signing in.
	conn   *deadlineConn
	client *imapclient.Client
	caps   imap.CapSet
	quiet  time.Duration // silence after which the connection is dead
	wake   chan struct{} // gets a value when the folder has changed
	stray  strays
	// noIdle is set when the server refused IDLE, or by the configuration. stray is what the library could not join to a command.
	noIdle bool

	// The rest is of the folder that is open: its name, whether it can be written to, its UIDVALIDITY and how many mails it has.
	folder   string
	write    bool
	validity uint32
	next     imap.UID // UIDNEXT when the folder was opened
	told     bool     // the server told it; else it is the last UID + 1
	count    uint32
	flags    []imap.Flag // those that stay, as the server has told when it opened the folder
}

// mailboxChanged is called by the library's reader and must not wait.
func (s *session) mailboxChanged(data *imapclient.UnilateralDataMailbox) {
	if data.NumMessages == nil {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// alive reports whether the connection still stands, as far as is known without asking.
func (s *session) alive() bool {
	select {
	case <-s.client.Closed():
		return false
	default:
		return s.conn.death() == nil
	}
}

func (s *session) close() { s.conn.kill(net.ErrClosed) }

// lost says that the connection broke.
// run makes it; who gets it may connect again and repeat.
type lost struct{ err error }

// Error names the reason: a network error of ours or of the system's, which holds no text of the server's.
func (e *lost) Error() string { return "the connection broke: " + e.err.Error() }

// Unwrap gives the reason itself, such as errSilent.
func (e *lost) Unwrap() error { return e.err }

// errGarbled says that the library gave up on the server's answer and closed the connection. Its
// own words are not kept: they may quote the answer.
var errGarbled = errors.New("the server's answer cannot be read")

// run does one command under the watchdog and sorts its error: *imap.Error when the server refused,
// *lost when the connection broke, errGarbled when the answer made no sense.
// After *lost and errGarbled the connection is closed, and whatever the command did at the server is unknown.
func (s *session) run(ctx context.Context, limit time.Duration, do func() error) error {
	release := s.conn.watch(ctx, s.quiet, limit)
	err := do()
	release()
	if err == nil {
		return nil
	}
	if status, ok := status(err); ok {
		return status
	}
	if death := s.conn.death(); death != nil {
		return &lost{death}
	}
	s.close()
	return errGarbled
}
