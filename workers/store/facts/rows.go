package facts

import (
	"iter"
	"strconv"
	"strings"

	"frontdesk/pipeline"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// The readers below carry the rows of the questions in facts.go into the view of the batch.

func (a *asked) owner(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		var address string
		var contact int64
		var stopped, failed bool
		if err := row.Scan(&address, &contact, &stopped, &failed); err != nil {
			return err
		}
		if contact == 0 {
			if stopped {
				f.Stopped[a.identities[address]] = true
			}
			if failed {
				f.Failed[a.identities[address]] = true
			}
			return nil
		}
		f.Owners[a.identities[address]] = contact
		a.contacts[contact] = true
		return nil
	}
}

// erased reads what is kept of addresses whose persons were erased.
func (a *asked) erased(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		var digest string
		var stopped, blocked bool
		if err := row.Scan(&digest, &stopped, &blocked); err != nil {
			return err
		}
		if stopped {
			f.Stopped[a.tombs[digest]] = true
		}
		if blocked {
			f.Forgotten[a.tombs[digest]] = true
		}
		return nil
	}
}

func sender(f *pipeline.Facts, id message.Identity) *pipeline.SenderFacts {
	if f.Senders[id] == nil {
		f.Senders[id] = &pipeline.SenderFacts{Prints: map[string]int{}, Week: map[string]int{}}
	}
	return f.Senders[id]
}

// lines are the times and words of a text of lines "time word".
func lines(text string) iter.Seq2[int64, string] {
	return func(yield func(int64, string) bool) {
		for line := range strings.SplitSeq(text, "\n") {
			time, word, _ := strings.Cut(line, " ")
			if at, err := strconv.ParseInt(time, 10, 64); err == nil && !yield(at, word) {
				return
			}
		}
	}
}

func (a *asked) traffic(f *pipeline.Facts, day, hour int64) func(sql.Row) error {
	return func(row sql.Row) error {
		var address, newest string
		if err := row.Scan(&address, &newest); err != nil || newest == "" {
			return err
		}
		sender := sender(f, a.senders[address])
		for at, print := range lines(newest) {
			if at > hour {
				sender.LastHour++
			}
			if print == "" {
				continue
			}
			sender.Week[print]++
			if at > day {
				sender.Prints[print]++
			}
		}
		return nil
	}
}

func (a *asked) sends(f *pipeline.Facts, hour int64) func(sql.Row) error {
	return func(row sql.Row) error {
		var address, newest, older string
		if err := row.Scan(&address, &newest, &older); err != nil || newest == "" && older == "" {
			return err
		}
		sender := sender(f, a.mailboxes[address])
		for _, text := range []string{newest, older} {
			for at, what := range lines(text) {
				countSend(sender, at, what, at > hour)
			}
		}
		return nil
	}
}

// countSend counts a send that was planned at that time: its kind, and when it is due.
func countSend(to *pipeline.SenderFacts, at int64, what string, lately bool) {
	switch kind, due, _ := strings.Cut(what, " "); kind {
	case effects.KindAcknowledgement:
		to.AcksDay++
		if lately {
			to.AcksHour++
		}
	case effects.KindDigest:
		until, err := strconv.ParseInt(due, 10, 64)
		if err != nil {
			until = at
		}
		to.Planned(sql.Moment(at), sql.Moment(until))
	}
}

// named reads (key, ticket) pairs under the names that were asked for.
func (a *asked) named(out map[string]int64, names map[string]string) func(sql.Row) error {
	return func(row sql.Row) error {
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

// waiting reads the checks of who customers are that wait for an answer.
func waiting(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		var c pipeline.Check
		var ends int64
		err := row.Scan(&c.ID, &c.Ticket, &c.Proof, &ends, &c.By)
		c.Ends = sql.Moment(ends)
		f.Checks = append(f.Checks, c)
		return err
	}
}

// side reads side threads; their tickets come with the second round.
func (a *asked) side(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		s := &pipeline.Side{}
		err := row.Scan(&s.ID, &s.Ticket, &s.Address, &s.Erased)
		f.Sides[s.ID], a.tickets[s.Ticket] = s, true
		return err
	}
}

func (a *asked) copies(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		var key string
		var c dedupe.Copy
		if err := row.Scan(&key, &c.Message, &c.Inbox, &c.Ticket, &c.Erased, &c.Unproven); err != nil {
			return err
		}
		f.Contents[a.contents[key]] = c
		if c.Ticket != 0 {
			a.tickets[c.Ticket] = true
		}
		return nil
	}
}

// seen reads what was seen last of messages that can be edited.
func (a *asked) seen(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		var key string
		var v dedupe.Version
		err := row.Scan(&key, &v.Message, &v.Seen, &v.Erased)
		f.Versions[a.versions[key]] = v
		return err
	}
}

// twins are the batch's own references that a ticket's message has borne before.
func (a *asked) twins(f *pipeline.Facts) (out []string) {
	for _, key := range sql.KeysOf(a.own) {
		if f.References[a.own[key]] != 0 {
			out = append(out, key)
		}
	}
	return out
}

// twin reads the first message of a ticket that bore a reference.
func (a *asked) twin(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		var key, visible, quoted, files string
		var w dedupe.Twin
		var sent int64
		if err := row.Scan(&key, &w.Message, &w.Inbox, &w.Ticket, &w.From.Kind, &w.From.Value, &w.Proven, &sent, &visible, &quoted, &files, &w.Told); err != nil {
			return err
		}
		if _, found := f.Twins[a.own[key]]; found {
			return nil
		}
		w.From = message.Address{Kind: w.From.Kind, Value: w.From.Value}.Identity()
		w.Text, w.SentAt = visible+"\n"+quoted, sql.Moment(sent)
		if files != "" {
			w.Files = strings.Split(files, "\n")
		}
		f.Twins[a.own[key]] = w
		return nil
	}
}

func domainFacts(f *pipeline.Facts, name string) *pipeline.DomainFacts {
	if f.Domains[name] == nil {
		f.Domains[name] = &pipeline.DomainFacts{Prints: map[string]int{}}
	}
	return f.Domains[name]
}

func domains(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		var name string
		var n int
		if err := row.Scan(&name, &n); err != nil {
			return err
		}
		domainFacts(f, name).AcksHour = n
		return nil
	}
}

func (a *asked) said(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
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

func bounced(f *pipeline.Facts, names map[string][]pipeline.BouncedBy) func(sql.Row) error {
	return func(row sql.Row) error {
		var name string
		var e pipeline.Effect
		if err := row.Scan(&name, &e.ID, &e.Key, &e.Kind, &e.Ticket, &e.To, &e.Erased); err != nil {
			return err
		}
		for _, by := range names[name] {
			f.Effects[by] = e
		}
		return nil
	}
}

func since(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		var inbox string
		var at int64
		if err := row.Scan(&inbox, &at); err != nil || at == 0 {
			return err
		}
		f.Since[inbox] = sql.Moment(at)
		return nil
	}
}

func lanes(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		var id, apart int64
		var released, imported bool
		if err := row.Scan(&id, &released, &imported, &apart); err != nil {
			return err
		}
		if apart != 0 {
			f.Apart[id] = apart
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

func contactOf(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		c := &contacts.Contact{}
		err := row.Scan(&c.ID, &c.Version, &c.Name, &c.Language)
		f.Contacts[c.ID] = c
		return err
	}
}

// identityOf hangs identities on their contacts, which have been read before.
func identityOf(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		var contact int64
		var i contacts.Identity
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

func ticketOf(f *pipeline.Facts, recent bool) func(sql.Row) error {
	return func(row sql.Row) error {
		t, err := sql.Read[tables.TicketsRow](row)
		if err != nil {
			return err
		}
		if f.Tickets[t.ID] == nil {
			f.Tickets[t.ID] = &t.Ticket
		}
		if recent {
			f.ByContact[t.Contact] = append(f.ByContact[t.Contact], t.ID)
		}
		return nil
	}
}
