package commit

import (
	"cmp"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
)

// contactSet is the contacts that a batch makes or touches.
type contactSet struct {
	b      *batch
	byID   map[int64]*contactRow
	owned  map[string]*claimRow
	claims map[claimKey]bool
}

type contactRow struct {
	id, version    int64
	fresh, touched bool
	name, language string
}

// claimRow is an address as it stands after the batch: a contact's that has proven it, or nobody's.
type claimRow struct {
	id      message.Identity
	contact int64 // 0: nobody's
	own     bool  // the proven From of a new contact: it must become ours
}

// claimKey is an address that a message only claims.
type claimKey struct {
	message int64
	address string
}

func newContacts(b *batch) *contactSet {
	return &contactSet{b: b, byID: map[int64]*contactRow{}, owned: map[string]*claimRow{}, claims: map[claimKey]bool{}}
}

// lock reads the known contacts that plans touch, in the order of their ids.
func (c *contactSet) lock() []sql.Call {
	fresh, ids := map[int64]bool{}, []int64{}
	for _, d := range c.b.decisions {
		if p := d.Plan.Contact; p.New {
			fresh[p.ID] = true
		} else if p.ID != 0 && !fresh[p.ID] {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return []sql.Call{sql.Ask(func(row sql.Row) error {
		r := &contactRow{}
		err := row.Scan(&r.id, &r.version, &r.name, &r.language)
		c.byID[r.id] = r
		return err
	}, `SELECT id, version, name, language FROM contacts WHERE id = ANY($1) ORDER BY id FOR UPDATE`, sql.Sorted(ids))}
}

func (c *contactSet) apply(p pipeline.Plan) error {
	c.claim(p)
	if p.Contact.ID == 0 {
		return nil
	}
	row := c.byID[p.Contact.ID]
	switch {
	case row == nil && !p.Contact.New:
		return sql.ErrConflict
	case row == nil:
		row = &contactRow{id: p.Contact.ID, fresh: true, name: sql.Clean(p.Contact.Name), language: sql.Clean(p.Contact.Language)}
		c.byID[row.id] = row
	case row.version != p.Contact.Version:
		return sql.ErrConflict
	}
	row.version++
	row.touched = true
	if row.name == "" {
		row.name = sql.Clean(p.Contact.Name)
	}
	if p.Contact.Language != "" {
		row.language = sql.Clean(p.Contact.Language)
	}
	return nil
}

// claim collects the addresses that a plan brings along. A proven one becomes the contact's; a claimed one has
// a row only so that STOP and failures are known of it, and what the message claims beside its sender is
// noted with the message.
func (c *contactSet) claim(p pipeline.Plan) {
	from := p.Row.From.Identity()
	for _, add := range p.Contact.Add {
		id := add.Address.Identity()
		if id.IsZero() {
			continue
		}
		key := c.b.s.base.Address(id)
		row := c.owned[key]
		if row == nil {
			row = &claimRow{id: id}
			c.owned[key] = row
		}
		if add.Verified && row.contact == 0 {
			row.contact, row.own = p.Contact.ID, p.Contact.New && id == from
		}
		if !add.Verified && id != from {
			c.claims[claimKey{p.Message, key}] = true
		}
	}
}

type contactsRow struct {
	ID, Version    int64
	Name, Language string
	CreatedAt      time.Time
}

type claimedRow struct {
	Message int64
	Address string
}

var (
	insertContacts = sql.Inserting[contactsRow]("contacts", "")
	updateContacts = sql.Updating[contactsRow]("contacts", "created_at")

	// An address that somebody else has stays with him; one that nobody has yet (it was only claimed, or
	// said STOP before it was anybody's) becomes the contact's.
	claimIdentities = sql.Inserting[plans.IdentityRow]("identities", `ON CONFLICT (address) DO UPDATE SET contact = excluded.contact,
verified = identities.verified OR excluded.verified
WHERE excluded.contact <> 0 AND (identities.contact = excluded.contact OR identities.contact = 0) RETURNING address`)
	insertClaims = sql.Inserting[claimedRow]("claims", `ON CONFLICT (message, address) DO NOTHING`)
)

// calls writes the contacts themselves.
func (c *contactSet) calls() []sql.Call {
	var fresh, known []contactsRow
	for _, id := range sql.KeysOf(c.byID) {
		row := c.byID[id]
		made := contactsRow{ID: row.id, Version: row.version, Name: row.name, Language: row.language, CreatedAt: c.b.now}
		if row.fresh {
			fresh = append(fresh, made)
		} else if row.touched {
			known = append(known, made)
		}
	}
	return []sql.Call{insertContacts.Put(fresh...), updateContacts.Put(known...), insertClaims.Put(c.claimRows()...)}
}

func (c *contactSet) claimRows() []claimedRow {
	var rows []claimedRow
	for k := range c.claims {
		rows = append(rows, claimedRow{k.message, k.address})
	}
	slices.SortFunc(rows, func(a, b claimedRow) int {
		return cmp.Or(cmp.Compare(a.Message, b.Message), cmp.Compare(a.Address, b.Address))
	})
	return rows
}

// owners writes the addresses: a proven one with its contact.
func (c *contactSet) owners() *claimed[plans.IdentityRow] {
	out := &claimed[plans.IdentityRow]{by: claimIdentities, must: map[string]bool{}, got: map[string]bool{}}
	for _, key := range sql.KeysOf(c.owned) {
		row := c.owned[key]
		out.rows = append(out.rows, plans.IdentityRow{Address: key, Kind: row.id.Kind, Value: row.id.Value, Contact: row.contact, Verified: row.contact != 0, CreatedAt: c.b.now})
		if row.own {
			out.must[key] = true
		}
	}
	return out
}
