package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/checking"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/sql"
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
	if _, err := d.Checking.Begin(d.ctx, wang, ways, ticket, phone(2).Identity(), d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("a code to somebody else: %v", err)
	}
	begin := func() pipeline.Check {
		d.t.Helper()
		_, err := d.Checking.Begin(d.ctx, wang, ways, ticket, phone(1).Identity(), d.now)
		d.must(err)
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
	begin()
	begin()
	if _, err := d.Checking.Begin(d.ctx, wang, ways, ticket, phone(1).Identity(), d.now); !errors.Is(err, checking.ErrMany) {
		d.t.Errorf("a sixth code within an hour: %v", err)
	}
	d.same("each goes out as a row of its own", 5, len(d.texts(`SELECT o.state FROM checks c JOIN outbox o ON o.id = c.effect AND o.kind = $2 WHERE c.ticket = $1`, ticket, effects.KindCode)))
	d.counted()
	d.clean()
	d.now = d.now.Add(2 * time.Hour)
	d.same("what has run out is not known to the line", 0, len(d.facts(pipeline.Asks{Coded: true}).Checks))
}

// checkOnPage: who has the link and the code shows who he is; tries on the page and in the conversation are the same five, and of many at once none is one too many.
func checkOnPage(d *desk) {
	first := d.open("k1", phone(1))
	ticket, mac := first.Ticket.ID, challenge.MAC(d.Base.Ring.Token)
	begin := func() (link, code string) {
		d.t.Helper()
		id, err := d.Checking.Begin(d.ctx, wang, checking.Ways(own), ticket, phone(1).Identity(), d.now)
		d.must(err)
		return d.Checking.Link(id), challenge.Code(mac, id)
	}
	waits := func(what, link string, want bool) {
		d.t.Helper()
		language, waits, err := d.Checking.Waits(d.ctx, link, d.now)
		d.must(err)
		d.same(what, []any{want, want}, []any{waits, language == "en"})
	}
	enter := func(what, link, code, result string, still bool) {
		d.t.Helper()
		got, waits, err := d.Checking.Enter(d.ctx, link, code, d.now)
		d.must(err)
		d.same(what, []any{result, still}, []any{got, waits})
	}
	old, _ := begin()
	link, code := begin()
	waits("one that was replaced", old, false)
	waits("the newest one", link, true)
	waits("none of ours", "7-00", false)
	wrong := map[bool]string{true: "000001", false: "000000"}[code == "000000"]
	enter("what is no code is no try", link, "hello", challenge.Open, true)
	enter("two at once are a wrong one", link, code+" "+wrong, challenge.Open, true)
	enter("a wrong one", link, wrong, challenge.Open, true)
	enter("none of ours", "7-00", code, challenge.Open, false)
	enter("the right one, as people write it", link, " "+code[:3]+"-"+code[3:], challenge.Passed, false)
	enter("it is good once", link, code, challenge.Open, false)
	waits("its page is over", link, false)
	d.same("it is noted by no message", []string{"identity-passed 0"}, d.texts(`SELECT kind || ' ' || message FROM entries WHERE ticket = $1 AND kind LIKE 'identity-%' ORDER BY id`, ticket))

	link, code = begin()
	var wg sync.WaitGroup
	results := make([]string, 2*challenge.Tries)
	for i := range results {
		wg.Go(func() {
			var err error
			results[i], _, err = d.Checking.Enter(d.ctx, link, wrong2(code), d.now)
			if err != nil {
				d.t.Errorf("trying at once: %v", err)
			}
		})
	}
	wg.Wait()
	slices.Sort(results)
	d.same("five of ten at once end it, and it ends once", []string{"", challenge.Failed}, slices.Compact(results))
	d.same("five are counted", []int64{challenge.Tries}, d.numbers(`SELECT tries FROM checks WHERE ticket = $1 AND result = 'failed'`, ticket))
	enter("the right one behind them", link, code, challenge.Open, false)

	link, code = begin()
	d.now = d.now.Add(challenge.Valid)
	enter("too late", link, code, challenge.Open, false)
	waits("its time is over", link, false)
	d.counted()
}

// wrong2 is another code.
func wrong2(code string) string { return code[1:] + string('0'+(code[0]-'0'+1)%10) }

// checkVouched: a code goes to what the company's system has named, nothing goes to who wants nothing, and the address is kept no longer than that takes.
func checkVouched(d *desk) {
	ticket := d.open("k1", phone(1)).Ticket.ID
	d.open("k2", phone(3))
	ways := checking.Ways(own)
	known, err := d.Checking.Known(d.ctx, wang, ticket)
	d.must(err)
	d.same("what the system is told", []checking.Known{{Address: phone(1), Proven: true}}, known)
	if _, err := d.Checking.Known(d.ctx, zhao, ticket); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("who answers elsewhere asks: %v", err)
	}
	d.marked(phone(3), "opted_out = true")
	d.open("k4", phone(4))
	d.marked(phone(4), "opted_out = true")
	gone, err := d.Erasure.PersonAt(d.ctx, phone(4).Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, gone, erasure.Erasure{}, d.now)
	d.must(err)
	for name, to := range map[string]message.Address{"who wants nothing from us": phone(3), "who wanted nothing from us, and was erased": phone(4), "where no inbox writes to": {Kind: "telegram", Value: "7"}} {
		if _, err := d.Checking.BeginVouched(d.ctx, wang, ways, ticket, to, d.now); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("a code to %s: %v", name, err)
		}
	}
	if _, err := d.Checking.BeginVouched(d.ctx, zhao, ways, ticket, phone(2), d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("who answers elsewhere sends one: %v", err)
	}
	_, err = d.Checking.BeginVouched(d.ctx, wang, ways, ticket, phone(2), d.now)
	d.must(err)
	d.same("the entry says who has named it", []string{"phone company"}, d.texts(`SELECT reason FROM entries WHERE ticket = $1 AND kind = 'check-identity'`, ticket))
	effect := d.numbers(`SELECT effect FROM checks WHERE ticket = $1`, ticket)[0]
	rows := d.claim(effect)
	if len(rows) != 1 || rows[0].To != phone(2) {
		d.t.Fatalf("it goes to %+v", rows)
	}
	d.now = d.now.Add(2 * time.Hour)
	forget := func(want int) {
		d.t.Helper()
		gone, err := d.Checking.Forget(d.ctx, d.now, 100)
		d.must(err)
		d.same("forgotten", want, gone)
	}
	forget(0) // it is still on its way
	d.settle(commands.SendEnded{ID: effect, State: effects.Sent, ProviderID: "SM9"})
	forget(1)
	forget(0)
	d.same("where it went is told by nothing", []string{"|||"}, d.texts(`SELECT recipient || '|' || to_value || '|' || to_name || '|' || counted_as FROM outbox WHERE id = $1`, effect))
	d.same("nobody has become its owner", 0, len(d.texts(`SELECT address FROM identities WHERE address = $1`, d.Base.Address(phone(2).Identity()))))
	d.counted()
}

// checkMeanwhile: between the act of an agent and the claim of its row somebody says STOP, or is erased, or both. No code goes to him.
func checkMeanwhile(d *desk) {
	ticket := d.open("k1", phone(1)).Ticket.ID
	ways := checking.Ways(own)
	begin := func(to message.Address) (effect int64) {
		d.t.Helper()
		id, err := d.Checking.BeginVouched(d.ctx, wang, ways, ticket, to, d.now)
		d.must(err)
		return d.numbers(`SELECT effect FROM checks WHERE id = $1`, id)[0]
	}
	goes := func(what string, effect int64, want bool) {
		d.t.Helper()
		rows := d.claim(effect)
		d.same(what, want, len(rows) == 1 && !rows[0].OptedOut)
		if len(rows) == 1 && !want {
			d.settle(commands.SendEnded{ID: effect, State: effects.Withheld, Code: "opted-out"})
		}
		made, err := d.Checking.Checks(d.ctx, wang, ticket)
		d.must(err)
		d.same(what+": who asks is told", !want, made[0].Unsent)
	}
	erases := func(to message.Address, o erasure.Erasure) {
		d.t.Helper()
		who, err := d.Erasure.PersonAt(d.ctx, to.Identity())
		d.must(err)
		out, err := d.Erasure.Erase(d.ctx, who, o, d.now)
		d.must(err)
		d.same("nothing of him is left", 0, len(out.Proof.Effects))
	}
	goes("nothing has come between", begin(phone(2)), true)

	d.now = d.now.Add(time.Minute) // of those of one moment another one might be the newest
	one := begin(phone(3))
	d.open("k3", phone(3))
	d.marked(phone(3), "opted_out = true")
	goes("who says STOP", one, false)

	d.now = d.now.Add(time.Minute)
	two := begin(phone(4))
	erases(phone(4), erasure.Erasure{})
	goes("who is erased", two, false)

	d.now = d.now.Add(time.Minute)
	three := begin(phone(5))
	d.must(d.Base.Do(d.ctx, "erasing who said STOP", base.InsertTombs.Put(base.TombRow{Digest: d.Base.AddressTomb(phone(5).Identity()), Kind: base.TombAddress, Stopped: true, At: d.now})))
	goes("who said STOP and was erased while the row was written", three, false)

	d.now = d.now.Add(time.Minute)
	four := int64(0)
	erases(phone(6), erasure.Erasure{Tell: func(table string, _ int64) {
		if table == "outbox_attempts" && four == 0 { // the outbox was searched
			four = begin(phone(6))
		}
	}})
	goes("to whom it was begun behind the search", four, false)

	d.open("k7", phone(7))
	d.marked(phone(7), "opted_out = true")
	erases(phone(7), erasure.Erasure{})
	again := d.open("k8", phone(7)).Ticket.ID
	all, err := d.Checking.Addresses(d.ctx, wang, ways, again)
	d.must(err)
	d.same("who said STOP, was erased and has come back is offered no code", []message.Address{}, all)
	if _, err := d.Checking.Begin(d.ctx, wang, ways, again, phone(7).Identity(), d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("nor is one sent to him: %v", err)
	}
	d.counted()
}

// checkBeside: an erasure that is open while a code is begun is known to it, and one that comes behind it finds the row.
func checkBeside(d *desk) {
	ticket := d.open("k1", phone(1)).Ticket.ID
	d.open("k2", phone(2))
	tomb := base.TombRow{Digest: d.Base.AddressTomb(phone(2).Identity()), Kind: base.TombAddress, Stopped: true, At: d.now}
	d.beside(func(t sql.Tx) error {
		return t.Run(d.ctx, sql.Do(`DELETE FROM identities WHERE address = $1`, d.Base.Address(phone(2).Identity())), base.InsertTombs.Put(tomb))
	}, func() error {
		if _, err := d.Checking.BeginVouched(d.ctx, wang, checking.Ways(own), ticket, phone(2), d.now); !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("a code to who was erased meanwhile: %w", cmp.Or(err, errors.New("is sent")))
		}
		return nil
	})
}
