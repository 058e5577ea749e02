package receive

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/guard"
	"frontdesk/channels/limits"
	"frontdesk/channels/webhook"
	"frontdesk/workers"
)

// Route joins one path of the public listener to a connector.
type Route struct {
	Inbox   string
	Pattern string           // net/http pattern without a method, e.g. "/hooks/hotline"
	Webhook webhook.Receiver // receives POST
	Pages   http.Handler     // answers GET, for channels with pages of their own
}

// Door is the public HTTP listener's handler: it bounds, hands over, waits for the commit and answers. It never asks
// a provider anything. Everything here faces strangers: what costs nothing is looked at first, memory is held as
// bytes come, and nobody's slowness holds what others need.
type Door struct {
	Intake  *Intake
	Limit   int64          // bytes of a body; 32 MiB if 0
	Budget  *limits.Budget // of all bodies until they are recorded; nil for no end
	Proxies []netip.Prefix // whose X-Forwarded-For is believed
	// Shares are the bytes and Requests the calls that one client has under way; nil for no end.
	Shares, Requests *guard.Shares
	Checks           http.Handler  // the pages on which customers enter one-time codes; nil: there are none
	Wait             time.Duration // how long a commit may take before the sender is told to come back; 10 s if 0
	Logger           *slog.Logger
	Meter            *workers.Meter
}

// maxFields is how many different header fields a request may have; providers and browsers send some
// thirty.
// The count is of names, so a field that comes often is one; MaxHeaderBytes of the server bounds the whole.
const maxFields = 100

// Handler serves the routes. A reload makes another handler of the same door. A path that ends in the route of a page
// gets its pages' sub-paths as well.
func (d *Door) Handler(routes []Route) http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		hook := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { d.receive(w, req, r) })
		mux.Handle("POST "+r.Pattern, hook)
		switch {
		case r.Pages != nil:
			pages := withoutBody(r.Pages)
			mux.Handle("GET "+r.Pattern, pages)
			mux.Handle("GET "+strings.TrimSuffix(r.Pattern, "/")+"/", pages)
		default:
			mux.Handle(r.Pattern, d.postOnly(r))
		}
	}
	if d.Checks != nil {
		mux.Handle("/check/{link}", d.Checks)
	}
	mux.Handle("GET /healthz", withoutBody(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })))
	lost := withoutBody(astray(mux))
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch _, pattern := mux.Handler(req); {
		case len(req.Header) > maxFields:
			withoutBody(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "request header fields too large", http.StatusRequestHeaderFieldsTooLarge)
			})).ServeHTTP(w, req)
		case pattern == "":
			lost.ServeHTTP(w, req)
		default:
			mux.ServeHTTP(w, req)
		}
	})
}

// astray answers where no route leads, in words that customers read too: somebody has copied a link wrongly. A route may lead
// there for another method (RFC 9110 §15.5.6).
func astray(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			other := req.Clone(req.Context())
			if other.Method = method; method != req.Method {
				if _, pattern := mux.Handler(other); pattern != "" {
					allowed = append(allowed, method)
				}
			}
		}
		w.Header().Set("Content-Language", "en, zh")
		if len(allowed) == 0 {
			http.Error(w, webhook.NothingHere, http.StatusNotFound)
			return
		}
		takes := strings.Join(allowed, ", ")
		w.Header().Set("Allow", takes)
		http.Error(w, "This address takes "+takes+".\n此地址只接受 "+takes+"。", http.StatusMethodNotAllowed)
	})
}

// postOnly refuses a call with any other method (RFC 9110 §15.5.6). It counts and is logged as a refusal of the inbox: as a
// rule somebody has set GET at his provider.
func (d *Door) postOnly(r Route) http.Handler {
	return withoutBody(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := http.Header{}
		h.Set("Allow", http.MethodPost)
		h.Set("Content-Type", "text/plain; charset=utf-8")
		d.refuse(w, r.Inbox, &channels.Error{Op: "reading request", Class: channels.Permanent, Err: errors.New("the method is not POST"),
			Answer: &channels.Answer{Status: http.StatusMethodNotAllowed, Header: h, Body: []byte("this address takes POST\n")}})
	}))
}

// withoutBody serves what takes no body: of a request that has one nothing is waited for, and its
// connection ends.
func withoutBody(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.ContentLength != 0 {
			parting(w)
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Second))
		}
		h.ServeHTTP(w, req)
	})
}

// receive looks at what costs nothing first: the head of the call, then the client's share, then the
// body as it comes.
func (d *Door) receive(w http.ResponseWriter, req *http.Request, r Route) {
	remote := d.remote(req)
	call := webhook.Request{Method: req.Method, URL: req.URL, Header: req.Header, Remote: remote}
	limit, tooLarge := d.admit(r, call, req.ContentLength)
	if tooLarge != nil && !salvages(r, tooLarge) {
		d.turnAway(w, req, r.Inbox, tooLarge)
		return
	} else if tooLarge != nil {
		limit = webhook.MaxHead
	}
	// The number of calls of one client comes before his bytes: a call costs a goroutine and a buffer, whatever it
	// holds.
	who := d.client(remote)
	if !d.Requests.Take(who, 1) {
		d.turnAway(w, req, r.Inbox, &channels.Error{Op: "reading request", Class: channels.Throttled, After: time.Second, Err: errors.New("too many calls of one client under way")})
		return
	}
	defer d.Requests.Give(who, 1)
	hold := d.Budget.Hold()
	defer hold.Release()
	body, done, err := d.read(w, req, who, limit, hold)
	defer done()
	if err = cmp.Or(tooLarge, err); err != nil {
		err = salvage(r, call, body, err)
		hold.Release()
		done()
		d.turnAway(w, req, r.Inbox, err)
		return
	}
	rest := working(req)
	defer rest()
	call.Body = body
	got, err := r.Webhook.Receive(call, time.Now())
	var answer channels.Answer
	if err == nil {
		answer, err = d.record(req.Context(), r.Inbox, got)
	}
	// Whoever does not read his answer holds nothing of others: no memory, no share, and no place.
	call.Body = nil
	hold.Release()
	done()
	rest()
	if err != nil {
		d.refuse(w, r.Inbox, err)
		return
	}
	writeAnswer(w, answer)
}

// salvages reports whether a connector wants to see how a body began that is refused for its size.
func salvages(r Route, err error) bool {
	_, able := r.Webhook.(webhook.Salvager)
	var e *channels.Error
	return able && errors.As(err, &e) && e.Class == channels.TooLarge
}

// salvage is the refusal of a body that is too large, by the connector where it has something to say about its beginning.
func salvage(r Route, call webhook.Request, head []byte, err error) error {
	if !salvages(r, err) {
		return err
	}
	call.Body = head[:min(len(head), webhook.MaxHead)]
	return cmp.Or(r.Webhook.(webhook.Salvager).Overlong(call), err)
}

// admit asks what may be refused before the body is read, and says how large that may be, in bytes. A body without an
// announced length is bounded as it comes.
func (d *Door) admit(r Route, call webhook.Request, length int64) (limit int64, err error) {
	limit = cmp.Or(d.Limit, 32<<20)
	if keeper, ok := r.Webhook.(webhook.Doorkeeper); ok {
		own, err := keeper.Admit(call, length)
		if err != nil {
			return 0, err
		}
		limit = min(limit, own)
	}
	if length > limit {
		return 0, &channels.Error{Op: "reading request", Class: channels.TooLarge, Err: errTooLarge}
	}
	return limit, nil
}

// client is whose share a call counts in; invalid for a proxy that named nobody.
func (d *Door) client(remote string) netip.Addr {
	ip, err := netip.ParseAddr(remote)
	if err != nil || guard.Within(ip, d.Proxies) {
		return netip.Addr{}
	}
	return ip
}

// turnAway refuses a call whose body was not read to its end.
func (d *Door) turnAway(w http.ResponseWriter, req *http.Request, inbox string, err error) {
	if req.ContentLength == 0 {
		d.refuse(w, inbox, err)
		return
	}
	parting(w)
	d.refuse(w, inbox, err)
	linger(w, req)
}

// record commits, and only then has the answer. A commit that takes too long is answered with "come back": it may
// still happen, and the repeat is recognised by its key.
func (d *Door) record(ctx context.Context, inbox string, got webhook.Received) (channels.Answer, error) {
	wait := d.Wait
	if wait == 0 {
		wait = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	recorded, err := d.Intake.Received(ctx, inbox, got)
	switch {
	case err != nil:
		return channels.Answer{}, err
	case got.Reply != nil:
		return got.Reply(recorded), nil
	}
	return got.Answer, nil
}

func writeAnswer(w http.ResponseWriter, a channels.Answer) {
	maps.Copy(w.Header(), a.Header)
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	within(w, len(a.Body))
	w.WriteHeader(a.Status)
	w.Write(a.Body)
}

// within gives an answer of that size its time to be read. It counts from here, not from the call.
func within(w http.ResponseWriter, size int) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(bodyPause + time.Duration(size)*time.Second/bodyPace))
}

// refuse answers an error: with the connector's own page where it made one, else with the bare
// status. A forger learns nothing.
func (d *Door) refuse(w http.ResponseWriter, inbox string, err error) {
	status, after := refusal(err)
	d.Meter.CountRefused(inbox, status)
	d.Logger.Warn("webhook refused", "inbox", inbox, "status", status, "error", err)
	if after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((after+time.Second-1)/time.Second)))
	}
	if e, ok := errors.AsType[*channels.Error](err); ok && e.Answer != nil {
		answer := *e.Answer
		answer.Status = cmp.Or(answer.Status, status)
		writeAnswer(w, answer)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	within(w, 0)
	w.WriteHeader(status)
	io.WriteString(w, strings.ToLower(http.StatusText(status))+"\n")
}

// refusal is the status for an error, and when to come back. What we do not know is 503: a provider repeats it, where
// 500 or 400 might end the matter.
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
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &channels.Error{Op: "reading request", Class: channels.TooLarge, Err: err}
	}
	if errors.Is(err, errTooSlow) || errors.Is(err, os.ErrDeadlineExceeded) {
		return &channels.Error{Op: "reading request", Class: channels.Temporary, Err: err}
	}
	return &channels.Error{Op: "reading request", Class: channels.Permanent, Err: err}
}

// Remote tells the caller's address to pages that limit by it.
func (d *Door) Remote(req *http.Request) string { return d.remote(req) }

// remote is the caller's address. X-Forwarded-For is read from the right, as far as the hops are ours: what stands
// left of the first foreign hop was written by the caller.
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
	return guard.Within(ip, d.Proxies)
}
