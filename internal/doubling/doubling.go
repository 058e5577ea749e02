// Package doubling is for tests: it measures whether work over foreign bytes costs time in proportion to their number.
package doubling

import (
	"strings"
	"testing"
	"time"
)

const (
	// most is how often one work over 16n may cost what sixteen over n cost, which are as many bytes: 1.5 for each of
	// four doublings. A square has 16. What leaves the processor's caches, or meets memory that the system has yet to give,
	// costs three times as much on some machines.
	most = 1.5 * 1.5 * 1.5 * 1.5
	// little is a cost that is taken for larger ones too: what takes next to no time at 16n is no square.
	little = 9 * time.Millisecond
	rounds = 12
	// clearly is how many times as much is not looked at again and again: half of what a square has.
	clearly = 8
)

// Check fails when work over 16n bytes costs clearly more computing time than sixteen times the work over n. prepare makes
// the input of a size, which is not measured, and returns the work over it. Both sides read as many bytes and leave about
// as much garbage: the collector's work, which no single small one would meet, is in both. What disturbs one round on a
// busy machine is gone in the best of several.
func Check(t testing.TB, n int, prepare func(n int) func()) {
	t.Helper()
	one, large := prepare(n), prepare(16*n)
	small := func() {
		for range 16 {
			one()
		}
	}
	least, all := time.Duration(1<<62), time.Duration(1<<62)
	for round := range rounds {
		if all = min(all, cpuTime(large)); all <= little {
			return
		}
		if least = min(least, cpuTime(small)); float64(all) <= most*float64(least) {
			return
		}
		if round > 0 && all > time.Second && all > clearly*least {
			break // no machine is so busy
		}
	}
	t.Errorf("%v for %d bytes, %v for sixteen of a sixteenth: %.1f times", all, 16*n, least, float64(all)/float64(least))
}

// Text checks work over one text, for each of the units repeated between the same head and tail. A failure names the unit.
func Text(t testing.TB, n int, head, tail string, units []string, work func(text string)) {
	t.Helper()
	for _, u := range units {
		Check(t, n, func(n int) func() {
			text := head + strings.Repeat(u, max(1, n/len(u))) + tail
			return func() { work(text) }
		})
		if t.Failed() {
			t.Fatalf("%q again and again between %q and %q", u, head, tail)
		}
	}
}

// Units are pieces of text whose repetition has been dear for somebody: brackets that nothing closes, ends without a
// beginning, halves of escapes and encodings, words that begin or end something, in several scripts.
func Units() []string {
	return []string{"a", " ", "\n", "\r", "\r\n", "\t", "a ", "a\n", "\n\n", "> ", ">", ">\n", "> a\n", ">>", "<", "<<", "(", ")", "[", "]", "[]", "[[", "{", "}", "{{", `"`, `\`, "'", "`", ",", ";", ":", "::", ".", "..", "-", "--", "-- \n", "_",
		"_\n", "=", "==", "&", "&#", "&amp", "%", "%4", "@", "a@", "a@b ", "@b.c ", "a@b.c,", "#", "[#T-", "[#T-1-a]", "*", "|", "/", "//", "http://", "https://a.b ", "www.", "0", "1", "12 ", "1,", "1.", "1-", "1 ", "$1 ", "¥", "元", "1元", "re:", "Re: ", "RE[2]: ", "fw: re: ",
		"On ", "wrote:\n", "On a wrote:\n", "From: a\n", "From: ", "Sent: a\n", "在 ", "写道：\n", "发件人：", "-----Original Message-----\n", "Regards,\n", "Dear ", "您好", "退款", "退", "。", "！", "？", "：", "（", "【", "】", "【】", "“", "”", "「", "\u200b", "\u202e", "\u00ad", "\u0301", "a\u0301", "\u3000", "\ufeff", "\ufffd",
		"\x00", "\x80", "\xe9", "\xf0\x9f", "😀", "👨‍👩‍👧", "🇩", "①", "１", "İ", "ß", "ﬁ", "ﷺ", "가", "ا", "ก", "no ", "not ", "please ", "urgent ", "refund ", "card ", "10:00 ", "2026-01-01 ", "v1.", "order 123456 ", "STOP ", "a=b ", "? ", "! "}
}
