package storetest

import (
	"testing"

	"frontdesk/workers/store"
)

// Run runs the suite. open gives each case an empty store.
func Run(t *testing.T, open func(t testing.TB) *store.Store) {
	for _, c := range []struct {
		name string
		run  func(*desk)
	}{
		{"a delivery is recorded once and comes back as it was", recordOnce},
		{"a first message opens a ticket that the next batch knows", openTicket},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.run(newDesk(t, open(t)))
		})
	}
}
