package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
)

// FuzzPayload hands a worker foreign bytes as a task: it is refused for good, or its ids are ones that
// a message can have, and enqueued again they are the same.
func FuzzPayload(f *testing.F) {
	f.Add([]byte(`{"ids":[1,2,3],"due":true}`))
	f.Add([]byte(`{"ids":[0,-1,9223372036854775808]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got *Work
		err := (&Engine{}).handler(Process, func(_ context.Context, w Work) error {
			got = &w
			return nil
		})(t.Context(), asynq.NewTask(string(Process), raw))
		if (err == nil) != (got != nil) || err != nil && !errors.Is(err, asynq.SkipRetry) {
			t.Fatalf("error %v, work %v", err, got)
		}
		if err != nil {
			return
		}
		if len(got.IDs) == 0 || len(got.IDs) > maxIDs || slices.Min(got.IDs) < 0 {
			t.Errorf("work %+v", got)
		}
		body, err := json.Marshal(payload{IDs: got.IDs, Due: got.Due})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := decode(body); err != nil || !slices.Equal(again.IDs, got.IDs) || again.Due != got.Due {
			t.Errorf("written again it is %+v, %v", again, err)
		}
	})
}

// FuzzWire sends foreign bytes to the in-process Redis: it answers each command that it understood in the
// form of Redis, ends the connection at the first that it did not, and goes on for everybody else.
func FuzzWire(f *testing.F) {
	for _, text := range malformed {
		f.Add([]byte(text))
	}
	f.Add([]byte("*1\r\n$4\r\nPING\r\n*3\r\n$4\r\nZADD\r\n$1\r\na\r\n$1\r\n1\r\n"))
	f.Add([]byte("*5\r\n$6\r\nZRANGE\r\n$1\r\na\r\n$2\r\n-1\r\n$20\r\n-9223372036854775808\r\n$3\r\nREV\r\n"))
	f.Add([]byte("*3\r\n$6\r\nMEMORY\r\n$5\r\nUSAGE\r\n$1\r\na\r\n*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\na\r\n*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n"))
	f.Add([]byte("*4\r\n$7\r\nEVALSHA\r\n$40\r\n074af2c5a4623800684c1b0e4e328c2500f06815\r\n$1\r\n1\r\n$1\r\nk\r\n*2\r\n$4\r\nEVAL\r\n$0\r\n\r\n"))
	e, err := StartEmbedded(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(e.Close)
	other := e.Client()
	f.Cleanup(func() { other.Close() })
	f.Fuzz(func(t *testing.T, raw []byte) {
		line, err := e.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer line.Close()
		line.SetDeadline(time.Now().Add(30 * time.Second))
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			line.Write(raw) //nolint:errcheck // it may be ended before
			line.(*end).out.close(&line.(*end).out.complete)
		}()
		for r := bufio.NewReader(line); ; {
			if _, err := r.Peek(1); err != nil {
				if !errors.Is(err, io.EOF) {
					t.Fatalf("the connection ended with %v", err)
				}
				break
			}
			if err := skipAnswer(r, 0); err != nil {
				t.Fatal(err)
			}
		}
		<-sent
		if err := other.Ping(t.Context()).Err(); err != nil {
			t.Fatalf("another client: %v", err)
		}
	})
}

// skipAnswer reads one answer of Redis (RESP2, and what HELLO 3 brings).
func skipAnswer(r *bufio.Reader, depth int) error {
	line, err := r.ReadString('\n')
	if err != nil || len(line) < 3 || !strings.HasSuffix(line, "\r\n") {
		return fmt.Errorf("half an answer: %q, %w", line, err)
	}
	n, nerr := strconv.Atoi(line[1 : len(line)-2])
	switch kind := line[0]; kind {
	case '+', '-', '_', ',', '#', ':':
		return nil
	case '$':
		if nerr != nil || n < 0 {
			return nerr // -1: nothing is there
		}
		_, err := r.Discard(n + 2)
		return err
	case '*', '%', '~', '>':
		if nerr != nil || depth > 8 {
			return fmt.Errorf("%q at depth %d", line, depth)
		}
		if kind == '%' {
			n *= 2
		}
		for range max(n, 0) {
			if err := skipAnswer(r, depth+1); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("no answer of Redis: %q", line)
	}
}
