package split

import (
	"errors"
	"testing"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands/merge"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/parting"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
)

var (
	start = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	came  = start.Add(3 * time.Hour)
	now   = start.Add(5 * time.Hour)
)

func key(ticket int64, kind string) promises.Key { return promises.Key{Ticket: ticket, Kind: kind} }

// town is ticket 7 of user 1, opened by message 10 and continued by 11 and 12, with a note, 31, and an answer, 32. A reply is due at eight in the evening.
func town(change ...func(*domain.Known)) *domain.Known {
	k := domain.NewKnown()
	k.Tickets[7] = tickets.Status{ID: 7, Version: 4, State: tickets.Open, Messages: 3, Queue: "payments", Language: "en", Category: "refund", Priority: "normal", Opened: start, Last: came}
	for id, state := range map[int64]messages.State{10: messages.Ticketed, 11: messages.Appended, 12: messages.Appended} {
		k.Messages[id] = messages.Status{ID: id, State: state, Ticket: 7, Original: true}
	}
	k.Replies[31], k.Replies[32] = replies.Reply{ID: 31, Ticket: 7, Kind: replies.Note}, replies.Reply{ID: 32, Ticket: 7, Kind: replies.Answer}
	k.Promises[key(7, promises.FirstReply)] = promises.New(promises.Promise{Ticket: 7, Kind: promises.FirstReply, Start: start, Due: start.Add(11 * time.Hour)}, "", start)
	k.Desk[7] = k.Owing(desk.Item{Ticket: 7}.As("payments", "en", "refund", "normal").Came(start).Taken(1, start, true))
	for _, c := range change {
		c(k)
	}
	return k
}

// splits moves message 11 to ticket 9, whose reply is due a day after it came.
func splits(change ...func(*Messages)) Messages {
	c := Messages{Ticket: 7, Version: 4, Actor: "li", Contact: 3, Acknowledged: effects.Plan{ID: 41, Kind: effects.KindAcknowledgement, Cause: Cause}, Parting: parting.Parting{Ticket: 9, Messages: []int64{11},
		Queue: "cards", Category: "refund", Language: "zh-Hans", Owner: 2, First: came, Last: came, Since: start, Stays: start,
		Promised: []promises.Plan{{Kind: promises.Acknowledgement, Due: came.Add(24 * time.Hour)}, {Kind: promises.FirstReply, Due: came.Add(24 * time.Hour)}}}}
	for _, f := range change {
		f(&c)
	}
	return c
}

// answered is a ticket whose first reply was given, and whose second turn began with message 11.
func answered(k *domain.Known) {
	first := k.Promises[key(7, promises.FirstReply)]
	first, _ = first.Done(start.Add(time.Hour))
	k.Promises[first.Key()] = first
	turn := promises.Begun(promises.Promise{Ticket: 7, Turn: 1, Start: came, Due: came.Add(8 * time.Hour)}, false, came)
	k.Promises[turn.Key()] = turn
	k.Desk[7] = k.Owing(desk.Item{Ticket: 7}.As("payments", "en", "refund", "normal").Came(came).Taken(1, start, true))
}

// underWay is a ticket whose first turn began with message 11, was answered, and whose second one began with message 12 while the answer was under way.
func underWay(k *domain.Known) {
	answered(k)
	turn := promises.Begun(promises.Promise{Ticket: 7, Turn: 2, Start: came.Add(time.Hour), Due: came.Add(9 * time.Hour)}, true, came.Add(time.Hour))
	k.Promises[turn.Key()] = turn
	k.Desk[7] = k.Owing(desk.Item{Ticket: 7}.As("payments", "en", "refund", "normal").Came(came.Add(time.Hour)).Taken(1, start, true))
}

// gone is message 12 alone, since which the customer waits there.
func gone(m *Messages) {
	m.Messages, m.First, m.Last = []int64{12}, came.Add(time.Hour), came.Add(time.Hour)
	m.Since, m.Stays = came.Add(time.Hour), time.Time{}
}

// TestWhatStaysIsNeverSilenced: the turn to which an answer is under way, or has come to nothing, stays owed, and the one that has gone never comes back.
func TestWhatStaysIsNeverSilenced(t *testing.T) {
	for _, c := range []struct {
		name  string
		stays time.Time
		state desk.State
		since time.Time
	}{
		{"an answer is under way: it is the customer's turn as it was", time.Time{}, desk.Pending, came.Add(time.Hour)},
		{"the answer has come to nothing: what it was written to waits", came, desk.Waiting, came},
	} {
		k := town(underWay)
		if _, err := domain.Decide([]domain.Command{splits(gone, func(m *Messages) { m.Stays = c.stays })}, k, now); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		first, second := k.Promises[promises.Key{Ticket: 7, Kind: promises.NextReply, Turn: 1}], k.Promises[promises.Key{Ticket: 7, Kind: promises.NextReply, Turn: 2}]
		if i := k.Item(7); first.State != promises.Due || second.State != promises.Void || second.Cause != Cause || i.State != c.state || !i.Since.Equal(c.since) || !i.Due.Equal(first.Due) {
			t.Errorf("%s: %+v owes %+v and %+v", c.name, i, first, second)
		}
		if back, changed := promises.OnRecall(second, now); changed {
			t.Errorf("%s: what is owed elsewhere comes back as %+v", c.name, back)
		}
	}
}

// TestWhatIsOwedInBothTickets: nothing that was told comes later, what waits for nobody any more is the customer's turn, and nobody is acknowledged twice.
func TestWhatIsOwedInBothTickets(t *testing.T) {
	turn := promises.Key{Ticket: 7, Kind: promises.NextReply, Turn: 1}
	for _, c := range []struct {
		name       string
		town       func(*domain.Known)
		change     func(*Messages)
		old, fresh desk.State
		due        time.Time // of the new ticket's first reply
		state      promises.State
		turn       promises.State // of the old one
	}{
		{"by when a reply comes he was told in the old one, which stands", nil, nil, desk.Waiting, desk.Waiting, start.Add(11 * time.Hour), promises.Due, ""},
		{"what is counted since it came stands where that is sooner", nil, func(m *Messages) { m.Promised[1].Due = came.Add(time.Hour) }, desk.Waiting, desk.Waiting, came.Add(time.Hour), promises.Due, ""},
		{"an old promise that is settled says nothing of it", answered, func(m *Messages) { m.Since, m.Stays = came, time.Time{} }, desk.Pending, desk.Waiting, came.Add(24 * time.Hour), promises.Due, promises.Void},
		{"a turn stays where something of it stays", answered, func(m *Messages) { m.Since, m.Stays = came, came.Add(time.Minute) }, desk.Waiting, desk.Waiting, came.Add(24 * time.Hour), promises.Due, promises.Due},
		{"what was answered before it was moved is owed no more", nil, func(m *Messages) { m.Answered, m.Stays = came.Add(time.Hour), start }, desk.Waiting, desk.Pending, came.Add(24 * time.Hour), promises.Void, ""},
		{"somebody has answered while the form was open: the old one stays as it is", answered, func(m *Messages) { m.Since, m.Stays = start, time.Time{} }, desk.Waiting, desk.Waiting, came.Add(24 * time.Hour), promises.Due, promises.Due},
	} {
		k, command := town(), splits()
		if c.town != nil {
			c.town(k)
		}
		if c.change != nil {
			c.change(&command)
		}
		plan, err := domain.Decide([]domain.Command{command}, k, now)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		first := k.Promises[key(9, promises.FirstReply)]
		if k.Item(7).State != c.old || k.Item(9).State != c.fresh || !first.Due.Equal(c.due) || first.State != c.state || !first.Start.Equal(came) || k.Promises[turn].State != c.turn {
			t.Errorf("%s: the old one is %s, the new one %s, its reply %+v, the turn %+v", c.name, k.Item(7).State, k.Item(9).State, first, k.Promises[turn])
		}
		if ack := k.Promises[key(9, promises.Acknowledgement)]; ack.State != promises.Void || ack.Cause != Cause || len(plan.Sends) != 1 || plan.Sends[0].Row.Start() != effects.Withheld || plan.Sends[0].Message != 11 {
			t.Errorf("%s: acknowledged %+v, %+v", c.name, ack, plan.Sends)
		}
		if s, o, i := k.Tickets[9], k.Tickets[7], k.Item(9); s.State != tickets.Open || s.Messages != 1 || o.Messages != 2 || o.Version != 5 || i.Owner != 2 || i.Queue != "cards" || !i.Since.Equal(came) || k.Item(7).Owner != 1 {
			t.Errorf("%s: %+v, %+v, %+v", c.name, s, o, i)
		}
		if len(plan.Entries) != 2 || plan.Entries[0].Ticket != 7 || plan.Entries[0].After.Into != 9 || plan.Entries[1].Ticket != 9 || plan.Entries[1].After.Into != 7 {
			t.Errorf("%s: entries %+v", c.name, plan.Entries)
		}
	}
}

// TestWhatIsNotSplit: what opened a ticket says what it is about, and what is not there, or was changed meanwhile, is not moved.
func TestWhatIsNotSplit(t *testing.T) {
	for _, c := range []struct {
		name   string
		town   func(*domain.Known)
		change func(*Messages)
		want   error
	}{
		{"nothing was chosen", nil, func(m *Messages) { m.Messages = nil }, domain.ErrNotSo},
		{"the message that opened it", nil, func(m *Messages) { m.Messages = []int64{10} }, domain.ErrNotSo},
		{"the first matter after a greeting", func(k *domain.Known) { k.Appends[11] = entries.Entry{After: entries.Snapshot{Queue: "payments"}} }, nil, ErrSays},
		{"one that has proven whose the ticket is", func(k *domain.Known) { k.Appends[11] = entries.Entry{After: entries.Snapshot{Contact: 3}} }, nil, ErrSays},
		{"one that is not there", nil, func(m *Messages) { m.Messages = []int64{11, 99} }, domain.ErrNotSo},
		{"one that is named twice", nil, func(m *Messages) { m.Messages = []int64{11, 11} }, domain.ErrNotSo},
		{"an answer among the notes", nil, func(m *Messages) { m.Notes = []int64{32} }, domain.ErrNotSo},
		{"one of a person who was erased", func(k *domain.Known) { m := k.Messages[11]; m.Erased = true; k.Messages[11] = m }, nil, domain.ErrNotSo},
		{"one that somebody has moved meanwhile", func(k *domain.Known) { m := k.Messages[11]; m.Ticket = 8; k.Messages[11] = m }, nil, domain.ErrNotSo},
		{"a ticket that somebody has written in meanwhile", func(k *domain.Known) { s := k.Tickets[7]; s.Version = 5; k.Tickets[7] = s }, nil, domain.ErrOvertaken},
		{"a ticket that is merged into another one", func(k *domain.Known) { s := k.Tickets[7]; s.MergedInto = 8; k.Tickets[7] = s }, nil, domain.ErrMerged},
		{"a ticket that is not there", func(k *domain.Known) { delete(k.Tickets, 7) }, nil, domain.ErrNotSo},
	} {
		k, command := town(), splits()
		if c.town != nil {
			c.town(k)
		}
		if c.change != nil {
			c.change(&command)
		}
		if _, err := domain.Decide([]domain.Command{command}, k, now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestASplitIsTakenBackByMerging: both are worked on as one again, with the nearest deadline of both.
func TestASplitIsTakenBackByMerging(t *testing.T) {
	k := town()
	if _, err := domain.Decide([]domain.Command{splits(func(m *Messages) { m.Notes = []int64{31}; m.Promised[1].Due = came.Add(time.Hour) }), merge.Tickets{Source: 9, Target: 7, Actor: "li"}}, k, now); err != nil {
		t.Fatal(err)
	}
	if i := k.Item(7); !k.Item(9).Gone() || k.Tickets[9].MergedInto != 7 || i.State != desk.Waiting || i.Owner != 1 || !i.Since.Equal(start) || !i.Due.Equal(came.Add(time.Hour)) {
		t.Errorf("9 is %+v, 7 has %+v", k.Tickets[9], i)
	}
}

// TestAClosedTicketIsSplit: what goes is open work, and the old one stays closed.
func TestAClosedTicketIsSplit(t *testing.T) {
	k := town(func(k *domain.Known) {
		s := k.Tickets[7]
		s.State = tickets.Closed
		k.Tickets[7] = s
		delete(k.Desk, 7)
	})
	if _, err := domain.Decide([]domain.Command{splits(func(m *Messages) { m.Since, m.Stays = time.Time{}, time.Time{} })}, k, now); err != nil {
		t.Fatal(err)
	}
	if k.Tickets[7].State != tickets.Closed || !k.Item(7).Gone() || k.Tickets[9].State != tickets.Open || k.Item(9).State != desk.Waiting {
		t.Errorf("7 is %+v, 9 %+v with %+v", k.Tickets[7], k.Tickets[9], k.Item(9))
	}
}
