package deliver

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/outbox"
)

// took is a sender that keeps the texts that it was given, and ends as it is told.
type took struct {
	given []channels.Outbound
	ends  []error // of the first sends; then it takes all
}

func (s *took) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	s.given = append(s.given, out)
	if n := len(s.given); n <= len(s.ends) && s.ends[n-1] != nil {
		return channels.Receipt{}, s.ends[n-1]
	}
	return wellDone(ctx, key, out)
}

// said is what each attempt at an effect came to, with the text that is kept of it.
func (r *rig) said(effect int64) (outcomes, texts []string) {
	r.T.Helper()
	all, err := r.Store.Outbox.Said(r.T.Context(), []int64{effect})
	r.Must(err)
	for _, a := range all[effect] {
		text := ""
		if a.Words != nil {
			text = strings.TrimSpace(a.Words.Subject + "\n" + a.Words.Text)
		}
		outcomes, texts = append(outcomes, a.Outcome), append(texts, text)
	}
	return outcomes, texts
}

// TestWhatWasHandedOverIsKept: word for word, by every channel, of each attempt that may have arrived and of no other.
func TestWhatWasHandedOverIsKept(t *testing.T) {
	unknown := &channels.Error{Op: "sending", Class: channels.Unknown, Err: context.DeadlineExceeded}
	for _, c := range []struct {
		name, inbox, from string
		ends              []error
		outcomes          []string
		kept              []bool
	}{
		{"an SMS", "hotline", "+8613800138000", nil, []string{"sent"}, []bool{true}},
		{"a Telegram message", "bot", "7001", nil, []string{"sent"}, []bool{true}},
		{"a mail", "support", "ann@example.com", nil, []string{"sent"}, []bool{true}},
		{"one that was refused for now, then taken", "hotline", "+8613800138000", []error{&channels.Error{Op: "sending", Code: "451"}}, []string{"retry", "sent"}, []bool{false, true}},
		{"one that was not answered, then taken", "support", "ann@example.com", []error{unknown}, []string{"unknown", "sent"}, []bool{true, true}},
		{"one of which a part was taken", "bot", "7001", []error{&channels.Error{Op: "sending", Done: 1, Code: "500"}}, []string{"retry", "sent"}, []bool{true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, s := newRig(t), &took{ends: c.ends}
			story := r.Opened(c.inbox, "k1", letter{From: c.from, Proven: true, Subject: "Payment", Text: payment})
			id := story.Effects[0].ID
			r.senders[c.inbox] = s
			d := r.deliverer()
			for range c.outcomes {
				r.deliver(d, id)
				r.Pass(time.Hour)
			}
			outcomes, texts := r.said(id)
			r.Same("outcomes", c.outcomes, outcomes)
			for i, kept := range c.kept {
				want := ""
				if kept {
					want = s.given[i].Text
				}
				if kept && c.inbox == "support" {
					want = s.given[i].Subject + "\n" + want
				}
				r.Same("text of an attempt", strings.TrimSpace(want), texts[i])
			}
			if c.inbox == "bot" && len(c.ends) > 0 {
				all, err := r.Store.Outbox.Said(t.Context(), []int64{id})
				r.Must(err)
				r.Same("parts that were there before", 1, all[id][1].Words.Skipped)
			}
		})
	}
}

// TestALateTextIsKeptAsItWasSent: what went out late says so, though what is written now may be worded otherwise.
func TestALateTextIsKeptAsItWasSent(t *testing.T) {
	r, s := newRig(t), &took{}
	story := r.Opened("support", "k1", letter{From: "ann@example.com", Proven: true, Subject: "Payment", Text: payment})
	r.senders["support"] = s
	r.Pass(72 * time.Hour)
	r.deliver(r.deliverer(), story.Effects[0].ID)
	r.Pass(72 * time.Hour)
	_, texts := r.said(story.Effects[0].ID)
	r.Same("text", strings.TrimSpace(s.given[0].Subject+"\n"+s.given[0].Text), texts[0])
}

// TestWhatAProcessWasSendingWhenItDiedIsKnown: whichever moment it died in, what it may have handed over is told with its
// attempt, and as what it is.
func TestWhatAProcessWasSendingWhenItDiedIsKnown(t *testing.T) {
	for _, c := range []struct {
		name     string
		dies     bool // in the send itself; else behind it, before its record
		outcomes []string
		sends    int
	}{
		{"while it sent", true, []string{"died", "sent"}, 2},
		{"after it was taken", false, []string{"sent"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, s, path := newRig(t), &took{}, filepath.Join(t.TempDir(), "sent.log")
			story := r.Opened("support", "k1", letter{From: "ann@example.com", Proven: true, Subject: "Payment", Text: payment})
			id := story.Effects[0].ID
			r.senders["support"] = s
			d := r.deliverer()
			d.journal, _ = openJournal(t, path) // never closed: it dies
			r.Must(d.journal.Forget())
			rows, err := r.Store.Outbox.ClaimEffects(t.Context(), []int64{id}, "dead", r.Time(), r.Time().Add(claimFor))
			r.Must(err)
			if c.dies {
				messages := d.kinds[effects.KindAcknowledgement]
				messages.do(t.Context(), rows[0]) // its answer is never heard
			} else {
				d.once(t.Context(), d.kinds[effects.KindAcknowledgement], rows[0])
			}
			if b, err := os.ReadFile(path); err != nil || strings.Contains(string(b), "ann@") || strings.Contains(string(b), "Payment") {
				t.Errorf("the notes tell an address or a text, %v", err)
			}
			next, left := openJournal(t, path)
			known, err := r.Store.Outbox.Confirm(t.Context(), left, r.Time())
			r.Must(err)
			r.Same("sends that were not written down", 2-c.sends, known)
			r.Must(next.Forget())
			r.Must(r.Store.Service.Reclaim(t.Context(), r.Time()))
			r.Pass(time.Hour)
			d = r.deliverer()
			d.journal = next
			r.deliver(d, id)
			r.Same("sends", c.sends, len(s.given))
			outcomes, texts := r.said(id)
			r.Same("outcomes", c.outcomes, outcomes)
			for i, text := range texts {
				r.Same("text", strings.TrimSpace(s.given[i].Subject+"\n"+s.given[i].Text), text)
			}
		})
	}
}

// TestASenderThatTripsMayHaveSent: what a connector was given when it panicked is kept.
func TestASenderThatTripsMayHaveSent(t *testing.T) {
	r, path := newRig(t), filepath.Join(t.TempDir(), "sent.log")
	story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	r.senders["hotline"] = sendFunc(func(context.Context, string, channels.Outbound) (channels.Receipt, error) { panic("trips") })
	d := r.deliverer()
	d.journal, _ = openJournal(t, path)
	r.Must(d.journal.Forget())
	r.deliver(d, story.Effects[0].ID)
	outcomes, texts := r.said(story.Effects[0].ID)
	if len(texts) != 1 || outcomes[0] != "unknown" || texts[0] == "" {
		t.Errorf("kept %q of %q", texts, outcomes)
	}
	d.journal.Close()
}

// TestAnOlderProgramPassesOverWhatWasBegun: it would take a line with an id for a send.
func TestAnOlderProgramPassesOverWhatWasBegun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sent.log")
	s, _ := openJournal(t, path)
	s.begin(outbox.EffectRow{ID: 7, Key: "acknowledgement:7", CreatedAt: noon, Attempts: 2}, []byte("sealed"), noon)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var older struct{ ID int64 }
	line, _, _ := strings.Cut(string(b), "\n")
	if err := json.Unmarshal([]byte(line), &older); err != nil || older.ID != 0 {
		t.Errorf("an older program reads effect %d in %q, %v", older.ID, line, err)
	}
	s.Close()
	_, left := openJournal(t, path)
	if len(left) != 1 || left[0].State != effects.Sending || left[0].Attempt != 2 || string(left[0].Words) != "sealed" || !left[0].BegunAt.Equal(noon) {
		t.Errorf("left is %+v", left)
	}
}

// TestAnAttemptThatOnlyAsksHandsNothingOver: what the provider says of an earlier attempt is told with the text that it compared. That is
// the text of the earlier attempt, though what would be written now is worded otherwise.
func TestAnAttemptThatOnlyAsksHandsNothingOver(t *testing.T) {
	for _, c := range []struct {
		name string
		wait time.Duration
	}{
		{"as soon as its claim has run out", claimFor + time.Second},
		{"after the time that it has named", 23 * time.Hour},
		{"when it would be late", 30 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, path := newRig(t), filepath.Join(t.TempDir(), "sent.log")
			story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
			id := story.Effects[0].ID
			s := &asked{}
			r.senders["hotline"] = s
			d := r.deliverer()
			d.journal, _ = openJournal(t, path) // never closed: it dies
			r.Must(d.journal.Forget())
			rows, err := r.Store.Outbox.ClaimEffects(t.Context(), []int64{id}, "dead", r.Time(), r.Time().Add(claimFor))
			r.Must(err)
			d.kinds[effects.KindAcknowledgement].do(t.Context(), rows[0]) // it has it; its answer is never heard
			next, left := openJournal(t, path)
			_, err = r.Store.Outbox.Confirm(t.Context(), left, r.Time())
			r.Must(err)
			r.Must(next.Forget())
			d = r.deliverer()
			d.journal = next
			for range 2 {
				r.Pass(c.wait)
				r.deliver(d, id)
			}
			all, err := r.Store.Outbox.Said(t.Context(), []int64{id})
			r.Must(err)
			said := all[id]
			if len(said) != 3 || said[0].Outcome != "died" || said[0].Words == nil || !Idle(said[1].Code) || said[1].Words != nil || said[2].Outcome != "sent" ||
				said[2].Words == nil || said[2].Words.Text != s.given[0].Text {
				t.Errorf("attempts are %+v", said)
			}
			r.Same("sends", 1, len(s.given))
			next.Close()
		})
	}
}

// asked is a sender that can be asked what it has.
type asked struct{ took }

func (s *asked) Look(ctx context.Context, key string, out channels.Outbound, _ time.Time) (channels.Receipt, bool, error) {
	if len(s.given) == 0 || s.given[0].Text != out.Text {
		return channels.Receipt{}, false, nil
	}
	receipt, err := wellDone(ctx, key, out)
	return receipt, true, err
}
