package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sync"

	"frontdesk/configs"
	"frontdesk/configs/rules"
	"frontdesk/pipeline/answer/fit"
	"frontdesk/templates/home"
)

// Answers are the ready answers of an installation, made ready for finding: those of the configuration, and the reviewed built-in ones.
func Answers(c configs.Config) (*fit.Book, error) {
	book, err := fit.New(Entries(c), beside(c))
	if err != nil {
		return nil, fmt.Errorf("reading the ready answers: %w", err)
	}
	return book, nil
}

// Entries are the questions of all categories in their order.
func Entries(c configs.Config) (out []fit.Entry) {
	for _, k := range Categories(c) {
		for _, f := range k.FAQ {
			e := fit.Entry{Key: f.Key, Category: k.Key, Texts: map[string]*fit.Text{}, Terms: f.Terms, BuiltIn: !configured(c, k.Key)}
			for tag, question := range f.Question {
				e.Texts[tag] = &fit.Text{Question: question, Answer: f.Answer[tag]}
			}
			for _, tag := range slices.Sorted(maps.Keys(f.Variants)) {
				e.Variants = append(e.Variants, f.Variants[tag]...)
			}
			out = append(out, e)
		}
	}
	return out
}

// beside are the built-in questions of the categories that the configuration does not replace. A model of its own questions needs
// them, to tell these from others.
func beside(c configs.Config) (out []fit.Aside) {
	for _, k := range home.Categories() {
		if configured(c, k.Key) {
			continue
		}
		for _, f := range k.FAQ {
			out = append(out, fit.Aside{Category: k.Key, Questions: flat(f.Variants)})
		}
		if len(k.Others) > 0 {
			out = append(out, fit.Aside{Category: k.Key, Questions: flat(k.Others)})
		}
	}
	return out
}

// flat are the questions of all languages, in one order.
func flat(by map[string][]string) (out []string) {
	for _, tag := range slices.Sorted(maps.Keys(by)) {
		out = append(out, by[tag]...)
	}
	return out
}

// configured reports whether the configuration has a category of that key.
func configured(c configs.Config, key string) bool {
	return slices.ContainsFunc(c.Categories, func(k rules.Category) bool { return k.Key == key })
}

// keyOf names a question of the configuration in counts. It stays while the question does, wherever it stands in the file.
func keyOf(category string, question map[string]string) string {
	digest := sha256.New()
	for _, tag := range slices.Sorted(maps.Keys(question)) {
		fmt.Fprintf(digest, "%s\x00%s\x00", tag, question[tag])
	}
	return category + "/" + hex.EncodeToString(digest.Sum(nil))[:8]
}

// Searching looks for ready answers, for pages on which customers search. They are made ready when the first one does: most inboxes have no page.
func Searching(c configs.Config) func(text string, n int) []string {
	book := sync.OnceValues(func() (*fit.Book, error) { return Answers(c) })
	return func(text string, n int) (keys []string) {
		b, err := book()
		if err != nil {
			return nil // the settings say so when they load
		}
		for _, m := range b.Search(text, n) {
			keys = append(keys, m.Entry.Key)
		}
		return keys
	}
}
