package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/erase"
	"frontdesk/cmd/frontdesk/importing"
	show "frontdesk/templates/desk/admin"
	"frontdesk/workers/store/logbook"
	"frontdesk/workers/store/viewer"
)

// looking are the commands that change nothing at the desk, or nothing that is anybody's.
var looking = []string{"serve", "check", "migrate", "keys", "audit", "replay", "sessions", "sessions list", "user", "user list", "calendar", "calendar days", "calendar import", "templates", "templates render",
	"faq", "faq list", "faq suggest", "train", "classify", "models", "models compare", "understand", "bench", "bench serve", "bench understanding", "man", "version", "inboxes", "messages", "tickets", "outbox", "promises", "corrections", "parked", "parked list", "parked show", "exceptions", "exceptions list", "trace"}

// noting are the commands that enter by themselves what they do, when they know it.
var noting = map[string]string{"erase": erase.Act, "import": importing.Act, "keys intake": actIntakeKey}

// everyCommand calls f with each command that can be run, and its name behind that of the program.
func everyCommand(f func(name string, c *cobra.Command)) {
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if name := strings.TrimPrefix(c.CommandPath(), "frontdesk "); c.Runnable() && c.HasParent() {
			f(name, c)
		}
		for _, below := range c.Commands() {
			walk(below)
		}
	}
	walk(newRoot(kinds.All()))
}

// TestEveryCommandIsNotedOrLooks: a new command says whether it acts.
func TestEveryCommandIsNotedOrLooks(t *testing.T) {
	seen := 0
	everyCommand(func(name string, c *cobra.Command) {
		seen++
		_, itself := noting[name]
		acts := command.ActOf(c) != "" || itself
		if acts == slices.Contains(looking, name) {
			t.Errorf("%q: either it looks, or it is entered into the desk's log (command.Acts)", name)
		}
	})
	if seen < 40 {
		t.Errorf("%d commands were seen", seen)
	}
}

// TestEachActOfTheCommandLineHasItsWords in the log's page, in both languages.
func TestEachActOfTheCommandLineHasItsWords(t *testing.T) {
	acts := []string{actRewrap}
	for _, act := range noting {
		acts = append(acts, act)
	}
	everyCommand(func(_ string, c *cobra.Command) {
		if act := command.ActOf(c); act != "" {
			acts = append(acts, act)
		}
	})
	p, err := show.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range acts {
		for _, lang := range []string{show.English, show.Chinese} {
			page, err := p.Render(lang, "log", show.Log{Frame: show.Frame{Lang: lang}, Lines: []show.Entry{{Act: act}}})
			if err != nil || strings.Contains(string(page), ">"+act+"</td>") {
				t.Errorf("%s has no words in %q, %v: act.%s in templates/desk/admin/words.txt", act, lang, err, act)
			}
		}
	}
}

// TestWhatTheCommandLineDoesIsInTheLog: under the user of the operating system, before it is done, with what cannot be done as well.
func TestWhatTheCommandLineDoesIsInTheLog(t *testing.T) {
	t.Parallel()
	r := start(t, testConfig(t))
	r.mustMail("ann@customer.example", human("ann@customer.example", "Where is my refund?", "noted@customer.example", "Order 20261119001 was refunded last week, and nothing has come."))
	dir := r.config.DataDir
	r.eventually(20*time.Second, func() string {
		if len(objects(t, dir, "tickets")) == 0 {
			return "no ticket, and so nobody who could be erased"
		}
		return ""
	})
	for _, args := range []string{"user add tom --role agent --queue general --name Tom --mail tom@desk.example", "user disable tom", "user enable tom", "user grant tom --role lead", "user factor tom", "user factor tom --remove",
		"user link nobody", "login --name wei", "sessions revoke --all", "parked release 424242", "outbox release --cause stranger-cap", "outbox redeliver 7 8", "exceptions remove 9", "tickets", "user list",
		"erase ann@customer.example --dry-run", "erase ann@customer.example --yes", "keys intake"} {
		frontdesk(t, append(strings.Fields(args), "--data-dir", dir)...)
	}
	for {
		n, err := r.store.Logbook.Chain(t.Context(), 1000, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	lines, err := r.store.Logbook.List(t.Context(), viewer.Viewer{Grants: []viewer.Grant{{Role: viewer.Auditor}}}, logbook.Seek{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	who := "command line, " + strings.ToLower(command.Operator())
	var got []string
	for _, l := range slices.Backward(lines) {
		if l.Who != who {
			t.Errorf("%q did %s", l.Who, l.Act)
		}
		if strings.Contains(fmt.Sprint(l), "@") {
			t.Errorf("an address is in the log: %+v", l)
		}
		got = append(got, strings.TrimSpace(strings.TrimPrefix(l.Act, command.ActPrefix)+" "+strings.TrimSpace(l.Object+" "+l.Detail)))
	}
	want := []string{"user-add tom queue=general role=agent", "user-disable tom", "user-enable tom", "user-grant tom role=lead", "user-factor tom", "user-link nobody", "login", "sessions-revoke all=true", "parked-release 424242",
		"outbox-release cause=stranger-cap", "outbox-redeliver 7 8", "exceptions-remove 9", "erase", "keys-intake"}
	if !slices.Equal(got, want) {
		t.Errorf("the log has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestTheLogIsChainedWhereNoDeskIs: what the command line does there has its place in the chain, too.
func TestTheLogIsChainedWhereNoDeskIs(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	c.Listen.Desk = ""
	r := start(t, c)
	if err := r.store.Logbook.Note(t.Context(), logbook.Line{At: time.Now(), Who: "command line, wei", Act: "user-add", Object: "tom"}); err != nil {
		t.Fatal(err)
	}
	r.eventually(20*time.Second, func() string {
		if checked, err := r.store.Logbook.Verify(t.Context()); err != nil || checked.Rows != 1 {
			return fmt.Sprint("the line is not chained: ", checked.Rows, err)
		}
		return ""
	})
}
