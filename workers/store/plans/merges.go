package plans

import (
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/workers/store/sql"
)

// Group is a ticket ($1) with what is merged into it, as a subquery.
const Group = `SELECT id FROM tickets WHERE id = $1 UNION ALL SELECT id FROM tickets WHERE merged_into <> 0 AND merged_into = $1`

// OfCustomer is as Group, of those alone that are of the ticket's own customer: what others wrote is answered in tickets of their own.
const OfCustomer = Group + ` AND contact = (SELECT r.contact FROM tickets r WHERE r.id = $1)`

// roots reads into which tickets others are merged.
func (l *loading) roots(ids []int64) sql.Call {
	if len(ids) == 0 {
		return sql.Call{}
	}
	return sql.Ask(sql.Pair(func(id, root int64) { l.known.Roots[id] = root }), `SELECT id, merged_into FROM tickets WHERE id = ANY($1) AND merged_into <> 0`, sql.Sorted(ids))
}

// members reads what is merged into tickets. It is read after their work items were locked, which whoever merges holds until his end.
func (l *loading) members(ids []int64) sql.Call {
	if len(ids) == 0 {
		return sql.Call{}
	}
	return sql.Ask(sql.Pair(func(root, id int64) { l.known.Members[root] = append(l.known.Members[root], id) }),
		`SELECT merged_into, id FROM tickets WHERE merged_into <> 0 AND merged_into = ANY($1) ORDER BY id`, sql.Sorted(ids))
}

// merges reads the mergings of tickets that stand, with the entries that they left.
func (l *loading) merges(ids []int64) sql.Call {
	if len(ids) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var m domain.Merge
		var before, after string
		if err := row.Scan(&m.Source, &m.Target, &m.Actor, &before, &after); err != nil {
			return err
		}
		var err error
		if m.Before, err = entries.Read(before); err != nil {
			return err
		}
		m.After, err = entries.Read(after)
		l.known.Merges[m.Source] = m
		return err
	}, `SELECT m.source, m.target, m.actor, e.before, e.after FROM merges m JOIN entries e ON e.ticket = m.source AND e.kind = '`+entries.ActMerge+`' AND e.at = m.at
WHERE m.source = ANY($1) AND m.undone_at = 0`, sql.Sorted(ids))
}

// sharing reads for which tickets answers count that were written in other ones: what was split off behind them, and what was merged when they were written and
// is not any more.
func (l *loading) sharing(ids []int64) sql.Call {
	if len(ids) == 0 {
		return sql.Call{}
	}
	return sql.Ask(sql.Pair(func(effect, ticket int64) { l.known.Sharing[effect] = append(l.known.Sharing[effect], ticket) }),
		`SELECT r.effect, s.ticket FROM replies r JOIN splits s ON s.origin = r.ticket WHERE r.effect <> 0 AND r.effect = ANY($1) AND r.at < s.at
UNION SELECT r.effect, m.source FROM replies r JOIN merges m ON m.target = r.ticket WHERE r.effect <> 0 AND r.effect = ANY($1) AND r.at >= m.at AND r.at < m.undone_at ORDER BY 1, 2`, sql.Sorted(ids))
}

// mergeRow is a row of the table merges.
type mergeRow struct {
	Source, Target int64
	At             time.Time
	Actor          string
	UndoneAt       time.Time
}

var insertMerges = sql.Inserting[mergeRow]("merges", "")

// merged writes mergings, and what was taken back of them. What somebody has begun to write on a ticket goes with it to where it is
// worked on: behind what he has begun there, under a newer version than any page of
// his has, so that what such a page saves overwrites nothing.
func merged(merges []domain.Merge, now time.Time) (calls []sql.Call) {
	for _, m := range merges {
		if m.Undone {
			calls = append(calls, sql.Do(`UPDATE merges SET undone_at = $2 WHERE source = $1 AND undone_at = 0`, m.Source, sql.Micros(now)))
			continue
		}
		calls = append(calls, insertMerges.Put(mergeRow{Source: m.Source, Target: m.Target, At: now, Actor: m.Actor}),
			sql.Do(`INSERT INTO drafts (ticket, author, kind, version, text, saved_at) SELECT CAST($2 AS bigint), d.author, d.kind, d.version + 1, d.text, d.saved_at FROM drafts d WHERE d.ticket = $1
ON CONFLICT (ticket, author, kind) DO UPDATE SET version = CASE WHEN drafts.version < excluded.version THEN excluded.version ELSE drafts.version + 1 END, saved_at = excluded.saved_at,
text = CASE WHEN drafts.text = '' THEN excluded.text WHEN excluded.text = '' THEN drafts.text ELSE drafts.text || $3 || excluded.text END`, m.Source, m.Target, "\n\n"),
			sql.Do(`UPDATE drafts SET version = version + 1, text = '' WHERE ticket = $1 AND text <> ''`, m.Source),
			sql.Do(`UPDATE enclosures SET ticket = $2 WHERE ticket = $1 AND reply = 0`, m.Source, m.Target))
	}
	return calls
}
