package deliver

import (
	"context"
	"strings"
	"testing"

	"frontdesk/channels"
	"frontdesk/workers/store/answering"
)

// TestAnAnswerIsALetter: what an agent has typed goes out formatted where the channel takes that, and as a readable text in any case.
func TestAnAnswerIsALetter(t *testing.T) {
	const typed = "Please **send**:\n\n- [the form](https://example.com/f)\n- <script>alert(1)</script>"
	const text = "Please send:\n\n- the form (https://example.com/f)\n- <script>alert(1)</script>"
	for _, c := range []struct{ name, inbox, from, html string }{
		{"by mail", "support", "li@customer.example", "<p>Please <strong>send</strong>:</p>\n<ul>\n<li><a href=\"https://example.com/f\">the form</a></li>\n<li>&lt;script&gt;alert(1)&lt;/script&gt;</li>\n</ul>"},
		{"by SMS", "hotline", "+8613800138000", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			d := r.deliverer()
			var out []channels.Outbound
			send := sendFunc(func(_ context.Context, key string, o channels.Outbound) (channels.Receipt, error) {
				out = append(out, o)
				return channels.Receipt{Key: key, Status: channels.StatusSent}, nil
			})
			r.senders["support"], r.senders["hotline"] = send, send
			story := r.Opened(c.inbox, "k1", letter{From: c.from, Text: payment})
			sent, _ := r.answer(story, typed)
			r.Pass(answering.UndoFor)
			r.deliver(d, sent.Effect)
			if len(out) != 1 {
				t.Fatalf("%d sends", len(out))
			}
			r.Same("what goes out", []string{text, c.html}, []string{out[0].Text, out[0].HTML})
			said, err := r.Store.Outbox.Said(t.Context(), []int64{sent.Effect})
			if err != nil || len(said[sent.Effect]) != 1 || said[sent.Effect][0].Words.Text != text {
				t.Errorf("what is kept of it: %+v, %v", said, err)
			}
		})
	}
}

// below is what the rig's mail inbox puts below answers.
func below(quote bool) map[string]answering.Letterhead {
	return map[string]answering.Letterhead{"support": {Quote: quote, Signatures: map[string]string{"en": "{agent}, **{desk}**", "zh": "{desk}{agent}"}}, "other": {Signatures: map[string]string{"en": "no"}}}
}

// lettered has an agent answer a mail at a desk with these letterheads, and gives the mail that goes out.
func lettered(t *testing.T, l letter, heads map[string]answering.Letterhead) channels.Outbound {
	t.Helper()
	r := newRig(t)
	r.letters = heads
	d := r.deliverer()
	var out []channels.Outbound
	send := sendFunc(func(_ context.Context, key string, o channels.Outbound) (channels.Receipt, error) {
		out = append(out, o)
		return channels.Receipt{Key: key, Status: channels.StatusSent}, nil
	})
	r.senders["support"], r.senders["hotline"] = send, send
	story := r.Opened("support", "k1", l)
	sent, _ := r.answer(story, "It is on its way.")
	r.letters = nil // what is configured now changes nothing of what was sent
	r.Pass(answering.UndoFor)
	r.deliver(d, sent.Effect)
	if len(out) != 1 {
		t.Fatalf("%d sends", len(out))
	}
	return out[0]
}

// TestD18QuotedHistory: the mail that is answered is quoted once, without what it quotes itself and bounded, where its inbox wants that.
func TestD18QuotedHistory(t *testing.T) {
	mail := letter{From: "li@customer.example", MessageID: "m1@customer.example", Text: "Where is my refund?\n\nOn Friday, 27 November 2026, Topay wrote:\n> We got it.\n>> I sent it."}
	got := lettered(t, mail, below(true))
	if n := strings.Count(got.Text, "> Where is my refund?"); n != 1 || strings.Contains(got.Text, "We got it") || strings.Contains(got.HTML, "We got it") {
		t.Errorf("quoted %d times:\n%s", n, got.Text)
	}
	if !strings.Contains(got.Text, "li@customer.example wrote:\n> Where") || !strings.Contains(got.HTML, "wrote:</p>\n<blockquote><p>Where is my refund?</p>") {
		t.Errorf("nobody is said to have written it:\n%s\n%s", got.Text, got.HTML)
	}
	if got.InReplyTo != "m1@customer.example" || got.MessageID == "" {
		t.Errorf("it stands below nothing: %+v", got)
	}
	if long := lettered(t, letter{From: "li@customer.example", Text: "Refund? " + strings.Repeat("A long story.\n", 5000)}, below(true)); len(long.Text) > 12<<10 || !strings.Contains(long.Text, "[…]") {
		t.Errorf("the quote of a long mail has %d bytes", len(long.Text))
	}
	if off := lettered(t, mail, below(false)); strings.Contains(off.Text, "Where is my refund?") || strings.Contains(off.HTML, "blockquote") {
		t.Errorf("quoted though its inbox does not:\n%s", off.Text)
	}
}

// TestD19Signature: once, above the quote, of the inbox that sends and in the customer's language.
func TestD19Signature(t *testing.T) {
	for _, c := range []struct {
		name        string
		mail        letter
		text, plain string
	}{
		{"in English", letter{From: "li@customer.example", Text: "Where is my refund? I have paid on Monday."}, "-- \nWang, Topay\n\nOn ", "<p>Wang, <strong>Topay</strong></p>"},
		{"in Chinese", letter{From: "li@customer.example", Text: "我的退款什么时候到账？订单号 20261119001。"}, "-- \n托付Wang\n\n20", "<p>托付Wang</p>"},
	} {
		got := lettered(t, c.mail, below(true))
		if strings.Count(got.Text, "-- \n") != 1 || !strings.Contains(got.Text, "It is on its way.\n\n"+c.text) || strings.Count(got.HTML, c.plain) != 1 ||
			strings.Index(got.HTML, c.plain) > strings.Index(got.HTML, "<blockquote>") {
			t.Errorf("%s:\n%s\n%s", c.name, got.Text, got.HTML)
		}
	}
	if none := lettered(t, letter{From: "li@customer.example", Text: payment}, map[string]answering.Letterhead{"other": below(true)["support"]}); strings.Contains(none.Text, "-- ") {
		t.Errorf("it has the signature of another inbox:\n%s", none.Text)
	}
}
