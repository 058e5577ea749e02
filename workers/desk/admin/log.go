package admin

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"frontdesk/templates/desk/admin"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/store/logbook"
)

const (
	logLines = 100  // of a page
	csvLines = 5000 // that are read at a time
)

// sought is what is looked for in the log; days are those of the desk.
func (p *Pages) sought(r *http.Request) (k logbook.Seek) {
	q := r.URL.Query()
	k = logbook.Seek{Who: strings.ToLower(strings.TrimSpace(q.Get("who"))), Act: strings.TrimSpace(q.Get("act")), Object: strings.TrimSpace(q.Get("object"))}
	if day, err := time.ParseInLocation(time.DateOnly, q.Get("from"), p.Zone); err == nil {
		k.From = day
	}
	if day, err := time.ParseInLocation(time.DateOnly, q.Get("to"), p.Zone); err == nil {
		k.To = day.AddDate(0, 0, 1) // that day, too
	}
	if n, err := strconv.ParseInt(q.Get("before"), 10, 64); err == nil {
		k.Before = n
	}
	return k
}

// log lists who did and read what.
func (p *Pages) log(w http.ResponseWriter, r *http.Request) {
	k := p.sought(r)
	k.Limit = logLines + 1
	lines, err := p.Log.List(r.Context(), signin.Viewer(r), k)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	q := r.URL.Query()
	page := admin.Log{Frame: p.frame(w, r, "log", "log"), Who: k.Who, Act: k.Act, Object: k.Object, From: day(k.From), To: q.Get("to")}
	if k.To.IsZero() {
		page.To = ""
	}
	kept := url.Values{}
	for _, name := range []string{"who", "act", "object", "from", "to"} {
		if v := q.Get(name); v != "" {
			kept.Set(name, v)
		}
	}
	page.CSV = Path + "/log.csv?" + kept.Encode()
	if len(lines) > logLines {
		lines = lines[:logLines]
		kept.Set("before", strconv.FormatInt(lines[logLines-1].N, 10))
		page.Next = Path + "/log?" + kept.Encode()
	}
	for _, l := range lines {
		page.Lines = append(page.Lines, admin.Entry(l))
	}
	p.render(w, http.StatusOK, page.Lang, "log", page)
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// export writes the log as CSV, the newest line first, page by page: memory stays as it is, however long it is.
func (p *Pages) export(w http.ResponseWriter, r *http.Request) {
	k, v := p.sought(r), signin.Viewer(r)
	k.Limit = csvLines
	lines, err := p.Log.List(r.Context(), v, k)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="log.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"n", "at", "who", "act", "object", "detail", "hash"}) // Error tells at the end
	for len(lines) > 0 {
		for _, l := range lines {
			_ = out.Write([]string{strconv.FormatInt(l.N, 10), l.At.UTC().Format(time.RFC3339Nano), plain(l.Who), plain(l.Act), plain(l.Object), plain(l.Detail), l.Hash})
		}
		if len(lines) < csvLines {
			break
		}
		k.Before = lines[len(lines)-1].N
		if lines, err = p.Log.List(r.Context(), v, k); err != nil {
			p.Logger.Error("writing the log of the desk failed; what was written is cut off", "error", err)
			panic(http.ErrAbortHandler) // a file that ends early must not look whole
		}
	}
	out.Flush()
	if err := out.Error(); err != nil && r.Context().Err() == nil {
		p.Logger.Warn("writing the log of the desk failed", "error", err)
	}
}

// plain is a text that no spreadsheet takes for a formula.
func plain(text string) string {
	if strings.IndexAny(text, "=+-@\t\r\n＝＋－＠") == 0 {
		return "'" + text
	}
	return text
}
