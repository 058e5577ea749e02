package worldtest

import (
	"slices"
	"time"

	"frontdesk/pipeline/causes"
	"frontdesk/workers/store/acts"
)

// letsGo has a person let some of what a cap withholds go.
func (w *world) letsGo(p *process) bool {
	causes := w.judge.heldCauses()
	if len(causes) == 0 {
		return false
	}
	cause := pick(w.script, causes...)
	held := w.judge.heldFor(cause)
	done, err := p.store.Acts.ReleaseHeld(p.back, acts.Release{Cause: cause, Limit: 1 + w.script.n(5), Who: "li"}, time.Now())
	w.story.tell("the desk lets %d acknowledgements go that were withheld as %s: %v", done.Count, cause, err)
	still := w.judge.heldFor(cause)
	w.judge.mu.Lock()
	defer w.judge.mu.Unlock()
	for _, id := range held {
		if !slices.Contains(still, id) {
			w.freed[id] = true
		}
	}
	return true
}

// heldCauses are those for which something is withheld that a person may let go.
func (j *judge) heldCauses() (out []string) {
	for _, cause := range causes.Held() {
		if cause != causes.NoServiceArea && len(j.heldFor(cause)) > 0 {
			out = append(out, cause)
		}
	}
	return out
}

func (j *judge) heldFor(cause string) []int64 {
	return j.ids(`SELECT id FROM outbox WHERE kind = 'acknowledgement' AND state = 'withheld' AND NOT erased AND cause = '` + cause + `' ORDER BY created_at, id`)
}

// given is an acknowledgement to somebody whom nothing proves, that was not withheld when it was decided.
type given struct {
	id    int64
	at    time.Time
	typed bool // a text to a number from which nobody has ever written
	what  string
}

// sparing: within no hour and no day more strangers are answered than the desk's caps allow, nor more texts are paid for
// to numbers that somebody typed. What a person has let go is hers.
func (j *judge) sparing() {
	var all []given
	j.each(`SELECT o.id, o.key || ' of message ' || o.message || ' in slot ' || (o.created_at / 300000000) || ' ' || o.state || ' ' || o.cause, o.created_at, o.channel = 'sms' AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.address = o.recipient AND i.contact <> 0)
FROM outbox o WHERE o.kind = 'acknowledgement' AND o.counted_as LIKE '?%' AND o.state <> 'withheld' AND o.key NOT LIKE '%:%:%' ORDER BY o.created_at, o.id`,
		func(scan func(...any) error) error {
			var a given
			var at int64
			err := scan(&a.id, &a.what, &at, &a.typed)
			if a.at = time.UnixMicro(at); !j.w.freed[a.id] {
				all = append(all, a)
			}
			return err
		})
	j.within(all, time.Hour, j.w.policy.hour, "strangers are answered sparingly")
	j.within(all, 24*time.Hour, j.w.policy.day, "strangers are answered sparingly")
	typed := slices.DeleteFunc(slices.Clone(all), func(a given) bool { return !a.typed })
	j.within(typed, 24*time.Hour, min(claimedPrefix, textBudget/textPrice), "typed numbers cost little")
}

// within: no window of that length has more answers than most.
func (j *judge) within(all []given, window time.Duration, most int, invariant string) {
	for i := most; i < len(all); i++ {
		if span := all[i].at.Sub(all[i-most].at); span < window {
			j.w.fail(invariant, "these are %d within %s, of %d that are allowed in %s: %v", most+1, span, most, window, all[i-most:i+1])
			return
		}
	}
}

// held: what a cap withholds is in the books. Its promise is void for that very cause, and a person finds it in the list.
func (j *judge) held() {
	for _, id := range j.ids(`SELECT o.id FROM outbox o LEFT JOIN promises p ON p.ticket = o.ticket AND p.kind = 'acknowledgement'
WHERE o.kind = 'acknowledgement' AND o.state = 'withheld' AND o.cause IN ('stranger-cap', 'digest-cap', 'unproven-number', 'sms-prefix-cap', 'sms-budget', 'no-service-area')
AND (coalesce(p.state, '') <> 'void' OR p.cause <> o.cause)`) {
		j.w.fail("what is withheld is in the books", "effect %d", id)
	}
	p := j.w.anyone(func(p *process) bool { return p.works })
	if p == nil {
		return
	}
	listed, err := p.store.Outbox.Held(p.back, time.Time{})
	if err != nil {
		j.w.fail("the books can be made", "%v", err)
		return
	}
	var n int64
	for _, h := range listed {
		n += h.Count
	}
	if want := j.count(`SELECT count(*) FROM outbox WHERE state = 'withheld' AND cause IN ('stranger-cap', 'digest-cap', 'unproven-number', 'sms-prefix-cap', 'sms-budget', 'no-service-area')`); n != int64(want) {
		j.w.fail("what is withheld is in the books", "%d are listed, %d are withheld", n, want)
	}
}
