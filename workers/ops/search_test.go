package ops

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/message"
	"frontdesk/workers/ops/frame"
)

// written decides a first message of somebody's and makes all tickets findable.
func (r *rig) written(key, name, subject, text string, change ...func(*pipeline.Plan)) pipeline.Plan {
	r.t.Helper()
	plan := r.decide(key, func(p *pipeline.Plan) {
		p.Row.From.Name, p.Row.Subject, p.Row.Visible, p.Ticket.Display = name, subject, text, subject
		for _, f := range change {
			f(p)
		}
	})
	r.index()
	return plan
}

func (r *rig) index() {
	r.t.Helper()
	for waiting := true; waiting; {
		_, err := r.config.Store.Find.Index(r.t.Context())
		if err == nil {
			waiting, err = r.config.Store.Find.Unfound(r.t.Context())
		}
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

func searched(typed string, more ...string) string {
	return frame.Query("/search", append([]string{"q", typed}, more...)...)
}

func TestTicketsAreFoundByWhatALeadTypes(t *testing.T) {
	r := newRig(t)
	first := r.written("k1", "Ann <Smith>", "My suitcase", "Hello. I lost my <b>blue</b> suitcase.")
	second := r.written("k2", "王小明", "退款", "我要申請退款，謝謝。", func(p *pipeline.Plan) {
		p.Ticket.Open.Queue = "general"
		p.Row.From = message.Address{Kind: message.Phone, Value: "+8613912345678", Name: "王小明"}
	})
	for typed, want := range map[string]pipeline.Plan{"suitcase": first, "SMITH blue": first, "退款": second, "小明": second, "139 1234 5678": second, id(second.Ticket.ID): second} {
		page := r.page(searched(typed))
		if got := ticketRows(page); !slices.Equal(got, []string{id(want.Ticket.ID)}) {
			t.Errorf("%q finds %v, want %d", typed, got, want.Ticket.ID)
		}
	}
	page := r.page(searched("blue suitcase"))
	wantParts(t, "the page", page, "I lost my &lt;b&gt;<mark>blue</mark>&lt;/b&gt; <mark>suitcase</mark>.", "Ann &lt;Smith&gt;", "Tickets found: 1", `value="blue suitcase"`, "Waiting", "/messages/"+id(first.Message))
	wantParts(t, "the page in Chinese", r.page(searched("退款", "lang", "zh")), "我要申請<mark>退款</mark>", "找到工单：1", "全部状态")
	for typed, to := range map[string]string{"T-" + id(second.Ticket.ID): "/tickets/" + id(second.Ticket.ID), "#" + id(first.Message): "/messages/" + id(first.Message)} {
		if w := r.ask(http.MethodGet, searched(typed)); w.Code != http.StatusSeeOther || w.Header().Get("Location") != to {
			t.Errorf("%s leads to %d %s, want %s", typed, w.Code, w.Header().Get("Location"), to)
		}
	}
}

func TestASearchSaysWhatItDidNotFind(t *testing.T) {
	r := newRig(t)
	r.written("k1", "Ann", "My suitcase", "blue suitcase")
	wantParts(t, "no hit", r.page(searched("umbrella")), "No ticket fits.", "You can search for", `value="umbrella"`)
	wantParts(t, "no hit with a filter", r.page(searched("suitcase", "state", "closed")), "No ticket fits with this filter.")
	wantParts(t, "no such number", r.page(searched("T-999999")), "There is no T-999999.")
	wantParts(t, "no such message", r.page(searched("#999999")), "There is no #999999.")
	wantParts(t, "nothing but signs", r.page(searched("?!")), "No ticket fits.")
	for _, path := range []string{"/search", searched("")} {
		page := r.page(path)
		wantParts(t, path, page, "You can search for")
		wantNone(t, path, page, "No ticket fits")
	}
	long := strings.Repeat("suitcase ", 500)
	wantParts(t, "a long one", r.page(searched(long)), "Only the beginning of what you typed")
	for _, typed := range []string{`"`, `a" OR "b`, "NEAR(", "\x00", "\xff", "'; DROP TABLE tickets", `<script>alert(1)</script>`} {
		page := r.page(searched(typed))
		wantNone(t, typed, page, "<script>alert")
	}
}

func TestASearchIsNarrowedAndPaged(t *testing.T) {
	r := newRig(t)
	var ids []string
	for i := range pageSize + 5 {
		plan := r.decide(fmt.Sprintf("k%d", i), func(p *pipeline.Plan) {
			p.Row.Visible = "a common word"
			if i%2 == 0 {
				p.Ticket.Open.Queue = "general"
			}
		})
		ids = append([]string{id(plan.Ticket.ID)}, ids...)
	}
	r.index()
	r.ask(http.MethodPost, "/tickets/"+ids[0]+"/close")
	r.index()
	page := r.page(searched("common"))
	rest := r.page(searched("common", "before", ids[pageSize-1]))
	if got := slices.Concat(ticketRows(page), ticketRows(rest)); !slices.Equal(got, ids) {
		t.Errorf("the pages show %v, want %v", got, ids)
	}
	wantParts(t, "the first page", page, fmt.Sprintf("Tickets found: %d", len(ids)), "before="+ids[pageSize-1], "queue=general", "queue=payments", "state=closed")
	wantParts(t, "the second page", rest, "q=common")
	wantNone(t, "the second page", rest, "Tickets found", "rel=\"next\"")
	if got := ticketRows(r.page(searched("common", "state", "closed"))); !slices.Equal(got, ids[:1]) {
		t.Errorf("closed ones are %v", got)
	}
	if got := ticketRows(r.page(searched("common", "state", "open", "queue", "general"))); len(got) != (pageSize+5)/2 {
		t.Errorf("%d open ones of a queue", len(got))
	}
}

func TestEveryPageHasASearchBox(t *testing.T) {
	r := newRig(t)
	plan := r.written("k1", "Ann", "My suitcase", "blue suitcase")
	for _, path := range []string{"/", "/tickets", "/tickets/" + id(plan.Ticket.ID), "/messages", "/parked", "/search"} {
		wantParts(t, path, r.page(path), `action="/search"`, `name="q"`)
	}
	w := r.bare(http.MethodGet, "/login")
	wantNone(t, "the sign-in page", w.Body.String(), `action="/search"`)
	if w := r.bare(http.MethodGet, searched("suitcase")); w.Code == http.StatusOK {
		t.Error("a stranger may search")
	}
}

func TestASearchSaysHowFarOlderTicketsAre(t *testing.T) {
	r := newRig(t)
	r.written("k1", "Ann", "My suitcase", "blue suitcase")
	wantParts(t, "before the walk", r.page(searched("suitcase")), "about 100 % are left")
	for done := false; !done; {
		w, err := r.config.Store.Find.Walk(t.Context(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		done = w.Done
	}
	wantNone(t, "after the walk", r.page(searched("suitcase")), "are left")
}
