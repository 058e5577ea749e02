package workers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/intake"
)

func (r *rig) audit(holder string) *Audit {
	return NewAudit(r.store, holder, time.Hour, nil, r.logger)
}

func (r *rig) lastAudit() auditing.AuditMark {
	r.t.Helper()
	m, err := r.store.Auditing.LastAudit(r.t.Context())
	r.must(err)
	return m
}

func TestTheServiceAuditsItself(t *testing.T) {
	r := newRig(t)
	a, other := r.audit("a"), r.audit("b")
	ids := r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}), r.delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}))
	r.process(ids...)
	r.senders["hotline"] = sendFunc(wellDone)
	r.deliver(r.deliverer(), r.story(ids[0]).Effects[0].ID, r.story(ids[1]).Effects[0].ID)
	r.must(a.once(t.Context(), r.time()))
	first := r.lastAudit()
	r.same("first", []any{noon, noon, noon, 0}, []any{first.At.UTC(), first.Clean.UTC(), first.Whole.UTC(), len(first.Found)})

	r.database(`UPDATE tickets SET messages = 7 WHERE id = 1`)
	r.pass(59 * time.Minute)
	r.must(other.once(t.Context(), r.time()))
	r.same("within the hour nobody audits again", first, r.lastAudit())

	r.pass(time.Minute)
	held, err := r.store.Service.Lease(t.Context(), auditLease, "somebody", r.time(), time.Minute)
	r.must(err)
	r.must(other.once(t.Context(), r.time()))
	r.same("nor while another process is at it", []any{true, first}, []any{held, r.lastAudit()})

	r.must(r.store.Service.ReleaseLease(t.Context(), auditLease, "somebody"))
	r.must(other.once(t.Context(), r.time()))
	second := r.lastAudit()
	r.same("an hour later", []any{r.time(), noon, noon, map[auditing.Rule]int64{auditing.RuleTicket: 1}},
		[]any{second.At.UTC(), second.Clean.UTC(), second.Whole.UTC(), second.Found})
	if log := r.logs.String(); !strings.Contains(log, "findings=1 rules=map[ticket:1]") || !strings.Contains(log, fmt.Sprintf("messages=[%d] tickets=[1]", ids[0])) {
		t.Errorf("the log is %s", log)
	}
	_, queues := gaugeRig(t)
	got := values(t, NewGauges(t.Context(), r.store, queues))
	r.same("metrics", []float64{1, 0}, []float64{got[`frontdesk_audit_findings{rule="ticket"}`], got[`frontdesk_audit_findings{rule="twice"}`]})
	if got["frontdesk_audit_last_clean_seconds"] < got["frontdesk_audit_last_seconds"] {
		t.Errorf("the last clean audit was after the last one")
	}

	r.database(`UPDATE tickets SET messages = 1 WHERE id = 1`)
	r.database(`INSERT INTO counters (name, shard, n) VALUES ('message:bogus', 0, 3)`)
	r.pass(time.Hour)
	r.must(a.once(t.Context(), r.time()))
	third := r.lastAudit()
	r.same("mended, and only what is recent is looked at", []any{r.time(), r.time(), noon}, []any{third.At.UTC(), third.Clean.UTC(), third.Whole.UTC()})
	r.pass(23 * time.Hour)
	r.must(a.once(t.Context(), r.time()))
	r.same("once a day everything", int64(1), r.lastAudit().Found[auditing.RuleCounters])
}

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
	r.accept(r.delivery("hotline", "had", letter{From: "+8613800138000", Text: payment}))
	_, err := r.intake.Lot(t.Context(), intake.Lot{Moves: []intake.Move{
		{Inbox: "hotline", Stream: catchupStream, Cursor: channels.Cursor(`{"at":"2026-11-20T11:00:00Z","first":"2026-11-01T00:00:00Z"}`)}}}, false)
	r.must(err)
	list := &provider{held: map[string]time.Time{"had": noon, "late": noon.Add(-time.Second), "gone": noon.AddDate(0, 0, -1)},
		again: func() { r.accept(r.delivery("hotline", "late", letter{From: "+8613800138001", Text: payment})) }}
	var books auditing.Books
	got := AuditSources(t.Context(), r.store, []AuditSource{{Inbox: "hotline", Reconciler: list}}, time.Time{}, noon, &books)
	r.same("asked", []Asked{{Inbox: "hotline", Listed: 3, Recorded: 2, Missing: 1}}, got)
	r.same("findings", []auditing.Finding{{Rule: auditing.RuleProvider, Inbox: "hotline", Detail: `the provider lists "gone", and it is not recorded here`}}, books.Findings)
}

func TestProvidersAreAskedWhatTheyHold(t *testing.T) {
	r := newRig(t)
	r.accept(r.delivery("support", "had", letter{From: "li@customer.example", Text: payment}), r.delivery("hotline", "had", letter{From: "+8613800138000", Text: payment}))
	_, err := r.intake.Lot(t.Context(), intake.Lot{Moves: []intake.Move{
		{Inbox: "support", Stream: "imap:INBOX", Cursor: channels.Cursor(`{"last":7}`)},
		{Inbox: "broken", Stream: "imap:INBOX", Cursor: channels.Cursor(`{"last":7}`)},
		{Inbox: "hotline", Stream: catchupStream, Cursor: channels.Cursor(`{"at":"2026-11-20T11:00:00Z","first":"2026-11-01T00:00:00Z"}`)}}}, false)
	r.must(err)
	folder := &provider{held: map[string]time.Time{"had": noon, "lost": noon.Add(-time.Hour), "young": noon.Add(-time.Minute)}}
	list := &provider{held: map[string]time.Time{"had": noon, "history": noon.AddDate(0, -1, 0), "gone": noon.AddDate(0, 0, -1)}}
	var books auditing.Books
	got := AuditSources(t.Context(), r.store, []AuditSource{
		{Inbox: "support", Stream: "imap:INBOX", Reconciler: folder},
		{Inbox: "hotline", Reconciler: list},
		{Inbox: "broken", Stream: "imap:INBOX", Reconciler: &provider{err: errors.New("connection refused")}},
		{Inbox: "new", Stream: "imap:INBOX", Reconciler: &provider{}},
		{Inbox: "support", Stream: "imap:Archive", Reconciler: &provider{}},
	}, time.Time{}, noon, &books)
	r.same("asked", []Asked{
		{Inbox: "support", Stream: "imap:INBOX", Listed: 3, Recorded: 1, Young: 1, Missing: 1},
		{Inbox: "hotline", Listed: 2, Recorded: 1, Missing: 1},
		{Inbox: "broken", Stream: "imap:INBOX", Err: "connection refused"},
		{Inbox: "new", Stream: "imap:INBOX", Skipped: "it was never connected"},
		{Inbox: "support", Stream: "imap:Archive", Err: "it was never connected, though messages of this inbox are recorded"},
	}, got)
	r.same("bookmark", `{"last":7}`, string(folder.resumed))
	r.same("findings", []auditing.Finding{
		{Rule: auditing.RuleProvider, Inbox: "support", Detail: `the provider lists "lost", and it is not recorded here`},
		{Rule: auditing.RuleProvider, Inbox: "hotline", Detail: `the provider lists "gone", and it is not recorded here`},
	}, books.Findings)
	r.same("clean", false, books.Clean())

	books = auditing.Books{}
	got = AuditSources(t.Context(), r.store, []AuditSource{{Inbox: "hotline", Reconciler: list}}, noon.Add(-time.Hour), noon, &books)
	r.same("within a period", []any{1, true}, []any{got[0].Listed, books.Clean()})
}
