package message

import "time"

// Traits are the facts about a channel by which messages are read, decided and answered. They are data: nobody asks for a
// channel's name. The zero Traits are those of a channel that is not known: it cannot answer, and no rule of mail holds.
type Traits struct {
	// Address is the kind of address that the channel writes to; empty where it cannot answer by itself.
	Address AddressKind
	// Mail says that the rules of mail hold: headers, envelope, Message-IDs, reports, quotes.
	Mail bool
	// Typed says that the sender's address was typed or named by a program: it shows nobody's hand at that address.
	Typed bool
	// Carrier says that the carrier itself acts on STOP and its like, a whole text of one word. Elsewhere a chat's /stop counts.
	Carrier bool
	// Words is the family of texts that fits.
	Words Words
	// Continues is how long after the last message another one continues the same ticket; 0 for a channel without
	// conversations of its own.
	Continues time.Duration
	// Carries is what an answer may hold beside its text.
	Carries Carries
}

// Carries says what goes out on a channel beside a text. The zero Carries is that of a channel that takes a text and nothing else.
// channels.Outbound.Fits holds a message to it.
type Carries struct {
	// Cc is how many may get a copy that all recipients see; 0 for none.
	Cc int
	// HTML says that a formatted body goes beside the text.
	HTML bool
	// Files is how many go with one message; 0 for none. FileMax is the largest of them and FilesMax all together, in bytes.
	Files             int
	FileMax, FilesMax int64
}

// Words is a family of texts.
type Words string

// The families. Each is rendered in the customer's language.
const (
	WordsMail Words = "mail" // subject, salutation, signature; the zero value is the same
	WordsSMS  Words = "sms"  // short, and in as few parts as a text message can have
	WordsChat Words = "chat" // short, no subject, nothing about mail
)
