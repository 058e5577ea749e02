package ops

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/message"
	"frontdesk/workers"
	"frontdesk/workers/decide"
	"frontdesk/workers/store/service"
	"frontdesk/workers/store/view"
)

func TestOverviewShowsWhatTheDeskOwes(t *testing.T) {
	r := newRig(t)
	now := time.Now()
	plan := r.decide("k1", func(p *pipeline.Plan) {
		p.Promises = append(p.Promises, promises.Plan{Kind: "first-reply", Due: now.AddDate(0, 0, 3)})
	})
	r.park("k2", causes.Spam)
	r.record("k3")
	err := r.config.Store.Service.InboxSeen(t.Context(), []service.InboxStatus{
		{Inbox: "hotline", Channel: "sms", Address: "+49301", State: workers.InboxFailing, Err: "the source refuses", Lag: 90 * time.Second, Source: 7, Recorded: 6, Checked: now}}, now)
	if err != nil {
		t.Fatal(err)
	}
	wantParts(t, "the overview", r.page("/"), "Test desk", "T-"+id(plan.Ticket.ID), "Refund?", ">Refund<", "payments", "spam",
		"the source refuses", "1 min 30 s", "7 / 6", "failing", "1 failing", "waits for its decision", "&#43;4930", `class="pill busy">due`)
	zh := r.page("/?lang=zh")
	wantParts(t, "the Chinese overview", zh, `lang="zh-Hans"`, "总览", "退款", "待履行", "垃圾信息", "异常", "等待处理", "1 分 30 秒")
	wantNone(t, "the Chinese overview", zh, "Overdue", "Undecided", ">due<", ">open<", "acknowledged by")
}

func TestOverdueIsRed(t *testing.T) {
	r := newRig(t)
	wantNone(t, "an overview without debts", r.page("/"), "tile bad")
	r.decide("k1", func(p *pipeline.Plan) {
		p.Promises[0].Due, p.Promises[0].Warn = time.Now().Add(-time.Hour), nil
	})
	r.handler, _ = New(r.config) // figures are shown again for a second
	wantParts(t, "the overview", r.page("/"), `class="tile bad" href="/promises?state=broken"`, "needs attention")
}

func TestForeignTextIsEscapedEverywhere(t *testing.T) {
	const evil = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`
	r := newRig(t, func(c *Config) { c.Desk = evil })
	plan := r.decide("k1", func(p *pipeline.Plan) {
		p.Row.Subject, p.Row.Visible, p.Row.Quoted, p.Ticket.Display, p.Row.Category, p.Ticket.Open.Queue = evil, evil, evil, evil, evil, evil
		p.Row.From.Value, p.Trace[0].Found, p.Trace[0].Why = evil, evil, evil
	})
	r.decide("k2", func(p *pipeline.Plan) {
		*p = pipeline.Plan{Message: p.Message, State: messages.Parked, Cause: evil, Evidence: evil, Row: p.Row}
	})
	if err := r.config.Store.Service.InboxSeen(t.Context(), []service.InboxStatus{{Inbox: evil, Channel: evil, Address: evil, State: evil, Err: evil}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	paths := []string{"/", "/fragment", "/tickets", "/messages", "/parked", "/outbox", "/promises", "/tickets/" + id(plan.Ticket.ID),
		"/messages/" + id(plan.Message), "/messages/" + id(plan.Message+1), "/parked?state=%3Cscript%3Ealert(1)%3C/script%3E",
		"/tickets?done=close&id=%3Cscript%3E", "/?lang=%3Cscript%3E"}
	for _, path := range paths {
		page := r.page(path)
		wantNone(t, path, page, "<script>alert", "<img src=x", "onerror=alert(2)>")
	}
	wantParts(t, "the ticket", r.page("/tickets/"+id(plan.Ticket.ID)), "&lt;script&gt;alert(1)&lt;/script&gt;")
}

func TestEveryPageIsThereInBothLanguages(t *testing.T) {
	r := newRig(t, withSink)
	plan := r.decide("k1", nil)
	parked := r.park("k2", causes.Loop)
	untranslated := regexp.MustCompile(`>\s*(title|col|card|tile|none|do|nav|state|kind)\.[a-z]+`)
	for _, lang := range []string{"en", "zh"} {
		for _, path := range []string{"/", "/tickets", "/messages", "/parked", "/outbox", "/promises", "/sink", "/sink/m1",
			"/tickets/" + id(plan.Ticket.ID), "/outbox/" + id(plan.Effects[0].ID), "/messages/" + id(plan.Message), "/messages/" + id(parked.Message), "/login"} {
			page := r.page(path + "?lang=" + lang)
			if found := untranslated.FindString(page); found != "" {
				t.Errorf("%s in %s shows the key %q", path, lang, found)
			}
			for _, part := range []string{"<main id=\"main\"", "<h1", "</html>", "<title>"} {
				if !strings.Contains(page, part) {
					t.Errorf("%s in %s lacks %s", path, lang, part)
				}
			}
		}
	}
}

func TestMessageTellsItsStory(t *testing.T) {
	r := newRig(t)
	plan := r.decide("k1", func(p *pipeline.Plan) {
		p.Row.Redacted = map[string]int{"card": 2}
		p.Row.Visible, p.Row.Quoted = "my card •••• 1111", "-- \nKim\n> Which card?"
	})
	wantParts(t, "the message", r.page("/messages/"+id(plan.Message)), "my card •••• 1111", "<summary>Signature and quoted text</summary>", "&gt; Which card?", "card number 2", "names no ticket", "new ticket",
		"T-"+id(plan.Ticket.ID), "acknowledgement by SMS", "Promised: acknowledgement", "kept, encrypted", "c0ffee")
	undecided := r.record("k2")
	wantNone(t, "a message of which nothing was cut off", r.page("/messages/"+id(r.decide("k3", nil).Message)), "<summary>")
	wantParts(t, "an undecided message", r.page("/messages/"+id(undecided)), "Not decided yet", "Recorded, and the provider told so")
}

func TestATicketShowsTheFilesOfItsMessages(t *testing.T) {
	r := newRig(t)
	plan := r.decide("k1", func(p *pipeline.Plan) {
		p.Row.Attachments = []message.Attachment{{Name: "receipt.pdf", MediaType: "application/pdf", Size: 2048}}
	})
	wantParts(t, "the ticket", r.page("/tickets/"+id(plan.Ticket.ID)), "receipt.pdf", "application/pdf", "2.0 KiB")
	wantParts(t, "the message", r.page("/messages/"+id(plan.Message)), "receipt.pdf", "2.0 KiB")
}

func TestPromisedTimesAreWrittenAsThePageWritesOthers(t *testing.T) {
	r := newRig(t)
	plan := r.decide("k1", func(p *pipeline.Plan) {
		p.Trace = append(p.Trace, pipeline.Line{Stage: "promise", Found: "first-reply by 2020-05-06T11:02:17Z"})
	})
	page := r.page("/messages/" + id(plan.Message) + "?lang=zh")
	wantParts(t, "the message", page, "首次答复，截止 2020年5月6日 19:02", "页面时间均为 Asia/Shanghai 时区时间。")
	wantNone(t, "the message", page, "T11:02:17Z")
}

// outbox is the only row of the outbox.
func (r *rig) outbox() view.OutboxRow {
	r.t.Helper()
	rows, err := r.config.Store.View.Outbox(r.t.Context(), view.Page{})
	if err != nil || len(rows) != 1 {
		r.t.Fatalf("outbox %+v: %v", rows, err)
	}
	return rows[0]
}

func TestTheOutboxShowsTheNextTry(t *testing.T) {
	r := newRig(t)
	r.decide("k1", nil)
	s, now, next := r.config.Store, time.Now(), time.Date(2031, 2, 3, 4, 5, 0, 0, time.UTC)
	first := r.outbox()
	claimed, err := s.Outbox.ClaimEffects(t.Context(), []int64{first.ID}, "h", now.Add(time.Minute), now.Add(2*time.Minute))
	if err != nil || len(claimed) != 1 {
		t.Fatalf("claimed %d: %v", len(claimed), err)
	}
	if sending := r.outbox(); !sending.NextAt.IsZero() {
		t.Errorf("what is just being sent is tried next at %s", sending.NextAt)
	}
	if err := s.Outbox.Settle(t.Context(), []commands.SendEnded{{ID: first.ID, Attempt: claimed[0].Attempts, State: effects.Due, Next: next, Code: "421", Detail: "try later"}}, now); err != nil {
		t.Fatal(err)
	}
	again := r.outbox()
	if !again.NextAt.Equal(next) || !again.DueAt.Equal(first.DueAt.Time) || again.Attempts != 1 || again.LastError == "" {
		t.Errorf("after a failed attempt: %+v", again)
	}
	wantParts(t, "the outbox", r.page("/outbox"), "next try", "3 Feb 2031 12:05")
}

func TestNothingIsNotFound(t *testing.T) {
	r := newRig(t, withSink)
	for _, path := range []string{"/messages/99", "/messages/abc", "/messages/-1", "/tickets/99", "/tickets/x", "/sink/nothing", "/sink/nothing.eml", "/nowhere", "/assets/none.css"} {
		if w := r.ask(http.MethodGet, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, w.Code)
		}
	}
}

func TestListingsGoOnAndNarrow(t *testing.T) {
	r := newRig(t)
	const n = pageSize + 7
	for i := range n {
		r.decide(fmt.Sprintf("k%d", i), nil)
	}
	link := regexp.MustCompile(`href="([^"]*before=[^"]*)" rel="next"`)
	for path, row := range map[string]string{"/tickets": `<tr id="t-`, "/messages": `<tr id="m-`, "/outbox": `<tr id="o-`, "/promises": `<td data-label="Kind"`} {
		first := r.page(path)
		if got := strings.Count(first, row); got != pageSize {
			t.Errorf("%s shows %d rows, want %d", path, got, pageSize)
		}
		next := link.FindStringSubmatch(first)
		if next == nil {
			t.Errorf("%s has no link to older rows", path)
			continue
		}
		second := r.page(strings.ReplaceAll(next[1], "&amp;", "&"))
		if got := strings.Count(second, row); got != n-pageSize {
			t.Errorf("%s goes on with %d rows, want %d", path, got, n-pageSize)
		}
		if link.MatchString(second) || !strings.Contains(second, "Newest") {
			t.Errorf("the last page of %s goes on, or has no way back", path)
		}
	}
	wantParts(t, "tickets", r.page("/tickets"), fmt.Sprintf(`Open <span class="n">%d</span>`, n)[5:])
	if got := strings.Count(r.page("/tickets?state=closed"), `<tr id="t-`); got != 0 {
		t.Errorf("there are %d closed tickets, want none", got)
	}
	if got := strings.Count(r.page("/outbox?state=due"), `<tr id="o-`); got != pageSize {
		t.Errorf("there are %d due effects on the first page, want %d", got, pageSize)
	}
}

func TestOverviewAsJSON(t *testing.T) {
	r := newRig(t)
	plan := r.decide("k1", nil)
	var got struct {
		Counts  struct{ Tickets map[string]int64 }
		Tickets []struct {
			Number, Lang string
			MessageCount int `json:"message_count"`
		}
		Acknowledgements []struct {
			State   string
			Promise struct{ State string }
		}
		Events []struct {
			Message int64
			State   string
		}
		Queues []struct{ Name string }
	}
	w := r.ask(http.MethodGet, "/api/overview")
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%v, %s: %s", err, w.Header().Get("Content-Type"), w.Body)
	}
	if got.Counts.Tickets["open"] != 1 || len(got.Tickets) != 1 || got.Tickets[0].Lang != "en" || got.Tickets[0].MessageCount != 1 {
		t.Errorf("tickets are %+v, counted %v", got.Tickets, got.Counts.Tickets)
	}
	if len(got.Acknowledgements) != 1 || got.Acknowledgements[0].State != "due" || got.Acknowledgements[0].Promise.State != "due" {
		t.Errorf("acknowledgements are %+v", got.Acknowledgements)
	}
	if len(got.Events) != 1 || got.Events[0].Message != plan.Message || got.Events[0].State != "ticketed" || len(got.Queues) != 3 {
		t.Errorf("events are %+v, queues %+v", got.Events, got.Queues)
	}
}

func TestOverviewStandsWithoutRedis(t *testing.T) {
	r := newRig(t)
	r.decide("k1", nil)
	away := newRig(t)
	away.config.Engine.Close()
	r.config.Engine = away.config.Engine
	var err error
	if r.handler, err = New(r.config); err != nil {
		t.Fatal(err)
	}
	wantParts(t, "the overview", r.page("/"), "Refund?", "Redis does not answer")
}

func TestFeedTellsWhatTheOnlookerSaw(t *testing.T) {
	r := newRig(t)
	seen := r.decide("k1", func(p *pipeline.Plan) { p.Row.Redacted = map[string]int{"cvv": 1} })
	r.config.Onlooker.Passed(decide.Passed{ID: seen.Message, Inbox: "hotline", Channel: "sms", Plan: &seen})
	r.decide("k2", func(p *pipeline.Plan) { p.Effects[0].Cause = "sender-cap" })
	page := r.page("/?lang=zh")
	wantParts(t, "the feed", page, "已遮盖：安全码", "回执待发送（短信）", "新建", "不发回执：合并为摘要")
	if got := strings.Count(page, `<li id="e-`); got != 2 {
		t.Errorf("the feed has %d lines, want 2: what the process has not seen comes from the store", got)
	}
}

func TestWhatAFormGaveIsShown(t *testing.T) {
	r := newRig(t)
	plan := r.decide("k1", func(p *pipeline.Plan) {
		p.Row.From.Name = "Kim"
		p.Row.Fields = map[string]string{"order-number": "TP1<b>", "topic": "refund", "loyaltyTier": "gold\nsince 2020", "<i>": "x"}
	})
	for _, path := range []string{"/messages/" + id(plan.Message), "/tickets/" + id(plan.Ticket.ID)} {
		page := r.page(path)
		wantParts(t, path, page, "Kim", "Order number</dt>", "TP1&lt;b&gt;", ">Refund</dd>", "loyaltyTier", "gold\nsince 2020", "&lt;i&gt;")
		wantParts(t, path+" in Chinese", r.page(path+"?lang=zh"), "订单号</dt>", ">退款</dd>")
	}
}

// TestPagesNameTheDeskInTheirLanguage: also those for which nobody has signed in.
func TestPagesNameTheDeskInTheirLanguage(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Desk, c.DeskNames = "Test desk", map[string]string{"zh-Hans": "示例客服", "zh-Hant": "示範客服"}
	})
	for lang, want := range map[string]string{"en": "Test desk", "zh": "示例客服"} {
		for _, path := range []string{"/", "/tickets", "/sessions"} {
			wantParts(t, path+" in "+lang, r.page(path+"?lang="+lang), " · "+want+"</title>", "<span>"+want+"</span>")
		}
		wantParts(t, "the sign-in page in "+lang, r.bare(http.MethodGet, "/login?lang="+lang).Body.String(), " · "+want+"</title>", "<span>"+want+"</span>")
	}
}

// TestAnActsAddressOpenedAsAPage: nothing is done, and the page says how it is done.
func TestAnActsAddressOpenedAsAPage(t *testing.T) {
	r := newRig(t)
	plan := r.decide("k1", nil)
	for _, path := range []string{"/tickets/" + id(plan.Ticket.ID) + "/close", "/parked/1/release", "/outbox/release"} {
		w := r.ask(http.MethodGet, path+"?lang=zh")
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodPost || !strings.Contains(w.Body.String(), "未执行任何操作") {
			t.Errorf("GET %s: status %d, Allow %q\n%s", path, w.Code, w.Header().Get("Allow"), w.Body)
		}
	}
	if w := r.ask(http.MethodPost, "/tickets"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodGet {
		t.Errorf("POST /tickets: status %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	if w := r.ask(http.MethodPost, "/nothing"); w.Code != http.StatusNotFound {
		t.Errorf("POST /nothing: status %d", w.Code)
	}
	wantParts(t, "the ticket", r.page("/tickets/"+id(plan.Ticket.ID)), "Close ticket")
}

// TestThePageSaysWhichZoneItsTimesAreOf: on every page, at every width.
func TestThePageSaysWhichZoneItsTimesAreOf(t *testing.T) {
	r := newRig(t)
	wantParts(t, "the page", r.page("/tickets"), "All times are those of Asia/Shanghai.")
	wantParts(t, "the page", r.page("/parked?lang=zh"), "页面时间均为 Asia/Shanghai 时区时间。")
}

// TestTheWayNamesTheQueueByItsTitle: the stage that routes finds a key.
func TestTheWayNamesTheQueueByItsTitle(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Titles = map[string]map[string]string{"en": {"desk.money": "Money matters"}, "zh": {"desk.money": "资金"}}
	})
	p := r.decide("k1", func(p *pipeline.Plan) {
		p.Trace = append(p.Trace, pipeline.Line{Stage: "route", Found: "money"}, pipeline.Line{Stage: "screen", Found: "auto"})
	})
	wantParts(t, "the message", r.page("/messages/"+id(p.Message)), "Money matters")
	wantParts(t, "the message in Chinese", r.page("/messages/"+id(p.Message)+"?lang=zh"), "资金", "机器来信")
}
