package users

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/language"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// State says whether a user may sign in.
type State string

// The states.
const (
	Active   State = "active"
	Disabled State = "disabled"
)

// User is a person who works at the desk. The password is not among what is read of one.
type User struct {
	ID        int64      `json:"id"`
	Version   int64      `json:"version"` // one more with each Change
	Login     string     `json:"login"`
	Name      string     `json:"name"`     // as colleagues see it
	Email     string     `json:"email"`    // "" if none is known
	Language  string     `json:"language"` // of the pages: BCP 47
	Zone      string     `json:"zone"`     // IANA; "" for the desk's
	State     State      `json:"state"`
	Demo      bool       `json:"demo"`     // made by a demonstration
	Password  bool       `json:"password"` // there is one
	CreatedAt base.Stamp `json:"created_at"`
	ChangedAt base.Stamp `json:"changed_at"`
}

// Bounds of what is kept of a user, in characters.
const (
	longestName  = 64
	longestEmail = 254
)

// loginForm is what a login is made of, so that it can be typed everywhere and is never taken for another one that looks alike.
var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@+-]{0,63}$`)

// Login is a login as it is kept: in small letters. It refuses what is none.
func Login(text string) (string, error) {
	login := strings.ToLower(strings.TrimSpace(text))
	if !loginForm.MatchString(login) {
		return "", fmt.Errorf("%w: %q is no login: it has 1 to 64 letters a-z, figures and . _ - + @, and begins with a letter or figure", ErrForm, text)
	}
	return login, nil
}

// filled is the user as he is kept. It refuses what nothing could be made of.
func filled(u User) (User, error) {
	var err error
	if u.Login, err = Login(u.Login); err != nil {
		return u, err
	}
	if u.Name = strings.Join(strings.Fields(sql.Clean(u.Name)), " "); u.Name == "" {
		u.Name = u.Login
	}
	if len([]rune(u.Name)) > longestName {
		return u, fmt.Errorf("%w: a name has %d characters at most", ErrForm, longestName)
	}
	if u.Email = strings.TrimSpace(sql.Clean(u.Email)); len(u.Email) > longestEmail || u.Email != "" && !strings.Contains(u.Email, "@") {
		return u, fmt.Errorf("%w: that is no address of mail", ErrForm)
	}
	if u.Language != "" {
		tag, err := language.Parse(u.Language)
		if err != nil {
			return u, fmt.Errorf("%w: reading the language %q: %w", ErrForm, u.Language, err)
		}
		u.Language = tag.String()
	}
	if _, err := time.LoadLocation(u.Zone); err != nil {
		return u, fmt.Errorf("%w: reading the time zone: %w", ErrForm, err)
	}
	return u, nil
}

// Add adds a user without a password. Of u it takes login, name, email, language, zone and demo; the rest comes with the result.
// ErrTaken: somebody has that login.
func (s *Store) Add(ctx context.Context, u User, now time.Time, who string) (User, error) {
	u, err := filled(u)
	if err != nil {
		return User{}, fmt.Errorf("adding a user: %w", err)
	}
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceUser, 1)
	if err != nil {
		return User{}, fmt.Errorf("adding a user: %w", err)
	}
	u.ID, u.Version, u.State, u.Password, u.CreatedAt, u.ChangedAt = ids[0], 1, Active, false, base.StampOf(sql.Micros(now)), base.StampOf(sql.Micros(now))
	err = s.noted(ctx, "adding a user", who, actAdd, now, func(t sql.Tx) (string, error) {
		var added int64
		err := t.Run(ctx, sql.Call{Text: `INSERT INTO users (id, version, login, name, email, language, zone, state, password, demo, created_at, changed_at)
VALUES ($1, 1, $2, $3, $4, $5, $6, $7, '', $8, $9, $9) ON CONFLICT (login) DO NOTHING`,
			Args: []any{u.ID, u.Login, u.Name, u.Email, u.Language, u.Zone, string(Active), u.Demo, sql.Micros(now)}, Done: &added})
		if err == nil && added == 0 {
			err = ErrTaken
		}
		return u.Login, err
	})
	if err != nil {
		return User{}, err
	}
	return u, nil
}

// Change keeps name, email, language and zone of a user; the rest stays as it is. ErrConflict: he was changed since he was read in that
// version.
func (s *Store) Change(ctx context.Context, u User, now time.Time, who string) (User, error) {
	u, err := filled(u)
	if err != nil {
		return User{}, fmt.Errorf("changing a user: %w", err)
	}
	err = s.noted(ctx, "changing a user", who, actChange, now, func(t sql.Tx) (string, error) {
		var changed int64
		err := t.Run(ctx, sql.Call{Text: `UPDATE users SET name = $3, email = $4, language = $5, zone = $6, version = version + 1, changed_at = $7 WHERE id = $1 AND version = $2`,
			Args: []any{u.ID, u.Version, u.Name, u.Email, u.Language, u.Zone, sql.Micros(now)}, Done: &changed})
		if err == nil && changed == 0 {
			err = errStale
		}
		return u.Login, err
	})
	if errors.Is(err, sql.ErrConflict) {
		if _, none := s.Get(ctx, u.ID); none != nil {
			return User{}, none
		}
	}
	if err != nil {
		return User{}, err
	}
	return s.Get(ctx, u.ID)
}

// SetState lets a user in, or lets him in no longer: then his sessions and links are ended by the same commit. ErrLast: nobody would be
// left who looks after the desk. ErrNotFound: there is no such user.
func (s *Store) SetState(ctx context.Context, id int64, state State, now time.Time, who string) error {
	act := actEnable
	if state == Disabled {
		act = actDisable
	}
	return s.noted(ctx, "changing the state of a user", who, act, now, func(t sql.Tx) (string, error) {
		login := ""
		err := keepOne(ctx, t, func() error {
			err := t.Run(ctx, sql.Ask(sql.Value(func(l string) { login = l }),
				`UPDATE users SET state = $2, version = version + 1, changed_at = $3 WHERE id = $1 RETURNING login`, id, string(state), sql.Micros(now)))
			switch {
			case err != nil:
				return err
			case login == "":
				return sql.ErrNotFound
			case state == Disabled:
				return t.Run(ctx, sql.Do(`DELETE FROM desk_sessions WHERE person = $1`, id), sql.Do(`DELETE FROM entry_links WHERE person = $1`, id))
			}
			return nil
		})
		return login, err
	})
}

// columns and scan belong together.
const columns = `who.id, who.version, who.login, who.name, who.email, who.language, who.zone, who.state, who.demo, who.password <> '', who.created_at, who.changed_at`

func scan(row sql.Row) (u User, err error) {
	var state string
	var created, changed int64
	err = row.Scan(&u.ID, &u.Version, &u.Login, &u.Name, &u.Email, &u.Language, &u.Zone, &state, &u.Demo, &u.Password, &created, &changed)
	u.State, u.CreatedAt, u.ChangedAt = State(state), base.StampOf(created), base.StampOf(changed)
	return u, err
}

// Find is the user with a login. ErrNotFound: there is none.
func (s *Store) Find(ctx context.Context, login string) (User, error) {
	return s.one(ctx, `who.login = $1`, sql.Clip(strings.ToLower(strings.TrimSpace(login))))
}

// Get is the user with an id. ErrNotFound: there is none.
func (s *Store) Get(ctx context.Context, id int64) (User, error) {
	return s.one(ctx, `who.id = $1`, id)
}

func (s *Store) one(ctx context.Context, where string, arg any) (User, error) {
	list, err := s.list(ctx, "looking for a user", ` WHERE `+where, arg)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("looking for a user: %w", sql.ErrNotFound)
	}
	if err != nil {
		return User{}, err
	}
	return list[0], nil
}

// Any reports whether there is a user who is let in, besides those of a demonstration.
func (s *Store) Any(ctx context.Context) (bool, error) {
	any := false
	err := s.base.Read(ctx, "looking for users", sql.Ask(sql.Value(func(int64) { any = true }), `SELECT who.id FROM users who WHERE who.state = 'active' AND NOT who.demo ORDER BY who.login LIMIT 1`))
	return any, err
}

// List is all users by login, those who are disabled too. It reads the whole table, which is as long as the staff.
func (s *Store) List(ctx context.Context) ([]User, error) {
	return s.list(ctx, "listing users", ` ORDER BY who.login`)
}

func (s *Store) list(ctx context.Context, doing, rest string, args ...any) ([]User, error) {
	out := []User{}
	err := s.base.Read(ctx, doing, sql.Ask(func(row sql.Row) error {
		u, err := scan(row)
		out = append(out, u)
		return err
	}, `SELECT `+columns+` FROM users who`+rest, args...))
	return out, err
}
