package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/compose"
	"frontdesk/channels/email/imap"
	"frontdesk/channels/email/oauth"
	"frontdesk/channels/email/parse"
	"frontdesk/channels/email/relay"
	"frontdesk/channels/email/sink"
	"frontdesk/channels/email/smtpd"
	"frontdesk/channels/email/verdict"
	"frontdesk/channels/guard"
	"frontdesk/channels/telegram"
	"frontdesk/channels/twilio"
	"frontdesk/channels/web"
	"frontdesk/configs"
	"frontdesk/pipeline/message"
	"frontdesk/workers"
	"frontdesk/workers/enrich"
	"frontdesk/workers/store"
)

// wiring is what the configured inboxes come to: every connector in the places where it is used.
type wiring struct {
	decoders  map[string]channels.Decoder
	sources   []workers.Source
	catchups  map[string]channels.Reconciler
	routes    []workers.Route
	outlets   workers.Outlets
	probes    []probe
	mailboxes map[string]string // address taken at our SMTP door → inbox
	sink      *sink.Sink
	scanners  []enrich.Scanner // asked before a decision
	closers   []func() error
}

// probe is one connection that `frontdesk check` proves.
type probe struct {
	Inbox, What string
	At          string // its path in the configuration
	channels.Prober
}

// inboxPath is where an inbox stands in the configuration.
func inboxPath(c configs.Config, name string) string {
	return fmt.Sprintf("inboxes[%d]", slices.IndexFunc(c.Inboxes, func(in configs.Inbox) bool { return in.Name == name }))
}

// needs is what connectors get from the installation.
type needs struct {
	config configs.Config
	store  *store.Store // nil for `frontdesk check`, which keeps no tokens
	digest channels.Digest
	token  channels.Digest
	logger *slog.Logger
	port   func() string              // address of the public listener, for URLs when none is configured
	remote func(*http.Request) string // a visitor's address behind trusted proxies
	budget *channels.Budget           // what messages may take until they are recorded
	shares *guard.Shares              // what one client may take of it

	certificate *certificate // of the listeners; nil for none

	decoding bool // only decoders are wanted: nothing is made that connects or writes
	asking   bool // connections are asked and nothing is sent: the mail sink is left to whoever serves
}

// connectors joins each channel of the configuration to its connector. A new channel is one folder
// below channels and one line here.
var connectors = map[string]func(*wiring, configs.Inbox, needs) error{
	configs.ChannelEmail:    wireEmail,
	configs.ChannelSMS:      wireTwilio,
	configs.ChannelTelegram: wireTelegram,
	configs.ChannelForm:     wireForm,
	configs.ChannelAPI:      wireAPI,
}

func newWiring(n needs) *wiring {
	return &wiring{
		decoders: map[string]channels.Decoder{}, catchups: map[string]channels.Reconciler{}, mailboxes: map[string]string{},
		outlets: workers.Outlets{Senders: map[string]channels.Sender{}, Markers: map[string]channels.Marker{},
			Media: map[string]channels.MediaFetcher{}, Notices: map[string]workers.Notifier{}, PerMinute: n.config.Screening.AcksPerMinute, MediaLimit: int64(n.config.Limits.MaxMedia)},
	}
}

// join makes the connector of an inbox.
func (w *wiring) join(in configs.Inbox, n needs) error {
	join, ok := connectors[in.Channel]
	if !ok {
		return fmt.Errorf("wiring inbox %s: channel %q has no connector", in.Name, in.Channel)
	}
	if err := join(w, in, n); err != nil {
		return fmt.Errorf("wiring inbox %s: %w", in.Name, err)
	}
	return nil
}

func wire(n needs) (*wiring, error) {
	w := newWiring(n)
	for _, in := range n.config.Inboxes {
		if err := w.join(in, n); err != nil {
			return nil, err
		}
	}
	for address, inbox := range roleAddresses(n.config) {
		if _, taken := w.mailboxes[address]; !taken && !n.decoding {
			w.mailboxes[address] = inbox
		}
	}
	if err := wireScanners(w, n); err != nil {
		return nil, err
	}
	believed, err := roots("", n.config.CAFile)
	if err != nil {
		return nil, err
	}
	for i, hook := range n.config.Webhooks {
		w.outlets.Notices[noticeName(i)] = &workers.WebhookOut{URL: hook.URL, Secret: []byte(hook.Secret.Reveal()), Now: time.Now,
			Client: plainClient(believed, 20*time.Second, false)}
	}
	return w, nil
}

func noticeName(i int) string { return "webhook-" + strconv.Itoa(i+1) }

func (w *wiring) close() {
	for _, c := range w.closers {
		c()
	}
}

func (n needs) publicURL(path string) string {
	base := strings.TrimSuffix(n.config.Listen.PublicURL, "/")
	if base == "" && n.port != nil {
		base = "http://" + n.port()
	}
	return base + path
}

// --- mail

// roleAddresses are the addresses that each domain with mail has (RFC 5321 §4.5.1, RFC 2142 §4), with the first
// inbox of that domain at our SMTP door; those of the desk's own domain belong to the first of all.
func roleAddresses(c configs.Config) map[string]string {
	out := map[string]string{}
	add := func(domain, inbox string) {
		for _, role := range []string{"postmaster@", "abuse@"} {
			if address := role + strings.ToLower(domain); out[address] == "" {
				out[address] = inbox
			}
		}
	}
	first := ""
	for _, in := range c.Inboxes {
		if in.Channel != configs.ChannelEmail || !in.SMTPDoor {
			continue
		}
		first = cmp.Or(first, in.Name)
		for _, address := range append([]string{in.Address}, in.Aliases...) {
			if at := strings.LastIndexByte(address, '@'); at >= 0 {
				add(address[at+1:], in.Name)
			}
		}
	}
	if first != "" {
		add(cmp.Or(c.Desk.Domain, "localhost"), first)
	}
	return out
}

func wireEmail(w *wiring, in configs.Inbox, n needs) error {
	w.decoders[in.Name] = parse.NewDecoder(parse.DecoderConfig{TrustedAuthserv: in.TrustedAuthserv})
	if n.decoding {
		return nil
	}
	if in.SMTPDoor {
		for _, address := range append([]string{in.Address}, in.Aliases...) {
			w.mailboxes[strings.ToLower(address)] = in.Name
		}
	}
	if in.IMAP != nil {
		if err := wireIMAP(w, in, n); err != nil {
			return err
		}
	}
	if in.Relay == "" && n.asking {
		return nil
	}
	sender, err := mailSender(w, in, n)
	if err != nil {
		return err
	}
	w.outlets.Senders[in.Name] = sender
	return nil
}

func wireIMAP(w *wiring, in configs.Inbox, n needs) error {
	var tokens oauth.TokenSource
	if in.IMAP.OAuth != nil {
		source, err := tokenSource("imap:"+in.Name, *in.IMAP.OAuth, n)
		if err != nil {
			return err
		}
		tokens = source
	}
	believed, err := roots(in.IMAP.CAFile, n.config.CAFile)
	if err != nil {
		return err
	}
	for i, folder := range in.IMAP.Folders {
		c := imapConfig(in, folder, tokens)
		c.TLSConfig = believing(believed)
		f, err := imap.New(c)
		if err != nil {
			return fmt.Errorf("folder %s: %w", folder, err)
		}
		w.sources = append(w.sources, workers.Source{Inbox: in.Name, Channel: in.Channel, Address: in.Address, Stream: "imap:" + folder, Fetcher: f})
		w.probes = append(w.probes, probe{in.Name, "IMAP " + in.IMAP.Host, inboxPath(n.config, in.Name) + ".imap", f})
		if i == 0 && in.IMAP.PostAction != "none" {
			w.outlets.Markers[in.Name] = f
		}
	}
	return nil
}

func imapConfig(in configs.Inbox, folder string, tokens oauth.TokenSource) imap.Config {
	c := in.IMAP
	out := imap.Config{Inbox: in.Name, Host: c.Host, Port: c.Port, TLS: imapTLS[c.TLS], User: c.User, Password: c.Password.Reveal(),
		Auth: c.Auth, Tokens: tokens, Folder: folder, MaxSize: int64(c.MaxSize), Poll: time.Duration(c.Poll), Since: since(c.Since),
		PostAction: postAction(c), Insecure: c.TLS == "none"}
	if c.Idle != nil {
		out.IdleFor, out.NoIdle = c.Idle.Std(), *c.Idle == 0
	}
	return out
}

// since is the first moment of a day in UTC; zero for no day.
func since(d configs.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.In(time.UTC)
}

var imapTLS = map[string]string{"implicit": imap.TLS, "starttls": imap.StartTLS, "none": imap.Plain}

func postAction(c *configs.IMAP) string {
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

// tokenSource keeps refresh tokens, which providers rotate, sealed in the database.
func tokenSource(name string, c configs.OAuth, n needs) (*oauth.Source, error) {
	out := oauth.Config{Preset: map[string]string{"google": "gmail", "microsoft": "microsoft"}[c.Provider], Tenant: c.Tenant, TokenURL: c.TokenURL,
		ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(), Scopes: c.Scopes, Token: oauth.Token{RefreshToken: c.RefreshToken.Reveal()}}
	believed, err := roots("", n.config.CAFile)
	if err != nil {
		return nil, err
	}
	out.Client = plainClient(believed, 30*time.Second, true)
	if n.store != nil {
		origin := n.digest([]byte("oauth origin"), []byte(c.RefreshToken.Reveal()))
		out.SaveToken = func(ctx context.Context, t oauth.Token) error {
			secret, err := json.Marshal(savedToken{t, origin})
			if err != nil {
				return fmt.Errorf("encoding token: %w", err)
			}
			return n.store.SaveToken(ctx, name, secret, time.Now())
		}
		saved, err := loadToken(n.store, name)
		if err != nil {
			return nil, err
		}
		if saved.Origin == origin {
			out.Token = saved.Token
		}
	}
	return oauth.New(out)
}

// savedToken is a token with the digest of the configured one that it came from: once another is
// configured, because the first was revoked, what came from that is worth nothing.
type savedToken struct {
	oauth.Token
	Origin string
}

func loadToken(s *store.Store, name string) (saved savedToken, err error) {
	secret, err := s.LoadToken(context.Background(), name)
	if err != nil {
		return saved, fmt.Errorf("reading the saved token: %w", err)
	}
	if len(secret) == 0 {
		return saved, nil
	}
	if err := json.Unmarshal(secret, &saved); err != nil {
		return saved, fmt.Errorf("decoding the saved token: %w", err)
	}
	return saved, nil
}

// mailSender is the inbox's relay, or the mail sink where it has none.
func mailSender(w *wiring, in configs.Inbox, n needs) (channels.Sender, error) {
	from := message.Address{Kind: message.Email, Value: in.Address, Name: in.DisplayName}
	if in.Relay == "" {
		return sinkSender(w, from, n)
	}
	for i, r := range n.config.Relays {
		if r.Name != in.Relay {
			continue
		}
		s, err := submitter(r, from, n)
		if err != nil {
			return nil, fmt.Errorf("relay %s: %w", r.Name, err)
		}
		w.closers = append(w.closers, s.Close)
		w.probes = append(w.probes, probe{in.Name, "SMTP relay " + r.Host, fmt.Sprintf("relays[%d]", i), s})
		return s, nil
	}
	return nil, fmt.Errorf("relay %q is not configured", in.Relay)
}

func sinkSender(w *wiring, from message.Address, n needs) (channels.Sender, error) {
	if w.sink == nil {
		sink, err := sink.New(n.config.DataDir + "/sink")
		if err != nil {
			return nil, err
		}
		w.sink = sink
	}
	return w.sink.For(compose.Config{From: from}), nil
}

func submitter(r configs.Relay, from message.Address, n needs) (*relay.Submitter, error) {
	c := relay.Config{Addr: r.Host + ":" + strconv.Itoa(r.Port), Security: map[string]string{"implicit": "tls", "starttls": "starttls", "none": "none"}[r.TLS],
		Hello: n.config.Desk.Domain, From: from, Envelope: r.Envelope, Bounce: from.Value, MAC: n.token}
	believed, err := roots(r.CAFile, n.config.CAFile)
	if err != nil {
		return nil, err
	}
	c.TLSConfig = believing(believed)
	if strings.Contains(r.User, "@") {
		c.Mailbox = r.User
	}
	if r.Auth != "none" && r.User != "" {
		c.Auth = relay.Auth{Mechanism: r.Auth, Username: r.User, Password: r.Password.Reveal()}
	}
	if r.OAuth != nil {
		source, err := tokenSource("relay:"+r.Name, *r.OAuth, n)
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

// senderDNS is asked about senders. Go's own resolver ends with its caller's time; the C library's does not.
var senderDNS = &net.Resolver{PreferGo: true}

// mailDoors are the SMTP and LMTP listeners.
func mailDoors(w *wiring, n needs) ([]*smtpd.Listener, error) {
	var doors []*smtpd.Listener
	for _, d := range []struct {
		addr string
		lmtp bool
	}{{n.config.Listen.SMTP, false}, {n.config.Listen.LMTP, true}} {
		if d.addr == "" || len(w.mailboxes) == 0 {
			continue
		}
		c := smtpd.Config{Addr: d.addr, LMTP: d.lmtp, Domain: n.config.Desk.Domain, MaxBytes: int64(n.config.Limits.MaxMessage), Budget: n.budget, Shares: n.shares,
			Recipients: func(a string) (string, bool) { in, ok := w.mailboxes[a]; return in, ok },
			Limits:     smtpd.Limits{Sessions: n.config.Limits.SMTPSessions, MessagesPerMinute: n.config.Limits.SMTPRate},
			Digest:     n.digest, Log: n.logger}
		if !d.lmtp {
			c.Verdicts = verdict.NewChecker(senderDNS, 0)
		}
		if n.certificate != nil {
			c.TLSConfig = n.certificate.config()
		}
		l, err := smtpd.New(c)
		if err != nil && d.lmtp {
			return nil, err
		}
		if err != nil {
			return nil, taken(err, "--smtp", "listen.smtp")
		}
		doors = append(doors, l)
	}
	return doors, nil
}

// --- SMS

func wireTwilio(w *wiring, in configs.Inbox, n needs) error {
	if in.Twilio == nil {
		return errors.New("an sms inbox needs its twilio section")
	}
	path := "/hooks/" + in.Name
	believed, err := roots("", n.config.CAFile)
	if err != nil {
		return err
	}
	cfg := twilio.Config{Roots: believed, Inbox: in.Name, AccountSID: in.Twilio.AccountSID, AuthToken: in.Twilio.AuthToken.Reveal(), Number: ownNumber(in), From: in.Twilio.From,
		Account: sameAccount(in, n.config), MessagingServiceSID: in.Twilio.MessagingServiceSID, PublicURL: n.publicURL(path), BaseURL: in.Twilio.BaseURL}
	c, err := twilio.New(cfg)
	if err != nil {
		return err
	}
	w.decoders[in.Name] = c
	w.catchups[in.Name] = c
	w.routes = append(w.routes, workers.Route{Inbox: in.Name, Pattern: path, Webhook: c})
	w.outlets.Senders[in.Name], w.outlets.Media[in.Name] = c, c
	w.probes = append(w.probes, probe{in.Name, "Twilio account", inboxPath(n.config, in.Name) + ".twilio", c})
	return nil
}

// ownNumber is the number at which an SMS inbox is written to: its address, else the number that it sends from. A name receives nothing.
func ownNumber(in configs.Inbox) string {
	if in.Address == "" && strings.Trim(in.Twilio.From, "+0123456789") == "" {
		return in.Twilio.From
	}
	return in.Address
}

// sameAccount lists the SMS inboxes of one Twilio account.
func sameAccount(in configs.Inbox, c configs.Config) []twilio.Neighbour {
	var out []twilio.Neighbour
	for _, other := range c.Inboxes {
		if other.Channel == configs.ChannelSMS && other.Twilio != nil && other.Twilio.AccountSID == in.Twilio.AccountSID {
			out = append(out, twilio.Neighbour{Inbox: other.Name, Number: ownNumber(other), MessagingServiceSID: other.Twilio.MessagingServiceSID})
		}
	}
	return out
}

// --- Telegram

func wireTelegram(w *wiring, in configs.Inbox, n needs) error {
	if in.Telegram == nil {
		return errors.New("a telegram inbox needs its telegram section")
	}
	believed, err := roots("", n.config.CAFile)
	if err != nil {
		return err
	}
	cfg := telegram.Config{Roots: believed, Inbox: in.Name, Token: in.Telegram.Token.Reveal(), WebhookSecret: in.Telegram.Secret.Reveal(), BaseURL: in.Telegram.BaseURL}
	c, err := telegram.New(cfg)
	if err != nil {
		return err
	}
	w.decoders[in.Name] = c
	w.outlets.Senders[in.Name], w.outlets.Media[in.Name] = c, c
	w.probes = append(w.probes, probe{in.Name, "Telegram bot", inboxPath(n.config, in.Name) + ".telegram", c})
	if in.Telegram.Mode == "webhook" {
		w.routes = append(w.routes, workers.Route{Inbox: in.Name, Pattern: "/hooks/" + in.Name, Webhook: c})
		return nil
	}
	w.sources = append(w.sources, workers.Source{Inbox: in.Name, Channel: in.Channel, Address: in.Address, Stream: "updates", Fetcher: c})
	return nil
}

// --- form and API

func wireForm(w *wiring, in configs.Inbox, n needs) error {
	f, err := web.NewForm(formConfig(in, n))
	if err != nil {
		return err
	}
	w.decoders[in.Name] = f
	w.routes = append(w.routes, workers.Route{Inbox: in.Name, Pattern: "/form/" + in.Name, Webhook: f, Pages: f.Page()})
	return nil
}

func formConfig(in configs.Inbox, n needs) web.FormConfig {
	out := web.FormConfig{Inbox: in.Name, Desk: n.config.Desk.Name, Names: n.config.Desk.Names, Languages: n.config.Desk.Languages, MaxBody: int64(n.config.Limits.MaxBody),
		Secret: []byte(n.token([]byte("form"), []byte(in.Name))), Remote: n.remote}
	if f := in.Form; f != nil {
		out.Languages, out.Fields, out.Difficulty, out.MinimumFill, out.PerHour = f.Languages, f.Fields, f.Difficulty, f.MinimumFill.Std(), f.PerHour
		if !f.Secret.Empty() {
			out.Secret = []byte(f.Secret.Reveal())
		}
		out.Topics = topics(f.Topics, n.config)
	}
	for _, other := range n.config.Inboxes {
		if other.Channel == configs.ChannelEmail && out.Contact == "" {
			out.Contact = other.Address
		}
	}
	return out
}

// topics are the categories that a form offers; all but "other" when none are named.
func topics(keys []string, c configs.Config) []web.Topic {
	var out []web.Topic
	for _, k := range categories(c) {
		if len(keys) == 0 || slices.Contains(keys, k.Key) {
			out = append(out, web.Topic{Key: k.Key, Names: k.Names})
		}
	}
	return out
}

func wireAPI(w *wiring, in configs.Inbox, n needs) error {
	if in.API == nil {
		return errors.New("an api inbox needs its api section")
	}
	a, err := web.NewAPI(web.APIConfig{Inbox: in.Name, Tokens: revealed(in.API.Tokens), Digest: n.digest, MaxBody: int64(n.config.Limits.MaxBody),
		IdentityKeys: revealed(in.API.IdentityKeys), TrustSender: in.API.TrustSender})
	if err != nil {
		return err
	}
	w.decoders[in.Name] = a
	w.routes = append(w.routes, workers.Route{Inbox: in.Name, Pattern: "/api/v1/inboxes/" + in.Name + "/messages", Webhook: a})
	return nil
}

func revealed(secrets []configs.Secret) []string {
	var out []string
	for _, s := range secrets {
		out = append(out, s.Reveal())
	}
	return out
}
