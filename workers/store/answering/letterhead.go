package answering

import (
	"cmp"
	"context"
	"time"

	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/letter"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// Letterhead is what an inbox puts below what agents write.
type Letterhead struct {
	Signatures map[string]string // by language (BCP 47), in Markdown with the variables letter.OfSignature
	Quote      bool              // the message that is answered is quoted
}

// Below is what stands below an answer that is sent now: the signature of its inbox in the customer's language, and the message that it
// answers. A note has neither.
func (s *Store) Below(ctx context.Context, v viewer.Viewer, h House, w Writing) (signature, quote string, err error) {
	head := h.Letters[w.Inbox]
	if w.Kind != replies.Answer {
		return "", "", nil
	}
	if text := message.Named(head.Signatures, w.Language, ""); text != "" {
		signature = letter.Fill(text, map[string]string{"agent": v.Name, "desk": h.name(w.Language)})
	}
	if head.Quote && w.Of != 0 {
		quote, err = s.quoted(ctx, h, w)
	}
	return signature, quote, err
}

// name is the desk's in a language.
func (h House) name(language string) string {
	if h.Name == nil {
		return ""
	}
	return h.Name(language)
}

// quoted is the message that an answer answers, as far as people see it: without what it quotes itself, and with what was masked.
func (s *Store) quoted(ctx context.Context, h House, w Writing) (quote string, err error) {
	zone := cmp.Or(h.Zone, time.UTC)
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		quote = ""
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var from message.Address
			var words string
			var at int64
			err := row.Scan(&from.Name, &from.Value, &words, &at)
			quote = letter.Quote(w.Language, sql.Moment(at).In(zone), cmp.Or(from.Name, from.Value), words)
			return err
		}, `SELECT m.sender_name, m.sender_value, m.visible, d.at FROM messages m JOIN deliveries d ON d.id = m.id WHERE m.id = $1 AND m.ticket = $2 AND m.erased_at = 0`, w.Of, w.Ticket))
	})
	return quote, err
}
