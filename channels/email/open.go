package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/channels/email/compose"
	"frontdesk/channels/email/imap"
	"frontdesk/channels/email/oauth"
	"frontdesk/channels/email/parse"
	"frontdesk/channels/email/relay"
	"frontdesk/configs/values"
	"frontdesk/pipeline/message"
)

// open connects an inbox: with its folders, and with its relay or the sink.
// With Decoding the decoder alone is made, which needs no account: a replay decodes originals anew with it.
func open(s descriptor.Setup) (descriptor.Ends, error) {
	section, ok := s.Section.(*Section)
	if !ok {
		section = &Section{}
	}
	out := descriptor.Ends{Decoder: parse.NewDecoder(parse.DecoderConfig{TrustedAuthserv: section.TrustedAuthserv})}
	if s.Decoding {
		return out, nil
	}
	if section.IMAP != nil {
		if err := fetching(&out, section.IMAP, s); err != nil {
			return out, err
		}
	}
	return out, sending(&out, section, s)
}

// fetching adds a stream a folder.
// Each folder has a connection of its own, since a session has one folder selected and waits there. The mark of what is done to a mail (flag,
// move) goes by the first one.
func fetching(out *descriptor.Ends, m *IMAP, s descriptor.Setup) error {
	var tokens oauth.TokenSource
	if m.OAuth != nil {
		source, err := tokenSource("imap:"+s.Inbox, *m.OAuth, s)
		if err != nil {
			return err
		}
		tokens = source
	}
	believed, err := s.Authorities(m.CAFile)
	if err != nil {
		return err
	}
	for i, folder := range m.Folders {
		c := imapConfig(s.Inbox, m, folder, tokens)
		c.TLSConfig = believing(believed)
		f, err := imap.New(c)
		if err != nil {
			return fmt.Errorf("folder %s: %w", folder, err)
		}
		out.Streams = append(out.Streams, descriptor.Stream{Name: "imap:" + folder, Fetcher: f})
		out.Probes = append(out.Probes, descriptor.Probe{What: "IMAP " + m.Host, At: "imap", Prober: f})
		if i == 0 && m.PostAction != "none" {
			out.Marker = f
		}
	}
	return nil
}

// believing is how a client connects that believes these authorities; nil for its own way.
func believing(pool *x509.CertPool) *tls.Config {
	if pool == nil {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
}

// imapConfig puts the words of the file into those of package imap. Insecure is asked for by tls: none alone.
func imapConfig(inbox string, c *IMAP, folder string, tokens oauth.TokenSource) imap.Config {
	out := imap.Config{Inbox: inbox, Host: c.Host, Port: c.Port, TLS: imapTLS(c.TLS), User: c.User, Password: c.Password.Reveal(),
		Auth: c.Auth, Tokens: tokens, Folder: folder, MaxSize: int64(c.MaxSize), Poll: time.Duration(c.Poll), Since: since(c.Since),
		PostAction: postAction(c), Insecure: c.TLS == "none"}
	if c.Idle != nil {
		out.IdleFor, out.NoIdle = c.Idle.Std(), *c.Idle == 0
	}
	return out
}

// since is the first moment of a day in UTC; zero for no day.
func since(d values.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.In(time.UTC)
}

// imapTLS is empty for a word that the enum tag does not let through.
func imapTLS(word string) string {
	return map[string]string{"implicit": imap.TLS, "starttls": imap.StartTLS, "none": imap.Plain}[word]
}

// postAction joins action and argument, as package imap reads them. The flag is a keyword (RFC 9051 §2.3.2), which not every server keeps.
func postAction(c *IMAP) string {
	switch c.PostAction {
	case "flag":
		return "flag:$Frontdesk"
	case "move":
		return "move:" + c.MoveTo
	case "seen":
		return imap.PostSeen
	default:
		return imap.PostNone
	}
}

// sending adds the inbox's relay, or the mail sink where it has none.
func sending(out *descriptor.Ends, section *Section, s descriptor.Setup) (err error) {
	from := message.Address{Kind: message.Email, Value: s.Address, Name: s.Name}
	if section.Relay == "" {
		if !s.Asking {
			out.Sender, err = s.Sink(from)
		}
		return err
	}
	shared := relays(descriptor.Around{Shared: s.Shared})
	i, known := shared.named(section.Relay)
	if !known {
		return fmt.Errorf("relay %q is not configured", section.Relay)
	}
	r := shared.Relays[i]
	sender, err := submitter(r, from, s)
	if err != nil {
		return fmt.Errorf("relay %s: %w", r.Name, err)
	}
	out.Sender, out.Close = sender, sender.Close
	out.Probes = append(out.Probes, descriptor.Probe{What: "SMTP relay " + r.Host, At: fmt.Sprintf("relays[%d]", i), Shared: true, Prober: sender})
	return nil
}

// submitter makes the client of a relay for one inbox. Keys are read here, so a file that is missing fails the start and not the first mail.
func submitter(r Relay, from message.Address, s descriptor.Setup) (*relay.Submitter, error) {
	c := relay.Config{Addr: net.JoinHostPort(r.Host, strconv.Itoa(r.Port)), Security: map[string]string{"implicit": "tls", "starttls": "starttls", "none": "none"}[r.TLS],
		Hello: s.Desk.Domain, From: from, Envelope: r.Envelope, Bounce: from.Value, MAC: s.Token}
	believed, err := s.Authorities(r.CAFile)
	if err != nil {
		return nil, err
	}
	c.TLSConfig = believing(believed)
	if r.mailbox() {
		c.Mailbox = r.User
	}
	if r.Auth != "none" && r.User != "" {
		c.Auth = relay.Auth{Mechanism: r.Auth, Username: r.User, Password: r.Password.Reveal()}
	}
	if r.OAuth != nil {
		source, err := tokenSource("relay:"+r.Name, *r.OAuth, s)
		if err != nil {
			return nil, err
		}
		c.Auth.Token = func(ctx context.Context) (string, error) { return source.Token(ctx, false) }
	}
	for _, k := range r.DKIM {
		pem, err := os.ReadFile(k.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("reading DKIM key: %w", err)
		}
		key, err := compose.ParseDKIMKey(k.Domain, k.Selector, pem)
		if err != nil {
			return nil, err
		}
		c.DKIM = append(c.DKIM, key)
	}
	return relay.New(c)
}
