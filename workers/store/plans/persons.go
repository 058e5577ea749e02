package plans

import (
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/workers/store/sql"
)

// personsLock is the lock on PostgreSQL of whoever changes who is one person, until the end of his transaction. It is taken after all other locks, and
// nothing is waited for behind it.
const personsLock = 0x66646f6e65 // "fdone" in ASCII

// LockPersons has whoever changes who is one person come before or after others who do.
func (s *Store) LockPersons() []sql.Call {
	if s.base.Dialect() == "sqlite" { // has one writer
		return nil
	}
	return []sql.Call{sql.Ask(func(sql.Row) error { return nil }, `SELECT pg_advisory_xact_lock($1)`, int64(personsLock))}
}

// persons reads with whom contacts are one person: all pointers of all of them.
func (l *loading) persons(ids []int64) []sql.Call {
	if len(ids) == 0 {
		return nil
	}
	return append(l.s.LockPersons(), sql.Ask(func(row sql.Row) error {
		var p contacts.Pointer
		err := row.Scan(&p.Contact, &p.Root, &p.Step)
		l.known.Persons[p.Contact] = p
		return err
	}, `SELECT c.id, coalesce(p.root, 0), coalesce(p.step, 0) FROM contacts c LEFT JOIN contact_pointers p ON p.contact = c.id
WHERE c.id {in SELECT id FROM contacts WHERE id = ANY($1) UNION SELECT root FROM contact_pointers WHERE contact = ANY($1)
UNION SELECT o.contact FROM contact_pointers p JOIN contact_pointers o ON o.root = p.root WHERE p.contact = ANY($1) UNION SELECT contact FROM contact_pointers WHERE root = ANY($1)} ORDER BY c.id`, sql.Sorted(ids)))
}

// stepRow is a row of the table contact_steps.
type stepRow struct {
	ID                  int64
	Kind                string
	Contact, Root, Heir int64
	Beside              []int64
	Took                int64
	Why                 string
	Ticket              int64
	Actor               string
	At                  time.Time
	Stands              bool
	UndoneBy            string
	UndoneAt            time.Time
}

var (
	stepColumns = sql.Columns[stepRow]("")
	insertSteps = sql.Inserting[stepRow]("contact_steps", `ON CONFLICT (id) DO UPDATE SET stands = excluded.stands, undone_by = excluded.undone_by,
undone_at = CASE WHEN contact_steps.undone_at = 0 THEN excluded.undone_at ELSE contact_steps.undone_at END`)
	insertPointers = sql.Inserting[pointerRow]("contact_pointers", "ON CONFLICT (contact) DO UPDATE SET root = excluded.root, step = excluded.step")
)

type pointerRow struct{ Contact, Root, Step int64 }

// steps reads what was done with who is one person.
func (l *loading) steps(ids []int64) sql.Call {
	if len(ids) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		r, err := sql.Read[stepRow](row)
		l.known.Steps[r.ID] = r.step()
		return err
	}, `SELECT `+stepColumns+` FROM contact_steps WHERE id = ANY($1) ORDER BY id`, sql.Sorted(ids))
}

func (r stepRow) step() contacts.Step {
	return contacts.Step{ID: r.ID, Kind: r.Kind, Contact: r.Contact, Root: r.Root, Heir: r.Heir, With: r.Beside, Took: r.Took, Why: r.Why, Ticket: r.Ticket, Actor: r.Actor, Stands: r.Stands, Undone: r.UndoneBy}
}

// joined writes who is one person, and by what.
func joined(p domain.Plan, now time.Time) (calls []sql.Call) {
	var rows []pointerRow
	var gone []int64
	for _, c := range p.Pointers {
		if c.After.Root == 0 {
			gone = append(gone, c.After.Contact)
		} else {
			rows = append(rows, pointerRow(c.After))
		}
	}
	steps := make([]stepRow, len(p.Steps))
	for i, s := range p.Steps {
		steps[i] = stepRow{ID: s.ID, Kind: s.Kind, Contact: s.Contact, Root: s.Root, Heir: s.Heir, Beside: s.With, Took: s.Took, Why: s.Why, Ticket: s.Ticket, Actor: s.Actor, At: now, Stands: s.Stands, UndoneBy: s.Undone}
		if s.Undone != "" {
			steps[i].UndoneAt = now
		}
	}
	if len(gone) > 0 {
		calls = append(calls, sql.Do(`DELETE FROM contact_pointers WHERE contact = ANY($1)`, sql.Sorted(gone)))
	}
	if len(rows) > 0 {
		calls = append(calls, insertPointers.Put(rows...))
	}
	if len(steps) > 0 {
		calls = append(calls, insertSteps.Put(steps...))
	}
	return calls
}
