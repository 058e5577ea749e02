package ops

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/decide"
	"frontdesk/workers/ops/watch"
	"frontdesk/workers/store/base"
)

// told reads the stream until it says that something has changed.
func told(t *testing.T, lines *bufio.Scanner) {
	t.Helper()
	for lines.Scan() {
		if lines.Text() == "event: change" {
			return
		}
	}
	t.Fatalf("the stream ended: %v", lines.Err())
}

func TestEventsTellOfChanges(t *testing.T) {
	done := make(chan struct{})
	r := newRig(t, func(c *Config) { c.Done = done })
	server := httptest.NewServer(r.handler)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("Content-Type is %s", got)
	}
	lines := bufio.NewScanner(resp.Body)
	told(t, lines)
	plan := r.decide("k1", nil)
	r.config.Onlooker.Passed(decide.Passed{ID: plan.Message, Plan: &plan})
	told(t, lines)
	close(done)
	for lines.Scan() { // ends, or the deadline makes it an error
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream did not end with the process: %v", err)
	}
}

// quiet is a desk whose overview is made here.
func quiet(read func(now time.Time) *watch.Overview) *desk {
	return &desk{Config: Config{Onlooker: watch.NewOnlooker()}, stays: func(context.Context) bool { return true },
		whole: func(context.Context) (*watch.Overview, error) { return read(time.Now()), nil }}
}

func TestEventsKeepTheirPace(t *testing.T) {
	for _, c := range []struct {
		name           string
		read           func(time.Time) *watch.Overview
		changes, beats int
	}{
		{"nothing happens: a beat each quarter minute, and a renewal for the ages", func(now time.Time) *watch.Overview { return &watch.Overview{At: base.Stamp{Time: now}} }, 13, 4},
		{"always something: once a second", func(now time.Time) *watch.Overview { return &watch.Overview{Sent: now.UnixNano()} }, 61, 4},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := quiet(c.read)
			ctx, cancel := context.WithCancel(t.Context())
			w := httptest.NewRecorder()
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				d.events(w, httptest.NewRequest(http.MethodGet, "/events", nil).WithContext(ctx))
			}()
			time.Sleep(61*time.Second + 500*time.Millisecond)
			cancel()
			<-ended
			got := []int{strings.Count(w.Body.String(), "event: change"), strings.Count(w.Body.String(), ": alive")}
			if diff := cmp.Diff([]int{c.changes, c.beats}, got); diff != "" {
				t.Errorf("%s: changes and beats (-want +got):\n%s", c.name, diff)
			}
		})
	}
}

func TestBarSharesAreWhole(t *testing.T) {
	b := newBar("state", "/promises", map[string]int64{"kept": 3, "due": 1, "odd": 4, "void": 0, "broken": -1}, func(s string) string { return s }, "kept", "due")
	want := bar{Group: "state", Total: 8, Shares: []share{
		{Name: "kept", Tone: "kept", URL: "/promises?state=kept", Count: 3, From: "0.00", Width: "37.50"},
		{Name: "due", Tone: "due", URL: "/promises?state=due", Count: 1, From: "37.50", Width: "12.50"},
		{Name: "odd", Tone: "odd", URL: "/promises?state=odd", Count: 4, From: "50.00", Width: "50.00"}}}
	if diff := cmp.Diff(want, b); diff != "" {
		t.Errorf("bar (-want +got):\n%s", diff)
	}
}

// TestTheFeedSaysWhatBecameOfAnAcknowledgement: not what was meant when the message was decided.
func TestTheFeedSaysWhatBecameOfAnAcknowledgement(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name    string
		outcome commands.SendEnded
		want    []string
	}{
		{"it was sent", commands.SendEnded{State: effects.Sent}, []string{`class="pill good">acknowledged by SMS`}},
		{"it failed for good", commands.SendEnded{State: effects.Failed, Code: "550", Detail: "no such mailbox"}, []string{`class="pill bad">acknowledgement by SMS failed`, "550 · no such mailbox"}},
		{"it is tried again", commands.SendEnded{State: effects.Due, Next: now.Add(time.Hour), Code: "421", Detail: "try later"}, []string{"acknowledgement by SMS is to be sent", ">421<"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			plan := r.decide("k1", nil)
			r.config.Onlooker.Passed(decide.Passed{ID: plan.Message, Inbox: "hotline", Channel: "sms", Plan: &plan})
			claimed, err := r.config.Store.Outbox.ClaimEffects(t.Context(), []int64{r.outbox().ID}, "h", now.Add(time.Minute), now.Add(2*time.Minute))
			if err != nil || len(claimed) != 1 {
				t.Fatalf("claimed %d: %v", len(claimed), err)
			}
			c.outcome.ID, c.outcome.Attempt = claimed[0].ID, claimed[0].Attempts
			if err := r.config.Store.Outbox.Settle(t.Context(), []commands.SendEnded{c.outcome}, now); err != nil {
				t.Fatal(err)
			}
			wantParts(t, "the feed", r.page("/"), c.want...)
		})
	}
}

func TestTheFeedTellsHeldAndWithheldApart(t *testing.T) {
	r := newRig(t)
	r.decide("k1", func(p *pipeline.Plan) { p.Effects[0].Cause = "stranger-cap" })
	r.decide("k2", func(p *pipeline.Plan) { p.Effects[0].Cause = "list" })
	wantParts(t, "the feed", r.page("/"), "acknowledgement waits for you: cap for unproven senders", "not acknowledged: mailing list")
}
