package configs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/kinds"
)

// reviewed are the findings of a configuration, as "line path: text", after the common part of four lines.
func reviewed(t *testing.T, text string, env map[string]string) []string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "frontdesk.yaml")
	text = "desk: {name: Desk, domain: desk.example}\ndata_dir: none\nkeys: {master: [{name: a, env: KEY}, {name: old, env: ZERO}]}\n\n" + text
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Review(path, func(name string) (string, bool) {
		if name == "ZERO" { // an older key only opens what it has sealed
			return strings.Repeat("A", 43) + "=", true
		}
		v, ok := env[name]
		return v, ok
	}, kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range got {
		if p.File != path && !strings.HasPrefix(p.File, "FRONTDESK_") || p.Fix == "" {
			t.Errorf("%+v has no place, or does not say what is accepted", p)
		}
		out = append(out, fmt.Sprintf("%d %s", p.Line, p.Path))
	}
	return out
}

const good = "5b0d2f6c9a1e4c38b7f4a2d19e6c0358"

func TestConnectionsThatCanBeListenedTo(t *testing.T) {
	inbox := func(words string) string {
		return "inboxes:\n  - {name: a, channel: email, address: a@x.example, " + words + "}\n"
	}
	pg, redis := "postgres://desk:"+good+"@", "redis://:"+good+"@"
	for _, c := range []struct {
		name, text string
		env        map[string]string
		want       []string
	}{
		{"a database elsewhere, without a word of TLS", `database: {url: "` + pg + `db.internal/desk"}`, nil, []string{"5 database.url"}},
		{"a database elsewhere, without TLS", `database: {url: "` + pg + `10.1.2.3:5432/desk?sslmode=disable"}`, nil, []string{"5 database.url"}},
		{"a database elsewhere, with TLS if it likes", `database: {url: "` + pg + `db/desk?sslmode=prefer"}`, nil, []string{"5 database.url"}},
		{"one of two databases elsewhere", `database: {url: "` + pg + `127.0.0.1:5432,db2:5432/desk"}`, nil, []string{"5 database.url"}},
		{"a database elsewhere, named behind the question mark", `database: {url: "postgresql:///desk?host=db.internal"}`, nil, []string{"5 database.url"}},
		{"a database elsewhere, with TLS", `database: {url: "` + pg + `db/desk?application_name=x&sslmode=verify-full"}`, nil, nil},
		{"a database elsewhere, with TLS by its variable", `database: {url: "` + pg + `db/desk"}`, map[string]string{"PGSSLMODE": "require"}, nil},
		{"a database on this machine", `database: {url: "` + pg + `[::1]:5432/desk"}`, nil, nil},
		{"a database elsewhere by its variable, without TLS", `database: {url: "postgres:///desk"}`, map[string]string{"PGHOST": "db.internal"}, []string{"5 database.url"}},
		{"a database elsewhere by its variable, with TLS", `database: {url: "postgres:///desk?sslmode=verify-full"}`, map[string]string{"PGHOST": "db.internal"}, nil},
		{"a database behind a socket by its variable", `database: {url: "postgres:///desk"}`, map[string]string{"PGHOST": "/run/postgresql"}, nil},
		{"an address that is not where the variable says", `database: {url: "` + pg + `127.0.0.1/desk"}`, map[string]string{"PGHOST": "db.internal"}, nil},
		{"a database behind a socket", `database: {url: "postgres:///desk?host=/run/postgresql"}`, nil, nil},
		{"a database with a password that everybody tries", `database: {url: "postgres://desk:postgres@127.0.0.1/desk"}`, nil, []string{"5 database.url"}},
		{"an address of the environment", "\n", map[string]string{"FRONTDESK_DATABASE_URL": pg + "db/desk"}, []string{"0 database.url"}},
		{"a database of a service file", `database: {url: "postgres:///desk?service=prod"}`, nil, []string{"5 database.url"}},
		{"a database of a service file by its variable", `database: {url: "postgres:///desk"}`, map[string]string{"PGSERVICE": "prod"}, []string{"5 database.url"}},
		{"a service file that may undo what a variable says", `database: {url: "postgres:///desk?service=prod"}`, map[string]string{"PGSSLMODE": "require"}, []string{"5 database.url"}},
		{"a service file that may undo TLS to a host that is named", `database: {url: "` + pg + `db/desk?service=prod"}`, map[string]string{"PGSSLMODE": "require"}, []string{"5 database.url"}},
		{"a database of a service file, with TLS", `database: {url: "postgres:///desk?service=prod&sslmode=verify-full"}`, nil, nil},
		{"a service file, and a host of this machine", `database: {url: "postgres:///desk?service=prod&host=/run/postgresql"}`, nil, nil},
		{"SQLite", `database: {url: desk.db}`, nil, nil},

		{"Redis elsewhere, without TLS and password", "redis:\n  url: redis://cache:6379/0", nil, []string{"6 redis.url", "6 redis.url"}},
		{"Redis elsewhere, without TLS", "redis:\n  url: " + redis + "10.0.0.9:6379", nil, []string{"6 redis.url"}},
		{"Redis elsewhere, without password", "redis: {url: rediss://cache:6379}", nil, []string{"5 redis.url"}},
		{"Redis elsewhere, as it should be", "redis: {url: '" + strings.Replace(redis, "redis:", "rediss:", 1) + "cache'}", nil, nil},
		{"Redis elsewhere, whoever answers", "redis: {url: '" + strings.Replace(redis, "redis:", "rediss:", 1) + "cache?skip_verify=true'}", nil, []string{"5 redis.url"}},
		{"Redis elsewhere, proven", "redis: {url: '" + strings.Replace(redis, "redis:", "rediss:", 1) + "cache?skip_verify=false'}", nil, nil},
		{"Redis on this machine, open to its users", "redis: {url: redis://127.0.0.1:6379}", nil, []string{"5 redis.url"}},
		{"Redis on this machine, with a password", "redis: {url: '" + redis + "localhost:6379'}", nil, nil},
		{"Redis behind a socket", "redis: {url: unix:///run/redis.sock}", nil, nil},
		{"Sentinel without TLS", "redis:\n  sentinel:\n    {master: m, addrs: [10.0.0.1:26379], password: " + good + "}", nil, []string{"7 redis.sentinel"}},
		{"a cluster without password", "redis: {cluster: {addrs: ['10.0.0.1:6379'], tls: true}}", nil, []string{"5 redis.cluster"}},

		{"IMAP elsewhere in plain", inbox("imap: {host: mail.x.example, user: a, password: b, tls: none}"), nil, []string{"6 inboxes[0].imap.tls"}},
		{"tokens of a provider in plain", inbox("imap: {host: m.example, user: a, auth: xoauth2, oauth: {provider: custom, client_id: a, refresh_token: b, token_url: 'http://id.example/t'}}"), nil, []string{"6 inboxes[0].imap.oauth.token_url"}},
		{"a relay in plain", "relays:\n  - {name: r, host: smtp.x.example, tls: none}\n  - {name: s, host: localhost, tls: none}", nil, []string{"6 relays[0].tls"}},
		{"Twilio in plain", "inboxes:\n  - {name: s, channel: sms, address: '+85221234567', twilio: {account_sid: AC1, auth_token: b, base_url: 'http://twilio.example'}}", nil, []string{"6 inboxes[0].twilio.base_url"}},
		{"Telegram in plain", "inboxes:\n  - {name: s, channel: telegram, address: b, telegram: {token: '1:b', base_url: 'http://10.0.0.2:8081'}}", nil, []string{"6 inboxes[0].telegram.base_url"}},
		{"Telegram's server on this machine", "inboxes:\n  - {name: s, channel: telegram, address: b, telegram: {token: '1:b', base_url: 'http://127.0.0.1:8081'}}", nil, nil},
		{"customers in plain", "listen: {public_url: 'http://desk.example'}", nil, []string{"5 listen.public_url"}},
		{"a form behind a proxy that is not named", "listen: {public_url: 'https://desk.example'}\ninboxes:\n  - {name: f, channel: form}", nil, []string{"5 listen.trusted_proxies"}},
		{"an API behind a proxy that is not named", "listen: {public_url: 'https://desk.example'}\ninboxes:\n  - {name: f, channel: api, api: {tokens: [" + good + "]}}", nil, []string{"5 listen.trusted_proxies"}},
		{"a form behind a proxy that is named", "listen: {public_url: 'https://desk.example', trusted_proxies: [127.0.0.1]}\ninboxes:\n  - {name: f, channel: form}", nil, nil},
		{"a form without a proxy", "listen: {public_url: 'http://localhost:8080'}\ninboxes:\n  - {name: f, channel: form}", nil, nil},
		{"a desk that other machines reach", "listen: {desk: ':8082'}", nil, []string{"5 listen.desk"}},
		{"a desk behind a proxy that is not named", "listen: {desk: '127.0.0.1:8082', desk_names: [work.example.com]}", nil, []string{"5 listen.trusted_proxies"}},
		{"a desk behind a proxy that is named", "listen: {desk: '10.0.0.7:8082', desk_names: [work.example.com], trusted_proxies: [10.0.0.5]}", nil, nil},
		{"a desk for this machine alone", "listen: {desk: '127.0.0.1:8082'}", nil, nil},
		{"mail alone behind a proxy that is not named", "listen: {public_url: 'https://desk.example', smtp: ':25'}\ninboxes:\n  - {name: f, channel: email, address: a@x.example, smtp_door: true}", nil, nil},
		{"customers on this machine", "listen: {public_url: 'http://localhost:8080'}", nil, nil},
		{"scanners elsewhere in plain", "scanners:\n  rspamd: {url: 'http://rspamd:11333'}\n  clamd: {address: 'clamd:3310'}", nil, []string{"6 scanners.rspamd.url", "7 scanners.clamd.address"}},
		{"scanners on this machine", "scanners: {rspamd: {url: 'http://127.0.0.1:11333'}, clamd: {address: 'unix:/run/clamd.ctl'}}", nil, nil},
	} {
		env := map[string]string{"KEY": "M0s4iYkLdYh5nO1t7rKqzZ1bqYwYwqf0m4w2p2o8vXc="}
		for k, v := range c.env {
			env[k] = v
		}
		if diff := cmp.Diff(c.want, reviewed(t, c.text, env)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestSecretsOfOursThatCanBeGuessed(t *testing.T) {
	weak := "desk-token-0123456789"
	text := "listen:\n  ops_token: " + weak + "\n  metrics_token: " + weak + "2\n  public_url: https://desk.example\n  trusted_proxies: [127.0.0.1]\nwebhooks:\n  - {url: 'https://x.example', secret: " + weak + "}\ninboxes:\n" +
		"  - {name: b, channel: telegram, address: b, telegram: {token: '1:b', mode: webhook, secret: " + weak + "}}\n" +
		"  - {name: c, channel: api, api: {tokens: [" + good + ", " + weak + "], identity_keys: [" + weak + weak + "]}}\n" +
		"  - {name: d, channel: form, form: {secret: " + weak + "}}\n" +
		"  - {name: e, channel: email, address: e@x.example, imap: {host: m.example, user: e, password: hunter2}}\n" // the provider's
	env := map[string]string{"KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="} // in their order
	want := []string{"3 keys.master[0].env", "6 listen.ops_token", "7 listen.metrics_token", "11 webhooks[0].secret", "13 inboxes[0].telegram.secret", "14 inboxes[1].api.tokens[1]", "14 inboxes[1].api.identity_keys[0]", "15 inboxes[2].form.secret"}
	if diff := cmp.Diff(want, reviewed(t, text, env)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	env["KEY"] = "M0s4iYkLdYh5nO1t7rKqzZ1bqYwYwqf0m4w2p2o8vXc="
	if got := reviewed(t, strings.ReplaceAll(text, weak, good), env); len(got) > 0 {
		t.Errorf("good ones: %v", got)
	}
}

func TestLoadRefusesWhatIsNoSecret(t *testing.T) {
	for text, want := range map[string]string{
		"listen: {ops_token: '1'}": "listen.ops_token", "listen: {ops_token: REPLACE}": "listen.ops_token", "listen: {metrics_token: changeme}": "listen.metrics_token",
		"listen: {ops_token: " + good + ", metrics_token: " + good + "}": "listen.metrics_token", "webhooks: [{url: 'https://x.example', secret: secret}]": "webhooks[0].secret",
		"inboxes: [{name: c, channel: api, api: {tokens: [aaaaaaaaaaaaaaaaaaaaaaaa]}}]": "inboxes[0].api.tokens[0]", "inboxes: [{name: c, channel: form, form: {secret: x7Kq2LmZ}}]": "inboxes[0].form.secret",
		"inboxes: [{name: c, channel: api, api: {tokens: [" + good + "], identity_keys: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]}}]": "inboxes[0].api.identity_keys[0]",
		"inboxes: [{name: c, channel: api, api: {tokens: [" + good + good + "], identity_keys: [x7Kq2LmZ9RtB4nWc8PdF1sGh6YjV3aE]}}]":   "inboxes[0].api.identity_keys[0]",
		"inboxes: [{name: c, channel: api, api: {tokens: [" + good + good + "], identity_keys: [" + good + good + "]}}]":               "inboxes[0].api.identity_keys[0]",
		"inboxes: [{name: c, channel: api, api: {tokens: [" + good + "], identity_keys: [x7Kq2LmZ9RtB4nWc8PdF1sGh6YjV3aEu]}}]":         "",
		"listen: {ops_names: ['https://ops.example.com']}":                                                                             "listen.ops_names[0]", "listen: {ops_names: ['ops.example.com/x']}": "listen.ops_names[0]", "listen: {ops_names: ['']}": "listen.ops_names[0]",
		"listen: {desk_names: ['https://work.example.com']}": "listen.desk_names[0]", "listen: {desk: nowhere}": "listen.desk", "listen: {desk: '127.0.0.1:8081'}": "listen.desk",
		"listen: {desk: '127.0.0.1:8082', desk_names: [work.example.com, 'work.example.com:8443']}": "",
		"listen: {ops_names: [ops.example.com, 'ops.example.com:8443'], ops_token: " + good + "}":   "",
	} {
		_, err := Parse([]byte("desk: {name: Desk, domain: desk.example}\nkeys: {master: [{name: a, env: KEY}]}\n"+text+"\n"), "x.yaml", func(string) (string, bool) { return "", false }, kinds.All())
		found := ""
		if problems, ok := errors.AsType[Problems](err); ok {
			found = problems[0].Path
			if problems[0].Line != 3 || strings.Contains(err.Error(), good) {
				t.Errorf("%s: %v", text, err)
			}
		}
		if found != want {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestFilesThatOthersMayReadOrChange: by their modes and those of their folders.
func TestFilesThatOthersMayReadOrChange(t *testing.T) {
	for _, c := range []struct {
		name                         string
		config, key, twin, data, etc os.FileMode
		literal                      bool
		want                         []string
	}{
		{"as they should be", 0o600, 0o600, 0o400, 0o700, 0o755, true, nil},
		{"a configuration that everybody reads, with a secret in it", 0o644, 0o600, 0o600, 0o700, 0o755, true, []string{"1 "}},
		{"a configuration that everybody reads, without a secret in it", 0o644, 0o600, 0o600, 0o700, 0o755, false, nil},
		{"a configuration that its group reads, with a secret in it", 0o640, 0o600, 0o600, 0o700, 0o755, true, []string{"1 "}},
		{"a configuration that everybody changes", 0o646, 0o600, 0o600, 0o700, 0o755, false, []string{"1 "}},
		{"a configuration that its group changes", 0o664, 0o600, 0o600, 0o700, 0o755, false, []string{"1 "}},
		{"a key that everybody reads", 0o600, 0o644, 0o600, 0o700, 0o755, false, []string{"3 keys.master[0].file"}},
		{"a key that its group reads", 0o600, 0o640, 0o600, 0o700, 0o755, false, []string{"3 keys.master[0].file"}},
		{"a token's file that everybody reads", 0o600, 0o600, 0o604, 0o700, 0o755, false, []string{"4 listen.ops_token_file"}},
		{"a data directory that everybody lists, whose files are closed", 0o600, 0o600, 0o600, 0o755, 0o755, false, nil},
		{"a data directory that its group changes", 0o600, 0o600, 0o600, 0o770, 0o755, false, []string{"2 data_dir"}},
		{"a data directory that everybody changes", 0o600, 0o600, 0o600, 0o777, 0o755, false, []string{"2 data_dir"}},
		{"a data directory that others pass through", 0o600, 0o600, 0o600, 0o711, 0o755, false, nil},
		{"a folder in which everybody may put other files", 0o600, 0o600, 0o600, 0o700, 0o777, false, []string{"1 ", "3 keys.master[0].file", "4 listen.ops_token_file"}},
		{"such a folder in which only their owners may", 0o600, 0o600, 0o600, 0o700, 0o777 | os.ModeSticky, false, nil},
	} {
		dir := t.TempDir()
		etc := filepath.Join(dir, "etc")
		text := "desk: {name: Desk, domain: desk.example}\ndata_dir: ../data\nkeys: {master: [{name: a, file: master.key}]}\nlisten: {ops_token_file: token}\n"
		if c.literal {
			text += "webhooks: [{url: 'https://x.example', secret: " + good + "}]\n"
		} else {
			text += "webhooks: [{url: 'https://x.example', secret: '${SECRET}'}]\n"
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(os.Mkdir(etc, 0o700))
		must(os.Mkdir(filepath.Join(dir, "data"), 0o700))
		for name, f := range map[string]struct {
			text string
			mode os.FileMode
		}{"frontdesk.yaml": {text, c.config}, "master.key": {"M0s4iYkLdYh5nO1t7rKqzZ1bqYwYwqf0m4w2p2o8vXc=", c.key}, "token": {good, c.twin}} {
			must(os.WriteFile(filepath.Join(etc, name), []byte(f.text), 0o600))
			must(os.Chmod(filepath.Join(etc, name), f.mode))
		}
		must(os.Chmod(filepath.Join(dir, "data"), c.data))
		must(os.Chmod(etc, c.etc))
		found, err := Review(filepath.Join(etc, "frontdesk.yaml"), func(name string) (string, bool) { return good, name == "SECRET" }, kinds.All())
		must(err)
		var got []string
		for _, p := range found {
			got = append(got, fmt.Sprintf("%d %s", p.Line, p.Path))
			if !strings.Contains(p.Fix, "chmod ") {
				t.Errorf("%s: %s does not say which mode is accepted", c.name, p)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestEveryFileThatIsNamedIsLookedAt: what is trusted or secret lies in many files.
func TestEveryFileThatIsNamedIsLookedAt(t *testing.T) {
	for _, c := range []struct {
		name, text, file string
		mode             os.FileMode
		want             []string
	}{
		{"an intake key that everybody reads", "keys: {master: [{name: a, env: KEY}], intake: [{name: a, file: x}]}", "x", 0o644, []string{"3 keys.intake[0].file"}},
		{"an intake key", "keys: {master: [{name: a, env: KEY}], intake: [{name: a, file: x}]}", "x", 0o600, nil},
		{"authorities of Redis that everybody may add to", "redis: {ca_file: x}", "x", 0o666, []string{"3 redis.ca_file"}},
		{"authorities of Redis that everybody reads", "redis: {ca_file: x}", "x", 0o644, nil},
		{"a certificate that everybody changes", "listen: {tls_cert: x}", "x", 0o646, []string{"3 listen.tls_cert"}},
		{"a key of a certificate that everybody reads", "listen: {tls_key: x}", "x", 0o644, []string{"3 listen.tls_key"}},
		{"authorities of PostgreSQL that everybody may add to", "database: {url: 'postgres://db.example/desk?sslmode=verify-full&sslrootcert=DIR/x'}", "x", 0o666, []string{"3 database.url sslrootcert"}},
		{"authorities of PostgreSQL that everybody reads", "database: {url: 'postgres://db.example/desk?sslmode=verify-full&sslrootcert=DIR/x'}", "x", 0o644, nil},
		{"a key for PostgreSQL that everybody reads", "database: {url: 'postgres://db.example/desk?sslmode=verify-full&sslkey=DIR/x'}", "x", 0o644, []string{"3 database.url sslkey"}},
		{"a SQLite file that everybody reads", "database: {url: DIR/x}", "x", 0o644, []string{"3 database.url"}},
		{"a SQLite file", "database: {url: DIR/x}", "x", 0o600, nil},
		{"a text that everybody changes", "acknowledgements: {templates_dir: texts}", "texts/x", 0o666, []string{"3 acknowledgements.templates_dir"}},
		{"a text that everybody reads", "acknowledgements: {templates_dir: texts}", "texts/x", 0o644, nil},
		{"a DKIM key that its group reads", "relays: [{name: r, host: 127.0.0.1, dkim: [{domain: d.example, selector: s, key_file: x}]}]", "x", 0o640, []string{"3 relays[0].dkim[0].key_file"}},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "frontdesk.yaml")
		for name, text := range map[string]string{path: "desk: {name: Desk, domain: desk.example}\ndata_dir: none\n" + strings.ReplaceAll(c.text, "DIR", dir) + "\n", filepath.Join(dir, c.file): "x"} {
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(filepath.Join(dir, c.file), c.mode); err != nil {
			t.Fatal(err)
		}
		found, err := Review(path, func(string) (string, bool) { return "", false }, kinds.All())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range found {
			got = append(got, fmt.Sprintf("%d %s", p.Line, p.Path))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestAFileOfAnotherUserMayBeReadByItsGroup: of root and the service's group, as Debian keeps such files.
func TestAFileOfAnotherUserMayBeReadByItsGroup(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	path := filepath.Join(t.TempDir(), "key")
	for mode, want := range map[os.FileMode]bool{0o640: false, 0o644: true, 0o660: true} {
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, mode), os.Chown(path, 65534, 65534)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if who := others(info, true); (who != "") != want {
			t.Errorf("%04o: %q", mode, who)
		}
	}
}

// TestReviewLooksAtAFolderOfBlobsElsewhere as it does at the data directory.
func TestReviewLooksAtAFolderOfBlobsElsewhere(t *testing.T) {
	t.Parallel()
	for mode, want := range map[os.FileMode]int{0o700: 0, 0o755: 0, 0o770: 1, 0o777: 1} {
		dir := t.TempDir()
		blobs, config := filepath.Join(dir, "blobs"), filepath.Join(dir, "frontdesk.yaml")
		text := "desk: {name: Desk, domain: desk.example}\ndata_dir: none\nblobs: {dir: blobs}\n"
		for _, err := range []error{os.Mkdir(blobs, 0o700), os.Chmod(blobs, mode), os.WriteFile(config, []byte(text), 0o600)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		found, err := Review(config, func(string) (string, bool) { return "", false }, kinds.All())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range found {
			if p.Path == "blobs.dir" && strings.Contains(p.Fix, "chmod 0700 ") {
				got = append(got, p.Path)
			}
		}
		if len(got) != want {
			t.Errorf("mode %04o: %v of %v", mode, got, found)
		}
	}
}
