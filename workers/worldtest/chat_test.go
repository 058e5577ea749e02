package worldtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

const (
	botToken  = "4242:secret"
	botSecret = "hook-secret"
)

// wrote tells the connector that its request is out.
func wrote(r *http.Request) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
}

// chat is the messenger. It calls our webhook until we take an update.
type chat struct {
	w  *world
	mu sync.Mutex
	n  int
}

func (c *chat) name() string { return "telegram" }

// receive takes a customer's words in; edit changes the words of an earlier message.
func (c *chat) receive(it *item, edit *item) {
	c.mu.Lock()
	c.n++
	n := c.n
	c.mu.Unlock()
	at := time.Now().Add(c.w.skew).Truncate(time.Second)
	body := map[string]any{"message_id": n, "date": at.Unix(), "text": it.text, "from": map[string]any{"id": it.chat, "is_bot": false, "first_name": "Li", "language_code": "en"},
		"chat": map[string]any{"id": it.chat, "type": "private", "first_name": "Li"}}
	kind, key := "message", fmt.Sprintf("%d:%d", it.chat, n)
	if edit != nil {
		kind, key = "edited_message", fmt.Sprintf("%d:%d:%d", it.chat, edit.number, at.Unix())
		body["message_id"], body["date"], body["edit_date"] = edit.number, edit.born.Unix(), at.Unix()
	}
	it.number = n
	it.raw, _ = json.Marshal(map[string]any{"update_id": 1000 + n, kind: body})
	c.w.book.lies(it, "bot", key, at)
	for range 1 + c.w.storm() {
		c.w.after(c.w.lateness(), func() { c.call(it) })
	}
}

func (c *chat) call(it *item) {
	header := http.Header{"Content-Type": {"application/json"}, "X-Telegram-Bot-Api-Secret-Token": {botSecret}}
	for try := 0; ; try++ {
		p, status := c.w.post("/hooks/bot", header, it.raw)
		if status/100 == 2 {
			c.w.book.received(it, "bot", it.keys["bot"])
			return
		}
		if status == http.StatusBadRequest || status == http.StatusUnauthorized {
			c.w.fail("nothing lost", "%s refused an update for good: %d", p.name(), status)
			return
		}
		if c.w.over.Load() {
			return
		}
		time.Sleep(min(5*time.Second<<min(try, 6), 5*time.Minute))
	}
}

// answer is the Bot API.
func (c *chat) answer(p *process, r *http.Request, body []byte) (int, any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.w
	var out struct {
		Chat int64  `json:"chat_id"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(body, &out); err != nil {
		return http.StatusBadRequest, map[string]any{"ok": false, "description": "Bad Request"}, false
	}
	switch {
	case w.trouble(w.odds.throttled, "the messenger asks for patience"):
		return http.StatusTooManyRequests, map[string]any{"ok": false, "description": "Too Many Requests", "parameters": map[string]any{"retry_after": 20}}, false
	case out.Chat%10 == 0:
		return http.StatusForbidden, map[string]any{"ok": false, "description": "Forbidden: bot was blocked by the user"}, false
	}
	lost := w.trouble(w.odds.lost, "the messenger's answer is lost")
	c.n++
	id := fmt.Sprintf("%d:%d", out.Chat, c.n)
	w.book.sent(&send{channel: "telegram", key: keyOf(r.Context()), id: id, to: fmt.Sprint(out.Chat), text: out.Text, p: p, lost: lost})
	return http.StatusOK, map[string]any{"ok": true, "result": map[string]any{"message_id": c.n, "date": time.Now().Unix(), "chat": map[string]any{"id": out.Chat}}}, lost
}
