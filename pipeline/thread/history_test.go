package thread

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/domain/tickets"
)

// TestHistoryAndTheLiving: what was received before the inbox was connected, or is imported, was
// never acknowledged. New messages get a ticket that is, and history never wakes what is closed.
func TestHistoryAndTheLiving(t *testing.T) {
	const day = 24 * time.Hour
	old := ticket(tickets.Open, 30*day)
	old.Inbox = "support"
	heir := ticket(tickets.Open, time.Hour)
	heir.ID, heir.Inbox, heir.Follows = 8, "support", old.ID
	closed := ticket(tickets.Closed, time.Hour)
	closed.Inbox = "support"
	imported := ticket(tickets.Open, time.Hour) // by its date it might be alive
	imported.History = true
	follower := ticket(tickets.Open, time.Hour)
	follower.ID, follower.Contact, follower.Follows = 9, 77, imported.ID
	in := func(change func(*Input)) Input {
		v := Input{From: customer, Contact: 1, Proven: true, Channel: "email", At: now, Subject: old.Subject, IsReply: true, Category: "other", Inbox: "support", Since: now.Add(-7 * day)}
		change(&v)
		return v
	}
	for _, c := range []struct {
		name string
		in   Input
		want Finding
	}{
		{"an answer to history opens a ticket that follows it", in(func(v *Input) { v.Named = []Named{{old, ByReference}} }), Finding{Follows: old.ID, How: ByReference}},
		{"a second answer finds that ticket", in(func(v *Input) { v.Named, v.Recent = []Named{{old, ByReference}}, []tickets.Ticket{heir, old} }),
			Finding{Ticket: heir.ID, Version: heir.Version, How: ByReference}},
		{"nor does the subject lead into history", in(func(v *Input) {
			v.Recent = []tickets.Ticket{old}
			v.At = now.Add(-25 * day)
			v.Since = now.Add(-26 * day)
		}), Finding{}},
		{"history continues history", in(func(v *Input) { v.Named, v.History, v.At = []Named{{old, ByReference}}, true, now.Add(-29*day) }),
			Finding{Ticket: old.ID, Version: old.Version, How: ByReference}},
		{"a ticket of another inbox is not this one's history", in(func(v *Input) { v.Named, v.Inbox = []Named{{old, ByReference}}, "other" }),
			Finding{Ticket: old.ID, Version: old.Version, How: ByReference}},
		{"an answer to an imported mail of yesterday opens a ticket that follows it", in(func(v *Input) { v.Named = []Named{{imported, ByReference}} }), Finding{Follows: imported.ID, How: ByReference}},
		{"so does one to an import of another inbox", in(func(v *Input) { v.Named, v.Inbox = []Named{{imported, ByReference}}, "other" }), Finding{Follows: imported.ID, How: ByReference}},
		{"an answer that names both joins the living one, whosever it is", in(func(v *Input) {
			v.From, v.Contact = follower.Participants[0], 0
			v.Named = []Named{{imported, ByReference}, {follower, ByReference}}
		}), Finding{Ticket: follower.ID, Version: follower.Version, How: ByReference}},
		{"its subject leads nobody there", in(func(v *Input) { v.Recent = []tickets.Ticket{imported} }), Finding{}},
		{"nor does its problem, told by telephone", in(func(v *Input) {
			v.Recent, v.Channel, v.IsReply, v.Category = []tickets.Ticket{imported}, "twilio", false, imported.Category
		}), Finding{}},
		{"a further imported mail continues it", in(func(v *Input) { v.Named, v.History = []Named{{imported, ByReference}}, true }),
			Finding{Ticket: imported.ID, Version: imported.Version, How: ByReference}},
		{"history does not reopen what is closed", in(func(v *Input) { v.Named, v.History = []Named{{closed, ByReference}}, true }),
			Finding{Ticket: closed.ID, Version: closed.Version, How: ByReference}},
		{"nor by its subject", in(func(v *Input) { v.Recent, v.History = []tickets.Ticket{closed}, true }), Finding{Ticket: closed.ID, Version: closed.Version}},
		{"an old mail does not join a ticket of today by its subject", in(func(v *Input) { v.Recent, v.History, v.At = []tickets.Ticket{closed}, true, now.Add(-300*day) }), Finding{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Decide(c.in, DefaultWindows())
			got.Reason = ""
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
		})
	}
}
