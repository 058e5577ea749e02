package storetest

import (
	"errors"
	"strings"

	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/outgoing"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/sql"
)

// checks is a desk that looks through what its agents send.
func (d *desk) checks() answering.House {
	d.t.Helper()
	check, err := outgoing.New(outgoing.Config{Cards: outgoing.Block, Identity: outgoing.Warn, Words: []outgoing.Words{{Words: []string{"guaranteed"}, Action: outgoing.Warn}}})
	d.must(err)
	h := house
	h.Check = check
	return h
}

// answerChecked: what blocks goes by no path, what warns goes when its writer has been shown it, and what stays of it are its kinds.
func answerChecked(d *desk) {
	h := d.checks()
	ticket := d.open("k1", phone(1)).Ticket.ID
	w := d.answer(wang, ticket, "page-1", "")
	found := func(text string, despite ...string) (kinds []string) {
		d.t.Helper()
		w.Text, w.Despite = text, despite
		_, err := d.Answering.Send(d.ctx, wang, h, w, d.now)
		if f := new(answering.FoundError); errors.As(err, &f) {
			return outgoing.Kinds(f.Findings)
		}
		d.must(err)
		return nil
	}
	const card, id = "4111 1111 1111 1111", "11010519491231002X"
	d.same("a card's number", []string{"card"}, found("Card "+card))
	d.same("whatever is said of it", []string{"card"}, found("Card "+card, "card"))
	d.same("with marks between its digits", []string{"card"}, found("Card 4111 1111 **1111** 1111", "card"))
	d.same("what warns", []string{"identity", "word"}, found("Your ID "+id+", guaranteed"))
	d.same("when its writer knows a part of it", []string{"identity", "word"}, found("Your ID "+id+", guaranteed", "identity"))
	d.same("nothing was sent", int64(1), d.ground(wang, ticket).Talk)
	d.same("when he knows all of it", []string(nil), found("Your ID "+id+", guaranteed", "identity", "word:guaranteed"))
	d.same("what stays of it", []string{"identity,word"}, d.texts(`SELECT reason FROM entries WHERE ticket = $1 AND kind = 'reply'`, ticket))
	d.same("and beside the answer", []string{"identity,word"}, d.texts(`SELECT despite FROM replies WHERE ticket = $1`, ticket))
	for _, detail := range d.texts(`SELECT detail FROM journal WHERE id > 0 ORDER BY id LIMIT 100`) {
		if strings.Contains(detail, id) {
			d.t.Errorf("the journal has the number: %s", detail)
		}
	}

	note := answering.Writing{Key: "page-2", Kind: replies.Note, Ticket: ticket, Anyway: true, Text: "He says his card is " + card + ", guaranteed"}
	_, err := d.Answering.Send(d.ctx, wang, h, note, d.now)
	d.must(err)
	if text := d.texts(`SELECT text FROM replies WHERE ticket = $1 AND kind = 'note'`, ticket); len(text) != 1 || strings.Contains(text[0], card) || !strings.Contains(text[0], "1111, guaranteed") {
		d.t.Errorf("the note keeps %q", text)
	}
	d.counted()
	d.clean()
}

// texts are the texts that a query gives.
func (d *desk) texts(query string, args ...any) (out []string) {
	d.t.Helper()
	d.must(d.Base.DB.Read(d.ctx, func(t sql.Tx) error {
		out = nil
		return t.Run(d.ctx, sql.Ask(sql.Value(func(text string) { out = append(out, text) }), query, args...))
	}))
	return out
}
