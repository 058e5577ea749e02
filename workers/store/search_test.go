package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/search"
	"frontdesk/workers/store"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/storetest"
)

// both runs a test on each database.
func both(t *testing.T, run func(t *testing.T, s *store.Store)) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": openSQLite, "postgres": openPostgres} {
		t.Run(name, func(t *testing.T) { run(t, open(t)) })
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// indexAll makes all tickets findable.
func indexAll(t testing.TB, s *store.Store) {
	t.Helper()
	for waiting := true; waiting; {
		_, err := s.Find.Index(context.Background())
		must(t, err)
		waiting, err = s.Find.Unfound(context.Background())
		must(t, err)
	}
}

func walk(t testing.TB, s *store.Store, now time.Time) {
	t.Helper()
	for done := false; !done; {
		w, err := s.Find.Walk(context.Background(), now)
		must(t, err)
		done = w.Done
	}
}

func found(t testing.TB, s *store.Store, typed, state string) int {
	t.Helper()
	f, err := s.Find.Search(context.Background(), find.Seek{Query: s.Find.Reader().Read(typed), State: state})
	must(t, err)
	return len(f.Tickets)
}

// TestWhatAnOlderProgramWroteIsFound: the walk finds what no commit has noted, and looks again the next day.
func TestWhatAnOlderProgramWroteIsFound(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store) {
		h := storetest.NewHousehold(t, s)
		now := time.Now()
		must(t, store.ForgetWords(t.Context(), s))
		indexAll(t, s)
		if n := found(t, s, "umbrella", ""); n != 0 {
			t.Errorf("%d found before the walk", n)
		}
		_, w, err := s.Find.Findable(t.Context())
		must(t, err)
		if w != (find.Walked{Left: 1}) {
			t.Errorf("before the walk: %+v", w)
		}
		walk(t, s, now)
		indexAll(t, s)
		if n := found(t, s, "umbrella", ""); n == 0 {
			t.Error("nothing is found after the walk")
		}
		_, w, err = s.Find.Findable(t.Context())
		must(t, err)
		if w != (find.Walked{Done: true}) {
			t.Errorf("after the walk: %+v", w)
		}
		must(t, s.Acts.CloseTicket(t.Context(), h.BobTicket, now, "zhou"))
		must(t, store.ForgetMarks(t.Context(), s))
		walk(t, s, now.Add(time.Hour))
		indexAll(t, s)
		if n := found(t, s, "umbrella", "closed"); n != 0 {
			t.Errorf("looked at again within the hour: %d", n)
		}
		walk(t, s, now.Add(25*time.Hour))
		indexAll(t, s)
		if n := found(t, s, "umbrella", "closed"); n != 1 {
			t.Errorf("looked at again the next day: %d found", n)
		}
	})
}

// TestNoWordOfAnErasedPersonIsLeftInTheIndex reads the bytes of the index.
func TestNoWordOfAnErasedPersonIsLeftInTheIndex(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store) {
		h := storetest.NewHousehold(t, s)
		indexAll(t, s)
		raw, err := store.IndexedWords(t.Context(), s)
		must(t, err)
		secrets := []string{"isabeth", "uitcase", "712345678"} // an index may keep the beginning of a word with its neighbour
		for _, word := range append(secrets, "mbrella") {
			if !strings.Contains(raw, word) {
				t.Fatalf("%q is not there before: the test tells nothing", word)
			}
		}
		out, err := s.Erasure.Erase(t.Context(), h.Ann, erasure.Erasure{Who: "zhou"}, time.Now())
		must(t, err)
		if out.Proof.Left() != 0 {
			t.Errorf("the proof has findings: %+v", out.Proof)
		}
		must(t, s.Erasure.Compact(t.Context(), false, time.Minute))
		indexAll(t, s)
		raw, err = store.IndexedWords(t.Context(), s)
		must(t, err)
		for _, word := range secrets {
			if strings.Contains(raw, word) {
				t.Errorf("%q is still there", word)
			}
		}
		if !strings.Contains(raw, "mbrella") {
			t.Error("what others wrote is gone")
		}
	})
}

// TestWordsThatAnErasureLeftAreFoundOut: the search for a person asks the index, and takes out what is left there.
func TestWordsThatAnErasureLeftAreFoundOut(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store) {
		h := storetest.NewHousehold(t, s)
		indexAll(t, s)
		traces, err := s.Erasure.Find(t.Context(), h.Ann, nil)
		must(t, err)
		if len(traces.Others.Indexed) > 0 {
			t.Errorf("an index that fits its tickets is a finding: %v", traces.Others.Indexed)
		}
		must(t, store.BlankBehind(t.Context(), s))
		traces, err = s.Erasure.Find(t.Context(), h.Ann, nil)
		must(t, err)
		if !slices.Contains(traces.Others.Indexed, h.AnnTicket) {
			t.Fatalf("words of an address that stands in no ticket are no finding: %+v", traces)
		}
		out, err := s.Erasure.Erase(t.Context(), h.Ann, erasure.Erasure{Who: "zhou"}, time.Now())
		must(t, err)
		if out.Proof.Left() != 0 || found(t, s, h.Ann.Addresses[0].Value, "") != 0 {
			t.Errorf("words are left: %+v", out.Proof)
		}
	})
}

// TestTheIndexFindsWhatIsFoundWithoutIt: on PostgreSQL the newest tickets are looked through first, and the index is asked for the rest.
func TestTheIndexFindsWhatIsFoundWithoutIt(t *testing.T) {
	s := openPostgres(t)
	storetest.NewHousehold(t, s)
	indexAll(t, s)
	r := store.Watch(s)
	for _, typed := range []string{"umbrella", "umbr", "suitcase lock", "ann.smith@customer.example", "a", "refund", "nothinglikethis", "0000001"} {
		q := find.Seek{Query: s.Find.Reader().Read(typed), Limit: 1}
		var got [3]find.Found
		for i, newest := range []int{500, 1, 0} {
			store.Newest(s, newest)
			var err error
			got[i], err = s.Find.Search(t.Context(), q)
			must(t, err)
		}
		if diff := cmp.Diff(got[0], got[1]) + cmp.Diff(got[0], got[2]); diff != "" {
			t.Errorf("%q:\n%s", typed, diff)
		}
	}
	plans, err := r.Plans(t.Context())
	must(t, err)
	asked := false
	for text, plan := range plans {
		if bad := scan("postgres", text, plan); bad != "" {
			t.Errorf("%s\n  in: %s", bad, text)
		}
		asked = asked || strings.Contains(strings.Join(plan, "\n"), "searched_words")
	}
	if !asked {
		t.Error("the index of words was not asked")
	}
}

// FuzzSearch: whatever is typed, both databases take it.
func FuzzSearch(f *testing.F) {
	for _, typed := range []string{`"`, `'`, `\`, "a* OR NEAR(b)", "退款", "+86 139", "o'brien@x.example", "\x00\xff", "&|!<->:*"} {
		f.Add(typed)
	}
	stores := []*store.Store{openSQLite(f), openPostgres(f)}
	f.Fuzz(func(t *testing.T, typed string) {
		for _, s := range stores {
			if _, err := s.Find.Search(t.Context(), find.Seek{Query: search.New().Read(typed), State: "open", Queue: typed[:min(len(typed), 40)]}); err != nil {
				t.Errorf("%s: %q: %v", s.Base.Dialect(), typed, err)
			}
		}
	})
}
