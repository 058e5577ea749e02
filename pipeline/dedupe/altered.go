package dedupe

import (
	"bytes"
	"slices"
	"time"

	"frontdesk/pipeline/message"
)

// Twin is the first message of a ticket that bore a Message-ID.
type Twin struct {
	// Message, Inbox and Ticket are those of the first one.
	Message int64
	Inbox   string
	Ticket  int64
	From    message.Identity
	Proven  bool
	Told    bool      // its acknowledgement went to the address in its From, or a digest there lists it
	SentAt  time.Time // zero when unknown
	Text    string    // all that it says, redacted
	Files   []string  // names
}

// Altered says that a message is another one of the same sender under the same Message-ID, changed on the way: by a
// list's footer, a gateway's warning, a file that was taken out.
type Altered struct {
	// Of is the message of which this is another form. It lies in the database as JSON, so no name may be changed.
	Of     int64  `json:"of"`
	Inbox  string `json:"inbox"`
	Ticket int64  `json:"ticket"`
	// More says that it brings words of the sender's or files that the other does not have, or may do so.
	More bool `json:"more,omitempty"`
	// Better says that it is proven and the other is not.
	Better bool `json:"better,omitempty"`
}

// Compare tells one mail that was altered on the way from two mails under one Message-ID, which programs make. Relays
// leave the date of a mail as it is, and add to its text or take from it; they do not write another. ok is false for two mails.
// text is all that m says, redacted, as twin.Text is. The cost is linear in both texts, apart from the search for one within the other,
// which Go does in linear time as well.
func Compare(m message.Message, text string, twin Twin) (a Altered, ok bool) {
	if m.From.IsZero() || m.From.Identity() != twin.From {
		return Altered{}, false
	}
	same := !m.SentAt.IsZero() && !twin.SentAt.IsZero() && m.SentAt.Equal(twin.SentAt)
	mine, theirs := fold(text), fold(twin.Text)
	like := alike(mine, theirs)
	if like == different || like == similar && !same {
		return Altered{}, false
	}
	a = Altered{Of: twin.Message, Inbox: twin.Inbox, Ticket: twin.Ticket, Better: m.Proven && !twin.Proven}
	a.More = like == similar || !same && len(mine) > len(theirs)
	for _, f := range m.Attachments {
		a.More = a.More || !slices.Contains(twin.Files, f.Name)
	}
	return a, true
}

// Fold makes a copy of an altered message that brings nothing. Any other continues its ticket, where it may.
func Fold(m message.Message, a Altered) Finding {
	if a.More || a.Better {
		return Finding{Reason: "the same mail, altered on the way; it brings more than the first"}
	}
	f := Check(m, &Copy{Message: a.Of, Inbox: a.Inbox, Ticket: a.Ticket})
	f.Reason += ", altered on the way"
	return f
}

// likeness is how two folded texts relate.
type likeness int

const (
	different likeness = iota
	similar            // they share most of the shorter one: its beginning and end, or its middle; or one ends as the other begins
	contained          // one is the other with something put before, behind or into it
)

// alike asks the cheap questions first: a common beginning and end are what a footer or a warning leaves. Only when those fail
// the middle half is searched for, then overlaps.
func alike(a, b []byte) likeness {
	short, long := a, b
	if len(short) > len(long) {
		short, long = long, short
	}
	head := commonHead(short, long)
	tail := min(commonTail(short, long), len(short)-head)
	switch {
	case head+tail == len(short), bytes.Contains(long, short):
		return contained
	case head+tail > len(short)/2, len(short) >= shortest && bytes.Contains(long, short[len(short)/4:len(short)*3/4]):
		return similar
	case overlap(a, b) >= shortest/2, overlap(b, a) >= shortest/2:
		return similar
	}
	return different
}

// overlap is how many bytes the end of a and the beginning of b have in common: one road put a warning before the mail,
// the other a footer behind it. It is the last value of the prefix function (Knuth, Morris, Pratt), so linear.
func overlap(a, b []byte) int {
	b = b[:min(len(b), len(a), maxOverlap)]
	a = a[len(a)-len(b):]
	fail, n := make([]int, len(b)), 0
	for i := 1; i < len(b); i++ {
		for n > 0 && b[i] != b[n] {
			n = fail[n-1]
		}
		if b[i] == b[n] {
			n++
		}
		fail[i] = n
	}
	n = 0
	for i, c := range a {
		for n > 0 && c != b[n] {
			n = fail[n-1]
		}
		if c == b[n] {
			n++
		}
		if n == len(b) && i+1 < len(a) {
			n = fail[n-1]
		}
	}
	return n
}

// maxOverlap is how much of two texts is laid on each other, in bytes.
// What gateways add is far shorter; the bound keeps the table small.
const maxOverlap = 16 << 10

// shortest is the length in bytes from which the middle of a text says whose it is.
// Shorter texts, such as "thank you", are alike by chance.
const shortest = 40

// commonHead is how many bytes both begin with; short is no longer than long.
func commonHead(short, long []byte) int {
	n := 0
	for n < len(short) && short[n] == long[n] {
		n++
	}
	return n
}

// commonTail is how many bytes both end with.
func commonTail(short, long []byte) int {
	n := 0
	for n < len(short) && short[len(short)-1-n] == long[len(long)-1-n] {
		n++
	}
	return n
}
