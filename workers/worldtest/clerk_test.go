package worldtest

import "time"

// deed is something that a person at the desk does with one thing.
type deed struct {
	act string // as the journal calls it
	id  int64
	by  func(p *process) error
}

// clerk has a person do something, in some worlds sometimes twice, and where there is a way back sometimes take it back later.
func (w *world) clerk(d deed, back *deed) {
	times := 1
	if w.busy && w.clerks.chance(0.5) { // the button is pressed twice
		times = 2
	}
	for range times {
		p := w.anyone(func(p *process) bool { return p.works })
		if p == nil {
			return
		}
		err := d.by(p)
		w.story.tell("the desk does %s of %d: %v", d.act, d.id, err)
		if err == nil {
			w.mu.Lock()
			w.deeds[deedKey{d.act, d.id}]++
			w.mu.Unlock()
		}
	}
	if back != nil && w.busy && w.clerks.chance(0.5) {
		w.after(w.clerks.between(time.Second, 2*time.Minute), func() { w.clerk(*back, nil) })
	}
}

type deedKey struct {
	act string
	id  int64
}

// acts: what a person does is done once, and taken back once: an act leads to another state each time, and what was done and not
// taken back still stands.
func (j *judge) acts() {
	for _, id := range j.ids(`SELECT ticket FROM entries WHERE kind IN ('close', 'reopen') AND json_extract(before, '$.ticket') IS json_extract(after, '$.ticket')`) {
		j.w.fail("an act is done once", "ticket %d was closed or opened again as it stood", id)
	}
	for _, id := range j.ids(`SELECT m.id FROM messages m WHERE m.erased_at = 0 AND (SELECT count(*) FROM journal j WHERE j.message = m.id AND j.act = 'dismiss')
<> (SELECT count(*) FROM journal j WHERE j.message = m.id AND j.act = 'undismiss') + (m.state = 'dismissed')`) {
		j.w.fail("an act is done once", "message %d was not dismissed as often as that was taken back", id)
	}
	j.w.mu.Lock()
	deeds := make(map[deedKey]int, len(j.w.deeds))
	for key, n := range j.w.deeds {
		deeds[key] = n
	}
	j.w.mu.Unlock()
	for key, n := range deeds {
		if noted := j.count(`SELECT count(*) FROM journal WHERE act = ? AND ? IN (message, ticket)`, key.act, key.id); noted < n {
			j.w.fail("what was said to be done is done", "%s of %d: %d times said, %d times in the journal", key.act, key.id, n, noted)
		}
	}
}
