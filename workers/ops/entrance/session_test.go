package entrance

import (
	"context"
	"strings"
	"testing"
	"time"

	"frontdesk/workers/store/operators"
	"frontdesk/workers/store/storetest"
)

func TestNames(t *testing.T) {
	for text, want := range map[string]string{
		"Li": "Li", "  Li \t Wei\r\n": "Li Wei", "a\x00b\u200bc\u202ed": "abcd", "\xff\xfe": "", strings.Repeat("李", 80): strings.Repeat("李", 64), "<b>": "<b>",
	} {
		if got := Name(text); got != want {
			t.Errorf("Name(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestASessionIsLookedForAgain(t *testing.T) {
	sessions := storetest.SQLite(t).Operators
	en := New(Config{Operators: sessions, Ground: sessions.Ground("q7Zt2mVb9Lx4Rk8Wc1Ns6Yp3")})
	s, secret, err := sessions.SignIn(t.Context(), operators.Entry{Ground: en.Ground}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.WithValue(t.Context(), signedIn{}, &entry{s, secret})
	if !en.Still(ctx) || !en.Still(t.Context()) {
		t.Error("a session, or a token, has ended by itself")
	}
	if err := sessions.EndSession(t.Context(), s.ID); err != nil {
		t.Fatal(err)
	}
	if en.Still(ctx) {
		t.Error("an ended session still stands")
	}
}
