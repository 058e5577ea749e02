package erasure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Person is somebody who is to be erased: a contact with the addresses, or addresses that are no
// contact's, such as that of a sender whose messages were only ever parked.
type Person struct {
	Contact   int64          `json:"contact,omitempty"`
	Addresses []KnownAddress `json:"addresses"`
	Begun     base.Stamp     `json:"begun"` // when an erasure began that has not ended
}

// KnownAddress is one address of a person.
type KnownAddress struct {
	message.Identity
	Verified bool `json:"verified"`
	OptedOut bool `json:"opted_out,omitempty"`
}

// Person reads a contact. ErrNotFound: there is none with that id, or it is erased.
// A contact without a proven address has what its messages claimed: an address that anybody may have typed.
func (s *Store) Person(ctx context.Context, contact int64) (Person, error) {
	var p Person
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		p = Person{}
		return t.Run(ctx,
			sql.Ask(func(row sql.Row) error {
				var begun int64
				err := row.Scan(&p.Contact, &begun)
				p.Begun = base.StampOf(begun)
				return err
			}, `SELECT id, erasing_at FROM contacts WHERE id = $1`, contact),
			sql.Ask(func(row sql.Row) error {
				var a KnownAddress
				err := row.Scan(&a.Kind, &a.Value, &a.Verified, &a.OptedOut)
				p.Addresses = append(p.Addresses, a)
				return err
			}, `SELECT kind, value, verified, opted_out FROM identities WHERE contact <> 0 AND contact = $1 ORDER BY created_at, address`, contact))
	})
	if err == nil && p.Contact == 0 {
		err = sql.ErrNotFound
	}
	if err == nil && len(p.Addresses) == 0 {
		p.Addresses, err = s.claimedBy(ctx, contact)
	}
	if err != nil {
		return Person{}, fmt.Errorf("reading contact: %w", err)
	}
	return p, nil
}

// claimedBy are the addresses that a contact without a proven one has claimed: it is known by nothing else.
func (s *Store) claimedBy(ctx context.Context, contact int64) (out []KnownAddress, err error) {
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		out = nil
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var a KnownAddress
			err := row.Scan(&a.Kind, &a.Value, &a.OptedOut)
			out = append(out, a)
			return err
		}, `SELECT DISTINCT i.kind, i.value, i.opted_out FROM tickets t JOIN messages m ON m.ticket <> 0 AND m.ticket = t.id
JOIN identities i ON i.contact = 0 AND (i.address = ltrim(m.sender, '?') OR i.address {in SELECT c.address FROM claims c WHERE c.message = m.id})
WHERE t.contact <> 0 AND t.contact = $1 AND m.contact = $1 ORDER BY i.kind, i.value`, contact))
	})
	return out, err
}

// PersonAt finds the person behind an address. An address that is nobody's is a person of its own.
// It goes by the primary key of identities. An address that was only ever parked is in no table by itself; the sweep
// opens the originals for it.
func (s *Store) PersonAt(ctx context.Context, id message.Identity) (Person, error) {
	contact, own := int64(0), KnownAddress{Identity: id}
	err := s.base.Read(ctx, "looking up address", sql.Ask(sql.Into(&contact, &own.Verified, &own.OptedOut), `SELECT contact, verified, opted_out FROM identities WHERE address = $1`, s.base.Address(id)))
	if err != nil {
		return Person{}, err
	}
	if contact == 0 {
		return Person{Addresses: []KnownAddress{own}}, nil
	}
	return s.Person(ctx, contact)
}

// Unfinished lists the contacts whose erasure was begun and has not come to its end, along the partial index
// contacts_erasing. An erasure of an address alone leaves no such mark: there is no row that could bear it.
func (s *Store) Unfinished(ctx context.Context) ([]int64, error) {
	out := []int64{}
	err := s.base.Read(ctx, "listing unfinished erasures", sql.Ask(sql.Each64(&out), `SELECT id FROM contacts WHERE erasing_at > 0 ORDER BY id`))
	return out, err
}

// Erasure says how a person is erased. Who may be "" for nobody.
type Erasure struct {
	Who   string // for the journal
	Block bool   // what the person sends later is dropped, too
	// Wait is called while something of the person is under way: an undecided message, a send. It
	// returns false when it has waited for long enough. nil waits for nothing.
	Wait func(ctx context.Context) bool
	// Tell is called as the search goes on. nil: nobody listens.
	Tell func(table string, rows int64)
}

// Erased tells what was erased, and what the search after it found. The figures count rows that were changed in this
// run; an erasure that was broken off and is run again counts the rest alone.
type Erased struct {
	Contact   int64  `json:"contact,omitempty"`
	Messages  int    `json:"messages"`
	Tickets   int    `json:"tickets"`
	Effects   int    `json:"effects"`
	Originals int    `json:"originals"`
	Blobs     int    `json:"blobs"`
	Addresses int    `json:"addresses"` // that were known, and are not any more
	Shared    int    `json:"shared"`    // attachments that somebody else's message holds as well: they stay
	Mentions  int    `json:"mentions"`  // rows of others that named the person
	Proof     Traces `json:"proof"`     // of the search afterwards: without findings, or something is left
	Words     []Word `json:"-"`         // what was erased and is found nowhere else: for a search of the files
	Effected  []Sent `json:"-"`         // what was sent to the person, by its key
	Elsewhere int    `json:"elsewhere"` // phrases of the person's that others' messages hold as well
}

// Nothing reports whether nothing of the person was there.
func (e Erased) Nothing() bool {
	return e.Contact == 0 && e.Messages+e.Tickets+e.Effects+e.Originals+e.Blobs+e.Addresses+e.Mentions == 0
}

// Sent names an effect that was handed to the person.
type Sent struct{ Key string }

// Word is something to look for in files; Kind is what it is (address, name, subject, text, message id), since it
// must not be printed itself.
type Word struct{ Kind, Text string }

// BusyError says that something of the person is under way. Nothing of the person was erased yet, or, where an effect
// began to be sent while the erasure ran, not all; running it again goes on.
type BusyError struct {
	Messages []int64 // undecided, and naming the person
	Effects  []int64 // being sent
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("%d messages of this person are not decided yet and %d effects are being sent", len(e.Messages), len(e.Effects))
}

// ErrRestless says that messages of the person kept coming in while they were erased.
var ErrRestless = errors.New("messages of this person keep coming in")

// eraseRounds bounds how often the search and the mending follow each other. Two are usual: one that mends, one that
// finds nothing. More are needed only while messages of the person come in, and five in a row say that they will not
// stop.
const eraseRounds = 5

// Find searches all tables for a person and changes nothing. It reads the whole database and opens everything sealed,
// in pages, so it holds nobody up and takes as long as the database is large. tell may be nil.
func (s *Store) Find(ctx context.Context, p Person, tell func(string, int64)) (Traces, error) {
	w := s.newSweep(p, tell)
	if err := w.all(ctx); err != nil {
		return Traces{}, fmt.Errorf("searching: %w", err)
	}
	return w.found, nil
}

// Erase removes a person: rows that the books need stay without text, address and key. It works in short
// transactions, in an order in which a half-done erasure is seen (the contact goes last), and may be repeated.
// Afterwards it searches all tables again: see Erased.Proof. The errors that a caller tells apart are *BusyError and
// ErrRestless.
func (s *Store) Erase(ctx context.Context, p Person, o Erasure, now time.Time) (Erased, error) {
	if err := s.base.Ring.Turn(ctx, now); err != nil {
		return Erased{}, err
	}
	e := &eraser{s: s, p: p, o: o, now: now, out: Erased{Contact: p.Contact}, claimants: map[int64]bool{}, words: map[Word]bool{}, removed: map[string][]byte{}}
	if err := e.run(ctx); err != nil {
		return e.out, fmt.Errorf("erasing: %w", err)
	}
	return e.out, nil
}

// eraser is one erasure.
type eraser struct {
	s   *Store
	p   Person
	o   Erasure
	now time.Time
	out Erased
	// claimants are contacts that the person's unproven messages made; they have no addresses and go with them.
	claimants map[int64]bool
	words     map[Word]bool
	going     map[int64]bool    // messages that the round is about to erase
	removed   map[string][]byte // blobs that were removed, until it is sure that nobody needs them
}

// run waits until nothing is under way, has SQLite overwrite what it deletes from now on, marks the contact, and goes
// in rounds.
func (e *eraser) run(ctx context.Context) error {
	if err := e.quiet(ctx); err != nil {
		return err
	}
	if err := e.s.base.DB.Shred(ctx); err != nil {
		return err
	}
	if err := e.begin(ctx); err != nil {
		return err
	}
	for range eraseRounds {
		clean, err := e.round(ctx)
		if err != nil {
			return err
		}
		if !clean {
			continue
		}
		err = e.end(ctx)
		if errors.Is(err, errCame) {
			continue
		}
		if err != nil {
			return err
		}
		return e.prove(ctx)
	}
	return ErrRestless
}

// quiet waits until nothing that names the person is undecided or being sent. An undecided message would be decided
// with what was just erased; so it comes first, and costs a look through all originals that wait.
func (e *eraser) quiet(ctx context.Context) error {
	for {
		w := e.s.newSweep(e.p, nil)
		if err := w.underWay(ctx); err != nil {
			return err
		}
		if len(w.found.Undecided) == 0 && len(w.found.Sending) == 0 {
			return nil
		}
		if e.o.Wait == nil || !e.o.Wait(ctx) {
			return &BusyError{Messages: w.found.Undecided, Effects: w.found.Sending}
		}
	}
}

// begin marks the contact, so that a half-done erasure is seen; its new version makes whoever decides about the
// person now decide again (sql.ErrConflict at his commit), so that no plan brings back what he had read before.
func (e *eraser) begin(ctx context.Context) error {
	if e.p.Contact == 0 {
		return nil
	}
	return e.s.base.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Do(`UPDATE contacts SET erasing_at = $2, version = version + 1 WHERE id = $1`, e.p.Contact, sql.Micros(e.now)))
	})
}

// round searches once and mends what was found. Words of what goes are remembered over the rounds: the next one
// cannot read them any more.
func (e *eraser) round(ctx context.Context) (clean bool, err error) {
	w := e.s.newSweep(e.p, e.o.Tell)
	w.claimants = e.claimants
	if err := w.all(ctx); err != nil {
		return false, err
	}
	for _, word := range w.words {
		e.words[word] = true
	}
	f := w.found
	if f.none() {
		return true, nil
	}
	return false, e.mend(ctx, f)
}

// mend removes what a search has found. Acknowledgements come before the messages that they are about, and so do the
// numbers that those brought into tickets of others: once a message is blank, nothing tells whose these were. While one of
// them is being sent nothing else is done.
func (e *eraser) mend(ctx context.Context, f Traces) error {
	e.going = map[int64]bool{}
	for _, id := range f.Messages {
		e.going[id] = true
	}
	for _, step := range []struct {
		ids []int64
		do  func(context.Context, []int64) error
	}{
		{f.Effects, e.effects}, {f.Replies, e.replies}, {f.Sides, e.sides}, {f.Drafts, e.drafts}, {f.Files, e.enclosures}, {f.joined, e.joined}, {f.Messages, e.messages}, {f.Tickets, e.tickets}, {f.Others.Messages, e.otherMessages},
		{f.Others.Tickets, e.otherTickets}, {f.Others.Decisions, e.otherDecisions}, {f.Others.Originals, e.otherOriginals},
		{f.Others.Effects, e.otherEffects}, {f.Others.Journal, e.journal}, {f.Others.Letters, e.letters}, {f.Others.Keys, e.keys},
		{f.Others.Attempts, e.mention(`UPDATE outbox_attempts SET code = '', detail = '' WHERE effect = ANY($1)`)},
		{f.Others.Receipts, e.mention(`DELETE FROM receipts WHERE id = ANY($1)`)},
		{f.Others.Opinions, e.mention(`DELETE FROM opinions WHERE message = ANY($1)`)},
		{f.Others.Copies, e.mention(`DELETE FROM copies WHERE message = ANY($1)`)},
		{f.Others.Readings, e.otherReadings}, {f.Others.Words, e.otherWords}, {f.Others.Attachments, e.otherAttachments},
		{f.Others.Indexed, e.indexed}, {f.Others.Replies, e.otherReplies}, {f.Others.Sides, e.otherSides}, {f.Others.Drafts, e.otherDrafts}, {f.Others.Files, e.otherEnclosures}, {f.Others.Views, e.mention(`DELETE FROM views WHERE id = ANY($1)`)},
	} {
		for ids := range slices.Chunk(step.ids, eraseBatch) {
			if err := step.do(ctx, ids); err != nil {
				return err
			}
		}
	}
	return e.conversations(ctx, f.Others.Conversations)
}

// eraseBatch is how many rows one transaction changes: a few milliseconds of the writer on SQLite, so that live
// messages hardly wait.
const eraseBatch = 50

// end removes the contact with its addresses, claims, blocks and exceptions, and writes the journal, all in one transaction.
// Of an address at which the person said STOP, or who is to be blocked, a keyed digest stays, so that the next
// message from there is treated so. The contact's row is locked first, so that no commit gives it an address
// meanwhile.
func (e *eraser) end(ctx context.Context) error {
	ids, err := e.s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return err
	}
	return e.s.base.Write(ctx, func(t sql.Tx) error {
		keys := e.addressKeys()
		if err := t.Run(ctx, sql.Ask(func(sql.Row) error { return nil }, `SELECT id FROM contacts WHERE id = $1 FOR UPDATE`, e.p.Contact)); err != nil {
			return err
		}
		stopped := map[string]bool{}
		e.out.Addresses = 0
		gone := func(row sql.Row) error {
			var a KnownAddress
			err := row.Scan(&a.Kind, &a.Value, &a.OptedOut)
			e.out.Addresses++
			if a.OptedOut {
				stopped[e.s.base.AddressTomb(a.Identity)] = true
			}
			return err
		}
		if err := t.Run(ctx, e.s.find.Unsearch(ticketsNaming, keys)...); err != nil { // the claims below are words of these tickets
			return err
		}
		if err := t.Run(ctx, sql.Ask(gone, `DELETE FROM identities WHERE contact <> 0 AND contact = $1 RETURNING kind, value, opted_out`, e.p.Contact),
			sql.Ask(gone, `DELETE FROM identities WHERE contact = 0 AND address = ANY($1) RETURNING kind, value, opted_out`, keys),
			sql.Do(`DELETE FROM claims WHERE address = ANY($1)`, keys), sql.Do(`DELETE FROM blocks WHERE address = ANY($1)`, keys),
			sql.Do(`DELETE FROM exceptions WHERE digest = ANY($1)`, e.exceptionDigests())); err != nil {
			return err
		}
		late := false // asked behind the lock of the addresses, which whoever writes to one that is known holds until his row is there
		if err := t.Run(ctx, sql.Ask(sql.Value(func(int64) { late = true }), lateSends, keys)); err != nil || late {
			return cmp.Or(err, errCame)
		}
		if err := e.leave(ctx, t, append(sql.KeysOf(e.claimants), e.p.Contact)...); err != nil {
			return err
		}
		return t.Run(ctx, base.InsertTombs.Put(e.addressTombs(stopped)...), sql.Do(`DELETE FROM contacts WHERE id = $1`, e.p.Contact),
			sql.Do(`DELETE FROM contacts WHERE id = ANY($1) AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.contact <> 0 AND i.contact = contacts.id)`, sql.KeysOf(e.claimants)),
			base.Note(ids[0], e.now, e.o.Who, "erase", 0, 0, e.summary()))
	})
}

// errCame says that something was written to the person behind the last search.
var errCame = errors.New("something was written to the person meanwhile")

// lateSends asks for a row that is still to be sent to one of these addresses. It goes along what waits.
const lateSends = `SELECT id FROM outbox WHERE wake_at > 0 AND recipient = ANY($1) AND NOT erased LIMIT 1`

// ticketsNaming are the tickets with a message that has given one of these addresses ("kind:value") beside its sender's.
const ticketsNaming = `SELECT m.ticket FROM claims c JOIN messages m ON m.id = c.message WHERE c.address = ANY($1) AND m.ticket <> 0`

// addressKeys are the person's addresses as the database has them, "kind:value".
func (e *eraser) addressKeys() []string {
	out := make([]string, len(e.p.Addresses))
	for i, a := range e.p.Addresses {
		out[i] = e.s.base.Address(a.Identity)
	}
	return out
}

// exceptionDigests are those under which a person may have been let in.
func (e *eraser) exceptionDigests() []string {
	out := make([]string, len(e.p.Addresses))
	for i, a := range e.p.Addresses {
		out[i] = e.s.base.ExceptionDigest(pipeline.Exception{Kind: pipeline.ExceptSender, Value: a.Value})
	}
	slices.Sort(out)
	return out
}

// addressTombs are the digests that stay, sorted as they are inserted everywhere, so that two erasures never lock
// them crosswise.
func (e *eraser) addressTombs(stopped map[string]bool) []base.TombRow {
	var rows []base.TombRow
	for _, a := range e.p.Addresses {
		digest := e.s.base.AddressTomb(a.Identity)
		if e.o.Block || stopped[digest] {
			rows = append(rows, base.TombRow{Digest: digest, Kind: base.TombAddress, Stopped: stopped[digest], Blocked: e.o.Block, At: e.now})
		}
	}
	return base.SortedTombs(rows)
}

// summary is the journal's detail: numbers only.
func (e *eraser) summary() string {
	o := e.out
	return fmt.Sprintf("contact %d: %d messages, %d tickets, %d effects, %d originals, %d blobs; %d rows of others masked", o.Contact, o.Messages,
		o.Tickets, o.Effects, o.Originals, o.Blobs, o.Mentions)
}

// prove searches again, and puts back what somebody else turned out to need. Beside the person's traces it watches
// the erased words in what others wrote: those that others use as well say nothing when they are found in a file, and
// are left out of Words.
func (e *eraser) prove(ctx context.Context) error {
	w := e.s.newSweep(e.p, e.o.Tell)
	for word := range e.words {
		w.watch[word] = true
	}
	for _, a := range e.p.Addresses {
		for _, text := range spellings(a.Identity) {
			w.watch[Word{"address", text}] = true
		}
	}
	if err := w.all(ctx); err != nil {
		return err
	}
	e.out.Proof = w.found
	for word, only := range w.watch {
		if only {
			e.out.Words = append(e.out.Words, word)
		} else {
			e.out.Elsewhere++
		}
	}
	return e.putBack(ctx)
}
