package worldtest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"frontdesk/channels"
)

// relayServer takes our mails. It knows no repeats: whatever it took goes out.
type relayServer struct{ w *world }

// noted is a way out that remembers what it was told: whatever it returns without an error, the process
// has a note of.
type noted struct {
	p *process
	channels.Sender
}

// Send implements channels.Sender.
func (s noted) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	r, err := s.Sender.Send(context.WithValue(ctx, ofKey{}, key), key, out)
	if err == nil && !s.p.dead.Load() {
		s.p.w.book.noted(s.p, key)
	}
	return r, err
}

// asking is one that can be asked what became of a send.
type asking struct {
	noted
	channels.Looker
}

type ofKey struct{}

// keyOf is the key of the effect that a request is about.
func keyOf(ctx context.Context) string {
	key, _ := ctx.Value(ofKey{}).(string)
	return key
}

// relaying is the relay as one process reaches it.
type relaying struct {
	p *process
	r *relayServer
}

// Send hands a mail over. The relay's answer may get lost, and the process may die on either side.
func (s relaying) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	w := s.p.w
	if err := s.p.point("submitting a mail"); err != nil {
		return channels.Receipt{}, err
	}
	to := out.To.Value
	switch {
	case w.away("email"), w.trouble(w.odds.refused, "the relay refuses a mail for now"):
		return channels.Receipt{}, &channels.Error{Op: "submitting", Class: channels.Temporary, Code: "451", Err: errors.New("try later")}
	case strings.HasPrefix(to, "gone"):
		return channels.Receipt{}, &channels.Error{Op: "submitting", Class: channels.Permanent, Code: "550", Err: errors.New("no such user")}
	}
	if w.away("quick relay") || w.trouble(w.odds.slow, "the relay is slow") {
		select {
		case <-time.After(w.chaos.between(time.Second, 100*time.Second)):
		case <-ctx.Done():
		}
		if err := s.p.point("waiting for the relay"); err != nil {
			return channels.Receipt{}, err
		}
	}
	if s.p.handing(); ctx.Err() != nil {
		return channels.Receipt{}, &channels.Error{Op: "submitting", Class: channels.Unknown, Err: ctx.Err()}
	}
	lost := w.trouble(w.odds.lost, "the relay's answer is lost")
	w.book.sent(&send{channel: "email", key: key, id: out.MessageID, to: to, text: out.Subject + "\n" + out.Text, p: s.p, lost: lost})
	s.p.gate()
	w.reacts(out.To.Value, out.MessageID, out.Subject)
	if err := s.p.point("having submitted a mail"); err != nil {
		return channels.Receipt{}, err
	}
	if lost {
		return channels.Receipt{}, &channels.Error{Op: "submitting", Class: channels.Unknown, Err: errors.New("the line went dead")}
	}
	return channels.Receipt{Key: key, ProviderID: out.MessageID, Status: channels.StatusSent, At: time.Now()}, nil
}

// watcher is the operator's system that is told of promises.
type watcher struct{ w *world }

type noticing struct {
	p *process
	o *watcher
}

var errWatcher = errors.New("the receiver is away")

func (n noticing) Notify(_ context.Context, key string, event json.RawMessage) error {
	if err := n.p.point("telling an event"); err != nil {
		return err
	}
	if n.p.trouble(n.p.w.odds.refused, "the operator's system is away") {
		return errWatcher
	}
	time.Sleep(20 * time.Millisecond)
	var e struct {
		Event, Ticket, Kind string
		Due                 time.Time `json:"due_at"`
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return err
	}
	if e.Event == "promise.breach" && time.Now().Before(e.Due.Truncate(time.Second)) {
		n.p.w.fail("no deadline early", "%s %s of %s was said to be broken at %s, it is due at %s", e.Kind, key, e.Ticket, stamp(time.Now()), stamp(e.Due))
	}
	n.p.w.book.told(key)
	return nil
}
