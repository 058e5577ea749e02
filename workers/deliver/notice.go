package deliver

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/internal/hooks"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store/outbox"
)

// NoticeSender tells a system of the operator's about an event. key is the same at each repeat, so that the receiver
// can tell one from a new event.
type NoticeSender interface {
	Notify(ctx context.Context, key string, event json.RawMessage) error
}

// Notice is the payload of a notice's row.
type Notice struct {
	To    string          `json:"to"` // name of the notifier
	Event json.RawMessage `json:"event"`
	ID    string          `json:"id,omitempty"` // by which the receiver knows it again; empty: its row's key
}

// NoticeTo is a webhook of the operator's and the events it wants.
type NoticeTo struct {
	Name   string
	Events []string // promise.warning, promise.breach, inbox.failing, acknowledgements.held, share.unusual, and those of tickets
	Queues []string // of tickets: only those in these; empty: in all
}

// Notices makes one outbox row for each webhook that wants the event. key makes it unique: the same event noticed
// twice, or by two processes, is one row. It asks nobody, so it may be called within the transaction of the event.
func Notices(to []NoticeTo, name, key string, event json.RawMessage, at time.Time) []effects.Plan {
	var out []effects.Plan
	for _, n := range to {
		for _, wanted := range n.Events {
			if wanted != name {
				continue
			}
			payload, err := json.Marshal(Notice{To: n.Name, Event: event, ID: noticeID(n.Name + ":" + key)})
			if err == nil {
				out = append(out, effects.Plan{Kind: effects.KindNotice, Key: "notice:" + n.Name + ":" + key, Channel: "webhook", Payload: payload, Due: at})
			}
		}
	}
	return out
}

// noticeID is a name for an event without a full stop, by which a signature parts what it signs.
func noticeID(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "msg_" + hex.EncodeToString(sum[:16])
}

// TicketNotices are the notices of an event of a ticket.
func TicketNotices(to []NoticeTo, e outbox.Told) []effects.Plan {
	wanted := slices.DeleteFunc(slices.Clone(to), func(n NoticeTo) bool { return len(n.Queues) > 0 && !slices.Contains(n.Queues, e.Queue) })
	event, err := json.Marshal(map[string]any{"type": e.Event, "timestamp": e.At.UTC().Format(time.RFC3339Nano), "data": ticketEvent{Ticket: thread.TicketNumber(e.Ticket), Queue: e.Queue,
		Category: e.Category, Priority: e.Priority, Language: e.Language, State: e.State, Owner: e.Owner, By: e.By, Reason: e.Reason}})
	if err != nil {
		return nil // texts of our own always marshal
	}
	return Notices(wanted, e.Event, e.Key, event, e.At)
}

// ticketEvent is what is told of a ticket: no words of anybody, and no address.
type ticketEvent struct {
	Ticket   string `json:"ticket"`
	Queue    string `json:"queue"`
	Category string `json:"category"`
	Priority string `json:"priority"`
	Language string `json:"language"`
	State    string `json:"state"`
	Owner    string `json:"owner,omitempty"`
	By       string `json:"by"`
	Reason   string `json:"reason,omitempty"`
}

// noticing does the rows of kind notice. It is careful with receivers that take a connection and never answer: a
// handful of such calls would hold all slots of the webhooks for half a minute each.
type noticing struct {
	notifiers map[string]NoticeSender
	receivers map[string]*receiver                              // of the same names; nil: nobody is held back
	words     func(row outbox.EffectRow, w outbox.Words) []byte // seals what is about to be posted; nil: it is not kept
	now       func() time.Time
}

// newNoticing takes the notifiers by name.
func newNoticing(notifiers map[string]NoticeSender) *noticing {
	n := &noticing{notifiers: notifiers, receivers: map[string]*receiver{}, now: time.Now}
	for name := range notifiers {
		n.receivers[name] = &receiver{}
	}
	return n
}

// Pauses between two calls of a receiver that takes calls and answers none.
const (
	silentFirst = 15 * time.Second
	silentMost  = 5 * time.Minute
)

// A call of a receiver that has not answered yet, or not of late, is a try: whoever makes it waits a moment for its end and then
// gives his place to others. The row comes back when the try has ended for certain, and what waits for its end meanwhile comes back sooner.
const (
	patience  = time.Second
	tryWithin = 30 * time.Second
	tryAgain  = 5 * time.Second
)

// receiver is what is known of one webhook: whether it lets calls wait for their answer until they end. Such calls would take all
// places of those that are answered, so one at a time is made of them, after growing pauses, and the others wait in the database.
type receiver struct {
	mu     sync.Mutex
	known  bool          // it has answered
	pause  time.Duration // 0: it answers
	until  time.Time
	trying bool
	ended  *tried // a try that nobody waited for to its end
}

// tried is how the try of a row ended.
type tried struct {
	row int64
	err error
}

// enter reports how long a call must wait, 0 for not at all, and whether it is a try; then leave follows.
func (r *receiver) enter(now time.Time) (wait time.Duration, try bool) {
	if r == nil {
		return 0, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.known && r.pause == 0:
		return 0, false
	case now.Before(r.until):
		return max(r.until.Sub(now), silentFirst), false
	case r.trying && r.pause > 0:
		return silentFirst, false
	case r.trying:
		return tryAgain, false
	}
	r.trying = true
	return 0, true
}

// leave takes note of how a call ended. Calls that were under way together count as one.
func (r *receiver) leave(silent bool, now time.Time) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trying = false
	switch {
	case !silent:
		r.pause, r.known = 0, true
	case !now.Before(r.until):
		r.pause = min(max(2*r.pause, silentFirst), silentMost)
		r.until = now.Add(r.pause)
	}
}

// keep keeps the end of a try for its row.
func (r *receiver) keep(end tried) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = &end
}

// end gives back how the try of a row ended, once.
func (r *receiver) end(row int64) (ended bool, err error) {
	if r == nil {
		return false, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended == nil || r.ended.row != row {
		return false, nil
	}
	err, r.ended = r.ended.err, nil
	return true, err
}

// timedOut reports whether nobody answered in time.
func timedOut(err error) bool {
	var e net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &e) && e.Timeout()
}

// codeSilent is the outcome of a notice that waits for a receiver which lets calls wait.
const codeSilent = "receiver-silent"

// do posts the event, or puts it off while its receiver is silent. After two days it is called all the same, and
// given up when that fails.
func (n *noticing) do(ctx context.Context, row outbox.EffectRow) commands.SendEnded {
	var p Notice
	if err := json.Unmarshal(row.Payload, &p); err != nil {
		return commands.SendEnded{ID: row.ID, State: effects.Failed, Code: "payload", Detail: err.Error()}
	}
	to := n.notifiers[p.To]
	if to == nil {
		return commands.SendEnded{ID: row.ID, State: effects.Failed, Code: "not-configured", Detail: "the webhook is not configured any more"}
	}
	receiver := n.receivers[p.To]
	ended, err := receiver.end(row.ID)
	if !ended {
		wait, try := receiver.enter(n.now())
		if wait > 0 && n.now().Sub(row.CreatedAt) < giveUpAfter {
			return n.held(row, wait)
		}
		if ended, err = n.called(ctx, to, receiver, row, p, try); !ended {
			return n.held(row, tryWithin)
		}
	}
	o := commands.SendEnded{ID: row.ID, State: effects.Sent}
	if err != nil {
		o = failure(row, err, n.now())
	}
	if n.words != nil && (err == nil || timedOut(err)) { // what was not answered in time may have been taken
		o.Words = n.words(row, outbox.Words{Text: string(p.Event)})
	}
	return o
}

// held is a row that waits for its receiver. It is no failure, so it is not logged and its delay does not grow; the
// spread by id keeps rows apart.
func (n *noticing) held(row outbox.EffectRow, wait time.Duration) commands.SendEnded {
	return commands.SendEnded{ID: row.ID, State: effects.Due, Next: n.now().Add(wait + wait*time.Duration(row.ID%16)/16), Code: codeSilent}
}

// called makes a call. A try goes on by itself when it takes long: ended is false, and its row asks for its end later. Where
// the process ends first, the row is sent again under its key.
func (n *noticing) called(ctx context.Context, to NoticeSender, r *receiver, row outbox.EffectRow, p Notice, try bool) (ended bool, err error) {
	key, event := cmp.Or(p.ID, row.Key), p.Event
	if !try {
		return true, n.call(ctx, to, r, key, event)
	}
	done := make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tryWithin-patience)
	go func() {
		defer cancel()
		defer func() {
			if cause := recover(); cause != nil {
				done <- fmt.Errorf("a call of a webhook panicked: %v", cause)
			}
		}()
		err := n.call(ctx, to, r, key, event)
		r.keep(tried{row.ID, err})
		done <- err
	}()
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case err := <-done:
		_, _ = r.end(row.ID) // what it says is err
		return true, err
	case <-wait.C:
		return false, nil
	}
}

func (n *noticing) call(ctx context.Context, to NoticeSender, r *receiver, key string, event json.RawMessage) (err error) {
	ended := false // one that panics has told nothing
	defer func() { r.leave(ended && err != nil && timedOut(err), n.now()) }()
	err = to.Notify(ctx, key, event)
	ended = true
	return err
}

// WebhookOut posts events as JSON, signed as Standard Webhooks says: webhook-id, webhook-timestamp and webhook-signature, v1,<base64 of HMAC-SHA256 of
// "id.timestamp.body">; and, for receivers of before, with X-Frontdesk-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of
// "t.body">. A secret that begins with whsec_ is a key in base64, any other one is the key itself. The time in the signature lets a receiver refuse what somebody has recorded and plays again. It is safe
// for concurrent use.
type WebhookOut struct {
	URL    string
	Secret []byte
	Client *http.Client
	Now    func() time.Time
}

// Notify posts one event. Any 2xx is a success; 4xx other than 408, 425 and 429 will never be one.
func (w *WebhookOut) Notify(ctx context.Context, key string, event json.RawMessage) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(event))
	if err != nil {
		return &channels.Error{Op: "making webhook request", Class: channels.Permanent, Err: withoutURL(err)}
	}
	now := w.Now()
	at := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, w.Secret)
	mac.Write([]byte(at + "."))
	mac.Write(event)
	if err := hooks.Sign(req.Header, w.Secret, key, now, event); err != nil {
		return &channels.Error{Op: "signing webhook request", Class: channels.Permanent, Err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	req.Header.Set("X-Frontdesk-Signature", "t="+at+",v1="+hex.EncodeToString(mac.Sum(nil)))
	return posted(w.Client, req)
}

// mostAnswer is how much of an answer is read, in bytes, so that its connection serves again.
const mostAnswer = 4 << 10

// posted posts a request, and says what became of it. No redirect is followed: a redirected POST becomes a GET without the event.
func posted(by *http.Client, req *http.Request) error {
	client := *by
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return &channels.Error{Op: "posting webhook", Class: channels.Temporary, Err: withoutURL(err)}
	}
	_, _ = io.CopyN(io.Discard, resp.Body, mostAnswer) // its end is no error
	resp.Body.Close()
	return webhookStatus(resp)
}

// withoutURL drops the address from an error: it may hold a secret.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// A redirect is temporary: its target is not followed, and an operator who moves his receiver changes the
// configuration.
func webhookStatus(resp *http.Response) error {
	code := resp.StatusCode
	fail := func(class channels.Class) error {
		after, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return &channels.Error{Op: "posting webhook", Class: class, Code: strconv.Itoa(code), After: time.Duration(after) * time.Second,
			Err: fmt.Errorf("the receiver answered %d", code)}
	}
	switch {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusTooManyRequests:
		return fail(channels.Throttled)
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code >= 500, code < 400:
		return fail(channels.Temporary)
	default:
		return fail(channels.Permanent)
	}
}
