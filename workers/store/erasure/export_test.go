package erasure

import (
	"context"
	"fmt"
	"strings"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/sql"
)

// Dump is all text of all tables, read without any of the code that is under test; what is sealed
// is opened.
func Dump(ctx context.Context, s *Store) (map[string]string, error) {
	out := map[string]string{}
	for table, columns := range map[string]string{
		"deliveries": "inbox, channel, key", "originals o JOIN deliveries d ON d.id = o.id": "o.id, d.inbox, o.blob, o.sealed", "undecided": "inbox, state",
		"messages":    "inbox, channel, state, cause, evidence, kind, sender, sender_kind, sender_value, sender_name, subject, visible, quoted, language, category, thread, content, fingerprint, reference, redacted, fields",
		"attachments": "name, media_type, content_id, ref, digest", "decisions": "message, config, sealed", "content_keys": "digest, inbox", "mail_references": "digest",
		"conversations": "thread", "contacts": "name, language", "identities": "address, kind, value",
		"tickets":  "inbox, queue, category, subject, display, channels, numbers, participants, informed",
		"promises": "kind, state, cause", "outbox": "key, recipient, to_kind, to_value, to_name, payload, cause, provider_id, last_error, holder, domain, domain_print, counted_as",
		"outbox_attempts": "effect, n, outcome, code, detail, words", "receipts": "key, provider_id, reason", "cursors": "stream, value", "inbox_status": "address, last_error",
		"dead_letters": "payload, error", "journal": "who, act, detail", "tombstones": "digest, kind", "leases": "name, holder",
	} {
		n := strings.Count(columns, ",") + 1
		err := s.base.DB.Read(ctx, func(t sql.Tx) error {
			return t.Run(ctx, sql.Ask(func(row sql.Row) error {
				values, dest := make([]any, n), make([]any, n)
				for i := range values {
					dest[i] = &values[i]
				}
				if err := row.Scan(dest...); err != nil {
					return err
				}
				for _, v := range values {
					if b, sealed := v.([]byte); sealed {
						at := base.DecisionAt(values[0].(int64))
						if table == "outbox_attempts" {
							at = outbox.WordsAt(values[0].(int64), values[1].(int64))
						} else if table != "decisions" {
							at = base.OriginalAt(values[0].(int64), fmt.Sprint(values[1]))
						}
						if len(b) == 0 {
							continue // it lies in the blob store
						}
						plain, err := s.base.Ring.Open(ctx, b, at)
						if err != nil {
							return err
						}
						v = string(plain)
					}
					out[strings.Fields(table)[0]] += fmt.Sprintf("%v\n", v)
				}
				return nil
			}, "SELECT "+columns+" FROM "+table))
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
	}
	return out, nil
}

// EraseMessages is an erasure that is broken off once the messages are done.
func EraseMessages(ctx context.Context, s *Store, p Person, now time.Time) error {
	e := &eraser{s: s, p: p, now: now, words: map[Word]bool{}, removed: map[string][]byte{}}
	w := s.newSweep(p, nil)
	if err := w.all(ctx); err != nil {
		return err
	}
	return e.messages(ctx, w.found.Messages)
}
