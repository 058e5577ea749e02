package crashloop

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Doors through which messages come.
const (
	bySMTP     = "smtp"
	byIMAP     = "imap"
	bySMS      = "sms"
	bySMSList  = "sms-list" // the webhook never came: only Twilio's list knows
	byTelegram = "telegram"
	byBounce   = "bounce"
)

// note is one message that somebody sent, in the loop's own ledger.
type note struct {
	token    string
	door     string
	address  string    // of the sender, as providers write it; one customer has one ticket
	sent     time.Time // when it was first tried
	accepted time.Time // when the door first said "received", or the source had it; zero: never
	tries    int
}

// ledger knows every message that was sent and whether it was accepted.
type ledger struct {
	mu      sync.Mutex
	world   string
	serial  int
	notes   map[string]*note
	repeats int // tries beyond the first
}

func newLedger(world string) *ledger { return &ledger{world: world, notes: map[string]*note{}} }

// tokens look like a word that nobody writes, so that no stage sees anything in them.
var tokens = regexp.MustCompile(`zq[a-z]+qz`)

// open writes a new message into the ledger. address makes the sender's from a number.
func (l *ledger) open(door string, address func(n int) string) *note {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.serial++
	n := &note{door: door, token: letters(l.serial), address: address(l.serial), sent: time.Now()}
	l.notes[n.token] = n
	return n
}

// letters writes a number in letters a to p.
func letters(n int) string {
	word := fmt.Sprintf("%x", 0x1000+n)
	for i, from := range "0123456789abcdef" {
		word = strings.ReplaceAll(word, string(from), string(rune('A'+i)))
	}
	return "zq" + strings.ToLower(word) + "qz"
}

func (l *ledger) tried(n *note) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n.tries++; n.tries > 1 {
		l.repeats++
	}
}

func (l *ledger) accept(n *note) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n.accepted.IsZero() {
		n.accepted = time.Now()
	}
}

func (l *ledger) list() []note {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]note, 0, len(l.notes))
	for _, n := range l.notes {
		out = append(out, *n)
	}
	return out
}
