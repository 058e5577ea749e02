// Package alerts is the page on which somebody at the desk says what he wants to be told, and how, tries it, and sees what became of it.
package alerts

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"frontdesk/internal/assets"
	"frontdesk/internal/publicnet"
	"frontdesk/pipeline/domain/alerts"
	"frontdesk/pipeline/message"
	show "frontdesk/templates/desk/signin"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/store/alerting"
)

// Path is where the page is.
const Path = signin.MePath + "/alerts"

// Config is what the pages stand on.
type Config struct {
	Store     *alerting.Store
	Rules     alerting.Rules
	Private   bool              // webhooks may lie in private networks
	Desk      string            // name of the desk
	DeskNames map[string]string // by language (BCP 47), in its place
	Zone      *time.Location    // of the desk; UTC if nil
	Logger    *slog.Logger
	Now       func() time.Time // nil: time.Now
}

// Pages serves the page. It is safe for concurrent use.
type Pages struct {
	Config
	pages *show.Pages
}

// New makes the page. It fails only for what is part of the program.
func New(c Config) (*Pages, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	files, err := assets.Load(show.Assets(), signin.AssetsPath)
	if err != nil {
		return nil, fmt.Errorf("making the page of notifications: %w", err)
	}
	p := &Pages{Config: c}
	if p.pages, err = show.New(files.Addresses); err != nil {
		return nil, fmt.Errorf("making the page of notifications: %w", err)
	}
	return p, nil
}

// Routes are the handlers by their patterns.
func (p *Pages) Routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{"GET " + Path: p.page, "POST " + Path: p.choose, "POST " + Path + "/webhook": p.hook, "POST " + Path + "/test": p.test}
}

// page shows what was chosen. What was done before stands in the address; only words of this list are taken from it.
func (p *Pages) page(w http.ResponseWriter, r *http.Request) {
	done := ""
	if word := r.URL.Query().Get("done"); slices.Contains([]string{"saved", "removed", "on", "test"}, word) {
		done = "alerts.done." + word
	}
	p.shows(w, r, http.StatusOK, show.Alerts{Done: done})
}

// shows makes the page around what is already said on it.
func (p *Pages) shows(w http.ResponseWriter, r *http.Request, status int, out show.Alerts) {
	v := signin.Viewer(r)
	chosen, err := p.Store.Of(r.Context(), v)
	var sent []alerting.Sent
	if err == nil {
		sent, err = p.Store.Sent(r.Context(), v, shown)
	}
	if err != nil {
		p.failed(w, r, err)
		return
	}
	out.Frame = p.frame(w, r)
	out.User, out.Email, out.Host, out.Mail, out.Style = v.User, chosen.Email, chosen.Host, string(chosen.Mail), string(chosen.Style)
	ways := append([]alerts.Way{alerts.Show, alerts.Sound}, p.Rules.Ways()...)
	for _, way := range ways {
		out.Ways = append(out.Ways, string(way))
	}
	for _, kind := range alerts.Kinds() {
		line := show.AlertLine{Kind: string(kind)}
		for _, way := range ways {
			line.Ways = append(line.Ways, show.AlertWay{Way: string(way), On: chosen.Wants(kind, way)})
		}
		out.Kinds = append(out.Kinds, line)
	}
	for _, way := range p.Rules.Ways() {
		if s := chosen.States[way]; !s.Failing.IsZero() {
			out.Failing = append(out.Failing, show.AlertFails{Way: string(way), Since: s.Failing, Reason: s.Reason, Off: !s.Off.IsZero()})
		}
	}
	for _, s := range sent {
		out.Sent = append(out.Sent, show.AlertSent{Way: string(s.Way), N: s.N, Test: s.Test, At: s.At, State: state(s.State), Error: s.Error})
	}
	out.Minutes, out.Hourly = int(p.Rules.Bounds.Gather/time.Minute), p.Rules.Bounds.Hourly
	p.render(w, r, status, out)
}

// shown is how much of what was sent is listed.
const shown = 10

// state is what became of a row, as the page says it.
func state(of string) string {
	switch of {
	case "sent", "delivered":
		return "sent"
	case "failed", "withheld":
		return of
	}
	return "due"
}

// maxForm bounds what a form may send.
const maxForm = 16 << 10

// choose keeps what somebody wants to be told.
func (p *Pages) choose(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v := signin.Viewer(r)
	if err := r.ParseForm(); err != nil {
		p.shows(w, r, http.StatusUnprocessableEntity, show.Alerts{Wrong: "alerts.wrong.form"})
		return
	}
	was, err := p.Store.Choice(r.Context(), v)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	on := map[string]bool{}
	for _, one := range r.PostForm["on"] {
		on[one] = true
	}
	offered := append([]alerts.Way{alerts.Show, alerts.Sound}, p.Rules.Ways()...)
	c := alerts.Choice{On: map[alerts.Kind][]alerts.Way{}}
	for _, kind := range alerts.Kinds() {
		for _, way := range alerts.Ways() {
			if slices.Contains(offered, way) && on[string(kind)+"|"+string(way)] || !slices.Contains(offered, way) && was.Wants(kind, way) { // what the house does not offer now stays as it was
				c.On[kind] = append(c.On[kind], way)
			}
		}
	}
	kept := alerts.Read(c.String(), alerts.When(r.PostFormValue("mail")), was.Style)
	if err := p.Store.Choose(r.Context(), v, kept, p.Now()); err != nil {
		p.failed(w, r, err)
		return
	}
	http.Redirect(w, r, Path+"?done=saved", http.StatusSeeOther)
}

// hook keeps somebody's webhook, takes it away, or has it called again.
func (p *Pages) hook(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v := signin.Viewer(r)
	style := alerts.Style(r.PostFormValue("style"))
	switch {
	case !p.Rules.Hooks:
		p.shows(w, r, http.StatusForbidden, show.Alerts{Wrong: "alerts.wrong.none"})
	case r.PostFormValue("do") == "remove":
		_, err := p.Store.SetHook(r.Context(), v, "", "", alerts.Text, p.Now())
		p.did(w, r, "removed", err)
	case r.PostFormValue("do") == "on":
		p.did(w, r, "on", p.Store.SwitchOn(r.Context(), v))
	default:
		address := strings.TrimSpace(r.PostFormValue("url"))
		host, ok := Address(address, p.Private)
		if !ok || !slices.Contains([]alerts.Style{alerts.Text, alerts.Signed}, style) {
			p.shows(w, r, http.StatusUnprocessableEntity, show.Alerts{Wrong: "alerts.wrong.url"})
			return
		}
		secret, err := p.Store.SetHook(r.Context(), v, address, host, style, p.Now())
		if err != nil {
			p.failed(w, r, err)
			return
		}
		p.Logger.Info("somebody has set up a webhook of his own", "user", v.User)
		if style != alerts.Signed {
			secret = ""
		}
		w.Header().Set("Cache-Control", "no-store")
		p.shows(w, r, http.StatusOK, show.Alerts{Done: "alerts.done.saved", Secret: secret})
	}
}

// test sends a word in one way.
func (p *Pages) test(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := p.Store.Test(r.Context(), signin.Viewer(r), p.Rules, alerts.Way(r.PostFormValue("way")), p.Now())
	switch {
	case errors.Is(err, alerting.ErrNone):
		p.shows(w, r, http.StatusUnprocessableEntity, show.Alerts{Wrong: "alerts.wrong.none"})
	case errors.Is(err, alerting.ErrMany):
		p.shows(w, r, http.StatusTooManyRequests, show.Alerts{Wrong: "alerts.wrong.many"})
	default:
		p.did(w, r, "test", err)
	}
}

// did goes back to the page, which says what was done.
func (p *Pages) did(w http.ResponseWriter, r *http.Request, done string, err error) {
	if err != nil {
		p.failed(w, r, err)
		return
	}
	http.Redirect(w, r, Path+"?done="+done, http.StatusSeeOther)
}

// longest is how long the address of a webhook may be.
const longest = 2000

// Address reports whether a webhook may have that address, and gives its host to be shown. Where its name leads to is looked at when it is called: this only
// says at once what could never be called. private: it may lie in a private network, and need no https.
func Address(text string, private bool) (host string, ok bool) {
	u, err := url.Parse(text)
	if err != nil || len(text) > longest || u.Hostname() == "" || u.User != nil || u.Opaque != "" || u.Scheme != "https" && (!private || u.Scheme != "http") {
		return "", false
	}
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return "", false
	}
	if private {
		return name, true
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		if !publicnet.Public(ip) {
			return "", false
		}
		return name, true
	}
	if name == "localhost" || strings.HasSuffix(name, ".localhost") || !strings.Contains(name, ".") {
		return "", false
	}
	return name, true
}

// frame is what the page is built around.
func (p *Pages) frame(w http.ResponseWriter, r *http.Request) show.Frame {
	lang := signin.Language(w, r)
	f := show.Frame{Title: "title.alerts", Lang: lang, Zone: p.Zone, Desk: message.Named(p.DeskNames, lang, p.Desk)}
	for _, l := range []show.Choice{{Tag: show.English, Name: "English"}, {Tag: show.Chinese, Name: "中文"}} {
		l.URL, l.Here = Path+"?lang="+l.Tag, l.Tag == lang
		f.Languages = append(f.Languages, l)
	}
	return f
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, out show.Alerts) {
	html, err := p.pages.Render(out.Lang, "alerts", out)
	if err != nil {
		p.Logger.Error("rendering a page of the desk failed", "path", Path, "error", err)
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

// failed answers for a store that could not be asked.
func (p *Pages) failed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	p.Logger.Error("serving the page of notifications failed", "error", err)
	w.Header().Set("Retry-After", "5")
	http.Error(w, "the desk does not answer", http.StatusServiceUnavailable)
}
