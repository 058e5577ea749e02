package worldtest

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// judge holds the database against the book. It reads the file by itself.
type judge struct {
	w  *world
	db *sql.DB

	mu      sync.Mutex
	batches [][]int64            // messages of each committed transaction, in the order of their decision
	dues    map[promiseKey]int64 // the last seen deadline of each promise
}

type promiseKey struct {
	ticket int64
	kind   string
}

func newJudge(w *world) *judge {
	db := sql.OpenDB(reader{w.ready.file, "file:" + w.ready.file.path() + "?_pragma=busy_timeout(10000)&_pragma=query_only(1)"})
	db.SetMaxOpenConns(1)
	return &judge{w: w, db: db, dues: map[promiseKey]int64{}}
}

func (j *judge) close() { j.db.Close() }

func (j *judge) batch(ids []int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.batches = append(j.batches, append([]int64(nil), ids...))
}

// asked is a view of the file: as it is, or as it was when a transaction began to read.
type asked interface {
	Query(query string, args ...any) (*sql.Rows, error)
}

// each reads rows.
func (j *judge) each(query string, row func(scan func(...any) error) error, args ...any) {
	j.eachOf(j.db, query, row, args...)
}

func (j *judge) eachOf(view asked, query string, row func(scan func(...any) error) error, args ...any) {
	rows, err := view.Query(query, args...)
	if err != nil {
		j.w.fail("the judge can read", "%v in %s", err, query)
		return
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			j.w.fail("the judge can read", "%v in %s", err, query)
			return
		}
	}
	if err := rows.Err(); err != nil {
		j.w.fail("the judge can read", "%v in %s", err, query)
	}
}

func (j *judge) count(query string, args ...any) (n int) {
	j.each(query, func(scan func(...any) error) error { return scan(&n) }, args...)
	return n
}

// idle reports whether nothing waits in the file for being done now.
func (j *judge) idle() bool {
	now := time.Now().UnixMicro()
	return j.count(`SELECT (SELECT count(*) FROM undecided) + (SELECT count(*) FROM outbox WHERE next_at > 0 AND next_at <= ?)`, now) == 0
}

// startedAgain reports whether a START of that number was decided since. The world is not told of a
// decision whose commit came through and whose answer was lost.
func (j *judge) startedAgain(number string, since time.Time) bool {
	return j.count(`SELECT count(*) FROM messages WHERE sender_value = ? AND visible = 'START' AND state <> 'parked' AND decided_at >= ?`, number, since.UnixMicro()) > 0
}

// claimed is until when the row of that key is claimed.
func (j *judge) claimed(key string) time.Time {
	return time.UnixMicro(int64(j.count(`SELECT coalesce(max(next_at), 0) FROM outbox WHERE key = ?`, key)))
}

// recorded: what we said we have is in the file at that moment.
func (j *judge) recorded(it *item, inbox, key string) {
	if j.count(`SELECT count(*) FROM deliveries WHERE inbox = ? AND key = ?`, inbox, key) != 1 {
		j.w.fail("recorded before received", "item %d at %s %s", it.n, inbox, short(key))
	}
}

func (j *judge) atDoor(it *item, inbox string) {
	if j.count(`SELECT count(*) FROM deliveries WHERE inbox = ? AND key LIKE 'smtp:%' AND size BETWEEN ? AND ?`, inbox, len(it.raw), len(it.raw)+600) == 0 {
		j.w.fail("recorded before received", "item %d at the door of %s", it.n, inbox)
	}
}

// post is one delivery with what became of it.
type post struct {
	id                            int64
	inbox, key                    string
	at, recorded                  int64
	undecided, decided            int
	state, cause, kind, sender    string
	proven, erased                bool
	ticket, copyOf, contact, when int64
}

type ticket struct {
	id, messages, opened int64
	status               string
}

type promiseRow struct {
	promiseKey
	state, cause        string
	start, due, settled int64
	paused              int64 // since when its clock stands still; 0: it runs
}

type effect struct {
	id, ticket, message                            int64
	key, kind, state, cause, channel, to, provider string
	created, due, next, wake, sent, covered        int64
	fallback                                       bool
}

// record is the whole database at one moment.
type record struct {
	now      time.Time
	messages map[int64]*post
	byPlace  map[place]*post
	tickets  map[int64]*ticket
	promises []promiseRow
	effects  []effect
	cursors  map[string]string
}

func (j *judge) read() *record {
	r := &record{now: time.Now(), messages: map[int64]*post{}, byPlace: map[place]*post{}, tickets: map[int64]*ticket{}, cursors: map[string]string{}}
	view, err := j.db.Begin() // one moment: what is recorded while somebody reads is all there, or not at all
	if err != nil {
		j.w.fail("the judge can read", "%v", err)
		return r
	}
	defer view.Rollback() //nolint:errcheck // nothing was written
	j.eachOf(view, `SELECT d.id, d.inbox, d.key, d.at, d.recorded_at, (SELECT count(*) FROM undecided u WHERE u.message_id = d.id), m.id IS NOT NULL,
coalesce(m.state, ''), coalesce(m.cause, ''), coalesce(m.kind, ''), coalesce(m.sender_value, ''), coalesce(m.ticket, 0), coalesce(m.duplicate_of, 0), coalesce(m.contact, 0), coalesce(m.decided_at, 0), coalesce(m.proven, false), coalesce(m.erased_at, 0) > 0
FROM deliveries d LEFT JOIN messages m ON m.id = d.id`, func(scan func(...any) error) error {
		m := &post{}
		err := scan(&m.id, &m.inbox, &m.key, &m.at, &m.recorded, &m.undecided, &m.decided, &m.state, &m.cause, &m.kind, &m.sender, &m.ticket, &m.copyOf, &m.contact, &m.when, &m.proven, &m.erased)
		r.messages[m.id] = m
		if r.byPlace[place{m.inbox, m.key}] != nil {
			j.w.fail("one row a delivery", "%s %s", m.inbox, short(m.key))
		}
		r.byPlace[place{m.inbox, m.key}] = m
		return err
	})
	j.eachOf(view, `SELECT id, messages, opened_at, status FROM tickets`, func(scan func(...any) error) error {
		t := &ticket{}
		err := scan(&t.id, &t.messages, &t.opened, &t.status)
		r.tickets[t.id] = t
		return err
	})
	j.eachOf(view, `SELECT ticket, kind, state, cause, start_at, due_at, settled_at, paused_at FROM promises
UNION ALL SELECT ticket, 'next-reply ' || turn, state, cause, start_at, due_at, settled_at, 0 FROM turns`, func(scan func(...any) error) error {
		var p promiseRow
		err := scan(&p.ticket, &p.kind, &p.state, &p.cause, &p.start, &p.due, &p.settled, &p.paused)
		r.promises = append(r.promises, p)
		return err
	})
	j.eachOf(view, `SELECT id, ticket, message, key, kind, state, cause, channel, to_value, provider_id, created_at, due_at, next_at, wake_at, sent_at, covered_by, needs_fallback FROM outbox`,
		func(scan func(...any) error) error {
			var e effect
			err := scan(&e.id, &e.ticket, &e.message, &e.key, &e.kind, &e.state, &e.cause, &e.channel, &e.to, &e.provider, &e.created, &e.due, &e.next, &e.wake, &e.sent, &e.covered, &e.fallback)
			r.effects = append(r.effects, e)
			return err
		})
	j.eachOf(view, `SELECT inbox, stream, value FROM cursors`, func(scan func(...any) error) error {
		var inbox, stream, value string
		err := scan(&inbox, &stream, &value)
		r.cursors[inbox+" "+stream] = value
		return err
	})
	return r
}

// always are the invariants that hold at every moment.
func (j *judge) always() {
	r := j.read()
	j.states(r)
	j.entries(r)
	j.bookmarks(r)
	j.order(r)
	j.deadlines(r)
	j.acts()
	j.owners()
	j.drafts()
	j.written()
	j.took(r)
}

// took: what we said we have is there, in exactly one state.
func (j *judge) took(r *record) {
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	for at, l := range b.places {
		if m := r.byPlace[at]; !l.told.IsZero() && m == nil && !b.renamed(l.item, at.inbox) {
			j.w.fail("nothing lost", "item %d was taken by %s at %s and is not there", l.item.n, at.inbox, stamp(l.told))
		}
	}
}

// states: every delivery is undecided or decided, never both and never neither.
func (j *judge) states(r *record) {
	for _, m := range r.messages {
		if m.undecided+m.decided != 1 {
			j.w.fail("one state", "message %d is %d times undecided, %d times decided", m.id, m.undecided, m.decided)
		}
	}
	if n := j.count(`SELECT count(*) FROM messages WHERE id NOT IN (SELECT id FROM deliveries)`); n > 0 {
		j.w.fail("one state", "%d messages without a delivery", n)
	}
}

// entries: a ticket has one message that opened it, and knows how many it has.
func (j *judge) entries(r *record) {
	opened, all := map[int64]int{}, map[int64]int64{}
	for _, m := range r.messages {
		switch m.state {
		case "ticketed":
			opened[m.ticket]++
			all[m.ticket]++
		case "appended":
			all[m.ticket]++
		case "duplicate":
			if r.messages[m.copyOf] == nil {
				j.w.fail("one ticket entry", "message %d is a copy of nothing", m.id)
			}
		}
		if (m.state == "ticketed" || m.state == "appended") && r.tickets[m.ticket] == nil {
			j.w.fail("one ticket entry", "message %d is of ticket %d, which is not there", m.id, m.ticket)
		}
	}
	for id, t := range r.tickets {
		if opened[id] != 1 || all[id] != t.messages {
			j.w.fail("one ticket entry", "ticket %d was opened by %d messages; it has %d and counts %d", id, opened[id], all[id], t.messages)
		}
	}
}

// bookmarks: no bookmark is behind a mail that is not recorded.
func (j *judge) bookmarks(r *record) {
	for _, box := range j.w.mailboxes {
		var at bookmark
		value := r.cursors[box.inbox+" imap:INBOX"]
		if _, err := fmt.Sscanf(strings.NewReplacer(`{"Validity":`, "", `,"UID":`, " ", "}", "").Replace(value), "%d %d", &at.Validity, &at.UID); err != nil {
			continue
		}
		for _, h := range box.behind(at) {
			if r.byPlace[place{box.inbox, box.key(at.Validity, h)}] == nil {
				j.w.fail("the bookmark passes only what is recorded", "%s is at %d of %d, mail %d is not there", box.inbox, at.UID, at.Validity, h)
			}
		}
	}
}

// behind are the mails that the bookmark has passed.
func (m *mailbox) behind(at bookmark) (uids []int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, h := range m.mails {
		if at.Validity == m.validity && h.uid <= at.UID {
			uids = append(uids, h.uid)
		}
	}
	return uids
}

// order: what was decided together was decided in the order of its sources' time.
func (j *judge) order(r *record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, batch := range j.batches {
		for i := 1; i < len(batch); i++ {
			a, b := r.messages[batch[i-1]], r.messages[batch[i]]
			if a != nil && b != nil && a.cause == "" && b.cause == "" && a.at > b.at {
				j.w.fail("order kept", "message %d of %s was decided before message %d of %s", a.id, stamp(time.UnixMicro(a.at)), b.id, stamp(time.UnixMicro(b.at)))
			}
		}
	}
	j.batches = nil
}

// early: nothing is broken before it was due.
func (j *judge) early() {
	for _, id := range j.ids(`SELECT ticket FROM promises WHERE state = 'broken' AND settled_at = 0 AND due_at > ` + strconv.FormatInt(time.Now().UnixMicro(), 10)) {
		j.w.fail("no deadline early", "a promise of ticket %d is broken before it was due", id)
	}
}

// deadlines: none comes early, none moves later, and the acknowledgement's is a day after the source
// had the message.
func (j *judge) deadlines(r *record) {
	opener := map[int64]*post{}
	for _, m := range r.messages {
		if m.state == "ticketed" {
			opener[m.ticket] = m
		}
	}
	owed := map[int64]string{}
	for _, p := range r.promises {
		if words := p.kind == "first-reply" || strings.HasPrefix(p.kind, "next-reply"); words && p.settled == 0 {
			if before := owed[p.ticket]; before != "" {
				j.w.fail("one reply is owed at a time", "%s and %s of ticket %d", before, p.kind, p.ticket)
			}
			owed[p.ticket] = p.kind
		}
		if p.state == "broken" && p.settled == 0 && r.now.UnixMicro() < p.due {
			j.w.fail("no deadline early", "%s of ticket %d is broken, due %s", p.kind, p.ticket, stamp(time.UnixMicro(p.due)))
		}
		if p.state == "warned" && r.now.UnixMicro() < p.start+(p.due-p.start)/2-1 && p.kind == "acknowledgement" {
			j.w.fail("no deadline early", "%s of ticket %d was warned of before half of its time", p.kind, p.ticket)
		}
		if m := opener[p.ticket]; p.kind == "acknowledgement" && m != nil && p.due != m.at+ackWithin.Microseconds() {
			j.w.fail("the promise counts from the source", "ticket %d: due %s, received %s", p.ticket, stamp(time.UnixMicro(p.due)), stamp(time.UnixMicro(m.at)))
		}
		// The clock of a resolution stands still while it is the customer's turn; its time is announced to nobody.
		if last, ok := j.dues[p.promiseKey]; ok && p.due > last && p.kind != "resolution" {
			j.w.fail("an announced time never moves later", "%s of ticket %d", p.kind, p.ticket)
		}
		j.dues[p.promiseKey] = p.due
	}
}
