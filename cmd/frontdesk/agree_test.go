package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/check"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/configs"
)

// wholeConfig has one inbox of each channel and a rule of each kind, and nothing weak. ${W} is its folder.
const wholeConfig = `desk: {name: Topay, domain: desk.example, default_language: en, languages: [en, zh-Hans]}
data_dir: ${W}/data
keys: {master: [{name: a, file: "${W}/master.key"}]}
listen:
  http: 127.0.0.1:0
  ops: 127.0.0.1:0
  ops_token: k7Qw9zT3mVx8Rb5Yc2Lp6Hn4Dj1Gs0FaUeWiOtXvBq
  smtp: 127.0.0.1:0
  public_url: https://desk.example
  trusted_proxies: [127.0.0.1]
inboxes:
  - name: support
    channel: email
    address: support@desk.example
    smtp_door: true
    relay: out
  - name: hotline
    channel: sms
    address: "+85221234567"
    twilio: {account_sid: AC00000000000000000000000000000001, auth_token: test-auth-token}
  - name: bot
    channel: telegram
    address: desk_bot
    telegram: {token: "4242:test-bot-token", mode: webhook, secret: vK3mQ8zR5tY1wX7nB2cL6pD9}
  - name: contact
    channel: form
  - name: app
    channel: api
    api: {tokens: [tR4wK9mZ2xV7bN5qY8cL3pD6]}
relays:
  - {name: out, host: 127.0.0.1, port: 2525, tls: none, auth: none}
calendars:
  c: {timezone: Asia/Shanghai, week: {mon: ["09:00-18:00"], tue: ["09:00-18:00"]}, holidays: [2026-10-01]}
promises:
  - {first_reply: {within: 1h, calendar: c}}
`

// changed puts a configuration with one change into a folder. A change without anything to replace is appended.
func changed(t *testing.T, old, now string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	text := wholeConfig + now
	if old != "" {
		if !strings.Contains(wholeConfig, old) {
			t.Fatalf("the configuration has no %q", old)
		}
		text = strings.Replace(wholeConfig, old, now, 1)
	}
	all := map[string]string{"master.key": testKey, "fd.yaml": strings.ReplaceAll(text, "${W}", dir)}
	for name, content := range files {
		all[name] = content
	}
	for name, content := range all {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "fd.yaml")
}

// starts does what serve does before it opens its doors.
func starts(t *testing.T, config string) error {
	t.Helper()
	o := &command.Options{Kinds: kinds.All(), Config: config}
	c, err := o.Load()
	if err == nil {
		err = check.Refused(o.Config, c)
	}
	if err != nil {
		return err
	}
	a, err := service.New(t.Context(), c, service.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	a.Close()
	return nil
}

// change is one change of the file, and the line at which it is refused; "" for one that is taken.
type change struct{ name, old, now, refused string }

var changes = []change{
	{"nothing", "", "", ""},
	{"a make-up workday like a closed day", "holidays: [2026-10-01]", "workdays: [{date: 2026-12-05, like: sat}]", "calendars.c.workdays[0].like"},
	{"a make-up workday of several days like a closed one", "holidays: [2026-10-01]", "workdays: [{date: 2026-12-05..2026-12-06, like: sun}]", "calendars.c.workdays[0].like"},
	{"a make-up workday like an open day", "holidays: [2026-10-01]", "workdays: [{date: 2026-12-05, like: tue}]", ""},
	{"a make-up workday like Monday, which is closed", `mon: ["09:00-18:00"], tue: ["09:00-18:00"]}, holidays: [2026-10-01]`, `tue: ["09:00-18:00"]}, workdays: [2026-12-05]`, "calendars.c.workdays[0]"},
	{"a make-up workday with hours of its own on a closed day", "holidays: [2026-10-01]", `workdays: [{date: 2026-12-05, hours: ["10:00-12:00"]}]`, ""},
	{"a make-up workday that is a holiday", "holidays: [2026-10-01]", "holidays: [2026-10-01], workdays: [{date: 2026-10-01, like: mon}]", "calendars.c.workdays[0]"},
	{"a special day given twice", "holidays: [2026-10-01]", "special: [{date: 2026-11-11, hours: []}, {date: 2026-11-11, hours: []}]", "calendars.c.special[1]"},
	{"a special day that is a holiday", "holidays: [2026-10-01]", `holidays: [2026-10-01], special: [{date: 2026-10-01, hours: ["09:00-10:00"]}]`, ""},
	{"a calendar that is never open", `mon: ["09:00-18:00"], tue: ["09:00-18:00"]`, `mon: []`, "calendars.c.week"},
	{"a calendar without a time zone", "timezone: Asia/Shanghai, ", "", ""},

	{"a category without a priority", "", "categories: [{key: gift-cards, names: {en: Gift cards}, terms: {en: [gift card]}}]\n", ""},
	{"a built-in category without a priority", "", "categories: [{key: security-fraud, terms: {en: [stolen]}}]\n", ""},
	{"a category with a priority that there is not", "", "categories: [{key: gift-cards, priority: huge}]\n", "categories[0].priority"},
	{"a category given twice", "", "categories: [{key: gift-cards}, {key: Gift-Cards}]\n", "categories[1].key"},
	{"a fact that asks for a password", "", "categories: [{key: gift-cards, facts: [{key: password, ask: {en: your password}}]}]\n", "categories"},
	{"a term of nothing", "", "categories: [{key: gift-cards, terms: {en: ['  ']}}]\n", "categories"},
	{"a route to a queue that there is not", "", "routing: [{match: {channel: [sms]}, queue: nowhere}]\n", "routing[0].queue"},

	{"a Telegram token without its number", `"4242:test-bot-token"`, `"test-bot-token"`, "inboxes[2].telegram.token"},
	{"a Telegram token with a space", `"4242:test-bot-token"`, `"4242: test-bot-token"`, "inboxes[2].telegram.token"},
	{"a Telegram token that is a URL", `"4242:test-bot-token"`, `"https://api.telegram.org/bot4242:x"`, "inboxes[2].telegram.token"},
	{"a Telegram secret with a dot, though it is not used", "mode: webhook, secret: vK3mQ8zR5tY1wX7nB2cL6pD9", "mode: poll, secret: vK3m.Q8zR5tY1wX7nB2cL6pD9", "inboxes[2].telegram.secret"},
	{"an account SID that is too short", "AC00000000000000000000000000000001", "AC0001", "inboxes[1].twilio.account_sid"},
	{"the SID of an API key for the account's", "AC00000000000000000000000000000001", "SK00000000000000000000000000000001", "inboxes[1].twilio.account_sid"},
	{"a messaging service by its name", "auth_token: test-auth-token", "auth_token: test-auth-token, messaging_service_sid: support", "inboxes[1].twilio.messaging_service_sid"},
	{"a sender name that is too long", "auth_token: test-auth-token", "auth_token: test-auth-token, from: Topay Support", "inboxes[1].twilio.from"},
	{"a sender name in Chinese", "auth_token: test-auth-token", "auth_token: test-auth-token, from: 客服", "inboxes[1].twilio.from"},
	{"a sender name that fits", "auth_token: test-auth-token", "auth_token: test-auth-token, from: Topay Desk1", ""},
	{"a number without its plus, which is no short code", "auth_token: test-auth-token", `auth_token: test-auth-token, from: "852212345678"`, "inboxes[1].twilio.from"},
	{"a sender that is a short code", "auth_token: test-auth-token", `auth_token: test-auth-token, from: "85221"`, ""},
	{"an API without tokens", "api: {tokens: [tR4wK9mZ2xV7bN5qY8cL3pD6]}", "api: {tokens: []}", "inboxes[4].api.tokens"},
	{"an empty API token", "tokens: [tR4wK9mZ2xV7bN5qY8cL3pD6]", `tokens: [""]`, "inboxes[4].api.tokens[0]"},

	{"two listeners on one port", "http: 127.0.0.1:0\n  ops: 127.0.0.1:0", "http: 127.0.0.1:18080\n  ops: 127.0.0.1:18080", "listen.ops"},
	{"a listener on every address and another on its port", "http: 127.0.0.1:0\n  ops: 127.0.0.1:0\n", "http: :18080\n  ops: 127.0.0.1:18080\n", "listen.ops"},
	{"one port by two names of this machine", "ops: 127.0.0.1:0\n  ops_token: k7Qw9zT3mVx8Rb5Yc2Lp6Hn4Dj1Gs0FaUeWiOtXvBq\n  smtp: 127.0.0.1:0", "ops: localhost:18081\n  ops_token: k7Qw9zT3mVx8Rb5Yc2Lp6Hn4Dj1Gs0FaUeWiOtXvBq\n  smtp: 127.0.0.1:18081", "listen.smtp"},
	{"mail by SMTP and by LMTP on one port", "smtp: 127.0.0.1:0", "smtp: 127.0.0.1:18082\n  lmtp: 127.0.0.1:18082", "listen.lmtp"},
	{"one port on two addresses of this machine", "http: 127.0.0.1:0\n  ops: 127.0.0.1:0", "http: 127.0.0.1:18083\n  ops: 127.0.0.2:18083", ""},
	{"LMTP on a Unix socket", "smtp: 127.0.0.1:0", `lmtp: "unix:${W}/lmtp.sock"`, ""},
	{"LMTP on a file that is none", "smtp: 127.0.0.1:0", `lmtp: "unix:${W}/master.key"`, "listen.lmtp"},
	{"LMTP on a socket with a path that is too long", "smtp: 127.0.0.1:0", `lmtp: "unix:${W}/` + strings.Repeat("l", 110) + `"`, "listen.lmtp"},
	{"LMTP on a socket by a relative path", "smtp: 127.0.0.1:0", `lmtp: "unix:lmtp.sock"`, "listen.lmtp"},
	{"a certificate that is none", "public_url:", `tls_cert: "${W}/master.key"` + "\n  tls_key: \"${W}/master.key\"\n  public_url:", "listen.tls_cert"},

	{"a data directory that is a file", "data_dir: ${W}/data", "data_dir: ${W}/master.key", "data_dir"},
	{"a folder of blobs that is a file", "", "blobs: {dir: \"${W}/master.key\"}\n", "blobs.dir"},
	{"a relay elsewhere without TLS", "host: 127.0.0.1, port: 2525", "host: relay.example, port: 25", "relays[0].tls"},
	{"a relay that is not configured", "relay: out", "relay: other", "inboxes[0].relay"},
	{"a relay by the name of this machine without TLS", "host: 127.0.0.1", "host: localhost", ""},
	{"authorities that are none", "data_dir:", "ca_file: \"${W}/master.key\"\ndata_dir:", "ca_file"},
	{"authorities of a relay that nobody would look at", "tls: none, auth: none", `tls: none, auth: none, ca_file: "${W}/master.key"`, "relays[0].ca_file"},
	{"a DKIM key that is none", "auth: none}", `auth: none, dkim: [{selector: a, domain: desk.example, key_file: "${W}/master.key"}]}`, "relays[0].dkim[0].key_file"},
	{"an order number's form without end", "", "redaction: {order_formats: ['TX\\d+']}\n", "redaction.order_formats"},
	{"a signature with a variable that there is not", "relay: out", "relay: out\n    signature: {en: 'Yours, {name}'}", "inboxes[0].signature.en"},
	{"a signature with those that there are", "relay: out", "relay: out\n    signature: {en: '{agent}, {desk}'}\n    quote: false", ""},
	{"a country without a numbering plan", "", "sms: {countries: [XX]}\n", "sms.countries"},
	{"a Redis database that is no number", "", "redis: {url: 'redis://localhost:6379/main'}\n", "redis"},
	{"a PostgreSQL address with a mode that there is not", "", "database: {url: 'postgres://a@127.0.0.1/b?sslmode=maybe'}\n", "database.url"},
	{"a clamd at an address that is none", "", "scanners: {clamd: {address: nowhere}}\n", "scanners.clamd.address"},
}

// TestCheckAndServeAgree: what the one refuses the other refuses, at its line, and what the one takes the other starts with.
func TestCheckAndServeAgree(t *testing.T) {
	t.Parallel()
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := changed(t, c.old, c.now, nil)
			code, out, errs := frontdesk(t, "check", "--offline", "--config", config)
			err := starts(t, config)
			if (code == 0) != (err == nil) || (err == nil) != (c.refused == "") {
				t.Fatalf("check ends with %d (%s%s), serve says %v; want refused = %v by both", code, out, errs, err, c.refused != "")
			}
			if c.refused == "" {
				return
			}
			line := regexp.MustCompile(`fd\.yaml:\d+:\d+: ` + regexp.QuoteMeta(c.refused) + `[:.\[]`)
			for who, text := range map[string]string{"check": errs, "serve": err.Error()} {
				if !line.MatchString(text) {
					t.Errorf("%s does not name the line of %s: %s", who, c.refused, text)
				}
			}
		})
	}
}

// TestAPressingCategoryStaysPressing: whose words or facts are changed, and nothing is said of its priority.
func TestAPressingCategoryStaysPressing(t *testing.T) {
	o := &command.Options{Kinds: kinds.All(), Config: changed(t, "", "categories: [{key: security-fraud, terms: {en: [stolen]}}, {key: gift-cards}, {key: suggestion, priority: high}]\n", nil)}
	c, err := o.Load()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, k := range policy.Categories(c) {
		got[k.Key] = k.Priority
	}
	for key, want := range map[string]string{"security-fraud": "urgent", "gift-cards": "normal", "suggestion": "high"} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
}

// TestFlagsOfServeAreHeldToTheSameRules: what they put into the configuration is checked like the file.
func TestFlagsOfServeAreHeldToTheSameRules(t *testing.T) {
	t.Parallel()
	config := changed(t, "", "", nil)
	for _, flags := range [][]string{{"--http", "127.0.0.1:18090", "--ops", "127.0.0.1:18090"}, {"--ops", "nowhere"}, {"--http", "127.0.0.1:99999"}} {
		if code, _, errs := frontdesk(t, append([]string{"serve", "--config", config}, flags...)...); code == 0 || !strings.Contains(errs, "listen.") {
			t.Errorf("%v: serve ends with %d: %s", flags, code, errs)
		}
	}
	var problems configs.Problems
	if err := fmt.Errorf("wrapped: %w", configs.Locate(config, os.LookupEnv, kinds.All(), configs.Problems{{Path: "listen.ops"}})); !errors.As(err, &problems) || problems[0].Line != 6 {
		t.Errorf("listen.ops is at %v, want line 6", problems)
	}
}
