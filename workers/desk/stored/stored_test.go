package stored

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain"
	presence "frontdesk/pipeline/domain/agents"
	work "frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/promise"
	"frontdesk/templates/desk"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/base"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// monday is a Monday at four in the afternoon, in UTC.
var monday = time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)

// office is open Monday to Friday, nine to six.
func office(t *testing.T) *promise.Hours {
	t.Helper()
	c := promise.Calendar{Name: "office", Zone: time.UTC}
	for day := time.Monday; day <= time.Friday; day++ {
		c.Week[day] = []promise.Span{{From: 9 * time.Hour, To: 18 * time.Hour}}
	}
	h, err := c.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestTimeIsCountedInBusinessHours(t *testing.T) {
	d := New(Config{Calendars: map[string]*promise.Hours{"office": office(t)}})
	for _, c := range []struct {
		name     string
		due      time.Time
		calendar string
		state    work.State
		want     desk.Due
	}{
		{"today", monday.Add(time.Hour), "office", work.Waiting, desk.Due{At: monday.Add(time.Hour), Left: time.Hour}},
		{"tomorrow: the night does not count", monday.Add(18 * time.Hour), "office", work.Waiting, desk.Due{At: monday.Add(18 * time.Hour), Left: 3 * time.Hour}},
		{"by the wall clock", monday.Add(18 * time.Hour), "", work.Waiting, desk.Due{At: monday.Add(18 * time.Hour), Left: 18 * time.Hour}},
		{"over since an hour", monday.Add(-time.Hour), "office", work.Waiting, desk.Due{At: monday.Add(-time.Hour), Left: -time.Hour}},
		{"over since closing time, which is before now", monday.Add(-72 * time.Hour), "office", work.Waiting, desk.Due{At: monday.Add(-72 * time.Hour), Left: -9 * time.Hour}},
		{"the customer's turn", monday.Add(time.Hour), "office", work.Pending, desk.Due{At: monday.Add(time.Hour), Left: time.Hour, Paused: true}},
		{"nothing is promised", time.Time{}, "office", work.Waiting, desk.Due{}},
		{"closed", monday.Add(time.Hour), "office", work.Gone, desk.Due{}},
	} {
		k := agents.Card{Item: work.Item{State: c.state, Due: c.due}, Calendar: c.calendar}
		if got := d.due(k, monday); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	sunday := monday.Add(6 * 24 * time.Hour)
	late := agents.Card{Item: work.Item{State: work.Waiting, Due: sunday.Add(-time.Hour)}, Calendar: "office"}
	if got := d.due(late, sunday); got.Tone() != desk.Over {
		t.Errorf("over on a Sunday is %+v", got)
	}
}

func TestHowFarAnAnswerHasCome(t *testing.T) {
	for _, c := range []struct {
		name  string
		reply agents.Reply
		want  desk.Sending
	}{
		{"a note goes nowhere", agents.Reply{Kind: replies.Note}, desk.Sending{}},
		{"it can be taken back", agents.Reply{State: effects.Due, Next: monday.Add(8500 * time.Millisecond)}, desk.Sending{Reply: 7, State: "held", Left: 9}},
		{"it goes out now", agents.Reply{State: effects.Due, Next: monday}, desk.Sending{State: "sending"}},
		{"it is tried again later, and cannot be taken back", agents.Reply{State: effects.Due, Attempts: 1, Next: monday.Add(time.Minute)}, desk.Sending{State: "sending"}},
		{"on its way", agents.Reply{State: effects.Sending, Attempts: 1}, desk.Sending{State: "sending"}},
		{"sent", agents.Reply{State: effects.Sent}, desk.Sending{State: "sent"}},
		{"arrived", agents.Reply{State: effects.Delivered}, desk.Sending{State: "delivered"}},
		{"failed", agents.Reply{State: effects.Failed, Cause: "21614"}, desk.Sending{Reply: 7, State: "failed", Cause: "rejected", Code: "21614"}},
		{"the customer had said STOP", agents.Reply{State: effects.Withheld, Cause: causes.OptedOut}, desk.Sending{Reply: 7, State: "failed", Cause: causes.OptedOut}},
		{"taken back", agents.Reply{State: effects.Withheld, Cause: causes.Undone}, desk.Sending{State: "undone"}},
	} {
		if got := sending(7, c.reply, monday); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestWhatALineSays(t *testing.T) {
	names := people{byID: map[int64]string{5: "Wang"}, byLogin: map[string]string{"wang": "Wang"}}
	me := viewer.Viewer{User: 5}
	until := monday.Add(time.Hour)
	for _, c := range []struct {
		name string
		line agents.Line
		want string
	}{
		{"a customer's words", agents.Line{Message: &agents.Message{Name: "Ann", Visible: "Hello"}}, "message Ann  false Hello"},
		{"one who has no name", agents.Line{Message: &agents.Message{From: "ann@x.example", Visible: "Hello"}}, "message ann@x.example  false Hello"},
		{"my answer", agents.Line{Reply: &agents.Reply{Kind: replies.Answer, Author: 5, Name: "W.", Text: "Yes"}}, "reply Wang  true Yes"},
		{"a note of somebody who is gone", agents.Line{Reply: &agents.Reply{Kind: replies.Note, Author: 9, Name: "Old Li", Text: "Hm"}}, "note Old Li  false Hm"},
		{"an acknowledgement that went out", agents.Line{Send: &view.OutboxRow{State: "sent"}}, "acknowledgement   false "},
		{"one that did not is no acknowledgement", agents.Line{Send: &view.OutboxRow{State: "withheld"}}, "event  acknowledgement-withheld false "},
		{"what a colleague did", agents.Line{Act: &agents.Act{What: entries.ActTake, Who: "wang"}}, "event Wang taken false "},
		{"what the desk did by itself", agents.Line{Act: &agents.Act{What: entries.ActWake, Who: entries.Service}}, "event  woken false "},
		{"who was given it, not who gave", agents.Line{Act: &agents.Act{What: entries.ActGive, Who: "li", After: entries.Snapshot{Desk: &work.Item{Owner: 5}}}}, "event Wang given false "},
		{"until when it is put away", agents.Line{Act: &agents.Act{What: entries.ActSnooze, Who: "wang", After: entries.Snapshot{Desk: &work.Item{Wake: until}}}}, "event Wang snoozed false 2026-11-30T17:00:00Z"},
	} {
		l := shown(me, 7, c.line, names, monday)
		if got := fmt.Sprint(l.Kind, " ", l.By, " ", l.Word, " ", l.Mine, " ", l.Text, l.Detail); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLinesAndPlacesAreNamed(t *testing.T) {
	for _, kind := range []agents.Kind{agents.KindMessage, agents.KindSend, agents.KindAct, agents.KindEvent, agents.KindReply} {
		if m := (agents.Mark{Kind: kind, ID: 42}); markOf(lineID(m)) != m {
			t.Errorf("%s becomes %+v", lineID(m), markOf(lineID(m)))
		}
	}
	if markOf("") != (agents.Mark{}) {
		t.Error("no name is not the beginning")
	}
	for _, odd := range []string{"message", "message-", "message-x", "42", "-"} {
		if m := markOf(odd); m == (agents.Mark{}) || m.ID >= 0 {
			t.Errorf("%q is the mark %+v", odd, m)
		}
	}
	for text, want := range map[string]agents.Place{"": {}, "12.3": {At: 12, Ticket: 3}, "-5.1": {At: -5, Ticket: 1}} {
		if p, err := placeOf(text); err != nil || p != want {
			t.Errorf("%q is %+v, %v", text, p, err)
		}
	}
	for _, odd := range []string{"1", "x.1", "1.x", ".", "1.2.3", "99999999999999999999.1"} {
		if p, err := placeOf(odd); err == nil {
			t.Errorf("%q is the place %+v", odd, p)
		}
	}
}

func TestWhatCameBehindALineIsNotSeen(t *testing.T) {
	line := func(kind agents.Kind, id int64) agents.Line {
		l := agents.Line{Mark: agents.Mark{Kind: kind, ID: id}}
		if kind == agents.KindMessage {
			l.Message = &agents.Message{}
		}
		return l
	}
	lines := []agents.Line{line(agents.KindMessage, 9), line(agents.KindAct, 8), line(agents.KindMessage, 7), line(agents.KindReply, 6), line(agents.KindMessage, 5)}
	for last, want := range map[string]int{"message-9": 0, "act-8": 1, "message-7": 1, "reply-6": 2, "message-5": 2, "message-1": 3} {
		if got := behind(lines, last); got != want {
			t.Errorf("behind %s have come %d, want %d", last, got, want)
		}
	}
}

func TestErrorsAsPagesKnowThem(t *testing.T) {
	for _, c := range []struct{ err, want error }{
		{agents.ErrOwned, pages.ErrTaken}, {fmt.Errorf("x: %w", store.ErrNotFound), pages.ErrNotFound}, {domain.ErrNotSo, pages.ErrNotSo},
		{answering.ErrTooLong, pages.ErrTooLong}, {answering.ErrNobody, pages.ErrNobody},
	} {
		if got := told(c.err); !errors.Is(got, c.want) || !errors.Is(got, c.err) {
			t.Errorf("%v is told as %v, want %v", c.err, got, c.want)
		}
	}
	if other := errors.New("disk"); told(other) != other || told(nil) != nil {
		t.Error("what is no answer becomes one")
	}
}

// TestWhyATicketWentBackIsSaid: each reason has a word of its own, which stands in templates/desk/words.txt.
func TestWhyATicketWentBackIsSaid(t *testing.T) {
	for _, c := range []struct {
		act  agents.Act
		want string
	}{
		{agents.Act{What: entries.ActHandBack}, "handed-back"},
		{agents.Act{What: entries.ActHandBack, Reason: presence.ReasonAbsent}, "returned.owner-absent"},
		{agents.Act{What: entries.ActHandBack, Reason: presence.ReasonLong}, "returned.owner-absent-longer"},
		{agents.Act{What: entries.ActHandBack, Reason: presence.ReasonAnswered}, "returned.answered-while-away"},
		{agents.Act{What: entries.ActHandBack, Reason: presence.ReasonUnbegun}, "returned.not-begun"},
		{agents.Act{What: entries.ActGive}, "given"},
		{agents.Act{What: entries.ActGive, Reason: presence.ReasonBeyond}, "given.given-beyond-limit"},
		{agents.Act{What: entries.ActTake, Reason: "longest-waiting"}, "taken"},
	} {
		if got := did(c.act); got != c.want {
			t.Errorf("%s for %q: %s, want %s", c.act.What, c.act.Reason, got, c.want)
		}
	}
}

// TestWhatIsPromisedInATicket stands in the order in which it falls due, with what it was before, and the newest turns alone.
func TestWhatIsPromisedInATicket(t *testing.T) {
	at := func(hour int) base.Stamp { return base.Stamp{Time: time.Date(2026, 11, 30, hour, 0, 0, 0, time.UTC)} }
	k := agents.Ticket{Were: []entries.Promise{{Kind: "resolution", Due: at(9).Time}, {Kind: "next-reply", Turn: 7, Due: at(8).Time}, {Kind: "resolution", Ticket: 9, Due: at(7).Time}}}
	k.Promises = []view.Promise{{Ticket: 1, Kind: "acknowledgement", State: "kept", DueAt: at(10), SettledAt: at(9)}, {Ticket: 1, Kind: "first-reply", State: "broken", DueAt: at(10), SettledAt: at(11)},
		{Ticket: 1, Kind: "resolution", State: "due", DueAt: at(12), PausedAt: at(11)}}
	for turn := range int64(7) {
		k.Promises = append(k.Promises, view.Promise{Ticket: 1, Kind: "next-reply", Turn: turn + 1, State: "warned", DueAt: at(13)})
	}
	var got []string
	for _, p := range promised(k) {
		got = append(got, fmt.Sprintf("%s %d %s %d", p.Kind, p.Turn, p.State, len(p.Were)))
	}
	want := []string{"acknowledgement 0 kept 0", "first-reply 0 late 0", "next-reply 3 due 0", "next-reply 4 due 0", "next-reply 5 due 0", "next-reply 6 due 0", "next-reply 7 due 1", "resolution 0 paused 1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
