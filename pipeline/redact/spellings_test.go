package redact

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// TestEverySpellingIsMasked holds the spellings and places in which people and programs wrote card numbers,
// codes, passwords and identity numbers that stayed readable once. What is not masked on purpose is in
// TestWhatStaysReadable.
func TestEverySpellingIsMasked(t *testing.T) {
	t.Parallel()
	d := func(r rune) string { // digits of another script
		return strings.Map(func(x rune) rune {
			if x >= '0' && x <= '9' {
				return r + x - '0'
			}
			return x
		}, "4111111111111111")
	}
	cases := []struct{ name, text string }{
		{"plain", "4111111111111111"}, {"spaces", "4111 1111 1111 1111"}, {"dots", "4111.1111.1111.1111"}, {"slashes", "4111/1111/1111/1111"},
		{"underscores", "4111_1111_1111_1111"}, {"commas", "4111,1111,1111,1111"}, {"each space", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"}, {"each newline", "4\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1"},
		{"lines", "4111\n1111\n1111\n1111"}, {"lines with labels", "part one 4111\npart two 1111\npart three 1111\nlast 1111"}, {"fullwidth", d('０')}, {"arabic", d('٠')}, {"persian", d('۰')}, {"devanagari", d('०')}, {"bengali", d('০')}, {"thai", d('๐')},
		{"math bold", d('𝟎')}, {"math mono", d('𝟶')}, {"math double", d('𝟘')}, {"circled ①", "④①①①①①①①①①①①①①①①"}, {"superscript", "⁴¹¹¹¹¹¹¹¹¹¹¹¹¹¹¹"}, {"subscript", "₄₁₁₁₁₁₁₁₁₁₁₁₁₁₁₁"}, {"parenthesized", "⑷⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴"}, {"negative circled", "❹❶❶❶❶❶❶❶❶❶❶❶❶❶❶❶"}, {"keycap", strings.ReplaceAll("4111111111111111", "", "")}, {"keycap emoji", "4️⃣" + strings.Repeat("1️⃣", 15)},
		{"han", "四一一一一一一一一一一一一一一一"}, {"han fin", "肆壹壹壹壹壹壹壹壹壹壹壹壹壹壹壹"}, {"han yao", "四幺幺幺幺幺幺幺幺幺幺幺幺幺幺幺"}, {"english", "four one one one one one one one one one one one one one one one"}, {"english hyphens", "four-one-one-one-one-one-one-one-one-one-one-one-one-one-one-one"}, {"pairs", "forty-one eleven eleven eleven eleven eleven eleven eleven"}, {"double", "four one one one, double one double one double one double one, one one one one"}, {"german", "vier eins eins eins eins eins eins eins eins eins eins eins eins eins eins eins"}, {"pinyin", "si yi yi yi yi yi yi yi yi yi yi yi yi yi yi yi"}, {"yao pinyin", "si yao yao yao yao yao yao yao yao yao yao yao yao yao yao yao"},
		{"zwsp", strings.Join(strings.Split("4111111111111111", ""), "\u200b")}, {"zwj", strings.Join(strings.Split("4111111111111111", ""), "\u200d")}, {"word joiner", strings.Join(strings.Split("4111111111111111", ""), "\u2060")}, {"soft hyphen", strings.Join(strings.Split("4111111111111111", ""), "\u00ad")}, {"bom", strings.Join(strings.Split("4111111111111111", ""), "\ufeff")}, {"combining", strings.Join(strings.Split("4111111111111111", ""), "\u0336")}, {"mongolian vs", strings.Join(strings.Split("4111111111111111", ""), "\u180e")}, {"variation selector", strings.Join(strings.Split("4111111111111111", ""), "\ufe0f")}, {"tag chars", strings.Join(strings.Split("4111111111111111", ""), "\U000e0061")}, {"bidi", "\u202e" + "1111111111111114" + "\u202c"}, {"lri", strings.Join(strings.Split("4111111111111111", ""), "\u2066")}, {"hangul filler", strings.Join(strings.Split("4111111111111111", ""), "\u3164")}, {"braille blank", strings.Join(strings.Split("4111111111111111", ""), "\u2800")},
		{"en dash", "4111–1111–1111–1111"}, {"em dash", "4111—1111—1111—1111"}, {"bullet", "4111•1111•1111•1111"}, {"middle dot", "4111·1111·1111·1111"}, {"pipe", "4111|1111|1111|1111"}, {"plus", "4111+1111+1111+1111"}, {"star", "4111*1111*1111*1111"}, {"tilde", "4111~1111~1111~1111"}, {"colon", "4111:1111:1111:1111"}, {"semicolon", "4111;1111;1111;1111"}, {"hash", "4111#1111#1111#1111"}, {"equals", "4111=1111=1111=1111"}, {"and", "4111 and 1111 and 1111 and 1111"}, {"then", "4111 then 1111 then 1111 then 1111"}, {"空格", "4111空格1111空格1111空格1111"}, {"杠", "4111杠1111杠1111杠1111"}, {"brackets", "(4111)(1111)(1111)(1111)"}, {"square", "[4111][1111][1111][1111]"}, {"quotes", "'4111' '1111' '1111' '1111'"}, {"angle", "<4111><1111><1111><1111>"}, {"braces", "{4111}{1111}{1111}{1111}"}, {"tab", "4111\t1111\t1111\t1111"}, {"three spaces", "4111   1111   1111   1111"}, {"ideographic", "4111　1111　1111　1111"}, {"letters O l", "4lll llll llll llll"}, {"O for 0", "4OOO OOOO OOOO OOO2 4000000000000002"}, {"O for 0 alone", "4OOO OOOO OOOO OOO2"},
		{"in url", "https://x.example/pay?card=4111111111111111&x=1"}, {"url pct", "https://x.example/?c=%34%31%31%31%31%31%31%31%31%31%31%31%31%31%31%31"}, {"html ent", "&#52;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;"}, {"in word", "abc4111111111111111def"}, {"in email", "4111111111111111@qq.com"}, {"with prefix no", "no4111111111111111"}, {"file", "IMG_4111111111111111.jpg"}, {"longer run", "00004111111111111111"}, {"prefix digit", "94111111111111111"}, {"suffix digit", "41111111111111119"}, {"two joined", "41111111111111115500005555555559"}, {"with date", "4111111111111111 12/27 123"}, {"joined expiry cvv", "41111111111111111227123"}, {"track2", ";4111111111111111=27121011234567890?"}, {"track1", "%B4111111111111111^LI/WEI^2712101?"}, {"json", `{"pan":"4111111111111111"}`},
		{"amex", "378282246310005"}, {"amex sp", "3782 822463 10005"}, {"unionpay 19", "6222021234567890128"}, {"unionpay16", "6250941006528599"}, {"jcb", "3530111333300000"}, {"maestro 12", "676770000005"}, {"diners 14", "30569309025904"}, {"mir", "2200000000000053"}, {"uatp", "135412345678911"},
		{"cvv", "CVV 123"}, {"cvv is", "my cvv is 123"}, {"cvv zh", "安全码是123"}, {"cvv back", "the three digits on the back: 123"}, {"cvv 后三位", "卡背面后三位 123"}, {"cvc2=", "CVC2=123"}, {"cvv words", "cvv one two three"}, {"cvv han", "安全码一二三"}, {"cvv spaced", "c v v 1 2 3"}, {"cvv after", "123 is the cvv"}, {"sec code", "security code 123"}, {"csc", "csc: 123"}, {"expiry", "exp 12/27 123"}, {"三位数", "背面三位数：123"}, {"cvv fw", "ＣＶＶ：１２３"}, {"card then cvv", "4111111111111111 12/27 123"},
		{"otp", "验证码 123456"}, {"otp2", "123456 is your code"}, {"otp3", "the code I got is 123456"}, {"otp4", "OTP: 12 34 56"}, {"otp5", "one-time password 123-456"}, {"otp sms", "【Topay】您的验证码为123456，5分钟内有效"}, {"otp 動態", "動態密碼 123456"}, {"otp han", "验证码一二三四五六"}, {"otp 口令", "动态口令：123456"}, {"otp 校验", "校验码123456"}, {"otp line", "验证码\n123456"}, {"otp letters", "code: AB12CD"}, {"tan", "TAN 123456"}, {"2fa", "2FA 123456"}, {"pin", "my PIN is 1234"}, {"支付密码", "支付密码 123456"}, {"密码 是", "我的密码是 abc123"}, {"pwd", "pwd=hunter2"}, {"pass", "pass: hunter2"}, {"password line", "password:\nhunter2"}, {"login", "user li pass hunter2"}, {"passphrase", "my passphrase is correct horse battery"}, {"contraseña", "contraseña: hunter2"}, {"mdp", "mot de passe: hunter2"}, {"口令", "登录口令 hunter2"}, {"api key", "api key sk_live_abcdefghijklmnop"},
		{"cnid", "11010519491231002X"}, {"cnid sp", "110105 19491231 002X"}, {"cnid x", "11010519491231002x"}, {"cnid fw", "１１０１０５１９４９１２３１００２Ｘ"}, {"cnid dash", "110105-19491231-002X"}, {"cnid 15", "110105491231002"}, {"cnid lines", "110105\n19491231\n002X"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { masked(t, "Hello, here it is: "+c.text+" thanks.") })
	}
}

var shownTail = regexp.MustCompile(`•••• (\d{4}|\d{3}X)`)

// masked fails when nothing is found in a text, or more digits stay than the last ones and an expiry date.
func masked(t *testing.T, text string) {
	t.Helper()
	got, found := Text(text)
	if len(found) == 0 {
		t.Errorf("nothing is found in %q", text)
	}
	run, longest := 0, 0
	for _, r := range shownTail.ReplaceAllString(got, "•") {
		switch {
		case unicode.IsDigit(r):
			run++
			longest = max(longest, run)
		case unicode.IsLetter(r) || r == '•' || r == '/':
			run = 0
		}
	}
	if longest > 6 {
		t.Errorf("%q became %q", text, got)
	}
}

// TestNeighboursOfTheSpellingsAreMasked holds what stands beside those: other words, orders, signs.
func TestNeighboursOfTheSpellingsAreMasked(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"4111 1111 1111 1111 123", "4111111111111111, 12/27, 123", "4111111111111111 12/2027 1234", "4111111111111111 exp 1227 cvv 123", "card 4111111111111111 expires 12/27 code 123",
		"4111111111111111\n12/27\n123", "4111-1111-1111-1111\n12/27\nLi Wei\n123", "VISA 4111 1111 1111 1111 Exp: 12/27 CVV: 123", "4111 1111 1111 1111 (123)", "4111111111111111/123", "4111111111111111|12|27|123", "4111111111111111|12|2027|123", "4111111111111111:12:27:123", "4111111111111111;1227;123", "123 4111111111111111",
		"卡号4111111111111111有效期12/27安全码123", "卡号 4111111111111111 12月27年 123", "有效期12/27 后三位123", "信用卡背面的三位数字是123", "背面签名条上的三位数 123", "CVV2码是123", "安全碼：１２３", "cvv码一二三", "后三码123", "卡片背面末三码是 456", "我的cvv是456吗", "验证值 123",
		"my CVC number on the back is 123", "the 3 digit code on the back of my card is 123", "three-digit code: 123", "the number on the back is 123", "last three digits on the back 123", "CVV=123&exp=12/27", `{"cvv":"123"}`, `"cvc": 123`, "cvv#123", "cvv-123", "cvv/123", "cvv(123)", "CVV 1 2 3", "cvv: one-two-three", "c.v.c: 123", "c-v-v 123", "security number 123", "Card Security Code (CSC): 1234", "Amex CID 1234", "code de sécurité 123", "Prüfziffer 123", "Sicherheitscode 123", "código de seguridad 123", "cryptogramme visuel 123", "CVV код 123", "セキュリティコード 123", "보안코드 123", "123 (cvv)", "123=cvv", "456 is my security code", "456是我的安全码", "456（安全码）", "cvv und dann 123", "my cvv, as you asked, is 123", "CVV\n123", "CVV:\n\n123",
		"OTP 493021", "your OTP is 493021", "493021 is your OTP", "G-493021 is your Google verification code", "code=493021", "SMS code 4930", "验证码：493 021", "动态密码493021", "一次性密码是493021", "短信里的数字是493021", "验证码四九三零二一", "收到的验证码为 4-9-3-0-2-1", "verification code four nine three zero two one", "the pin they sent is 493021", "認証コード：493021", "인증번호 493021", "código de verificación 493021", "code de vérification 493021", "Bestätigungscode 493021", "код подтверждения 493021", "token 493021", "my 2FA code: 493021", "auth code 493021", "passcode 493021", "6位验证码 493021", "mã OTP 493021", "codice 493021", "kod 493021",
		"PIN 1234", "pin is 1234", "my PIN code: 1234", "PIN: 1 2 3 4", "pin one two three four", "取款密码 123456", "密码123456", "密码：一二三四五六", "六位密码是123456", "支付密碼 654321", "Geheimzahl 1234", "код PIN 1234", "1234 is my PIN", "atm pin=1234", "查询密码为112233", "交易密码是 112233", "mot de passe hunter2x", "mdp: azerty12", "clave: hunter2", "clave 4821", "my pw is hunter2", "pw: hunter2", "password hunter2!", "Password - hunter2", "the password I use is hunter2", "user: li pass: hunter2", "密码 hunter2", "密码hunter2", "密碼就是hunter2", "密码改成了abc123", "我的登录密码为：abc_123", "口令是 swordfish", "password：hunter2", "ｐａｓｓｗｏｒｄ：hunter2", "pass\u200bword: hunter2", "пароль hunter2", "비밀번호는 hunter2", "パスワードは hunter2 です", "contraseña es hunter2", "Kennwort lautet hunter2", "Passwort ist hunter2", "senha hunter2", "wachtwoord is hunter2", "parola: hunter2", "lösenord: hunter2", "salasana: hunter2", "mật khẩu: hunter2", "รหัสผ่าน: hunter2", "كلمة المرور: hunter2", "סיסמה: hunter2", "κωδικός: hunter2", "şifrem hunter2", "sifre: hunter2", "api_key=abcd1234efgh5678", "secret: abcd1234efgh", "Bearer eyJhbGciOiJIUzI1NiJ9.abc", "mima: abc123",
		"11010519491231002 X", "110105 194912 31002X", "1101 0519 4912 3100 2X", "110105１９４９1231002X", "ID:11010519491231002X", "身份证110105491231002", "一一零一零五一九四九一二三一零零二X", "id11010519491231002Xabc", "11010519491231002X4111111111111111", "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X", "110105-491231-002",
		"4111 1111 1111 1111 1111", "41 11 11 11 11 11 11 11", "411 111 111 111 111 1", "41111 11111 11111 1", "41111111 11111111", "4111111 111111111", "card: 4 1111 11111 111111", "4111.1111-1111 1111", "4111, 1111, 1111, and 1111", "4111…1111…1111…1111", "4111​ 1111 1111 1111", "4111\r\n1111\r\n1111\r\n1111", "4111\n\n1111\n\n1111\n\n1111", "4111\t\t1111\t\t1111\t\t1111", "4111    1111    1111    1111", "4111______1111______1111______1111", "4111----1111----1111----1111", "4111 / 1111 / 1111 / 1111", "4111 -> 1111 -> 1111 -> 1111", "first 4111 second 1111 third 1111 fourth 1111", "前四位4111，然后1111，接着1111，最后1111", "前四位 4111 中间 1111 1111 后四位 1111", "四一一一 一一一一 一一一一 一一一一", "肆壹壹壹-壹壹壹壹-壹壹壹壹-壹壹壹壹", "4, one, one, one, 1111 1111 1111", "４１１１−１１１１−１１１１−１１１１", "4111%201111%201111%201111", "4111&nbsp;1111&nbsp;1111&nbsp;1111", "4111+1111+1111+1111", "4111<br>1111<br>1111<br>1111", "**4111** **1111** **1111** **1111**", "4111\\n1111\\n1111\\n1111", "[4111, 1111, 1111, 1111]", `["4111","1111","1111","1111"]`, "\\u0034\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031", "=34=31=31=31=31=31=31=31=31=31=31=31=31=31=31=31", "4l1l 1l1l 11l1 11l1", "visa4111111111111111exp1227cvv123", "PAN4111111111111111CVV123", "x4111111111111111x5500000000000004x", "4111111111111111_5500000000000004.pdf", "4111111111111111@4111111111111111.example", "+4111111111111111", "-4111111111111111", "4111111111111111.00", "№4111111111111111", "4111 1111 1111 1111-12-27-123", "3782 822463 10005 1234", "378282246310005 12/27 1234", "378282246310005|1234", "3782-8224-6310-005", "378282 24631 0005", "6222 0212 3456 7890 128 123456", "6222021234567890128 密码123456", "30569309025904 123", "③⑦⑧②⑧②②④⑥③①⓪⓪⓪⑤", "4️⃣1️⃣1️⃣1️⃣ 1️⃣1️⃣1️⃣1️⃣ 1️⃣1️⃣1️⃣1️⃣ 1️⃣1️⃣1️⃣1️⃣", "٤١١١ ١١١١ ١١١١ ١١١١", "4१1१ 1१1१ 1१1१ 1१1१", "４1１1 1１1１ 1１1１ 1１1１", "㈣㈠㈠㈠㈠㈠㈠㈠㈠㈠㈠㈠㈠㈠㈠㈠", "🄅🄂🄂🄂🄂🄂🄂🄂🄂🄂🄂🄂🄂🄂🄂🄂", "⒋⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈", "4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", "4,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "cuatro uno uno uno uno uno uno uno uno uno uno uno uno uno uno uno", "sì yī yī yī yī yī yī yī yī yī yī yī yī yī yī yī",
	} {
		masked(t, text)
	}
}

// TestWhatStaysReadable: each is left alone for a reason that docs/operations.md gives.
func TestWhatStaysReadable(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"base64":                        "NDExMTExMTExMTExMTExMQ==",
		"hexadecimal digits":            "34313131313131313131313131313131",
		"a number written backwards":    "1111111111111114",
		"its parts in another order":    "1111 of 4111 1111 1111",
		"an IBAN":                       "DE89370400440532013000",
		"an IBAN in a sentence":         "please pay back to DE89 3704 0044 0532 0130 00 thanks",
		"a passport without its word":   "my number is E12345678",
		"a word for passports alone":    "the photo of my passport was refused, order TP20260815",
		"when a passport ends":          "护照有效期 20301120",
		"a telephone beside a passport": "passport holder, please call 91234567",
		"a bank account":                "account 1234567890123456",
		"a decimal fraction":            "0.4111111111111111",
		"an amount beside a card word":  "my card was charged 100 USD",
		"a remark about a CVV":          "the CVV was refused 3 times, I paid 300 EUR",
		"a year behind an expiry":       "my card expires in 2027",
		"a date":                        "on 2026-11-20 at 15:20:33 my card was refused",
		"a telephone number":            "call me at +49 1512 3456789",
		"numbers in words":              "one or two of three cards, four times",
		"Chinese numerals":              "一二三楼的三张卡，第四次了",
	} {
		t.Run(name, func(t *testing.T) {
			if got, found := Text(text); found != nil {
				t.Errorf("%v in %q: %q", found, text, got)
			}
		})
	}
}
