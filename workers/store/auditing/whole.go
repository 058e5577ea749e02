package auditing

import (
	"context"
	"fmt"

	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// whole audits what only the whole database can tell: the counters, and rows that belong to nothing. Everything is
// counted in slices by id, and at one moment: a counter and its rows move together. The snapshot stays open for as
// long as that takes; on SQLite its log grows meanwhile, so the service does it seldom.
func (a *auditor) whole(ctx context.Context) error {
	return a.s.base.DB.Snapshot(ctx, func(t sql.Tx) error {
		w := &auditWhole{a: a, t: t, truth: base.Tally{}}
		for _, table := range tables.Tables() {
			if table.Books == nil {
				continue
			}
			if err := w.walk(ctx, table); err != nil {
				return err
			}
		}
		for _, table := range written() {
			if err := w.walk(ctx, table); err != nil {
				return err
			}
		}
		for _, table := range joined() {
			if err := w.walk(ctx, table); err != nil {
				return err
			}
		}
		if err := w.desk(ctx); err != nil {
			return err
		}
		return w.counters(ctx)
	})
}

// written are the tables of what agents answered, whose rows must have each other.
func written() []tables.Table {
	rule := string(RuleReply)
	return []tables.Table{
		{Name: "replies", Books: &tables.Booked{As: "r", ID: "ticket", Of: "ticket", Rule: rule, Stray: "an answer was written, and no row sends it",
			Strays: "r.kind = 'reply' AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = r.effect AND o.ticket = r.ticket AND o.kind = CASE WHEN r.side = 0 THEN '" + effects.KindReply + "' ELSE '" + effects.KindForward + "' END)"}},
		{Name: "outbox", Books: &tables.Booked{As: "o", ID: "id", Of: "effect", Rule: rule, Stray: "it sends an answer that nobody has written",
			Strays: "o.kind IN ('" + effects.KindReply + "', '" + effects.KindForward + "') AND NOT EXISTS (SELECT 1 FROM replies r WHERE r.effect <> 0 AND r.effect = o.id)"}},
		{Name: "replies", Books: &tables.Booked{As: "r", ID: "ticket", Of: "ticket", Rule: rule, Stray: "it was asked of a third party, in a side thread that is not there",
			Strays: "r.side <> 0 AND NOT EXISTS (SELECT 1 FROM side_threads s WHERE s.id = r.side AND s.ticket = r.ticket)"}},
		{Name: "checks", Books: &tables.Booked{As: "c", ID: "ticket", Of: "ticket", Rule: rule, Stray: "a customer was to show who he is, and no row sends him the code",
			Strays: "NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = c.effect AND o.ticket = c.ticket AND o.kind = '" + effects.KindCode + "')"}},
		{Name: "outbox", Books: &tables.Booked{As: "o", ID: "id", Of: "effect", Rule: rule, Stray: "it sends a code of no check",
			Strays: "o.kind = '" + effects.KindCode + "' AND NOT EXISTS (SELECT 1 FROM checks c WHERE c.effect = o.id)"}},
		{Name: "side_messages", Books: &tables.Booked{As: "a", ID: "message", Of: "message", Rule: rule, Stray: "it answers a side thread that is not there, or lies in a ticket as a customer's",
			Strays: "NOT EXISTS (SELECT 1 FROM side_threads s JOIN messages m ON m.id = a.message WHERE s.id = a.side AND m.ticket = 0 AND m.state = 'suppressed')"}},
		{Name: "promises", Books: &tables.Booked{As: "p", ID: "ticket", Of: "ticket", Rule: rule, Stray: "its first reply is kept, and no answer was handed over",
			Strays: "p.kind = '" + promises.FirstReply + "' AND p.state = 'kept' AND NOT EXISTS (SELECT 1 FROM replies r JOIN outbox o ON o.id = r.effect WHERE r.ticket = p.ticket AND r.side = 0 AND o.sent_at > 0)" +
				" AND NOT EXISTS (SELECT 1 FROM merges g WHERE g.source = p.ticket) AND NOT EXISTS (SELECT 1 FROM merges g WHERE g.target = p.ticket)"}},
		{Name: "turns", Books: &tables.Booked{As: "u", ID: "ticket", Of: "ticket", Rule: rule, Stray: "a next reply is kept, and no answer was handed over since the customer had written",
			Strays: "u.state = 'kept' AND NOT EXISTS (SELECT 1 FROM replies r JOIN outbox o ON o.id = r.effect WHERE r.ticket = u.ticket AND r.side = 0 AND o.sent_at >= u.start_at)" +
				" AND NOT EXISTS (SELECT 1 FROM merges g WHERE g.source = u.ticket) AND NOT EXISTS (SELECT 1 FROM merges g WHERE g.target = u.ticket)"}},
	}
}

// joined are the tables of who is one person: each pointer leads to a root in one step, and hangs on a joining that stands, of which each has its pointer.
func joined() []tables.Table {
	rule := string(RulePerson)
	return []tables.Table{
		{Name: "contact_pointers", Books: &tables.Booked{As: "p", ID: "contact", Of: "contact", Rule: rule, Stray: "it is joined to nobody, to itself, or to one that is joined to another one, or it is not there",
			Strays: "p.root = p.contact OR NOT EXISTS (SELECT 1 FROM contacts c WHERE c.id = p.contact) OR NOT EXISTS (SELECT 1 FROM contacts r WHERE r.id = p.root) OR EXISTS (SELECT 1 FROM contact_pointers q WHERE q.contact = p.root)"}},
		{Name: "contact_pointers", Books: &tables.Booked{As: "p", ID: "contact", Of: "contact", Rule: rule, Stray: "it is joined to another one, and no joining that stands says so",
			Strays: "NOT EXISTS (SELECT 1 FROM contact_steps s WHERE s.id = p.step AND s.kind = '" + contacts.StepJoin + "' AND s.contact = p.contact AND s.stands AND s.undone_at = 0)"}},
		{Name: "contact_steps", Books: &tables.Booked{As: "s", ID: "id", Of: "step", Rule: rule, Stray: "a joining stands, and no contact is where it says",
			Strays: "s.kind = '" + contacts.StepJoin + "' AND s.stands AND NOT EXISTS (SELECT 1 FROM contact_pointers p WHERE p.contact = s.contact AND p.step = s.id)"}},
	}
}

// worked are the tables whose rows must have each other: open tickets and work items, and the items that are in somebody's hands.
func worked() []tables.Table {
	return []tables.Table{
		{Name: "tickets", Books: &tables.Booked{As: "t", ID: "id", Of: "ticket", Rule: string(RuleDesk), Stray: "it is open, and has no work item",
			Strays: "t.status = 'open' AND NOT EXISTS (SELECT 1 FROM desk k WHERE k.ticket = t.id)"}},
		{Name: "desk", Books: &tables.Booked{As: "k", ID: "ticket", Of: "ticket", Rule: string(RuleDesk), Stray: "it has a work item, and is not open",
			Strays: "NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = k.ticket AND t.status = 'open')"}},
		{Name: "tickets", Books: &tables.Booked{As: "t", ID: "id", Of: "ticket", Rule: string(RuleDesk), Stray: "it is merged, and nobody has merged it, or into no ticket of its own",
			Strays: "t.merged_into <> 0 AND (NOT EXISTS (SELECT 1 FROM tickets r WHERE r.id = t.merged_into AND r.merged_into = 0) OR NOT EXISTS (SELECT 1 FROM merges g WHERE g.source = t.id AND g.undone_at = 0))"}},
		{Name: "agents", Books: &tables.Booked{As: "agents", ID: "person", Of: "person", Rule: string(RuleHands), Stray: "what an agent has in hand is not what is said of him",
			Strays: plans.Miscounted}},
	}
}

// desk looks whether open tickets and work items have each other, and agents what is said of them, once the first walk has brought together what older programs left.
func (w *auditWhole) desk(ctx context.Context) error {
	var ended int64
	err := w.t.Run(ctx, sql.Ask(sql.Into(&ended), `SELECT ended_at FROM desk_walk WHERE one = 1`))
	for _, table := range worked() {
		if err == nil && ended > 0 {
			err = w.walk(ctx, table)
		}
	}
	return err
}

// auditWhole is the audit of the whole at one moment.
type auditWhole struct {
	a     *auditor
	t     sql.Tx
	truth base.Tally // what the counters should say
}

// walk goes through one table. The statement finds the end of the next slice along the key, then counts between both
// ends.
func (w *auditWhole) walk(ctx context.Context, table tables.Table) error {
	for low := int64(0); ; {
		high := int64(0)
		id := table.Books.As + "." + table.Books.ID
		err := w.t.Run(ctx, sql.Ask(sql.Into(&high), `SELECT coalesce(max(part.id), 0) FROM (SELECT `+id+` AS id FROM `+table.Name+` `+table.Books.As+
			` WHERE `+id+` > $1 ORDER BY `+id+` LIMIT $2) AS part`, low, auditSlice))
		if err != nil || high == 0 {
			return err
		}
		if err := w.t.Run(ctx, w.calls(table, low, high)...); err != nil {
			return err
		}
		low = high
	}
}

// calls count the rows between two ids, and find those that belong to nothing.
func (w *auditWhole) calls(table tables.Table, low, high int64) []sql.Call {
	b := table.Books
	id := b.As + "." + b.ID
	within := ` FROM ` + table.Name + ` ` + b.As + ` WHERE ` + id + ` > $1 AND ` + id + ` <= $2`
	var calls []sql.Call
	if b.Counters != nil {
		calls = append(calls, sql.Ask(func(row sql.Row) error {
			var first, second string
			var n int64
			if err := row.Scan(&first, &second, &n); err != nil {
				return err
			}
			for _, name := range b.Counters(first, second) {
				w.truth[name] += n
			}
			return nil
		}, `SELECT `+b.Counted[0]+`, `+b.Counted[1]+`, count(*)`+within+` GROUP BY 1, 2`, low, high))
	}
	if b.Strays != "" {
		calls = append(calls, sql.Ask(sql.Value(func(id int64) { w.a.find(strayIn(b, id)) }), `SELECT `+id+within+` AND `+b.Strays, low, high))
	}
	return calls
}

// strayIn is the finding of a row that belongs to nothing.
func strayIn(b *tables.Booked, id int64) Finding {
	f := Finding{Rule: Rule(b.Rule), Detail: b.Stray}
	switch b.Of {
	case "message":
		f.Message = id
	case "ticket":
		f.Ticket = id
	case "effect":
		f.Effect = id
	case "person":
		f.Detail = fmt.Sprintf("%s: user %d", b.Stray, id)
	case "contact", "step":
		f.Detail = fmt.Sprintf("%s: %s %d", b.Stray, b.Of, id)
	}
	return f
}

// counters compares what the counters say with what is so. A counter that is missing is 0, on either side.
func (w *auditWhole) counters(ctx context.Context) error {
	said := base.Tally{}
	err := w.t.Run(ctx, sql.Ask(sql.Pair(func(name string, n int64) { said[name] = n }), `SELECT name, CAST(sum(n) AS bigint) FROM counters GROUP BY name`))
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for name := range said {
		names[name] = true
	}
	for name := range w.truth {
		names[name] = true
	}
	for _, name := range sql.KeysOf(names) {
		if said[name] != w.truth[name] {
			w.a.find(Finding{Rule: RuleCounters, Detail: fmt.Sprintf("the counter %s says %d, and %d are there", name, said[name], w.truth[name])})
		}
	}
	return nil
}
