package effects

import (
	"testing"
	"time"

	"frontdesk/pipeline/domain/machine/machinetest"
)

func TestTheMachineOfAnOutboxRow(t *testing.T) {
	machinetest.Walk(t, Machine, []Event{claim, retry, HandOver, Deliver, Fail, fallBack, withhold, release, holdBack, again}, map[State][]State{
		Due:       {Sending, Due, Sent, Delivered, Failed, Fallback, Withheld, "", Withheld, ""},
		Sending:   {Sending, Due, Sent, Delivered, Failed, Fallback, Withheld, "", "", ""},
		Sent:      {"", "", "", Delivered, Failed, Fallback, "", "", "", ""},
		Delivered: {"", "", "", "", Failed, Fallback, "", "", "", ""},
		Failed:    {Failed, Failed, "", "", Failed, Fallback, Withheld, "", "", Due},
		Fallback:  {"", "", "", "", "", "", "", "", "", ""},
		Withheld:  {"", "", "", "", "", "", "", Due, "", Due},
	})
}

func TestWhoClaimsARow(t *testing.T) {
	until := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		state    State
		ok       bool
		to       State
		attempts int
		unknown  bool
	}{
		{Due, true, Sending, 2, false}, {Sending, true, Sending, 2, true}, {Failed, true, Failed, 1, false},
		{Sent, false, Sent, 1, false}, {Delivered, false, Delivered, 1, false}, {Fallback, false, Fallback, 1, false}, {Withheld, false, Withheld, 1, false},
	} {
		got, ok := Effect{State: c.state, Attempts: 1}.Claimed("me", until)
		if ok != c.ok || got.State != c.to || got.Attempts != c.attempts || got.Unknown != c.unknown || ok != got.Next.Equal(until) {
			t.Errorf("claiming one that is %s: %+v, %t", c.state, got, ok)
		}
	}
}
