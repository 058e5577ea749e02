package keyring_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/workers/store/keyring"
)

var today = time.Date(2026, 5, 6, 9, 0, 0, 0, time.UTC)

// shelf keeps keys in memory.
type shelf struct {
	mu      sync.Mutex
	keys    []keyring.Wrapped
	reached int64
	fail    error
}

// here is the place at which most of these tests seal.
var here = keyring.Row("table", 1)

func (s *shelf) Keys(_ context.Context, kinds ...string) ([]keyring.Wrapped, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []keyring.Wrapped
	for _, k := range s.keys {
		if slices.Contains(kinds, k.Kind) {
			out = append(out, k)
		}
	}
	return out, s.fail
}

func (s *shelf) Key(_ context.Context, id uint32) (keyring.Wrapped, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.keys {
		if k.ID == id {
			return k, true, s.fail
		}
	}
	return keyring.Wrapped{}, false, s.fail
}

func (s *shelf) Wraps(context.Context) (out []keyring.Wrap, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.keys {
		out = append(out, keyring.Wrap{Way: k.Way, Master: k.Master, Keys: 1})
	}
	return out, s.fail
}

func (s *shelf) Reached(context.Context) (int64, error) { return max(s.reached, 1), s.fail }

func (s *shelf) AddKey(_ context.Context, k keyring.Wrapped, _ time.Time) (uint32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, have := range s.keys {
		if have.Kind == k.Kind && have.Slot == k.Slot {
			return have.ID, s.fail
		}
	}
	for k.ID = 1; slices.ContainsFunc(s.keys, func(have keyring.Wrapped) bool { return have.ID == k.ID }); k.ID++ {
	}
	s.keys = append(s.keys, k)
	return k.ID, s.fail
}

func (s *shelf) ReplaceKey(_ context.Context, k keyring.Wrapped) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.keys {
		if s.keys[i].ID == k.ID {
			s.keys[i] = k
		}
	}
	return s.fail
}

func key(fill byte) []byte { return bytes.Repeat([]byte{fill}, keyring.KeySize) }

func attach(t testing.TB, s *shelf, now time.Time, masters ...keyring.Master) *keyring.Ring {
	t.Helper()
	r, err := keyring.Open(masters)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Attach(context.Background(), s, now); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatIsSealedOpensAgain(t *testing.T) {
	r := attach(t, &shelf{}, today, keyring.Master{Name: "m", Key: key(1)})
	for _, plain := range [][]byte{nil, []byte("short"), bytes.Repeat([]byte("long text "), 100_000)} {
		sealed := r.Seal(plain, here)
		got, err := r.Open(context.Background(), sealed, here)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes came back as %d bytes, %v", len(plain), len(got), err)
		}
		if bytes.Equal(sealed, r.Seal(plain, here)) {
			t.Error("the same text sealed twice is equal")
		}
	}
	if n := len(r.Seal(bytes.Repeat([]byte("long text "), 100_000), here)); n > 5000 {
		t.Errorf("a megabyte of one phrase is sealed in %d bytes: it was not compressed", n)
	}
}

func TestDamagedBytesDoNotOpen(t *testing.T) {
	r := attach(t, &shelf{}, today, keyring.Master{Name: "m", Key: key(1)})
	sealed := r.Seal([]byte("hello"), here)
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := r.Open(context.Background(), bad, here); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("byte %d changed: error is %v, want ErrSealed", i, err)
		}
	}
	for i := range sealed {
		if _, err := r.Open(context.Background(), sealed[:i], here); err == nil {
			t.Errorf("the first %d bytes open", i)
		}
	}
}

func TestEachDayHasAKeyOfItsOwn(t *testing.T) {
	s := &shelf{}
	r := attach(t, s, today, keyring.Master{Name: "m", Key: key(1)})
	first := r.Seal([]byte("a"), here)
	for _, hours := range []int{1, 24, 25, 23} { // the last one: a clock that went back
		if err := r.Turn(context.Background(), today.Add(time.Duration(hours)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	second := r.Seal([]byte("a"), here)
	if len(s.keys) != 7 || bytes.Equal(first[:5], second[:5]) {
		t.Errorf("%d keys: want digest, token, mark, secret, pair and two data keys", len(s.keys))
	}
	if _, err := r.Open(context.Background(), first, here); err != nil {
		t.Errorf("yesterday's bytes do not open: %v", err)
	}
}

// TestWhatLiesOnTheShelfCounts: a process remembers keys that are lost; the next one does not.
func TestWhatLiesOnTheShelfCounts(t *testing.T) {
	s := &shelf{}
	r := attach(t, s, today, keyring.Master{Name: "m", Key: key(1)})
	old := r.Seal([]byte("yesterday's"), here)
	if err := r.Turn(t.Context(), today.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	fresh := r.Seal([]byte("today's"), here)
	opens := func() (out [2]bool) {
		t.Helper()
		shelved, err := r.Shelved(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i, sealed := range [][]byte{old, fresh} {
			_, err := shelved.Open(t.Context(), sealed, here)
			out[i] = err == nil
		}
		return out
	}
	if got := opens(); got != [2]bool{true, true} {
		t.Errorf("a whole shelf opens %v", got)
	}
	for name, spoil := range map[string]func(*keyring.Wrapped){
		"an id that is another one":         func(w *keyring.Wrapped) { w.ID += 100 },
		"a master key that nobody has":      func(w *keyring.Wrapped) { w.Master = "lost" },
		"bytes that cannot be unwrapped":    func(w *keyring.Wrapped) { w.Wrapped = w.Wrapped[1:] },
		"hardly any bytes":                  func(w *keyring.Wrapped) { w.Wrapped = nil },
		"the key of another day in its row": func(w *keyring.Wrapped) { w.Wrapped = s.keys[len(s.keys)-1].Wrapped },
	} {
		kept := append([]keyring.Wrapped(nil), s.keys...)
		for i := range s.keys {
			if s.keys[i].ID == keyring.KeyOf(old) {
				spoil(&s.keys[i])
			}
		}
		if got := opens(); got != [2]bool{false, true} {
			t.Errorf("%s: opens %v", name, got)
		}
		s.keys = kept
	}
	if _, err := r.Open(t.Context(), old, here); err != nil {
		t.Errorf("what the process remembers does not open: %v", err)
	}
}

// TestALostDigestKeyIsNotMadeAnew: with another one no message of the past would be known again.
func TestALostDigestKeyIsNotMadeAnew(t *testing.T) {
	for _, kind := range []string{"digest", "token", "mark"} {
		s := &shelf{}
		attach(t, s, today, keyring.Master{Name: "m", Key: key(1)})
		s.keys = slices.DeleteFunc(s.keys, func(w keyring.Wrapped) bool { return w.Kind == kind })
		r, err := keyring.Open([]keyring.Master{{Name: "m", Key: key(1)}})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Attach(t.Context(), s, today); !errors.Is(err, keyring.ErrLost) {
			t.Errorf("without the %s key: error is %v", kind, err)
		}
		if len(s.keys) != 5 {
			t.Errorf("without the %s key: %d keys are on the shelf, want 5", kind, len(s.keys))
		}
	}
}

func TestPartsOfADigestDoNotRunTogether(t *testing.T) {
	r := attach(t, &shelf{}, today, keyring.Master{Name: "m", Key: key(1)})
	seen := map[string]string{}
	for name, parts := range map[string][][]byte{
		"ab":  {[]byte("ab")},
		"a,b": {[]byte("a"), []byte("b")},
		"ab,": {[]byte("ab"), nil},
		"":    {},
		",":   {nil},
	} {
		d := r.Digest(parts...)
		if other, twice := seen[d]; twice || len(d) != 64 || d == r.Token(parts...) {
			t.Errorf("digest of %q is %s, like that of %q", name, d, other)
		}
		seen[d] = name
	}
}

func TestWrongMasterKeysAreNamed(t *testing.T) {
	s := &shelf{}
	attach(t, s, today, keyring.Master{Name: "m", Key: key(1)})
	for name, c := range map[string]struct {
		masters []keyring.Master
		want    string
	}{
		"none":           {nil, "no master key"},
		"short":          {[]keyring.Master{{Name: "m", Key: key(1)[:31]}}, "31 bytes"},
		"twice":          {[]keyring.Master{{Name: "m", Key: key(1)}, {Name: "m", Key: key(2)}}, "names must"},
		"nameless":       {[]keyring.Master{{Key: key(1)}}, "names must"},
		"other name":     {[]keyring.Master{{Name: "n", Key: key(1)}}, `"m" is not configured`},
		"same name only": {[]keyring.Master{{Name: "m", Key: key(2)}}, "wrong key"},
	} {
		r, err := keyring.Open(c.masters)
		if err == nil {
			err = r.Attach(context.Background(), s, today)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
}

func TestSealingIsSafeBesideANewDay(t *testing.T) {
	s := &shelf{}
	r := attach(t, s, today, keyring.Master{Name: "m", Key: key(1)})
	other := attach(t, s, today, keyring.Master{Name: "m", Key: key(1)})
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for day := range 20 {
				if err := r.Turn(context.Background(), today.AddDate(0, 0, day)); err != nil {
					t.Error(err)
				}
				got, err := other.Open(context.Background(), r.Seal([]byte{byte(i)}, here), here)
				if err != nil || !bytes.Equal(got, []byte{byte(i)}) {
					t.Errorf("got %v, %v", got, err)
				}
			}
		})
	}
	wait.Wait()
}

func TestTheEmbeddedMasterKeyIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	var wait sync.WaitGroup
	keys := make([]keyring.Master, 8)
	for i := range keys {
		wait.Go(func() {
			var err error
			if keys[i], err = keyring.LoadOrCreate(dir); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for _, k := range keys {
		if !bytes.Equal(k.Key, keys[0].Key) || len(k.Key) != keyring.KeySize || k.Name != keyring.DefaultName {
			t.Fatal("the keys differ")
		}
	}
	path := filepath.Join(dir, "keys", "master.key")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("files beside the key: %v, %v", left, err)
	}
	if err := os.WriteFile(path, []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.LoadOrCreate(dir); err == nil || strings.Contains(err.Error(), "garbage") {
		t.Errorf("a damaged key file: error is %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	r := attach(f, &shelf{}, today, keyring.Master{Name: "m", Key: key(1)})
	f.Add(r.Seal([]byte("hello"), here))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if plain, err := r.Open(context.Background(), sealed, here); err == nil && string(plain) != "hello" {
			t.Errorf("foreign bytes opened as %q", base64.StdEncoding.EncodeToString(plain))
		}
	})
}

func BenchmarkSealSMS(b *testing.B) {
	r := attach(b, &shelf{}, today, keyring.Master{Name: "m", Key: key(1)})
	plain := []byte(`{"Body":"Where is my refund? Order 12345","From":"+493012345678","To":"+493087654321","MessageSid":"SM0123456789abcdef"}`)
	for b.Loop() {
		r.Seal(plain, here)
	}
}
