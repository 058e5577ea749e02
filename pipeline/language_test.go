package pipeline_test

import (
	"testing"

	"frontdesk/pipeline"
)

// wroteIn is what a contact of that language wrote before.
var wroteIn = map[string]string{"de": "Wo ist mein Geld? Ich warte seit Tagen auf die Rückzahlung.", "en": "Where is my refund, please?",
	"zh-Hans": "我的付款失败了，请帮忙", "zh-Hant": "我的付款失敗了，請幫忙處理"}

// TestAGuessIsNotRemembered: what the channel or the desk suggests is not what the contact wrote; the last words count.
func TestAGuessIsNotRemembered(t *testing.T) {
	t.Parallel()
	s, facts, ids := settings(t), pipeline.NewFacts(), counter{}
	say := func(id int64, text, hint string) string {
		m := proven(mail(id, "support", "li@customer.example", "", text))
		m.Language = hint
		return batch(t, s, facts, ids, m)[0].Language
	}
	for i, c := range []struct{ text, hint, want string }{
		{"20261129001", "fr", "fr"}, {"20261129002", "es", "es"}, {wroteIn["de"], "", "de"}, {"20261129003", "es", "de"},
		{wroteIn["zh-Hant"], "en", "zh-Hant"}, {"ok", "en", "zh-Hant"}, {wroteIn["en"], "", "en"}, {"20261129004", "zh-Hans", "en"},
	} {
		if got := say(int64(i+1), c.text, c.hint); got != c.want {
			t.Errorf("message %d, %q: %q, want %q", i+1, c.text, got, c.want)
		}
	}
}

// TestTheLanguageThatNobodyTells: words, contact, channel, inbox, desk, in this order, and nobody who writes in Latin
// letters is answered in Chinese on a guess.
func TestTheLanguageThatNobodyTells(t *testing.T) {
	t.Parallel()
	const guess = "Vraceni penez" // Czech, of which no word is known
	for _, c := range []struct {
		name, contact, channel, inbox string
		languages                     []string
		subject, text, want           string
	}{
		{"the words", "de", "fr", "es", nil, "退款", "退款什么时候到账？", "zh-Hans"},
		{"the words before a notice", "", "", "en", nil, "退款", "退款什么时候到账？\n\nThis e-mail and any attachments are confidential and intended solely for the addressee.", "zh-Hans"},
		{"the contact before the channel", "de", "fr", "es", nil, "", guess, "de"},
		{"a Chinese contact with an English program", "zh-Hans", "en", "en", nil, "", "ok", "zh-Hans"},
		{"a Chinese contact who sends an order number", "zh-Hant", "", "en", nil, "", "20261129001 ?", "zh-Hant"},
		{"an English contact who sends a number to a Chinese desk", "en", "", "zh-Hans", nil, "", "20261129001", "en"},
		{"a contact who sends a sign", "zh-Hans", "", "en", nil, "", "👍", "zh-Hans"},
		{"a contact who sends a picture", "zh-Hans", "", "en", nil, "", "", "zh-Hans"},
		{"the channel", "", "fr", "es", nil, "", guess, "fr"},
		{"words of now before words of then", "de", "", "", nil, "Rückzahlung", "退款什么时候到账？", "zh-Hans"},
		{"the contact", "de", "", "es", nil, "", guess, "de"},
		{"a contact who wrote Chinese", "zh-Hans", "", "en", nil, "", "OK 320", "zh-Hans"},
		{"the inbox", "", "", "es", nil, "", guess, "es"},
		{"the desk", "", "", "", []string{"fr", "zh-Hans", "en"}, "", guess, "fr"},
		{"never Chinese by the inbox", "", "", "zh-Hans", []string{"zh-Hant", "fr"}, "", guess, "fr"},
		{"never Chinese by the desk", "", "", "", []string{"zh-Hans", "zh-Hant", "en"}, "", guess, "en"},
		{"never Chinese where the desk has nothing else", "", "", "zh-Hans", []string{"zh-Hans"}, "", guess, "en"},
		{"never Chinese by the channel", "", "zh-Hans", "zh-Hans", nil, "", guess, "en"},
		{"never Chinese by the channel where the inbox says something else", "", "zh-Hans", "es", nil, "", guess, "es"},
		{"never Chinese for another alphabet", "", "zh-Hans", "zh-Hans", []string{"zh-Hans"}, "", "Где је мој новац? Чекам већ недељу дана", "en"},
		{"a Chinese contact whose words do not tell", "zh-Hans", "", "en", nil, "", guess, "zh-Hans"},
		{"a brand tells nothing", "", "zh-Hant", "en", nil, "", "PayPal", "zh-Hant"},
		{"a brand of a contact", "de", "zh-Hant", "en", nil, "", "PayPal?", "de"},
		{"a code tells nothing of who writes it", "", "", "zh-Hans", []string{"zh-Hans", "en"}, "TX-1", "9921", "zh-Hans"},
		{"no words at all", "", "", "", []string{"zh-Hans", "en"}, "", "?", "zh-Hans"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := settings(t)
			in := s.Inboxes["support"]
			in.Language = c.inbox
			s.Inboxes["support"] = in
			if c.languages != nil {
				s.Languages = c.languages
			}
			facts, ids := pipeline.NewFacts(), counter{}
			if c.contact != "" {
				batch(t, s, facts, ids, proven(mail(1, "support", "li@customer.example", "", wroteIn[c.contact])))
			}
			m := mail(2, "support", "li@customer.example", c.subject, c.text)
			m.Language = c.channel
			if got := batch(t, s, facts, ids, proven(m))[0]; got.Language != c.want || got.Plan.Row.Language != c.want {
				t.Errorf("language %q, recorded %q, want %q", got.Language, got.Plan.Row.Language, c.want)
			}
		})
	}
}

// TestAFewWordsAreAnsweredInTheirLanguage by a desk whose every default is Chinese.
func TestAFewWordsAreAnsweredInTheirLanguage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"any update?": "en", "hello": "en", "Hi": "en", "refund": "en", "no": "en", "still waiting": "en", "card declined again": "en", "where is my money": "en", "call me please": "en", "not working": "en",
		"urgent!!": "en", "why was I charged twice": "en", "在吗": "zh-Hans", "退款呢": "zh-Hans", "轉帳 failed": "zh-Hant", "app 打不开": "zh-Hans", "mi dinero": "es", "mein Geld fehlt": "de",
	} {
		s := settings(t)
		in := s.Inboxes["support"]
		in.Language = "zh-Hans"
		s.Inboxes["support"], s.Languages = in, []string{"zh-Hans", "zh-Hant", "en"}
		m := proven(mail(1, "support", "li@customer.example", "", text))
		m.Language = "zh-Hans"
		if got := batch(t, s, pipeline.NewFacts(), counter{}, m)[0]; got.Language != want || got.Untold {
			t.Errorf("%q is answered in %q, want %s", text, got.Language, want)
		}
	}
}
