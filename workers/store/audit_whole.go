package store

import (
	"context"
	"fmt"

	"frontdesk/pipeline"
)

// whole audits what only the whole database can tell: the counters, and rows that belong to nothing.
// Everything is counted in slices by id, and at one moment: a counter and its rows move together.
func (a *auditor) whole(ctx context.Context) error {
	return a.s.db.snapshot(ctx, func(t tx) error {
		w := &auditWhole{a: a, t: t, truth: tally{}}
		for _, table := range auditTables() {
			if err := w.walk(ctx, table); err != nil {
				return err
			}
		}
		return w.counters(ctx)
	})
}

// auditWhole is the audit of the whole at one moment.
type auditWhole struct {
	a     *auditor
	t     tx
	truth tally // what the counters should say
}

// auditTable is one table that is walked by id.
type auditTable struct {
	name, id string
	// counted names the two columns by which rows are counted; note counts n rows of them.
	counted [2]string
	note    func(count tally, a, b string, n int64)
	// strays is the condition of rows that belong to nothing, of which rule and detail speak.
	strays string
	stray  func(id int64) Finding
}

// auditTables are the tables that are walked, with the short names of the statements.
func auditTables() []auditTable {
	const noDelivery = "NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.id = %s)"
	const noTicket = "NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = %s)"
	return []auditTable{
		{name: "deliveries d", id: "d.id", counted: [2]string{"d.inbox", "''"},
			note: func(c tally, inbox, _ string, n int64) { c["inbox:"+inbox] += n }},
		{name: "messages m", id: "m.id", counted: [2]string{"m.state", "CASE WHEN m.state = 'parked' THEN m.cause ELSE '' END"},
			note: func(c tally, state, cause string, n int64) {
				c["message:"+state] += n
				if state == string(pipeline.Parked) {
					c["parked:"+cause] += n
				}
			},
			strays: fmt.Sprintf(noDelivery, "m.id"), stray: func(id int64) Finding {
				return Finding{Rule: RuleRecorded, Message: id, Detail: "it is decided, and was never recorded"}
			}},
		{name: "undecided u", id: "u.message_id", strays: fmt.Sprintf(noDelivery, "u.message_id"), stray: func(id int64) Finding {
			return Finding{Rule: RuleRecorded, Message: id, Detail: "it waits for its decision, and was never recorded"}
		}},
		{name: "tickets t", id: "t.id", counted: [2]string{"t.status", "''"},
			note:   func(c tally, status, _ string, n int64) { c["ticket:"+status] += n },
			strays: "NOT EXISTS (SELECT 1 FROM messages m WHERE m.ticket <> 0 AND m.ticket = t.id AND m.state = 'ticketed')",
			stray: func(id int64) Finding {
				return Finding{Rule: RuleStray, Ticket: id, Detail: "no message opened it"}
			}},
		{name: "promises p", id: "p.ticket", counted: [2]string{"p.state", "''"},
			note:   func(c tally, state, _ string, n int64) { c["promise:"+state] += n },
			strays: fmt.Sprintf(noTicket, "p.ticket"), stray: func(id int64) Finding {
				return Finding{Rule: RuleStray, Ticket: id, Detail: "a promise is there, and its ticket is not"}
			}},
		{name: "outbox o", id: "o.id", counted: [2]string{"o.kind", "o.state"},
			note: func(c tally, kind, state string, n int64) {
				c[countEffect+":"+state] += n
				if counter(kind) == countAcknowledgement {
					c[countAcknowledgement+":"+state] += n
				}
			},
			strays: "(o.ticket <> 0 AND " + fmt.Sprintf(noTicket, "o.ticket") + " OR o.message <> 0 AND " + fmt.Sprintf(noDelivery, "o.message") + ")",
			stray: func(id int64) Finding {
				return Finding{Rule: RuleStray, Effect: id, Detail: "its ticket or its message is not there"}
			}},
	}
}

// walk goes through one table.
func (w *auditWhole) walk(ctx context.Context, table auditTable) error {
	for low := int64(0); ; {
		high := int64(0)
		err := w.t.run(ctx, ask(into(&high), `SELECT coalesce(max(part.id), 0) FROM (SELECT `+table.id+` AS id FROM `+table.name+
			` WHERE `+table.id+` > $1 ORDER BY `+table.id+` LIMIT $2) AS part`, low, auditSlice))
		if err != nil || high == 0 {
			return err
		}
		if err := w.t.run(ctx, table.calls(w, low, high)...); err != nil {
			return err
		}
		low = high
	}
}

func (table auditTable) calls(w *auditWhole, low, high int64) []call {
	within := ` FROM ` + table.name + ` WHERE ` + table.id + ` > $1 AND ` + table.id + ` <= $2`
	var calls []call
	if table.note != nil {
		calls = append(calls, ask(func(row scanner) error {
			var first, second string
			var n int64
			if err := row.Scan(&first, &second, &n); err != nil {
				return err
			}
			table.note(w.truth, first, second, n)
			return nil
		}, `SELECT `+table.counted[0]+`, `+table.counted[1]+`, count(*)`+within+` GROUP BY 1, 2`, low, high))
	}
	if table.strays != "" {
		calls = append(calls, ask(func(row scanner) error {
			var id int64
			err := row.Scan(&id)
			w.a.find(table.stray(id))
			return err
		}, `SELECT `+table.id+within+` AND `+table.strays, low, high))
	}
	return calls
}

// counters compares what the counters say with what is so.
func (w *auditWhole) counters(ctx context.Context) error {
	said := tally{}
	err := w.t.run(ctx, ask(func(row scanner) error {
		var name string
		var n int64
		err := row.Scan(&name, &n)
		said[name] = n
		return err
	}, `SELECT name, CAST(sum(n) AS bigint) FROM counters GROUP BY name`))
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
	for _, name := range keysOf(names) {
		if said[name] != w.truth[name] {
			w.a.find(Finding{Rule: RuleCounters, Detail: fmt.Sprintf("the counter %s says %d, and %d are there", name, said[name], w.truth[name])})
		}
	}
	return nil
}
