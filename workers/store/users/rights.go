package users

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// Level says when a person is given work that needs something of him.
type Level int64

// The levels.
const (
	Primary   Level = 1 // in the first place
	Secondary Level = 2 // where nobody is free whose work it is in the first place
)

// Member is a person whose work the tickets of a queue are. Membership gives no right: grants do.
type Member struct {
	Queue  string `json:"queue"`
	Person int64  `json:"person"`
	Level  Level  `json:"level"`
}

// Ability is something that a person can: a language (BCP 47), a channel or a category.
type Ability struct {
	Kind  string `json:"kind"` // AbilityLanguage …
	Value string `json:"value"`
	Level Level  `json:"level"`
}

// The kinds of abilities.
const (
	AbilityLanguage = "language"
	AbilityChannel  = "channel"
	AbilityCategory = "category"
)

// SetGrants gives a user these roles and no others, at once. ErrLast: nobody would be left who looks after the desk. ErrNotFound: there is
// no such user.
func (s *Store) SetGrants(ctx context.Context, id int64, grants []viewer.Grant, now time.Time, who string) error {
	grants = slices.Clone(grants)
	slices.SortFunc(grants, func(a, b viewer.Grant) int { return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Queue, b.Queue)) })
	grants = slices.Compact(grants)
	said := []string{}
	calls := []sql.Call{sql.Do(`DELETE FROM grants WHERE person = $1`, id)}
	for _, g := range grants {
		if !slices.Contains(viewer.Roles(), g.Role) || len(g.Queue) > sql.MaxKey {
			return fmt.Errorf("granting roles: %w: there is no role %q", ErrForm, g.Role)
		}
		calls = append(calls, sql.Do(`INSERT INTO grants (person, role, queue) VALUES ($1, $2, $3)`, id, string(g.Role), sql.Clean(g.Queue)))
		said = append(said, string(g.Role)+" "+cmp.Or(g.Queue, "*"))
	}
	return s.noted(ctx, "granting roles", who, actGrant, now, func(t sql.Tx) (string, error) {
		login := ""
		err := keepOne(ctx, t, func() (err error) {
			if login, err = s.touch(ctx, t, id, now); err != nil {
				return err
			}
			return t.Run(ctx, calls...)
		})
		return login + ": " + strings.Join(said, ", "), err
	})
}

// SetMembers makes a person a member of these queues and no others. Of members it takes queue and level.
func (s *Store) SetMembers(ctx context.Context, id int64, members []Member, now time.Time, who string) error {
	calls, said := []sql.Call{sql.Do(`DELETE FROM members WHERE person = $1`, id)}, []string{}
	for _, m := range members {
		if m.Queue == "" || len(m.Queue) > sql.MaxKey || m.Level != Primary && m.Level != Secondary {
			return fmt.Errorf("setting queues: %w: %q at level %d is no membership", ErrForm, m.Queue, m.Level)
		}
		calls = append(calls, sql.Do(`INSERT INTO members (queue, person, level) VALUES ($1, $2, $3) ON CONFLICT (queue, person) DO UPDATE SET level = excluded.level`, sql.Clean(m.Queue), id, int64(m.Level)))
		said = append(said, fmt.Sprint(m.Queue, " ", m.Level))
	}
	return s.set(ctx, "setting queues", who, actMember, id, calls, said, now)
}

// SetAbilities gives a person these abilities and no others.
func (s *Store) SetAbilities(ctx context.Context, id int64, abilities []Ability, now time.Time, who string) error {
	calls, said := []sql.Call{sql.Do(`DELETE FROM abilities WHERE person = $1`, id)}, []string{}
	for _, a := range abilities {
		if !slices.Contains([]string{AbilityLanguage, AbilityChannel, AbilityCategory}, a.Kind) || a.Value == "" || len(a.Value) > sql.MaxKey || a.Level != Primary && a.Level != Secondary {
			return fmt.Errorf("setting abilities: %w: %s %q at level %d is none", ErrForm, a.Kind, a.Value, a.Level)
		}
		calls = append(calls, sql.Do(`INSERT INTO abilities (person, kind, value, level) VALUES ($1, $2, $3, $4) ON CONFLICT (person, kind, value) DO UPDATE SET level = excluded.level`,
			id, a.Kind, sql.Clean(a.Value), int64(a.Level)))
		said = append(said, fmt.Sprint(a.Kind, " ", a.Value, " ", a.Level))
	}
	return s.set(ctx, "setting abilities", who, actAbility, id, calls, said, now)
}

// set replaces rows that belong to a user.
func (s *Store) set(ctx context.Context, doing, who string, act act, id int64, calls []sql.Call, said []string, now time.Time) error {
	return s.noted(ctx, doing, who, act, now, func(t sql.Tx) (string, error) {
		login, err := s.touch(ctx, t, id, now)
		if err == nil {
			err = t.Run(ctx, calls...)
		}
		return login + ": " + strings.Join(said, ", "), err
	})
}

// touch locks a user whose rows elsewhere are replaced. ErrNotFound: there is none.
func (s *Store) touch(ctx context.Context, t sql.Tx, id int64, now time.Time) (login string, err error) {
	err = t.Run(ctx, sql.Ask(sql.Value(func(l string) { login = l }), `UPDATE users SET changed_at = $2 WHERE id = $1 RETURNING login`, id, sql.Micros(now)))
	if err == nil && login == "" {
		err = sql.ErrNotFound
	}
	return login, err
}

// keepOne does a change after which somebody must still look after the desk, if somebody did before: an active administrator of all
// queues. It locks them first, so that two changes do not take away each other's last one.
func keepOne(ctx context.Context, t sql.Tx, change func() error) error {
	if err := t.Run(ctx, sql.Ask(sql.Value(func(int64) {}), `SELECT person FROM grants WHERE role = $1 AND queue = '' ORDER BY person FOR UPDATE`, string(viewer.Administrator))); err != nil {
		return err
	}
	before, err := administrators(ctx, t)
	if err == nil {
		err = change()
	}
	after := 0
	if err == nil {
		after, err = administrators(ctx, t)
	}
	if err == nil && before > 0 && after == 0 {
		err = ErrLast
	}
	return err
}

// administrators counts who looks after the desk. Accounts of a demonstration look after nothing.
func administrators(ctx context.Context, t sql.Tx) (n int, err error) {
	err = t.Run(ctx, sql.Ask(sql.Value(func(int64) { n++ }), `SELECT g.person FROM grants g JOIN users who ON who.id = g.person WHERE g.role = $1 AND g.queue = '' AND who.state = 'active' AND NOT who.demo`,
		string(viewer.Administrator)))
	return n, err
}

// Grants are the roles of a user, in the order of their names.
func (s *Store) Grants(ctx context.Context, id int64) ([]viewer.Grant, error) {
	out := []viewer.Grant{}
	err := s.base.Read(ctx, "reading roles", sql.Ask(sql.Pair(func(role, queue string) {
		out = append(out, viewer.Grant{Role: viewer.Role(role), Queue: queue})
	}), `SELECT role, queue FROM grants WHERE person = $1 ORDER BY role, queue`, id))
	return out, err
}

// Queues are the memberships of a person, by queue.
func (s *Store) Queues(ctx context.Context, id int64) ([]Member, error) {
	return s.members(ctx, `SELECT queue, person, level FROM members WHERE person = $1 ORDER BY queue`, id)
}

// Members are the members of a queue, those who are disabled too.
func (s *Store) Members(ctx context.Context, queue string) ([]Member, error) {
	return s.members(ctx, `SELECT queue, person, level FROM members WHERE queue = $1 ORDER BY level, person`, sql.Clip(queue))
}

func (s *Store) members(ctx context.Context, text string, arg any) ([]Member, error) {
	out := []Member{}
	err := s.base.Read(ctx, "reading members", sql.Ask(func(row sql.Row) error {
		var m Member
		var level int64
		err := row.Scan(&m.Queue, &m.Person, &level)
		m.Level = Level(level)
		out = append(out, m)
		return err
	}, text, arg))
	return out, err
}

// Abilities are what a person can, by kind and value.
func (s *Store) Abilities(ctx context.Context, id int64) ([]Ability, error) {
	out := []Ability{}
	err := s.base.Read(ctx, "reading abilities", sql.Ask(func(row sql.Row) error {
		var a Ability
		var level int64
		err := row.Scan(&a.Kind, &a.Value, &level)
		a.Level = Level(level)
		out = append(out, a)
		return err
	}, `SELECT kind, value, level FROM abilities WHERE person = $1 ORDER BY kind, value`, id))
	return out, err
}

// Viewer is a user as he looks and acts, with his roles as they are now. ErrNotFound: there is no such user, or he is disabled.
func (s *Store) Viewer(ctx context.Context, id int64) (viewer.Viewer, error) {
	u, err := s.Get(ctx, id)
	if err == nil && u.State != Active {
		err = fmt.Errorf("looking for a user: %w", sql.ErrNotFound)
	}
	if err != nil {
		return viewer.Viewer{}, err
	}
	grants, err := s.Grants(ctx, id)
	return viewer.Viewer{User: u.ID, Login: u.Login, Name: u.Name, Language: u.Language, Grants: grants}, err
}
