package workers

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels"
)

// Route joins one path of the public listener to a connector.
type Route struct {
	Inbox   string
	Pattern string           // net/http pattern without a method, e.g. "/hooks/hotline"
	Webhook channels.Webhook // receives POST, and GET where Pages is nil (handshakes of providers)
	Pages   http.Handler     // answers GET, for channels with pages of their own
}

// Door is the public HTTP listener's handler: it bounds, hands over, waits for the commit and
// answers. It never asks a provider anything.
type Door struct {
	Intake  *Intake
	Limit   int64            // bytes of a body; 32 MiB if 0
	Budget  *channels.Budget // of all bodies until they are recorded; nil for no end
	Proxies []netip.Prefix   // whose X-Forwarded-For is believed
	Wait    time.Duration    // how long a commit may take before the sender is told to come back; 10 s if 0
	Logger  *slog.Logger
	Meter   *Meter
}

// Handler serves the routes.
func (d *Door) Handler(routes []Route) http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		hook := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { d.receive(w, req, r) })
		mux.Handle("POST "+r.Pattern, hook)
		switch {
		case r.Pages != nil:
			mux.Handle("GET "+r.Pattern, r.Pages)
			mux.Handle("GET "+strings.TrimSuffix(r.Pattern, "/")+"/", r.Pages)
		default:
			mux.Handle("GET "+r.Pattern, hook)
		}
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	return mux
}

func (d *Door) receive(w http.ResponseWriter, req *http.Request, r Route) {
	limit := d.Limit
	if limit == 0 {
		limit = 32 << 20
	}
	hold := d.Budget.Hold()
	defer hold.Release()
	body, err := d.read(w, req, limit, hold)
	if err != nil {
		d.refuse(w, r.Inbox, err)
		return
	}
	got, err := r.Webhook.Receive(channels.Request{
		Method: req.Method, URL: req.URL, Header: req.Header, Body: body, Remote: d.remote(req),
	}, time.Now())
	if err != nil {
		d.refuse(w, r.Inbox, err)
		return
	}
	d.record(w, req, r.Inbox, got)
}

// record commits, and only then answers.
func (d *Door) record(w http.ResponseWriter, req *http.Request, inbox string, got channels.Received) {
	wait := d.Wait
	if wait == 0 {
		wait = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(req.Context(), wait)
	defer cancel()
	recorded, err := d.Intake.Received(ctx, inbox, got)
	if err != nil {
		d.refuse(w, inbox, err)
		return
	}
	answer := got.Answer
	if got.Reply != nil {
		answer = got.Reply(recorded)
	}
	writeAnswer(w, answer)
}

func writeAnswer(w http.ResponseWriter, a channels.Answer) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	w.WriteHeader(a.Status)
	w.Write(a.Body)
}

// refuse answers an error: with the connector's own page where it made one, else with the bare
// status. A forger learns nothing.
func (d *Door) refuse(w http.ResponseWriter, inbox string, err error) {
	status, after := refusal(err)
	d.Meter.refused(inbox, status)
	d.Logger.Warn("webhook refused", "inbox", inbox, "status", status, "error", err)
	if after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((after+time.Second-1)/time.Second)))
	}
	var e *channels.Error
	if errors.As(err, &e) && e.Answer != nil {
		answer := *e.Answer
		answer.Status = cmp.Or(answer.Status, status)
		writeAnswer(w, answer)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, strings.ToLower(http.StatusText(status))+"\n")
}

func refusal(err error) (status int, after time.Duration) {
	var e *channels.Error
	if !errors.As(err, &e) {
		return http.StatusServiceUnavailable, 5 * time.Second
	}
	switch e.Class {
	case channels.Unauthorized:
		return http.StatusUnauthorized, 0
	case channels.TooLarge:
		return http.StatusRequestEntityTooLarge, 0
	case channels.Throttled:
		return http.StatusTooManyRequests, max(e.After, time.Second)
	case channels.Permanent:
		return http.StatusBadRequest, 0
	default:
		return http.StatusServiceUnavailable, max(e.After, 5*time.Second)
	}
}

func readError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &channels.Error{Op: "reading request", Class: channels.TooLarge, Err: err}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &channels.Error{Op: "reading request", Class: channels.Temporary, Err: err}
	}
	return &channels.Error{Op: "reading request", Class: channels.Permanent, Err: err}
}

// Remote tells the caller's address to pages that limit by it.
func (d *Door) Remote(req *http.Request) string { return d.remote(req) }

// remote is the caller's address. X-Forwarded-For is read from the right, as far as the hops are
// ours.
func (d *Door) remote(req *http.Request) string {
	host := withoutPort(req.RemoteAddr)
	hops := strings.Split(strings.Join(req.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && d.trusted(host); i-- {
		if hop := strings.TrimSpace(hops[i]); hop != "" {
			host = withoutPort(hop)
		}
	}
	return host
}

func withoutPort(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

func (d *Door) trusted(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range d.Proxies {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}
