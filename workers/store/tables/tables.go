// Package tables holds the rows and statements of tables that several rooms write.
package tables

import (
	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"slices"
)

// Table is what the rest of the program must know of a table, beside its columns: whoever adds one adds a line to Tables, and a
// test says so.
type Table struct {
	Name string
	Key  []string // columns of the primary key
	// Personal are the columns in which a person may be named, openly or sealed; an erasure searches them.
	Personal []string
	Erasure  Erasing
	Fill     *Filling // how a bench copies its rows; nil: it leaves them out
	Books    *Booked  // what an audit of the whole looks at; nil: nothing
}

// Erasing says what an erasure does with the rows of a table.
type Erasing string

// What becomes of rows.
const (
	// Blanked rows stay for the books without text, address and key; in those of others the person's names are masked.
	Blanked Erasing = "blanked"
	// Removed rows are gone.
	Removed Erasing = "removed"
	// Impersonal rows hold nothing of a customer: numbers, keyed digests, and words of the installation itself.
	Impersonal Erasing = "impersonal"
)

// Filling says how a table is copied. Columns that are not named stay as they are; times lie further back.
type Filling struct {
	IDs       map[string]string // column → sequence; 0 stays 0
	Keys      []string          // unique texts, or what refers to such: each copy has its own
	Addresses []string          // addresses of customers, in whole or in part
	// Made are columns with an expression of their own: {copy} is the number of the copy, {ticket} the id of the copied ticket.
	Made map[string]string
	// Only is the condition of the rows that are copied; empty: all.
	Only string
}

// Booked says how an audit walks over a table.
type Booked struct {
	As, ID string // the short name of the table in the statements, and the column by which it is walked
	// Counted are two expressions by which rows are counted, and Counters the counters that count such a row; nil: none does.
	Counted  [2]string
	Counters func(first, second string) []string
	// Strays is the condition of rows that belong to nothing; empty: there are none. Of is what Stray's id is: message, ticket or
	// effect.
	Strays, Of  string
	Rule, Stray string
}

const (
	noDelivery = "NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.id = "
	noTicket   = "NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = "
)

// counts makes the function that counts a row under "what:state".
func counts(what string) func(string, string) []string {
	return func(state, _ string) []string { return []string{what + ":" + state} }
}

// countsOfMessage counts a parked message by its cause, too.
func countsOfMessage(state, cause string) []string {
	out := []string{"message:" + state}
	if state == string(messages.Parked) {
		out = append(out, "parked:"+cause)
	}
	return out
}

// countsOfEffect counts an acknowledgement among all effects and among its like.
func countsOfEffect(kind, state string) []string {
	out := []string{CountEffect + ":" + state}
	if Counter(kind) == CountAcknowledgement {
		out = append(out, CountAcknowledgement+":"+state)
	}
	return out
}

// Tables are all tables of the database. An erasure searches them in this order: tickets come first, since what others wrote in
// them is looked at closer.
func Tables() []Table { return slices.Concat(customerTables(), workTables(), serviceTables()) }

// customerTables hold what customers sent and were sent.
func customerTables() []Table {
	const ofMessages, ofTickets, ofContacts, ofEffects = SequenceMessage, pipeline.SequenceTicket, pipeline.SequenceContact, pipeline.SequenceEffect
	return []Table{
		{Name: "tickets", Key: []string{"id"}, Personal: []string{"subject", "display", "numbers", "participants"}, Erasure: Blanked,
			Fill: &Filling{IDs: map[string]string{"id": ofTickets, "contact": ofContacts, "follows": ofTickets}, Addresses: []string{"participants"}},
			Books: &Booked{As: "t", ID: "id", Counted: [2]string{"t.status", "''"}, Counters: counts("ticket"),
				Strays: "NOT EXISTS (SELECT 1 FROM messages m WHERE m.ticket <> 0 AND m.ticket = t.id AND m.state = 'ticketed')",
				Of:     "ticket", Rule: "stray", Stray: "no message opened it"}},
		{Name: "messages", Key: []string{"id"}, Erasure: Blanked,
			Personal: []string{"evidence", "sender", "sender_value", "sender_name", "subject", "visible", "quoted", "thread", "content", "fingerprint", "reference", "redacted", "fields"},
			Fill: &Filling{IDs: map[string]string{"id": ofMessages, "contact": ofContacts, "ticket": ofTickets, "duplicate_of": ofMessages},
				Keys: []string{"content", "reference"}, Addresses: []string{"sender", "sender_value", "thread"}},
			Books: &Booked{As: "m", ID: "id", Counted: [2]string{"m.state", "CASE WHEN m.state = 'parked' THEN m.cause ELSE '' END"}, Counters: countsOfMessage,
				Strays: noDelivery + "m.id)", Of: "message", Rule: "recorded", Stray: "it is decided, and was never recorded"}},
		{Name: "deliveries", Key: []string{"id"}, Personal: []string{"key"}, Erasure: Blanked,
			Fill:  &Filling{IDs: map[string]string{"id": ofMessages}, Keys: []string{"key"}},
			Books: &Booked{As: "d", ID: "id", Counted: [2]string{"d.inbox", "''"}, Counters: counts("inbox")}},
		{Name: "attachments", Key: []string{"message", "n"}, Personal: []string{"name", "content_id", "ref"}, Erasure: Removed,
			Fill: &Filling{IDs: map[string]string{"message": ofMessages}}},
		{Name: "outbox", Key: []string{"id"}, Erasure: Blanked,
			Personal: []string{"key", "recipient", "to_value", "to_name", "payload", "provider_id", "last_error", "domain", "domain_print", "counted_as"},
			Fill: &Filling{IDs: map[string]string{"id": ofEffects, "ticket": ofTickets, "message": ofMessages, "contact": ofContacts, "covered_by": ofEffects},
				Keys: []string{"provider_id"}, Addresses: []string{"recipient", "to_value", "domain", "domain_print", "counted_as"},
				Made: map[string]string{"key": `CASE WHEN f.kind = '` + effects.KindAcknowledgement + `' THEN f.kind || ':' || CAST({ticket} AS text) ELSE f.key || '/' || CAST({copy} AS text) END`}},
			Books: &Booked{As: "o", ID: "id", Counted: [2]string{"o.kind", "o.state"}, Counters: countsOfEffect,
				Strays: "(o.ticket <> 0 AND " + noTicket + "o.ticket) OR o.message <> 0 AND " + noDelivery + "o.message))",
				Of:     "effect", Rule: "stray", Stray: "its ticket or its message is not there"}},
		{Name: "replies", Key: []string{"id"}, Personal: []string{"recipients", "subject", "text", "quote"}, Erasure: Blanked,
			Fill: &Filling{IDs: map[string]string{"id": SequenceOther, "ticket": ofTickets, "answer_to": ofMessages, "effect": ofEffects}, Addresses: []string{"recipients"},
				Made: map[string]string{"key": `f.key || '/' || CAST({copy} AS text)`}}},
		{Name: "blocks", Key: []string{"id"}, Personal: []string{"address", "value"}, Erasure: Removed},
		{Name: "views", Key: []string{"id"}, Personal: []string{"name", "query"}, Erasure: Removed}, {Name: "side_threads", Key: []string{"id"}, Personal: []string{"address", "name", "subject"}, Erasure: Blanked},
		{Name: "enclosures", Key: []string{"id"}, Personal: []string{"name"}, Erasure: Removed}, {Name: "snippets", Key: []string{"name", "language"}, Erasure: Impersonal}, {Name: "macros", Key: []string{"name"}, Erasure: Impersonal}, {Name: "macro_texts", Key: []string{"macro", "language"}, Erasure: Impersonal},
		{Name: "marks", Key: []string{"author", "ticket"}, Erasure: Impersonal},
		{Name: "drafts", Key: []string{"ticket", "author", "kind"}, Personal: []string{"text"}, Erasure: Removed},
		{Name: "outbox_attempts", Key: []string{"effect", "n"}, Personal: []string{"code", "detail", "words"}, Erasure: Blanked,
			Fill: &Filling{IDs: map[string]string{"effect": ofEffects}, Made: map[string]string{"words": "NULL"}}}, // they are sealed for another place
		{Name: "receipts", Key: []string{"id"}, Personal: []string{"key", "provider_id", "reason"}, Erasure: Removed},
		{Name: "journal", Key: []string{"id"}, Personal: []string{"detail"}, Erasure: Blanked},
		{Name: "dead_letters", Key: []string{"id"}, Personal: []string{"payload", "error"}, Erasure: Blanked},
		{Name: "conversations", Key: []string{"thread"}, Personal: []string{"thread"}, Erasure: Removed,
			Fill: &Filling{IDs: map[string]string{"ticket": ofTickets}, Addresses: []string{"thread"}}},
		{Name: "identities", Key: []string{"address"}, Personal: []string{"address", "value"}, Erasure: Removed,
			Fill: &Filling{IDs: map[string]string{"contact": ofContacts}, Addresses: []string{"address", "value"}}},
		{Name: "claims", Key: []string{"message", "address"}, Personal: []string{"address"}, Erasure: Removed,
			Fill: &Filling{IDs: map[string]string{"message": ofMessages}, Addresses: []string{"address"}}},
		{Name: "contacts", Key: []string{"id"}, Personal: []string{"name"}, Erasure: Removed,
			Fill: &Filling{IDs: map[string]string{"id": ofContacts}}},
		{Name: "decisions", Key: []string{"message"}, Personal: []string{"sealed"}, Erasure: Blanked,
			Fill: &Filling{IDs: map[string]string{"message": ofMessages}}},
		{Name: "originals", Key: []string{"id"}, Personal: []string{"sealed"}, Erasure: Removed,
			Fill: &Filling{IDs: map[string]string{"id": ofMessages}}},
		{Name: "opinions", Key: []string{"message", "scanner", "part"}, Personal: []string{"sealed"}, Erasure: Removed},
		{Name: "readings", Key: []string{"message"}, Personal: []string{"sealed"}, Erasure: Removed}, {Name: "copies", Key: []string{"message"}, Personal: []string{"sealed"}, Erasure: Removed},
		{Name: "searched", Key: []string{"ticket"}, Personal: []string{"words"}, Erasure: Removed}, // of SQLite the words lie in search_words
	}
}

// workTables hold what is owed to customers, and the work on it.
func workTables() []Table {
	const ofMessages, ofTickets = SequenceMessage, pipeline.SequenceTicket
	return []Table{
		{Name: "promises", Key: []string{"ticket", "kind"}, Erasure: Impersonal, Fill: &Filling{IDs: map[string]string{"ticket": ofTickets}},
			Books: &Booked{As: "p", ID: "ticket", Counted: [2]string{"p.state", "''"}, Counters: counts("promise"),
				Strays: noTicket + "p.ticket)", Of: "ticket", Rule: "stray", Stray: "a promise is there, and its ticket is not"}},
		{Name: "turns", Key: []string{"ticket", "turn"}, Erasure: Impersonal, Fill: &Filling{IDs: map[string]string{"ticket": ofTickets}},
			Books: &Booked{As: "u", ID: "ticket", Counted: [2]string{"u.state", "''"}, Counters: counts(CountTurn),
				Strays: noTicket + "u.ticket)", Of: "ticket", Rule: "stray", Stray: "a turn is there, and its ticket is not"}},
		{Name: "desk", Key: []string{"ticket"}, Erasure: Impersonal, Fill: &Filling{IDs: map[string]string{"ticket": ofTickets}}},
		{Name: "tags", Key: []string{"name"}, Erasure: Impersonal}, // the desk's own words, which those make who direct work
		{Name: "ticket_tags", Key: []string{"ticket", "tag"}, Erasure: Impersonal},
		{Name: "checks", Key: []string{"id"}, Erasure: Impersonal}, {Name: "side_messages", Key: []string{"message"}, Erasure: Impersonal},
		{Name: "mentions", Key: []string{"person", "reply"}, Erasure: Impersonal}, {Name: "merges", Key: []string{"source", "at"}, Erasure: Impersonal}, {Name: "splits", Key: []string{"ticket"}, Erasure: Impersonal},
		{Name: "contact_pointers", Key: []string{"contact"}, Erasure: Impersonal}, {Name: "contact_steps", Key: []string{"id"}, Erasure: Impersonal},
		{Name: "entries", Key: []string{"ticket", "id"}, Erasure: Impersonal, Fill: &Filling{IDs: map[string]string{"ticket": ofTickets, "message": ofMessages}, Only: "f.ticket <> 0"}},
		{Name: "content_keys", Key: []string{"digest"}, Erasure: Impersonal,
			Fill: &Filling{IDs: map[string]string{"message": ofMessages, "ticket": ofTickets}, Keys: []string{"digest"}}},
		{Name: "mail_references", Key: []string{"digest"}, Erasure: Impersonal,
			Fill: &Filling{IDs: map[string]string{"ticket": ofTickets}, Keys: []string{"digest"}}},
		{Name: "sketches", Key: []string{"message"}, Erasure: Impersonal, // keyed digests; they go with their messages all the same
			Fill: &Filling{IDs: map[string]string{"message": ofMessages}, Keys: []string{"speaker"}}},
		{Name: "undecided", Key: []string{"message_id"}, Erasure: Impersonal,
			Books: &Booked{As: "u", ID: "message_id", Strays: noDelivery + "u.message_id)", Of: "message", Rule: "recorded", Stray: "it waits for its decision, and was never recorded"}},
	}
}

// serviceTables hold what the service itself needs.
func serviceTables() []Table {
	out := []Table{}
	for _, t := range []struct {
		name string
		key  []string
	}{
		{"sequences", []string{"name"}}, {"cursors", []string{"inbox", "stream"}}, {"inbox_status", []string{"inbox"}}, {"leases", []string{"name"}},
		{"data_keys", []string{"id"}}, {"secrets", []string{"name"}}, {"counters", []string{"name", "shard"}}, {"tombstones", []string{"digest"}},
		{"scopes", []string{"scope", "slot"}}, {"operator_sessions", []string{"id"}}, {"operator_links", []string{"digest"}},
		{"fates", []string{"hour", "inbox", "what", "cause", "shard"}}, {"exceptions", []string{"id"}}, {"unsearched", []string{"ticket", "message"}}, {"uncopied", []string{"message"}},
		{"search_walk", []string{"one"}}, {"desk_walk", []string{"one"}}, {"promise_walk", []string{"one"}}, {"told_walk", []string{"one"}}, {"told", []string{"effect"}}, {"alert_walk", []string{"one"}}, {"alert_posts", []string{"effect"}}, {"changes", []string{"n"}}, {"versions", []string{"digest"}}, {"send_checks", []string{"effect"}}, {"installation", []string{"one"}},
		{"promotions", []string{"n"}}, {"models", []string{"sum"}}, // weights and digests of parts of words, no text of anybody's
		{"schema_migrations", []string{"version"}},
		// Who works at the desk is no customer: what is kept of him goes when he does, by those who look after the desk. An erasure of a
		// customer of the same name or address must leave his colleagues' work where it is.
		{"users", []string{"id"}}, {"agents", []string{"person"}}, {"grants", []string{"person", "role", "queue"}}, {"members", []string{"queue", "person"}},
		{"abilities", []string{"person", "kind", "value"}}, {"desk_sessions", []string{"digest"}}, {"entry_links", []string{"digest"}},
		{"entry_tries", []string{"digest"}}, {"factors", []string{"person", "kind", "name"}}, {"entry_steps", []string{"digest"}}, {"user_links", []string{"issuer", "subject"}}, {"logbook", []string{"n"}}, {"logbook_cut", []string{"one"}}, {"logbook_waiting", []string{"id"}},
		{"alert_choices", []string{"person"}}, {"alerts", []string{"person", "way", "ticket", "kind"}}, {"alert_ways", []string{"person", "way"}},
	} {
		out = append(out, Table{Name: t.name, Key: t.key, Erasure: Impersonal})
	}
	return out
}

// TableOf is the line of one table.
func TableOf(name string) Table {
	for _, t := range Tables() {
		if t.Name == name {
			return t
		}
	}
	panic("store: no table " + name) // a mistake in the program
}
