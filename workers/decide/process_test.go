package decide

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
	"frontdesk/workers/store/view"
	"frontdesk/workers/workerstest"
)

func TestTwoFirstMessagesOfOneCustomerInOneBatchAreOneTicketWithOneAcknowledgement(t *testing.T) {
	r := newRig(t)
	ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}),
		r.Delivery("hotline", "k2", letter{From: "+8613800138000", Text: "I forgot: it was at noon."}))
	r.Process(ids...)
	first, second := r.Story(ids[0]), r.Story(ids[1])
	r.Same("states", []string{"ticketed", "appended"}, r.States(ids...))
	r.Same("ticket and contact", []int64{first.Message.Ticket, first.Contact}, []int64{second.Message.Ticket, second.Contact})
	r.Same("acknowledgements", []int{1, 0}, []int{len(first.Effects), len(second.Effects)})
	r.Same("rung for", []engine.Task{{Kind: engine.Process, IDs: ids}, {Kind: engine.Deliver, IDs: []int64{first.Effects[0].ID}, Inbox: "hotline"}}, r.tasks())
}

func TestABatchIsDecidedInTheOrderOfTheSourcesTime(t *testing.T) {
	r := newRig(t)
	late := r.Delivery("hotline", "late", letter{From: "+8613800138000", Text: "And?"})
	early := r.Delivery("hotline", "early", letter{From: "+8613800138000", Text: payment})
	early.At = noon.Add(-time.Hour)
	ids := r.Accept(late, early)
	r.Process(ids...)
	r.Same("states", []string{"appended", "ticketed"}, r.States(ids...))
}

func TestTheStoryTellsWhatWasFoundAndKnown(t *testing.T) {
	r := newRig(t)
	first := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	second := r.Opened("hotline", "k2", letter{From: "+8613800138000", Text: "And?"})
	var stages []string
	for _, line := range second.Trace {
		stages = append(stages, line.Stage)
	}
	for _, want := range []string{"normalize", "redact", "classify", "screen", "identify", "thread"} {
		if !slices.Contains(stages, want) {
			t.Errorf("the trace %v has no line of %s", stages, want)
		}
	}
	var known pipeline.Known
	r.Must(json.Unmarshal(second.Known, &known))
	if known.Contact == nil || known.Contact.ID != first.Contact || len(known.Recent) != 1 || known.Recent[0].ID != first.Message.Ticket {
		t.Errorf("known = %s", second.Known)
	}
	r.Same("configuration", "test", second.Config)
}

// intervene runs f once, before that step of the processor's next batch: after the facts were read.
func (r *rig) intervene(step string, f func()) {
	done := false
	r.processor.step = func(next string) {
		if next == step && !done {
			done = true
			f()
		}
	}
}

func TestADecisionUponWhatHasChangedIsMadeAgain(t *testing.T) {
	r := newRig(t)
	ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}),
		r.Delivery("hotline", "k2", letter{From: "+8613800138000", Text: "And?"}))
	other := r.newProcessor()
	r.intervene(stepCommit, func() {
		r.Must(other.batch(t.Context(), ids[:1], mode{}))
	})
	r.Process(ids[1])
	r.Same("states", []string{"ticketed", "appended"}, r.States(ids...))
	r.Same("tickets", r.Story(ids[0]).Message.Ticket, r.Story(ids[1]).Message.Ticket)
	r.Same("conflicts", 1.0, workerstest.Values(t, r.meter.Conflicts)["frontdesk_conflicts_total"])
}

func TestMessagesThatAnotherWorkerHasDecidedAreDropped(t *testing.T) {
	r := newRig(t)
	ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138001", Text: payment}),
		r.Delivery("hotline", "k2", letter{From: "+8613800138002", Text: payment}))
	other := r.newProcessor()
	r.intervene(stepCommit, func() {
		r.Must(other.batch(t.Context(), ids[:1], mode{}))
	})
	r.Process(ids...)
	r.Same("states", []string{"ticketed", "ticketed"}, r.States(ids...))
	rows, err := r.Store.View.Outbox(t.Context(), view.Page{})
	r.Must(err)
	r.Same("acknowledgements", 2, len(rows))
}

func TestAPanicOfTheDecoderParksOnlyThatMessage(t *testing.T) {
	r := newRig(t)
	ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}),
		r.Delivery("hotline", "k2", letter{Panic: true}),
		r.Delivery("hotline", "k3", letter{From: "+8613800138001", Cause: causes.TooLarge}),
		r.Delivery("hotline", "k4", letter{From: "+8613800138001", Cause: "no such cause"}),
		channels.Delivery{Inbox: "gone", Channel: "sms", Key: "k5", At: noon, Raw: []byte("{}")},
		r.Delivery("hotline", "k6", letter{From: "+8613800138002", Text: payment}))
	r.Process(ids...)
	r.Same("states", []string{"ticketed", "parked unparsable", "parked too-large", "parked unparsable", "parked policy", "ticketed"}, r.States(ids...))
	if s := r.Story(ids[1]); s.OriginalIs != "kept" || strings.Contains(s.Evidence, "trips") || len(s.Trace) == 0 {
		t.Errorf("the parked one: %+v", s)
	}
}

func TestAPanicOfTheLineParksOnlyThatMessage(t *testing.T) {
	r := newRig(t)
	ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}),
		r.Delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}))
	line, first := r.processor.decider.line, true
	r.processor.decider.line = func(c pipeline.Case, known pipeline.Known) pipeline.Case {
		if first {
			first = false
			panic("the line trips")
		}
		return line(c, known)
	}
	r.Process(ids...)
	r.Same("states", []string{"parked unparsable", "ticketed"}, r.States(ids...))
}

func TestWhatTheDatabaseRefusesAtTheCommitIsParkedAlone(t *testing.T) {
	r := newRig(t)
	r.Database(`CREATE TRIGGER refusal BEFORE INSERT ON messages WHEN NEW.sender_value = '+8613800138001' BEGIN SELECT RAISE(ABORT, 'refused by a rule'); END`)
	ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}),
		r.Delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}),
		r.Delivery("hotline", "k3", letter{From: "+8613800138000", Text: "And?"}))
	r.Process(ids...)
	r.Same("states", []string{"ticketed", "parked unparsable", "appended"}, r.States(ids...))
	if e := r.Story(ids[1]).Evidence; !strings.Contains(e, "refused") {
		t.Errorf("evidence is %q", e)
	}
}

func TestFilesAreKeptBeforeTheCommitAndThoseOfACopyAreNot(t *testing.T) {
	r := newRig(t)
	mail := letter{From: "li@customer.example", Subject: "Payment failed", Text: payment, MessageID: "m1@customer.example", Files: map[string]string{"bill.txt": "200 USD"}}
	first := r.Opened("support", "k1", mail)
	if len(first.Attachments) != 1 || first.Attachments[0].Size != 7 {
		t.Fatalf("attachments: %+v", first.Attachments)
	}
	content, err := r.Store.Files.Blob(t.Context(), first.Attachments[0].Digest)
	r.Must(err)
	r.Same("content", "200 USD", string(content))
	puts := r.Blobs.Puts()
	second := r.Opened("support", "k2", mail)
	r.Same("copy", []any{"duplicate", first.Message.ID, 0, puts},
		[]any{second.Message.State, second.DuplicateOf, len(second.Attachments), r.Blobs.Puts()})
}

func TestAFaultOfTheStorageLeavesTheBatchUntouchedHoweverOftenItIsTried(t *testing.T) {
	r := newRig(t)
	ids := r.Accept(r.Delivery("support", "k1", letter{From: "li@customer.example", Text: payment, Files: map[string]string{"bill.txt": "200 USD"}}))
	r.Blobs.FailNext(10)
	for n := range 10 {
		try := r.processor.careful
		if n == 0 {
			try = func(ctx context.Context, ids []int64) error { return r.processor.batch(ctx, ids, mode{}) }
		}
		if err := try(t.Context(), ids); !errors.Is(err, workerstest.ErrFull) {
			t.Fatalf("try %d: error is %v", n, err)
		}
	}
	r.Same("states", []string{"recorded"}, r.States(ids...))
	r.Must(r.processor.careful(t.Context(), ids))
	r.Same("states", []string{"ticketed"}, r.States(ids...))
}

func TestACopyOfAMailThatWasSetAsideIsDecided(t *testing.T) {
	r := newRig(t)
	own := letter{From: "support@desk.example", Text: payment, MessageID: "m1@desk.example"}
	first := r.Accept(r.Delivery("support", "k1", own))[0]
	r.Process(first)
	second := r.Accept(r.Delivery("support", "k2", own))[0]
	r.Process(second)
	r.Same("states", []string{"parked from-own-address", "parked from-own-address"}, r.States(first, second))
}

func TestAMessageThatWasClaimedWhenTheProcessDiedThreeTimesIsParked(t *testing.T) {
	r := newRig(t)
	ids := r.Accept(r.Delivery("hotline", "k1", letter{Die: true}), r.Delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}))
	for range maxClaims {
		_, err := r.Store.Backlog.Claim(t.Context(), ids[:1], noon)
		r.Must(err)
	}
	r.Must(r.processor.careful(t.Context(), ids))
	r.Same("states", []string{"parked unparsable", "ticketed"}, r.States(ids...))
	r.Must(r.processor.careful(t.Context(), ids))
}

// TestAPoisonIsParkedThoughTheQueueForgets lets each life of the process begin with an empty queue,
// as with the in-process Redis, and lets the decoder end the life.
func TestAPoisonIsParkedThoughTheQueueForgets(t *testing.T) {
	r := newRig(t)
	ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138001", Text: payment}),
		r.Delivery("hotline", "k2", letter{Die: true}), r.Delivery("hotline", "k3", letter{From: "+8613800138002", Text: payment}))
	for life := range 8 {
		if r.Undecided("hotline") == 0 {
			t.Logf("done after %d lives", life)
			break
		}
		r.live()
		r.Pass(time.Second)
	}
	r.Same("states", []string{"ticketed", "parked unparsable", "ticketed"}, r.States(ids...))
}

// live is one life of a process: it starts, wakes what is open, and works until a message kills it.
func (r *rig) live() {
	ctx, die := context.WithCancel(r.T.Context())
	defer die()
	p := r.newProcessor()
	p.decider.decoders = map[string]channels.Decoder{"hotline": workerstest.Letters{Die: func() { die(); runtime.Goexit() }}}
	r.Must(r.Store.Backlog.Rouse(ctx, r.Time()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if _, err := p.next(ctx, false); err != nil && ctx.Err() == nil {
			r.T.Error(err)
		}
	}()
	<-ended
}

func TestWorkersInEachOthersWayLoseAndRepeatNothing(t *testing.T) {
	r := newRig(t)
	var all []channels.Delivery
	for i := range 60 {
		d := r.Delivery("hotline", fmt.Sprint("k", i), letter{From: fmt.Sprint("+86138001380", i%3), Text: payment})
		d.At = noon.Add(-time.Hour + time.Duration(i)*time.Second)
		all = append(all, d)
	}
	ids := r.Accept(all...)
	done := make(chan error, 6)
	for w := range 6 {
		p := r.newProcessor()
		go func() {
			var failed error
			for i := w; i < len(ids); i += 2 {
				some := ids[i:min(i+7, len(ids))]
				if i%5 == 0 {
					failed = errors.Join(failed, p.careful(t.Context(), some))
				} else {
					failed = errors.Join(failed, p.batch(t.Context(), some, mode{}))
				}
			}
			done <- failed
		}()
	}
	for range 6 {
		if err := <-done; err != nil && !errors.Is(err, store.ErrConflict) {
			t.Error(err)
		}
	}
	r.Process(ids...)
	tickets, err := r.Store.View.Tickets(t.Context(), view.Page{Limit: 1000})
	r.Must(err)
	count := 0
	for _, ticket := range tickets {
		count += ticket.MessageCount
	}
	contacts := map[int64]bool{}
	for _, ticket := range tickets {
		contacts[ticket.Contact] = true
	}
	r.Same("undecided, messages of tickets, contacts", []int{0, 60, 3}, []int{r.Undecided("hotline"), count, len(contacts)})
}

// TestAMessageThatCannotBeOpenedIsParked: somebody has put another message's bytes into its row. It waits for
// a person with that reason, and the others are decided.
func TestAMessageThatCannotBeOpenedIsParked(t *testing.T) {
	r := newRig(t)
	ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}), r.Delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}))
	kept := fmt.Sprintf(`CREATE TABLE kept AS SELECT sealed FROM originals WHERE id = %d`, ids[0])
	r.Database(kept)
	r.Database(fmt.Sprintf(`UPDATE originals SET sealed = (SELECT o.sealed FROM originals o WHERE o.id = %d) WHERE id = %d`, ids[1], ids[0]))
	r.Process(ids...)
	r.Same("states", []string{"parked unparsable", "ticketed"}, r.States(ids...))
	if e := r.Story(ids[0]).Evidence; !strings.Contains(e, "sealed for another place") {
		t.Errorf("evidence is %q", e)
	}
	r.Database(fmt.Sprintf(`UPDATE originals SET sealed = (SELECT sealed FROM kept) WHERE id = %d`, ids[0])) // from a backup
	r.Must(r.Store.Acts.Release(t.Context(), ids[0], r.Time(), "lin"))
	r.Process(ids[0])
	r.Same("states", []string{"ticketed", "ticketed"}, r.States(ids...))
}

// TestAMessageThatFailsPausesNobody: it has its own time for the next try. A lane pauses only where nothing can be taken at all.
func TestAMessageThatFailsPausesNobody(t *testing.T) {
	r := newRig(t)
	id := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))[0]
	r.Database(`CREATE TRIGGER refusal BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'refused, parked or not'); END`)
	for range 2 { // with its batch, then alone
		if _, err := r.processor.next(t.Context(), false); err == nil || errors.Is(err, errNoLook) {
			t.Errorf("a message that fails: %v", err)
		}
		if more, err := r.processor.next(t.Context(), false); err != nil || more {
			t.Errorf("it is due again at once: %t, %v", more, err)
		}
		r.Must(r.Store.Backlog.Later(t.Context(), []int64{id}, r.Time()))
	}
	r.Database(`CREATE TRIGGER away BEFORE UPDATE ON undecided BEGIN SELECT RAISE(ABORT, 'away'); END`)
	if _, err := r.processor.next(t.Context(), false); !errors.Is(err, errNoLook) {
		t.Errorf("nothing can be taken: %v", err)
	}
}
