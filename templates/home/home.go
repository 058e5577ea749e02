// Package home holds what the first home of Frontdesk, the support desk of a payment company,
// starts with: its categories with their queues and priorities, the facts to ask for, and FAQ
// texts in English and in both scripts of Chinese. A configuration may replace all of it.
package home

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Languages of the texts, as BCP 47 tags.
const (
	English     = "en"
	Simplified  = "zh-Hans"
	Traditional = "zh-Hant"
)

// chinese is the language of variants in Chinese: one list serves both scripts, since what people write is folded to
// Simplified before it is compared.
const chinese = "zh"

// Category is one kind of request.
// The configuration may add categories and replace these. Texts are plain, in all three languages.
type Category struct {
	// Key never changes: rules, texts, statistics and the database know the category by it. Queue is the name of a queue.
	Key      string
	Queue    string
	Priority string            // low, normal, high or urgent
	Names    map[string]string // by language
	Facts    []Fact            // in the order in which they are asked for
	FAQ      []FAQ
	// Others are questions of this category that none of the FAQ answers, by language as those of FAQ.Variants: what is like them gets no answer.
	Others map[string][]string
}

// Fact is something the desk needs to know to help.
type Fact struct {
	// Key also says how the fact is looked for in a message: see package answer.
	Key string
	Ask map[string]string // how it is asked for, by language
}

// FAQ is a question with its answer.
type FAQ struct {
	Key      string            // the category's and the place in it, such as refund/2; new ones stand behind those that are there
	Question map[string]string // by language
	Answer   map[string]string
	Terms    []string // words that speak for this question, in any language
	// Variants are other ways to ask it, by language; those in Simplified Chinese stand under "zh" for both scripts. They are
	// there to be matched with what people write; nobody is shown one.
	Variants map[string][]string
}

// A question may be put in so many ways a language, each of so many characters.
const (
	maxVariants      = 64
	maxVariantLength = 200
)

//go:embed data/*.txt
var data embed.FS

// read parses the embedded files once.
var read = sync.OnceValues(func() ([]Category, error) { return parseAll(data) })

// Categories returns the categories of the first home, in their fixed order. Each call
// returns a copy.
// A panic is a broken build: a test reads the files first.
func Categories() []Category {
	all, err := read()
	if err != nil {
		panic("home: the embedded categories are broken: " + err.Error())
	}
	out := make([]Category, len(all))
	for i, c := range all {
		out[i] = c.clone()
	}
	return out
}

// parseAll reads facts.txt, then one file a category in the order of their numbers, which is that of the lists that people see.
func parseAll(files fs.FS) ([]Category, error) {
	text, err := fs.ReadFile(files, "data/facts.txt")
	if err != nil {
		return nil, fmt.Errorf("reading facts: %w", err)
	}
	facts, err := parseFacts(string(text))
	if err != nil {
		return nil, fmt.Errorf("facts.txt: %w", err)
	}
	names, err := fs.Glob(files, "data/[0-9]*.txt")
	if err != nil {
		return nil, fmt.Errorf("listing categories: %w", err)
	}
	var out []Category
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading category: %w", err)
		}
		c, err := parseCategory(string(text), facts)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// clone copies everything that a caller might change.
func (c Category) clone() Category {
	c.Names = cloneTexts(c.Names)
	c.Facts = slices.Clone(c.Facts)
	for i := range c.Facts {
		c.Facts[i].Ask = cloneTexts(c.Facts[i].Ask)
	}
	c.Others = cloneLists(c.Others)
	c.FAQ = slices.Clone(c.FAQ)
	for i, f := range c.FAQ {
		c.FAQ[i] = FAQ{f.Key, cloneTexts(f.Question), cloneTexts(f.Answer), slices.Clone(f.Terms), cloneLists(f.Variants)}
	}
	return c
}

// cloneTexts copies texts by language.
func cloneTexts(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	maps.Copy(out, m)
	return out
}

// cloneLists copies lists by language.
func cloneLists(m map[string][]string) map[string][]string {
	out := make(map[string][]string, len(m))
	for tag, list := range m {
		out[tag] = slices.Clone(list)
	}
	return out
}

// line is one that says something: its number in the file, from 1, its first word and the rest.
type line struct {
	number     int
	word, rest string
}

// lines are those that say something.
// Blanks around a line do not count, so files may be indented.
func lines(text string) []line {
	var out []line
	number := 0
	for l := range strings.Lines(text) {
		number++
		l = strings.TrimSpace(l)
		if l == "" || l[0] == '#' {
			continue
		}
		word, rest, _ := strings.Cut(l, " ")
		out = append(out, line{number, word, strings.TrimSpace(rest)})
	}
	return out
}

// isLanguage reports whether a line begins with the name of one.
func isLanguage(word string) bool {
	return word == English || word == Simplified || word == Traditional
}

// parseFacts reads "fact KEY" and, below it, how it is asked for in each language.
// A fact is shared by all categories that name it, so it is asked for in the same words everywhere.
func parseFacts(text string) (map[string]Fact, error) {
	out := map[string]Fact{}
	current := Fact{}
	for _, l := range lines(text) {
		switch {
		case l.word == "fact":
			current = Fact{Key: l.rest, Ask: map[string]string{}}
			out[l.rest] = current
		case isLanguage(l.word) && current.Ask != nil:
			current.Ask[l.word] = l.rest
		default:
			return nil, fmt.Errorf("line %d: unknown line %q", l.number, l.word)
		}
	}
	return out, nil
}

// parseCategory reads one file; take says which lines there are.
func parseCategory(text string, facts map[string]Fact) (Category, error) {
	c := Category{Names: map[string]string{}}
	for _, l := range lines(text) {
		if err := c.take(l.word, l.rest, facts); err != nil {
			return Category{}, fmt.Errorf("line %d: %w", l.number, err)
		}
	}
	return c, nil
}

// take adds one line to the category.
// Language lines name the category until the first "faq", and from then on are question | answer of the last one; "ask-"
// lines are other ways to ask it, and "no-" lines questions that no entry answers.
func (c *Category) take(word, rest string, facts map[string]Fact) error {
	switch {
	case word == "category":
		c.Key = rest
	case word == "queue":
		c.Queue = rest
	case word == "priority":
		c.Priority = rest
	case word == "facts":
		for key := range strings.FieldsSeq(rest) {
			f, ok := facts[key]
			if !ok {
				return fmt.Errorf("unknown fact %q", key)
			}
			c.Facts = append(c.Facts, f)
		}
	case word == "faq":
		c.FAQ = append(c.FAQ, FAQ{Key: fmt.Sprintf("%s/%d", c.Key, len(c.FAQ)+1), Question: map[string]string{}, Answer: map[string]string{}, Variants: map[string][]string{}})
	case word == "terms" && len(c.FAQ) > 0:
		c.FAQ[len(c.FAQ)-1].Terms = strings.Split(rest, ", ")
	case strings.HasPrefix(word, "ask-") && len(c.FAQ) > 0:
		return another(c.FAQ[len(c.FAQ)-1].Variants, strings.TrimPrefix(word, "ask-"), rest)
	case strings.HasPrefix(word, "no-"):
		if c.Others == nil {
			c.Others = map[string][]string{}
		}
		return another(c.Others, strings.TrimPrefix(word, "no-"), rest)
	case isLanguage(word) && len(c.FAQ) > 0:
		q, a, ok := strings.Cut(rest, " | ")
		if !ok {
			return fmt.Errorf("question without an answer: %q", rest)
		}
		last := c.FAQ[len(c.FAQ)-1]
		last.Question[word], last.Answer[word] = q, a
	case isLanguage(word):
		c.Names[word] = rest
	default:
		return fmt.Errorf("unknown line %q", word)
	}
	return nil
}

// another adds a question to those of a language.
func another(of map[string][]string, tag, question string) error {
	switch {
	case tag != English && tag != chinese:
		return fmt.Errorf("unknown language %q of a question: write ask-en or ask-zh, no-en or no-zh", tag)
	case question == "":
		return errors.New("no question behind ask-" + tag + " or no-" + tag)
	case utf8.RuneCountInString(question) > maxVariantLength:
		return fmt.Errorf("a question of more than %d characters", maxVariantLength)
	case len(of[tag]) == maxVariants:
		return fmt.Errorf("more than %d questions in %s", maxVariants, tag)
	case slices.Contains(of[tag], question):
		return fmt.Errorf("the question %q stands there twice", question)
	}
	of[tag] = append(of[tag], question)
	return nil
}
