package tables

import (
	"time"

	"frontdesk/workers/store/sql"
)

// DecisionRow is a row of the table decisions.
type DecisionRow struct {
	Message   int64
	Config    string
	Sealed    []byte
	DecidedAt time.Time
}

// InsertDecisions writes decisions, in the place of older ones on the same messages.
var InsertDecisions = sql.Inserting[DecisionRow]("decisions", `ON CONFLICT (message) DO UPDATE SET config = excluded.config, sealed = excluded.sealed,
decided_at = excluded.decided_at`)

// ResealDecisions writes what is sealed anew, and nothing else.
var ResealDecisions = sql.Updating[DecisionRow]("decisions", "config", "decided_at")

// ReadingRow is a row of the table readings: a recipients.Reading, sealed.
type ReadingRow struct {
	Message int64
	Sealed  []byte
}

// InsertReadings writes readings, in the place of older ones of the same messages.
var InsertReadings = sql.Inserting[ReadingRow]("readings", "ON CONFLICT (message) DO UPDATE SET sealed = excluded.sealed")

// ResealReadings writes what is sealed anew where it still is.
var ResealReadings = sql.Updating[ReadingRow]("readings")
