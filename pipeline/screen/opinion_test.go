package screen

import (
	"strings"
	"testing"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
)

func score(f float64) *float64 { return &f }

func TestOpinionsParkAMessage(t *testing.T) {
	rspamd := func(verdict string, s *float64) Opinion {
		return Opinion{Scanner: "rspamd", Verdict: verdict, Score: s}
	}
	clamd := func(verdict, name string) Opinion { return Opinion{Scanner: "clamd", Verdict: verdict, Name: name} }
	bounce := human(func(m *message.Message) {
		m.Envelope.MailFrom = ""
		m.Report = &message.Report{Kind: message.DSN, Action: "failed"}
	})
	for _, c := range []struct {
		name      string
		m         message.Message
		f         Facts
		threshold float64
		park      string
	}{
		{"nothing was said", human(nil), Facts{}, 8, ""},
		{"clean and low", human(nil), Facts{Opinions: []Opinion{rspamd("clean", score(7.9)), clamd("clean", "")}}, 8, ""},
		{"at the threshold", human(nil), Facts{Opinions: []Opinion{rspamd("clean", score(8))}}, 8, causes.Spam},
		{"refused by the filter below the threshold", human(nil), Facts{Opinions: []Opinion{rspamd("spam", score(1))}}, 8, causes.Spam},
		{"no spam is parked with threshold 0", human(nil), Facts{Opinions: []Opinion{rspamd("spam", score(99))}}, 0, ""},
		{"malware is, whatever the threshold", human(nil), Facts{Opinions: []Opinion{clamd("malware", "X")}}, 0, causes.Malware},
		{"malware without a name", human(nil), Facts{Opinions: []Opinion{clamd("malware", "")}}, 8, causes.Malware},
		{"malware before spam", human(nil), Facts{Opinions: []Opinion{rspamd("spam", score(99)), clamd("malware", "X")}}, 8, causes.Malware},
		{"no answer parks nothing", human(nil), Facts{Opinions: []Opinion{rspamd("timeout", nil), clamd("unavailable", "")}}, 8, ""},
		{"a bounce of our own mail is understood, spam or not", bounce, Facts{KnownBounce: true, Opinions: []Opinion{rspamd("spam", score(99))}}, 8, ""},
		{"but not with malware", bounce, Facts{KnownBounce: true, Opinions: []Opinion{clamd("malware", "X")}}, 8, causes.Malware},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settings
			s.SpamThreshold = c.threshold
			if got := Check(c.m, c.f, s); got.Park != c.park {
				t.Errorf("parked for %q, want %q: %v", got.Park, c.park, got.Reasons)
			}
		})
	}
}

func TestOpinionsAreSummedUp(t *testing.T) {
	for _, c := range []struct{ first, second, want string }{
		{"clean", "clean", "nothing found"}, {"spam", "clean", "spam"}, {"spam", "malware", "malware: unnamed"},
		{"clean", "timeout", "nothing found by those who answered"}, {"timeout", "failed", "nobody answered"}, {"spam", "timeout", "spam"},
	} {
		found, why := Heard([]Opinion{{Scanner: "a", Verdict: c.first, Score: score(1.5)}, {Scanner: "b", Verdict: c.second, Detail: "so it goes"}})
		if found != c.want || !strings.HasPrefix(why, "a: ") || !strings.HasSuffix(why, ", so it goes") || !strings.Contains(why, "score 1.5") {
			t.Errorf("%s and %s: %q, %q, want %q", c.first, c.second, found, why, c.want)
		}
	}
}
