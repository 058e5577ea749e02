package ops

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/storetest"
)

// attempt makes one attempt at an effect, later than the one before.
func (r *rig) attempt(effect int64, n int, o commands.SendEnded, text string) {
	r.t.Helper()
	now := time.Now().Add(time.Duration(n) * time.Hour)
	if _, err := r.config.Store.Outbox.ClaimEffects(r.t.Context(), []int64{effect}, "t", now, now.Add(time.Minute)); err != nil {
		r.t.Fatal(err)
	}
	o.ID, o.Attempt = effect, n
	if text != "" {
		o.Words = r.config.Store.Outbox.SealWords(effect, n, outbox.Words{Subject: "Re: " + text, Text: text, Language: "en"})
	}
	if err := r.config.Store.Outbox.Settle(r.t.Context(), []commands.SendEnded{o}, now); err != nil {
		r.t.Fatal(err)
	}
}

// TestWhatWeWroteIsOneClickAway: from the message, the ticket and the outbox, masked, and each reading is in the journal.
func TestWhatWeWroteIsOneClickAway(t *testing.T) {
	r := newRig(t)
	plan := r.decide("k1", nil)
	e := plan.Effects[0].ID
	r.attempt(e, 1, commands.SendEnded{State: effects.Due, Unknown: true}, "Dear <b>Ann</b>, in time")
	r.attempt(e, 2, commands.SendEnded{State: effects.Sent, ProviderID: "SM77"}, "Dear Ann, we are late; your card 4111 1111 1111 1111 …")
	message, ticket, own := "/messages/"+id(plan.Message), "/tickets/"+id(plan.Ticket.ID), "/outbox/"+id(e)
	said := "?said=" + id(e)
	for n, path := range []string{message, ticket} {
		page := r.page(path)
		wantParts(t, path, page, `href="`+path+said+`#s-`+id(e)+`"`, `id="s-`+id(e)+`"`, "What we wrote", strings.TrimPrefix(storetest.Phone(1).Value, "+"))
		wantNone(t, path, page, "we are late", "in time")
		if got := strings.Count(r.page(message), "By a person: read"); got != n {
			t.Errorf("%s: %d readings are in the journal, want %d: seeing the page is none", path, got, n)
		}
		page = r.page(path + said)
		wantParts(t, path+said, page, "Dear &lt;b&gt;Ann&lt;/b&gt;, in time", "we are late", "It may have arrived", "is in the journal", `lang="en"`, `href="`+path+`#s-`+id(e)+`"`)
		wantNone(t, path+said, page, "4111 1111")
		wantParts(t, "the journal", r.page(message), "By a person: read", "operator · what was sent "+id(e))
	}
	wantParts(t, "the outbox", r.page("/outbox"), `href="`+own+`"`)
	wantParts(t, own, r.page(own), "in time", "we are late", "SM77", "hotline", "acknowledgement:"+id(plan.Ticket.ID))
	wantParts(t, "in Chinese", r.page(own+"?lang=zh"), "客户可能已收到", "查看会记入日志")
	wantParts(t, "the journal in Chinese", r.page(message+"?lang=zh"), "人工：查看", "operator · 发出的内容 "+id(e))
	if w := r.bare(http.MethodGet, own); w.Code == http.StatusOK || strings.Contains(w.Body.String(), "late") {
		t.Errorf("without a secret: status %d", w.Code)
	}
	for _, path := range []string{"/outbox/0", "/outbox/999999", "/outbox/x", "/outbox/-1"} {
		if w := r.ask(http.MethodGet, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
}

// TestASendThatSaidNothingSaysSo: what is withheld, waits, was refused, or is older than the keeping of texts.
func TestASendThatSaidNothingSaysSo(t *testing.T) {
	for name, c := range map[string]struct {
		try  func(r *rig, e int64)
		want string
		link bool
	}{
		"one that waits":                {func(*rig, int64) {}, "Nothing was handed over.", false},
		"one that was refused":          {func(r *rig, e int64) { r.attempt(e, 1, commands.SendEnded{State: effects.Failed, Code: "550"}, "") }, "Nothing was handed over.", true},
		"one of an older version":       {func(r *rig, e int64) { r.attempt(e, 1, commands.SendEnded{State: effects.Sent}, "") }, "Its text was not kept", true},
		"one in which the process died": {func(r *rig, e int64) { r.claimOnly(e) }, "Frontdesk was cut off", true},
		"one that only asked about an earlier": {func(r *rig, e int64) {
			r.attempt(e, 1, commands.SendEnded{State: effects.Due, Unknown: true, Code: "look-later"}, "")
		}, "Nothing was handed over.", true},
		"one that was not answered, before": {func(r *rig, e int64) { r.attempt(e, 1, commands.SendEnded{State: effects.Due, Unknown: true}, "") }, "What it said is not known", true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			plan := r.decide("k1", nil)
			e := plan.Effects[0].ID
			c.try(r, e)
			wantParts(t, "its page", r.page("/outbox/"+id(e)), c.want)
			page := r.page("/tickets/" + id(plan.Ticket.ID))
			if got := strings.Contains(page, "?said="); got != c.link {
				t.Errorf("the ticket has a link: %t", got)
			}
			wantParts(t, "the ticket", r.page("/tickets/"+id(plan.Ticket.ID)+"?said="+id(e)), "acknowledgement")
			wantNone(t, "the journal", r.page("/messages/"+id(plan.Message)), "By a person")
		})
	}
}

// claimOnly is an attempt that dies, and one after it that is under way.
func (r *rig) claimOnly(effect int64) {
	r.t.Helper()
	for n := range 2 {
		now := time.Now().Add(time.Duration(n+1) * time.Hour)
		if _, err := r.config.Store.Outbox.ClaimEffects(r.t.Context(), []int64{effect}, "t", now, now.Add(time.Minute)); err != nil {
			r.t.Fatal(err)
		}
	}
}

// TestADigestIsFoundFromWhatItLists: the ticket whose acknowledgement was withheld leads to the digest that told the customer.
func TestADigestIsFoundFromWhatItLists(t *testing.T) {
	r := newRig(t)
	var digest int64
	plan := r.decide("k1", func(p *pipeline.Plan) {
		ack := &p.Effects[0]
		ack.Cause, digest = "sender-cap", ack.ID+100
		p.Effects = append(p.Effects, effects.Plan{ID: digest, Key: "digest:1", Kind: effects.KindDigest, Inbox: ack.Inbox, Channel: ack.Channel, To: ack.To, Due: ack.Due})
	})
	r.attempt(digest, 1, commands.SendEnded{State: effects.Sent}, "Your messages: T-1")
	for _, path := range []string{"/tickets/" + id(plan.Ticket.ID), "/messages/" + id(plan.Message)} {
		wantParts(t, path, r.page(path), `<a href="/outbox/`+id(digest)+`">listed in digest `+id(digest)+`</a>`, path+"?said="+id(digest))
	}
	wantParts(t, "the digest", r.page("/outbox/"+id(digest)), "Your messages: T-1")
}
