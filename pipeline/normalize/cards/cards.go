// Package cards tells what stands on visiting cards below a mail: how somebody is reached, pictures, places where he is found beside.
package cards

import (
	_ "embed" // the lists of words
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize/phrases"
	"frontdesk/pipeline/words"
)

//go:embed cards.txt
var file string

// The file says what each of its lists is.
var (
	lists         = words.MustReadLists("normalize/cards/cards.txt", file)
	pictures      = lists.Words("pictures")
	contactLabels = lists.Words("contact labels")
	labelEnds     = lists.Words("label ends")
	cardInvites   = lists.Words("card invitations")
	social        = lists.Set("social")
)

// Contact reports whether a line tells how somebody is reached: a label and what belongs to it, a number, an address.
func Contact(l string) bool {
	if strings.ContainsAny(l, "|｜•·") {
		if socialRow(l) {
			return true
		}
		for part := range strings.FieldsFuncSeq(l, func(r rune) bool { return strings.ContainsRune("|｜•·", r) }) {
			if part = strings.TrimSpace(part); part != "" && !strings.ContainsAny(part, "|｜•·") && Contact(part) {
				return true
			}
		}
		return false
	}
	l = strings.TrimFunc(message.Lower(l), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsSymbol(r) || r == '*' || r == '_' })
	words := len(strings.Fields(l))
	switch {
	case l == "" || words > 12:
		return false
	case strings.HasPrefix(l, "<mailto:"), strings.IndexByte(l, '@') > 0 && words <= 3, strings.HasPrefix(l, "www.") && words == 1:
		return true
	case Telephone(l) || reachesOnly(l):
		return true
	}
	for _, label := range contactLabels {
		rest, ok := strings.CutPrefix(l, label)
		if !ok || !phrases.Boundary(rest, label) {
			continue
		}
		value := strings.TrimLeft(rest, " .:：\t#/()")
		if value != "" && (len(value) < len(rest) || label[len(label)-1] >= 0x80) && (strings.ContainsAny(rest, ":：") || strings.ContainsAny(value, "0123456789@")) {
			return true
		}
	}
	return phrases.BeginsWithAny(l, cardInvites) || labelled(l)
}

// labelled reports whether a Chinese label, whatever stands before it, says how somebody is reached: 身份证地址：…, 公司座机：….
func labelled(l string) bool {
	label, value, found := strings.Cut(l, "：")
	if !found || value == "" || utf8.RuneCountInString(label) > 8 {
		return false
	}
	for _, ending := range labelEnds {
		if strings.HasSuffix(label, ending) {
			return true
		}
	}
	return false
}

// socialRow reports whether a line is a row of places where somebody can be found: "Twitter | Dribbble | Behance".
func socialRow(l string) bool {
	parts := 0
	for part := range strings.FieldsFuncSeq(message.Lower(l), func(r rune) bool { return strings.ContainsRune("|｜•·/", r) }) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if parts++; !social[part] {
			return false
		}
	}
	return parts > 1
}

// reachesOnly reports whether a line is of numbers, signs and at least one address: "☎ +34 91 555 01 00 ✉ carla@example.com".
func reachesOnly(l string) bool {
	address := false
	for w := range strings.FieldsSeq(l) {
		at := strings.IndexByte(w, '@') > 0
		if address = address || at; !at && strings.ContainsFunc(w, unicode.IsLetter) {
			return false
		}
	}
	return address
}

// Telephone reports whether a line is nothing but a telephone number: with a plus, a nought, or as long as a mobile one of the mainland.
func Telephone(l string) bool {
	digits := 0
	for i := range len(l) {
		switch c := l[i]; {
		case c >= '0' && c <= '9':
			digits++
		case strings.IndexByte(" +()-./", c) < 0:
			return false
		}
	}
	plain := strings.NewReplacer(" ", "", "-", "").Replace(l)
	return digits >= 7 && digits <= 15 && (strings.ContainsAny(l[:1], "+(0") || digits == 11 && plain[0] == '1' && plain[1] >= '3')
}

// Link reports whether a line is nothing but a link: below a program's line it is the program's.
func Link(l string) bool {
	return (strings.HasPrefix(l, "http://") || strings.HasPrefix(l, "https://") || strings.HasPrefix(l, "<http")) && !strings.Contains(l, " ")
}

// Picture reports whether a line is what stands in place of pictures: "[cid:image001.png]", "[logo] [linkedin icon]".
func Picture(l string) bool {
	return l[0] == '[' && l[len(l)-1] == ']' && phrases.ContainsAny(message.Lower(l), pictures)
}

// Titled reports whether every longer word begins with a capital, as in names and titles.
func Titled(s string) bool {
	words := 0
	for w := range strings.FieldsSeq(s) {
		r, _ := utf8.DecodeRuneInString(w)
		switch {
		case unicode.IsUpper(r):
			words++
		case unicode.IsLetter(r) && utf8.RuneCountInString(w) > 3:
			return false
		}
	}
	return words > 0
}

// Parted reports whether a line is a Japanese name, its halves parted: 山本 健太.
func Parted(l string) bool {
	first, last, found := strings.Cut(strings.ReplaceAll(l, "\u3000", " "), " ")
	a, b := utf8.RuneCountInString(first), utf8.RuneCountInString(last)
	return found && a >= 1 && a <= 3 && b >= 1 && b <= 3 && onlyHan(first) && onlyHan(last)
}

// onlyHan reports whether a text is of Chinese characters alone.
func onlyHan(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.Is(unicode.Han, r) })
}
