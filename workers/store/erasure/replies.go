package erasure

import (
	"context"
	"slices"

	"frontdesk/pipeline/domain/replies"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/sql"
)

// What agents write is the person's where it stands in a ticket of his, notes about him included, or goes to him. In other tickets it may
// name him.

// replies decides whose what an agent wrote is. It comes behind the tickets and the outbox.
func (w *sweep) replies(ctx context.Context) error {
	return w.walk(ctx, "replies", `SELECT id, ticket, effect, recipients, subject, text, quote FROM replies WHERE id > $1 ORDER BY id LIMIT $2`, func(row sql.Row) (any, error) {
		var id, ticket, effect int64
		var recipients, subject, text, quote string
		if err := row.Scan(&id, &ticket, &effect, &recipients, &subject, &text, &quote); err != nil {
			return nil, err
		}
		mentions := w.n.inJSON(recipients) || w.n.in(recipients, subject, text, quote)
		switch blank := recipients == "" && subject == "" && text == "" && quote == ""; {
		case blank:
		case w.mine[ticket], effect != 0 && slices.Contains(w.found.Effects, effect):
			w.found.Replies = append(w.found.Replies, id)
		case mentions:
			w.found.Others.Replies = append(w.found.Others.Replies, id)
		default:
			w.seen(recipients, subject, text, quote)
		}
		return id, nil
	})
}

// drafts are found by their tickets: those that agents have in tickets of the person, and those that name him elsewhere.
func (w *sweep) drafts(ctx context.Context) error {
	type key struct {
		ticket, author int64
		kind           replies.Kind
	}
	last := key{ticket: -1}
	for {
		n := 0
		err := w.s.base.DB.Read(ctx, func(t sql.Tx) error {
			return t.Run(ctx, sql.Ask(func(row sql.Row) error {
				n++
				var text string
				err := row.Scan(&last.ticket, &last.author, &last.kind, &text)
				if out := &w.found.Drafts; text != "" && w.mine[last.ticket] {
					once(out, last.ticket)
				} else if w.n.in(text) {
					once(&w.found.Others.Drafts, last.ticket)
				}
				return err
			}, `SELECT ticket, author, kind, text FROM drafts WHERE (ticket, author, kind) > ($1, $2, $3) ORDER BY ticket, author, kind LIMIT $4`,
				last.ticket, last.author, string(last.kind), sweepRows))
		})
		if err != nil {
			return err
		}
		w.found.Searched["drafts"] += int64(n)
		w.tell("drafts", w.found.Searched["drafts"])
		if n < sweepRows {
			return ctx.Err()
		}
	}
}

func once(to *[]int64, id int64) {
	if !slices.Contains(*to, id) {
		*to = append(*to, id)
	}
}

// replies blanks what agents wrote to the person and about him; that they did, and when, stays.
func (e *eraser) replies(ctx context.Context, ids []int64) error {
	return e.s.base.Write(ctx, func(t sql.Tx) error {
		var tickets []int64
		if err := t.Run(ctx, sql.Ask(sql.Each64(&tickets), `SELECT ticket FROM replies WHERE id = ANY($1)`, ids)); err != nil {
			return err
		}
		return t.Run(ctx, append(e.s.find.Unsearch(find.TicketsBy, sql.Sorted(tickets)), sql.Do(`UPDATE replies SET recipients = '', subject = '', text = '', quote = '' WHERE id = ANY($1)`, ids))...)
	})
}

func (e *eraser) drafts(ctx context.Context, tickets []int64) error {
	return e.s.base.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Do(`DELETE FROM drafts WHERE ticket = ANY($1)`, tickets))
	})
}

// otherReplies masks the person in what agents wrote to others. JSON stays JSON, since an address is replaced within its quotes.
func (e *eraser) otherReplies(ctx context.Context, ids []int64) error {
	return e.masks(ctx, "replies", []string{"id", "recipients", "subject", "text", "quote"}, ids, func(texts []string) {
		e.maskAll(texts)
		texts[0] = e.maskJSON(texts[0])
	})
}

// otherDrafts masks the person in what agents have begun to write in tickets of others.
func (e *eraser) otherDrafts(ctx context.Context, tickets []int64) error {
	return e.s.base.Write(ctx, func(t sql.Tx) error {
		n := e.s.names(e.p)
		var rows []sql.Call
		err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var ticket, author int64
			var kind, text string
			if err := row.Scan(&ticket, &author, &kind, &text); err != nil || !n.in(text) {
				return err
			}
			rows = append(rows, sql.Do(`UPDATE drafts SET text = $4 WHERE ticket = $1 AND author = $2 AND kind = $3`, ticket, author, kind, sql.Clean(n.mask(text))))
			return nil
		}, `SELECT ticket, author, kind, text FROM drafts WHERE ticket = ANY($1) ORDER BY ticket, author, kind FOR UPDATE`, tickets))
		if err != nil {
			return err
		}
		e.out.Mentions += len(rows)
		return t.Run(ctx, rows...)
	})
}
