package copies

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"
)

func digestUnder(key string) Digest {
	return func(parts ...[]byte) string {
		h := hmac.New(sha256.New, []byte(key))
		for _, p := range parts {
			h.Write(p)
		}
		return hex.EncodeToString(h.Sum(nil))
	}
}

var maker = New(digestUnder("test key"))

func TestWhatIsTheSameAgain(t *testing.T) {
	const card = "my card payment was declined at the supermarket although there is money on the account"
	for _, c := range []struct {
		name string
		a, b Text
		want Likeness
	}{
		{"the very words", Text{Words: card}, Text{Words: card}, Likeness{Equal: true}},
		{"in capitals, with other punctuation and spaces", Text{Words: card}, Text{Words: "  MY CARD PAYMENT -- was declined,\nat the supermarket… although there is money on the account!!"}, Likeness{Equal: true}},
		{"in full width", Text{Words: "refund of order one please"}, Text{Words: "ｒｅｆｕｎｄ ｏｆ ｏｒｄｅｒ ｏｎｅ ｐｌｅａｓｅ"}, Likeness{Equal: true}},
		{"with a greeting and thanks", Text{Words: card}, Text{Words: "hello there, " + card + ". thank you so much for your help in advance"}, Likeness{Near: true}},
		{"with a slip", Text{Words: card}, Text{Words: strings.Replace(card, "declined", "decilned", 1)}, Likeness{Near: true}},
		{"cut", Text{Words: card}, Text{Words: card[:60]}, Likeness{Near: true}},
		{"another matter", Text{Words: card}, Text{Words: "how do I change the address on my account before the card is sent"}, Likeness{}},
		{"a rewording", Text{Words: card}, Text{Words: "the shop would not take my card even though my balance covers it"}, Likeness{}},
		{"Chinese, two homophones", Text{Words: "我的银行卡被吞了，怎么办才能取回来"}, Text{Words: "我的银航卡被吞了，怎么半才能取回来"}, Likeness{Near: true}},
		{"Chinese, slips of a dialect", Text{Words: "转账失败了，钱什么时候能退回来"}, Text{Words: "赚账失败了，钱什么时候楞退回来"}, Likeness{Near: true}},
		{"Traditional characters are read alike", Text{Words: "轉賬失敗了，錢什麼時候能退回來"}, Text{Words: "转账失败了，钱什么时候能退回来"}, Likeness{Near: true}},
		{"under eight characters only the same", Text{Words: "退款没到账"}, Text{Words: "退款没到帐"}, Likeness{}},
		{"under eight characters the same", Text{Words: "退款没到账！"}, Text{Words: "退款没到账"}, Likeness{Equal: true}},
		{"words of the other script part nothing", Text{Words: "我的iPhone上的应用打不开了"}, Text{Words: "我的 iphone 上的应用打不开了"}, Likeness{Equal: true}},
		{"nothing is like nothing", Text{}, Text{}, Likeness{}},
	} {
		a, b := maker.Sketch(c.a), maker.Sketch(c.b)
		if got := Compare(a, b); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		if there, back := Compare(a, b), Compare(b, a); there != back {
			t.Errorf("%s: %+v one way, %+v the other", c.name, there, back)
		}
	}
}

func TestNumbersPartTexts(t *testing.T) {
	for _, c := range []struct {
		name  string
		a, b  Text
		apart bool
	}{
		{"another order", Text{Words: "where is my parcel for order 10023"}, Text{Words: "where is my parcel for order 10024"}, true},
		{"the same order", Text{Words: "where is my parcel for order 10023"}, Text{Words: "Where is my parcel for order 10023?"}, false},
		{"one says a number more", Text{Words: "where is my parcel for order 10023"}, Text{Words: "where is my parcel for order 10023, paid on 12 May"}, false},
		{"each says one more", Text{Words: "where is my parcel 10023 of 11 May"}, Text{Words: "where is my parcel 10023 of 12 May"}, true},
		{"one names none", Text{Words: "where is my parcel"}, Text{Words: "where is my parcel 10023"}, false},
		{"a single digit is no number", Text{Words: "I have waited 5 days for it"}, Text{Words: "I have waited 6 days for it"}, false},
		{"thousands with a comma and without", Text{Words: "you took 1,200 dollars from me"}, Text{Words: "you took 1200 dollars from me"}, false},
		{"a list is no thousands", Text{Words: "the codes 12, 34 do not work"}, Text{Words: "the codes 1234 do not work"}, true},
		{"full width", Text{Words: "订单１００２３还没有收到"}, Text{Words: "订单10023还没有收到"}, false},
		{"Chinese numerals", Text{Words: "我转账了五百元，还没有到账"}, Text{Words: "我转账了六百元，还没有到账"}, true},
		{"one Chinese numeral is a word", Text{Words: "请帮我查一下这笔转账"}, Text{Words: "请帮我查两下这笔转账"}, false},
		{"in the subject", Text{Words: "please see the picture", Beside: "order 10023"}, Text{Words: "please see the picture", Beside: "order 10024"}, true},
		{"leading zeros count", Text{Words: "ticket 007 is not settled"}, Text{Words: "ticket 07 is not settled"}, true},
		{"long ones to the last digit", Text{Words: "transfer 4200001234202611301234567890"}, Text{Words: "transfer 4200001234202611301234567891"}, true},
		{"long ones to the first digit", Text{Words: "transfer 4200001234202611301234567890"}, Text{Words: "transfer 5200001234202611301234567890"}, true},
		{"more than are kept, one of them another", Text{Words: many(20)}, Text{Words: many(19) + " 999"}, true},
		{"more than are kept, all the same", Text{Words: many(20)}, Text{Words: many(20)}, false},
	} {
		if got := Compare(maker.Sketch(c.a), maker.Sketch(c.b)); got.Apart != c.apart || got.Apart && (got.Near || got.Equal || got.Money) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" number ")
		b.WriteString(strings.Repeat(string(rune('1'+i%9)), 2+i/9))
	}
	return b.String()
}

func TestTheSameMoney(t *testing.T) {
	a := maker.Sketch(Text{Words: "I paid twice", Amounts: []string{"EUR 20", "EUR 30"}})
	for _, c := range []struct {
		name string
		b    Text
		want bool
	}{
		{"one of the sums", Text{Words: "charged two times", Amounts: []string{"EUR 30"}}, true},
		{"another sum", Text{Words: "charged two times", Amounts: []string{"EUR 31"}}, false},
		{"another currency", Text{Words: "charged two times", Amounts: []string{"USD 30"}}, false},
		{"no sum", Text{Words: "charged two times"}, false},
	} {
		if got := Compare(a, maker.Sketch(c.b)).Money; got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestASketchIsSmallAndTellsNothingWithoutItsKey(t *testing.T) {
	long := Text{Words: strings.Repeat("The quick brown fox jumps over the lazy dog and the dog does not mind. ", 3) + many(30)}
	for i := range 64 {
		long.Amounts = append(long.Amounts, strings.Repeat("1", i+1))
	}
	if n := len(maker.Sketch(long)); n > 600 {
		t.Errorf("%d bytes", n)
	}
	mine, other := maker.Sketch(long), New(digestUnder("another key")).Sketch(long)
	if got := Compare(mine, other); got.Equal || got.Near {
		t.Errorf("under another key: %+v", got)
	}
	same := 0
	for i := head; i+3 <= min(len(mine), len(other)); i += 3 {
		if slices.Equal(mine[i:i+3], other[i:i+3]) {
			same++
		}
	}
	if same > 1 {
		t.Errorf("%d pieces are the same under another key", same)
	}
}

func TestASketchOfAnotherFormIsLikeNothing(t *testing.T) {
	good := maker.Sketch(Text{Words: "my card does not work at all"})
	for name, bad := range map[string]Sketch{"none": nil, "cut": good[:len(good)-1], "longer": append(slices.Clone(good), 0), "another version": append(Sketch{9}, good[1:]...), "a head alone": good[:head]} {
		if got := Compare(good, bad); got != (Likeness{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if New(nil).Sketch(Text{Words: "hello there, anybody"}) != nil {
		t.Error("without a key there is no sketch")
	}
}

func TestTheTableIsReadOnce(t *testing.T) {
	known := 0
	for _, s := range syllables {
		if s != 0 {
			known++
		}
	}
	start := time.Now()
	readSyllables(syllablesText)
	t.Logf("%d characters in %v", known, time.Since(start))
	if known < 20_000 {
		t.Errorf("%d characters are known", known)
	}
	for _, pair := range []string{"知资", "吃词", "是四", "让然", "能楞", "女绿", "经今", "登等"} {
		r := []rune(pair)
		if sound(r[0]) != sound(r[1]) {
			t.Errorf("%s sound different", pair)
		}
	}
	if a, b := sound('我'), sound('你'); a == b {
		t.Error("我 and 你 sound alike")
	}
}

// FuzzSketch draws and compares foreign texts: a text is like itself, both ways are one, and what was drawn can be read.
func FuzzSketch(f *testing.F) {
	f.Add("my card was declined", "My card was declinde 12,34", []byte{1, 2, 3})
	f.Add("转账没有到账五百元", "轉賬沒有到賬５００元", []byte{version, 0, 0, 0, 0, 0, 0})
	f.Add("\xff\xfe", "\u200b'’", []byte{})
	f.Fuzz(func(t *testing.T, a, b string, foreign []byte) {
		x, y := maker.Sketch(Text{Words: a, Beside: b}), maker.Sketch(Text{Words: b, Amounts: []string{a}})
		if got := Compare(x, x); len(x) > 0 && !got.Equal {
			t.Errorf("not like itself: %+v", got)
		}
		if there, back := Compare(x, y), Compare(y, x); there != back {
			t.Errorf("%+v, and %+v", there, back)
		}
		if len(x) > head+4*(maxNamed+maxNamed)+3*maxHashes {
			t.Errorf("%d bytes", len(x))
		}
		Compare(x, foreign)
		Compare(foreign, y)
	})
}

const english = "Hi, I bought a pair of shoes in your shop last Tuesday and paid with my card, but the payment shows twice on my statement. Please tell me when I get the second one back. Order 8839201. Thanks, Ann"

func BenchmarkSketch(b *testing.B) {
	for name, text := range map[string]string{"english": english, "chinese": "你好，我上周二在你们店里买了一双鞋，用银行卡付的款，但是账单上显示扣了两次钱，请问什么时候能退给我？订单号8839201", "4KiB": strings.Repeat(english, 4096/len(english))} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				maker.Sketch(Text{Words: text})
			}
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	x, y := maker.Sketch(Text{Words: english}), maker.Sketch(Text{Words: "Once more: " + english})
	b.ReportAllocs()
	for b.Loop() {
		Compare(x, y)
	}
}
