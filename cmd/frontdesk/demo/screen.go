package demo

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/workers"
	"frontdesk/workers/ops/watch"
	"frontdesk/workers/store"
	"frontdesk/workers/store/view"
)

// screen is the terminal of the demonstration: one line for each message and each acknowledgement. It shows no text
// and no address, since a demonstration is looked at by many. Methods may be called by several at a time; each line
// is one Write.
type screen struct {
	mu     sync.Mutex
	out    io.Writer
	colour bool
	traits map[string]message.Traits // of each channel
}

func newScreen(out io.Writer, traits map[string]message.Traits) *screen {
	return &screen{out: out, colour: colourful(out), traits: traits}
}

// colourful reports whether out is a terminal that shows colours (no-color.org).
func colourful(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Write passes on what the service itself prints, between two lines.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(b)
}

// SGR parameters (ECMA-48 §8.3.117).
const (
	plain   = ""
	dim     = "2"
	red     = "1;31"
	green   = "32"
	yellow  = "33"
	blue    = "34"
	magenta = "35"
)

func (s *screen) paint(colour, text string) string {
	if !s.colour || colour == plain {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (s *screen) hint(name, text string) {
	fmt.Fprintf(s, "%s  %s\n", s.paint(dim, fmt.Sprintf("%-9s", name)), text)
}

func (s *screen) line(at time.Time, channel, id, words string) {
	fmt.Fprintf(s, "%s  %-8s  %-5s  %s\n", s.paint(dim, at.Local().Format(time.TimeOnly)), s.channelWord(channel), id, words)
}

// channelWord says mail where the rules of mail hold, as people do.
func (s *screen) channelWord(channel string) string {
	if s.traits[channel].Mail {
		return "mail"
	}
	return channel
}

// events shows each decided message until ctx ends.
func (s *screen) events(ctx context.Context, events <-chan watch.Event) {
	for {
		select {
		case e := <-events:
			s.line(e.At, e.Channel, fmt.Sprintf("#%d", e.Message), s.words(e))
		case <-ctx.Done():
			return
		}
	}
}

// words colours what became of the message, and what is urgent.
func (s *screen) words(e watch.Event) string {
	first, rest, _ := strings.Cut(e.Words, " ")
	if rest != "" {
		rest = " " + rest
	}
	if e.State == string(messages.Ticketed) {
		rest = strings.Replace(rest, " urgent ", " "+s.paint(red, "urgent")+" ", 1)
	}
	return s.paint(stateColour(e.State), first) + rest
}

// stateColour is for the eye alone: what waits for a person is as loud as what went well.
func stateColour(state string) string {
	switch messages.State(state) {
	case messages.Ticketed:
		return green
	case messages.Appended:
		return blue
	case messages.Duplicate:
		return yellow
	case messages.Parked:
		return magenta
	default:
		return dim
	}
}

// lookEvery is how often the outbox is looked at, and lookAt how many of its newest rows.
const (
	lookEvery = 500 * time.Millisecond
	lookAt    = 100
)

// acknowledgements shows what becomes of each acknowledgement of this run until ctx ends. It looks at the outbox as a
// person would; what is there at its first look is an earlier run's. An error of the database is passed over: the
// next look is half a second away.
func (s *screen) acknowledgements(ctx context.Context, from *store.Store) {
	shown := map[int64]string{}
	for first := true; ; first = false {
		rows, err := from.View.Outbox(ctx, view.Page{Limit: lookAt})
		if err != nil && ctx.Err() != nil {
			return
		}
		seen := map[int64]string{}
		for _, r := range slices.Backward(rows) {
			seen[r.ID] = r.State
			if !first && shown[r.ID] != r.State {
				s.acknowledgement(r)
			}
		}
		if err == nil {
			shown = seen
		}
		if !workers.Sleep(ctx, lookEvery) {
			return
		}
	}
}

// acknowledgement shows what a customer would notice, and passes over steps between.
func (s *screen) acknowledgement(r view.OutboxRow) {
	word, ok := map[string]string{"sent": "handed over", "delivered": "delivered", "failed": "failed"}[r.State]
	if !ok || r.Kind != effects.KindAcknowledgement {
		return
	}
	s.line(time.Now(), r.Channel, thread.TicketNumber(r.Ticket), s.paint(dim, "acknowledgement "+word))
}
