package thread

import (
	"testing"
	"time"

	"frontdesk/pipeline/domain/tickets"

	"github.com/google/go-cmp/cmp"
)

// merged is ticket 7, which is merged into ticket 9, as the line looks at it.
func merged(root tickets.State, age time.Duration) tickets.Ticket {
	t := ticket(tickets.Closed, 30*24*time.Hour)
	t.MergedInto = 9
	return t.Within(tickets.Ticket{ID: 9, Version: 5, Status: root, LastAt: now.Add(-age), Priority: "high"})
}

// TestAMergedTicketStandsWhereItsRootDoes: whoever names it continues it, and what is asked of its state and age is asked of the root.
func TestAMergedTicketStandsWhereItsRootDoes(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		name string
		root tickets.State
		age  time.Duration
		want Finding
	}{
		{"its root is open", tickets.Open, day, Finding{Ticket: 7, Version: 3, How: ByOwnMessageID}},
		{"its root is closed", tickets.Closed, day, Finding{Ticket: 7, Version: 3, Reopen: true, How: ByOwnMessageID}},
		{"its root is closed for too long", tickets.Closed, 40 * day, Finding{Follows: 7, How: ByOwnMessageID}},
	} {
		k := merged(c.root, c.age)
		got := Decide(Input{From: customer, Contact: 1, Proven: true, At: now, Subject: "payment failed", IsReply: true, Channel: "email", Named: []Named{{k, ByOwnMessageID}}}, DefaultWindows())
		got.Reason = ""
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if k.RootVersion != 5 || k.Priority != "high" || k.Version != 3 {
			t.Errorf("%s: it is %+v", c.name, k)
		}
	}
}

// TestTheMatterIsTheRoots: the same problem on another channel is told where it is worked on.
func TestTheMatterIsTheRoots(t *testing.T) {
	root := ticket(tickets.Open, time.Hour)
	root.ID = 9
	in := Input{From: customer, Contact: 1, Proven: true, At: now, Category: "payment-failed", Channel: "sms", Recent: []tickets.Ticket{merged(tickets.Open, time.Hour), root}}
	in.Again = []Again{{Ticket: root, At: now.Add(-time.Hour), Money: true, Told: true}}
	if got := Decide(in, DefaultWindows()); got.Ticket != 9 {
		t.Errorf("it continues %d: %s", got.Ticket, got.Reason)
	}
}

// TestWhatWasTakenOutComesBackByNoTicketOfTheGroup: neither by what is merged into the ticket that it was taken out of, nor by the root.
func TestWhatWasTakenOutComesBackByNoTicketOfTheGroup(t *testing.T) {
	root := ticket(tickets.Open, time.Hour)
	root.ID = 9
	both := []Named{{merged(tickets.Open, time.Hour), ByReplyAddress}, {root, BySubjectToken}}
	for _, apart := range []int64{7, 9} {
		got := Decide(Input{From: customer, Contact: 1, Proven: true, At: now, Subject: "payment failed", Channel: "email", Named: both, Apart: apart}, DefaultWindows())
		if got.Ticket != 0 || got.Follows != apart {
			t.Errorf("taken out of %d it continues %d and follows %d", apart, got.Ticket, got.Follows)
		}
	}
}
