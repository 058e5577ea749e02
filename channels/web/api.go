package web

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/internal/signature"
	"frontdesk/channels/meta"
	"frontdesk/channels/webhook"
	"frontdesk/pipeline/message"
)

var (
	_ webhook.Receiver = (*API)(nil)
	_ channels.Decoder = (*API)(nil)
)

// APIConfig describes one generic HTTP inbox.
type APIConfig struct {
	// Inbox is the configured account; it also stands in what IdentityKeys sign, so that a signature for one inbox is none for another.
	Inbox   string
	Tokens  []string        // any of them opens the door; several while one is being replaced
	Digest  channels.Digest // makes the key of a message that names none
	MaxBody int64           // bytes; 0 means 20 MiB
	// IdentityKeys verify from.signature; none: a signature is refused. Each has minIdentityKey characters at least.
	IdentityKeys []string
	// TrustSender says that whoever holds a token has signed in the sender of each call: From is proven without a signature.
	TrustSender bool
}

// API takes messages by POST /api/v1/inboxes/{inbox}/messages: JSON, or multipart with files.
// It has no state beside its configuration, so calls may be received at the same time by any number of goroutines and processes.
// Decode may run long after Receive, in another process and with newer code.
type API struct{ config APIConfig }

// NewAPI returns the door of one inbox. Without a token it stays shut, so that is an error.
func NewAPI(c APIConfig) (*API, error) {
	if c.Inbox == "" || c.Digest == nil || len(c.Tokens) == 0 {
		return nil, errors.New("web: an API needs an inbox, a digest and at least one token")
	}
	if slices.Contains(c.Tokens, "") {
		return nil, errors.New("web: an API token is empty")
	}
	for _, k := range c.IdentityKeys {
		if len(k) < minIdentityKey {
			return nil, fmt.Errorf("web: an identity key needs %d characters", minIdentityKey)
		}
	}
	if c.MaxBody == 0 {
		c.MaxBody = maxBody
	}
	return &API{config: c}, nil
}

// Admit refuses a call without a valid token, or one that is too large or compressed.
// It is called before the body is read and again by Receive, which may be reached without it. A compressed body is refused because
// the original is kept as it came: a few kilobytes could unfold to gigabytes at every later reading.
func (a *API) Admit(r webhook.Request, length int64) (int64, error) {
	if !a.allowed(r.Header) {
		h := http.Header{}
		h.Set("WWW-Authenticate", "Bearer")
		return 0, &channels.Error{Op: "receiving API call", Class: channels.Unauthorized,
			Answer: &channels.Answer{Status: http.StatusUnauthorized, Header: h}, Err: errors.New("no valid token")}
	}
	if length > a.config.MaxBody {
		return 0, refusal{channels.TooLarge, http.StatusRequestEntityTooLarge, "the body is too large",
			fmt.Sprintf("send at most %d bytes", a.config.MaxBody)}.jsonError("receiving API call")
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		e := refusal{channels.Permanent, http.StatusUnsupportedMediaType, "the body is compressed", "send it without Content-Encoding"}.jsonError("receiving API call")
		e.Answer.Header.Set("Accept-Encoding", "identity") // RFC 9110 §15.5.16
		return 0, e
	}
	return a.config.MaxBody, nil
}

// Receive checks the token, then reads the message once to refuse what could never be decoded, and a signature
// of the sender that is not valid: taken as a claim it would lose what the caller meant. The key is the Idempotency-Key header, else
// the id in the body, else a digest of the content. Meta.Proven keeps the result of the signature: it is judged by the moment of
// the call, and by the keys that were configured then, and a later reading must come to the same answer.
func (a *API) Receive(r webhook.Request, now time.Time) (webhook.Received, error) {
	if _, err := a.Admit(r, int64(len(r.Body))); err != nil {
		return webhook.Received{}, err
	}
	in, wrong := readBody(r.Header.Get("Content-Type"), r.Body, true)
	if wrong == nil {
		wrong = in.check()
	}
	vouched := false
	if wrong == nil {
		vouched, wrong = a.vouches(in, now)
	}
	if wrong != nil {
		return webhook.Received{}, wrong.jsonError("receiving API call")
	}
	proven := provenNo
	if vouched {
		proven = provenYes
	}
	d := channels.Delivery{
		Inbox: a.config.Inbox, Channel: "api", Key: a.key(r.Header, in), Content: a.config.Digest(in.content()...), At: now, Raw: r.Body,
		Meta: map[string]string{meta.Content: r.Header.Get("Content-Type"), meta.Proven: proven},
	}
	if r.Remote != "" {
		d.Meta[meta.Remote] = r.Remote
	}
	return webhook.Received{Deliveries: []channels.Delivery{d}, Reply: accepted}, nil
}

// allowed compares the bearer token (RFC 6750 §2.1) with every token of the inbox, without telling
// by its timing how near it came.
func (a *API) allowed(h http.Header) bool {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	right := false
	for _, known := range a.config.Tokens {
		if signature.MatchText(known, strings.TrimSpace(token)) {
			right = true
		}
	}
	return right && strings.EqualFold(scheme, "Bearer")
}

// key is the delivery key of a call. The three ways have different prefixes, so that an id in the body never meets a header
// of the same text. The content's digest is the last resort: with it a customer who says the same thing twice is one message.
func (a *API) key(h http.Header, in body) string {
	given := strings.TrimSpace(h.Get("Idempotency-Key"))
	if len(given) > 2 && strings.HasPrefix(given, `"`) && strings.HasSuffix(given, `"`) {
		given = given[1 : len(given)-1] // some write it as a structured-field string
	}
	switch {
	case given != "":
		return key("api:", given, a.config.Digest)
	case in.ID != "":
		return key("id:", in.ID, a.config.Digest)
	}
	return "content:" + a.config.Digest(in.content()...)
}

// accepted tells the caller what was recorded: 202, or 200 when the key was known already. The same key
// with another message is refused with 422 (draft-ietf-httpapi-idempotency-key-header §2.7): what the
// caller sent was not recorded, and he has to know.
func accepted(recorded []channels.Recorded) channels.Answer {
	for _, r := range recorded {
		if r.Other {
			return jsonAnswer(http.StatusUnprocessableEntity, map[string]string{"error": "this key was used for another message; nothing was recorded",
				"what_to_do": "send a message of its own with a key of its own, and only a repeat with the same"})
		}
	}
	// What stands in a call's answer is fixed: callers parse it (docs/channels/api.md).
	type item struct {
		ID  int64  `json:"id"`
		Key string `json:"key"`
		New bool   `json:"new"`
	}
	status, items := http.StatusOK, make([]item, len(recorded))
	for i, r := range recorded {
		items[i] = item{r.ID, r.Key, r.New}
		if r.New {
			status = http.StatusAccepted
		}
	}
	return jsonAnswer(status, struct {
		Messages []item `json:"messages"`
	}{items})
}

// Decode makes the normalized message. Whoever holds a token speaks for a customer, but proves
// nothing about him: the sender's addresses are claims. From alone is proven where the application vouches for it.
func (a *API) Decode(d channels.Delivery) (message.Message, error) {
	in, wrong := readBody(d.Meta[meta.Content], d.Raw, false)
	if wrong != nil {
		return message.Message{}, &channels.Error{Op: "decoding API call", Class: channels.Permanent, Cause: "unparsable", Err: errors.New(wrong.text)}
	}
	m := in.message()
	if m.Thread != "" {
		m.Thread = key("", m.Thread, a.config.Digest)
	}
	m.Inbox, m.Channel, m.Key, m.At = d.Inbox, d.Channel, d.Key, d.At
	m.Envelope.Remote = d.Meta[meta.Remote]
	m.Proven = a.proven(in, d)
	return m, nil
}

// isJSON reports whether a content type is JSON or one of its dialects.
// Parameters such as charset do not matter here; charsetOf reads them.
func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}
