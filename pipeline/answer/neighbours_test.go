package answer

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/message"
)

// factCase is a text and whether it lacks a fact.
type factCase struct {
	name, text string
	missing    bool
}

// neighbours are texts that give a fact and texts like them that do not.
var neighbours = map[string][]factCase{
	"order-number": {
		{"behind its word", "订单号 88213", false},
		{"digits of full width", "订单号是１２３４５６７８", false},
		{"with letters and dashes", "订单编号 TP-2026-0501", false},
		{"Traditional, a short number", "單號：88213", false},
		{"Traditional, the order's own word", "訂單 88213", false},
		{"Traditional, behind a parcel's word", "運單單號 SF8821", false},
		{"mixed characters", "订單号 88213", false},
		{"with a sign", "order #88213", false},
		{"in capitals", "ORDER NUMBER: AB-88213", false},
		{"on the next line", "order number\n88213", false},
		{"a word that ends in the word", "casino 88213", true},
		{"a system, whose name ends in a word for numbers", "android 12345", true},
		{"a telephone number that says so", "my phone number is 13812345678", true},
		{"a telephone number that says so, in another way", "Mobile number: 13812345678, thanks", true},
		{"a telephone number for calls", "contact number 85291234567", true},
		{"a bank account that says so", "account number 12345678", true},
		{"a telephone number beside an order", "order 88213, my phone number is 13812345678", false},
		{"a telephone number without a word", "请致电13812345678", true},
		{"a telephone number of Hong Kong", "請致電 91234567", true},
		{"a telephone number with its country", "+85291234567", true},
		{"a price", "my order of 200 dollars", true},
		{"three digits are no number", "order 882", true},
		{"four are", "order 8821", false},
		{"a day in the order's sentence", "order placed 03/05/2026", true},
		{"a word far before", "order, as I wrote to you in the last mail, 88213", true},
		{"a long number by itself", "2026050399887766", false},
		{"eight digits by themselves", "20260503", true},
		{"letters in front of a long number", "TP202605039988", false},
		{"many letters in front of a number", "abcdefghij202605039988", false},
		{"a number in a link", "https://shop.example/o/202605039988", false},
		{"the word alone", "我的订单在哪里", true},
		{"a question for the number", "what is my order number?", true},
		{"nothing", "", true},
	},
	"transaction-number": {
		{"behind its word", "交易号 A12345", false},
		{"Traditional", "交易編號 A12345", false},
		{"a stream of the bank's", "流水号：8821", false},
		{"a reference", "ref: 8821-AB-77", false},
		{"a reference in Traditional Chinese", "參考 8821", false},
		{"a booking", "booking AB12345", false},
		{"the word for id in a word", "paid 12345", true},
		{"a telephone number that says so", "tel no 13812345678", true},
		{"an amount", "交易 5000", true},
	},
	"amount": {
		{"money", "200元", false},
		{"money of full width", "２００元", false},
		{"the word alone", "金额不对", true},
		{"a number alone", "200", true},
		{"a number of pieces", "200个", true},
	},
	"expected-amount": {
		{"two sums", "应付199元，扣了299元", false},
		{"one sum", "扣了299元", true},
		{"the same sum twice", "扣了299元，就是299元", true},
		{"the same sum with decimals", "299元, 299.00元", true},
		{"the same sum in another scale", "1千元，1000块", true},
		{"the same number of two currencies", "charged US$100 instead of HK$100", false},
		{"the same number, once without its country", "I paid $100, that is US$100", true},
		{"three sums, two alike", "299元，299元，199元", false},
	},
	"time": {
		{"a day in words", "昨天", false},
		{"a day in words, Traditional", "剛才付的", false},
		{"a day of the week", "上周五", false},
		{"a day of the week, Traditional", "週五", false},
		{"days ago", "3天前", false},
		{"days ago in Chinese numbers", "三天前", false},
		{"a quarter of an hour ago", "15分鐘前", false},
		{"a month ago", "1个月以前", false},
		{"a day in figures", "2026.05.03", false},
		{"a day of full width", "２０２６－０５－０３", false},
		{"a time of full width", "１２：３０", false},
		{"a time with am", "at 9 am", false},
		{"am is no time by itself", "I am waiting", true},
		{"a month with its day", "March 3rd", false},
		{"a month with a day of two digits", "July 21st", false},
		{"a place in a row", "for the 3rd time", true},
		{"a day with its month", "the 3rd of March", false},
		{"the verb march", "march on", true},
		{"a day of the week in English", "on sunday", false},
		{"a word that begins like one", "sundays are fine", true},
		{"a version", "版本 5.2.1", true},
		{"a rate", "汇率 7.24", true},
		{"a time that will come", "什么时候到账", true},
		{"a year", "2026年", true},
		{"a proportion", "16:9.", true},
		{"a score with one digit", "2:1", true},
	},
	"app-version": {
		{"a version", "版本5.2.1", false},
		{"a version and what it is", "版本号是5.2.1", false},
		{"a version and what it is, Traditional", "版本號為 5.2.1", false},
		{"a version in a sentence", "the version is 5.2", false},
		{"the number of a version", "version number 5.2", false},
		{"the number of a version that is something", "my version number is 5.2", false},
		{"a short sign", "v5.2", false},
		{"a short sign in a word", "tv5", true},
		{"a system of full width", "ｉＯＳ１７", false},
		{"a Chinese system", "鸿蒙4", false},
		{"a word without its number", "最新版本", true},
		{"a number without its word", "5.2.1", true},
		{"a number of something else", "the version for 3 people", true},
	},
	"error-message": {
		{"in quotation marks", "“系统繁忙”", false},
		{"in corner brackets", "「系統繁忙」", false},
		{"in title marks", "《系统繁忙》", false},
		{"in plain marks", `"busy now"`, false},
		{"a short quotation", "“繁忙”", true},
		{"a quotation over two lines", "“系统\n繁忙了”", true},
		{"marks that nothing closes", "“系统繁忙", true},
		{"behind a cue", "提示系统繁忙", false},
		{"behind a cue, Traditional", "顯示系統繁忙", false},
		{"a cue and nothing", "没有任何提示", true},
		{"a cue and a full stop", "有提示。但是没看清楚", true},
		{"behind an English cue", "it says payment failed", false},
		{"an error with its number", "error 5003", false},
		{"an error message", "error message: transaction declined", false},
		{"a message that somebody sent", "I sent a message yesterday", true},
		{"a wish for an answer", "please answer my message soon", true},
	},
	"recipient": {
		{"with a colon", "收款人：王小明", false},
		{"with a verb, Traditional", "收款人為王小明", false},
		{"a shop", "商户是小明超市", false},
		{"a shop, Traditional", "商戶：小明超市", false},
		{"in English", "the recipient is Bob", false},
		{"by title", "sent to Mr Li", false},
		{"a question", "收款人是？", true},
		{"the word alone", "收款人", true},
		{"one letter", "recipient: x", true},
	},
	"promotion-name": {
		{"a day of sales", "双11活动", false},
		{"a holiday", "五一節", false},
		{"a threshold", "满300减50", false},
		{"a first order", "首單優惠", false},
		{"a code", "code SAVE20", false},
		{"an English name", "spring campaign", false},
		{"in title marks", "《开学季》", false},
		{"the code of an error", "error code 5003", true},
		{"the code of a country", "country code 0086", true},
		{"the word alone", "活动", true},
	},
	"payment-method": {
		{"a wallet", "支付宝", false},
		{"a wallet, Traditional", "支付寶", false},
		{"a wallet in capitals", "ALIPAY", false},
		{"cash", "in cash", false},
		{"cashback", "where is my cashback", true},
		{"fps in a word", "fpsx", true},
	},
	"phone-model": {
		{"a phone", "iPhone15", false},
		{"a phone, apart", "iPhone 15", false},
		{"a phone with its model, in one word", "iPhone15Pro", false},
		{"a word that begins like one", "iphones", true},
		{"a word that ends like one", "myiphone15", true},
		{"a phone of full width", "ｉＰｈｏｎｅ 15", false},
		{"a Chinese maker", "华为手机", false},
		{"a number of a phone", "my phone number", true},
	},
	"country": {
		{"a country", "寄到德国", false},
		{"a country, Traditional", "寄到臺灣", false},
		{"a country in English", "to the UK", false},
		{"a word with the same beginning", "Ukraine", true},
		{"a word with the same beginning, Germany", "germanyx", true},
	},
	"registered-account": {
		{"a telephone number", "13812345678", false},
		{"a telephone number of full width", "１３８１２３４５６７８", false},
		{"a telephone number in groups", "138 1234 5678", false},
		{"a telephone number with dashes", "138-1234-5678", false},
		{"a telephone number with its country", "+86 138 1234 5678", false},
		{"a telephone number that is too long", "138123456789", true},
		{"groups of another length", "138 123 45678", true},
		{"an address", "a.b@x.example", false},
		{"an address of full width", "ａｂ＠x.example", false},
		{"a name without a domain", "@anna", true},
		{"a domain without a point", "anna@home", true},
		{"an order", "20260503998877", true},
	},
	"seat": {
		{"a key without a rule and without signs", "row 5, seat 7A", true},
	},
}

func TestFactsAndTheirNeighbours(t *testing.T) {
	for key, list := range neighbours {
		for _, c := range list {
			t.Run(key+"/"+c.name, func(t *testing.T) {
				if got := missing(t, key, Evidence{Text: c.text}); got != c.missing {
					t.Errorf("%q: missing is %v", c.text, got)
				}
			})
		}
	}
}

// TestCourtesyGivesNoFactAndTakesNone: what people write around their matter changes nothing, nor does the field it stands in.
func TestCourtesyGivesNoFactAndTakesNone(t *testing.T) {
	around := [][2]string{
		{"您好，\n", "\n谢谢！"},
		{"Dear Sir or Madam,\n\n", "\n\nBest regards,\nAnna"},
		{"", "\n-- \n王小二"},
		{"🙏 ", " 🙏"},
		{strings.Repeat("很抱歉打扰您。", 60) + "\n", ""},
	}
	for key, list := range neighbours {
		for _, c := range list {
			for _, a := range around {
				if got := missing(t, key, Evidence{Text: a[0] + c.text + a[1]}); got != c.missing {
					t.Errorf("%s, %s: missing is %v between %.12q and %.12q", key, c.name, got, a[0], a[1])
				}
			}
			if got := missing(t, key, Evidence{Subject: c.text}); got != c.missing {
				t.Errorf("%s, %s: missing is %v in the subject", key, c.name, got)
			}
		}
	}
}

// TestAFactThatIsGivenStaysGiven: whatever else somebody writes behind it.
func TestAFactThatIsGivenStaysGiven(t *testing.T) {
	for key, list := range neighbours {
		for _, c := range list {
			for _, other := range neighbours {
				for _, o := range other {
					if !c.missing && missing(t, key, Evidence{Text: c.text + "\n\n" + o.text}) {
						t.Errorf("%s, %s: it is lost before %q", key, c.name, o.text)
					}
				}
			}
		}
	}
}

func TestTheBoundOfWhatIsRead(t *testing.T) {
	for _, c := range []struct {
		name   string
		before int
		want   bool
	}{{"within", maxText - 100, false}, {"behind", maxText, true}} {
		if got := missing(t, "order-number", Evidence{Text: strings.Repeat("x", c.before) + " order 88213"}); got != c.want {
			t.Errorf("%s: missing is %v", c.name, got)
		}
	}
}

func TestPicturesAndTheirNeighbours(t *testing.T) {
	for _, c := range []struct {
		name    string
		file    message.Attachment
		missing bool
	}{
		{"by its type", message.Attachment{MediaType: "image/png"}, false},
		{"by its type in capitals", message.Attachment{MediaType: "IMAGE/PNG"}, false},
		{"a PDF", message.Attachment{MediaType: "application/pdf"}, false},
		{"a PDF by its name", message.Attachment{Name: "scan.PDF", MediaType: "application/octet-stream"}, false},
		{"a picture of a telephone", message.Attachment{Name: "IMG_0001.HEIC"}, false},
		{"a picture's name in Chinese", message.Attachment{Name: "截图.jpg"}, false},
		{"a name that only begins like one", message.Attachment{Name: "截图.jpg.zip"}, true},
		{"a table", message.Attachment{Name: "a.xlsx", MediaType: "application/vnd.ms-excel"}, true},
		{"a text that names a picture as its parameter", message.Attachment{MediaType: "text/plain; name=a.png"}, true},
		{"a film", message.Attachment{Name: "a.mp4", MediaType: "video/mp4"}, true},
		{"a small picture in the mail", message.Attachment{MediaType: "image/png", Inline: true, Size: inlineImage - 1}, true},
		{"a larger one in the mail", message.Attachment{MediaType: "image/png", Inline: true, Size: inlineImage}, false},
		{"a larger one whose size nobody told", message.Attachment{MediaType: "image/png", Inline: true, Content: make([]byte, inlineImage)}, false},
		{"a small one that is attached", message.Attachment{MediaType: "image/png", Size: 10}, false},
		{"nothing", message.Attachment{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := missing(t, "screenshot", Evidence{Attachments: []message.Attachment{c.file}}); got != c.missing {
				t.Errorf("missing is %v", got)
			}
			if got := missing(t, "screenshot", Evidence{Attachments: []message.Attachment{{Name: "a.txt"}, c.file}}); got != c.missing {
				t.Errorf("missing is %v behind another file", got)
			}
		})
	}
}

func TestASignOfAnInstallationsOwn(t *testing.T) {
	for _, c := range []struct {
		name, sign, text string
		missing          bool
	}{
		{"a word", "seat", "my seat is 7A", false},
		{"in capitals", "seat", "MY SEAT", false},
		{"a sign in capitals", "SEAT", "my seat", false},
		{"a part of a word", "seat", "the seatbelt", true},
		{"two words", "row number", "the row number please", false},
		{"two words apart", "row number", "the row, number 5", true},
		{"in Chinese, within a sentence", "座位", "我的座位号", false},
		{"with spaces around it", "  座位 ", "我的座位号", false},
		{"nothing but spaces gives nothing", "  ", "我的座位号 and all", true},
		{"beside Chinese", "vip", "我是vip会员", false},
		{"beside an accent", "cafe", "the cafeé", true},
	} {
		list := checklist(t, New(nil), Fact{Key: "own", Ask: "it", Signs: []string{c.sign}})
		if got := len(list.Missing(Evidence{Text: c.text})) > 0; got != c.missing {
			t.Errorf("%s: %q in %q: missing is %v", c.name, c.sign, c.text, got)
		}
	}
}

// TestAFieldIsSpelledInEveryWay: each name of each fact, as programs, forms and people write names.
func TestAFieldIsSpelledInEveryWay(t *testing.T) {
	wide := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r > ' ' && r < 0x7f {
				return r + 0xfee0
			}
			return r
		}, s)
	}
	for _, fact := range nameLists.Names() {
		words := strings.Split(fact, "-")
		ways := []string{fact, strings.Join(words, "_"), strings.Join(words, " "), strings.Join(words, "."), strings.ToUpper(strings.Join(words, "_")), strings.Join(words, ""), " " + fact + ": ", wide(fact)}
		for i, w := range words {
			if i > 0 {
				words[i] = strings.ToUpper(w[:1]) + w[1:]
			}
		}
		ways = append(ways, strings.Join(words, ""))
		for _, name := range nameLists.Words(fact) {
			ways = append(ways, name, strings.ToUpper(name), wide(name), name+"：")
		}
		for _, way := range ways {
			if got := Key(way); got != fact {
				t.Errorf("%q is %q, want %q", way, got, fact)
			}
			if got := Key(Key(way)); got != fact {
				t.Errorf("the key of %q is read as %q", way, got)
			}
			if missing(t, fact, Evidence{Fields: map[string]string{way: "x1"}}) {
				t.Errorf("a field %q does not give %s", way, fact)
			}
			if !missing(t, fact, Evidence{Fields: map[string]string{way: "\u3000\t"}}) {
				t.Errorf("an empty field %q gives %s", way, fact)
			}
		}
	}
}

func TestSpellingTwiceChangesNothing(t *testing.T) {
	for _, fields := range []map[string]string{
		nil, {}, {"a": "b"}, {"orderNo": "1", "order_no": "2", "order": "3"}, {"order-number": "1", "orderNo": "2"}, {"": "x", "-": "y"}, {"金额": "5", "amount": "6"}, {"ORDER": "1", "Order": "2"},
	} {
		once := Spell(fields)
		if len(once) != len(fields) {
			t.Errorf("%v becomes %v: a field is lost", fields, once)
		}
		if diff := cmp.Diff(once, Spell(once)); diff != "" {
			t.Errorf("%v spelled twice (-once +twice):\n%s", fields, diff)
		}
	}
}

func TestNumbersAreThoseOfOrdersAndTransactions(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields map[string]string
		want   string
	}{
		{"none", nil, ""},
		{"an order", map[string]string{"订单号": "TP1"}, "TP1"},
		{"in the order of the names", map[string]string{"txn": "B", "order": "A"}, "A\nB"},
		{"other fields", map[string]string{"amount": "5", "phone": "13812345678"}, ""},
		{"a value that is no number", map[string]string{"order": strings.Repeat("x", 2*longestName)}, strings.Repeat("x", longestName)},
	} {
		if got := Numbers(c.fields); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFactsThatMayBeAsked(t *testing.T) {
	for _, ask := range []string{
		"order number", "the last four digits of your card number", "卡号后四位", "銀行卡號的末四位", "your opinion", "the shipping address", "pinboard", "a happy pinwheel", "spinning", "what the screen shows", "金额",
		"the bank's name", "the company", "your passport's country",
	} {
		if err := validateFact("x", ask); err != nil {
			t.Errorf("%q is refused: %v", ask, err)
		}
	}
	for _, ask := range []string{
		"a photo of your card with the full card number", "ＰＩＮ", "your pin, please", "the OTP we sent", "支付密码的后四位", "last four digits of the card and its security code", "短信驗證碼", "私鑰", "the code on the back (CVV)", "PIN", "pin",
		"Ihr Passwort", "one time\u00a0code", "VERIFICATION-CODE",
	} {
		if err := validateFact("x", ask); err == nil {
			t.Errorf("%q is asked", ask)
		}
	}
}
