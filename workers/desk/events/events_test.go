package events

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/workers/live"
	"frontdesk/workers/store/viewer"
)

var (
	tom = viewer.Viewer{User: 1, Login: "tom", Name: "Tom", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "payments"}}}
	lin = viewer.Viewer{User: 2, Login: "lin", Name: "林晓", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "payments"}, {Role: viewer.Agent, Queue: "cards"}}}
	out = viewer.Viewer{User: 3, Login: "out", Name: "Otto", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "accounts"}}}
)

// played is a desk in memory: its changes, and who is signed in by the header that names him.
type played struct {
	mu     sync.Mutex
	items  []live.Item[Change]
	people map[string]viewer.Viewer
	words  []string
	down   error
	named  int
}

func newPlayed() *played {
	return &played{people: map[string]viewer.Viewer{"tom": tom, "lin": lin, "out": out}}
}

func (p *played) After(_ context.Context, m live.Mark, limit int) (out []live.Item[Change], err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, i := range p.items {
		if i.Mark.Compare(m) > 0 && len(out) < limit {
			out = append(out, i)
		}
	}
	return out, p.down
}

func (p *played) Now(context.Context) (live.Mark, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return live.Mark{N: int64(len(p.items))}, p.down
}

func (p *played) Knows(context.Context, live.Mark) (bool, error) { return true, nil }

// happens adds changes, which are there all at once for whoever asks.
func (p *played) happens(changes ...Change) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range changes {
		p.items = append(p.items, live.Item[Change]{Mark: live.Mark{N: int64(len(p.items) + 1)}, Event: c})
	}
}

func (p *played) fails(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = err
}

func (p *played) failing() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

func (p *played) person(login string) (viewer.Viewer, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.people[login]
	return v, ok
}

type loginKey struct{}

// desk is a desk whose changes and people are played.
func (p *played) desk() *Desk {
	return New(Config{Source: p,
		Readable: func(_ context.Context, v viewer.Viewer, ticket int64) (bool, error) {
			return v.May(viewer.Read, "payments") && ticket < 100, p.failing()
		},
		Names: func(context.Context) (map[int64]string, error) {
			p.named++
			return map[int64]string{1: "Tom", 2: "林晓"}, p.failing()
		},
		Viewer: func(r *http.Request) viewer.Viewer { v, _ := p.person(r.Header.Get("Login")); return v },
		Again: func(ctx context.Context) (string, func(context.Context) (viewer.Viewer, bool)) {
			login, _ := ctx.Value(loginKey{}).(string)
			return login, func(context.Context) (viewer.Viewer, bool) { return p.person(login) }
		},
		Say: func(_ context.Context, word string) error {
			p.words = append(p.words, word)
			return errors.New("Redis is away")
		},
	})
}

// bubble runs a desk on a clock of its own.
func bubble(t *testing.T, try func(p *played, d *Desk)) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlayed()
		d := p.desk()
		ctx, end := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { d.Run(ctx); close(done) }()
		try(p, d)
		end()
		<-done
	})
}

// wired is an answer whose connection is a pipe.
type wired struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (w wired) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.conn, nil, nil }

// listen opens somebody's stream. What it gives is what he was told since: "name data" of each event.
func listen(d *Desk, login string) func() string { return listenWith(d, login, "1") }

// listenWith is listen of a page that says so of whether it takes many changes in one event.
func listenWith(d *Desk, login, pieces string) func() string {
	here, there := net.Pipe()
	lines := make(chan string, 10_000)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(here); in.Scan(); {
			lines <- in.Text()
		}
	}()
	r := httptest.NewRequest(http.MethodGet, "/desk/events", nil).WithContext(context.WithValue(context.Background(), loginKey{}, login))
	r.Header.Set("Login", login)
	r.Header.Set("Frontdesk-Pieces", pieces)
	d.Routes()["GET /desk/events"](wired{httptest.NewRecorder(), there}, r)
	told := func() string {
		synctest.Wait()
		var out []string
		name := ""
		for {
			select {
			case l, open := <-lines:
				if !open {
					return strings.Join(append(out, "end"), "; ")
				}
				if n, is := strings.CutPrefix(l, "event: "); is {
					name = n
				}
				if data, is := strings.CutPrefix(l, "data: "); is {
					out = append(out, name+" "+data)
				}
			default:
				return strings.Join(out, "; ")
			}
		}
	}
	told() // the greeting
	return told
}

// does says what somebody does with a ticket.
func does(d *Desk, login, ticket, what string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/desk/tickets/"+ticket+"/here", strings.NewReader(`{"does":"`+what+`"}`))
	r.Header.Set("Login", login)
	r.SetPathValue("number", ticket)
	w := httptest.NewRecorder()
	d.Routes()["POST /desk/tickets/{number}/here"](w, r)
	synctest.Wait()
	return w
}

func wants(t *testing.T, what, want, got string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

// TestD38WhatIsAnotherTeamsGivesNothing: rights are those of the moment in which an event is sent.
func TestD38WhatIsAnotherTeamsGivesNothing(t *testing.T) {
	bubble(t, func(p *played, d *Desk) {
		toms, lins, outs := listen(d, "tom"), listen(d, "lin"), listen(d, "out")
		happens := func(c Change) {
			time.Sleep(time.Second)
			p.happens(c)
			d.Ring()
			time.Sleep(100 * time.Millisecond)
		}
		happens(Change{Ticket: 25, Queue: "payments", Kind: "continued", Actor: "frontdesk", Owner: tom.User})
		wants(t, "its owner", `change {"kind":"continued","ticket":"T-25","queue":"payments","mine":true,"free":false,"own":false}`, toms())
		wants(t, "a colleague", `change {"kind":"continued","ticket":"T-25","queue":"payments","mine":false,"free":false,"own":false}`, lins())
		wants(t, "another team", ``, outs())
		happens(Change{Ticket: 26, Queue: "cards", Kind: "close", Actor: "lin"})
		wants(t, "who has done it", `change {"kind":"close","ticket":"T-26","queue":"cards","mine":false,"free":true,"own":true}`, lins())
		wants(t, "who has no right in that queue", ``, toms())
		happens(Change{Queue: "payments", Kind: "left", Actor: "frontdesk"})
		wants(t, "of what has left a queue no number is told", `change {"kind":"left","queue":"payments","mine":false,"free":false,"own":false}`, toms())
		lins()

		p.mu.Lock()
		p.people["lin"] = viewer.Viewer{User: 2, Login: "lin", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "cards"}}}
		delete(p.people, "tom")
		p.mu.Unlock()
		happens(Change{Ticket: 25, Queue: "payments", Kind: "continued", Actor: "frontdesk"})
		wants(t, "whose right was taken while the stream was open", ``, lins())
		wants(t, "who is signed out", `end`, toms())
		happens(Change{Ticket: 27, Queue: "cards", Kind: "opened", Actor: "frontdesk"})
		wants(t, "who still has a right", `change {"kind":"opened","ticket":"T-27","queue":"cards","mine":false,"free":true,"own":false}`, lins())
		wants(t, "another team", ``, outs())
	})
}

// TestWhoIsNamedAndWhoLeadsHearsSo, and nobody else hears who is.
func TestWhoIsNamedAndWhoLeadsHearsSo(t *testing.T) {
	bubble(t, func(p *played, d *Desk) {
		p.mu.Lock()
		p.people["lin"] = viewer.Viewer{User: 2, Login: "lin", Grants: []viewer.Grant{{Role: viewer.Lead, Queue: "payments"}}}
		p.mu.Unlock()
		toms, lins := listen(d, "tom"), listen(d, "lin")
		happens := func(c Change) {
			time.Sleep(time.Second)
			p.happens(c)
			d.Ring()
			time.Sleep(100 * time.Millisecond)
		}
		happens(Change{Ticket: 25, Queue: "payments", Kind: "named", Actor: "otto", Named: ",1,22,"})
		wants(t, "who is named", `change {"kind":"named","ticket":"T-25","queue":"payments","mine":false,"free":true,"own":false,"named":true}`, toms())
		wants(t, "who is not", `change {"kind":"named","ticket":"T-25","queue":"payments","mine":false,"free":true,"own":false}`, lins())
		happens(Change{Ticket: 25, Queue: "payments", Kind: "escalate", Actor: "frontdesk"})
		wants(t, "who leads there", `change {"kind":"escalate","ticket":"T-25","queue":"payments","mine":false,"free":true,"own":false,"leads":true}`, lins())
		wants(t, "who does not", `change {"kind":"escalate","ticket":"T-25","queue":"payments","mine":false,"free":true,"own":false}`, toms())
	})
}

// What comes in one piece is one event; each reader is told of it by his own rights, and what is his, or was his doing, as such.
func TestManyChangesAreOneEventInWhichWhatIsAlikeIsSaidOnce(t *testing.T) {
	bubble(t, func(p *played, d *Desk) {
		toms, lins, outs := listen(d, "tom"), listen(d, "lin"), listen(d, "out")
		p.mu.Lock()
		p.people["otto"] = viewer.Viewer{User: 9, Login: "otto", Grants: tom.Grants}
		p.mu.Unlock()
		ottos := listen(d, "otto")
		time.Sleep(time.Second)
		var changes []Change
		for n := range int64(10) {
			changes = append(changes, Change{Ticket: 30 + n, Queue: "payments", Kind: "opened", Actor: "frontdesk"})
		}
		p.happens(append(changes,
			Change{Ticket: 25, Queue: "payments", Kind: "continued", Actor: "frontdesk", Owner: tom.User},
			Change{Queue: "payments", Kind: "left", Actor: "frontdesk"}, Change{Queue: "payments", Kind: "left", Actor: "frontdesk"},
			Change{Ticket: 50, Queue: "cards", Kind: "close", Actor: "lin"})...)
		d.Ring()
		time.Sleep(100 * time.Millisecond)
		opened := `{"kind":"opened","ticket":"T-30","more":["T-31","T-32","T-33","T-34","T-35","T-36","T-37","T-38","T-39"],"queue":"payments","mine":false,"free":true,"own":false}`
		left := `{"kind":"left","queue":"payments","mine":false,"free":false,"own":false}`
		continued := func(mine bool) string {
			return fmt.Sprintf(`{"kind":"continued","ticket":"T-25","queue":"payments","mine":%t,"free":false,"own":false}`, mine)
		}
		wants(t, "whose ticket is among them", `change [`+opened+`,`+continued(true)+`,`+left+`]`, toms())
		wants(t, "whom nothing of it is", `change [`+opened+`,`+continued(false)+`,`+left+`]`, ottos())
		wants(t, "who has done one of it, and reads in one queue more", `change [`+opened+`,`+continued(false)+`,`+left+`,{"kind":"close","ticket":"T-50","queue":"cards","mine":false,"free":true,"own":true}]`, lins())
		wants(t, "another team", ``, outs())
	})
}

// TestAPageOfAnOlderProgramIsToldEachChangeByItself: it misses none while the desk is upgraded under it, and hears what those beside it hear otherwise.
func TestAPageOfAnOlderProgramIsToldEachChangeByItself(t *testing.T) {
	bubble(t, func(p *played, d *Desk) {
		p.mu.Lock()
		p.people["otto"] = viewer.Viewer{User: 9, Login: "otto", Grants: tom.Grants}
		p.mu.Unlock()
		toms, ottos := listen(d, "tom"), listenWith(d, "otto", "")
		time.Sleep(time.Second)
		var each, more []string
		var changes []Change
		for n := range int64(10) {
			changes = append(changes, Change{Ticket: 30 + n, Queue: "payments", Kind: "opened", Actor: "frontdesk"})
			each = append(each, fmt.Sprintf(`change {"kind":"opened","ticket":"T-%d","queue":"payments","mine":false,"free":true,"own":false}`, 30+n))
			more = append(more, fmt.Sprintf(`"T-%d"`, 30+n))
		}
		p.happens(changes...)
		d.Ring()
		time.Sleep(100 * time.Millisecond)
		wants(t, "a page of an older program", strings.Join(each, "; "), ottos())
		wants(t, "one of this program", `change [{"kind":"opened","ticket":"T-30","more":[`+strings.Join(more[1:], ",")+`],"queue":"payments","mine":false,"free":true,"own":false}]`, toms())
	})
}

// TestD1WhoWasCutOffForAMinuteSeesWhatWasMissedAtOnce: what came meanwhile is told when the stream is back.
func TestD1WhoWasCutOffForAMinuteSeesWhatWasMissedAtOnce(t *testing.T) {
	bubble(t, func(p *played, d *Desk) {
		p.happens(Change{Ticket: 1, Queue: "payments", Kind: "opened"})
		mark := d.Mark(t.Context())
		time.Sleep(time.Minute) // B's stream is cut
		p.happens(Change{Ticket: 1, Queue: "payments", Kind: "reply", Actor: "lin"})
		r := httptest.NewRequest(http.MethodGet, "/desk/events", nil).WithContext(context.WithValue(context.Background(), loginKey{}, "tom"))
		r.Header.Set("Login", "tom")
		r.Header.Set("Last-Event-ID", mark)
		here, there := net.Pipe()
		defer here.Close()
		begun := time.Now()
		go d.Routes()["GET /desk/events"](wired{httptest.NewRecorder(), there}, r)
		for in := bufio.NewScanner(here); in.Scan(); {
			if strings.Contains(in.Text(), `"reply"`) {
				break
			}
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// TestD3WhoReadsIsShown at once, and is gone half a minute after he has left.
func TestD3WhoReadsIsShown(t *testing.T) {
	bubble(t, func(p *played, d *Desk) {
		toms, lins := listen(d, "tom"), listen(d, "lin")
		if w := does(d, "tom", "T-25", reading); w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != `{"ticket":"T-25","who":[]}` {
			t.Errorf("the first reader is told %d %s", w.Code, w.Body)
		}
		toms()
		if w := does(d, "lin", "T-25", reading); strings.TrimSpace(w.Body.String()) != `{"ticket":"T-25","who":[{"name":"Tom","writes":false}]}` {
			t.Errorf("the second reader is told %s", w.Body)
		}
		wants(t, "the first one hears of the second at once", `who {"ticket":"T-25","who":[{"name":"林晓","writes":false}]}`, toms())
		lins()
		does(d, "lin", "T-25", writing)
		wants(t, "that she writes", `who {"ticket":"T-25","who":[{"name":"林晓","writes":true}]}`, toms())
		time.Sleep(3 * time.Second)
		does(d, "lin", "T-25", writing)
		does(d, "lin", "T-25", reading)
		wants(t, "what stays as it is is not said again", ``, toms())
		time.Sleep(writesFor + sweepEvery)
		wants(t, "that she writes no more", `who {"ticket":"T-25","who":[{"name":"林晓","writes":false}]}`, toms())
		does(d, "lin", "T-25", gone)
		wants(t, "that she has left", `who {"ticket":"T-25","who":[]}`, toms())
		does(d, "lin", "T-25", reading)
		toms()
		left := time.Now()
		for toms() == "" {
			does(d, "tom", "T-25", reading)
			time.Sleep(time.Second)
		}
		if took := time.Since(left); took > 30*time.Second || took < 20*time.Second {
			t.Errorf("who has left without a word is gone after %v", took)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(d.readers.of) != 0 {
			t.Errorf("who reads nothing any more is kept: %v", d.readers.of)
		}
		for _, c := range []struct {
			login, ticket, what string
			status              int
		}{{"out", "T-25", reading, http.StatusNotFound}, {"tom", "T-100", reading, http.StatusNotFound}, {"tom", "T-x", reading, http.StatusNotFound}, {"tom", "T-25", "dancing", http.StatusBadRequest}} {
			if w := does(d, c.login, c.ticket, c.what); w.Code != c.status {
				t.Errorf("%s %s %s: %d", c.login, c.ticket, c.what, w.Code)
			}
		}
		p.fails(errors.New("the database is away"))
		if w := does(d, "tom", "T-25", reading); w.Code != http.StatusServiceUnavailable {
			t.Errorf("without a database: %d", w.Code)
		}
		p.fails(nil)
	})
}

// TestProcessesTellEachOtherWhoReads by ids; what is no such word is nobody's.
func TestProcessesTellEachOtherWhoReads(t *testing.T) {
	bubble(t, func(p *played, d *Desk) {
		toms := listen(d, "tom")
		does(d, "tom", "T-25", reading)
		toms()
		wants(t, "the word to others", "[25 1 reading]", fmt.Sprint(p.words))
		for _, word := range []string{"25 2", "25 2 dancing", "x 2 reading", "-25 2 reading", "25 9 reading", "25 2 reading now", "\x00"} {
			d.Hear(t.Context(), word)
		}
		wants(t, "words that are none", ``, toms())
		d.Hear(t.Context(), "25 2 writing")
		wants(t, "a reader elsewhere", `who {"ticket":"T-25","who":[{"name":"林晓","writes":true}]}`, toms())
		if p.named != 1 {
			t.Errorf("names were read %d times", p.named)
		}
		p.happens(Change{Ticket: 1, Queue: "payments", Kind: "opened"})
		d.Hear(t.Context(), "")
		time.Sleep(20 * time.Millisecond)
		if got := toms(); !strings.Contains(got, `"ticket":"T-1"`) {
			t.Errorf("of another process's commit it is told %q", got)
		}
	})
}

// FuzzWords: whatever comes by Redis is a reader or nothing, and what is told of it is JSON.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"", "25 1 reading", "25 1 writing", "1 1 gone", "9223372036854775808 1 reading"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, word string) {
		d := newPlayed().desk()
		d.Hear(t.Context(), word)
		if n := len(d.readers.of); n > 1 {
			t.Errorf("%q makes %d tickets", word, n)
		}
		for ticket := range d.readers.of {
			b, err := json.Marshal(about(ticket, d.readers.others(ticket, 0)))
			if err != nil || ticket <= 0 || len(b) > 200 {
				t.Errorf("%q is told as %s: %v", word, b, err)
			}
		}
	})
}
