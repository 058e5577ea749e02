package deliver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// traced is a provider that took every send and says later what became of it.
type traced struct {
	sendFunc
	fate  channels.Receipt
	err   error
	mu    sync.Mutex
	asked []string
}

func (s *traced) Trace(_ context.Context, id string, to message.Address) (channels.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, id+" "+to.Value)
	return s.fate, s.err
}

// TestWhatFailedUnheardIsLearntByAsking: the call in which a provider told of a failure met a closed door.
func TestWhatFailedUnheardIsLearntByAsking(t *testing.T) {
	failed := channels.Receipt{Status: channels.StatusFailed, Reason: "30006"}
	for _, tc := range []struct {
		name    string
		fate    channels.Receipt
		err     error
		state   string
		asked   int // within four days
		restart bool
	}{
		{"it failed", failed, nil, "fallback", 1, false},
		{"it failed while we were away", failed, nil, "fallback", 1, true},
		{"it arrived", channels.Receipt{Status: channels.StatusDelivered}, nil, "delivered", 1, false},
		{"nothing new", channels.Receipt{Status: channels.StatusSent}, nil, "sent", len(checkTimes()), false},
		{"the provider is away", channels.Receipt{}, errors.New("away"), "sent", -1, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRig(t)
			provider := &traced{fate: tc.fate, err: tc.err, sendFunc: func(context.Context, string, channels.Outbound) (channels.Receipt, error) {
				return channels.Receipt{ProviderID: "SM1", Status: channels.StatusSent}, nil
			}}
			r.senders["hotline"] = provider
			story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment, Also: []string{"+8613800138001"}})
			id := story.Effects[0].ID
			r.deliver(r.deliverer(), id)
			r.Same("state", "sent", r.Effect(id).State)
			checks := NewChecks(r.Store, r.record, r.senders, r.Logger)
			checks.now = r.Time
			r.Must(checks.Begin(t.Context(), r.Time()))
			if len(provider.asked) != 0 {
				t.Error("it was asked about at once")
			}
			if tc.restart {
				r.Must(r.Store.Backlog.Rouse(t.Context(), r.Time()))
			}
			for at := time.Duration(0); at < 96*time.Hour; at += 5 * time.Minute {
				r.Must(checks.Begin(t.Context(), r.Time()))
				checks.Wait()
				if tc.restart {
					break
				}
				r.Pass(5 * time.Minute)
			}
			woken, err := r.Store.Outbox.WakeEffects(t.Context(), r.Time(), r.Time().Add(time.Minute), 10)
			r.Must(err)
			for _, e := range woken {
				r.deliver(r.deliverer(), e.ID)
			}
			r.Same("state", tc.state, r.Effect(id).State)
			if n := len(provider.asked); n != tc.asked && tc.asked >= 0 || n == 0 || provider.asked[0] != "SM1 +8613800138000" {
				t.Errorf("asked %q, want %d times", provider.asked, tc.asked)
			}
		})
	}
}

// TestAProviderThatRefusesUsIsLeftAlone for a while: one call tells as much as a hundred.
func TestAProviderThatRefusesUsIsLeftAlone(t *testing.T) {
	r := newRig(t)
	provider := &traced{err: &channels.Error{Op: "asking", Class: channels.Unauthorized, Err: errors.New("no")}}
	n := 0
	provider.sendFunc = func(context.Context, string, channels.Outbound) (channels.Receipt, error) {
		n++
		return channels.Receipt{ProviderID: fmt.Sprint("SM", n), Status: channels.StatusSent}, nil
	}
	r.senders["hotline"] = provider
	for i := range 10 {
		r.deliver(r.deliverer(), r.Opened("hotline", fmt.Sprint("k", i), letter{From: fmt.Sprint("+861380013800", i), Text: payment}).Effects[0].ID)
	}
	r.Pass(time.Hour)
	checks := NewChecks(r.Store, r.record, r.senders, r.Logger)
	checks.now = r.Time
	for range 3 {
		r.Must(checks.Begin(t.Context(), r.Time()))
		checks.Wait()
	}
	if asked := len(provider.asked); asked == 0 || asked > checksAtOnce {
		t.Errorf("asked %d times, want %d at the most", asked, checksAtOnce)
	}
	provider.err = nil
	r.Pass(checkAgain)
	for range 10 {
		r.Must(checks.Begin(t.Context(), r.Time()))
		checks.Wait()
	}
	if len(provider.asked) < 10 {
		t.Errorf("asked %d times in all, want about each", len(provider.asked))
	}
}

// TestASendOfAnInboxThatIsGoneIsNotAskedAbout for ever.
func TestASendOfAnInboxThatIsGoneIsNotAskedAbout(t *testing.T) {
	r := newRig(t)
	r.senders["hotline"] = &traced{sendFunc: func(context.Context, string, channels.Outbound) (channels.Receipt, error) {
		return channels.Receipt{ProviderID: "SM1", Status: channels.StatusSent}, nil
	}}
	story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	r.deliver(r.deliverer(), story.Effects[0].ID)
	r.Pass(time.Hour)
	checks := NewChecks(r.Store, r.record, nil, r.Logger)
	r.Must(checks.Begin(t.Context(), r.Time()))
	checks.Wait()
	r.Pass(time.Hour)
	if _, seen, err := r.Store.Outbox.TakeChecks(t.Context(), r.Time(), r.Time(), 10); err != nil || seen != 0 {
		t.Errorf("%d are left, %v", seen, err)
	}
}
