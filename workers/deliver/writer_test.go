package deliver

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/pipelinetest"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/thread"
	"frontdesk/templates"
	"frontdesk/workers/store/outbox"
)

// ackRow is an acknowledgement of ticket 7 to an address.
func ackRow(to message.Address, channel, inbox string, p pipeline.AckPayload) outbox.EffectRow {
	payload, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return outbox.EffectRow{ID: 3, Key: "acknowledgement:7", Kind: effects.KindAcknowledgement, Ticket: 7, Inbox: inbox, Channel: channel, To: to,
		Payload: payload, PartsDone: 1, Promises: []outbox.PromiseFacts{
			{Kind: string(promise.Acknowledgement), Due: noon.Add(24 * time.Hour), State: promises.Due},
			{Kind: string(promise.FirstReply), Due: noon.Add(8 * time.Hour), State: promises.Due, Calendar: "office"}}}
}

var li = message.Address{Kind: message.Email, Value: "li@customer.example"}

func TestEveryFieldOfAMail(t *testing.T) {
	r := newRig(t)
	row := ackRow(li, "email", "support", pipeline.AckPayload{Language: "en", Subject: "Payment failed", Name: "Li Wei",
		InReplyTo: "m2@customer.example", References: []string{"m0@customer.example", "m1@customer.example"}, Missing: []string{"the order number"},
		FAQ: []pipeline.FAQ{{Question: "How long does a refund take?", Answer: "Three days."}}})
	out, err := r.writer.Write(row, noon)
	r.Must(err)
	text := out.Text
	out.Text = ""
	r.Same("mail", channels.Outbound{Inbox: "support", To: li, Subject: "Re: Payment failed " + thread.SubjectToken(pipelinetest.MAC, 7), Automatic: true, Language: "en",
		MessageID: thread.MessageID(pipelinetest.MAC, "ack", 7, "acknowledgement:7", "desk.example"), InReplyTo: "m2@customer.example",
		References: []string{"m0@customer.example", "m1@customer.example", "m2@customer.example"},
		ReplyTo:    thread.ReplyAddress(pipelinetest.MAC, "support@desk.example", 7), Skip: 1}, out)
	for _, want := range []string{"Dear Li Wei", "T-7", "Friday 20 November, 20:00", "the order number", "How long does a refund take?", "Three days.", "Acme"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	if id, ok := thread.ParseReplyAddress(pipelinetest.MAC, out.ReplyTo); !ok || id != 7 {
		t.Errorf("the reply address %s does not lead back", out.ReplyTo)
	}
	if id, ok := thread.ParseMessageID(pipelinetest.MAC, out.MessageID); !ok || id != 7 {
		t.Errorf("the Message-ID %s does not lead back", out.MessageID)
	}
	again, err := r.writer.Write(row, noon.Add(time.Hour))
	r.Must(err)
	r.Same("Message-ID of a repeat", out.MessageID, again.MessageID)
}

func TestAMailWithoutASignedReplyAddressOrAncestor(t *testing.T) {
	r := newRig(t)
	r.writer.SignReply = false
	out, err := r.writer.Write(ackRow(li, "email", "support", pipeline.AckPayload{Language: "en"}), noon)
	r.Must(err)
	r.Same("reply address, ancestors", []any{"", "", 0, "We have received your message " + thread.SubjectToken(pipelinetest.MAC, 7)}, []any{out.ReplyTo, out.InReplyTo, len(out.References), out.Subject})
}

func TestReferencesAreCutToTheNearest(t *testing.T) {
	r := newRig(t)
	l := letter{Proven: true, From: "li@customer.example", Subject: "Payment failed", Text: payment, MessageID: "last@customer.example"}
	for i := range 60 {
		l.References = append(l.References, fmt.Sprintf("m%d@customer.example", i))
	}
	id := r.Opened("support", "k1", l).Effects[0].ID
	rows, err := r.Store.Outbox.ClaimEffects(t.Context(), []int64{id}, "worker-1", r.Time(), r.Time().Add(claimFor))
	r.Must(err)
	out, err := r.writer.Write(rows[0], noon)
	r.Must(err)
	n := len(out.References)
	if n != 21 || out.References[0] != "m40@customer.example" || out.References[n-2] != "m59@customer.example" || out.References[n-1] != "last@customer.example" {
		t.Errorf("%d references: %v", n, out.References)
	}
}

func TestTheShortForm(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		name, channel, inbox string
		to                   message.Address
	}{
		{"sms", "sms", "hotline", message.Address{Kind: message.Phone, Value: "+8613800138000"}},
		{"telegram", "telegram", "bot", message.Address{Kind: "telegram", Value: "42"}},
	} {
		p := pipeline.AckPayload{Language: "zh-Hans", Thread: "chat 42", Subject: "付款失败", InReplyTo: "m1@customer.example", References: []string{"m0@customer.example"}}
		out, err := r.writer.Write(ackRow(c.to, c.channel, c.inbox, p), noon)
		r.Must(err)
		text := out.Text
		out.Text = ""
		r.Same(c.name, channels.Outbound{Inbox: c.inbox, To: c.to, Thread: "chat 42", Automatic: true, Language: "zh-Hans", Skip: 1}, out)
		if !strings.Contains(text, "T-7") || strings.Contains(text, "[#") || strings.Contains(text, "\n\n") || !strings.Contains(text, "20:00") {
			t.Errorf("%s: %q", c.name, text)
		}
	}
}

func TestThePromisedTimeIsTheOneThatTheDesksClockRunsOn(t *testing.T) {
	r := newRig(t)
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	r.Must(err)
	r.writer.Zone = shanghai
	row := ackRow(li, "email", "support", pipeline.AckPayload{Language: "en"})
	for _, c := range []struct {
		name   string
		change func(p *outbox.PromiseFacts)
		want   string
	}{
		{"in the desk's zone", func(*outbox.PromiseFacts) {}, "Saturday 21 November, 04:00"},
		{"moved earlier", func(p *outbox.PromiseFacts) { p.Due = noon.Add(time.Hour) }, "Friday 20 November, 21:00"},
		{"passed", func(p *outbox.PromiseFacts) { p.Due = noon }, ""},
		{"void", func(p *outbox.PromiseFacts) { p.State = promises.Void }, ""},
	} {
		row := row
		row.Promises = append([]outbox.PromiseFacts(nil), row.Promises...)
		c.change(&row.Promises[1])
		out, err := r.writer.Write(row, noon)
		r.Must(err)
		if c.want == "" && strings.Contains(out.Text, "November") || !strings.Contains(out.Text, c.want) {
			t.Errorf("%s: want %q in\n%s", c.name, c.want, out.Text)
		}
	}
}

func TestADigestNamesItsTicketsAndNoToken(t *testing.T) {
	r := newRig(t)
	row := ackRow(li, "email", "support", pipeline.AckPayload{Language: "en", Name: "Li Wei"})
	row.Kind, row.Key, row.Ticket, row.Promises = effects.KindDigest, "digest:1:20261120", 0, nil
	row.Covers = []outbox.TicketFacts{{ID: 8, Display: "Card lost"}, {ID: 9, Display: "Change of address"}}
	out, err := r.writer.Write(row, noon)
	r.Must(err)
	if strings.Contains(out.Text, "our reply") {
		t.Errorf("a time that nobody promised: %s", out.Text)
	}
	if strings.Contains(out.Subject, "[#") || out.ReplyTo != "" || out.MessageID == "" || !strings.Contains(out.Text, "T-8: Card lost") || !strings.Contains(out.Text, "T-9: Change of address") {
		t.Errorf("digest: %+v", out)
	}
	other := row
	other.Key = "digest:1:20261121"
	next, err := r.writer.Write(other, noon)
	r.Must(err)
	if next.MessageID == out.MessageID {
		t.Error("two digests have one Message-ID")
	}
}

// TestADigestCarriesTimes: of each ticket its own, by mail and by SMS.
func TestADigestCarriesTimes(t *testing.T) {
	r := newRig(t)
	row := ackRow(li, "email", "support", pipeline.AckPayload{Language: "en"})
	row.Kind, row.Ticket, row.Promises = effects.KindDigest, 0, nil
	owed := []outbox.PromiseFacts{{Kind: "acknowledgement", Due: noon.Add(time.Hour)}, {Kind: "first-reply", Due: noon.Add(26 * time.Hour), State: promises.Due}}
	row.Covers = []outbox.TicketFacts{{ID: 8, Display: "Card lost", Promises: owed}, {ID: 9, Display: "Refund"}}
	out, err := r.writer.Write(row, noon)
	r.Must(err)
	if want := "T-8: Card lost\n    our reply: by " + promise.Announce(owed[1].Due, "en", r.writer.Zone, noon); !strings.Contains(out.Text, want) || strings.Count(out.Text, "our reply") != 1 {
		t.Errorf("%q is not in\n%s", want, out.Text)
	}
	row.To, row.Channel = message.Address{Kind: message.Phone, Value: "+85260000001"}, "sms"
	out, err = r.writer.Write(row, noon)
	r.Must(err)
	if want := "T-8 Card lost, reply by " + promise.AnnounceShort(owed[1].Due, "en", r.writer.Zone, noon); !strings.Contains(out.Text, want) {
		t.Errorf("%q is not in\n%s", want, out.Text)
	}
}

// TestTheDesksNameAndThePlacesWords: the name by language, and Traditional Chinese by number or zone.
func TestTheDesksNameAndThePlacesWords(t *testing.T) {
	taipei, err := time.LoadLocation("Asia/Taipei")
	if err != nil {
		t.Fatal(err)
	}
	phone := func(number string) message.Address { return message.Address{Kind: message.Phone, Value: number} }
	for _, c := range []struct {
		name, language string
		zone           *time.Location
		to             message.Address
		want           []string
	}{
		{"simplified", "zh-Hans", time.UTC, phone("+8613800138000"), []string{"【示例客服】", "工单T-"}},
		{"a Hong Kong number", "zh-Hant", taipei, phone("+85260000001"), []string{"【示範客戶服務】", "個案T-"}},
		{"Macau reads Hong Kong's", "zh-Hant", time.UTC, phone("+85360000001"), []string{"個案T-"}},
		{"a Taiwan number", "zh-Hant", time.UTC, phone("+886900000001"), []string{"【示範客服】", "案件T-"}},
		{"a desk in Taipei", "zh-Hant", taipei, li, []string{"示範客服", "電子郵件"}},
		{"a desk anywhere", "zh-Hant", time.UTC, li, []string{"示範客服", "本郵件"}},
		{"English", "en", time.UTC, li, []string{"Example Desk"}},
		{"German, which is answered in English", "de", time.UTC, li, []string{"Example Desk"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			w := *r.writer
			w.Zone, w.Short, w.Names = c.zone, []string{"sms"}, map[string]string{"zh": "示例客服", "zh-Hant": "示範客服", "zh-Hant-HK": "示範客戶服務", "en": "Example Desk"}
			row := ackRow(c.to, "email", "support", pipeline.AckPayload{Language: c.language})
			if c.to.Kind == message.Phone {
				row.Channel = "sms"
			}
			out, err := w.Write(row, noon)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(out.Text, want) {
					t.Errorf("%q is not in\n%s", want, out.Text)
				}
			}
		})
	}
}

func TestAPayloadThatIsNoneIsAnError(t *testing.T) {
	r := newRig(t)
	row := ackRow(li, "email", "support", pipeline.AckPayload{})
	row.Payload = json.RawMessage(`[`)
	if _, err := r.writer.Write(row, noon); err == nil {
		t.Error("it was written")
	}
}

// TestADigestToAnUnprovenAddressNamesNumbersOnly07: the subjects are a stranger's words.
func TestADigestToAnUnprovenAddressNamesNumbersOnly07(t *testing.T) {
	r := newRig(t)
	row := ackRow(li, "email", "support", pipeline.AckPayload{Language: "en", Unproven: true})
	row.Kind, row.Covers = effects.KindDigest, []outbox.TicketFacts{{ID: 8, Display: "Call evil.example"}}
	out, err := r.writer.Write(row, noon)
	r.Must(err)
	if strings.Contains(out.Text+out.Subject, "evil") || !strings.Contains(out.Text, "T-8") {
		t.Errorf("the digest says %q", out.Text)
	}
}

// TestADigestIsAsShortAsItMustBe: whoever writes a thousand mails in somebody's name fills no mailbox with their list.
func TestADigestIsAsShortAsItMustBe(t *testing.T) {
	r := newRig(t)
	for _, tc := range []struct {
		channel, inbox string
		language       string
		listed         int
		says           string
	}{
		{"email", "support", "en", templates.MostListed, "and 950 more"},
		{"email", "support", "zh-Hans", templates.MostListed, "另有 950 封"},
		{"email", "support", "zh-Hant", templates.MostListed, "另有 950 封"},
		{"sms", "hotline", "en", templates.MostListedShort, "and 990 more"},
		{"sms", "hotline", "zh-Hans", templates.MostListedShort, "另有 990 条"},
	} {
		t.Run(tc.channel+" "+tc.language, func(t *testing.T) {
			row := ackRow(li, tc.channel, tc.inbox, pipeline.AckPayload{Language: tc.language, Unproven: true})
			row.Kind, row.Key = effects.KindDigest, "digest:1:20261120"
			for i := range 1000 {
				row.Covers = append(row.Covers, outbox.TicketFacts{ID: int64(i + 1), Display: "words"})
			}
			out, err := r.writer.Write(row, noon)
			r.Must(err)
			if n := strings.Count(out.Text, "T-"); n != tc.listed || !strings.Contains(out.Text, tc.says) || !strings.Contains(out.Subject+out.Text, "1000") {
				t.Errorf("%d listed: %q, %q", n, out.Subject, out.Text)
			}
		})
	}
}
