// Package wiring makes connectors, senders and scanners of the configuration, with mail's doors and relays.
package wiring

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/descriptor"
	"frontdesk/channels/email/compose"
	"frontdesk/channels/email/sink"
	"frontdesk/channels/email/smtpd"
	"frontdesk/channels/email/verdict"
	"frontdesk/channels/guard"
	"frontdesk/channels/limits"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/trust"
	"frontdesk/configs"
	"frontdesk/pipeline/message"
	"frontdesk/workers/deliver"
	"frontdesk/workers/enrich"
	"frontdesk/workers/receive"
	"frontdesk/workers/store"
)

// Wiring is what the configured inboxes come to: every connector in the places where it is used. Maps are by the
// inbox's name. It is made at a start and changed by a reload alone; workers have their own copies of what may be
// exchanged.
type Wiring struct {
	// Decoders read originals: every inbox has one.
	Decoders map[string]channels.Decoder
	// Sources are polled or idle streams (IMAP folders, Telegram); Catchups can list what a provider holds (Twilio).
	Sources  []receive.Source
	Catchups map[string]channels.Reconciler
	// Routes are the paths of the public listener.
	Routes  []receive.Route
	Outlets deliver.Outlets
	// Probes are what frontdesk check asks.
	Probes    []probe
	mailboxes map[string]string // address taken at our SMTP door → inbox
	// sink is made when the first inbox without a relay asks for it; nil where none has.
	sink     *sink.Sink
	Scanners []enrich.Scanner          // asked before a decision
	closers  map[string][]func() error // by inbox, "" for what is no inbox's: they end what was opened
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

// Needs is what connectors get from the installation. A field that is nil is a thing that the caller does not have:
// check has no store, replay neither store nor shares.
type Needs struct {
	Config configs.Config
	Store  *store.Store // nil for `frontdesk check`, which keeps no tokens
	Digest channels.Digest
	Token  channels.Digest
	Logger *slog.Logger
	Port   func() string              // address of the public listener, for URLs when none is configured
	Remote func(*http.Request) string // a visitor's address behind trusted proxies
	Budget *limits.Budget             // what messages may take until they are recorded
	Shares *guard.Shares              // what one client may take of it

	Certificate *Certificate // of the listeners; nil for none

	Connectors map[string]Connect // by channel, in place of those that are built in; nil for none

	Decoding bool // only decoders are wanted: nothing is made that connects or writes
	Asking   bool // connections are asked and nothing is sent: the mail sink is left to whoever serves
}

// Connect joins an inbox to its connector.
type Connect func(*Wiring, configs.Inbox, Needs) error

// New is a Wiring that no inbox has joined yet. A reload fills one with the inboxes that change, and exchanges those
// alone.
func New(n Needs) *Wiring {
	return &Wiring{
		Decoders: map[string]channels.Decoder{}, Catchups: map[string]channels.Reconciler{}, mailboxes: map[string]string{}, closers: map[string][]func() error{},
		Outlets: deliver.Outlets{Senders: map[string]channels.Sender{}, Markers: map[string]channels.Marker{},
			Media: map[string]channels.MediaFetcher{}, Notices: map[string]deliver.NoticeSender{}, PerMinute: n.Config.Screening.AcksPerMinute, MediaLimit: int64(n.Config.Limits.MaxMedia)},
	}
}

// Join makes the connector of an inbox. Nothing is connected yet, unless the channel says otherwise; an error is one
// of the configuration.
func (w *Wiring) Join(in configs.Inbox, n Needs) error {
	join := n.Connectors[in.Channel]
	if join == nil {
		join = Open
	}
	if err := join(w, in, n); err != nil {
		return fmt.Errorf("wiring inbox %s: %w", in.Name, err)
	}
	return nil
}

// Open connects an inbox as its channel says.
func Open(w *Wiring, in configs.Inbox, n Needs) error {
	kind, ok := n.Config.Kinds.Find(in.Channel)
	if !ok || kind.Open == nil {
		return fmt.Errorf("channel %q has no connector", in.Channel)
	}
	setup, err := n.setup(in)
	if err != nil {
		return err
	}
	setup.Sink = w.sinkSender(n)
	ends, err := kind.Open(setup)
	if err != nil {
		return err
	}
	w.connect(in, ends, inboxPath(n.Config, in.Name))
	return nil
}

// setup is what the connector of an inbox gets. Peers are all inboxes of its channel, its own among them: a provider
// may call one address for several of them. Contact is the first mail address of the desk.
func (n Needs) setup(in configs.Inbox) (descriptor.Setup, error) {
	believed, err := trust.Roots("", n.Config.CAFile)
	if err != nil {
		return descriptor.Setup{}, err
	}
	peer := func(in configs.Inbox) descriptor.Peer {
		return descriptor.Peer{Inbox: in.Name, Address: in.Address, Section: in.Section}
	}
	out := descriptor.Setup{Peer: peer(in), Name: in.DisplayName, Shared: n.Config.Shared[in.Channel], URL: n.publicURL, Remote: n.Remote, Roots: believed,
		Authorities: func(own string) (*x509.CertPool, error) { return trust.Roots(own, n.Config.CAFile) },
		Digest:      n.Digest, Token: n.Token, MaxBody: int64(n.Config.Limits.MaxBody), Cells: n.cells(), Decoding: n.Decoding, Asking: n.Asking,
		Desk: descriptor.Desk{Name: n.Config.Desk.Name, Domain: n.Config.Desk.Domain, Names: n.Config.Desk.Names, Languages: n.Config.Desk.Languages}}
	traits := n.Config.Kinds.Line()
	for _, other := range n.Config.Inboxes {
		if other.Channel == in.Channel {
			out.Peers = append(out.Peers, peer(other))
		}
		if traits[other.Channel].Mail && out.Desk.Contact == "" {
			out.Desk.Contact = other.Address
		}
	}
	out.Desk.Find = policy.Searching(n.Config)
	for _, k := range policy.Categories(n.Config) {
		category := descriptor.Category{Key: k.Key, Names: k.Names}
		for _, q := range k.FAQ {
			category.Questions = append(category.Questions, descriptor.Question{Key: q.Key, Question: q.Question, Answer: q.Answer})
		}
		out.Desk.Categories = append(out.Desk.Categories, category)
	}
	return out, nil
}

// connect puts what an inbox is connected with where it is used. What a channel does not have is nil and left out. Of
// hooks with the same path the first one stays: inboxes that share a provider's account share the route, and its
// handler tells them apart.
func (w *Wiring) connect(in configs.Inbox, e descriptor.Ends, path string) {
	w.Decoders[in.Name] = e.Decoder
	if in.Facts().Handed {
		for _, address := range append([]string{in.Address}, in.Aliases...) {
			w.mailboxes[strings.ToLower(address)] = in.Name
		}
	}
	for _, s := range e.Streams {
		w.Sources = append(w.Sources, receive.Source{Inbox: in.Name, Channel: in.Channel, Address: in.Address, Stream: s.Name, Fetcher: s.Fetcher})
	}
	for _, h := range e.Hooks {
		if !slices.ContainsFunc(w.Routes, func(r receive.Route) bool { return r.Pattern == h.Path }) {
			w.Routes = append(w.Routes, receive.Route{Inbox: in.Name, Pattern: h.Path, Webhook: h.Webhook, Pages: h.Pages})
		}
	}
	for _, p := range e.Probes {
		at := path + "." + p.At
		if p.Shared {
			at = p.At
		}
		w.Probes = append(w.Probes, probe{in.Name, p.What, at, p.Prober})
	}
	if e.Close != nil {
		w.closers[in.Name] = append(w.closers[in.Name], e.Close)
	}
	if e.Marker != nil {
		w.Outlets.Markers[in.Name] = e.Marker
	}
	if e.Catchup != nil {
		w.Catchups[in.Name] = e.Catchup
	}
	if e.Sender != nil {
		w.Outlets.Senders[in.Name] = e.Sender
	}
	if e.Media != nil {
		w.Outlets.Media[in.Name] = e.Media
	}
}

// All connects every inbox of the configuration, and its scanners; the first error ends it. Role addresses
// (postmaster, abuse) are taken where no inbox has them itself. Notices have 20 s a call.
func All(n Needs) (*Wiring, error) {
	w := New(n)
	for _, in := range n.Config.Inboxes {
		if err := w.Join(in, n); err != nil {
			return nil, err
		}
	}
	for address, inbox := range policy.RoleAddresses(n.Config) {
		if _, taken := w.mailboxes[address]; !taken && !n.Decoding {
			w.mailboxes[address] = inbox
		}
	}
	if err := JoinScanners(w, n); err != nil {
		return nil, err
	}
	believed, err := trust.Roots("", n.Config.CAFile)
	if err != nil {
		return nil, err
	}
	for i, hook := range n.Config.Webhooks {
		w.Outlets.Notices[noticeName(i)] = &deliver.WebhookOut{URL: hook.URL, Secret: []byte(hook.Secret.Reveal()), Now: time.Now,
			Client: trust.Guarded(believed, 20*time.Second, hook.Private || hook.Local())}
	}
	return w, nil
}

func noticeName(i int) string { return "webhook-" + strconv.Itoa(i+1) }

// NoticesTo are the webhooks that are told of events.
func NoticesTo(c configs.Config) []deliver.NoticeTo {
	var out []deliver.NoticeTo
	for i, h := range c.Webhooks {
		out = append(out, deliver.NoticeTo{Name: noticeName(i), Events: h.Events, Queues: h.Queues})
	}
	return out
}

// Close ends what the wiring has opened.
func (w *Wiring) Close() { shut(slices.Concat(slices.Collect(maps.Values(w.closers))...)) }

// Exchange takes over from fresh what it has opened for some inboxes, and returns what ends that which they had before: for when
// nobody takes up their old connectors any more.
func (w *Wiring) Exchange(fresh *Wiring, inboxes []string) (end func()) {
	var old []func() error
	for _, name := range inboxes {
		old = append(old, w.closers[name]...)
		w.closers[name] = fresh.closers[name]
	}
	return func() { shut(old) }
}

func shut(closers []func() error) {
	for _, c := range closers {
		_ = c() // it is not used any more
	}
}

// publicURL is the address of a path as strangers reach it: the configured one, else that of the listener, which is
// right on this machine only.
func (n Needs) publicURL(path string) string {
	base := strings.TrimSuffix(n.Config.Listen.PublicURL, "/")
	if base == "" && n.Port != nil {
		base = "http://" + n.Port()
	}
	return base + path
}

// sinkSender is the mail sink in the place of a relay: one folder of the installation, with a page of its own.
func (w *Wiring) sinkSender(n Needs) func(message.Address) (channels.Sender, error) {
	return func(from message.Address) (channels.Sender, error) {
		if w.sink == nil {
			sink, err := sink.New(n.Config.DataDir + "/sink")
			if err != nil {
				return nil, err
			}
			w.sink = sink
		}
		return w.sink.For(compose.Config{From: from}), nil
	}
}

// cells keep what providers change while the desk runs (OAuth tokens), sealed in the database; nil without one.
func (n Needs) cells() *descriptor.Cells {
	if n.Store == nil {
		return nil
	}
	return &descriptor.Cells{
		Load: func(name string) ([]byte, error) { return n.Store.Service.LoadToken(context.Background(), name) },
		Save: func(ctx context.Context, name string, secret []byte) error {
			return n.Store.Service.SaveToken(ctx, name, secret, time.Now())
		},
	}
}

// --- listeners for mail, which all inboxes share

// senderDNS is asked about senders. Go's own resolver ends with its caller's time; the C library's does not.
var senderDNS = &net.Resolver{PreferGo: true}

// MailDoor is an SMTP or LMTP listener.
type MailDoor struct{ *smtpd.Listener }

// MailDoors are those of the desk: SMTP, LMTP, both or none. Without an inbox that takes mail there is none, since no
// recipient would be taken. Who really sent a mail is checked at the SMTP door only: at the LMTP one a mail server of
// ours stands before it, whose verdicts are read.
func MailDoors(w *Wiring, n Needs) ([]MailDoor, error) {
	var doors []MailDoor
	for _, d := range []struct {
		addr string
		lmtp bool
	}{{n.Config.Listen.SMTP, false}, {n.Config.Listen.LMTP, true}} {
		if d.addr == "" || len(w.mailboxes) == 0 {
			continue
		}
		c := smtpd.Config{Addr: d.addr, LMTP: d.lmtp, Domain: n.Config.Desk.Domain, MaxBytes: int64(n.Config.Limits.MaxMessage), Budget: n.Budget, Shares: n.Shares,
			Recipients: func(a string) (string, bool) { in, ok := w.mailboxes[a]; return in, ok },
			Limits:     smtpd.Limits{Sessions: n.Config.Limits.SMTPSessions, MessagesPerMinute: n.Config.Limits.SMTPRate},
			Digest:     n.Digest, Log: n.Logger}
		if !d.lmtp {
			c.Verdicts = verdict.NewChecker(senderDNS, 0)
		}
		if n.Certificate != nil {
			c.TLSConfig = n.Certificate.config()
		}
		l, err := smtpd.New(c)
		if err != nil && d.lmtp {
			return nil, err
		}
		if err != nil {
			return nil, Taken(err, "--smtp", "listen.smtp")
		}
		doors = append(doors, MailDoor{l})
	}
	return doors, nil
}

// SocketPlace is why no listener could have its socket at a path; nil when one could.
func SocketPlace(path string) error { return smtpd.SocketPlace(path) }

// Dry are what connectors get that are made to be asked or thrown away.
func Dry(c configs.Config) Needs {
	// Instead of what is derived from the keys, which a check needs no database to have: as long, and nothing is signed with it.
	blank := func(parts ...[]byte) string { return strings.Repeat("-", 32) }
	nobody := func(parts ...[]byte) string { return "" }
	return Needs{Config: c, Digest: nobody, Token: blank, Logger: slog.New(slog.DiscardHandler), Asking: true}
}

// Taken says what to do where another program has a port, or the system keeps it.
func Taken(err error, flag, path string) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: another program listens there; stop it, write another address in %s, or start with %s 127.0.0.1:0, which takes a free port", err, path, flag)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%w: ports below 1024 need the capability CAP_NET_BIND_SERVICE (deploy/frontdesk.service); or write another port in %s", err, path)
	}
	return err
}
