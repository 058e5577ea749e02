package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/workers/replay"
	"frontdesk/workers/store/erasure"
)

// TestReplayDecidesActsAgain: what people did, and what they took back, comes to the same with the same program, also of a customer who
// is erased since. What an older program noted in part is told as such, and what would be otherwise is told as a difference.
func TestReplayDecidesActsAgain(t *testing.T) {
	c := testConfig(t)
	r := start(t, c)
	n := r.variety()
	r.mustMail("kim@firm.example", human("kim@firm.example", "Automatic reply: Invoice", "8@firm.example", "I am out of the office until Monday."))
	r.decided(n + 1)
	byState := map[string]int64{}
	for _, m := range r.messages() {
		byState[m.State] = m.ID
	}
	parked, appended := byState["parked"], byState["appended"]
	inbox := r.messages()[0].Inbox
	first := r.tickets()[len(r.tickets())-1]
	now := time.Now()
	for i, act := range []func(time.Time) error{
		func(at time.Time) error { return r.store.Acts.CloseTicket(t.Context(), first.ID, at, "zhou") },
		func(at time.Time) error { return r.store.Acts.ReopenTicket(t.Context(), first.ID, at, "li") },
		func(at time.Time) error { return r.store.Acts.Dismiss(t.Context(), parked, at, "zhou") },
		func(at time.Time) error { return r.store.Acts.Undismiss(t.Context(), parked, at, "li") },
		func(at time.Time) error { return r.store.Acts.Release(t.Context(), parked, at, "li") },
		func(at time.Time) error { return r.store.Acts.TakeOut(t.Context(), appended, at, "li") },
		func(at time.Time) error { return r.store.Acts.CloseTicket(t.Context(), first.ID, at, "zhou") },
	} {
		if err := act(now.Add(time.Duration(i) * time.Second)); err != nil {
			t.Fatalf("act %d: %v", i, err)
		}
	}
	r.decided(n + 1)
	if first.Contact == 0 {
		t.Fatalf("the first ticket is %+v", first)
	}
	person, err := r.store.Erasure.Person(t.Context(), first.Contact)
	if err == nil {
		_, err = r.store.Erasure.Erase(t.Context(), person, erasure.Erasure{Who: "li"}, now.Add(time.Minute))
	}
	if err != nil {
		t.Fatal(err)
	}
	r.stop()

	run := func(args ...string) (code int, acts []replay.ActVerdict, sum replay.Tally) {
		t.Helper()
		var told struct {
			Messages []replay.Verdict
			Acts     []replay.ActVerdict
			Summary  struct {
				replay.Summary
				Acts replay.Tally
			}
		}
		code, out, errs := frontdesk(t, append([]string{"replay", "--json", "--data-dir", c.DataDir}, args...)...)
		if err := json.Unmarshal([]byte(out), &told); err != nil || told.Acts == nil {
			t.Fatalf("replay %v ended with %d: %v\n%s%s", args, code, err, out, errs)
		}
		return code, told.Acts, told.Summary.Acts
	}
	same := func(what string, n int, got replay.Tally, skipped map[string]int) {
		t.Helper()
		want := replay.Tally{Replayed: n, Same: n, ByField: map[string]int{}, ByReason: map[string]int{}}
		maps.Copy(want.ByReason, skipped)
		for _, n := range skipped {
			want.Skipped += n
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	_, _, sum := run("--all")
	same("all", 7, sum, map[string]int{replay.SkippedErasure: 1})
	_, _, sum = run(fmt.Sprint(parked))
	same("of a message", 3, sum, nil)
	_, _, sum = run("--from", "2000-01-01", "--to", "2000-01-31")
	same("of another time", 0, sum, nil)
	_, _, sum = run("--inbox", inbox)
	same("of an inbox", 7, sum, nil)

	rewrite(t, c, `DELETE FROM entries WHERE ticket = 0`, `UPDATE entries SET before = json_remove(before, '$.version'), after = json_remove(after, '$.version') WHERE kind = 'take-out'`)
	_, _, sum = run("--all")
	same("of an older program", 3, sum, map[string]int{replay.SkippedErasure: 1, replay.SkippedUnnoted: 4})

	rewrite(t, c, `UPDATE entries SET after = replace(after, '"kept"', '"broken"') WHERE kind = 'close'`)
	code, acts, sum := run("--all", "--limit-diff", "1")
	if code != command.ExitDiffer || sum.Differ != 2 || len(acts) != 1 || len(acts[0].Differences) != 1 || acts[0].Differences[0].Field != "promise resolution" {
		t.Errorf("another outcome ended with %d: %+v, %+v", code, sum, acts)
	}
	_, out, _ := frontdesk(t, "replay", "--all", "--data-dir", c.DataDir)
	for _, words := range []string{"  close, ticket " + fmt.Sprint(first.ID) + ", done ", "promise resolution: broken", "3 acts of people replayed: 1 the same, 2 differ (promise resolution 2)",
		"5 acts of people could not be replayed (" + replay.SkippedUnnoted + " 4, " + replay.SkippedErasure + " 1)"} {
		if !strings.Contains(out, words) {
			t.Errorf("does not say %q:\n%s", words, out)
		}
	}
	if slices.ContainsFunc([]string{"zhou", "li@"}, func(s string) bool { return strings.Contains(out, s) }) {
		t.Errorf("who acted, or a customer, is told:\n%s", out)
	}

	rewrite(t, c, `UPDATE entries SET after = '{' WHERE kind = 'close'`)
	if code, _, errs := frontdesk(t, "replay", "--all", "--data-dir", c.DataDir); code != command.ExitFinding || !strings.Contains(errs, "2 acts cannot be read") {
		t.Errorf("what cannot be read ended with %d: %s", code, errs)
	}
}
