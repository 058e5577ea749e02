package keyring_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/workers/store/keyring"
)

// busy is a shelf on which a key is kept only once the transaction before it has ended, as a database with one writer
// does it.
type busy struct {
	shelf
	began chan struct{}
	ended chan struct{}
}

func (s *busy) AddKey(ctx context.Context, k keyring.Wrapped, at time.Time) (uint32, error) {
	if s.ended != nil {
		s.began <- struct{}{}
		<-s.ended
	}
	return s.shelf.AddKey(ctx, k, at)
}

// TestATransactionSealsWhileANewKeyWaitsForItsEnd: whoever makes a key holds up nobody who uses one. Found by the
// simulator: deliveries signed their references behind a new day's key that waited for the writer.
func TestATransactionSealsWhileANewKeyWaitsForItsEnd(t *testing.T) {
	for what, makes := range map[string]func(r *keyring.Ring, ctx context.Context) error{
		"of a new day":          func(r *keyring.Ring, ctx context.Context) error { return r.Turn(ctx, today.AddDate(0, 0, 1)) },
		"of the next originals": func(r *keyring.Ring, ctx context.Context) error { _, err := r.Originals(ctx, today); return err },
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &busy{}
				r, err := keyring.Open([]keyring.Master{{Name: "m", Key: key(1)}})
				if err != nil {
					t.Fatal(err)
				}
				if err := r.Attach(t.Context(), s, today); err != nil {
					t.Fatal(err)
				}
				before := r.Seal([]byte("before"), here)
				other := attach(t, &s.shelf, today.AddDate(0, 0, 2), keyring.Master{Name: "m", Key: key(1)}) // another process, with a key that r has not yet
				later := other.Seal([]byte("later"), here)
				s.began, s.ended = make(chan struct{}), make(chan struct{})
				made := make(chan error, 1)
				go func() { made <- makes(r, t.Context()) }()
				<-s.began
				uses(t, r, map[string][]byte{"before": before, "later": later})
				waits, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if _, err := r.Originals(waits, today.Add(time.Hour)); err == nil {
					t.Error("two keys are made at once")
				}
				s.began = make(chan struct{}, 10)
				close(s.ended)
				if err := <-made; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// uses does with the ring what a transaction does.
func uses(t *testing.T, r *keyring.Ring, sealed map[string][]byte) {
	t.Helper()
	r.Digest([]byte("a"))
	r.Token([]byte("a"))
	r.Seal([]byte("now"), here)
	for plain, sealed := range sealed {
		if got, err := r.Open(t.Context(), sealed, here); err != nil || !bytes.Equal(got, []byte(plain)) {
			t.Errorf("%q is opened as %q, %v", plain, got, err)
		}
	}
}
