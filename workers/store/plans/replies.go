package plans

import (
	"encoding/json"
	"strings"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// TalkKinds are the kinds of entries that are somebody's words, as a list in SQL.
var TalkKinds = "'" + strings.Join(entries.Talk(), "', '") + "'"

// talk counts what was said in tickets and in those that are merged into them, which are locked by then: whoever adds to it has locked its ticket before.
func (l *loading) talk(ids []int64) sql.Call {
	if len(ids) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var id, n int64
		err := row.Scan(&id, &n)
		l.known.Talk[id] = n
		return err
	}, `SELECT g.root, count(*) FROM (SELECT id AS root, id FROM tickets WHERE id = ANY($1) UNION ALL SELECT merged_into, id FROM tickets WHERE merged_into <> 0 AND merged_into = ANY($1)) AS g
JOIN entries e ON e.ticket = g.id AND e.kind IN (`+TalkKinds+`) GROUP BY g.root`, sql.Sorted(ids))
}

// pages finds what was sent before from these pages.
func (l *loading) pages(keys []string) sql.Call {
	if len(keys) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var key string
		var id int64
		err := row.Scan(&key, &id)
		l.known.Pages[key] = id
		return err
	}, `SELECT key, id FROM replies WHERE key = ANY($1)`, sql.OrNone(keys))
}

func (l *loading) replies(ids []int64) sql.Call {
	if len(ids) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var r replies.Reply
		err := row.Scan(&r.ID, &r.Ticket, &r.Kind, &r.Author, &r.Effect)
		l.known.Replies[r.ID] = r
		return err
	}, `SELECT id, ticket, kind, author, effect FROM replies WHERE id = ANY($1) ORDER BY id FOR UPDATE`, sql.Sorted(ids))
}

// ReplyRow is a row of the table replies.
type ReplyRow struct {
	ID, Ticket     int64
	Key            string
	Kind           replies.Kind
	Author         int64
	AuthorName     string
	At             time.Time
	Channel, Inbox string
	Recipients     string // JSON of replies.Recipients; "" for a note
	Subject, Text  string
	Markup         string // replies.Markdown, or "" for plain text
	Signature      string // below an answer
	Quote          string // what an answer quotes; its first line says whose words they are
	Despite        string // what a check had found in an answer, by kinds
	Language       string
	AnswerTo       int64 // message; 0: none
	Effect         int64 // outbox row; 0 for a note
	Side           int64 // side thread; 0: none
	Carried        bool  // the files of the quoted message go along
}

// insertReplies writes replies. A page is sent once, which its ticket's lock decides before.
var insertReplies = sql.Inserting[ReplyRow]("replies", "")

// written writes what agents wrote, and the outbox rows of what goes to customers.
func (s *Store) written(p domain.Plan, now time.Time, count base.Tally) (calls []sql.Call) {
	if len(p.Replies)+len(p.Sends) == 0 {
		return nil
	}
	var rows []ReplyRow
	var out []OutboxRow
	for _, r := range p.Replies {
		rows = append(rows, replyRow(r, now))
		calls = append(calls, tables.IndexAnew(r.Ticket))
	}
	for _, w := range p.Sends {
		out = append(out, s.EffectRow(w.Row, Origin{Ticket: w.Ticket, Message: w.Message, Contact: w.Contact}, now))
		count.Move(tables.Counter(w.Row.Kind), "", string(w.Row.Start()))
	}
	return append(calls, InsertOutbox.Put(out...), insertReplies.Put(rows...))
}

func replyRow(r replies.Plan, now time.Time) ReplyRow {
	row := ReplyRow{ID: r.ID, Ticket: r.Ticket, Key: r.Key, Kind: r.Kind, Author: r.Author, AuthorName: sql.Clean(r.Name), At: now, Channel: r.Channel, Inbox: r.Inbox,
		Subject: sql.Clean(r.Subject), Text: sql.Clean(r.Text), Markup: r.Markup, Signature: sql.Clean(r.Signature), Quote: sql.Clean(r.Quote), Despite: r.Despite, Language: r.Language, AnswerTo: r.Of, Effect: r.Effect, Side: r.Side, Carried: r.Carried}
	if r.Kind != replies.Note {
		if b, err := json.Marshal(r.Recipients); err == nil { // strings always marshal
			row.Recipients = sql.Clean(string(b))
		}
	}
	return row
}
