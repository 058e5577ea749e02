package deliver

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/descriptor"
	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/thread"
	"frontdesk/templates"
	"frontdesk/workers/store/outbox"
)

// Writer puts an acknowledgement into words, at the moment when it is handed over: so that it says what is promised
// now, and says so when it is late. It asks nobody and is never changed, so many may use it at a time.
type Writer struct {
	Texts     *templates.Set
	DeskName  string
	Names     map[string]string // the desk's name by language, where it has several
	Domain    string            // of our Message-IDs
	Language  string            // where there is no text in the customer's
	Zone      *time.Location
	Calendars map[string]*promise.Hours    // their zones; the desk's otherwise
	Channels  map[string]descriptor.Traits // by name
	Short     []string                     // channels that get the short form, beside those of chats
	SignReply bool                         // signed plus-address in Reply-To
	Inboxes   map[string]pipeline.Inbox
	Answering map[message.AddressKind]string // inbox that writes to addresses of that kind
	Fallback  []message.AddressKind          // kinds of address to try in turn when the first cannot be reached
	MAC       thread.MAC
	Phone     func(number string) acknowledge.Phone                    // what is known of a number; nil where every number may be written to
	Content   func(ctx context.Context, digest string) ([]byte, error) // of files that agents send
	Caps      acknowledge.Caps                                         // that bound what goes on at an address that somebody only claims
}

// Write renders one row of the outbox. The same row at the same moment gives the same text and the same Message-ID: a
// repeat after a crash is recognised by mail programs and by providers that compare texts. An error is a fault of
// ours (a template, a payload), not of the recipient.
func (w *Writer) Write(row outbox.EffectRow, now time.Time) (channels.Outbound, error) {
	switch row.Kind {
	case effects.KindReply:
		return w.reply(row)
	case effects.KindForward:
		return w.forward(row)
	case effects.KindCode:
		return w.code(row)
	}
	var p pipeline.AckPayload
	if err := json.Unmarshal(row.Payload, &p); err != nil {
		return channels.Outbound{}, fmt.Errorf("reading the payload of an effect: %w", err)
	}
	language := w.place(p.Language, row.To)
	data := templates.Data{
		DeskName: message.Named(w.Names, language, w.DeskName), TicketNumber: thread.TicketNumber(row.Ticket), Language: language, Fallback: w.Language,
		Category: p.Category, Channel: row.Channel, Short: w.short(row.Channel), Parts: w.parts(row.Channel), Missing: p.Missing,
		Subject: p.Subject, CustomerName: p.Name, FirstReplyBy: w.firstReply(row.Promises, language, row.Channel, now), Late: late(row, now),
	}
	data.Greeting, data.Tone = p.Greeting, p.Tone
	if row.To.Kind == message.Email {
		data.Token = thread.SubjectToken(w.MAC, row.Ticket)
	}
	for _, a := range p.FAQ {
		data.Answers = append(data.Answers, templates.Answer{Question: a.Question, Answer: a.Answer})
	}
	kind := templates.Acknowledgement
	if row.Kind == effects.KindDigest {
		kind, data.Token = templates.Digest, ""
		data.Digest, data.Count = w.digestItems(row, p, language, data.Short, now), len(row.Covers)
		data.More = data.Count - len(data.Digest)
	}
	text, err := w.Texts.Render(kind, data)
	if err != nil {
		return channels.Outbound{}, fmt.Errorf("rendering %s: %w", row.Kind, err)
	}
	return w.outbound(row, p, text), nil
}

// outbound puts the text into what its channel takes. Mail gets a Message-ID that depends on the row alone, is
// threaded below the customer's mail, and, where configured, has a signed address to reply to. A digest answers no
// mail, so it is threaded below none.
func (w *Writer) outbound(row outbox.EffectRow, p pipeline.AckPayload, text templates.Text) channels.Outbound {
	out := channels.Outbound{Inbox: row.Inbox, To: row.To, Thread: p.Thread, Subject: text.Subject, Text: text.Body,
		Automatic: true, Language: text.Language, Skip: row.PartsDone}
	if row.To.Kind != message.Email {
		return out
	}
	out.MessageID = thread.MessageID(w.MAC, "ack", row.Ticket, row.Key, w.Domain)
	if row.Kind == effects.KindDigest {
		return out
	}
	if p.InReplyTo != "" {
		out.InReplyTo = p.InReplyTo
		out.References = append(slices.Clone(p.References), p.InReplyTo)
	}
	if own := w.Inboxes[row.Inbox].Address; w.SignReply && own != "" {
		out.ReplyTo = thread.ReplyAddress(w.MAC, own, row.Ticket)
	}
	return out
}

// short reports whether a channel gets the short form: a chat always does, since the long one speaks of mail.
func (w *Writer) short(channel string) bool {
	return w.Channels[channel].Words == message.WordsChat || slices.Contains(w.Short, channel)
}

// parts bounds the length of a text where each part of it costs.
func (w *Writer) parts(channel string) int {
	if w.Channels[channel].Words == message.WordsSMS {
		return templates.SMSParts
	}
	return 0
}

// digestItems names the tickets, the oldest first and so many as a text of that form has room for. Their subjects are the
// sender's words, so one that nobody has proven gets the numbers alone.
func (w *Writer) digestItems(row outbox.EffectRow, p pipeline.AckPayload, language string, short bool, now time.Time) []templates.DigestItem {
	most := templates.MostListed
	if short {
		most = templates.MostListedShort
	}
	var out []templates.DigestItem
	for _, t := range row.Covers[:min(len(row.Covers), most)] {
		item := templates.DigestItem{TicketNumber: thread.TicketNumber(t.ID), FirstReplyBy: w.firstReply(t.Promises, language, row.Channel, now)}
		if !p.Unproven {
			item.Subject = t.Display
		}
		out = append(out, item)
	}
	return out
}

// firstReply writes out the time that the desk's clock runs on; nothing when it has passed, since nobody should read
// a promise that is broken already.
func (w *Writer) firstReply(promised []outbox.PromiseFacts, language, channel string, now time.Time) string {
	for _, p := range promised {
		if p.Kind != string(promise.FirstReply) || p.State == promises.Void || !p.Due.After(now) {
			continue
		}
		zone := w.Zone
		if hours := w.Calendars[p.Calendar]; hours != nil {
			zone = hours.Zone()
		}
		if w.Channels[channel].Words == message.WordsSMS {
			return promise.AnnounceShort(p.Due, language, zone, now)
		}
		return promise.Announce(p.Due, language, zone, now)
	}
	return ""
}

// place tells readers of Traditional Chinese apart, where the customer's words do not: by his number, else by the desk's zone.
func (w *Writer) place(language string, to message.Address) string {
	if language != "zh-Hant" {
		return language
	}
	if to.Kind == message.Phone {
		for prefix, place := range map[string]string{"+886": "zh-Hant-TW", "+852": "zh-Hant-HK", "+853": "zh-Hant-MO"} {
			if strings.HasPrefix(to.Value, prefix) {
				return place
			}
		}
	}
	if w.Zone == nil {
		return language
	}
	switch w.Zone.String() {
	case "Asia/Taipei":
		return "zh-Hant-TW"
	case "Asia/Hong_Kong", "Asia/Macau":
		return "zh-Hant-HK"
	}
	return language
}

func late(row outbox.EffectRow, now time.Time) bool {
	for _, p := range row.Promises {
		if p.Kind == string(promise.Acknowledgement) {
			return now.After(p.Due)
		}
	}
	return false
}
