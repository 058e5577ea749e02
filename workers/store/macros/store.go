// Package macros keeps what agents do often: a text in the languages of customers, and acts upon the ticket, by one name. Each change of one is a line of
// the journal. Who edits snippets edits them.
package macros

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/letter"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/snippets"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// Macro is a text, and what is done beside. A text goes into the answer, and is sent by who answers.
type Macro struct {
	Name  string
	Texts map[string]string // by language (BCP 47), with snippets.Variables
	Acts  Acts
}

// Acts are done in the order of the fields. The zero Acts do nothing.
type Acts struct {
	Tags     []string `json:"tags,omitempty"`
	Priority string   `json:"priority,omitempty"`
	Queue    string   `json:"queue,omitempty"`
	Category string   `json:"category,omitempty"`
	Take     bool     `json:"take,omitempty"`
	// Then is what becomes of the ticket: "pending", "snooze" (until the customer writes), "snooze-hours" or "close"; empty: it stays.
	Then   string `json:"then,omitempty"`
	Hours  int    `json:"hours,omitempty"`  // of snooze-hours: 1 to 2160
	Reason string `json:"reason,omitempty"` // of close
}

// Bounds of what is kept.
const (
	most     = 200
	longest  = 8 << 10 // bytes of a text
	mostTags = 5
	farthest = 24 * 90 // hours
)

// Errors of a macro that is not kept.
var (
	ErrName    = errors.New("a name has letters, digits, - and _, at most 40")
	ErrTooLong = fmt.Errorf("the text is longer than %d bytes", longest)
	ErrUnknown = errors.New("there is no such variable")
	ErrMany    = errors.New("there are too many macros")
	ErrActs    = errors.New("that is nothing that can be done with a ticket")
)

var (
	nameShape     = regexp.MustCompile(`^[\p{L}\p{N}_-]{1,40}$`)
	languageShape = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
)

// thens are what may become of a ticket.
var thens = []string{"", "pending", "snooze", "snooze-hours", "close"}

// Store is this room of the store. It is safe for concurrent use.
type Store struct{ base *base.Store }

// New makes the room.
func New(b *base.Store) *Store { return &Store{b} }

// All are all macros, by name, for who answers or edits them. sql.ErrNotFound: the viewer does neither.
func (s *Store) All(ctx context.Context, v viewer.Viewer) (out []Macro, err error) {
	if queues, every := v.Where(viewer.Answer); !snippets.May(v) && !every && len(queues) == 0 {
		return nil, fmt.Errorf("reading macros: %w", sql.ErrNotFound)
	}
	at := map[string]int{}
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		out = nil
		clear(at)
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			m := Macro{Texts: map[string]string{}}
			var acts string
			err := row.Scan(&m.Name, &acts)
			if err == nil {
				err = json.Unmarshal([]byte(acts), &m.Acts)
			}
			at[m.Name], out = len(out), append(out, m)
			return err
		}, `SELECT name, acts FROM macros WHERE name > '' ORDER BY name LIMIT $1`, int64(most)), sql.Ask(func(row sql.Row) error {
			var name, language, text string
			err := row.Scan(&name, &language, &text)
			if n, there := at[name]; there {
				out[n].Texts[language] = text
			}
			return err
		}, `SELECT macro, language, text FROM macro_texts WHERE macro > '' ORDER BY macro, language`))
	})
	if err != nil {
		return nil, fmt.Errorf("reading macros: %w", err)
	}
	return out, nil
}

// valid says what is wrong with a macro.
func (m Macro) valid() error {
	if !nameShape.MatchString(m.Name) {
		return ErrName
	}
	a := m.Acts
	if len(a.Tags) > mostTags || !slices.Contains(thens, a.Then) || (a.Then == "snooze-hours") != (a.Hours > 0) || a.Hours < 0 || a.Hours > farthest || a.Reason != "" && a.Then != "close" {
		return ErrActs
	}
	for _, language := range slices.Sorted(maps.Keys(m.Texts)) {
		text := m.Texts[language]
		switch unknown := letter.Unknown(text, snippets.Variables()...); {
		case !languageShape.MatchString(language):
			return fmt.Errorf("a text in %q: %w", language, ErrName)
		case len(text) > longest:
			return ErrTooLong
		case len(unknown) > 0:
			return fmt.Errorf("%w: {%s}", ErrUnknown, strings.Join(unknown, "}, {"))
		}
	}
	return nil
}

// nothing reports whether a macro says and does nothing.
func (m Macro) nothing() bool {
	for _, text := range m.Texts {
		if strings.TrimSpace(text) != "" {
			return false
		}
	}
	a := m.Acts
	return len(a.Tags) == 0 && a.Priority == "" && a.Queue == "" && a.Category == "" && !a.Take && a.Then == ""
}

// Save keeps a macro in the place of the one of that name; one that says and does nothing is taken away. ErrName, ErrTooLong, ErrUnknown, ErrMany, ErrActs: nothing
// was done. sql.ErrNotFound: the viewer may not.
func (s *Store) Save(ctx context.Context, v viewer.Viewer, m Macro, now time.Time) error {
	if !snippets.May(v) {
		return fmt.Errorf("saving a macro: %w", sql.ErrNotFound)
	}
	if err := m.valid(); err != nil {
		return fmt.Errorf("saving a macro: %w", err)
	}
	acts, err := json.Marshal(m.Acts)
	if err != nil {
		return fmt.Errorf("saving a macro: %w", err)
	}
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return fmt.Errorf("saving a macro: %w", err)
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		calls := []sql.Call{sql.Do(`DELETE FROM macros WHERE name = $1`, m.Name), sql.Do(`DELETE FROM macro_texts WHERE macro = $1`, m.Name)}
		act := "macro-remove"
		if !m.nothing() {
			act = "macro-save"
			calls = append(calls, sql.Do(`INSERT INTO macros (name, acts, author, at) VALUES ($1, $2, $3, $4)`, m.Name, sql.Clean(string(acts)), v.User, sql.Micros(now)))
			for _, language := range slices.Sorted(maps.Keys(m.Texts)) {
				if text := strings.TrimSpace(m.Texts[language]); text != "" {
					calls = append(calls, sql.Do(`INSERT INTO macro_texts (macro, language, text) VALUES ($1, $2, $3)`, m.Name, language, sql.Clean(text)))
				}
			}
		}
		var there int64
		calls = append(calls, base.Note(ids[0], now, v.Login, act, 0, 0, m.Name), sql.Ask(sql.Into(&there), `SELECT count(*) FROM macros WHERE name > ''`))
		if err := t.Run(ctx, calls...); err != nil {
			return err
		}
		if there > most {
			return ErrMany
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("saving macro %s: %w", m.Name, err)
	}
	return nil
}
