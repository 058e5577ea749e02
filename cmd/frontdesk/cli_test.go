package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/service"
)

// embedded starts the embedded default as a process of its own, on free ports.
func embedded(t testing.TB, more ...string) (*member, string) {
	t.Helper()
	dir := t.TempDir()
	args := append([]string{"serve", "--data-dir", dir, "--http", "127.0.0.1:0", "--ops", "127.0.0.1:0", "--desk", "127.0.0.1:0", "--smtp", "127.0.0.1:0"}, more...)
	return program(t, nil, args...), dir
}

// objects runs a command with --json and returns its array.
func objects(t testing.TB, dir string, args ...string) []map[string]any {
	t.Helper()
	code, out, errs := frontdesk(t, append(args, "--json", "--data-dir", dir)...)
	if code != 0 {
		t.Fatalf("%v ended with %d: %s", args, code, errs)
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("%v: %v in %q", args, err, tail(out, 400))
	}
	return list
}

// until repeats a look until it is content.
func until(t testing.TB, missing func() string) {
	t.Helper()
	(&rig{t: t}).eventually(30*time.Second, missing)
}

// waited waits until so many messages are in a state.
func waited(t testing.TB, dir, state string, n int) []map[string]any {
	t.Helper()
	var list []map[string]any
	until(t, func() string {
		if list = objects(t, dir, "messages", "--state", state); len(list) != n {
			return fmt.Sprintf("%d messages are %s, want %d", len(list), state, n)
		}
		return ""
	})
	return list
}

// TestServePrintsOneReadyLine: stdout is for scripts: one line, and the same in addresses.json.
func TestServePrintsOneReadyLine(t *testing.T) {
	t.Parallel()
	p, dir := embedded(t)
	text, err := os.ReadFile(filepath.Join(dir, "addresses.json"))
	if err != nil {
		t.Fatal(err)
	}
	var a service.Addresses
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	if a.HTTP != p.at.HTTP || a.Ops != p.at.Ops || a.SMTP != p.at.SMTP || a.PID != p.cmd.Process.Pid {
		t.Errorf("addresses.json says %+v, the ready line %+v", a, p.at)
	}
	if code, _, errs := frontdesk(t, "serve", "--data-dir", dir, "--http", "127.0.0.1:0", "--ops", "127.0.0.1:0", "--desk", "127.0.0.1:0", "--smtp", "127.0.0.1:0"); code != 1 || !strings.Contains(errs, dir) {
		t.Errorf("a second service in the folder ended with %d: %s", code, errs)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if code := p.end(); code != 0 {
		t.Errorf("SIGTERM ended it with %d", code)
	}
	if said := p.errs.String(); strings.Count(said, "msg=serving") != 1 || !regexp.MustCompile(`msg=serving http=`+regexp.QuoteMeta(a.HTTP)+` .*user=`+me.Username+` .*data_dir=`).MatchString(said) {
		t.Errorf("no line says what is served and as whom:\n%s", said)
	}
	lines := p.stdout()
	if len(lines) != 1 || !regexp.MustCompile(`^ready http=127\.0\.0\.1:\d+ ops=127\.0\.0\.1:\d+ smtp=127\.0\.0\.1:\d+ desk=127\.0\.0\.1:\d+$`).MatchString(lines[0]) {
		t.Errorf("stdout = %q, want one ready line", lines)
	}
}

// fields are the promised ones of each listing, with their types. Others may be added.
var fields = map[string]map[string]string{
	"messages": {"id": "number", "inbox": "text", "channel": "text", "key": "text", "from": "text", "subject": "text", "text": "text", "lang": "text",
		"category": "text", "state": "text", "cause": "text", "ticket": "number", "received_at": "time", "recorded_at": "time"},
	"tickets": {"id": "number", "number": "text", "subject": "text", "status": "text", "category": "text", "priority": "text", "queue": "text",
		"contact": "number", "channels": "list", "message_count": "number", "opened_at": "time"},
	"outbox": {"id": "number", "kind": "text", "ticket": "number", "message": "number", "channel": "text", "to": "text", "state": "text", "cause": "text",
		"attempts": "number", "due_at": "time", "sent_at": "time", "provider_id": "text"},
	"promises": {"ticket": "number", "kind": "text", "due_at": "time", "state": "text", "cause": "text", "settled_at": "time"},
	"parked":   {"id": "number", "cause": "text", "evidence": "text"},
	"inboxes": {"name": "text", "channel": "text", "address": "text", "state": "text", "last_contact_at": "time", "lag_seconds": "number",
		"last_error": "text"},
}

func typeOf(v any, want string) string {
	switch v := v.(type) {
	case float64:
		return "number"
	case []any:
		return "list"
	case nil:
		if want == "time" {
			return want
		}
		return "null"
	case string:
		if _, err := time.Parse(time.RFC3339Nano, v); err == nil && want == "time" {
			return want
		}
		return "text"
	default:
		return fmt.Sprintf("%T", v)
	}
}

// busy writes a person's mail, and two of strangers who quote her ticket, and waits for all.
func busy(t testing.TB, p *member, dir string) {
	t.Helper()
	say := func(from, text string) {
		t.Helper()
		if err := (&rig{}).mailTo(p.at.SMTP, from, text); err != nil {
			t.Fatal(err)
		}
	}
	say("li@customer.example", human("李雷 <li@customer.example>", "支付失败", "1@customer.example", "我昨天付款失败，但是钱已经扣了。订单号 20261120001"))
	waited(t, dir, "ticketed", 1)
	var ack string
	until(t, func() string {
		for _, o := range objects(t, dir, "outbox", "--state", "sent") {
			ack = fmt.Sprint(o["provider_id"])
			return ""
		}
		return "nothing is sent"
	})
	for n := range 2 {
		from := fmt.Sprintf("m%d@stranger%d.example", n, n)
		say(from, human(from, "Re: 支付失败", fmt.Sprintf("%d@stranger.example", n), "Send it to my account.", "In-Reply-To: <"+strings.Trim(ack, "<>")+">"))
	}
	waited(t, dir, "parked", 2)
}

// TestListingsKeepTheContract: every listing works while the service runs, and has the promised fields.
func TestListingsKeepTheContract(t *testing.T) {
	t.Parallel()
	p, dir := embedded(t)
	busy(t, p, dir)
	for name, want := range fields {
		command := []string{name}
		if name == "parked" {
			command = append(command, "list")
		}
		list := objects(t, dir, command...)
		if len(list) == 0 {
			t.Errorf("%s lists nothing", name)
		}
		for _, item := range list {
			got := map[string]string{}
			for field, kind := range want {
				if v, ok := item[field]; ok {
					got[field] = typeOf(v, kind)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		if code, out, errs := frontdesk(t, append(command, "--data-dir", dir)...); code != 0 || !strings.Contains(out, "\n") {
			t.Errorf("%s for people ended with %d: %s%s", name, code, out, errs)
		}
	}
	if list := objects(t, dir, "messages", "--limit", "1"); len(list) != 1 {
		t.Errorf("--limit 1 lists %d", len(list))
	}
	if list := objects(t, dir, "tickets", "--state", "closed"); len(list) != 0 {
		t.Errorf("--state closed lists %d tickets", len(list))
	}
	ticket := objects(t, dir, "tickets")[0]
	for _, written := range []string{fmt.Sprint(ticket["number"]), fmt.Sprint(ticket["id"])} {
		if list := objects(t, dir, "messages", "--ticket", written); len(list) != 1 {
			t.Errorf("--ticket %s lists %d messages, want 1", written, len(list))
		}
	}
}

// TestTicketsAreSearchedFromTheCommandLine: by what the index holds behind the commit, and by numbers.
func TestTicketsAreSearchedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	p, dir := embedded(t)
	busy(t, p, dir)
	number := fmt.Sprint(objects(t, dir, "tickets")[0]["number"])
	until(t, func() string {
		if len(objects(t, dir, "tickets", "--search", "付款")) == 0 {
			return "the words of the ticket are not found"
		}
		return ""
	})
	for _, c := range []struct {
		typed []string
		want  int
	}{
		{[]string{"li@customer.example"}, 1}, {[]string{"李雷 支付失败"}, 1}, {[]string{"20261120001"}, 1}, {[]string{number}, 1}, {[]string{"#1"}, 1}, {[]string{"付款", "--state", "open"}, 1},
		{[]string{"付款", "--state", "closed"}, 0}, {[]string{"付款", "--inbox", "support"}, 1}, {[]string{"龙虾"}, 0}, {[]string{"T-424242"}, 0},
	} {
		if list := objects(t, dir, append([]string{"tickets", "--search"}, c.typed...)...); len(list) != c.want {
			t.Errorf("%q finds %d tickets, want %d", c.typed, len(list), c.want)
		}
	}
	if code, _, errs := frontdesk(t, "tickets", "--search", "?!", "--data-dir", dir); code != 2 || !strings.Contains(errs, "takes words") {
		t.Errorf("a search for signs ended with %d: %s", code, errs)
	}
}

// TestParkedActsTakeEffectAtOnce: release and dismiss from the command line, beside the service.
func TestParkedActsTakeEffectAtOnce(t *testing.T) {
	t.Parallel()
	p, dir := embedded(t)
	busy(t, p, dir)
	parked := objects(t, dir, "parked", "list", "--state", "unauthenticated-reply")
	if len(parked) != 2 {
		t.Fatalf("parked: %v", parked)
	}
	first, second := fmt.Sprint(parked[0]["id"]), fmt.Sprint(parked[1]["id"])
	if story := objects(t, dir, "parked", "show", first); len(story) != 1 || fmt.Sprint(story[0]["message"].(map[string]any)["id"]) != first {
		t.Errorf("show tells %v", story)
	}
	if code, out, errs := frontdesk(t, "parked", "release", first, "--data-dir", dir); code != 0 || !strings.Contains(out, "released") {
		t.Fatalf("release ended with %d: %s%s", code, out, errs)
	}
	waited(t, dir, "ticketed", 2)
	if code, out, errs := frontdesk(t, "parked", "dismiss", second, "--data-dir", dir); code != 0 || !strings.Contains(out, "dismissed") {
		t.Fatalf("dismiss ended with %d: %s%s", code, out, errs)
	}
	waited(t, dir, "dismissed", 1)
	for _, id := range []string{first, second, "999999"} {
		for _, act := range []string{"release", "dismiss"} {
			if code, _, errs := frontdesk(t, "parked", act, id, "--data-dir", dir); code != 1 || errs == "" {
				t.Errorf("%s %s, which is not parked, ended with %d and said %q", act, id, code, errs)
			}
		}
	}
	for _, id := range []string{first, second} {
		story := objects(t, dir, "trace", id)
		if acts, _ := story[0]["acts"].([]any); len(acts) != 1 {
			t.Errorf("the story of %s tells of the acts %v", id, story[0]["acts"])
		}
	}
	code, out, _ := frontdesk(t, "trace", first, "--data-dir", dir)
	for _, stage := range []string{"normalize", "redact", "screen", "thread", "acknowledge", "ticket T-", "promise", "release"} {
		if code != 0 || !strings.Contains(out, stage) {
			t.Errorf("the story (exit %d) does not tell of %s:\n%s", code, stage, out)
		}
	}
}

// TestEveryHelpHasAnExample walks through all commands.
func TestEveryHelpHasAnExample(t *testing.T) {
	t.Parallel()
	var walk func(c *cobra.Command, path []string)
	seen := 0
	walk = func(c *cobra.Command, path []string) {
		if c.Hidden || c.Name() == "help" || c.Name() == "completion" {
			return
		}
		seen++
		code, out, errs := frontdesk(t, append(path, "--help")...)
		if code != 0 || errs != "" || !strings.Contains(out, "Examples:\n  frontdesk") {
			t.Errorf("%v --help ended with %d and shows no example:\n%s%s", path, code, out, errs)
		}
		for _, sub := range c.Commands() {
			walk(sub, append(append([]string(nil), path...), sub.Name()))
		}
	}
	walk(newRoot(kinds.All()), nil)
	if seen < 18 {
		t.Errorf("only %d commands were seen", seen)
	}
}

func TestTraceTakesWhatPeopleRead(t *testing.T) {
	t.Parallel()
	p, dir := embedded(t)
	busy(t, p, dir)
	m := objects(t, dir, "tickets")[0]
	number, ticket := m["number"].(string), m["id"].(float64)
	ofTicket := objects(t, dir, "messages", "--ticket", number)
	last := ofTicket[0]["id"].(float64)
	for _, c := range []struct {
		arg  string
		want int
	}{
		{number, len(ofTicket)}, {strings.ToLower(number), len(ofTicket)},
		{fmt.Sprintf("#%.0f", last), 1}, {fmt.Sprintf("%.0f", last), 1},
	} {
		stories := objects(t, dir, "trace", c.arg)
		if len(stories) != c.want {
			t.Errorf("trace %s tells %d stories, want %d", c.arg, len(stories), c.want)
			continue
		}
		told := stories[len(stories)-1]["message"].(map[string]any)
		if told["id"].(float64) != last || told["ticket"].(float64) != ticket {
			t.Errorf("trace %s ends with message %v of ticket %v, want %v of %v", c.arg, told["id"], told["ticket"], last, ticket)
		}
	}
	for arg, want := range map[string]int{"T-99999": 1, "#99999": 1, "T-x": 2, "##1": 2, "T-": 2, "0": 2} {
		if code, _, errs := frontdesk(t, "trace", arg, "--data-dir", dir); code != want || errs == "" {
			t.Errorf("trace %s ended with %d (%s), want %d", arg, code, errs, want)
		}
	}
}

func TestTheVersionIsAFlagToo(t *testing.T) {
	t.Parallel()
	_, command, _ := frontdesk(t, "version")
	code, flag, errs := frontdesk(t, "--version")
	if code != 0 || errs != "" || flag != command || !strings.HasPrefix(flag, "frontdesk "+version) {
		t.Errorf("--version ended with %d and prints %q, version prints %q", code, flag, command)
	}
}

func TestCompletionIsMadeForEachShell(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if code, out, errs := frontdesk(t, "completion", shell); code != 0 || errs != "" || !strings.Contains(out, "frontdesk") {
			t.Errorf("completion %s ended with %d: %s", shell, code, errs)
		}
	}
	if _, out, _ := frontdesk(t, "--help"); !strings.Contains(out, "completion") {
		t.Error("--help does not name completion")
	}
}

// TestExitCodes: 0 all is well, 1 something was found, 2 wrong use.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	p, dir := embedded(t)
	busy(t, p, dir)
	empty := t.TempDir()
	for _, c := range []struct {
		name string
		code int
		args string
	}{
		{"the version", 0, "version"},
		{"help", 0, "help serve"},
		{"a check of the embedded default", 0, "check --data-dir " + dir},
		{"a check of the file only", 0, "check --offline --data-dir " + dir},
		{"migrate while the service runs", 0, "migrate --data-dir " + dir},
		{"what migrate would do", 0, "migrate --dry-run --data-dir " + dir},
		{"a story", 0, "trace 1 --data-dir " + dir},
		{"all texts", 0, "templates render"},
		{"the texts of one kind", 0, "templates render --kind acknowledgement --lang zh-Hant --category refund --channel sms"},
		{"a story that nobody knows", 1, "trace 424242 --data-dir " + dir},
		{"a message to release that there is not", 1, "parked release 424242 --data-dir " + dir},
		{"a folder without a database", 1, "tickets --data-dir " + empty},
		{"a configuration that is not there", 1, "check --config " + filepath.Join(empty, "none.yaml")},
		{"an unknown command", 2, "ticket"},
		{"an unknown command below parked", 2, "parked forgive 3"},
		{"an unknown command below templates", 2, "templates burn"},
		{"an unknown flag", 2, "tickets --colour"},
		{"a flag without its value", 2, "tickets --limit"},
		{"a flag of another type", 2, "tickets --limit many"},
		{"an argument too many", 2, "tickets 5"},
		{"no id", 2, "trace"},
		{"a bad id", 2, "trace seven --data-dir " + dir},
		{"a negative id", 2, "parked show -- -5"},
		{"no id to release", 2, "parked release"},
		{"a bad id to release", 2, "parked release x --data-dir " + dir},
		{"two ids to show", 2, "parked show 1 2"},
		{"a bad ticket", 2, "messages --ticket T-x --data-dir " + dir},
		{"a bad state", 2, "messages --state lost --data-dir " + dir},
		{"a negative limit", 2, "messages --limit -1 --data-dir " + dir},
		{"an unknown role", 2, "serve --roles sleep --data-dir " + empty},
		{"an unknown kind of text", 2, "templates render --kind farewell"},
		{"an unknown language", 2, "templates render --lang tlh"},
		{"an unknown category", 2, "templates render --category gossip"},
		{"an unknown channel", 2, "templates render --channel pigeon"},
		{"an inbox that nobody knows, in a listing", 2, "messages --inbox nosuch --data-dir " + dir},
		{"an inbox that nobody knows, replayed", 2, "replay --inbox nosuch --data-dir " + dir},
		{"an inbox that nobody knows, imported to", 2, "import --inbox nosuch --data-dir " + dir + " " + empty},
		{"an inbox that is known, in a listing", 0, "messages --inbox support --data-dir " + dir},
		{"acknowledgements of a cause, none of which is held", 0, "outbox release --cause stranger-cap --data-dir " + dir},
		{"acknowledgements of no cause and no id", 2, "outbox release --data-dir " + dir},
		{"a bad id of an acknowledgement", 2, "outbox release x --data-dir " + dir},
		{"a bad id of an acknowledgement behind a good one", 2, "outbox release 1 0 --data-dir " + dir},
		{"a negative id of an acknowledgement", 2, "outbox release --data-dir " + dir + " -- -5"},
		{"an acknowledgement to release that there is not", 1, "outbox release 424242 --data-dir " + dir},
		{"the same in JSON", 1, "outbox release 424242 --json --data-dir " + dir},
		{"an acknowledgement that nobody holds", 1, "outbox release 1 --data-dir " + dir},
		{"ids of acknowledgements and a cause", 2, "outbox release 17 --cause stranger-cap --data-dir " + dir},
		{"ids of acknowledgements and an inbox", 2, "outbox release 17 --inbox support --data-dir " + dir},
		{"a cause that nothing is held for", 2, "outbox release --cause bad-mood --data-dir " + dir},
		{"a cause that no person may let go", 2, "outbox release --cause premium-number --data-dir " + dir},
		{"no acknowledgement at most", 2, "outbox release --cause stranger-cap --limit 0 --data-dir " + dir},
		{"an inbox that nobody knows, of acknowledgements", 2, "outbox release --cause stranger-cap --inbox nosuch --data-dir " + dir},
		{"a bad state of what is sent", 2, "outbox --state lost --data-dir " + dir},
		{"an unknown command below outbox", 2, "outbox burn"},
		{"an inbox that nobody knows, of parked messages", 2, "parked --inbox nosuch --data-dir " + dir},
		{"a parked message to show that there is not", 1, "parked show 424242 --data-dir " + dir},
		{"the story of a ticket that there is not", 1, "trace T-424242 --data-dir " + dir},
		{"a bad ticket to trace", 2, "trace T-x --data-dir " + dir},
		{"a message to dismiss that there is not", 1, "parked dismiss 424242 --data-dir " + dir},
		{"what is to be learned from a release", 2, "parked release 1 --learn much --data-dir " + dir},
		{"a bad id of an exception", 2, "exceptions remove x --data-dir " + dir},
		{"a bad id of an exception behind one that there is not", 2, "exceptions remove 424242 x --data-dir " + dir},
		{"no id of an exception", 2, "exceptions remove --data-dir " + dir},
		{"an exception that there is not", 1, "exceptions remove 424242 --data-dir " + dir},
		{"a bad state of exceptions", 2, "exceptions list --state lost --data-dir " + dir},
		{"a session that there is not", 1, "sessions revoke nonesuch --data-dir " + dir},
		{"no session to end", 2, "sessions revoke --data-dir " + dir},
		{"an argument too many for sessions", 2, "sessions list 5 --data-dir " + dir},
		{"a page that is no address", 2, "login --url nowhere --data-dir " + dir},
		{"a person who is no identifier", 2, "erase nobody --yes --data-dir " + dir},
		{"two persons to erase", 2, "erase 1 2 --yes --data-dir " + dir},
		{"a contact that there is not", 1, "erase 424242 --yes --data-dir " + dir},
		{"a wait that is no time", 2, "erase 1 --wait long --data-dir " + dir},
		{"a message to replay that there is not", 1, "replay 424242 --data-dir " + dir},
		{"a bad id to replay", 2, "replay x --data-dir " + dir},
		{"a bad day to audit from", 2, "audit --from yesterday --data-dir " + dir},
		{"an import of nothing", 2, "import --inbox support --data-dir " + dir},
		{"an import without an inbox", 2, "import --data-dir " + dir + " " + empty},
		{"an import of a file that is not there", 1, "import --inbox support --data-dir " + dir + " " + filepath.Join(empty, "none.mbox")},
		{"an import at a bad rate", 2, "import --inbox support --rate fast --data-dir " + dir + " " + empty},
		{"an import of a bad kind", 2, "import --inbox support --include junk --data-dir " + dir + " " + empty},
		{"manual pages without a folder", 2, "man"},
		{"what would be rewrapped", 2, "migrate --dry-run --rewrap-keys --data-dir " + dir},
		{"an argument too many for migrate", 2, "migrate now --data-dir " + dir},
		{"an unknown command below keys", 2, "keys outbox"},
		{"an unknown master key", 2, "keys intake --name 1999 --data-dir " + dir},
		{"both kinds of place", 2, "check --config x.yaml --data-dir " + empty},
	} {
		code, out, errs := frontdesk(t, strings.Fields(c.args)...)
		if code != c.code || (code != 0) != (errs != "") {
			t.Errorf("%s (%s): exit %d, want %d; it said %q %q", c.name, c.args, code, c.code, tail(out, 300), tail(errs, 300))
		}
		if want, told := map[string]string{"tickets 5": `frontdesk tickets takes flags only, and "5" is none`, "parked forgive 3": `frontdesk parked has no command "forgive"`,
			"parked release 424242 --data-dir " + dir: "message 424242: there is no such message"}[c.args]; told && !strings.Contains(errs, want) {
			t.Errorf("%s (%s) does not say %q: %s", c.name, c.args, want, errs)
		}
		if strings.Contains(c.args, "nosuch") && !strings.Contains(errs, `there is no inbox "nosuch"; --inbox takes support`) {
			t.Errorf("%s (%s) does not name the inboxes: %s", c.name, c.args, errs)
		}
	}
}

// TestWhatOnlyReadsMakesNothing: in a wrong folder, or in one that lacks something, a reader leaves no
// empty database and no folder behind, which would look like an installation.
func TestWhatOnlyReadsMakesNothing(t *testing.T) {
	t.Parallel()
	none := filepath.Join(t.TempDir(), "none")
	c := testConfig(t)
	start(t, c).stop()
	// What a service that runs beside is just writing: only the sink's owner may take it for a remainder.
	written := filepath.Join(c.DataDir, "sink", "mail-1.tmp")
	if err := errors.Join(os.RemoveAll(c.Blobs.Dir), os.WriteFile(written, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for args, there := range map[string]int{
		"audit": 0, "replay --all": 0, "tickets": 0, "messages": 0, "inboxes": 0, "outbox": 0, "promises": 0, "parked": 0, "parked show 1": 1, "trace 1": 1,
		"check": 0, "erase": 0, "erase ann@customer.example --dry-run": 0, "import --inbox support --dry-run " + t.TempDir(): 0, "migrate --dry-run": 0,
	} {
		code, out, errs := frontdesk(t, append(strings.Fields(args), "--data-dir", none)...)
		if made, err := os.Stat(none); err == nil {
			t.Fatalf("%s made %s", args, made.Name())
		}
		if want := args == "check" || strings.HasPrefix(args, "migrate"); (code == 0) != want || !strings.Contains(out+errs, "there is no database at "+none) && args != "check" {
			t.Errorf("%s in a folder that is not there: ended with %d: %s%s", args, code, out, errs)
		}
		if code, out, errs := frontdesk(t, append(strings.Fields(args), "--data-dir", c.DataDir)...); code != there {
			t.Errorf("%s: ended with %d, want %d: %s%s", args, code, there, out, errs)
		}
		if _, err := os.Stat(c.Blobs.Dir); err == nil {
			t.Fatalf("%s made the folder of the blobs", args)
		}
		if _, err := os.Stat(written); err != nil {
			t.Fatalf("%s took away what is being written: %v", args, err)
		}
	}
}

// TestADatabaseThatCannotBeOpenedIsNamed: whoever has several must know which.
func TestADatabaseThatCannotBeOpenedIsNamed(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	start(t, c).stop()
	path := c.Database.URL.Reveal()
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"tickets", "audit", "migrate", "check", "serve --http 127.0.0.1:0 --ops 127.0.0.1:0 --desk 127.0.0.1:0 --smtp 127.0.0.1:0"} {
		code, out, errs := frontdesk(t, append(strings.Fields(words), "--data-dir", c.DataDir)...)
		if code != command.ExitFinding || !strings.Contains(out+errs, path) {
			t.Errorf("%s: ended with %d: %s%s", words, code, out, errs)
		}
	}
}

// TestCheckNamesFileAndLine: every problem of a broken file, each with its place.
func TestCheckNamesFileAndLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "broken.yaml")
	text := strings.Join([]string{
		"desk: {name: Desk, domain: desk.example}", // 1
		"keys: {master: [{name: a, file: k}]}",     // 2
		"listen:",                                  // 3
		"  htpp: 127.0.0.1:0",                      // 4: unknown key
		"limits: {max_body: plenty}",               // 5: wrong type
		"inboxes:",                                 // 6
		"  - name: support",                        // 7
		"    channel: pigeon",                      // 8: unknown channel
		"    address: support@desk.example",
	}, "\n") + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"check"}, {"check", "--offline"}, {"serve"}, {"tickets"}} {
		code, out, errs := frontdesk(t, append(command, "--config", path)...)
		if code != 1 {
			t.Errorf("%v ended with %d", command, code)
		}
		for _, line := range []int{4, 5, 8} {
			if !strings.Contains(out+errs, path+":"+strconv.Itoa(line)+":") {
				t.Errorf("%v does not name line %d:\n%s%s", command, line, out, errs)
			}
		}
	}
}

// TestCheckRefusesOrderFormatsThatFitCards: what would let cards of several networks through is refused, and says why.
func TestCheckRefusesOrderFormatsThatFitCards(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "master.key"), []byte(testKey), 0o600); err != nil {
		t.Fatal(err)
	}
	for format, want := range map[string]string{`\d{16}`: "it fits card numbers of Visa", `TX\d+`: "without end", `TX\d{16}`: ""} {
		path := filepath.Join(dir, "order.yaml")
		text := "desk: {name: Desk, domain: desk.example}\ndata_dir: data\nkeys: {master: [{name: a, file: master.key}]}\n" +
			"inboxes: [{name: contact, channel: form}]\nredaction: {order_formats: ['" + format + "']}\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, errs := frontdesk(t, "check", "--offline", "--config", path)
		if (code == 0) != (want == "") || !strings.Contains(out+errs, want) {
			t.Errorf("%s: check ended with %d:\n%s%s", format, code, out, errs)
		}
	}
}

// TestCheckTakesAForm: the form as the documents show it, without a secret, before there is a database.
func TestCheckTakesAForm(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, key := filepath.Join(dir, "form.yaml"), filepath.Join(dir, "master.key")
	text := "desk: {name: Desk, domain: desk.example}\ndata_dir: data\nkeys: {master: [{name: a, file: master.key}]}\n" +
		"inboxes: [{name: contact, channel: form}]\n"
	if err := errors.Join(os.WriteFile(path, []byte(text), 0o600),
		os.WriteFile(key, []byte(testKey), 0o600)); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := frontdesk(t, "check", "--config", path); code != 0 {
		t.Errorf("check ended with %d:\n%s%s", code, out, errs)
	}
}

// TestReleasesTeachAndExceptionsAreTakenBack by the command line, beside the service.
func TestReleasesTeachAndExceptionsAreTakenBack(t *testing.T) {
	t.Parallel()
	p, dir := embedded(t)
	busy(t, p, dir)
	robot := func(n int) {
		from := fmt.Sprintf("kim%d@firm.example", n)
		if err := (&rig{}).mailTo(p.at.SMTP, from, human(from, "Automatic reply: Invoice", fmt.Sprintf("auto%d@firm.example", n), "I am out of the office until Monday.")); err != nil {
			t.Fatal(err)
		}
	}
	robot(1)
	waited(t, dir, "parked", 3)
	id := fmt.Sprint(objects(t, dir, "parked", "list", "--state", "automated")[0]["id"])
	if code, _, errs := frontdesk(t, "parked", "release", id, "--learn", "all", "--data-dir", dir); code != 2 || !strings.Contains(errs, "sender, subject or none") {
		t.Errorf("--learn all ended with %d: %s", code, errs)
	}
	if code, out, errs := frontdesk(t, "parked", "release", id, "--learn", "subject", "--data-dir", dir); code != 0 {
		t.Fatalf("release ended with %d: %s%s", code, out, errs)
	}
	list := objects(t, dir, "exceptions")
	if len(list) != 1 || list[0]["kind"] != "subject" || list[0]["cause"] != "automated" {
		t.Fatalf("exceptions are %v", list)
	}
	waited(t, dir, "ticketed", 2)
	robot(2) // another sender, the same subject
	waited(t, dir, "ticketed", 3)
	exception := fmt.Sprint(list[0]["id"])
	if code, out, errs := frontdesk(t, "exceptions", "remove", exception, "--data-dir", dir); code != 0 || !strings.Contains(out, "removed") {
		t.Fatalf("remove ended with %d: %s%s", code, out, errs)
	}
	if code, _, errs := frontdesk(t, "exceptions", "remove", exception, "--data-dir", dir); code != 1 || !strings.Contains(errs, "no such exception") {
		t.Errorf("removing it twice ended with %d: %s", code, errs)
	}
	robot(3)
	waited(t, dir, "parked", 3)
}
