// Package check collects what is wrong with a configuration, and holds what sections of it ask alike: whether a word is among
// those allowed, whether names are unique, whether there is such a language or time zone. It is a leaf.
package check

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // time zones must be known on a machine without the zone files, too

	"golang.org/x/text/language"
)

// Report collects mistakes.
// Its methods add nothing where all is well.
type Report struct {
	// Add notes a mistake at the path of its key, and what to do about it.
	Add func(path, mistake, remedy string)
}

// Word reports a word that is none of those allowed; what says what they are.
func (r Report) Word(path, word, what string, allowed []string) {
	if slices.Contains(allowed, word) {
		return
	}
	fix := "write one of: " + strings.Join(allowed, ", ")
	if len(allowed) == 0 {
		fix = "none is configured yet"
	}
	if hint := Suggest(word, allowed); hint != "" {
		fix = hint
	}
	r.Add(path, fmt.Sprintf("there is no %s %q", what, word), fix)
}

// Words is Word for each of a list.
func (r Report) Words(path string, words []string, what string, allowed []string) {
	for i, w := range words {
		r.Word(fmt.Sprintf("%s[%d]", path, i), w, what, allowed)
	}
}

// Unique reports the second of two equal names; at is the path of each.
// Case does not count: two names that a person reads alike would be mistaken for each other. Empty names are somebody else's mistake.
func (r Report) Unique(names []string, at func(i int) string, what string) {
	seen := map[string]bool{}
	for i, name := range names {
		if name != "" && seen[strings.ToLower(name)] {
			r.Add(at(i), fmt.Sprintf("the %s %q is there twice", what, name), "give each its own")
		}
		seen[strings.ToLower(name)] = true
	}
}

// Zone reports what is no time zone.
// "Local" would make promises depend on the machine on which the desk runs.
func (r Report) Zone(path, name string) {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		r.Add(path, fmt.Sprintf("there is no time zone %q", name), "write an IANA name such as Asia/Shanghai, Asia/Hong_Kong or UTC")
	}
}

// Language reports what is no language, or none of those known; nil allows all.
// Known ones must be written alike: zh-cn is not zh-Hans here.
func (r Report) Language(path, tag string, known []string) {
	if _, err := language.Parse(tag); err != nil {
		r.Add(path, fmt.Sprintf("%q is no language", tag), "write a BCP 47 tag such as zh-Hans, zh-Hant or en")
		return
	}
	if known != nil {
		r.Word(path, tag, "language of the desk", known)
	}
}

// Texts reports the languages of texts that are none.
// texts are by language; which ones there must be is not asked.
func (r Report) Texts(path string, texts map[string]string) {
	for tag := range texts {
		r.Language(path+"."+tag, tag, nil)
	}
}
