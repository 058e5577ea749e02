package bench

import (
	"fmt"
	"slices"

	"frontdesk/channels/channelstest/dovecot"
)

// mailboxes is a Dovecot that the bench has started, with one account. The starter is that of tests, which ends a
// test when something fails; here there is none, so serverOwner stands in its place.
type mailboxes struct {
	server *dovecot.Server
	owner  *serverOwner
}

// startMailboxes starts a Dovecot; errMissing where it is not installed.
func startMailboxes() (*mailboxes, error) {
	m := &mailboxes{owner: &serverOwner{}}
	err := m.owner.try(func() { m.server = dovecot.Start(m.owner) })
	if err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *mailboxes) account() (addr, user, password string) {
	return m.server.Addr, m.server.User, m.server.Password
}

func (m *mailboxes) deliver(raw []byte) error {
	return m.owner.try(func() { m.server.Deliver(m.server.User, raw) })
}

// close stops the server and deletes its mails.
func (m *mailboxes) close() {
	for _, end := range slices.Backward(m.owner.cleanups) {
		end()
	}
	m.owner.cleanups = nil
}

// serverOwner stands where a test would, for servers that are made for tests: what ends a test
// comes out of try as an error.
type serverOwner struct {
	cleanups []func()
}

var _ dovecot.Owner = (*serverOwner)(nil)

// ended carries the reason out of Fatal and Skip, which do not return.
type ended struct{ error }

// try runs f until its end or its first Fatal or Skip.
func (o *serverOwner) try(f func()) (err error) {
	defer func() {
		cause := recover()
		if e, ok := cause.(ended); ok {
			err = e.error
		} else if cause != nil {
			panic(cause)
		}
	}()
	f()
	return nil
}

// Helper implements dovecot.Owner.
func (o *serverOwner) Helper() {}

// Fatal implements dovecot.Owner.
func (o *serverOwner) Fatal(args ...any) {
	panic(ended{fmt.Errorf("running the IMAP server: %s", fmt.Sprint(args...))})
}

// Fatalf implements dovecot.Owner.
func (o *serverOwner) Fatalf(format string, args ...any) { o.Fatal(fmt.Sprintf(format, args...)) }

// Skip implements dovecot.Owner.
func (o *serverOwner) Skip(args ...any) {
	panic(ended{fmt.Errorf("%w: %s", errMissing, fmt.Sprint(args...))})
}

// Logf implements dovecot.Owner.
func (o *serverOwner) Logf(string, ...any) {}

// Failed implements dovecot.Owner.
func (o *serverOwner) Failed() bool { return false }

// Cleanup implements dovecot.Owner.
func (o *serverOwner) Cleanup(f func()) { o.cleanups = append(o.cleanups, f) }
