package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/alerts"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	written "frontdesk/templates/alerts"
	"frontdesk/templates/words"
	"frontdesk/workers/store"
	"frontdesk/workers/store/alerting"
	"frontdesk/workers/store/outbox"
)

// Alerts are what the people of the desk are told with outside of it.
type Alerts struct {
	Texts    *written.Writer // nil: nobody is told
	Client   *http.Client    // for webhooks of people's own, which are foreign addresses: one that is guarded
	Base     string          // address of the desk, such as https://desk.example.com; "": none is known
	Subjects bool            // subjects of tickets are shown outside
	Hooks    bool            // webhooks of people's own are called
	Private  bool            // also those in private networks, and without https
}

// bells does the rows of kind alert. What is told, and whether, is asked of the store when it is sent.
type bells struct {
	Alerts
	store   *store.Store
	senders *wayOut[channels.Sender]
	writer  *Writer
	begin   func(row outbox.EffectRow, words []byte)
	logger  *slog.Logger
	now     func() time.Time
}

// alertFor is how long something is tried again: what is told later than that is no news.
const alertFor = 6 * time.Hour

// longestPause bounds what a foreign server asks for by Retry-After.
const longestPause = time.Hour

// do tells somebody. What may have arrived is not sent again, unless its receiver knows it by its id: a summary that comes twice disturbs twice, and one that
// is lost lies on his pages.
func (a *bells) do(ctx context.Context, row outbox.EffectRow) commands.SendEnded {
	var p alerting.Post
	if err := json.Unmarshal(row.Payload, &p); err != nil {
		return commands.SendEnded{ID: row.ID, State: effects.Failed, Code: "payload", Detail: err.Error()}
	}
	if a.Texts == nil {
		return commands.SendEnded{ID: row.ID, State: effects.Failed, Code: "not-configured", Detail: "nobody is told outside of the desk any more"}
	}
	l, err := a.store.Alerts.Sendable(ctx, p)
	if errors.Is(err, store.ErrNotFound) {
		return commands.SendEnded{ID: row.ID, State: effects.Withheld, Code: "nothing-to-list"}
	}
	if err != nil {
		return retry(row, a.now(), "temporary", err.Error(), 0)
	}
	if row.Unknown && (p.Way == alerts.Mail || l.Style == alerts.Text) {
		return commands.SendEnded{ID: row.ID, State: effects.Failed, Code: "unknown", Detail: "it may have arrived"}
	}
	if p.Way == alerts.Hook && (!a.Hooks || !a.Private && !strings.HasPrefix(strings.ToLower(l.URL), "https:")) { // the configuration was another one when he set it up
		return commands.SendEnded{ID: row.ID, State: effects.Withheld, Code: "not-configured"}
	}
	if p.Way == alerts.Mail {
		err = a.mail(ctx, row, p, l)
	} else {
		err = a.call(ctx, row, p, l)
	}
	return a.ended(ctx, row, p, l, err)
}

// ended notes what became of it.
func (a *bells) ended(ctx context.Context, row outbox.EffectRow, p alerting.Post, l alerting.Letter, err error) commands.SendEnded {
	if err == nil {
		if err := a.store.Alerts.Arrived(ctx, p.Person, p.Way); err != nil { // it has arrived all the same
			a.logger.Warn("noting that somebody was told failed", "user", p.Person, "error", err)
		}
		return commands.SendEnded{ID: row.ID, State: effects.Sent}
	}
	o := failure(row, err, a.now())
	if latest := a.now().Add(longestPause); o.Next.After(latest) {
		o.Next = latest
	}
	once := p.Way == alerts.Mail || l.Style == alerts.Text
	if o.State == effects.Due && (o.Unknown || timedOut(err)) && once || o.State == effects.Due && a.now().Sub(row.CreatedAt) > alertFor && row.Attempts >= leastTries {
		o = commands.SendEnded{ID: row.ID, State: effects.Failed, Code: o.Code, Detail: o.Detail}
	}
	o.Refused, o.Dead, o.OptedOut = o.Refused && p.Way == alerts.Mail, false, false
	off, fell := a.store.Alerts.Fell(ctx, p.Person, p.Way, o.Code, o.Code == "410", a.now())
	if fell != nil {
		a.logger.Warn("noting that somebody was not told failed", "user", p.Person, "error", fell)
	}
	if off {
		a.logger.Warn("a webhook of a person's was switched off: nothing has arrived for too long", "user", p.Person, "code", o.Code)
	}
	return o
}

// language is that of somebody's pages.
func language(tag string) string {
	if strings.HasPrefix(strings.ToLower(tag), words.Chinese) {
		return words.Chinese
	}
	return words.English
}

// letter is what is told, as it is written.
func (a *bells) letter(p alerting.Post, l alerting.Letter) written.Letter {
	out := written.Letter{Desk: message.Named(a.writer.Names, language(l.Language), a.writer.DeskName), Test: p.Test, More: p.More}
	if a.Base != "" {
		out.URL = a.Base + "/desk/me/alerts"
	}
	for _, i := range l.Items {
		one := written.Line{Kind: string(i.Kind), Ticket: thread.TicketNumber(i.Ticket), Queue: i.Queue, N: i.N}
		if one.URL = a.address(i.Ticket); a.Subjects {
			one.Subject = i.Subject
		}
		out.Lines = append(out.Lines, one)
	}
	return out
}

// address is where a ticket is at the desk.
func (a *bells) address(ticket int64) string {
	if a.Base == "" {
		return ""
	}
	return a.Base + "/desk/tickets/" + thread.TicketNumber(ticket)
}

// mail sends it to his own address, by the inbox that the house has named. It says that a machine wrote it, so that nobody's machine answers.
func (a *bells) mail(ctx context.Context, row outbox.EffectRow, p alerting.Post, l alerting.Letter) error {
	sender := a.senders.get(row.Inbox)
	if sender == nil {
		return &channels.Error{Op: "telling somebody by mail", Class: channels.Permanent, Code: "no-sender", Err: errors.New("the inbox cannot send")}
	}
	subject, text := a.Texts.Write(language(l.Language), a.letter(p, l))
	out := channels.Outbound{Inbox: row.Inbox, To: message.Address{Kind: message.Email, Value: l.Address}, Subject: subject, Text: text, Automatic: true, Language: language(l.Language),
		MessageID: thread.MessageID(a.writer.MAC, "alert", 0, row.Key, a.writer.Domain)}
	a.begin(row, nil)
	_, err := sender.Send(ctx, row.Key, out)
	return err
}

// calls is what a webhook is told, signed.
type calls struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"`
	Data      called `json:"data"`
}

type called struct {
	Test   bool     `json:"test,omitempty"`
	Events []happen `json:"events"`
	More   int64    `json:"more,omitempty"`
}

// happen is one line of it.
type happen struct {
	Kind    string `json:"kind"`
	Ticket  string `json:"ticket"`
	Queue   string `json:"queue"`
	Subject string `json:"subject,omitempty"`
	Count   int64  `json:"count"`
	URL     string `json:"url,omitempty"`
}

// call calls his webhook.
func (a *bells) call(ctx context.Context, row outbox.EffectRow, p alerting.Post, l alerting.Letter) error {
	key := noticeID(row.Key)
	if l.Style != alerts.Signed {
		told := a.letter(p, l)
		for i := range told.Lines {
			told.Lines[i].Subject = written.Harmless(told.Lines[i].Subject)
		}
		subject, text := a.Texts.Write(language(l.Language), told)
		body, err := json.Marshal(map[string]string{"text": written.Chat(subject + "\n" + text)})
		if err != nil {
			return err // texts always marshal
		}
		a.begin(row, nil)
		return a.plain(ctx, l.URL, body)
	}
	data := called{Test: p.Test, More: p.More, Events: []happen{}}
	for _, i := range a.letter(p, l).Lines {
		data.Events = append(data.Events, happen{Kind: i.Kind, Ticket: i.Ticket, Queue: i.Queue, Subject: i.Subject, Count: i.N, URL: i.URL})
	}
	body, err := json.Marshal(calls{Type: "desk.alert", Timestamp: row.CreatedAt.UTC().Format(time.RFC3339Nano), Data: data})
	if err != nil {
		return err
	}
	a.begin(row, nil)
	return (&WebhookOut{URL: l.URL, Secret: []byte(l.Secret), Client: a.Client, Now: a.now}).Notify(ctx, key, body)
}

// plain posts to a chat, which takes no signature.
func (a *bells) plain(ctx context.Context, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return &channels.Error{Op: "making webhook request", Class: channels.Permanent, Err: withoutURL(err)}
	}
	req.Header.Set("Content-Type", "application/json")
	return posted(a.Client, req)
}
