// Package tagging has people sort tickets by words of the desk. Each of its methods takes who acts or looks: the list is made by those who direct
// work or look after the desk, and who answers in a ticket's queue puts them on.
package tagging

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"frontdesk/pipeline/domain"
	command "frontdesk/pipeline/domain/commands/tags"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	lists *base.Store // for what people look at
	plans *plans.Store
}

// New makes the room. It acts on b, and looks on lists.
func New(b, lists *base.Store, p *plans.Store) *Store { return &Store{base: b, lists: lists, plans: p} }

// Tag is a word of the desk's list.
type Tag struct {
	Name  string // folded: how it is called in addresses and rows
	Shown string // as it was written
}

// Bounds of the list and of a word of it.
const (
	mostTags   = 500
	longestTag = 40 // characters
)

// Errors of a word that is to be added.
var (
	ErrName = fmt.Errorf("a tag is a word of 1 to %d characters, without a line break", longestTag)
	ErrMany = fmt.Errorf("there are %d tags, which is the most", mostTags)
)

// Fold is the name under which a word is kept: in lower case, full width and half width alike, without spaces around it; "" for none.
func Fold(shown string) string {
	return strings.ToLower(norm.NFKC.String(strings.Join(strings.Fields(shown), " ")))
}

// List is the desk's list, sorted.
func (s *Store) List(ctx context.Context) (out []Tag, err error) {
	err = s.lists.Read(ctx, "listing tags", sql.Ask(sql.Pair(func(name, shown string) { out = append(out, Tag{name, shown}) }),
		`SELECT name, shown FROM tags WHERE name > '' ORDER BY name LIMIT $1`, int64(mostTags)))
	return out, err
}

// Add adds a word to the list. One that is there already stays as it was written. sql.ErrNotFound: the viewer directs no work, and does not look
// after the desk.
func (s *Store) Add(ctx context.Context, v viewer.Viewer, shown string, now time.Time) (Tag, error) {
	t := Tag{Name: Fold(shown), Shown: strings.Join(strings.Fields(shown), " ")}
	switch n := utf8.RuneCountInString(t.Shown); {
	case !directs(v):
		return Tag{}, fmt.Errorf("adding a tag: %w", sql.ErrNotFound)
	case t.Name == "", n > longestTag, !utf8.ValidString(shown), strings.ContainsAny(shown, "\x00/?#"):
		return Tag{}, fmt.Errorf("adding a tag: %w", ErrName)
	}
	all, err := s.List(ctx)
	if err != nil {
		return Tag{}, err
	}
	if len(all) >= mostTags {
		return Tag{}, fmt.Errorf("adding a tag: %w", ErrMany)
	}
	return t, s.base.Do(ctx, "adding a tag", sql.Do(`INSERT INTO tags (name, shown, at, actor) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING`, t.Name, t.Shown, sql.Micros(now), v.Login))
}

// directs reports whether the viewer makes the list.
func directs(v viewer.Viewer) bool {
	for _, right := range []viewer.Right{viewer.Direct, viewer.Administer} {
		if queues, every := v.Where(right); every || len(queues) > 0 {
			return true
		}
	}
	return false
}

// ErrUnknown says that the desk has no such tag.
var ErrUnknown = errors.New("there is no such tag")

// Set puts a tag on a ticket, or takes it off. sql.ErrNotFound: that is so already, there is no such ticket, or the viewer does not answer there.
func (s *Store) Set(ctx context.Context, v viewer.Viewer, ticket int64, name string, off bool, now time.Time) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return err
	}
	queues, every := v.Where(viewer.Answer)
	err = s.base.Write(ctx, func(t sql.Tx) error {
		mine, known := int64(0), ""
		if err := t.Run(ctx, sql.Ask(sql.Into(&mine), `SELECT t.id FROM tickets t WHERE t.id = $1 AND ($2 OR t.queue = ANY($3))`, ticket, every, sql.OrNone(queues)),
			sql.Ask(sql.Into(&known), `SELECT name FROM tags WHERE name = $1`, Fold(name))); err != nil {
			return err
		}
		switch {
		case mine == 0:
			return sql.ErrNotFound
		case known == "":
			return ErrUnknown
		}
		return s.plans.Carried(ctx, t, []domain.Command{command.Tag{Ticket: ticket, Name: known, Off: off, Actor: v.Login}}, ids, now)
	})
	if err != nil {
		return fmt.Errorf("tagging ticket %d: %w", ticket, err)
	}
	return nil
}

// Tickets are those with a tag that the viewer may read and that are no other's part, the highest number first, below a number; 0: from the top.
func (s *Store) Tickets(ctx context.Context, v viewer.Viewer, name string, below int64, limit int) (out []int64, err error) {
	queues, every := v.Where(viewer.Read)
	if below <= 0 {
		below = 1<<63 - 1
	}
	err = s.lists.Read(ctx, "listing tagged tickets", sql.Ask(sql.Each64(&out), `SELECT g.ticket FROM ticket_tags g JOIN tickets t ON t.id = g.ticket
WHERE g.tag = $1 AND g.ticket < $2 AND t.merged_into = 0 AND ($3 OR t.queue = ANY($4)) ORDER BY g.ticket DESC LIMIT $5`, Fold(name), below, every, sql.OrNone(queues), int64(limit)))
	return out, err
}
