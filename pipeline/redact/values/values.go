// Package values tells what looks like a password and what does not, and what binds one to the word that announces it: a sign, a verb,
// a few words between.
package values

import (
	_ "embed" // the list of words
	"strings"

	"frontdesk/pipeline/words"
)

//go:embed ordinary.txt
var ordinaryFile string

// ordinaryWords are words that follow "password is" or "password:" without being one.
var ordinaryWords = lists.Set("ordinary")

var lists = words.MustReadLists("redact/values/ordinary.txt", ordinaryFile)

// Remark is the length of a few Chinese characters at the start of s that end with a verb directly before a value of Latin letters and
// digits, 0 where nothing of the kind stands there.
func Remark(s string) int {
	for i := 0; i < 18 && i+3 < len(s) && wide(s[i]); i += 3 {
		for _, verb := range remarkVerbs {
			n := i + len(verb)
			if (i > 0 || len(verb) > 3) && strings.HasPrefix(s[i:], verb) && n < len(s) && (letter(s[n]) || digit(s[n])) {
				return n
			}
		}
	}
	return 0
}

// Aside is the length of a remark in brackets at the start of s that a sign follows, 0 where there is none: "password (case sensitive): x".
func Aside(s string) int {
	if !strings.HasPrefix(s, " (") {
		return 0
	}
	k := strings.IndexByte(s[:min(len(s), 32)], ')')
	if k < 0 || strings.ContainsAny(s[2:k], "0123456789:=@") || k+1 >= len(s) || s[k+1] != ':' && s[k+1] != '=' && !strings.HasPrefix(s[k+1:], " is ") && !strings.HasPrefix(s[k+1:], " =") {
		return 0
	}
	return k + 1
}

// Plausible reports whether a verb or a sign comes within reach, so that "password hunter2" does
// not take its value for a word between.
func Plausible(s string, i int) bool {
	for range MaxFar {
		for i < len(s) && s[i] == ' ' {
			i++
		}
		if i < len(s) && Sign(s[i:]) > 0 {
			return true
		}
		w := WordAt(s, i)
		if w == "" {
			return false
		}
		if Verb(w) {
			return true
		}
		i += len(w)
	}
	return false
}

// Verb knows the verbs in the languages of the lists.
func Verb(w string) bool {
	switch strings.ToLower(w) {
	case "is", "was", "are", "es", "ist", "est", "lautet":
		return true
	}
	return false
}

// BlankAt returns the length of white space at i; a line break only after a sign.
func BlankAt(s string, i int, firm bool) int {
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

// Sign returns the length of what ties a value to its word.
// sign of Chinese are verbs, too: 是, 改成; and in Korean and Japanese the particles behind a subject.
func Sign(s string) int {
	switch s[0] {
	case ':', '=', '"', '\'', '`', '(':
		return 1
	}
	if s[0] < 0x80 {
		if strings.HasPrefix(s, "->") || strings.HasPrefix(s, "=>") {
			return 2
		}
		return 0
	}
	for _, w := range []string{"：", "＝", "是", "为", "為", "就是", "改成了", "改成", "设为", "设置为", "設為", "는", "은", "は", "が", "改为", "改為", "设成", "係", "系", "叫做", "叫", "变成", "變成", "换成", "換成", "用的是", "我设的是", "我设的", "我用的是", "我用的", "输的是", "输入的是", "填的是", "还是", "還是", "“", "‘", "「", "（", "→"} {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	return 0
}

// WordAt returns the ASCII word at i, at most 16 letters long.
func WordAt(s string, i int) string {
	j := i
	for j < len(s) && j-i <= 16 && letter(s[j]) {
		j++
	}
	if j-i > 16 {
		return ""
	}
	return s[i:j]
}

// Followed reports whether a word ends at i and something comes after it.
func Followed(s string, i int) bool {
	return i < len(s) && (s[i] == ' ' || s[i] == ':' || s[i] == '=' || s[i] == '\t')
}

// Secretive reports whether a token looks like a password by itself: letters with digits or signs,
// or at least four digits.
func Secretive(v string) bool {
	letters, digits, signs := 0, 0, 0
	for i := range len(v) {
		switch {
		case letter(v[i]):
			letters++
		case digit(v[i]):
			digits++
		default:
			if strings.IndexByte("-/'.,:", v[i]) < 0 {
				signs++
			}
		}
	}
	return digits > 0 && letters > 0 || letters == 0 && digits >= 4 && signs == 0 || signs > 0 && letters+digits >= 3
}

// HasLetter asks for a Latin letter without an accent, as passwords are mostly made of.
func HasLetter(v string) bool {
	return strings.ContainsFunc(v, func(r rune) bool { return r < 0x80 && letter(byte(r)) })
}

// HasDigit asks for an ASCII digit.
func HasDigit(v string) bool { return strings.ContainsAny(v, "0123456789") }

// Address reports whether a token is a mail address: "the password for a@b.com" names an account.
func Address(v string) bool {
	_, domain, ok := strings.Cut(v, "@")
	return ok && strings.Contains(domain, ".")
}

// Ordinary reports whether the value of "password is …" is a remark about the password.
// Words that end in -ing, -ed or n't are such remarks, too.
func Ordinary(v string) bool {
	l := strings.ToLower(v)
	return ordinaryWords[l] || strings.HasSuffix(l, "n't") || len(l) > 5 && (strings.HasSuffix(l, "ing") || strings.HasSuffix(l, "ed"))
}

// remarkVerbs tie a password to what is said of it.
var remarkVerbs = []string{"用的", "原来的", "以前的", "之前的", "是", "成", "输入", "輸入", "填", "用"}

// MaxFar is how many words may stand between the word and its verb.
// More words are a sentence of another matter.
const MaxFar = 5

// Typed reports whether v looks like a password and like nothing else.
func Typed(v string) bool {
	return len(v) >= 5 && len(v) <= 64 && HasLetter(v) && (HasDigit(v) || strings.ContainsAny(v, "!@#$%^&*")) && Secretive(v) && !Address(v) && !strings.Contains(v, "://") && !Ordinary(v)
}

// Joined reports whether v is of words that a sign or capitals join, as people make passwords without digits: "myDog_Rex".
func Joined(v string) bool {
	at := strings.IndexAny(v, "_!@#$%^&*")
	return len(v) >= 6 && len(v) <= 64 && at > 0 && HasLetter(v) && !Address(v) && strings.ToLower(v) != v && !strings.Contains(v, "://")
}

// letter, digit and wide tell a byte: of a Latin letter, of a digit, the first one of a Chinese character.
func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func digit(c byte) bool { return '0' <= c && c <= '9' }

func wide(c byte) bool { return c >= 0xe3 && c <= 0xe9 }
