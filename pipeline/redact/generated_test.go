package redact

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"frontdesk/pipeline/redact/numbers"
)

// TestTenThousandGeneratedSecrets writes secrets of each kind in sentences and spellings that people use, ten thousand in all, always the
// same ones: each must be masked, as what it is.
func TestTenThousandGeneratedSecrets(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2026, 12))
	missed, all := map[string]int{}, map[string]int{}
	for i := range 10000 {
		kind := kinds[i%len(kinds)]
		g := generators[kind]
		secret := g.make(r)
		written := g.spell[r.IntN(len(g.spell))](r, secret)
		text := around(r, strings.ReplaceAll(g.frames[r.IntN(len(g.frames))], "%", written))
		all[kind]++
		got, found := Text(text)
		ok := false
		for _, f := range found {
			ok = ok || f.Kind == kind || kind == OTP && f.Kind == Password && strings.Contains(text, "assword")
		}
		if !ok || strings.Contains(got, written) {
			if missed[kind]++; missed[kind] < 12 {
				t.Errorf("[%s] %q became %q", kind, text, got)
			}
		}
	}
	for _, kind := range kinds {
		t.Logf("%s: %d of %d", kind, all[kind]-missed[kind], all[kind])
	}
}

// around puts a sentence where messages have it: alone, between others, in a subject, in HTML, in a transcript.
func around(r *rand.Rand, s string) string {
	return []string{"", "Hello,\n\n", "您好，", "Re: ", "<p>", "[10:42] Anna: ", "Customer: ", "> ", "Subject: ", "客户："}[r.IntN(10)] + s + []string{"", "\n\nThanks, Anna", "。谢谢", ".", "</p>", "\n", "！", "\n麻烦了"}[r.IntN(8)]
}

// generator says how one kind of secret is made, written and spoken of.
type generator struct {
	make   func(r *rand.Rand) string
	spell  []func(r *rand.Rand, s string) string
	frames []string // with % for the secret
}

var generators = map[string]generator{
	Card: {randomCard, []func(*rand.Rand, string) string{plainly, plainly, inFours, digitwise, fullWidth, inScript('٠'), inScript('०'), inHan("零一二三四五六七八九"), inHan("零壹贰叁肆伍陆柒捌玖"), mixedHan, overLines, inFours}, []string{
		"my card is %", "card number %", "卡号%", "卡号是 %", "我的银行卡：%", "% is my card", "信用卡号 %，谢谢", "paid with % yesterday", "please check card % for me", "%", "the long number on my card: %", "刷的是这张卡 %",
		"scan of card %.jpg", "visa %", "银联卡 % 扣了两次", "I gave % to the shop",
	}},
	CVV: {ofDigits(3), []func(*rand.Rand, string) string{plainly, plainly, digitwise, fullWidth, inScript('٠'), inScript('०'), inHan("零一二三四五六七八九"), inHan("零壹贰叁肆伍陆柒捌玖")}, []string{
		"cvv %", "CVV: %", "my cvc is %", "安全码%", "安全码是 %", "security code: %", "the three numbers on the back are %", "the three digits on the back: %", "背面三位 %", "背面的三位数是%", "卡背面三位数字：%", "后三位 %",
		"card verification number %", "the number on the back of my card is %", "签名栏后三位是%", "cvv2=%", "验证值 %", "卡后面那三位 %", "the 3 digits behind my card: %", "CVN %",
	}},
	OTP: {ofDigits(6), []func(*rand.Rand, string) string{plainly, plainly, halves, digitwise, fullWidth, inScript('٠'), inScript('०'), inHan("零一二三四五六七八九")}, []string{
		"the code is %", "my verification code: %", "验证码%", "验证码是 %", "验证码：%", "the 6 digits you texted me are %", "you texted me %", "短信里的数字是%", "验证的那串数字 %", "otp %", "one-time code: %", "动态码 %", "校验码：%",
		"the code I got by sms is %", "收到的验证码是%", "login code %", "发给我的数字是 %", "your text says %", "the number in the sms is %", "短信验证码 %",
	}},
	Password: {secretWord, []func(*rand.Rand, string) string{plainly}, []string{
		"my password is %", "password: %", "密码是%", "密码：%", "my password's %", "what I type to log in is %", "I log in with %", "登录用的是%", "登录密码 %", "pwd=%", "passcode: %", "mima %", "口令是 %", "% is my password", "%是我的密码",
		"账号 anna 密码 %", "my pass is %", "Passwort: %", "the password I use is %", "密码改成了%", "login with password %", "用%登录",
	}},
	NationalID: {identity, []func(*rand.Rand, string) string{plainly, plainly, idGroups, idGroups, digitwise, fullWidth, inScript('٠'), inScript('०'), inHan("零一二三四五六七八九"), idLines}, []string{
		"身份证%", "身份证号：%", "我的身份证是%", "ID number %", "my id card is %", "证件号码 %", "%", "实名用的 %", "sfz %", "identity card no. %", "id_%.png", "居民身份证 %",
	}},
	Passport: {passportNumber, []func(*rand.Rand, string) string{plainly, plainly, fullWidth, passportGroups}, []string{
		"passport %", "my passport number is %", "护照%", "护照号：%", "护照号码是 %", "passport no. %", "passport: %", "本人护照 %", "港澳通行证 %", "travel with passport %", "pasaporte %",
	}},
}

// ofDigits makes numbers of n digits.
func ofDigits(n int) func(*rand.Rand) string {
	return func(r *rand.Rand) string { return strconv.Itoa(1+r.IntN(9)) + randomDigits(r, n-1) }
}

// secretWord is a word with digits and perhaps a sign.
func secretWord(r *rand.Rand) string {
	words := []string{"Tiger", "maple", "River", "sunny", "Qian", "hello", "kitty", "BlueSky", "laowang", "xiaomi"}
	return words[r.IntN(len(words))] + []string{"", "_", "#", "!"}[r.IntN(4)] + randomDigits(r, 2+r.IntN(3))
}

// identity is a number of GB 11643 that passes its check.
func identity(r *rand.Rand) string {
	d := []string{"110105", "320106", "440305", "510107", "310115", "650104"}[r.IntN(6)] + strconv.Itoa(1950+r.IntN(55)) +
		[]string{"0102", "0315", "0630", "1111", "1224", "0908"}[r.IntN(6)] + randomDigits(r, 3)
	for c := range 11 {
		v := make([]byte, 0, 18)
		for _, b := range []byte(d) {
			v = append(v, b-'0')
		}
		if numbers.Identity(append(v, byte(c))) {
			return d + string("0123456789X"[c])
		}
	}
	return d
}

func passportNumber(r *rand.Rand) string {
	return []string{"E", "G", "EA", "K", "EJ", "H"}[r.IntN(6)] + randomDigits(r, 7) + []string{"", "4"}[r.IntN(2)]
}

func plainly(_ *rand.Rand, s string) string { return s }

// inFours groups a card as it is printed.
func inFours(r *rand.Rand, s string) string { return grouping(r, s) }

func digitwise(_ *rand.Rand, s string) string { return strings.Join(strings.Split(s, ""), " ") }

func halves(r *rand.Rand, s string) string {
	return s[:len(s)/2] + []string{" ", "-"}[r.IntN(2)] + s[len(s)/2:]
}

func fullWidth(_ *rand.Rand, s string) string {
	return strings.Map(func(c rune) rune { return c + 0xfee0 }, s)
}

// inScript writes the digits with those of another script.
func inScript(zero rune) func(*rand.Rand, string) string {
	return func(_ *rand.Rand, s string) string {
		return strings.Map(func(c rune) rune {
			if c >= '0' && c <= '9' {
				return zero + c - '0'
			}
			return c
		}, s)
	}
}

func inHan(digits string) func(*rand.Rand, string) string {
	han := []rune(digits)
	return func(_ *rand.Rand, s string) string {
		return strings.Map(func(c rune) rune {
			if c >= '0' && c <= '9' {
				return han[c-'0']
			}
			return c
		}, s)
	}
}

// mixedHan writes every other group in Chinese.
func mixedHan(r *rand.Rand, s string) string {
	parts := []string{s[:4], inHan("零一二三四五六七八九")(r, s[4:8]), s[8:12], s[12:]}
	return strings.Join(parts, []string{"", " "}[r.IntN(2)])
}

func overLines(r *rand.Rand, s string) string {
	if len(s) == 16 {
		return strings.Join([]string{s[:4], s[4:8], s[8:12], s[12:]}, "\n")
	}
	return s
}

// idGroups parts an identity number in one of the ways that people do.
func idGroups(r *rand.Rand, s string) string {
	sep := []string{" ", "-", ".", "/", "  "}[r.IntN(5)]
	cuts := [][]int{{6, 14}, {6, 10, 14}, {3, 6, 10, 14}, {10}, {6}, {14}, {4, 8, 12, 16}, {6, 12}}[r.IntN(8)]
	var parts []string
	at := 0
	for _, cut := range append(cuts, len(s)) {
		parts, at = append(parts, s[at:cut]), cut
	}
	return strings.Join(parts, sep)
}

func idLines(_ *rand.Rand, s string) string { return s[:6] + "\n" + s[6:14] + "\n" + s[14:] }

func passportGroups(_ *rand.Rand, s string) string {
	k := strings.IndexAny(s, "0123456789")
	return s[:k] + " " + s[k:k+4] + " " + s[k+4:]
}
