package redact

import (
	"strings"
	"testing"
)

// TestCodesAndTheirNeighbours: what announces a one-time code, a PIN or a verification value, and what only looks like it.
func TestCodesAndTheirNeighbours(t *testing.T) {
	t.Parallel()
	for _, c := range []maskedAs{
		{"a code in one run", "code 493021", "code ••••••"},
		{"a code in two halves", "code 493 021", "code ••••••"},
		{"a code in pairs", "code 49 30 21", "code ••••••"},
		{"a code in pairs with dashes", "code 49-30-21", "code ••••••"},
		{"a code digit by digit", "code 4 9 3 0 2 1", "code ••••••"},
		{"a code in halves of another length", "code 49 3021", ""},
		{"a code with a comma", "code 493,021", "code ••••••"},
		{"a code with a point", "code 493.021", "code ••••••"},
		{"a code of three digits", "code 493", ""},
		{"a code of four", "code 4930", "code ••••••"},
		{"a code of eight", "code 49302156", "code ••••••"},
		{"a code of nine", "code 493021567", ""},
		{"a code that is a megabyte", "code of 4930MB", ""},
		{"a code that is a thousand", "code of 4930k", ""},
		{"a code in a sentence", "The code I received from my bank is 493021", "The code I received from my bank is ••••••"},
		{"a code far behind its word", "the code that nobody of you people ever sent to me was 493021", "the code that nobody of you people ever sent to me was ••••••"},
		{"a code in the next sentence", "I got a code. 493021 is what I paid", ""},
		{"a code in the next line", "Your code:\n493021", "Your code:\n••••••"},
		{"a code two lines below", "Your code:\n\n493021", "Your code:\n\n••••••"},
		{"a code three lines below", "Your code:\n\n\n493021", ""},
		{"a code before its word", "493021 is the code", "•••••• is the code"},
		{"a code before a word for none", "493021 is the order", ""},
		{"a code in brackets behind", "493021 (verification code)", "•••••• (verification code)"},
		{"a code in Chinese brackets behind", "493021【验证码】", "••••••【验证码】"},
		{"a code with letters", "code: AB12CD", "code: ••••••"},
		{"a code with letters, by a verb", "code is AB12CD", "code is ••••••"},
		{"a code with letters, without a tie", "code AB12CD", ""},
		{"a code of letters alone", "code: ABCDEF", ""},
		{"a code with one digit", "code: ABCDE1", ""},
		{"a code in small letters", "code: ab12cd", ""},
		{"a code that goes on in small letters", "code: AB12CDef", ""},
		{"a code with a dash behind", "code: AB12CD-77", ""},
		{"a code that is too long", "code: AB12CD34EF56", ""},
		{"a token", "token 493021", "token ••••••"},
		{"an OTP", "OTP 493021", "OTP ••••••"},
		{"an OTP, spelled", "o t p 493021", "o t p ••••••"},
		{"two factors", "2FA 493021", "2FA ••••••"},
		{"two factors in small letters", "2fa 493021", "2fa ••••••"},
		{"a TAN", "TAN: 493021", "TAN: ••••••"},
		{"a colour that is called so", "tan 4930", ""},
		{"a code of a country", "country code 0086", ""},
		{"a code of an area", "area code 0755", ""},
		{"a code of a discount", "discount code 20260503", ""},
		{"a code of a voucher", "voucher code 493021", ""},
		{"a code of a product", "product code 493021", ""},
		{"a code of a colour", "colour code 493021", ""},
		{"a code of a reason", "reason code 4930", ""},
		{"a QR code", "QR code 493021", ""},
		{"a bar code", "bar code 493021", ""},
		{"Morse", "Morse code 493021", ""},
		{"German", "Ihr Bestätigungscode lautet 493021", "Ihr Bestätigungscode lautet ••••••"},
		{"French", "code de confirmation : 493021", "code de confirmation : ••••••"},
		{"Spanish", "código de verificación: 493021", "código de verificación: ••••••"},
		{"Portuguese", "código de verificação 493021", "código de verificação ••••••"},
		{"Italian", "codice 493021", "codice ••••••"},
		{"Simplified", "验证码是493021", "验证码是••••••"},
		{"Simplified of a text message", "短信验证码：493021", "短信验证码：••••••"},
		{"Simplified, moving", "动态码493021", "动态码••••••"},
		{"Simplified, checked", "校验码：493021", "校验码：••••••"},
		{"Simplified, of a login", "登录码493021", "登录码••••••"},
		{"Traditional", "驗證碼為493021", "驗證碼為••••••"},
		{"Traditional, moving", "動態碼：493021", "動態碼：••••••"},
		{"Traditional, confirmed", "認證碼493021", "認證碼••••••"},
		{"Japanese", "確認コード 493021", "確認コード ••••••"},
		{"Korean", "인증코드: 493021", "인증코드: ••••••"},
		{"Thai", "รหัส 493021", "รหัส ••••••"},
		{"Hebrew", "קוד 493021", "קוד ••••••"},
		{"Arabic", "رمز التحقق 493021", "رمز التحقق ••••••"},
		{"a PIN", "PIN 4021", "PIN ••••••••"},
		{"a PIN in pieces", "PIN 40 21", "PIN ••••••••"},
		{"a PIN, spelled", "P.I.N. 4021", "P.I.N. ••••••••"},
		{"a PIN code", "pincode 4021", "pincode ••••••••"},
		{"a PIN before its word", "4021 is my PIN", "•••••••• is my PIN"},
		{"a PIN of three digits", "PIN 402", ""},
		{"a module with so many pins", "184PIN 4021", ""},
		{"a pin in a map", "I dropped a pin at 12 High Street", ""},
		{"a value", "CVV 123", "CVV •••"},
		{"a value, second of its name", "CVV2 123", "CVV2 •••"},
		{"a value, spelled", "C V V 123", "C V V •••"},
		{"a value, spelled with dashes", "c-v-c 123", "c-v-c •••"},
		{"a value before its word", "123 cvv", "••• cvv"},
		{"a value before its word, with a verb", "123 is the security code", "••• is the security code"},
		{"a value in pieces", "cvv 1 2 3", "cvv •••"},
		{"a value of four digits that is a year", "CSC 2024 conference", ""},
		{"a value of four digits by a sign", "CSC: 2024", "CSC: •••"},
		{"a value of five digits", "cvv 12345", ""},
		{"a value with a remark", "CVV (3 digits) 123", "CVV (3 digits) •••"},
		{"a value and an order", "the cvv of order 123", ""},
		{"a value and an amount", "the cvv field refused 300 EUR", ""},
		{"a value that was asked for thrice", "I was asked for the CVV 3 times", ""},
	} {
		want := c.want
		if want == "" {
			want = c.in
		}
		t.Run(c.name, func(t *testing.T) {
			for _, around := range [][2]string{{"", ""}, {"您好。\n", "。\n谢谢"}, {"Hello, \n", ". \nAnna"}} {
				if around[0] != "" && (strings.HasSuffix(c.in, "AB12CD") || strings.HasPrefix(c.in, "493021") || strings.HasPrefix(c.in, "123")) {
					continue // a full stop behind or before it is another case
				}
				if got, _ := Text(around[0] + c.in + around[1]); got != around[0]+want+around[1] {
					t.Errorf("%q became %q, want %q", around[0]+c.in+around[1], got, around[0]+want+around[1])
				}
			}
		})
	}
}

// TestAnAnnouncementReachesOneNumber: what follows a masked number is judged by itself.
func TestAnAnnouncementReachesOneNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []maskedAs{
		{"a code and an amount", "code 493021, amount 500000", "code ••••••, amount 500000"},
		{"a code and an order", "验证码493021，订单88213", "验证码••••••，订单88213"},
		{"a code and a telephone number", "code 493021 phone 13812345678", "code •••••• phone 13812345678"},
		{"a code and a day", "code 493021 on 2026-05-03", "code •••••• on 2026-05-03"},
		{"two codes", "code 493021 or code 556677", "code •••••• or code ••••••"},
		{"a password and a number", "password Kx7pq2 order 88213", "password •••••••• order 88213"},
		{"a card and a code", "4111111111111111 code 493021", "•••• 1111 code ••••••"},
		{"a card, its value and an amount", "4111 1111 1111 1111 cvv 123 paid 500", "•••• 1111 cvv ••• paid 500"},
		{"an identity number and a telephone number", "110101199003077571 13812345678", "•••• 7571 13812345678"},
		{"a card and an identity number", "4111111111111111 110101199003077571", "•••• 1111 •••• 7571"},
	} {
		if got, _ := Text(c.in); got != c.want {
			t.Errorf("%s: %q became %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

// TestWordsThatAreSpelledOrJoined: letters apart, with points, in capitals, with a digit of their own.
func TestWordsThatAreSpelledOrJoined(t *testing.T) {
	t.Parallel()
	for word, mask := range map[string]string{"cvv": cvvMask, "cvc": cvvMask, "csc": cvvMask, "cvn": cvvMask, "pin": passwordMask, "otp": otpMask} {
		value := map[string]string{cvvMask: "123", passwordMask: "4021", otpMask: "493021"}[mask]
		letters := strings.Split(word, "")
		for _, form := range []string{word, strings.ToUpper(word), strings.Join(letters, " "), strings.Join(letters, "."), strings.Join(letters, ".") + ".", strings.Join(letters, "-"), strings.ToUpper(strings.Join(letters, " "))} {
			for _, tie := range []string{" ", ": ", " is ", "："} {
				text := "my " + form + tie + value
				if got, _ := Text(text); got != "my "+form+tie+mask {
					t.Errorf("%q became %q", text, got)
				}
			}
		}
	}
}
