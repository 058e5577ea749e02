// Package scanners holds the contracts between Frontdesk and daemons that judge a message before it
// is decided: spam filters and virus scanners. They are slow and may be away, so their word is data
// that a decision knows of, or does without. One folder below this one speaks one daemon's protocol;
// cmd/frontdesk/wiring joins them to the workers. Nothing here knows a daemon.
package scanners

import (
	"context"
	"errors"
	"time"
)

// Verdict is what came of asking a scanner.
type Verdict string

// The verdicts. The first three are a scanner's word; the others say why there is none.
const (
	Clean   Verdict = "clean"   // nothing found; for a spam filter see the score
	Spam    Verdict = "spam"    // the filter itself would refuse the mail
	Malware Verdict = "malware" // something was found; see Name

	TooLarge    Verdict = "too-large"   // larger than the scanner takes
	Timeout     Verdict = "timeout"     // asked, and no answer in time
	Unavailable Verdict = "unavailable" // not asked: it has failed again and again just now
	Failed      Verdict = "failed"      // it answered, but not with a verdict; or the connection broke
)

// Opinion is one scanner's word on one sample, or why there is none.
type Opinion struct {
	Scanner string
	Verdict Verdict
	Score   *float64 // of a spam filter
	Action  string   // what a spam filter would do, in its own words
	Name    string   // of what was found
	Symbols []string // rules of a spam filter that matched, at most MaxSymbols
	Detail  string   // why there is no verdict; no address, no text of the message
	Asked   time.Time
	At      time.Time // of the answer
}

// MaxSymbols is how many symbols an opinion keeps.
const MaxSymbols = 40

// Mail is a message as a spam filter wants it.
type Mail struct {
	Raw         []byte
	ID          string // for the filter's own log
	MailFrom    string // reverse-path without brackets
	HasMailFrom bool
	Recipients  []string
	Remote      string // address of the host that handed it over
	Helo        string
}

// MailScanner judges a whole mail. Errors are those of FileScanner.
type MailScanner interface {
	ScanMail(ctx context.Context, m Mail) (Opinion, error)
}

// FileScanner judges the bytes of one file. It returns when there is a verdict (or TooLarge, without
// asking), or an error: ErrBusy, an error of ctx, of the network, or of a daemon that talks nonsense.
type FileScanner interface {
	ScanFile(ctx context.Context, content []byte) (Opinion, error)
}

// Prober says in one line whether the daemon is there and which it is.
type Prober interface {
	Probe(ctx context.Context) (string, error)
}

// ErrBusy says that as many scans as are allowed were running until ctx ended.
var ErrBusy = errors.New("too many scans at once")

// ErrProtocol says that the daemon's answer is none that its protocol knows.
var ErrProtocol = errors.New("the answer cannot be understood")
