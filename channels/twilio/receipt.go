package twilio

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels"
)

// Parameters of the status callback's URL, which Twilio signs along. The key is in the URL because the
// callback may come before the answer to the send.
const (
	queryKey  = "key"
	queryPart = "part" // "2.3" is the second part of three
)

// again asks Twilio to repeat a call that failed in any way, as often as three times
// (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides). A fragment is not signed, and never sent.
const again = "rc=3&rp=all"

// callback is the URL that Twilio tells the fate of one part to; empty without PublicURL.
// part counts from 1. The URL is signed by Twilio with its query, so the key in it cannot be another's.
func (c *Connector) callback(key string, part, of int) string {
	if c.hook == nil {
		return ""
	}
	u := *c.hook
	q := url.Values{queryKey: {key}}
	if of > 1 {
		q.Set(queryPart, strconv.Itoa(part)+"."+strconv.Itoa(of))
	}
	u.RawQuery, u.Fragment = q.Encode(), again
	return u.String()
}

// receipt reads a status callback. Callbacks come in any order; Status ranks them.
func receipt(query, form url.Values, now time.Time) channels.Receipt {
	r := channels.Receipt{
		Key:        query.Get(queryKey),
		ProviderID: firstOf(form, "MessageSid", "SmsSid"),
		Status:     fate(form.Get("MessageStatus")),
		At:         now,
	}
	if r.Status == channels.StatusFailed {
		r.Reason = reason(form.Get("ErrorCode"))
	}
	if part, of, ok := strings.Cut(query.Get(queryPart), "."); ok && part != of && r.Status == channels.StatusDelivered {
		r.Status = channels.StatusSent // only the last part's arrival stands for the whole
	}
	return r
}

// fate ranks Twilio's message states. A state that is not known yet counts as handed over.
func fate(status string) channels.Status {
	switch status {
	case "delivered", "read":
		return channels.StatusDelivered
	case "undelivered", "failed", "canceled":
		return channels.StatusFailed
	}
	return channels.StatusSent
}

// reason keeps a code only when it is one: the field is the provider's and goes to logs.
func reason(code string) string {
	if n, err := strconv.Atoi(code); err == nil && n > 0 {
		return strconv.Itoa(n)
	}
	return "unknown"
}
