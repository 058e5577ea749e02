package answer

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"frontdesk/pipeline/words"
)

// scanner is a scanner with the expression that it stands for.
type scanner struct {
	name     string
	scan     func(string) bool
	stands   func(string) bool
	examples []string
}

func matches(pattern string) func(string) bool { return regexp.MustCompile(pattern).MatchString }

func scanners() []scanner {
	token, phones := regexp.MustCompile(`\b[a-z]{0,8}-?[0-9][a-z0-9-]{7,}\b`), regexp.MustCompile(`^(?:1[3-9][0-9]{9}|(?:852|853|86|886|65)[0-9]{8,11})$`)
	return []scanner{
		{"announced number", announced, matches(`(?:[单單][号號]|[订訂][单單]|流水|[编編][号號]|交易[号號]|[参參]考|\b(?:order|ref|reference|transaction|booking|txn|id|no|number)\b)` +
			`[^0-9\n]{0,12}?[a-z]{0,6}-?[0-9][a-z0-9-]{2,}[0-9]`),
			[]string{"order t12345", "order", "order number is ab-12345", "orders 12345", "my_order 12345", "order\n12345", "order 123", "order 12-4", "order 12--5", "单号12345", "訂單 的号码是：1234",
				"order twelve letter abcdefg-12345", "order 456789012345 abcdef-12345", "order abcdefghijklm1234", "order 一二三四五六七八九十一1234", "order 一二三四五六七八九十一abcdef-1234", "order 一二三四五六七八九十一二abcdef-1234",
				"no-12345", "no1234", "id 1x2y3", "id:\xff\xffabc1234", "参考 1234", "參 考 1234", "流水1abc", "流水1abc9", "單號1234", "運單號1234", "單 號1234", "transaction_id 1234", "txn#0x1234"}},
		{"long number", longNumber, func(text string) bool {
			return slices.ContainsFunc(token.FindAllString(text, 50), func(t string) bool { return digits(t) >= 9 && !phones.MatchString(t) })
		}, []string{"t123456789", "123456789", "13812345678", "85212345678", "8613812345678", "886912345678", "abcdefghi123456789", "abcdefghi-123456789", "abc-1234-5678-9", "1234567-", "123456789-", "123456789_", "_123456789",
			"12345678--9a", "a-123456789", "-123456789", "x -123456789", strings.Repeat("a1234567 ", 50) + "123456789", strings.Repeat("a1234567 ", 49) + "123456789", "1234567890一", "一1234567890"}},
		{"telephone number", phoneNumber, matches(`\b1[3-9][0-9]{9}\b|\+[0-9][0-9 -]{7,16}[0-9]`),
			[]string{"13812345678", "x13812345678", "12812345678", "138123456789", "13812345678x", "打13812345678吧", "+852 1234 5678", "+1234567", "+12345678", "+123456789", "+1 - - - - 9", "+1 - - - - - - - - - 9", "++123456789", "+a13812345678"}},
		{"mail address", mailAddress, matches(`[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+`),
			[]string{"a@b.c", "@b.c", "a@b", "a@.c", "a@b.", "a@b@c.d", "一@b.c", "a+%@b-.-", "a@b..c"}},
		{"version", version, matches(`(?:版本|version|\bv|ios|android|安卓|鸿蒙|鴻蒙|harmonyos)\s?[号號:]?\s?[0-9]{1,2}`),
			[]string{"v2", "av2", "一v2", "v 2", "v  2", "v   2", "v : 2", "v  :2", "v:  2", "版本号：2", "版本号:2", "版本號 2", "ios17", "bios 17", "android\n\n14", "harmonyos号4", "version12", "version two"}},
		{"day or time", clock, matches(`[0-9]{4}\s?[-/.年]\s?[0-9]{1,2}\s?[-/.月]\s?[0-9]{1,2}|[0-9]{1,2}\s?月\s?[0-9]{1,2}|[0-9]{1,2}\s?[日号號][上下中晚凌]|\b[0-9]{1,2}/[0-9]{1,2}\b|` +
			`\b[0-9]{1,2}:[0-9]{2}\b|[0-9]{1,2}\s?[点點]|[0-9]+\s?[个個]?(?:小[时時]|分[钟鐘]|天|[周週]|星期|[礼禮]拜|月)[之以]?前|\b[0-9]{1,2}\s?[ap]m\b|` +
			`\b[0-9]{1,2}(?:st|nd|rd|th)?(?: of)? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* [0-9]{1,2}\b`),
			[]string{"2026-11-02", "2026 - 11 - 2", "2026  -11-2", "2026年1月2日", "2026/111/2", "026-11-2", "12026.1.2", "2026-11年2", "11月 2", "11 月2", "11月之前", "2个月以前", "2个 月前", "5号上午", "5號 上", "11/3", "111/3", "11/345", "x11/3", "11/3x", "1:20", "1:2", "1:200",
				"10点", "10 點", "3小时前", "3分钟之前", "3周前", "3禮拜前", "3天", "9pm", "9 pm", "9  pm", "9pmx", "109pm", "3rd of march", "3 march", "3march", "3rd  march", "3 marching_", "3 of may", "3th mayor", "march 3", "march 33", "march 333", "marches 3", "a march 3", "amarch 3", "march  3", "may 5th", "sept 9,"}},
	}
}

func TestScannersStandForTheirExpressions(t *testing.T) {
	for _, s := range scanners() {
		t.Run(s.name, func(t *testing.T) {
			found := 0
			for _, text := range s.examples {
				want := s.stands(text)
				if got := s.scan(text); got != want {
					t.Errorf("%q: %v, the expression says %v", text, got, want)
				}
				if want {
					found++
				}
			}
			if found == 0 || found == len(s.examples) {
				t.Errorf("%d of %d examples are found: they prove little", found, len(s.examples))
			}
		})
	}
}

func FuzzScanners(f *testing.F) {
	all := scanners()
	for _, s := range all {
		for _, text := range s.examples {
			f.Add(text)
		}
	}
	for _, list := range append(slices.Collect(maps.Values(namesFor)), times) {
		for word := range list.All() {
			f.Add(word + word + "," + word + "x")
		}
	}
	promotion := newSigns()
	for _, text := range []string{"双11活动", "满300", "spring promotion", "code ab12", "首单", "11.11节", "a campaign", "ＡＢＣ￥１２\u3000İK\xe4\xb8x\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range all {
			if got, want := s.scan(text), s.stands(text); got != want {
				t.Errorf("%s in %q: %v, the expression says %v", s.name, text, got, want)
			}
		}
		if n := len(text); n > 0 && !words.PairsOf(text).May(text[n/3:n-n/4]) {
			t.Errorf("the pairs of %q do not know a part of it", text)
		}
		for _, list := range append(slices.Collect(maps.Values(namesFor)), times) {
			if got, want := stands(list, text), anyHeld(text, list); got != want {
				t.Errorf("names in %q: %v, want %v", text, got, want)
			}
		}
		if got, want := lower(text), strings.ToLower(halfWidth(text)); got != want {
			t.Errorf("lower(%q) = %q, want %q", text, got, want)
		}
		if got, want := promotion.promoted(text), promotion.promotion.MatchString(text); got != want {
			t.Errorf("promotion in %q: %v, the expression says %v", text, got, want)
		}
	})
}

// anyHeld looks for the names one by one.
func anyHeld(text string, list *words.List) bool {
	for w := range list.All() {
		if holds(text, w) {
			return true
		}
	}
	return false
}
