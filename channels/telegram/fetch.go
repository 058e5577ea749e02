package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"frontdesk/channels"
)

// fetchMost is the most updates that one poll brings.
const fetchMost = 100

// cursor is the bookmark. The offset is the id of the first update that is not committed; polling
// with it lets Telegram forget those before. 0 means that nothing is to be confirmed.
type cursor struct {
	Offset int64 `json:"offset"`
}

// pollFor are the parameters of getUpdates. Timeout is in seconds; Allowed are the kinds of update that are wanted.
type pollFor struct {
	Offset  int64    `json:"offset,omitempty"`
	Limit   int      `json:"limit"`
	Timeout int      `json:"timeout"`
	Allowed []string `json:"allowed_updates"`
}

// Fetch polls once. The offset comes from the committed cursor alone, so an update that was not
// committed comes again. A poll that brings nothing has confirmed everything before its offset, and
// the bookmark goes back to 0: after a week without updates Telegram may start their ids anew, and a
// high offset would then confirm what nobody has seen.
// A second poller for one bot makes Telegram refuse both in turn (409); fail then waits for the other's turn to end.
func (c *Connector) Fetch(ctx context.Context, after channels.Cursor) (channels.Batch, error) {
	const op = "polling for updates"
	var at cursor
	if len(after) > 0 {
		if err := json.Unmarshal(after, &at); err != nil {
			return channels.Batch{}, &channels.Error{Op: op, Class: channels.Permanent, Err: errors.New("the cursor cannot be read")}
		}
	}
	ctx, stop := context.WithTimeout(ctx, c.cfg.PollTimeout+15*time.Second)
	defer stop()
	raw, err := c.call(ctx, "getUpdates", pollFor{
		Offset: at.Offset, Limit: fetchMost, Timeout: int(c.cfg.PollTimeout / time.Second), Allowed: []string{"message", "edited_message"},
	})
	if err != nil {
		return channels.Batch{}, fail(op, err, false)
	}
	var updates []json.RawMessage
	if err := json.Unmarshal(raw, &updates); err != nil {
		return channels.Batch{}, &channels.Error{Op: op, Err: errors.New("the answer holds no list of updates")}
	}
	return c.batch(updates, at, time.Now())
}

// batch makes deliveries of one answer. Silent updates are passed over and still move the bookmark, or they would come for ever.
func (c *Connector) batch(updates []json.RawMessage, at cursor, now time.Time) (channels.Batch, error) {
	b := channels.Batch{More: len(updates) >= fetchMost}
	next := at.Offset
	if len(updates) == 0 {
		next = 0
	}
	for _, raw := range updates {
		next = following(raw, next)
		if d, ok := c.delivery(raw, now); ok {
			b.Deliveries = append(b.Deliveries, d)
		}
	}
	if b.More && len(b.Deliveries) > 0 {
		b.Lag = now.Sub(b.Deliveries[len(b.Deliveries)-1].At)
	}
	if next == at.Offset {
		return b, nil
	}
	var err error
	b.Next, err = json.Marshal(cursor{next})
	return b, err
}

// following is the offset behind an update. Ids follow each other; where one cannot be read it is
// taken to do so too, that one broken update may not come for ever.
func following(raw []byte, next int64) int64 {
	var u struct {
		ID int64 `json:"update_id"`
	}
	if json.Unmarshal(raw, &u) != nil || u.ID == 0 {
		if next == 0 {
			return 0
		}
		return next + 1
	}
	return u.ID + 1
}
