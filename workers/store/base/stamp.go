package base

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"frontdesk/pipeline/redact"
	"frontdesk/workers/store/sql"
)

// Stamp is a time in a listing: RFC 3339 in UTC, null for none.
type Stamp struct{ time.Time }

// MarshalJSON writes the time, or null.
func (s Stamp) MarshalJSON() ([]byte, error) {
	if s.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(s.UTC())
}

// StampOf is a stored time as lists show it.
func StampOf(us int64) Stamp { return Stamp{Time: sql.Moment(us)} }

// Shown is an address as listings and pages show it: a card number or the like in it is masked. The
// address itself stays as it is in the database, because it is needed to answer.
func Shown(address string) string {
	digits := 0
	for _, c := range address {
		if c >= '0' && c <= '9' || c > unicode.MaxASCII {
			digits++
		}
	}
	if digits < 12 || strings.HasPrefix(address, "+") {
		return address
	}
	masked, _ := redact.Text(address)
	return masked
}
