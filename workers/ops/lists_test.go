package ops

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/templates/console"
)

// ticketRows are the tickets of a page in their order.
func ticketRows(page string) (out []string) {
	for _, m := range regexp.MustCompile(`<tr id="t-(\d+)"`).FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestTicketsShowCustomerAgeAndPromiseUrgentFirst(t *testing.T) {
	r := newRig(t)
	due := time.Now().Add(26 * time.Hour)
	var ids []string
	for i, c := range []struct {
		priority string
		age      time.Duration
	}{{"normal", 3 * time.Hour}, {"urgent", time.Hour}, {"high", 50 * time.Hour}, {"urgent", 2*time.Hour + 5*time.Minute}} {
		plan := r.decide(fmt.Sprintf("k%d", i), func(p *pipeline.Plan) {
			p.Ticket.Open.Priority, p.Ticket.Open.OpenedAt = c.priority, time.Now().Add(-c.age)
			p.Row.From.Name = fmt.Sprintf("Kim <%d>", i)
			p.Promises = append(p.Promises, promises.Plan{Kind: "first-reply", Due: due})
		})
		ids = append(ids, id(plan.Ticket.ID))
	}
	page := r.page("/tickets")
	if got, want := ticketRows(page), []string{ids[3], ids[1], ids[2], ids[0]}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
	if got, want := ticketRows(r.page("/tickets?state=waiting")), []string{ids[2], ids[0], ids[3], ids[1]}; !slices.Equal(got, want) {
		t.Errorf("the order by waiting is %v, want %v", got, want)
	}
	if got, want := ticketRows(r.page("/")), []string{ids[3], ids[1], ids[2], ids[0]}; !slices.Equal(got, want) {
		t.Errorf("the overview's order is %v, want %v", got, want)
	}
	wantParts(t, "the tickets", page, "Kim &lt;3&gt;", ">2 h 5 min</time>", ">2 d 2 h</time>", "Customer", "Open, longest waiting first")
	wantParts(t, "the ticket", r.page("/tickets/"+ids[2]), "Kim &lt;2&gt;", "2 d 2 h ago", "Reply promised by")
	r.ask("POST", "/tickets/"+ids[3]+"/close")
	if got, want := ticketRows(r.page("/tickets")), []string{ids[1], ids[2], ids[0]}; !slices.Equal(got, want) {
		t.Errorf("after closing the order is %v, want %v", got, want)
	}
	if got := ticketRows(r.page("/tickets?state=all")); len(got) != 4 || got[0] != ids[3] {
		t.Errorf("all tickets are %v", got)
	}
}

func TestWhatIsSetAsideShowsSenderAndSubject(t *testing.T) {
	r := newRig(t)
	r.decide("k1", func(p *pipeline.Plan) {
		p.Row.From.Name, p.Row.Subject = `Ann <b>`, "20% off"
		*p = pipeline.Plan{Message: p.Message, State: messages.Parked, Cause: causes.Spam, Evidence: "why", Row: p.Row}
	})
	r.decide("k2", func(p *pipeline.Plan) {
		p.Row.Subject, p.Row.Visible, p.Row.Proven = "", "no subject, but words", false
		*p = pipeline.Plan{Message: p.Message, State: messages.Parked, Cause: causes.Spam, Row: p.Row}
	})
	wantParts(t, "what is set aside", r.page("/parked"), "Ann &lt;b&gt;", "20% off", "no subject, but words", "unproven", "hotline", "why")
}

func TestConfiguredTitlesAreShown(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Titles = map[string]map[string]string{console.English: {"desk.payments": "Payments & cards", "category.refund": "Money back"}, console.Chinese: {"desk.payments": "支付组"}}
	})
	plan := r.decide("k1", nil)
	for _, path := range []string{"/", "/tickets", "/tickets/" + id(plan.Ticket.ID), "/messages/" + id(plan.Message)} {
		wantParts(t, path, r.page(path+"?lang=en"), "Payments &amp; cards", "Money back")
		wantParts(t, path+" in Chinese", r.page(path+"?lang=zh"), "支付组", "退款")
	}
}

func TestWithoutANameTheJournalSaysFromWhere(t *testing.T) {
	r := newRig(t)
	p := r.park("k1", causes.Spam)
	c := r.signIn("", set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"))
	r.bare("POST", "/parked/"+id(p.Message)+"/dismiss", with(c))
	wantParts(t, "the message", r.page("/messages/"+id(p.Message)), "operator (Firefox, Linux, 127.0.0.1)")
}
