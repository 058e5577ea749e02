// Package toy is a channel for tests, and the model of docs/howto-add-a-channel.md: a signed webhook in, a POST out, and ids as chats have
// them. It is whole: nothing outside of this folder and a registry knows of it.
package toy

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/descriptor"
	"frontdesk/channels/webhook"
	"frontdesk/configs/values"
	"frontdesk/pipeline/message"
)

// Kind is the channel.
func Kind() descriptor.Kind {
	return descriptor.Kind{
		Name:    "toy",
		Section: func() descriptor.Section { return &Section{} },
		Open:    open,
		Traits: descriptor.Traits{
			Traits: message.Traits{Address: "toy", Words: message.WordsChat, Continues: 72 * time.Hour},
			Dead:   []string{"no-such-user"},
			Opaque: true,
		},
	}
}

// Section is what an inbox configures.
type Section struct {
	// The account at the provider.
	Toy *Account `yaml:"toy"`
}

// Account is one account at the provider.
type Account struct {
	// Key that signs the provider's calls.
	Secret values.Secret `yaml:"secret" check:"required"`
	// Address of the provider's API.
	BaseURL string `yaml:"base_url"`
}

// Fill implements descriptor.Section.
func (s *Section) Fill(descriptor.Around) {
	if s.Toy != nil {
		s.Toy.BaseURL = cmp.Or(s.Toy.BaseURL, "https://api.toy.example")
	}
}

// Validate implements descriptor.Section.
func (s *Section) Validate(c *descriptor.Check) {
	if s.Toy == nil {
		c.Add("toy", "the value is missing", "add toy with the secret that the provider shows")
		return
	}
	c.Called("toy")
	c.Web("toy.base_url", s.Toy.BaseURL)
}

// Facts implements descriptor.Section.
func (s *Section) Facts() descriptor.Facts {
	out := descriptor.Facts{Called: true}
	if s.Toy != nil {
		out.URLs = map[string]string{"toy.base_url": s.Toy.BaseURL}
	}
	return out
}

func open(s descriptor.Setup) (descriptor.Ends, error) {
	a := s.Section.(*Section).Toy
	c := &connector{inbox: s.Inbox, secret: []byte(a.Secret.Reveal()), base: a.BaseURL}
	return descriptor.Ends{Decoder: c, Sender: c, Hooks: []descriptor.Hook{{Path: "/hooks/" + s.Inbox, Webhook: c}},
		Probes: []descriptor.Probe{{What: "Toy account", At: "toy", Prober: c}}}, nil
}

type connector struct {
	inbox  string
	secret []byte
	base   string
}

// maxBody is far above one call.
const maxBody = 256 << 10

// Receive reads one call. X-Toy-Signature is the HMAC-SHA256 of the body in hex:
//
//	{"messages":[{"id":"m-1","from":"u_7x","name":"Ann","text":"Where is my refund?","at":"2026-05-06T10:00:00Z"}]}
func (c *connector) Receive(r webhook.Request, now time.Time) (webhook.Received, error) {
	refuse := func(class channels.Class, why string) error {
		return &channels.Error{Op: "receiving a toy message", Class: class, Err: errors.New(why)}
	}
	if given, err := hex.DecodeString(r.Header.Get("X-Toy-Signature")); err != nil || !hmac.Equal(given, sum(c.secret, r.Body)) {
		return webhook.Received{}, refuse(channels.Unauthorized, "the signature is missing or wrong")
	}
	if len(r.Body) > maxBody {
		return webhook.Received{}, refuse(channels.TooLarge, "the body is too large")
	}
	var call struct{ Messages []json.RawMessage }
	if json.Unmarshal(r.Body, &call) != nil {
		return webhook.Received{}, refuse(channels.Permanent, "the body is not the JSON of a call")
	}
	var out webhook.Received
	for _, raw := range call.Messages {
		d := channels.Delivery{Inbox: c.inbox, Channel: Kind().Name, At: now, Raw: raw}
		var m incoming
		if err := json.Unmarshal(raw, &m); err != nil || m.ID == "" {
			whole := sha256.Sum256(raw)
			d.Key, d.Cause, d.Evidence = "bad:"+hex.EncodeToString(whole[:]), "unparsable", "the item is no message"
			out.Bad = append(out.Bad, d)
			continue
		}
		d.Key = m.ID
		if !m.At.IsZero() && m.At.Before(now) {
			d.At = m.At
		}
		out.Deliveries = append(out.Deliveries, d)
	}
	return out, nil
}

// incoming is one message of the provider's.
type incoming struct {
	ID   string    `json:"id"`
	From string    `json:"from"`
	Name string    `json:"name"`
	Mail string    `json:"email"` // what the sender says; nobody has proven it
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

func sum(secret, body []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write(body)
	return h.Sum(nil)
}

// Decode implements channels.Decoder. The provider vouches for the sender: its call is signed.
func (c *connector) Decode(d channels.Delivery) (message.Message, error) {
	var in incoming
	if err := json.Unmarshal(d.Raw, &in); err != nil {
		return message.Message{}, &channels.Error{Op: "decoding a toy message", Class: channels.Permanent, Cause: "unparsable", Err: err}
	}
	m := message.Message{Inbox: d.Inbox, Channel: d.Channel, Key: d.Key, At: d.At, Proven: true, Thread: in.From, Text: in.Text,
		From: message.Address{Kind: Kind().Traits.Address, Value: in.From, Name: in.Name}}
	if in.Mail != "" {
		m.Also = []message.Address{{Kind: message.Email, Value: in.Mail}}
	}
	return m, nil
}

// Send implements channels.Sender. The provider drops a second message under the same key.
func (c *connector) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	fail := func(class channels.Class, code string, err error) (channels.Receipt, error) {
		return channels.Receipt{}, &channels.Error{Op: "sending a toy message", Class: class, Code: code, Err: err}
	}
	if err := out.Fits(Kind().Traits.Carries); err != nil {
		return channels.Receipt{}, err
	}
	body, err := json.Marshal(map[string]string{"key": key, "to": out.To.Value, "text": out.Text})
	if err != nil {
		return fail(channels.Permanent, "", err)
	}
	status, answer, err := c.call(ctx, http.MethodPost, "/messages", body)
	switch {
	case err != nil:
		return fail(channels.Unknown, "", err)
	case status == http.StatusTooManyRequests:
		return fail(channels.Throttled, "429", errors.New("the provider is busy"))
	case status == http.StatusUnauthorized:
		return fail(channels.Unauthorized, "401", errors.New("the provider does not know us"))
	case status >= 500:
		return fail(channels.Temporary, strconv.Itoa(status), errors.New("the provider fails"))
	case status != http.StatusOK:
		return fail(channels.Permanent, answer.Error, errors.New("the provider refused"))
	}
	return channels.Receipt{Key: key, ProviderID: answer.ID, Status: channels.StatusSent, At: time.Now()}, nil
}

// answer is what the provider says to a call.
type answer struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

// Probe implements channels.Prober.
func (c *connector) Probe(ctx context.Context) (string, error) {
	status, _, err := c.call(ctx, http.MethodGet, "/account", nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the provider answers %d", status)
	}
	return "the account is there", err
}

func (c *connector) call(ctx context.Context, method, path string, body []byte) (int, answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, answer{}, errors.New("making the request failed")
	}
	r.Header.Set("X-Toy-Signature", hex.EncodeToString(sum(c.secret, body)))
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, answer{}, errors.New("the provider does not answer") // the library's error quotes the address
	}
	defer got.Body.Close()
	var a answer
	err = json.NewDecoder(io.LimitReader(got.Body, maxBody)).Decode(&a)
	return got.StatusCode, a, err
}
