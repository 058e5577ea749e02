package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's three files
	"encoding/base64"
	"html/template"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"frontdesk/channels"
	"frontdesk/channels/webhook"
	"frontdesk/internal/accepts"
	"frontdesk/pipeline/message"
)

// honeypot is the name of the field that no person sees. Browsers and password managers fill in fields by what stands in
// their name, id and label (name, mail, phone, address, company, website, code, search …), also hidden ones and whatever
// autocomplete says: this name has nothing of that. Programs that fill in whatever takes text don't mind.
const honeypot = "remark_b"

var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageCSS string
	//go:embed page/page.js
	pageJS string
)

// page is the prepared template and the policy that lets its own script and style run, and nothing
// else.
type page struct {
	// template is page.html. policy is the value of Content-Security-Policy: style and script are in the page itself, each allowed by its hash.
	template *template.Template
	policy   string
}

// newPage fails only when page.html is no template, which a test finds before.
func newPage() (page, error) {
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return page{}, err
	}
	policy := "default-src 'none'; script-src " + hashOf(pageJS) + "; style-src " + hashOf(pageCSS) +
		"; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	return page{t, policy}, nil
}

// hashOf is a source expression of a Content-Security-Policy (CSP 3 §2.3.1).
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// shown is what one page shows.
type shown struct {
	// Language is a tag that textsOf knows: zh-Hans, zh-Hant or en.
	Language string
	Values   map[string]string // what was typed, to be shown again
	Problem  string            // key of the text that says what to correct
	Again    bool              // files came along, and no browser shows a form with files chosen
	Done     bool              // the form was received
}

// choice is one option of a list.
type choice struct {
	// Key is posted, Name is read.
	Key, Name string
	Chosen    bool
}

// view is all that the template needs.
// Everything a visitor typed goes through html/template, which escapes it by its place; only Style and Script, which are
// ours, are trusted.
type view struct {
	shown
	Text                  texts
	ProblemText           string
	Desk, Contact, Inbox  string
	Phone, Topic, Order   bool
	Files, FAQ            bool
	Topics, Languages     []choice
	Honeypot              string
	Lifetime, MinimumFill int   // seconds
	MaxTyped, MaxBody     int64 // bytes of all text fields, and of the whole post
	Style                 template.CSS
	Script                template.JS
}

// answer renders a page.
// The whole page is made before anything is sent, so that a fault of the template gives 500 and not half a page.
func (f *Form) answer(status int, show shown) channels.Answer {
	text, _ := textsOf(show.Language)
	v := view{
		shown: show, Text: text, ProblemText: text.Problems[show.Problem],
		Desk: message.Named(f.config.Names, show.Language, f.config.Desk), Contact: f.config.Contact, Inbox: f.config.Inbox,
		Phone: f.shows("phone"), Topic: f.shows("topic") && len(f.config.Topics) > 0, Order: f.shows("order"), Files: f.shows("files"), FAQ: f.answered(show.Language),
		Honeypot: honeypot, Lifetime: int(f.config.Lifetime.Seconds()), MinimumFill: int(f.config.MinimumFill.Seconds()),
		MaxTyped: maxTyped, MaxBody: f.config.MaxBody,
		Style: template.CSS(pageCSS), Script: template.JS(pageJS),
	}
	for _, t := range f.config.Topics {
		v.Topics = append(v.Topics, choice{t.Key, t.name(show.Language), t.Key == show.Values["topic"]})
	}
	for _, l := range f.config.Languages {
		other, _ := textsOf(l)
		v.Languages = append(v.Languages, choice{l, other.Own, l == show.Language})
	}
	var out bytes.Buffer
	if err := f.page.template.Execute(&out, v); err != nil {
		return channels.Answer{Status: http.StatusInternalServerError}
	}
	return channels.Answer{Status: status, Header: f.headers(show.Language), Body: out.Bytes()}
}

// headers let no cache keep what a visitor typed, and no other page frame it.
func (f *Form) headers(tag string) http.Header {
	h := http.Header{}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", tag)
	h.Set("Content-Security-Policy", f.page.policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Language")
	return h
}

// language chooses among the form's languages: the one asked for, else the best of what the browser
// accepts, else the first.
func (f *Form) language(asked, header string) string {
	if slices.Contains(f.config.Languages, asked) {
		return asked
	}
	wanted := accepts.Languages(header)
	if tag, ok := accepts.Tag(asked); ok {
		wanted = []language.Tag{tag}
	}
	if len(wanted) == 0 {
		return f.config.Languages[0]
	}
	_, i, sure := f.matcher.Match(wanted...)
	if sure < language.Low {
		i = 0
	}
	return f.config.Languages[i]
}

// Page serves GET …/form/{inbox}, GET …/form/{inbox}/faq with the desk's questions, and GET …/form/{inbox}/challenge with ?version=2 for ALTCHA's
// second version. It writes nothing and asks nobody.
func (f *Form) Page() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		inbox, last := path.Base(path.Dir(r.URL.Path)), path.Base(r.URL.Path)
		switch {
		case inbox == f.config.Inbox && last == "challenge":
			send(w, f.challenge(r))
		case inbox == f.config.Inbox && last == "faq":
			answer, there := f.questions(r)
			if !there {
				http.Error(w, webhook.NothingHere, http.StatusNotFound)
				return
			}
			send(w, answer)
		case last == f.config.Inbox:
			tag := f.language(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
			send(w, f.blank[tag]) // rendered once: whoever asks without end costs no more than the bytes
		default:
			http.Error(w, webhook.NothingHere, http.StatusNotFound)
		}
	})
}

// challenge answers with a fresh challenge, unless the address has had too many.
// It is written to nobody's memory; the limit only keeps one visitor from having us sign without end.
func (f *Form) challenge(r *http.Request) channels.Answer {
	now := f.config.Clock()
	if wait, ok := f.challenges.Take(caller(f.config.Remote(r)), now); !ok {
		answer := jsonAnswer(http.StatusTooManyRequests, map[string]string{"error": "too many challenges", "what_to_do": "wait and ask again"})
		answer.Header.Set("Retry-After", seconds(wait))
		return answer
	}
	var fresh any
	var err error
	if r.URL.Query().Get("version") == "2" {
		fresh, err = f.altcha.issueV2(now)
	} else {
		fresh, err = f.altcha.issue(now)
	}
	if err != nil {
		return jsonAnswer(http.StatusInternalServerError, map[string]string{"error": "no challenge can be made", "what_to_do": "try again later"})
	}
	return jsonAnswer(http.StatusOK, fresh)
}

// send writes an answer of ours. The header's values are cloned because blank pages are shared by all calls.
func send(w http.ResponseWriter, a channels.Answer) {
	for name, values := range a.Header {
		w.Header()[name] = slices.Clone(values)
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // the visitor has gone; nobody is left to tell
}

// remoteHost is for a form without proxies in front: the address of the connection itself.
func remoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return strings.TrimSpace(r.RemoteAddr)
	}
	return host
}
