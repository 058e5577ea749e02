package store_test

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/fill"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/storetest"
)

// village is a small installation that has nothing left to do: n customers, each with a closed
// ticket that was acknowledged, and a message that was dismissed.
func village(t testing.TB, s *store.Store, n int) {
	t.Helper()
	now := time.Now()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	lot := intake.Lot{}
	for i := range n {
		lot.Items = append(lot.Items, intake.Item{Delivery: channels.Delivery{Inbox: "hotline", Channel: "sms", Key: fmt.Sprintf("SM%d", i), At: now, Raw: []byte("hello")}})
	}
	lot.Items = append(lot.Items, intake.Item{Delivery: channels.Delivery{Inbox: "hotline", Channel: "sms", Key: "spam", At: now, Raw: []byte("buy"), Cause: causes.Spam}})
	recorded, err := s.Intake.Record(t.Context(), lot, now)
	must(err)
	must(s.Acts.Dismiss(t.Context(), recorded[n].ID, now, "test"))
	ids := make([]int64, n)
	for i, r := range recorded[:n] {
		ids[i] = r.ID
	}
	pending, err := s.Backlog.Undecided(t.Context(), ids)
	must(err)
	var decisions []commit.Decision
	for i, p := range pending {
		who := message.Address{Kind: message.Phone, Value: fmt.Sprintf("%s%07d", fill.FillSMS, i)}
		decisions = append(decisions, storetest.Opening(t, s, p, who, now))
	}
	must(s.Commit.Commit(t.Context(), decisions, now))
	for _, d := range decisions {
		e := d.Plan.Effects[0].ID
		_, err := s.Outbox.ClaimEffects(t.Context(), []int64{e}, "t", now, now.Add(time.Minute))
		must(err)
		must(s.Outbox.Settle(t.Context(), []commands.SendEnded{{ID: e, State: effects.Sent, ProviderID: fmt.Sprintf("SMout%d", e)}}, now))
		must(s.Acts.CloseTicket(t.Context(), d.Plan.Ticket.ID, now, "test"))
	}
}

func TestACopiedInstallationHasTheSameBooks(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": openSQLite, "postgres": openPostgres} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			village(t, s, 7)
			f, err := fill.NewFiller(t.Context(), s.Base)
			if err != nil {
				t.Fatal(err)
			}
			var steps []int64
			for _, size := range []int64{30, 50} { // in two goes
				if err := f.Fill(t.Context(), size, func(n int64) { steps = append(steps, n) }); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Done(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(steps); got != "[35 56]" {
				t.Errorf("the steps told %s tickets, want [35 56]", got)
			}
			books, err := s.Auditing.Audit(t.Context(), auditing.AuditOptions{}, time.Now().Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			if !books.Clean() || books.Tickets != 56 || books.Acknowledgements.Sent != 56 {
				t.Errorf("the books hold %d tickets and %d acknowledgements, and %d errors: %+v", books.Tickets, books.Acknowledgements.Sent, books.Errors(), books.Findings)
			}
		})
	}
}

func TestWhatIsOpenIsNotCopied(t *testing.T) {
	s := openSQLite(t)
	village(t, s, 2)
	if _, err := s.Intake.Record(t.Context(), intake.Lot{Items: []intake.Item{{Delivery: channels.Delivery{Inbox: "hotline", Channel: "sms", Key: "open", Raw: []byte("x")}}}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := fill.NewFiller(t.Context(), s.Base); err == nil {
		t.Error("an undecided message would have been copied")
	}
}

func TestTheServiceGoesOnAfterCopying(t *testing.T) {
	s := openSQLite(t)
	village(t, s, 3)
	f, err := fill.NewFiller(t.Context(), s.Base)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Fill(t.Context(), 9, func(int64) {}); err != nil {
		t.Fatal(err)
	}
	var next int
	lot := intake.Lot{Items: items(5, 50, &next)}
	got, err := s.Intake.Record(t.Context(), lot, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range got {
		if !r.New {
			t.Errorf("message %d is taken for one that was copied", r.ID)
		}
	}
}
