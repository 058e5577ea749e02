package redact

import "strings"

// numeralChars are the Chinese digits; zero has two forms.
const numeralChars = "零一二三四五六七八九〇"

// numeral returns the Chinese digit at i, -1 if there is none.
func numeral(s string, i int) int {
	if len(s)-i < 3 {
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
