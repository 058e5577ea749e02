package templates

import (
	"strings"
	"testing"

	"frontdesk/internal/segments"
)

// TestEachToneHasItsText, in each language, once in a mail; in the place of what would sound cheerful before danger.
func TestEachToneHasItsText(t *testing.T) {
	s := set(t, nil)
	for _, lang := range []string{"en", "zh-Hans", "zh-Hant", "zh-Hant-HK", "zh-Hant-TW"} {
		seen := map[string]string{}
		for _, tone := range []string{"danger", "careful", "sober", "warm"} {
			d := sample(lang)
			d.Tone = tone
			p, err := s.paragraph(lang, d, "tone-"+tone)
			if err != nil || p == "" || seen[p] != "" {
				t.Fatalf("%s in %s: %q, %v, same as %q", tone, lang, p, err, seen[p])
			}
			seen[p] = tone
			for _, late := range []bool{false, true} {
				d.Late = late
				got, err := s.Render(Acknowledgement, d)
				if err != nil || strings.Count(got.Body, p) != 1 {
					t.Errorf("%s in %s, late %v: the text stands %d times, %v", tone, lang, late, strings.Count(got.Body, p), err)
				}
				if at := strings.Index(got.Body, d.TicketNumber); tone == "danger" != (strings.Index(got.Body, p) < at) {
					t.Errorf("%s in %s, late %v stands in the wrong place:\n%s", tone, lang, late, got.Body)
				}
			}
		}
	}
}

// TestNothingBesideALegalThreatIsAnAdmission: no word of regret stands in a sober confirmation.
func TestNothingBesideALegalThreatIsAnAdmission(t *testing.T) {
	s := set(t, nil)
	for _, lang := range []string{"en", "zh-Hans", "zh-Hant"} {
		d := sample(lang)
		d.Tone, d.Category = "sober", "other"
		got, err := s.Render(Acknowledgement, d)
		if err != nil {
			t.Fatal(err)
		}
		for _, regret := range []string{"sorry", "apolog", "regret", "歉", "对不起", "對不起"} {
			if strings.Contains(strings.ToLower(got.Body), regret) {
				t.Errorf("in %s it says %q:\n%s", lang, regret, got.Body)
			}
		}
	}
}

// TestDangerFitsIntoATextMessage together with the reference, in the parts that a message may have.
func TestDangerFitsIntoATextMessage(t *testing.T) {
	s := set(t, nil)
	for _, lang := range []string{"en", "zh-Hans", "zh-Hant", "zh-Hant-HK"} {
		d := sample(lang)
		d.Tone, d.Short, d.Channel, d.Parts = "danger", true, "sms", SMSParts
		got, err := s.Render(Acknowledgement, d)
		if err != nil || segments.Count(got.Body) > SMSParts || !strings.Contains(got.Body, d.TicketNumber) {
			t.Errorf("in %s: %d parts, %v\n%s", lang, segments.Count(got.Body), err, got.Body)
		}
		if !strings.Contains(got.Body, "emergency number") && !strings.Contains(got.Body, "急救") {
			t.Errorf("in %s nothing is said of help: %s", lang, got.Body)
		}
	}
}
