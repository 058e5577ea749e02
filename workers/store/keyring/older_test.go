package keyring_test

import (
	"errors"
	"slices"
	"testing"

	"frontdesk/workers/store/keyring"
)

// TestOlderBytesOpenOnlyWhereTheyCanLie: what was sealed before things were bound to their places opens for
// messages recorded before the upgrade, and is not taken in the place of a newer one.
func TestOlderBytesOpenOnlyWhereTheyCanLie(t *testing.T) {
	s, m := &shelf{}, keyring.Master{Name: "m", Key: key(1)}
	before := attach(t, s, today, m)
	sealed := keyring.SealOlder(before, []byte("old"))
	s.keys = slices.DeleteFunc(s.keys, func(w keyring.Wrapped) bool { return !slices.Contains([]string{"digest", "token", "data"}, w.Kind) })
	for i, w := range s.keys {
		s.keys[i] = keyring.WrapOlder(before, w)
		s.keys[i].ID = w.ID
	}
	digest := before.Digest([]byte("a"))
	s.reached = 500
	r, err := keyring.Open([]keyring.Master{m})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Attach(t.Context(), s, today); err != nil {
		t.Fatal(err)
	}
	s.reached = 900 // what comes later moves no mark
	again, err := keyring.Open([]keyring.Master{m})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Attach(t.Context(), s, today); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		at   keyring.Place
		want bool
	}{
		"an original before the mark":    {keyring.Original(499, "support"), true},
		"a decision before it":           {keyring.Row("decisions", 3), true},
		"a file, whose digest tells":     {keyring.Content("d"), true},
		"the first original after it":    {keyring.Original(500, "support"), false},
		"a later original":               {keyring.Original(800, "support"), false},
		"a decision after it":            {keyring.Row("decisions", 500), false},
		"a saved secret":                 {keyring.Secret("gmail"), false},
		"a message id that is none":      {keyring.Original(0, "support"), false},
		"a message id below every other": {keyring.Original(-1, "support"), false},
	} {
		for _, ring := range []*keyring.Ring{r, again} {
			got, err := ring.Open(t.Context(), sealed, c.at)
			if (err == nil && string(got) == "old") != c.want || err != nil && !errors.Is(err, keyring.ErrSealed) {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	}
	if got, err := r.OpenOlder(t.Context(), sealed); err != nil || string(got) != "old" {
		t.Errorf("to seal it anew: %q, %v", got, err)
	}
	if again.Digest([]byte("a")) != digest {
		t.Error("the digest key has changed")
	}
	for _, w := range s.keys {
		if w.Kind == "digest" && w.Way != "intake" {
			t.Errorf("the key of the digests is still wrapped by way of %s, which no intake key opens", w.Way)
		}
	}
	if _, err := attachIntake(t, s, intakeOf(t, m)); err != nil {
		t.Errorf("an intake key after the upgrade: %v", err)
	}
}
