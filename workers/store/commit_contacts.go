package store

import (
	"cmp"
	"slices"

	"frontdesk/pipeline"
	"frontdesk/pipeline/message"
)

// contacts are the contacts that a batch makes or touches.
type contacts struct {
	b      *batch
	byID   map[int64]*contactRow
	owned  map[string]*claimRow
	claims map[claimKey]bool
	out    map[string]optOut
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

type optOut struct {
	id  message.Identity
	out bool
}

func newContacts(b *batch) *contacts {
	return &contacts{b: b, byID: map[int64]*contactRow{}, owned: map[string]*claimRow{}, claims: map[claimKey]bool{}, out: map[string]optOut{}}
}

// lock reads the known contacts that plans touch, in the order of their ids.
func (c *contacts) lock() []call {
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
	return []call{ask(func(row scanner) error {
		r := &contactRow{}
		err := row.Scan(&r.id, &r.version, &r.name, &r.language)
		c.byID[r.id] = r
		return err
	}, `SELECT id, version, name, language FROM contacts WHERE id = ANY($1) ORDER BY id FOR UPDATE`, sorted(ids))}
}

func (c *contacts) apply(p pipeline.Plan) error {
	if p.OptOut != nil && !p.OptOut.Identity.IsZero() {
		c.out[c.b.s.address(p.OptOut.Identity)] = optOut{p.OptOut.Identity, p.OptOut.Out}
	}
	c.claim(p)
	if p.Contact.ID == 0 {
		return nil
	}
	row := c.byID[p.Contact.ID]
	switch {
	case row == nil && !p.Contact.New:
		return ErrConflict
	case row == nil:
		row = &contactRow{id: p.Contact.ID, fresh: true, name: clean(p.Contact.Name), language: clean(p.Contact.Language)}
		c.byID[row.id] = row
	case row.version != p.Contact.Version:
		return ErrConflict
	}
	row.version++
	row.touched = true
	if row.name == "" {
		row.name = clean(p.Contact.Name)
	}
	if p.Contact.Language != "" {
		row.language = clean(p.Contact.Language)
	}
	return nil
}

// claim collects the addresses that a plan brings along. A proven one becomes the contact's; a claimed one has
// a row only so that STOP and failures are known of it, and what the message claims beside its sender is
// noted with the message.
func (c *contacts) claim(p pipeline.Plan) {
	from := p.Row.From.Identity()
	for _, add := range p.Contact.Add {
		id := add.Address.Identity()
		if id.IsZero() {
			continue
		}
		key := c.b.s.address(id)
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

var (
	insertContacts = insert("contacts", "", column{"id", number}, column{"version", number}, column{"name", text},
		column{"language", text}, column{"created_at", number})
	updateContacts = update("contacts", "", column{"id", number}, column{"version", number}, column{"name", text}, column{"language", text})

	// An address that somebody else has stays with him; one that nobody has yet (it was only claimed, or
	// said STOP before it was anybody's) becomes the contact's.
	claimIdentities = insert("identities", `ON CONFLICT (address) DO UPDATE SET contact = excluded.contact,
verified = identities.verified OR excluded.verified
WHERE excluded.contact <> 0 AND (identities.contact = excluded.contact OR identities.contact = 0) RETURNING address`,
		column{"address", text}, column{"kind", text}, column{"value", text}, column{"contact", number}, column{"verified", flag},
		column{"opted_out", flag}, column{"failed", flag}, column{"created_at", number})
	insertClaims = insert("claims", `ON CONFLICT (message, address) DO NOTHING`, column{"message", number}, column{"address", text})
	unstopTombs  = update("tombstones", "", column{"digest", text}, column{"stopped", flag})
	markOptOuts  = insert("identities", `ON CONFLICT (address) DO UPDATE SET opted_out = excluded.opted_out`,
		column{"address", text}, column{"kind", text}, column{"value", text}, column{"contact", number}, column{"verified", flag},
		column{"opted_out", flag}, column{"failed", flag}, column{"created_at", number})
)

// calls writes the contacts themselves.
func (c *contacts) calls() []call {
	var fresh, known [][]any
	for _, row := range c.byID {
		if row.fresh {
			fresh = append(fresh, []any{row.id, row.version, row.name, row.language, micros(c.b.now)})
		} else if row.touched {
			known = append(known, []any{row.id, row.version, row.name, row.language})
		}
	}
	sortByID(fresh)
	sortByID(known)
	return []call{put(insertContacts, fresh), put(updateContacts, known), put(insertClaims, c.claimRows())}
}

func (c *contacts) claimRows() [][]any {
	var rows [][]any
	for k := range c.claims {
		rows = append(rows, []any{k.message, k.address})
	}
	slices.SortFunc(rows, func(a, b []any) int {
		return cmp.Or(cmp.Compare(a[0].(int64), b[0].(int64)), cmp.Compare(a[1].(string), b[1].(string)))
	})
	return rows
}

// owners writes the addresses: a proven one with its contact.
func (c *contacts) owners() *claimed {
	out := &claimed{bulk: claimIdentities, must: map[string]bool{}, got: map[string]bool{}}
	for key, row := range c.owned {
		out.rows = append(out.rows, []any{key, string(row.id.Kind), clean(row.id.Value), row.contact, row.contact != 0, false, false, micros(c.b.now)})
		if row.own {
			out.must[key] = true
		}
	}
	sortRows(out.rows)
	return out
}

// marks notes who said STOP or START.
func (c *contacts) marks() []call {
	var rows [][]any
	for key, o := range c.out {
		rows = append(rows, []any{key, string(o.id.Kind), clean(o.id.Value), int64(0), false, o.out, false, micros(c.b.now)})
	}
	sortRows(rows)
	return []call{put(markOptOuts, rows), c.unstop()}
}

// unstop takes back the STOP that was kept of a person who was erased.
func (c *contacts) unstop() call {
	var rows [][]any
	for _, o := range c.out {
		if !o.out {
			rows = append(rows, []any{c.b.s.addressTomb(o.id), false})
		}
	}
	sortRows(rows)
	return put(unstopTombs, rows)
}

// sortRows sorts by the first column, a text.
func sortRows(rows [][]any) {
	slices.SortFunc(rows, func(a, b []any) int { return cmp.Compare(a[0].(string), b[0].(string)) })
}

// sortByID sorts by the first column, a number.
func sortByID(rows [][]any) {
	slices.SortFunc(rows, func(a, b []any) int { return cmp.Compare(a[0].(int64), b[0].(int64)) })
}
