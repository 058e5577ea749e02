package commit

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

type attachmentRow struct {
	Message, N      int64
	Name, MediaType string
	Size            int64
	Inline          bool
	ContentID, Ref  string
	Digest          string
}

type uncopiedRow struct{ Message int64 }

type contentRow struct {
	Digest  string
	Message int64
	Inbox   string
	Ticket  int64
}

type referenceRow struct {
	Digest string
	Ticket int64
}

type conversationRow struct {
	Thread string
	Ticket int64
}

var (
	insertUncopied    = sql.Inserting[uncopiedRow]("uncopied", "ON CONFLICT (message) DO NOTHING")
	insertAttachments = sql.Inserting[attachmentRow]("attachments", "")

	insertContents = sql.Inserting[contentRow]("content_keys", `ON CONFLICT (digest) DO UPDATE SET ticket = excluded.ticket
WHERE content_keys.message = excluded.message RETURNING digest`)
	insertReferences    = sql.Inserting[referenceRow]("mail_references", "ON CONFLICT (digest) DO NOTHING")
	insertConversations = sql.Inserting[conversationRow]("conversations", `ON CONFLICT (thread) DO UPDATE SET ticket = excluded.ticket
WHERE conversations.ticket <> excluded.ticket`)
)

// rows are the plain rows of a batch, by table.
type rows struct {
	messages      []tables.MessageRow
	attachments   []attachmentRow
	decisions     []tables.DecisionRow
	references    []referenceRow
	conversations []conversationRow
	promises      []plans.PromiseRow
	firstPromises []plans.PromiseRow // of tickets that are opened
	outbox        []plans.OutboxRow
	expected      plans.Arrivals
}

func (b *batch) rows() *rows {
	r := &rows{expected: plans.Arrivals{}}
	references, conversations := map[string]int64{}, map[string]int64{}
	for i, d := range b.decisions {
		p, m := d.Plan, d.Pending
		b.messageRows(r, d, b.sealed[i])
		if p.Ticket.ID != 0 {
			for _, r := range []string{p.Row.Reference, p.Row.Mine} {
				if key := b.s.base.Bound(r); key != "" && references[key] == 0 {
					references[key] = p.Ticket.ID
				}
			}
			if key := b.s.base.Bound(p.Row.Thread); key != "" {
				conversations[key] = p.Ticket.ID
			}
			b.promiseRows(r, p, m.At)
		}
		for _, e := range p.Effects {
			r.outbox = append(r.outbox, b.s.plans.EffectRow(e, plans.Origin{Ticket: p.Ticket.ID, Message: m.ID, Contact: p.Person()}, b.now))
			r.expected.Expect(b.count, "effect", e.ID, "", tables.Counter(e.Kind), string(e.Start()))
		}
	}
	for _, digest := range slices.Sorted(maps.Keys(references)) {
		r.references = append(r.references, referenceRow{digest, references[digest]})
	}
	for _, thread := range slices.Sorted(maps.Keys(conversations)) {
		r.conversations = append(r.conversations, conversationRow{thread, conversations[thread]})
	}
	slices.SortFunc(r.outbox, func(a, b plans.OutboxRow) int { return cmp.Compare(a.Key, b.Key) })
	return r
}

func (b *batch) messageRows(r *rows, d Decision, sealed []byte) {
	p, m := d.Plan, d.Pending
	expires := b.now.Add(b.s.base.Retention)
	if p.State == messages.Parked || p.DropOriginal {
		expires = time.Time{}
	}
	counted := !m.Imported && p.State != messages.Duplicate && !p.Row.From.IsZero()
	row := tables.MessageOf(m.ID, p, m.Inbox, m.Channel, b.now)
	row.Counted, row.Sender, row.ExpiresAt = counted, b.s.base.Address(acknowledge.CountedAs(p.Row.From.Identity(), p.Row.Proven)), expires
	r.messages = append(r.messages, row)
	r.decisions = append(r.decisions, tables.DecisionRow{Message: m.ID, Config: d.Config, Sealed: sealed, DecidedAt: b.now})
	for n, a := range p.Row.Attachments {
		r.attachments = append(r.attachments, attachmentRow{Message: m.ID, N: int64(n), Name: a.Name, MediaType: a.MediaType, Size: a.Size,
			Inline: a.Inline, ContentID: a.ContentID, Ref: a.Ref, Digest: a.Digest})
	}
	b.count.Move("message", "", string(p.State))
	if p.State == messages.Parked {
		b.count.Move("parked", "", sql.Clean(p.Cause))
	}
}

// promise is a promise of the plan as it begins, of a message received at that time.
func (b *batch) promise(ticket int64, p promises.Plan, start time.Time) promises.Promise {
	warn := slices.SortedFunc(slices.Values(p.Warn), time.Time.Compare)
	return promises.New(promises.Promise{Ticket: ticket, Kind: p.Kind, Calendar: p.Calendar, Start: start, Due: p.Due, Half: p.Half, Warn: warn, Step: p.Step}, p.Void, b.now)
}

func (b *batch) promiseRows(r *rows, p pipeline.Plan, start time.Time) {
	for _, planned := range p.Promises {
		made := b.promise(p.Ticket.ID, planned, start)
		if p.Ticket.New {
			r.firstPromises = append(r.firstPromises, plans.RowOf(made))
			b.count.Move("promise", "", string(made.State))
			continue
		}
		r.promises = append(r.promises, plans.RowOf(made))
		r.expected.Expect(b.count, "promise", p.Ticket.ID, sql.Clip(made.Kind), "promise", string(made.State))
	}
}
