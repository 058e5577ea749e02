package worldtest

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	command "frontdesk/pipeline/domain/commands/persons"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/splitting"
	"frontdesk/workers/store/viewer"
)

// agent is one of three people who work on tickets all day.
func agent(n int64) viewer.Viewer {
	return viewer.Viewer{User: n, Login: fmt.Sprint("agent", n), Grants: []viewer.Grant{{Role: viewer.Agent, Queue: viewer.Every}}}
}

// shifts is how often in a phase agents do something.
func (w *world) shifts() int {
	if !w.staffed {
		return 0
	}
	return w.agents.n(5)
}

// work has two agents do something at about the same moment, in whatever processes.
func (w *world) work() {
	for range 2 {
		n := int64(1 + w.agents.n(3))
		w.after(w.agents.between(0, 20*time.Millisecond), func() { w.agent(agent(n)) })
	}
	if w.joins.chance(0.4) {
		w.after(w.joins.between(0, 20*time.Millisecond), w.onePerson)
	}
}

// lead is who says which contacts are one person.
var lead = viewer.Viewer{User: 9, Login: "lead", Grants: []viewer.Grant{{Role: viewer.Lead, Queue: viewer.Every}}}

// onePerson has a lead join the customers of two tickets, part one, or take a step back, in worlds in which people are erased, too: the audit at the end holds pointers and
// steps to each other.
func (w *world) onePerson() {
	tickets := w.judge.ids(`SELECT t.id FROM tickets t JOIN contacts c ON c.id = t.contact ORDER BY t.id`)
	if len(tickets) < 2 {
		return
	}
	id, other := pick(w.joins, tickets...), pick(w.joins, tickets...)
	steps := w.judge.ids(`SELECT id FROM contact_steps WHERE stands ORDER BY id`)
	joined := w.judge.ids(`SELECT contact FROM contact_pointers UNION SELECT root FROM contact_pointers ORDER BY 1`)
	switch what := w.joins.n(4); {
	case what == 0 && len(steps) > 0:
		step, on := pick(w.joins, steps...), int64(0)
		w.judge.each(`SELECT t.id FROM contact_steps s JOIN tickets t ON t.contact IN (s.contact, s.root) WHERE s.id = ? ORDER BY t.id LIMIT 1`, func(scan func(...any) error) error { return scan(&on) }, step)
		w.clerk(deed{command.ActUndo, on, func(p *process) error { return p.store.Persons.Undo(p.back, lead, on, step, time.Now()) }}, nil)
	case what == 1 && len(joined) > 0:
		contact, on := pick(w.joins, joined...), int64(0)
		w.judge.each(`SELECT id FROM tickets WHERE contact = ? ORDER BY id LIMIT 1`, func(scan func(...any) error) error { return scan(&on) }, contact)
		w.clerk(deed{command.ActPart, on, func(p *process) error {
			return p.store.Persons.Part(p.back, lead, on, contact, contacts.WhyMistake, time.Now())
		}}, nil)
	default:
		w.clerk(deed{command.ActJoin, id, func(p *process) error {
			return p.store.Persons.Join(p.back, lead, id, other, contacts.WhyTold, time.Now())
		}}, nil)
	}
}

// agent has an agent do one thing: mostly take the next ticket, or something with one of his own, or with any.
func (w *world) agent(v viewer.Viewer) {
	mine := w.judge.ids(fmt.Sprintf(`SELECT ticket FROM desk WHERE owner = %d ORDER BY ticket`, v.User))
	any := w.judge.ids(`SELECT ticket FROM desk ORDER BY ticket`)
	what, id := w.agents.n(10), int64(0)
	switch {
	case what < 4 || len(any) == 0:
		w.clerk(deed{"take", 0, func(p *process) error {
			_, err := p.store.Dispatch.Next(p.back, v, assign.Rules{}, time.Now())
			return err
		}}, nil)
		return
	case what < 8 && len(mine) > 0:
		id = pick(w.agents, mine...)
	default:
		id = pick(w.agents, any...)
	}
	hour := time.Hour
	if w.agents.n(3) == 0 && w.split(v) {
		return
	}
	act := pick(w.agents,
		deed{"take", id, func(p *process) error { return p.store.Desk.Take(p.back, v, id, assign.Rules{}, time.Now()) }},
		deed{"hand-back", id, func(p *process) error { return p.store.Desk.HandBack(p.back, v, id, time.Now()) }},
		deed{"snooze", id, func(p *process) error { return p.store.Desk.Snooze(p.back, v, id, time.Now().Add(hour), time.Now()) }},
		deed{"set-pending", id, func(p *process) error { return p.store.Desk.SetPending(p.back, v, id, time.Now()) }},
		deed{"set-waiting", id, func(p *process) error { return p.store.Desk.SetWaiting(p.back, v, id, time.Now()) }},
		deed{"close", id, func(p *process) error { return p.store.Desk.Close(p.back, v, id, time.Now()) }})
	w.clerk(act, nil)
}

// split has an agent make a ticket of its own of a message that continues one, or take back that this was done; false where there is neither.
func (w *world) split(v viewer.Viewer) bool {
	if off := w.judge.ids(`SELECT s.ticket FROM splits s JOIN tickets t ON t.id = s.ticket WHERE t.merged_into = 0 ORDER BY s.ticket`); len(off) > 0 && w.agents.n(3) == 0 {
		back := pick(w.agents, off...)
		w.clerk(deed{"merge", back, func(p *process) error {
			_, err := p.store.Splitting.Undo(p.back, v, back, time.Now())
			return err
		}}, nil)
		return true
	}
	all := w.judge.ids(`SELECT m.id FROM messages m JOIN tickets t ON t.id = m.ticket WHERE m.state = 'appended' AND m.erased_at = 0 AND t.merged_into = 0 ORDER BY m.id`)
	if len(all) == 0 {
		return false
	}
	message, id, queue := pick(w.agents, all...), int64(0), ""
	w.judge.each(`SELECT t.id, t.queue FROM messages m JOIN tickets t ON t.id = m.ticket WHERE m.id = ?`, func(scan func(...any) error) error { return scan(&id, &queue) }, message)
	if id == 0 { // it was taken out meanwhile
		return false
	}
	chosen := splitting.Chosen{Ticket: id, Messages: []int64{message}, Queue: queue, Owner: []int64{0, v.User}[w.agents.n(2)], Answered: w.agents.n(2) == 0}
	w.clerk(deed{"split", id, func(p *process) error {
		_, err := p.store.Splitting.Split(p.back, v, splitting.Counting{}, chosen, time.Now())
		if errors.Is(err, splitting.ErrWaits) { // he clears the box
			chosen.Answered = false
			_, err = p.store.Splitting.Split(p.back, v, splitting.Counting{}, chosen, time.Now())
		}
		return err
	}}, nil)
	return true
}

// owners: a ticket is taken from nobody, and every open one is somebody's work or anybody's.
func (j *judge) owners() {
	for _, id := range j.ids(`SELECT ticket FROM entries WHERE kind = 'take' AND coalesce(json_extract(before, '$.desk.owner'), 0) <> 0`) {
		j.w.fail("a ticket has one owner", "ticket %d was taken while somebody had it", id)
	}
	for _, id := range j.ids(`SELECT id FROM tickets t WHERE status = 'open' AND NOT EXISTS (SELECT 1 FROM desk d WHERE d.ticket = t.id)
UNION SELECT ticket FROM desk d WHERE NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = d.ticket AND t.status = 'open')`) {
		j.w.fail("an open ticket is work", "ticket %d is open without being work, or work without being open", id)
	}
	for _, id := range j.ids(`SELECT ticket FROM desk WHERE (state = 'snoozed') <> (wake_at > 0) OR owner = 0 AND given_at > 0`) {
		j.w.fail("a work item agrees with itself", "that of ticket %d", id)
	}
	// It is whose its acts have made it, from nobody's on. Their differences add up in any order: an act that was held up is entered under its own,
	// earlier moment. What merging and its undoing do to the ticket that is worked on stands in the act of the other one.
	for _, id := range j.ids(`SELECT d.ticket FROM desk d WHERE d.owner <> coalesce((SELECT sum(coalesce(json_extract(nullif(e.after, ''), '$.desk.owner'), 0) - coalesce(json_extract(nullif(e.before, ''), '$.desk.owner'), 0)) FROM entries e
WHERE e.ticket = d.ticket), 0)
+ coalesce((SELECT sum(coalesce(json_extract(nullif(e.after, ''), '$.other.desk.owner'), 0) - coalesce(json_extract(nullif(e.before, ''), '$.other.desk.owner'), 0)) FROM entries e
WHERE e.kind IN ('merge', 'undo-merge') AND json_extract(nullif(e.after, ''), '$.into') = d.ticket), 0)
AND NOT EXISTS (SELECT 1 FROM entries o WHERE o.ticket = d.ticket AND o.kind = 'continued' AND json_extract(nullif(o.before, ''), '$.ticket') = 'closed')`) {
		var acts []string
		j.each(`SELECT e.id || ' ' || e.kind || ' at ' || e.at || ' by ' || e.actor || ', of ' || coalesce(json_extract(nullif(e.before, ''), '$.desk.owner'), '-') || ', then of ' || coalesce(json_extract(nullif(e.after, ''), '$.desk.owner'), '-') FROM entries e WHERE e.ticket = `+strconv.FormatInt(id, 10)+` ORDER BY e.at, e.id`,
			func(scan func(...any) error) error {
				acts = append(acts, "")
				return scan(&acts[len(acts)-1])
			})
		j.w.fail("a ticket is whose its acts say", "ticket %d has another owner: %q", id, acts)
	}
}
