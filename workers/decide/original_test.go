package decide

import (
	"errors"
	"strings"
	"testing"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/redact"
	"frontdesk/workers/store"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/view"
)

// opener decodes to one message, or fails.
type opener struct {
	m   message.Message
	err error
	die bool
}

func (o opener) Decode(channels.Delivery) (message.Message, error) {
	if o.die {
		panic("hostile")
	}
	return o.m, o.err
}

func TestAnOriginalIsShownMasked(t *testing.T) {
	const card = "4111 1111 1111 1111"
	for _, c := range []struct {
		name   string
		raw    string
		opener opener
		want   []string
		html   bool
		hidden bool
	}{
		{"all of the text, quoted history too", "x", opener{m: message.Message{Text: "New words.\n\n> old words"}}, []string{"New words.", "old words"}, false, false},
		{"a card in the text is masked", "x", opener{m: message.Message{Text: "my card " + card}}, []string{"my card"}, false, false},
		{"formatted text without secrets", "x", opener{m: message.Message{Text: "Hello", HTML: "<p>Hello</p>"}}, []string{"Hello"}, true, false},
		{"formatted text with a card", "x", opener{m: message.Message{HTML: "<p>my card " + card + "</p>"}}, []string{"my card"}, false, true},
		{"formatted text that is too large", "x", opener{m: message.Message{Text: "Hello", HTML: "<p>Hello</p>" + strings.Repeat("<!-- -->", originalHTML/8)}}, []string{"Hello"}, false, false},
		{"header fields are masked", "x", opener{m: message.Message{Text: "a", Headers: message.Headers{{Name: "Subject", Value: "card " + card}}}}, []string{"a"}, false, false},
		{"what cannot be decoded shows its bytes", "bytes \xff of " + card, opener{err: errors.New("no mail")}, []string{"bytes \uFFFD of"}, false, false},
		{"what makes the decoder panic shows its bytes", "bytes", opener{die: true}, []string{"bytes"}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			got, err := r.Store.Intake.Record(t.Context(), intake.Lot{Items: []intake.Item{{Delivery: channels.Delivery{Inbox: "hotline", Channel: "sms", Key: "k", At: r.Time(), Raw: []byte(c.raw)}}}}, r.Time())
			if err != nil {
				t.Fatal(err)
			}
			id := got[0].ID
			o, err := Originals{Store: r.Store, Decoders: map[string]channels.Decoder{"hotline": c.opener}, Mask: new(redact.Masker)}.Open(t.Context(), view.Message{ID: id, Inbox: "hotline", Channel: "sms"})
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range c.want {
				if !strings.Contains(o.Text, part) {
					t.Errorf("the text of %d bytes lacks %q", len(o.Text), part)
				}
			}
			all := o.Text + o.HTML
			for _, h := range o.Headers {
				all += h.Value
			}
			if strings.Contains(all, "1111 1111") || (o.HTML != "") != c.html || o.Hidden != c.hidden {
				t.Errorf("HTML of %d bytes, hidden %v, want %v, %v, or a card is readable", len(o.HTML), o.Hidden, c.html, c.hidden)
			}
		})
	}
}

func TestAnOriginalThatIsGoneIsNotFound(t *testing.T) {
	r := newRig(t)
	if _, err := (Originals{Store: r.Store, Mask: new(redact.Masker)}).Open(t.Context(), view.Message{ID: 99}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
