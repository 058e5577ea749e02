package worldtest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/workers/replay"
	"frontdesk/workers/store/auditing"
)

// rest are the invariants of a world whose faults have stopped long ago: nothing waits any more.
func (j *judge) rest() {
	r := j.read()
	for _, m := range r.messages {
		if m.undecided > 0 {
			j.w.fail("the backlog reaches zero", "message %d of %s, recorded %s, is undecided", m.id, m.inbox, stamp(time.UnixMicro(m.recorded)))
		}
	}
	for _, e := range r.effects {
		if e.wake > 0 && e.next > 0 && e.next < r.now.Add(-5*time.Minute).UnixMicro() {
			j.w.fail("nothing due stays undone", "effect %d (%s of ticket %d) is %s, due since %s", e.id, e.kind, e.ticket, e.state, stamp(time.UnixMicro(e.next)))
		}
	}
	j.arrived(r)
	j.fates(r)
	j.copies(r)
	j.answered(r)
	j.owned()
	j.apart(r)
	j.reports(r)
	if j.w.seed%4 == 0 { // reading the whole file costs as much as a phase of a world
		j.silent()
	}
}

// arrived: everything that a source holds is here, whether we said so or not.
func (j *judge) arrived(r *record) {
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	for at, l := range b.places {
		if old := strings.HasPrefix(at.key, "INBOX:") && !j.w.current(at); old {
			continue
		}
		if r.byPlace[at] == nil && !b.renamed(l.item, at.inbox) {
			j.w.fail("nothing lost", "item %d at %s %s never came", l.item.n, at.inbox, short(at.key))
		}
	}
}

// current reports whether the mailbox still knows that key.
func (w *world) current(at place) bool {
	for _, m := range w.mailboxes {
		if m.inbox == at.inbox {
			m.mu.Lock()
			defer m.mu.Unlock()
			return strings.HasPrefix(at.key, m.key(m.validity, 0)[:len(m.key(m.validity, 0))-1])
		}
	}
	return false
}

// fates: what each item is decides what may become of it.
func (j *judge) fates(r *record) {
	released := j.released()
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	for at, l := range b.places {
		m := r.byPlace[at]
		if m == nil {
			continue
		}
		may := map[string]string{person: "ticketed appended duplicate", machine: "ticketed appended duplicate parked dismissed suppressed", other: "ticketed appended duplicate parked dismissed suppressed",
			optOut: "suppressed", optIn: "suppressed", killer: "parked dismissed duplicate", garbage: "parked dismissed",
			past: "ticketed appended duplicate parked dismissed"}[l.item.what]
		if gone := b.leaverOf(l.item.from); gone != nil && gone.block {
			may += " suppressed"
		}
		if entered := m.state == "ticketed" || m.state == "appended"; entered && m.proven != l.item.proven(at.inbox) && !m.erased {
			j.w.fail("a sender is proven by his proof alone", "item %d of %s at %s (%s): message %d is proven: %v", l.item.n, l.item.by, at.inbox, l.item.proof, m.id, m.proven)
		}
		if l.item.what == person && (m.cause == "unauthenticated-reply" || m.cause == "sender-flood" || m.state == "dismissed" && m.cause != "unparsable") {
			continue
		}
		if out := l.item.proof == refuted || l.item.proof == unsure; out && m.state == "appended" && !released[m.id] {
			j.w.fail("who is disowned joins nothing", "item %d of %s, as %s, at %s (%s): message %d", l.item.n, l.item.by, l.item.from, at.inbox, l.item.proof, m.id)
		}
		if !strings.Contains(may, m.state) {
			j.w.fail("each item has its fate", "item %d (%s) at %s: message %d is %s %s", l.item.n, l.item.what, at.inbox, m.id, m.state, m.cause)
		}
	}
}

// copies: an item that came by several ways is one entry.
func (j *judge) copies(r *record) {
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	entries := map[*item][]int64{}
	for at, l := range b.places {
		if m := r.byPlace[at]; m != nil && (m.state == "ticketed" || m.state == "appended") {
			entries[l.item] = append(entries[l.item], m.id)
		}
	}
	for it, ids := range entries {
		if len(ids) > 1 {
			j.w.fail("one ticket entry a message", "item %d (%s) became the messages %v", it.n, it.what, ids)
		}
	}
}

// settled are the invariants of the end, when every deadline has passed.
func (j *judge) settled() {
	r := j.read()
	for _, p := range r.promises {
		if (p.state == "due" || p.state == "warned") && p.paused == 0 {
			j.w.fail("every promise is settled", "%s of ticket %d is %s, due %s", p.kind, p.ticket, p.state, stamp(time.UnixMicro(p.due)))
		}
	}
	for _, e := range r.effects {
		if e.state == "due" || e.state == "sending" || e.fallback {
			j.w.fail("the outbox gets empty", "effect %d (%s of ticket %d) is %s, next %s", e.id, e.kind, e.ticket, e.state, stamp(time.UnixMicro(e.next)))
		}
	}
	j.acknowledged(r)
	j.sparing()
	j.held()
}

// acknowledged: every ticket has its promise of an acknowledgement; one that is kept was handed to a
// provider in time, one that was handed over in good time is not broken.
func (j *judge) acknowledged(r *record) {
	promised := map[int64]promiseRow{}
	for _, p := range r.promises {
		if p.kind == "acknowledgement" {
			promised[p.ticket] = p
		}
	}
	handed := j.handed()
	for id := range r.tickets {
		p, ok := promised[id]
		if !ok {
			j.w.fail("one promise a ticket", "ticket %d has none", id)
			continue
		}
		at, sent := handed[id]
		switch {
		case p.state == "kept" && !sent:
			j.w.fail("a kept promise was kept", "nothing about ticket %d was handed to anybody", id)
		case p.state == "kept" && (p.settled > p.due || at.Add(-j.w.slow()).UnixMicro() > p.settled):
			j.w.fail("a kept promise was kept", "ticket %d: due %s, settled %s, handed over %s", id, stamp(time.UnixMicro(p.due)), stamp(time.UnixMicro(p.settled)), stamp(at))
		case p.state == "broken" && sent && at.Add(j.w.slack()).UnixMicro() < p.due:
			j.w.fail("a kept promise is not called broken", "ticket %d: due %s, handed over %s", id, stamp(time.UnixMicro(p.due)), stamp(at))
		}
	}
}

// slow is how far the clock of a source may be behind: by its word, something may have been handed over earlier.
func (w *world) slow() time.Duration { return max(0, -w.skew) + time.Second }

// slack is how long it may take to write down that something was handed over: as long as nobody runs.
func (w *world) slack() time.Duration {
	if w.dark.Load() {
		return 40 * time.Hour
	}
	return 10 * time.Hour
}

// handed is when something about each ticket was first taken by a provider.
func (j *judge) handed() map[int64]time.Time {
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[int64]time.Time{}
	for _, s := range b.sends {
		for _, t := range s.tickets {
			if _, ok := out[t]; !ok && !s.person() {
				out[t] = s.at
			}
		}
	}
	return out
}

// answered: nothing about a ticket that a machine opened was handed to anybody, two desks that confirm
// each other come to an end, and nobody gets more than two digests a day.
func (j *judge) answered(r *record) {
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	about, to, digests := map[int64]*send{}, map[string]int{}, map[string][]time.Time{}
	for _, s := range b.sends {
		if s.person() {
			continue
		}
		to[s.to]++
		if strings.HasPrefix(s.key, "digest:") && !s.lost {
			digests[s.to] = append(digests[s.to], s.at)
		}
		if len(s.tickets) == 1 {
			about[s.tickets[0]] = s
		}
	}
	for at, l := range b.places {
		m := r.byPlace[at]
		if m == nil || m.state != "ticketed" || about[m.ticket] == nil {
			continue
		}
		switch l.item.what {
		case machine:
			j.w.fail("no answer to a machine", "item %d opened ticket %d, and %s was told", l.item.n, m.ticket, about[m.ticket].to)
		case past:
			j.w.fail("no answer to history", "item %d opened ticket %d, and %s was told", l.item.n, m.ticket, about[m.ticket].to)
		}
	}
	if n := to[otherDesk]; n > 12 {
		j.w.fail("two desks come to an end", "%d mails went to the other one", n)
	}
	for who, at := range digests {
		for i := 2; i < len(at); i++ {
			if at[i].Sub(at[i-2]) < 20*time.Hour {
				j.w.fail("two digests a day", "%s got three by %s", who, stamp(at[i]))
			}
		}
	}
}

// owned: a ticket belongs to the contact who has proven the address that opened it; one that nobody has
// proven, to a contact of its own that has no address. And a key is there once.
func (j *judge) owned() {
	for _, id := range j.ids(`SELECT t.id FROM tickets t JOIN messages m ON m.ticket = t.id AND m.state = 'ticketed'
LEFT JOIN identities i ON i.address = ltrim(m.sender, '?') WHERE m.erased_at = 0 AND NOT t.claimed AND coalesce(i.contact, 0) <> t.contact`) {
		j.w.fail("a ticket belongs to who opened it", "ticket %d", id)
		j.explain(0, id)
	}
	for _, id := range j.ids(`SELECT t.id FROM tickets t WHERE t.claimed AND (EXISTS (SELECT 1 FROM identities i WHERE i.contact = t.contact)
OR EXISTS (SELECT 1 FROM tickets o WHERE o.contact = t.contact AND o.id <> t.id))`) {
		j.w.fail("a claim is nobody's", "ticket %d", id)
	}
	for _, id := range j.ids(`SELECT max(id) FROM outbox GROUP BY key HAVING count(*) > 1`) {
		j.w.fail("one effect a key", "effect %d", id)
	}
	for _, id := range j.ids(`SELECT c.message FROM copies c LEFT JOIN messages m ON m.id = c.message WHERE m.id IS NULL OR m.ticket = 0 OR m.redacted <> '' OR m.erased_at <> 0`) {
		j.w.fail("a copy is of a mail in a ticket in which nothing is masked", "message %d", id)
		j.explain(id, 0)
	}
	for _, id := range j.ids(`SELECT message FROM uncopied`) {
		j.w.fail("a copy is made of each formatted mail", "message %d waits", id)
		j.explain(id, 0)
	}
}

// books: the program's own audit finds the books in order.
func (j *judge) books() {
	p := j.w.anyone(func(p *process) bool { return p.works })
	if p == nil {
		return
	}
	books, err := p.store.Auditing.Audit(p.back, auditing.AuditOptions{}, time.Now())
	if err != nil {
		j.w.fail("the books can be made", "%v", err)
		return
	}
	for _, f := range books.Findings {
		if !f.Warning() {
			j.w.fail("the books are in order", "%s: message %d, ticket %d, effect %d: %s", f.Rule, f.Message, f.Ticket, f.Effect, f.Detail)
			j.explain(f.Message, f.Ticket)
		}
	}
}

// again: whatever was decided is decided the same again, from its original and what was known then. It costs as much as a world,
// so that one world in eight is asked.
func (j *judge) again() {
	p := j.w.anyone(func(p *process) bool { return p.works })
	if p == nil || j.w.seed%8 != 5 {
		return
	}
	_, err := replay.Run(p.back, p.store, p.hindsight, replay.Options{Version: "world", Reasons: true, Workers: 1}, func(v replay.Verdict) error {
		if len(v.Differences) > 0 || v.Faulty() {
			j.w.fail("the same is decided again", "message %d: %v %s %s", v.ID, v.Differences, v.Skipped, v.Missing)
		}
		return nil
	})
	if err != nil {
		j.w.fail("the same is decided again", "%v", err)
	}
}

// actsAgain: whatever people did comes to the same again, from what was noted of it.
func (j *judge) actsAgain() {
	p := j.w.anyone(func(p *process) bool { return p.works })
	if p == nil {
		return
	}
	_, err := replay.Acts(p.back, p.store, replay.Options{}, func(v replay.ActVerdict) error {
		if len(v.Differences) > 0 || v.Skipped != "" && v.Skipped != replay.SkippedErasure {
			j.w.fail("the same is done again", "act %d, %s of message %d and ticket %d: %v %s", v.ID, v.Act, v.Message, v.Ticket, v.Differences, v.Skipped)
		}
		return nil
	})
	if err != nil {
		j.w.fail("the same is done again", "%v", err)
	}
}

// explain tells of a finding what lies in the file about it.
func (j *judge) explain(message, ticket int64) {
	for _, query := range []string{`SELECT 'message ' || id || ' ' || state || ' ' || cause || ' from ' || sender || ' proven ' || proven || ' contact ' || contact || ' erased ' || erased_at FROM messages WHERE id = ?1 OR ticket = ?2`,
		`SELECT 'ticket ' || t.id || ' contact ' || t.contact || ' claimed ' || t.claimed || ' people ' || t.participants || ' ' || coalesce((SELECT group_concat(i.address || ' is ' || i.contact || ' verified ' || i.verified) FROM identities i
JOIN messages m ON ltrim(m.sender, '?') = i.address AND m.ticket = t.id), '') FROM tickets t WHERE t.id = ?2 AND ?1 >= 0`,
		`SELECT 'promise ' || kind || ' ' || state || ' ' || cause || ' settled ' || settled_at FROM promises WHERE ticket = ?2 AND ?1 >= 0`,
		`SELECT 'turn ' || turn || ' ' || state || ' ' || cause || ' from ' || start_at || ' settled ' || settled_at FROM turns WHERE ticket = ?2 AND ?1 >= 0`,
		`SELECT 'effect ' || id || ' ' || key || ' ' || kind || ' ' || state || ' ' || cause || ' to ' || to_value || ' contact ' || contact || ' counted as ' || counted_as || ' covered by ' || covered_by || ' erased ' || erased FROM outbox
WHERE message = ?1 OR ticket = ?2 AND ?2 <> 0 OR id IN (SELECT covered_by FROM outbox WHERE message = ?1 AND covered_by <> 0)`} {
		j.each(query, func(scan func(...any) error) error {
			var line string
			err := scan(&line)
			j.w.story.tell("    %s", line)
			return err
		}, message, ticket)
	}
}

// silent: no card number is readable in the file, beside it, or in a log.
func (j *judge) silent() {
	files, _ := filepath.Glob(filepath.Join(j.w.dir, "frontdesk.db*"))
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		for _, card := range cards {
			if bytes.Contains(content, []byte(card)) {
				j.w.fail("no card number readable", "in %s", filepath.Base(name))
			}
		}
	}
	j.w.logs.mu.Lock()
	defer j.w.logs.mu.Unlock()
	for _, word := range append([]string{"person1@", "@c1.example", "+8613800138", "order 1000"}, cards...) {
		if bytes.Contains(j.w.logs.buf.Bytes(), []byte(word)) {
			j.w.fail("no card number readable", "a log line holds %q", word)
		}
	}
}
