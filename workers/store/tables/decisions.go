package tables

import (
	"time"

	"frontdesk/workers/store/sql"
)

type DecisionRow struct {
	Message   int64
	Config    string
	Sealed    []byte
	DecidedAt time.Time
}

var InsertDecisions = sql.Inserting[DecisionRow]("decisions", `ON CONFLICT (message) DO UPDATE SET config = excluded.config, sealed = excluded.sealed,
decided_at = excluded.decided_at`)

var ResealDecisions = sql.Updating[DecisionRow]("decisions", "config", "decided_at")
