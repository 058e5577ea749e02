// Package console holds the operator's pages: their HTML templates, words in English and Chinese,
// style and script. It knows how a page looks, and nothing of where its figures come from.
package console

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

// Languages lists them, the default first.
func Languages() []string { return []string{English, Chinese} }

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
	// Zone is named beside the times, so that nobody takes them for his own.
	Zone *time.Location // of the times shown; UTC if nil
	// Words are further words by language and key, such as "category.refund"; they go before the
	// built-in ones.
	Words map[string]map[string]string
	// Assets are the addresses of the files of Assets, by name.
	Assets map[string]string
}

// Pages are the parsed pages in each language. They may be used by many goroutines.
type Pages struct {
	// byLanguage has each page by language and name; words each word by language and key; phrases the sentences of traces in Chinese.
	byLanguage map[string]map[string]*template.Template
	words      map[string]map[string]string
	phrases    *said.Phrases
}

// shared are the files that every page is made with.
func shared() []string { return []string{"pages/layout.html", "pages/parts.html"} }

// New parses the pages.
// It fails only for what is part of the program, which a test finds before. A change of Config needs new Pages.
func New(c Config) (*Pages, error) {
	words, err := words.Read(files, c.Words)
	if err != nil {
		return nil, fmt.Errorf("reading the words of the pages: %w", err)
	}
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("listing the pages: %w", err)
	}
	p := &Pages{byLanguage: map[string]map[string]*template.Template{}, words: words}
	if p.phrases, err = said.Read(words[Chinese]); err != nil {
		return nil, fmt.Errorf("reading the sentences of traces: %w", err)
	}
	for _, lang := range Languages() {
		base, err := template.New("").Funcs(p.funcs(lang, c)).ParseFS(files, shared()...)
		if err != nil {
			return nil, fmt.Errorf("parsing the layout: %w", err)
		}
		if p.byLanguage[lang], err = parsePages(base, names); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// parsePages makes each page of the layout and its own file: a clone each, since all of them define a template "main".
func parsePages(base *template.Template, names []string) (map[string]*template.Template, error) {
	out := map[string]*template.Template{}
	for _, name := range names {
		t, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("parsing page %s: %w", name, err)
		}
		if t, err = t.ParseFS(files, name); err != nil {
			return nil, fmt.Errorf("parsing page %s: %w", name, err)
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

// Part writes one defined template of a page.
// It serves pages that renew a part of themselves. The error names the page; data and templates of other languages are never mixed.
func (p *Pages) Part(w io.Writer, lang, page, part string, data any) error {
	t := p.byLanguage[lang][page]
	if t == nil {
		return fmt.Errorf("rendering %s in %s: %w", page, lang, errNoPage)
	}
	if err := t.ExecuteTemplate(w, part, data); err != nil {
		return fmt.Errorf("rendering %s: %w", page, err)
	}
	return nil
}
