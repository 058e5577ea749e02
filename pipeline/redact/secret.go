package redact

import "strings"

// secret looks for the password that the word ending at i announces, masks it, and returns where
// to go on. What follows must be tied to the word ("is", ":", "是") or look like a password.
// A PIN has digits in it; "pass" and "key" by themselves announce little.
//
// Passwords have no form of their own, so all depends on how firmly the word is tied to what follows (tie), and on whether that looks like
// a password or like a remark ("password is wrong"). In doubt it stays: a text full of masks is of no use to who must help.
func (x *scanner) secret(i int, word context) int {
	if word == passwordWord {
		x.note(passwordWord, i)
	}
	t, ok := x.tie(i)
	if !ok {
		return i
	}
	start, end := x.token(t.at)
	if q := x.inQuotes(t.at); q > 0 {
		end = q
	}
	v := x.s[start:end]
	if strings.Trim(v, bullet) == "" {
		return i // masked before
	}
	if word == passWord && x.s[t.at-1] == '(' && (end >= len(x.s) || x.s[end] != ')') {
		return i // "spf=pass (domain of …)" says more than a password in brackets
	}
	if e := x.phrase(end); word == phraseWord && t.firm && !t.far && e > end { // "correct horse battery"
		x.mask(password, start, e, passwordMask)
		return e
	}
	switch {
	case word == pinWord && !hasDigit(v), len(v) < 3 || len(v) > 64 || strings.HasPrefix(v, "http") || strings.HasSuffix(v, ":"), word == pinWord && len(v) == 3:
		return i
	case word == passWord && !(t.firm && !t.far && (secretive(v) || x.s[t.at-1] != ' ' || x.signed(i, t.at)) && !ordinary(v)) && !(!t.far && t.at > i && secretive(v) && hasLetter(v) && hasDigit(v)):
		return i
	case t.firm && !t.far && !ordinary(v):
	case !t.far && t.at > i && hasDigit(v) && secretive(v), !t.far && x.s[i-1] >= 0x80 && hasDigit(v) && secretive(v): // "密码abc123" needs no space
	case t.far && t.firm && secretive(v) && !address(v):
	default:
		return i
	}
	if x.digitsOnly(v) && end < len(x.s) && x.s[end] == ' ' && end+1 < len(x.s) && classes[x.s[end+1]] == number && len(v) < 4 {
		return i // in pieces
	}
	x.mask(password, start, end, passwordMask)
	return end
}

// signed reports whether a sign stands between the word and its value.
func (x *scanner) signed(i, j int) bool {
	return strings.ContainsAny(x.s[i:j], ":=") || strings.Contains(x.s[i:j], "：")
}

// digitsOnly reports whether v has nothing but ASCII digits.
func (x *scanner) digitsOnly(v string) bool { return strings.Trim(v, "0123456789") == "" }

// phrase returns where the words end that begin before i: at the end of the sentence or the line, or
// after eight of them.
func (x *scanner) phrase(i int) int {
	s := x.s
	for words := 0; words < 8 && i+1 < len(s) && (s[i] == ' ' || s[i] == '-') && classes[s[i+1]] == letter; words++ {
		for i++; i < len(s) && (classes[s[i]] == letter || classes[s[i]] == number); i++ {
		}
	}
	return i
}

// tie is how a word is bound to what follows it.
type tie struct {
	at   int  // where the value starts
	firm bool // by a sign or a verb, not by a space alone
	far  bool // with other words between: "password for my account is"
}

// maxFar is how many words may stand between the word and its verb.
// More words are a sentence of another matter.
const maxFar = 5

// tie reads what stands between the word and the value.
// At most 16 steps are taken, so a long row of spaces or signs costs nothing.
func (x *scanner) tie(i int) (t tie, ok bool) {
	s, words := x.s, 0
	for steps := 0; steps < 16 && i < len(s); steps++ {
		if n := blankAt(s, i, t.firm); n > 0 { // "Password - x" too
			i += n
			continue
		}
		if n := sign(s[i:]); n > 0 {
			i += n
			t.firm = true
			continue
		}
		w := wordAt(s, i)
		if t.firm || w == "" || words == maxFar || !followed(s, i+len(w)) {
			break
		}
		if verb(w) {
			t.firm = true
		} else if s[i-1] != ' ' || !plausible(s, i+len(w)) {
			break
		} else {
			words++
			t.far = true
		}
		i += len(w)
	}
	t.at = i
	return t, i < len(s)
}

// plausible reports whether a verb or a sign comes within reach, so that "password hunter2" does
// not take its value for a word between.
func plausible(s string, i int) bool {
	for range maxFar {
		for i < len(s) && s[i] == ' ' {
			i++
		}
		if i < len(s) && sign(s[i:]) > 0 {
			return true
		}
		w := wordAt(s, i)
		if w == "" {
			return false
		}
		if verb(w) {
			return true
		}
		i += len(w)
	}
	return false
}

// verb knows the verbs in the languages of the lists.
func verb(w string) bool {
	switch strings.ToLower(w) {
	case "is", "was", "are", "es", "ist", "est", "lautet":
		return true
	}
	return false
}

// blankAt returns the length of white space at i; a line break only after a sign.
func blankAt(s string, i int, firm bool) int {
	switch {
	case s[i] == ' ' || s[i] == '\t' || s[i] == '-' && i+1 < len(s) && s[i+1] == ' ':
		return 1
	case firm && s[i] == '\n':
		return 1
	case strings.HasPrefix(s[i:], "\u00a0"):
		return 2
	case strings.HasPrefix(s[i:], "\u3000"):
		return 3
	}
	return 0
}

// sign returns the length of what ties a value to its word.
// sign of Chinese are verbs, too: 是, 改成; and in Korean and Japanese the particles behind a subject.
func sign(s string) int {
	switch s[0] {
	case ':', '=', '"', '\'', '`', '(':
		return 1
	}
	if s[0] < 0x80 {
		return 0
	}
	for _, w := range []string{"：", "＝", "是", "为", "為", "就是", "改成了", "改成", "设为", "设置为", "設為", "는", "은", "は", "が", "改为", "改為", "设成", "“", "‘", "「", "（", "→"} {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	return 0
}

// wordAt returns the ASCII word at i, at most 16 letters long.
func wordAt(s string, i int) string {
	j := i
	for j < len(s) && j-i <= 16 && classes[s[j]] == letter {
		j++
	}
	if j-i > 16 {
		return ""
	}
	return s[i:j]
}

// followed reports whether a word ends at i and something comes after it.
func followed(s string, i int) bool {
	return i < len(s) && (s[i] == ' ' || s[i] == ':' || s[i] == '=' || s[i] == '\t')
}

// token returns the run of visible ASCII at i without the punctuation around it.
// It is cut at 65 bytes: a password that is longer is hardly one.
func (x *scanner) token(i int) (start, end int) {
	s := x.s
	end = i
	for end < len(s) && s[end] > 0x20 && s[end] < 0x7f && end-i <= 65 {
		end++
	}
	for i < end && strings.IndexByte(`"'<([{`+"`", s[i]) >= 0 {
		i++
	}
	for end > i && strings.IndexByte(`"'.,;!?)]}>`+"`", s[end-1]) >= 0 {
		end--
	}
	return i, end
}

// inQuotes returns where the quotation ends that was opened before i, on the same line and not
// farther than a password is long; 0 if there is none.
func (x *scanner) inQuotes(i int) int {
	if i == 0 || strings.IndexByte("\"'`", x.s[i-1]) < 0 {
		return 0
	}
	rest := x.s[i:min(len(x.s), i+64)]
	if j := strings.IndexByte(rest, '\n'); j >= 0 {
		rest = rest[:j]
	}
	if j := strings.IndexByte(rest, x.s[i-1]); j > 0 {
		return i + j
	}
	return 0
}

// secretive reports whether a token looks like a password by itself: letters with digits or signs,
// or at least four digits.
func secretive(v string) bool {
	letters, digits, signs := 0, 0, 0
	for i := range len(v) {
		switch classes[v[i]] {
		case letter:
			letters++
		case number:
			digits++
		default:
			if strings.IndexByte("-/'.,:", v[i]) < 0 {
				signs++
			}
		}
	}
	return digits > 0 && letters > 0 || letters == 0 && digits >= 4 && signs == 0 || signs > 0 && letters+digits >= 3
}

// hasLetter and hasDigit ask for ASCII alone, as passwords are mostly made of.
func hasLetter(v string) bool {
	return strings.ContainsFunc(v, func(r rune) bool { return r < 0x80 && classes[byte(r)] == letter })
}

func hasDigit(v string) bool { return strings.ContainsAny(v, "0123456789") }

// address reports whether a token is a mail address: "the password for a@b.com" names an account.
func address(v string) bool {
	_, domain, ok := strings.Cut(v, "@")
	return ok && strings.Contains(domain, ".")
}

// ordinary reports whether the value of "password is …" is a remark about the password.
// Words that end in -ing, -ed or n't are such remarks, too.
func ordinary(v string) bool {
	l := strings.ToLower(v)
	return ordinaryWords[l] || strings.HasSuffix(l, "n't") || len(l) > 5 && (strings.HasSuffix(l, "ing") || strings.HasSuffix(l, "ed"))
}

// ordinaryWords are words that follow "password is" or "password:" without being one.
var ordinaryWords = wordLists.Set("ordinary")
