// Package accepts reads which languages somebody wants, as he names them over HTTP. Whoever asks is a stranger, so what
// is read is bounded: the parser's cost grows with the square of a tag's length.
package accepts

import (
	"strings"

	"golang.org/x/text/language"
)

// maxTag bounds a language tag in bytes: RFC 5646 §4.4.1 asks for 35 characters at least.
const maxTag = 35

// maxLanguages is how many languages of a browser are looked at; they name three or four.
const maxLanguages = 16

// Tag reads one language tag (BCP 47); false for one that is too long or none.
func Tag(text string) (language.Tag, bool) {
	if text == "" || len(text) > maxTag {
		return language.Und, false
	}
	tag, err := language.Parse(text)
	return tag, err == nil
}

// Languages reads the first languages of an Accept-Language (RFC 9110 §12.5.4), those with a tag of
// common length. It is nil when one of them cannot be read.
func Languages(header string) []language.Tag {
	var short []string
	for range maxLanguages {
		one, rest, more := strings.Cut(header, ",")
		if tag, _, _ := strings.Cut(one, ";"); len(strings.TrimSpace(tag)) <= maxTag && len(one) <= 2*maxTag {
			short = append(short, one)
		}
		if header = rest; !more {
			break
		}
	}
	tags, _, err := language.ParseAcceptLanguage(strings.Join(short, ","))
	if err != nil {
		return nil
	}
	return tags
}
