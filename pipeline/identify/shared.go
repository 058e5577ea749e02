package identify

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/words"
)

//go:embed shared.txt
var sharedFile string

var sharedWords = words.MustReadLists("identify/shared.txt", sharedFile).Words("shared")

// Shared reports whether an address looks like one that several people read, such as info@ of a company: who reads a code there is nobody in particular. What follows a plus sign
// says nothing. The cost is linear in the address. Of addresses that are no mail's it knows nothing.
func Shared(id message.Identity) bool {
	if id.Kind != message.Email {
		return false
	}
	local, _, _ := strings.Cut(strings.ToLower(id.Value), "@")
	local, _, _ = strings.Cut(local, "+")
	whole := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, local)
	parts := strings.FieldsFunc(local, func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc(append(parts, whole), func(part string) bool { return slices.Contains(sharedWords, part) })
}
