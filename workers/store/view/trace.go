package view

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// newest sorts by time, then by id, from the newest and cuts at the limit.
func newest[T any](rows []T, limit int, of func(T) (time.Time, int64)) []T {
	slices.SortFunc(rows, func(a, b T) int {
		at, aid := of(a)
		bt, bid := of(b)
		return cmp.Or(bt.Compare(at), cmp.Compare(bid, aid))
	})
	return rows[:min(limit, len(rows))]
}

// Story is everything that is known of one message. A process with the intake key alone has no Trace, Known and
// Opinions: it may not read them.
// Times are null where something has not happened.
type Story struct {
	Message Message `json:"message"`
	// Evidence is why the message was parked, or could not be read, in words of the stage that said so.
	Evidence    string `json:"evidence,omitempty"`
	Quoted      string `json:"quoted,omitempty"` // redacted: signature and quoted history, which Message.Text lacks
	DuplicateOf int64  `json:"duplicate_of,omitempty"`
	// Contact is 0 for a message that opened and continued nothing.
	Contact     int64          `json:"contact,omitempty"`
	DecidedAt   base.Stamp     `json:"decided_at"`
	OriginalIs  string         `json:"original"`         // kept, gone
	Fields      []tables.Field `json:"fields,omitempty"` // what a form or a program gave beside the text
	Claims      []string       `json:"claims,omitempty"` // further addresses that the message names as the sender's own
	Attachments []Attached     `json:"attachments,omitempty"`
	// Redacted counts what was masked, by kind (card, otp …).
	Redacted map[string]int  `json:"redacted,omitempty"`
	Config   string          `json:"config,omitempty"` // digest of the configuration that was used
	Trace    []pipeline.Line `json:"trace,omitempty"`
	// Known is what the decision knew of the past (pipeline.Known), for who asks why.
	Known    json.RawMessage   `json:"known,omitempty"`
	Ticket   *Ticket           `json:"ticket,omitempty"`
	Promises []Promise         `json:"promises,omitempty"`
	Effects  []TracedEffect    `json:"effects,omitempty"`
	Acts     []Act             `json:"acts,omitempty"`
	Opinions []backlog.Opinion `json:"opinions,omitempty"` // of scanners
}

// Attached is one attachment in a story.
type Attached struct {
	N         int    `json:"n"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`
	Digest    string `json:"digest,omitempty"` // empty when its content is not here
	Note      string `json:"note,omitempty"`   // why it is not
	Scan      string `json:"scan"`             // what a malware scanner said: clean, malware, or unscanned
	Ref       string `json:"-"`
}

// What a malware scanner said of an attachment.
const (
	ScanClean   = "clean"
	ScanMalware = "malware"
	ScanNone    = "unscanned" // nobody was asked, or nobody has answered
)

// malwareScanner is the name of the scanner that looks for malware; a spam filter's "clean" says nothing of it. The
// name is the one that clamd's opinions are recorded under.
const malwareScanner = "clamd"

const (
	askAttached = `SELECT message, n, name, media_type, size, digest, note, ref FROM attachments WHERE message = ANY($1)`
	askVerdicts = `SELECT message, scanner, part, verdict FROM opinions WHERE message = ANY($1)`
)

// heard takes one opinion about the message or about the file. Malware anywhere counts, "clean" only for what that
// scanner has really seen: a file that was fetched later was no part of the mail that was scanned.
func (a *Attached) heard(scanner, part, verdict string) {
	switch {
	case part != "" && part != a.Ref:
	case verdict == screen.OpinionMalware:
		a.Scan = ScanMalware
	case verdict == screen.OpinionClean && scanner == malwareScanner && a.Scan == ScanNone && (part != "" || a.Ref == ""):
		a.Scan = ScanClean
	}
}

// Attachments are those of several messages, by message.
// A message without any is not in the map. Both statements go by the keys of their tables.
func (s *Store) Attachments(ctx context.Context, ids []int64) (map[int64][]Attached, error) {
	out := map[int64][]Attached{}
	err := s.base.Read(ctx, "listing attachments", sql.Ask(func(row sql.Row) error {
		var id int64
		var a Attached
		err := row.Scan(&id, &a.N, &a.Name, &a.MediaType, &a.Size, &a.Digest, &a.Note, &a.Ref)
		a.Scan = ScanNone
		out[id] = append(out[id], a)
		return err
	}, askAttached+` ORDER BY message, n`, sql.Sorted(ids)), sql.Ask(func(row sql.Row) error {
		var id int64
		var scanner, part, verdict string
		err := row.Scan(&id, &scanner, &part, &verdict)
		for i := range out[id] {
			out[id][i].heard(scanner, part, verdict)
		}
		return err
	}, askVerdicts, sql.Sorted(ids)))
	return out, err
}

// TracedEffect is one effect with its attempts.
type TracedEffect struct {
	OutboxRow
	Tries []outbox.Try `json:"tries,omitempty"`
}

// Act is something that a person did with the message.
type Act struct {
	At     base.Stamp `json:"at"`
	Who    string     `json:"who"`
	Act    string     `json:"act"`
	Detail string     `json:"detail,omitempty"`
}

// Trace tells the story of a message. ErrNotFound: there is none with that id. Its statements go by primary keys and
// by indexes over message, and need two round trips; then the decision is opened. They are no snapshot: a message
// that is being decided may show parts of both.
func (s *Store) Trace(ctx context.Context, id int64) (Story, error) {
	st := Story{OriginalIs: "gone"}
	var sealed []byte
	var heard backlog.OpinionReader
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		if err := t.Run(ctx, append(st.calls(id, &sealed), heard.Call(`message = $1`, id))...); err != nil {
			return err
		}
		if st.Message.ID == 0 {
			return sql.ErrNotFound
		}
		return t.Run(ctx, st.ticketCalls()...)
	})
	if err != nil {
		return Story{}, fmt.Errorf("reading the story of message %d: %w", id, err)
	}
	// What is sealed comes last: the readable part is of use to a process that may open nothing.
	if !s.base.Ring.Whole() {
		return st, nil // this process may not read how and why
	}
	if err := heard.Open(ctx, s.base.Ring); err != nil {
		return Story{}, fmt.Errorf("reading what scanners said of message %d: %w", id, err)
	}
	st.Opinions = heard.Opinions
	if sealed == nil {
		return st, nil
	}
	plain, err := s.base.Ring.Open(ctx, sealed, base.DecisionAt(id))
	if err != nil {
		return Story{}, fmt.Errorf("reading the decision of message %d: %w", id, err)
	}
	var r base.Record
	if err := json.Unmarshal(plain, &r); err != nil {
		return Story{}, fmt.Errorf("reading the decision of message %d: %w", id, err)
	}
	st.Trace, st.Known = r.Trace, r.Known
	return st, nil
}

// calls reads what hangs on the message itself. A decided row comes after the undecided one would.
func (st *Story) calls(id int64, sealed *[]byte) []sql.Call {
	m := &st.Message
	return []sql.Call{
		sql.Ask(func(row sql.Row) error {
			var at, recorded int64
			err := row.Scan(&m.ID, &m.Inbox, &m.Channel, &m.Key, &at, &recorded)
			m.ReceivedAt, m.RecordedAt = base.StampOf(at), base.StampOf(recorded)
			return err
		}, `SELECT id, inbox, channel, key, at, recorded_at FROM deliveries WHERE id = $1`, id),
		sql.Ask(sql.Into(&m.State), `SELECT state FROM undecided WHERE message_id = $1`, id),
		sql.Ask(func(row sql.Row) error {
			var decided int64
			var redacted, fields string
			if err := row.Scan(&m.Name, &m.From, &m.Proven, &m.Subject, &m.Text, &st.Quoted, &m.Lang, &m.Category, &m.State, &m.Cause, &m.Ticket, &st.Evidence,
				&st.DuplicateOf, &st.Contact, &decided, &redacted, &fields); err != nil {
				return err
			}
			m.From, st.DecidedAt = base.Shown(m.From), base.StampOf(decided)
			var err error
			if st.Fields, err = sql.Unlist[tables.Field](fields); err != nil {
				return fmt.Errorf("reading fields: %w", err)
			}
			if redacted == "" {
				return nil
			}
			return json.Unmarshal([]byte(redacted), &st.Redacted)
		}, `SELECT sender_name, sender_value, proven, subject, visible, quoted, language, category, state, cause, ticket, evidence, duplicate_of, contact, decided_at, redacted, fields
FROM messages WHERE id = $1`, id),
		sql.Ask(sql.Value(func(address string) {
			_, value, _ := strings.Cut(address, ":")
			st.Claims = append(st.Claims, base.Shown(value))
		}), `SELECT address FROM claims WHERE message = $1 ORDER BY address`, id),
		sql.Ask(func(row sql.Row) error {
			var one int
			st.OriginalIs = "kept"
			return row.Scan(&one)
		}, `SELECT 1 FROM originals WHERE id = $1`, id),
		sql.Ask(sql.Into(&st.Config, sealed), `SELECT config, sealed FROM decisions WHERE message = $1`, id),
		sql.Ask(func(row sql.Row) error {
			var a Attached
			var message int64
			err := row.Scan(&message, &a.N, &a.Name, &a.MediaType, &a.Size, &a.Digest, &a.Note, &a.Ref)
			a.Scan = ScanNone
			st.Attachments = append(st.Attachments, a)
			return err
		}, askAttached+` ORDER BY n`, []int64{id}),
		sql.Ask(func(row sql.Row) error {
			var message int64
			var scanner, part, verdict string
			err := row.Scan(&message, &scanner, &part, &verdict)
			for i := range st.Attachments {
				st.Attachments[i].heard(scanner, part, verdict)
			}
			return err
		}, askVerdicts, []int64{id}),
		sql.Ask(func(row sql.Row) error {
			o, err := scanOutbox(row)
			st.Effects = append(st.Effects, TracedEffect{OutboxRow: o})
			return err
		}, `SELECT `+outboxColumns+` FROM outbox o WHERE o.message <> 0 AND o.message = $1 ORDER BY o.id`, id),
		sql.Ask(st.try, `SELECT a.effect, a.n, a.at, a.outcome, a.code, a.detail FROM outbox o JOIN outbox_attempts a ON a.effect = o.id
WHERE o.message <> 0 AND o.message = $1 ORDER BY a.effect, a.n`, id),
		sql.Ask(func(row sql.Row) error {
			var a Act
			var at int64
			err := row.Scan(&at, &a.Who, &a.Act, &a.Detail)
			a.At = base.StampOf(at)
			st.Acts = append(st.Acts, a)
			return err
		}, `SELECT at, who, act, detail FROM journal WHERE message <> 0 AND message = $1 ORDER BY id`, id),
	}
}

// try hangs an attempt on its effect, which has been read before.
func (st *Story) try(row sql.Row) error {
	var effect, at int64
	var t outbox.Try
	if err := row.Scan(&effect, &t.N, &at, &t.Outcome, &t.Code, &t.Detail); err != nil {
		return err
	}
	t.At = base.StampOf(at)
	for i := range st.Effects {
		if st.Effects[i].ID == effect {
			st.Effects[i].Tries = append(st.Effects[i].Tries, t)
		}
	}
	return nil
}

// ticketCalls reads the ticket and its promises, once the message has told which one it is.
func (st *Story) ticketCalls() []sql.Call {
	if st.Message.Ticket == 0 {
		return nil
	}
	return append(promiseCalls([]int64{st.Message.Ticket}, "", func(p Promise) { st.Promises = append(st.Promises, p) }),
		sql.Ask(func(row sql.Row) error {
			t, err := sql.Read[tables.TicketsRow](row)
			if err == nil {
				line := TicketLine(t)
				st.Ticket = &line
			}
			return err
		}, `SELECT `+tables.TicketColumns+` FROM tickets t WHERE t.id = $1`, st.Message.Ticket))
}
