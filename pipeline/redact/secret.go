package redact

import (
	"strings"

	"frontdesk/pipeline/redact/values"
)

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
	if from, to := x.lone(i); to > 0 && word == passwordWord {
		x.mask(password, from, to, passwordMask)
		return to
	}
	t, ok := x.tie(i)
	if !ok {
		return i
	}
	if end := x.mixed(t.at); end > 0 && word == passwordWord && x.signed(i, t.at) {
		x.mask(password, t.at, end, passwordMask)
		return end
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
	case word == passwordWord && x.short(v, t, i, end):
	case word == pinWord && !values.HasDigit(v), len(v) < 3 || len(v) > 64 || strings.HasPrefix(v, "http") || strings.HasSuffix(v, ":"), word == pinWord && len(v) == 3:
		return i
	case word == passWord && !(t.firm && !t.far && (values.Secretive(v) || x.s[t.at-1] != ' ' || x.signed(i, t.at)) && !values.Ordinary(v)) && !(!t.far && t.at > i && values.Secretive(v) && values.HasLetter(v) && values.HasDigit(v)):
		return i
	case t.firm && !t.far && !values.Ordinary(v):
	case !t.far && t.at > i && values.HasDigit(v) && values.Secretive(v), !t.far && x.s[i-1] >= 0x80 && values.HasDigit(v) && values.Secretive(v): // "密码abc123" needs no space
	case t.far && t.firm && values.Secretive(v) && !values.Address(v):
	default:
		return i
	}
	if x.digitsOnly(v) && end < len(x.s) && x.s[end] == ' ' && end+1 < len(x.s) && classes[x.s[end+1]] == number && len(v) < 4 {
		return i // in pieces
	}
	x.mask(password, start, end, passwordMask)
	return end
}

// short reports whether two characters that a sign or a verb announces are a password, or three digits that stand directly behind a
// Chinese word for one: where the thought ends behind them nothing else is said of the password.
func (x *scanner) short(v string, t tie, i, end int) bool {
	switch {
	case t.far || !x.endsHere(end):
		return false
	case len(v) == 2:
		return t.firm && !values.Ordinary(v) && (values.HasDigit(v) || x.s[i-1] >= 0x80 && values.HasLetter(v))
	case len(v) == 3:
		return x.s[i-1] >= 0x80 && x.digitsOnly(v)
	}
	return false
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

// tie reads what stands between the word and the value.
// At most 16 steps are taken, so a long row of spaces or signs costs nothing.
func (x *scanner) tie(i int) (t tie, ok bool) {
	s, words := x.s, 0
	for _, is := range [...]string{"'s ", "’s "} { // "my password's tulip77"
		if i > 0 && classes[s[i-1]] == letter && strings.HasPrefix(s[i:], is) {
			i += len(is)
			t.firm = true
		}
	}
	i += values.Aside(s[i:])
	if n := values.Remark(s[i:]); n > 0 { // "密码我记得是tulip77"
		i += n
		t.firm, t.far = true, true
	}
	for steps := 0; steps < 16 && i < len(s); steps++ {
		if n := values.BlankAt(s, i, t.firm); n > 0 { // "Password - x" too
			i += n
			continue
		}
		if n := values.Sign(s[i:]); n > 0 {
			i += n
			t.firm = true
			continue
		}
		w := values.WordAt(s, i)
		if t.firm || w == "" || words == values.MaxFar || !values.Followed(s, i+len(w)) {
			break
		}
		if values.Verb(w) {
			t.firm = true
		} else if s[i-1] != ' ' || !values.Plausible(s, i+len(w)) {
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
