package screen

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Whether a text says that somebody is away and nothing else is asked of each part of its sentences: what a customer
// wants stands as often behind a comma or an "and" as in a sentence of its own.

// referral reports whether a sentence tells whom to turn to meanwhile: it names an address, or somebody to be
// contacted who is not the writer. Where a customer wants something sent, he names an address, too.
func referral(s string) bool {
	switch {
	case requests(s), mine.in(s):
		return false
	}
	return strings.IndexByte(s, '@') > 0 || contacting.in(s) && (asking.in(s) || urgent.in(s))
}

// requests reports whether a part of a sentence asks the reader for something. Absence notices ask for patience, or to
// turn to somebody else: so the words of that excuse it, unless it is the writer who wants to be called.
func requests(s string) bool {
	for part := range parts(s) {
		if commands(part) || asking.in(part) && (!contacting.in(part) || mine.in(part)) {
			return true
		}
	}
	return false
}

// commands reports whether an English sentence begins with the verb of what a desk does.
func commands(s string) bool {
	verb, _, found := strings.Cut(strings.TrimPrefix(s, "just "), " ")
	return found && commandVerbs[verb]
}

// sentences cuts a text at the ends of lines and sentences. A full stop ends one where a space follows: in an
// address, a date or a number none does.
func sentences(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		from := 0
		for at, r := range text {
			end := strings.ContainsRune("\n\r!。！;；", r) || r == '.' && (at+1 == len(text) || text[at+1] <= ' ') && !ordinal(text, at)
			if !end {
				continue
			}
			if s := strings.TrimSpace(text[from:at]); s != "" && !yield(s) {
				return
			}
			from = at + utf8.RuneLen(r)
		}
		if s := strings.TrimSpace(text[from:]); s != "" {
			yield(s)
		}
	}
}

// ordinal reports whether the full stop at a place is that of a day: "12. Mai".
func ordinal(text string, at int) bool {
	before := text[max(0, at-3):at]
	day := before[strings.LastIndexAny(before, " \n")+1:]
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(text[at+1:min(len(text), at+6)], " "))
	return day != "" && len(day) <= 2 && digits(day) && unicode.IsLetter(r) && text[at+1] == ' '
}

// parts cuts a sentence at its commas and where a word joins another sentence to it, or begins one: not everybody writes
// full stops. Thai has spaces there.
func parts(s string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for clause := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(",，、،:：", r) }) {
			for clause != "" {
				var part string
				part, clause = joint(clause)
				if part = strings.TrimSpace(part); part != "" && !yield(part) {
					return
				}
			}
		}
	}
}

// joint cuts a clause at its first joining word.
func joint(s string) (part, rest string) {
	for from := 0; from < len(s); {
		at := strings.IndexByte(s[from:], ' ')
		if at < 0 {
			return s, ""
		}
		from += at + 1
		if r, _ := utf8.DecodeLastRuneInString(s[:from-1]); unicode.Is(unicode.Thai, r) {
			return s[:from-1], s[from:]
		}
		word, after, found := strings.Cut(s[from:], " ")
		switch {
		case found && joins[word]:
			return s[:from-1], after
		case found && begins[word]:
			return s[:from-1], s[from:]
		}
	}
	return s, ""
}

// timed reports whether a part says no more than how long, or from when.
func timed(s string) bool {
	for _, p := range []string{"until ", "till ", "from ", "on ", "bis ", "ab ", "vom ", "am ", "jusqu'au ", "du ", "le ", "hasta ", "desde ", "del ", "el ", "até ", "de ", "fino al ", "dal ", "tot ", "van ", "vanaf ", "do ", "od ", "до ", "с ", "по ", "hingga ", "sehingga ", "sampai ", "đến ", "từ ", "حتى ", "من ", "עד ", "מ", "έως ", "μέχρι ", "από ", "ถึง", "จนถึง"} {
		if rest, ok := strings.CutPrefix(s, p); ok && strings.ContainsAny(rest, "0123456789") && len(strings.Fields(rest)) <= 5 {
			return true
		}
	}
	return false
}
