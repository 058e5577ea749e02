package redact

import (
	"strings"

	"frontdesk/pipeline/redact/numbers"
	"frontdesk/pipeline/redact/values"
)

// One-time codes and passwords are described as often as they are named: "the 6 digits you texted me", "验证的那串数字", "what I type
// to log in". Each half of a description is ordinary by itself, so both must stand in one sentence, and the value must look like one.

// codeDigits is how many digits most one-time codes have. A number of so many that somebody was sent is one, where nothing else is said of it.
const codeDigits = 6

// sending notes a word that says that something was sent, at i to j, and a one-time code where digits are what was sent.
func (x *scanner) sending(c context, i, j int) {
	x.note(c, j)
	if x.sentDigits(i) {
		x.note(codeWord, j)
	}
}

// sentDigits reports whether the sentence before i speaks of digits, and of no order.
func (x *scanner) sentDigits(i int) bool {
	end, ok := x.near(digitsWord, i, 40)
	return ok && end <= i && x.last[orderWord] <= max(end-24, 0) && values.OneSentence(x.s[end:i])
}

// digitsSent reports whether a word for digits at i follows a word for sending or checking: "短信里的数字", "text with the digits".
func (x *scanner) digitsSent(i int) bool {
	for _, c := range [...]context{sentWord, checkWord, loginWord} {
		if end, ok := x.near(c, i, 40); ok && end <= i && x.last[orderWord] <= max(end-24, 0) && values.OneSentence(x.s[end:i]) {
			return true
		}
	}
	return false
}

// sent reports whether the six digits of p are what somebody was sent: "you texted me 603817", "I got 603817 by sms".
func (x *scanner) sent(p group) bool {
	if p.n != codeDigits || values.Amount(x.s, p.start, p.end) || values.Measured(x.s, p.end) {
		return false
	}
	if x.behind(p.end, sentPhrases) {
		return true
	}
	_, order := x.near(orderWord, p.start, 64)
	return !order && x.announced(sentWord, p.start)
}

// codeFarOff reports whether six digits by themselves stand in a sentence that speaks of a one-time code or of a text message,
// before them or behind, and of nothing else that has a number: "the code you guys sent is …", "… 这个验证码过期了".
func (x *scanner) codeFarOff(g, n int) bool {
	p := x.groups[g]
	if p.n != codeDigits || x.joined(g, n) || x.within(p) || x.longer(g, n) || x.dateLike(p) && x.ofDates(p) || g > 0 && p.start-x.groups[g-1].end < 3 {
		return false
	}
	return x.codeAround(p.start, p.end)
}

// ofDates reports whether the text around six digits that read as a day speaks of days, or that day is one of these decades: one code of thirty reads as
// some day.
func (x *scanner) ofDates(p group) bool {
	around := strings.ToLower(x.s[max(0, p.start-40):min(len(x.s), p.end+24)])
	for _, w := range dateWords {
		if strings.Contains(around, w) {
			return true
		}
	}
	year := numbers.Value(x.digits[p.off:], 2)
	return year >= 15 && year <= 35
}

// codeAround reports whether the sentence around six digits from i to j says that they are a one-time code.
func (x *scanner) codeAround(i, j int) bool {
	if values.Amount(x.s, i, j) || values.Measured(x.s, j) {
		return false
	}
	before := x.s[max(0, i-24):i]
	if _, order := x.near(orderWord, i, 64); order || othersNumber(before) {
		return false
	}
	if x.anyCode(before) || strings.HasSuffix(before, "G-") { // how Google writes its own
		return true
	}
	for _, c := range [...]context{codeWord, sentWord} {
		if end, ok := x.near(c, i, 64); ok && end <= i {
			gap := x.s[end:i]
			return !strings.ContainsAny(gap, "0123456789") && values.OneSentence(gap) && !othersNumber(gap)
		}
	}
	if end, ok := x.near(checkWord, i, 24); ok && end <= i && values.OneSentence(x.s[end:i]) && x.cameByPhone(end, i, j) {
		return true
	}
	return x.follows(j, codeFollowers)
}

// cameByPhone reports whether six digits from i to j, behind a word for sending that ends at end, came by telephone or were refused:
// "I just received 603817 on my phone", "你们发的603817不对". Round numbers behind 收到 are money.
func (x *scanner) cameByPhone(end, i, j int) bool {
	around := strings.ToLower(x.s[max(0, end-24):min(len(x.s), j+24)])
	if end == i && x.s[i-1] >= 0x80 && !strings.HasSuffix(x.s[i:j], "00") && strings.HasSuffix(x.s[:i], "的") {
		return true
	}
	return end == i && strings.Contains(around, "给我") || strings.Contains(around, "my phone") || strings.Contains(around, "手机") || strings.Contains(around, "手機") || x.follows(j, codeRefused)
}

// anyCode reports whether a text ends with a Chinese word for a code, of whatever kind but those that are no secret: "刚才那个码是".
func (x *scanner) anyCode(before string) bool {
	before = strings.TrimRight(before, " :")
	for _, tie := range [...]string{"是", "为", "為", "：", "「", "“"} {
		before = strings.TrimRight(strings.TrimSuffix(before, tie), " :")
	}
	word, ok := strings.CutSuffix(before, "码")
	if !ok {
		word, ok = strings.CutSuffix(before, "碼")
	}
	return ok && !values.EndsWith(word, openCodes)
}

// dateWords speak of days.
var dateWords = wordLists.Words("dates")

// openCodes come before 码 where the code is no secret.
var openCodes = wordLists.Words("open codes")

// follows reports whether the rest of the sentence behind a number that ends at i says one of the words, and nothing of an order.
func (x *scanner) follows(i int, words []string) bool {
	t := x.s[i:min(len(x.s), i+64)]
	if k := strings.IndexAny(t, ".!?;\n0123456789"); k >= 0 {
		t = t[:k]
	}
	for _, end := range [...]string{"。", "！", "？", "；"} {
		t, _, _ = strings.Cut(t, end)
	}
	t = strings.ToLower(t)
	if namesOrder(t) {
		return false
	}
	for _, w := range words {
		if strings.Contains(t, w) {
			return true
		}
	}
	return false
}

// codeFollowers say that it was a one-time code, codeRefused that what was sent did not work.
var codeFollowers, codeRefused = wordLists.Words("code follows"), wordLists.Words("refused")

// oneTime reports whether the word for a password at i is said to be good for once.
func (x *scanner) oneTime(i int) bool {
	before := strings.ToLower(x.s[max(0, i-10):i])
	return values.EndsWith(strings.TrimRight(before, " -"), onceWords)
}

// onceWords come before a password that is a one-time code.
var onceWords = []string{"one time", "one-time", "onetime", "single use", "single-use", "一次性", "一次性的"}

// passwordAt reads what stands about a word for a password at i to j, and returns where to go on.
func (x *scanner) passwordAt(c context, i, j int, word string) int {
	if next := strings.ToLower(x.s[j:min(len(x.s), j+7)]); word == "pass" && next == " phrase" {
		c, j = phraseWord, j+len(next)
	}
	if word == "secret" && strings.HasPrefix(strings.ToLower(x.s[j:min(len(x.s), j+5)]), " word") {
		c, j = passwordWord, j+5
	}
	if c == passwordWord && x.oneTime(i) {
		x.note(codeWord, j)
		if t, ok := x.tie(j); ok && classes[x.s[t.at]] == number {
			return j
		}
	}
	if end := x.secret(j, c); end > j || c != passwordWord {
		return end
	}
	x.passwordBefore(i, j)
	x.typedBefore(i)
	x.changedBefore(i)
	if end := x.told(j); end > j {
		return end
	}
	return x.changed(j)
}

// changedBefore masks what a password was changed from and to, before its word at i: "I changed it from tulip77 to rose88, password still wrong".
func (x *scanner) changedBefore(i int) {
	from := max(x.past, i-48)
	at := strings.LastIndex(x.s[from:i], "changed it from ")
	if at < 0 || !values.OneSentence(x.s[from+at:i]) {
		return
	}
	x.changed(from + at + len("changed it"))
}

// told masks a password that stands between commas behind what is told of it: "the password that I set yesterday, tulip77, is refused". It
// returns where to go on.
func (x *scanner) told(i int) int {
	rest := x.s[i:min(len(x.s), i+64)]
	at := strings.Index(rest, ", ")
	if at < 0 || len(strings.Fields(rest[:at])) > values.MaxFar+2 || !strings.HasPrefix(rest, " that ") && !strings.HasPrefix(rest, " which ") && !strings.HasPrefix(rest, " i ") && !strings.HasPrefix(rest, " I ") && !strings.HasPrefix(rest, " we ") {
		return i
	}
	start, end := x.token(i + at + len(", "))
	v := x.s[start:end]
	if end >= len(x.s) || x.s[end] != ',' || !values.Secretive(v) || !values.HasDigit(v) || !values.HasLetter(v) {
		return i
	}
	x.mask(password, start, end, passwordMask)
	return end
}

// changed masks what a password was changed from and to, behind its word that ends at i. It returns where to go on.
func (x *scanner) changed(i int) int {
	for range 2 {
		at := i
		for _, by := range [...]string{" from ", " to "} {
			if strings.HasPrefix(x.s[i:], by) {
				at = i + len(by)
			}
		}
		if at == i || at >= len(x.s) {
			break
		}
		start, end := x.token(at)
		if !values.Typed(x.s[start:end]) || !values.HasDigit(x.s[start:end]) {
			break
		}
		x.mask(password, start, end, passwordMask)
		i = end
	}
	return i
}

// login looks for what is typed to log in, behind the word at i to j. Such a value is told by its look: letters with digits or
// signs. It returns where to go on.
func (x *scanner) login(i, j int) int {
	s := x.s
	if w := s[i:j]; strings.EqualFold(w, "log") || strings.EqualFold(w, "sign") {
		if next := s[j:min(len(s), j+4)]; !strings.HasPrefix(next, " in") && !strings.HasPrefix(next, " on") {
			return j
		}
		j += 3
	}
	x.note(loginWord, j)
	x.typedBefore(i)
	at := x.loginAt(j)
	if at == 0 {
		return j
	}
	start, end := x.token(at)
	if k := strings.Index(s[start:end], "</"); k > 0 { // the end of an element
		end = start + k
	}
	v := s[start:end]
	if k := strings.IndexByte(v, '/'); k > 0 { // "anna/tulip77"
		start, v = start+k+1, v[k+1:]
	} else if k := values.PairAt(s, end); k > 0 && !values.HasDigit(v) {
		start, end = x.token(k)
		v = s[start:end]
	} else if at == j+1 && !x.signed(j, at) {
		return j // "login error500"
	}
	if !values.Typed(v) {
		return j
	}
	x.mask(password, start, end, passwordMask)
	return end
}

// loginAt is where the value begins that is said behind a word for logging in that ends at i, 0 for none.
func (x *scanner) loginAt(i int) int {
	if t, ok := x.tie(i); ok && t.firm {
		return t.at
	}
	for _, by := range [...]string{" with ", " using ", " i type ", " i enter ", " i use ", " i put ", "用", "我输入", "我输", "我用", "我填", "输入", "要输", "输", "填", " "} {
		if i+len(by) < len(x.s) && strings.EqualFold(x.s[i:i+len(by)], by) {
			return i + len(by)
		}
	}
	return 0
}

// typedBefore masks what is typed to log in, before the word for that at i: "I enter tulip77 to log in", "用tulip77登录".
func (x *scanner) typedBefore(i int) {
	first := max(x.past, i-64)
	before := values.CutEnd(values.CutEnd(x.s[first:i], []string{"to ", "for ", "这个", "這個", "as the ", "as my "}), []string{" ", "来", "去"})
	from := len(before)
	for from > 0 && len(before)-from <= 32 && before[from-1] > ' ' && before[from-1] < 0x7f {
		from--
	}
	start, end := x.token(first + from)
	v := x.s[start:max(start, min(end, first+len(before)))]
	if cut := values.CutEnd(strings.ToLower(strings.TrimRight(before[:from], " ")), []string{"enter", "type", "use", "entered", "typed", "used", "put", "put in", "type in", "用", "输入", "輸入", "输", "填"}); values.Typed(v) && values.HasDigit(v) && len(cut) < len(strings.TrimRight(before[:from], " ")) {
		x.mask(password, start, start+len(v), passwordMask)
	}
}

// passwordBefore masks the value before the word for a password at i to j, where a verb ties it to the word and nothing is said
// behind it: "tulip77 is my password", "用tulip77当密码".
func (x *scanner) passwordBefore(i, j int) {
	rest := x.s[x.past:i]
	for range 2 {
		rest = values.CutEnd(rest, ownSecret)
	}
	tied := values.CutEnd(rest, tiesSecret)
	if !x.endsHere(j) && !strings.HasSuffix(rest, " as ") {
		return
	}
	if tied == rest {
		return
	}
	at := x.past + len(tied)
	from := at
	for from > x.past && at-from <= 32 && x.s[from-1] > ' ' && x.s[from-1] < 0x7f {
		from--
	}
	start, end := x.token(from)
	v := x.s[start:max(start, min(end, at))]
	if !values.Typed(v) && !values.Joined(v) || !values.HasDigit(v) && !values.Joined(v) {
		return
	}
	x.mask(password, start, start+len(v), passwordMask)
}

// Between a value and the word for a password behind it stand a verb or a bracket, and perhaps whose password it is, and which.
var (
	tiesSecret = []string{" is ", " was ", " as ", " = ", " (", "是", "为", "為", "当", "當", "当作", "作为", "做", "（", "("}
	ownSecret  = []string{"my ", "the ", "our ", "old ", "new ", "login ", "我的", "我", "登录", "登錄", "支付", "新", "旧", "舊"}
)

// lone returns where the value ends that stands by itself on the line behind a word for a password, which has a line of its own,
// too, and ends at i; 0 where there is none.
func (x *scanner) lone(i int) (from, to int) {
	s := x.s
	line := s[max(0, i-24):i]
	k := strings.LastIndexByte(line, '\n')
	if k < 0 && i > 24 || strings.Count(line[k+1:], " ") > 1 || i >= len(s) || s[i] != '\n' {
		return 0, 0
	}
	end := i + 1
	for end < len(s) && s[end] > ' ' && s[end] < 0x7f && end-i < 40 {
		end++
	}
	if end < len(s) && s[end] != '\n' || !values.Typed(s[i+1:end]) {
		return 0, 0
	}
	return i + 1, end
}

// mixed is the end of a value that begins with Chinese characters and goes on with digits: "郁金香77"; 0 for none.
func (x *scanner) mixed(i int) int {
	s, j, ascii := x.s, i, 0
	for j < len(s) && j-i <= 18 && classes[s[j]] == wide {
		j += 3
	}
	k := j
	for ; k < len(s) && (classes[s[k]] == letter || classes[s[k]] == number); k++ {
		ascii++
	}
	if j == i || j-i > 18 || ascii < 2 || ascii > 12 || j >= len(s) || !values.HasDigit(s[j:k]) || !x.endsHere(k) {
		return 0
	}
	return k
}
