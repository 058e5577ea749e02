// Package channelstest is the conformance suite of connectors. A connector's test describes its
// provider once, in a case, and the suite asks the questions that every connector must answer the
// same way: one id is one key however often it comes, one bad item costs nobody else's message, a
// forged call is refused, and each way in which a provider can fail has the right class.
//
//	channelstest.Webhook(t, channelstest.WebhookCase{…})
//	channelstest.Fetcher(t, channelstest.FetcherCase{Open: …})
//	channelstest.Listener(t, channelstest.ListenerCase{Open: …})
//	channelstest.Sender(t, channelstest.SenderCase{Open: …})
//
// Fakes at the wire for single providers are packages below this one; they do not import testing,
// so that the demonstration can run them.
package channelstest

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
)

// Fault is a way in which a provider fails. A case says how its fake is told to fail that way.
type Fault string

// The faults. Each is asked for exactly one request.
const (
	Slow         Fault = "slow"         // takes the request and does not answer before the client gives up
	ServerError  Fault = "server-error" // 500 with a page that is not the API's form; nothing was done
	Throttle     Fault = "throttle"     // 429 with a wait; nothing was done
	Drop         Fault = "drop"         // does what was asked, then closes the connection inside the answer
	Unauthorized Fault = "unauthorized" // refuses our credentials
	Refuse       Fault = "refuse"       // refuses this recipient for good (blocked, opted out, unknown)
)

// asError returns the connector's error, or stops the test: every connector has one error type.
func asError(t *testing.T, err error) *channels.Error {
	t.Helper()
	if err == nil {
		t.Fatal("got no error")
	}
	e, ok := errors.AsType[*channels.Error](err)
	if !ok {
		t.Fatalf("error is a %T, want *channels.Error: %v", err, err)
	}
	return e
}

// checkClass wants one of the classes and an error text without secrets.
func checkClass(t *testing.T, err error, secrets []string, want ...channels.Class) *channels.Error {
	t.Helper()
	e := asError(t, err)
	checkSecrets(t, err.Error(), secrets)
	for _, c := range want {
		if e.Class == c {
			return e
		}
	}
	t.Errorf("class = %q, want one of %q (%v)", e.Class, want, err)
	return e
}

func checkSecrets(t *testing.T, text string, secrets []string) {
	t.Helper()
	for _, s := range secrets {
		if s != "" && strings.Contains(text, s) {
			t.Errorf("a secret is in the text %q", strings.ReplaceAll(text, s, "<secret>"))
		}
	}
}

// checkDelivery asks of a delivery what the store relies on.
func checkDelivery(t *testing.T, d channels.Delivery, now time.Time) {
	t.Helper()
	if d.Inbox == "" || d.Channel == "" {
		t.Errorf("delivery %q names inbox %q and channel %q, want both", d.Key, d.Inbox, d.Channel)
	}
	if d.Key == "" || len(d.Key) > 512 || strings.ContainsFunc(d.Key, unprintable) {
		t.Errorf("key %q is empty, longer than 512 bytes or unprintable", d.Key)
	}
	if d.At.IsZero() || d.At.After(now) {
		t.Errorf("delivery %q is of %v, want a time not after %v", d.Key, d.At, now)
	}
	if len(d.Raw) == 0 {
		t.Errorf("delivery %q has no raw bytes", d.Key)
	}
	if d.Cause != "" && d.Evidence == "" {
		t.Errorf("delivery %q is parked as %q without evidence", d.Key, d.Cause)
	}
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// checkDecode decodes twice and wants equal messages that carry the delivery's own facts.
func checkDecode(t *testing.T, dec channels.Decoder, d channels.Delivery) {
	t.Helper()
	raw := string(d.Raw)
	first, err := dec.Decode(d)
	if err != nil {
		t.Fatalf("decoding %q: %v", d.Key, err)
	}
	again, err := dec.Decode(d)
	if err != nil {
		t.Fatalf("decoding %q again: %v", d.Key, err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("decoding %q twice differs (-first +again):\n%s", d.Key, diff)
	}
	if string(d.Raw) != raw {
		t.Errorf("decoding %q changed the raw bytes", d.Key)
	}
	if first.Inbox != d.Inbox || first.Channel != d.Channel || first.Key != d.Key || !first.At.Equal(d.At) {
		t.Errorf("decoded message is %s/%s/%s of %v, want the delivery's %s/%s/%s of %v",
			first.Inbox, first.Channel, first.Key, first.At, d.Inbox, d.Channel, d.Key, d.At)
	}
}

func keys(ds []channels.Delivery) []string {
	out := make([]string, 0, len(ds))
	for _, d := range ds {
		out = append(out, d.Key)
	}
	return out
}
