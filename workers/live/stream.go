package live

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// stream is one browser's stream. One goroutine writes it.
type stream[E any] struct {
	Reader[E]
	hub   *Hub[E]
	woken chan struct{}
	ended chan time.Duration // after which the reader comes back

	mu   sync.Mutex
	said []Message // fleeting

	mark  Mark
	shown Mark // which the reader knows
	out   []byte
}

func (s *stream[E]) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

func (s *stream[E]) leave(back time.Duration) {
	select {
	case s.ended <- back:
	default:
	}
}

// say leaves a fleeting message. Of too many the oldest is lost.
func (s *stream[E]) say(m Message) {
	s.mu.Lock()
	if len(s.said) >= mostSaid {
		s.said = slices.Delete(s.said, 0, 1)
	}
	s.said = append(s.said, m)
	s.mu.Unlock()
	s.wake()
}

// Serve writes a stream until its reader goes away, Look ends it, or the hub does. A connection of HTTP/1.1 is taken over, so that an open
// stream costs one small goroutine; Serve returns at once then. Who finds no room is told so (503).
func (h *Hub[E]) Serve(w http.ResponseWriter, r *http.Request, reader Reader[E]) {
	s, err := h.join(reader)
	if err != nil {
		w.Header().Set("Retry-After", "15")
		http.Error(w, "there is no room for a further stream", http.StatusServiceUnavailable)
		return
	}
	head := w.Header()
	head.Set("Content-Type", "text/event-stream")
	head.Set("Cache-Control", "no-store, no-transform")
	head.Set("X-Accel-Buffering", "no")
	if conn := taken(w); conn != nil {
		head.Set("Connection", "close")
		ctx := context.WithoutCancel(r.Context())
		head = head.Clone()
		go func() {
			defer h.gone(s)
			defer conn.Close()
			s.run(ctx, &wire{conn: conn, head: head})
		}()
		return
	}
	defer h.gone(s)
	out := http.NewResponseController(w)
	out.SetReadDeadline(time.Time{}) //nolint:errcheck // a reader without deadlines is a test's
	s.run(r.Context(), &response{w: w, out: out})
}

// taken takes the connection over, if that is possible.
func taken(w http.ResponseWriter) net.Conn {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil
	}
	conn.SetDeadline(time.Time{}) //nolint:errcheck // each write sets its own
	return conn
}

// wire is a connection that was taken over.
type wire struct {
	conn net.Conn
	head http.Header
}

func (c *wire) Write(p []byte) (int, error) {
	if err := c.conn.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return 0, fmt.Errorf("writing to a stream: %w", err)
	}
	if c.head != nil {
		if _, err := io.WriteString(c.conn, "HTTP/1.1 200 OK\r\n"); err != nil {
			return 0, fmt.Errorf("beginning a stream: %w", err)
		}
		if err := c.head.Write(c.conn); err != nil {
			return 0, fmt.Errorf("beginning a stream: %w", err)
		}
		if _, err := io.WriteString(c.conn, "\r\n"); err != nil {
			return 0, fmt.Errorf("beginning a stream: %w", err)
		}
		c.head = nil
	}
	return c.conn.Write(p)
}

// response is an answer that net/http writes.
type response struct {
	w   http.ResponseWriter
	out *http.ResponseController
}

func (c *response) Write(p []byte) (int, error) {
	c.out.SetWriteDeadline(time.Now().Add(writeWithin)) //nolint:errcheck // a writer without deadlines is a test's
	n, err := c.w.Write(p)
	if err == nil {
		err = c.out.Flush()
	}
	return n, err
}

// run writes the stream.
func (s *stream[E]) run(ctx context.Context, w io.Writer) {
	if !s.begin(ctx) || !s.send(w) {
		return
	}
	beat := time.NewTimer(s.pause())
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case back := <-s.ended:
			s.out = format(s.out, Message{byeEvent, fmt.Sprintf(`{"retry":%d}`, back.Milliseconds())})
			s.send(w)
			return
		case <-s.woken:
		case <-beat.C:
			if !s.beat(ctx) {
				return
			}
			beat.Reset(s.pause())
		}
		if !s.news(ctx) || !s.send(w) {
			return
		}
	}
}

// pause is the time until the next sign of life.
func (s *stream[E]) pause() time.Duration {
	return s.hub.Beat*4/5 + rand.N(s.hub.Beat/5)
}

// begin finds the place from which the stream goes on, and greets.
func (s *stream[E]) begin(ctx context.Context) bool {
	known := false
	var err error
	mark, ok := ReadMark(s.After)
	if ok {
		if known, err = s.hub.Source.Knows(ctx, mark); err != nil {
			return false
		}
	}
	hello := Message{helloEvent, "{}"}
	if !known {
		if mark, err = s.hub.Source.Now(ctx); err != nil {
			return false
		}
		if s.After != "" {
			hello.Name = resetEvent
		}
	}
	s.mark, s.shown = mark, mark
	s.out = placed(s.out, mark, hello)
	return s.news(ctx)
}

// beat adds a sign of life, with the place that the reader has reached though nothing of it was for him.
func (s *stream[E]) beat(ctx context.Context) bool {
	if _, ok := s.Look(ctx); !ok {
		return false
	}
	if s.shown != s.mark {
		s.shown = s.mark
		s.out = placed(s.out, s.mark, Message{})
		return true
	}
	s.out = append(s.out, ":\n\n"...)
	return true
}

// news adds what has happened since, and what was said. It reports false where the stream is over: the reader comes back and is told by
// another one.
func (s *stream[E]) news(ctx context.Context) bool {
	s.mu.Lock()
	said := s.said
	s.said = nil
	s.mu.Unlock()
	items, missed, err := s.hub.since(ctx, s.mark)
	if err != nil {
		return false
	}
	if missed {
		if s.mark, err = s.hub.Source.Now(ctx); err != nil {
			return false
		}
		s.shown = s.mark
		s.out = placed(s.out, s.mark, Message{resetEvent, "{}"})
		items = nil
	}
	if len(items) > 0 {
		tell, ok := s.Look(ctx)
		if !ok {
			return false
		}
		for _, m := range tell(items) {
			s.out = placed(s.out, m.Mark, m.Message)
			s.shown = m.Mark
		}
		s.mark = items[len(items)-1].Mark
	}
	for _, m := range said {
		s.out = format(s.out, m)
	}
	return true
}

// send writes what was added.
func (s *stream[E]) send(w io.Writer) bool {
	if len(s.out) == 0 {
		return true
	}
	_, err := w.Write(s.out)
	if s.out = s.out[:0]; cap(s.out) > 4<<10 {
		s.out = nil
	}
	return err == nil
}
