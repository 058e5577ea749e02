// Package admin holds the pages by which the desk is looked after: users, queues, calendars, words and inboxes; with their words in English and
// Chinese and their style, which stands upon that of the sign-in. It knows how a page looks, and nothing of rights.
package admin

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

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

// Assets is the style, by its file name.
func Assets() fs.FS {
	sub, err := fs.Sub(assets, "assets")
	if err != nil {
		return assets // "assets" is a valid path: this cannot be
	}
	return sub
}

// Pages are the parsed pages in each language. They may be used by many goroutines.
type Pages struct {
	byLanguage map[string]map[string]*template.Template
}

// New parses the pages. addresses are those of the style and the icon, by name; names are those of queues and categories by language and key
// ("queue.billing", "category.refund").
// It fails only for what is part of the program, which a test finds before.
func New(addresses map[string]string, names map[string]map[string]string) (*Pages, error) {
	words, err := words.Read(files, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the words of the administration: %w", err)
	}
	p := &Pages{byLanguage: map[string]map[string]*template.Template{}}
	for lang, of := range words {
		maps.Copy(of, names[lang])
		if p.byLanguage[lang], err = parse(funcs(lang, of, addresses)); err != nil {
			return nil, fmt.Errorf("parsing the pages of the administration: %w", err)
		}
	}
	return p, nil
}

// parse makes each page of the layout and its own file.
func parse(funcs template.FuncMap) (map[string]*template.Template, error) {
	base, err := template.New("").Funcs(funcs).ParseFS(files, "pages/layout.html")
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
		if err == nil {
			t, err = t.ParseFS(files, name)
		}
		if err != nil {
			return nil, err
		}
		out[strings.TrimSuffix(path.Base(name), ".html")] = t
	}
	return out, nil
}

func funcs(lang string, words, addresses map[string]string) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, args ...any) string {
			word, ok := words[key]
			if !ok {
				return key // so that nothing ever vanishes from a page
			}
			if len(args) == 0 {
				return word
			}
			return fmt.Sprintf(word, args...)
		},
		// named is the word for a value, such as a queue; a value without one is itself.
		"named": func(group, value string) string {
			if word, ok := words[group+"."+value]; ok {
				return word
			}
			return value
		},
		// who is somebody in the log: a login, or the program, or who sits at a terminal.
		"who": func(who string) string {
			if user, ok := strings.CutPrefix(who, "command line, "); ok {
				return fmt.Sprintf(words["log.command"], user)
			}
			return who
		},
		"lang":  func() string { return map[string]string{English: "en", Chinese: "zh-Hans"}[lang] },
		"asset": func(name string) string { return addresses[name] },
		"when": func(t time.Time, zone *time.Location) string {
			if t.IsZero() {
				return words["never"]
			}
			return t.In(zone).Format(map[string]string{English: "2 Jan 2006 15:04", Chinese: "2006年1月2日 15:04"}[lang])
		},
		"iso": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"has": slices.Contains[[]string],
		"join": func(all []string) string {
			return strings.Join(all, map[string]string{English: ", ", Chinese: "、"}[lang])
		},
		"dict": func(pairs ...any) map[string]any {
			out := map[string]any{}
			for i := 0; i+1 < len(pairs); i += 2 {
				out[fmt.Sprint(pairs[i])] = pairs[i+1]
			}
			return out
		},
	}
}

// errNoPage: there is no page of that name.
var errNoPage = errors.New("no such page")

// Render makes a whole page: a file of the folder pages by its name without ".html".
func (p *Pages) Render(lang, page string, data any) ([]byte, error) {
	t, ok := p.byLanguage[lang][page]
	if !ok {
		return nil, fmt.Errorf("rendering %s in %q: %w", page, lang, errNoPage)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "layout", data); err != nil {
		return nil, fmt.Errorf("rendering %s: %w", page, err)
	}
	return out.Bytes(), nil
}
