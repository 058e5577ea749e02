package redact

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// maskCase is one text and what it becomes.
type maskCase struct {
	name, in, want string
	found          []Finding
}

// become masks each text.
func become(t *testing.T, cases []maskCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, found := Text(c.in)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("masked (-want +got)\n%s", d)
			}
			if d := cmp.Diff(c.found, found); d != "" {
				t.Errorf("found (-want +got)\n%s", d)
			}
		})
	}
}

func one(kind string) []Finding { return []Finding{{kind, 1}} }

// All card numbers are the published test numbers of the networks.
func TestCardsInTexts(t *testing.T) {
	t.Parallel()
	become(t, []maskCase{
		{"a bare card number", "my card 4111111111111111 was charged", "my card •••• 1111 was charged", one(Card)},
		{"a card number without any word", "4111111111111111", "•••• 1111", one(Card)},
		{"groups of four", "it is 5500 0000 0000 0004 ok", "it is •••• 0004 ok", one(Card)},
		{"groups with dashes", "5500-0000-0000-0004", "•••• 0004", one(Card)},
		{"groups with dots", "5500.0000.0000.0004.", "•••• 0004.", one(Card)},
		{"groups with spaces and dashes", "5500 - 0000 - 0000 - 0004", "•••• 0004", one(Card)},
		{"American Express grouping", "3782 822463 10005", "•••• 0005", one(Card)},
		{"Diners Club grouping", "3056 930902 5904", "•••• 5904", one(Card)},
		{"UnionPay of 19 digits", "卡号6222021234567890128", "卡号•••• 0128", one(Card)},
		{"UnionPay in groups", "6222 0212 3456 7890 128 没到账", "•••• 0128 没到账", one(Card)},
		{"full-width digits", "卡号：４１１１１１１１１１１１１１１１", "卡号：•••• 1111", one(Card)},
		{"full-width digits and ideographic spaces", "４１１１\u3000１１１１\u3000１１１１\u3000１１１１", "•••• 1111", one(Card)},
		{"no-break spaces", "4111\u00a01111\u00a01111\u00a01111", "•••• 1111", one(Card)},
		{"Chinese commas between groups", "4111、1111、1111、1111", "•••• 1111", one(Card)},
		{"Chinese digits", "卡号是四一一一一一一一一一一一一一一一", "卡号是•••• 一一一一", one(Card)},
		{"zero-width characters inside", "4111\u200b1111\u200b1111\ufeff1111", "•••• 1111", one(Card)},
		{"marks of writing direction inside", "\u202a4111\u200e1111\u2066\u200f1111\u20691111\u202c", "\u202a•••• 1111\u202c", one(Card)},
		{"keycap digits", "4\ufe0f\u20e3" + strings.Repeat("1\ufe0f\u20e3", 15), "•••• 1111\ufe0f\u20e3", one(Card)},
		{"single digits read out", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "•••• 1111", one(Card)},
		{"a soft line break of quoted-printable", "card 41111111=\r\n11111111 end", "card •••• 1111 end", one(Card)},
		{"a flowed line between groups", "card 4111 1111 \n1111 1111 end", "card •••• 1111 end", one(Card)},
		{"a flowed line inside a run", "use 4111111111 \n111111 please", "use •••• 1111 please", one(Card)},
		{"a flowed line inside a group", "use 4111 11 \n11 1111 1111 please", "use •••• 1111 please", one(Card)},
		{"a quoted line between groups", "> 4111 1111\n> 1111 1111", "> •••• 1111", one(Card)},
		{"a number directly after Chinese words", "我的卡是4111111111111111请查", "我的卡是•••• 1111请查", one(Card)},
		{"a year before the card", "in 2024 4111 1111 1111 1111", "in 2024 •••• 1111", one(Card)},
		{"an amount after the card", "4111 1111 1111 1111 100 USD", "•••• 1111 100 USD", one(Card)},
		{"two cards on two lines", "4111 1111 1111 1111\n5500 0000 0000 0004", "•••• 1111\n•••• 0004", []Finding{{Card, 2}}},
		{"a card word wins over an earlier order word", "order 123, card number 4111111111111111", "order 123, card number •••• 1111", one(Card)},
		{"an order word that names the run protects it", "order 4111111111111111 is late", "order 4111111111111111 is late", nil},
		{"a Chinese order word protects what it names", "订单号：4111111111111111", "订单号：4111111111111111", nil},
		{"a word for orders behind the run protects it", "4111111111111111 is my order number", "4111111111111111 is my order number", nil},
		{"an order word does not protect what was paid with", "order paid with 4111111111111111", "order paid with •••• 1111", one(Card)},
		{"nor a card with its expiry date", "order 4111111111111111 12/29", "order •••• 1111 12/29", one(Card)},
		{"nor one in groups", "order 4111 1111 1111 1111", "order •••• 1111", one(Card)},
		{"a word for a flow protects what it names", "流水4111111111111111", "流水4111111111111111", nil},
		{"an order word protects a longer run", "order 94111111111111111230123", "order 94111111111111111230123", nil},
		{"an order word does not protect printed grouping", "order paid with 4111 1111 1111 1111", "order paid with •••• 1111", one(Card)},
		{"a Chinese card word overrides", "订单已付，银行卡4111111111111111", "订单已付，银行卡•••• 1111", one(Card)},
		{"the check digit is wrong", "4111 1111 1111 1112", "4111 1111 1111 1112", nil},
		{"a card inside a longer run", "94111111111111111230123", "•••• 1111", one(Card)},
		{"WeChat transaction of 28 digits", "4200001234202601234111111111", "4200001234202601234111111111", nil},
		{"a card behind letters", "TX4111111111111111", "TX•••• 1111", one(Card)},
		{"a card at the end of an identifier", "a1b2-4111111111111111", "a1b2-•••• 1111", one(Card)},
		{"the tail of a UUID", "550e8400-e29b-41d4-a716-676770000005", "550e8400-e29b-41d4-a716-676770000005", nil},
		{"decimals", "0.4111111111111111", "0.4111111111111111", nil},
		{"an IBAN stays readable", "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00", nil},
		{"a card below what only looks like an IBAN", "AL10\n4111 1111 1111 1111", "AL10\n•••• 1111", []Finding{{Card, 1}}},
		{"an IBAN in one run stays readable", "GB82WEST12345698765432", "GB82WEST12345698765432", nil},
		{"telephone numbers", "call +86 138 0013 8000 or 13800138000 or (020) 7946-0958", "call +86 138 0013 8000 or 13800138000 or (020) 7946-0958", nil},
		{"a date and a time", "2026-11-20 15:20:33 and 20261120152033", "2026-11-20 15:20:33 and 20261120152033", nil},
	})
}

func TestCodesInTexts(t *testing.T) {
	t.Parallel()
	become(t, []maskCase{
		{"a CVV", "cvv 123", "cvv •••", one(CVV)},
		{"a CVV with a verb", "CVV is: 123.", "CVV is: •••.", one(CVV)},
		{"CVV2", "CVV2: 1234", "CVV2: •••", one(CVV)},
		{"a security code of a card", "security code 737", "security code •••", one(CVV)},
		{"a Chinese CVV", "安全码是123", "安全码是•••", one(CVV)},
		{"the three digits on the back", "背面后三位是 123", "背面后三位是 •••", one(CVV)},
		{"card, expiry, CVV in one line", "4111 1111 1111 1111 12/27 123", "•••• 1111 12/27 •••", []Finding{{Card, 1}, {CVV, 1}}},
		{"card, expiry and CVV with words", "4111111111111111 exp 12/27 cvc 123", "•••• 1111 exp 12/27 cvc •••", []Finding{{Card, 1}, {CVV, 1}}},
		{"a three-digit number elsewhere", "I paid 123 dollars", "I paid 123 dollars", nil},

		{"a one-time code", "code: 493021", "code: ••••••", one(OTP)},
		{"a code with words between", "the code you sent me was 493021", "the code you sent me was ••••••", one(OTP)},
		{"a code before its word", "493021 is your verification code", "•••••• is your verification code", one(OTP)},
		{"a Chinese code", "验证码 123456", "验证码 ••••••", one(OTP)},
		{"a Chinese code with a verb", "我收到的验证码是：1234", "我收到的验证码是：••••••", one(OTP)},
		{"a Traditional Chinese code", "驗證碼為 885566", "驗證碼為 ••••••", one(OTP)},
		{"a Chinese code before its word", "123456是验证码", "••••••是验证码", one(OTP)},
		{"a bank's code with its word in brackets behind it", "【某银行】908929（验证码），请勿泄露", "【某银行】••••••（验证码），请勿泄露", one(OTP)},
		{"a number with other words in brackets behind it", "订单 908929（已发货）", "订单 908929（已发货）", nil},
		{"a security code to sign in", "security code 493021", "security code ••••••", one(OTP)},
		{"a code in two halves", "code 493 021", "code ••••••", one(OTP)},
		{"a code with a Google prefix", "code G-493021", "code G-••••••", one(OTP)},
		{"an error code", "error code 50012", "error code 50012", nil},
		{"a zip code", "zip code 94107", "zip code 94107", nil},
		{"a Chinese code that never came, and an order", "验证码收不到，订单号 20261122", "验证码收不到，订单号 20261122", nil},
		{"a code and then an amount", "the code never came. 5000 is the amount", "the code never came. 5000 is the amount", nil},
	})
}

func TestPasswordsAndIdentityNumbersInTexts(t *testing.T) {
	t.Parallel()
	become(t, []maskCase{
		{"a password", "my password is hunter2", "my password is ••••••••", one(Password)},
		{"a password of letters alone", "Password: swordfish", "Password: ••••••••", one(Password)},
		{"a password with full stop", "password is Tr0ub4dor&3.", "password is ••••••••.", one(Password)},
		{"a quoted password", `password "open sesame1" fails`, `password "••••••••" fails`, one(Password)},
		{"a quoted single word", `password = "xyzzy"`, `password = "••••••••"`, one(Password)},
		{"a password without a verb", "password hunter2", "password ••••••••", one(Password)},
		{"a password with words between", "password for my account is hunter2", "password for my account is ••••••••", one(Password)},
		{"a Chinese password", "密码是abc123", "密码是••••••••", one(Password)},
		{"a Chinese password with a colon", "登录密码：Zhang-1990", "登录密码：••••••••", one(Password)},
		{"a Chinese password of digits", "支付密码123456", "支付密码••••••••", one(Password)},
		{"a PIN", "my pin is 4821", "my pin is ••••••••", one(Password)},
		{"a remark about a PIN", "My PIN was entered wrong, my PIN is unlocked", "My PIN was entered wrong, my PIN is unlocked", nil},
		{"a mark and then a word behind a password", "Where do I change my PIN?,change_pin1", "Where do I change my PIN?,change_pin1", nil},
		{"a remark about a password", "my password is not working", "my password is not working", nil},
		{"a password that was forgotten", "Password: forgotten, please help", "Password: forgotten, please help", nil},
		{"a password reset link", "the password reset link is broken", "the password reset link is broken", nil},
		{"a password reset for an address", "password reset for: bob@example.com", "password reset for: bob@example.com", nil},
		{"a Chinese remark about a password", "忘记密码了，密码错误3次", "忘记密码了，密码错误3次", nil},
		{"passwords in general", "How do I change my password?", "How do I change my password?", nil},

		{"an identity number", "身份证110101199003077571", "身份证•••• 7571", one(NationalID)},
		{"an identity number with X", "11010519491231002X", "•••• 002X", one(NationalID)},
		{"an identity number with a small x", "身份证号：11010519491231002x。", "身份证号：•••• 002X。", one(NationalID)},
		{"an identity number in groups", "110105 19491231 002X", "•••• 002X", one(NationalID)},
		{"an identity number with a wrong check character", "110105194912310021", "110105194912310021", nil},
		{"an identity number with an impossible birthday", "11010519491331002X", "11010519491331002X", nil},
		{"nothing at all", "Where is my refund? 退款什么时候到？", "Where is my refund? 退款什么时候到？", nil},
		{"empty", "", "", nil},
	})
}

func TestFields(t *testing.T) {
	t.Parallel()
	in := map[string]string{"cvv": "123", "card_number": "4222222222222", "password": "correct horse", "order": "4111111111111111", "topic": "refund", "note": "pan 5500000000000004"}
	want := map[string]string{"cvv": "•••", "card_number": "•••• 2222", "password": "••••••••", "order": "4111111111111111", "topic": "refund", "note": "pan •••• 0004"}
	got, found := Fields(in)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("fields (-want +got)\n%s", d)
	}
	if d := cmp.Diff([]Finding{{Card, 2}, {CVV, 1}, {Password, 1}}, found); d != "" {
		t.Errorf("found (-want +got)\n%s", d)
	}
	if in["cvv"] != "123" {
		t.Error("the map given was changed")
	}
}

func TestLongSequencesAreReadWhole(t *testing.T) {
	t.Parallel()
	in := strings.Repeat("77 ", 400) + "4111 1111 1111 1111" + strings.Repeat(" 77", 400)
	got, found := Text(in)
	want := strings.ReplaceAll(in, "4111 1111 1111 1111", "•••• 1111")
	if got != want || len(found) != 1 {
		t.Errorf("found %v in a long sequence of groups", found)
	}
}
