package store

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/message"
)

// messageRow is a row of the table messages.
type messageRow struct {
	ID                             int64
	Inbox, Channel                 string
	State                          pipeline.State
	Cause, Evidence                string
	Contact, Ticket, DuplicateOf   int64
	Kind, Sender                   string
	SenderKind                     message.AddressKind
	SenderValue, SenderName        string
	Subject, Visible, Quoted       string
	Language, Category             string
	Thread, Content                string
	Fingerprint, Reference         string
	Redacted                       map[string]int
	Counted                        bool
	DecidedAt, ExpiresAt, ErasedAt time.Time
	Proven                         bool
	SentAt                         time.Time
	Fields                         string
}

type attachmentRow struct {
	Message, N      int64
	Name, MediaType string
	Size            int64
	Inline          bool
	ContentID, Ref  string
	Digest          string
}

type decisionRow struct {
	Message   int64
	Config    string
	Sealed    []byte
	DecidedAt time.Time
}

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

// outboxRow is a fresh row of the table outbox; what only its attempts bring begins empty.
type outboxRow struct {
	ID                               int64
	Key, Kind                        string
	Ticket, Message, Contact         int64
	Inbox, Channel, Recipient        string
	ToKind                           message.AddressKind
	ToValue, ToName, Payload         string
	State                            EffectState
	Cause                            string
	CreatedAt, DueAt, NextAt, WakeAt time.Time
	Domain, DomainPrint              string
	Counted                          bool
	CountedAs                        string
}

var (
	insertMessages    = inserting[messageRow]("messages", "")
	insertAttachments = inserting[attachmentRow]("attachments", "")
	insertDecisions   = inserting[decisionRow]("decisions", `ON CONFLICT (message) DO UPDATE SET config = excluded.config, sealed = excluded.sealed,
decided_at = excluded.decided_at`)
	insertContents = inserting[contentRow]("content_keys", `ON CONFLICT (digest) DO UPDATE SET ticket = excluded.ticket
WHERE content_keys.message = excluded.message RETURNING digest`)
	insertReferences    = inserting[referenceRow]("mail_references", "ON CONFLICT (digest) DO NOTHING")
	insertConversations = inserting[conversationRow]("conversations", `ON CONFLICT (thread) DO UPDATE SET ticket = excluded.ticket
WHERE conversations.ticket <> excluded.ticket`)
	insertOutbox = inserting[outboxRow]("outbox", "ON CONFLICT (key) DO NOTHING RETURNING 'effect', id, ''",
		"attempts = 0", "sent_at = 0", "provider_id = ''", "parts_done = 0", "outcome_unknown = false", "needs_fallback = false", "last_error = ''",
		"holder = ''", "covered_by = 0")
)

// rows are the plain rows of a batch, by table.
type rows struct {
	messages      []messageRow
	attachments   []attachmentRow
	decisions     []decisionRow
	references    []referenceRow
	conversations []conversationRow
	promises      []promiseRow
	firstPromises []promiseRow // of tickets that are opened
	outbox        []outboxRow
	expected      arrivals
}

// arrivals are rows that are new unless their key was there already, with what they are counted as.
type arrivals map[arrival]counted

// arrival names a row of a table whose inserts may meet an older row.
type arrival struct {
	table string
	id    int64
	kind  string
}

type counted struct{ what, state string }

// expect notes a row that goes in, and counts it.
func (e arrivals) expect(count tally, table string, id int64, kind, what, state string) {
	e[arrival{table, id, kind}] = counted{what, state}
	count.move(what, "", state)
}

// arrived takes the rows that were new; a key that was there already keeps its row.
func (e arrivals) arrived(row scanner) error {
	var a arrival
	err := row.Scan(&a.table, &a.id, &a.kind)
	delete(e, a)
	return err
}

// correction takes back what was counted for rows that were there already.
func (e arrivals) correction() call {
	count := tally{}
	for _, c := range e {
		count.move(c.what, c.state, "")
	}
	return count.call()
}

func (b *batch) rows() *rows {
	r := &rows{expected: arrivals{}}
	references, conversations := map[string]int64{}, map[string]int64{}
	for i, d := range b.decisions {
		p, m := d.Plan, d.Pending
		b.messageRows(r, d, b.sealed[i])
		if p.Ticket.ID != 0 {
			for _, r := range []string{p.Row.Reference, p.Row.Mine} {
				if key := b.s.bound(r); key != "" && references[key] == 0 {
					references[key] = p.Ticket.ID
				}
			}
			if key := b.s.bound(p.Row.Thread); key != "" {
				conversations[key] = p.Ticket.ID
			}
			b.promiseRows(r, p, m.At)
		}
		for _, e := range p.Effects {
			r.outbox = append(r.outbox, b.s.effectRow(e, origin{ticket: p.Ticket.ID, message: m.ID, contact: p.Person()}, b.now))
			r.expected.expect(b.count, "effect", e.ID, "", counter(e.Kind), string(e.Start()))
		}
	}
	for _, digest := range slices.Sorted(maps.Keys(references)) {
		r.references = append(r.references, referenceRow{digest, references[digest]})
	}
	for _, thread := range slices.Sorted(maps.Keys(conversations)) {
		r.conversations = append(r.conversations, conversationRow{thread, conversations[thread]})
	}
	slices.SortFunc(r.outbox, func(a, b outboxRow) int { return cmp.Compare(a.Key, b.Key) })
	return r
}

func (b *batch) messageRows(r *rows, d Decision, sealed []byte) {
	p, m := d.Plan, d.Pending
	expires := b.now.Add(b.s.retention)
	if p.State == pipeline.Parked || p.DropOriginal {
		expires = time.Time{}
	}
	counted := !m.Imported && p.State != pipeline.Duplicate && !p.Row.From.IsZero()
	row := messageOf(m.ID, p, m.Inbox, m.Channel, b.now)
	row.Counted, row.Sender, row.ExpiresAt = counted, b.s.address(acknowledge.CountedAs(p.Row.From.Identity(), p.Row.Proven)), expires
	r.messages = append(r.messages, row)
	r.decisions = append(r.decisions, decisionRow{Message: m.ID, Config: d.Config, Sealed: sealed, DecidedAt: b.now})
	for n, a := range p.Row.Attachments {
		r.attachments = append(r.attachments, attachmentRow{Message: m.ID, N: int64(n), Name: a.Name, MediaType: a.MediaType, Size: a.Size,
			Inline: a.Inline, ContentID: a.ContentID, Ref: a.Ref, Digest: a.Digest})
	}
	b.count.move("message", "", string(p.State))
	if p.State == pipeline.Parked {
		b.count.move("parked", "", clean(p.Cause))
	}
}

// messageOf is the row of a message that is decided now.
func messageOf(id int64, p pipeline.Plan, inbox, channel string, now time.Time) messageRow {
	row := p.Row
	out := messageRow{ID: id, Inbox: inbox, Channel: channel, State: p.State, Cause: p.Cause, Evidence: p.Evidence, Contact: p.Person(),
		Ticket: p.Ticket.ID, DuplicateOf: p.Duplicate, Kind: row.Kind, SenderKind: row.From.Identity().Kind, SenderValue: row.From.Value,
		SenderName: row.From.Name, Subject: row.Subject, Visible: row.Visible, Quoted: row.Quoted, Language: row.Language, Category: row.Category,
		Thread: row.Thread, Content: row.Content, Fingerprint: clip(row.Fingerprint), Reference: row.Reference, Redacted: row.Redacted,
		DecidedAt: now, Proven: row.Proven && !p.Erased, SentAt: row.SentAt, Fields: fieldsText(row.Fields)}
	if p.Erased { // it is forgotten as soon as it is decided
		out.ErasedAt = now
	}
	return out
}

// clip bounds a text that is part of an index; digests are far shorter.
func clip(s string) string {
	s = clean(s)
	if len(s) > maxKey {
		return ""
	}
	return s
}

// promise is a promise of the plan as it begins, of a message received at that time.
func (b *batch) promise(ticket int64, p pipeline.PromisePlan, start time.Time) domain.Promise {
	warn := slices.SortedFunc(slices.Values(p.Warn), time.Time.Compare)
	return domain.NewPromise(domain.Promise{Ticket: ticket, Kind: p.Kind, Calendar: p.Calendar, Start: start, Due: p.Due, Warn: warn}, p.Void, b.now)
}

func (b *batch) promiseRows(r *rows, p pipeline.Plan, start time.Time) {
	for _, planned := range p.Promises {
		made := b.promise(p.Ticket.ID, planned, start)
		if p.Ticket.New {
			r.firstPromises = append(r.firstPromises, rowOf(made))
			b.count.move("promise", "", string(made.State))
			continue
		}
		r.promises = append(r.promises, rowOf(made))
		r.expected.expect(b.count, "promise", p.Ticket.ID, clip(made.Kind), "promise", string(made.State))
	}
}

// origin is what an effect belongs to.
type origin struct{ ticket, message, contact int64 }

func (s *Store) effectRow(e pipeline.EffectPlan, of origin, now time.Time) outboxRow {
	to := e.To.Identity()
	row := outboxRow{ID: e.ID, Key: s.key(e.Key), Kind: clip(e.Kind), Ticket: of.ticket, Message: of.message, Contact: of.contact, Inbox: e.Inbox,
		Channel: e.Channel, Recipient: s.address(to), ToKind: to.Kind, ToValue: e.To.Value, ToName: e.To.Name, Payload: string(e.Payload),
		State: e.Start(), Cause: e.Cause, CreatedAt: now, DueAt: e.Due, CountedAs: s.address(acknowledge.CountedAs(acknowledge.Mailbox(to), !e.Unproven))}
	if row.DueAt.IsZero() {
		row.DueAt = now
	}
	if row.State == EffectDue {
		row.NextAt, row.WakeAt = row.DueAt, row.DueAt
		if !row.DueAt.After(now) && of.message != 0 { // whoever commits a decision rings for it; the rest the sweep finds
			row.WakeAt = now.Add(wakeAfter)
		}
		row.Counted = e.Kind == pipeline.KindAcknowledgement || e.Kind == pipeline.KindDigest
	}
	if row.Counted {
		row.Domain = clip(acknowledge.CountedDomain(domainOf(to), !e.Unproven))
	}
	row.DomainPrint = s.printKey(row.Domain, e.Print)
	return row
}
