// Package channels holds the contracts between Frontdesk and the outside: how a connector hands
// deliveries in, how it sends, and what its errors mean. A connector is one folder below this one;
// cmd/frontdesk/wiring joins the connectors to the line. Nothing here knows a provider.
package channels

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"frontdesk/channels/attach"
	"frontdesk/pipeline/message"
)

// Delivery is one message as the provider handed it over, untouched.
type Delivery struct {
	Inbox   string // configured account, e.g. "support-mail"
	Channel string // kind of medium: email, sms, telegram, form, api
	// Key is the provider's stable id: unique per inbox, for ever. At most 512 bytes; longer or
	// unprintable ids are replaced by their digest before they come here.
	Key string
	// Content is a keyed digest of what the message says, where the sender himself chooses the Key: the
	// same key with another content is not recorded, and Recorded.Other says so. Empty: not compared.
	Content string
	// At is when the SOURCE received the message: INTERNALDATE, provider timestamp, arrival for
	// channels that tell no time. Promises count from here. Never later than the time of recording.
	At  time.Time
	Raw []byte // RFC 5322 bytes, or the provider's body as received
	// Meta holds envelope facts that are not in Raw (MAIL FROM, verdicts, remote address). The keys
	// are those of package meta.
	Meta map[string]string
	// Cause parks the delivery at recording with that cause, for items that a connector can neither
	// read nor give back ("unparsable", "too-large"). Empty for all others.
	Cause string
	// Evidence says in one sentence why Cause was given.
	Evidence string
}

// Cursor is a connector's bookmark in one stream (a folder, an account). It is the connector's own
// JSON, opaque to everyone else, and moves only in the same commit as the deliveries before it.
// A nil Cursor means that the stream was never read.
type Cursor json.RawMessage

// Batch is what one Fetch brought.
type Batch struct {
	// Deliveries may hold some that are recorded already: the commit finds them by their keys and records them once.
	Deliveries []Delivery // in the order of the source
	Receipts   []Receipt  // fates of our own sends that the stream told of
	Next       Cursor     // nil: leave the bookmark where it is
	// More says that the source had more waiting: fetch again at once.
	More bool
	// Lag is the age of the oldest message that the source still holds for us; 0 when caught up.
	Lag time.Duration
}

// Fetcher pulls from a source that keeps messages for us (IMAP folder, long poll).
//
// The runner calls Fetch again and again with the cursor of the last commit, never twice at a time.
// Fetch blocks until there is something, or until ctx ends, or until it has proof of life to report
// (an empty Batch: the source answered, nothing is there); that must be at most every ten minutes. Fetching the same range again
// must always be safe. On an error the runner waits as the Error says and calls again; the
// connector drops its connection and makes a new one. Close ends the connection.
// More than one Fetcher of an inbox may fetch at a time, each in its own stream.
type Fetcher interface {
	Fetch(ctx context.Context, after Cursor) (Batch, error)
	Close() error
}

// Reconciler is asked of a Fetcher or Webhook by assertion. The runner calls Reconcile on a slow
// clock, and once at start; the connector lists what the source holds since that time, asks which
// of those keys are recorded, and returns the deliveries that are not, at most a few hundred at a
// time (Batch.More says that there are others). Batch.Next is ignored.
type Reconciler interface {
	Reconcile(ctx context.Context, since time.Time, recorded func(ctx context.Context, keys []string) (map[string]bool, error)) (Batch, Count, error)
}

// Sharer is asked of a Reconciler by assertion: its source holds messages of these other inboxes, too. What is recorded for
// one of them is not missing.
type Sharer interface {
	SharesWith() []string
}

// Resumer is asked of a Reconciler that is a Fetcher, by assertion: it takes up the bookmark of a
// stream that another process fetches, so that it can be asked to Reconcile without a Fetch before.
type Resumer interface {
	Resume(at Cursor) error
}

// Count is what a reconciliation saw.
type Count struct {
	Source   int // messages that the source lists for the period
	Recorded int // of those, how many are recorded here
}

// Answer is what the provider is told.
// The zero Answer is a plain 200 without body. Header may be nil.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Recorded tells what became of one delivery at the commit.
type Recorded struct {
	// ID of a delivery that was known already is that of the message that it made then.
	ID  int64 // message id
	Key string
	New bool // false: that key was known already
	// Other says that the key is known with another content: this delivery was not recorded, and its
	// sender has to be told.
	Other bool
}

// Accept records deliveries and returns only after their commit. All of one call are committed
// together or not at all. An error that is Temporary asks the sender to come back.
// What is returned is in the order of the deliveries, one each. It may be called by several at a time.
type Accept func(ctx context.Context, deliveries ...Delivery) ([]Recorded, error)

// Listener is a server of its own (SMTP, LMTP). Serve returns when ctx ends and open sessions are
// closed. Addr is known once Serve listens.
type Listener interface {
	Serve(ctx context.Context, accept Accept) error
}

// Decoder makes the normalized message of a delivery. It is pure. An *Error with a parking cause
// in Cause parks the message.
// It may be called by several at a time, and again for the same delivery: an older one is decoded anew when a person asks for that.
type Decoder interface {
	Decode(d Delivery) (message.Message, error)
}

// Outbound is one message to a customer, ready to be put into a provider's form.
type Outbound struct {
	// Inbox is the account that sends; To has the kind that its channel writes to. Text is plain, of any length: a channel that has a limit
	// splits it.
	Inbox   string
	To      message.Address
	Thread  string // the channel's conversation key, where the channel answers in conversations
	Subject string
	Text    string

	// Cc, HTML and Files go where the channel's traits say that it carries them (message.Carries); Fits tells, and every Sender refuses
	// the rest before anything goes out.
	//
	// Cc get a copy and are shown to all, in this order, by their addresses alone. To decides: what is refused for To goes to nobody.
	Cc []message.Address
	// HTML says what Text says, formatted: the content of <body>, sanitized, of at most 1 MiB. It never stands without Text.
	HTML string
	// Files come behind the text, in this order. One with a ContentID that the HTML shows is part of it.
	Files []attach.File

	// For mail.
	MessageID  string   // without brackets; fixed before the first attempt, the same at each repeat
	InReplyTo  string   // without brackets
	References []string // without brackets, oldest first
	ReplyTo    string   // signed reply address; empty for the inbox's own
	Automatic  bool     // Auto-Submitted: auto-replied and its companions (RFC 3834 §3.1.7)
	Language   string   // BCP 47

	// Skip is how many parts of a split message an earlier attempt has already handed over.
	Skip int
}

// Status is the fate of a send, in the order in which a later one wins over an earlier one.
// A failure that comes after "delivered" wins: some providers say that a server took it, and later that it came back.
type Status string

// The fates that providers report.
const (
	StatusSent      Status = "sent"      // handed over to the provider
	StatusDelivered Status = "delivered" // the provider says that it arrived
	StatusFailed    Status = "failed"    // it will never arrive
)

// Receipt tells the fate of one of our sends, either as the result of Send or later by webhook,
// poll or bounce.
type Receipt struct {
	// At least one of Key and ProviderID is set. At is the provider's time, or ours where it tells none.
	Key        string // outbox key given to Send; empty when the provider only gave its own id
	ProviderID string // the provider's id of the message
	Status     Status
	Reason     string // provider's code or words for a failure, or for what befell Refused; never an address or a body
	At         time.Time
	// Refused are those of Outbound.Cc whom the provider would not send to, while To got the message. They are for the desk's pages,
	// never for a log.
	Refused []message.Address
}

// Sender hands one message to a provider. key is the outbox row's key and goes along as the
// idempotency key wherever the provider takes one. The same key may be sent again after an
// unknown outcome. An error is an *Error; its Done counts the parts that were handed over.
// Send is called by several workers at a time, with another key each. How long it may take is ctx's matter.
type Sender interface {
	Send(ctx context.Context, key string, out Outbound) (Receipt, error)
}

// Looker is asked of a Sender by assertion before a send whose earlier attempt ended without an
// answer: has the provider got it? found=false lets the send go ahead.
// since is when the send was planned, which bounds the search.
type Looker interface {
	Look(ctx context.Context, key string, out Outbound, since time.Time) (r Receipt, found bool, err error)
}

// Tracer is asked of a Sender by assertion: what has become of a send that the provider took, by the provider's id and
// whom it went to? StatusSent: it knows no more, or nothing of it. Only a provider that calls us about the fate of a send needs
// this, for the calls that did not get through.
type Tracer interface {
	Trace(ctx context.Context, providerID string, to message.Address) (Receipt, error)
}

// Marker is asked of a Fetcher's connector by assertion: the optional post-action on the source
// (flag, move) for a delivery that is committed. Doing it twice, or on a message that is gone, is
// no error.
type Marker interface {
	Mark(ctx context.Context, key string) error
}

// MediaFetcher is asked of a connector by assertion: it fetches the content of an attachment by its
// Ref, through the SSRF guard, and refuses more than limit bytes.
type MediaFetcher interface {
	// FetchMedia also returns the media type that the provider names; empty for none. Whoever asks closes the reader.
	FetchMedia(ctx context.Context, ref string, limit int64) (io.ReadCloser, string, error)
}

// Prober is asked of a connector by assertion: `frontdesk check` proves the connection with it and
// changes nothing. The string says in a few words what was seen. A *Misgiving is a warning.
type Prober interface {
	Probe(ctx context.Context) (string, error)
}

// Misgiving is the error of a Probe whose connection works and less well than it should. The string beside it says what was seen.
// Text is a sentence for the operator.
type Misgiving struct{ Text string }

// Error is the sentence itself.
func (m *Misgiving) Error() string { return m.Text }

// Digest is a keyed digest (HMAC) of the parts, as lower-case hex. The key is the installation's,
// so that a stored digest tells nothing about a customer's text.
// Each part is hashed with its length, so that no two lists of parts give one digest. It may be called by several at a time.
type Digest func(parts ...[]byte) string

// Class says what an error means for what comes next.
// The line and the outbox ask for the class alone, never for a provider's code.
type Class string

// The classes of error. The zero Class is Temporary.
const (
	Temporary    Class = ""              // try again
	Permanent    Class = "permanent"     // this message will never go, or this input will never be right
	Throttled    Class = "throttled"     // try again after Error.After
	WindowClosed Class = "window-closed" // the provider's reply window is over: use the fallback
	Unauthorized Class = "unauthorized"  // credentials or signature are wrong
	Refused      Class = "refused"       // the provider refuses us or our account, not this message: try again, and tell the operator
	TooLarge     Class = "too-large"
	OptedOut     Class = "opted-out" // the recipient said STOP
	Gone         Class = "gone"      // nothing reaches the recipient there, until he writes from there again
	NotYet       Class = "not-yet"   // what is asked for is not there yet: ask again for some hours, then it is gone
	Unknown      Class = "unknown"   // no answer: it may or may not have been done
)

// Error is the one error type of every connector.
type Error struct {
	Op    string        // what was being done, in gerund form: "sending SMS"
	Class Class         // what it means
	After time.Duration // earliest next attempt, when the provider said so
	Code  string        // the provider's code, for people
	Cause string        // parking cause, for decoders
	Done  int           // parts handed over before the error
	// Answer is what a webhook's caller is told, where a plain status would not help him. Its
	// Status is set from Class.
	Answer *Answer
	Err    error
}

// Error is the operation, the error below it and the provider's code, in the style of a log line.
func (e *Error) Error() string {
	if e.Code != "" {
		return fmt.Sprintf("%s: %v (%s)", e.Op, e.Err, e.Code)
	}
	return fmt.Sprintf("%s: %v", e.Op, e.Err)
}

// Unwrap lets errors.Is find what the network said, such as a time-out.
func (e *Error) Unwrap() error { return e.Err }
