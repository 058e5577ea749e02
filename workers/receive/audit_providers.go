package receive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/store"
	"frontdesk/workers/store/auditing"
)

// AuditSource is an inbox whose provider can be asked what it holds.
type AuditSource struct {
	Inbox, Stream string // Stream: that of its bookmark; empty for the source of a webhook
	Reconciler    channels.Reconciler
}

// Asked is what asking one provider brought.
type Asked struct {
	Inbox    string `json:"inbox"`
	Stream   string `json:"stream,omitempty"`
	Listed   int    `json:"listed"`            // messages that the provider lists
	Recorded int    `json:"recorded"`          // of those, what is recorded here
	Young    int    `json:"young"`             // not recorded, but so young that the next reconciliation brings it
	Missing  int    `json:"missing"`           // not recorded: each is a finding
	Skipped  string `json:"skipped,omitempty"` // why the provider was not asked
	Err      string `json:"error,omitempty"`   // why it could not be asked
}

// auditYoung is the age up to which a message that a provider lists may not be here: it is brought by
// the next reconciliation at the latest.
const auditYoung = reconcileEvery + 10*time.Minute

// missingNamed is how many missing messages of one inbox are named.
const missingNamed = 50

// AuditSources asks the providers what they hold since from, or since the inbox was first connected, and adds to the
// books what is not recorded here. It brings nothing, that is the service's work. It asks one provider after the
// other; one that cannot be asked has its error in its row, and the next one is asked.
func AuditSources(ctx context.Context, s *store.Store, sources []AuditSource, from, now time.Time, books *auditing.Books) []Asked {
	out := make([]Asked, 0, len(sources))
	for _, src := range sources {
		q := &question{s: s, src: src, Asked: Asked{Inbox: src.Inbox, Stream: src.Stream}}
		if err := q.ask(ctx, from, now); err != nil {
			q.Err = err.Error()
		}
		for _, key := range q.missing {
			if q.Missing++; q.Missing <= missingNamed {
				books.Add(auditing.Finding{Rule: auditing.RuleProvider, Inbox: src.Inbox, Detail: fmt.Sprintf("the provider lists %q, and it is not recorded here", key)})
			}
		}
		out = append(out, q.Asked)
	}
	return out
}

// question is one provider being asked.
type question struct {
	Asked
	s       *store.Store
	src     AuditSource
	missing []string
}

// What is missing is asked about twice: a second list tells what is too young, and the database is looked at again,
// since the service may have brought some meanwhile.
func (q *question) ask(ctx context.Context, from, now time.Time) error {
	since, err := q.begin(ctx)
	if err != nil || q.Skipped != "" {
		return err
	}
	if from.After(since) {
		since = from
	}
	all, err := q.list(ctx, since)
	if err != nil {
		return err
	}
	q.Listed, q.Recorded = all.listed, all.listed-len(all.missing)
	if len(all.missing) == 0 {
		return nil
	}
	later := since
	if edge := now.Add(-auditYoung); edge.After(later) {
		later = edge
	}
	fresh, err := q.list(ctx, later)
	if err != nil {
		return err
	}
	young := map[string]bool{}
	for _, key := range fresh.missing {
		young[key] = true
	}
	recorded, err := recordedAround(ctx, q.s, q.src.Inbox, q.src.Reconciler, all.missing) // since the first question
	if err != nil {
		return err
	}
	for _, key := range all.missing {
		switch {
		case recorded[key]:
			q.Recorded++
		case young[key]:
			q.Young++
		default:
			q.missing = append(q.missing, key)
		}
	}
	return nil
}

// begin takes up the bookmark, and says since when the provider's messages are ours.
func (q *question) begin(ctx context.Context) (since time.Time, err error) {
	stream := q.src.Stream
	if stream == "" {
		stream = catchupStream
	}
	cursor, err := q.s.Intake.Cursor(ctx, q.src.Inbox, stream)
	if err != nil {
		return since, err
	}
	if len(cursor) == 0 {
		return since, q.neverConnected(ctx)
	}
	if q.src.Stream == "" {
		var last caughtUp
		if err := json.Unmarshal(cursor, &last); err != nil {
			return since, fmt.Errorf("reading the time of the first connection: %w", err)
		}
		return last.First, nil
	}
	resumer, ok := q.src.Reconciler.(channels.Resumer)
	if !ok {
		q.Skipped = "it cannot be asked beside the service"
		return since, nil
	}
	return since, resumer.Resume(cursor)
}

// neverConnected: where nothing was ever recorded there is nothing to prove; else what the provider
// holds beside it should be known, and is not.
func (q *question) neverConnected(ctx context.Context) error {
	some, err := q.s.View.Used(ctx, q.src.Inbox)
	if err != nil {
		return err
	}
	if some {
		return errors.New("it was never connected, though messages of this inbox are recorded")
	}
	q.Skipped = "it was never connected"
	return nil
}

// listing is what a provider lists, and what of it is not here.
type listing struct {
	listed  int
	missing []string
}

// list asks the provider, and answers that everything is known: so it brings nothing.
func (q *question) list(ctx context.Context, since time.Time) (out listing, err error) {
	_, _, err = q.src.Reconciler.Reconcile(ctx, since, func(ctx context.Context, keys []string) (map[string]bool, error) {
		known, err := recordedAround(ctx, q.s, q.src.Inbox, q.src.Reconciler, keys)
		if err != nil {
			return nil, err
		}
		all := make(map[string]bool, len(keys))
		for _, key := range keys {
			out.listed++
			if !known[key] {
				out.missing = append(out.missing, key)
			}
			all[key] = true
		}
		return all, nil
	})
	return out, err
}
