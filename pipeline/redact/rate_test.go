package redact

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/redact/numbers"
)

// draws is how many identifiers of each sort are tried.
const draws = 20000

// TestFalsePositives draws numbers and counts how many are taken for a card without any word near them
// and without a declared format. A tenth of all numbers passes the check digit by chance, and of those a
// third has an issuer's prefix: such a number is a card wherever it stands. What shops declare is
// measured by TestOrderNumbersStayReadable.
func TestFalsePositives(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	digits := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(byte('0' + r.IntN(10)))
		}
		return b.String()
	}
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	moment := func() time.Time { return start.Add(time.Duration(r.Int64N(int64(7 * 365 * 24 * time.Hour)))) }
	for _, c := range []struct {
		name  string
		limit float64 // share that may be masked
		make  func() string
	}{
		{"random 16 digits", 0.045, func() string { return digits(16) }},
		{"random 18 digits", 0.11, func() string { return digits(18) }},
		{"random 19 digits", 0.14, func() string { return digits(19) }},
		{"date and 8 digits", 0, func() string { return moment().Format("20060102") + digits(8) }},
		{"date, time and 4 digits", 0, func() string { return moment().Format("20060102150405") + digits(4) }},
		{"unix milliseconds", 0, func() string { return fmt.Sprint(moment().UnixMilli()) }},
		{"Twitter-epoch snowflake", 0.001, func() string { return fmt.Sprint((moment().UnixMilli()-1288834974657)<<22 | r.Int64N(1<<22)) }},
		{"snowflake with a 2020 epoch", 0.11, func() string {
			return fmt.Sprint((moment().UnixMilli()-start.UnixMilli())<<22 | r.Int64N(1<<22))
		}},
		{"13-digit tracking number", 0.015, func() string { return digits(13) }},
		{"WeChat transaction of 28 digits", 0, func() string { return "4200" + digits(6) + moment().Format("20060102") + digits(10) }},
		{"Alipay transaction of 28 digits", 0, func() string { return moment().Format("20060102") + "22001" + digits(15) }},
		{"mobile number", 0, func() string { return "1" + []string{"38", "59", "86"}[r.IntN(3)] + digits(8) }},
		{"international number", 0, func() string { return "+86 1" + digits(2) + " " + digits(4) + " " + digits(4) }},
		{"order number of 20 digits behind its word", 0.002, func() string { return "order no. " + digits(20) }},
		{"order number of 22 digits behind its Chinese word", 0.0005, func() string { return "订单号：" + digits(22) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			masked := 0
			for range draws {
				if _, found := Text("about " + c.make() + " please"); found != nil {
					masked++
				}
			}
			if share := float64(masked) / draws; share > c.limit {
				t.Errorf("%.3f %% masked, at most %.3f %% may be", share*100, c.limit*100)
			} else {
				t.Logf("%.3f %% masked", share*100)
			}
		})
	}
}

// TestRecall makes valid card numbers of every network in every grouping: all must be found.
func TestRecall(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range draws {
		number := randomCard(r)
		in := []string{"请查 %s 谢谢", "card: %s.", "%s", "paid with %s, thanks"}[r.IntN(4)]
		in = fmt.Sprintf(in, grouping(r, number))
		got, found := Text(in)
		if len(found) != 1 || found[0] != (Finding{Card, 1}) || !strings.Contains(got, cardMask+number[len(number)-4:]) {
			t.Fatalf("%q became %q with %v", in, got, found)
		}
	}
}

// randomCard makes a number that passes every check.
func randomCard(r *rand.Rand) string {
	form := []struct {
		prefix string
		n      int
	}{{"4", 16}, {"51", 16}, {"2221", 16}, {"34", 15}, {"37", 15}, {"36", 14}, {"3530", 16}, {"62", 16}, {"62", 19}, {"6011", 16}}[r.IntN(10)]
	d := make([]byte, form.n)
	for i := range d {
		d[i] = byte(r.IntN(10))
		if i < len(form.prefix) {
			d[i] = form.prefix[i] - '0'
		}
	}
	for d[form.n-1] = 0; !numbers.Luhn(d); d[form.n-1]++ {
	}
	for i := range d {
		d[i] += '0'
	}
	return string(d)
}

// grouping writes a number as people do.
func grouping(r *rand.Rand, s string) string {
	sep := []string{" ", "-", ".", "\u00a0", "  ", "\u2013"}[r.IntN(6)]
	switch {
	case r.IntN(3) == 0:
		return s
	case len(s) < 16:
		return s[:4] + sep + s[4:10] + sep + s[10:]
	}
	var parts []string
	for len(s) > 4 {
		parts, s = append(parts, s[:4]), s[4:]
	}
	return strings.Join(append(parts, s), sep)
}

func FuzzText(f *testing.F) {
	for _, s := range []string{
		"card 4111 1111 1111 1111 12/27 123", "密码是abc123 验证码 123456", "４１１１-1111=\n11111111", "11010519491231002X", "password is: \"x y\"", "四一一一一一一一一一一一一一一一",
		strings.Repeat("1 ", 200), strings.Repeat("9", 300), "pin code for my is is is : ",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, found := Text(s)
		if (found == nil) != (got == s) {
			t.Errorf("%d findings, but changed=%v", len(found), got != s)
		}
		masks := 0
		for _, x := range found {
			masks += x.Count
		}
		if n := strings.Count(got, bullet) - strings.Count(s, bullet); masks > 0 && n < 0 && !strings.Contains(s, bullet) {
			t.Errorf("%d findings but no mask", masks)
		}
		if again, more := Text(s); again != got || len(more) != len(found) {
			t.Error("two runs differ")
		}
		// A bare card number put behind the text on a line of its own is found whatever comes before.
		if out, _ := Text(s + "\n#\ncard 5105105105105100\n"); strings.Contains(out, "5105105105105100") {
			t.Error("a card number was left readable")
		}
	})
}

func BenchmarkText(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"english", "Hello, I tried to top up my account yesterday with my bank transfer but the money has still not arrived. Order 20261122-0042 was charged 129.90 EUR. Can you please help me?\n"},
		{"chinese", "您好，我昨天充值了三百元，银行已经扣款，但是账户余额没有变化，订单号是20261122004217，请帮我查一下是什么原因，谢谢。\n"},
		{"digits", "2026-11-20 15:20:33 id=20261120152033 ref 1234 5678 9012 3456 amount 1,234.56 phone +86 138 0013 8000\n"},
		{"cards", "my card 4111 1111 1111 1111 12/27 123 and the code is 493021, password is hunter2\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := strings.Repeat(c.text, 64)
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				Text(s)
			}
		})
	}
}
