package receive

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/webhook"
	"frontdesk/internal/groupcommit"
)

// hookFunc is a webhook that does what the test says.
type hookFunc func(r webhook.Request) (webhook.Received, error)

func (f hookFunc) Receive(r webhook.Request, _ time.Time) (webhook.Received, error) { return f(r) }

func (r *rig) door() *Door {
	return &Door{Intake: r.intake, Logger: r.Logger, Meter: r.meter, Limit: 100}
}

// knock makes one call of a door's only webhook.
func knock(d *Door, hook webhook.Receiver, change func(*http.Request), body string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, "/hooks/hotline?token=t", strings.NewReader(body))
	if change != nil {
		change(req)
	}
	w := httptest.NewRecorder()
	d.Handler([]Route{{Inbox: "hotline", Pattern: "/hooks/hotline", Webhook: hook}}).ServeHTTP(w, req)
	return w
}

func TestTheDoorAnswersOnlyAfterTheCommit(t *testing.T) {
	r := newRig(t)
	hook := hookFunc(func(req webhook.Request) (webhook.Received, error) {
		return webhook.Received{Deliveries: []channels.Delivery{r.Delivery("hotline", "SM1", letter{})},
			Reply: func(recorded []channels.Recorded) channels.Answer {
				if n := r.Undecided("hotline"); n != 1 || len(recorded) != 1 || recorded[0].Key != "SM1" {
					t.Errorf("answering with %d messages recorded: %+v", n, recorded)
				}
				return channels.Answer{Status: http.StatusAccepted, Header: http.Header{"Content-Type": {"text/xml"}}, Body: []byte("<Response/>" + string(req.Body) + req.URL.RawQuery)}
			}}, nil
	})
	w := knock(r.door(), hook, nil, "From=1")
	r.Same("answer", []any{202, "text/xml", "<Response/>From=1token=t"}, []any{w.Code, w.Header().Get("Content-Type"), w.Body.String()})
}

func TestTheDoorsAnswers(t *testing.T) {
	refusal := func(e channels.Error) hookFunc {
		return func(webhook.Request) (webhook.Received, error) {
			e.Op, e.Err = "verifying", errors.New("signature is abc, wanted def")
			return webhook.Received{}, &e
		}
	}
	for _, c := range []struct {
		name       string
		hook       hookFunc
		body       string
		status     int
		retryAfter string
		text       string
	}{
		{"a plain call is a plain 200", func(webhook.Request) (webhook.Received, error) { return webhook.Received{}, nil }, "", 200, "", ""},
		{"a challenge is answered", func(webhook.Request) (webhook.Received, error) {
			return webhook.Received{Answer: channels.Answer{Body: []byte("challenge")}}, nil
		}, "", 200, "", "challenge"},
		{"a body at the limit is read", func(r webhook.Request) (webhook.Received, error) {
			return webhook.Received{Answer: channels.Answer{Body: r.Body[:1]}}, nil
		}, strings.Repeat("x", 100), 200, "", "x"},
		{"a body over the limit is refused", nil, strings.Repeat("x", 101), 413, "", "request entity too large\n"},
		{"a forged call learns nothing", refusal(channels.Error{Class: channels.Unauthorized}), "", 401, "", "unauthorized\n"},
		{"a senseless call is its sender's fault", refusal(channels.Error{Class: channels.Permanent}), "", 400, "", "bad request\n"},
		{"a part that is too large is refused", refusal(channels.Error{Class: channels.TooLarge}), "", 413, "", "request entity too large\n"},
		{"who comes too often is told when to come again", refusal(channels.Error{Class: channels.Throttled, After: 1500 * time.Millisecond}), "", 429, "2", "too many requests\n"},
		{"who comes too often is told something at least", refusal(channels.Error{Class: channels.Throttled}), "", 429, "1", "too many requests\n"},
		{"our own trouble asks to come again", refusal(channels.Error{}), "", 503, "5", "service unavailable\n"},
		{"an error of no class is our own trouble", func(webhook.Request) (webhook.Received, error) {
			return webhook.Received{}, errors.New("database at 10.0.0.7")
		}, "", 503, "5", "service unavailable\n"},
		{"a connector's own page is shown", refusal(channels.Error{Class: channels.Throttled, Answer: &channels.Answer{Body: []byte("<p>later</p>")}}), "", 429, "1", "<p>later</p>"},
		{"a page may have a status of its own", refusal(channels.Error{Class: channels.Permanent, Answer: &channels.Answer{Status: 422, Body: []byte("<p>no</p>")}}), "", 422, "", "<p>no</p>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &Door{Intake: &Intake{}, Logger: slog.New(slog.DiscardHandler), Limit: 100}
			w := knock(d, c.hook, nil, c.body)
			if w.Code != c.status || w.Header().Get("Retry-After") != c.retryAfter || w.Body.String() != c.text {
				t.Errorf("answer %d, Retry-After %q, %q; want %d, %q, %q", w.Code, w.Header().Get("Retry-After"), w.Body, c.status, c.retryAfter, c.text)
			}
		})
	}
}

func TestACommitThatTakesTooLongAsksToComeBack(t *testing.T) {
	r := newRig(t)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	r.intake.live = groupcommit.New(1, func(context.Context, []piece) ([][]channels.Recorded, error) {
		<-release // nothing is ever committed
		return nil, errors.New("the test is over")
	})
	d := r.door()
	d.Wait = time.Millisecond
	hook := hookFunc(func(webhook.Request) (webhook.Received, error) {
		return webhook.Received{Deliveries: []channels.Delivery{r.Delivery("hotline", "SM1", letter{})}}, nil
	})
	w := knock(d, hook, nil, "")
	r.Same("answer", []any{503, "5", "service unavailable\n"}, []any{w.Code, w.Header().Get("Retry-After"), w.Body.String()})
}

func TestACallerWhoHangsUpIsNobodysTrouble(t *testing.T) {
	r := newRig(t)
	hook := hookFunc(func(webhook.Request) (webhook.Received, error) {
		return webhook.Received{Deliveries: []channels.Delivery{r.Delivery("hotline", "SM1", letter{})}}, nil
	})
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	knock(r.door(), hook, func(req *http.Request) { *req = *req.WithContext(ctx) }, "")
	again := knock(r.door(), hook, nil, "")
	r.Same("the next call, messages", []int{200, 1}, []int{again.Code, len(r.Messages())})
}

func TestWhoseAddressIsBelieved(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"a direct call", "203.0.113.9:4711", nil, "203.0.113.9"},
		{"a stranger's word for it", "203.0.113.9:4711", []string{"198.51.100.1"}, "203.0.113.9"},
		{"our proxy's word", "10.0.0.1:4711", []string{"198.51.100.1"}, "198.51.100.1"},
		{"what came before the proxy's word is the caller's invention", "10.0.0.1:4711", []string{"1.2.3.4, 198.51.100.1"}, "198.51.100.1"},
		{"a chain of our proxies", "10.0.0.1:4711", []string{"1.2.3.4, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		{"the field twice", "10.0.0.1:4711", []string{"1.2.3.4", "198.51.100.1,10.0.0.2"}, "198.51.100.1"},
		{"only proxies", "10.0.0.1:4711", []string{"10.0.0.3"}, "10.0.0.3"},
		{"an empty field", "10.0.0.1:4711", []string{" , "}, "10.0.0.1"},
		{"a proxy that names the port", "10.0.0.1:4711", []string{"198.51.100.1:5000"}, "198.51.100.1"},
		{"a proxy on IPv6", "[::1]:4711", []string{"2001:db8::7"}, "2001:db8::7"},
		{"an IPv6 caller with its port", "[::1]:4711", []string{"[2001:db8::7]:5000"}, "2001:db8::7"},
		{"a proxy as a mapped address", "[::ffff:10.0.0.1]:4711", []string{"198.51.100.1"}, "198.51.100.1"},
		{"no address at all", "@", []string{"198.51.100.1"}, "@"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			hook := hookFunc(func(r webhook.Request) (webhook.Received, error) { got = r.Remote; return webhook.Received{}, nil })
			d := &Door{Intake: &Intake{}, Logger: slog.New(slog.DiscardHandler), Proxies: proxies}
			knock(d, hook, func(req *http.Request) {
				req.RemoteAddr = c.remote
				req.Header["X-Forwarded-For"] = c.forwarded
			}, "")
			if got != c.want {
				t.Errorf("remote is %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhoGetsWhichPath(t *testing.T) {
	d := &Door{Intake: &Intake{}, Logger: slog.New(slog.DiscardHandler)}
	hook := func(name string) webhook.Receiver {
		return hookFunc(func(r webhook.Request) (webhook.Received, error) {
			return webhook.Received{Answer: channels.Answer{Body: []byte(name + " " + r.Method)}}, nil
		})
	}
	page := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { io.WriteString(w, "page "+req.URL.Path) })
	h := d.Handler([]Route{{Inbox: "hotline", Pattern: "/hooks/hotline", Webhook: hook("hotline")}, {Inbox: "form", Pattern: "/form/web", Webhook: hook("form"), Pages: page}})
	for _, c := range []struct {
		method, path, want string
		status             int
	}{
		{"POST", "/hooks/hotline", "hotline POST", 200},
		{"POST", "/form/web", "form POST", 200},
		{"GET", "/form/web", "page /form/web", 200},
		{"GET", "/form/web/style.css", "page /form/web/style.css", 200},
		{"GET", "/healthz", "ok\n", 200},
		{"POST", "/hooks/other", webhook.NothingHere + "\n", 404},
		{"GET", "/form/wed", webhook.NothingHere + "\n", 404},
		{"DELETE", "/form/web", "This address takes GET, HEAD, POST.\n此地址只接受 GET, HEAD, POST。\n", 405},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.status || w.Body.String() != c.want {
			t.Errorf("%s %s: %d %q, want %d %q", c.method, c.path, w.Code, w.Body, c.status, c.want)
		}
	}
}

// TestAWrongMethodIsToldTheRightOnes, on every route (RFC 9110 §15.5.6).
func TestAWrongMethodIsToldTheRightOnes(t *testing.T) {
	d := &Door{Intake: &Intake{}, Logger: slog.New(slog.DiscardHandler)}
	hook := hookFunc(func(webhook.Request) (webhook.Received, error) { return webhook.Received{}, nil })
	page := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	h := d.Handler([]Route{{Inbox: "app", Pattern: "/api/v1/inboxes/app/messages", Webhook: hook}, {Inbox: "hotline", Pattern: "/hooks/hotline", Webhook: hook},
		{Inbox: "form", Pattern: "/form/web", Webhook: hook, Pages: page}})
	for path, allowed := range map[string]string{
		"/api/v1/inboxes/app/messages": "POST", "/hooks/hotline": "POST", "/form/web": "GET, HEAD, POST", "/form/web/challenge": "GET, HEAD", "/healthz": "GET, HEAD",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} {
			if strings.Contains(allowed, method) {
				continue
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader("a body")))
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != allowed {
				t.Errorf("%s %s: %d, Allow %q, want 405 and %q", method, path, w.Code, w.Header().Get("Allow"), allowed)
			}
		}
	}
}

// salvager says what it was shown of a body that is too large.
type salvager struct {
	hookFunc
	t    *testing.T
	seen *int
}

func (s salvager) Overlong(r webhook.Request) error {
	*s.seen = len(r.Body)
	if len(r.Body) > webhook.MaxHead {
		s.t.Errorf("the head has %d bytes", len(r.Body))
	}
	return &channels.Error{Op: "receiving", Class: channels.TooLarge, Err: errTooLarge, Answer: &channels.Answer{Body: r.Body[:5]}}
}

// TestABodyThatIsTooLargeIsAnsweredFromItsBeginning, whether it says its length or not.
func TestABodyThatIsTooLargeIsAnsweredFromItsBeginning(t *testing.T) {
	r := newRig(t)
	for name, c := range map[string]struct {
		length int64
		size   int
	}{"of a length that is told": {300 << 10, 300 << 10}, "of no length": {-1, 300 << 10}, "a little too large": {101, 101}} {
		t.Run(name, func(t *testing.T) {
			seen := 0
			hook := salvager{hookFunc(func(webhook.Request) (webhook.Received, error) {
				t.Error("received")
				return webhook.Received{}, nil
			}), t, &seen}
			w := knock(r.door(), hook, func(req *http.Request) { req.ContentLength = c.length }, "typed"+strings.Repeat("0", c.size-5))
			if w.Code != http.StatusRequestEntityTooLarge || w.Body.String() != "typed" || seen == 0 {
				t.Errorf("%d %q after %d bytes", w.Code, w.Body, seen)
			}
		})
	}
}

// FuzzDoor hands over whatever a caller may send. The door must answer, and only ever with a
// connector's words or a bare status.
func FuzzDoor(f *testing.F) {
	f.Add([]byte("From=1"), "198.51.100.1", "203.0.113.9:1")
	f.Add(bytes.Repeat([]byte{0}, 200), ",,,::1,[", "[")
	f.Add([]byte("\xff"), "10.0.0.1:", "10.0.0.1:9")
	f.Fuzz(func(t *testing.T, body []byte, forwarded, remote string) {
		d := &Door{Intake: &Intake{}, Logger: slog.New(slog.DiscardHandler), Limit: 100, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
		hook := hookFunc(func(r webhook.Request) (webhook.Received, error) {
			if len(r.Body) > 100 {
				t.Errorf("%d bytes came through", len(r.Body))
			}
			return webhook.Received{}, nil
		})
		w := knock(d, hook, func(req *http.Request) {
			req.RemoteAddr = remote
			req.Header["X-Forwarded-For"] = []string{forwarded}
		}, string(body))
		if want := map[bool]int{true: 200, false: 413}[len(body) <= 100]; w.Code != want {
			t.Errorf("status %d, want %d", w.Code, want)
		}
	})
}
