package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"frontdesk/channels"
	"frontdesk/channels/meta"
)

// Limits of one reconciliation. A page holds at most 1000 messages; next_page_uri is followed maxPages
// times and never to a page seen before; maxMissing messages are handed over at a time, the oldest.
const (
	pageSize   = 1000
	maxPages   = 200
	maxMissing = 200
)

// Reconcile lists the messages that Twilio took in for us since that time and hands over those that
// are not recorded: Twilio tries a webhook once, so after any downtime this is how they come. The
// list filters by day of GMT, so it starts a day early; the keys are those of the webhook.
// It holds the missing messages in memory, maxMissing of them and one page more at most.
func (c *Connector) Reconcile(ctx context.Context, since time.Time,
	recorded func(context.Context, []string) (map[string]bool, error)) (channels.Batch, channels.Count, error) {
	var count channels.Count
	var missing []channels.Delivery
	batch := channels.Batch{}
	err := c.eachPage(ctx, since, func(page []channels.Delivery) error {
		known, err := recorded(ctx, keysOf(page))
		if err != nil {
			return err
		}
		for _, d := range page {
			count.Source++
			if known[d.Key] {
				count.Recorded++
				continue
			}
			missing = append(missing, d)
		}
		if slices.SortStableFunc(missing, byTime); len(missing) > maxMissing {
			missing, batch.More = slices.Clip(missing[:maxMissing]), true
		}
		return nil
	})
	if err != nil {
		return channels.Batch{}, count, err
	}
	batch.Deliveries, err = c.withMedia(ctx, missing)
	return batch, count, err
}

// byTime orders deliveries by when Twilio took them in.
func byTime(a, b channels.Delivery) int { return a.At.Compare(b.At) }

// keysOf are their keys, in the same order.
// A page of a thousand is one question to the database.
func keysOf(ds []channels.Delivery) []string {
	out := make([]string, len(ds))
	for i, d := range ds {
		out[i] = d.Key
	}
	return out
}

// eachPage walks the list from the newest page to the oldest: what came to the inbox's number or its messaging service, whatever
// we send from.
// since is that of the reconciliation; each message is asked again for its own time (inbound). A list without end is an error, not a
// result: what lies behind it may be missing.
func (c *Connector) eachPage(ctx context.Context, since time.Time, do func([]channels.Delivery) error) error {
	p := (&openapi.ListMessageParams{}).SetPageSize(pageSize).
		SetDateSentAfter(since.UTC().Truncate(24*time.Hour).AddDate(0, 0, -1))
	switch {
	case c.cfg.MessagingServiceSID != "": // its numbers are known to Twilio alone: each message says which service it came by
	case c.cfg.Number != "":
		p.SetTo(c.cfg.Number)
	default: // a sender's name receives nothing
		return nil
	}
	pool := c.pool(ctx)
	token, number := "", ""
	seen := map[string]bool{}
	for range maxPages {
		api, call := c.api(ctx)
		page, err := api.PageMessage(p, token, number)
		if err != nil {
			return fail("listing messages", err, false)
		}
		ds, err := c.inbound(call.body, page, since, pool)
		if err == nil {
			err = do(ds)
		}
		if err != nil {
			return err
		}
		next := text(page.NextPageUri)
		if next == "" || seen[next] {
			return nil
		}
		seen[next] = true
		if token, number = pageOf(next); token == "" {
			return nil
		}
	}
	return &channels.Error{Op: "listing messages", Err: errors.New("the list does not end")}
}

// pageOf reads what names the next page out of its address; empty where there is none.
// The SDK takes the two by themselves, not the address.
func pageOf(uri string) (token, number string) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", ""
	}
	return u.Query().Get("PageToken"), u.Query().Get("Page")
}

// inbound makes deliveries of what customers sent, each with its own JSON as received. A message that
// is still on its way in ("receiving") comes with the next reconciliation.
func (c *Connector) inbound(body []byte, page *openapi.ListMessageResponse, since time.Time, pool map[string]bool) ([]channels.Delivery, error) {
	var raw struct {
		Messages []json.RawMessage `json:"messages"`
	}
	if err := json.Unmarshal(body, &raw); err != nil || len(raw.Messages) != len(page.Messages) {
		return nil, &channels.Error{Op: "listing messages", Err: errors.New("the page cannot be read")}
	}
	var out []channels.Delivery
	for i, m := range page.Messages {
		at := sentAt(m)
		if at.IsZero() {
			at = time.Now()
		}
		if text(m.Direction) != "inbound" || text(m.Status) == "receiving" || at.Before(since.Truncate(time.Second)) ||
			c.home(text(m.To), text(m.MessagingServiceSid)) != c.cfg.Inbox && !pool[text(m.To)] {
			continue
		}
		out = append(out, c.listed(text(m.Sid), at, raw.Messages[i]))
	}
	return out, nil
}

// listed is a message of the list as a delivery, under the key that its webhook would have had.
func (c *Connector) listed(sid string, at time.Time, raw []byte) channels.Delivery {
	d := channels.Delivery{Inbox: c.cfg.Inbox, Channel: "sms", Key: c.key(sid), At: at, Raw: raw}
	d.Meta = map[string]string{meta.Content: "application/json"}
	if sid == "" {
		d.Key, d.Cause, d.Evidence = c.digest(raw), "unparsable", "the listed message has no id"
	}
	return d
}

// withMedia adds to each message the list of its files, which the message itself does not hold. A list that cannot be had now
// holds no message up: the files are asked for again by themselves.
func (c *Connector) withMedia(ctx context.Context, ds []channels.Delivery) ([]channels.Delivery, error) {
	for i, d := range ds {
		var r resource
		if err := json.Unmarshal(d.Raw, &r); err != nil || r.NumMedia == "" || r.NumMedia == "0" {
			continue
		}
		list, err := c.media(ctx, r.SID)
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		full, err := json.Marshal(caughtUp{Message: d.Raw, Media: list})
		if err != nil {
			return nil, &channels.Error{Op: "listing media", Err: err}
		}
		ds[i].Raw = full
	}
	return ds, nil
}
