package watch

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/decide"
)

func TestManyWatchersAskTheStoreOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		w := &Watch{}
		w.whole.read = func(context.Context, time.Time) (*Overview, error) { asked++; return &Overview{}, nil }
		for range 100 {
			if _, err := w.Overview(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(FreshFor)
		if _, err := w.Overview(t.Context()); err != nil || asked != 2 {
			t.Errorf("asked %d times, %v, want 2", asked, err)
		}
	})
}

func TestOnlookerNeverHoldsUpTheLine(t *testing.T) {
	o := NewOnlooker()
	_, end := o.Listen() // nobody reads
	defer end()
	for i := range 3 * onlookerEvents {
		o.Passed(decide.Passed{ID: int64(i), Plan: &pipeline.Plan{State: messages.Duplicate, Duplicate: 7}})
	}
	last := o.Last(2)
	if len(o.Last(10*onlookerEvents)) != onlookerEvents || last[0].Message != 3*onlookerEvents-1 || last[0].Duplicate != 7 || last[0].Words != "copy of message 7" {
		t.Errorf("kept %d events, the last is %+v", len(o.Last(10*onlookerEvents)), last)
	}
}

func TestEventsAreFacts(t *testing.T) {
	var e Event
	p := pipeline.Plan{State: messages.Ticketed, Row: pipeline.MessageRow{Redacted: map[string]int{"card": 1, "otp": 2}},
		Effects: []effects.Plan{{Kind: effects.KindAcknowledgement, Channel: "sms"}, {Kind: effects.KindAcknowledgement, Cause: "list"}, {Kind: effects.KindMark}}}
	p.Ticket.Open.Category, p.Ticket.Open.Priority, p.Ticket.Open.Language, p.Ticket.Open.Queue = "refund", "high", "zh-Hans", "refunds"
	e.facts(&p)
	want := Event{Category: "refund", Priority: "high", Language: "zh-Hans", Queue: "refunds", Masked: []string{"card", "otp"}}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}
