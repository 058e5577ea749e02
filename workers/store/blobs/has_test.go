package blobs_test

import (
	"errors"
	"testing"

	"frontdesk/workers/store/blobs"
)

func TestHasTellsWhatIsThere(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			if err := s.Put(t.Context(), "0123456789", []byte("sealed")); err != nil {
				t.Fatal(err)
			}
			for digest, want := range map[string]bool{"0123456789": true, "9876543210": false} {
				if got, err := blobs.Has(t.Context(), s, digest); err != nil || got != want {
					t.Errorf("Has(%s) = %v, %v, want %v", digest, got, err, want)
				}
			}
			if name == "directory" {
				if _, err := blobs.Has(t.Context(), s, "../../etc"); !errors.Is(err, blobs.ErrName) {
					t.Errorf("error is %v, want ErrName", err)
				}
			}
		})
	}
}
