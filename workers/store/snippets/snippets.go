// Package snippets keeps texts that agents put into what they write, in the languages of customers. Each change of one is a line of the journal.
package snippets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/letter"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// Snippet is one text in several languages.
type Snippet struct {
	Name  string            // by which it is typed: letters, digits, - and _
	Texts map[string]string // by language (BCP 47), in Markdown with the variables Variables
}

// Bounds of what is kept.
const (
	most    = 1000    // texts
	longest = 8 << 10 // bytes of one
)

// Errors of a snippet that is not kept.
var (
	ErrName    = errors.New("a name has letters, digits, - and _, at most 40")
	ErrTooLong = fmt.Errorf("the text is longer than %d bytes", longest)
	ErrUnknown = errors.New("there is no such variable")
	ErrMany    = errors.New("there are too many snippets")
)

var (
	nameShape     = regexp.MustCompile(`^[\p{L}\p{N}_-]{1,40}$`)
	languageShape = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
)

// Variables are what a text may name: its writer, the desk, the customer, and the ticket's number.
func Variables() []string { return []string{"agent", "desk", "customer", "ticket"} }

// Store is this room of the store. It is safe for concurrent use.
type Store struct{ base *base.Store }

// New makes the room.
func New(b *base.Store) *Store { return &Store{b} }

// May reports whether a viewer edits snippets: who directs or administers, in whatever queue.
func May(v viewer.Viewer) bool { return has(v, viewer.Direct) || has(v, viewer.Administer) }

func has(v viewer.Viewer, right viewer.Right) bool {
	queues, every := v.Where(right)
	return every || len(queues) > 0
}

// All are all snippets, by name, for who answers or edits them. sql.ErrNotFound: the viewer does neither.
func (s *Store) All(ctx context.Context, v viewer.Viewer) (out []Snippet, err error) {
	if !May(v) && !has(v, viewer.Answer) {
		return nil, fmt.Errorf("reading snippets: %w", sql.ErrNotFound)
	}
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		out = nil
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var name, language, text string
			err := row.Scan(&name, &language, &text)
			if n := len(out); n == 0 || out[n-1].Name != name {
				out = append(out, Snippet{name, map[string]string{}})
			}
			out[len(out)-1].Texts[language] = text
			return err
		}, `SELECT name, language, text FROM snippets WHERE name > '' ORDER BY name, language LIMIT $1`, most))
	})
	if err != nil {
		return nil, fmt.Errorf("reading snippets: %w", err)
	}
	return out, nil
}

// valid says what is wrong with a snippet.
func (n Snippet) valid() error {
	if !nameShape.MatchString(n.Name) {
		return ErrName
	}
	for _, language := range slices.Sorted(maps.Keys(n.Texts)) {
		text := n.Texts[language]
		if !languageShape.MatchString(language) {
			return fmt.Errorf("a text in %q: %w", language, ErrName)
		}
		if len(text) > longest {
			return ErrTooLong
		}
		if unknown := letter.Unknown(text, Variables()...); len(unknown) > 0 {
			return fmt.Errorf("%w: {%s}", ErrUnknown, strings.Join(unknown, "}, {"))
		}
	}
	return nil
}

// Save keeps a snippet in the place of the one of that name; without a text it is taken away. ErrName, ErrTooLong, ErrUnknown, ErrMany:
// nothing was done. sql.ErrNotFound: the viewer may not.
func (s *Store) Save(ctx context.Context, v viewer.Viewer, n Snippet, now time.Time) error {
	if !May(v) {
		return fmt.Errorf("saving a snippet: %w", sql.ErrNotFound)
	}
	if err := n.valid(); err != nil {
		return fmt.Errorf("saving a snippet: %w", err)
	}
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return fmt.Errorf("saving a snippet: %w", err)
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		calls := []sql.Call{sql.Do(`DELETE FROM snippets WHERE name = $1`, n.Name)}
		act := "snippet-remove"
		for _, language := range slices.Sorted(maps.Keys(n.Texts)) {
			if text := strings.TrimSpace(n.Texts[language]); text != "" {
				act = "snippet-save"
				calls = append(calls, sql.Do(`INSERT INTO snippets (name, language, text, author, at) VALUES ($1, $2, $3, $4, $5)`, n.Name, language, sql.Clean(text), v.User, sql.Micros(now)))
			}
		}
		var there int64
		calls = append(calls, base.Note(ids[0], now, v.Login, act, 0, 0, n.Name), sql.Ask(sql.Into(&there), `SELECT count(*) FROM snippets WHERE name > ''`))
		if err := t.Run(ctx, calls...); err != nil {
			return err
		}
		if there > most {
			return ErrMany
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("saving snippet %s: %w", n.Name, err)
	}
	return nil
}
