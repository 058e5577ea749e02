package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"frontdesk/channels/channelstest/dovecot"
)

// reloading is a program with a configuration that a test changes.
type reloading struct {
	*member
	t         *testing.T
	dir, file string
}

// newReloading starts the program with a configuration whose folder is ${W}.
func newReloading(t *testing.T, text string) *reloading {
	t.Helper()
	dir := t.TempDir()
	secret := sha256.Sum256([]byte(t.Name()))
	write(t, filepath.Join(dir, "master.key"), base64.StdEncoding.EncodeToString(secret[:]))
	r := &reloading{t: t, dir: dir, file: filepath.Join(dir, "frontdesk.yaml")}
	r.put(text)
	r.member = program(t, nil, "serve", "--config", r.file)
	return r
}

func (r *reloading) put(text string) {
	r.t.Helper()
	write(r.t, r.file, "desk: {name: Example, domain: desk.example, default_language: en}\ndata_dir: "+r.dir+"/data\nkeys: {master: [{name: a, file: "+r.dir+"/master.key}]}\n"+
		strings.ReplaceAll(text, "${W}", r.dir))
}

// hangUp sends SIGHUP and waits until the log has one more line that says something.
func (r *reloading) hangUp(says string) {
	r.t.Helper()
	before := strings.Count(r.errs.String(), says)
	if err := r.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		r.t.Fatal(err)
	}
	until(r.t, func() string {
		if strings.Count(r.errs.String(), says) == before {
			return "the log does not say: " + says
		}
		return ""
	})
}

const reloadDoors = "listen: {http: 127.0.0.1:0, ops: 127.0.0.1:0, smtp: 127.0.0.1:0}\ninboxes: [{name: support, channel: email, address: support@desk.example, smtp_door: true}]\n"

// TestAHangUpReadsTheConfigurationAndEndsNothing, with what stands in the file then.
func TestAHangUpReadsTheConfigurationAndEndsNothing(t *testing.T) {
	t.Parallel()
	r := newReloading(t, reloadDoors+"log: {level: info}\n")
	for _, c := range []struct{ text, says string }{
		{reloadDoors + "log: {level: debug}\n", "nothing of it waits for a restart"},
		{reloadDoors + "log: {level: debug}\nlimits: {max_body: 2MiB}\n", "settings=limits.max_body"},
		{strings.Replace(reloadDoors, "address: support@", "address: help@", 1), "settings=inboxes.support.address"},
		{strings.Replace(reloadDoors, "name: support", "name: help", 1), `settings="inboxes.support (taken away), inboxes.help (new)"`},
		{"no such key: 1\n", "cannot be used; nothing was changed"},
		{reloadDoors, "nothing of it waits for a restart"},
	} {
		r.put(c.text)
		r.hangUp(c.says)
	}
	if code := r.end(); code != 0 {
		t.Errorf("SIGTERM ended it with %d", code)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "data", "addresses.json")); !os.IsNotExist(err) {
		t.Errorf("addresses.json is still there: %v", err)
	}
}

// shown is the certificate that the SMTP listener shows.
func (r *reloading) shown() string {
	r.t.Helper()
	c, err := smtp.Dial(r.at.SMTP)
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close()
	if err := c.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil { //nolint:gosec // it is looked at
		r.t.Fatal(err)
	}
	state, _ := c.TLSConnectionState()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: state.PeerCertificates[0].Raw}))
}

// TestAHangUpTakesANewCertificate, and keeps the old one where the new one is broken.
func TestAHangUpTakesANewCertificate(t *testing.T) {
	t.Parallel()
	text := strings.Replace(reloadDoors, "smtp: 127.0.0.1:0", `smtp: 127.0.0.1:0, tls_cert: "${W}/cert.pem", tls_key: "${W}/key.pem"`, 1)
	first, firstKey := newCertificate(t, "desk.example")
	second, secondKey := newCertificate(t, "desk.example")
	dir := t.TempDir()
	put := func(cert, key []byte) {
		write(t, dir+"/cert.pem", string(cert))
		write(t, dir+"/key.pem", string(key))
	}
	put(first, firstKey)
	r := newReloading(t, strings.ReplaceAll(strings.ReplaceAll(text, "${W}/cert", dir+"/cert"), "${W}/key", dir+"/key"))
	kept, err := smtp.Dial(r.at.SMTP)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	for _, c := range []struct {
		name      string
		cert, key []byte
		says      string
		want      []byte
	}{
		{"the same", first, firstKey, "nothing of it waits", first},
		{"a certificate without its key", second, firstKey, "cannot be used; nothing was changed", first},
		{"a file that is cut off", second[:100], secondKey, "cannot be used; nothing was changed", first},
		{"a new one", second, secondKey, "taken=listen.tls_cert", second},
	} {
		put(c.cert, c.key)
		r.hangUp(c.says)
		if got := r.shown(); got != string(c.want) {
			t.Errorf("%s: another certificate is shown", c.name)
		}
	}
	if err := kept.Noop(); err != nil {
		t.Errorf("a connection that stood was cut: %v", err)
	}
}

// TestAHangUpTakesNewPasswords of a mailbox and its relay out of their files: what was refused is tried anew at once, and goes on where
// it stood.
func TestAHangUpTakesNewPasswords(t *testing.T) {
	t.Parallel()
	server := dovecot.Start(t)
	relay := newRelay(t)
	secrets := t.TempDir()
	write(t, secrets+"/mailbox", server.Password)
	inbox := strings.Replace(imapInbox("support", "support@desk.example", server.Addr, server.User, "relay: out"), "password: test-password", "password_file: "+secrets+"/mailbox", 1)
	text := "listen: {http: '', ops: 127.0.0.1:0}\ninboxes:\n" + inbox + "  - {name: app, channel: api, api: {tokens: [tR4wK9mZ2xV7bN5qY8cL3pD6]}}\n" + "relays: [{name: out, host: 127.0.0.1, port: " + relay.addr[strings.LastIndexByte(relay.addr, ':')+1:] + ", tls: none, auth: none}]\n"
	text = strings.Replace(text, "http: ''", "http: 127.0.0.1:0", 1)
	r := newReloading(t, text)
	state := func(want string) {
		t.Helper()
		until(t, func() string {
			if _, out, _ := frontdesk(t, "inboxes", "--json", "--config", r.file); !strings.Contains(out, want) {
				return out
			}
			return ""
		})
	}
	until(t, func() string {
		if strings.Contains(r.errs.String(), "fetching failed") {
			return "fetching failed"
		}
		return ""
	})
	write(t, secrets+"/mailbox", "not-the-password")
	r.hangUp("taken=inboxes.support")
	state("failing")
	write(t, secrets+"/mailbox", server.Password)
	r.hangUp("taken=inboxes.support")
	until(t, func() string {
		if !strings.Contains(r.errs.String(), "inbox has recovered") {
			return "it has not recovered"
		}
		return ""
	})
	server.Deliver(server.User, []byte(strings.ReplaceAll(human("li.wei@customer.example", "Refund", "a@customer.example", "The refund has not come."), "\n", "\r\n")))
	until(t, func() string {
		relay.mu.Lock()
		defer relay.mu.Unlock()
		if len(relay.mails) != 1 {
			return "the acknowledgement has not come"
		}
		return ""
	})
	r.put(strings.Replace(text, "tR4wK9mZ2xV7bN5qY8cL3pD6", "pD6vK3mQ8zR5tY1wX7nB2cL9", 1))
	r.hangUp("taken=inboxes.app")
	for token, want := range map[string]int{"tR4wK9mZ2xV7bN5qY8cL3pD6": 401, "pD6vK3mQ8zR5tY1wX7nB2cL9": 200} {
		if got := postAPI(t, "http://"+r.at.HTTP+"/api/v1/inboxes/app/messages", token); got/100 != want/100 {
			t.Errorf("token %s…: %d, want %d", token[:4], got, want)
		}
	}
}

// postAPI posts a message and returns the status.
func postAPI(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(`{"id": "1", "from": {"email": "a@customer.example"}, "text": "Where is my refund?"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
