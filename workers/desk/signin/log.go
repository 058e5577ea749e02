package signin

import (
	"net/http"
	"strings"

	"frontdesk/workers/store/logbook"
)

// quiet are patterns that are not worth a line of the log: what a page does by itself, and what changes nothing but one's own view.
var quiet = []string{"POST /desk/here", "POST /desk/tickets/{number}/here", "POST /desk/tickets/{number}/saw", "POST /desk/tickets/{number}/draft", "POST /desk/tickets/{number}/preview",
	"POST /desk/away", "POST /desk/back", "GET /desk/tickets/{number}/news", "GET /desk/tickets/{number}/snippets"}

// told are the pages that are read of customers and of colleagues, by how their patterns begin. Lists are not among them: they show the beginnings
// of what everybody there may read.
var told = []string{"GET /desk/tickets/", "GET /desk/search", "GET /desk/parked", "GET /desk/admin/users/", "GET /desk/admin/log"}

// actOf is what a pattern does, as the log names it, and which of its parts say with what; ok is false for what is not noted.
func actOf(pattern string) (act string, parts []string, ok bool) {
	method, path, _ := strings.Cut(pattern, " ")
	ok = method == http.MethodPost
	for _, begins := range told {
		ok = ok || strings.HasPrefix(pattern, begins)
	}
	for _, not := range quiet {
		ok = ok && pattern != not
	}
	var words []string
	if method == http.MethodGet {
		words = append(words, "read")
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "/desk/"), "/") {
		if name, is := strings.CutPrefix(part, "{"); is {
			parts = append(parts, strings.TrimSuffix(name, "}"))
			continue
		}
		words = append(words, part)
	}
	return strings.Join(words, "-"), parts, ok
}

// ActOf is what the log calls what a route of that pattern does; empty: it is not noted.
func ActOf(pattern string) string {
	if act, _, ok := actOf(pattern); ok {
		return act
	}
	return ""
}

// logged notes who does or reads what, before that is done: where it cannot be noted it is not done.
func (en *Entrance) logged(pattern string, next http.HandlerFunc) http.HandlerFunc {
	act, parts, ok := actOf(pattern)
	if !ok || en.Log == nil {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request) {
		var of []string
		for _, part := range parts {
			of = append(of, r.PathValue(part))
		}
		if err := en.note(r, Viewer(r).Login, act, strings.Join(of, " ")); err != nil {
			en.broken(w, r, err)
			return
		}
		next(w, r)
	}
}

// note notes something that somebody does. Of a session its name is kept, by which it is listed and ended.
func (en *Entrance) note(r *http.Request, who, act, object string) error {
	if en.Log == nil {
		return nil
	}
	g, _ := r.Context().Value(signedIn{}).(guest)
	return en.Log.Note(r.Context(), logbook.Line{At: en.Now(), Who: who, Act: act, Object: object, Detail: g.ID})
}
