package signin

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/workers/desk/password"
	"frontdesk/workers/store"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/users"
)

// meanwhile does something while a password is looked at.
type meanwhile struct {
	*password.Hasher
	do func()
}

func (m meanwhile) Matches(ctx context.Context, text, phc string) (bool, bool, error) {
	m.do()
	return m.Hasher.Matches(ctx, text, phc)
}

// changing is an entrance whose user tom can be changed while he signs in.
func changing(t *testing.T) (en *Entrance, s *store.Store, known signins.Known, addKey func()) {
	t.Helper()
	s = storetest.SQLite(t)
	en, err := New(Config{Signins: s.Signins, Users: s.Users, Factors: s.Factors, Desk: "Topay", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.Users.Add(t.Context(), users.User{Login: "tom"}, time.Now(), "operator")
	if err != nil {
		t.Fatal(err)
	}
	phc, err := password.New().Digest(t.Context(), "correct horse battery")
	if err == nil {
		err = s.Signins.SetPassword(t.Context(), u.ID, "", phc, "", time.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	if known, err = s.Signins.Known(t.Context(), "tom"); err != nil {
		t.Fatal(err)
	}
	return en, s, known, func() {
		t.Helper()
		now := time.Now()
		at, _, err := s.Signins.SignIn(t.Context(), signins.Entry{Person: u.ID, Password: known.Password}, now)
		if err == nil {
			err = s.Factors.AddKey(t.Context(), u.ID, "tom", "an-id", "Phone", []byte("the record"), 0, at.ID, now)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhoAddsHisFirstPasskeyMeanwhileIsAskedForIt: by whatever way he has come, he is told neither that his password is wrong nor that nobody knows him.
func TestWhoAddsHisFirstPasskeyMeanwhileIsAskedForIt(t *testing.T) {
	en, _, known, addKey := changing(t)
	addKey()
	r := httptest.NewRequest(http.MethodGet, BackPath, nil)
	w := httptest.NewRecorder()
	en.vouchedAs(w, r, "tom", known, Home)
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(to, secondPath) || len(w.Result().Cookies()) != 1 {
		t.Errorf("whom an issuer vouches for gets %d, %q: %s", w.Code, to, w.Body)
	}

	en, _, _, addKey = changing(t)
	en.hasher = meanwhile{password.New(), addKey}
	var more *secondError
	if _, _, _, err := en.enter(httptest.NewRequest(http.MethodPost, SignInPath, nil), "tom", "correct horse battery"); !errors.As(err, &more) || more.step == "" {
		t.Errorf("who knows his password: %v", err)
	}
}

// TestWhoIsPutOutMeanwhileIsNotLetIn: nothing that was looked at before lets anybody in.
func TestWhoIsPutOutMeanwhileIsNotLetIn(t *testing.T) {
	en, s, known, _ := changing(t)
	off := func() {
		if err := s.Users.SetState(t.Context(), known.Person, users.Disabled, time.Now(), "operator"); err != nil {
			t.Fatal(err)
		}
	}
	en.hasher = meanwhile{password.New(), off}
	if _, secret, _, err := en.enter(httptest.NewRequest(http.MethodPost, SignInPath, nil), "tom", "correct horse battery"); !errors.Is(err, errWrong) || secret != "" {
		t.Errorf("who knows his password: %v", err)
	}
	w := httptest.NewRecorder()
	en.vouchedAs(w, httptest.NewRequest(http.MethodGet, BackPath, nil), "tom", known, Home)
	if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "does not let you in") {
		t.Errorf("whom an issuer vouches for gets %d", w.Code)
	}

	en, s, known, _ = changing(t)
	en.hasher = meanwhile{password.New(), func() {
		if err := s.Signins.SetPassword(t.Context(), known.Person, known.Password, "another", "", time.Now()); err != nil {
			t.Fatal(err)
		}
	}}
	if _, secret, _, err := en.enter(httptest.NewRequest(http.MethodPost, SignInPath, nil), "tom", "correct horse battery"); !errors.Is(err, errWrong) || secret != "" {
		t.Errorf("by a password that is none any more: %v", err)
	}
}
