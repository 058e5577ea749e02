package redact

import (
	"testing"

	"frontdesk/pipeline/redact/numbers"
)

// TestWhatCustomersWriteStaysReadable: numbers of every sort that are no secret. Each is told as customers tell it.
func TestWhatCustomersWriteStaysReadable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text string }{
		{"an amount in yuan", "我昨天付了1299元，请退款"},
		{"an amount with decimals", "扣了我128.50元"},
		{"an amount in dollars", "I was charged $1,299.00 twice"},
		{"an amount in Hong Kong dollars", "被扣HK$4,111.11"},
		{"an amount with a code", "EUR 4111.11 is missing"},
		{"a rate", "汇率是7.1234吗"},
		{"a percentage", "利率4.111%太高了"},
		{"a day", "2026-05-03付的款"},
		{"a day in Chinese", "2026年5月3日下午3点"},
		{"a day of eight digits", "20260503的订单"},
		{"a day and a time in one run", "20260503142233付款"},
		{"a time", "12:30:45付款失败"},
		{"a span of days", "5月3日到5月12日"},
		{"a telephone number of the mainland", "请打13812345678"},
		{"a telephone number in groups", "请打138 1234 5678"},
		{"a telephone number with its country", "+86 138 1234 5678"},
		{"a telephone number of Hong Kong", "+852 9123 4567"},
		{"a telephone number of Taiwan", "0912-345-678"},
		{"a telephone number with brackets", "(020) 7946 0958"},
		{"a telephone number and an extension", "010-65881234转8012"},
		{"two telephone numbers", "13812345678 / 13987654321"},
		{"a hotline", "400-820-8820"},
		{"a postal code", "邮编100080"},
		{"a postal code in English", "zip code 94107"},
		{"an address", "北京市海淀区中关村大街27号院1号楼1203室"},
		{"an address in English", "221B Baker Street, Flat 1234"},
		{"a room", "我住1203房间"},
		{"a flight", "航班CA1234"},
		{"a train", "G1234次列车"},
		{"a number plate", "车牌京A12345"},
		{"a parcel of SF", "SF1234567890123"},
		{"a parcel of JD", "JD0123456789012"},
		{"a parcel of the post", "EA123456789CN"},
		{"a parcel of UPS", "1Z999AA10123456784"},
		{"a parcel in Chinese", "快递单号：773012345678901"},
		{"an order of a shop", "订单号TP20260503001"},
		{"an order of Taobao", "订单编号 2026050312345678901"},
		{"an order in English", "order no. 88213-2"},
		{"an invoice", "invoice INV-2026-00417"},
		{"a tax number", "纳税人识别号91110108MA01ABCD2X"},
		{"a ticket of ours", "[#T-12345-ab9x]"},
		{"a version", "App版本5.2.1，iOS 17.4.1"},
		{"a model", "iPhone 15 Pro Max 256GB"},
		{"an address of a computer", "IP 192.168.100.101"},
		{"an address of a computer, the new sort", "2001:0db8:85a3:0000:0000:8a2e:0370:7334"},
		{"an address of a device", "00:1A:2B:3C:4D:5E"},
		{"a UUID", "123e4567-e89b-12d3-a456-426614174000"},
		{"a digest", "d41d8cd98f00b204e9800998ecf8427e"},
		{"a Message-ID", "<20260503142233.12345@mail.example>"},
		{"coordinates", "39.9042, 116.4074"},
		{"a bank account of the mainland that says nothing", "收款账户尾号0011"},
		{"an IBAN", "GB82 WEST 1234 5698 7654 32"},
		{"a BIC", "BIC DEUTDEFF500"},
		{"a sort code", "sort code 12-34-56"},
		{"a check number", "支票号 00123456"},
		{"an error", "错误代码5003"},
		{"an error in English", "error code 0x80070005"},
		{"an answer of a server", "HTTP 404, then 502"},
		{"a count", "我试了12次，都失败"},
		{"a list", "1. first 2. second 3. third"},
		{"a table", "10 20 30 40 50 60 70 80"},
		{"a score", "9.5分"},
		{"points", "我有12345积分"},
		{"a discount", "promo code SAVE2026"},
		{"a coupon", "优惠券编号 88213"},
		{"a code that did not come", "验证码一直没收到"},
		{"a code and a time", "验证码10分钟了还没到"},
		{"a password that was forgotten", "我忘记密码了"},
		{"a password that does not work", "my password does not work any more"},
		{"a password that is to be changed", "please reset my password for order 88213"},
		{"a PIN that is wrong", "the PIN is wrong three times"},
		{"the end of a card", "尾号1111的卡"},
		{"the end of a card in English", "card ending in 1111"},
		{"the beginning of a card", "卡号以6222开头"},
		{"a card that a shop hid", "6222 **** **** 1111"},
		{"a card that we hid", "•••• 1111"},
		{"a card's number with letters", "4111-XXXX-XXXX-1111"},
		{"a money order", "汇款单号 0012345678"},
		{"a contract", "合同编号：HT-2026-0503-001"},
		{"a member", "会员号1000200030004"},
		{"a company", "统一社会信用代码 91310000MA1FL0AB0X"},
		{"a passport that no word announces", "号码E12345678"},
		{"a birthday", "我的生日是19900307"},
		{"an age", "我今年45岁"},
		{"a weight", "重4111克"},
		{"a year", "从2024年到2026年"},
		{"a quarter", "2026Q3"},
		{"a chapter", "第1234条"},
		{"a picture's name", "IMG_20260503_142233.jpg"},
		{"a link with a number", "https://x.example/items/20260503001"},
		{"a hexadecimal colour", "#4111FF"},
		{"roman numbers", "VIII和XII"},
		{"a game", "比分3:2"},
		{"a proportion", "16:9"},
		{"a fraction", "1/2的钱"},
		{"numbers in Chinese", "三千四百五十元"},
		{"a number in English", "one hundred and twenty"},
		{"pi", "3.14159265358979"},
		{"Unix time", "1767225600"},
		{"a long number that no network issues", "7000123412341234"},
		{"noughts", "0000000000000000"},
		{"ones", "1111111111111111"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, text := range []string{c.text, "您好，" + c.text + "，谢谢。", "Hello,\n\n" + c.text + "\n\nAnna"} {
				if got, found := Text(text); got != text || len(found) > 0 {
					t.Errorf("%q became %q with %v", text, got, found)
				}
			}
		})
	}
}

// TestWhatCustomersShouldNotHaveWritten: secrets as customers tell them, in whole sentences. What stands around them stays.
func TestWhatCustomersShouldNotHaveWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"a card, Simplified", "请帮我查一下6222021234567890128这张卡", "请帮我查一下•••• 0128这张卡"},
		{"a card, Traditional", "請幫我查一下4111111111111111這張卡", "請幫我查一下•••• 1111這張卡"},
		{"a card between letters", "my visa is4111111111111111thanks", "my visa is•••• 1111thanks"},
		{"a card behind a full stop", "Paid.4111111111111111.", "Paid.•••• 1111."},
		{"a card behind a picture", "💳：4111 1111 1111 1111", "💳：•••• 1111"},
		{"a card in a quotation", "> > 4111 1111 1111 1111", "> > •••• 1111"},
		{"a card over two lines of a quotation", "> 4111 1111\n> 1111 1111 ok", "> •••• 1111 ok"},
		{"a card in bold", "**4111 1111 1111 1111**", "**•••• 1111**"},
		{"a card in a table of text, and what may be its value", "| 4111111111111111 | 200 |", "| •••• 1111 | ••• |"},
		{"a card in a table of commas, likewise", "li,4111111111111111,200", "li,•••• 1111,•••"},
		{"a card in a form's mail", "卡号: 4111111111111111\n金额: 200", "卡号: •••• 1111\n金额: 200"},
		{"a card, its date and its value", "4111111111111111，有效期12/27，安全码123", "•••• 1111，有效期12/27，安全码•••"},
		{"a card, its date and its value in one line", "4111111111111111 12/27 123", "•••• 1111 12/27 •••"},
		{"a value behind its word", "背面三位数是123", "背面三位数是•••"},
		{"a value, Traditional", "卡片背面的安全碼是123", "卡片背面的安全碼是•••"},
		{"a value in English", "the CVV on my card is 123", "the CVV on my card is •••"},
		{"a value of four digits", "Amex CID is 1234", "Amex CID is •••"},
		{"a value read out", "CVV one two three", "CVV •••"},
		{"a value in Chinese digits", "安全码是一二三", "安全码是•••"},
		{"a code", "我收到的验证码是493021，输入没用", "我收到的验证码是••••••，输入没用"},
		{"a code, Traditional", "收到的驗證碼是493021", "收到的驗證碼是••••••"},
		{"a code of a bank's text", "【银行】验证码493021，5分钟内有效", "【银行】验证码••••••，5分钟内有效"},
		{"a code in English", "Your code is 493021. Don't share it.", "Your code is ••••••. Don't share it."},
		{"a code before its word", "493021 is your OTP", "•••••• is your OTP"},
		{"a code with letters", "Code: 4F9K2A", "Code: ••••••"},
		{"a code in Russian", "код подтверждения: 493021", "код подтверждения: ••••••"},
		{"a code in Korean", "인증번호 493021", "인증번호 ••••••"},
		{"a code in Japanese", "認証コード：493021", "認証コード：••••••"},
		{"a password, Simplified", "账号li，密码Abc12345", "账号li，密码••••••••"},
		{"a password, Traditional", "密碼是Abc12345", "密碼是••••••••"},
		{"a password in English", "user li, password Abc12345", "user li, password ••••••••"},
		{"a password behind a slash", "login/password: li/Abc12345", "login/password: ••••••••"},
		{"a password in German", "Mein Passwort lautet Abc12345", "Mein Passwort lautet ••••••••"},
		{"a password in French", "mot de passe : Abc12345", "mot de passe : ••••••••"},
		{"a password in Spanish", "mi contraseña es Abc12345", "mi contraseña es ••••••••"},
		{"a PIN", "取款密码是402199", "取款密码是••••••••"},
		{"a PIN in English", "PIN is 4021", "PIN is ••••••••"},
		{"an identity number", "身份证110101199003077571", "身份证•••• 7571"},
		{"an identity number, Traditional", "身分證字號110101199003077571", "身分證字號•••• 7571"},
		{"an identity number with X", "我的身份证号是11010519491231002X，请核实", "我的身份证号是•••• 002X，请核实"},
		{"a key of a provider", "my key sk_live_4eC39HqLyjWDarjtT1zdp7dc leaked", "my key •••••••• leaked"},
		{"a stripe", ";4111111111111111=27121010000000123?", ";•••• 1111=•••?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, around := range [][2]string{{"", ""}, {"您好！\n", "\n谢谢。"}, {"Hello,\n\n", "\n\nAnna"}} {
				if got, found := Text(around[0] + c.text + around[1]); got != around[0]+c.want+around[1] || len(found) == 0 {
					t.Errorf("%q became %q with %v, want %q", c.text, got, found, c.want)
				}
			}
		})
	}
}

// TestTheBackOfACardAndOtherBacks: "back" and "digits" are common words; together they are a value.
func TestTheBackOfACardAndOtherBacks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		value      bool
	}{
		{"of my card", "the number on the back of my card is 123", true},
		{"of the new card", "number on the back of the new card 123", true},
		{"of my old business Visa", "the digits on the back of my old business Visa are 123", true},
		{"of it", "the three digits on the back of it: 123", true},
		{"of the receipt", "the number on the back of the receipt is 123", false},
		{"of the queue", "I was at the back of the queue, number 123", false},
		{"money back", "I want my money back, order number 123", false},
		{"call back", "please call me back on number 123", false},
		{"back to you", "I get back to you with number 123", false},
		{"a back door", "number 123 at the back door", false},
		{"the reverse", "three digits on the reverse: 123", true},
		{"reverse the payment", "please reverse the payment, digits 123", false},
		{"behind my card", "three numbers behind my card: 123", true},
		{"behind it", "three numbers behind it: 123", false},
		{"behind the shop", "three numbers behind the shop: 123", false},
		{"in Simplified", "卡背面的三位数123", true},
		{"in Traditional", "卡片背面的三位數123", true},
		{"of a parcel", "包裹背面的三位数123", false},
		{"of a photograph", "照片背面的三位数123", false},
		{"of an identity card", "身份证背面的三位数123", false},
		{"of a telephone", "手机背面的三位数123", false},
		{"the last three of a card", "卡号后三位123", true},
		{"the last three of a telephone number", "手机号后三位123", false},
		{"the last three of an order", "订单号后三位123", false},
		{"the last three of a parcel", "快递单号后三位123", false},
		{"two sentences", "The card is back. The number is 123.", false},
		{"two paragraphs", "the back\n\nnumber 123", false},
		{"in German", "die drei Ziffern auf der Rückseite sind 123", true},
		{"in French", "les trois chiffres au dos 123", true},
		{"in Spanish", "los tres dígitos del reverso son 123", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, found := Text(c.text); held(found) != c.value || (got != c.text) != c.value {
				t.Errorf("%q became %q with %v", c.text, got, found)
			}
		})
	}
}

func TestShapesOfCards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     shape
	}{
		{"one run", "4111111111111111", single},
		{"fours", "4111 1111 1111 1111", fours},
		{"fours and a rest", "6205 5000 0000 0000 004", fours},
		{"American Express", "3782 822463 10005", grouped},
		{"Diners Club", "3056 930902 5904", grouped},
		{"six and the rest", "411111 1111111111", grouped},
		{"eight and the rest", "41111111 11111111", grouped},
		{"digit by digit", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", grouped},
		{"pairs", "41 11 11 11 11 11 11 11", grouped},
		{"threes", "411 111 111 111 111 1", grouped},
		{"fives", "41111 11111 11111 1", grouped},
		{"a folded line in a group", "4111 11 \n11 1111 1111", grouped},
		{"seven and nine", "4111111 111111111", irregular},
		{"three, five, eight", "411 11111 11111111", irregular},
	} {
		x := scan(c.in)
		n, _, _ := x.collect(0)
		x.groupCount = n
		total := 0
		for _, g := range x.groups[:n] {
			total += g.n
		}
		if got := x.shape(0, n, total); got != c.want {
			t.Errorf("%s: %q has the shape %d, want %d", c.name, c.in, got, c.want)
		}
	}
}

func TestWhatStandsBehindACardInARun(t *testing.T) {
	t.Parallel()
	for rest, want := range map[string]bool{
		"1227":             true,
		"0115":             true,
		"1250":             true,
		"1327":             false,
		"0027":             false,
		"1214":             false,
		"1251":             false,
		"1227123":          true,
		"12271234":         true,
		"122":              false,
		"12271":            false,
		"5500000000000004": true,
		"378282246310005":  true,
		"5500000000000005": false,
		"":                 false,
		"1":                false,
		"99999999":         false,
	} {
		if got := explained(rest); got != want {
			t.Errorf("%q: %v", rest, got)
		}
	}
	for number, want := range map[string]bool{
		"4000000000000000":    true,
		"5100000000000000":    true,
		"5600000000000000":    false,
		"2221000000000000":    true,
		"2721000000000000":    false,
		"6200000000000000":    true,
		"6500000000000000":    true,
		"6011000000000000":    true,
		"3528000000000000":    true,
		"3590000000000000":    false,
		"340000000000000":     true,
		"350000000000000":     false,
		"36000000000000":      true,
		"37000000000000":      false,
		"30000000000000":      true,
		"30600000000000":      false,
		"6200000000000000000": true,
		"7000000000000000":    false,
	} {
		var d []byte
		for _, c := range []byte(number) {
			d = append(d, c-'0')
		}
		if got := usual(d, true); got != want && !(got && numbers.Issued(d) == numbers.Firm) {
			t.Errorf("%s is usual: %v", number, got)
		}
	}
}

func TestGroupsThatReadAsDays(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{"20260503": true, "19991231": true, "260503": true, "20261301": false, "20260532": false, "18991231": false, "261301": false, "260500": false, "21000101": false} {
		x := scan(in)
		x.collect(0)
		if got := x.dateLike(x.groups[0]); got != want {
			t.Errorf("%s reads as a day: %v", in, got)
		}
	}
}

func TestListsOfNumbersAreNoCards(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9",
		"[41, 11, 11, 11, 11, 11, 11, 11, 22, 33, 44, 55, 66, 77, 88, 99]",
		"10\n20\n41\n11\n11\n11\n11\n11\n11\n11\n30\n40\n50\n60\n70\n80\n90",
		"0.4 1.1 1.1 1.1",
		"2026 05 03 14 22 33 01 02",
	} {
		if got, found := Text(text); len(found) > 0 {
			t.Errorf("%q became %q with %v", text, got, found)
		}
	}
}
