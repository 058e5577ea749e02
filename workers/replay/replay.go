// Package replay decides again what was decided before, from the sealed originals and what was known
// then, and tells what would differ. It writes nothing, sends nothing and asks nobody but the
// database: with the same program and the same configuration nothing differs.
package replay

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/redact"
	"frontdesk/workers/decide"
	"frontdesk/workers/store"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/decided"
)

// Options say what is decided again.
type Options struct {
	IDs      []int64   // these messages; none: all that the other fields let through
	From, To time.Time // received from, and before; zero: no bound
	Inbox    string    // only of this inbox

	Version string // digest of the configuration that is decided with now
	Reasons bool   // a finding for another reason counts as a difference too
	Text    bool   // tell the redacted text of what differs
	Workers int    // 0: one a processor core

	// Progress is told how far it is: of the ids up to last, those up to id are done. It may be nil.
	Progress func(id, last int64, done int)
}

// Verdict is what came of one message.
type Verdict struct {
	ID          int64        `json:"id"`
	Inbox       string       `json:"inbox"`
	ReceivedAt  base.Stamp   `json:"received_at"`
	DecidedAt   base.Stamp   `json:"decided_at"`
	Skipped     string       `json:"skipped,omitempty"` // why it could not be decided again
	Missing     string       `json:"missing,omitempty"` // what should be there and is not, for a person
	Differences []Difference `json:"differences,omitempty"`
	Text        string       `json:"text,omitempty"` // redacted

	otherConfig bool
}

// Faulty reports whether the message cannot be decided again though it should be possible.
func (v Verdict) Faulty() bool { return v.Skipped == SkippedMissing || v.Skipped == SkippedUnreadable }

// Reasons for which a message cannot be decided again.
const (
	SkippedUndecided  = "not decided yet"
	SkippedAtDoor     = "parked when it was recorded"
	SkippedOutside    = "parked for a fault outside the line"
	SkippedExpired    = "original expired"
	SkippedCVV        = "original held a card's security code"
	SkippedErased     = "erased" // its person was, or somebody whom the original named, or what was known when it was decided
	SkippedInbox      = "inbox not configured"
	SkippedUnreadable = "original or decision cannot be opened"
	SkippedMissing    = "original missing"
)

// Tally adds up verdicts.
type Tally struct {
	Replayed int            `json:"replayed"`
	Same     int            `json:"same"`
	Differ   int            `json:"differ"`
	Skipped  int            `json:"skipped"`
	ByField  map[string]int `json:"by_field"`  // messages or acts in which that field differs
	ByReason map[string]int `json:"by_reason"` // why they were skipped
}

func newTally() Tally { return Tally{ByField: map[string]int{}, ByReason: map[string]int{}} }

// Summary adds up the verdicts on messages.
type Summary struct {
	Tally
	OtherConfig int `json:"other_config"` // replayed ones that another configuration had decided
}

// Bounds of one slice of work: what is in memory is a few slices a core.
const (
	sliceItems  = 64
	sliceBytes  = 8 << 20
	headsAtOnce = 512
)

// job is one slice on its way; its verdicts come out in the order of the ids.
type job struct {
	ids  []int64
	out  chan []Verdict
	fail error
}

// Run decides again and hands each verdict to each, in the order of the ids.
func Run(ctx context.Context, s *store.Store, h *decide.Hindsight, o Options, each func(Verdict) error) (Summary, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	r := &run{store: s, hindsight: h, options: o}
	if r.options.Workers <= 0 {
		r.options.Workers = runtime.GOMAXPROCS(0)
	}
	last, err := s.Decided.LastDelivery(ctx)
	if err != nil {
		return Summary{}, err
	}
	ordered := r.start(ctx)
	sum := Summary{Tally: newTally()}
	for j := range ordered {
		verdicts := <-j.out
		if j.fail != nil {
			err = j.fail
			break
		}
		for _, v := range verdicts {
			sum.add(v)
			if err = each(v); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
		if o.Progress != nil && len(verdicts) > 0 {
			o.Progress(verdicts[len(verdicts)-1].ID, last, sum.Replayed+sum.Skipped)
		}
	}
	stop()
	for range ordered { // let the producer see the end
	}
	if err == nil {
		err = r.failure
	}
	return sum, err
}

func (s *Summary) add(v Verdict) {
	s.count(v.Skipped, v.Differences)
	if v.Skipped == "" && v.otherConfig {
		s.OtherConfig++
	}
}

// count adds one verdict: why it was skipped, or what differs.
func (t *Tally) count(skipped string, differences []Difference) {
	switch {
	case skipped != "":
		t.Skipped++
		t.ByReason[skipped]++
		return
	case len(differences) == 0:
		t.Same++
	default:
		t.Differ++
	}
	t.Replayed++
	for _, d := range differences {
		t.ByField[d.Field]++
	}
}

// run is one walk.
type run struct {
	store     *store.Store
	hindsight *decide.Hindsight
	options   Options
	failure   error // of the producer; read after ordered is closed
}

// start cuts the messages into slices, lets them be decided side by side, and returns them in order.
func (r *run) start(ctx context.Context) <-chan *job {
	work := make(chan *job)
	ordered := make(chan *job, 2*r.options.Workers)
	for range r.options.Workers {
		go func() {
			for j := range work {
				verdicts, err := r.slice(ctx, j.ids)
				j.fail = err
				j.out <- verdicts
			}
		}()
	}
	go func() {
		defer close(ordered)
		defer close(work)
		r.failure = r.cut(ctx, func(ids []int64) bool {
			j := &job{ids: ids, out: make(chan []Verdict, 1)}
			select {
			case ordered <- j:
			case <-ctx.Done():
				return false
			}
			select {
			case work <- j:
				return true
			case <-ctx.Done():
				j.fail = ctx.Err()
				close(j.out)
				return false
			}
		})
	}()
	return ordered
}

// cut hands on slices of ids until hand says that nobody wants more.
func (r *run) cut(ctx context.Context, hand func([]int64) bool) error {
	if len(r.options.IDs) > 0 {
		return r.cutNamed(ctx, hand)
	}
	for after := int64(0); ; {
		heads, err := r.store.Decided.Heads(ctx, after, headsAtOnce)
		if err != nil || len(heads) == 0 {
			return err
		}
		after = heads[len(heads)-1].ID
		for _, ids := range portions(r.wanted(heads)) {
			if !hand(ids) {
				return ctx.Err()
			}
		}
	}
}

func (r *run) cutNamed(ctx context.Context, hand func([]int64) bool) error {
	heads, err := r.store.Decided.HeadsOf(ctx, r.options.IDs)
	if err != nil {
		return err
	}
	there := map[int64]bool{}
	for _, h := range heads {
		there[h.ID] = true
	}
	for _, id := range r.options.IDs {
		if !there[id] {
			return fmt.Errorf("there is no message %d", id)
		}
	}
	for _, ids := range portions(heads) {
		if !hand(ids) {
			return ctx.Err()
		}
	}
	return nil
}

func (r *run) wanted(heads []decided.Head) []decided.Head {
	o, kept := r.options, heads[:0]
	for _, h := range heads {
		if !o.lets(h.Inbox, h.At) {
			continue
		}
		kept = append(kept, h)
	}
	return kept
}

// portions cuts where a slice has enough messages or bytes.
func portions(heads []decided.Head) [][]int64 {
	var out [][]int64
	var ids []int64
	var size int64
	for _, h := range heads {
		if len(ids) == sliceItems || len(ids) > 0 && size+h.Size > sliceBytes {
			out, ids, size = append(out, ids), nil, 0
		}
		ids, size = append(ids, h.ID), size+h.Size
	}
	if len(ids) > 0 {
		out = append(out, ids)
	}
	return out
}

func (r *run) slice(ctx context.Context, ids []int64) ([]Verdict, error) {
	decided, err := r.store.Decided.Decided(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Verdict, len(decided))
	for i := range decided {
		out[i] = r.verdict(&decided[i])
		decided[i].Raw = nil
	}
	return out, nil
}

func (r *run) verdict(d *decided.Decided) Verdict {
	v := Verdict{ID: d.ID, Inbox: d.Inbox, ReceivedAt: base.Stamp{Time: d.At}, DecidedAt: base.Stamp{Time: d.DecidedAt}}
	if v.Skipped = r.skipped(d); v.Skipped != "" {
		v.Missing = d.Missing
		return v
	}
	v.otherConfig = d.Config != r.options.Version
	c := r.hindsight.Decide(d.Pending, d.Known, d.DecidedAt)
	v.Differences = compare(then(d), now(c), r.options.Reasons)
	if r.options.Text && len(v.Differences) > 0 {
		v.Text = c.Plan.Row.Subject + "\n" + c.Plan.Row.Visible
	}
	return v
}

func (r *run) skipped(d *decided.Decided) string {
	switch {
	case d.Unreadable:
		return SkippedUnreadable
	case d.Undecided:
		return SkippedUndecided
	case d.NoDecision:
		return SkippedAtDoor
	case d.Missing != "":
		return SkippedMissing
	case d.Forgotten, d.OriginalGone && (d.Torn || len(d.Trace) == 0 || d.Cause == causes.Erased):
		return SkippedErased
	case len(d.Trace) == 1 && (d.Trace[0].Stage == decide.StageClaim || d.Trace[0].Stage == decide.StageCommit):
		return SkippedOutside
	case d.OriginalGone && d.Redacted[redact.CVV] > 0:
		return SkippedCVV
	case d.OriginalGone:
		return SkippedExpired
	case !r.hindsight.Knows(d.Inbox):
		return SkippedInbox
	}
	return ""
}
