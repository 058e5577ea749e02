package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/identify"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
)

// asked is what a batch asks for, in keys of the database. Maps lead back from key to question.
type asked struct {
	identities map[string]message.Identity
	references map[string]string
	threads    map[string]string
	contents   map[string]string
	domains    map[string]bool
	prints     map[string][2]string // key → domain, fingerprint
	effects    map[string][]pipeline.BouncedBy
	providers  map[string][]pipeline.BouncedBy
	tickets    map[int64]bool
	contacts   map[int64]bool // found in the first round
}

// Facts reads all that the decisions of one batch need to know, in two rounds of indexed queries.
// messages and inboxes are those of the batch.
func (s *Store) Facts(ctx context.Context, asks []pipeline.Asks, messages []int64, inboxes []string, now time.Time) (*pipeline.Facts, error) {
	f := pipeline.NewFacts()
	a := s.collect(asks)
	err := s.db.read(ctx, func(t tx) error {
		if err := t.run(ctx, s.firstRound(a, f, messages, inboxes, now)...); err != nil {
			return err
		}
		return t.run(ctx, secondRound(a, f)...)
	})
	if err != nil {
		return nil, fmt.Errorf("reading known facts: %w", err)
	}
	return f, nil
}

func (s *Store) collect(asks []pipeline.Asks) *asked {
	a := &asked{
		identities: map[string]message.Identity{}, references: map[string]string{}, threads: map[string]string{},
		contents: map[string]string{}, domains: map[string]bool{}, prints: map[string][2]string{},
		effects: map[string][]pipeline.BouncedBy{}, providers: map[string][]pipeline.BouncedBy{},
		tickets: map[int64]bool{}, contacts: map[int64]bool{},
	}
	for _, q := range asks {
		for _, id := range append([]message.Identity{q.From, q.Recipient}, q.Also...) {
			if !id.IsZero() {
				a.identities[s.address(id)] = id
			}
		}
		for _, t := range q.Tokens {
			a.tickets[t.Ticket] = true
		}
		for _, r := range q.References {
			a.references[s.key(r)] = r
		}
		if q.Thread != "" {
			a.threads[s.key(q.Thread)] = q.Thread
		}
		if q.Content != "" {
			a.contents[s.key(q.Content)] = q.Content
		}
		if d := q.Domain(); d != "" {
			a.domains[s.key(d)] = true
			if q.Print != "" {
				a.prints[s.printKey(d, q.Print)] = [2]string{d, q.Print}
			}
		}
		s.collectBounced(a, q.Bounced)
	}
	return a
}

// printKey joins a domain and a fingerprint; empty when either is.
func (s *Store) printKey(domain, print string) string {
	if domain == "" || print == "" {
		return ""
	}
	return s.key(domain + " " + print)
}

func (s *Store) collectBounced(a *asked, by []pipeline.BouncedBy) {
	for _, b := range by {
		if b.Key != "" {
			k := s.key(b.Key)
			a.effects[k] = append(a.effects[k], b)
		}
		if b.MessageID != "" {
			k := s.key(b.MessageID)
			a.providers[k] = append(a.providers[k], b)
		}
	}
}

func keysOf[K interface{ ~string | ~int64 }, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// firstRound asks for everything that hangs on the questions themselves.
func (s *Store) firstRound(a *asked, f *pipeline.Facts, messages []int64, inboxes []string, now time.Time) []call {
	var calls []call
	when := func(any bool, c call) {
		if any {
			calls = append(calls, c)
		}
	}
	hour, day := micros(now.Add(-time.Hour)), micros(now.Add(-24*time.Hour))
	addresses := keysOf(a.identities)
	when(len(addresses) > 0, ask(a.owner(f), askOwners, addresses))
	when(len(addresses) > 0, ask(a.traffic(f), askTraffic, addresses, day, hour))
	when(len(addresses) > 0, ask(a.sends(f), askSends, addresses, day, hour))
	when(len(a.references) > 0, ask(a.named(f.References, a.references), askReferences, keysOf(a.references)))
	when(len(a.threads) > 0, ask(a.named(f.Threads, a.threads), askThreads, keysOf(a.threads)))
	when(len(a.contents) > 0, ask(a.copies(f), askContents, keysOf(a.contents)))
	when(len(a.domains) > 0, ask(domains(f), askDomains, keysOf(a.domains), hour))
	when(len(a.prints) > 0, ask(a.said(f), askPrints, keysOf(a.prints), day))
	when(len(a.effects) > 0, ask(bounced(f, a.effects), askEffectKeys, keysOf(a.effects)))
	when(len(a.providers) > 0, ask(bounced(f, a.providers), askEffectProviders, keysOf(a.providers)))
	when(len(inboxes) > 0, ask(since(f), askSince, inboxes))
	when(len(messages) > 0, ask(lanes(f), askLanes, sorted(messages)))
	return calls
}

const (
	askOwners = `SELECT address, contact FROM identities WHERE address = ANY($1)`

	askTraffic = `SELECT a.value, m.fingerprint, count(*), count(*) FILTER (WHERE m.decided_at > $3)
FROM EACH($1::text[]) AS a JOIN messages m ON m.id {in SELECT id FROM messages
WHERE counted AND sender = a.value AND decided_at > $2 ORDER BY decided_at DESC LIMIT 1000} GROUP BY a.value, m.fingerprint`

	askSends = `SELECT a.value, o.kind, count(*), count(*) FILTER (WHERE o.created_at > $3)
FROM EACH($1::text[]) AS a JOIN outbox o ON o.id {in SELECT id FROM outbox
WHERE counted AND recipient = a.value AND created_at > $2 ORDER BY created_at DESC LIMIT 1000} GROUP BY a.value, o.kind`

	askReferences = `SELECT digest, ticket FROM mail_references WHERE digest = ANY($1)`
	askThreads    = `SELECT thread, ticket FROM conversations WHERE thread = ANY($1)`
	askContents   = `SELECT digest, message, inbox, ticket FROM content_keys WHERE digest = ANY($1)`

	askDomains = `SELECT d.value, (SELECT count(*) FROM (SELECT 1 AS one FROM outbox
WHERE counted AND domain <> '' AND domain = d.value AND created_at > $2 LIMIT 5000) AS sends) FROM EACH($1::text[]) AS d`

	askPrints = `SELECT p.value, (SELECT count(*) FROM (SELECT 1 AS one FROM outbox
WHERE counted AND domain_print <> '' AND domain_print = p.value AND created_at > $2 LIMIT 100) AS sends) FROM EACH($1::text[]) AS p`

	askEffectKeys      = `SELECT key, id, key, kind, ticket, to_value FROM outbox WHERE key = ANY($1)`
	askEffectProviders = `SELECT provider_id, id, key, kind, ticket, to_value FROM outbox WHERE provider_id <> '' AND provider_id = ANY($1)`

	askSince = `SELECT inbox, connected_at FROM inbox_status WHERE inbox = ANY($1)`
	askLanes = `SELECT message_id, released, imported FROM undecided WHERE message_id = ANY($1)`
)

func (a *asked) owner(f *pipeline.Facts) func(scanner) error {
	return func(row scanner) error {
		var address string
		var contact int64
		if err := row.Scan(&address, &contact); err != nil || contact == 0 {
			return err
		}
		f.Owners[a.identities[address]] = contact
		a.contacts[contact] = true
		return nil
	}
}

func (a *asked) sender(f *pipeline.Facts, address string) *pipeline.SenderFacts {
	id := a.identities[address]
	if f.Senders[id] == nil {
		f.Senders[id] = &pipeline.SenderFacts{Prints: map[string]int{}}
	}
	return f.Senders[id]
}

func (a *asked) traffic(f *pipeline.Facts) func(scanner) error {
	return func(row scanner) error {
		var address, print string
		var day, hour int
		if err := row.Scan(&address, &print, &day, &hour); err != nil {
			return err
		}
		sender := a.sender(f, address)
		sender.LastHour += hour
		if print != "" {
			sender.Prints[print] += day
		}
		return nil
	}
}

func (a *asked) sends(f *pipeline.Facts) func(scanner) error {
	return func(row scanner) error {
		var address, kind string
		var day, hour int
		if err := row.Scan(&address, &kind, &day, &hour); err != nil {
			return err
		}
		sender := a.sender(f, address)
		switch kind {
		case pipeline.KindAcknowledgement:
			sender.AcksDay, sender.AcksHour = day, hour
		case pipeline.KindDigest:
			sender.Digest = true
		}
		return nil
	}
}

// named reads (key, ticket) pairs under the names that were asked for.
func (a *asked) named(out map[string]int64, names map[string]string) func(scanner) error {
	return func(row scanner) error {
		var key string
		var ticket int64
		if err := row.Scan(&key, &ticket); err != nil {
			return err
		}
		out[names[key]] = ticket
		a.tickets[ticket] = true
		return nil
	}
}

func (a *asked) copies(f *pipeline.Facts) func(scanner) error {
	return func(row scanner) error {
		var key string
		var c dedupe.Copy
		if err := row.Scan(&key, &c.Message, &c.Inbox, &c.Ticket); err != nil {
			return err
		}
		f.Contents[a.contents[key]] = c
		if c.Ticket != 0 {
			a.tickets[c.Ticket] = true
		}
		return nil
	}
}

func domainFacts(f *pipeline.Facts, name string) *pipeline.DomainFacts {
	if f.Domains[name] == nil {
		f.Domains[name] = &pipeline.DomainFacts{Prints: map[string]int{}}
	}
	return f.Domains[name]
}

func domains(f *pipeline.Facts) func(scanner) error {
	return func(row scanner) error {
		var name string
		var n int
		if err := row.Scan(&name, &n); err != nil {
			return err
		}
		domainFacts(f, name).AcksHour = n
		return nil
	}
}

func (a *asked) said(f *pipeline.Facts) func(scanner) error {
	return func(row scanner) error {
		var key string
		var n int
		if err := row.Scan(&key, &n); err != nil || n == 0 {
			return err
		}
		pair := a.prints[key]
		domainFacts(f, pair[0]).Prints[pair[1]] = n
		return nil
	}
}

func bounced(f *pipeline.Facts, names map[string][]pipeline.BouncedBy) func(scanner) error {
	return func(row scanner) error {
		var name string
		var e pipeline.Effect
		if err := row.Scan(&name, &e.ID, &e.Key, &e.Kind, &e.Ticket, &e.To); err != nil {
			return err
		}
		for _, by := range names[name] {
			f.Effects[by] = e
		}
		return nil
	}
}

func since(f *pipeline.Facts) func(scanner) error {
	return func(row scanner) error {
		var inbox string
		var at int64
		if err := row.Scan(&inbox, &at); err != nil || at == 0 {
			return err
		}
		f.Since[inbox] = moment(at)
		return nil
	}
}

func lanes(f *pipeline.Facts) func(scanner) error {
	return func(row scanner) error {
		var id int64
		var released, imported bool
		if err := row.Scan(&id, &released, &imported); err != nil {
			return err
		}
		if released {
			f.Released[id] = true
		}
		if imported {
			f.Imported[id] = true
		}
		return nil
	}
}

// secondRound asks for the contacts and tickets that the first one named.
func secondRound(a *asked, f *pipeline.Facts) []call {
	var calls []call
	contacts, tickets := keysOf(a.contacts), keysOf(a.tickets)
	if len(contacts) > 0 {
		calls = append(calls,
			ask(contactOf(f), askContacts, contacts),
			ask(identityOf(f), askIdentities, contacts),
			ask(ticketOf(f, true), askRecent, contacts))
	}
	if len(tickets) > 0 {
		calls = append(calls, ask(ticketOf(f, false), askTickets, tickets))
	}
	return calls
}

const (
	askContacts   = `SELECT id, version, name, language FROM contacts WHERE id = ANY($1)`
	askIdentities = `SELECT contact, kind, value, verified, opted_out, failed FROM identities WHERE contact <> 0 AND contact = ANY($1) ORDER BY contact, created_at, address`

	ticketColumns = `t.id, t.version, t.contact, t.inbox, t.queue, t.category, t.priority, t.status, t.subject, t.language,
t.channels, t.numbers, t.participants, t.informed, t.messages, t.opened_at, t.last_at, t.follows`

	askRecent = `SELECT ` + ticketColumns + ` FROM EACH($1::bigint[]) AS c JOIN tickets t ON t.id {in SELECT id FROM tickets
WHERE contact <> 0 AND contact = c.value ORDER BY opened_at DESC, id DESC LIMIT 20} ORDER BY t.contact, t.opened_at DESC, t.id DESC`
	askTickets = `SELECT ` + ticketColumns + ` FROM tickets t WHERE t.id = ANY($1)`
)

func contactOf(f *pipeline.Facts) func(scanner) error {
	return func(row scanner) error {
		c := &identify.Contact{}
		err := row.Scan(&c.ID, &c.Version, &c.Name, &c.Language)
		f.Contacts[c.ID] = c
		return err
	}
}

// identityOf hangs identities on their contacts, which have been read before.
func identityOf(f *pipeline.Facts) func(scanner) error {
	return func(row scanner) error {
		var contact int64
		var i identify.Identity
		if err := row.Scan(&contact, &i.Kind, &i.Value, &i.Verified, &i.OptedOut, &i.Failed); err != nil {
			return err
		}
		if c := f.Contacts[contact]; c != nil {
			c.Identities = append(c.Identities, i)
			f.Owners[i.Identity] = contact
		}
		return nil
	}
}

func ticketOf(f *pipeline.Facts, recent bool) func(scanner) error {
	return func(row scanner) error {
		t, err := scanTicket(row)
		if err != nil {
			return err
		}
		if f.Tickets[t.ID] == nil {
			f.Tickets[t.ID] = t
		}
		if recent {
			f.ByContact[t.Contact] = append(f.ByContact[t.Contact], t.ID)
		}
		return nil
	}
}

func scanTicket(row scanner, more ...any) (*thread.Ticket, error) {
	t := &thread.Ticket{}
	var channels, numbers, participants, informed string
	var opened, last int64
	dest := append([]any{&t.ID, &t.Version, &t.Contact, &t.Inbox, &t.Queue, &t.Category, &t.Priority, &t.Status, &t.Subject, &t.Language,
		&channels, &numbers, &participants, &informed, &t.Messages, &opened, &last, &t.Follows}, more...)
	if err := row.Scan(dest...); err != nil {
		return nil, err
	}
	t.OpenedAt, t.LastAt = moment(opened), moment(last)
	var err error
	if t.Channels, err = unlist[string](channels); err != nil {
		return nil, fmt.Errorf("reading ticket %d: %w", t.ID, err)
	}
	if t.Numbers, err = unlist[string](numbers); err != nil {
		return nil, fmt.Errorf("reading ticket %d: %w", t.ID, err)
	}
	if t.Participants, err = unlist[message.Identity](participants); err != nil {
		return nil, fmt.Errorf("reading ticket %d: %w", t.ID, err)
	}
	if t.Informed, err = unlist[string](informed); err != nil {
		return nil, fmt.Errorf("reading ticket %d: %w", t.ID, err)
	}
	return t, nil
}
