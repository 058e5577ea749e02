package main

import (
	"testing"
	"time"

	"frontdesk/workers/store"
)

// connectedSince makes an inbox one that was connected long ago, so that what waits at its source is
// no history.
func connectedSince(t testing.TB, a *app, inbox string, since time.Time) {
	t.Helper()
	if err := a.base.store.InboxSeen(t.Context(), []store.InboxStatus{{Inbox: inbox, Channel: "telegram", State: workersOK, Contact: since}}, time.Now()); err != nil {
		t.Fatal(err)
	}
}

const workersOK = "ok"
