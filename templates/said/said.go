// Package said says in Chinese what the line has said in English of a message, for the pages that show it: why it stands where it stands; a leaf.
package said

import (
	"bufio"
	"embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed trace.txt
var files embed.FS

// chinese is the language of the pages into which is translated, as BCP 47 tag.
const chinese = "zh"

// Phrases are the sentences of a trace in Chinese: exact ones, and those with something to fill in. They may be used by many goroutines.
type Phrases struct {
	// exact is looked up first. filled are tried in the order of trace.txt, so a more special sentence stands before a general one.
	exact  map[string]string
	filled []phrase
}

// phrase is one sentence with stars; says has one piece more than it has stars.
type phrase struct {
	match *regexp.Regexp
	says  []string // the Chinese around what is filled in
}

// Read reads the table of sentences: a line is English | Chinese, a star stands for anything. words are those of the pages in Chinese, by key: what a
// sentence may name is among them. A star takes as little as it can, so fixed words decide where it ends.
func Read(words map[string]string) (*Phrases, error) {
	out := &Phrases{exact: named(words)}
	f, err := files.Open("trace.txt")
	if err != nil {
		return out, fmt.Errorf("reading what the line says: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		english, chinese, ok := strings.Cut(line, "|")
		english, chinese = strings.TrimSpace(english), strings.TrimSpace(chinese)
		if stars := strings.Count(english, "*"); !ok || english == "" || stars != strings.Count(chinese, "*") {
			return out, fmt.Errorf("trace.txt, line %d: want English | Chinese, with as many stars in each", n)
		} else if stars == 0 {
			out.exact[english] = chinese
			continue
		}
		match, err := regexp.Compile("^" + strings.ReplaceAll(regexp.QuoteMeta(english), `\*`, "(.*?)") + "$")
		if err != nil {
			return out, fmt.Errorf("trace.txt, line %d: %w", n, err)
		}
		out.filled = append(out.filled, phrase{match, strings.Split(chinese, "*")})
	}
	if err := lines.Err(); err != nil {
		return out, fmt.Errorf("reading what the line says: %w", err)
	}
	return out, nil
}

// mostSaid bounds how deep what fills a sentence is translated in its turn, and the length of what is translated.
const (
	mostNested = 3
	mostSaid   = 2000
)

// In is what a stage of the line said, in that language: sentence by sentence. What has no Chinese stays as it is, so
// that nothing vanishes from a page: numbers, names and the customer's own words among it.
// Such words are kept in English, as the line writes them, because replay compares them; they are only translated to be shown.
func (ph *Phrases) In(lang, words string) string {
	if lang != chinese || len(words) > mostSaid {
		return words
	}
	return ph.say(words, mostNested)
}

// named are the words of the pages for what a sentence may name.
func named(words map[string]string) map[string]string {
	out := map[string]string{}
	for _, group := range []string{"cause.", "parked.cause.", "category.", "priority."} {
		for key, word := range words {
			if name, ok := strings.CutPrefix(key, group); ok {
				out[name] = word
			}
		}
	}
	return out
}

// say translates one sentence or list; deep is how often what fills a star may be translated in its turn.
// The cost is the number of sentences with stars, times the parts of a list; mostSaid and mostNested bound both.
func (ph *Phrases) say(words string, deep int) string {
	if said, ok := ph.exact[words]; ok || words == "" || deep == 0 {
		if ok {
			return said
		}
		return words
	}
	if list := strings.Split(words, "; "); len(list) > 1 {
		return ph.each(list, "；", deep)
	}
	// A list of sentences before one with stars: a star would take the rest of the list.
	if list := strings.Split(words, ", "); len(list) > 1 {
		if said, all := ph.all(list, deep); all {
			return said
		}
	}
	for _, f := range ph.filled {
		if m := f.match.FindStringSubmatch(words); m != nil {
			var out strings.Builder
			out.WriteString(f.says[0])
			for i, s := range f.says[1:] {
				out.WriteString(ph.say(m[i+1], deep-1) + s)
			}
			return out.String()
		}
	}
	return words
}

// each says every part of a list, whether or not it has Chinese.
func (ph *Phrases) each(list []string, between string, deep int) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = ph.say(s, deep-1)
	}
	return strings.Join(out, between)
}

// all says a list of which each part is a sentence.
func (ph *Phrases) all(list []string, deep int) (string, bool) {
	out := make([]string, len(list))
	for i, s := range list {
		if out[i] = ph.say(s, deep-1); out[i] == s {
			return "", false
		}
	}
	return strings.Join(out, "，"), true
}
