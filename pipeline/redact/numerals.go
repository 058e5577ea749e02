package redact

import "strings"

// numeralChars are the Chinese digits; zero has two forms.
const numeralChars = "零一二三四五六七八九〇"

// numeralStarts are the first two bytes of each of them: nearly no other character begins so.
var numeralStarts = func() (t [256]uint8) {
	for i := 0; i < len(numeralChars); i += 3 {
		t[numeralChars[i+1]] |= 1 << (numeralChars[i] & 7)
	}
	return t
}()

// numeral returns the Chinese digit at i, -1 if there is none.
func numeral(s string, i int) int {
	if len(s)-i < 3 || numeralStarts[s[i+1]]&(1<<(s[i]&7)) == 0 {
		return -1
	}
	k := strings.Index(numeralChars, s[i:i+3])
	if k < 0 || k%3 != 0 {
		return -1
	}
	return k / 3 % 10
}

// numerals reads a run of Chinese digits, as somebody dictates a card number, and masks it if it
// is one. It returns where to go on.
func (x *scanner) numerals(i int) int {
	var d []byte
	end := i
	for j := i; j < len(x.s); {
		if v := numeral(x.s, j); v >= 0 {
			if len(d) <= maxCard {
				d = append(d, byte(v))
			}
			j += 3
			end = j
			continue
		}
		kind, n := separatorAt(x.s, j)
		if n == 0 || kind == sepLine || numeral(x.s, j+n) < 0 {
			break
		}
		j += n
	}
	if len(d) >= minCard && len(d) <= maxCard && issued(d, true) && luhn(d) {
		x.mask(card, i, end, cardMask+x.s[end-12:end])
	}
	return end
}
