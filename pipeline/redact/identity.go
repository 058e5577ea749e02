package redact

import "strings"

// nationalID masks an identity number of mainland China (GB 11643-1999) that starts with group g, in
// one run or in up to seven groups, or one of fifteen digits as they were before. It returns how many groups it took.
func (x *scanner) nationalID(g, n int) int {
	if first := x.digits[x.groups[g].off]; first == 0 || first == 9 || x.groups[g].n > 18 {
		return 0
	}
	if p := x.groups[g]; p.n > 1 && !provinces[value(x.digits[p.off:], 2)] {
		return 0
	}
	total := 0
	for k := 1; k <= 18 && g+k <= n; k++ {
		p := x.groups[g+k-1]
		if k > 1 && (p.sep > sepLine || p.start-x.groups[g+k-2].end > 4) {
			return 0
		}
		if total += p.n; total > 18 {
			return 0
		}
		if total >= 15 && total != 16 && (k <= 7 || k == total) && x.isID(g, k, total) {
			return k
		}
	}
	return 0
}

// isID masks the groups g to g+k of total digits if they are an identity number.
func (x *scanner) isID(g, k, total int) bool {
	start, end := x.groups[g].start, x.groups[g+k-1].end
	var buf [maxDigits]byte
	d := x.digitsOf(g, k, buf[:0])
	tail := ""
	switch total {
	case 15:
		if !validOldID(d) || x.orderBefore(start) || k > 1 && k != 3 || x.isCard(g, k, total) || x.declared(start, end) {
			return false
		}
	case 17:
		size := crossAt(x.s, end)
		if size == 0 {
			return false
		}
		tail, end = "X", end+size
		d = append(d, 10)
	}
	if total > 15 && (!validID(d) || x.declared(start, end)) {
		return false
	}
	last := x.tail(x.groups[g+k-1].end, 4-len(tail))
	x.mask(nationalID, start, end, cardMask+last+tail)
	return true
}

// validOldID checks province, city and birthday of a number of fifteen digits: YYMMDD of the last century.
func validOldID(d []byte) bool {
	city := value(d[2:], 2)
	return provinces[value(d, 2)] && (city >= 1 && city <= 70 || city == 90) && dayOf(d[6:12]) && value(d[6:], 2) >= 20
}

// crossAt returns the length of the check character X at i, 0 if there is none.
func crossAt(s string, i int) int {
	if i < len(s) && (s[i] == ' ' || s[i] == '-') && i+1 < len(s) {
		if n := crossAt(s, i+1); n > 0 && (s[i+1]|0x20 == 'x') {
			return n + 1
		}
	}
	for _, c := range []string{"X", "x", "Ｘ", "ｘ", "×"} {
		if strings.HasPrefix(s[i:], c) {
			return len(c)
		}
	}
	return 0
}

// validID checks province, birthday and check character (ISO 7064 MOD 11-2).
func validID(d []byte) bool {
	province := int(d[0])*10 + int(d[1])
	year, month, day := value(d[6:], 4), value(d[10:], 2), value(d[12:], 2)
	if !provinces[province] || year < 1900 || year > 2099 || month < 1 || month > 12 || day < 1 || day > 31 {
		return false
	}
	sum, weight := 0, 1
	for i := 16; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += int(d[i]) * weight
	}
	return (sum+int(d[17]))%11 == 1
}

// provinces are the first two digits in use (GB/T 2260).
var provinces = func() (t [100]bool) {
	for _, p := range []int{11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91} {
		t[p] = true
	}
	return t
}()
