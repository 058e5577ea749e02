package entries

import (
	"reflect"
	"testing"
	"time"

	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
)

func TestASnapshotComesBack(t *testing.T) {
	if (Snapshot{}).JSON() != "" {
		t.Error("nothing is something")
	}
	start := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	void := promises.New(promises.Promise{Ticket: 7, Kind: promises.Acknowledgement, Start: start, Due: start.Add(24 * time.Hour)}, "capped", start)
	s := Snapshot{Ticket: tickets.Open, Priority: "high", Version: 3, Promises: []Promise{PromiseOf(void, 7), PromiseOf(void, 8)}}
	got, err := Read(s.JSON())
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("%+v came back as %+v, %v", s, got, err)
	}
	if none, err := Read(""); err != nil || !reflect.DeepEqual(none, Snapshot{}) {
		t.Errorf("nothing came back as %+v, %v", none, err)
	}
	if _, err := Read("{"); err == nil {
		t.Error("half a snapshot is read")
	}
}

// TestASnapshotIsKeptAsItWas: what stands in databases must be read by every program to come.
func TestASnapshotIsKeptAsItWas(t *testing.T) {
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		of   Snapshot
		text string
	}{
		{"nothing", Snapshot{}, ""},
		{"a message", Snapshot{Message: "parked"}, `{"message":"parked"}`},
		{"a ticket", Snapshot{Ticket: "closed"}, `{"ticket":"closed"}`},
		{"an outbox row", Snapshot{Effect: "withheld"}, `{"effect":"withheld"}`},
		{"what a message has changed in a ticket", Snapshot{Ticket: "open", Queue: "refunds", Category: "refund", Priority: "urgent", Contact: 5, Version: 3},
			`{"ticket":"open","queue":"refunds","category":"refund","priority":"urgent","contact":5,"version":3}`},
		{"an open promise", Snapshot{Promises: []Promise{{Kind: "resolution", State: "due", Due: at}}}, `{"promises":[{"kind":"resolution","state":"due","due":"2026-11-30T09:00:00Z"}]}`},
		{"a promise that was left as it is", Snapshot{Beside: []Promise{{Kind: "resolution", State: "due", Due: at}}}, `{"beside":[{"kind":"resolution","state":"due","due":"2026-11-30T09:00:00Z"}]}`},
		{"a settled promise", Snapshot{Promises: []Promise{{Kind: "resolution", State: "void", Cause: "closed", Due: at, Settled: at}}},
			`{"promises":[{"kind":"resolution","state":"void","cause":"closed","due":"2026-11-30T09:00:00Z","settled":"2026-11-30T09:00:00Z"}]}`},
	} {
		if got := c.of.JSON(); got != c.text {
			t.Errorf("%s is kept as %s", c.name, got)
		}
		if got, err := Read(c.text); err != nil || !reflect.DeepEqual(got, c.of) {
			t.Errorf("%s is read as %+v, %v", c.name, got, err)
		}
	}
	if got, err := Read(`{"ticket":"open","mood":"blue"}`); err != nil || got.Ticket != tickets.Open {
		t.Errorf("what a later program has added is not passed over: %+v, %v", got, err)
	}
}
