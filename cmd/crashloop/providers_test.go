package crashloop

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/channels/channelstest/twiliofake"
)

// What the fakes beyond the doors know of the desk.
const (
	twilioAccount = "AC00000000000000000000000000000001"
	twilioToken   = "test-twilio-auth-token"
	twilioNumber  = "+85221234567"
	botToken      = "4242:test-bot-token"
	botSecret     = "test-webhook-secret"
	publicURL     = "https://desk.example"
)

// send is one message that a provider took from us.
type send struct {
	address string // of the customer
	id      string // Message-ID, SID or Telegram's number
	at      time.Time
}

// providers are the other ends of everything that we send: a relay, Twilio and Telegram. They record
// what they have taken at the moment they take it, before they answer.
type providers struct {
	w        *world
	twilio   *twiliofake.Server
	telegram *telegramfake.Server
	relay    string // address

	mu       sync.Mutex
	mails    []send
	settled  int // sends of Twilio that had their status callback
	callback int // callbacks that were answered 2xx
}

func newProviders(w *world) *providers {
	return &providers{w: w, twilio: twiliofake.New(twilioAccount, twilioToken), telegram: telegramfake.New(botToken)}
}

// serveHTTP runs one of the fakes, slowed down.
func (p *providers) serveHTTP(t testing.TB, h http.Handler) string {
	s := httptest.NewServer(p.slowly(h))
	t.Cleanup(s.Close)
	return s.URL
}

// slowly lets a request wait before it is taken, and its answer after: in between the provider has
// the message and we do not know it.
func (p *providers) slowly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		before, after := p.delays()
		if h == http.Handler(p.twilio) && rand.IntN(8) == 0 {
			before += rand.N(50*p.w.opt.delay + 1) // a slow one may be taken when its sender is long dead
		}
		time.Sleep(before)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if p.w.moody() && h == http.Handler(p.twilio) {
			p.twilio.Fail([]twiliofake.Fault{twiliofake.Drop, twiliofake.ServerError}[rand.IntN(2)])
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r.WithContext(context.WithoutCancel(r.Context())))
		time.Sleep(after)
		for k, v := range answer.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // the client may be dead
	})
}

func (p *providers) delays() (before, after time.Duration) {
	most := p.w.opt.delay
	if most <= 0 {
		return 0, 0
	}
	return rand.N(most*3/4 + 1), rand.N(most/4 + 1)
}

// --- relay

func (p *providers) serveRelay(t testing.TB) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.relay = l.Addr().String()
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &relaySession{p: p}, nil }))
	srv.Domain, srv.AllowInsecureAuth = "relay.example", true
	served := make(chan struct{})
	go func() { defer close(served); _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close(); <-served })
}

type relaySession struct {
	p  *providers
	to string
}

func (s *relaySession) Reset()                                    { s.to = "" }
func (s *relaySession) Logout() error                             { return nil }
func (s *relaySession) Mail(string, *smtp.MailOptions) error      { return nil }
func (s *relaySession) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }

// Data takes a mail; now and then it is refused for a moment, as relays do.
func (s *relaySession) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, m.Body)
	before, after := s.p.delays()
	time.Sleep(before)
	if s.p.w.moody() {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again later"}
	}
	s.p.took(send{address: strings.ToLower(s.to), id: m.Header.Get("Message-ID"), at: time.Now()})
	time.Sleep(after)
	return nil
}

func (p *providers) took(m send) {
	p.mu.Lock()
	p.mails = append(p.mails, m)
	p.mu.Unlock()
	if rand.IntN(40) == 0 {
		p.w.bounce(m)
	}
}

// sends lists everything that the providers have taken.
func (p *providers) sends() []send {
	p.mu.Lock()
	out := append([]send(nil), p.mails...)
	p.mu.Unlock()
	for _, m := range p.twilio.Sent() {
		out = append(out, send{m.To, m.SID, m.At})
	}
	for _, m := range p.telegram.Sent() {
		out = append(out, send{strconv.FormatInt(m.Chat, 10), strconv.FormatInt(m.ID, 10), m.At})
	}
	return out
}

// --- status callbacks

// callBack makes Twilio's status callbacks until ctx ends: most messages arrive, some do not, and of
// some nothing is ever heard.
func (p *providers) callBack(ctx context.Context) {
	for ctx.Err() == nil {
		all := p.twilio.Sent()
		for _, m := range all[p.settled:] {
			p.settled++
			status, code := "delivered", 0
			switch rand.IntN(20) {
			case 0:
				status, code = "undelivered", 30003
			case 1:
				continue
			}
			public, form := p.twilio.Settle(m.SID, status, code)
			if public != "" {
				p.w.running.Go(func() { p.call(ctx, public, form) })
			}
		}
		pause(ctx, 200*time.Millisecond)
	}
}

func (p *providers) call(ctx context.Context, public string, form url.Values) {
	for range 5 {
		if status, err := p.post(ctx, public, form); err == nil && status/100 == 2 {
			p.mu.Lock()
			p.callback++
			p.mu.Unlock()
			return
		}
		pause(ctx, time.Second)
	}
}

// post makes Twilio's signed call to a public address, by way of whatever door is open.
func (p *providers) post(ctx context.Context, public string, form url.Values) (int, error) {
	at, _ := p.w.front()
	if at == "" {
		return 0, errClosed
	}
	return p.twilio.Post(ctx, p.w.client, public, "http://"+at+strings.TrimPrefix(public, publicURL), form)
}
