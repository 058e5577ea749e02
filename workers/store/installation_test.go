package store_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/service"
)

func installation(t *testing.T, s *store.Store, now time.Time) service.Installation {
	t.Helper()
	i, err := s.Service.Installation(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	if len(i.ID) != 16 {
		t.Fatalf("the installation is called %q, want 16 digits", i.ID)
	}
	return i
}

func TestAnInstallationKeepsItsName(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		s := mustOpen(t, o, day, master("m1", 1))
		first := installation(t, s, day)
		if !first.HeirUntil.IsZero() {
			t.Errorf("a new installation works off old tasks until %s, want not at all: they are somebody else's", first.HeirUntil)
		}
		recordOne(t, s, "k1", "hello", day)
		mustClose(t, s)
		s = mustOpen(t, o, day.Add(time.Hour), master("m1", 1))
		defer mustClose(t, s)
		if again := installation(t, s, day.Add(time.Hour)); again != first {
			t.Errorf("after a restart it is %v, want %v", again, first)
		}
	})
}

func TestProcessesThatStartTogetherAgreeOnTheName(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		mustClose(t, mustOpen(t, o, day, master("m1", 1)))
		names, all := make([]string, 4), sync.WaitGroup{}
		for n := range names {
			s := mustOpen(t, o, day, master("m1", 1))
			defer mustClose(t, s)
			all.Go(func() {
				i, err := s.Service.Installation(t.Context(), day)
				if err != nil {
					t.Error(err)
				}
				names[n] = i.ID
			})
		}
		all.Wait()
		for _, name := range names {
			if name == "" || name != names[0] {
				t.Fatalf("the processes call the installation %q, want one name", names)
			}
		}
	})
}

func TestAnUpgradedInstallationWorksOffWhatOlderProgramsLeft(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		s := mustOpen(t, o, day, master("m1", 1))
		defer mustClose(t, s)
		recordOne(t, s, "k1", "by a program that knew no installation", day)
		if i := installation(t, s, day); !i.HeirUntil.Equal(day.Add(24 * time.Hour)) {
			t.Errorf("old tasks are worked off until %s, want a day after the upgrade", i.HeirUntil)
		}
	})
}

func TestACopyTakesANameOfItsOwn(t *testing.T) {
	t.Run("of a SQLite file", func(t *testing.T) {
		from, to := t.TempDir(), t.TempDir()
		s := mustOpen(t, store.Options{Dir: from}, day, master("m1", 1))
		first := installation(t, s, day)
		mustClose(t, s)
		raw, err := os.ReadFile(filepath.Join(from, "frontdesk.db"))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, "frontdesk.db"), raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		differ(t, store.Options{Dir: to}, first)
		moved := filepath.Join(t.TempDir(), "moved")
		if err := os.Rename(from, moved); err != nil {
			t.Fatal(err)
		}
		s = mustOpen(t, store.Options{Dir: moved}, day, master("m1", 1))
		defer mustClose(t, s)
		if again := installation(t, s, day); again != first {
			t.Errorf("a folder that was moved is called %v, want %v as before", again, first)
		}
	})
	t.Run("of a PostgreSQL database", func(t *testing.T) {
		o := store.Options{URL: server.Database(t), Dir: t.TempDir()}
		s := mustOpen(t, o, day, master("m1", 1))
		first := installation(t, s, day)
		mustClose(t, s)
		differ(t, store.Options{URL: server.Copy(t, o.URL), Dir: t.TempDir()}, first)
	})
}

func differ(t *testing.T, o store.Options, first service.Installation) {
	t.Helper()
	s := mustOpen(t, o, day, master("m1", 1))
	defer mustClose(t, s)
	recordOne(t, s, "k1", "hello", day)
	copied := installation(t, s, day)
	if copied.ID == first.ID || !copied.HeirUntil.IsZero() {
		t.Errorf("the copy is %v, want another name than %s, and nothing of the original's to work off", copied, first.ID)
	}
	if again := installation(t, s, day); again != copied {
		t.Errorf("the copy is called %v, then %v, want one name", copied, again)
	}
}
