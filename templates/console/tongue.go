package console

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// tongue is a language's name in the language of the page; a tag that names none is shown as it is.
func (p *Pages) tongue(lang, tag string) string {
	if word, ok := p.words[lang]["language."+tag]; ok {
		return word
	}
	of, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	names := display.English.Tags()
	if lang == Chinese {
		names = display.Chinese.Tags()
	}
	if name := names.Name(of); name != "" {
		return name
	}
	return tag
}
