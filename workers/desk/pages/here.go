package pages

import (
	"net/http"

	"frontdesk/workers/store/viewer"
)

// works reports whether the viewer answers anywhere: who only reads is not present or absent.
func works(v viewer.Viewer) bool {
	queues, every := v.Where(viewer.Answer)
	return every || len(queues) > 0
}

// here notes that a page of the viewer's is open, and says what that makes of him. Its script asks every half minute.
func (p *Pages) here(w http.ResponseWriter, r *http.Request) {
	v := p.Viewer(r)
	if !works(v) {
		p.say(w, http.StatusOK, map[string]string{"presence": ""})
		return
	}
	presence, err := p.Presence.Here(r.Context(), v)
	switch {
	case r.Context().Err() != nil:
	case err != nil:
		p.Logger.Error("noting a sign of life failed", "error", err)
		p.say(w, http.StatusServiceUnavailable, nil)
	default:
		p.say(w, http.StatusOK, map[string]string{"presence": presence})
	}
}

// away has the viewer go away, or come back, and shows the list again from which he has said so.
func (p *Pages) away(gone bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		v := p.Viewer(r)
		if !works(v) {
			p.broken(w, r, "", ErrRefused)
			return
		}
		if err := p.Presence.Away(r.Context(), v, gone); err != nil {
			p.broken(w, r, "", err)
			return
		}
		done := "come-back"
		if gone {
			done = "away"
		}
		p.Logger.Info("done at the desk", "act", done, "user", v.User)
		http.Redirect(w, r, to("/desk/"+from(r), "done", done), http.StatusSeeOther)
	}
}
