// Package links keeps who a person of an issuer is at the desk (OpenID Connect). A person is known by issuer and subject alone: an address of mail
// that is the same makes nobody somebody else, unless the house says that the issuer is to be believed in that.
package links

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	users *users.Store
}

// New makes the room.
func New(b *base.Store, u *users.Store) *Store { return &Store{base: b, users: u} }

// What is done with links, as the journal names it.
const (
	actLink = "user-issuer"
	issuer  = "issuer" // who gives roles by groups
)

// Person is whom an issuer vouches for.
type Person struct {
	Issuer, Subject string
	Email           string // which the issuer says is his; "" for one that it does not
	Name, Login     string
	Grants          []viewer.Grant // that his groups give
}

// Rules are those of the house.
type Rules struct {
	ByEmail bool // an address that the issuer has verified finds the user who has it
	Create  bool // who has a role by his groups becomes a user
	Groups  bool // roles are those that groups give, and no others
}

// Errors of who is not let in.
var (
	ErrNobody = errors.New("the person of the issuer is no user here")
	ErrTaken  = errors.New("somebody else has the login of that person")
)

// Enter is the login of the user whom a person of an issuer is; he is made, or found, where the rules say so, and given the roles of his groups.
// ErrNobody, ErrTaken; ErrNobody too for who is disabled, or was made by a demonstration.
func (s *Store) Enter(ctx context.Context, p Person, r Rules, now time.Time) (string, error) {
	u, err := s.linked(ctx, p)
	if errors.Is(err, sql.ErrNotFound) && r.ByEmail && p.Email != "" {
		if u, err = s.byEmail(ctx, p.Email); err == nil {
			err = s.link(ctx, p, u, now)
		}
	}
	if errors.Is(err, sql.ErrNotFound) && r.Create && len(p.Grants) > 0 {
		u, err = s.create(ctx, p, now)
	}
	switch {
	case errors.Is(err, sql.ErrNotFound):
		return "", fmt.Errorf("looking for a person of an issuer: %w", ErrNobody)
	case err != nil:
		return "", err
	case u.State != users.Active || u.Demo:
		return "", fmt.Errorf("looking for a person of an issuer: %w", ErrNobody)
	}
	if r.Groups {
		err = s.granted(ctx, u, p.Grants, now)
	}
	return u.Login, err
}

// granted gives the roles of the groups and no others. The last administrator of all queues stays one.
func (s *Store) granted(ctx context.Context, u users.User, grants []viewer.Grant, now time.Time) error {
	has, err := s.users.Grants(ctx, u.ID)
	if err != nil || len(has) == len(grants) && !slices.ContainsFunc(grants, func(g viewer.Grant) bool { return !slices.Contains(has, g) }) {
		return err
	}
	if err = s.users.SetGrants(ctx, u.ID, grants, now, issuer); errors.Is(err, users.ErrLast) {
		err = nil
	}
	return err
}

func (s *Store) linked(ctx context.Context, p Person) (users.User, error) {
	var person int64
	err := s.base.Read(ctx, "looking for a person of an issuer", sql.Ask(sql.Into(&person), `SELECT person FROM user_links WHERE issuer = $1 AND subject = $2`, sql.Clip(p.Issuer), sql.Clip(p.Subject)))
	if err == nil && person == 0 {
		err = fmt.Errorf("looking for a person of an issuer: %w", sql.ErrNotFound)
	}
	if err != nil {
		return users.User{}, err
	}
	return s.users.Get(ctx, person)
}

// byEmail is the one user who has an address and may sign in. Where several have it, none is meant.
func (s *Store) byEmail(ctx context.Context, email string) (users.User, error) {
	all, err := s.users.List(ctx)
	if err != nil {
		return users.User{}, err
	}
	all = slices.DeleteFunc(all, func(u users.User) bool {
		return !strings.EqualFold(u.Email, email) || u.Demo || u.State != users.Active
	})
	if len(all) != 1 {
		return users.User{}, fmt.Errorf("looking for a person of an issuer: %w", sql.ErrNotFound)
	}
	return all[0], nil
}

func (s *Store) link(ctx context.Context, p Person, u users.User, now time.Time) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err == nil {
		err = s.base.Do(ctx, "noting who a person of an issuer is", sql.Do(`INSERT INTO user_links (issuer, subject, person, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, subject) DO NOTHING`,
			sql.Clip(p.Issuer), sql.Clip(p.Subject), u.ID, sql.Micros(now)), base.Note(ids[0], now, issuer, actLink, 0, 0, u.Login))
	}
	return err
}

// create makes a user of a person. A login that somebody has is never given to another one.
func (s *Store) create(ctx context.Context, p Person, now time.Time) (users.User, error) {
	u, err := s.users.Add(ctx, users.User{Login: loginOf(p), Name: short(p.Name), Email: p.Email}, now, issuer)
	if errors.Is(err, users.ErrTaken) {
		return u, fmt.Errorf("making a user of a person of an issuer: %w", ErrTaken)
	}
	if err == nil {
		err = s.link(ctx, p, u, now)
	}
	if err == nil {
		err = s.users.SetGrants(ctx, u.ID, p.Grants, now, issuer)
	}
	return u, err
}

// apart is what stands in no login.
var apart = regexp.MustCompile(`[^a-z0-9._@+-]+`)

// loginOf is a login for a person: as the issuer calls him, or his address, or his name there.
func loginOf(p Person) string {
	for _, text := range []string{p.Login, p.Email, p.Subject} {
		text = strings.TrimLeft(apart.ReplaceAllString(strings.ToLower(text), "-"), "._@+-")
		text = strings.TrimRight(text, "-")
		if len(text) > 64 {
			text = text[:64]
		}
		if login, err := users.Login(text); err == nil {
			return login
		}
	}
	return "user"
}

func short(name string) string {
	if all := []rune(name); len(all) > 64 {
		return string(all[:64])
	}
	return name
}
