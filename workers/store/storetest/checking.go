package storetest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/checking"
	"frontdesk/workers/store/commit"
)

// checkCustomer: a code goes to a proven address alone, is kept nowhere, and is held to five answers.
func checkCustomer(d *desk) {
	first := d.open("k1", phone(1))
	ticket := first.Ticket.ID
	ways := checking.Ways(own)
	if _, err := d.Checking.Addresses(d.ctx, zhao, ways, ticket); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("who answers elsewhere is told where a code may go: %v", err)
	}
	all, err := d.Checking.Addresses(d.ctx, wang, ways, ticket)
	d.must(err)
	d.same("a code goes to what is proven", []message.Address{phone(1)}, all)
	if err := d.Checking.Begin(d.ctx, wang, ways, ticket, phone(2).Identity(), d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("a code to somebody else: %v", err)
	}
	begin := func() pipeline.Check {
		d.t.Helper()
		d.must(d.Checking.Begin(d.ctx, wang, ways, ticket, phone(1).Identity(), d.now))
		waiting := d.facts(pipeline.Asks{Coded: true}).Checks
		if len(waiting) != 1 || waiting[0].Ticket != ticket || !waiting[0].Ends.Equal(d.now.Add(challenge.Valid)) {
			d.t.Fatalf("the line knows %+v", waiting)
		}
		return waiting[0]
	}
	begin()
	k := begin() // replaces the first
	mac := challenge.MAC(d.Base.Ring.Token)
	code := challenge.Code(mac, k.ID)
	d.same("an answer is held to its proof", challenge.Proof(mac, k.ID, code), k.Proof)
	for _, text := range append(d.texts(`SELECT o.payload || o.key || o.last_error FROM checks c JOIN outbox o ON o.id = c.effect WHERE c.ticket = $1`, ticket), d.texts(`SELECT mac || result FROM checks WHERE ticket = $1`, ticket)...) {
		if strings.Contains(text, `"`+code+`"`) || text == code {
			d.t.Errorf("the code stands in %q", text)
		}
	}
	answer, version := 0, int64(1)
	answers := func(passed bool) {
		d.t.Helper()
		answer++
		dec := d.following(d.pending(d.record(item("hotline", fmt.Sprint("a", answer), "123456"))...)[0], first, version, version)
		version++
		dec.Plan.Check = &pipeline.CheckPlan{ID: k.ID, Ticket: ticket, Passed: passed}
		d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	}
	result := func() string {
		d.t.Helper()
		made, err := d.Checking.Checks(d.ctx, wang, ticket)
		d.must(err)
		return made[0].Result
	}
	for range challenge.Tries - 1 {
		answers(false)
	}
	d.same("four wrong answers", challenge.Open, result())
	answers(false)
	d.same("five of them", challenge.Failed, result())
	answers(true)
	d.same("and the right one behind them", challenge.Failed, result())
	k = begin()
	answers(false)
	answers(true)
	d.same("the right one", challenge.Passed, result())
	answers(false)
	d.same("what comes behind it changes nothing", challenge.Passed, result())
	d.same("both ends are noted", []string{"identity-failed", "identity-passed"}, d.texts(`SELECT kind FROM entries WHERE ticket = $1 AND kind LIKE 'identity-%' ORDER BY id`, ticket))
	d.must(d.Checking.Begin(d.ctx, wang, ways, ticket, phone(1).Identity(), d.now))
	d.must(d.Checking.Begin(d.ctx, wang, ways, ticket, phone(1).Identity(), d.now))
	if err := d.Checking.Begin(d.ctx, wang, ways, ticket, phone(1).Identity(), d.now); !errors.Is(err, checking.ErrMany) {
		d.t.Errorf("a sixth code within an hour: %v", err)
	}
	d.same("each goes out as a row of its own", 5, len(d.texts(`SELECT o.state FROM checks c JOIN outbox o ON o.id = c.effect AND o.kind = $2 WHERE c.ticket = $1`, ticket, effects.KindCode)))
	d.counted()
	d.clean()
	d.now = d.now.Add(2 * time.Hour)
	d.same("what has run out is not known to the line", 0, len(d.facts(pipeline.Asks{Coded: true}).Checks))
}
