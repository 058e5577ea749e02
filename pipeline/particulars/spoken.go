package particulars

import "strings"

// words of English that make a number, by what they are worth; those of hundred and more multiply.
var numberWords = map[string]float64{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
	"fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40,
	"fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "grand": 1000, "million": 1e6, "couple": 2, "dozen": 12,
}

// spoken reads a number in English words that begins at i, where a word begins: "a hundred and fifty", "twenty-five", "two and a half thousand".
func spoken(s string, i int) (numeral, bool) {
	const half = "half "
	if rest, ok := strings.CutPrefix(s[i:], half); ok { // "half a million"
		if _, counts := article(rest, 0); counts {
			n, ok := spoken(s, i+len(half))
			n.from, n.value = i, n.value/2
			return n, ok
		}
	}
	at, total, section, last, words := i, 0.0, 0.0, 0.0, 0
	scaled, end := false, i
	if next, ok := article(s, i); ok {
		at, section = next, 1
	}
	for words < 12 {
		stop := lettersEnd(s, at)
		v, ok := numberWords[s[at:stop]]
		if !ok || word(s, stop) || words == 0 && section == 0 && v >= 100 { // "on grand" is a street
			break
		}
		switch {
		case v == 100:
			section, scaled = max(section, 1)*100, true
		case v >= 1000:
			total, section, scaled = total+max(section, 1)*v, 0, true
		case words > 0 && !(v < 10 && last >= 20 && last < 100 || last >= 100 && v < 100):
			if s[end] == '-' { // "two-fifty" may be 2.50 and 250
				return numeral{from: i, to: stop, vague: true}, true
			}
			return numeral{from: i, to: end, value: total + section, scaled: scaled}, true // "five six": two numbers
		case words == 0 && section == 1: // "a couple", "a dozen"
			section = v
		default:
			section += v
		}
		last, words, end = v, words+1, stop
		at = between(s, stop)
		if half, ok := andAHalf(s, stop); ok {
			section, at = section+0.5, half
		}
	}
	return numeral{from: i, to: end, value: total + section, scaled: scaled}, words > 0
}

// article steps over "a" or "an" before a word that counts with it, and over "couple of".
func article(s string, i int) (next int, ok bool) {
	end := lettersEnd(s, i)
	if w := s[i:end]; w != "a" && w != "an" || end >= len(s) || s[end] != ' ' {
		return i, false
	}
	switch stop := lettersEnd(s, end+1); s[end+1 : stop] {
	case "hundred", "thousand", "grand", "million", "couple", "dozen":
		return end + 1, true
	}
	return i, false
}

// between steps over what stands between two words of one number: a space, a dash, "and", and "of" behind "couple".
func between(s string, i int) int {
	if i >= len(s) || s[i] != ' ' && s[i] != '-' {
		return i
	}
	i++
	for _, w := range [...]string{"and ", "of "} {
		if len(s)-i > len(w) && s[i:i+len(w)] == w {
			return i + len(w)
		}
	}
	return i
}

// andAHalf steps over "and a half".
func andAHalf(s string, i int) (next int, ok bool) {
	const words = " and a half "
	if len(s)-i >= len(words) && s[i:i+len(words)] == words {
		return i + len(words), true
	}
	return i, false
}
