// Package staff is how those who look after the desk see and change who works there, and what its inboxes are doing. Each of its methods takes who
// acts: he administers all queues, else there is nothing for him here. Members and inboxes are shown to who administers a queue, too.
package staff

import (
	"context"
	"fmt"
	"time"

	work "frontdesk/pipeline/domain/agents"
	"frontdesk/workers/store/agents"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/factors"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base    *base.Store
	users   *users.Store
	signins *signins.Store
	agents  *agents.Store
	factors *factors.Store
	view    *view.Store
}

// New makes the room on those that keep users and their sign-ins.
func New(b *base.Store, u *users.Store, s *signins.Store, a *agents.Store, f *factors.Store, v *view.Store) *Store {
	return &Store{base: b, users: u, signins: s, agents: a, factors: f, view: v}
}

// May reports whether a viewer looks after users.
func May(v viewer.Viewer) bool { return v.May(viewer.Administer, viewer.Every) }

// Sees reports whether a viewer looks after any queue.
func Sees(v viewer.Viewer) bool { return v.Anywhere(viewer.Administer) }

func refused(doing string) error { return fmt.Errorf("%s: %w", doing, sql.ErrNotFound) }

// Person is a user with what an administrator sees of him.
type Person struct {
	users.User
	Grants   []viewer.Grant
	Members  []users.Member
	Can      []users.Ability
	Room     int64 // how much he may have in hand; 0: as everybody
	Presence work.Presence
	Sessions []signins.Session
	Held     factors.Held // what he shows besides a password
}

// People are all users with their roles and queues, by login. It reads whole tables, which are as long as the staff.
func (s *Store) People(ctx context.Context, v viewer.Viewer) ([]Person, error) {
	if !May(v) {
		return nil, refused("listing users")
	}
	all, err := s.users.List(ctx)
	if err != nil {
		return nil, err
	}
	out, at := make([]Person, len(all)), map[int64]int{}
	for i, u := range all {
		out[i], at[u.ID] = Person{User: u, Presence: work.Offline}, i
	}
	add := func(id int64, f func(*Person)) {
		if i, there := at[id]; there {
			f(&out[i])
		}
	}
	err = s.base.Read(ctx, "listing users", sql.Ask(func(row sql.Row) error {
		var id int64
		var role, queue string
		err := row.Scan(&id, &role, &queue)
		add(id, func(p *Person) { p.Grants = append(p.Grants, viewer.Grant{Role: viewer.Role(role), Queue: queue}) })
		return err
	}, `SELECT person, role, queue FROM grants ORDER BY person, role, queue`), sql.Ask(func(row sql.Row) error {
		var m users.Member
		var level int64
		err := row.Scan(&m.Queue, &m.Person, &level)
		m.Level = users.Level(level)
		add(m.Person, func(p *Person) { p.Members = append(p.Members, m) })
		return err
	}, `SELECT queue, person, level FROM members ORDER BY queue, level, person`), sql.Ask(sql.Pair(func(id int64, presence string) {
		add(id, func(p *Person) { p.Presence = work.Presence(presence) })
	}), `SELECT person, presence FROM agents ORDER BY person`))
	return out, err
}

// Person is one user with all that is known of him. sql.ErrNotFound: there is none of that login, or it is not for the viewer.
func (s *Store) Person(ctx context.Context, v viewer.Viewer, login string, now time.Time) (p Person, err error) {
	if !May(v) {
		return p, refused("looking for a user")
	}
	if p.User, err = s.users.Find(ctx, login); err != nil {
		return p, err
	}
	if p.Grants, err = s.users.Grants(ctx, p.ID); err == nil {
		p.Members, err = s.users.Queues(ctx, p.ID)
	}
	if err == nil {
		p.Can, err = s.users.Abilities(ctx, p.ID)
	}
	if err == nil {
		p.Sessions, err = s.signins.Of(ctx, p.ID, now)
	}
	if err == nil {
		p.Held, err = s.factors.Of(ctx, p.ID)
	}
	var a work.Agent
	if err == nil {
		a, err = s.agents.Of(ctx, p.ID)
	}
	p.Room, p.Presence = a.Room, a.Presence
	return p, err
}

// Add adds a user with roles, and makes the link by which he sets a password. users.ErrTaken: somebody has that login.
func (s *Store) Add(ctx context.Context, v viewer.Viewer, u users.User, grants []viewer.Grant, until, now time.Time) (users.User, string, error) {
	if !May(v) {
		return u, "", refused("adding a user")
	}
	u, err := s.users.Add(ctx, u, now, v.Login)
	if err == nil {
		err = s.users.SetGrants(ctx, u.ID, grants, now, v.Login)
	}
	secret := ""
	if err == nil {
		secret, err = s.signins.Invite(ctx, u.ID, until, now, v.Login)
	}
	return u, secret, err
}

// change does something with one user, by his login.
func (s *Store) change(ctx context.Context, v viewer.Viewer, doing, login string, f func(users.User) error) error {
	if !May(v) {
		return refused(doing)
	}
	u, err := s.users.Find(ctx, login)
	if err == nil {
		err = f(u)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// Invite makes a new link for a user; links from before open nothing any more. sql.ErrNotFound: he is disabled, too.
func (s *Store) Invite(ctx context.Context, v viewer.Viewer, login string, until, now time.Time) (secret string, err error) {
	err = s.change(ctx, v, "making a link", login, func(u users.User) (err error) {
		secret, err = s.signins.Invite(ctx, u.ID, until, now, v.Login)
		return err
	})
	return secret, err
}

// Change keeps name, address, language and zone of a user who is in that version. sql.ErrConflict: he is in another one.
func (s *Store) Change(ctx context.Context, v viewer.Viewer, to users.User, now time.Time) error {
	return s.change(ctx, v, "changing a user", to.Login, func(u users.User) error {
		to.ID = u.ID
		_, err := s.users.Change(ctx, to, now, v.Login)
		return err
	})
}

// SetState lets a user in, or no longer. users.ErrLast: nobody would be left who looks after the desk.
func (s *Store) SetState(ctx context.Context, v viewer.Viewer, login string, state users.State, now time.Time) error {
	return s.change(ctx, v, "changing the state of a user", login, func(u users.User) error {
		return s.users.SetState(ctx, u.ID, state, now, v.Login)
	})
}

// Rights are the roles, queues and abilities of a user, and how much he may have in hand.
type Rights struct {
	Grants  []viewer.Grant
	Members []users.Member
	Can     []users.Ability
	Room    int64
}

// SetRights gives a user these rights and no others; what stays as it is is not written. users.ErrLast as above; what came before that was kept.
func (s *Store) SetRights(ctx context.Context, v viewer.Viewer, login string, r Rights, now time.Time) error {
	return s.change(ctx, v, "changing what a user may", login, func(u users.User) error {
		is, err := s.Person(ctx, v, login, now)
		if err == nil && !same(is.Grants, r.Grants) {
			err = s.users.SetGrants(ctx, u.ID, r.Grants, now, v.Login)
		}
		for i := range r.Members {
			r.Members[i].Person = u.ID
		}
		if err == nil && !same(is.Members, r.Members) {
			err = s.users.SetMembers(ctx, u.ID, r.Members, now, v.Login)
		}
		if err == nil && !same(is.Can, r.Can) {
			err = s.users.SetAbilities(ctx, u.ID, r.Can, now, v.Login)
		}
		if err == nil && is.Room != r.Room {
			if err = s.agents.SetRoom(ctx, u.ID, r.Room); err == nil {
				err = s.note(ctx, v, actRoom, fmt.Sprint(u.Login, ": ", r.Room), now)
			}
		}
		return err
	})
}

// same reports whether two lists hold the same, in whatever order.
func same[T comparable](a, b []T) bool {
	in := map[T]bool{}
	for _, x := range a {
		in[x] = true
	}
	for _, x := range b {
		if !in[x] {
			return false
		}
		delete(in, x)
	}
	return len(in) == 0
}

// What is done here, as the journal names it.
const (
	actRoom = "user-room"
	actEnd  = "user-sign-out"
)

// RemoveFactors takes away what a user shows besides his password, for who has lost his telephone, and signs him out everywhere.
func (s *Store) RemoveFactors(ctx context.Context, v viewer.Viewer, login string, now time.Time) error {
	return s.change(ctx, v, "removing the factors of a user", login, func(u users.User) error {
		err := s.factors.Remove(ctx, u.ID, u.Login, v.Login, now)
		if err == nil {
			_, err = s.signins.EndOthers(ctx, u.ID, "")
		}
		return err
	})
}

// EndSessions signs a user out everywhere.
func (s *Store) EndSessions(ctx context.Context, v viewer.Viewer, login string, now time.Time) error {
	return s.change(ctx, v, "ending the sessions of a user", login, func(u users.User) error {
		n, err := s.signins.EndOthers(ctx, u.ID, "")
		if err == nil {
			err = s.note(ctx, v, actEnd, fmt.Sprint(u.Login, ": ", n), now)
		}
		return err
	})
}

func (s *Store) note(ctx context.Context, v viewer.Viewer, act, detail string, now time.Time) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err == nil {
		err = s.base.Do(ctx, "noting an act", base.Note(ids[0], now, v.Login, act, 0, 0, detail))
	}
	return err
}

// Crew are the members of the queues that a viewer administers, by queue, with their names.
func (s *Store) Crew(ctx context.Context, v viewer.Viewer) (map[string][]Member, error) {
	if !Sees(v) {
		return nil, refused("listing members")
	}
	queues, every := v.Where(viewer.Administer)
	out := map[string][]Member{}
	err := s.base.Read(ctx, "listing members", sql.Ask(func(row sql.Row) error {
		var m Member
		var queue string
		var level int64
		err := row.Scan(&queue, &m.Login, &m.Name, &m.Active, &level)
		m.Second = users.Level(level) == users.Secondary
		out[queue] = append(out[queue], m)
		return err
	}, `SELECT part.queue, who.login, who.name, who.state = 'active', part.level FROM members part JOIN users who ON who.id = part.person WHERE $1 OR part.queue = ANY($2) ORDER BY part.queue, part.level, who.login`, every, sql.OrNone(queues)))
	return out, err
}

// Member is a person whose work the tickets of a queue are.
type Member struct {
	Login, Name    string
	Active, Second bool
}

// Inboxes are the inboxes with how they are.
func (s *Store) Inboxes(ctx context.Context, v viewer.Viewer) ([]Inbox, error) {
	if !Sees(v) {
		return nil, refused("listing inboxes")
	}
	all, err := s.view.Inboxes(ctx)
	if err != nil {
		return nil, err
	}
	received, sent := map[string]int64{}, map[string]int64{}
	latest := func(in map[string]int64) func(string, int64) {
		return func(inbox string, at int64) { in[inbox] = max(in[inbox], at) }
	}
	err = s.base.Read(ctx, "looking for the last messages of inboxes",
		sql.Ask(sql.Pair(latest(received)), `SELECT inbox, recorded_at FROM deliveries ORDER BY id DESC LIMIT `+lookedThrough),
		sql.Ask(sql.Pair(latest(sent)), `SELECT inbox, sent_at FROM outbox ORDER BY id DESC LIMIT `+lookedThrough))
	out := make([]Inbox, len(all))
	for i, in := range all {
		out[i] = Inbox{Inbox: in, Received: moment(received[in.Name]), Sent: moment(sent[in.Name])}
	}
	return out, err
}

func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return sql.Moment(micros)
}

// Inbox is one inbox with when it has last received and sent. A zero time: not among what was looked through.
type Inbox struct {
	view.Inbox
	Received, Sent time.Time
}

// lookedThrough is in how many of the newest messages and sendings the last one of each inbox is looked for.
const lookedThrough = `2000`
