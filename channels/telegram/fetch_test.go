package telegram

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/channelstest"
	"frontdesk/channels/channelstest/telegramfake"
)

func TestFetcherConformance(t *testing.T) {
	channelstest.Fetcher(t, channelstest.FetcherCase{
		Faults: []channelstest.Fault{channelstest.Slow, channelstest.ServerError, channelstest.Throttle,
			channelstest.Drop, channelstest.Unauthorized},
		Patience: time.Second,
		Open: func(t *testing.T) channelstest.FetcherBench {
			fake := telegramfake.New(testToken)
			server := httptest.NewServer(fake)
			t.Cleanup(server.Close)
			cfg := testConfig()
			cfg.BaseURL = server.URL
			c := newConnector(t, cfg)
			return channelstest.FetcherBench{
				Connect: func() channels.Fetcher { return newConnector(t, cfg) },
				Decoder: c, Secrets: []string{testToken, "TEST-token"},
				Put:    func(text string) { fake.Write(li(), text) },
				PutBad: func() { fake.Push(map[string]any{"message": map[string]any{"message_id": "seven"}}) },
				Fault:  func(f channelstest.Fault) { fake.Fail(telegramfake.Fault(f)) },
			}
		},
	})
}

func offset(t *testing.T, c channels.Cursor) int64 {
	t.Helper()
	var at cursor
	if err := json.Unmarshal(c, &at); err != nil {
		t.Fatalf("cursor %s: %v", c, err)
	}
	return at.Offset
}

func TestNothingIsConfirmedBeforeItIsCommitted(t *testing.T) {
	c, fake := withFake(t)
	fake.Write(li(), "one")
	fake.Write(li(), "two")
	b, err := c.Fetch(t.Context(), nil)
	if err != nil || len(b.Deliveries) != 2 {
		t.Fatalf("batch %+v, %v", b, err)
	}
	if fake.Waiting() != 2 {
		t.Errorf("%d updates wait at Telegram after the fetch, want both", fake.Waiting())
	}
	fake.Write(li(), "three")
	b, err = c.Fetch(t.Context(), b.Next)
	if err != nil || len(b.Deliveries) != 1 || fake.Waiting() != 1 {
		t.Errorf("%d deliveries, %d updates wait, %v; want the third alone in both", len(b.Deliveries), fake.Waiting(), err)
	}
}

// After a week without updates their ids may start anew, below the offset.
func TestUpdateIDsThatStartAnew(t *testing.T) {
	c, fake := withFake(t)
	fake.Write(li(), "before the holidays")
	b, err := c.Fetch(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	idle, err := c.Fetch(t.Context(), b.Next)
	if err != nil || len(idle.Deliveries) != 0 || offset(t, idle.Next) != 0 {
		t.Fatalf("idle poll: %+v, %v; want the bookmark back at 0", idle, err)
	}
	fake.Restart(7)
	fake.Write(li(), "after the holidays")
	b, err = c.Fetch(t.Context(), idle.Next)
	if err != nil || len(b.Deliveries) != 1 || offset(t, b.Next) != 8 {
		t.Errorf("batch %+v, %v; want the message, and 8 next", b, err)
	}
}

func TestFetchManyAtOnce(t *testing.T) {
	c, fake := withFake(t)
	for range 150 {
		fake.Write(li(), "x")
	}
	b, err := c.Fetch(t.Context(), nil)
	if err != nil || len(b.Deliveries) != 100 || !b.More {
		t.Fatalf("%d deliveries, more %v, %v; want 100 and more", len(b.Deliveries), b.More, err)
	}
	b, err = c.Fetch(t.Context(), b.Next)
	if err != nil || len(b.Deliveries) != 50 || b.More || b.Lag != 0 {
		t.Errorf("%d deliveries, more %v, lag %v, %v; want the other 50", len(b.Deliveries), b.More, b.Lag, err)
	}
}

func TestFetchSkipsWhatIsNoMessage(t *testing.T) {
	c, fake := withFake(t)
	fake.Push(map[string]any{"poll_answer": map[string]any{"poll_id": "1"}})
	b, err := c.Fetch(t.Context(), nil)
	if err != nil || len(b.Deliveries) != 0 || b.Next == nil {
		t.Errorf("batch %+v, %v; want nothing but a bookmark behind it", b, err)
	}
}

func TestConflicts(t *testing.T) {
	c, fake := withFake(t)
	fake.SetWebhook(true)
	_, err := c.Fetch(t.Context(), nil)
	e, ok := err.(*channels.Error)
	if !ok || e.Class != channels.Temporary || e.After != time.Minute || e.Code != "409" {
		t.Errorf("with a webhook set: %#v, want Temporary for a minute", err)
	}
	fake.SetWebhook(false)
	first := make(chan error, 1)
	go func() { _, err := c.Fetch(t.Context(), nil); first <- err }()
	for len(fake.Offsets()) < 2 {
		select {
		case err := <-first:
			t.Fatalf("the first poll ended early: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _, _ = c.Fetch(ctx, nil) }()
	e, ok = (<-first).(*channels.Error)
	if !ok || e.Class != channels.Temporary || e.After <= 0 {
		t.Errorf("a second poller: %#v, want Temporary with a wait", e)
	}
}

func TestFetchRefusesAForeignCursor(t *testing.T) {
	c, _ := withFake(t)
	if _, err := c.Fetch(t.Context(), channels.Cursor(`"uid:7"`)); err == nil {
		t.Error("a cursor that cannot be read was taken for the beginning")
	}
}

func TestFollowing(t *testing.T) {
	for _, c := range []struct {
		name, raw  string
		next, want int64
	}{
		{"an id", `{"update_id":9}`, 5, 10},
		{"an id that cannot be read", `{"update_id":"x"}`, 5, 6},
		{"no JSON", `{`, 5, 6},
		{"nothing known at all", `{}`, 0, 0},
	} {
		if diff := cmp.Diff(c.want, following([]byte(c.raw), c.next)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
