package bench

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// provider is the account at Twilio that the service sends through: it takes every message, answers
// as the real one does and notes when the request came. It keeps no more than that, since it runs
// beside what is measured.
type provider struct {
	listener net.Listener
	server   *http.Server
	serial   atomic.Int64

	mu      sync.Mutex
	arrived map[string]time.Time // by the recipient's number: the first one
}

func startProvider() (*provider, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the provider: %w", err)
	}
	p := &provider{listener: l, arrived: map[string]time.Time{}}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = p.server.Serve(l) }() // ends with close
	return p, nil
}

func (p *provider) url() string { return "http://" + p.listener.Addr().String() }

func (p *provider) close() { _ = p.server.Close() } // nothing is left to do about it

// taken is when the first message to a number came.
func (p *provider) taken(to string) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.arrived[to]
	return at, ok
}

func (p *provider) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.arrived)
}

// ServeHTTP takes a message, or lists that there are none.
func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	w.Header().Set("Content-Type", "application/json")
	if r.Method != http.MethodPost {
		_, _ = io.WriteString(w, `{"messages":[],"page":0,"page_size":50,"start":0,"end":0,"next_page_uri":null}`) // the client has gone
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	form, ferr := url.ParseQuery(string(body))
	if err != nil || ferr != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	to := form.Get("To")
	p.mu.Lock()
	if _, ok := p.arrived[to]; !ok {
		p.arrived[to] = now
	}
	p.mu.Unlock()
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"sid":"SM%032x","account_sid":%q,"to":%q,"from":%q,"status":"queued","num_segments":"1","direction":"outbound-api","error_code":null}`,
		1<<40+p.serial.Add(1), account, to, number)
}
