package ops

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/templates/console"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/ops/watch"
	"frontdesk/workers/store/base"
)

// overviewPage is the page at /. Its live part is a template of its own, which fragment renders alone.
type overviewPage struct {
	frame.Frame
	Overview *watch.Overview
	Promises bar
	Messages bar
	Parked   bar
	Queues   bool // Asynq's monitor is there
}

// bar is a row of states as shares of a whole.
type bar struct {
	Group  string // of the states' words
	Total  int64
	Shares []share
}

// share is one state's part of a bar. From and Width are text, since templates write them into SVG.
type share struct {
	Name, Tone, URL string
	Count           int64
	From, Width     string // in percent
}

// newBar makes a bar of the counts in that order; states that are not named follow by name. A negative count, which
// counters may show for a moment, is 0.
func newBar(group, path string, counts map[string]int64, tone func(string) string, first ...string) bar {
	b := bar{Group: group}
	names := slices.Clone(first)
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		b.Total += max(0, counts[name])
	}
	from := 0.0
	for _, name := range names {
		n := max(0, counts[name])
		if n == 0 {
			continue
		}
		width := 100 * float64(n) / float64(b.Total)
		b.Shares = append(b.Shares, share{Name: name, Tone: tone(name), URL: frame.Query(path, "state", name), Count: n,
			From: strconv.FormatFloat(from, 'f', 2, 64), Width: strconv.FormatFloat(width, 'f', 2, 64)})
		from += width
	}
	return b
}

func (d *desk) overviewPage(w http.ResponseWriter, r *http.Request) (overviewPage, error) {
	o, err := d.whole(r.Context())
	if err != nil {
		return overviewPage{}, err
	}
	f := d.Frame(w, r, "title.overview")
	f.Live, f.Now = true, o.At.Time
	return overviewPage{Frame: f, Overview: o, Queues: d.Queues != nil,
		Promises: newBar("state", "/promises", o.Counts.Promises, console.Tone, "kept", "due", "warned", "broken", "overdue", "void"),
		Messages: newBar("state", "/messages", messageCounts(o), console.Tone, "recorded", "ticketed", "appended", "duplicate", "suppressed", "parked", "dismissed"),
		Parked:   newBar("cause", "/parked", o.Counts.Parked, func(string) string { return "warn" }, causes.Parking()...)}, nil
}

// messageCounts adds the undecided ones, which no counter counts.
func messageCounts(o *watch.Overview) map[string]int64 {
	out := map[string]int64{string(messages.Recorded): o.Undecided}
	for state, n := range o.Counts.Messages {
		out[state] += n
	}
	return out
}

func (d *desk) overview(w http.ResponseWriter, r *http.Request) {
	page, err := d.overviewPage(w, r)
	if err != nil {
		d.Broken(w, r, err)
		return
	}
	d.Render(w, r, http.StatusOK, "overview", page)
}

// fragment is the part of the overview that is renewed.
// The page asks for it when it was told of a change, so that no more than that part travels.
func (d *desk) fragment(w http.ResponseWriter, r *http.Request) {
	page, err := d.overviewPage(w, r)
	var out bytes.Buffer
	if err == nil {
		err = d.Pages.Part(&out, page.Lang, "overview", "live", page)
	}
	if err != nil {
		d.Logger.Error("making the live part of the page failed", "error", err)
		http.Error(w, "the store does not answer", http.StatusServiceUnavailable)
		return
	}
	d.Write(w, http.StatusOK, out.Bytes())
}

func (d *desk) overviewJSON(w http.ResponseWriter, r *http.Request) {
	o, err := d.whole(r.Context())
	if err != nil {
		d.Logger.Error("reading the overview failed", "error", err)
		http.Error(w, `{"error":"the store does not answer"}`, http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(o) //nolint:errcheck // the caller has gone away
}

const (
	heartbeat = 15 * time.Second
	// renewAfter is how long a page goes unrenewed at most: what it says about ages moves on.
	renewAfter = 5 * time.Second
	// streamWrite is how long one write of a stream may take: a reader that takes nothing is let go.
	streamWrite = 30 * time.Second
)

// events tells a page, at most once a second, that the overview has changed (server-sent events, WHATWG HTML). It
// carries no data but a mark: what has changed the page asks for itself. Each open page costs a connection, a
// goroutine and a look at the shared overview a second. At each heartbeat the session is looked at again, so that a
// stream does not outlive it.
func (d *desk) events(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	// The deadlines of other pages are not for a stream: each write gets its own, and the reader says nothing more.
	out.SetReadDeadline(time.Time{})                  //nolint:errcheck // see below
	out.SetWriteDeadline(time.Now().Add(streamWrite)) //nolint:errcheck // see below
	fmt.Fprint(w, "retry: 2000\n\n")
	if out.Flush() != nil {
		return
	}
	passed, end := d.Onlooker.Listen()
	defer end()
	look, beat := time.NewTicker(watch.FreshFor), time.NewTicker(heartbeat)
	defer look.Stop()
	defer beat.Stop()
	var s stream
	for {
		// One write an event at most: what comes at once is one change.
		text := ""
		select {
		case <-r.Context().Done():
			return
		case <-d.Done:
			return
		case <-passed:
			s.news = true
		case <-beat.C:
			if !d.stays(r.Context()) {
				return
			}
			text = ": alive\n\n"
		case now := <-look.C:
			if o, err := d.whole(r.Context()); err == nil && s.changed(o, now) {
				text = fmt.Sprintf("event: change\ndata: %x\n\n", s.last[:6])
			}
		}
		if text == "" {
			continue
		}
		out.SetWriteDeadline(time.Now().Add(streamWrite)) //nolint:errcheck // a writer without deadlines is a test's
		if _, err := fmt.Fprint(w, text); err != nil || out.Flush() != nil {
			return
		}
	}
}

// stream remembers what one page was last told.
type stream struct {
	last [sha256.Size]byte
	at   time.Time
	news bool
}

// changed reports whether the page is to be told, and takes note that it was.
func (s *stream) changed(o *watch.Overview, now time.Time) bool {
	facts := *o
	facts.At, facts.UndecidedSeconds = base.Stamp{}, 0
	text, err := json.Marshal(facts)
	if err != nil {
		return false
	}
	sum := sha256.Sum256(text)
	if sum == s.last && !s.news && now.Sub(s.at) < renewAfter {
		return false
	}
	s.last, s.at, s.news = sum, now, false
	return true
}
