package erasure

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"frontdesk/pipeline"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// What follows is about rows of others that name the person: the address is masked, the rest stays.

// masks reads rows, changes their texts and writes them back, in one transaction with the rows locked. columns begin
// with the key; their names are the program's own, so that the statement is safe to be put together. A message that
// is changed leaves the index of words with it.
func (e *eraser) masks(ctx context.Context, table string, columns []string, ids []int64, change func([]string)) error {
	sets := make([]string, 0, len(columns))
	for i, c := range columns[1:] {
		sets = append(sets, fmt.Sprintf("%s = $%d", c, i+2))
	}
	write := `UPDATE ` + table + ` SET ` + strings.Join(sets, ", ") + ` WHERE ` + columns[0] + ` = $1`
	return e.s.base.Write(ctx, func(t sql.Tx) error {
		var rows []sql.Call
		err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var id int64
			texts := make([]string, len(columns)-1)
			dest := []any{&id}
			for i := range texts {
				dest = append(dest, &texts[i])
			}
			if err := row.Scan(dest...); err != nil {
				return err
			}
			change(texts)
			values := []any{id}
			for _, s := range texts {
				values = append(values, sql.Clean(s))
			}
			rows = append(rows, sql.Do(write, values...))
			return nil
		}, `SELECT `+strings.Join(columns, ", ")+` FROM `+table+` WHERE `+columns[0]+` = ANY($1) ORDER BY `+columns[0]+` FOR UPDATE`, ids))
		if err != nil {
			return err
		}
		e.out.Mentions += len(rows)
		var index []sql.Call
		if table == "messages" {
			index = e.s.find.Unsearch(find.TicketsOf, ids)
		}
		return t.Run(ctx, append(index, rows...)...)
	})
}

func (e *eraser) maskAll(texts []string) {
	n := e.s.names(e.p)
	for i := range texts {
		texts[i] = n.mask(texts[i])
	}
}

// otherMessages masks the address in what others wrote. In a ticket of the person's the quoted part
// goes as a whole, since it holds the person's own words, and with it the original.
func (e *eraser) otherMessages(ctx context.Context, ids []int64) error {
	err := e.masks(ctx, "messages", []string{"id", "sender_name", "subject", "visible", "quoted", "evidence", "fields"}, ids, e.maskAll)
	if err != nil {
		return err
	}
	err = e.s.base.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Do(`UPDATE messages SET quoted = '' WHERE quoted <> '' AND id = ANY($1) AND ticket {in SELECT id FROM tickets WHERE contact <> 0 AND contact = $2}`,
			ids, e.p.Contact))
	})
	if err != nil {
		return err
	}
	return e.otherDecisions(ctx, ids)
}

// otherDecisions takes what was known then, and lines that name the person, out of decisions. What was known holds
// facts about many people, so all of it goes; replay then says "forgotten". It reads outside of the writing
// transaction: nobody else changes a decision once it stands.
func (e *eraser) otherDecisions(ctx context.Context, ids []int64) error {
	n := e.s.names(e.p)
	sealed := map[int64][]byte{}
	err := e.s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(sql.Pair(func(id int64, b []byte) { sealed[id] = b }), `SELECT message, sealed FROM decisions WHERE message = ANY($1)`, ids))
	})
	if err != nil {
		return err
	}
	var rows []tables.DecisionRow
	for _, id := range sql.KeysOf(sealed) {
		plain, err := e.s.base.Ring.Open(ctx, sealed[id], base.DecisionAt(id))
		if err != nil {
			return err
		}
		var r base.Record
		if err := json.Unmarshal(plain, &r); err != nil {
			return err
		}
		r.Known = nil
		r.Trace = slices.DeleteFunc(r.Trace, func(l pipeline.Line) bool { return n.in(l.Found, l.Why) })
		if plain, err = json.Marshal(r); err != nil {
			return err
		}
		rows = append(rows, tables.DecisionRow{Message: id, Sealed: e.s.base.Ring.Seal(plain, base.DecisionAt(id))})
	}
	e.out.Mentions += len(rows)
	return e.s.base.Write(ctx, func(t sql.Tx) error { return t.Run(ctx, tables.ResealDecisions.Put(rows...)) })
}

// otherOriginals removes originals of decided messages of others that name the person: what is sealed cannot be
// masked, and the readable text stays. TornAway in place of the expiry tells the audit that it is gone for a reason.
func (e *eraser) otherOriginals(ctx context.Context, ids []int64) error {
	var gone []string
	err := e.s.base.Write(ctx, func(t sql.Tx) error {
		gone = nil
		return t.Run(ctx, sql.Ask(sql.Value(func(blob string) {
			if blob != "" {
				gone = append(gone, blob)
			}
		}), `DELETE FROM originals WHERE id = ANY($1) RETURNING blob`, ids),
			sql.Do(`UPDATE messages SET expires_at = $2 WHERE id = ANY($1)`, ids, tables.TornAway))
	})
	if err != nil {
		return err
	}
	e.out.Mentions += len(ids)
	return e.dropOriginals(ctx, gone)
}

// otherEffects masks the address in rows to others; JSON stays JSON, since an id is replaced within its quotes.
func (e *eraser) otherEffects(ctx context.Context, ids []int64) error {
	return e.masks(ctx, "outbox", []string{"id", "to_name", "payload", "last_error"}, ids, func(texts []string) {
		e.maskAll(texts)
		texts[1] = e.maskJSON(texts[1])
	})
}

// maskJSON masks the person's addresses where they stand as values.
func (e *eraser) maskJSON(text string) string {
	for _, id := range e.s.names(e.p).ids {
		text = strings.ReplaceAll(text, inJSON(id, id.Value), inJSON(id, masked))
	}
	return text
}

// mention does a statement to rows that only tell of somebody: what providers answered to sends to others, whose words quote
// addresses; what scanners said; receipts whose row never came, since they are kept for a send that names the person.
func (e *eraser) mention(statement string) func(context.Context, []int64) error {
	return func(ctx context.Context, ids []int64) error {
		e.out.Mentions += len(ids)
		return e.s.base.Write(ctx, func(t sql.Tx) error { return t.Run(ctx, sql.Do(statement, ids)) })
	}
}

func (e *eraser) journal(ctx context.Context, ids []int64) error {
	return e.masks(ctx, "journal", []string{"id", "detail"}, ids, e.maskAll)
}

func (e *eraser) letters(ctx context.Context, ids []int64) error {
	return e.masks(ctx, "dead_letters", []string{"id", "payload", "error"}, ids, e.maskAll)
}

// otherAttachments takes names that tell of the person from files of others. The key of the table is a pair, so masks
// cannot do it.
func (e *eraser) otherAttachments(ctx context.Context, ids []int64) error {
	n := e.s.names(e.p)
	return e.s.base.Write(ctx, func(t sql.Tx) error {
		type key struct{ message, n int64 }
		texts := map[key][3]string{}
		err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var k key
			var v [3]string
			err := row.Scan(&k.message, &k.n, &v[0], &v[1], &v[2])
			if n.in(v[:]...) {
				texts[k] = v
			}
			return err
		}, `SELECT message, n, name, content_id, ref FROM attachments WHERE message = ANY($1) ORDER BY message, n FOR UPDATE`, ids))
		if err != nil {
			return err
		}
		var calls []sql.Call
		for k, v := range texts {
			calls = append(calls, sql.Do(`UPDATE attachments SET name = $3, content_id = $4, ref = $5 WHERE message = $1 AND n = $2`,
				k.message, k.n, n.mask(v[0]), n.mask(v[1]), n.mask(v[2])))
		}
		e.out.Mentions += len(texts)
		return t.Run(ctx, calls...)
	})
}

// conversations removes the rows by which a chat finds its latest ticket; the next message opens one of its own.
func (e *eraser) conversations(ctx context.Context, threads []string) error {
	for page := range slices.Chunk(threads, eraseBatch) {
		e.out.Mentions += len(page)
		if err := e.s.base.Write(ctx, func(t sql.Tx) error {
			return t.Run(ctx, sql.Do(`DELETE FROM conversations WHERE thread = ANY($1)`, page))
		}); err != nil {
			return err
		}
	}
	return nil
}
