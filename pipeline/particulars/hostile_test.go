package particulars

import (
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/doubling"
)

// TestReadingIsLinear: the cost of foreign text grows with its length, whatever is repeated in it.
func TestReadingIsLinear(t *testing.T) {
	units := append(doubling.Units(), "1 ", "12-", "1234 ", "a1-", "1,", "1,234", "1.234", "1'234", "一", "十", "三百", "万", "零", "两三", "一百万", "twenty ", "hundred ", "a ", "and ", "$", "$1", "元", "1元", "1-", "3点", "上周", "5/3 ", "10:35 ",
		"may ", "order ", "订单", "是", "的", "GB29 ", "G", "+", "@", "a@", "2026-", "half past ", "ago ", "扣了", "about ", "iphone ", "版本", "1.2", "sent to ", "A", "(", " ", "晚", "昨天", "11月")
	for name, work := range map[string]func(s string){
		"amounts": func(s string) { Amounts(s) },
		"numbers": func(s string) { Numbers(s) },
		"times":   func(s string) { Times(s, written) },
		"names":   func(s string) { Read(s, written) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, frame := range [][2]string{{"", ""}, {"订单号 $", "元"}} {
				doubling.Text(t, 4<<10, frame[0], frame[1], units, work)
			}
		})
	}
}

// FuzzParticulars: foreign text breaks nothing, sums are never negative, numbers have one spelling, and nothing is read more often than bounds say.
func FuzzParticulars(f *testing.F) {
	for _, text := range []string{"¥200 订单号 TP-2026-0815 昨天下午三点", "1,299.00 usd 5万 half past nine", "三千五百块五毛 +86 138 1234 5678 11月3日", "GB29 NWBK 6016 1331 9268 19", "\xff\xe5\x85 2026-", "两三百多万零", "上周五12am", "¥−２００"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found := Read(text, written)
		amounts, numbers, times := found.Amounts, found.Numbers, found.Times
		if len(amounts) > maxAmounts || len(numbers) > maxNumbers || len(times) > maxTimes {
			t.Fatalf("%d sums, %d numbers, %d times", len(amounts), len(numbers), len(times))
		}
		for _, a := range amounts {
			if !(a.Value >= 0) {
				t.Fatalf("amount %v", a)
			}
		}
		for _, n := range numbers {
			if n != strings.ToUpper(n) || strings.ContainsAny(n, "-_ /'") || len(n) > longestNumber {
				t.Fatalf("number %q", n)
			}
		}
		if once := slices.Compact(slices.Sorted(slices.Values(numbers))); len(once) < len(numbers) {
			t.Fatalf("a number twice: %q", numbers)
		}
	})
}

// TestTwoSpellingsOfANumberAreEqual: a customer who writes it again does so in another way.
func TestTwoSpellingsOfANumberAreEqual(t *testing.T) {
	for want, ways := range map[string][]string{
		"TP20260815003": {"TP20260815003", "tp-2026-0815-003", "TP_20260815_003", "ＴＰ２０２６０８１５００３", "order TP 2026 0815 003", "订单号：TP2026-0815003", "TP–2026–0815–003", "TP\u200b20260815003"},
		"482133770012":  {"482133770012", "4821 3377 0012", "ref 4821-3377-0012", "单号４８２１３３７７００１２", "4821\u00a03377\u00a00012"},
	} {
		for _, way := range ways {
			if got := Numbers("您好 " + way + " 谢谢"); !slices.Equal(got, []string{want}) {
				t.Errorf("%q: %q, want %s", way, got, want)
			}
		}
	}
}

func BenchmarkParticulars(b *testing.B) {
	long := strings.Repeat("请问我的退款到哪里了,我已经等很久了。", 5) + "订单号 TP-2026-0815,昨天下午三点扣了三千五百块。"
	at := time.Date(2026, 11, 18, 15, 20, 0, 0, time.UTC)
	for name, work := range map[string]func(){"amounts": func() { Amounts(long) }, "numbers": func() { Numbers(long) }, "times": func() { Times(long, at) }} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				work()
			}
		})
	}
}
