package classify

import (
	"fmt"
	"strconv"
	"strings"
)

// Rules say which words speak for which category.
type Rules struct {
	// Threshold is the score that a category must reach; below it the message is "other".
	// 0 means defaultThreshold.
	Threshold float64
	// Subject is the factor by which a term in the subject weighs more. 0 means defaultSubject.
	Subject float64
	// Negators are phrases that take back what follows them at once, such as "不是要".
	Negators []string
	// Categories in the order in which they win a tie.
	Categories []Category
}

// Defaults of Rules.
const (
	defaultThreshold = 2.0
	defaultSubject   = 1.5
)

// Category is one category with its terms.
type Category struct {
	// Key is what configuration, texts and database call it, such as refund; it never changes.
	Key   string
	Terms []Term
}

// Term is one sign for a category. It counts once for a message, however often it occurs.
type Term struct {
	// Groups must all occur in the same sentence, in any order; of each group one word or phrase
	// is enough. Words are compared folded (see Folder) and, where they are not Chinese, as whole
	// words; an asterisk at the end or at the beginning lets them go on: "refund*".
	Groups [][]string
	// Not lists words and phrases that must not occur in that sentence.
	Not []string
	// Weight is added to the category's score; it may be negative.
	Weight float64
	// Must says that no learned model may overrule the term: see Finding.Must. Under Other it is the rules' own choice that stands.
	Must bool
	// Language confines the term to messages in that language ("zh" includes "zh-Hant"). Empty
	// means all; a message whose language is not known is in all.
	Language string
}

// ParseRules reads rules from their text form:
//
//	# a comment
//	threshold 2                           a number of Rules: threshold, subject
//	negators 不是要 | no need for
//	@pay = 付款 | 支付 | pay*              a set of words, usable below as @pay
//	[payment-failed]                      a category, its terms follow
//	3 支付失败 | payment failed             weight and alternatives
//	2.5 @pay + 失败 | fail* ! 已失败         all of several groups; after ! what must not occur
//	1 en: declined                        only in that language
//	4! 盗刷 | hacked                       what no learned model may overrule; 0! counts nothing beside that
//
// The error names the line. A set must stand above its first use; a set or a category that comes twice is continued.
func ParseRules(text string) (Rules, error) {
	p := parser{sets: map[string][]string{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := p.line(line); err != nil {
			return Rules{}, fmt.Errorf("reading rules, line %d: %w", n, err)
		}
	}
	return p.rules, nil
}

// parser keeps what was read so far; sets are by their name with the @.
type parser struct {
	rules Rules
	sets  map[string][]string
}

// line reads one line that is neither empty nor a comment, by its first word.
func (p *parser) line(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case line[0] == '[':
		key, ok := strings.CutSuffix(line[1:], "]")
		if !ok || key == "" {
			return fmt.Errorf("category without a name or bracket: %q", line)
		}
		p.rules.Categories = append(p.rules.Categories, Category{Key: key})
		return nil
	case line[0] == '@':
		return p.set(line)
	case word == "threshold":
		return number(rest, &p.rules.Threshold)
	case word == "subject":
		return number(rest, &p.rules.Subject)
	case word == "negators":
		words, err := p.words(rest)
		p.rules.Negators = append(p.rules.Negators, words...)
		return err
	}
	return p.term(word, rest)
}

// number reads a number into a field.
func number(text string, into *float64) error {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		return fmt.Errorf("reading number: %w", err)
	}
	*into = n
	return nil
}

// set reads "@name = words".
func (p *parser) set(line string) error {
	name, list, ok := strings.Cut(line, "=")
	if !ok {
		return fmt.Errorf("set without =: %q", line)
	}
	name = strings.TrimSpace(name)
	words, err := p.words(list)
	p.sets[name] = append(p.sets[name], words...)
	return err
}

// term reads "weight [language: ]group + group ! words" into the last category. The signs stand between spaces, so that words may hold them.
func (p *parser) term(weight, rest string) error {
	if len(p.rules.Categories) == 0 {
		return fmt.Errorf("term before the first category: %q", rest)
	}
	t := Term{}
	weight, t.Must = strings.CutSuffix(weight, "!")
	if err := number(weight, &t.Weight); err != nil {
		return err
	}
	rest = strings.TrimSpace(rest)
	if strings.HasSuffix(rest, " !") || strings.HasSuffix(rest, " +") {
		return fmt.Errorf("no words behind the last sign: %q", rest)
	}
	if lang, after, ok := strings.Cut(rest, ": "); ok && !strings.ContainsAny(lang, " |+") {
		t.Language, rest = lang, after
	}
	rest, not, excludes := strings.Cut(rest, " ! ")
	if excludes {
		words, err := p.words(not)
		if err != nil {
			return err
		}
		t.Not = words
	}
	for group := range strings.SplitSeq(rest, " + ") {
		words, err := p.words(group)
		if err != nil {
			return err
		}
		t.Groups = append(t.Groups, words)
	}
	c := &p.rules.Categories[len(p.rules.Categories)-1]
	c.Terms = append(c.Terms, t)
	return nil
}

// words reads alternatives and puts sets in.
func (p *parser) words(list string) ([]string, error) {
	var out []string
	for word := range strings.SplitSeq(list, "|") {
		word = strings.TrimSpace(word)
		switch {
		case word == "":
			return nil, fmt.Errorf("empty word in %q", list)
		case word[0] != '@':
			out = append(out, word)
		case p.sets[word] == nil:
			return nil, fmt.Errorf("unknown set %s", word)
		default:
			out = append(out, p.sets[word]...)
		}
	}
	return out, nil
}
