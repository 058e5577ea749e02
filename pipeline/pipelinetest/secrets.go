package pipelinetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Secret is something that a customer wrote and nobody may read afterwards.
type Secret struct {
	Kind    string // card, cvv, otp, password, cn-id
	Value   string // in plain digits or letters
	Written string // as it was written
	Text    string // the sentence around it, on one line unless Lines
	Lines   bool
	Form    string // how it was written, for the report of a failure
}

// Readable reports whether text still shows the secret: as it was written, or any eight digits of it in a
// row but the last four, in whatever script and with whatever stands between.
func (s Secret) Readable(text string) bool {
	if s.standsIn(text) {
		return true
	}
	if len(s.Value) < 12 {
		return s.Kind == "password" && strings.Contains(text, s.Value)
	}
	digits := Digits(text)
	for i := 0; i+8 <= len(s.Value)-4; i++ {
		if strings.Contains(digits, s.Value[i:i+8]) {
			return true
		}
	}
	return false
}

// standsIn reports whether the secret stands in the text as it was written, and as a word of its own:
// three digits are in every digest.
func (s Secret) standsIn(text string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], s.Written)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(s.Written)
		if len(s.Written) > 8 || (start == 0 || !wordly(text[start-1])) && (end == len(text) || !wordly(text[end])) {
			return true
		}
		at = start + 1
	}
}

func wordly(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// Digits are the digits of a text, in whatever script, one behind another.
func Digits(text string) string {
	var out strings.Builder
	for _, r := range norm.NFKC.String(text) {
		if d, ok := digitValues[r]; ok {
			out.WriteByte(d)
		}
	}
	return out.String()
}

var digitValues = func() map[rune]byte {
	out := map[rune]byte{}
	for script := range strings.SplitSeq(scripts+" 0", " ") {
		zero, _ := utf8.DecodeRuneInString(script)
		for d := range rune(10) {
			out[zero+d] = byte('0' + d)
		}
	}
	for _, list := range []string{hanPlain, hanCheque, hanOldForm, hanRadio, hanPhone} {
		for d, r := range []rune(list) {
			out[r] = byte('0' + d)
		}
	}
	return out
}()

// scripts are the zeros of scripts with decimal digits.
const scripts = "٠ ۰ ߀ ० ০ ੦ ૦ ୦ ௦ ౦ ೦ ൦ ๐ ໐ ༠ ၀ ០ ᠐ ᥆ ᧐ ᪀ ᭐ ᮰ ꘠ ꣐ ꤀ ꧐ ꩐ ꯰ ０ 𐒠 𑁦 𑃰 𑄶 𑇐 𑋰 𑑐 𑓐 𑙐 𑛀 𑜰 𑣠 𑱐 𑵐 𖩠 𖭐 𝟎 𝟘 𝟢 𝟬 𝟶 𞥐 🯰"

const (
	hanPlain   = "零一二三四五六七八九"
	hanCheque  = "零壹贰叁肆伍陆柒捌玖"
	hanOldForm = "〇壹貳參肆伍陸柒捌玖"
	hanRadio   = "洞幺两三四五六拐八勾"
	hanPhone   = "〇幺二三四五六七八九"
)

// networks are the ranges that cards are drawn from: a prefix and a length.
var networks = []struct {
	prefix string
	length int
}{
	{"4", 16}, {"4", 16}, {"4", 19}, {"51", 16}, {"53", 16}, {"55", 16}, {"2221", 16}, {"2500", 16}, {"2720", 16}, {"34", 15}, {"37", 15}, {"6011", 16}, {"644", 16}, {"65", 16}, {"6011", 19},
	{"300", 14}, {"305", 14}, {"3095", 14}, {"36", 14}, {"38", 14}, {"36", 16}, {"3528", 16}, {"3589", 16}, {"3540", 19}, {"62", 16}, {"62", 17}, {"62", 18}, {"62", 19}, {"81", 16},
	{"5018", 16}, {"5020", 13}, {"6304", 12}, {"6759", 18}, {"6761", 19}, {"6762", 14}, {"2200", 16}, {"2204", 19}, {"60", 16}, {"508", 16}, {"82", 16}, {"9792", 16},
	{"5060", 19}, {"5061", 16}, {"6500", 18}, {"5067", 16}, {"509", 16}, {"6362", 16}, {"6062", 16}, {"6062", 19}, {"1", 15}, {"4", 13}, {"8600", 16}, {"9860", 16},
}

// Card draws a number with a right check digit.
func Card(r *rand.Rand) string {
	n := networks[r.IntN(len(networks))]
	b := []byte(n.prefix)
	for len(b) < n.length-1 {
		b = append(b, byte('0'+r.IntN(10)))
	}
	sum := 0
	for i := range b {
		d := int(b[len(b)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return string(append(b, byte('0'+(10-sum%10)%10)))
}

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

// mapDigits replaces each digit by what the function makes of it.
func mapDigits(s string, to func(d int) string) string {
	var out strings.Builder
	for _, c := range s {
		if c >= '0' && c <= '9' {
			out.WriteString(to(int(c - '0')))
		} else {
			out.WriteRune(c)
		}
	}
	return out.String()
}

func from(list string) func(int) string {
	runes := []rune(list)
	return func(d int) string { return string(runes[d]) }
}

func words(list string) func(int) string {
	return func(d int) string { return strings.Fields(list)[d] }
}

// Disguise writes digits in one of the scripts and forms that people and programs use.
func Disguise(r *rand.Rand, s string) (written, form string) {
	switch r.IntN(13) {
	case 0:
		zeros := strings.Fields(scripts)
		zero, _ := utf8.DecodeRuneInString(zeros[r.IntN(len(zeros))])
		return mapDigits(s, func(d int) string { return string(zero + rune(d)) }), "script of " + string(zero)
	case 1:
		return mapDigits(s, from(pick(r, "⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾", "⓪⓵⓶⓷⓸⓹⓺⓻⓼⓽", "⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉", "⓪➀➁➂➃➄➅➆➇➈", "⓿➊➋➌➍➎➏➐➑➒"))), "circled or raised"
	case 2:
		return mapDigits(s, from(pick(r, hanPlain, hanCheque, hanOldForm, hanRadio, hanPhone))), "Chinese"
	case 3:
		return mapDigits(s, func(d int) string { return string(rune('0'+d)) + "\ufe0f\u20e3" }), "keycaps"
	case 4:
		mark := pick(r, "\u200b", "\u200c", "\u200d", "\u2060", "\u00ad", "\ufeff", "\u0336", "\u0301", "\ufe0e", "\u180e", "\u061c", "\u2066", "\U000e0061", "\u3164", "\u034f", "\u20dd")
		return mapDigits(s, func(d int) string { return string(rune('0'+d)) + mark }), fmt.Sprintf("with %+q", mark)
	case 5:
		return mapDigits(s, func(d int) string { return fmt.Sprintf("&#%d;", '0'+d) }), "references of HTML"
	case 6:
		return mapDigits(s, func(d int) string { return fmt.Sprintf("&#x%x;", '0'+d) }), "hexadecimal references of HTML"
	case 7:
		return mapDigits(s, func(d int) string { return fmt.Sprintf("%%%X", '0'+d) }), "percent"
	default:
		return s, "digits"
	}
}

// Parted writes a number with signs between its parts.
func Parted(r *rand.Rand, s string) (string, string) {
	sep := pick(r, " ", "  ", "-", ".", "_", "/", ",", ", ", " - ", "\u00a0", "\u3000", "\u2009", "\u202f", "–", "—", "·", "、", "|", " | ", "+", "~", ":", ";", "*", "#", "=", "'", "、", "\t", "：", "／", "，", ")(", "][", "' '", "><", " and ", " then ", "空格", "杠")
	var parts []string
	switch {
	case len(s) == 15 && r.IntN(2) == 0:
		parts = []string{s[:4], s[4:10], s[10:]}
	case r.IntN(6) == 0 && len(strings.TrimFunc(sep, func(r rune) bool { return r < 'a' })) == 0: // digit by digit
		parts = strings.Split(s, "")
	default:
		for rest := s; rest != ""; {
			n := min(4, len(rest))
			parts, rest = append(parts, rest[:n]), rest[n:]
		}
	}
	return strings.Join(parts, sep), "with " + sep
}

// DrawCard draws a card number in one of its spellings and places within a text.
func drawCard(r *rand.Rand) Secret {
	s := Secret{Kind: "card", Value: Card(r)}
	switch r.IntN(14) {
	case 0, 1, 2:
		s.Written, s.Form = Parted(r, s.Value)
	case 3:
		list := pick(r, "zero one two three four five six seven eight nine", "oh one two three four five six seven eight nine", "null eins zwei drei vier fünf sechs sieben acht neun",
			"ling yi er san si wu liu qi ba jiu", "zéro un deux trois quatre cinq six sept huit neuf", "cero uno dos tres cuatro cinco seis siete ocho nueve")
		sep := pick(r, " ", "-", ", ")
		s.Written = strings.TrimSuffix(mapDigits(s.Value, func(d int) string { return words(list)(d) + sep }), sep)
		s.Form = "spoken"
	case 4:
		s.Written = s.Value
		s.Text = pick(r, "https://pay.example/?c=%s&x=y", "see https://pay.example/%s/receipt", "mail %s@qq.example please", "IMG_%s.jpg", "abc%sdef", "id%s", "no%s", "card=%s", `{"pan":"%s","a":"b"}`, "<%s>", "(%s)", "“%s”", "#%s", "C%sX", "卡%s号")
		s.Form = "within " + s.Text
		s.Text = fmt.Sprintf(s.Text, s.Written)
		return s
	case 5:
		s.Value = usualCard(r)
		s.Written, s.Form = s.Value+pick(r, "1227123", "0129456", "123", "1228", "9", "5555555555554444"), "joined with more"
	case 6:
		s.Value = usualCard(r)
		s.Written, s.Form = pick(r, "0000", "9", "00", "77")+s.Value, "behind more"
	case 7:
		s.Written, s.Form = pick(r, ";", "%B")+s.Value+pick(r, "=27121011234567890?", "^LI/WEI^27121011234567890?"), "magnetic stripe"
	case 8:
		w, form := Parted(r, s.Value)
		s.Written, s.Form = strings.Replace(w, s.Value[:4], s.Value[:4], 1), form
		s.Written, _ = Disguise(r, w)
		if strings.ContainsAny(w, "0123456789&%#;=") && strings.ContainsAny(s.Written, "&%") {
			s.Written = w
		}
		s.Form += ", disguised"
	case 9:
		var lines []string
		for rest := s.Value; rest != ""; {
			n := min(4, len(rest))
			lines, rest = append(lines, rest[:n]), rest[n:]
		}
		s.Written, s.Form, s.Lines = strings.Join(lines, pick(r, "\n", "\r\n", " \n")), "on lines", true
	default:
		s.Written, s.Form = Disguise(r, s.Value)
	}
	sentences := []string{"my card %s was charged twice", "card number: %s", "please refund to card %s thank you", "我的卡号是%s，请退款", "银行卡 %s 扣款了", "card: %s", "卡：%s。"}
	if s.alone() { // no word is needed, and none protects it
		sentences = append(sentences, "%s", "please refund to %s thank you", "请查%s谢谢", "paid with %s today", "Order paid with %s lost", "订单是用 %s 付的")
	}
	s.Text = fmt.Sprintf(pick(r, sentences...), s.Written)
	return s
}

// usualCard draws a number of 16 digits of the two largest networks.
func usualCard(r *rand.Rand) string {
	n := Card(r)
	for len(n) != 16 || !strings.ContainsAny(n[:1], "45") || n[:2] == "50" {
		n = Card(r)
	}
	return n
}

// alone reports whether a card is one without any word, and in spite of words for orders.
func (s Secret) alone() bool {
	weak := strings.HasPrefix(s.Value, "1") || len(s.Value) == 13 && s.Value[0] == '4'
	return !weak && !strings.HasPrefix(s.Form, "joined") && !strings.HasPrefix(s.Form, "behind")
}

func digits(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte('1' + r.IntN(9)))
	}
	return b.String()
}

func drawCVV(r *rand.Rand) Secret {
	s := Secret{Kind: "cvv", Value: digits(r, 3)}
	if r.IntN(5) == 0 {
		s.Value = digits(r, 4)
	}
	switch r.IntN(6) {
	case 0:
		s.Written, s.Form = strings.TrimSpace(mapDigits(s.Value, func(d int) string {
			return words("zero one two three four five six seven eight nine")(d) + " "
		})), "spoken"
	case 1:
		s.Written, s.Form = strings.Join(strings.Split(s.Value, ""), pick(r, " ", "-", ".")), "spaced"
	default:
		s.Written, s.Form = Disguise(r, s.Value)
	}
	s.Text = fmt.Sprintf(pick(r, "cvv %s", "CVV: %s", "my cvv is %s", "the CVC is %s.", "cvc2=%s", "security code %s", "the security code is %s", "CSC %s", "安全码是%s", "安全码：%s", "我的卡安全码 %s",
		"the three digits on the back: %s", "卡背面后三位 %s", "背面三位数：%s", "c v v %s", "C.V.V. %s", "ＣＶＶ：%s", "cvv number: %s", "後三位是%s", "card verification value %s", "digits on the back of my card are %s"), s.Written)
	return s
}

func drawOTP(r *rand.Rand) Secret {
	s := Secret{Kind: "otp", Value: digits(r, []int{4, 6, 6, 6, 8}[r.IntN(5)])}
	switch r.IntN(5) {
	case 0:
		if len(s.Value) == 6 {
			s.Written, s.Form = s.Value[:3]+pick(r, " ", "-")+s.Value[3:], "halves"
			break
		}
		fallthrough
	default:
		s.Written, s.Form = Disguise(r, s.Value)
	}
	s.Text = fmt.Sprintf(pick(r, "the code is %s", "code: %s", "my verification code %s", "OTP: %s", "one-time code %s", "the code you sent me was %s", "验证码 %s", "验证码是%s", "我收到的验证码：%s", "動態密碼 %s", "动态码：%s", "短信验证码%s",
		"2FA code %s", "TAN %s", "código: %s", "校验码%s", "Verification code: %s", "login code is %s", "код %s"), s.Written)
	return s
}

func drawPassword(r *rand.Rand) Secret {
	s := Secret{Kind: "password", Value: pick(r, "hunter", "Tr0ub4dor&", "Zhang-", "qwe", "S3cret!", "abc") + digits(r, 3)}
	s.Written, s.Form = s.Value, "as it is"
	s.Text = fmt.Sprintf(pick(r, "my password is %s", "password: %s", "pwd=%s", "Passwort: %s", "contraseña: %s", "mot de passe : %s", "密码是%s", "我的密码：%s", "登录密码 %s", "口令：%s", "pass: %s", "пароль: %s", "パスワード：%s", "비밀번호: %s",
		"senha: %s", "password for my account is %s", "密碼為%s", "wachtwoord: %s", "hasło: %s", "şifre: %s"), s.Written)
	return s
}

func drawID(r *rand.Rand) Secret {
	b := []byte(pick(r, "110105", "310101", "440306", "330106", "510104", "420111") + fmt.Sprintf("%04d%02d%02d", 1940+r.IntN(70), 1+r.IntN(12), 1+r.IntN(28)) + digits(r, 3))
	sum := 0
	for i, c := range b {
		sum += int(c-'0') * []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}[i]
	}
	s := Secret{Kind: "cn-id", Value: string(b) + string("10X98765432"[sum%11])}
	switch r.IntN(4) {
	case 0:
		sep := pick(r, " ", "-", ".", "\u3000", "/")
		s.Written, s.Form = s.Value[:6]+sep+s.Value[6:14]+sep+s.Value[14:], "in groups"
	case 1:
		s.Written, s.Form = s.Value[:3]+" "+s.Value[3:6]+" "+s.Value[6:10]+" "+s.Value[10:14]+" "+s.Value[14:], "in small groups"
	default:
		s.Written, s.Form = Disguise(r, s.Value)
	}
	s.Text = fmt.Sprintf(pick(r, "身份证%s", "身份证号：%s。", "my ID is %s", "%s", "证件号码 %s 请核实"), s.Written)
	return s
}

// Secrets draws n secrets: cards of every network in every spelling, verification values, one-time codes,
// passwords and identity numbers in the words of English and Chinese.
func Secrets(seed uint64, n int) []Secret {
	r := rand.New(rand.NewPCG(seed, 14))
	out := make([]Secret, n)
	for i := range out {
		switch k := r.IntN(10); {
		case k < 6:
			out[i] = drawCard(r)
		case k < 7:
			out[i] = drawCVV(r)
		case k < 8:
			out[i] = drawOTP(r)
		case k < 9:
			out[i] = drawPassword(r)
		default:
			out[i] = drawID(r)
		}
	}
	return out
}
