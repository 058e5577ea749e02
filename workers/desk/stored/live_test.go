package stored

import (
	"testing"
	"time"

	"frontdesk/workers/desk/events"
	"frontdesk/workers/live"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/viewer"
)

// TestPagesHearWhatTheStoreSays: what is done is told from a page's place on, and who may not read a ticket is nobody who reads it.
func TestPagesHearWhatTheStoreSays(t *testing.T) {
	s := storetest.SQLite(t)
	h := storetest.NewHousehold(t, s)
	l := Live{Store: s}
	from, err := l.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Acts.CloseTicket(t.Context(), h.BobTicket, time.Now(), "chen"); err != nil {
		t.Fatal(err)
	}
	all, err := l.After(t.Context(), from, 10)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	if want := (events.Change{Ticket: h.BobTicket, Queue: all[0].Event.Queue, Kind: "close", Actor: "chen"}); all[0].Event != want || want.Queue == "" {
		t.Errorf("told %+v", all[0].Event)
	}
	for m, want := range map[live.Mark]bool{from: true, all[0].Mark: true, {N: 1 << 40}: false, {Turn: 9}: false} {
		if known, err := l.Knows(t.Context(), m); err != nil || known != want {
			t.Errorf("%v is known: %v, %v", m, known, err)
		}
	}
	other := viewer.Viewer{User: 9, Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "elsewhere"}}}
	for v, want := range map[*viewer.Viewer]bool{&agent: true, &other: false} {
		if may, err := l.Readable(t.Context(), *v, h.BobTicket); err != nil || may != want {
			t.Errorf("user %d may read: %v, %v", v.User, may, err)
		}
	}
	if may, err := l.Readable(t.Context(), agent, 1<<40); may || err != nil {
		t.Errorf("a ticket that is not there: %v, %v", may, err)
	}
}
