package configs

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/descriptor"
	"frontdesk/channels/email"
	"frontdesk/channels/kinds"
	"frontdesk/channels/web"
	"frontdesk/configs/rules"
	"frontdesk/configs/values"
)

var update = flag.Bool("update", false, "write the golden files and the schema anew")

// fake is an environment of the given variables.
func fake(vars map[string]string) Environment {
	return func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	}
}

// exampleEnvironment gives every variable of the example a value.
func exampleEnvironment() Environment {
	return fake(map[string]string{
		"FRONTDESK_OPS_TOKEN": "test-ops-token", "SUPPORT_MAIL_CLIENT_SECRET": "test-client-secret",
		"TWILIO_AUTH_TOKEN": "test-auth-token", "TELEGRAM_TOKEN": "123456:test-telegram-token",
		"APP_TOKEN": "test-app-token-0001", "APP_TOKEN_OLD": "test-app-token-0002", "APP_IDENTITY_KEY": "test-identity-key-0001-of-32-and-more",
		"RELAY_PASSWORD": "test-relay-password", "ALARM_SECRET": "test-alarm-secret", "CUSTOMERS_SECRET": "test-customers-secret", "SECOND_OPINION_KEY": "test-second-opinion-key", "RSPAMD_PASSWORD": "test-rspamd-password", "OIDC_SECRET": "test-oidc-secret",
	})
}

func TestExampleHasNoProblems(t *testing.T) {
	c, err := Load("frontdesk.example.yaml", exampleEnvironment(), kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(c.Inboxes), 6; got != want {
		t.Errorf("inboxes: got %d, want %d", got, want)
	}
	if got, want := c.Inboxes[0].Section.(*email.Section).IMAP.OAuth.ClientSecret.Reveal(), "test-client-secret"; got != want {
		t.Errorf("client secret: got %q, want %q", got, want)
	}
	mainland := c.Calendars["mainland"]
	want := values.DateRange{First: values.Date{Year: 2027, Month: time.October, Day: 1}, Last: values.Date{Year: 2027, Month: time.October, Day: 7}}
	if !slices.ContainsFunc(mainland.Holidays, func(h rules.Holiday) bool { return h.Date == want && h.Name == "国庆节" }) {
		t.Errorf("the National Day holiday is not there: %v", mainland.Holidays)
	}
	if got, want := mainland.Special[0].Hours, []values.Span{{Start: 8 * 60, End: 24 * 60}}; !cmp.Equal(got, want) {
		t.Errorf("special hours: got %v, want %v", got, want)
	}
}

// TestExampleNamesEveryKey keeps the example complete: a key that is nowhere in it, not even in a
// comment, is one that nobody will find.
func TestExampleNamesEveryKey(t *testing.T) {
	data, err := os.ReadFile("frontdesk.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range allTypes() {
		for _, f := range fieldsOf(s) {
			if !regexp.MustCompile(`\b` + f.key + `:`).Match(data) {
				t.Errorf("%s.%s is not in the example", s.Name(), f.key)
			}
		}
	}
}

func TestMainlandWorkdaysOfTheExampleAreWeekendDays(t *testing.T) {
	c, err := Load("frontdesk.example.yaml", exampleEnvironment(), kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range c.Calendars["mainland"].Workdays {
		if day := w.Date.First.In(time.UTC).Weekday(); day != time.Saturday && day != time.Sunday {
			t.Errorf("%s is a %s", w.Date, day)
		}
	}
}

func TestDefaultIsValidAndLoopbackOnly(t *testing.T) {
	c := Default(t.TempDir(), kinds.All())
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if !c.Redis.Embedded() || c.Database.Postgres() {
		t.Errorf("the embedded default wants a server: redis embedded %v, postgres %v", c.Redis.Embedded(), c.Database.Postgres())
	}
	for _, address := range []string{c.Listen.HTTP, c.Listen.Ops, c.Listen.SMTP} {
		if !strings.HasPrefix(address, "127.0.0.1:") {
			t.Errorf("listens on %s", address)
		}
	}
	if len(c.Inboxes) != 1 || !c.Inboxes[0].Facts().Handed || c.Inboxes[0].Channel != "email" {
		t.Errorf("inboxes: %+v", c.Inboxes)
	}
	if p := c.Promises[0]; !slices.Equal(p.Match.Category, values.OneOrMore{"security-fraud"}) || p.FirstReply.Within.Std() != time.Hour || p.FirstReply.Clock != "wall" {
		t.Errorf("fraud is promised %+v", p)
	}
	if p := c.Promises[1].Acknowledgement; p == nil || p.Within.Std() != 24*time.Hour || p.Clock != "wall" {
		t.Errorf("acknowledgement: %+v", p)
	}
}

// minimal is the smallest useful file.
const minimal = `
desk: {name: Topay, domain: topay.example}
keys: {master: [{name: a, env: KEY}]}
`

func TestSmallestFileGetsEveryDefault(t *testing.T) {
	c, err := Parse([]byte(minimal), "/etc/fd/frontdesk.yaml", fake(nil), kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	want := Default("frontdesk-data", kinds.All())
	want.Desk.Name, want.Desk.Domain, want.Keys, want.Inboxes, want.Listen.SMTP, want.Listen.Desk = "Topay", "topay.example", c.Keys, nil, "", ""
	want.Kinds, c.Kinds = nil, nil // functions are equal to nothing
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func TestVariablesAndTwins(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "token"), "from-file\n")
	write(t, filepath.Join(dir, "tokens"), "first-token-of-two\r\n\nsecond-token-of-two\n")
	file := minimal + `
listen: {ops_token_file: token, smtp: "${HOST:-127.0.0.1}:2526", lmtp: "${LMTP:-127.0.0.1:24}"}
inboxes:
  - {name: app, channel: api, api: {tokens_file: tokens}}
acknowledgements: {enabled: false}
log: {level: "${LEVEL}"}
roles: [intake]
limits: {max_body: 1MiB}
`
	vars := map[string]string{
		"LEVEL": "warn", "LMTP": "",
		"FRONTDESK_DATABASE_URL": "postgres://db/fd", "FRONTDESK_REDIS_SENTINEL_MASTER": "m",
		"FRONTDESK_REDIS_SENTINEL_ADDRS":         "a:1, b:2",
		"FRONTDESK_REDIS_SENTINEL_PASSWORD_FILE": filepath.Join(dir, "token"),
		"FRONTDESK_LIMITS_MAX_BODY":              "2MiB", "FRONTDESK_LIMITS_SHUTDOWN": "", "FRONTDESK_DESK_NAME": "Other",
		"FRONTDESK_ROLES": "work,desk",
	}
	c, err := Parse([]byte(file), filepath.Join(dir, "frontdesk.yaml"), fake(vars), kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{
		"ops token": c.Listen.OpsToken.Reveal(), "smtp": c.Listen.SMTP, "lmtp": c.Listen.LMTP, "acks": c.Acknowledgements.Enabled,
		"level": c.Log.Level, "database": c.Database.URL.Reveal(), "sentinel": c.Redis.Sentinel.Addrs, "master": c.Redis.Sentinel.Master,
		"password": c.Redis.Sentinel.Password.Reveal(), "body": c.Limits.MaxBody, "name": c.Desk.Name, "roles": c.Roles,
		"tokens": []string{c.Inboxes[0].Section.(*web.APISection).API.Tokens[0].Reveal(), c.Inboxes[0].Section.(*web.APISection).API.Tokens[1].Reveal()},
		"stop":   c.Limits.Shutdown.Std(),
	}
	want := map[string]any{
		"ops token": "from-file", "smtp": "127.0.0.1:2526", "lmtp": "127.0.0.1:24", "acks": false,
		"level": "warn", "database": "postgres://db/fd", "sentinel": []string{"a:1", "b:2"}, "master": "m",
		"password": "from-file", "body": values.Size(2 << 20), "name": "Other", "roles": []string{"work", "desk"},
		"tokens": []string{"first-token-of-two", "second-token-of-two"}, "stop": 25 * time.Second,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRelativePathsStartAtTheFile(t *testing.T) {
	c, err := Parse([]byte(minimal+"data_dir: data\nblobs: {dir: /srv/blobs}\n"), "/etc/fd/frontdesk.yaml", fake(nil), kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.DataDir, c.Blobs.Dir, c.Database.URL.Reveal()}
	if want := []string{"/etc/fd/data", "/srv/blobs", "/etc/fd/data/frontdesk.db"}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOverrideProblemsNameTheVariable(t *testing.T) {
	vars := map[string]string{
		"FRONTDESK_LIMITS_SHUTDOWN": "soon", "FRONTDESK_DESK_TIMEZONE": "Asia/Shangai",
		"FRONTDESK_LISTEN_OPS_TOKEN_FILE": "/nonexistent/token",
	}
	_, err := Parse([]byte(minimal), "frontdesk.yaml", fake(vars), kinds.All())
	problems, ok := errors.AsType[Problems](err)
	if !ok {
		t.Fatalf("got %v, want Problems", err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.File+" "+p.Path)
	}
	want := []string{
		"FRONTDESK_DESK_TIMEZONE desk.timezone", "FRONTDESK_LIMITS_SHUTDOWN limits.shutdown",
		"FRONTDESK_LISTEN_OPS_TOKEN_FILE listen.ops_token",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestBadFiles compares everything that is said about each bad file with its golden file.
func TestBadFiles(t *testing.T) {
	names, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files: %v", err)
	}
	env := fake(map[string]string{"SECRET": "do-not-print-me", "SHORT": "do-not", "PORT": "do-not-print-either"})
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			_, err := Load(name, env, kinds.All())
			if err == nil {
				t.Fatal("no problem was found")
			}
			got := strings.ReplaceAll(err.Error(), "testdata/bad/", "") + "\n"
			if strings.Contains(got, "do-not") {
				t.Errorf("a secret is printed:\n%s", got)
			}
			golden := strings.TrimSuffix(name, ".yaml") + ".golden"
			if *update {
				write(t, golden, got)
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMissingFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"), fake(nil), kinds.All())
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want not exist", err)
	}
}

func TestValidateAfterAFlagChangedTheRoles(t *testing.T) {
	c := Default(t.TempDir(), kinds.All())
	c.Roles = []string{"work"}
	problems, _ := errors.AsType[Problems](c.Validate())
	if len(problems) != 1 || problems[0].Path != "roles" || problems[0].Line != 0 {
		t.Errorf("got %v", problems)
	}
}

func FuzzParse(f *testing.F) {
	names, _ := filepath.Glob("testdata/bad/*.yaml")
	for _, name := range append(names, "frontdesk.example.yaml") {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("desk: ${"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Parse(data, "frontdesk.yaml", exampleEnvironment(), kinds.All())
		problems, ok := errors.AsType[Problems](err)
		if err != nil && !ok {
			t.Fatalf("an error without a place: %v", err)
		}
		for _, p := range problems {
			if p.Text == "" || p.Line < 1 {
				t.Errorf("a problem without a line: %+v", p)
			}
			if strings.Contains(p.String(), "test-auth-token") {
				t.Errorf("a secret is printed: %v", p)
			}
		}
		if !slices.IsSortedFunc(problems, func(a, b Problem) int { return a.Line - b.Line }) {
			t.Error("problems are not in the order of the file")
		}
	})
}

// allTypes lists every struct type of the file, those of channels too.
func allTypes() []reflect.Type {
	out := structTypes(reflect.TypeFor[Config]())
	for _, k := range kinds.All() {
		for _, section := range sectionTypes(k) {
			out = append(out, structTypes(section)...)
		}
	}
	return out
}

// sectionTypes are those of a channel: of its inboxes, and what they share.
func sectionTypes(k descriptor.Kind) (out []reflect.Type) {
	if k.Section != nil {
		out = append(out, reflect.TypeOf(k.Section()).Elem())
	}
	if k.Shared != nil {
		out = append(out, reflect.TypeOf(k.Shared()).Elem())
	}
	return out
}

// structTypes lists every struct type below t, in the order of the file.
func structTypes(t reflect.Type) []reflect.Type {
	seen := map[reflect.Type]bool{}
	var out []reflect.Type
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		switch {
		case t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map:
			walk(t.Elem())
		case t.Kind() == reflect.Struct && !isScalar(t) && !seen[t]:
			seen[t] = true
			out = append(out, t)
			for i := range t.NumField() {
				if t.Field(i).Tag.Get("yaml") != "" {
					walk(t.Field(i).Type)
				}
			}
		}
	}
	walk(t)
	return out
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
func TestLoadDefaultTakesTheEnvironment(t *testing.T) {
	vars := map[string]string{"FRONTDESK_LISTEN_OPS": "0.0.0.0:9000", "FRONTDESK_LISTEN_OPS_TOKEN": "a-long-enough-token", "FRONTDESK_DESK_NAME": "Topay"}
	env := func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
	c, err := LoadDefault(t.TempDir(), env, kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen.Ops != "0.0.0.0:9000" || c.Listen.OpsToken.Reveal() != "a-long-enough-token" || c.Desk.Name != "Topay" || len(c.Queues) == 0 {
		t.Errorf("ops = %q, desk = %q, %d queues", c.Listen.Ops, c.Desk.Name, len(c.Queues))
	}
	vars["FRONTDESK_LOG_LEVEL"] = "loud"
	if _, err := LoadDefault(t.TempDir(), env, kinds.All()); err == nil || !strings.Contains(err.Error(), "FRONTDESK_LOG_LEVEL") {
		t.Errorf("error = %v, want one that names the variable", err)
	}
}
