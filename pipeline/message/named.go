package message

import (
	"cmp"
	"maps"
	"slices"
)

// Named is the name in a language, of names by language tag (BCP 47): that of the nearest tag; in another language than
// Chinese else the English one, since a reader of that language gets English texts; else the name in all languages.
func Named(names map[string]string, language, otherwise string) string {
	tags := slices.SortedFunc(maps.Keys(names), func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	for _, l := range []string{language, "en"} {
		for _, tag := range tags {
			if Speaks([]string{tag}, l) && names[tag] != "" {
				return names[tag]
			}
		}
		if Speaks([]string{"zh"}, language) {
			break
		}
	}
	return otherwise
}
