// Package vouching asks a system of the company's by which addresses a customer can show who he is. Nothing of what it says is kept here: whoever needs it
// again asks again.
package vouching

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"frontdesk/internal/hooks"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
)

// Why there are no addresses.
var (
	ErrSilent     = errors.New("the company's system did not answer")
	ErrRefused    = errors.New("the company's system refused to answer")
	ErrUnreadable = errors.New("the company's system answered what cannot be read")
)

// Bounds of an answer.
const (
	mostAnswer    = 64 << 10 // bytes
	mostAddresses = 10
	longestLabel  = 80 // characters
	longestValue  = 254
)

// Asker asks the company's system. It is safe for concurrent use.
type Asker struct {
	URL    string
	Secret []byte
	Client *http.Client // has the time limit, and the guard against private networks
	Now    func() time.Time
}

// Known is an address of a customer's as far as we know it.
type Known struct {
	Address message.Address
	Proven  bool // he has proven to us that it is his; else he says so
}

// Vouched is an address that the company's system knows to be the customer's.
type Vouched struct {
	Address message.Address
	Label   string // as an agent may see it
}

// question is what is posted.
type question struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"`
	Data      asked  `json:"data"`
}

type asked struct {
	Ticket    string  `json:"ticket"`
	Addresses []known `json:"addresses"`
}

type known struct {
	Kind    string `json:"kind"`
	Address string `json:"address"`
	Proven  bool   `json:"proven"`
}

// answer is what is to come back.
type answer struct {
	Addresses []struct {
		Kind    string `json:"kind"`
		Address string `json:"address"`
		Label   string `json:"label"`
	} `json:"addresses"`
}

// Ask asks about the customer of a ticket by what we know of him. ErrSilent, ErrRefused, ErrUnreadable: there is no answer that counts.
func (a *Asker) Ask(ctx context.Context, ticket int64, of []Known) ([]Vouched, error) {
	q := question{Type: "customer.addresses", Timestamp: a.Now().UTC().Format(time.RFC3339), Data: asked{Ticket: thread.TicketNumber(ticket), Addresses: []known{}}}
	for _, k := range of {
		q.Data.Addresses = append(q.Data.Addresses, known{string(k.Address.Kind), k.Address.Value, k.Proven})
	}
	body, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("writing what is asked: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("asking the company's system: %w", ErrRefused) // the error would name its address
	}
	if err := hooks.Sign(req.Header, a.Secret, "msg_"+rand.Text(), a.Now(), body); err != nil {
		return nil, fmt.Errorf("signing what is asked: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	client := *a.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return nil, ErrSilent // likewise
	}
	defer resp.Body.Close()
	return read(resp)
}

// read reads an answer, which is what was agreed upon, or nothing.
func read(resp *http.Response) ([]Vouched, error) {
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return nil, fmt.Errorf("%w: status %d", ErrSilent, code)
	default:
		return nil, fmt.Errorf("%w: status %d", ErrRefused, code)
	}
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, fmt.Errorf("%w: it is no JSON", ErrUnreadable)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer+1))
	switch {
	case err != nil:
		return nil, ErrSilent
	case len(body) > mostAnswer:
		return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrUnreadable, mostAnswer)
	}
	return parse(body)
}

// parse reads the JSON of an answer. Nothing of it stands in an error.
func parse(body []byte) ([]Vouched, error) {
	var a answer
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil || a.Addresses == nil || d.More() || len(a.Addresses) > mostAddresses {
		return nil, fmt.Errorf("%w: it is not the list that was agreed upon", ErrUnreadable)
	}
	out := []Vouched{}
	for i, one := range a.Addresses {
		kind := message.AddressKind(one.Kind)
		if kind != message.Email && kind != message.Phone || !address(kind, one.Address) || !label(one.Label, one.Address) {
			return nil, fmt.Errorf("%w: entry %d is no mail address and no telephone number, or a label that is none or shows the address", ErrUnreadable, i+1)
		}
		out = append(out, Vouched{Address: message.Address{Kind: kind, Value: one.Address}, Label: one.Label})
	}
	return out, nil
}

// number is a telephone number as E.164 writes it.
var number = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// address reports whether a text is an address of that kind, and nothing else.
func address(kind message.AddressKind, text string) bool {
	if kind == message.Phone {
		return number.MatchString(text)
	}
	a, err := mail.ParseAddress(text)
	return err == nil && a.Name == "" && a.Address == text && len(text) <= longestValue && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// label reports whether a text can be shown in the place of an address.
func label(text, address string) bool {
	return strings.TrimSpace(text) != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= longestLabel && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) &&
		!strings.Contains(strings.ToLower(text), strings.ToLower(address))
}
