package events

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync"

	"frontdesk/pipeline/thread"
	"frontdesk/workers/live"
	"frontdesk/workers/store/viewer"
)

// told is a change as pages hear it.
type told struct {
	Kind   string   `json:"kind"`
	Ticket string   `json:"ticket,omitempty"` // such as T-25
	More   []string `json:"more,omitempty"`   // further tickets of which the same is told
	Queue  string   `json:"queue"`
	Mine   bool     `json:"mine"`            // who hears it has the ticket
	Free   bool     `json:"free"`            // nobody has it
	Own    bool     `json:"own"`             // who hears it has done it
	Named  bool     `json:"named,omitempty"` // who hears it is named
	Leads  bool     `json:"leads,omitempty"` // who hears it directs in the queue, and it was escalated
}

// escalated is the kind of an entry about a promise that is still owed.
const escalated = "escalate"

// listener is who hears, and by what rights.
type listener struct {
	user  int64
	login string
	may   func(queue string) bool
	leads func(queue string) bool
	// pieces says that the page takes many changes in one event. One of an older program does not: it is told each by itself.
	pieces bool
	class  string // the same for all who read, and direct, in the same queues, and are told alike
}

func newListener(v viewer.Viewer, pieces bool) listener {
	queues, every := v.Where(viewer.Read)
	r := listener{pieces: pieces, user: v.User, login: v.Login, may: func(queue string) bool { return v.May(viewer.Read, queue) }, leads: func(queue string) bool { return v.May(viewer.Direct, queue) }}
	if r.class = "every"; !every {
		r.class = "in\x00" + strings.Join(queues, "\x00")
	}
	if directs, all := v.Where(viewer.Direct); all {
		r.class += "\x01every"
	} else {
		r.class += "\x01" + strings.Join(directs, "\x00")
	}
	if pieces {
		r.class += "\x02"
	}
	return r
}

// mine, own and named report what of a change is told to this reader alone.
func (r listener) mine(c Change) bool { return c.Ticket != 0 && c.Owner == r.user }
func (r listener) own(c Change) bool  { return c.Actor == r.login }
func (r listener) named(c Change) bool {
	return c.Named != "" && strings.Contains(c.Named, ","+strconv.FormatInt(r.user, 10)+",")
}

// texts are changes as they are told. They go to some hundred readers in one moment, most of whom are told the same.
type texts struct {
	mu sync.Mutex
	by map[run][]live.Placed
}

// run is what was read in one piece, as those of a class are told it to whom nothing of it is their own. The pointer keeps the piece in memory while it is known here,
// so no other one can lie there.
type run struct {
	first *live.Item[Change]
	n     int
	class string
}

const (
	// mostRuns bounds how many are kept: those of a moment.
	mostRuns = 64
	// single is how many changes are told one by one. More are one event, in which what is the same is said once: a busy intake would be
	// some hundred bytes for each message and page else.
	single = 8
)

// tells is what a reader is told of changes.
func (t *texts) tells(r listener, items []live.Item[Change]) []live.Placed {
	for _, i := range items {
		if r.mine(i.Event) || r.own(i.Event) || r.named(i.Event) {
			return written(r, items)
		}
	}
	key := run{&items[0], len(items), r.class}
	t.mu.Lock()
	defer t.mu.Unlock()
	out, known := t.by[key]
	if !known {
		out = written(r, items)
		if t.by == nil || len(t.by) >= mostRuns {
			t.by = map[run][]live.Placed{}
		}
		t.by[key] = out
	}
	return out
}

// written writes what a reader is told.
func written(r listener, items []live.Item[Change]) (out []live.Placed) {
	var all []live.Item[Change]
	for _, i := range items {
		if r.may(i.Event.Queue) {
			all = append(all, i)
		}
	}
	if r.pieces && len(all) > single {
		return []live.Placed{{Mark: all[len(all)-1].Mark, Message: live.Message{Name: "change", Data: text(r.gathered(all))}}}
	}
	for _, i := range all {
		out = append(out, live.Placed{Mark: i.Mark, Message: live.Message{Name: "change", Data: text(r.told(i.Event))}})
	}
	return out
}

// told is one change as the reader hears it.
func (r listener) told(c Change) told {
	out := told{Kind: c.Kind, Queue: c.Queue, Own: r.own(c), Mine: r.mine(c), Named: r.named(c), Leads: c.Kind == escalated && r.leads(c.Queue)}
	if c.Ticket != 0 {
		out.Ticket, out.Free = thread.TicketNumber(c.Ticket), c.Owner == 0
	}
	return out
}

// gathered is many changes as the reader hears them: of what differs in the ticket alone one, with all tickets, where the first one stood.
func (r listener) gathered(items []live.Item[Change]) (out []told) {
	type alike struct {
		kind, queue                   string
		mine, free, own, named, leads bool
	}
	at := map[alike]int{}
	for _, i := range items {
		c := r.told(i.Event)
		k := alike{c.Kind, c.Queue, c.Mine, c.Free, c.Own, c.Named, c.Leads}
		n, known := at[k]
		switch {
		case !known:
			at[k] = len(out)
			out = append(out, c)
		case c.Ticket != "":
			out[n].More = append(out[n].More, c.Ticket)
		}
	}
	return out
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return "{}" // texts and flags always marshal
	}
	return string(data)
}
