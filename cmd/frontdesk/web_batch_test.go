package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/channels/web"
	"frontdesk/channels/webhook"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/configs"
	"frontdesk/pipeline/message"
	"frontdesk/workers/receive"
)

// entries is a provider's batch: entries with changes with messages and statuses.
type entries struct {
	Entry []struct {
		Changes []struct {
			Messages []json.RawMessage `json:"messages"`
			Statuses []struct {
				ID, Status string
			} `json:"statuses"`
		} `json:"changes"`
	} `json:"entry"`
}

// batcher is a connector whose provider sends batches.
type batcher struct{ inbox string }

type batched struct {
	ID   string `json:"id"`
	From string `json:"from"`
	Text string `json:"text"`
}

func (b batcher) Receive(r webhook.Request, now time.Time) (webhook.Received, error) {
	var in entries
	if err := json.Unmarshal(r.Body, &in); err != nil {
		return webhook.Received{}, &channels.Error{Op: "receiving batch", Class: channels.Permanent, Err: err}
	}
	var out webhook.Received
	for _, e := range in.Entry {
		for _, c := range e.Changes {
			for _, m := range c.Messages {
				d := channels.Delivery{Inbox: b.inbox, Channel: "api", At: now, Raw: m}
				var item batched
				if err := json.Unmarshal(m, &item); err != nil || item.ID == "" {
					d.Key, d.Cause, d.Evidence = "bad."+hashed(string(m)), "unparsable", "the item has no id"
					out.Bad = append(out.Bad, d)
					continue
				}
				d.Key = item.ID
				out.Deliveries = append(out.Deliveries, d)
			}
			for _, s := range c.Statuses {
				out.Receipts = append(out.Receipts, channels.Receipt{ProviderID: s.ID, Status: channels.Status(s.Status), At: now})
			}
		}
	}
	return out, nil
}

func (b batcher) Decode(d channels.Delivery) (message.Message, error) {
	var item batched
	if err := json.Unmarshal(d.Raw, &item); err != nil {
		return message.Message{}, err
	}
	if item.From == "" {
		return message.Message{}, &channels.Error{Op: "decoding item", Class: channels.Permanent, Cause: "unparsable", Err: errors.New("nobody sent it")}
	}
	return message.Message{Inbox: d.Inbox, Channel: d.Channel, Key: d.Key, At: d.At, Text: item.Text, From: message.Address{Kind: message.Email, Value: item.From}}, nil
}

// batch makes 3 entries × 2 changes × 4 messages with statuses; item makes message n.
func batch(t testing.TB, item func(n int) any) string {
	t.Helper()
	var out []any
	n := 0
	for e := range 3 {
		var changes []any
		for c := range 2 {
			var items []any
			for range 4 {
				items = append(items, item(n))
				n++
			}
			changes = append(changes, map[string]any{"messages": items, "statuses": []any{map[string]any{"id": fmt.Sprintf("sent-%d-%d", e, c), "status": "delivered"}}})
		}
		out = append(out, map[string]any{"changes": changes})
	}
	text, err := json.Marshal(map[string]any{"entry": out})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPain12BatchOfTwentyFour: a webhook call with 24 messages is 24 messages. One that has no id and
// one that cannot be decoded are parked; the others go on.
func TestPain12BatchOfTwentyFour(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	withDoors(&c)
	r := startWith(t, c, func(o *service.Options) {
		o.Connectors = map[string]wiring.Connect{web.APIChannel: func(w *wiring.Wiring, in configs.Inbox, _ wiring.Needs) error {
			w.Routes = append(w.Routes, receive.Route{Inbox: in.Name, Pattern: "/hooks/batch", Webhook: batcher{in.Name}})
			w.Decoders[in.Name] = batcher{in.Name}
			return nil
		}}
	})
	body := batch(t, func(n int) any {
		m := map[string]any{"id": fmt.Sprintf("m-%d", n), "from": fmt.Sprintf("c%d@customer%d.example", n, n), "text": fmt.Sprintf("Order %d: my refund has not arrived", 9000+n)}
		switch n {
		case 6:
			delete(m, "id")
		case 17:
			delete(m, "from")
		}
		return m
	})
	for range 2 {
		if got := r.post("/hooks/batch", "application/json", body); got.status != http.StatusOK {
			t.Fatalf("answered %d %s", got.status, got.body)
		}
	}
	r.settled(24)
	want := slices.Concat(slices.Repeat([]string{"parked:unparsable"}, 2), slices.Repeat([]string{"ticketed"}, 22))
	if diff := cmp.Diff(want, r.causes()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if acks := r.outbox("acknowledgement"); len(acks) != 22 {
		t.Errorf("%d acknowledgements, want 22", len(acks))
	}
}

// TestPain12TelegramBatchOfTwentyFour: the same with one answer of getUpdates.
func TestPain12TelegramBatchOfTwentyFour(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withBot(t, &c, "poll")
	for n := range 24 {
		if n == 11 {
			fake.Push(map[string]any{"message": map[string]any{"message_id": "eleven", "text": 5}})
			continue
		}
		fake.Write(telegramfake.Customer{ID: int64(500 + n), Name: "C"}, fmt.Sprintf("订单 %d 付款失败了", 9000+n))
	}
	connectedSince(t, c, "bot", time.Now().Add(-time.Hour))
	r := start(t, c)
	r.settled(24)
	want := append([]string{"parked:unparsable"}, slices.Repeat([]string{"ticketed"}, 23)...)
	if diff := cmp.Diff(want, r.causes()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if sent := fake.Sent(); len(sent) != 23 {
		t.Errorf("%d acknowledgements reached Telegram, want 23", len(sent))
	}
	r.eventually(10*time.Second, func() string {
		if n := fake.Waiting(); n > 0 {
			return fmt.Sprintf("%d updates are not confirmed", n)
		}
		return ""
	})
}
