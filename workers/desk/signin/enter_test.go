package signin

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"frontdesk/workers/desk/password"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/users"
)

// counted counts the work that passwords take.
type counted struct {
	*password.Hasher
	n    int
	busy bool
}

func (c *counted) Matches(ctx context.Context, text, phc string) (bool, bool, error) {
	if c.n++; c.busy {
		return false, false, password.ErrBusy
	}
	return c.Hasher.Matches(ctx, text, phc)
}

func entrance(t *testing.T) (*Entrance, *counted, users.User) {
	t.Helper()
	s := storetest.SQLite(t)
	en, err := New(Config{Signins: s.Signins, Users: s.Users, Desk: "Topay", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	c := &counted{Hasher: password.New()}
	en.hasher = c
	u, err := s.Users.Add(t.Context(), users.User{Login: "tom"}, time.Now(), "operator")
	if err != nil {
		t.Fatal(err)
	}
	return en, c, u
}

// TestWhoDoesNotExistCostsTheSameWork: each try is held against one digest, be it nobody's.
func TestWhoDoesNotExistCostsTheSameWork(t *testing.T) {
	en, c, u := entrance(t)
	phc, err := c.Digest(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if err := en.Signins.SetPassword(t.Context(), u.ID, "", phc, "", time.Now()); err != nil {
		t.Fatal(err)
	}
	for i, login := range []string{"tom", "nobody", "no login!", "", "TOM"} {
		r := httptest.NewRequest(http.MethodPost, SignInPath, nil)
		r.RemoteAddr = "192.0.2.7:1"
		if _, _, _, err := en.enter(r, login, "wrong"); !errors.Is(err, errWrong) {
			t.Errorf("%q: %v", login, err)
		}
		if c.n != i+1 {
			t.Errorf("%q: %d digests were made for %d tries", login, c.n, i+1)
		}
	}
}

// TestWhoWasNotLookedAtUsedNothingUp: a rush in the morning slows nobody down beyond itself.
func TestWhoWasNotLookedAtUsedNothingUp(t *testing.T) {
	en, c, _ := entrance(t)
	c.busy = true
	for range 2 * loginBurst {
		r := httptest.NewRequest(http.MethodPost, SignInPath, nil)
		if _, _, _, err := en.enter(r, "tom", "x"); !errors.Is(err, password.ErrBusy) {
			t.Fatal(err)
		}
	}
}

// TestAnOldDigestIsMadeAnew at the first right sign-in.
func TestAnOldDigestIsMadeAnew(t *testing.T) {
	en, c, u := entrance(t)
	weak, err := password.New().Digest(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if err := en.Signins.SetPassword(t.Context(), u.ID, "", weak, "", time.Now()); err != nil {
		t.Fatal(err)
	}
	en.hasher = &aged{counted: c}
	r := httptest.NewRequest(http.MethodPost, SignInPath, nil)
	_, secret, _, err := en.enter(r, "tom", "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	k, err := en.Signins.Known(t.Context(), "tom")
	if err != nil || k.Password == weak {
		t.Errorf("the old digest is kept, or %v", err)
	}
	if ok, _, err := c.Matches(t.Context(), "correct horse battery", k.Password); !ok || err != nil {
		t.Errorf("the new one is another password's: %v", err)
	}
	if _, err := en.Signins.Session(t.Context(), secret, time.Now()); err != nil {
		t.Errorf("the session: %v", err)
	}
}

// aged takes every digest for one of another cost.
type aged struct{ *counted }

func (a *aged) Matches(ctx context.Context, text, phc string) (bool, bool, error) {
	ok, _, err := a.counted.Matches(ctx, text, phc)
	return ok, ok, err
}

// TestAPasswordThatChangesWhileItIsLookedAtIsWrong: who signs in with the old one gets no session behind the back of who has changed it.
func TestAPasswordThatChangesWhileItIsLookedAtIsWrong(t *testing.T) {
	en, c, u := entrance(t)
	phc, err := c.Digest(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if err := en.Signins.SetPassword(t.Context(), u.ID, "", phc, "", time.Now()); err != nil {
		t.Fatal(err)
	}
	en.hasher = &overtaken{c, func() error {
		return en.Signins.SetPassword(context.WithoutCancel(t.Context()), u.ID, phc, "$other", "", time.Now())
	}}
	if _, _, _, err := en.enter(httptest.NewRequest(http.MethodPost, SignInPath, nil), "tom", "correct horse battery"); !errors.Is(err, errWrong) {
		t.Errorf("the old password opened a session: %v", err)
	}
	list, err := en.Signins.Of(t.Context(), u.ID, time.Now())
	if err != nil || len(list) > 0 {
		t.Errorf("%d sessions, %v", len(list), err)
	}
}

// overtaken does something after a password was looked at.
type overtaken struct {
	*counted
	then func() error
}

func (o *overtaken) Matches(ctx context.Context, text, phc string) (bool, bool, error) {
	ok, old, err := o.counted.Matches(ctx, text, phc)
	return ok, old, errors.Join(err, o.then())
}
