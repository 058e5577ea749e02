package worldtest

import (
	"slices"
	"strings"
	"time"
)

// entry is one message of a ticket with who wrote it.
type entry struct {
	*post
	item *item
}

// apart: no word, ticket, address or acknowledgement of one person ever reaches or joins another. Each
// text has the number of an order that is in no other, by which its writer is known.
func (j *judge) apart(r *record) {
	released := j.released()
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	writers := b.writers()
	opener, all := map[int64]entry{}, map[int64][]entry{}
	j.each(`SELECT id, visible FROM messages WHERE state IN ('ticketed', 'appended') AND erased_at = 0`, func(scan func(...any) error) error {
		var id int64
		var visible string
		err := scan(&id, &visible)
		if it := writers[order.FindString(visible)]; it != nil && r.messages[id] != nil {
			e := entry{r.messages[id], it}
			all[e.ticket] = append(all[e.ticket], e)
			if e.state == "ticketed" {
				opener[e.ticket] = e
			}
		}
		return err
	})
	origin := map[int64]int64{} // of tickets that were split off: who took part in the old one takes part there
	off := map[int64][]int64{}  // and what was split off of a ticket once said who takes part in it
	j.each(`SELECT ticket, origin FROM splits`, func(scan func(...any) error) error {
		var ticket, from int64
		err := scan(&ticket, &from)
		origin[ticket], off[from] = from, append(off[from], ticket)
		return err
	})
	for id, first := range opener {
		known := slices.Clone(all[id])
		for from := origin[id]; from != 0; from = origin[from] {
			known = append(known, all[from]...)
		}
		for rest := off[id]; len(rest) > 0; rest = append(rest[1:], off[rest[0]]...) {
			known = append(known, all[rest[0]]...)
		}
		for _, e := range all[id] {
			switch {
			case released[e.id] || released[first.id]: // a person has looked
			case slices.Contains(company(first, known, e), e.item.from):
			case first.proven && e.item.by != first.item.by:
				j.w.fail("nobody joins another's ticket", "ticket %d of %s holds item %d of %s, as %s", id, first.item.by, e.item.n, e.item.by, e.item.from)
			case !first.proven && e.item.from != first.item.from && e.item.from != first.item.envelope: // our acknowledgement went to the envelope
				j.w.fail("nobody joins another's ticket", "ticket %d, opened in the name of %s, holds item %d in the name of %s", id, first.item.from, e.item.n, e.item.from)
			}
		}
	}
	for _, s := range b.sends {
		if !s.person() { // what an agent writes is his
			j.said(s, writers)
			j.listed(s, opener)
		}
	}
	j.owing(r, opener)
}

// company is whom the ticket's owner had named beside us when an entry came: in any mail of his; of a ticket that
// nothing proves in any mail in his name, until he proves himself and takes it over: from then on by his own alone.
func company(first entry, all []entry, e entry) (out []string) {
	over := first.when
	for _, o := range all {
		before := later(e, o) || o.id == e.id // of one batch either may have been decided first: both are granted
		if !first.proven && o.proven && o.item.from == first.item.from && before && (over == first.when || o.when < over) {
			over = o.when
		}
	}
	taken := first.proven || over != first.when
	for _, o := range all {
		if o.item.from == first.item.from && !later(o, e) && (!taken || o.proven && o.when >= over) {
			out = append(append(out, o.item.cc...), o.item.envelope) // to which our acknowledgement may go
		}
	}
	return out
}

// later reports whether an entry was decided after another one. Those of one batch, which are decided in the order of
// their sources, have one time.
func later(a, than entry) bool { return a.when > than.when }

// released are the messages that a person has let through.
func (j *judge) released() map[int64]bool {
	out := map[int64]bool{}
	for _, id := range j.ids(`SELECT message FROM journal WHERE act = 'release'`) {
		out[id] = true
	}
	return out
}

// writers are the items by the number in their text; the book is locked.
func (b *book) writers() map[string]*item {
	out := map[string]*item{}
	for _, it := range b.items {
		if n := order.FindString(it.text); n != "" && out[n] == nil {
			out[n] = it
		}
	}
	return out
}

// said: what we write holds words of nobody but its reader, and none that nothing proves to be his.
func (j *judge) said(s *send, writers map[string]*item) {
	for _, n := range order.FindAllString(s.text, -1) {
		it := writers[n]
		switch {
		case it == nil:
		case it.by != s.to && slices.ContainsFunc(j.w.book.items, func(own *item) bool {
			return own.by == s.to && (strings.Contains(own.subject, n) || strings.Contains(own.text, n))
		}): // who has read a number may write it
		case it.by != s.to:
			j.w.fail("nobody reads another's words", "%s is sent what %s wrote (item %d)", s.to, it.by, it.n)
		case !it.sure():
			j.w.fail("nothing repeats a stranger's words", "%s is sent the words of item %d, which nothing proves", s.to, it.n)
		}
	}
}

// listed: what we write is about tickets of its reader, and tells a proven person of no ticket that
// somebody opened in his name.
func (j *judge) listed(s *send, opener map[int64]entry) {
	proven := 0
	for _, id := range s.tickets {
		first, ok := opener[id]
		if !ok {
			continue
		}
		if first.proven {
			proven++
		}
		if own := first.item.by == s.to || !first.proven && (first.item.from == s.to || first.item.envelope == s.to); !own {
			j.w.fail("nobody is told of another's ticket", "%s, of ticket %d of %s", s.to, id, first.item.by)
		}
	}
	if strings.HasPrefix(s.key, "digest:") && proven != 0 && proven != len(s.tickets) {
		j.w.fail("nobody is told of another's ticket", "a digest to %s lists %v, of which %d are proven", s.to, s.tickets, proven)
	}
}

// owing: what somebody did whom nothing proves withholds no acknowledgement from the owner of the address.
func (j *judge) owing(r *record, opener map[int64]entry) {
	for _, e := range r.effects {
		first, ok := opener[e.ticket]
		if e.kind != "acknowledgement" || e.state != "withheld" || !ok || !first.proven || first.item.by == mallory || e.channel == "telegram" {
			continue
		}
		there := !unread(first.item.by)
		reached := there && !strings.HasPrefix(first.item.by, "person5@") // the others read what we send
		because := map[string]bool{"stranger-cap": true, "digest-cap": true, "premium-number": true, "unproven-number": true, "sms-prefix-cap": true, "sms-budget": true, "opted-out": e.channel == "email",
			"address-failed": there, "no-address": reached && e.channel == "email", "sender-cap": !j.answeredBefore(r, e)}
		if because[e.cause] {
			j.w.fail("nobody costs another an acknowledgement", "ticket %d of %s: %s", e.ticket, first.item.by, e.cause)
		}
	}
}

// answeredBefore reports whether the same proven person was answered lately, so that a cap is his own doing.
func (j *judge) answeredBefore(r *record, of effect) bool {
	for _, e := range r.effects {
		m := r.messages[e.message]
		lately := e.created <= of.created && e.created > of.created-(48*time.Hour).Microseconds()
		if e.id != of.id && e.kind == "acknowledgement" && e.to == of.to && e.state != "withheld" && m != nil && (m.proven || m.erased) && lately {
			return true
		}
	}
	return false
}
