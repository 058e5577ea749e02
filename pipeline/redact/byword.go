package redact

import (
	"strings"

	"frontdesk/pipeline/redact/aloud"
	"frontdesk/pipeline/redact/numbers"
	"frontdesk/pipeline/redact/values"
)

// What stands beside a card, and what words announce: verification values and one-time codes.

// maxBeside is how many bytes may stand between a card's last digit or its expiry date and the
// verification value.
// That is an expiry date with its words, or a short name.
const maxBeside = 32

// afterCard masks the verification value in "4111 1111 1111 1111 12/27 123", "… 1227 123" and "… 123",
// and all that follows in the data of a magnetic stripe. It returns how many groups it took.
// Digits beside a card need no word: three of them there are hardly anything else. Where they could be an amount, a year or a part of a
// longer number they stay.
func (x *scanner) afterCard(g, n int) int {
	if g >= n || x.groups[g].start-x.groups[g-1].end > maxBeside || x.cardGroups(g, n) > 0 {
		return 0
	}
	if p := x.groups[g]; p.n >= 7 && (p.sep == aloud.Mark || p.sep == aloud.Dash) && x.s[p.start-1] == '=' { // ISO/IEC 7813, track 2
		x.mask(cvv, p.start, p.end, cvvMask)
		return 1
	}
	if p := x.groups[g]; p.n == 4 && x.cardDigits == 15 && (g+1 == n || x.groups[g+1].n < 3) && x.value(g, n) { // American Express has four
		return 1
	}
	if k := x.expiryDate(g, n); k > 0 {
		if g+k < n && x.value(g+k, n) {
			return k + 1
		}
		x.dateEnd = x.groups[g+k-1].end + 1
		return k
	}
	if x.value(g, n) {
		return 1
	}
	return 0
}

// value masks group g where it stands where a verification value does.
func (x *scanner) value(g, n int) bool {
	p := x.groups[g]
	if p.n != 3 && (p.n != 4 || x.year(p)) || values.Amount(x.s, p.start, p.end) || x.joined(g, n) {
		return false
	}
	x.mask(cvv, p.start, p.end, cvvMask)
	return true
}

// joined reports whether group g is a part of something longer: an amount, a date, a time.
func (x *scanner) joined(g, n int) bool {
	if g+1 >= n {
		return false
	}
	next := x.groups[g+1]
	gap := x.s[x.groups[g].end:next.start]
	return gap == "." || gap == "," || gap == "-" || gap == ":" || gap == "/"
}

// year reports whether four digits are a year of these decades, or a month and a year.
func (x *scanner) year(p group) bool {
	d := x.digits[p.off:][:p.n]
	y := numbers.Value(d, 4)
	return y >= 1990 && y <= 2060 || d[0] == 0 && d[1] == 0
}

// expiryDate returns how many groups from g on are an expiry date: 12/27, 12-2027, 2027-12, 1227.
// A year lies within the decades that numbers.MonthYear knows, so that most pairs of numbers are no date.
func (x *scanner) expiryDate(g, n int) int {
	d := func(k int) int { p := x.groups[k]; return numbers.Value(x.digits[p.off:], min(p.n, 4)) }
	p := x.groups[g]
	if p.n == 4 && numbers.MonthYear(d(g)/100, d(g)%100) && (g+1 >= n || x.groups[g+1].n == 3 || x.groups[g+1].n == 4 || x.groups[g+1].sep > aloud.Dot) {
		return 1
	}
	if g+1 >= n || x.groups[g+1].start-p.end > 3 {
		return 0
	}
	q := x.groups[g+1]
	switch {
	case p.n <= 2 && (q.n == 2 || q.n == 4) && numbers.MonthYear(d(g), d(g+1)%100):
		return 2
	case (p.n == 4 || p.n == 2) && q.n <= 2 && numbers.MonthYear(d(g+1), d(g)%100) && d(g) > 12:
		return 2
	}
	return 0
}

// expiry reads an expiry date behind its word and the verification value behind that.
// The date itself stays readable: by itself it is no secret.
func (x *scanner) expiry(g, n int) int {
	start := x.groups[g].start
	_, word := x.near(expiryWord, start, 24)
	besideCard := x.cardEnd > 0 && start+1-x.cardEnd <= 2*maxBeside
	if !word && !besideCard {
		return 0
	}
	k := x.expiryDate(g, n)
	if k == 0 || k == 1 && !word {
		return 0
	}
	if g+k < n && (besideCard || x.endsHere(x.groups[g+k].end)) && x.value(g+k, n) {
		return k + 1
	}
	x.dateEnd = x.groups[g+k-1].end + 1
	return k
}

// valueBeforeCard masks three digits directly before a card and the card.
func (x *scanner) valueBeforeCard(g, n int) int {
	p := x.groups[g]
	if p.n != 3 || g+1 >= n || g > 0 && p.sep < aloud.Line {
		return 0
	}
	next := x.groups[g+1]
	gap := x.s[p.end:next.start]
	if next.n < 4 || len(gap) > 3 || gap == "." || gap == "-" || x.orderBefore(p.start) {
		return 0
	}
	if k := x.cardGroups(g+1, n); k > 0 && !values.Amount(x.s, p.start, p.end) {
		x.mask(cvv, p.start, p.end, cvvMask)
		x.maskCard(g+1, k)
		return k + 1
	}
	return 0
}

// byContext masks short numbers that words announce. It returns how many groups it took.
//
// A number of three to eight digits is one of many things, so a word must say what it is, directly or with words between that mean
// nothing (plain). The order of the cases is one of weight: a verification value lets the original go, a one-time code is worthless soon.
func (x *scanner) byContext(g, n int) int {
	p := x.groups[g]
	if p.n >= 4 && x.stripe(p.start) {
		x.mask(cvv, p.start, p.end, cvvMask)
		return 1
	}
	if p.n > 8 || g > 0 && (p.sep == aloud.Dash || p.sep == aloud.Dot) && p.start-x.groups[g-1].end < 2 {
		return 0
	}
	if !x.worded(p.start) && !x.tied(p.end) && p.n != codeDigits && !x.sixAhead(g, n) && (g == n-1 || !x.tied(x.groups[n-1].end)) {
		return 0
	}
	if p.n < 3 || p.n == 3 && g+1 < n && x.groups[g+1].n == 3 {
		return x.inPieces(g, n)
	}
	if g+1 < n && (x.groups[g+1].sep == aloud.Dash || x.groups[g+1].sep == aloud.Dot) && x.groups[g+1].start-p.end == 1 && !x.announced(cvvWord, p.start) {
		if k := x.inPieces(g, n); k > 0 {
			return k
		}
		return 0 // an amount, a date, a part of something longer
	}
	switch {
	case p.n <= 4 && (x.called(p) || x.valueFarOff(g, n) || x.behind(p.end, cvvPhrases)):
		x.mask(cvv, p.start, p.end, cvvMask)
	case p.n <= 4 && x.behindDate(p):
		x.mask(cvv, p.start, p.end, cvvMask)
	case p.n == 3 && x.cardEnd > 0 && p.start+1-x.cardEnd <= 2*maxBeside && x.announced(codeWord, p.start):
		x.mask(cvv, p.start, p.end, cvvMask)
	case p.n >= 4 && (x.announced(pinWord, p.start) || x.behind(p.end, pinPhrases)):
		x.mask(password, p.start, p.end, passwordMask)
	case p.n >= 4 && (x.announced(codeWord, p.start) && !values.Measured(x.s, p.end) || x.behind(p.end, codePhrases)):
		x.mask(otp, p.start, p.end, otpMask)
	case x.sent(p) || x.codeFarOff(g, n):
		x.mask(otp, p.start, p.end, otpMask)
	default:
		return 0
	}
	return 1
}

// stripe reports whether the number at i stands behind a card and a name in the data of a magnetic
// stripe (ISO/IEC 7813, track 1): ^NAME^YYMM…
func (x *scanner) stripe(i int) bool {
	return x.cardEnd > 0 && i > x.cardEnd && i-x.cardEnd <= 32 && x.s[x.cardEnd-1] == '^' && x.s[i-1] == '^'
}

// worded reports whether anything before i can announce a value.
func (x *scanner) worded(i int) bool {
	end := max(x.last[cvvWord], x.last[backWord], x.last[codeWord], x.last[pinWord], x.last[passwordWord], x.last[sentWord], x.dateEnd)
	return end > 0 && i-end <= 64
}

// tied reports whether what follows the number that ends at i may say what it is.
func (x *scanner) tied(i int) bool {
	s := x.s
	for i < len(s) && (s[i] == ' ' || s[i] == ',' || s[i] == '"' || s[i] == '\'') {
		i++
	}
	if i == len(s) {
		return false
	}
	switch s[i] {
	case 'c', 'C', 's', 'S':
		return startsWithValue(s[i:min(len(s), i+16)])
	case 'i', 'w', 'a', 'o', 'b', 'f', 'v', 't', '=', '-', '(', '[', ':', 0xe2, 0xe6, 0xe4, 0xe5, 0xef, 0xe3:
		return values.Link(s[i:min(len(s), i+8)]) > 0 || strings.HasPrefix(s[i:], "on ") || strings.HasPrefix(s[i:], "from ") || strings.HasPrefix(s[i:], "to ")
	}
	return false
}

// sixAhead reports whether group g begins six digits in pieces of one length: "338 214", "77 31 09".
func (x *scanner) sixAhead(g, n int) bool {
	k := 2
	if x.groups[g].n == 2 {
		k = 3
	}
	if g+k > n || x.groups[g].n*k != codeDigits {
		return false
	}
	for i := g + 1; i < g+k; i++ {
		if x.groups[i].n != x.groups[g].n || x.groups[i].start-x.groups[i-1].end != 1 {
			return false
		}
	}
	return true
}

// inPieces masks an announced value that is written in pieces: "1 2 3", "493 021", "12-34-56".
// Pieces are of one length, at most three digits each, eight in all.
func (x *scanner) inPieces(g, n int) int {
	k, total := x.pieces(g, n)
	start, end := x.groups[g].start, x.groups[g+max(k, 1)-1].end
	switch {
	case k < 1 || total < 3 || k > 1 && x.timed(g, total, start, end):
		return 0
	case total <= 4 && (x.announced(cvvWord, start) || k > 1 && x.behind(end, cvvPhrases)):
		x.mask(cvv, start, end, cvvMask)
	case total == 3 && k == 1:
		return 0
	case total >= 4 && k > 1 && x.passwordInPieces(start):
		x.mask(password, start, end, passwordMask)
	case total >= 4 && k > 1 && (x.announced(codeWord, start) || x.behind(end, codePhrases) || x.sentInPieces(g, total, start, end)):
		x.mask(otp, start, end, otpMask)
	default:
		return 0
	}
	return k
}

// pieces counts the groups from g on that belong to a value in pieces, and their digits.
func (x *scanner) pieces(g, n int) (k, total int) {
	for k < n-g && total < 8 {
		p := x.groups[g+k]
		if p.n > 3 || p.n != x.groups[g].n || k > 0 && (p.sep > aloud.Mark || p.start-x.groups[g+k-1].end > 3) {
			break
		}
		total += p.n
		k++
	}
	return k, total
}

// timed reports whether pieces are a time, or a date with points or strokes: "the code came at 10:31:09".
func (x *scanner) timed(g, total, start, end int) bool {
	text := x.s[start:end]
	return total == codeDigits && (strings.Contains(text, ":") || strings.ContainsAny(text, "./") && numbers.Day(x.digits[x.groups[g].off:][:codeDigits]))
}

// passwordInPieces reports whether a word for a password or a PIN announces pieces at start.
func (x *scanner) passwordInPieces(start int) bool {
	return x.announced(pinWord, start) || x.announced(passwordWord, start)
}

// sentInPieces reports whether six digits in pieces are what a text message brought, or a code by the sentence around them.
// Far from a word only spaces may part them, and no date: "the code came at 10:31:09" tells a time.
func (x *scanner) sentInPieces(g, total, start, end int) bool {
	if total != codeDigits {
		return false
	}
	if x.announced(sentWord, start) || x.announced(bothWord, start) || x.behind(end, sentPhrases) {
		return true
	}
	return strings.Trim(x.s[start:end], "0123456789 ") == "" && !numbers.Day(x.digits[x.groups[g].off:][:codeDigits]) && x.codeAround(start, end)
}

// called reports whether a word for the verification value announces the number of p. A year behind such a word, with
// neither sign nor verb between, that words follow is a year: "CSC 2024 conference".
func (x *scanner) called(p group) bool {
	if !x.announced(cvvWord, p.start) {
		return false
	}
	gap := x.s[x.last[cvvWord]-1 : p.start]
	return !(p.n == 4 && x.year(p) && !x.ends(p.end) && strings.Trim(gap, " ") == "")
}

// behindDate reports whether p stands behind the expiry date of a card, with a name between at most.
func (x *scanner) behindDate(p group) bool {
	return x.cardEnd > 0 && x.dateEnd > x.cardEnd && p.start+1-x.dateEnd <= maxBeside && p.start+1-x.cardEnd <= 4*maxBeside &&
		!values.Amount(x.s, p.start, p.end) && x.ends(p.end) && !x.year(p)
}

// valueFarOff reports whether a word for the verification value stands some words before three or
// four digits, with nothing between that ends the thought or names something else that has a number.
// 64 bytes are about a sentence; the further conditions keep room numbers, amounts and years behind "CVV" readable.
func (x *scanner) valueFarOff(g, n int) bool {
	p := x.groups[g]
	end, ok := x.near(cvvWord, p.start, 64)
	if back, onBack := x.near(backWord, p.start, 48); onBack && !ok && p.n == 3 && !othersNumber(x.s[max(0, back-32):p.start]) { // "on the back it says 294"
		end, ok = back, true
	}
	if !ok || end > p.start || values.Amount(x.s, p.start, p.end) || x.joined(g, n) || p.n == 4 && x.year(p) || x.within(p) || x.longer(g, n) {
		return false
	}
	gap := aside.Replace(x.s[end:p.start])
	return !strings.ContainsAny(gap, "0123456789.!?;\n") && !strings.Contains(gap, "。") && !strings.Contains(gap, "；") && x.last[orderWord] <= end && !othersNumber(gap) && x.ends(p.end)
}

// aside is what people say of the value between its word and itself: "security code (3 digits) 123".
var aside = strings.NewReplacer("3 digit", "digit", "4 digit", "digit", "3-digit", "digit", "4-digit", "digit", "3位", "", "4位", "")

// within reports whether p is a part of a name: "image001.png".
func (x *scanner) within(p group) bool {
	s := x.s
	return p.start > 0 && classes[s[p.start-1]] == letter || p.end+1 < len(s) && (s[p.end] == '.' || s[p.end] == '@') && classes[s[p.end+1]] == letter
}

// longer reports whether more digits follow group g that are neither a card nor an expiry date: a telephone number.
func (x *scanner) longer(g, n int) bool {
	if g+1 >= n {
		return false
	}
	next := x.groups[g+1]
	return next.n >= 3 && next.sep <= aloud.Dash && next.start-x.groups[g].end == 1 && x.cardGroups(g+1, n) == 0 && x.expiryDate(g+1, n) == 0
}

// othersNumber reports whether a word of s names something else that has a number.
// The Chinese words are few because only they stand between such a word and a number that means something else.
func othersNumber(s string) bool {
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r < 'a' || r > 'z' }) {
		if c := latinIndex[w]; c == numberedWord || c == vetoWord {
			return true
		}
	}
	for _, w := range []string{"电话", "電話", "客服", "房间", "楼", "栋", "元", "扣", "付", "工号", "积分", "账号", "帐号", "帳號", "用户", "用戶", "会员", "會員", "客户", "手机号", "邮编", "金额", "余额", "第", "错误", "報錯", "报错"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// ends reports whether the thought ends behind a number at i, or goes on with another.
func (x *scanner) ends(i int) bool {
	t := strings.TrimLeft(x.s[i:min(len(x.s), i+8)], " \t)\"'")
	return t == "" || classes[t[0]] != letter || strings.HasPrefix(t, "and") || strings.HasPrefix(t, "tha") || strings.HasPrefix(t, "ple") || strings.HasPrefix(t, "exp")
}

// endsHere reports whether neither a word of Latin letters nor a Chinese one goes on behind a number at i: what stands
// behind a date without a card counts something then ("12/27 500积分").
func (x *scanner) endsHere(i int) bool {
	t := strings.TrimLeft(x.s[i:min(len(x.s), i+8)], " ")
	return x.ends(i) && (t == "" || classes[t[0]] != wide || strings.HasPrefix(t, "。") || strings.HasPrefix(t, "、"))
}

// announced reports whether a word of that sort announces the number at i.
// What stands between may be maxGap bytes.
func (x *scanner) announced(c context, i int) bool {
	end, ok := x.near(c, i, maxGap)
	return ok && end <= i && plain(x.s[end:i])
}

// Words that follow a value: "123 is the cvv", "493021（验证码）".
var (
	// The first four are words by themselves; startsWithValue takes them without a verb.
	cvvPhrases = []string{"cvv", "cvc", "csc", "cvn", "security code", "card code", "digits on the back", "digits at the back", "number on the back", "numbers on the back", "on the back of the card", "on the back of my", "on the reverse of", "verification value", "安全码", "安全碼", "后三位", "後三位", "末三位", "三位数", "三位數"}
	pinPhrases = []string{"my pin", "the pin", "a pin", "pin code", "取款密码", "支付密码", "查询密码", "登录密码", "的密码", "是密码"}

	sentPhrases = wordLists.Words("came")
	codePhrases = []string{"verification code", "security code", "one-time", "otp", "login code", "access code", "your code", "the code", "my code", "auth code", "sms code", "confirmation code",
		"passcode", "验证码", "驗證碼", "动态码", "校验码", "動態碼", "校驗碼", "确认码"}
)

// behind reports whether one of the phrases follows the number that ends at i, tied to it by a verb or
// a bracket.
// Only what stands before the next number or the end of the sentence counts.
func (x *scanner) behind(i int, phrases []string) bool {
	if !x.tied(i) {
		return false
	}
	t := strings.TrimLeft(x.s[i:min(len(x.s), i+64)], " ,，\"'")
	linked := values.Link(t)
	switch {
	case linked > 0:
		t = t[linked:]
	case strings.HasPrefix(t, "on "), strings.HasPrefix(t, "from "), strings.HasPrefix(t, "to "): // "835 on the back of my card", "603817 to verify"
		for _, w := range phrases {
			if strings.HasPrefix(t, w) {
				return true
			}
		}
		return &phrases[0] == &cvvPhrases[0] && onBackOnly(t)
	default:
		return &phrases[0] == &cvvPhrases[0] && startsWithValue(t) // "123 cvv"
	}
	for j := range len(t) {
		if c := t[j]; classes[c] == number || c == '.' || c == '!' || c == '?' || c == '\n' || c == 0xe3 && strings.HasPrefix(t[j:], "。") {
			t = t[:j]
			break
		}
	}
	t = strings.ToLower(t)
	for _, w := range phrases {
		if strings.Contains(t, w) {
			return true
		}
	}
	return false
}

// onBackOnly reports whether s is "on the back", of nothing or of a card: "it has 294 on the back".
func onBackOnly(s string) bool {
	for _, place := range [...]string{"on the back", "on its back", "on the reverse", "from the back"} {
		if rest, ok := strings.CutPrefix(s, place); ok {
			rest = strings.TrimLeft(rest, " ")
			of, said := strings.CutPrefix(rest, "of ")
			return said && cardFollows(of) == yes || rest == "" || classes[rest[0]] != letter
		}
	}
	return false
}

// startsWithValue reports whether t begins with a word for the verification value that has no value of
// its own behind it.
func startsWithValue(t string) bool {
	for _, p := range cvvPhrases[:4] {
		if len(t) >= len(p) && strings.EqualFold(t[:len(p)], p) && !digitFollows(t[len(p):]) {
			return true
		}
	}
	return false
}

// digitFollows reports whether a value of its own stands behind the word.
func digitFollows(s string) bool {
	s = strings.TrimLeft(s, " :=#2")
	return s != "" && classes[s[0]] == number
}

// letterCode masks a one-time code with letters in it, tied to its word by a sign or a verb: "code: AB12CD".
// Five to ten capitals and digits, two digits at least: an ordinary word in capitals has none.
func (x *scanner) letterCode(i int) {
	if x.last[codeWord] != i+1 {
		return
	}
	s, j := x.s, i
	for j < len(s) && s[j] == ' ' {
		j++
	}
	firm := false
	for _, link := range []string{":", "=", "is ", "was ", "：", "是", "为", "為"} {
		if strings.HasPrefix(s[min(j, len(s)):], link) {
			j, firm = j+len(link), true
			break
		}
	}
	for j < len(s) && (s[j] == ' ' || s[j] == '"' || s[j] == ':') {
		j++
	}
	k, letters, digits := j, 0, 0
	for k < len(s) && k-j <= 11 && (upper(s[k]) || classes[s[k]] == number) {
		if upper(s[k]) {
			letters++
		} else {
			digits++
		}
		k++
	}
	if !firm || k-j < 5 || k-j > 10 || letters == 0 || digits < 2 || k < len(s) && (classes[s[k]] == letter || s[k] == '-') {
		return
	}
	x.mask(otp, j, k, otpMask)
}
