package auditing

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/store/intake"
)

// AuditMark is what the service's own audits have found so far.
type AuditMark struct {
	At    time.Time      `json:"at"`    // of the last audit
	Clean time.Time      `json:"clean"` // of the last one in which every sum held
	Whole time.Time      `json:"whole"` // of the last one of everything
	Took  time.Duration  `json:"took"`  // of the last one, in nanoseconds
	Found map[Rule]int64 `json:"found"` // findings of the last one by rule
}

// auditStream is the stream under which the mark is kept; it belongs to no inbox. It lies among the bookmarks,
// because that table is just this: a small text that each process can read.
const auditStream = "audit"

// LastAudit reads what the service's own audits have found; the zero value when there was none.
func (s *Store) LastAudit(ctx context.Context) (AuditMark, error) {
	var m AuditMark
	cursor, err := s.intake.Cursor(ctx, "", auditStream)
	if err == nil && len(cursor) > 0 {
		err = json.Unmarshal(cursor, &m)
	}
	if err != nil {
		return AuditMark{}, fmt.Errorf("reading the last audit: %w", err)
	}
	return m, nil
}

// MarkAudit keeps what an audit has found for the next one, and for the metrics of every process.
func (s *Store) MarkAudit(ctx context.Context, m AuditMark, now time.Time) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("keeping the audit: %w", err)
	}
	_, err = s.intake.Record(ctx, intake.Lot{Moves: []intake.Move{{Stream: auditStream, Cursor: channels.Cursor(text)}}}, now)
	if err != nil {
		return fmt.Errorf("keeping the audit: %w", err)
	}
	return nil
}
