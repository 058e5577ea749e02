package store

import (
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/pipeline"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/keyring"
)

// A transaction takes ids that were reserved for it while somebody else reserves more than are left,
// and for that waits for the writer that the transaction holds. Found by the simulator: the sweep that
// stepped a promise and a batch that needed a block of ids waited for each other for ever.
func TestATransactionTakesItsIDsWhileSomebodyWaitsForMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		ring, err := keyring.Open([]keyring.Master{{Name: "test", Key: make([]byte, keyring.KeySize)}})
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(ctx, Options{Dir: t.TempDir(), Migrate: true, Keyring: ring, Blobs: blobs.NewMemory()}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close(ctx)
		ids, err := s.ids(ctx, map[string]int64{pipeline.SequenceEffect: 1})
		if err != nil {
			t.Fatal(err)
		}
		waited := make(chan error, 1)
		err = s.write(ctx, func(tx) error {
			go func() {
				_, err := s.sequences.takeAll(ctx, pipeline.SequenceEffect, 5120)
				waited <- err
			}()
			synctest.Wait() // until it waits for the writer
			if !s.sequences.mu.TryLock() {
				t.Error("who waits for the writer holds the lock that the writer needs")
				return nil
			}
			s.sequences.mu.Unlock()
			ids.Next(pipeline.SequenceEffect)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := <-waited; err != nil {
			t.Fatal(err)
		}
	})
}
