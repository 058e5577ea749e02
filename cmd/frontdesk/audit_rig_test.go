package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/workers/store"
)

// proveBooks audits the database of a service that has been stopped, or died: whatever a test did to
// it, the books are clean. aged is how far the test moved the database back: promises that it made pass
// may not have been looked at yet, and what was being decided meanwhile kept its time.
func proveBooks(t testing.TB, c configs.Config, aged time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	b, err := installation.Open(ctx, c, false)
	if err != nil {
		t.Errorf("opening the store for the audit: %v", err)
		return
	}
	defer b.Close()
	proveStore(ctx, t, b.Store, aged)
}

// proveStore audits a database, beside the processes that work on it.
func proveStore(ctx context.Context, t testing.TB, s *store.Store, aged time.Duration) {
	t.Helper()
	books, err := s.Audit(ctx, store.AuditOptions{Grace: 15*time.Minute + aged}, time.Now())
	if err != nil {
		t.Errorf("auditing: %v", err)
		return
	}
	for _, f := range books.Findings {
		if !f.Warning() && (aged == 0 || !strings.Contains(f.Detail, "counts from")) {
			t.Errorf("the books are wrong: %s: message %d, ticket %d, effect %d %s: %s", f.Rule, f.Message, f.Ticket, f.Effect, f.Inbox, f.Detail)
		}
	}
}
