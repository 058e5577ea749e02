package ops

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"frontdesk/pipeline/redact"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/ops/readable"
)

// Sink is the mail sink as the page reads it: what stands in for a relay keeps each mail. Both methods may be called
// by several at a time.
type Sink interface {
	// List returns the latest mails, newest first.
	List(limit int) ([]SinkMail, error)
	// Open opens one mail by its name. A name that is none of List's is fs.ErrNotExist.
	Open(name string) (io.ReadCloser, error)
}

// SinkMail is one mail in the sink.
type SinkMail struct {
	Name        string // of the mail, without ".eml"
	Key         string // outbox key
	To, Subject string // decoded
	Cc          string // addresses with commas between; empty for none
	Files       int    // that go with it
	At          time.Time
	Size        int64 // bytes
}

const (
	sinkRows = 200
	// maxMail bounds what is read of a mail to show it: more than one with the largest files has.
	maxMail = 64 << 20
)

// mailPage shows one mail of the sink.
type mailPage struct {
	frame.Frame
	Name string
	Mail readable.Letter
}

// sinkList shows the newest mails, masked: the sink holds real texts to real customers.
func (d *desk) sinkList(w http.ResponseWriter, r *http.Request) {
	mails, err := d.Sink.List(sinkRows)
	if err != nil {
		d.Broken(w, r, err)
		return
	}
	for i := range mails {
		mails[i].To, _ = redact.Text(mails[i].To)
		mails[i].Cc, _ = redact.Text(mails[i].Cc)
		mails[i].Subject, _ = redact.Text(mails[i].Subject)
	}
	d.Render(w, r, http.StatusOK, "sink", listPage{Frame: d.Frame(w, r, "title.sink"), Rows: mails})
}

// sinkMail shows a mail, or hands it out as it is when its name ends with .eml.
func (d *desk) sinkMail(w http.ResponseWriter, r *http.Request) {
	name, raw := strings.CutSuffix(r.PathValue("name"), ".eml")
	f, err := d.Sink.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		d.Nowhere(w, r)
		return
	}
	if err != nil {
		d.Broken(w, r, err)
		return
	}
	defer f.Close()
	if raw {
		w.Header().Set("Content-Type", "message/rfc822")
		w.Header().Set("Content-Disposition", `attachment; filename="`+safeName(name)+`.eml"`)
		io.Copy(w, f) //nolint:errcheck // the browser has gone away
		return
	}
	m, err := readable.ReadLetter(io.LimitReader(f, maxMail))
	if err != nil {
		d.Logger.Warn("reading a mail of the sink failed", "error", err)
		d.Fail(w, r, http.StatusInternalServerError, "error.sink")
		return
	}
	page := mailPage{Frame: d.Frame(w, r, "title.sink"), Name: name, Mail: m}
	if subject := m.Get("Subject"); subject != "" {
		page.Title = subject
	}
	d.Render(w, r, http.StatusOK, "mail", page)
}

// safeName keeps what a file name may hold everywhere.
func safeName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return -1
	}, s)
}
