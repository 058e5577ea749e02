package store

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/domain"
)

var (
	insertMessages = insert("messages", "", column{"id", number}, column{"inbox", text}, column{"channel", text}, column{"state", text},
		column{"cause", text}, column{"evidence", text}, column{"contact", number}, column{"ticket", number}, column{"duplicate_of", number},
		column{"kind", text}, column{"sender", text}, column{"sender_kind", text}, column{"sender_value", text}, column{"sender_name", text},
		column{"subject", text}, column{"visible", text}, column{"quoted", text}, column{"language", text}, column{"category", text},
		column{"thread", text}, column{"content", text}, column{"fingerprint", text}, column{"reference", text}, column{"redacted", text},
		column{"counted", flag}, column{"decided_at", number}, column{"expires_at", number}, column{"erased_at", number}, column{"proven", flag}, column{"sent_at", number},
		column{"fields", text})
	insertAttachments = insert("attachments", "", column{"message", number}, column{"n", number}, column{"name", text},
		column{"media_type", text}, column{"size", number}, column{"inline", flag}, column{"content_id", text}, column{"ref", text},
		column{"digest", text})
	insertDecisions = insert("decisions", `ON CONFLICT (message) DO UPDATE SET config = excluded.config, sealed = excluded.sealed,
decided_at = excluded.decided_at`, column{"message", number}, column{"config", text}, column{"sealed", bytes}, column{"decided_at", number})
	insertContents = insert("content_keys", `ON CONFLICT (digest) DO UPDATE SET ticket = excluded.ticket
WHERE content_keys.message = excluded.message RETURNING digest`, column{"digest", text}, column{"message", number},
		column{"inbox", text}, column{"ticket", number})
	insertReferences    = insert("mail_references", "ON CONFLICT (digest) DO NOTHING", column{"digest", text}, column{"ticket", number})
	insertConversations = insert("conversations", `ON CONFLICT (thread) DO UPDATE SET ticket = excluded.ticket
WHERE conversations.ticket <> excluded.ticket`, column{"thread", text}, column{"ticket", number})
	promiseFields = []column{{"ticket", number}, {"kind", text}, {"state", text}, {"cause", text}, {"calendar", text}, {"start_at", number},
		{"due_at", number}, {"warn", text}, {"next_at", number}, {"settled_at", number}}
	insertPromises = insert("promises", "ON CONFLICT (ticket, kind) DO NOTHING RETURNING 'promise', ticket, kind", promiseFields...)
	// A ticket that is opened here has no promise yet, so there is no older row to look for.
	insertFirstPromises = insert("promises", "", promiseFields...)
	insertOutbox        = insertWith("outbox", "ON CONFLICT (key) DO NOTHING RETURNING 'effect', id, ''",
		[]fixed{{"attempts", "0"}, {"sent_at", "0"}, {"provider_id", "''"}, {"parts_done", "0"}, {"outcome_unknown", "false"},
			{"needs_fallback", "false"}, {"last_error", "''"}, {"holder", "''"}, {"covered_by", "0"}},
		column{"id", number}, column{"key", text},
		column{"kind", text}, column{"ticket", number}, column{"message", number}, column{"contact", number}, column{"inbox", text},
		column{"channel", text}, column{"recipient", text}, column{"to_kind", text}, column{"to_value", text}, column{"to_name", text},
		column{"payload", text}, column{"state", text}, column{"cause", text}, column{"created_at", number},
		column{"due_at", number}, column{"next_at", number}, column{"wake_at", number},
		column{"domain", text}, column{"domain_print", text}, column{"counted", flag}, column{"counted_as", text})
)

// rows are the plain rows of a batch, by table.
type rows struct {
	messages, attachments, decisions, references, conversations, promises, outbox [][]any
	firstPromises                                                                 [][]any // of tickets that are opened

	expected map[arrival]counted // rows that are new unless their key was there already
}

// arrival names a row of a table whose inserts may meet an older row.
type arrival struct {
	table string
	id    int64
	kind  string
}

type counted struct{ what, state string }

// arrived takes the rows that were new; a key that was there already keeps its row.
func (r *rows) arrived(row scanner) error {
	var a arrival
	err := row.Scan(&a.table, &a.id, &a.kind)
	delete(r.expected, a)
	return err
}

// correction takes back what was counted for rows that were there already.
func (r *rows) correction() call {
	count := tally{}
	for _, c := range r.expected {
		count.move(c.what, c.state, "")
	}
	return count.call()
}

func (b *batch) rows() *rows {
	r := &rows{expected: map[arrival]counted{}}
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
			r.outbox = append(r.outbox, b.s.effectRow(e, origin{p.Ticket.ID, m.ID, p.Person()}, b.now))
			r.expected[arrival{"effect", e.ID, ""}] = counted{counter(e.Kind), string(e.Start())}
		}
	}
	r.references, r.conversations = pairs(references), pairs(conversations)
	slices.SortFunc(r.outbox, func(a, b []any) int { return cmpText(a[1], b[1]) })
	return r
}

func cmpText(a, b any) int {
	if a.(string) < b.(string) {
		return -1
	}
	return 1
}

func pairs(m map[string]int64) [][]any {
	out := make([][]any, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, []any{key, m[key]})
	}
	return out
}

// place is where a message came in.
type place struct{ inbox, channel string }

func (b *batch) messageRows(r *rows, d Decision, sealed []byte) {
	p, m := d.Plan, d.Pending
	expires := b.now.Add(b.s.retention)
	if p.State == pipeline.Parked || p.DropOriginal {
		expires = time.Time{}
	}
	counted := !m.Imported && p.State != pipeline.Duplicate && !p.Row.From.IsZero()
	r.messages = append(r.messages, messageRow(m.ID, p, place{m.Inbox, m.Channel}, counted, b.s.address(acknowledge.CountedAs(p.Row.From.Identity(), p.Row.Proven)), b.now, expires))
	r.decisions = append(r.decisions, []any{m.ID, clean(d.Config), sealed, micros(b.now)})
	for n, a := range p.Row.Attachments {
		r.attachments = append(r.attachments, []any{m.ID, int64(n), clean(a.Name), clean(a.MediaType), a.Size, a.Inline, clean(a.ContentID), clean(a.Ref), clean(a.Digest)})
	}
	b.count.move("message", "", string(p.State))
	if p.State == pipeline.Parked {
		b.count.move("parked", "", clean(p.Cause))
	}
}

func messageRow(id int64, p pipeline.Plan, at place, counted bool, sender string, now, expires time.Time) []any {
	row, from := p.Row, p.Row.From.Identity()
	return []any{id, clean(at.inbox), clean(at.channel), string(p.State), clean(p.Cause), clean(p.Evidence), p.Person(), p.Ticket.ID, p.Duplicate,
		clean(row.Kind), sender, string(from.Kind), clean(row.From.Value), clean(row.From.Name), clean(row.Subject), clean(row.Visible),
		clean(row.Quoted), clean(row.Language), clean(row.Category), clean(row.Thread), clean(row.Content), clip(row.Fingerprint),
		clean(row.Reference), counts(row.Redacted), counted, micros(now), micros(expires), erasedAt(p, now), row.Proven && !p.Erased, micros(row.SentAt), fieldsText(row.Fields)}
}

// erasedAt marks the row of a message that is forgotten as soon as it is decided.
func erasedAt(p pipeline.Plan, now time.Time) int64 {
	if !p.Erased {
		return 0
	}
	return micros(now)
}

// clip bounds a text that is part of an index; digests are far shorter.
func clip(s string) string {
	s = clean(s)
	if len(s) > maxKey {
		return ""
	}
	return s
}

func counts(m map[string]int) string {
	if len(m) == 0 {
		return ""
	}
	text, _ := json.Marshal(m) // a map of numbers always marshals
	return clean(string(text))
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
			r.firstPromises = append(r.firstPromises, promiseRow(made))
			b.count.move("promise", "", string(made.State))
			continue
		}
		r.promises = append(r.promises, promiseRow(made))
		r.expected[arrival{"promise", p.Ticket.ID, clip(made.Kind)}] = counted{"promise", string(made.State)}
	}
}

// origin is what an effect belongs to.
type origin struct{ ticket, message, contact int64 }

func (s *Store) effectRow(e pipeline.EffectPlan, of origin, now time.Time) []any {
	to := e.To.Identity()
	state, counted := e.Start(), false
	due := e.Due
	if due.IsZero() {
		due = now
	}
	next, wake := micros(due), micros(due)
	if !due.After(now) && of.message != 0 { // whoever commits a decision rings for it; the rest the sweep finds
		wake = micros(now.Add(wakeAfter))
	}
	switch {
	case state == EffectWithheld:
		next, wake = 0, 0
	case e.Kind == pipeline.KindAcknowledgement, e.Kind == pipeline.KindDigest:
		counted = true
	}
	domain := clip(acknowledge.CountedDomain(domainOf(to), !e.Unproven))
	if !counted {
		domain = ""
	}
	payload := string(e.Payload)
	return []any{e.ID, s.key(e.Key), clip(e.Kind), of.ticket, of.message, of.contact, clean(e.Inbox), clean(e.Channel), s.address(to),
		string(to.Kind), clean(e.To.Value), clean(e.To.Name), clean(payload), string(state), clean(e.Cause), micros(now),
		micros(due), next, wake, domain, s.printKey(domain, e.Print), counted, s.address(acknowledge.CountedAs(acknowledge.Mailbox(to), !e.Unproven))}
}
