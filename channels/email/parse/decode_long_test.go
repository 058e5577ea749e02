package parse

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/channels"
	"frontdesk/channels/meta"
)

func TestDecodeKeepsTheBeginningOfAnOverlongSubject(t *testing.T) {
	cases := []struct{ name, subject, want string }{
		{"one megabyte", strings.Repeat("x", 1<<20), strings.Repeat("x", maxSubject)},
		{"one megabyte of Chinese", strings.Repeat("单", 1<<19), strings.Repeat("单", maxSubject)},
		{"100 000 answers", strings.Repeat("Re: ", 100_000), strings.TrimSpace(strings.Repeat("Re: ", maxSubject/4))},
		{"20 000 encoded words", strings.Repeat("=?utf-8?B?5byg5LiJ?= ", 20_000), strings.Repeat("张三", maxSubject/2)},
		{"20 000 encoded words without space", strings.Repeat("=?utf-8?B?5byg5LiJ?=", 20_000), strings.Repeat("张三", maxSubject/2)},
		{"20 000 folded encoded words", strings.Repeat("=?utf-8?B?5byg5LiJ?=\r\n ", 20_000), strings.Repeat("张三", maxSubject/2)},
		{"one encoded word of a megabyte", "=?utf-8?B?" + strings.Repeat("5byg5LiJ", 130_000) + "?=", strings.Repeat("张三", maxSubject/2)},
		{"one encoded word within the limit of a header", "=?utf-8?B?" + strings.Repeat("5byg5LiJ", 2000) + "?=", strings.Repeat("张三", maxSubject/2)},
		{"a little too long", strings.Repeat("y", maxSubject+1), strings.Repeat("y", maxSubject)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := decodeString(t, "Subject: "+c.subject+"\r\nFrom: Z <a@b.cn>\r\nMessage-ID: <1@b.cn>\r\n\r\nhello")
			if m.Subject != c.want {
				t.Errorf("%d characters, beginning with %q", utf8.RuneCountInString(m.Subject), m.Subject[:min(len(m.Subject), 60)])
			}
			if m.From != addr("a@b.cn", "Z") || m.MessageID != "1@b.cn" || m.Text != "hello" || len(m.Problems) == 0 {
				t.Errorf("from %v, id %q, text %q, problems %v", m.From, m.MessageID, m.Text, m.Problems)
			}
		})
	}
}

func TestDecodeKeepsASubjectThatFits(t *testing.T) {
	want := strings.Repeat("单", maxSubject)
	if m := decodeString(t, "From: a@b.cn\nSubject: "+want+"\n\nx"); m.Subject != want || len(m.Problems) != 0 {
		t.Errorf("%d bytes, problems %v", len(m.Subject), m.Problems)
	}
}

func TestDecodeTakesTheFirstOfTooManyAddresses(t *testing.T) {
	for name, list := range map[string]string{
		"bare":       "a@b.cn" + strings.Repeat(",someone@b.cn", 100_000),
		"with names": `"San, Z" <a@b.cn>` + strings.Repeat(`, "Si, L" <someone@b.cn>`, 100_000),
		"folded":     "a@b.cn" + strings.Repeat(",\r\n someone@b.cn", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			m := decodeString(t, "From: "+list+"\r\nTo: "+list+"\r\nSubject: x\r\n\r\nhello")
			if m.From.Value != "a@b.cn" || m.Subject != "x" || len(m.Problems) == 0 {
				t.Errorf("from %v, subject %q, problems %v", m.From, m.Subject, m.Problems)
			}
			if len(m.To) != maxAddresses {
				t.Errorf("%d recipients", len(m.To))
			}
		})
	}
}

func TestParseAddressesCutsBetweenAddresses(t *testing.T) {
	long := strings.Repeat("n", 600)
	for _, a := range parseAddresses(strings.Repeat(long+"@b.example,", 1000), "") {
		if a.Value != long+"@b.example" {
			t.Fatalf("address cut to %d bytes", len(a.Value))
		}
	}
}

// TestDecodeProvesNothingOfACutHeader checks that a verdict about the whole From is not believed
// about what is left of it.
func TestDecodeProvesNothingOfACutHeader(t *testing.T) {
	pass := map[string]string{meta.DMARC: "pass"}
	for name, header := range map[string]string{
		"a From that was cut to one address": "From: a@e.cn," + strings.Repeat("x", 1<<20) + "@e.cn\n",
		"a second From beyond the limit":     "From: a@e.cn\n" + strings.Repeat("X-A: b\n", 1000) + "From: b@e.cn\n",
	} {
		t.Run(name, func(t *testing.T) {
			m, err := NewDecoder(DecoderConfig{}).Decode(channels.Delivery{Raw: []byte(header + "Subject: x\n\nx"), Meta: pass})
			if err != nil {
				t.Fatal(err)
			}
			if m.From.Value != "a@e.cn" || m.Proven {
				t.Errorf("from %v, proven %v", m.From, m.Proven)
			}
		})
	}
}

func TestDecodeHostileLongHeadersInTime(t *testing.T) {
	var problems []string
	for _, unit := range []string{"=?a?q?x", "=?utf-8?b?", "=?a?q?" + strings.Repeat("x", 9000) + " ", "<a,", "(\"", "\n ", "; a=\"", "?==?", ", "} {
		value := strings.Repeat(unit, 5_000_000/len(unit))
		for _, name := range []string{"Subject", "From", "References", "Content-Type"} {
			m, err := NewDecoder(DecoderConfig{}).Decode(channels.Delivery{Raw: []byte(name + ": a" + value + "\n\nx")})
			if err != nil {
				t.Fatal(err)
			}
			problems = append(problems, m.Problems...)
		}
	}
	if !slices.Contains(problems, "header field longer than the limit allows: only its beginning was kept") {
		t.Errorf("problems %v", problems)
	}
}
