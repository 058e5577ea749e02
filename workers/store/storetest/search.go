package storetest

import (
	"fmt"
	"strings"
	"sync"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/find"
)

// index makes all tickets findable.
func (d *desk) index() {
	d.t.Helper()
	for range 1000 {
		waiting, err := d.Find.Unfound(d.ctx)
		d.must(err)
		if !waiting {
			return
		}
		_, err = d.Find.Index(d.ctx)
		d.must(err)
	}
	d.t.Fatal("indexing does not come to its end")
}

// find is which tickets a query finds.
func (d *desk) find(typed string, more ...func(*find.Seek)) []int64 {
	d.t.Helper()
	k := find.Seek{Query: d.Find.Reader().Read(typed)}
	for _, f := range more {
		f(&k)
	}
	found, err := d.Find.Search(d.ctx, k)
	d.must(err)
	out := []int64{}
	for _, t := range found.Tickets {
		out = append(out, t.ID)
	}
	return out
}

// letter is a first message of somebody's, in a ticket of its own.
func (d *desk) letter(key string, from message.Address, subject, text string, change ...func(*commit.Decision)) pipeline.Plan {
	d.t.Helper()
	dec := d.opening(d.pending(d.record(item("hotline", key, text))...)[0], from)
	dec.Plan.Row.Subject, dec.Plan.Row.Visible, dec.Plan.Ticket.Display = subject, text, subject
	for _, f := range change {
		f(&dec)
	}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return dec.Plan
}

func closed(k *find.Seek) { k.State = string(tickets.Closed) }
func open(k *find.Seek)   { k.State = string(tickets.Open) }

// findTickets: the queue of a fixture's ticket is payments.
func findTickets(d *desk) {
	ann := message.Address{Kind: message.Email, Value: "ann.smith@customer.example", Name: "Ann Smith"}
	wang := message.Address{Kind: message.Phone, Value: "+8613912345678", Name: "王小明"}
	chat := message.Address{Kind: "telegram", Value: "7712345678", Name: "李雷"}
	first := d.letter("k1", ann, "My suitcase", "I lost my blue suitcase at Málaga airport.")
	d.letter("k2", wang, "退款", "我上週付款後要申請退款，訂單TP0012。", func(dec *commit.Decision) {
		dec.Plan.Row.Fields = map[string]string{"order": "A-778899"}
		dec.Plan.Contact.Add = append(dec.Plan.Contact.Add, contacts.Claim{Address: message.Address{Kind: message.Email, Value: "wang@kehu.example"}})
	})
	d.letter("k3", chat, "", "hello", func(dec *commit.Decision) { dec.Plan.Ticket.Open.Queue = "general" })
	if got := d.find("suitcase"); len(got) != 0 {
		d.t.Errorf("found before it is indexed: %v", got)
	}
	d.index()
	for typed, want := range map[string][]int64{
		"suitcase": {1}, "suit": {1}, "SUITCASE malaga": {1}, "suitcase refund": {}, "ann": {1}, "Smith": {1}, "ann.smith@customer.example": {1}, "ann.smith@cust": {1},
		"customer.example": {1}, "退款": {2}, "款": {2}, "申请退款": {2}, "上周 订单": {2}, "TP0012": {2}, "ＴＰ００１２": {2}, "0012": {2}, "778899": {2}, "139 1234 5678": {2},
		"13912345678": {2}, "+86 (139) 1234-5678": {2}, "5678": {2}, "王小明": {2}, "小明": {2}, "wang@kehu.example": {2}, "7712345678": {3}, "李雷": {3}, "hello": {3}, "款退": {},
		"hotline": {}, "open": {}, "payments": {}, "？！": {}, "": {},
	} {
		d.same("found by "+typed, want, d.find(typed))
	}
	d.same("of a queue", []int64{2}, d.find("5678", func(k *find.Seek) { k.Queue = "payments" }))
	d.findAfter(first)
	d.findCalled()
	found, err := d.Find.Search(d.ctx, find.Seek{Query: d.Find.Reader().Read("申请退款")})
	d.must(err)
	var words strings.Builder
	for _, p := range found.Hits[2].Parts {
		fmt.Fprintf(&words, "%v:%s ", p.Hit, p.Text)
	}
	d.same("where it stands", "false:我上週付款後要 true:申請退款 false:，訂單TP0012。 ", words.String())
}

// findAfter: what is added to a ticket, and its closing, are found.
func (d *desk) findAfter(first pipeline.Plan) {
	d.t.Helper()
	next := d.following(d.pending(d.record(item("hotline", "k9", "more"))...)[0], first, 1, 1)
	next.Plan.Row.Visible = "It has a broken lock."
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{next}, d.now))
	d.must(d.Acts.CloseTicket(d.ctx, 1, d.now, "zhou"))
	d.same("one that has just been closed is not shown among the open ones", []int64{}, d.find("suitcase", open))
	d.index()
	d.same("words of two messages", []int64{1}, d.find("suitcase lock", closed))
	d.same("closed ones among open ones", []int64{}, d.find("suitcase", open))
	d.must(d.Acts.ReopenTicket(d.ctx, 1, d.now, "zhou"))
	d.index()
	d.same("open again", []int64{1}, d.find("suitcase", open))
}

// findCalled: numbers call tickets and messages.
func (d *desk) findCalled() {
	d.t.Helper()
	for typed, want := range map[string][3]int64{"T-2": {2, 0, 0}, "t-99": {}, "#1": {0, 1, 1}, "#999999": {}, "2": {2, 2, 2}} {
		found, err := d.Find.Search(d.ctx, find.Seek{Query: d.Find.Reader().Read(typed)})
		d.must(err)
		d.same("called by "+typed, want, [3]int64{found.Ticket, found.Message, found.Of})
	}
}

func findPages(d *desk) {
	for i := range 7 {
		d.letter(fmt.Sprintf("k%d", i), phone(i+1), "Refund", "my refund please")
	}
	d.index()
	var got []int64
	for k := (find.Seek{Query: d.Find.Reader().Read("refund"), Limit: 3}); ; {
		found, err := d.Find.Search(d.ctx, k)
		d.must(err)
		if k.Before == 0 {
			d.same("how many", 7, found.Count)
		}
		for _, t := range found.Tickets {
			got = append(got, t.ID)
		}
		if k.Before = found.Before; k.Before == 0 {
			break
		}
	}
	d.same("page by page", []int64{7, 6, 5, 4, 3, 2, 1}, got)
}

// findForeign: no sign means anything to a database.
func findForeign(d *desk) {
	d.letter("k1", phone(1), `it's "quoted" \ back`, "a AND b OR NOT c NEAR(d) & | ! <-> :* * ^ - + {x} : y")
	d.index()
	for _, typed := range []string{`"`, `'`, `\`, `it's`, `"quoted"`, `a* OR b`, "NOT", "NEAR(d)", "^a", "-a", "words:x", "search_words", "rowid", `'):*`, "a & b", "!a", "x <-> y",
		"\x00", "\xff\xfe", "%s", "$1", "?1", ";DROP TABLE tickets", "ﷺ", "\ue001", "o'brien@x.example", `a\b@c.example`, `"a b"@c.example`, strings.Repeat("a ", 100_000), strings.Repeat("退", 100_000),
		strings.Repeat("(", 1000), "𝐑𝐞𝐟𝐮𝐧𝐝", "👍", "+++++++1234567", "--- ---"} {
		d.find(typed)
	}
	d.same("words that are operators elsewhere", []int64{1}, d.find("AND OR NOT"))
}

// findMasked: an address that is masked where it is shown is not found by what is masked.
func findMasked(d *desk) {
	card := message.Address{Kind: message.Email, Value: "4111111111111111@customer.example"}
	d.letter("k1", card, "Refund", "my card is [card number removed]")
	d.index()
	d.same("by the rest of the address", []int64{1}, d.find("customer.example"))
	for _, typed := range []string{"4111111111111111", "411111", "4111111111111111@customer.example"} {
		d.same("by what is masked: "+typed, []int64{}, d.find(typed))
	}
}

func findTogether(d *desk) {
	const tickets = 60
	for i := range tickets {
		d.letter(fmt.Sprintf("k%d", i), phone(i+1), "Refund", "my refund please")
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	sum := 0
	for range 4 {
		all.Go(func() {
			for {
				n, err := d.Find.Index(d.ctx)
				if err != nil {
					d.t.Errorf("indexing: %v", err)
					return
				}
				mu.Lock()
				sum += n
				mu.Unlock()
				if waiting, err := d.Find.Unfound(d.ctx); err != nil || !waiting {
					return
				}
			}
		})
	}
	all.Wait()
	d.same("indexed", tickets, sum)
	d.same("found", 50, len(d.find("refund")))
}

// eraseWords: nothing of Ann's is found once her erasure has returned, before anybody indexes and after; Bob's is.
func eraseWords(d *desk) {
	h := NewHousehold(d.t, d.Store)
	d.index()
	hers := []string{annMail.Value, "ann.smith", "Elisabeth", "blue suitcase", "broken lock", phone(1).Value, phone(1).Value[3:]}
	for _, typed := range hers[:5] {
		if len(d.find(typed)) == 0 {
			d.t.Errorf("%q is not found before the erasure", typed)
		}
	}
	out, err := d.Erasure.Erase(d.ctx, h.Ann, erasure.Erasure{Who: "zhou"}, d.now)
	d.must(err)
	if out.Proof.Left() != 0 {
		d.t.Errorf("the proof has findings: %+v", out.Proof)
	}
	for _, when := range []string{"at once", "indexed anew"} {
		for _, typed := range hers {
			d.same(when+": "+typed, []int64{}, d.find(typed))
		}
		d.index()
	}
	if len(d.find("umbrella")) == 0 {
		d.t.Error("what others wrote is not found any more")
	}
	again, err := d.Erasure.Find(d.ctx, h.Ann, nil)
	d.must(err)
	if again.Left() != 0 {
		d.t.Errorf("a later search has findings: %+v", again)
	}
}
