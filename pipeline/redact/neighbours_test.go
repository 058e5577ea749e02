package redact

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// maskedAs is a text and what it becomes; "" for one that stays as it is.
type maskedAs struct{ name, in, want string }

// neighbours are texts with something to mask and texts like them with nothing, by what they are about.
var neighbours = map[string][]maskedAs{
	"cards in Chinese": {
		{"behind the word for a card", "我的银行卡4111111111111111被扣款", "我的银行卡•••• 1111被扣款"},
		{"Traditional", "我的信用卡號碼是4111 1111 1111 1111，請查", "我的信用卡號碼是•••• 1111，請查"},
		{"in brackets of full width", "卡号（4111111111111111）", "卡号（•••• 1111）"},
		{"in corner brackets", "卡號「4111111111111111」", "卡號「•••• 1111」"},
		{"in title marks", "【4111111111111111】", "【•••• 1111】"},
		{"between two sentences", "付不了。4111111111111111。谢谢", "付不了。•••• 1111。谢谢"},
		{"two in one sentence", "从4111111111111111转到5500000000000004", "从•••• 1111转到•••• 0004"},
		{"digits of full width in groups", "４１１１－１１１１－１１１１－１１１１", "•••• 1111"},
		{"full width and half width mixed", "４111１111１111１111", "•••• 1111"},
		{"the last four that people give", "尾号1111的卡", ""},
		{"the last four, Traditional", "尾號1111的卡", ""},
		{"the first six", "卡号前六位是411111", ""},
		{"a card's number with one digit missing", "卡号411111111111111", ""},
		{"a card's number with a wrong check digit", "卡号4111111111111112", ""},
		{"a word for a card and an amount", "银行卡扣了4111元", ""},
		{"a word for a card and a telephone number", "银行卡绑定的手机13800138000", ""},
		{"a word for a card and a day", "银行卡2026年5月3日扣款", ""},
		{"a word for a card and a time of the bank's", "信用卡20260503142233交易", ""},
	},
	"cards in English": {
		{"in a sentence", "I used 4111 1111 1111 1111 yesterday", "I used •••• 1111 yesterday"},
		{"in quotation marks", `my card "4111111111111111"`, `my card "•••• 1111"`},
		{"in brackets", "(4111111111111111)", "(•••• 1111)"},
		{"in a link", "https://x.example/?pan=4111111111111111&x=1", "https://x.example/?pan=•••• 1111&x=1"},
		{"as JSON", `{"pan":"4111111111111111"}`, `{"pan":"•••• 1111"}`},
		{"as XML", "<pan>4111111111111111</pan>", "<pan>•••• 1111</pan>"},
		{"behind an equals sign", "card=4111111111111111", "card=•••• 1111"},
		{"before a comma", "4111111111111111, please", "•••• 1111, please"},
		{"behind a sign of a number", "#4111111111111111", "#•••• 1111"},
		{"the last four that people give", "card ending in 1111", ""},
		{"stars for what is hidden", "**** **** **** 1111", ""},
		{"letters for what is hidden", "XXXX-XXXX-XXXX-1111", ""},
		{"a hidden middle", "4111 11** **** 1111", ""},
		{"a mask of ours", "•••• 1111", ""},
		{"one digit too many at the end that is no code", "order 41111111111111112", ""},
		{"hexadecimal digits", "4111111111111111abcdef0123456789", "•••• 1111abcdef0123456789"},
		{"a float", "3.4111111111111111", ""},
		{"a negative exponent", "4.111111111111111e-16", ""},
	},
	"numbers of parcels and orders": {
		{"a parcel of letters and digits", "SF1234567890123", ""},
		{"a parcel in Chinese", "快递单号YT1234567890123", ""},
		{"a parcel in Traditional Chinese", "運單號 773012345678901", ""},
		{"an old card's number of thirteen digits is a parcel's", "tracking number 4222222222222", ""},
		{"the same without a word", "4222222222222", "•••• 2222"},
		{"the same behind a word for cards", "card 4222222222222", "card •••• 2222"},
		{"the same in Chinese", "快递单号4222222222222", ""},
		{"the same, Traditional", "快遞單號4222222222222", ""},
		{"an order that begins with its day", "订单20260503142233123456", ""},
		{"an order in groups", "order 2026-0503-1422-3312", ""},
		{"a number of WeChat Pay", "4200001234202605034111111111", ""},
		{"a number of Alipay", "2026050322001411111111111111", ""},
		{"a UUID", "4a11b111-1111-4111-8111-111111111111", ""},
		{"an order of Amazon's", "701-4111111-1111111", ""},
		{"a SIM card", "89860012345678901234", ""},
		{"a number in a file's name", "IMG_20260503_142233.jpg", ""},
		{"a bank account of Germany", "DE89370400440532013000", ""},
		{"a bank account in groups", "GB82 WEST 1234 5698 7654 32", ""},
		{"a bank account with a wrong check, and no card in it", "GB83 WEST 1234 5698 7654 32", ""},
	},
	"codes": {
		{"Simplified", "验证码：493021", "验证码：••••••"},
		{"Traditional", "驗證碼：493021", "驗證碼：••••••"},
		{"of full width", "验证码：４９３０２１", "验证码：••••••"},
		{"in Chinese digits", "验证码四九三零二一", "验证码••••••"},
		{"of four digits", "短信验证码 4930", "短信验证码 ••••••"},
		{"of eight digits", "动态码49302156", "动态码••••••"},
		{"of nine digits is none", "验证码493021567", ""},
		{"of two digits is none", "验证码49", ""},
		{"sent on a day", "5月3日的验证码", ""},
		{"tried three times", "验证码试了3次", ""},
		{"a code that did not come for ten minutes", "验证码10分钟没收到", ""},
		{"a code and an order", "没有验证码，订单号493021", ""},
		{"in English", "my verification code is 493021", "my verification code is ••••••"},
		{"with a hyphen", "code 493-021", "code ••••••"},
		{"with a prefix", "G-493021 is your Google verification code", "G-•••••• is your Google verification code"},
		{"behind its number", "493021 is my code", "•••••• is my code"},
		{"a code of letters and digits", "code: 4F9K2A", "code: ••••••"},
		{"a code for a discount", "discount code 493021", ""},
		{"a postal code", "postal code 100080", ""},
		{"the code of a bank", "swift code 493021", ""},
		{"the code of an answer", "response code 493021", ""},
		{"a code in a program", "the code in line 4930 is wrong", ""},
		{"a year", "the code of 2026", "the code of ••••••"},
	},
	"verification values": {
		{"Simplified", "安全码123", "安全码•••"},
		{"Traditional", "安全碼：123", "安全碼：•••"},
		{"of full width", "ＣＶＶ：１２３", "ＣＶＶ：•••"},
		{"beside its card", "4111111111111111 CVV 123", "•••• 1111 CVV •••"},
		{"beside its card with its date", "4111 1111 1111 1111, 12/27, 123", "•••• 1111, 12/27, •••"},
		{"an amount beside a card", "4111 1111 1111 1111, 123 EUR", "•••• 1111, 123 EUR"},
		{"an amount beside a card in Chinese", "4111111111111111扣了123元", "•••• 1111扣了123元"},
		{"a date beside a card", "4111111111111111 12/27", "•••• 1111 12/27"},
		{"a number of pieces", "cvv is asked 3 times", ""},
		{"a word with the same letters", "CSC number of the company: 12345678901", ""},
		{"a room", "room 123", ""},
		{"three digits by themselves", "123", ""},
	},
	"passwords": {
		{"Simplified", "密码：Abc12345", "密码：••••••••"},
		{"Traditional", "密碼是Abc12345", "密碼是••••••••"},
		{"a changed one", "密码改成了Abc12345", "密码改成了••••••••"},
		{"in quotation marks", "密码“Abc12345”", "密码“••••••••”"},
		{"of digits", "登录密码是123456", "登录密码是••••••••"},
		{"in English with a colon", "password:Abc12345", "password:••••••••"},
		{"in English between quotation marks", `password is "Abc12345"`, `password is "••••••••"`},
		{"in capitals", "PASSWORD: Abc12345", "PASSWORD: ••••••••"},
		{"of full width", "ｐａｓｓｗｏｒｄ: Abc12345", "ｐａｓｓｗｏｒｄ: ••••••••"},
		{"a wrong one", "密码错误", ""},
		{"a wrong one, three times", "密码输错3次被锁了", ""},
		{"a question", "how do I reset my password?", ""},
		{"one that was changed", "I changed my password yesterday", ""},
		{"one that is wrong", "it says my password is incorrect", ""},
		{"one that is asked for", "Password required", ""},
		{"a link to a new one", "password: https://x.example/r/4930", ""},
	},
	"identity numbers": {
		{"by itself", "110101199003077571", "•••• 7571"},
		{"in Chinese", "身份证号110101199003077571", "身份证号•••• 7571"},
		{"of full width", "１１０１０１１９９００３０７７５７１", "•••• 7571"},
		{"with X of full width", "１１０１０５１９４９１２３１００２Ｘ", "•••• 002X"},
		{"in groups", "110101 19900307 7571", "•••• 7571"},
		{"with a wrong check", "110101199003077572", ""},
		{"of a province that is none", "990101199003077571", ""},
		{"with a month that is none", "110101199013077571", ""},
		{"in a longer number", "1101011990030775711", ""},
		{"a day and a time", "20260503142233", ""},
	},
	"from right to left, pictures, and what is no text": {
		{"a card in Hebrew", "הכרטיס שלי 4111111111111111 לא עובד", "הכרטיס שלי •••• 1111 לא עובד"},
		{"a card in Arabic", "بطاقتي 4111111111111111 لا تعمل", "بطاقتي •••• 1111 لا تعمل"},
		{"a card in Arabic digits", "بطاقتي ٤١١١١١١١١١١١١١١١ لا تعمل", "بطاقتي •••• 1111 لا تعمل"},
		{"between pictures", "💳4111111111111111💳", "💳•••• 1111💳"},
		{"pictures between the groups", "4111💳1111💳1111💳1111", ""},
		{"a mark that nobody sees at its end", "4111111111111111\u200b", "•••• 1111\u200b"},
		{"bytes that are no text around it", "\xff4111111111111111\xfe", "\xff•••• 1111\xfe"},
		{"a null byte within", "41111111\x0011111111", ""},
		{"a tabulator between groups", "4111\t1111\t1111\t1111", "•••• 1111"},
		{"a form feed between groups", "4111\f1111\f1111\f1111", "•••• 1111"},
		{"half a character at the end", "4111111111111111\xe5\x8d", "•••• 1111\xe5\x8d"},
		{"nothing", "", ""},
		{"one digit", "4", ""},
		{"a line of noughts", strings.Repeat("0", 64), ""},
		{"a line of ones", strings.Repeat("1", 64), ""},
	},
}

func TestWhatIsMaskedAndItsNeighbours(t *testing.T) {
	t.Parallel()
	for about, list := range neighbours {
		for _, c := range list {
			want := c.want
			if want == "" {
				want = c.in
			}
			t.Run(about+"/"+c.name, func(t *testing.T) {
				got, found := Text(c.in)
				if got != want {
					t.Errorf("%q became %q, want %q", c.in, got, want)
				}
				if (len(found) > 0) != (got != c.in) {
					t.Errorf("%q: %v is found, and it became %q", c.in, found, got)
				}
			})
		}
	}
}

// TestMaskingTwiceChangesNothing: what was masked is kept, and masked again when it is quoted, searched or shown.
func TestMaskingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	for about, list := range neighbours {
		for _, c := range list {
			once, _ := Text(c.in)
			if twice, found := Text(once); twice != once || len(found) > 0 {
				t.Errorf("%s, %s: %q becomes %q, with %v", about, c.name, once, twice, found)
			}
		}
	}
}

// TestWhatStandsAroundStays: courtesy, lines, pictures and another script around a text change nothing in what is masked of it.
func TestWhatStandsAroundStays(t *testing.T) {
	t.Parallel()
	around := [][2]string{
		{"您好！\n", "\n谢谢。"},
		{"Dear Sir or Madam,\n\n", "\n\nBest regards,\nAnna"},
		{"> ", "\n> Anna"},
		{"🙏\n", "\n🙏"},
		{"שלום\n", "\nתודה"},
		{strings.Repeat("很抱歉打扰您。\n", 50), ""},
		{"", strings.Repeat("\nNothing else to say.", 50)},
	}
	for about, list := range neighbours {
		for _, c := range list {
			want, found := Text(c.in)
			for _, a := range around {
				got, f := Text(a[0] + c.in + a[1])
				if got != a[0]+want+a[1] || len(f) != len(found) {
					t.Errorf("%s, %s: between %.14q and %.14q it becomes %q, want %q", about, c.name, a[0], a[1], got, a[0]+want+a[1])
				}
			}
		}
	}
}

// TestTextsOneBelowTheOther: of two paragraphs each is masked as it is by itself.
func TestTextsOneBelowTheOther(t *testing.T) {
	t.Parallel()
	var all []maskedAs
	for _, list := range neighbours {
		all = append(all, list...)
	}
	for i, a := range all {
		b := all[(i*7+3)%len(all)]
		if strings.HasPrefix(b.in, "\xff") || a.in == "" || b.in == "" {
			continue
		}
		first, _ := Text(a.in)
		second, _ := Text(b.in)
		between := "。\n\n———— 以下是另一件事，与上面无关，请分开处理，谢谢您的耐心。\n\n"
		if got, _ := Text(a.in + between + b.in); got != first+between+second {
			t.Errorf("%s above %s: %q, want %q", a.name, b.name, got, first+between+second)
		}
	}
}

// TestEveryNetworkInEverySentence: the published test number of each network, in sentences and groupings of people.
func TestEveryNetworkInEverySentence(t *testing.T) {
	t.Parallel()
	for network, number := range map[string]string{
		"Visa":                     "4111111111111111",
		"Mastercard":               "5555555555554444",
		"Mastercard, second range": "2223003122003222",
		"American Express":         "378282246310005",
		"Discover":                 "6011111111111117",
		"JCB":                      "3530111333300000",
		"UnionPay":                 "6200000000000005",
		"UnionPay of 19":           "6205500000000000004",
		"Diners Club":              "30569309025904",
		"Mir":                      "2200000000000053",
		"Maestro":                  "6759649826438453",
	} {
		last := number[12:]
		if len(last) > 4 {
			last = number[12:16] + "_" + number[16:]
		}
		groups := []string{number, number[:4] + " " + number[4:8] + " " + number[8:12] + " " + strings.Replace(last, "_", " ", 1), number[:4] + "-" + number[4:8] + "-" + number[8:12] + "-" + strings.Replace(last, "_", "-", 1)}
		for _, grouped := range groups {
			for _, sentence := range []string{
				"%", "我的卡号是%，请帮我查一下", "我的卡號是%，請查", "请把钱退到%这张卡", "my card % was charged twice", "Card no. %.", "charged on %!", "卡：%\n金额：200元", "「%」", "订单没付成，卡%",
				"order 88213, paid with %", "Re: % refund", "%\n%", "\t%", "*%*", "（%）已扣款", "please refund to % , thanks",
			} {
				text := strings.ReplaceAll(sentence, "%", grouped)
				want := strings.ReplaceAll(sentence, "%", "•••• "+number[len(number)-4:])
				if got, found := Text(text); got != want || len(found) != 1 || found[0].Kind != Card || found[0].Count != strings.Count(sentence, "%") {
					t.Errorf("%s: %q became %q with %v, want %q", network, text, got, found, want)
				}
			}
		}
	}
}

// TestOneDigitOtherIsNoCard: no number that differs from a card's in one digit is a card's.
func TestOneDigitOtherIsNoCard(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"4111111111111111", "378282246310005", "6205500000000000004", "30569309025904"} {
		for i := range number {
			for d := byte('0'); d <= '9'; d++ {
				if number[i] == d {
					continue
				}
				other := number[:i] + string(d) + number[i+1:]
				if got, found := Text("no " + other + " x"); len(found) > 0 && len(number) < 19 {
					t.Errorf("%s, of which digit %d is another, became %q", number, i, got)
				}
			}
		}
	}
}

// TestAMaskHidesWhatItStandsFor: no run of more than the four last digits of what was masked is left.
func TestAMaskHidesWhatItStandsFor(t *testing.T) {
	t.Parallel()
	for about, list := range neighbours {
		for _, c := range list {
			got, found := Text(c.in)
			if len(found) == 0 {
				continue
			}
			if !strings.Contains(got, bullet) {
				t.Errorf("%s, %s: %q has no mask", about, c.name, got)
			}
			if utf8.ValidString(c.in) && !utf8.ValidString(got) {
				t.Errorf("%s, %s: %q is no text any more", about, c.name, got)
			}
			for _, f := range found {
				if f.Count < 1 {
					t.Errorf("%s, %s: %v is found without being there", about, c.name, f)
				}
			}
		}
	}
}

// FuzzMask: masking says what it did, keeps text text, and takes no mask of a card away.
func FuzzMask(f *testing.F) {
	for _, list := range neighbours {
		for _, c := range list {
			f.Add(c.in)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		once, found := Text(text)
		if (once != text) != (len(found) > 0) {
			t.Errorf("%q became %q with %v", text, once, found)
		}
		if utf8.ValidString(text) && !utf8.ValidString(once) {
			t.Errorf("%q became %q, which is no text", text, once)
		}
		if strings.Count(once, cardMask) < strings.Count(text, cardMask) {
			t.Errorf("%q became %q: a mask is gone", text, once)
		}
	})
}

func TestFieldsAreMaskedByTheirNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, field, value, want string }{
		{"a card", "card", "4111111111111111", "•••• 1111"},
		{"a card in a note", "note", "card 4111111111111111", "card •••• 1111"},
		{"a run of digits under the name of an order", "order_number", "4111111111111111", "4111111111111111"},
		{"an old card's number under the name of an order", "order_number", "4222222222222", "4222222222222"},
		{"a value", "cvv", "123", "•••"},
		{"a value in words", "security-code", "123", "•••"},
		{"a value in Chinese", "安全码", "123", "•••"},
		{"a code", "verification.code", "493021", "••••••"},
		{"a code in Chinese", "验证码", "493021", "••••••"},
		{"a code in Traditional Chinese", "驗證碼", "493021", "••••••"},
		{"a password", "password", "whatever it is", "••••••••"},
		{"a password in capitals", "PASSWORD", "x", "••••••••"},
		{"a password in another spelling", "new_password", "x", "••••••••"},
		{"a password in Chinese", "支付密码", "x", "••••••••"},
		{"a PIN", "pin", "1", "••••••••"},
		{"a masked password stays", "password", "••••••••", "••••••••"},
		{"an empty one", "password", " ", " "},
		{"a telephone number", "phone", "13800138000", "13800138000"},
		{"an amount", "amount", "493021", "493021"},
		{"a day", "date", "20260503", "20260503"},
		{"an address", "email", "a@b.example", "a@b.example"},
		{"a name that holds a word of a password", "password_hint", "the usual", "the usual"},
		{"an error's code", "error_code", "493021", "493021"},
		{"a postal code", "zip_code", "100080", "100080"},
	} {
		got, found := Fields(map[string]string{c.field: c.value})
		if got[c.field] != c.want || (len(found) > 0) != (c.want != c.value) {
			t.Errorf("%s: %s=%q became %v with %v, want %q", c.name, c.field, c.value, got, found, c.want)
		}
		if again, f := Fields(got); again[c.field] != c.want || len(f) > 0 {
			t.Errorf("%s: masked again it is %v with %v", c.name, again, f)
		}
	}
}

func TestASecretInTheNameOfAField(t *testing.T) {
	t.Parallel()
	in := map[string]string{"4111111111111111": "a", "5500000000000004": "b", "card 4111 1111 1111 1111": "c", "topic": "d"}
	got, found := Fields(in)
	if len(got) != len(in) || got["topic"] != "d" || len(found) != 1 || found[0] != (Finding{Card, 3}) {
		t.Errorf("%v with %v", got, found)
	}
	for name := range got {
		if strings.Contains(name, "411111") || strings.Contains(name, "550000") {
			t.Errorf("the name %q stays", name)
		}
	}
	alike := map[string]string{"4111111111111111": "a", "4111 1111 1111 1111": "b", "4111-1111-1111-1111": "c"}
	if got, _ := Fields(alike); len(got) != 3 {
		t.Errorf("names that are masked alike become one: %v", got)
	}
}

func TestFindingsAreAddedUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		a, b, want []Finding
	}{
		{"nothing", nil, nil, nil},
		{"nothing and something", nil, one(Card), one(Card)},
		{"something and nothing", one(Card), nil, one(Card)},
		{"the same", one(Card), []Finding{{Card, 2}}, []Finding{{Card, 3}}},
		{"in their order", one(Password), one(Card), []Finding{{Card, 1}, {Password, 1}}},
		{"all kinds", []Finding{{NationalID, 1}, {OTP, 1}}, []Finding{{Password, 1}, {CVV, 1}, {Card, 1}}, []Finding{{Card, 1}, {CVV, 1}, {OTP, 1}, {Password, 1}, {NationalID, 1}}},
		{"a kind that is none", []Finding{{"x", 1}}, one(Card), one(Card)},
	} {
		got := add(c.a, c.b)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	}
}

func TestDeclaredFormatsProtectTheirNumbersAlone(t *testing.T) {
	t.Parallel()
	m, err := New([]string{`4111\d{12}`, `TX[A-Z]{2}\d{14}`})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, in, want string }{
		{"a number of the format", "4111111111111111", ""},
		{"in a sentence", "订单4111111111111111没到", ""},
		{"one that begins otherwise", "5500000000000004", "•••• 0004"},
		{"one with a digit more in front", "x 4012888888881881", "x •••• 1881"},
		{"letters of the format", "TXAB41111111111111", ""},
		{"a format of another shop", "SO4012888888881881", "SO•••• 1881"},
		{"two, of which one is a card", "4111111111111111 and 5500000000000004", "4111111111111111 and •••• 0004"},
		{"a number in groups is none of the format", "5500 0000 0000 0004", "•••• 0004"},
	} {
		want := c.want
		if want == "" {
			want = c.in
		}
		if got, _ := m.Text(c.in); got != want {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
	}
	var none *Masker
	if got, _ := none.Text("4111111111111111"); got != "•••• 1111" {
		t.Errorf("without a masker: %q", got)
	}
}
