package password

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestAPasswordMatchesItsDigestAlone(t *testing.T) {
	h, ctx := New(), t.Context()
	phc, err := h.Digest(ctx, "ＡＢＣ correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the digest is %s", phc)
	}
	again, err := h.Digest(ctx, "ＡＢＣ correct horse")
	if err != nil || again == phc {
		t.Errorf("two digests of one password are the same, or %v", err)
	}
	for _, c := range []struct {
		name, password, phc string
		want                bool
	}{
		{"the same", "ＡＢＣ correct horse", phc, true},
		{"typed at half width", "ABC correct horse", phc, true},
		{"another case", "abc correct horse", phc, false},
		{"cut off", "ABC correct hors", phc, false},
		{"empty", "", phc, false},
		{"no digest", "ABC correct horse", "", false},
	} {
		ok, old, err := h.Matches(ctx, c.password, c.phc)
		if err != nil || ok != c.want || old {
			t.Errorf("%s: %t, old %t, %v", c.name, ok, old, err)
		}
	}
}

func TestADigestOfAnotherCostIsOld(t *testing.T) {
	h := New()
	h.cost = cost{memory: 8 << 10, passes: 1, lanes: 1}
	phc, err := h.Digest(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if ok, old, err := New().Matches(t.Context(), "correct horse", phc); !ok || !old || err != nil {
		t.Errorf("%t, %t, %v", ok, old, err)
	}
	if ok, old, err := New().Matches(t.Context(), "correct hors", phc); ok || old || err != nil {
		t.Errorf("a wrong one: %t, %t, %v", ok, old, err)
	}
}

func TestWhatIsNoDigestIsRefused(t *testing.T) {
	salt, sum := strings.Repeat("A", 22), strings.Repeat("A", 43)
	for name, phc := range map[string]string{
		"a text": "password", "another kind": "$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + sum, "another version": "$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + sum,
		"memory for a whole machine": "$argon2id$v=19$m=4194304,t=2,p=1$" + salt + "$" + sum, "work for a year": "$argon2id$v=19$m=19456,t=4000000,p=1$" + salt + "$" + sum,
		"no lanes": "$argon2id$v=19$m=19456,t=2,p=0$" + salt + "$" + sum, "no sum": "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$", "no base64": "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$!!",
	} {
		if ok, _, err := New().Matches(t.Context(), "password", phc); ok || err == nil {
			t.Errorf("%s was taken: %t, %v", name, ok, err)
		}
	}
}

// TestFewAreLookedAtAtATime: memory is bounded, and whoever comes on top is told to come back.
func TestFewAreLookedAtAtATime(t *testing.T) {
	h := New()
	if n := cap(h.slots); n < 1 || n > mostAtOnce {
		t.Fatalf("%d at a time", n)
	}
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Digest(ctx, "correct horse"); !errors.Is(err, context.Canceled) {
		t.Errorf("who waits and goes away: %v", err)
	}
	for range cap(h.waiting) {
		h.waiting <- struct{}{}
	}
	if _, _, err := h.Matches(t.Context(), "correct horse", ""); !errors.Is(err, ErrBusy) {
		t.Errorf("who would wait too long: %v", err)
	}
}

func TestWhichPasswordsMayBeChosen(t *testing.T) {
	names := []string{"li.na", "Li Na", "Topay"}
	for _, c := range []struct {
		password string
		want     Reason
	}{
		{"correct horse battery", Fine}, {"我爱北京天安门和长城啊", Fine}, {"Xk39dkls02", Fine}, {"sunflower77 in may", Fine},
		{"nine char", Short}, {"", Short}, {"我爱北京天安门", Short}, {strings.Repeat("x y z", 60), Long},
		{"password123", Weak}, {"qwertyuiop", Weak}, {"1234567890", Weak}, {"aaaaaaaaaaaa", Weak}, {"Summer2026!", Weak}, {"letmein12345", Weak}, {"zhangwei1990", Weak}, {"ｐａｓｓｗｏｒｄ１２３", Weak},
		{"topaytopay", Named}, {"Topay-2026", Named}, {"li.na.li.na", Named}, {"TOPAY Li Na 1", Named},
		{"Topay correct horse battery", Fine},
	} {
		if got := Refused(c.password, names...); got != c.want {
			t.Errorf("%q: %q, want %q", c.password, got, c.want)
		}
	}
}
