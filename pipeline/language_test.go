package pipeline_test

import (
	"testing"

	"frontdesk/pipeline"
)

// TestTheLanguageThatNobodyTells: words, channel, contact, inbox, desk, in this order, and nobody who writes in Latin
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
		{"the channel", "de", "fr", "es", nil, "", guess, "fr"},
		{"the contact", "de", "", "es", nil, "", guess, "de"},
		{"a contact who wrote Chinese", "zh-Hans", "", "en", nil, "", "OK 320", "zh-Hans"},
		{"the inbox", "", "", "es", nil, "", guess, "es"},
		{"the desk", "", "", "", []string{"fr", "zh-Hans", "en"}, "", guess, "fr"},
		{"never Chinese by the inbox", "", "", "zh-Hans", []string{"zh-Hant", "fr"}, "", guess, "fr"},
		{"never Chinese by the desk", "", "", "", []string{"zh-Hans", "zh-Hant", "en"}, "", guess, "en"},
		{"never Chinese where the desk has nothing else", "", "", "zh-Hans", []string{"zh-Hans"}, "", guess, "en"},
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
			first := mail(1, "support", "li@customer.example", "Refund", "Where is my refund, please?")
			first.Language = c.contact
			if c.contact != "" {
				first.Subject, first.Text = "TX-1", "9921"
				batch(t, s, facts, ids, proven(first))
			}
			m := mail(2, "support", "li@customer.example", c.subject, c.text)
			m.Language = c.channel
			if got := batch(t, s, facts, ids, proven(m))[0]; got.Language != c.want || got.Plan.Row.Language != c.want {
				t.Errorf("language %q, recorded %q, want %q", got.Language, got.Plan.Row.Language, c.want)
			}
		})
	}
}
