package setaside

import (
	"context"
	"fmt"
	"math"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/viewer/veil"
)

// Blocked is an address from which everything is set aside, because a person wants so.
type Blocked struct {
	ID      int64
	Value   string // the address
	Message int64  // at which it was blocked
	At      time.Time
	By      string // login
}

// Block sets aside whatever comes from now on from the sender of a message that is set aside. The message stays where it is. Who is blocked
// already stays so. sql.ErrNotFound: the message is not set aside, or the viewer does not see it. domain.ErrNotSo: nobody can be read as its sender.
func (s *Store) Block(ctx context.Context, v viewer.Viewer, id int64, now time.Time) error {
	err := fmt.Errorf("no such message: %w", sql.ErrNotFound)
	if May(v) {
		err = s.block(ctx, v.Login, id, now)
	}
	if err != nil {
		return fmt.Errorf("blocking the sender of message %d: %w", id, err)
	}
	return nil
}

func (s *Store) block(ctx context.Context, who string, id int64, now time.Time) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 2)
	if err != nil {
		return err
	}
	return s.base.Write(ctx, func(t sql.Tx) error {
		from, err := senderOf(ctx, t, id)
		if err != nil {
			return err
		}
		fresh := false
		err = t.Run(ctx, sql.Ask(sql.Value(func(int64) { fresh = true }), `INSERT INTO blocks (id, address, kind, value, message, made_at, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (address) DO NOTHING RETURNING id`, ids[0], s.base.Address(from), string(from.Kind), sql.Clean(from.Value), id, sql.Micros(now), sql.Clean(who)))
		if err != nil || !fresh {
			return err
		}
		return t.Run(ctx, base.Note(ids[1], now, who, "block", id, 0, string(from.Kind)))
	})
}

// senderOf is who wrote a message that is set aside.
func senderOf(ctx context.Context, t sql.Tx, id int64) (message.Identity, error) {
	var kind, value string
	found := false
	if err := t.Run(ctx, sql.Ask(sql.Pair(func(k, v string) { kind, value, found = k, v, true }),
		`SELECT sender_kind, sender_value FROM messages WHERE id = $1 AND state = 'parked'`, id)); err != nil {
		return message.Identity{}, err
	}
	from := message.Address{Kind: message.AddressKind(kind), Value: value}.Identity()
	switch {
	case !found:
		return from, sql.ErrNotFound
	case from.IsZero():
		return from, domain.ErrNotSo
	}
	return from, nil
}

// Unblock ends a block: what comes later is judged as anything else, what was set aside stays so. sql.ErrNotFound: there is none, or the viewer
// does not see it.
func (s *Store) Unblock(ctx context.Context, v viewer.Viewer, id int64, now time.Time) error {
	err := fmt.Errorf("no such block: %w", sql.ErrNotFound)
	if May(v) {
		err = s.unblock(ctx, v.Login, id, now)
	}
	if err != nil {
		return fmt.Errorf("ending block %d: %w", id, err)
	}
	return nil
}

func (s *Store) unblock(ctx context.Context, who string, id int64, now time.Time) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return err
	}
	return s.base.Write(ctx, func(t sql.Tx) error {
		var at int64
		var kind string
		found := false
		if err := t.Run(ctx, sql.Ask(sql.Pair(func(m int64, k string) { at, kind, found = m, k, true }), `DELETE FROM blocks WHERE id = $1 RETURNING message, kind`, id)); err != nil {
			return err
		}
		if !found {
			return sql.ErrNotFound
		}
		return t.Run(ctx, base.Note(ids[0], now, who, "unblock", at, 0, kind))
	})
}

// Blocks is a page of who is blocked, the newest first, below a block; 0: from the top. sql.ErrNotFound: the viewer does not see it.
func (s *Store) Blocks(ctx context.Context, v viewer.Viewer, before int64, limit int) (out []Blocked, err error) {
	if !May(v) {
		return nil, fmt.Errorf("listing who is blocked: %w", sql.ErrNotFound)
	}
	if before == 0 {
		before = math.MaxInt64
	}
	shown := v.Anywhere(viewer.Contact)
	err = s.lists.Read(ctx, "listing who is blocked", sql.Ask(func(row sql.Row) error {
		var b Blocked
		var at int64
		err := row.Scan(&b.ID, &b.Value, &b.Message, &at, &b.By)
		b.Value, b.At = base.Shown(b.Value), base.StampOf(at).Time
		if !shown {
			b.Value = veil.Value(b.Value)
		}
		out = append(out, b)
		return err
	}, `SELECT id, value, message, made_at, made_by FROM blocks WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit))
	return out, err
}
