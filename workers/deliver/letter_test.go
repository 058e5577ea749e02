package deliver

import (
	"context"
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
