package twilio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// Send hands one text over, in as many messages as it needs, starting behind the Skip first ones.
// Error.Done counts the parts that Twilio has, those skipped included, so it is the next Skip.
// Twilio takes no idempotency key: after Unknown, Look says whether the part came through. The
// receipt's ProviderID is that of the last part.
// Before a part is sent again after Unknown the worker calls Look; without that the customer would be texted, and we charged, twice.
func (c *Connector) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	texts, err := c.plan(out)
	if err != nil {
		return channels.Receipt{}, err
	}
	last := channels.Receipt{Key: key, Status: channels.StatusSent, At: time.Now()}
	for i := out.Skip; i < len(texts); i++ {
		api, _ := c.api(ctx)
		m, err := api.CreateMessage(c.params(key, out.To.Value, texts, i))
		if err == nil && text(m.Sid) == "" {
			err = errors.New("no message id")
		}
		if err != nil {
			e := fail("sending an SMS", err, true)
			e.Done = i
			return channels.Receipt{}, e
		}
		last = outcome(key, *m)
	}
	return last, nil
}

// carries is what goes beside a text: nothing. Pictures (MMS) reach few countries, and Twilio would fetch them from us by a public address.
func carries() message.Carries { return message.Carries{} }

// plan cuts the text, without parts that would be blank, and refuses what Twilio would refuse.
// The same text gives the same parts each time, or Skip and Look would count other ones.
func (c *Connector) plan(out channels.Outbound) ([]string, error) {
	if err := out.Fits(carries()); err != nil {
		return nil, err
	}
	blank := func(s string) bool { return strings.TrimSpace(s) == "" }
	texts := slices.DeleteFunc(split(out.Text, 0), blank)
	var why string
	switch {
	case c.cfg.From == "" && c.cfg.MessagingServiceSID == "":
		why = "the inbox has neither a number nor a messaging service to send from"
	case out.To.Kind != message.Phone || !strings.HasPrefix(out.To.Value, "+"):
		why = "the recipient has no telephone number in E.164"
	case len(texts) == 0:
		why = "the text is empty"
	case out.Skip < 0 || out.Skip > len(texts):
		why = "more parts are to be skipped than there are"
	default:
		return texts, nil
	}
	return nil, &channels.Error{Op: "sending an SMS", Class: channels.Permanent, Done: out.Skip, Err: errors.New(why)}
}

// params are those of part i, counted from 0.
func (c *Connector) params(key, to string, texts []string, i int) *openapi.CreateMessageParams {
	p := (&openapi.CreateMessageParams{}).SetTo(to).SetBody(texts[i])
	if c.cfg.From != "" {
		p.SetFrom(c.cfg.From)
	}
	if c.cfg.MessagingServiceSID != "" {
		p.SetMessagingServiceSid(c.cfg.MessagingServiceSID)
	}
	if u := c.callback(key, i+1, len(texts)); u != "" {
		p.SetStatusCallback(u)
	}
	return p
}

// outcome reads what Twilio says of a message of ours.
func outcome(key string, m openapi.ApiV2010Message) channels.Receipt {
	r := channels.Receipt{Key: key, ProviderID: text(m.Sid), Status: fate(text(m.Status)), At: sentAt(m)}
	if r.Status == channels.StatusFailed {
		r.Reason = "unknown"
		if m.ErrorCode != nil {
			r.Reason = reason(fmt.Sprint(*m.ErrorCode))
		}
	}
	return r
}

// lookBack allows for clocks that differ; lookMost is how many messages to one number are looked at.
const (
	lookBack = time.Minute
	lookMost = 200
)

// Look asks Twilio for the messages sent to the customer since the earlier attempt, and compares their
// texts, but for white space. When some but not all parts that were open are there, the error's Done
// says where to go on.
func (c *Connector) Look(ctx context.Context, key string, out channels.Outbound, since time.Time) (channels.Receipt, bool, error) {
	texts, err := c.plan(out)
	if err != nil {
		return channels.Receipt{}, false, err
	}
	sent, err := c.sentTo(ctx, out.To.Value, since.Add(-lookBack))
	if err != nil {
		return channels.Receipt{}, false, err
	}
	var last channels.Receipt
	for i := out.Skip; i < len(texts); i++ {
		m, ok := nth(sent[squeeze(texts[i])], same(texts[:i], texts[i]))
		switch {
		case ok:
			last = outcome(key, m)
		case i == out.Skip:
			return channels.Receipt{}, false, nil
		default:
			return channels.Receipt{}, false, &channels.Error{Op: "looking for an SMS", Done: i,
				Err: fmt.Errorf("%d of %d parts were handed over", i, len(texts))}
		}
	}
	return last, last.ProviderID != "", nil
}

// Trace asks what has become of a message, by its SID; where Twilio does not know it by that, in the list of what the customer was
// sent. Of a text in several parts the last one stands for the whole.
func (c *Connector) Trace(ctx context.Context, sid string, to message.Address) (channels.Receipt, error) {
	const op = "asking about an SMS"
	none := channels.Receipt{ProviderID: sid, Status: channels.StatusSent}
	api, _ := c.api(ctx)
	m, err := api.FetchMessage(sid, &openapi.FetchMessageParams{})
	if err == nil && text(m.Sid) == sid {
		return outcome("", *m), nil
	}
	if err != nil {
		if e := fail(op, err, false); e.Class != channels.Permanent {
			return none, e
		}
	}
	if to.Value == "" {
		return none, nil
	}
	api, _ = c.api(ctx)
	page, err := api.PageMessage((&openapi.ListMessageParams{}).SetTo(to.Value).SetPageSize(lookMost), "", "")
	if err != nil {
		return none, fail(op, err, false)
	}
	for _, m := range page.Messages {
		if text(m.Sid) == sid {
			return outcome("", m), nil
		}
	}
	return none, nil
}

// same counts the parts before this one that have its text.
// Two parts with one text are two messages: the first found stands for the first.
func same(before []string, part string) int {
	n := 0
	for _, b := range before {
		if squeeze(b) == squeeze(part) {
			n++
		}
	}
	return n
}

// nth is the message at place n, if there are so many.
func nth(ms []openapi.ApiV2010Message, n int) (openapi.ApiV2010Message, bool) {
	if n >= len(ms) {
		return openapi.ApiV2010Message{}, false
	}
	return ms[n], true
}

// sentTo lists our messages to a number by their texts. The API filters by the day of sending, which
// a message in the queue has not yet, so the filter is here.
func (c *Connector) sentTo(ctx context.Context, to string, since time.Time) (map[string][]openapi.ApiV2010Message, error) {
	api, _ := c.api(ctx)
	p := (&openapi.ListMessageParams{}).SetTo(to).SetPageSize(lookMost)
	if c.cfg.From != "" && c.cfg.MessagingServiceSID == "" {
		p.SetFrom(c.cfg.From)
	}
	page, err := api.PageMessage(p, "", "")
	if err != nil {
		return nil, fail("looking for an SMS", err, false)
	}
	out := map[string][]openapi.ApiV2010Message{}
	for _, m := range page.Messages {
		at := parseTime(m.DateCreated)
		if strings.HasPrefix(text(m.Direction), "outbound") && !at.IsZero() && !at.Before(since.Truncate(time.Second)) {
			key := squeeze(text(m.Body))
			out[key] = append(out[key], m)
		}
	}
	return out, nil
}

// squeeze makes texts comparable that differ in white space only: Twilio trims it.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// text is an optional text of the SDK; "" for none.
func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// sentAt is when a message was sent or, before that, made.
func sentAt(m openapi.ApiV2010Message) time.Time {
	if t := parseTime(m.DateSent); !t.IsZero() {
		return t
	}
	return parseTime(m.DateCreated)
}

// parseTime reads the API's time, RFC 2822 in GMT; zero when there is none.
func parseTime(p *string) time.Time {
	t, err := time.Parse(time.RFC1123Z, text(p))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
