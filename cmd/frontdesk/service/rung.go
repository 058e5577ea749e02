package service

import "context"

// rung is what the service does when a command rings it: the sweep looks at once, and the notes of
// what was sent lose what is settled, since an erasure may have rung.
// The command that has rung waits for both, so that an erasure searches the files when the notes are tidied. A stop
// does not cut the look off.
func (a *Service) rung(ctx context.Context) {
	a.journal.Tidy()
	a.sweep.Wake(context.WithoutCancel(ctx))
}
