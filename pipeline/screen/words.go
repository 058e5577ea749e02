package screen

import (
	"slices"
	"strings"
)

// clip cuts s to at most n bytes.
// A character cut in two is dropped.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// fold lower-cases and folds white space.
func fold(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(clip(s, 2000))), " ")
}

// hasAny reports whether s holds one of the words.
func hasAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}
