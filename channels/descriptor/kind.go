// Package descriptor holds what a channel's folder says of itself: its name, its configuration, its traits, and how an inbox is
// connected. Nothing outside of the folder and the registry names a channel.
package descriptor

import (
	"context"
	"crypto/x509"
	"net/http"

	"frontdesk/channels"
	"frontdesk/channels/webhook"
	"frontdesk/pipeline/message"
)

// Kind is a channel as the rest of Frontdesk sees it: what its folder exports. Nothing outside of the folder and the
// registry names it.
// A Kind is a value without state: its functions make what has some. To add a channel, write a folder that exports one, and name it in
// package kinds.
type Kind struct {
	Name string // as configuration, rules and books write it, for ever
	// Traits never change while the program runs, whatever the configuration says.
	Traits Traits
	// Section makes an empty section of an inbox; nil for a channel that configures nothing of its own.
	Section func() Section
	// Shared makes what its inboxes have in common; nil for nothing.
	Shared func() Shared
	// Trial is an inbox that needs no account anywhere; nil for none. Without a configuration the desk has the first such.
	Trial func() Peer
	// Returned reads the key of a send of ours out of an address that only we can have signed; nil for a channel that signs none.
	Returned func(address string, token channels.Digest) (key string, ok bool)
	// Open makes the connector of an inbox. It asks nothing of the network.
	Open func(Setup) (Ends, error)
}

// Kinds are the channels that a program has, in the order in which people read them.
type Kinds []Kind

// Find is the channel of that name.
func (k Kinds) Find(name string) (Kind, bool) {
	for _, kind := range k {
		if kind.Name == name {
			return kind, true
		}
	}
	return Kind{}, false
}

// Names lists them.
func (k Kinds) Names() []string {
	out := make([]string, len(k))
	for i, kind := range k {
		out[i] = kind.Name
	}
	return out
}

// Traits are those of all channels, by name.
func (k Kinds) Traits() map[string]Traits {
	out := make(map[string]Traits, len(k))
	for _, kind := range k {
		out[kind.Name] = kind.Traits
	}
	return out
}

// Line is what the line is told of each channel, by name.
func (k Kinds) Line() map[string]message.Traits {
	out := make(map[string]message.Traits, len(k))
	for _, kind := range k {
		out[kind.Name] = kind.Traits.Traits
	}
	return out
}

// Setup is what Open gets.
// It is made by cmd/frontdesk/wiring for each inbox, with what the configuration says and what the process has.
type Setup struct {
	Peer
	Name   string // beside the address in what we send
	Shared Shared // by the inboxes of the channel; nil for none
	// Peers are all inboxes of the channel in the order of the configuration, this one included: several numbers or pages may belong
	// to one account of the provider's.
	Peers []Peer
	// URL is the public address of a path at our listener, as the provider calls it.
	URL func(path string) string
	// Remote tells a visitor's address behind trusted proxies.
	Remote func(*http.Request) string
	// Roots are the authorities that vouch for other servers; nil for the system's. Authorities are those of one server: of a file of its
	// own, else Roots.
	Roots       *x509.CertPool
	Authorities func(file string) (*x509.CertPool, error)
	// Digest and Token are keyed: one for what is kept, one for what goes out and comes back.
	Digest, Token channels.Digest
	MaxBody       int64 // bytes of one call
	Desk          Desk
	Cells         *Cells // nil: nothing is kept
	// Sink is what stands in for a provider that is not there: it keeps what would be sent, for the operator.
	Sink     func(from message.Address) (channels.Sender, error)
	Decoding bool // the decoder alone is wanted: nothing is read or written
	Asking   bool // connections are asked and nothing is sent: the sink is left to whoever serves
}

// Cells keep what a provider changes while the desk runs, such as tokens: sealed, each under a name. What is not there is empty.
// Save has kept it durably when it returns. Both may be called by several at a time.
type Cells struct {
	Load func(name string) ([]byte, error)
	Save func(ctx context.Context, name string, secret []byte) error
}

// Peer is an inbox of the channel.
// Address is what customers write to: a mail address, a number, a name; it may be empty. Section is nil for a channel that has none.
type Peer struct {
	Inbox, Address string
	Section        Section
}

// Desk is what a channel that shows pages knows of the desk.
// Languages are BCP 47, the desk's own first. Categories are in the order in which pages show them.
type Desk struct {
	Name       string
	Domain     string            // of our Message-IDs and signed addresses
	Names      map[string]string // by language, in the place of Name
	Languages  []string
	Categories []Category
	Contact    string // a mail address of the desk's; may be empty
	// Find gives the keys of at most n questions that may answer what somebody looks for, best first; nil where there are none.
	Find func(text string, n int) []string
}

// Category is one kind of request, with its names by language.
type Category struct {
	Key       string
	Names     map[string]string
	Questions []Question // with the desk's ready answers, where it has reviewed them
}

// Question is one question with its answer, by language.
type Question struct {
	Key              string // as Desk.Find names it
	Question, Answer map[string]string
}

// Ends are what an inbox is connected with. What is nil it cannot do.
// Close ends what the others share, such as a file; nil for nothing.
type Ends struct {
	Decoder channels.Decoder // never nil
	Streams []Stream
	Hooks   []Hook
	Sender  channels.Sender
	Media   channels.MediaFetcher
	Marker  channels.Marker
	Catchup channels.Reconciler
	Probes  []Probe
	Close   func() error
}

// Stream is one thing to fetch from.
type Stream struct {
	Name string // unique within the inbox, for ever: the bookmark lies under it
	channels.Fetcher
}

// Hook is an address at the public listener. Where two inboxes name one path, the first one's webhook serves both: it knows them by
// Setup.Peers.
// Path begins with a slash. Webhook or Pages may be nil: the address then does not know that method.
type Hook struct {
	Path    string
	Webhook webhook.Receiver // receives POST
	Pages   http.Handler     // answers GET, for channels with pages of their own
}

// Probe is one connection that `frontdesk check` proves.
// What and At are for the operator: a failed probe names the setting that is likely wrong.
type Probe struct {
	What string // "Twilio account"
	At   string // path of its settings, relative to the inbox
	// Shared says that At is a path of what inboxes share.
	Shared bool
	channels.Prober
}
