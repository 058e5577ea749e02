// Package models keeps which learned model is the line's, and the files of those that are or were, so that every process of an
// installation decides by the same one.
package models

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline/classify/learned"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// Default is the name of the model that comes with the program. It has no file here.
const Default = "default"

// Promotion says that a model became the line's.
type Promotion struct {
	N       int64           `json:"n"` // 1 and up; 0: nothing was ever promoted
	Name    string          `json:"name"`
	Sum     string          `json:"sum"` // SHA-256 of its file in hexadecimal digits; empty for the one that comes with the program
	At      time.Time       `json:"at"`
	Before  int64           `json:"before"`  // where a rollback goes back to; 0: to the model that comes with the program
	Figures json.RawMessage `json:"figures"` // what was measured when it was promoted; of a rollback those of the promotion that it goes back to
}

// Errors of what cannot be done; nothing was.
var (
	// ErrFirst says that nothing was ever promoted, or all of it has been taken back.
	ErrFirst = errors.New("the model that comes with the program is the present one: there is none before it")
	// ErrGone says that the file of an older model is no longer kept.
	ErrGone = errors.New("the file of that model is no longer kept")
)

const (
	// kept is of how many promotions the files stay: a file has some megabytes.
	kept = 10
	// largest is what a file has at most.
	largest = 16 << 20
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct{ base *base.Store }

// New makes the room.
func New(b *base.Store) *Store { return &Store{b} }

// Sum is how a file is known.
func Sum(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

const columns = `SELECT n, name, sum, at, before, figures FROM promotions `

// into reads a row of columns.
func into(p *Promotion) func(sql.Row) error {
	return func(row sql.Row) error {
		var at int64
		var figures string
		err := row.Scan(&p.N, &p.Name, &p.Sum, &at, &p.Before, &figures)
		p.At, p.Figures = sql.Moment(at), json.RawMessage(figures)
		return err
	}
}

// Present is the promotion that counts; of an installation that has promoted nothing the one of the model that comes with the
// program, with N 0.
func (s *Store) Present(ctx context.Context) (Promotion, error) {
	p := Promotion{Name: Default}
	err := s.base.Read(ctx, "reading which model is the line's", present(&p))
	return p, err
}

func present(p *Promotion) sql.Call {
	return sql.Ask(into(p), columns+`WHERE n > 0 ORDER BY n DESC LIMIT 1`)
}

// Load is the line's model with its promotion. A nil model stands for the one that comes with the program. A file that is not
// the one that was promoted is an error, as is one that this program cannot read.
func (s *Store) Load(ctx context.Context) (*learned.Model, Promotion, error) {
	p, err := s.Present(ctx)
	if err != nil || p.Sum == "" {
		return nil, p, err
	}
	var file []byte
	err = s.base.Read(ctx, "reading the line's model", sql.Ask(func(row sql.Row) error { return row.Scan(&file) }, `SELECT file FROM models WHERE sum = $1`, p.Sum))
	if err != nil {
		return nil, p, err
	}
	if Sum(file) != p.Sum {
		return nil, p, fmt.Errorf("reading the line's model %s: its file is not the one that was promoted", p.Name)
	}
	parts, err := learned.Read(bytes.NewReader(file))
	if err != nil {
		return nil, p, fmt.Errorf("reading the line's model %s: %w", p.Name, err)
	}
	m, err := learned.New(parts)
	if err != nil {
		return nil, p, fmt.Errorf("reading the line's model %s: %w", p.Name, err)
	}
	return m, p, nil
}

// Promote makes a model the line's, from its file; an empty file is the model that comes with the program. What is the line's
// already stays as it is. sql.ErrConflict: another one was promoted since expected, the number of the present promotion.
func (s *Store) Promote(ctx context.Context, name string, file, figures []byte, expected int64, now time.Time) (Promotion, error) {
	if len(file) > largest {
		return Promotion{}, fmt.Errorf("promoting a model: its file has %d bytes, at most %d are kept", len(file), largest)
	}
	next := Promotion{Name: name, At: now, Before: expected, Figures: figures}
	if len(file) > 0 {
		next.Sum = Sum(file)
	}
	err := s.base.Write(ctx, func(t sql.Tx) error {
		was := Promotion{Name: Default}
		if err := t.Run(ctx, present(&was)); err != nil {
			return err
		}
		if was.N != expected {
			return sql.ErrConflict
		}
		if was.Sum == next.Sum {
			next = was
			return nil
		}
		var calls []sql.Call
		if len(file) > 0 {
			calls = append(calls, sql.Do(`INSERT INTO models (sum, file) VALUES ($1, $2) ON CONFLICT (sum) DO NOTHING`, next.Sum, file))
		}
		next.N = was.N + 1
		return t.Run(ctx, append(calls, insert(next), expire(next.N))...)
	})
	if err != nil {
		return Promotion{}, fmt.Errorf("promoting a model: %w", err)
	}
	return next, nil
}

// insert writes a promotion. Of two at the same moment the second one finds its number taken.
func insert(p Promotion) sql.Call {
	return sql.Do(`INSERT INTO promotions (n, name, sum, at, before, figures) VALUES ($1, $2, $3, $4, $5, $6)`, p.N, p.Name, p.Sum, sql.Micros(p.At), p.Before, string(p.Figures))
}

// expire forgets files of which only old promotions speak.
func expire(n int64) sql.Call {
	return sql.Do(`DELETE FROM models WHERE sum > '' AND NOT EXISTS (SELECT 1 FROM promotions p WHERE p.n > $1 AND p.sum = models.sum)`, n-kept)
}

// Rollback makes the model the line's that was it before the present one. ErrFirst and ErrGone: nothing was done.
func (s *Store) Rollback(ctx context.Context, now time.Time) (Promotion, error) {
	var next Promotion
	err := s.base.Write(ctx, func(t sql.Tx) error {
		var was Promotion
		if err := t.Run(ctx, present(&was)); err != nil {
			return err
		}
		if was.Sum == "" && was.Before == 0 {
			return ErrFirst
		}
		next = Promotion{Name: Default, Figures: json.RawMessage("{}")}
		there := 0
		if err := t.Run(ctx, sql.Ask(into(&next), columns+`WHERE n = $1`, was.Before)); err != nil {
			return err
		}
		if err := t.Run(ctx, sql.Ask(func(row sql.Row) error { return row.Scan(&there) }, `SELECT count(*) FROM models WHERE sum = $1`, next.Sum)); err != nil {
			return err
		}
		if next.Sum != "" && there == 0 {
			return ErrGone
		}
		next.N, next.At = was.N+1, now
		return t.Run(ctx, insert(next), expire(next.N))
	})
	if err != nil {
		return Promotion{}, fmt.Errorf("going back to the model before: %w", err)
	}
	return next, nil
}
