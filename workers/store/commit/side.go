package commit

import (
	"context"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands/side"
	"frontdesk/workers/store/sql"
)

// sideRow is a third party's answer in a side thread.
type sideRow struct{ Message, Side int64 }

var insertSides = sql.Inserting[sideRow]("side_messages", "")

// sides are the answers of third parties in the batch.
func (b *batch) sides() (rows []sideRow) {
	for _, d := range b.decisions {
		if s := d.Plan.Side; s != nil {
			rows = append(rows, sideRow{d.Pending.ID, s.Thread})
		}
	}
	return rows
}

// answeredAside notes the answers of third parties with their tickets, and tells whoever has asked last.
func (b *batch) answeredAside(ctx context.Context, t sql.Tx) error {
	var happened []domain.Command
	var told []sql.Call
	for _, d := range b.decisions {
		s := d.Plan.Side
		if s == nil {
			continue
		}
		happened = append(happened, side.Came{Message: d.Pending.ID, Ticket: s.Ticket})
		told = append(told, sql.Do(`INSERT INTO mentions (person, reply, ticket, at, seen_at)
SELECT r.author, r.id, r.ticket, $2, 0 FROM replies r WHERE r.side <> 0 AND r.side = $1 ORDER BY r.id DESC LIMIT 1
ON CONFLICT (person, reply) DO UPDATE SET at = excluded.at, seen_at = 0, told = 0`, s.Thread, sql.Micros(b.now)))
	}
	if len(happened) == 0 {
		return nil
	}
	d, err := b.s.plans.Carry(ctx, t, happened, b.ids[len(b.tickets.entries):], b.now, b.count)
	if err != nil {
		return err
	}
	return t.Run(ctx, append(d.Calls, told...)...)
}
