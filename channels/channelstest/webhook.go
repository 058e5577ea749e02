package channelstest

import (
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/webhook"
)

// WebhookCase describes one connector's webhook. The functions make a request as the provider
// would send it at that time, so that schemes which sign the time are signed anew.
type WebhookCase struct {
	Webhook webhook.Receiver
	Decoder channels.Decoder // what decodes the deliveries; nil leaves that question out
	Now     time.Time
	Secrets []string // what no error text may hold

	One     func(now time.Time) webhook.Request // one good message
	Missing func(now time.Time) webhook.Request // the same without signature; nil for an open door
	Wrong   func(now time.Time) webhook.Request // the same with a wrong signature; nil for an open door
	// Stale is signed correctly at a time long before now. Nil where the scheme signs no time.
	Stale func(now time.Time) webhook.Request
	// Oversize is longer than the connector's own limit. Nil when it has none.
	Oversize func(now time.Time) webhook.Request
	// Batch holds Good good items with one unreadable among them. Nil where a call holds one item.
	Batch func(now time.Time) webhook.Request
	Good  int
}

// Webhook asks every question that a webhook must answer.
func Webhook(t *testing.T, c WebhookCase) {
	t.Helper()
	t.Run("the same id sixteen times at once has one key", func(t *testing.T) { sixteen(t, c) })
	t.Run("a redelivery days later has the same key", func(t *testing.T) { redelivery(t, c) })
	t.Run("the request is not changed", func(t *testing.T) { unchanged(t, c) })
	t.Run("decoding twice is equal", func(t *testing.T) { decodeTwice(t, c) })
	refused(t, c, "missing signature", c.Missing, channels.Unauthorized)
	refused(t, c, "wrong signature", c.Wrong, channels.Unauthorized)
	refused(t, c, "stale signature", c.Stale, channels.Unauthorized)
	refused(t, c, "oversize body", c.Oversize, channels.TooLarge, channels.Permanent)
	if c.Batch != nil {
		t.Run("one bad item of a batch costs no other", func(t *testing.T) { badItem(t, c) })
	}
}

func receiveOne(t *testing.T, c WebhookCase, now time.Time) channels.Delivery {
	t.Helper()
	got, err := c.Webhook.Receive(c.One(now), now)
	if err != nil {
		t.Fatalf("receiving a good message: %v", err)
	}
	if len(got.Deliveries) != 1 || len(got.Bad) != 0 {
		t.Fatalf("got %d deliveries and %d bad items, want 1 and 0", len(got.Deliveries), len(got.Bad))
	}
	checkDelivery(t, got.Deliveries[0], now)
	return got.Deliveries[0]
}

func sixteen(t *testing.T, c WebhookCase) {
	want := receiveOne(t, c, c.Now)
	r := c.One(c.Now) // one request for all: a connector that writes to it is found by -race
	var wg sync.WaitGroup
	got := make([]webhook.Received, 16)
	errs := make([]error, 16)
	for i := range got {
		wg.Go(func() { got[i], errs[i] = c.Webhook.Receive(r, c.Now) })
	}
	wg.Wait()
	for i := range got {
		if errs[i] != nil || len(got[i].Deliveries) != 1 || got[i].Deliveries[0].Key != want.Key {
			t.Errorf("call %d: keys %q, error %v; want the key %q", i, keys(got[i].Deliveries), errs[i], want.Key)
		}
	}
}

func redelivery(t *testing.T, c WebhookCase) {
	first := receiveOne(t, c, c.Now)
	later := receiveOne(t, c, c.Now.Add(8*24*time.Hour))
	if first.Key != later.Key {
		t.Errorf("key after eight days = %q, want %q", later.Key, first.Key)
	}
}

func unchanged(t *testing.T, c WebhookCase) {
	r, same := c.One(c.Now), c.One(c.Now)
	if _, err := c.Webhook.Receive(r, c.Now); err != nil {
		t.Fatalf("receiving: %v", err)
	}
	type plain struct {
		URL    string
		Header http.Header
		Body   string
	}
	got := plain{text(r.URL), r.Header, string(r.Body)}
	want := plain{text(same.URL), same.Header, string(same.Body)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Receive changed its request (-before +after):\n%s", diff)
	}
}

func text(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.String()
}

func decodeTwice(t *testing.T, c WebhookCase) {
	if c.Decoder == nil {
		t.Skip("the case names no decoder")
	}
	checkDecode(t, c.Decoder, receiveOne(t, c, c.Now))
}

func refused(t *testing.T, c WebhookCase, name string, make func(time.Time) webhook.Request, want ...channels.Class) {
	t.Helper()
	if make == nil {
		return
	}
	t.Run(name+" is refused", func(t *testing.T) {
		got, err := c.Webhook.Receive(make(c.Now), c.Now)
		checkClass(t, err, c.Secrets, want...)
		if len(got.Deliveries)+len(got.Bad)+len(got.Receipts) != 0 {
			t.Errorf("a refused call brought %d deliveries, %d bad items, %d receipts",
				len(got.Deliveries), len(got.Bad), len(got.Receipts))
		}
		checkSecrets(t, string(got.Answer.Body), c.Secrets)
	})
}

func badItem(t *testing.T, c WebhookCase) {
	got, err := c.Webhook.Receive(c.Batch(c.Now), c.Now)
	if err != nil {
		t.Fatalf("receiving the batch: %v", err)
	}
	if len(got.Deliveries) != c.Good || len(got.Bad) != 1 {
		t.Fatalf("got %d deliveries and %d bad items, want %d and 1", len(got.Deliveries), len(got.Bad), c.Good)
	}
	for _, d := range append(got.Deliveries, got.Bad...) {
		checkDelivery(t, d, c.Now)
	}
	if got.Bad[0].Cause == "" {
		t.Error("the bad item has no parking cause")
	}
}
