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
	s := Snapshot{Ticket: tickets.Open, Priority: "high", Version: 3, Promises: []Promise{PromiseOf(void)}}
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
