package auditing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/sql"
)

// sealedThing is one row of what else lies sealed, with what is said of it when it does not open. rule is the one
// under which that is reported; what is a phrase for a person.
type sealedThing struct {
	message int64
	effect  int64
	rule    Rule
	what    string
	at      keyring.Place
	sealed  []byte
	digest  string // of a file in the blob store
}

// everything opens decisions, opinions, readings, copies, files and what was sent of the slice, where that is asked for: a few messages
// at a time, since their sealed bytes lie in memory together.
func (r *auditSliceRows) everything(ctx context.Context) error {
	if !r.a.o.Sealed {
		return nil
	}
	for ids := range slices.Chunk(sql.Sorted(r.order), auditOpens) {
		things, err := r.a.s.sealedThings(ctx, ids)
		if err != nil {
			return err
		}
		for _, t := range things {
			if err := r.a.tryThing(ctx, t, r.delivered[t.message].inbox); err != nil {
				return err
			}
		}
	}
	return nil
}

// sealedThings reads what hangs sealed on the messages, but their originals. All statements begin with the message's
// id, along primary keys and outbox_message.
func (s *Store) sealedThings(ctx context.Context, ids []int64) (out []sealedThing, err error) {
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		out = nil
		return t.Run(ctx,
			sql.Ask(func(row sql.Row) error {
				d := sealedThing{rule: RuleDecision, what: "its decision"}
				err := row.Scan(&d.message, &d.sealed)
				d.at = base.DecisionAt(d.message)
				out = append(out, d)
				return err
			}, `SELECT message, sealed FROM decisions WHERE message = ANY($1)`, ids),
			sql.Ask(func(row sql.Row) error {
				o := sealedThing{rule: RuleDecision, what: "what a scanner said of it"}
				var scanner, part, verdict string
				err := row.Scan(&o.message, &scanner, &part, &verdict, &o.sealed)
				o.at = base.OpinionAt(o.message, scanner, part, verdict)
				out = append(out, o)
				return err
			}, `SELECT message, scanner, part, verdict, sealed FROM opinions WHERE message = ANY($1)`, ids),
			sql.Ask(func(row sql.Row) error {
				r := sealedThing{rule: RuleDecision, what: "what an answer to it stands on"}
				err := row.Scan(&r.message, &r.sealed)
				r.at = base.ReadingAt(r.message)
				out = append(out, r)
				return err
			}, `SELECT message, sealed FROM readings WHERE message = ANY($1)`, ids),
			sql.Ask(func(row sql.Row) error {
				c := sealedThing{rule: RuleDecision, what: "its formatted copy"}
				err := row.Scan(&c.message, &c.sealed)
				c.at = base.CopyAt(c.message)
				out = append(out, c)
				return err
			}, `SELECT message, sealed FROM copies WHERE message = ANY($1)`, ids),
			sql.Ask(func(row sql.Row) error {
				f := sealedThing{rule: RuleOriginal, what: "a file of it"}
				err := row.Scan(&f.message, &f.digest)
				out = append(out, f)
				return err
			}, `SELECT message, digest FROM attachments WHERE digest <> '' AND message = ANY($1)`, ids),
			sql.Ask(func(row sql.Row) error {
				w := sealedThing{rule: RuleAcknowledgement, what: "what was sent"}
				var attempt int64
				err := row.Scan(&w.message, &w.effect, &attempt, &w.sealed)
				w.at = outbox.WordsAt(w.effect, attempt)
				out = append(out, w)
				return err
			}, `SELECT o.message, a.effect, a.n, a.words FROM outbox o JOIN outbox_attempts a ON a.effect = o.id
WHERE o.message <> 0 AND o.message = ANY($1) AND a.words IS NOT NULL`, ids))
	})
	return out, err
}

// tryThing opens one, and notes a finding where it does not open. Only keyring.ErrSealed is one; a database or a disk
// that fails ends the audit.
func (a *auditor) tryThing(ctx context.Context, t sealedThing, inbox string) error {
	var err error
	if t.digest != "" {
		_, err = a.s.files.Blob(ctx, t.digest)
		if errors.Is(err, blobs.ErrNotFound) {
			return nil // see blobs
		}
	} else {
		_, err = a.s.base.Ring.Open(ctx, t.sealed, t.at)
	}
	if errors.Is(err, keyring.ErrSealed) {
		a.find(Finding{Rule: t.rule, Message: t.message, Effect: t.effect, Inbox: inbox, Detail: fmt.Sprintf("%s cannot be opened: %v", t.what, err)})
		return nil
	}
	return err
}

// secrets opens the saved secrets, which belong to no message: a lost one means that an inbox has to be signed in
// anew.
func (a *auditor) secrets(ctx context.Context) error {
	var things []sealedThing
	err := a.s.base.DB.Read(ctx, func(t sql.Tx) error {
		things = nil
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var name string
			s := sealedThing{rule: RuleOriginal, what: "a saved secret (an inbox has to be signed in anew)"}
			err := row.Scan(&name, &s.sealed)
			s.at = base.SecretAt(name)
			things = append(things, s)
			return err
		}, `SELECT name, sealed FROM secrets`))
	})
	for _, t := range things {
		if err == nil {
			err = a.tryThing(ctx, t, "")
		}
	}
	return err
}
