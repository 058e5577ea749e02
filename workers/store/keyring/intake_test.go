package keyring_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"frontdesk/workers/store/keyring"
)

func intakeOf(t testing.TB, m keyring.Master) keyring.IntakeKey {
	t.Helper()
	k, err := m.IntakeKey()
	if err != nil {
		t.Fatal(err)
	}
	k, err = keyring.ParseIntake(m.Name, k.Text()+"\n")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func attachIntake(t testing.TB, s *shelf, keys ...keyring.IntakeKey) (*keyring.Ring, error) {
	t.Helper()
	r, err := keyring.OpenIntake(keys)
	if err != nil {
		t.Fatal(err)
	}
	return r, r.Attach(t.Context(), s, today)
}

// TestAnIntakeKeySealsAndCannotOpen: neither what others recorded nor, later, what it sealed itself.
func TestAnIntakeKeySealsAndCannotOpen(t *testing.T) {
	m, s := keyring.Master{Name: "m", Key: key(1)}, &shelf{}
	whole := attach(t, s, today, m)
	intake, err := attachIntake(t, s, intakeOf(t, m))
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := intake.Originals(t.Context(), today)
	if err != nil {
		t.Fatal(err)
	}
	own := sealer.Seal([]byte("hello"), 7, "support")
	if got, err := whole.Open(t.Context(), own, keyring.Original(7, "support")); err != nil || string(got) != "hello" {
		t.Errorf("the master key opens %q, %v", got, err)
	}
	theirs, err := whole.Originals(t.Context(), today)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		sealed []byte
		at     keyring.Place
	}{
		"its own original":           {own, keyring.Original(7, "support")},
		"another process's original": {theirs.Seal([]byte("x"), 8, "support"), keyring.Original(8, "support")},
		"a decision":                 {whole.Seal([]byte("x"), here), here},
		"a file":                     {whole.Seal([]byte("x"), keyring.Content("d")), keyring.Content("d")},
	} {
		if _, err := intake.Open(t.Context(), c.sealed, c.at); !errors.Is(err, keyring.ErrIntakeOnly) {
			t.Errorf("%s: error is %v, want ErrIntakeOnly", name, err)
		}
		if _, err := intake.Open(t.Context(), c.sealed, keyring.Secret("n")); err == nil {
			t.Errorf("%s opens as a secret", name)
		}
	}
	secret := keyring.Secret("gmail")
	if got, err := intake.Open(t.Context(), whole.Seal([]byte("refresh"), secret), secret); err != nil || string(got) != "refresh" {
		t.Errorf("a saved secret: %q, %v", got, err)
	}
	if intake.Digest([]byte("a")) != whole.Digest([]byte("a")) || intake.Token([]byte("a")) != whole.Token([]byte("a")) {
		t.Error("digests and tokens differ")
	}
	if _, err := intake.Rewrap(t.Context()); !errors.Is(err, keyring.ErrIntakeOnly) {
		t.Errorf("rewrapping with an intake key: %v", err)
	}
}

func TestADataKeyOfOriginalsLastsSomeMinutes(t *testing.T) {
	m, s := keyring.Master{Name: "m", Key: key(1)}, &shelf{}
	attach(t, s, today, m)
	r, err := attachIntake(t, s, intakeOf(t, m))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[uint32]int{}
	for minute := range 60 {
		sealer, err := r.Originals(t.Context(), today.Add(time.Duration(minute)*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		ids[sealer.ID]++
	}
	if len(ids) != 4 {
		t.Errorf("an hour took %d data keys, want 4", len(ids))
	}
	sealer, err := r.Originals(t.Context(), today.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	r.Drop(sealer)
	if again, err := r.Originals(t.Context(), today.Add(time.Hour)); err != nil || again.ID == sealer.ID {
		t.Errorf("after dropping it the key is the same, %v", err)
	}
}

// TestAnIntakeKeyStartsOnlyWhereOthersCanRead: what is sealed to a key that nobody has would be lost.
func TestAnIntakeKeyStartsOnlyWhereOthersCanRead(t *testing.T) {
	m := keyring.Master{Name: "m", Key: key(1)}
	if _, err := attachIntake(t, &shelf{}, intakeOf(t, m)); !errors.Is(err, keyring.ErrUnprepared) {
		t.Errorf("on an empty database: %v", err)
	}
	s := &shelf{}
	attach(t, s, today, m)
	if _, err := attachIntake(t, s, intakeOf(t, keyring.Master{Name: "m", Key: key(2)})); err == nil || !strings.Contains(err.Error(), "wrong key") {
		t.Errorf("that of another master key of this name: %v", err)
	}
	var missing *keyring.MissingError
	if _, err := attachIntake(t, s, intakeOf(t, keyring.Master{Name: "n", Key: key(2)})); !errors.As(err, &missing) || missing.Master != "m" {
		t.Errorf("that of another name: %v", err)
	}
	both := []keyring.IntakeKey{intakeOf(t, keyring.Master{Name: "n", Key: key(2)}), intakeOf(t, m)}
	if _, err := attachIntake(t, s, both...); err == nil || !strings.Contains(err.Error(), `no process with master key "n" has started yet`) {
		t.Errorf("a new one before the processes that read: %v", err)
	}
	attach(t, s, today, keyring.Master{Name: "n", Key: key(2)}, m)
	r, err := attachIntake(t, s, both...)
	if err != nil {
		t.Fatalf("a new one afterwards: %v", err)
	}
	if _, err := r.Originals(t.Context(), today); err != nil {
		t.Error(err)
	}
}

// TestKeysRotateWithIntakeKeys: afterwards the new master key alone opens everything.
func TestKeysRotateWithIntakeKeys(t *testing.T) {
	s, old, fresh := &shelf{}, keyring.Master{Name: "old", Key: key(1)}, keyring.Master{Name: "new", Key: key(2)}
	first := attach(t, s, today, old)
	intake, err := attachIntake(t, s, intakeOf(t, old))
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := intake.Originals(t.Context(), today)
	if err != nil {
		t.Fatal(err)
	}
	sealed, digest := sealer.Seal([]byte("hello"), 1, "support"), first.Digest([]byte("a"))
	both := attach(t, s, today, fresh, old)
	if _, err := both.Rewrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := attach(t, s, today, fresh)
	if got, err := r.Open(t.Context(), sealed, keyring.Original(1, "support")); err != nil || string(got) != "hello" || r.Digest([]byte("a")) != digest {
		t.Errorf("the new key opens %q, %v", got, err)
	}
	if _, err := attachIntake(t, s, intakeOf(t, fresh)); err != nil {
		t.Errorf("its intake key: %v", err)
	}
}

// TestBytesOpenAtTheirOwnPlaceOnly: whoever can write to the database can swap rows; they do not open.
func TestBytesOpenAtTheirOwnPlaceOnly(t *testing.T) {
	s := &shelf{}
	r := attach(t, s, today, keyring.Master{Name: "m", Key: key(1)})
	sealer, err := r.Originals(t.Context(), today)
	if err != nil {
		t.Fatal(err)
	}
	places := []keyring.Place{keyring.Original(1, "a"), keyring.Original(2, "a"), keyring.Original(1, "b"), keyring.Row("decisions", 1), keyring.Row("decisions", 2),
		keyring.Row("opinions", 1, "x", "", "clean"), keyring.Row("opinions", 1, "x", "", "spam"), keyring.Row("opinions", 1, "", "x", "clean"),
		keyring.Row("opinions", 2, "x", "", "clean"), keyring.Content("a"), keyring.Content("b"), keyring.Secret("a"), keyring.Secret("b")}
	for i, at := range places {
		var sealed []byte
		switch i {
		case 0, 1:
			sealed = sealer.Seal([]byte("x"), int64(i+1), "a")
		case 2:
			sealed = sealer.Seal([]byte("x"), 1, "b")
		default:
			sealed = r.Seal([]byte("x"), at)
		}
		for j, other := range places {
			if _, err := r.Open(t.Context(), sealed, other); (err == nil) != (i == j) || err != nil && !errors.Is(err, keyring.ErrSealed) {
				t.Errorf("what was sealed for %v at %v: %v", at, other, err)
			}
		}
	}
}

// TestAForgedDataKeyIsRefused: the public key is enough to seal to, but not to put a key on the shelf.
func TestAForgedDataKeyIsRefused(t *testing.T) {
	m, s := keyring.Master{Name: "m", Key: key(1)}, &shelf{}
	r := attach(t, s, today, m)
	a, err := r.Originals(t.Context(), today)
	if err != nil {
		t.Fatal(err)
	}
	sealed := a.Seal([]byte("x"), 1, "support")
	for name, spoil := range map[string]func(*keyring.Wrapped){
		"another way":    func(w *keyring.Wrapped) { w.Way = "intake" },
		"another kind":   func(w *keyring.Wrapped) { w.Kind = "data" },
		"changed bytes":  func(w *keyring.Wrapped) { w.Wrapped = append([]byte{1}, w.Wrapped[1:]...) },
		"hardly a byte":  func(w *keyring.Wrapped) { w.Wrapped = []byte{1} },
		"another slot":   func(w *keyring.Wrapped) { w.Slot += "x" },
		"an unknown way": func(w *keyring.Wrapped) { w.Way = "none" },
	} {
		kept := append([]keyring.Wrapped(nil), s.keys...)
		spoil(&s.keys[a.ID-1])
		shelved, err := r.Shelved(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := shelved.Open(t.Context(), sealed, keyring.Original(1, "support")); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
		s.keys = kept
	}
}

func TestWrongIntakeKeysAreNamed(t *testing.T) {
	good := intakeOf(t, keyring.Master{Name: "m", Key: key(1)}).Text()
	for name, c := range map[string]struct{ text, want string }{
		"a master key":   {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "this is a master key"},
		"nothing":        {"", "begins with frontdesk-intake-1:"},
		"cut off":        {good[:len(good)-8], "cut off or damaged"},
		"one slip":       {good[:40] + map[bool]string{true: "B", false: "A"}[good[40] == 'A'] + good[41:], "cut off or damaged"},
		"the prefix":     {"frontdesk-intake-1:", "cut off or damaged"},
		"a private word": {"hunter2-secret", "begins with"},
	} {
		if _, err := keyring.ParseIntake("m", c.text); err == nil || !strings.Contains(err.Error(), c.want) || c.text != "" && strings.Contains(err.Error(), c.text) && len(c.text) > 20 {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
}

// FuzzParseIntake reads foreign text as an intake key: what is taken is what was written.
func FuzzParseIntake(f *testing.F) {
	f.Add(intakeOf(f, keyring.Master{Name: "m", Key: key(1)}).Text())
	f.Add("frontdesk-intake-1:AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := keyring.ParseIntake("m", text); err == nil && k.Text() != strings.TrimSpace(text) && len(k.Text()) > len(text) {
			t.Errorf("read %d bytes as %d", len(text), len(k.Text()))
		}
	})
}

// FuzzOpenOriginal opens foreign bytes at the place of an original: nothing but what was sealed for it opens.
func FuzzOpenOriginal(f *testing.F) {
	s := &shelf{reached: 100}
	r := attach(f, s, today, keyring.Master{Name: "m", Key: key(1)})
	sealer, err := r.Originals(f.Context(), today)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealer.Seal([]byte("hello"), 1, "support"), int64(1))
	f.Add(sealer.Seal([]byte("hello"), 2, "support"), int64(1))
	f.Add(r.Seal([]byte("hello"), here), int64(1))
	f.Add(bytes.Repeat([]byte{1}, 40), int64(7))
	f.Fuzz(func(t *testing.T, sealed []byte, id int64) {
		plain, err := r.Open(t.Context(), sealed, keyring.Original(id, "support"))
		if err == nil && (string(plain) != "hello" || id != 1 && id != 2) || err != nil && !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("%d foreign bytes at %d: %q, %v", len(sealed), id, plain, err)
		}
	})
}

func BenchmarkANewDataKeyOfOriginals(b *testing.B) {
	r := attach(b, &shelf{}, today, keyring.Master{Name: "m", Key: key(1)})
	at := today
	for b.Loop() {
		at = at.Add(time.Hour)
		if _, err := r.Originals(b.Context(), at); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealOriginal(b *testing.B) {
	r := attach(b, &shelf{}, today, keyring.Master{Name: "m", Key: key(1)})
	plain := []byte(`{"Body":"Where is my refund? Order 12345","From":"+493012345678","To":"+493087654321","MessageSid":"SM0123456789abcdef"}`)
	for b.Loop() {
		s, err := r.Originals(b.Context(), today)
		if err != nil {
			b.Fatal(err)
		}
		s.Seal(plain, 1, "support")
	}
}
