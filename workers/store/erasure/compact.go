package erasure

import (
	"context"
	"fmt"
)

// Compact makes what was deleted leave the database's files: it writes SQLite's index of words anew, empties SQLite's write-ahead log into
// the database, and with rewrite writes the whole file anew, during which nobody else can write. It
// does nothing on PostgreSQL: see the operations page for VACUUM and for the archived log there.
// The command calls it after Erase, outside of any transaction. With rewrite it costs as much as copying the file. A
// crash in its middle leaves the file as it was.
func (s *Store) Compact(ctx context.Context, rewrite bool) error {
	if err := s.find.MergeWords(ctx); err != nil {
		return fmt.Errorf("compacting the index of words: %w", err)
	}
	if err := s.base.DB.Compact(ctx, rewrite); err != nil {
		return fmt.Errorf("compacting the database: %w", err)
	}
	return nil
}
