package twilio

import (
	"cmp"
	"encoding/hex"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/internal/signature"
	"frontdesk/channels/meta"
	"frontdesk/channels/webhook"
)

// maxWebhook is far above what Twilio sends: a form of some thirty short fields and 1600 characters.
const maxWebhook = 256 << 10

// Admit refuses a call that is not a POST, bears no signature, or is too large.
// It looks at the head alone; the signature itself needs the body and is checked by Receive.
func (c *Connector) Admit(r webhook.Request, length int64) (int64, error) {
	switch {
	case length > maxWebhook:
		return 0, refuse(channels.TooLarge, "the body is too large")
	case r.Method == http.MethodGet:
		return 0, refuse(channels.Permanent, "the webhook has to be set to HTTP POST")
	case r.Header.Get("X-Twilio-Signature") == "":
		return 0, refuse(channels.Unauthorized, "the signature is missing or wrong")
	}
	return maxWebhook, nil
}

// Receive reads one call of Twilio: an incoming message, or the fate of one of ours. Twilio signs no
// time, so an old call that is sent again is as good as new and brings the same key.
//
// An incoming SMS, as a form (shortened):
//
//	ToCountry=US&SmsMessageSid=SM…&NumMedia=0&SmsSid=SM…&SmsStatus=received&Body=hello&To=%2B1…
//	&NumSegments=1&MessageSid=SM…&AccountSid=AC…&From=%2B1…&ApiVersion=2010-04-01
//
// A status callback, to the URL given at the send:
//
//	SmsSid=SM…&SmsStatus=delivered&MessageStatus=delivered&To=…&MessageSid=SM…&AccountSid=AC…&From=…
func (c *Connector) Receive(r webhook.Request, now time.Time) (webhook.Received, error) {
	if len(r.Body) > maxWebhook {
		return webhook.Received{}, refuse(channels.TooLarge, "the body is too large")
	}
	if r.Method == http.MethodGet {
		return webhook.Received{}, refuse(channels.Permanent, "the webhook has to be set to HTTP POST")
	}
	form := parseForm(r)
	if !c.verify(r, form) {
		return webhook.Received{}, refuse(channels.Unauthorized, "the signature is missing or wrong")
	}
	if form == nil {
		return c.unreadable(r, now, "the call holds JSON where a form was expected"), nil
	}
	if form.Get("AccountSid") != c.cfg.AccountSID {
		return webhook.Received{}, refuse(channels.Unauthorized, "the call is about another account")
	}
	if status := form.Get("MessageStatus"); status != "" && !incoming(status) {
		return answered(webhook.Received{Receipts: []channels.Receipt{receipt(r.URL.Query(), form, now)}}), nil
	}
	return c.incoming(r, form, now), nil
}

// refuse is an error whose text is fixed, so that nothing of a stranger's call gets into a log.
func refuse(class channels.Class, why string) *channels.Error {
	return &channels.Error{Op: "receiving a webhook", Class: class, Err: errors.New(why)}
}

// parseForm reads the parameters; nil for JSON, whose signature is made another way.
func parseForm(r webhook.Request) url.Values {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/json" {
		return nil
	}
	form, _ := url.ParseQuery(string(r.Body)) // what could not be read makes the signature wrong
	return form
}

// incoming reports whether a state is of a message that somebody sent us, in a call that also carries one.
func incoming(status string) bool {
	return status == "received" || status == "receiving"
}

// incoming makes the delivery of a message. Its home may be another inbox of the account (home.go).
func (c *Connector) incoming(r webhook.Request, form url.Values, now time.Time) webhook.Received {
	sid := firstOf(form, "MessageSid", "SmsMessageSid", "SmsSid")
	if sid == "" {
		return c.unreadable(r, now, "the call holds no message id")
	}
	d := c.delivery(r, c.key(sid), now)
	d.Inbox = cmp.Or(c.home(form.Get("To"), form.Get("MessagingServiceSid")), d.Inbox) // whoever sets another number's webhook to us wants it here
	return answered(webhook.Received{Deliveries: []channels.Delivery{d}})
}

// unreadable hands the call over for a person to look at: it is signed, so it is ours to keep.
func (c *Connector) unreadable(r webhook.Request, now time.Time, why string) webhook.Received {
	d := c.delivery(r, c.digest(r.Body), now)
	d.Cause, d.Evidence = "unparsable", why
	return answered(webhook.Received{Bad: []channels.Delivery{d}})
}

// delivery keeps the call's body as it came. At is now: Twilio tells no time in it.
func (c *Connector) delivery(r webhook.Request, key string, now time.Time) channels.Delivery {
	return channels.Delivery{
		Inbox: c.cfg.Inbox, Channel: "sms", Key: key, At: now, Raw: r.Body,
		Meta: map[string]string{
			meta.Content: r.Header.Get("Content-Type"),
			meta.Remote:  r.Remote,
		},
	}
}

// key is the message's SID, by which the list API knows it too.
func (c *Connector) key(sid string) string {
	plain := func(r rune) bool { return r > ' ' && r < 0x7f }
	if len(sid) <= 128 && strings.IndexFunc(sid, func(r rune) bool { return !plain(r) }) < 0 {
		return sid
	}
	return c.digest([]byte(sid))
}

// digest names what has no id of its own, without telling what is in it.
func (c *Connector) digest(raw []byte) string {
	return "digest." + hex.EncodeToString(signature.SHA256([]byte(c.cfg.AuthToken), raw))
}

// answered adds the empty TwiML document, which sends no reply. Without it Twilio reports error 12300.
func answered(r webhook.Received) webhook.Received {
	r.Answer = channels.Answer{
		Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"text/xml; charset=utf-8"}},
		Body:   []byte(`<?xml version="1.0" encoding="UTF-8"?><Response/>`),
	}
	return r
}

// firstOf is the first of these parameters that is not blank; "" for none.
func firstOf(form url.Values, names ...string) string {
	for _, n := range names {
		if v := strings.TrimSpace(form.Get(n)); v != "" {
			return v
		}
	}
	return ""
}
