package backlog

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline/screen"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
)

// Opinion is what a scanner said of a message, or of a file of it that was fetched later. Verdict stands readable in
// its row, all else is sealed.
type Opinion struct {
	screen.Opinion
	Part     string     `json:"part,omitempty"` // ref of the file; empty for the message itself
	Symbols  []string   `json:"symbols,omitempty"`
	Late     bool       `json:"late,omitempty"` // it came after the message went on, and changed nothing
	AskedAt  base.Stamp `json:"asked_at"`
	AnswerAt base.Stamp `json:"answered_at"`
}

// Scanned is a message with the opinions on it.
type Scanned struct {
	Message  int64
	Opinions []Opinion
}

// said is the part of an opinion that lies sealed.
type said struct {
	Score   *float64       `json:"score,omitempty"`
	Action  string         `json:"action,omitempty"`
	Name    string         `json:"name,omitempty"`
	Detail  string         `json:"detail,omitempty"`
	Symbols []string       `json:"symbols,omitempty"`
	Sender  *screen.Sender `json:"sender,omitempty"`
	Second  *screen.Second `json:"second,omitempty"`
}

// opinionRow is a row of opinions. Its key is message, scanner, part: each is asked once, and a second answer is
// dropped.
type opinionRow struct {
	Message                int64
	Scanner, Part, Verdict string
	Late                   bool
	AskedAt, AnsweredAt    time.Time
	Sealed                 []byte
}

// insertOpinions keeps the first word of each scanner: one that comes twice, from two processes, changes nothing.
var insertOpinions = sql.Inserting[opinionRow]("opinions", "ON CONFLICT (message, scanner, part) DO NOTHING")

// Await takes those of the messages that no scanner was asked about yet: they wait until that time for somebody's
// opinion, and are due then. The result names those that were taken; the others are somebody else's, or decided.
// await_until stays set for ever, so that a message is asked about once in its life. If the process dies, the message
// is due at that time and decided without an opinion.
func (s *Store) Await(ctx context.Context, ids []int64, until time.Time) ([]int64, error) {
	var out []int64
	err := s.base.Write(ctx, func(t sql.Tx) error {
		out = nil
		return t.Run(ctx, sql.Ask(sql.Each64(&out), `UPDATE undecided SET state = 'awaiting', await_until = $2, wake_at = $2, wakes = 0 WHERE message_id {in SELECT message_id FROM undecided
WHERE message_id = ANY($1) AND state = 'recorded' AND await_until = 0 ORDER BY message_id FOR UPDATE} RETURNING message_id`, sql.Sorted(ids), sql.Micros(until)))
	})
	if err != nil {
		return nil, fmt.Errorf("letting messages wait for scanners: %w", err)
	}
	slices.Sort(out)
	return out, nil
}

// Postpone has the workers leave messages alone until that time that wait for their turn to be scanned. It changes
// the wake-up only, so a process that dies costs no more than that wait.
func (s *Store) Postpone(ctx context.Context, ids []int64, until time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return s.base.Do(ctx, "postponing messages", sql.Do(`UPDATE undecided SET wake_at = $2 WHERE message_id {in SELECT message_id FROM undecided
WHERE message_id = ANY($1) AND state = 'recorded' AND await_until = 0 ORDER BY message_id FOR UPDATE}`, sql.Sorted(ids), sql.Micros(until)))
}

// Unawait hands messages back that were taken by Await and not scanned: they are as if nobody had been asked. A stop
// calls it.
func (s *Store) Unawait(ctx context.Context, ids []int64, now time.Time) error {
	return s.base.Do(ctx, "handing messages back from scanning", sql.Do(`UPDATE undecided SET state = 'recorded', await_until = 0, wake_at = $2 WHERE message_id {in SELECT message_id FROM undecided
WHERE message_id = ANY($1) AND state = 'awaiting' ORDER BY message_id FOR UPDATE}`, sql.Sorted(ids), sql.Micros(now)))
}

// Opine records opinions, and lets the messages that still wait for them go on: they are due at once. The result
// names those; what came for any other message is recorded as late. Both are one transaction: a message that goes on
// has its opinions. The inner query locks rows in the order of their ids, as everybody does.
func (s *Store) Opine(ctx context.Context, scanned []Scanned, now time.Time) ([]int64, error) {
	if err := s.base.Ring.Turn(ctx, now); err != nil {
		return nil, err
	}
	rows, err := s.opinionRows(scanned)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(scanned))
	for i, m := range scanned {
		ids[i] = m.Message
	}
	var out []int64
	err = s.base.Write(ctx, func(t sql.Tx) error {
		out = nil
		err := t.Run(ctx, sql.Ask(sql.Each64(&out), `UPDATE undecided SET state = 'recorded', await_until = $2, wake_at = $2, wakes = 0 WHERE message_id {in SELECT message_id FROM undecided
WHERE message_id = ANY($1) AND state = 'awaiting' ORDER BY message_id FOR UPDATE} RETURNING message_id`, sql.Sorted(ids), sql.Micros(now)))
		if err != nil {
			return err
		}
		for i := range rows {
			rows[i].Late = !slices.Contains(out, rows[i].Message)
		}
		return t.Run(ctx, insertOpinions.Put(rows...))
	})
	if err != nil {
		return nil, fmt.Errorf("recording opinions: %w", err)
	}
	slices.Sort(out)
	return out, nil
}

// opinionRows seals each opinion for its row, in the order of the key, in which rows are inserted everywhere.
func (s *Store) opinionRows(scanned []Scanned) ([]opinionRow, error) {
	var rows []opinionRow
	for _, m := range scanned {
		for _, o := range m.Opinions {
			plain, err := json.Marshal(said{Score: o.Score, Action: o.Action, Name: o.Name, Detail: o.Detail, Symbols: o.Symbols, Sender: o.Sender, Second: o.Second})
			if err != nil {
				return nil, &sql.DataError{Err: fmt.Errorf("encoding an opinion: %w", err)}
			}
			row := opinionRow{Message: m.Message, Scanner: s.base.Key(o.Scanner), Part: s.base.Key(o.Part), Verdict: sql.Clean(o.Verdict), AskedAt: o.AskedAt.Time, AnsweredAt: o.AnswerAt.Time}
			row.Sealed = s.base.Ring.Seal(plain, base.OpinionAt(row.Message, row.Scanner, row.Part, row.Verdict))
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b opinionRow) int {
		return cmp.Or(cmp.Compare(a.Message, b.Message), cmp.Compare(a.Scanner, b.Scanner), cmp.Compare(a.Part, b.Part))
	})
	return rows, nil
}

// OpineFile records what a scanner said of a file that was fetched after the decision.
func (s *Store) OpineFile(ctx context.Context, message int64, o Opinion, now time.Time) error {
	if err := s.base.Ring.Turn(ctx, now); err != nil {
		return err
	}
	rows, err := s.opinionRows([]Scanned{{message, []Opinion{o}}})
	if err != nil {
		return err
	}
	return s.base.Do(ctx, "recording an opinion", insertOpinions.Put(rows...))
}

// Opinions reads what was said of each of the messages, without files that were fetched later, in the
// order of the scanners' names.
func (s *Store) Opinions(ctx context.Context, ids []int64) (map[int64][]screen.Opinion, error) {
	out := map[int64][]screen.Opinion{}
	var read OpinionReader
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		read = OpinionReader{}
		return t.Run(ctx, read.Call(`message = ANY($1) AND part = ''`, sql.Sorted(ids)))
	})
	if err == nil {
		err = read.Open(ctx, s.base.Ring)
	}
	if err != nil {
		return nil, fmt.Errorf("reading opinions: %w", err)
	}
	for i, o := range read.Opinions {
		out[read.messages[i]] = append(out[read.messages[i]], o.Opinion)
	}
	return out, nil
}

// OpinionReader takes rows first and opens them afterwards: opening may ask the database for a key, which must not
// happen while the connection is still read from. A reader is for one query.
type OpinionReader struct {
	Opinions []Opinion
	messages []int64
	sealed   [][]byte
}

// Call asks for the opinions that where chooses.
func (r *OpinionReader) Call(where string, args ...any) sql.Call {
	return sql.Ask(func(row sql.Row) error {
		var o Opinion
		var message, asked, answered int64
		var sealed []byte
		err := row.Scan(&message, &o.Scanner, &o.Part, &o.Verdict, &o.Late, &asked, &answered, &sealed)
		o.AskedAt, o.AnswerAt = base.StampOf(asked), base.StampOf(answered)
		r.Opinions, r.messages, r.sealed = append(r.Opinions, o), append(r.messages, message), append(r.sealed, sealed)
		return err
	}, `SELECT message, scanner, part, verdict, late, asked_at, answered_at, sealed FROM opinions WHERE `+where+` ORDER BY message, part, scanner`, args...)
}

// Open opens what was said in them.
func (r *OpinionReader) Open(ctx context.Context, ring *keyring.Ring) error {
	for i := range r.Opinions {
		o := &r.Opinions[i]
		plain, err := ring.Open(ctx, r.sealed[i], base.OpinionAt(r.messages[i], o.Scanner, o.Part, o.Verdict))
		if err != nil {
			return fmt.Errorf("opening what a scanner said of message %d: %w", r.messages[i], err)
		}
		var w said
		if err := json.Unmarshal(plain, &w); err != nil {
			return err
		}
		o.Score, o.Action, o.Name, o.Detail, o.Symbols, o.Sender, o.Second = w.Score, w.Action, w.Name, w.Detail, w.Symbols, w.Sender, w.Second
	}
	return nil
}
