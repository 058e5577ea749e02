// Package live tells open pages what has happened: one stream of server-sent events a browser, numbered, so that after a break it goes on
// where it was. What has happened stands in the store (Source), which is asked when somebody rings (Hub.Ring) and once a second all the
// same: no message between processes is needed for the truth. The package knows no page and no right; whoever serves a stream says what of an
// event its reader is told, at the moment in which it is sent.
package live

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"
)

// Mark is a place in the order of events. Its text is the id of a server-sent event.
type Mark struct{ Turn, N int64 }

// Compare orders marks.
func (m Mark) Compare(o Mark) int { return cmp.Or(cmp.Compare(m.Turn, o.Turn), cmp.Compare(m.N, o.N)) }

func (m Mark) String() string { return string(m.appended(nil)) }

func (m Mark) appended(out []byte) []byte {
	return strconv.AppendInt(append(strconv.AppendInt(out, m.Turn, 10), '.'), m.N, 10)
}

// longestMark bounds what is read of a mark: two numbers of 19 digits.
const longestMark = 40

// ReadMark reads a mark's text, which comes from a browser; false for anything else.
func ReadMark(text string) (m Mark, ok bool) {
	turn, n, _ := strings.Cut(text, ".")
	if len(text) > longestMark {
		return m, false
	}
	var err error
	if m.Turn, err = strconv.ParseInt(turn, 10, 64); err == nil {
		m.N, err = strconv.ParseInt(n, 10, 64)
	}
	if err != nil || m.String() != text || m.Turn < 0 || m.N < 0 {
		return Mark{}, false
	}
	return m, true
}

// Item is an event in its place.
type Item[E any] struct {
	Mark  Mark
	Event E
}

// Source is where events stand. Nothing may appear later before what After has given.
type Source[E any] interface {
	// After reads the events behind a mark, in their order.
	After(ctx context.Context, m Mark, limit int) ([]Item[E], error)
	// Now is a mark behind which everything stands that happens from now on.
	Now(ctx context.Context) (Mark, error)
	// Knows reports whether all events behind a mark are still there.
	Knows(ctx context.Context, m Mark) (bool, error)
}

// Message is what a reader is told: a server-sent event. The zero Message is none.
type Message struct {
	Name string // of the event; empty: "message"
	Data string // one line
}

// Placed is a message in its place: whoever has it has been told everything up to there.
type Placed struct {
	Mark
	Message
}

// Tell gives what a reader is told of events, which are at least one, and in their order. The messages are in the order of their marks, each of which is that of an
// event. What it gives is shared and is not changed.
type Tell[E any] func([]Item[E]) []Placed

// Reader is who reads a stream.
type Reader[E any] struct {
	Key   string // of whom only so many streams are open: a session
	Who   int64  // whom Say names
	After string // the mark up to which he knows everything; empty or unknown: he begins anew
	// Look gives what of events the reader is told. It is asked before some events are sent, and at each heartbeat, so that
	// rights are those of that moment. false ends the stream.
	Look func(ctx context.Context) (tell Tell[E], ok bool)
}

// Names of the events that are the hub's own.
const (
	// helloEvent is the first one.
	helloEvent = "hello"
	// resetEvent says that not all can be told that was missed: the page is to be loaded anew.
	resetEvent = "reset"
	// byeEvent says that the stream ends here, and after how many milliseconds to come back.
	byeEvent = "bye"
)

// Bounds.
const (
	mostMissed = 1000 // events that are told to who comes back
	readAtOnce = 500
	kept       = 4096 // events that are kept in memory for streams
	mostSaid   = 32   // fleeting messages that wait in a stream
	// pause is the least time between two looks at the source; gather that after more than a few events.
	pause  = 10 * time.Millisecond
	gather = 50 * time.Millisecond
	few    = 8
	// writeWithin is how long one write may take: a reader that takes nothing is let go.
	writeWithin = 10 * time.Second
)

// placed appends an event that has a place as it goes out.
func placed(out []byte, at Mark, m Message) []byte {
	return format(append(at.appended(append(out, "id: "...)), '\n'), m)
}

// format appends an event as it goes out.
func format(out []byte, m Message) []byte {
	if m.Name != "" {
		out = append(append(append(out, "event: "...), m.Name...), '\n')
	}
	if m.Name != "" || m.Data != "" {
		data := m.Data
		if strings.ContainsAny(data, "\r\n") { // what would begin a line of its own
			data = strings.NewReplacer("\r", " ", "\n", " ").Replace(data)
		}
		out = append(append(append(out, "data: "...), data...), '\n')
	}
	return append(out, '\n')
}
