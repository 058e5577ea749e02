package commands

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
)

// life is a ticket in which a customer and an agent write, as the line and the domain see it.
type life struct {
	t    *testing.T
	r    *rand.Rand
	k    *domain.Known
	now  time.Time
	sent int64 // answers

	written map[int64]time.Time // when each of them was
}

func newLife(t *testing.T, seed uint64) *life {
	k := domain.NewKnown()
	k.Tickets[7] = tickets.Status{ID: 7, Version: 1, State: tickets.Open, Priority: "normal", Opened: start, Last: start}
	first := promises.New(promises.Promise{Ticket: 7, Kind: promises.FirstReply, Start: start, Due: start.Add(8 * time.Hour)}, "", start)
	k.Promises[first.Key()] = first
	k.Desk[7] = k.Owing(desk.Item{Ticket: 7}.As("payments", "en", "refund", "normal").Came(start))
	return &life{t: t, r: rand.New(rand.NewPCG(seed, 31)), k: k, now: start, written: map[int64]time.Time{}}
}

// writes is a message of the customer, as the line and BeginTurns write it: nobody reads the item for it.
func (l *life) writes() {
	before := l.k.Item(7)
	newest, owed := l.k.Newest(7)
	if before.Gone() || before.State == desk.Pending {
		p := promises.Begun(promises.Promise{Ticket: 7, Turn: newest.Turn + 1, Start: l.now, Due: l.now.Add(4 * time.Hour)}, owed, l.now)
		l.k.Promises[p.Key()] = p
	}
	s := l.k.Tickets[7]
	s.State = tickets.Open
	l.k.Tickets[7] = s
	l.k.Desk[7] = l.k.Owing(before.As("payments", "en", "refund", "normal").Came(l.now))
	l.k.Talk[7]++
}

func (l *life) does(c domain.Command) {
	_, _ = domain.Decide([]domain.Command{c}, l.k, l.now) // what means nothing now does nothing
	for id, i := range l.k.Desk {
		if i.Gone() {
			delete(l.k.Desk, id)
		}
	}
}

func (l *life) step() {
	l.now = l.now.Add(time.Duration(1+l.r.IntN(90)) * time.Minute)
	for key, p := range l.k.Promises {
		if p.Open() && !p.Next.After(l.now) {
			l.does(PromiseCame{Promise: key})
		}
	}
	id := max(1, l.sent-int64(l.r.IntN(2)))
	switch l.r.IntN(12) {
	case 0, 1, 2:
		l.writes()
	case 3, 4, 5:
		l.sent++
		l.written[l.sent] = l.now
		row := effects.Plan{ID: l.sent, Kind: effects.KindReply}
		l.does(SendReply{Reply: replies.Plan{ID: l.sent, Key: fmt.Sprint(l.sent), Kind: replies.Answer, Ticket: 7, Author: 5, Effect: l.sent}, Row: &row, Anyway: true})
		l.k.AddEffect(effects.Effect{ID: l.sent, Key: fmt.Sprint("k", l.sent), Kind: effects.KindReply, Ticket: 7, State: effects.Due})
	case 6, 7:
		before, _ := l.k.Newest(7)
		l.does(SendEnded{ID: id, State: effects.Sent})
		if after := l.k.Promises[before.Key()]; before.Turn > 0 && before.Settled.IsZero() && !after.Settled.IsZero() && l.k.Item(7).State == desk.Waiting && l.written[id].Before(before.Start) {
			l.t.Fatalf("an answer of %s settles what the customer wrote at %s", l.written[id], before.Start)
		}
	case 8:
		l.does(UndoReply{Reply: id, Cause: "undone"})
	case 9:
		l.does(SetPending{Ticket: 7})
	case 10:
		l.does(SetWaiting{Ticket: 7})
	case 11:
		l.does([]domain.Command{CloseTicket{Ticket: 7}, SendEnded{ID: id, State: effects.Failed}, RetryReply{Reply: id, Undo: "undone"}}[l.r.IntN(3)])
	}
}

// TestWhateverHappensInATurn: in thousands of lives a next reply is never owed beside one before it, an item is due when the nearest of its
// promises is, what a customer waits for is owed to him, and of a closed ticket no clock runs.
func TestWhateverHappensInATurn(t *testing.T) {
	ends := map[string]int{}
	for seed := range uint64(3000) {
		l := newLife(t, seed)
		for range 4 + l.r.IntN(20) {
			l.step()
			l.agree(seed)
		}
		for _, p := range l.k.Promises {
			if p.Kind == promises.NextReply {
				ends[string(p.State)+" "+p.Cause]++
			}
		}
	}
	for _, want := range []string{"due ", "kept ", "broken ", "void set-aside", "void closed", "void answer-first"} {
		if ends[want] == 0 {
			t.Errorf("no turn ended %q: %v", want, ends)
		}
	}
}

func (l *life) agree(seed uint64) {
	l.t.Helper()
	var owed, clocks []promises.Key
	for key, p := range l.k.Promises {
		if p.Reply() && p.Settled.IsZero() {
			owed = append(owed, key)
		}
		if p.Open() {
			clocks = append(clocks, key)
		}
		if p.Kind == promises.NextReply && p.State == promises.Kept && p.Settled.Before(p.Start) {
			l.t.Fatalf("seed %d: what the customer wrote at %s is answered by what was handed over at %s", seed, p.Start, p.Settled)
		}
	}
	i := l.k.Item(7)
	switch {
	case len(owed) > 1:
		l.t.Fatalf("seed %d: these are owed at a time: %v", seed, owed)
	case i.Gone() && len(clocks) > 0:
		l.t.Fatalf("seed %d: the ticket is closed, and the clocks of %v run", seed, clocks)
	case !i.Gone() && i != l.k.Owing(i):
		l.t.Fatalf("seed %d: it is due at %s, and should be at %s", seed, i.Due, l.k.Owing(i).Due)
	case i.State == desk.Waiting && len(owed) == 0 && !l.answeredSince(i.Since):
		l.t.Fatalf("seed %d: the customer waits since %s, and nothing is owed to him: %+v", seed, i.Since, l.k.Promises)
	}
}

// answeredSince reports whether the promise of what a customer wrote then is settled: by an answer, or by a person whose act was taken back.
func (l *life) answeredSince(since time.Time) bool {
	newest, _ := l.k.Newest(7)
	return newest.Start.Equal(since) && slices.Contains([]promises.State{promises.Kept, promises.Broken}, newest.State)
}

// TestAnOldAnswerIsNoneToWhatCameSince: an answer that has come back, and goes out once more, leaves it our turn where the customer has written since it went
// out first; without that it ends it.
func TestAnOldAnswerIsNoneToWhatCameSince(t *testing.T) {
	for _, writes := range []bool{false, true} {
		l := newLife(t, 1)
		row := effects.Plan{ID: 1, Kind: effects.KindReply}
		l.does(SendReply{Reply: replies.Plan{ID: 1, Key: "1", Kind: replies.Answer, Ticket: 7, Author: 5, Effect: 1}, Row: &row, Anyway: true})
		l.k.AddEffect(effects.Effect{ID: 1, Key: "k1", Kind: effects.KindReply, Ticket: 7, State: effects.Due})
		l.now = l.now.Add(time.Minute)
		l.does(SendEnded{ID: 1, State: effects.Sent})
		l.now = l.now.Add(time.Minute)
		if writes {
			l.writes()
		}
		for _, c := range []domain.Command{BounceCame{Effect: 1, Reason: "5.1.1", At: l.now}, RetryReply{Reply: 1, Undo: "undone"}, SendEnded{ID: 1, State: effects.Sent}} {
			l.now = l.now.Add(time.Minute)
			l.does(c)
		}
		want := desk.Pending
		if writes {
			want = desk.Waiting
		}
		if newest, owed := l.k.Newest(7); l.k.Item(7).State != want || writes && (!owed || newest.Kind != promises.NextReply) {
			t.Errorf("the customer has written: %t: it is %s, %+v", writes, l.k.Item(7).State, newest)
		}
		if e := l.k.Effects[1]; e.State != effects.Sent {
			t.Errorf("the answer is %s", e.State)
		}
	}
}
