package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/copies"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

func copyCases() []namedCase {
	return []namedCase{
		{"a formatted mail is read as a copy by those who may read its ticket, for as long as that lives", copiesAreRead},
		{"what a third party answers is read beside the ticket, with its files", copiesOfThird},
		{"a copy goes with the message that is taken out of its ticket", copiesGo},
		{"a copy is erased with whom it is of, and where it names somebody who is erased", copiesAreErased},
		{"of what is gone meanwhile no copy is kept", copiesComeLate},
		{"a copy that lies in another one's place does not open, and an audit names it", copiesInPlace},
	}
}

// formatted opens a ticket by a mail with HTML and two files.
func (d *desk) formatted(key string, from message.Address) (c commit.Decision, digest string) {
	d.t.Helper()
	digest, err := d.Files.PutBlob(d.ctx, []byte("a picture of "+key))
	d.must(err)
	c = d.opening(d.pending(d.record(mailItem(key, from, "Hello"))...)[0], from)
	c.Plan.Row.Formatted = true
	c.Plan.Row.Attachments = []message.Attachment{{Name: "a.png", MediaType: "image/png", ContentID: "a@x", Digest: digest, Size: 3}, {Name: "b.pdf", Ref: "later"}}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{c}, d.now))
	return c, digest
}

// keeps makes the copies that are waited for.
func (d *desk) keeps(html string) []copies.Wanted {
	d.t.Helper()
	waiting, err := d.Copies.Waiting(d.ctx, 10)
	d.must(err)
	for _, w := range waiting {
		d.must(d.Copies.Keep(d.ctx, w.ID, html, d.now))
	}
	return waiting
}

func (d *desk) reads(v viewer.Viewer, ticket, id int64) string {
	d.t.Helper()
	html, err := d.Copies.Formatted(d.ctx, v, ticket, id)
	if errors.Is(err, store.ErrNotFound) {
		return "nothing"
	}
	d.must(err)
	return html
}

func copiesAreRead(d *desk) {
	ann, bob := mails("ann@shop.example")[0], mails("bob@shop.example")[0]
	c, digest := d.formatted("k1", ann)
	other, _ := d.formatted("k2", bob)
	ticket, id := c.Plan.Ticket.ID, c.Plan.Message
	waiting := d.keeps("<p>Hello</p>")
	d.same("what is waited for", []string{fmt.Sprintf("%d support email map[a@x:0]", id), fmt.Sprintf("%d support email map[a@x:0]", other.Plan.Message)},
		[]string{fmt.Sprint(waiting[0].ID, " ", waiting[0].Inbox, " ", waiting[0].Channel, " ", waiting[0].Parts), fmt.Sprint(waiting[1].ID, " ", waiting[1].Inbox, " ", waiting[1].Channel, " ", waiting[1].Parts)})
	d.same("and not any more", 0, len(d.keeps("<p>Again</p>")))
	var sealed []byte
	d.must(d.Base.DB.Read(d.ctx, func(t sql.Tx) error {
		return t.Run(d.ctx, sql.Ask(sql.Into(&sealed), `SELECT sealed FROM copies WHERE message = $1`, id))
	}))
	if bytes.Contains(sealed, []byte("Hello")) {
		d.t.Error("a copy lies readable")
	}
	for _, c := range []struct {
		name    string
		v       viewer.Viewer
		ticket  int64
		message int64
		may     bool
	}{
		{"an agent of the queue", wang, ticket, id, true},
		{"who may not read the queue", zhao, ticket, id, false},
		{"nobody", viewer.Viewer{}, ticket, id, false},
		{"by another ticket that he may read", wang, other.Plan.Ticket.ID, id, false},
		{"of a message that is not there", wang, ticket, 99999, false},
	} {
		want := "nothing"
		if c.may {
			want = "<p>Hello</p>"
		}
		d.same(c.name+", formatted", want, d.reads(c.v, c.ticket, c.message))
		_, content, err := d.Copies.File(d.ctx, c.v, c.ticket, c.message, 0)
		if c.may != (err == nil && string(content) == "a picture of k1") || !c.may && !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("%s, a file: %q, %v", c.name, content, err)
		}
		m, raw, err := d.Copies.Original(d.ctx, c.v, c.ticket, c.message)
		if c.may != (err == nil && len(raw) > 0 && m.Inbox == "support") || !c.may && !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("%s, as it was sent: %d bytes, %v", c.name, len(raw), err)
		}
	}
	for _, n := range []int{1, 2, -1} {
		if _, _, err := d.Copies.File(d.ctx, wang, ticket, id, n); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("file %d: %v", n, err)
		}
	}
	lines, _, err := d.Desk.Timeline(d.ctx, wang, ticket, agents.Mark{}, 10)
	d.must(err)
	for _, l := range lines {
		if l.Message != nil {
			d.same("the line says what there is", [2]bool{true, true}, [2]bool{l.Message.Formatted, l.Message.Original})
		}
	}
	d.clean()

	d.now = d.now.Add(31 * 24 * time.Hour)
	_, err = d.Files.Expire(d.ctx, d.now, 100)
	d.must(err)
	if _, _, err := d.Copies.Original(d.ctx, wang, ticket, id); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("an original beyond its time: %v", err)
	}
	n, err := d.Files.CollectPage(d.ctx, []string{digest})
	d.must(err)
	_, content, err := d.Copies.File(d.ctx, wang, ticket, id, 0)
	d.must(err)
	d.same("beyond the original's time", []any{"<p>Hello</p>", "a picture of k1", 0}, []any{d.reads(wang, ticket, id), string(content), n})
	_, err = d.Merging.Merge(d.ctx, wang, ticket, other.Plan.Ticket.ID, true, d.now)
	d.must(err)
	d.same("in the ticket into which it is merged", "<p>Hello</p>", d.reads(wang, other.Plan.Ticket.ID, id))
	d.same("not the other way round", "nothing", d.reads(wang, ticket, other.Plan.Message))
}

// copiesGo: what is taken out of a ticket is read there no more.
func copiesGo(d *desk) {
	ann := mails("ann@shop.example")[0]
	c, _ := d.formatted("k1", ann)
	more := d.following(d.pending(d.record(mailItem("k2", ann, "More"))...)[0], c.Plan, 1, 1)
	more.Plan.Row.Formatted = true
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{more}, d.now))
	d.same("copies of both", 2, len(d.keeps("<p>x</p>")))
	d.must(d.Acts.TakeOut(d.ctx, more.Plan.Message, d.now, "li"))
	d.same("of the one that is left", []string{"<p>x</p>", "nothing"}, []string{d.reads(wang, c.Plan.Ticket.ID, c.Plan.Message), d.reads(wang, c.Plan.Ticket.ID, more.Plan.Message)})
	d.clean()
}

func copiesAreErased(d *desk) {
	h := NewHousehold(d.t, d.Store)
	bob, digest := d.formatted("k-bob", mails("bob.other@shop.example")[0])
	third, _ := d.formatted("k-third", mails("carl@shop.example")[0])
	for _, w := range d.waiting() {
		html := "<p>Nobody.</p>"
		if w.ID == bob.Plan.Message {
			html = "<p>ann.<b>smith</b>@customer.example</p>"
		}
		d.must(d.Copies.Keep(d.ctx, w.ID, html, d.now))
	}
	d.must(d.Base.Write(d.ctx, func(t sql.Tx) error { // of hers one is made, and another one waited for
		return t.Run(d.ctx, sql.Do(`INSERT INTO uncopied (message) VALUES ($1), ($2)`, h.AnnMessages[0], h.AnnMessages[1]))
	}))
	d.must(d.Copies.Keep(d.ctx, h.AnnMessages[0], "<p>Mine</p>", d.now))
	out, err := d.Erasure.Erase(d.ctx, h.Ann, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	d.same("nothing is left", true, out.Proof.Left() == 0)
	d.same("hers, one that names her, and another one's", []string{"nothing", "nothing", "<p>Nobody.</p>"},
		[]string{d.reads(wang, h.AnnTicket, h.AnnMessages[0]), d.reads(wang, bob.Plan.Ticket.ID, bob.Plan.Message), d.reads(wang, third.Plan.Ticket.ID, third.Plan.Message)})
	d.same("none of hers is waited for", 0, len(d.waiting()))
	if _, err := d.Files.Blob(d.ctx, digest); errors.Is(err, blobs.ErrNotFound) {
		d.t.Error("a file of somebody else went")
	}
}

func (d *desk) waiting() []copies.Wanted {
	d.t.Helper()
	out, err := d.Copies.Waiting(d.ctx, 10)
	d.must(err)
	return out
}

// copiesComeLate: whoever makes a copy may be slow, or make one that nobody waits for.
func copiesComeLate(d *desk) {
	c, _ := d.formatted("k1", mails("ann@shop.example")[0])
	ticket, id := c.Plan.Ticket.ID, c.Plan.Message
	d.must(d.Base.Write(d.ctx, func(t sql.Tx) error { return t.Run(d.ctx, sql.Do(`DELETE FROM originals WHERE id = $1`, id)) }))
	d.must(d.Copies.Keep(d.ctx, id, "<p>late</p>", d.now))
	d.same("its original is gone", []any{"nothing", 0}, []any{d.reads(wang, ticket, id), len(d.waiting())})
	plain := d.opening(d.pending(d.record(mailItem("k2", mails("bob@shop.example")[0], "Hello"))...)[0], mails("bob@shop.example")[0])
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{plain}, d.now))
	d.must(d.Copies.Keep(d.ctx, plain.Plan.Message, "<p>x</p>", d.now))
	d.same("nobody waits for one", "nothing", d.reads(wang, plain.Plan.Ticket.ID, plain.Plan.Message))
	c, _ = d.formatted("k3", mails("carl@shop.example")[0])
	d.must(d.Copies.Keep(d.ctx, c.Plan.Message, "", d.now))
	d.same("there is to be none", []any{"nothing", 0}, []any{d.reads(wang, c.Plan.Ticket.ID, c.Plan.Message), len(d.waiting())})
}

func copiesInPlace(d *desk) {
	one, _ := d.formatted("k1", mails("ann@shop.example")[0])
	two, _ := d.formatted("k2", mails("bob@shop.example")[0])
	d.keeps("<p>x</p>")
	d.must(d.Base.Write(d.ctx, func(t sql.Tx) error {
		return t.Run(d.ctx, sql.Do(`UPDATE copies SET sealed = (SELECT o.sealed FROM copies o WHERE o.message = $2) WHERE message = $1`, one.Plan.Message, two.Plan.Message))
	}))
	if _, err := d.Copies.Formatted(d.ctx, wang, one.Plan.Ticket.ID, one.Plan.Message); err == nil {
		d.t.Error("it opens")
	}
	d.same("an audit names it", 1, len(d.findings()))
}

// copiesOfThird: an answer of a third party has no ticket of its own, and lies in the one about which it was asked.
func copiesOfThird(d *desk) {
	c, _ := d.formatted("k1", mails("ann@shop.example")[0])
	ticket, bank := c.Plan.Ticket.ID, mails("desk@bank.example")[0]
	_, err := d.Answering.Ask(d.ctx, wang, house, aside(ticket, "page-1", bank), d.now)
	d.must(err)
	sides, err := d.Answering.Sides(d.ctx, wang, ticket)
	d.must(err)
	id := d.thirdAnswers("k3", bank, sides[0].ID, ticket)
	digest, err := d.Files.PutBlob(d.ctx, []byte("a receipt"))
	d.must(err)
	d.must(d.Base.Write(d.ctx, func(t sql.Tx) error {
		return t.Run(d.ctx, sql.Do(`INSERT INTO attachments (message, n, name, media_type, size, inline, content_id, ref, digest) VALUES ($1, 0, 'receipt.pdf', 'application/pdf', 9, $3, '', '', $2)`, id, digest, false))
	}))
	d.same("a copy of both", 2, len(d.keeps("<p>Friday</p>")))
	for _, c := range []struct {
		name string
		v    viewer.Viewer
		want string
	}{{"an agent of the queue", wang, "<p>Friday</p>"}, {"who may not read the queue", zhao, "nothing"}} {
		d.same(c.name, c.want, d.reads(c.v, ticket, id))
	}
	d.now = d.now.Add(31 * 24 * time.Hour)
	_, err = d.Files.Expire(d.ctx, d.now, 100)
	d.must(err)
	_, content, err := d.Copies.File(d.ctx, wang, ticket, id, 0)
	d.must(err)
	d.same("its file lives as long as the ticket", "a receipt", string(content))
}
