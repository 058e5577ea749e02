// Package signin holds the pages by which people get into the desk: sign-in, a first password, and one's own account; with their words in
// English and Chinese and their style. It knows how a page looks, and nothing of who is let in.
package signin

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
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

// Assets are the style and the icon, by their file names.
func Assets() fs.FS {
	sub, err := fs.Sub(assets, "assets")
	if err != nil {
		return assets // "assets" is a valid path: this cannot be
	}
	return sub
}

// Frame is what every page is built around. Pages embed it.
type Frame struct {
	Title     string // key of the word
	Desk      string // name of the desk
	Lang      string // English or Chinese
	Zone      *time.Location
	Languages []Choice
	Script    bool // the page asks the browser for a passkey
}

// Passkey is the form by which a browser is asked for a passkey.
type Passkey struct {
	Ask, Finish string // where the question is had, and where the answer goes
	Next        string // path to go on to
	First       bool   // it is what the page is for
	Origin      string // address of the pages at which passkeys are good; "" where they cannot be used
	Why         string // key of the sentence that says why not; "" for nothing
	Instead     string // an address at which they can; "" for none
}

// To is the form with where it leads.
func (p Passkey) To(next string) Passkey {
	p.Next = next
	return p
}

// Key is a passkey of one's own.
type Key struct {
	Name, Title string
	Made, Used  time.Time
}

// Choice is one language to choose.
type Choice struct {
	Tag, Name, URL string
	Here           bool
}

// SignIn is the page "signin".
type SignIn struct {
	Frame
	Login  string
	Next   string // path to go on to
	Notice string // key of a sentence; "" for none
	Wrong  string // likewise, what is wrong
	Wait   int    // seconds until another try counts; 0: none
	Issuer string // name of who vouches for people of the company; "" for nobody
	// IssuerURL is where one goes to him.
	IssuerURL string
	Passkey   Passkey
	Kept      string // a text that came with a form of who was not signed in any more; "" for none
}

// Welcome is the page "welcome", on which a person chooses a password. The link that led there is the address that it is posted to.
type Welcome struct {
	Frame
	Login, Name string
	Shortest    int    // characters
	Wrong       string // key of a sentence; "" for none
}

// Step is the page "step", on which somebody shows what he has besides a password.
type Step struct {
	Frame
	Login string
	Next  string // path to go on to
	Wrong string // key of a sentence; "" for none
	Wait  int    // seconds until another try counts; 0: none
	App   bool   // he has an authenticator
	Code  bool   // he has that or recovery codes
	// Passkey is the zero Passkey for who has none.
	Passkey Passkey
}

// Second is the page "second", on which somebody says what he has besides a password.
type Second struct {
	Frame
	Login string
	On    bool // he has an authenticator
	Any   bool // he has that or a passkey
	Left  int  // recovery codes that are left
	Asked bool // his role asks for one
	// Password says that he has one, which is asked for.
	Password bool
	Secret   string   // of one that was begun; "" for none
	Picture  string   // the same, as a path of SVG
	Size     int      // how many units that is wide
	Codes    []string // fresh recovery codes, shown this once
	Wrong    string   // key of what is wrong; "" for nothing
	Done     string   // key of what was done just now; "" for nothing
	Passkey  Passkey
	Keys     []Key
	Full     bool   // there is room for no more of them
	Device   string // what the browser seems to run on
}

// Nothing is the page "nothing", which says one thing.
type Nothing struct {
	Frame
	Message string // key of the sentence
}

// Me is the page "me", of one's own account.
type Me struct {
	Frame
	Login, Name string
	Language    string // "en", "zh" or ""
	Roles       []Role
	Second      bool // he shows something besides a password
	Sessions    []Session
	Shortest    int
	Done        string // key of what was done just now; "" for nothing
	Wrong       string // key of what is wrong with the new password; "" for nothing
}

// Role is what somebody may, and where.
type Role struct{ Role, Queue string }

// Session is one sign-in.
type Session struct {
	ID, Browser, Address string
	Since, Seen          time.Time
	This                 bool // it is the one that asks
}

// Pages are the parsed pages in each language. They may be used by many goroutines.
type Pages struct {
	byLanguage map[string]map[string]*template.Template
	words      map[string]map[string]string
}

// New parses the pages. addresses are those of the files of Assets, by name.
// It fails only for what is part of the program, which a test finds before.
func New(addresses map[string]string) (*Pages, error) {
	words, err := words.Read(files, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the words of the sign-in: %w", err)
	}
	p := &Pages{byLanguage: map[string]map[string]*template.Template{}, words: words}
	for lang, of := range words {
		if p.byLanguage[lang], err = parse(lang, of, addresses); err != nil {
			return nil, fmt.Errorf("parsing the pages of the sign-in: %w", err)
		}
	}
	return p, nil
}

// parse makes each page of the layout and its own file.
func parse(lang string, words, addresses map[string]string) (map[string]*template.Template, error) {
	funcs := template.FuncMap{
		"t":     func(key string, args ...any) string { return word(words, key, args) },
		"lang":  func() string { return map[string]string{English: "en", Chinese: "zh-Hans"}[lang] },
		"asset": func(name string) string { return addresses[name] },
		"when": func(t time.Time, zone *time.Location) string {
			return t.In(zone).Format(map[string]string{English: "2 Jan 2006 15:04", Chinese: "2006年1月2日 15:04"}[lang])
		},
		"proof": func(password bool, id string) map[string]any { return map[string]any{"Password": password, "ID": id} },
		"add":   func(a, b int) int { return a + b },
		"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	}
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

// word is a sentence with its arguments.
func word(words map[string]string, key string, args []any) string {
	text, ok := words[key]
	if !ok {
		return key // so that nothing ever vanishes from a page
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Word is a sentence of the pages, for what their script shows.
func (p *Pages) Word(lang, key string, args ...any) string { return word(p.words[lang], key, args) }

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
