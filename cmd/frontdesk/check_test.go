package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/cmd/frontdesk/command"
)

// TestCheckRefusesWhatServeRefuses: the texts and the master keys are read, also without a connection.
func TestCheckRefusesWhatServeRefuses(t *testing.T) {
	t.Parallel()
	const text = "ack/en/acknowledgement.mail.txt"
	good := map[string]string{text: "Subject: Ours\n\nOurs"}
	for _, c := range []struct {
		name  string
		texts map[string]string
		key   string
		want  string
	}{
		{name: "a text with a value that there is not", texts: map[string]string{text: "Subject: Ours\n\n{{.Nope}}"}, key: testKey, want: "acknowledgement.mail.txt"},
		{name: "a key that is too short", texts: good, key: "AAAA", want: "32 bytes in base64"},
		{name: "no key", texts: good, want: "openssl rand -base64 32"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config, _ := textsConfig(t, c.texts)
			key := filepath.Join(filepath.Dir(config), "master.key")
			if err := os.WriteFile(key, []byte(c.key), 0o600); err != nil {
				t.Fatal(err)
			}
			if c.key == "" {
				if err := os.Remove(key); err != nil {
					t.Fatal(err)
				}
			}
			for _, words := range [][]string{{"check", "--offline"}, {"check"}, {"serve", "--http", "127.0.0.1:0", "--ops", "127.0.0.1:0", "--desk", "127.0.0.1:0"}} {
				if code, _, errs := frontdesk(t, append(words, "--config", config)...); code != command.ExitFinding || !strings.Contains(errs, c.want) {
					t.Errorf("%v ended with %d, want 1 and %q: %s", words, code, c.want, errs)
				}
			}
		})
	}
}

// weakly puts what the reproductions of weak secrets need into a folder: the configuration, its keys, and a data directory.
func weakly(t *testing.T, name string, keyMode, configMode, dataMode os.FileMode) (config string) {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join("testdata", "weak", name))
	if err != nil {
		t.Fatal(err)
	}
	put := func(path, content string, mode os.FileMode) {
		path = filepath.Join(dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
	}
	put("fd.yaml", strings.ReplaceAll(string(text), "${W}", dir), configMode)
	put("etc/master.key", testKey, keyMode)
	put("etc/zero.key", strings.Repeat("A", 43)+"=", keyMode)
	data := filepath.Join(dir, "data")
	if err := errors.Join(os.Mkdir(data, 0o700), os.Chmod(data, dataMode)); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "fd.yaml")
}

// TestCheckFindsWeakSecrets: each at its line, all at once.
func TestCheckFindsWeakSecrets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file       string
		key, conf, data  os.FileMode
		want, serveWants []string
	}{
		{"secrets, modes and a folder", "weak.yaml", 0o666, 0o666, 0o777, []string{
			"fd.yaml:11:14: listen.ops_token: the secret can be guessed", ":39:15: inboxes[3].telegram.secret: the secret can be guessed", ":46:16: inboxes[5].api.tokens[0]: the secret can be guessed",
			":50:16: inboxes[6].api.tokens[0]: the secret can be guessed", ":9:13: keys.master[0].file: ", "has mode 0666: every user of this machine can read and change it", "chmod 0600",
			"fd.yaml:1:1: ", ":5:11: data_dir: ", "has mode 0777", "chmod 0700", "openssl rand -hex 16"}, []string{"listen.ops_token: the secret can be guessed"}},
		{"a key of zeros", "zero.yaml", 0o600, 0o600, 0o700, []string{":9:13: keys.master[0].file: the master key is not random", "openssl rand -base64 32",
			":38:15: inboxes[3].telegram.secret: the secret can be guessed", ":45:16: inboxes[5].api.tokens[0]: the secret can be guessed"}, []string{"is no secret", "openssl rand -base64 32"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := weakly(t, c.file, c.key, c.conf, c.data)
			code, out, errs := frontdesk(t, "check", "--offline", "--config", config)
			if code != command.ExitFinding {
				t.Errorf("check ended with %d", code)
			}
			for _, want := range c.want {
				if !strings.Contains(out+errs, want) {
					t.Errorf("check does not say %q:\n%s%s", want, out, errs)
				}
			}
			for _, secret := range []string{"tgsecret_0123456789", "apptoken-0123456789abcdef", "app2token", "AAAAAAAA"} {
				if strings.Contains(out+errs, secret) {
					t.Errorf("check shows the secret %s", secret)
				}
			}
			code, out, errs = frontdesk(t, "serve", "--config", config, "--http", "127.0.0.1:0", "--ops", "127.0.0.1:0", "--desk", "127.0.0.1:0", "--smtp", "127.0.0.1:0")
			for _, want := range c.serveWants {
				if code != command.ExitFinding || !strings.Contains(errs, want) {
					t.Errorf("serve ended with %d and does not say %q:\n%s%s", code, want, out, errs)
				}
			}
		})
	}
}

// TestAStartWarnsOfWhatIsWeakByEstimate: it goes on, since an estimate may be wrong.
func TestAStartWarnsOfWhatIsWeakByEstimate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := program(t, []string{"FRONTDESK_LISTEN_OPS_TOKEN=the-token-of-the-desk"}, "serve", "--data-dir", dir, "--http", "", "--ops", "127.0.0.1:0", "--desk", "127.0.0.1:0", "--smtp", "")
	if said := p.errs.String(); !strings.Contains(said, "path=listen.ops_token") || strings.Contains(said, "the-token-of-the-desk") {
		t.Errorf("serve says:\n%s", said)
	}
	if code, _, errs := frontdesk(t, "serve", "--data-dir", filepath.Join(dir, "x"), "--ops", "0.0.0.0:0"); code != command.ExitUsage || !strings.Contains(errs, "listen.ops_token") {
		t.Errorf("open to others without a token: %d, %s", code, errs)
	}
}

// TestCheckOfANewInstallationWantsNoKey: the first start of the embedded default makes it.
func TestCheckOfANewInstallationWantsNoKey(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if code, _, errs := frontdesk(t, "check", "--offline", "--data-dir", dir); code != 0 {
		t.Errorf("ended with %d: %s", code, errs)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("check has made something: %v", err)
	}
}

// TestCheckSaysWhatUncheckedSendersCost: where nobody checks the senders, check says so, what follows, and what to write.
func TestCheckSaysWhatUncheckedSendersCost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, inbox string
		want        []string
	}{
		{"Gmail", imapInbox("support", "support@desk.example", "imap.gmail.com:993", "support"), []string{"inbox support", "by IMAP", "not proven", "signed", "no words of the sender", "[mx.google.com]"}},
		{"a provider with many hosts", imapInbox("support", "support@desk.example", "imap.fastmail.com:993", "support"), []string{`["*.messagingengine.com"]`}},
		{"QQ", imapInbox("support", "support@desk.example", "imap.qq.com:993", "support"), []string{"[mx.qq.com]"}},
		{"some other server", imapInbox("support", "support@desk.example", "127.0.0.1:993", "support"), []string{"write the name with which its server begins"}},
		{"a server that is trusted", imapInbox("support", "support@desk.example", "127.0.0.1:993", "support", "trusted_authserv: [mx.desk.example]"), nil},
		{"our own listener", doorInbox("support", "support@desk.example"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := mailConfig(t, c.inbox, "")
			_, list := found(t, "--offline", "--config", filepath.Join(config.DataDir, "config.yaml"))
			note, _ := reportLine(list, "note", "inboxes[0].trusted_authserv")
			notes := note.Text
			if (notes == "") != (c.want == nil) {
				t.Errorf("notes = %q", notes)
			}
			for _, w := range c.want {
				if !strings.Contains(notes, w) {
					t.Errorf("%q is missing in %q", w, notes)
				}
			}
		})
	}
}
