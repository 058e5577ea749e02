package worldtest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/viewer"
)

// page is what an agent wrote on one page, as he knows it.
type page struct {
	answering.Writing
	reply  int64 // 0: he was not told that it is sent
	undone bool  // he was told that it is taken back
}

// outboxKey is that of the row by which what was written on a page goes out.
func outboxKey(page string) string { return effects.KindReply + ":" + page }

// ways are those of the settings: mail goes out by the inbox that it came to.
func ways(inbox string, kind message.AddressKind) (by, channel string, ok bool) {
	switch {
	case kind == message.Email && inbox == "billing":
		return inbox, "email", true
	case kind == message.Email:
		return "support", "email", true
	case kind == message.Phone:
		return "hotline", "sms", true
	}
	return "bot", "telegram", kind == "telegram"
}

// pages is how often in a phase agents write something.
func (w *world) pages() int {
	if !w.staffed {
		return 0
	}
	return w.pens.n(5)
}

// writes has an agent write on a ticket.
func (w *world) writes() {
	v := agent(int64(1 + w.pens.n(3)))
	if all := w.judge.ids(`SELECT id FROM tickets ORDER BY id`); len(all) > 0 {
		w.opens(v, pick(w.pens, all...))
	}
}

// opens has an agent open a ticket's page, write for a while, save what he has so far, and send it.
func (w *world) opens(v viewer.Viewer, ticket int64) {
	p := w.anyone(func(p *process) bool { return p.works })
	if p == nil {
		return
	}
	g, err := p.store.Answering.Ground(p.back, v, ticket, answering.House{Ways: ways})
	if err != nil || len(g.Recipients.To) == 0 || g.Recipients.To[0].Value == otherDesk {
		return
	}
	a := &page{Writing: answering.Writing{Kind: pick(w.pens, replies.Answer, replies.Answer, replies.Answer, replies.Note), Ticket: ticket, Seen: g.Talk,
		Channel: g.Channel, Inbox: g.Inbox, Recipients: g.Recipients, Subject: g.Subject, Language: g.Language, Of: g.Of}}
	w.book.begins(a, w.judge.asked(ticket))
	if w.pens.chance(0.5) {
		w.drafts(p, v, a)
		if w.pens.chance(0.3) { // he is called away, and does not come back to it
			return
		}
	}
	for range pick(w.pens, 1, 1, 1, 2) { // the button is pressed twice
		w.writing.Add(1)
		w.after(w.pens.between(0, 20*time.Second), func() {
			defer w.writing.Add(-1)
			w.sends(v, a)
		})
	}
}

// asked is what the customer asked who opened a ticket. It is erased with him, in whatever an agent writes on that ticket; what somebody
// else has said in it is erased where he said it.
func (j *judge) asked(ticket int64) (text string) {
	j.each(`SELECT visible FROM messages WHERE ticket = ? AND state = 'ticketed'`, func(scan func(...any) error) error { return scan(&text) }, ticket)
	return text
}

// drafts saves what was written so far, and what the page had before must not come over it.
func (w *world) drafts(p *process, v viewer.Viewer, a *page) {
	before, err := p.store.Answering.Drafts(p.back, v, a.Ticket)
	if err != nil {
		return
	}
	d := answering.Draft{Ticket: a.Ticket, Kind: a.Kind, Version: before[a.Kind].Version, Text: a.Text}
	version, err := p.store.Answering.SaveDraft(p.back, v, d, time.Now())
	w.story.tell("%s saves draft %d on ticket %d: %v", v.Login, version, a.Ticket, err)
	if err != nil {
		return
	}
	w.book.saved(v, d, version)
	if version <= d.Version {
		w.fail("a draft grows", "that of %s on ticket %d: %d after %d", v.Login, a.Ticket, version, d.Version)
	}
	if _, err = p.store.Answering.SaveDraft(p.back, v, d, time.Now()); err == nil {
		w.fail("an older page is not taken for a newer one", "a draft of %s on ticket %d", v.Login, a.Ticket)
	}
}

// sends sends a page, and once more as long as nobody has said that it is sent.
func (w *world) sends(v viewer.Viewer, a *page) {
	writing := a.Writing
	for range 6 {
		p := w.anyone(func(p *process) bool { return p.works })
		if p == nil {
			time.Sleep(5 * time.Second)
			continue
		}
		sent, err := p.store.Answering.Send(p.back, v, answering.House{Ways: ways}, writing, time.Now())
		w.story.tell("%s writes on ticket %d (%s, page %s): reply %d, effect %d: %v", v.Login, a.Ticket, a.Kind, a.Key, sent.Reply, sent.Effect, err)
		switch {
		case err == nil:
			w.book.wrote(a, sent)
			switch {
			case a.Kind != replies.Answer:
			case w.pens.chance(0.35):
				w.after(w.pens.between(0, 15*time.Second), func() { w.takesBack(v, a, sent.Reply) })
			default: // he looks after it
				w.after(w.pens.between(20*time.Second, 5*time.Minute), func() { w.looksAfter(v, a, sent.Reply) })
			}
			return
		case errors.Is(err, answering.ErrOvertaken) && w.pens.chance(0.7): // he has been shown what came meanwhile
			writing.Anyway = true
		case errors.Is(err, domain.ErrNotSo), errors.Is(err, store.ErrNotFound):
			return
		default:
			time.Sleep(w.pens.between(time.Second, 5*time.Second))
		}
	}
}

// takesBack has an agent take back what he has sent, mostly in time.
func (w *world) takesBack(v viewer.Viewer, a *page, reply int64) {
	w.clerk(deed{"undo-reply", a.Ticket, func(p *process) error {
		err := p.store.Answering.Undo(p.back, v, reply, time.Now())
		if err == nil {
			w.book.tookBack(a)
		}
		return err
	}}, nil)
}

// looksAfter has an agent send an answer once more that did not come through, or that he thinks did not.
func (w *world) looksAfter(v viewer.Viewer, a *page, reply int64) {
	if ended := w.judge.count(`SELECT count(*) FROM replies r JOIN outbox o ON o.id = r.effect WHERE r.id = ? AND o.state IN ('failed', 'withheld')`, reply) > 0; ended || w.pens.chance(0.1) {
		w.clerk(deed{"retry-reply", a.Ticket, func(p *process) error { return p.store.Answering.Retry(p.back, v, reply, time.Now()) }}, nil)
	}
}

// begins notes what is written on a page. Mails and notes quote the customer.
func (b *book) begins(a *page, said string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a.Key = fmt.Sprintf("page-%d", len(b.answers)+1)
	a.Text = fmt.Sprintf("Written on %s.", a.Key)
	if a.Kind == replies.Note || a.Channel == "email" {
		a.Text += "\n\n> " + said
	}
	b.answers[outboxKey(a.Key)] = a
}

// wrote notes that an agent was told that his page is sent.
func (b *book) wrote(a *page, sent answering.Sent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.reply != 0 && a.reply != sent.Reply {
		b.w.fail("a page is sent once", "page %s is reply %d, then %d", a.Key, a.reply, sent.Reply)
	}
	a.reply = sent.Reply
}

// tookBack notes that an agent was told that his answer is taken back.
func (b *book) tookBack(a *page) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a.undone = true
	for _, s := range b.sends {
		if s.key == outboxKey(a.Key) {
			b.w.fail("an answer is sent or taken back", "page %s was handed over at %s, and then taken back", a.Key, stamp(s.at))
		}
	}
}

// asWritten: what goes out for a person is what he wrote, to whom his page showed, and nothing that he took back. The book is locked.
func (b *book) asWritten(s *send) {
	a := b.answers[s.key]
	if a == nil {
		if s.person() {
			b.w.fail("an answer is somebody's", "%s to %s", s.key, s.to)
		}
		return
	}
	first, _, _ := strings.Cut(a.Text, "\n")
	switch {
	case a.Kind != replies.Answer:
		b.w.fail("a note goes nowhere", "page %s went to %s", a.Key, s.to)
	case a.undone:
		b.w.fail("an answer is sent or taken back", "page %s was taken back, and goes out", a.Key)
	case s.channel != "telegram" && s.to != a.Recipients.To[0].Value, !strings.Contains(s.text, first):
		b.w.fail("an answer goes out as it was written", "page %s to %s: %q", a.Key, s.to, s.text)
	}
}

// person reports whether a person wrote what was sent.
func (s *send) person() bool { return strings.HasPrefix(s.key, effects.KindReply+":") }

// retried is when somebody had that answer sent once more for the last time.
func (j *judge) retried(key string) time.Time {
	return time.UnixMicro(int64(j.count(`SELECT coalesce(max(e.at), 0) FROM entries e JOIN replies r ON r.ticket = e.ticket AND r.id = json_extract(e.after, '$.reply')
JOIN outbox o ON o.id = r.effect WHERE e.kind = 'retry-reply' AND o.key = ?`, key)))
}

// written: what an agent was told is sent is there, once; what he took back was handed to nobody, and what is for colleagues has no way out.
func (j *judge) written() {
	for _, id := range j.ids(`SELECT o.id FROM outbox o WHERE o.kind = 'reply' AND (SELECT count(*) FROM replies r WHERE r.effect = o.id) <> 1
UNION SELECT r.effect FROM replies r WHERE (r.kind = 'reply') <> (r.effect <> 0) OR r.effect <> 0 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = r.effect)`) {
		j.w.fail("an answer has one way out", "effect %d", id)
	}
	type row struct {
		id                 int64
		kind, state, cause string
	}
	rows := map[string]row{}
	j.each(`SELECT r.id, r.key, r.kind, coalesce(o.state, ''), coalesce(o.cause, '') FROM replies r LEFT JOIN outbox o ON o.id = r.effect AND r.effect <> 0`, func(scan func(...any) error) error {
		var r row
		var key string
		err := scan(&r.id, &key, &r.kind, &r.state, &r.cause)
		if _, twice := rows[outboxKey(key)]; twice {
			j.w.fail("a page is sent once", "page %s", key)
		}
		rows[outboxKey(key)] = r
		return err
	})
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	handed := map[string]bool{}
	for _, s := range b.sends {
		handed[s.key] = true
	}
	for key, a := range b.answers {
		r := rows[key]
		switch gone := r.state == string(effects.Withheld) && r.cause == "undone"; {
		case a.reply != 0 && (r.id != a.reply || r.kind != string(a.Kind)):
			j.w.fail("what was said to be sent is there", "page %s: reply %d, %+v", a.Key, a.reply, r)
		case gone && handed[key], a.undone && !gone:
			j.w.fail("an answer is sent or taken back", "page %s, reply %d: taken back %v, handed over %v, %s %s", a.Key, r.id, a.undone, handed[key], r.state, r.cause)
		case !handed[key] && (r.state == string(effects.Sent) || r.state == string(effects.Delivered)):
			j.w.fail("an answer is sent or taken back", "page %s, reply %d is %s, and nobody got it", a.Key, r.id, r.state)
		}
	}
}
