// Package desk holds the agents' pages: what they show, as plain structs, their HTML templates, words in English and Chinese, style
// and script. It knows how a page looks, and nothing of where its figures come from.
package desk

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"frontdesk/templates/said"
	"frontdesk/templates/words"
)

// Languages of the pages.
// zh is Simplified Chinese.
const (
	English = "en"
	Chinese = "zh"
)

//go:embed pages/*.html words.txt
var files embed.FS

//go:embed assets
var assets embed.FS

// Assets are the style, the script and the icon, by their file names.
func Assets() fs.FS {
	sub, err := fs.Sub(assets, "assets")
	if err != nil {
		return assets // "assets" is a valid path: this cannot be
	}
	return sub
}

// Config says how pages are rendered.
type Config struct {
	// Zone is that of the desk: "today" depends on it.
	Zone *time.Location // of the times shown; UTC if nil
	// Words are further words by language and key, such as "category.refund" and "queue.payments"; they go before the built-in ones.
	Words map[string]map[string]string
	// Assets are the addresses of the files of Assets, by name.
	Assets map[string]string
}

// Pages are the parsed pages in each language. They may be used by many goroutines.
type Pages struct {
	byLanguage map[string]map[string]*template.Template
	words      map[string]map[string]string
	phrases    *said.Phrases // what the line says, in Chinese
	zone       *time.Location
}

// New parses the pages.
// It fails only for what is part of the program, which a test finds before.
func New(c Config) (*Pages, error) {
	words, err := words.Read(files, c.Words)
	if err != nil {
		return nil, fmt.Errorf("reading the words of the desk: %w", err)
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	p := &Pages{byLanguage: map[string]map[string]*template.Template{}, words: words, zone: c.Zone}
	if p.phrases, err = said.Read(words[Chinese]); err != nil {
		return nil, fmt.Errorf("reading what the line says: %w", err)
	}
	for _, lang := range []string{English, Chinese} {
		if p.byLanguage[lang], err = p.parse(lang, c); err != nil {
			return nil, fmt.Errorf("parsing the pages of the desk: %w", err)
		}
	}
	return p, nil
}

// shared are the files that every page is made with.
func shared() []string {
	return []string{"pages/layout.html", "pages/icons.html", "pages/parts.html", "pages/live.html", "pages/acts.html"}
}

// parse makes each page of the shared files and its own: a clone each, since all of them define the same areas.
func (p *Pages) parse(lang string, c Config) (map[string]*template.Template, error) {
	base, err := template.New("").Funcs(p.funcs(lang, c)).ParseFS(files, shared()...)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		return nil, err
	}
	out := map[string]*template.Template{}
	for _, name := range names {
		t, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if t, err = t.ParseFS(files, name); err != nil {
			return nil, err
		}
		out[strings.TrimSuffix(path.Base(name), ".html")] = t
	}
	return out, nil
}

// errNoPage: there is no page of that name.
var errNoPage = errors.New("no such page")

// Render writes a whole page: a file of the folder pages by its name without ".html".
// A fault in the middle leaves half a page in w: callers give a buffer.
func (p *Pages) Render(w io.Writer, lang, page string, data any) error {
	return p.Part(w, lang, page, "layout", data)
}

// Part writes one part of a page, such as the lines of a ticket before those that are shown.
func (p *Pages) Part(w io.Writer, lang, page, part string, data any) error {
	t, ok := p.byLanguage[lang][page]
	if !ok {
		return fmt.Errorf("rendering %s in %q: %w", page, lang, errNoPage)
	}
	if err := t.ExecuteTemplate(w, part, data); err != nil {
		return fmt.Errorf("rendering %s of %s: %w", part, page, err)
	}
	return nil
}

// Text is the word of that key in that language, with its verbs filled in. A key without a word stands for itself.
func (p *Pages) Text(lang, key string, args ...any) string { return p.text(lang, key, args...) }

// Value is the word for a value of that group, such as a queue; a value without one is itself.
func (p *Pages) Value(lang, group, value string) string { return p.value(lang, group, value) }
