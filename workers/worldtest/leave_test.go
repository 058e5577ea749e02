package worldtest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
)

// leaver is somebody whom the desk erases.
type leaver struct {
	who     message.Identity
	block   bool
	items   []*item        // whose words were here before
	named   []*item        // of others, in which the person was named, and which were here before
	tickets map[int64]bool // that the person had
	begun   time.Time
	done    time.Time // zero: not yet
}

// order is what is in everybody's words once: the number of an order.
var order = regexp.MustCompile(`1\d{7}`)

// leaves has the desk erase one of the customers.
func (w *world) leaves() {
	l := &leaver{block: w.script.chance(0.5), tickets: map[int64]bool{}, begun: time.Now()}
	known := w.judge.senders()
	if len(known) == 0 {
		return
	}
	l.who = pick(w.script, known...)
	if w.book.leaves(l.who.Value) { // once is enough: what holds afterwards must not depend on which of two came last
		return
	}
	w.book.leaving(l)
	w.story.tell("%s is to be erased (blocked: %v)", l.who.Value, l.block)
	w.after(0, func() { w.erase(l) })
}

// senders are customers who have tickets.
func (j *judge) senders() (out []message.Identity) {
	j.each(`SELECT DISTINCT sender_kind, sender_value FROM messages WHERE state IN ('ticketed', 'appended') AND erased_at = 0 ORDER BY sender_kind, sender_value`,
		func(scan func(...any) error) error {
			var id message.Identity
			err := scan(&id.Kind, &id.Value)
			if id.Value != otherDesk {
				out = append(out, id)
			}
			return err
		})
	return out
}

// erase runs the command once. One that comes to no end is run again when the faults are over.
func (w *world) erase(l *leaver) {
	p := w.anyone(func(p *process) bool { return p.works })
	if p == nil || !l.done.IsZero() {
		return
	}
	w.judge.before(l)
	known, err := p.store.PersonAt(p.back, l.who)
	waits := 0
	if err == nil {
		_, err = p.store.Erase(p.back, known, store.Erasure{Who: "li", Block: l.block, Wait: func(ctx context.Context) bool {
			time.Sleep(time.Second)
			waits++
			return waits < 30 && ctx.Err() == nil
		}}, time.Now())
	}
	w.story.tell("%s erases %s: %v", p.name(), l.who.Value, err)
	if err == nil && !p.dead.Load() {
		p.journal.Tidy()
		w.book.left(l)
		w.judge.forgotten(l)
		if strings.HasPrefix(l.who.Value, "person") && w.chaos.chance(0.5) { // one who has more to say
			w.after(w.chaos.between(10*time.Second, 2*time.Minute), func() {
				w.box(support).put(w.mail(person, l.who.Value, support, l.who.Value, "One more thing", fmt.Sprintf("is order %d under way?", 19_000_000+w.chaos.n(900_000))))
			})
		}
	}
}

// finishErasures runs those again that came to no end: what the person wrote last has to be decided first, which
// takes its time where a message kills one process after the other until it is parked.
func (w *world) finishErasures() {
	for _, l := range w.book.leavers() {
		for try := 0; l.done.IsZero() && try < 45; try++ {
			w.erase(l)
			time.Sleep(20 * time.Second)
		}
		if l.done.IsZero() {
			w.fail("an erasure comes to its end", "%s", l.who.Value)
		}
	}
}

// bringAgain has the sources bring once more what was erased.
func (w *world) bringAgain() {
	gone := w.book.leavers()
	if len(gone) > 0 && w.chaos.chance(0.7) {
		for _, box := range w.mailboxes {
			box.renumber()
		}
	}
	for _, l := range gone {
		for _, it := range l.items {
			switch {
			case it.keys["bot"] != "":
				w.after(0, func() { w.chat.call(it) })
			case it.keys["hotline"] != "":
				w.after(0, func() { w.phone.call(it) })
			case it.keys["app"] != "":
				w.after(0, func() { w.handsOver(it) })
			}
		}
	}
}

// leaves reports whether somebody is to be erased, or was.
func (b *book) leaves(address string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.leaverOf(address) != nil
}

func (b *book) leaving(l *leaver) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = append(b.gone, l)
}

func (b *book) left(l *leaver) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.done = time.Now()
}

func (b *book) leavers() []*leaver {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.gone)
}

// leaverOf is who was to be erased at that address; the book is locked.
func (b *book) leaverOf(address string) *leaver {
	i := slices.IndexFunc(b.gone, func(l *leaver) bool { return l.who.Value == address })
	if i < 0 {
		return nil
	}
	return b.gone[i]
}

// renamed reports whether the delivery of an item may have lost its key: keys that can be read are
// erased with the person. The book is locked.
func (b *book) renamed(it *item, inbox string) bool {
	l := b.leaverOf(it.from)
	return l != nil && (inbox == "app" || inbox == "bot") && (l.done.IsZero() || it.made.Before(l.done))
}

// before notes whose words are here, and which tickets the person has.
func (j *judge) before(l *leaver) {
	text := strings.Join(j.texts(), "\n")
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, it := range b.items {
		if n := order.FindString(it.text); n == "" || !strings.Contains(text, n) || !j.here(it) {
			continue
		}
		switch {
		case it.from == l.who.Value && !slices.Contains(l.items, it):
			l.items = append(l.items, it)
		case it.from != l.who.Value && it.mentions(l.who.Value) && !slices.Contains(l.named, it):
			l.named = append(l.named, it)
		}
	}
	for _, id := range j.ids(`SELECT DISTINCT ticket FROM messages WHERE state = 'ticketed' AND sender_value = '` + l.who.Value + `'`) {
		l.tickets[id] = true
	}
}

// here reports whether an item is recorded. A mail may be here under a key that only its door knows; a
// change of somebody's words is not those words.
func (j *judge) here(it *item) bool {
	for inbox, key := range it.keys {
		if j.count(`SELECT count(*) FROM deliveries WHERE inbox = ? AND key = ?`, inbox, key) == 0 && (inbox == "bot" || inbox == "app" || inbox == "hotline" || inbox == "form") {
			return false
		}
	}
	return true
}

// forgotten: none of the words of somebody who was erased are readable anywhere, whatever a source
// brings again; and no address, unless the person wrote anew, or somebody else named it since.
func (j *judge) forgotten(l *leaver) {
	all := j.texts()
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	anew, others := false, map[string]bool{}
	for _, it := range b.items {
		if !slices.Contains(l.items, it) {
			anew = anew || it.from == l.who.Value || it.mentions(l.who.Value) && !slices.Contains(l.named, it)
			for _, n := range order.FindAllString(it.text+"\n"+it.subject, -1) {
				others[n] = true
			}
		}
	}
	for _, it := range l.items {
		if n := order.FindString(it.text); !others[n] {
			j.nowhere(all, n, fmt.Sprintf("item %d of %s", it.n, l.who.Value))
		}
	}
	if !anew && l.who.Kind != "telegram" { // a chat's number may be part of any other
		j.nowhere(all, l.who.Value, "the address "+l.who.Value)
	}
}

func (j *judge) nowhere(all []string, word, what string) {
	for _, text := range all {
		if strings.Contains(text, word) {
			j.w.fail("who is erased stays forgotten", "%s is in %.60q", what, text)
			return
		}
	}
}

// texts is whatever can be read in the tables, a row a text.
func (j *judge) texts() (out []string) {
	for _, query := range j.w.ready.file.readable {
		j.each(query, func(scan func(...any) error) error {
			var text string
			err := scan(&text)
			out = append(out, text)
			return err
		})
	}
	return out
}
