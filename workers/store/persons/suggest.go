package persons

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"frontdesk/pipeline/identify"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// Evidence is why two contacts may be one person. It proves nothing: people decide upon it.
type Evidence string

// The kinds of evidence, the strongest first. A name is none by itself.
const (
	Wrote  Evidence = "wrote"     // one has written the other's proven address in a message
	Signed Evidence = "signature" // it stands in his signature
	Order  Evidence = "order"     // both name the same order
	Name   Evidence = "name"      // and they have the same name
)

// Suggestion is a contact who may be the same person as a ticket's.
type Suggestion struct {
	Who      Contact
	Ticket   view.Ticket // one of his that the viewer may read: where it was found, or the newest
	Evidence []Evidence  // at least one that is not Name
}

// Bounds of what is looked for.
const (
	mostSuggested = 3
	mostNumbers   = 3  // of a ticket
	mostOwn       = 4  // addresses of a person
	mostHits      = 20 // of each search
	mostTexts     = 20 // messages of a ticket
)

// suspects are contacts with the evidence of each, and the ticket where it was found.
type suspects map[int64]*Suggestion

func (s suspects) add(contact int64, e Evidence, ticket int64) {
	one := s[contact]
	if one == nil {
		one = &Suggestion{}
		s[contact] = one
	}
	if one.Ticket.ID == 0 {
		one.Ticket.ID = ticket
	}
	if !slices.Contains(one.Evidence, e) {
		one.Evidence = append(one.Evidence, e)
	}
}

// Suggest are contacts who may be the same person as the customer of a ticket, with evidence that the viewer may read, the strongest first. Whom a person has said not to be the same, or has parted, is
// never suggested. sql.ErrNotFound: the viewer may not read the ticket.
func (s *Store) Suggest(ctx context.Context, v viewer.Viewer, ticket int64) (out []Suggestion, err error) {
	var of subject
	var all []int64
	var own []owned
	var numbers []string
	var written map[Evidence][]message.Identity
	var texts []string
	err = s.lists.DB.Read(ctx, func(t sql.Tx) (err error) {
		if of, err = read(ctx, t, v, ticket); err != nil {
			return err
		}
		if all, err = person(ctx, t, of.contact); err != nil {
			return err
		}
		if own, err = addresses(ctx, t, all); err != nil {
			return err
		}
		if numbers, err = named(ctx, t, ticket); err != nil {
			return err
		}
		written, texts, err = wrote(ctx, t, ticket, of.contact)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for who the customer of ticket %d may be: %w", ticket, err)
	}
	found := suspects{}
	if err := s.elsewhere(ctx, v, all, own, spelled(numbers, texts), found); err != nil {
		return nil, err
	}
	err = s.lists.DB.Read(ctx, func(t sql.Tx) error {
		out = nil
		if err := s.owners(ctx, t, written, found); err != nil {
			return err
		}
		out, err = suggestions(ctx, t, v, of, all, found)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for who the customer of ticket %d may be: %w", ticket, err)
	}
	return out, nil
}

// named are the numbers of orders that a ticket names.
func named(ctx context.Context, t sql.Tx, ticket int64) (out []string, err error) {
	text := ""
	if err := t.Run(ctx, sql.Ask(sql.Into(&text), `SELECT numbers FROM tickets WHERE id = $1`, ticket)); err != nil || text == "" {
		return nil, err
	}
	return sql.Unlist[string](text)
}

// wrote are the addresses that a contact has written in messages of a ticket, and in signatures below them. What he quotes or hands on is others'.
func wrote(ctx context.Context, t sql.Tx, ticket, contact int64) (out map[Evidence][]message.Identity, texts []string, err error) {
	out = map[Evidence][]message.Identity{}
	err = t.Run(ctx, sql.Ask(sql.Pair(func(visible, hidden string) {
		texts = append(texts, visible)
		out[Wrote] = append(out[Wrote], identify.Written(visible)...)
		out[Signed] = append(out[Signed], identify.Written(identify.Signature(hidden))...)
	}), `SELECT visible, quoted FROM messages WHERE ticket <> 0 AND ticket = $1 AND contact = $2 AND erased_at = 0 ORDER BY id DESC LIMIT $3`, ticket, contact, int64(mostTexts)))
	return out, texts, err
}

// spelled are numbers of a ticket with a spelling by which others are found that name them: as they stand in its texts, where they do.
func spelled(numbers, texts []string) map[string]string {
	out := map[string]string{}
	for _, number := range numbers[:min(len(numbers), mostNumbers)] {
		out[number] = number
	}
	plain := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}
	for _, text := range texts {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r > unicode.MaxASCII || r == ' ' || r == '\n' || r == '\t' }) {
			if number := strings.Map(plain, word); number != "" && out[number] == number {
				out[number] = strings.TrimFunc(word, unicode.IsPunct)
			}
		}
	}
	return out
}

// owners adds those who have proven addresses that were written. A mailbox that several people read says nothing.
func (s *Store) owners(ctx context.Context, t sql.Tx, written map[Evidence][]message.Identity, found suspects) error {
	for _, e := range []Evidence{Wrote, Signed} {
		keys := map[string]bool{}
		for _, id := range written[e] {
			if !identify.Shared(id) {
				keys[s.base.Address(id)] = true
			}
		}
		if len(keys) == 0 {
			continue
		}
		if err := t.Run(ctx, sql.Ask(sql.Value(func(contact int64) { found.add(contact, e, 0) }), `SELECT contact FROM identities WHERE address = ANY($1) AND contact <> 0 AND verified ORDER BY contact`, sql.KeysOf(keys))); err != nil {
			return err
		}
	}
	return nil
}

// elsewhere adds those who have written one of the person's own addresses, or name an order of his, as the index of the search knows them.
func (s *Store) elsewhere(ctx context.Context, v viewer.Viewer, all []int64, own []owned, numbers map[string]string, found suspects) error {
	hits := func(typed string) ([]view.Ticket, error) {
		queues, every := v.Where(viewer.Read)
		f, err := s.find.Search(ctx, find.Seek{Query: s.find.Reader().Read(typed), Limited: !every, Only: queues, Before: math.MaxInt64, Limit: mostHits, Bare: true})
		return slices.DeleteFunc(f.Tickets, func(k view.Ticket) bool { return k.Contact == 0 || slices.Contains(all, k.Contact) }), err
	}
	for _, number := range sql.KeysOf(numbers) {
		tickets, err := hits(numbers[number])
		if err != nil {
			return err
		}
		for _, k := range tickets {
			if slices.Contains(k.Numbers, number) {
				found.add(k.Contact, Order, k.ID)
			}
		}
	}
	for _, o := range own[:min(len(own), mostOwn)] {
		id := o.address.Identity()
		if !proves(id.Kind) || identify.Shared(id) {
			continue
		}
		tickets, err := hits(id.Value)
		if err != nil {
			return err
		}
		for _, k := range tickets {
			var written map[Evidence][]message.Identity
			if err := s.lists.DB.Read(ctx, func(t sql.Tx) (err error) {
				written, _, err = wrote(ctx, t, k.ID, k.Contact)
				return err
			}); err != nil {
				return fmt.Errorf("looking for who has written an address: %w", err)
			}
			for _, e := range []Evidence{Wrote, Signed} {
				if slices.Contains(written[e], id) {
					found.add(k.Contact, e, k.ID)
				}
			}
		}
	}
	return nil
}

// suggestions are what is left of suspects that the viewer may know of, and that no person has parted.
func suggestions(ctx context.Context, t sql.Tx, v viewer.Viewer, of subject, all []int64, found suspects) (out []Suggestion, err error) {
	known, err := describe(ctx, t, v.May(viewer.Contact, of.queue), append(sql.KeysOf(found), of.contact))
	if err != nil {
		return nil, err
	}
	for _, contact := range sql.KeysOf(found) {
		one := *found[contact]
		if _, there := known[contact]; !there || slices.Contains(all, contact) {
			continue
		}
		theirs, err := person(ctx, t, contact)
		if err != nil {
			return nil, err
		}
		if parted, err := parted(ctx, t, all, theirs); err != nil || parted {
			if err != nil {
				return nil, err
			}
			continue
		}
		tickets, err := ticketsOf(ctx, t, v, []int64{contact})
		if err != nil || len(tickets) == 0 {
			if err != nil {
				return nil, err
			}
			continue
		}
		if at := slices.IndexFunc(tickets, func(k view.Ticket) bool { return k.ID == one.Ticket.ID }); at >= 0 {
			one.Ticket = tickets[at]
		} else {
			one.Ticket = tickets[0]
		}
		if one.Who = known[contact]; one.Who.Name != "" && strings.EqualFold(strings.TrimSpace(one.Who.Name), strings.TrimSpace(known[of.contact].Name)) {
			one.Evidence = append(one.Evidence, Name)
		}
		out = append(out, one)
	}
	rank := func(s Suggestion) int { return -weight(s.Evidence) }
	slices.SortStableFunc(out, func(a, b Suggestion) int { return rank(a) - rank(b) })
	return out[:min(len(out), mostSuggested)], nil
}

// weight orders suggestions: what somebody has written of the other counts more than an order that both name.
func weight(all []Evidence) (n int) {
	for _, e := range all {
		n += map[Evidence]int{Wrote: 8, Signed: 4, Order: 2, Name: 1}[e]
	}
	return n
}
