package signin

import (
	"net/http"
	"net/url"

	"golang.org/x/text/language"

	"frontdesk/internal/accepts"
	"frontdesk/pipeline/message"
	"frontdesk/templates/desk/signin"
	"frontdesk/workers/gate"
)

// languageCookie keeps the language that somebody has chosen; it is the operator's page's, too.
const languageCookie = "frontdesk_lang"

// frame is what a page is built around. It may set the language's cookie, so it comes before anything is written.
func (en *Entrance) frame(w http.ResponseWriter, r *http.Request, title, theirs string) signin.Frame {
	lang := chosen(w, r, theirs)
	f := signin.Frame{Title: title, Lang: lang, Zone: en.Zone, Desk: message.Named(en.DeskNames, lang, en.Desk)}
	self, q := r.URL.Path, url.Values{}
	if r.Method == http.MethodGet {
		q = r.URL.Query()
	} else if self != SignInPath && Viewer(r).User == 0 && r.PathValue("link") == "" {
		self = SignInPath // the answer to a form of another page
	}
	for _, l := range []signin.Choice{{Tag: signin.English, Name: "English"}, {Tag: signin.Chinese, Name: "中文"}} {
		q.Set("lang", l.Tag)
		l.URL, l.Here = self+"?"+q.Encode(), l.Tag == lang
		f.Languages = append(f.Languages, l)
	}
	return f
}

// chosen is the page's language: asked for now, chosen before, that of the person, or what the browser prefers.
func chosen(w http.ResponseWriter, r *http.Request, theirs string) string {
	if asked := r.URL.Query().Get("lang"); known(asked) {
		keepLanguage(w, r, asked)
		return asked
	}
	if c, err := r.Cookie(languageCookie); err == nil && known(c.Value) {
		return c.Value
	}
	wanted := accepts.Languages(r.Header.Get("Accept-Language"))
	if tag, ok := accepts.Tag(theirs); ok {
		wanted = []language.Tag{tag}
	}
	if len(wanted) == 0 {
		return signin.English
	}
	return pageLanguage(wanted...)
}

// Language is the language of a page for who is signed in. It may set the language's cookie, so it comes before anything is written.
func Language(w http.ResponseWriter, r *http.Request) string { return chosen(w, r, Viewer(r).Language) }

// pageLanguage is the nearest language that there are pages in.
func pageLanguage(wanted ...language.Tag) string {
	_, i, _ := language.NewMatcher([]language.Tag{language.English, language.Chinese}).Match(wanted...)
	return []string{signin.English, signin.Chinese}[i]
}

func known(lang string) bool { return lang == signin.English || lang == signin.Chinese }

// keepLanguage keeps a choice for a year; "" forgets it.
func keepLanguage(w http.ResponseWriter, r *http.Request, lang string) {
	age := 365 * 24 * 3600
	if lang == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: lang, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: gate.Secure(r)})
}

func (en *Entrance) signInPage(w http.ResponseWriter, r *http.Request) signin.SignIn {
	p := signin.SignIn{Frame: en.frame(w, r, "title.signin", "")}
	p.Passkey = en.keyForm(r, keyPath, "")
	p.Script = p.Passkey.Origin != ""
	if en.Issuer != nil {
		p.Issuer, p.IssuerURL = en.Issuer.Name, issuerPath
	}
	return p
}

// render writes a whole page, or nothing of it when it cannot be made.
func (en *Entrance) render(w http.ResponseWriter, r *http.Request, status int, lang, page string, data any) {
	html, err := en.pages.Render(lang, page, data)
	if err != nil {
		en.Logger.Error("rendering a page of the desk failed", "path", page, "error", err)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(html) // the browser has gone away
	}
}

// nothing answers with a page that says one thing, whose key message is.
func (en *Entrance) nothing(w http.ResponseWriter, r *http.Request, status int, title, message string) {
	p := signin.Nothing{Frame: en.frame(w, r, title, Viewer(r).Language), Message: message}
	en.render(w, r, status, p.Lang, "nothing", p)
}

func (en *Entrance) nowhere(w http.ResponseWriter, r *http.Request) {
	en.nothing(w, r, http.StatusNotFound, "nothing.page", "nothing.page")
}

// elsewhere refuses what a page of another site has a browser send.
func (en *Entrance) elsewhere(w http.ResponseWriter, r *http.Request) {
	en.nothing(w, r, http.StatusForbidden, "nothing.forbidden", "nothing.forbidden")
}

// broken answers for a store that could not be asked: 503, to be tried again in five seconds. Nothing is said to who has gone away.
func (en *Entrance) broken(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	en.Logger.Error("serving the entrance of the desk failed", "error", err)
	w.Header().Set("Retry-After", "5")
	en.nothing(w, r, http.StatusServiceUnavailable, "nothing.busy", "nothing.busy")
}

// asking is a path with those of the pairs that have a value.
func asking(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func pathURL(path string) *url.URL { return &url.URL{Path: path} }
