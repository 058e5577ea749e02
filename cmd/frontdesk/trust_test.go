package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/configs"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
)

// vouched is a server with a certificate of a private authority. It tells how each handshake with it ended, and hangs up. A
// PostgreSQL client is told that TLS may begin.
func vouched(t *testing.T, cert, key []byte) (address string, shaken <-chan error) {
	t.Helper()
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	out := make(chan error, 100)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go shake(conn, pair, out)
		}
	}()
	return l.Addr().String(), out
}

func shake(conn net.Conn, pair tls.Certificate, out chan<- error) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second)) //nolint:errcheck // a socket of ours
	begin := &beginning{Conn: conn}
	// With TLS 1.2 the client is through when the server is: it has looked at our certificate.
	out <- tls.Server(begin, &tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: tls.VersionTLS12}).Handshake()
}

// beginning passes over the request for TLS with which PostgreSQL begins, and answers it.
type beginning struct {
	net.Conn
	begun bool
}

func (b *beginning) Read(p []byte) (int, error) {
	n, err := b.Conn.Read(p)
	if b.begun || n < 5 {
		return n, err
	}
	b.begun = true
	if p[0] == 0 { // 00 00 00 08 04 d2 16 2f: the length of an SSLRequest
		rest := make([]byte, 8-n)
		if _, err := b.Conn.Read(rest); len(rest) > 0 && err != nil {
			return 0, err
		}
		if _, err := b.Conn.Write([]byte("S")); err != nil {
			return 0, err
		}
		return b.Conn.Read(p)
	}
	return n, err
}

// TestAPrivateAuthorityIsBelieved wherever Frontdesk connects with TLS, and without it nobody is.
func TestAPrivateAuthorityIsBelieved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := newCertificate(t, "127.0.0.1")
	other, _ := newCertificate(t, "127.0.0.1")
	write(t, dir+"/ca.pem", string(cert))
	write(t, dir+"/other.pem", string(other))
	write(t, dir+"/master.key", testKey)
	const mail = "inboxes: [{name: a, channel: email, address: a@desk.example, "
	for _, c := range []struct {
		name, text string
		own        string // the file of this server alone
		ask        func(context.Context, configs.Config) error
	}{
		{"IMAP", mail + "imap: {host: 127.0.0.1, port: ${PORT}, user: a, password: b${OWN}}}]\n", "ca.pem", probed},
		{"a relay", "listen: {smtp: '127.0.0.1:0'}\n" + mail + "smtp_door: true, relay: r}]\nrelays: [{name: r, host: 127.0.0.1, port: ${PORT}, tls: implicit, auth: none${OWN}}]\n", "ca.pem", probed},
		{"OAuth", mail + "imap: {host: 127.0.0.1, user: a, auth: xoauth2, oauth: {provider: custom, client_id: a, client_secret: b, refresh_token: c, token_url: 'https://${AT}/t'}}}]\n", "", probed},
		{"Twilio", "listen: {public_url: 'https://desk.example'}\ninboxes: [{name: a, channel: sms, address: '+85221234567', twilio: {account_sid: AC00000000000000000000000000000001, auth_token: b, base_url: 'https://${AT}'}}]\n", "", probed},
		{"Telegram", "inboxes: [{name: a, channel: telegram, telegram: {token: '42:b', base_url: 'https://${AT}'}}]\n", "", probed},
		{"a scanner", "scanners: {rspamd: {url: 'https://${AT}'}}\n", "", scannerProbed},
		{"a webhook", "webhooks: [{url: 'https://${AT}/x', secret: vK3mQ8zR5tY1wX7nB2cL6pD9, events: [inbox.failing]}]\n", "", noticed},
		{"Redis", "redis: {url: 'rediss://${AT}/0'${OWN}}\n", "ca.pem", redisAsked},
		{"PostgreSQL", "database: {url: 'postgres://a:b@${AT}/c?sslmode=verify-full'}\n", "", databaseAsked},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			asked := func(common, own string) error {
				at, shaken := vouched(t, cert, key)
				if own != "" {
					own = ", ca_file: " + dir + "/" + own
				}
				_, port, _ := net.SplitHostPort(at)
				text := strings.NewReplacer("${AT}", at, "${PORT}", port, "${OWN}", own).Replace(c.text)
				if common != "" {
					text = "ca_file: " + dir + "/" + common + "\n" + text
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				err := c.ask(ctx, trusting(t, dir, text))
				select {
				case shaken := <-shaken:
					return shaken
				case <-ctx.Done():
					t.Fatalf("nobody came: %v", err)
					return nil
				}
			}
			if err := asked("", ""); err == nil {
				t.Error("believed without its authority")
			}
			if err := asked("other.pem", ""); err == nil {
				t.Error("believed with another authority")
			}
			if err := asked("ca.pem", ""); err != nil {
				t.Errorf("not believed with its authority: %v", err)
			}
			if c.own == "" {
				return
			}
			if err := asked("other.pem", c.own); err != nil {
				t.Errorf("not believed with an authority of its own: %v", err)
			}
			if err := asked("ca.pem", "other.pem"); err == nil {
				t.Error("the common authorities count beside its own")
			}
		})
	}
}

// trusting is a configuration with these sections.
func trusting(t *testing.T, dir, more string) configs.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fd.yaml")
	write(t, path, "desk: {name: Example, domain: desk.example}\ndata_dir: "+dir+"/data\nkeys: {master: [{name: a, file: "+dir+"/master.key}]}\n"+more)
	c, err := configs.Load(path, os.LookupEnv, kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func probed(ctx context.Context, c configs.Config) error {
	w, err := wiring.All(wiring.Dry(c))
	if err != nil {
		return err
	}
	defer w.Close()
	_, err = w.Probes[0].Probe(ctx)
	return err
}

func scannerProbed(ctx context.Context, c configs.Config) error {
	w, err := wiring.All(wiring.Dry(c))
	if err != nil {
		return err
	}
	defer w.Close()
	_, err = w.Scanners[0].Probe.Probe(ctx)
	return err
}

func noticed(ctx context.Context, c configs.Config) error {
	w, err := wiring.All(wiring.Dry(c))
	if err != nil {
		return err
	}
	defer w.Close()
	return w.Outlets.Notices["webhook-1"].Notify(ctx, "k", json.RawMessage("{}"))
}

func redisAsked(ctx context.Context, c configs.Config) error {
	server, err := installation.RedisConfig(c.Redis, c.CAFile)
	if err != nil {
		return err
	}
	_, err = engine.Prove(ctx, server)
	return err
}

func databaseAsked(ctx context.Context, c configs.Config) error {
	options, err := installation.StoreOptions(c, false)
	if err != nil {
		return err
	}
	_, err = store.PendingMigrations(ctx, options)
	return err
}
