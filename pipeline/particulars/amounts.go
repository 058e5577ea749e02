package particulars

import "strings"

// Amount is a sum of money that a text names.
type Amount struct {
	Currency string `json:"currency,omitempty"` // ISO 4217; empty where the text leaves it open: "$20", "扣了200"
	// Value is in units of the currency, 12.5 for "12.50"; it serves thresholds and comparisons, never accounts.
	Value float64 `json:"value"`
}

// Bounds of what one text costs: bytes that are read, sums, numbers and times that are found.
const (
	maxText    = 8 << 10
	maxAmounts = 20
)

// Amounts finds sums of money: "¥200", "三千五百块", "HKD 300", "US$1,299.00", "1.234,56 €", "twenty euros", "扣了200". Both
// ends of a span are sums. A number by itself is none. It returns at most 20, in the order of the text, and looks at the first 8 KiB.
func Amounts(s string) []Amount {
	t := folded(cut(s))
	a := adder{s: t.low, plain: t.plain}
	for i := 0; i < len(a.s) && len(a.out) < maxAmounts; {
		n, ok := numeralAt(a.s, i)
		if !ok {
			i = next(a.s, i)
			continue
		}
		i = max(n.to, a.add(n), i+1)
	}
	return a.out[:min(len(a.out), maxAmounts)]
}

// cut is the beginning of a text that is read.
func cut(s string) string { return s[:min(len(s), maxText)] }

// next steps to where the next number may begin: over the rest of a word, or one character.
func next(s string, i int) int {
	if letter(s, i) {
		return lettersEnd(s, i)
	}
	_, size := runeAt(s, i)
	return i + max(size, 1)
}

// adder collects the sums of a text.
type adder struct {
	s, plain string
	out      []Amount
	done     int // what stands before it belongs to an earlier sum
	open     struct {
		numeral
		at int // where the number that follows must begin; 0 for no number that waits for the unit of the next
	}
	last     unit // of the last sum, with where it ends, where the unit stood before it
	lastEnds int
}

// add adds the sum of a number, if it is one, and says where the reading goes on.
func (a *adder) add(n numeral) int {
	waits, at := a.open.numeral, a.open.at
	a.open.at = 0
	if n.vague || a.ordinal(n) {
		return n.to
	}
	u, end, ok := a.unit(n)
	if !ok && a.lastEnds > 0 && a.spanned(a.lastEnds) == n.from { // "$20-30"
		u, end, ok = a.last, n.to, true
	}
	if !ok {
		if after := a.spanned(n.to); after > n.to {
			a.open.numeral, a.open.at = n, after
		}
		if u, ok := a.bare(n); ok {
			a.put(n, u)
			a.done, a.open.at = n.to, 0
		}
		return n.to
	}
	if at > 0 && at == n.from {
		if n.scaled && !waits.scaled && waits.value < 10 { // "3-5千元"
			waits.value *= scaleOf(n)
		}
		a.put(waits, u)
	}
	a.put(n, u)
	a.done = end
	return end
}

// scaleOf is what the last scale of a number multiplies its first digits with: 1000 for 5千.
func scaleOf(n numeral) float64 {
	for _, by := range [...]float64{1e8, 1e4, 1e3, 1e2} {
		if n.value >= by && n.value/by == float64(int(n.value/by)) {
			return by
		}
	}
	return 1
}

// put adds a number with its unit.
func (a *adder) put(n numeral, u unit) {
	if n.point && pointed[u.currency] {
		n.value *= 1000
	}
	if n.least > 0 {
		a.out = append(a.out, Amount{u.currency, round(n.least * u.worth)})
	}
	a.out = append(a.out, Amount{u.currency, round(n.value * u.worth)})
}

// ordinal reports whether a number counts places: 第三块, "3rd".
func (a *adder) ordinal(n numeral) bool { return strings.HasSuffix(a.s[:n.from], "第") }

// unit finds the unit of a number. One before it wins over one behind, as in "HK$300元", unless it leaves the currency open.
func (a *adder) unit(n numeral) (u unit, end int, ok bool) {
	before, has := unitBefore(a.s, a.done, n.from)
	has = has && (n.scaled || !letter(a.s, n.from)) // "is EUR one of them"
	if has && (before.word == "rm" || before.word == "rs" || before.word == "rp") && !a.capital(n.from, before.word) {
		has = false
	}
	u, end, ok = unitBehind(a.s, n.to)
	if ok && !has && !a.fits(n, u, end) {
		return unit{}, n.to, false
	}
	if ok && !has {
		tail, stop := a.tail(u, end)
		a.lastEnds = 0
		return a.worth(n, u, tail), stop, true
	}
	if has {
		if before.currency == "" { // 港币$1,500
			first, _ := unitBefore(a.s, a.done, strings.LastIndex(a.s[:n.from], before.word))
			before.currency = first.currency
		}
		if ok && before.currency == "" && u.worth == 1 {
			before.currency = u.currency
		}
		if !ok || letter(u.word, 0) && u.currency != before.currency {
			end = n.to
		}
		a.last, a.lastEnds = before, end
		return before, end, true
	}
	return unit{}, n.to, false
}

// worth carries the tail of a sum in its unit, so that 三块五 is one unit of 3.5: put multiplies value and worth.
func (a *adder) worth(n numeral, u unit, tail float64) unit {
	if tail > 0 && n.value > 0 {
		u.worth *= (n.value + tail) / n.value
	}
	return u
}

// capital reports whether a unit of letters before a number can be one: "RM 12" and "rm12" are money, "rm 12" is a room.
func (a *adder) capital(i int, word string) bool {
	return strings.HasSuffix(a.s[:i], word) || strings.Contains(a.plain[max(0, i-len(word)-2):i], strings.ToUpper(word))
}

// fits reports whether a unit behind a number is meant as one. A single 一 before 块 says "together"; a mosquito, a knife and a skin are
// money from five on.
func (a *adder) fits(n numeral, u unit, end int) bool {
	switch u.word {
	case "块", "塊":
		return n.value != 1 || n.plain || together.at(a.s, end) == ""
	case "刀", "皮", "欧", "歐", "盾", "镑", "鎊":
		return n.value >= 5
	case "毛":
		return n.value < 10
	case "won":
		return n.value >= 100
	}
	return true
}

// tail reads what stands behind 块, 元 or 蚊: 三块五, 12元5角3分, 两蚊半.
func (a *adder) tail(u unit, end int) (value float64, stop int) {
	if u.worth != 1 && u.worth != 0.1 || letter(u.word, 0) || u.currency != "CNY" && u.currency != "HKD" {
		return 0, end
	}
	if strings.HasPrefix(a.s[end:], "半") && u.worth == 1 {
		return 0.5, end + len("半")
	}
	place, i := 0.1, end
	if strings.HasPrefix(a.s[end:], "零") { // 三块零五 is 3.05
		i, place = end+len("零"), 0.01
	}
	if u.worth == 0.1 {
		place = 0.01
	}
	for {
		d, to, ok := a.digitAt(i)
		if !ok {
			return value, end
		}
		step, after := a.place(to, place)
		if step == 0 || after == to && (u.currency != "CNY" || strings.HasSuffix(a.s[:to], "一") && hanAt(a.s, to)) { // 三块一斤
			return value, end
		}
		if u.worth == 0.1 {
			if step != 0.01 {
				return value, end
			}
			step = 0.1
		}
		value, end, i = value+d*step, after, after
		if place = step / 10; place < 0.01 || after == to {
			return value, end
		}
	}
}

// digitAt reads one digit of a tail; two may stand in figures, as in 5块25.
func (a *adder) digitAt(i int) (d float64, to int, ok bool) {
	if digit(a.s, i) {
		switch digitsEnd(a.s, i) - i {
		case 1:
			return float64(a.s[i] - '0'), i + 1, true
		case 2:
			return float64(a.s[i]-'0') + float64(a.s[i+1]-'0')/10, i + 2, true
		}
		return 0, i, false
	}
	r, size := runeAt(a.s, i)
	if v := hanDigit(r); v >= 0 {
		return float64(v), i + size, true
	}
	return 0, i, false
}

// place is what the digit before i counts: 角 or 毛 a tenth, 分 a hundredth, and with nothing behind it what is next. 0 for a
// digit that counts something else.
func (a *adder) place(i int, next float64) (worth float64, end int) {
	for _, w := range [...]string{"毛钱", "毛錢", "角", "毛", "毫"} {
		if strings.HasPrefix(a.s[i:], w) {
			return 0.1, i + len(w)
		}
	}
	for _, w := range [...]string{"分钱", "分錢", "分"} {
		if strings.HasPrefix(a.s[i:], w) && !strings.HasPrefix(a.s[i:], "分钟") && !strings.HasPrefix(a.s[i:], "分鐘") {
			return 0.01, i + len(w)
		}
	}
	r, size := runeAt(a.s, i)
	if r == '一' && counted.at(a.s, i+size) != "" { // 两块二一瓶
		return next, i
	}
	if digit(a.s, i) || hanDigit(r) >= 0 || hanScale(r) > 0 || counted.at(a.s, spaceEnd(a.s, i)) != "" || i < len(a.s) && (a.s[i] == '.' || a.s[i] == ':' || a.s[i] == '/') && digit(a.s, i+1) {
		return 0, i
	}
	return next, i
}

// spanned is where the second number of a span begins whose first ends at i; i itself where none does.
func (a *adder) spanned(i int) int {
	at := spaceEnd(a.s, i)
	for _, w := range [...]string{"-", "~", "到", "至", "to ", "or ", "and ", "或者", "或"} {
		if !strings.HasPrefix(a.s[at:], w) {
			continue
		}
		if w == "and " && !strings.Contains(a.s[max(0, i-24):i], "between ") {
			return i
		}
		return spaceEnd(a.s, at+len(w))
	}
	return i
}

var (
	sumWords   = suffixesOf(unitLists.Words("sum words"))
	secondSums = suffixesOf(unitLists.Words("second sums"))
	roundWords = suffixesOf(unitLists.Words("round words"))
	afterASum  = prefixesOf("after a sum")
	noSum      = prefixesOf("no sum")
)

// bare is the unit of a number that is a sum without one: behind a word of money, and before nothing that is counted. Behind a word
// that compares it with the sum before, it is in the currency of that.
func (a *adder) bare(n numeral) (u unit, ok bool) {
	u.worth = 1
	at := a.saidAt(n.from)
	switch {
	case sumWords.before(a.s, at) != "", n.grand(a.s), n.thousands(a.s) && roundWords.before(a.s, n.from-spaceBefore(a.s, n.from)) != "":
	case len(a.out) > 0 && secondSums.before(a.s, at) != "":
		u.currency = a.out[len(a.out)-1].Currency
	default:
		return u, false
	}
	after := spaceEnd(a.s, n.to)
	if noSum.at(a.s, after) != "" || !n.plain && !n.scaled || n.plain && n.value < 2 && n.places == 0 {
		return u, false
	}
	return u, after >= len(a.s) || a.ends(n.to) || afterASum.at(a.s, after) != ""
}

// saidAt is where a word of money would end before the number at i: signs and "about" are stepped over.
func (a *adder) saidAt(i int) int {
	for _, sign := range [...]byte{'-', ' ', ':', '='} {
		if i > 0 && a.s[i-1] == sign {
			i--
		}
	}
	i -= spaceBefore(a.s, i)
	for _, w := range [...]string{"about", "around", "是", "为", "為", "大概", "大约", "差不多", "一共", "total of"} { // "paid about 300"
		if strings.HasSuffix(a.s[:i], w) {
			i -= len(w)
			return i - spaceBefore(a.s, i)
		}
	}
	return i
}

// spaceBefore is 1 where a space stands before i.
func spaceBefore(s string, i int) int {
	if i > 0 && s[i-1] == ' ' {
		return 1
	}
	return 0
}

// grand and thousands report whether a number ends with a word that only money has, or with a "k".
func (n numeral) grand(s string) bool {
	return n.scaled && (strings.HasSuffix(s[:n.to], "grand") || strings.HasSuffix(s[:n.to], "lakh") || strings.HasSuffix(s[:n.to], "crore"))
}

func (n numeral) thousands(s string) bool {
	return n.scaled && strings.HasSuffix(s[:n.to], "k") && !strings.HasPrefix(s[n.from:], "401k")
}

// ends reports whether a sentence or a line ends at i, or a part of one; a sign with a digit behind it ends none: "3:20", "3/5".
func (a *adder) ends(i int) bool {
	r, size := runeAt(a.s, i)
	switch r {
	case '.', ',', ';', '!', '?', ')', '\n', '"', '。', '；', '！', '？', '）', '”', '」', '…', '(', '（':
		return !digit(a.s, i+size)
	}
	return false
}
