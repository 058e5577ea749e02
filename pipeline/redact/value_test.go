package redact

import (
	"slices"
	"strings"
	"testing"
)

// held reports whether a verification value is found. It costs a message its original, so the count matters even where the
// text reads well.
func held(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Kind == CVV })
}

// TestNothingElseIsASecurityCode: three or four digits that stand neither beside a card nor beside a word for the code on
// its back stay readable, and no original goes because of them. Digits in ⟨⟩ must be readable afterwards.
func TestNothingElseIsASecurityCode(t *testing.T) {
	t.Parallel()
	for name, texts := range map[string][]string{
		"pictures in a mail": {"[cid:image⟨001⟩.png@01CE92A6.EC495B60]", `<img src="cid:image⟨002⟩.jpg@01D1D2BE">`, "[cid:⟨003⟩] see picture", "cid:⟨001⟩@x.example", "my card is in [cid:image⟨004⟩.png@01]"},
		"back, and a number": {"I want my money back. My order number is ⟨123⟩.", "I want my money back, order number ⟨1234⟩", "please call me back on number ⟨4021⟩", "I sent it back; the tracking number is ⟨1234⟩",
			"call back number ⟨555⟩", "get back to me, room number ⟨301⟩", "I came back to room number ⟨1207⟩", "number of the back office is ⟨301⟩", "the digits on the back of the receipt are ⟨301⟩", "reverse charge ⟨2024⟩ number ⟨301⟩",
			"behind number ⟨301⟩ Main Street", "on the back of the parcel is number ⟨4021⟩", "the back seat number ⟨123⟩"},
		"ends of other numbers": {"last 4 digits of my card: ⟨1111⟩", "last three digits of my phone number ⟨123⟩", "手机号后三位 ⟨123⟩", "订单号后三位是⟨123⟩", "快递单号末三位 ⟨456⟩", "卡号后四位 ⟨1111⟩", "尾号⟨1234⟩", "card ending ⟨1111⟩"},
		"backs of other things": {"包裹背面的三位数是 ⟨301⟩", "照片背面的号码 ⟨1234⟩", "背面写着房间 ⟨301⟩", "小票背面的数字 ⟨4021⟩", "后面三位客服都说 ⟨500⟩", "卡后面还有订单 ⟨1234⟩", "排在后面的数字 ⟨301⟩", "背面有划痕，订单尾号 ⟨1234⟩"},
		"dates that expire": {"coupon valid until 10/20, order ⟨1234⟩ is late", "coupon valid 10/20 for ⟨500⟩ points", "My membership expires 12/27 and I live in room ⟨301⟩", "优惠券有效期 12/27 ⟨500⟩积分", "优惠券有效期12/27，满 ⟨300⟩ 可用",
			"有效期到12/27，订单 ⟨1234⟩", "my card expires in ⟨2027⟩"},
		"amounts, years and times": {"card charged CNY ⟨500⟩", "信用卡扣了 ⟨500⟩", "信用卡还款 ⟨1500⟩ 没到账", "信用卡 ⟨2024⟩ 年账单", "4111111111111111 CNY ⟨500⟩", "4111111111111111 was charged ⟨500⟩", "4111111111111111 ⟨2024⟩",
			"4111 1111 1111 1111 at ⟨1530⟩ today", "4111111111111111 $⟨120⟩", "4111111111111111 ¥⟨500⟩", "4111111111111111 ⟨500⟩元", "the CVV field was refused, I paid ⟨300⟩ EUR", "4111111111111111 10:30"},
		"places":                     {"区号 ⟨021⟩", "房间号 ⟨301⟩", "4111111111111111 ⟨021⟩-5555 1234", "my card is at room ⟨301⟩", "security number of my flat ⟨301⟩", "the security of room ⟨301⟩", "zip code ⟨9021⟩"},
		"other uses of security":     {"security deposit ⟨500⟩", "security guard at gate ⟨123⟩", "安全码错误 3 次，扣了 ⟨300⟩ 元", "verification fee ⟨500⟩", "card verification failed ⟨500⟩ times", "verification of ⟨2024⟩"},
		"what has the same letters":  {"csc ⟨2024⟩ conference", "CVC invoice ⟨301⟩", "customer cid ⟨1234⟩", "184PIN DDR/PC⟨333⟩"},
		"remarks about such a code":  {"CVV error, order ⟨1234⟩", "I did not give the CVV. Order ⟨1234⟩", "the cvv field allows only ⟨100⟩ characters", "the cvv step took ⟨500⟩ ms"},
		"a telephone number on back": {"the phone number on the back of my card is ⟨400⟩ ⟨820⟩ 8820", "卡背面的客服电话 ⟨400⟩ 820 8820"},
		"identifiers":                {"Report-ID: 2244696771454641389", "id: 743727678734245889", "<14a3e1f7f3c.110ef7cb910716.7530578479836940184@x.example>", "66638193_⟨2047148535391784⟩_8239239177862905856_o.jpg", "Message-ID: <⟨20131115125507⟩.4636.975502@x.example>"},
		"one-time codes":             {"验证码 1234", "验证码 493021", "your code is 4021", "登录验证码：4021"},
		"lists of bytes":             {"[172, 153, ⟨101⟩, 239, 37, ⟨101⟩, 215, 0, 37, 193, 0, 177, 0, 156, 411, 111, 111, 111, 111, 1, 23]"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, marked := range texts {
				text := strings.NewReplacer("⟨", "", "⟩", "").Replace(marked)
				got, found := Text(text)
				if held(found) {
					t.Errorf("%q became %q: %v", text, got, found)
				}
				for _, part := range strings.Split(marked, "⟨")[1:] {
					if digits, _, _ := strings.Cut(part, "⟩"); !strings.Contains(got, digits) {
						t.Errorf("%s is gone: %q became %q", digits, text, got)
					}
				}
			}
		})
	}
}

// TestSecurityCodesInPeoplesWords are neighbours of the above that are such a code: 123 to 789 and 1234 must be gone.
func TestSecurityCodesInPeoplesWords(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"the three digits on the back are 123", "The 3 numbers on the back of my Visa card are 456.", "digits on back: 123", "the last three numbers on the reverse of the card: 123", "the three digits from the back of it: 123",
		"the code on the back is 123", "the code on the back of the card: 123", "the number on the back of my credit card, 123", "the small number on the reverse is 123", "my cvv for the card you asked is 123", "my cvv which u wanted 123",
		"cvv asap 123", "CVV for my visa 123", "the security code at the back is 123", "security code (3 digits) 123", "back of card: 123", "back of card 123", "signature panel number 123", "the three digits behind the card 123",
		"the three digits on\nthe back are 123", "numéro au dos de la carte 123", "les trois chiffres au dos 123", "die drei Ziffern auf der Rückseite sind 123", "Kartenprüfnummer 123", "Prüfnummer auf der Rückseite 123",
		"los tres dígitos del reverso son 123", "las 3 cifras del dorso 123", "three numbers behind my card: 123", "amex CID: 1234", "Visa card 4111111111111111 CID 123", "four digit security code 1234",
		"卡背面有三个数字 123", "信用卡后面那三个数 123", "银行卡後面的三位數字是123", "卡背面签名处三位数字是123", "卡后面的三位数是123", "卡后面三位 123", "卡反面3位数字123", "背面数字 123", "信用卡背面的数字是 123", "背面三位是 一二三", "背面最后三位 123", "背面后三位 123", "卡片背后三个数字：123", "签名栏旁边的三位数 123", "末三位是 789",
		"卡号后三位 123", "卡背面后三位 123", "安全码 一二三", "安全码为 1234", "安全码我记得是 123", "CVV码 123", "三位安全码 123", "卡背面的验证码 123", "卡背面三位验证码是123", "卡背面写着 123", "安全码(3位)：123",
		"card 4111111111111111123", "41111111111111111227123", "card 37828224631000512271234", "378282246310005 exp 12/27 1234", "4111 1111 1111 1111 12/27 Li Wei 123", "card 4111111111111111 cvc2 123",
		"123, 4111111111111111", "4111111111111111 - 123", "4111111111111111 12/27-123", "4111111111111111，123", "卡号4111111111111111 有效期 2027年12月 123", "411 111 111 111 111 1 12/27 123", "41 11 11 11 11 11 11 11 12 27 123",
		"exp 12/27 123", "有效期12/27 123", "cvv 123 4111111111111111", "exp 12/27, 123, thanks",
	} {
		got, found := Text(text)
		if !held(found) {
			t.Errorf("none is found in %q: %q %v", text, got, found)
		}
		for _, value := range []string{"123", "456", "789", "一二三"} {
			if strings.Contains(got, value) {
				t.Errorf("%q became %q", text, got)
			}
		}
	}
}
