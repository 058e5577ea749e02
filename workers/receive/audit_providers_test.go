package receive

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/intake"
)

// provider lists keys with the times at which it took them in.
type provider struct {
	held    map[string]time.Time
	err     error
	resumed channels.Cursor
	asked   int
	again   func() // happens between two questions
}

func (p *provider) Resume(at channels.Cursor) error {
	p.resumed = at
	return p.err
}

func (p *provider) Reconcile(ctx context.Context, since time.Time, recorded func(context.Context, []string) (map[string]bool, error)) (channels.Batch, channels.Count, error) {
	if p.asked++; p.asked == 2 && p.again != nil {
		p.again()
	}
	var keys []string
	for key, at := range p.held {
		if !at.Before(since) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	known, err := recorded(ctx, keys)
	if err != nil || p.err != nil {
		return channels.Batch{}, channels.Count{}, errors.Join(err, p.err)
	}
	var batch channels.Batch
	for _, key := range keys {
		if !known[key] {
			batch.Deliveries = append(batch.Deliveries, channels.Delivery{Key: key})
		}
	}
	if len(batch.Deliveries) > 0 {
		return batch, channels.Count{}, errors.New("something was brought")
	}
	return batch, channels.Count{}, nil
}

// TestWhatIsRecordedWhileAProviderIsAskedIsNotMissing: the service goes on while it is audited.
func TestWhatIsRecordedWhileAProviderIsAskedIsNotMissing(t *testing.T) {
	r := newRig(t)
	r.accept(r.Delivery("hotline", "had", letter{From: "+8613800138000", Text: payment}))
	_, err := r.intake.Lot(t.Context(), intake.Lot{Moves: []intake.Move{
		{Inbox: "hotline", Stream: catchupStream, Cursor: channels.Cursor(`{"at":"2026-11-20T11:00:00Z","first":"2026-11-01T00:00:00Z"}`)}}}, false)
	r.Must(err)
	list := &provider{held: map[string]time.Time{"had": noon, "late": noon.Add(-time.Second), "gone": noon.AddDate(0, 0, -1)},
		again: func() { r.accept(r.Delivery("hotline", "late", letter{From: "+8613800138001", Text: payment})) }}
	var books auditing.Books
	got := AuditSources(t.Context(), r.Store, []AuditSource{{Inbox: "hotline", Reconciler: list}}, time.Time{}, noon, &books)
	r.Same("asked", []Asked{{Inbox: "hotline", Listed: 3, Recorded: 2, Missing: 1}}, got)
	r.Same("findings", []auditing.Finding{{Rule: auditing.RuleProvider, Inbox: "hotline", Detail: `the provider lists "gone", and it is not recorded here`}}, books.Findings)
}

func TestProvidersAreAskedWhatTheyHold(t *testing.T) {
	r := newRig(t)
	r.accept(r.Delivery("support", "had", letter{From: "li@customer.example", Text: payment}), r.Delivery("hotline", "had", letter{From: "+8613800138000", Text: payment}))
	_, err := r.intake.Lot(t.Context(), intake.Lot{Moves: []intake.Move{
		{Inbox: "support", Stream: "imap:INBOX", Cursor: channels.Cursor(`{"last":7}`)},
		{Inbox: "broken", Stream: "imap:INBOX", Cursor: channels.Cursor(`{"last":7}`)},
		{Inbox: "hotline", Stream: catchupStream, Cursor: channels.Cursor(`{"at":"2026-11-20T11:00:00Z","first":"2026-11-01T00:00:00Z"}`)}}}, false)
	r.Must(err)
	folder := &provider{held: map[string]time.Time{"had": noon, "lost": noon.Add(-time.Hour), "young": noon.Add(-time.Minute)}}
	list := &provider{held: map[string]time.Time{"had": noon, "history": noon.AddDate(0, -1, 0), "gone": noon.AddDate(0, 0, -1)}}
	var books auditing.Books
	got := AuditSources(t.Context(), r.Store, []AuditSource{
		{Inbox: "support", Stream: "imap:INBOX", Reconciler: folder},
		{Inbox: "hotline", Reconciler: list},
		{Inbox: "broken", Stream: "imap:INBOX", Reconciler: &provider{err: errors.New("connection refused")}},
		{Inbox: "new", Stream: "imap:INBOX", Reconciler: &provider{}},
		{Inbox: "support", Stream: "imap:Archive", Reconciler: &provider{}},
	}, time.Time{}, noon, &books)
	r.Same("asked", []Asked{
		{Inbox: "support", Stream: "imap:INBOX", Listed: 3, Recorded: 1, Young: 1, Missing: 1},
		{Inbox: "hotline", Listed: 2, Recorded: 1, Missing: 1},
		{Inbox: "broken", Stream: "imap:INBOX", Err: "connection refused"},
		{Inbox: "new", Stream: "imap:INBOX", Skipped: "it was never connected"},
		{Inbox: "support", Stream: "imap:Archive", Err: "it was never connected, though messages of this inbox are recorded"},
	}, got)
	r.Same("bookmark", `{"last":7}`, string(folder.resumed))
	r.Same("findings", []auditing.Finding{
		{Rule: auditing.RuleProvider, Inbox: "support", Detail: `the provider lists "lost", and it is not recorded here`},
		{Rule: auditing.RuleProvider, Inbox: "hotline", Detail: `the provider lists "gone", and it is not recorded here`},
	}, books.Findings)
	r.Same("clean", false, books.Clean())

	books = auditing.Books{}
	got = AuditSources(t.Context(), r.Store, []AuditSource{{Inbox: "hotline", Reconciler: list}}, noon.Add(-time.Hour), noon, &books)
	r.Same("within a period", []any{1, true}, []any{got[0].Listed, books.Clean()})
}
