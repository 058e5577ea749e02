package console

import (
	"fmt"
)

// text is the word of that key with its verbs filled in. A key without a word stands for itself, so
// that nothing ever vanishes from a page.
func (p *Pages) text(lang, key string, args ...any) string {
	word, ok := p.words[lang][key]
	if !ok {
		word = key
	}
	if len(args) == 0 {
		return word
	}
	return fmt.Sprintf(word, args...)
}

// value is the word for a value that the database gave, such as a state or a cause. A value that
// has none is shown as it is.
func (p *Pages) value(lang, group string, value any) string {
	s := fmt.Sprint(value)
	if word, ok := p.words[lang][group+"."+s]; ok {
		return word
	}
	return s
}

// Trace is what a stage of the line said, in that language (package said).
func (p *Pages) Trace(lang, words string) string { return p.phrases.In(lang, words) }

// Text is the word of that key in that language.
func (p *Pages) Text(lang, key string, args ...any) string { return p.text(lang, key, args...) }

// Value is the word for a value of that group, such as a state; a value without one is itself.
func (p *Pages) Value(lang, group, value string) string { return p.value(lang, group, value) }
