// Package webhook holds the contract of a channel whose provider calls us: a call as it came, what it holds, what is answered.
package webhook

import (
	"net/http"
	"net/url"
	"time"

	"frontdesk/channels"
)

// NothingHere is what somebody reads who asks for an address that does not exist, as with a link that was copied wrongly.
const NothingHere = "There is nothing at this address. Please check the link.\n此地址没有内容，请检查链接是否正确。"

// Request is a webhook call as it came: raw bytes, already cut off at the size limit.
type Request struct {
	// Method is POST for every provider that is known. Header and URL are not to be changed.
	Method string
	URL    *url.URL // path and query as received
	Header http.Header
	Body   []byte
	Remote string // client address without port, after trusted proxies
}

// Received is the content of one webhook call. Deliveries and Receipts are committed together and
// only then is Answer given; Bad items are parked in the same commit, so that one bad item of a
// batch never costs the others.
type Received struct {
	// An empty Received is a call that held nothing for us, such as a provider's test; it is answered with 200 all the same.
	Deliveries []channels.Delivery
	Receipts   []channels.Receipt
	Bad        []channels.Delivery // Cause is set
	Answer     channels.Answer     // Status 0 means a plain 200
	// Reply, if set, makes the answer from what was recorded, in the order of Deliveries, then of Bad.
	Reply func([]channels.Recorded) channels.Answer
}

// Receiver turns a provider's call into deliveries. Receive is pure: the raw bytes are verified
// first, then every item of the batch is read; nothing is asked of the network. A refusal is an
// *channels.Error whose Class says the status: Unauthorized 401, Permanent 400, TooLarge 413, Throttled 429.
// now is the time of arrival, for channels that tell no time and for signatures that grow old. Several calls may be read at a time.
type Receiver interface {
	Receive(r Request, now time.Time) (Received, error)
}

// Doorkeeper is asked of a Receiver by assertion, before anything of a body is read. Admit looks at the
// head of a call (its Body is nil; length is what it announces, -1 for nothing) and refuses what Receive
// would refuse for it; limit is how many bytes the body may have.
type Doorkeeper interface {
	Admit(r Request, length int64) (limit int64, err error)
}

// Salvager is asked of a Receiver by assertion, when a body is larger than it may be. r.Body is its beginning, at most
// MaxHead bytes and cut off anywhere. Overlong returns the refusal, which may show what can be read of it; nil for the
// one that there would be without it.
type Salvager interface {
	Overlong(r Request) error
}

// MaxHead is how much of a body that is too large a Salvager is given, in bytes.
// A browser sends a form's fields before its file, so they are in it; more would let calls that are refused cost memory.
const MaxHead = 128 << 10
