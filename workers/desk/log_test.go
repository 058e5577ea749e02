package desk

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	show "frontdesk/templates/desk/admin"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/store/logbook"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// lines are the log from its first line on, as "who act object".
func (r *rig) lines() (out []string) {
	r.t.Helper()
	_, err := r.store.Logbook.Chain(r.t.Context(), 1000, time.Now())
	r.must(err)
	all, err := r.store.Logbook.List(r.t.Context(), viewer.Viewer{Grants: []viewer.Grant{{Role: viewer.Auditor}}}, logbook.Seek{Limit: 1000})
	r.must(err)
	for _, l := range slices.Backward(all) {
		out = append(out, strings.TrimSpace(l.Who+" "+l.Act+" "+l.Object))
	}
	return out
}

func TestWhatIsDoneAndReadIsNoted(t *testing.T) {
	r := kept(t)
	r.user("boss", viewer.Grant{Role: viewer.Administrator})
	r.browser().signIn("boss", "wrong")
	r.browser().signIn("my secret password", "x")
	b := r.browser().in("boss")
	b.get("/desk")
	b.get("/desk/tickets/T-7")
	b.ask(http.MethodPost, "/desk/tickets/T-7/reply", url.Values{"text": {"words of a letter"}})
	b.get("/desk/admin/users/boss")
	b.ask(http.MethodPost, "/desk/admin/users/boss/rights", url.Values{"grant": {"administrator|", "auditor|"}})
	b.get("/desk/admin/users/" + url.PathEscape(`=HYPERLINK("x")`))
	b.wants(b.get("/desk/admin/log?who=Boss&object=T-7"), http.StatusOK)
	want := []string{"boss sign-in-refused", "boss sign-in", "boss read-tickets T-7", "boss tickets-reply T-7", "boss read-admin-users boss", "boss admin-users-rights boss", `boss read-admin-users =HYPERLINK("x")`, "boss read-admin-log"}
	got := r.lines()
	if !slices.Equal(got, want) {
		t.Errorf("noted are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	page := b.get("/desk/admin/log?object=T-7")
	b.wants(page, http.StatusOK, "tickets-reply", "log.csv?object=T-7")
	if strings.Contains(page.Body.String(), "sign-in-refused") {
		t.Error("the filter lets others through")
	}
	w := b.get("/desk/admin/log.csv")
	rows, err := csv.NewReader(w.Body).ReadAll()
	r.must(err)
	if len(rows) < len(want) || rows[0][0] != "n" || w.Header().Get("Content-Disposition") != `attachment; filename="log.csv"` {
		t.Fatalf("the export has %d rows: %v", len(rows), w.Header())
	}
	found := false
	for _, row := range rows {
		for _, cell := range row {
			found = found || cell == `'=HYPERLINK("x")`
			if strings.HasPrefix(cell, "=") {
				t.Errorf("a spreadsheet takes %q for a formula", cell)
			}
		}
	}
	if !found {
		t.Error("what was asked for is not in the export")
	}
	c, err := r.store.Logbook.Verify(t.Context())
	r.must(err)
	if c.Broken != 0 || c.Rows < int64(len(want)) {
		t.Errorf("the chain is %+v", c)
	}
}

// TestWhatCannotBeNotedIsNotDone: nobody acts in secret while the log is away.
func TestWhatCannotBeNotedIsNotDone(t *testing.T) {
	r := newRig(t)
	r.user("tom", viewer.Grant{Role: viewer.Agent})
	b := r.browser().in("tom")
	r.must(r.store.Base.Write(t.Context(), func(tx sql.Tx) error {
		return tx.Run(t.Context(), sql.Do(`ALTER TABLE logbook_waiting RENAME TO gone`))
	}))
	b.wants(b.get("/desk/tickets/T-7"), http.StatusServiceUnavailable)
	b.wants(b.ask(http.MethodPost, "/desk/tickets/T-7/reply", nil), http.StatusServiceUnavailable)
	b.wants(b.get("/desk"), http.StatusOK)
}

// TestEachActOfTheLogHasItsWords: a new route that is noted is named in both languages.
func TestEachActOfTheLogHasItsWords(t *testing.T) {
	acts := []string{"sign-in", "sign-in-refused", "sign-out", logbook.ActCut}
	for _, pattern := range patterns(t) {
		if act := signin.ActOf(pattern); act != "" {
			acts = append(acts, act)
		}
	}
	p, err := show.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range acts {
		for _, lang := range []string{show.English, show.Chinese} {
			page, err := p.Render(lang, "log", show.Log{Frame: show.Frame{Lang: lang}, Lines: []show.Entry{{Act: act}}})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(page), `<td title="`+act+`">`) || strings.Contains(string(page), `>`+act+`</td>`) {
				t.Errorf("%s has no words in %q: act.%s in templates/desk/admin/words.txt", act, lang, act)
			}
		}
	}
	if len(acts) < 50 {
		t.Errorf("%d acts were looked at", len(acts))
	}
}

// TestWhoActsAtATerminalIsNamedInBothLanguages: he is no login.
func TestWhoActsAtATerminalIsNamedInBothLanguages(t *testing.T) {
	p, err := show.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{show.English: "command line, root", show.Chinese: "命令行，root"} {
		page, err := p.Render(lang, "log", show.Log{Frame: show.Frame{Lang: lang}, Lines: []show.Entry{{Who: logbook.CommandLine + "root"}}})
		if err != nil || !strings.Contains(string(page), want) {
			t.Errorf("in %q: %v, want %s", lang, err, want)
		}
	}
}
