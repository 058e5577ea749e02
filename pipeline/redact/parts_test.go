package redact

import (
	"testing"

	"frontdesk/pipeline/redact/values"
)

// masks runs texts whose masked form is given; a text that stays stands alone.
func masks(t *testing.T, cases map[string]string) {
	t.Helper()
	for in, want := range cases {
		if want == "" {
			want = in
		}
		if got, _ := Text(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// TestWhatFollowsAWordForPasswords: a value tied to it goes, a remark about it stays.
func TestWhatFollowsAWordForPasswords(t *testing.T) {
	t.Parallel()
	masks(t, map[string]string{
		"password: hunter2":                   "password: ••••••••",
		"password hunter2":                    "password ••••••••",
		"Password = hunter2, please":          "Password = ••••••••, please",
		"my password is hunter2.":             "my password is ••••••••.",
		"my password was 'hunter2'":           "my password was '••••••••'",
		"password for my account is hunter2":  "password for my account is ••••••••",
		"password is swordfish":               "password is ••••••••",
		"password is wrong":                   "",
		"password is not working":             "",
		"my password doesn't work":            "",
		"my password expired yesterday":       "",
		"password reset":                      "",
		"I forgot my password, please help":   "",
		"the password I changed":              "",
		"password: https://x.example/reset":   "",
		"password:":                           "",
		"password: ab":                        "",
		"密码：abc123":                           "密码：••••••••",
		"密码abc123":                            "密码••••••••",
		"密码是abc123，谢谢":                        "密码是••••••••，谢谢",
		"密码错误":                                "",
		"忘记密码了":                               "",
		"Passwort lautet Geheim1":             "Passwort lautet ••••••••",
		"contraseña: secreto1":                "contraseña: ••••••••",
		"mot de passe : secret1":              "mot de passe : ••••••••",
		"пароль: секрет1":                     "",
		"пароль: secret1":                     "пароль: ••••••••",
		"passphrase: correct horse battery":   "passphrase: ••••••••",
		"spf=pass (domain of x.example)":      "",
		"boarding pass: A12345":               "boarding pass: ••••••••",
		"the key is under the mat":            "",
		"sk_live_4eC39HqLyjWDarjtT1zdp7dc":    "••••••••",
		"sk_live_4eC39H":                      "",
		"the sk_test_ prefix":                 "",
		"user: li pass: x7!kk":                "user: li pass: ••••••••",
		"my password is in the attached file": "",
	})
}

// TestShortNumbersAndWhatAnnouncesThem: codes, PINs and verification values.
func TestShortNumbersAndWhatAnnouncesThem(t *testing.T) {
	t.Parallel()
	masks(t, map[string]string{
		"my code is 493021":                    "my code is ••••••",
		"code: 493021":                         "code: ••••••",
		"493021 is your verification code":     "•••••• is your verification code",
		"493 021 is my code":                   "•••••• is my code",
		"code 12-34-56":                        "code ••••••",
		"code AB12CD":                          "",
		"code: AB12CD":                         "code: ••••••",
		"error code 493021":                    "",
		"zip code 90210":                       "",
		"promo code 493021":                    "",
		"country code 0086":                    "",
		"验证码 493021":                           "验证码 ••••••",
		"验证码是493021":                           "验证码是••••••",
		"493021（验证码）":                          "••••••（验证码）",
		"pin 4021":                             "pin ••••••••",
		"PIN: 4021":                            "PIN: ••••••••",
		"my pin is 40":                         "",
		"支付密码 402199":                          "支付密码 ••••••••",
		"cvv 123":                              "cvv •••",
		"CVV2: 123":                            "CVV2: •••",
		"123 is the cvv":                       "••• is the cvv",
		"c v v 123":                            "c v v •••",
		"C.V.V. 123":                           "C.V.V. •••",
		"cvv: 1234":                            "cvv: •••",
		"security code 123":                    "security code •••",
		"security code 493021":                 "security code ••••••",
		"the three digits on the back are 123": "the three digits on the back are •••",
		"卡背面三位数 123":                           "卡背面三位数 •••",
		"安全码：123":                              "安全码：•••",
		"a code of 21976k":                     "",
		"TAN 493021":                           "TAN ••••••",
		"tan 493021":                           "",
		"2FA 493021":                           "2FA ••••••",
		"order 493021":                         "",
		"I have 493021 points":                 "",
		"room 1234":                            "",
	})
}

// TestCardsInEveryGrouping, and what only looks like one.
func TestCardsInEveryGrouping(t *testing.T) {
	t.Parallel()
	masks(t, map[string]string{
		"4111111111111111":                           "•••• 1111",
		"4111 1111 1111 1111":                        "•••• 1111",
		"4111-1111-1111-1111":                        "•••• 1111",
		"4111.1111.1111.1111":                        "•••• 1111",
		"411111 1111111111":                          "•••• 1111",
		"41111111 11111111":                          "•••• 1111",
		"4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1":            "•••• 1111",
		"4111 1111\n1111 1111":                       "•••• 1111",
		"4111 1111 <br> 1111 1111":                   "•••• 1111",
		"4111 1111 then 1111 1111":                   "•••• 1111",
		"４１１１ １１１１ １１１１ １１１１":                        "•••• 1111",
		"四一一一 一一一一 一一一一 一一一一":                        "•••• 一一一一",
		"four one one one 1111 1111 1111":            "•••• 1111",
		"4lll llll llll llll":                        "•••• 1111", // one digit, and letters that look like the others
		"4111 llll llll 1111":                        "•••• 1111",
		"3782 822463 10005":                          "•••• 0005",
		"4111 1111 1111 1112":                        "",
		"+4111111111111":                             "",
		"0.4111111111111111":                         "",
		"4111111111111111 12/27 123":                 "•••• 1111 12/27 •••",
		"4111111111111111 1227 123":                  "•••• 1111 1227 •••",
		"4111111111111111, 123":                      "•••• 1111, •••",
		"123 4111111111111111":                       "••• •••• 1111",
		"4111111111111111 120 USD":                   "•••• 1111 120 USD",
		"4111111111111111 2024":                      "•••• 1111 2024",
		"3782 822463 10005 1234":                     "•••• 0005 •••",
		";4111111111111111=27121010000012300000?":    ";•••• 1111=•••?",
		"DE89 3704 0044 0532 0130 00":                "",
		"123e4567-e89b-42d3-a456-426614174000":       "",
		"11010519491231002X":                         "•••• 002X",
		"110105 19491231 002X":                       "•••• 002X",
		"110105194912310021":                         "",
		"expires 12/27":                              "",
		"card 4111111111111111 and 5555555555554444": "card •••• 1111 and •••• 4444",
	})
}

// TestWhatCounts: a number with a unit is no code.
func TestWhatCounts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"|500| USD": true, "|500|usd": true, "|500| euros": true, "|500| 元": true, "|500|元": true, "$|500|": true, "¥ |500|": true, "usd |500|": true, "#|500|": true,
		"|500| days": true, "|500| 次": true, "|500|%": true, "|500| hours ago": true, "paid |500|": true,
		"|500|": false, "|500| usual": false, "|500| please": false, "|500|.": false, "code |500|": false, "|500| dayton": false, "人 |500|": false,
	} {
		i := indexOf(text)
		s := text[:i[0]] + text[i[0]+1:i[1]] + text[i[1]+1:]
		x := scanner{s: s, src: s}
		if got := values.Amount(x.s, i[0], i[1]-1); got != want {
			t.Errorf("%q counts something: %v", text, got)
		}
	}
}

// indexOf finds the two bars.
func indexOf(s string) (out [2]int) {
	n := 0
	for i := range len(s) {
		if s[i] == '|' {
			out[n] = i
			n++
		}
	}
	return out
}

// TestNames of fields that hold nothing but a secret.
func TestNamesOfSecrets(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"password": true, "Password": true, "pass_word": true, "new-password": true, "PIN": true, "密码": true, "登录密码": true, "passwd": true,
		"password hint": false, "spin": false, "order": false, "": false, "passwords": false, "cvv": false,
	} {
		if got := isSecretName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// TestFindingsAreAdded, kind by kind, in one order.
func TestFindingsAreAdded(t *testing.T) {
	t.Parallel()
	got := add([]Finding{{CVV, 1}, {Card, 2}}, []Finding{{Password, 1}, {Card, 3}})
	want := []Finding{{Card, 5}, {CVV, 1}, {Password, 1}}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("%v, want %v", got, want)
	}
	if got := add(nil, want); len(got) != 3 {
		t.Errorf("nothing and three are %v", got)
	}
	if got := add(want, nil); len(got) != 3 || got[0].Count != 5 {
		t.Errorf("three and nothing are %v", got)
	}
}
