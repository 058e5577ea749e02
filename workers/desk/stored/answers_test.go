package stored

import (
	"errors"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/message"
	"frontdesk/templates/desk"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/viewer"
)

var agent = viewer.Viewer{User: 4, Login: "chen", Name: "Chen", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: viewer.Every}}}

// recipients are shown as a line.
func recipients(all []desk.Recipient) string {
	var out []string
	for _, r := range all {
		s := r.Address
		if r.Copy {
			s = "Cc " + s
		}
		if r.Proven {
			s += " (verified)"
		}
		if r.Left != "" {
			s = "not " + s + ": " + r.Left
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// TestAnAnswerGoesWhereTheBoxShows: each recipient stands in the box, and where they are others when the text comes nothing is sent.
func TestAnAnswerGoesWhereTheBoxShows(t *testing.T) {
	s := storetest.SQLite(t)
	h := storetest.NewHousehold(t, s)
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	house := answering.House{Carries: map[string]message.Carries{"email": {Cc: 1}},
		Ways: func(inbox string, _ message.AddressKind) (string, string, bool) { return inbox, "email", true },
		Ours: func(id message.Identity) bool { return id.Value == "support@desk.example" }}
	d := New(Config{Store: s, House: house, Now: func() time.Time { return now }})
	box := func(want string) desk.Answer {
		t.Helper()
		b, err := d.Box(t.Context(), agent, h.BobTicket, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := recipients(b.Recipients); got != want {
			t.Fatalf("the box shows %s\nwant %s", got, want)
		}
		return b
	}
	before := box("bob@elsewhere.example (verified), Cc ann.smith@customer.example (verified), not Cc carl@elsewhere.example: too-many")
	if _, err := s.Erasure.Erase(t.Context(), h.Ann, erasure.Erasure{Who: "op"}, now); err != nil {
		t.Fatal(err)
	}
	out := pages.Outgoing{Key: "page", Seen: before.Seen, Ground: before.Ground, Text: "Here it is."}
	if _, err := d.Reply(t.Context(), agent, h.BobTicket, out); !errors.Is(err, pages.ErrChanged) {
		t.Errorf("an answer to others than the page showed: %v", err)
	}
	after := box("bob@elsewhere.example (verified), Cc carl@elsewhere.example")
	if out.Ground = after.Ground; after.Ground == before.Ground {
		t.Error("other recipients stand on the same ground")
	}
	id, err := d.Reply(t.Context(), agent, h.BobTicket, out)
	if err != nil {
		t.Fatal(err)
	}
	_, r, err := s.Desk.Reply(t.Context(), agent, id)
	if err != nil || len(r.Recipients.Cc) != 1 || r.Recipients.Cc[0].Value != "carl@elsewhere.example" {
		t.Errorf("it goes to %+v, %v", r.Recipients, err)
	}
}
