package deliver

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/outbox"
)

func openJournal(t *testing.T, path string) (*Journal, []outbox.Slip) {
	t.Helper()
	s, left, err := OpenJournal(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s, left
}

// diedAfterSending is an acknowledgement that was sent by a process that died before it could write that down.
func diedAfterSending(t *testing.T, r *rig, path string, count *int) (effect, ticket int64) {
	t.Helper()
	story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	id := story.Effects[0].ID
	r.senders["hotline"] = sendFunc(func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
		*count++
		return wellDone(ctx, key, out)
	})
	d := r.deliverer()
	d.journal, _ = openJournal(t, path) // never closed: it dies
	r.Must(d.journal.Forget())
	rows, err := r.Store.Outbox.ClaimEffects(t.Context(), []int64{id}, "dead", r.Time(), r.Time().Add(claimFor))
	r.Must(err)
	d.once(t.Context(), d.kinds[effects.KindAcknowledgement], rows[0])
	return id, story.Message.Ticket
}

func TestWhatADeadProcessHadSentIsNotSentAgain(t *testing.T) {
	for _, c := range []struct {
		name    string
		confirm bool
		sends   int
	}{
		{"its slips are read", true, 1},
		{"nothing is known of it", false, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, path, sends := newRig(t), filepath.Join(t.TempDir(), "sent.log"), 0
			id, ticket := diedAfterSending(t, r, path, &sends)
			next, left := openJournal(t, path)
			if c.confirm {
				known, err := r.Store.Outbox.Confirm(t.Context(), left, r.Time())
				r.Must(err)
				r.Same("sends that were not written down", 1, known)
			}
			r.Must(next.Forget())
			r.Must(r.Store.Service.Reclaim(t.Context(), r.Time()))
			d := r.deliverer()
			d.journal = next
			r.deliver(d, id)
			r.Same("sends", c.sends, sends)
			r.Same("state and promise", []string{"sent", "kept"}, []string{r.Effect(id).State, r.promise(ticket)})
		})
	}
}

func TestASendIsNotRepeatedThatTheDatabaseWasNotTold(t *testing.T) {
	r, path, sends := newRig(t), filepath.Join(t.TempDir(), "sent.log"), 0
	story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	id := story.Effects[0].ID
	r.senders["hotline"] = sendFunc(func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
		sends++
		return wellDone(ctx, key, out)
	})
	d := r.deliverer()
	d.journal, _ = openJournal(t, path)
	r.Must(d.journal.Forget())
	rows, err := r.Store.Outbox.ClaimEffects(t.Context(), []int64{id}, "this one", r.Time(), r.Time().Add(claimFor))
	r.Must(err)
	d.once(t.Context(), d.kinds[effects.KindAcknowledgement], rows[0]) // settling fails for as long as a claim holds
	r.Pass(claimFor + time.Second)
	r.deliver(d, id)
	r.Same("sends", 1, sends)
	r.Same("state", "sent", r.Effect(id).State)
	d.journal.Close()
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("the file still holds %v, %v", info, err)
	}
}

func TestSlipsOutliveAProcessThatCouldNotTellTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sent.log")
	first, _ := openJournal(t, path) // never closed: it dies
	first.note(outbox.EffectRow{ID: 7, Key: "acknowledgement:7", CreatedAt: noon}, commands.SendEnded{State: effects.Sent, ProviderID: "P", Ask: noon.Add(time.Minute)})
	second, _ := openJournal(t, path)
	second.Close() // its start has failed before it could tell
	third, left := openJournal(t, path)
	if !hasSlip(left, 7) || !left[0].Ask.Equal(noon.Add(time.Minute)) {
		t.Errorf("slips %+v are left, want the one that nobody was told of, and when to ask about it", left)
	}
	if err := third.Forget(); err != nil {
		t.Fatal(err)
	}
	third.Close()
	if _, left := openJournal(t, path); len(left) != 0 {
		t.Errorf("slips %+v are left after the database knows", left)
	}
}

func TestSlipsAreReadAsFarAsTheyGo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sent.log")
	text := `{"id":7,"key":"acknowledgement:7","created":1795330000000000,"state":"sent","provider":"SM1"}
nonsense
{"id":8,"key":"acknowledgement:8","crea`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, left := openJournal(t, path)
	if len(left) != 1 || left[0].ID != 7 || left[0].Key != "acknowledgement:7" || left[0].ProviderID != "SM1" || left[0].CreatedAt.UnixMicro() != 1795330000000000 {
		t.Errorf("slips %+v, want the whole line", left)
	}
}

func TestTheFileStaysSmallWhileOneSlipStaysOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sent.log")
	s, _ := openJournal(t, path)
	row := func(id int64) outbox.EffectRow {
		return outbox.EffectRow{ID: id, Key: "acknowledgement:1", CreatedAt: noon}
	}
	sent := commands.SendEnded{State: effects.Sent, ProviderID: "P"}
	s.note(row(1), sent)
	for id := int64(2); id < 20_000; id++ {
		s.note(row(id), sent)
		s.settled(id)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > slipsRoom {
		t.Fatalf("the file has %v bytes, %v; want at most %d", info.Size(), err, slipsRoom)
	}
	_, left := openJournal(t, path)
	if len(left) == 0 || !hasSlip(left, 1) {
		t.Errorf("%d slips are left, the open one among them: %v", len(left), hasSlip(left, 1))
	}
	s.settled(1)
	s.Close()
	if _, left = openJournal(t, path); len(left) != 0 {
		t.Errorf("%d slips are left after everything is settled", len(left))
	}
}

func hasSlip(slips []outbox.Slip, id int64) bool {
	for _, p := range slips {
		if p.ID == id {
			return true
		}
	}
	return false
}

func BenchmarkSlip(b *testing.B) {
	s, _, err := OpenJournal(filepath.Join(b.TempDir(), "sent.log"), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	row := outbox.EffectRow{ID: 1, Key: "acknowledgement:123456", CreatedAt: noon}
	for b.Loop() {
		s.note(row, commands.SendEnded{State: effects.Sent, ProviderID: "SM00000000000000000000000000000001"})
		s.settled(1)
	}
}
