package commands

import (
	"errors"
	"testing"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
)

// worked is a desk whose ticket 7 has a work item in that state, of that owner.
func worked(state desk.State, owner int64) *domain.Known {
	k := standing(tickets.Open, messages.Appended, effects.Due)
	k.Tickets[7] = tickets.Status{ID: 7, Version: 4, State: tickets.Open, Priority: "normal", Messages: 2, Queue: "payments", Language: "en", Category: "refund", Opened: start, Last: half}
	i := k.Owing(desk.Item{Ticket: 7}.As("payments", "en", "refund", "normal").Came(start))
	if owner != 0 {
		i = i.Taken(owner, start, true)
	}
	if i.State = state; state == desk.Snoozed {
		i.Wake = most
	}
	k.Desk[7] = i
	return k
}

const zhou, li = 1, 2

// TestWhoHasATicketAndWhen: each act upon a work item, from whose hands and in which state, and what is left afterwards.
func TestWhoHasATicketAndWhen(t *testing.T) {
	for _, c := range []struct {
		name  string
		known *domain.Known
		act   domain.Command
		state desk.State
		owner int64
		err   error
	}{
		{"nobody's is taken", worked(desk.Waiting, 0), TakeTicket{Ticket: 7, User: zhou}, desk.Waiting, zhou, nil},
		{"what waits for the customer is taken, too", worked(desk.Pending, 0), TakeTicket{Ticket: 7, User: zhou}, desk.Pending, zhou, nil},
		{"who has it keeps it", worked(desk.Waiting, li), TakeTicket{Ticket: 7, User: zhou}, desk.Waiting, li, domain.ErrOwned},
		{"nobody takes it for nobody", worked(desk.Waiting, 0), TakeTicket{Ticket: 7}, desk.Waiting, 0, domain.ErrNotSo},
		{"a closed one is taken by nobody", standing(tickets.Closed, messages.Parked, effects.Due), TakeTicket{Ticket: 7, User: zhou}, desk.Gone, 0, domain.ErrNotSo},
		{"it is given to somebody", worked(desk.Waiting, 0), GiveTicket{Ticket: 7, To: li}, desk.Waiting, li, nil},
		{"it is given from one to the other", worked(desk.Waiting, zhou), GiveTicket{Ticket: 7, To: li}, desk.Waiting, li, nil},
		{"who has it is not given it", worked(desk.Waiting, li), GiveTicket{Ticket: 7, To: li}, desk.Waiting, li, domain.ErrNotSo},
		{"its owner gives it back", worked(desk.Waiting, zhou), HandBack{Ticket: 7, User: zhou}, desk.Waiting, 0, nil},
		{"another one does not", worked(desk.Waiting, li), HandBack{Ticket: 7, User: zhou}, desk.Waiting, li, domain.ErrNotSo},
		{"a lead does, whoever has it", worked(desk.Waiting, li), HandBack{Ticket: 7}, desk.Waiting, 0, nil},
		{"nobody's is not given back", worked(desk.Waiting, 0), HandBack{Ticket: 7}, desk.Waiting, 0, domain.ErrNotSo},
		{"it is put away", worked(desk.Waiting, zhou), SnoozeTicket{Ticket: 7, Until: later}, desk.Snoozed, zhou, nil},
		{"for another time", worked(desk.Snoozed, zhou), SnoozeTicket{Ticket: 7, Until: later}, desk.Snoozed, zhou, nil},
		{"not until a time that has passed", worked(desk.Waiting, zhou), SnoozeTicket{Ticket: 7, Until: half}, desk.Waiting, zhou, domain.ErrNotSo},
		{"its time has come", worked(desk.Snoozed, zhou), WakeTicket{Ticket: 7, Due: true}, desk.Waiting, zhou, nil},
		{"nobody wakes what does not sleep", worked(desk.Pending, zhou), WakeTicket{Ticket: 7}, desk.Pending, zhou, domain.ErrNotSo},
		{"it asks for no answer", worked(desk.Waiting, zhou), SetPending{Ticket: 7}, desk.Pending, zhou, nil},
		{"it does after all", worked(desk.Pending, zhou), SetWaiting{Ticket: 7}, desk.Waiting, zhou, nil},
	} {
		before := c.known.Item(7)
		plan, err := domain.Decide([]domain.Command{c.act}, c.known, most)
		i := c.known.Item(7)
		if !errors.Is(err, c.err) || i.State != c.state || i.Owner != c.owner {
			t.Errorf("%s: %s of %d, %v", c.name, i.State, i.Owner, err)
		}
		if err == nil && (i.Wake.IsZero() != (i.State != desk.Snoozed) || i.Rank != before.Rank || i.Half != before.Half && i.Paused.IsZero()) {
			t.Errorf("%s: it wakes at %s and has another place: %+v, before %+v", c.name, i.Wake, i, before)
		}
		if err == nil && (len(plan.Entries) != 1 || plan.Entries[0].Ticket != 7 || *plan.Entries[0].Before.Desk != before || *plan.Entries[0].After.Desk != i) {
			t.Errorf("%s: entries %+v", c.name, plan.Entries)
		}
	}
	early := worked(desk.Snoozed, zhou)
	if _, err := domain.Decide([]domain.Command{WakeTicket{Ticket: 7, Due: true}}, early, half); !errors.Is(err, domain.ErrNotSo) {
		t.Errorf("woken before its time: %v", err)
	}
}

func TestWhoHadATicketIsRemembered(t *testing.T) {
	k := worked(desk.Waiting, zhou)
	if _, err := domain.Decide([]domain.Command{HandBack{Ticket: 7, User: zhou}, TakeTicket{Ticket: 7, User: li}, GiveTicket{Ticket: 7, To: zhou}}, k, most); err != nil {
		t.Fatal(err)
	}
	if i := k.Item(7); i.Owner != zhou || i.LastOwner != li || !i.Given.Equal(most) || !i.Begun.IsZero() {
		t.Errorf("after it was handed back, taken and given: %+v", i)
	}
}

// TestTheItemFollowsItsTicket: a closing takes it away, an undo brings it back as it was, and what is owed is what the promises say.
func TestTheItemFollowsItsTicket(t *testing.T) {
	k := worked(desk.Waiting, zhou)
	was := k.Item(7)
	plan, err := domain.Decide([]domain.Command{CloseTicket{Ticket: 7, Actor: "zhou"}}, k, half)
	if err != nil || !k.Item(7).Gone() || len(plan.Desk) != 1 || !plan.Desk[0].After.Gone() || *plan.Entries[0].Before.Desk != was || plan.Entries[0].After.Desk != nil {
		t.Fatalf("closed: %+v, %v", plan, err)
	}
	k.Closed[7] = half
	k.Left[7] = *plan.Entries[0].Before.Desk
	if _, err := domain.Decide([]domain.Command{ReopenTicket{7, "li"}}, k, most); err != nil || k.Item(7) != was {
		t.Errorf("opened again: %+v, want %+v, %v", k.Item(7), was, err)
	}
	k = worked(desk.Waiting, zhou)
	delete(k.Desk, 7)
	if _, err := domain.Decide([]domain.Command{CloseTicket{Ticket: 7, Actor: "zhou"}}, k, half); err != nil || !k.Item(7).Gone() {
		t.Errorf("closed without an item: %+v, %v", k.Item(7), err)
	}
	k.Closed[7] = half
	_, err = domain.Decide([]domain.Command{ReopenTicket{7, "li"}}, k, most)
	if i := k.Item(7); err != nil || i.State != desk.Waiting || !i.Since.Equal(start) || !i.Due.Equal(deadline) || i.Queue != "payments" {
		t.Errorf("opened again, of which nobody knows what it was: %+v, %v", i, err)
	}
}

func TestATicketThatIsPutBackLosesItsPriorityAtTheDesk(t *testing.T) {
	k := worked(desk.Waiting, 0)
	raised := k.Tickets[7]
	raised.Priority, raised.Version = "urgent", 5
	k.Tickets[7], k.Desk[7] = raised, k.Owing(k.Desk[7].As("payments", "en", "refund", "urgent"))
	k.Messages[12] = messages.Status{ID: 12, State: messages.Appended, Ticket: 7, Original: true}
	k.Appends[12] = entries.Entry{Message: 12, Ticket: 7, Before: entries.Snapshot{Priority: "normal"}, After: entries.Snapshot{Priority: "urgent", Version: 5}}
	_, err := domain.Decide([]domain.Command{TakeOutMessage{12, "li"}}, k, most)
	if i := k.Item(7); err != nil || i.Priority != "normal" || !i.Rank.Equal(start) || !i.Half.Equal(half) {
		t.Errorf("%+v, %v", i, err)
	}
}

// TestWhatAnOlderProgramLeavesIsMended in whatever it may have left.
func TestWhatAnOlderProgramLeavesIsMended(t *testing.T) {
	change := func(k *domain.Known, f func(*desk.Item)) *domain.Known {
		i := k.Desk[7]
		f(&i)
		k.Desk[7] = i
		return k
	}
	whole := worked(desk.Waiting, 0).Item(7)
	whole.Last = half
	for _, c := range []struct {
		name    string
		known   *domain.Known
		changed bool
		want    func(desk.Item) bool
	}{
		{"nothing where all is well", worked(desk.Waiting, zhou), false, func(i desk.Item) bool { return i.Owner == zhou }},
		{"a pending one whose clock runs", worked(desk.Pending, zhou), true, func(i desk.Item) bool { return i.Paused.Equal(most) }},
		{"an open ticket without an item", func() *domain.Known { k := worked(desk.Waiting, 0); delete(k.Desk, 7); return k }(), true, func(i desk.Item) bool { return i == whole }},
		{"an item of a closed ticket", func() *domain.Known {
			k := worked(desk.Snoozed, zhou)
			k.Tickets[7] = tickets.Status{ID: 7, State: tickets.Closed}
			return k
		}(), true, desk.Item.Gone},
		{"an item of no ticket", func() *domain.Known { k := worked(desk.Waiting, 0); delete(k.Tickets, 7); return k }(), true, desk.Item.Gone},
		{"one in another queue", change(worked(desk.Pending, zhou), func(i *desk.Item) { i.Queue = "general" }), true, func(i desk.Item) bool { return i.Queue == "payments" && i.Owner == zhou }},
		{"one with another deadline", change(worked(desk.Waiting, 0), func(i *desk.Item) { *i = i.Owes(time.Time{}, time.Time{}, time.Time{}) }), true, func(i desk.Item) bool { return i.Due.Equal(deadline) && i.Half.Equal(half) }},
		{"one whose promise is settled", func() *domain.Known {
			k := worked(desk.Waiting, 0)
			for key, p := range k.Promises {
				k.Promises[key], _ = p.Done(half)
			}
			return k
		}(), true, func(i desk.Item) bool { return i.Due.IsZero() && i.Half.IsZero() }},
		{"one whose promise of an acknowledgement alone is open", func() *domain.Known {
			k := worked(desk.Waiting, 0)
			for key, p := range k.Promises {
				if key.Kind != promises.Acknowledgement {
					k.Promises[key], _ = p.Done(half)
				}
			}
			return k
		}(), true, func(i desk.Item) bool { return i.Due.IsZero() }},
	} {
		plan, err := domain.Decide([]domain.Command{MendDesk{7}}, c.known, most)
		if err != nil || len(plan.Entries) != 0 || (len(plan.Desk) == 1) != c.changed || !c.want(c.known.Item(7)) {
			t.Errorf("%s: %+v, %v", c.name, plan.Desk, err)
		}
	}
}
