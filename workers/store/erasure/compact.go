package erasure

import (
	"context"
	"fmt"
	"time"

	"frontdesk/workers/store/sql"
)

// ErrRead says that a reading, such as an audit, lasted longer than Compact was to wait: what was erased may still lie in
// SQLite's write-ahead log. Another Compact, after the reading, removes it.
var ErrRead = sql.ErrRead

// Compact makes what was deleted leave the database's files: it writes SQLite's index of words anew, empties SQLite's write-ahead log into
// the database, and with rewrite writes the whole file anew, during which nobody else can write. It
// does nothing on PostgreSQL: see the operations page for VACUUM and for the archived log there.
// The command calls it after Erase, outside of any transaction. With rewrite it costs as much as copying the file. A
// crash in its middle leaves the file as it was. For those who read it waits so long, and keeps nobody from writing meanwhile.
func (s *Store) Compact(ctx context.Context, rewrite bool, wait time.Duration) error {
	if err := s.find.MergeWords(ctx); err != nil {
		return fmt.Errorf("compacting the index of words: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if err := s.base.DB.Compact(ctx, rewrite); err != nil {
		return fmt.Errorf("compacting the database: %w", err)
	}
	return nil
}
