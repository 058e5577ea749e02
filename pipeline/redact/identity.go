package redact

import "strings"

// nationalID masks an identity number of mainland China (GB 11643-1999) that starts with group g:
// eighteen characters in one run, or as 6-8-4. It returns how many groups it took.
func (x *scanner) nationalID(g, n int) int {
	k, total := 1, x.groups[g].n
	if total == 6 && g+2 < n && x.groups[g+1].n == 8 {
		k, total = 3, 14+x.groups[g+2].n
	}
	if total != 17 && total != 18 {
		return 0
	}
	end := x.groups[g+k-1].end
	var buf [maxDigits]byte
	d := x.digitsOf(g, k, buf[:0])
	last := "X"
	if total == 17 {
		size := crossAt(x.s, end)
		if size == 0 {
			return 0
		}
		end += size
		d = append(d, 10)
	} else {
		last = string('0' + rune(d[17]))
	}
	if start := x.groups[g].start; start > 0 && classes[x.s[start-1]] == letter || !validID(d) {
		return 0
	}
	tail := string([]byte{'0' + d[14], '0' + d[15], '0' + d[16]})
	x.mask(nationalID, x.groups[g].start, end, cardMask+tail+last)
	return k
}

// crossAt returns the length of the check character X at i, 0 if there is none or a word goes on.
func crossAt(s string, i int) int {
	for _, c := range []string{"X", "x", "Ｘ", "ｘ", "×"} {
		if strings.HasPrefix(s[i:], c) {
			j := i + len(c)
			if j < len(s) && (classes[s[j]] == letter || classes[s[j]] == number) {
				return 0
			}
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
