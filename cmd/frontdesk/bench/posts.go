package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/cmd/frontdesk/bench/histogram"
)

// load is what a number of connections did. sent counts all items, took is from the first request to the last answer.
type load struct {
	sent    int
	took    time.Duration
	latency histogram.Histogram
}

func (l load) rate() float64 { return float64(l.sent) / l.took.Seconds() }

// post sends the requests over that many connections, each of which waits for the answer before it
// sends the next (a closed loop). The requests are whole and in memory, and the answers are barely
// looked at, so that next to nothing of the machine goes into sending them.
func post(ctx context.Context, addr string, connections int, requests [][]byte) (load, error) {
	return closedLoop(ctx, connections, len(requests), func() (sender, error) {
		p, err := dialPoster(ctx, addr)
		if err != nil {
			return nil, err
		}
		p.requests = requests
		return p, nil
	})
}

// sender is one connection of a load. send sends item i and waits for its answer.
type sender interface {
	send(i int) error
	io.Closer
}

// closedLoop lets connections share n items: each takes the next one when it is done, so that a slow connection holds
// up none. The first error ends it. All connections stand before the clock runs; each has a histogram of its own, so
// that none waits for a lock.
func closedLoop(ctx context.Context, connections, n int, dial func() (sender, error)) (load, error) {
	senders := make([]sender, 0, connections)
	defer func() {
		for _, s := range senders {
			_ = s.Close() // its work is done
		}
	}()
	for range connections {
		s, err := dial()
		if err != nil {
			return load{}, err
		}
		senders = append(senders, s)
	}
	histograms, failures := make([]histogram.Histogram, connections), make([]error, connections)
	var next atomic.Int64
	var wait sync.WaitGroup
	begin := time.Now()
	for c, s := range senders {
		wait.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				start := time.Now()
				if err := s.send(i); err != nil {
					failures[c] = err
					next.Store(int64(n))
					return
				}
				histograms[c].Record(time.Since(start))
			}
		})
	}
	wait.Wait()
	l := load{sent: n, took: time.Since(begin)}
	for i := range histograms {
		l.latency.Merge(&histograms[i])
	}
	return l, errors.Join(append(failures, ctx.Err())...)
}

// poster is one keep-alive HTTP/1.1 connection.
type poster struct {
	conn     net.Conn
	in       *bufio.Reader
	requests [][]byte
}

// answerWithin is how long one answer may take.
const answerWithin = 30 * time.Second

func dialPoster(ctx context.Context, addr string) (*poster, error) {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("connecting to the service: %w", err)
	}
	return &poster{conn: conn, in: bufio.NewReaderSize(conn, 4096)}, nil
}

func (p *poster) Close() error { return p.conn.Close() }

// send posts request i and reads its answer. Anything but 200 ends the measurement.
func (p *poster) send(i int) error {
	if err := p.conn.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return err
	}
	if _, err := p.conn.Write(p.requests[i]); err != nil {
		return fmt.Errorf("posting: %w", err)
	}
	status, err := answer(p.in)
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if status != 200 {
		return fmt.Errorf("posting: the answer was %d", status)
	}
	return nil
}

// answer reads one HTTP/1.1 response with a Content-Length and drops its body. net/http would cost as much as the
// service does.
func answer(in *bufio.Reader) (status int, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("the status line is %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, fmt.Errorf("the status line is %q", line)
	}
	length := 0
	for {
		if line, err = in.ReadSlice('\n'); err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		}
	}
	_, err = in.Discard(length)
	return status, err
}
