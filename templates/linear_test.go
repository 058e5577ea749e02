package templates

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/internal/segments"
)

// TestRenderingIsLinear: whatever somebody writes into what a text repeats. The output is bounded; what is cleaned away for
// it is not.
func TestRenderingIsLinear(t *testing.T) {
	set, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	work := map[string]func(d *Data, s string){
		"subject":  func(d *Data, s string) { d.Subject = s },
		"name":     func(d *Data, s string) { d.CustomerName = s },
		"language": func(d *Data, s string) { d.Language, d.Fallback = s, s },
		"category": func(d *Data, s string) { d.Category = s },
		"subject in a digest": func(d *Data, s string) {
			d.Digest = []DigestItem{{TicketNumber: "T-1", Subject: s, FirstReplyBy: "10:00"}}
		},
	}
	units := append(doubling.Units(), "[#a]", "[#", "[#a ", "re[2]", "回复：", "a-", "zh-", "zh-Hant-", "-", "_", "\u2028", "\u00a0")
	for _, name := range slices.Sorted(maps.Keys(work)) {
		t.Run(name, func(t *testing.T) {
			for _, frame := range [][2]string{{"", ""}, {"Re: [#", "] x"}, {"zh-", "-TW"}} {
				for _, kind := range []Kind{Acknowledgement, Digest} {
					doubling.Text(t, 1<<10, frame[0], frame[1], units, func(s string) {
						d := Data{DeskName: "Desk", TicketNumber: "T-1", Token: "[#T-1-a]", Language: "en", FirstReplyBy: "10:00"}
						work[name](&d, s)
						if _, err := set.Render(kind, d); err != nil {
							t.Fatal(err)
						}
					})
				}
			}
		})
	}
}

// TestManyFactsToAskForAreLinear: a text that is too long for short messages asks for fewer, without rendering each number
// of them.
func TestManyFactsToAskForAreLinear(t *testing.T) {
	set, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	doubling.Check(t, 128, func(n int) func() {
		d := Data{DeskName: "Desk", TicketNumber: "T-1", Language: "en", Parts: SMSParts, Short: true}
		for range n {
			d.Missing = append(d.Missing, "the number of your order")
		}
		return func() {
			if _, err := set.Render(Acknowledgement, d); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestAnSMSAsksForAsManyFactsAsFit, and for no fewer.
func TestAnSMSAsksForAsManyFactsAsFit(t *testing.T) {
	set, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	render := func(missing []string, most int) string {
		text, err := set.Render(Acknowledgement, Data{DeskName: "Desk", TicketNumber: "T-1", Language: "en", Parts: most, Short: true, Missing: missing})
		if err != nil {
			t.Fatal(err)
		}
		return text.Body
	}
	var all []string
	for n := range 40 {
		all = append(all, strings.Repeat("x", 1+n*7%23))
		fit := len(all)
		for fit > 0 && segments.Count(render(all[:fit], 0)) > SMSParts {
			fit--
		}
		if got, want := render(all, SMSParts), render(all[:fit], 0); got != want {
			t.Errorf("of %d facts %d fit:\n got %q\nwant %q", len(all), fit, got, want)
		}
	}
}
