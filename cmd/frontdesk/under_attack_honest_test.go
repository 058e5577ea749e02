package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/channels/channelstest/twiliofake"
)

// honestNumbers begin the numbers of those who write by SMS.
const honestNumbers = "+85261"

// siegeToken opens the API of the attacked desk.
const siegeToken = "9f3c61b07ad24e8852c0de7713fa4b96"

// channel is one way by which honest customers write while the desk is attacked.
type channel struct {
	name  string
	every time.Duration
	write func(ctx context.Context, n int) outcome
}

func (s *siege) channels() []channel {
	return []channel{
		{"mail", 400 * time.Millisecond, s.writeMail},
		{"SMS", 300 * time.Millisecond, s.writeSMS},
		{"form", 500 * time.Millisecond, s.writeForm},
		{"API", 300 * time.Millisecond, s.writeAPI},
		{"operator's page", 700 * time.Millisecond, s.lookAtPage},
	}
}

// writeMail hands over one mail as a mail server does, each from an address of its own.
func (s *siege) writeMail(ctx context.Context, n int) outcome {
	who := fmt.Sprintf("m%d@honest%d.example", n, n)
	order, begin := orderOf("A", n), time.Now()
	err := s.mailFrom(ctx, 60_000+n, who, human(who, "Payment failed", fmt.Sprintf("honest%d@mail.example", n), "My payment for order "+order+" failed, please check."))
	return outcome{order, time.Since(begin), err}
}

// mailFrom hands one mail to the SMTP door from the nth address; nil is a 250.
func (s *siege) mailFrom(ctx context.Context, n int, sender, raw string) error {
	conn, err := dialer(n).DialContext(ctx, "tcp", s.p.at.SMTP)
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(40 * time.Second)); err != nil {
		return err
	}
	client := smtp.NewClient(conn)
	defer client.Close()
	return client.SendMail(sender, []string{"support@desk.example"}, strings.NewReader(strings.ReplaceAll(raw, "\n", "\r\n")))
}

func (s *siege) writeSMS(ctx context.Context, n int) outcome {
	who := fmt.Sprintf("%s%06d", honestNumbers, n)
	_, call := s.fake.Arrive(who, twilioNumber, "My payment for order "+orderOf("B", n)+" failed.")
	got := s.call(ctx, http.MethodPost, "/hooks/hotline", formKind, call.Encode(), visitorOf(n), "X-Twilio-Signature", twiliofake.Sign(twilioToken, publicURL+"/hooks/hotline", call))
	return got.outcome(orderOf("B", n))
}

func (s *siege) writeAPI(ctx context.Context, n int) outcome {
	who := fmt.Sprintf("a%d@honest.example", n)
	text, err := json.Marshal(map[string]any{"from": map[string]any{"email": who}, "text": "My payment for order " + orderOf("C", n) + " failed."})
	if err != nil {
		return outcome{err: err}
	}
	got := s.call(ctx, http.MethodPost, "/api/v1/inboxes/app/messages", "application/json", string(text), visitorOf(n), "Authorization", "Bearer "+siegeToken)
	return got.outcome(orderOf("C", n))
}

// writeForm fetches a challenge, solves it, takes the time that a person needs, and posts.
func (s *siege) writeForm(ctx context.Context, n int) outcome {
	who := fmt.Sprintf("f%d@honest.example", n)
	proof, first := s.solved(ctx, visitorOf(n))
	if first.err != nil {
		return outcome{err: first.err}
	}
	if !pause(ctx, 1200*time.Millisecond) {
		return outcome{err: ctx.Err()}
	}
	body := url.Values{"name": {"Li"}, "email": {who}, "text": {"My payment for order " + orderOf("D", n) + " failed."}, "altcha": {proof}}
	got := s.call(ctx, http.MethodPost, "/form/contact", formKind, body.Encode(), visitorOf(n))
	got.took = max(got.took, first.took)
	return got.outcome(orderOf("D", n))
}

// lookAtPage opens the overview with the operators' token.
func (s *siege) lookAtPage(ctx context.Context, _ int) outcome {
	begin := time.Now()
	status, err := page(ctx, s.p.at.Ops, s.token)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("answered %d", status)
	}
	return outcome{"", time.Since(begin), err}
}

// page asks the operator's listener for the overview and returns the answer's status.
func page(ctx context.Context, addr, token string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/", nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := alone.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

// alone makes a connection for each call, as customers who know nothing of each other do.
var alone = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// heard is what a caller had.
type heard struct {
	status int
	body   []byte
	took   time.Duration
	err    error // also of an answer that is no good one
}

func (a heard) outcome(order string) outcome { return outcome{order, a.took, a.err} }

// orderOf is what one message of an honest customer names, and no other.
func orderOf(channel string, n int) string { return fmt.Sprintf("%s%06d", channel, n) }

// visitorOf is the address of an honest customer, as our proxy names it.
func visitorOf(n int) string { return fmt.Sprintf("198.51.%d.%d", 100+n/250%100, 1+n%250) }

// call makes one call through the proxy that the desk trusts, for a visitor.
func (s *siege) call(ctx context.Context, method, path, kind, body, visitor string, headers ...string) heard {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	begin := time.Now()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.p.at.HTTP+path, strings.NewReader(body))
	if err != nil {
		return heard{err: err}
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("X-Forwarded-For", visitor)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := alone.Do(req)
	if err != nil {
		return heard{err: err}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	a := heard{status: res.StatusCode, body: text, took: time.Since(begin), err: err}
	if err == nil && (a.status < 200 || a.status > 299) && a.status != http.StatusSeeOther {
		a.err = fmt.Errorf("%s %s was answered %d", method, path, a.status)
	}
	return a
}

// solved fetches a challenge of the form and solves it.
func (s *siege) solved(ctx context.Context, visitor string) (string, heard) {
	a := s.call(ctx, http.MethodGet, "/form/contact/challenge", "text/plain", "", visitor)
	if a.err != nil {
		return "", a
	}
	var c struct {
		Challenge, Salt, Signature string
		MaxNumber                  int
	}
	if a.err = json.Unmarshal(a.body, &c); a.err != nil {
		return "", a
	}
	for n := 0; n <= c.MaxNumber; n++ {
		if hashed(c.Salt+strconv.Itoa(n)) == c.Challenge {
			return proofOf(c.Challenge, n, c.Salt, c.Signature), a
		}
	}
	a.err = errors.New("no number solves the challenge")
	return "", a
}

// pause waits, and says whether ctx still stands.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
