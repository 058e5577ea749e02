package receive

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/limits"
	"frontdesk/channels/webhook"
)

// TestManyLargeBodiesAtOnceStayWithinTheBudget: a hundred clients at once, in all six times what there
// is room for. None holds more than there is, each is recorded in the end, and a small one that comes
// while no large one gets in any more is taken at once.
func TestManyLargeBodiesAtOnceStayWithinTheBudget(t *testing.T) {
	const clients, size, room = 100, 1 << 20, 16 << 20
	r := newRig(t)
	d := r.door()
	d.Limit, d.Budget = 2*size, limits.NewBudget(room, 2*size)
	full, open := make(chan struct{}), make(chan struct{})
	var arrived, most atomic.Int64
	arrive := func() {
		if arrived.Add(1) == clients { // each is in, or was refused
			close(full)
		}
	}
	hook := hookFunc(func(req webhook.Request) (webhook.Received, error) {
		if len(req.Body) > limits.SmallMessage {
			arrive()
			<-open
		}
		for held := d.Budget.Held(); held > most.Load(); held = d.Budget.Held() {
			most.Store(held)
		}
		id := req.Header.Get("X-Id")
		return webhook.Received{Deliveries: []channels.Delivery{{Inbox: "hotline", Channel: "sms", Key: id, At: time.Now(), Raw: req.Body}}}, nil
	})
	server := httptest.NewServer(d.Handler([]Route{{Inbox: "hotline", Pattern: "/hooks/hotline", Webhook: hook}}))
	t.Cleanup(server.Close)
	body := bytes.Repeat([]byte("0123456789abcdef"), size/16)
	var refused atomic.Int64
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for postUntilTaken(t, server.URL, i, body) != http.StatusOK {
				refused.Add(1)
				arrive()
				<-open
				time.Sleep(20 * time.Millisecond) // as Retry-After asks, faster
			}
		})
	}
	<-full
	if status := postUntilTaken(t, server.URL, clients, []byte("small")); status != http.StatusOK {
		t.Errorf("a small body: %d", status)
	}
	close(open)
	all.Wait()
	r.Same("recorded", clients+1, r.Undecided("hotline"))
	// On a busy machine a body may come too slowly: that is refused, too, and not for want of room.
	if counted := d.Budget.Refused(); counted == 0 || counted > refused.Load() || most.Load() > room || d.Budget.Held() != 0 {
		t.Errorf("%d refused (%d counted), at most %d held of %d, %d in the end", refused.Load(), d.Budget.Refused(), most.Load(), room, d.Budget.Held())
	}
}

// postUntilTaken posts a body, every third one without telling its size.
func postUntilTaken(t *testing.T, url string, i int, body []byte) int {
	var in io.Reader = bytes.NewReader(body)
	if i%3 == 0 {
		in = io.MultiReader(in)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/hooks/hotline", in)
	if err != nil {
		t.Error(err)
		return http.StatusOK
	}
	req.Header.Set("X-Id", strings.Repeat("x", i+1))
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Errorf("posting: %v", err)
		return http.StatusOK
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") != "5" {
		t.Errorf("Retry-After is %q", answer.Header.Get("Retry-After"))
	}
	return answer.StatusCode
}

// TestABodyThatStandsStillIsGivenUp: what is held for it is held from others.
func TestABodyThatStandsStillIsGivenUp(t *testing.T) {
	status, _ := refusal(readError(context.DeadlineExceeded))
	if status != http.StatusBadRequest {
		t.Errorf("a body that broke: %d", status)
	}
	stalled := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	d := &Door{Budget: limits.NewBudget(1<<20, 1<<10)}
	req := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader("begun"), stalled))
	hold := d.Budget.Hold()
	_, done, err := d.read(stalled, req, netip.Addr{}, 1<<10, hold)
	done()
	hold.Release()
	if status, _ := refusal(err); status != http.StatusServiceUnavailable || len(stalled.set) < 2 {
		t.Errorf("a body that stands still: %v, deadlines %v", err, stalled.set)
	}
	if first := time.Until(stalled.set[0]); first <= 0 || first > bodyPause {
		t.Errorf("its first byte may take %s", first)
	}
}

// deadlines is a connection that stands still until its deadline.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error { d.set = append(d.set, at); return nil }
func (d *deadlines) Read([]byte) (int, error)           { return 0, os.ErrDeadlineExceeded }
