// Package deliver hands over what was decided: it claims rows of the outbox, does them, and records what became of them. What a
// process was sending when it died, its journal tells.
package deliver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/time/rate"

	"frontdesk/channels"
	"frontdesk/internal/groupcommit"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/enrich"
	"frontdesk/workers/store"
	"frontdesk/workers/store/outbox"
)

// Bounds of the work on effects. claimFor = sendWithin + recordWithin and some time to wait for a slot: a claim must
// hold until its outcome is written, or another process sends the row, too.
const (
	AtOnce       = 16               // effects of one inbox that are under way at a time
	unsettled    = 64               // effects of one inbox that are done and wait for their record
	claimFor     = 2 * time.Minute  // how long a claimed row is nobody else's
	sendWithin   = 90 * time.Second // a send that takes longer has an unknown outcome
	recordWithin = 10 * time.Second // of a claim, for writing down what became of it
	settleItems  = 256
	noteAgain    = 10 * time.Second // when a send could not have been noted
)

// errLease says that a row's claim ran out while it waited for its turn.
var errLease = errors.New("the claim ran out before its turn")

// effectDoer does one kind of effect. The outcome says what the row becomes. It is called by many at a time, with a
// context that ends after sendWithin; a panic in it is an outcome like any other. A new kind of effect is a new doer
// in NewDeliverer.
type effectDoer interface {
	do(ctx context.Context, row outbox.EffectRow) commands.SendEnded
}

// Deliverer works the outbox off: it claims rows, does them side by side in the lanes of their inboxes, and settles
// outcomes in groups. What it keeps in memory are ids only; if the process dies, claims run out or are taken over,
// and the journal tells what was sent.
type Deliverer struct {
	journal  *Journal // remembers what was sent until the database does; nil for none
	courtesy *workers.Courtesy
	store    *store.Store
	notifier *workers.Notifier
	holder   string
	kinds    map[string]effectDoer
	meter    *workers.Meter
	logger   *slog.Logger
	now      func() time.Time
	claim    *groupcommit.Group[[]int64, []outbox.EffectRow]
	settle   *groupcommit.Group[commands.SendEnded, struct{}]
	lanes    sendLanes
	inFlight inFlight
	told     told

	senders *wayOut[channels.Sender]
	markers *wayOut[channels.Marker]
	media   *wayOut[channels.MediaFetcher]
}

// Outlets are the ways out: senders and post-actions by inbox. The maps are read at NewDeliverer; Renew exchanges
// entries afterwards.
type Outlets struct {
	Senders map[string]channels.Sender
	Markers map[string]channels.Marker
	Media   map[string]channels.MediaFetcher
	Notices map[string]NoticeSender // by name, as in the payload
	Alerts  Alerts                  // with what people of the desk are told outside of it
	// PerMinute bounds the acknowledgements of the whole process; the rest waits. 0 for no bound.
	PerMinute int
	// MediaLimit bounds one fetched file, in bytes; 32 MiB if 0.
	MediaLimit int64
	// Scanners have fetched files scanned; nil asks nobody.
	Scanners *enrich.Scanners
	// Journal remembers what was sent until the database does; nil for none.
	Journal *Journal
	// Courtesy is the process's; nil for one of its own.
	Courtesy *workers.Courtesy
	// Health is told when a provider refuses us, and when it takes our sends again; nil for nobody.
	Health *workers.Health
}

// NewDeliverer joins a deliverer to its store. holder names this process in the rows it claims. PerMinute is a token
// bucket with a minute's burst: it holds rows back and fails none.
func NewDeliverer(s *store.Store, notifier *workers.Notifier, holder string, out Outlets, writer *Writer, meter *workers.Meter, logger *slog.Logger) *Deliverer {
	d := &Deliverer{journal: out.Journal, courtesy: cmp.Or(out.Courtesy, &workers.Courtesy{}), store: s, notifier: notifier, holder: holder, meter: meter, logger: logger, now: time.Now, inFlight: inFlight{ids: map[int64]bool{}}}
	d.senders, d.markers, d.media = newWayOut(out.Senders), newWayOut(out.Markers), newWayOut(out.Media)
	messages := &sending{store: s, senders: d.senders, writer: writer, health: out.Health, now: time.Now}
	if out.PerMinute > 0 {
		messages.rate = rate.NewLimiter(rate.Limit(float64(out.PerMinute)/60), out.PerMinute)
	}
	notices := newNoticing(out.Notices)
	begin := func(row outbox.EffectRow, words []byte) { d.journal.begin(row, words, d.now()) }
	messages.begin = begin
	notices.words = func(row outbox.EffectRow, w outbox.Words) []byte {
		words := s.Outbox.SealWords(row.ID, row.Attempts, w)
		begin(row, words)
		return words
	}
	d.kinds = map[string]effectDoer{
		effects.KindAlert:           &bells{Alerts: out.Alerts, store: s, senders: d.senders, writer: writer, begin: begin, logger: logger, now: time.Now},
		effects.KindAcknowledgement: messages,
		effects.KindDigest:          messages,
		effects.KindReply:           messages,
		effects.KindForward:         messages,
		effects.KindCode:            messages,
		effects.KindMark:            &marking{markers: d.markers, now: time.Now},
		effects.KindMedia:           &fetching{store: s, media: d.media, limit: cmp.Or(out.MediaLimit, 32<<20), scan: out.Scanners, now: time.Now},
		effects.KindNotice:          notices,
	}
	d.claim = groupcommit.NewBounded(groupcommit.Bounds[[]int64]{Most: workers.ClaimItems, Bytes: workers.ClaimItems, Size: func(ids []int64) int { return len(ids) }}, d.runClaim)
	d.settle = groupcommit.New(settleItems, d.runSettle)
	return d
}

// attempt does one effect and says what becomes of its row. deadline is the latest moment to begin: what begins later
// could outlive its claim. A row that comes back for such a reason has no fault, and is due at once.
func (d *Deliverer) attempt(ctx context.Context, row outbox.EffectRow, deadline time.Time) commands.SendEnded {
	outcome := commands.SendEnded{ID: row.ID, State: effects.Due, Next: d.now(), Code: codeHandedBack, Unknown: row.Unknown}
	switch doer := d.kinds[row.Kind]; {
	case ctx.Err() != nil, d.now().After(deadline):
		outcome.Detail = errLease.Error()
	case doer == nil:
		outcome = commands.SendEnded{ID: row.ID, State: effects.Failed, Code: "unknown-kind"}
	default:
		outcome = d.once(ctx, doer, row)
	}
	outcome.Attempt = cmp.Or(outcome.Attempt, row.Attempts)
	d.meter.CountEffect(row.Kind, outcomeName(outcome))
	if outcome.State != effects.Sent && outcome.State != effects.Delivered && outcome.State != effects.Withheld && outcome.Code != codeRate && outcome.Code != codeSilent {
		d.logger.Warn("effect not done", "kind", row.Kind, "inbox", row.Inbox, "ticket", row.Ticket, "effect", row.ID, "attempt", row.Attempts,
			"state", outcome.State, "code", outcome.Code, "detail", outcome.Detail)
	}
	return outcome
}

// record settles a row by its outcome. Once an effect is done its record is written even when the
// process is being stopped.
func (d *Deliverer) record(ctx context.Context, outcome commands.SendEnded) error {
	_, err := d.settle.Do(context.WithoutCancel(ctx), outcome)
	if err == nil {
		d.journal.settled(outcome.ID)
	}
	return err
}

// once does an effect, unless it is done and only the database does not know. The order is what makes a crash
// harmless: the line about the beginning is written by the doer, then the provider is called, then the line about its
// acceptance, then the database.
func (d *Deliverer) once(ctx context.Context, doer effectDoer, row outbox.EffectRow) commands.SendEnded {
	if outcome, ok := d.journal.known(row); ok {
		return outcome
	}
	if err := d.journal.ready(); err != nil {
		return commands.SendEnded{ID: row.ID, State: effects.Due, Next: d.now().Add(noteAgain + time.Duration(row.ID%16)*time.Second), Code: codeNoRoom, Detail: err.Error(), Unknown: row.Unknown}
	}
	outcome := d.guarded(ctx, doer, row)
	if outcome.Unknown && len(outcome.Words) == 0 {
		outcome.Words = d.journal.words(row)
	}
	d.journal.note(row, outcome)
	return outcome
}

// guarded turns a panic of a connector into an outcome, unknown: the provider may have been reached before it.
func (d *Deliverer) guarded(ctx context.Context, doer effectDoer, row outbox.EffectRow) (outcome commands.SendEnded) {
	defer func() {
		if cause := recover(); cause != nil {
			d.logger.Error("effect panicked", "kind", row.Kind, "effect", row.ID, "panic", fmt.Sprint(cause))
			outcome = retry(row, d.now(), "panic", fmt.Sprint(cause), 0)
			outcome.Unknown = true // it may have been done before
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	return doer.do(ctx, row)
}

// outcomeName is the word of the metric frontdesk_effects_total.
func outcomeName(o commands.SendEnded) string {
	switch {
	case o.State == effects.Due && o.Refused:
		return "refused"
	case o.State == effects.Due:
		return "retried"
	case o.Fallback != nil:
		return "fallback"
	default:
		return string(o.State)
	}
}

// runSettle writes outcomes down. They are all that is known of what was sent, so a database that
// is away is waited for: a row that only stays claimed would be sent again.
func (d *Deliverer) runSettle(ctx context.Context, outcomes []commands.SendEnded) ([]struct{}, error) {
	d.courtesy.Enter()
	defer d.courtesy.Leave()
	if err := d.settleAtLast(ctx, outcomes); err != nil {
		return nil, fmt.Errorf("settling effects: %w", err)
	}
	var next workers.ByInbox
	for _, o := range outcomes {
		if o.Fallback != nil {
			next.Add(workers.Outlet(o.Fallback.Inbox, o.Fallback.Channel), o.Fallback.ID)
		}
	}
	next.Notify(d.notifier, engine.Deliver, 0, workers.ClaimItems)
	return make([]struct{}, len(outcomes)), nil
}

// settleAtLast tries until the database takes the outcomes, at most for as long as a claim holds. Afterwards the row
// is claimed again, and the journal of this process knows that it was sent. Data that the database refuses is not
// tried again.
func (d *Deliverer) settleAtLast(ctx context.Context, outcomes []commands.SendEnded) error {
	ctx, cancel := context.WithTimeout(ctx, claimFor)
	defer cancel()
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := d.store.Outbox.Settle(ctx, outcomes, d.now())
		var data *store.DataError
		if err == nil || errors.As(err, &data) || !workers.Sleep(ctx, pause) {
			return err
		}
		d.logger.Warn("writing down what was sent failed; trying again", "effects", len(outcomes), "error", err)
	}
}

// An effect is tried for two days before its row fails: mail queues give up then, and a later
// "received" is worth nothing. One that was not tried leastTries times, because we were away
// ourselves, is not given up.
const (
	giveUpAfter = 48 * time.Hour
	leastTries  = 4
)

// retry hands a row back with a growing delay: 15 s, 30 s … one hour. Only failures make it grow, not attempts that
// died with their process. The spread by id keeps rows that failed together from coming back together. after is what
// the provider asked for; the longer of both counts.
func retry(row outbox.EffectRow, now time.Time, code, detail string, after time.Duration) commands.SendEnded {
	since := row.CreatedAt
	if row.DueAt.After(since) {
		since = row.DueAt
	}
	if now.Sub(since) > giveUpAfter && row.Attempts >= leastTries {
		return commands.SendEnded{ID: row.ID, State: effects.Failed, Code: code, Detail: "given up after two days: " + detail}
	}
	delay := min(15*time.Second<<min(row.Failures, 8), time.Hour)
	delay += delay * time.Duration(row.ID%16) / 64
	return commands.SendEnded{ID: row.ID, State: effects.Due, Next: now.Add(max(delay, after)), Code: code, Detail: detail}
}

// notYetFor is how long what is not there yet is asked for: providers hand a message over before its files, seconds as a rule.
const notYetFor = 6 * time.Hour

// notYet hands a row back like retry, and gives it up sooner.
func notYet(row outbox.EffectRow, err error, now time.Time, code string) commands.SendEnded {
	if now.Sub(row.CreatedAt) > notYetFor && row.Attempts >= leastTries {
		return commands.SendEnded{ID: row.ID, State: effects.Failed, Code: code, Detail: "given up after six hours: " + err.Error()}
	}
	return retry(row, now, code, err.Error(), 0)
}

// failure maps a connector's error to what becomes of the row. An error that is no *channels.Error is temporary; one
// of a context that ended is unknown, since the request may have arrived. Classes that say "never" fail the row,
// which starts an acknowledgement's fallback.
func failure(row outbox.EffectRow, err error, now time.Time) commands.SendEnded {
	var e *channels.Error
	if !errors.As(err, &e) {
		e = &channels.Error{Class: channels.Temporary, Err: err}
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			e.Class = channels.Unknown
		}
	}
	code := cmp.Or(e.Code, string(e.Class), "temporary")
	var o commands.SendEnded
	switch e.Class {
	case channels.Permanent, channels.WindowClosed, channels.OptedOut, channels.Gone, channels.TooLarge:
		o = commands.SendEnded{ID: row.ID, State: effects.Failed, Code: code, Detail: err.Error(), OptedOut: e.Class == channels.OptedOut,
			Dead: e.Class == channels.Gone}
	case channels.NotYet:
		o = notYet(row, err, now, code)
	case channels.Unknown:
		o = retry(row, now, code, err.Error(), e.After)
		o.Unknown = true
	default:
		o = retry(row, now, code, err.Error(), e.After)
		o.Refused = e.Class == channels.Refused || e.Class == channels.Unauthorized
	}
	o.PartsDone = e.Done
	return o
}

// marking does the optional post-action on the source of a message: a flag or a move on the mail server. It may be
// done twice.
type marking struct {
	markers *wayOut[channels.Marker]
	now     func() time.Time
}

// do marks the message at its source, by the key under which it was fetched. Without a marker, since the inbox was
// configured anew, the row fails.
func (m *marking) do(ctx context.Context, row outbox.EffectRow) commands.SendEnded {
	var p struct {
		Key string `json:"key"`
	}
	marker := m.markers.get(row.Inbox)
	if err := json.Unmarshal(row.Payload, &p); err != nil || marker == nil {
		return commands.SendEnded{ID: row.ID, State: effects.Failed, Code: "no-post-action"}
	}
	if err := marker.Mark(ctx, p.Key); err != nil {
		return failure(row, err, m.now())
	}
	return commands.SendEnded{ID: row.ID, State: effects.Sent}
}
