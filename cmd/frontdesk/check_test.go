package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
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
		{name: "a text with a value that there is not", texts: map[string]string{text: "Subject: Ours\n\n{{.Nope}}"}, key: strings.Repeat("A", 43) + "=", want: "acknowledgement.mail.txt"},
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
			for _, command := range [][]string{{"check", "--offline"}, {"check"}, {"serve", "--http", "127.0.0.1:0", "--ops", "127.0.0.1:0"}} {
				if code, _, errs := frontdesk(t, append(command, "--config", config)...); code != exitFinding || !strings.Contains(errs, c.want) {
					t.Errorf("%v ended with %d, want 1 and %q: %s", command, code, c.want, errs)
				}
			}
		})
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
		{"some other server", imapInbox("support", "support@desk.example", "127.0.0.1:993", "support"), []string{"write the name with which its server begins"}},
		{"a server that is trusted", imapInbox("support", "support@desk.example", "127.0.0.1:993", "support", "trusted_authserv: [mx.desk.example]"), nil},
		{"our own listener", doorInbox("support", "support@desk.example"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := mailConfig(t, c.inbox, "")
			notes := strings.Join(unprovenNotes(config), "\n")
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
