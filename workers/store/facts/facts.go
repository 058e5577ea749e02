package facts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// asked is what a batch asks for, in keys of the database. Maps lead back from key to question.
type asked struct {
	identities map[string]message.Identity
	senders    map[string]message.Identity // by which messages are counted
	mailboxes  map[string]message.Identity // by which acknowledgements are counted
	tombs      map[string]message.Identity // keyed digests under which erased addresses are kept
	references map[string]string
	own        map[string]string // references that messages of the batch bear themselves
	threads    map[string]string
	contents   map[string]string
	versions   map[string]string // key → as asked
	speakers   map[string]string // who says something in the name of an address that nobody has proven
	domains    map[string]bool
	scopes     map[string]bool
	prints     map[string][2]string // key → domain, fingerprint
	effects    map[string][]pipeline.BouncedBy
	providers  map[string][]pipeline.BouncedBy
	tickets    map[int64]bool
	sides      map[int64]bool
	coded      bool
	contacts   map[int64]bool // found in the first round
	exceptions map[string]pipeline.Exception
}

// Facts reads all that the decisions of one batch need to know, in two rounds of indexed queries
// upon one view of the data: whatever changes meanwhile changes the version of a contact or ticket
// that was read, or takes a key that the commit takes too. messages and inboxes are those of the batch.
func (s *Store) Facts(ctx context.Context, asks []pipeline.Asks, messages []int64, inboxes []string, now time.Time) (*pipeline.Facts, error) {
	f := pipeline.NewFacts()
	a := s.collect(asks)
	err := s.base.DB.Snapshot(ctx, func(t sql.Tx) error {
		if err := t.Run(ctx, s.firstRound(a, f, messages, inboxes, now)...); err != nil {
			return err
		}
		calls := secondRound(a, f)
		if persons := s.persons(f, asks); len(persons) > 0 {
			calls = append(calls, a.saidBy(f, persons, now))
		}
		return t.Last(ctx, calls...)
	})
	if err != nil {
		return nil, fmt.Errorf("reading known facts: %w", err)
	}
	return f, nil
}

func note[K comparable](into map[K]bool, keys []K) {
	for _, k := range keys {
		into[k] = true
	}
}

func (s *Store) collect(asks []pipeline.Asks) *asked {
	a := &asked{
		identities: map[string]message.Identity{}, senders: map[string]message.Identity{}, mailboxes: map[string]message.Identity{}, tombs: map[string]message.Identity{}, references: map[string]string{}, own: map[string]string{}, threads: map[string]string{},
		contents: map[string]string{}, versions: map[string]string{}, speakers: map[string]string{}, domains: map[string]bool{}, scopes: map[string]bool{}, prints: map[string][2]string{},
		effects: map[string][]pipeline.BouncedBy{}, providers: map[string][]pipeline.BouncedBy{},
		tickets: map[int64]bool{}, sides: map[int64]bool{}, contacts: map[int64]bool{}, exceptions: map[string]pipeline.Exception{},
	}
	s.claimants(a, asks)
	for _, q := range asks {
		a.address(s, q.From)
		if q.Recipient != q.From {
			a.address(s, q.Recipient)
		}
		if from := q.Sender(); !from.IsZero() {
			a.senders[s.base.Address(from)] = from
		}
		if box := q.Mailbox(); !box.IsZero() {
			a.mailboxes[s.base.Address(box)] = box
		}
		for _, t := range q.Tokens {
			a.tickets[t.Ticket] = true
		}
		a.coded = a.coded || q.Coded
		note(a.sides, q.Sides)
		for _, r := range slices.Concat(q.References, q.Mine) {
			a.references[s.base.Key(r)] = r
		}
		if q.Own != "" {
			a.references[s.base.Key(q.Own)], a.own[s.base.Key(q.Own)] = q.Own, q.Own
		}
		note(a.scopes, q.Scopes)
		for _, thread := range []string{q.Thread, q.Beside} {
			if thread != "" {
				a.threads[s.base.Key(thread)] = thread
			}
		}
		for _, content := range []string{q.Content, q.Vouched} {
			if content != "" {
				a.contents[s.base.Key(content)] = content
			}
		}
		if q.Version != "" {
			a.versions[s.base.Key(q.Version)] = q.Version
		}
		if d := q.Domain(); d != "" {
			a.domains[s.base.Key(d)] = true
			if q.Print != "" {
				a.prints[s.base.PrintKey(d, q.Print)] = [2]string{d, q.Print}
			}
		}
		for _, e := range q.Exceptions {
			a.exceptions[s.base.ExceptionDigest(e)] = e
		}
		s.collectBounced(a, q.Bounced)
	}
	return a
}

// address asks for all that is kept under an address.
func (a *asked) address(s *Store, id message.Identity) {
	if !id.IsZero() {
		a.identities[s.base.Address(id)] = id
		a.tombs[s.base.AddressTomb(id)] = id
	}
}

func (s *Store) collectBounced(a *asked, by []pipeline.BouncedBy) {
	for _, b := range by {
		if b.Key != "" {
			k := s.base.Key(b.Key)
			a.effects[k] = append(a.effects[k], b)
		}
		if b.MessageID != "" {
			k := s.base.Key(b.MessageID)
			a.providers[k] = append(a.providers[k], b)
		}
	}
}

// firstRound asks for everything that hangs on the questions themselves.
func (s *Store) firstRound(a *asked, f *pipeline.Facts, messages []int64, inboxes []string, now time.Time) []sql.Call {
	var calls []sql.Call
	when := func(any bool, c sql.Call) {
		if any {
			calls = append(calls, c)
		}
	}
	hour, day, week := sql.Micros(now.Add(-time.Hour)), sql.Micros(now.Add(-24*time.Hour)), sql.Micros(now.Add(-7*24*time.Hour))
	addresses := sql.KeysOf(a.identities)
	when(len(addresses) > 0, sql.Ask(a.owner(f), askOwners, addresses))
	when(len(a.senders) > 0, sql.Ask(a.traffic(f, day, hour), askTraffic, sql.KeysOf(a.senders), week))
	when(len(addresses) > 0, sql.Ask(a.erased(f), base.AskTombs, sql.KeysOf(a.tombs)))
	when(len(addresses) > 0, sql.Ask(a.blocked(f), askBlocks, addresses))
	when(len(a.mailboxes) > 0, sql.Ask(a.sends(f, hour), askSends, sql.KeysOf(a.mailboxes), day))
	when(len(a.references) > 0, sql.Ask(a.named(f.References, a.references), askReferences, sql.KeysOf(a.references)))
	when(a.coded, sql.Ask(waiting(f), askChecks, sql.Micros(now.Add(-lateAnswer))))
	when(len(a.sides) > 0, sql.Ask(a.side(f), askSides, sql.KeysOf(a.sides)))
	when(len(a.threads) > 0, sql.Ask(a.named(f.Threads, a.threads), askThreads, sql.KeysOf(a.threads)))
	when(len(a.contents) > 0, sql.Ask(a.copies(f), askContents, sql.KeysOf(a.contents), week))
	when(len(a.versions) > 0, sql.Ask(a.seen(f), askVersions, sql.KeysOf(a.versions)))
	when(len(a.speakers) > 0, a.saidBy(f, a.speakers, now))
	when(len(a.domains) > 0, sql.Ask(domains(f), askDomains, sql.KeysOf(a.domains), hour))
	when(len(a.scopes) > 0, sql.Ask(scopesOf(f), askScopes, sql.KeysOf(a.scopes), base.Slot(now.Add(-time.Hour)), base.Slot(now.Add(-24*time.Hour))))
	when(len(a.prints) > 0, sql.Ask(a.said(f), askPrints, sql.KeysOf(a.prints), day))
	when(len(a.effects) > 0, sql.Ask(bounced(f, a.effects), askEffectKeys, sql.KeysOf(a.effects)))
	when(len(a.providers) > 0, sql.Ask(bounced(f, a.providers), askEffectProviders, sql.KeysOf(a.providers)))
	when(len(a.exceptions) > 0, sql.Ask(a.excepted(f), askExceptions, sql.KeysOf(a.exceptions)))
	when(len(inboxes) > 0, sql.Ask(since(f), askSince, inboxes))
	when(len(messages) > 0, sql.Ask(lanes(f), askLanes, sql.Sorted(messages)))
	return calls
}

// lateAnswer is how long after a check has ended an answer to it may be decided that came in time.
const lateAnswer = time.Hour

const (
	askOwners = `SELECT address, contact, opted_out, failed FROM identities WHERE address = ANY($1)`

	// Each address has its newest in one text, a line each.
	askTraffic = `SELECT a.value, coalesce((SELECT string_agg(newest.decided_at || ' ' || newest.fingerprint, '` + "\n" + `') FROM (SELECT decided_at, fingerprint FROM messages
WHERE counted AND sender = a.value AND decided_at > $2 ORDER BY decided_at DESC LIMIT 1000) AS newest), '') FROM EACH($1::text[]) AS a`

	// Rows of an older program have no counted_as: they count by their recipient alone.
	askSends = `SELECT a.value, coalesce((SELECT string_agg(newest.created_at || ' ' || newest.kind || ' ' || newest.due_at, '` + "\n" + `') FROM (SELECT created_at, kind, due_at FROM outbox
WHERE counted AND counted_as <> '' AND counted_as = a.value AND created_at > $2 ORDER BY created_at DESC LIMIT 1000) AS newest), ''),
coalesce((SELECT string_agg(newest.created_at || ' ' || newest.kind || ' ' || newest.due_at, '` + "\n" + `') FROM (SELECT created_at, kind, due_at FROM outbox
WHERE counted AND counted_as = '' AND recipient = a.value AND created_at > $2 ORDER BY created_at DESC LIMIT 1000) AS newest), '') FROM EACH($1::text[]) AS a`

	askReferences = `SELECT digest, ticket FROM mail_references WHERE digest = ANY($1)`
	askChecks     = `SELECT c.id, c.ticket, c.mac, c.ends_at, CASE WHEN c.joins <> 0 THEN t.contact ELSE 0 END FROM checks c JOIN tickets t ON t.id = c.ticket WHERE c.result = '' AND c.ends_at > $1 ORDER BY c.ends_at LIMIT 10000`
	askSides      = `SELECT s.id, s.ticket, s.address, NOT EXISTS (SELECT 1 FROM messages m WHERE m.ticket <> 0 AND m.ticket = s.ticket AND m.erased_at = 0)
FROM side_threads s WHERE s.id = ANY($1)`
	askThreads = `SELECT thread, ticket FROM conversations WHERE thread = ANY($1)`
	// Older programs noted of no mail that it was proven, so only what came lately is doubted.
	askContents = `SELECT c.digest, c.message, c.inbox, c.ticket, coalesce(m.erased_at, 0) <> 0, coalesce(NOT m.proven AND m.decided_at > $2, false)
AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.message <> 0 AND o.message = c.message AND ` + toldSender + `)
FROM content_keys c LEFT JOIN messages m ON m.id = c.message WHERE c.digest = ANY($1)`

	// toldSender: the acknowledgement o of the message m goes to the address in its From, by itself or in a digest.
	toldSender = `o.kind = 'acknowledgement' AND (o.state <> 'withheld' OR o.cause = 'sender-cap') AND o.recipient = ltrim(m.sender, '?')`

	askVersions = `SELECT v.digest, v.message, v.seen, coalesce(m.erased_at, 0) <> 0 FROM versions v LEFT JOIN messages m ON m.id = v.message WHERE v.digest = ANY($1)`

	askDomains = `SELECT d.value, (SELECT count(*) FROM (SELECT 1 AS one FROM outbox
WHERE counted AND domain <> '' AND domain = d.value AND created_at > $2 LIMIT 5000) AS sends) FROM EACH($1::text[]) AS d`

	askPrints = `SELECT p.value, (SELECT count(*) FROM (SELECT 1 AS one FROM outbox
WHERE counted AND domain_print <> '' AND domain_print = p.value AND created_at > $2 LIMIT 1000) AS sends) FROM EACH($1::text[]) AS p`

	askEffectKeys      = `SELECT key, id, key, kind, ticket, to_value, erased FROM outbox WHERE key = ANY($1)`
	askEffectProviders = `SELECT provider_id, id, key, kind, ticket, to_value, erased FROM outbox WHERE provider_id <> '' AND provider_id = ANY($1)`

	askSince = `SELECT inbox, connected_at FROM inbox_status WHERE inbox = ANY($1)`
	askLanes = `SELECT message_id, released, imported, apart FROM undecided WHERE message_id = ANY($1)`
)

// secondRound asks for the contacts and tickets that the first one named.
func secondRound(a *asked, f *pipeline.Facts) []sql.Call {
	var calls []sql.Call
	contacts, tickets := sql.KeysOf(a.contacts), sql.KeysOf(a.tickets)
	if len(contacts) > 0 {
		calls = append(calls,
			sql.Ask(contactOf(f), askContacts, contacts),
			sql.Ask(identityOf(f), askIdentities, contacts),
			sql.Ask(ticketOf(f, true), askRecent, contacts))
	}
	if len(tickets)+len(contacts) > 0 {
		calls = append(calls, sql.Ask(ticketOf(f, false), askTickets, orNobody(tickets), orNobody(contacts)))
	}
	if twins := a.twins(f); len(twins) > 0 {
		calls = append(calls, sql.Ask(a.twin(f), askTwins, twins))
	}
	return calls
}

// orNobody is a list with an id that nobody has in the place of an empty one, for which PostgreSQL's planner would take any index.
func orNobody(ids []int64) []int64 {
	if len(ids) == 0 {
		return []int64{-1}
	}
	return ids
}

const (
	askTwins = `SELECT r.digest, m.id, m.inbox, m.ticket, m.sender_kind, m.sender_value, m.proven, m.sent_at, m.visible, m.quoted,
coalesce((SELECT string_agg(a.name, '` + "\n" + `') FROM attachments a WHERE a.message = m.id), ''),
EXISTS (SELECT 1 FROM outbox o WHERE o.message <> 0 AND o.message = m.id AND ` + toldSender + `)
FROM mail_references r JOIN messages m ON m.ticket = r.ticket AND m.reference = r.digest WHERE r.digest = ANY($1) AND m.ticket <> 0 AND m.erased_at = 0 ORDER BY m.id`

	askContacts   = `SELECT id, version, name, language FROM contacts WHERE id = ANY($1)`
	askIdentities = `SELECT contact, kind, value, verified, opted_out, failed FROM identities WHERE contact <> 0 AND contact = ANY($1) ORDER BY contact, created_at, address`
)

var (
	askRecent = `SELECT ` + tables.TicketColumns + ` FROM EACH($1::bigint[]) AS c JOIN tickets t ON t.id {in SELECT id FROM tickets
WHERE contact <> 0 AND contact = c.value ORDER BY opened_at DESC, id DESC LIMIT 20} ORDER BY t.contact, t.opened_at DESC, t.id DESC`
	// Of those that are merged into another one, that comes with them.
	askTickets = `SELECT ` + tables.TicketColumns + ` FROM tickets t WHERE t.id {in SELECT id FROM tickets WHERE id = ANY($1)
UNION SELECT merged_into FROM tickets WHERE id = ANY($1) AND merged_into <> 0 UNION SELECT merged_into FROM tickets WHERE contact <> 0 AND contact = ANY($2) AND merged_into <> 0}`
)
