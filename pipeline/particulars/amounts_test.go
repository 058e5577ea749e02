package particulars

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSumsOfMoney: what is a sum and what looks like one, each case beside its neighbours.
func TestSumsOfMoney(t *testing.T) {
	one := func(currency string, value float64) []Amount { return []Amount{{currency, value}} }
	for _, c := range []struct {
		name, text string
		want       []Amount
	}{
		{"a sign before", "¥200", one("CNY", 200)},
		{"a sign before, with a space", "¥ 200", one("CNY", 200)},
		{"a sign before, two spaces away", "¥  200", nil},
		{"a sign of full width", "￥200", one("CNY", 200)},
		{"a pound sign of full width, as GBK has it", "￡88.00", one("GBP", 88)},
		{"a pound sign of full width behind", "88￡", one("GBP", 88)},
		{"a dollar sign of full width", "US＄88", one("USD", 88)},
		{"a small dollar sign, as Big5 has it", "HK﹩88", one("HKD", 88)},
		{"a small full stop and comma", "¥1﹐299﹒50", one("CNY", 1299.5)},
		{"digits of full width", "付了２００元", one("CNY", 200)},
		{"all of full width", "￥１，２９９．００", one("CNY", 1299)},
		{"a unit behind", "200元", one("CNY", 200)},
		{"a unit behind, with spaces", "200  元", one("CNY", 200)},
		{"a unit on the next line", "200\n元", one("CNY", 200)},
		{"a unit after an empty paragraph", "200\n\n\n元", nil},
		{"sign and unit are one sum", "¥200元", one("CNY", 200)},
		{"the word for money behind the unit", "200块钱", one("CNY", 200)},
		{"Traditional Chinese money", "二月付了200塊錢", one("CNY", 200)},
		{"mixed characters", "200块錢", one("CNY", 200)},
		{"the other mixture", "200塊钱", one("CNY", 200)},
		{"Hong Kong's sign", "HK$300", one("HKD", 300)},
		{"Hong Kong's sign, apart", "HK $300", one("HKD", 300)},
		{"Hong Kong's sign in small letters", "hk$300", one("HKD", 300)},
		{"Hong Kong's name before", "港幣300", one("HKD", 300)},
		{"Hong Kong's name behind", "300港元", one("HKD", 300)},
		{"Taiwan's sign", "NT$50", one("TWD", 50)},
		{"Taiwan's name", "新台幣50", one("TWD", 50)},
		{"Taiwan's name as banks write it", "新臺幣50元", one("TWD", 50)},
		{"Taiwan's name behind", "50新臺幣", one("TWD", 50)},
		{"Taiwan's short name", "50臺幣", one("TWD", 50)},
		{"Singapore's sign", "S$20", one("SGD", 20)},
		{"Singapore's short name", "20新币", one("SGD", 20)},
		{"Singapore's long name", "20新加坡元", one("SGD", 20)},
		{"Singapore's long name, short of its end", "20新加坡", nil},
		{"Japan's", "3000日圓", one("JPY", 3000)},
		{"Japan's in English", "3000 yen", one("JPY", 3000)},
		{"Europe's sign behind", "30€", one("EUR", 30)},
		{"Europe's sign before", "€30", one("EUR", 30)},
		{"Europe's in Chinese", "30歐元", one("EUR", 30)},
		{"Britain's", "15 pounds", one("GBP", 15)},
		{"Britain's in Chinese", "15英鎊", one("GBP", 15)},
		{"America's in Chinese", "20美金", one("USD", 20)},
		{"America's sign", "US$20", one("USD", 20)},
		{"a bare dollar is nobody's", "$20", one("", 20)},
		{"dollars in words are nobody's", "20 dollars", one("", 20)},
		{"a dollar is no dollar's piece", "20 dollarsx", nil},
		{"letters before a unit", "armb500", nil},
		{"letters behind a unit", "500rmbs", nil},
		{"a digit behind a unit", "500rmb2", nil},
		{"a unit in capitals", "500 RMB", one("CNY", 500)},
		{"a unit between two numbers is of the first", "100 USD 200", one("USD", 100)},
		{"Chinese sums in a row", "100元200元", []Amount{{"CNY", 100}, {"CNY", 200}}},
		{"a comma between groups of three", "1,299元", one("CNY", 1299)},
		{"two commas", "1,000,000元", one("CNY", 1e6)},
		{"a comma that parts no group of three", "12,3456元", one("CNY", 3456)},
		{"four digits before a comma are no group", "1234,567元", one("CNY", 567)},
		{"decimals", "128.50元", one("CNY", 128.5)},
		{"one decimal", "128.5元", one("CNY", 128.5)},
		{"a cent", "0.01元", one("CNY", 0.01)},
		{"more decimals than a sum has", "99.999元", one("CNY", 99.999)},
		{"a rate of exchange is no sum of its last digits", "1美元=7.1234元", []Amount{{"USD", 1}, {"CNY", 7.1234}}},
		{"decimals behind a comma", "12,50 €", one("EUR", 12.5)},
		{"groups parted by points, and decimals behind a comma", "1.299,00 €", one("EUR", 1299)},
		{"two groups parted by points", "€1.234.567,89", one("EUR", 1234567.89)},
		{"two numbers with a comma between", "12,50,60元", one("CNY", 60)},
		{"a point at the end of a sentence", "I paid $20.", one("", 20)},
		{"nothing", "0元", one("CNY", 0)},
		{"a thousand in a letter", "1.5k usd", one("USD", 1500)},
		{"a thousand in a capital", "2K USD", one("USD", 2000)},
		{"a thousand in Chinese", "3千元", one("CNY", 3000)},
		{"ten thousand", "5万块", one("CNY", 50000)},
		{"ten thousand, Traditional", "1.5萬港幣", one("HKD", 15000)},
		{"a hundred million", "2亿元", one("CNY", 2e8)},
		{"a scale between spaces", "5 万 元", one("CNY", 50000)},
		{"a scale behind a sign", "$2k", one("", 2000)},
		{"a scale without a unit", "5万人", nil},
		{"a letter that is no scale", "2kg usd", nil},
		{"both ends of a span have the unit and the scale", "3-5千元", []Amount{{"CNY", 3000}, {"CNY", 5000}}},
		{"a sum that went out", "-200元", one("CNY", 200)},
		{"a sum in brackets", "（200元）", one("CNY", 200)},
		{"beside a picture", "💰200元💰", one("CNY", 200)},
		{"in a text from right to left", "שילמתי 200€ אתמול", one("EUR", 200)},
		{"between marks of direction", "\u202a¥200\u202c", one("CNY", 200)},
		{"an invisible mark between sign and number", "¥\u200b200", one("CNY", 200)},
		{"digits of another script", "٢٠٠元", one("CNY", 200)},
		{"a number in Chinese", "两百元", one("CNY", 200)},
		{"a number by itself", "200", nil},
		{"a telephone number", "13800000000", nil},
		{"a day", "2026-05-01", nil},
		{"a time", "12:30", nil},
		{"an order", "order TP20260501", nil},
		{"a percentage", "打了8折，优惠20%", nil},
		{"a number as long as a sum may be", "1234567890123456元", one("CNY", 1234567890123456)},
		{"a number that is longer is no sum", "12345678901234567元", nil},
		{"what a number that is too long leaves", "12345678901234567元 5元", one("CNY", 5)},
		{"a text that is no UTF-8", "\xff200元\xfe", one("CNY", 200)},
		{"a unit cut in its middle", "200\xe5\x85", nil},
		{"nothing at all", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Amounts(c.text)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", c.text, diff)
			}
		})
	}
}

func TestNoMoreSumsThanABoundAreRead(t *testing.T) {
	for n, want := range map[int]int{1: 1, maxAmounts: maxAmounts, maxAmounts + 5: maxAmounts} {
		if got := len(Amounts(strings.Repeat("¥2 和 ", n))); got != want {
			t.Errorf("%d sums are read as %d, want %d", n, got, want)
		}
	}
}

func TestASumBehindTheEndOfWhatIsReadIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		before int
		want   int
	}{"just within": {maxText - len("¥200"), 1}, "just behind": {maxText, 0}, "far behind": {40 * maxText, 0}} {
		if got := Amounts(strings.Repeat(".", c.before) + "¥200"); len(got) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestWhatStandsAroundASumDoesNotChangeIt: courtesy, lines and pictures around a sum, and another sum far away.
func TestWhatStandsAroundASumDoesNotChangeIt(t *testing.T) {
	for _, text := range []string{"¥200", "200元", "HKD 300", "1,299.00 usd", "5万块", "新臺幣50", "12,50 €"} {
		want := Amounts(text)
		if len(want) != 1 {
			t.Fatalf("%q is %v", text, want)
		}
		for _, around := range [][2]string{{"您好，", "。谢谢！"}, {"Dear team, I paid ", ", please help"}, {"\n\n> ", "\r\n--\r\nAnna"}, {"🙏", "🙏"}, {strings.Repeat("字", 500), strings.Repeat("字", 500)}, {"（", "）"}, {"\"", "\""}} {
			if diff := cmp.Diff(want, Amounts(around[0]+text+around[1])); diff != "" {
				t.Errorf("%q between %q and %q (-want +got):\n%s", text, around[0][:min(20, len(around[0]))], around[1][:min(20, len(around[1]))], diff)
			}
		}
		if got := Amounts(text + strings.Repeat("。", 100) + text); len(got) != 2 || got[0] != want[0] || got[1] != want[0] {
			t.Errorf("%q twice is %v", text, got)
		}
	}
}

func TestSumsAmongOtherWords(t *testing.T) {
	cases := []struct {
		text string
		want []Amount
	}{
		{"¥200", []Amount{{"CNY", 200}}},
		{"付了200元", []Amount{{"CNY", 200}}},
		{"HKD 300", []Amount{{"HKD", 300}}},
		{"300 hkd.", []Amount{{"HKD", 300}}},
		{"US$1,299.00 and NT$ 50", []Amount{{"USD", 1299}, {"TWD", 50}}},
		{"5万块，后来又转了1.5萬港幣", []Amount{{"CNY", 50000}, {"HKD", 15000}}},
		{"￥１２８．５０", []Amount{{"CNY", 128.5}}},
		{"120 dollars, 30 euros, £15", []Amount{{"", 120}, {"EUR", 30}, {"GBP", 15}}},
		{"$20", []Amount{{"", 20}}},
		{"2k usd", []Amount{{"USD", 2000}}},
		{"港币500", []Amount{{"HKD", 500}}},
		{"order 20260501 at 12:30", nil},
		{"13800000000", nil},
		{"300 hkdx, usda 5", nil},
		{"", nil},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, Amounts(c.text)); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
}
