package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/smtp"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/channels/email"
	"frontdesk/channels/telegram"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/workers"
)

// doors are the ways on which simulated customers reach the service: those of real ones.
type doors struct {
	fakes  *fakes
	smtp   string // host:port; empty: there is no SMTP listener
	public string // the public listener as the service knows it; Twilio's signatures cover that
	reach  string // and as this machine reaches it
	client *http.Client
}

// newDoors are the doors of a service that listens there; what it does not listen on stays closed.
func newDoors(at service.Addresses, fakes *fakes) *doors {
	d := &doors{fakes: fakes, client: &http.Client{Timeout: 20 * time.Second}}
	if at.SMTP != "" {
		d.smtp = service.Dialable(at.SMTP)
	}
	if at.HTTP != "" {
		d.public, d.reach = "http://"+at.HTTP, "http://"+service.Dialable(at.HTTP)
	}
	return d
}

// open reports whether customers can come in by that channel.
func (d *doors) open(channel string) bool {
	switch channel {
	case email.Channel:
		return d.smtp != ""
	case telegram.Channel:
		return true
	default:
		return d.public != ""
	}
}

// mail hands one mail to the SMTP listener. An empty from is the null sender.
// One connection a mail. It returns nil when the listener has said 250, so when the mail is recorded.
func (d *doors) mail(ctx context.Context, from, to string, raw []byte) error {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", d.smtp)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	c, err := smtp.NewClient(conn, "localhost")
	if err != nil {
		return err
	}
	if err := errors.Join(c.Hello("mail.example.com"), c.Mail(from), c.Rcpt(to)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	// net/smtp sends the final dot here and waits for 250.
	if err := w.Close(); err != nil { // the listener has committed
		return err
	}
	return c.Quit()
}

// text lets Twilio call our webhook with an SMS.
func (d *doors) text(ctx context.Context, from, body string) error {
	_, form := d.fakes.sms.Arrive(from, number, body)
	hook := "/hooks/" + smsInbox
	status, err := d.fakes.sms.Post(ctx, d.client, d.public+hook, d.reach+hook, form)
	return answered(status, http.StatusOK, err)
}

// settleSMS plays the carrier: what was sent is delivered a moment later, and Twilio says so in a
// signed callback.
// It is how the demonstration shows "delivered" behind "handed over".
func (d *doors) settleSMS(ctx context.Context) {
	for workers.Sleep(ctx, 300*time.Millisecond) {
		for _, m := range d.fakes.sms.Sent() {
			if m.Status != "queued" || time.Since(m.At) < 500*time.Millisecond {
				continue
			}
			if to, form := d.fakes.sms.Settle(m.SID, "delivered", 0); to != "" {
				// A callback that fails is lost, as it would be with Twilio.
				_, _ = d.fakes.sms.Post(ctx, d.client, to, strings.Replace(to, d.public, d.reach, 1), form)
			}
		}
	}
}

// chat lets a customer write to the bot, once the bot has asked for news: what came before its first
// question is history to it, and history is not acknowledged.
func (d *doors) chat(ctx context.Context, who telegramfake.Customer, text string) error {
	for len(d.fakes.telegram.Offsets()) == 0 {
		if !workers.Sleep(ctx, 20*time.Millisecond) {
			return ctx.Err()
		}
	}
	d.fakes.telegram.Write(who, text)
	return nil
}

// form fills the hosted contact form in, as a browser does: the page, its challenge, the proof of
// work, the time a person takes, the post.
// The page is fetched for its own sake: the challenge counts from then, and MinimumFill is waited out.
func (d *doors) form(ctx context.Context, language string, values map[string]string) error {
	page := d.reach + "/form/" + formInbox
	if _, err := d.get(ctx, page+"?lang="+language); err != nil {
		return fmt.Errorf("opening the form: %w", err)
	}
	challenge, err := d.get(ctx, page+"/challenge")
	if err != nil {
		return fmt.Errorf("asking for a challenge: %w", err)
	}
	proof, err := solveChallenge(challenge)
	if err != nil {
		return err
	}
	if !workers.Sleep(ctx, fillTime+100*time.Millisecond) {
		return ctx.Err()
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range values {
		if err := w.WriteField(name, value); err != nil {
			return err
		}
	}
	if err := errors.Join(w.WriteField("lang", language), w.WriteField("altcha", proof), w.Close()); err != nil {
		return err
	}
	return d.post(ctx, page+"?lang="+language, http.Header{"Content-Type": {w.FormDataContentType()}}, body.Bytes(), http.StatusOK)
}

// solveChallenge finds the number that the page's script would find, and packs it as it does
// (ALTCHA, version 1).
func solveChallenge(text []byte) (string, error) {
	var c struct {
		Algorithm string `json:"algorithm"`
		Challenge string `json:"challenge"`
		Max       int    `json:"maxnumber"`
		Salt      string `json:"salt"`
		Signature string `json:"signature"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return "", fmt.Errorf("reading challenge: %w", err)
	}
	for n := range c.Max + 1 {
		sum := sha256.Sum256(strconv.AppendInt([]byte(c.Salt), int64(n), 10))
		if hex.EncodeToString(sum[:]) != c.Challenge {
			continue
		}
		payload, err := json.Marshal(map[string]any{"algorithm": c.Algorithm, "challenge": c.Challenge, "number": n, "salt": c.Salt, "signature": c.Signature})
		return base64.StdEncoding.EncodeToString(payload), err
	}
	return "", errors.New("no number solves the challenge")
}

// call posts one message to the generic HTTP door, as a company's own app would.
// The idempotency key is new each time; a real app would send the same one when it tries again.
func (d *doors) call(ctx context.Context, id string, message map[string]any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	h := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + d.fakes.apiBearer}, "Idempotency-Key": {id}}
	return d.post(ctx, d.reach+"/api/v1/inboxes/"+apiInbox+"/messages", h, body, http.StatusAccepted)
}

func (d *doors) get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return d.do(req, http.StatusOK)
}

func (d *doors) post(ctx context.Context, url string, h http.Header, body []byte, want int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = h
	_, err = d.do(req, want)
	return err
}

func (d *doors) do(req *http.Request, want int) ([]byte, error) {
	res, err := d.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return body, answered(res.StatusCode, want, err)
}

func answered(status, want int, err error) error {
	if err == nil && status != want {
		err = fmt.Errorf("the answer was %d, not %d", status, want)
	}
	return err
}
