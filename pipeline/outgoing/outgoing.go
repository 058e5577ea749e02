// Package outgoing looks through what an agent is about to send: for numbers that must not travel in the open, and for words that the desk
// does not want said. It is pure, and takes time in proportion to the text.
package outgoing

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/redact"
	"frontdesk/pipeline/words"
)

// Action is what becomes of a text in which something was found.
type Action string

// The actions. The zero Action is Off.
const (
	Off   Action = "off"   // nothing
	Warn  Action = "warn"  // it goes when its writer says so, which is kept
	Block Action = "block" // it does not go
)

// Kinds of what is found. They stand in entries; none may be renamed.
const (
	Card     = "card"     // payment card number
	Identity = "identity" // identity number of mainland China
	Word     = "word"     // a forbidden word
)

// Finding is one thing in a text.
type Finding struct {
	Kind   string
	Of     string // the forbidden word, as it is configured; never a number
	Action Action // Warn or Block
}

// Key names a finding, so that a page can say which ones its writer was shown.
func (f Finding) Key() string {
	if f.Of == "" {
		return f.Kind
	}
	return f.Kind + ":" + f.Of
}

// Words are words of one kind.
type Words struct {
	Languages []string // of the customer (BCP 47); none: any
	Words     []string
	Action    Action
}

// Config is what is looked for.
type Config struct {
	Mask            *redact.Masker // what is a card's or an identity number, and what is an order's; nil: the built-in forms
	Cards, Identity Action
	Words           []Words
}

// Check looks through texts. The zero Check looks for nothing. It is safe for concurrent use, and never changed.
type Check struct {
	config Config
	lists  []*words.List
	said   []map[string]string // folded word → as it is configured
	simple *words.Simplifier
}

// New makes a check. Its error says which word cannot be looked for.
func New(c Config) (*Check, error) {
	out := &Check{config: c, simple: words.NewSimplifier()}
	for _, w := range c.Words {
		said := map[string]string{}
		var all []string
		for _, word := range w.Words {
			folded := strings.Join(strings.Fields(out.fold(word)), " ")
			if len(folded) < 2 {
				return nil, fmt.Errorf("reading forbidden words: %q is too short to be looked for", word)
			}
			if said[folded] == "" {
				all = append(all, folded)
			}
			said[folded] = word
		}
		out.lists, out.said = append(out.lists, words.NewList(all...)), append(out.said, said)
	}
	return out, nil
}

// Look looks through a text to a customer of that language (BCP 47), and gives each thing once: numbers first, then words in the order in
// which they are configured.
func (c *Check) Look(text, language string) (found []Finding) {
	if c == nil || text == "" {
		return nil
	}
	if on(c.config.Cards) || on(c.config.Identity) {
		_, masked := c.config.Mask.Text(text)
		for _, m := range masked {
			switch {
			case m.Kind == redact.Card && on(c.config.Cards):
				found = append(found, Finding{Kind: Card, Action: c.config.Cards})
			case m.Kind == redact.NationalID && on(c.config.Identity):
				found = append(found, Finding{Kind: Identity, Action: c.config.Identity})
			}
		}
	}
	if len(c.lists) == 0 {
		return found
	}
	folded := c.fold(text)
	for i, list := range c.lists {
		if w := c.config.Words[i]; on(w.Action) && speaks(w.Languages, language) {
			found = append(found, c.words(folded, list, i)...)
		}
	}
	return found
}

// words are those of a list that stand in a folded text.
func (c *Check) words(folded string, list *words.List, i int) (found []Finding) {
	there := map[string]bool{}
	list.In(folded, func(from, to int) bool {
		if whole(folded, from, to) {
			there[folded[from:to]] = true
		}
		return false
	})
	for _, word := range c.config.Words[i].Words {
		if key := strings.Join(strings.Fields(c.fold(word)), " "); there[key] {
			delete(there, key)
			found = append(found, Finding{Kind: Word, Of: c.said[i][key], Action: c.config.Words[i].Action})
		}
	}
	return found
}

// Mask masks what must not be kept readable in a text, such as a note: all that is masked in messages of customers. A Check that is nil has
// the built-in forms.
func (c *Check) Mask(text string) string {
	var mask *redact.Masker
	if c != nil {
		mask = c.config.Mask
	}
	masked, _ := mask.Text(text)
	return masked
}

// Blocks reports whether one of the findings does not go.
func Blocks(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Action == Block })
}

// Kinds are the kinds of findings, each once and in order.
func Kinds(found []Finding) (out []string) {
	for _, f := range found {
		if !slices.Contains(out, f.Kind) {
			out = append(out, f.Kind)
		}
	}
	return out
}

func on(a Action) bool { return a == Warn || a == Block }

// speaks reports whether words count for customers of a language. Of one that is not known all do.
func speaks(languages []string, language string) bool {
	return len(languages) == 0 || language == "" || language == "und" || message.Speaks(languages, language)
}

// fold is a text as words are looked for in it: in lower case, of usual width, in Simplified characters, with one space for many, and
// without signs that nobody sees.
func (c *Check) fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	space := false
	for _, r := range text {
		r = words.Narrow(r)
		switch {
		case unicode.Is(unicode.Cf, r):
			continue
		case unicode.IsSpace(r):
			space = true
			continue
		case words.Han(r):
			r = c.simple.Simple(r)
		default:
			r = unicode.ToLower(r)
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// whole reports whether a word stands by itself. Where it ends in a letter of an alphabet no letter may follow; Chinese has no such ends.
func whole(s string, from, to int) bool {
	first, _ := utf8.DecodeRuneInString(s[from:])
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	last, _ := utf8.DecodeLastRuneInString(s[:to])
	after, _ := utf8.DecodeRuneInString(s[to:])
	return !(spelt(first) && spelt(before)) && !(spelt(last) && spelt(after))
}

// spelt reports whether a sign is one of words that are written with spaces between them.
func spelt(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}
