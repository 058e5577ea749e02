package receive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/webhook"
	"frontdesk/internal/groupcommit"
	"frontdesk/workers/engine"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/view"
	"frontdesk/workers/workerstest"
)

func TestARepeatIsTheSameMessageAndWakesNobody(t *testing.T) {
	r := newRig(t)
	d := r.Delivery("hotline", "SM1", letter{From: "+8613800138000", Text: "hello"})
	first, err := r.intake.Accept(t.Context(), d, d)
	r.Must(err)
	again, err := r.intake.Accept(t.Context(), d)
	r.Must(err)
	r.Same("first call", []bool{true, false}, []bool{first[0].New, first[1].New})
	r.Same("repeat", channels.Recorded{ID: first[0].ID, Key: "SM1"}, again[0])
	r.Same("tasks", []engine.Task{{Kind: engine.Process, IDs: []int64{first[0].ID}}}, r.tasks())
}

func TestSixteenDeliveriesOfOneIDAtOnceAreOneMessage(t *testing.T) {
	r := newRig(t)
	d := r.Delivery("hotline", "SM1", letter{From: "+8613800138000", Text: "hello"})
	var wg sync.WaitGroup
	var mu sync.Mutex
	fresh := 0
	for range 16 {
		wg.Go(func() {
			got, err := r.intake.Accept(t.Context(), d)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if got[0].New {
				fresh++
			}
		})
	}
	wg.Wait()
	r.Same("new ones and messages", []int{1, 1}, []int{fresh, len(r.Messages())})
}

func TestAnItemThatBreaksAConstraintIsParkedAloneAndTheCursorMoves(t *testing.T) {
	r := newRig(t)
	r.Database(`CREATE TRIGGER refusal BEFORE INSERT ON deliveries WHEN NEW.key = 'bad' BEGIN SELECT RAISE(ABORT, 'refused by a rule'); END`)
	lot := intake.Lot{Moves: []intake.Move{{Inbox: "support", Stream: "INBOX", Cursor: channels.Cursor(`{"uid":3}`)}}}
	for _, key := range []string{"one", "bad", "three"} {
		lot.Items = append(lot.Items, intake.Item{Delivery: r.Delivery("support", key, letter{From: "li@customer.example", Text: key})})
	}
	got, err := r.intake.Lot(t.Context(), lot, false)
	r.Must(err)
	ids := []int64{got[0].ID, got[1].ID, got[2].ID}
	r.Same("states", []string{"recorded", "parked unparsable", "recorded"}, r.States(ids...))
	if s := r.Story(ids[1]); s.OriginalIs != "kept" || s.Evidence == "" {
		t.Errorf("the refused one is %+v, want its original and a reason", s)
	}
	cursor, err := r.Store.Intake.Cursor(t.Context(), "support", "INBOX")
	r.Must(err)
	r.Same("cursor", `{"uid":3}`, string(cursor))
	r.Same("rung for", []engine.Task{{Kind: engine.Process, IDs: []int64{ids[0], ids[2]}}}, r.tasks())

	again, err := r.intake.Lot(t.Context(), lot, false)
	r.Must(err)
	r.Same("the refused one again", channels.Recorded{ID: ids[1], Key: "bad"}, again[1])
}

func TestADeliveryWithoutAChannelIsParkedAndHoldsNobodyUp(t *testing.T) {
	r := newRig(t)
	bad := r.Delivery("support", "bad", letter{From: "li@customer.example"})
	bad.Channel = ""
	got, err := r.intake.Accept(t.Context(), bad, r.Delivery("support", "good", letter{From: "li@customer.example"}))
	r.Must(err)
	r.Same("states", []string{"parked unparsable", "recorded"}, r.States(got[0].ID, got[1].ID))
}

func TestReceivedAnswersInTheOrderOfDeliveriesAndParksTheBadOnes(t *testing.T) {
	r := newRig(t)
	bad := r.Delivery("bot", "bad", letter{})
	bad.Cause, bad.Evidence = "unparsable", "an update without a chat"
	in := webhook.Received{Bad: []channels.Delivery{bad},
		Deliveries: []channels.Delivery{r.Delivery("bot", "z", letter{From: "1"}), r.Delivery("bot", "a", letter{From: "2"}), r.Delivery("bot", "m", letter{From: "3"})}}
	got, err := r.intake.Received(t.Context(), "bot", in)
	r.Must(err)
	var keys []string
	var ids []int64
	for _, g := range got {
		keys, ids = append(keys, g.Key), append(ids, g.ID)
	}
	r.Same("keys", []string{"z", "a", "m", "bad"}, keys)
	r.Same("rung for", []engine.Task{{Kind: engine.Process, IDs: ids[:3]}}, r.tasks())
	parked, err := r.Store.View.Messages(t.Context(), view.Page{State: "parked"})
	r.Must(err)
	if len(parked) != 1 || parked[0].Key != "bad" || parked[0].Cause != "unparsable" {
		t.Errorf("parked: %+v", parked)
	}
	none, err := r.intake.Received(t.Context(), "bot", webhook.Received{})
	if err != nil || none != nil {
		t.Errorf("a call without content: %v, %v", none, err)
	}
}

func TestLiveAndBulkNeverShareACommitOrATask(t *testing.T) {
	r := newRig(t)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			lot := intake.Lot{Items: []intake.Item{{Delivery: r.Delivery("hotline", fmt.Sprint("k", i), letter{From: "+8613800138000"})}}}
			if _, err := r.intake.Lot(t.Context(), lot, i%2 == 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	ids := map[bool][]int64{}
	for _, task := range r.tasks() {
		ids[task.Bulk] = append(ids[task.Bulk], task.IDs...)
	}
	for bulk, list := range ids {
		pending, err := r.Store.Backlog.Undecided(t.Context(), list)
		r.Must(err)
		if len(pending) != 20 {
			t.Errorf("bulk %v: %d messages, want 20", bulk, len(pending))
		}
		for _, p := range pending {
			if p.Bulk != bulk {
				t.Errorf("message %s travels in the lane of the others", p.Key)
			}
		}
	}
}

func TestIntakeAsksToComeBackWhenTooMuchWaits(t *testing.T) {
	r := newRig(t)
	running, release := make(chan struct{}, 2), make(chan struct{})
	t.Cleanup(func() { close(release) })
	r.intake.live = groupcommit.NewBounded(groupcommit.Bounds[piece]{Most: 1, Queue: 1, Size: pieceSize}, func(context.Context, []piece) ([][]channels.Recorded, error) {
		running <- struct{}{}
		<-release
		return nil, errors.New("the test is over")
	})
	go r.intake.Accept(t.Context(), r.Delivery("hotline", "k1", letter{}))
	<-running // nothing more is run
	answers := make(chan error, 2)
	for _, key := range []string{"k2", "k3"} { // one of them waits
		go func() {
			_, err := r.intake.Accept(t.Context(), r.Delivery("hotline", key, letter{}))
			answers <- err
		}()
	}
	err := <-answers
	var e *channels.Error
	if !errors.As(err, &e) || e.Class != channels.Throttled || e.After <= 0 {
		t.Errorf("error is %#v, want Throttled with a time", err)
	}
	if status, after := refusal(err); status != 429 || after <= 0 {
		t.Errorf("the door says %d after %s", status, after)
	}
}

func TestARecordingThatFailsKeepsNothingAndIsTemporary(t *testing.T) {
	r := newRig(t)
	large := r.Delivery("support", "large", letter{From: "li@customer.example", Text: string(make([]byte, 300<<10))})
	r.Blobs.FailNext(1)
	lot := intake.Lot{Items: []intake.Item{{Delivery: r.Delivery("support", "small", letter{})}, {Delivery: large}},
		Moves: []intake.Move{{Inbox: "support", Stream: "INBOX", Cursor: channels.Cursor(`{"uid":2}`)}}}
	_, err := r.intake.Lot(t.Context(), lot, false)
	var e *channels.Error
	if !errors.As(err, &e) || e.Class != channels.Temporary || !errors.Is(err, workerstest.ErrFull) {
		t.Errorf("error is %v, want a temporary one", err)
	}
	cursor, err := r.Store.Intake.Cursor(t.Context(), "support", "INBOX")
	r.Must(err)
	if n := len(r.Messages()); n != 0 || cursor != nil || len(r.tasks()) != 0 {
		t.Errorf("%d messages and cursor %s after a failed commit", n, cursor)
	}
	got, err := r.intake.Lot(t.Context(), lot, false)
	r.Must(err)
	if !got[0].New || !got[1].New {
		t.Errorf("the same lot again: %+v", got)
	}
}

func TestIntakeTellsWhichInboxesWereHeard(t *testing.T) {
	r := newRig(t)
	var heard []string
	r.intake = r.newIntake(func(inbox string, now time.Time) { heard = append(heard, fmt.Sprint(inbox, " ", now.Equal(noon))) })
	r.accept(r.Delivery("hotline", "k1", letter{}))
	_, err := r.intake.Lot(t.Context(), intake.Lot{Items: []intake.Item{{Delivery: r.Delivery("bot", "k1", letter{})}}}, true)
	r.Must(err)
	_, err = r.intake.Received(t.Context(), "support", webhook.Received{Receipts: []channels.Receipt{{Key: "acknowledgement:1", Status: channels.StatusSent}}})
	r.Must(err)
	slices.Sort(heard)
	r.Same("heard", []string{"hotline true", "support true"}, heard)
}
