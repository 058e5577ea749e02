package email

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/check"
	"frontdesk/configs/values"
	"frontdesk/pipeline/message"
)

// around is a desk with an SMTP listener and a relay, and an inbox of it.
func around() descriptor.Around {
	return descriptor.Around{Inbox: "support", Address: "support@desk.example", Domain: "desk.example", SMTP: true, MaxMessage: 40 << 20, Acknowledges: true,
		Shared: &Shared{Relays: []Relay{{Name: "out"}}}}
}

// mistakes are the paths that a section reports.
func mistakes(s descriptor.Section, a descriptor.Around) (out []string) {
	s.Validate(&descriptor.Check{Around: a, Report: check.Report{Add: func(path, _, _ string) { out = append(out, path) }}})
	return out
}

func TestWhatASectionLeavesOutHasItsDefault(t *testing.T) {
	s := &Section{IMAP: &IMAP{Host: "h"}}
	s.Fill(around())
	idle := values.Duration(4 * time.Minute)
	want := &IMAP{Host: "h", TLS: "implicit", Port: 993, Auth: "password", Folders: []string{"INBOX"}, PostAction: "none", Idle: &idle, Poll: values.Duration(time.Minute), MaxSize: 40 << 20}
	if diff := cmp.Diff(want, s.IMAP); diff != "" {
		t.Error(diff)
	}
	s = &Section{IMAP: &IMAP{TLS: "starttls", MaxSize: 7}}
	if s.Fill(around()); s.IMAP.Port != 143 || s.IMAP.MaxSize != 7 {
		t.Errorf("port %d, at most %d bytes", s.IMAP.Port, s.IMAP.MaxSize)
	}
	shared := &Shared{Relays: []Relay{{DKIM: []DKIM{{Selector: "s"}}}, {TLS: "implicit", User: "u"}}}
	shared.Fill(around())
	relays := []Relay{{TLS: "starttls", Port: 587, Auth: "none", Envelope: "null", DKIM: []DKIM{{Selector: "s", Domain: "desk.example"}}}, {TLS: "implicit", Port: 465, User: "u", Auth: "plain", Envelope: "null"}}
	if diff := cmp.Diff(relays, shared.Relays); diff != "" {
		t.Error(diff)
	}
}

func TestMistakesOfAnInbox(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Section, *descriptor.Around)
		want   []string
	}{
		{"none", func(*Section, *descriptor.Around) {}, nil},
		{"no address", func(_ *Section, a *descriptor.Around) { a.Address = "" }, []string{"address"}},
		{"an alias that is no address", func(_ *Section, a *descriptor.Around) { a.Aliases = []string{"a@b.example", "nobody"} }, []string{"aliases[1]"}},
		{"no way in", func(s *Section, _ *descriptor.Around) { s.IMAP = nil }, []string{""}},
		{"a door without a listener", func(s *Section, a *descriptor.Around) { s.SMTPDoor, a.SMTP = true, false }, []string{"smtp_door"}},
		{"a door with LMTP", func(s *Section, a *descriptor.Around) { s.SMTPDoor, a.SMTP, a.LMTP = true, false, true }, nil},
		{"a relay that is there", func(s *Section, _ *descriptor.Around) { s.Relay = "out" }, nil},
		{"a relay that is not there", func(s *Section, _ *descriptor.Around) { s.Relay = "main" }, []string{"relay"}},
		{"whoever writes for others", func(s *Section, _ *descriptor.Around) { s.ReplyToFrom = []string{"a@b.example", "@b.example", "b"} }, []string{"reply_to_from[2]"}},
		{"a port", func(s *Section, _ *descriptor.Around) { s.IMAP.Port = 70000 }, []string{"imap.port"}},
		{"authorities without TLS", func(s *Section, _ *descriptor.Around) { s.IMAP.TLS, s.IMAP.CAFile = "none", "x" }, []string{"imap.ca_file"}},
		{"no password", func(s *Section, _ *descriptor.Around) { s.IMAP.Password = values.Secret{} }, []string{"imap.password"}},
		{"no token source", func(s *Section, _ *descriptor.Around) { s.IMAP.Auth = "xoauth2" }, []string{"imap.oauth"}},
		{"a token source that nobody asks", func(s *Section, _ *descriptor.Around) {
			s.IMAP.OAuth = &OAuth{Provider: "google", RefreshToken: values.NewSecret("r")}
		}, []string{"imap.oauth"}},
		{"a provider of one's own without an address", func(s *Section, _ *descriptor.Around) {
			s.IMAP.Auth, s.IMAP.OAuth = "xoauth2", &OAuth{Provider: "custom"}
		}, []string{"imap.oauth.token_url"}},
		{"one with an address that is none", func(s *Section, _ *descriptor.Around) {
			s.IMAP.Auth, s.IMAP.OAuth = "xoauth2", &OAuth{Provider: "custom", TokenURL: "x", RefreshToken: values.NewSecret("r")}
		}, []string{"imap.oauth.token_url"}},
		{"Microsoft without a tenant", func(s *Section, _ *descriptor.Around) {
			s.IMAP.Auth, s.IMAP.OAuth = "oauthbearer", &OAuth{Provider: "microsoft"}
		}, []string{"imap.oauth.tenant"}},
		{"Microsoft with nothing to sign in with", func(s *Section, _ *descriptor.Around) {
			s.IMAP.Auth, s.IMAP.OAuth = "oauthbearer", &OAuth{Provider: "microsoft", Tenant: "t"}
		}, []string{"imap.oauth"}},
		{"Google without a refresh token", func(s *Section, _ *descriptor.Around) {
			s.IMAP.Auth, s.IMAP.OAuth = "xoauth2", &OAuth{Provider: "google"}
		}, []string{"imap.oauth.refresh_token"}},
		{"a move to nowhere", func(s *Section, _ *descriptor.Around) { s.IMAP.PostAction = "move" }, []string{"imap.post_action"}},
		{"a long idle", func(s *Section, _ *descriptor.Around) { *s.IMAP.Idle = values.Duration(10 * time.Minute) }, []string{"imap.idle"}},
		{"a short poll", func(s *Section, _ *descriptor.Around) { s.IMAP.Poll = values.Duration(time.Second) }, []string{"imap.poll"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, s := around(), &Section{IMAP: &IMAP{Host: "h", User: "u", Password: values.NewSecret("p")}}
			s.Fill(a)
			c.change(s, &a)
			if got := mistakes(s, a); !slices.Equal(got, c.want) {
				t.Errorf("mistakes at %q, want %q", got, c.want)
			}
		})
	}
}

func TestMistakesOfRelays(t *testing.T) {
	for _, c := range []struct {
		name   string
		relays []Relay
		want   []string
	}{
		{"none", []Relay{{Name: "a", Host: "h.example"}, {Name: "b", Host: "127.0.0.1", TLS: "none"}}, nil},
		{"two of one name", []Relay{{Name: "a"}, {Name: "A"}}, []string{"relays[1].name"}},
		{"a port", []Relay{{Port: -1}}, []string{"relays[0].port"}},
		{"another host without TLS", []Relay{{Host: "h.example", TLS: "none"}}, []string{"relays[0].tls"}},
		{"another host by IPv6 without TLS", []Relay{{Host: "[2001:db8::1]", TLS: "none"}}, []string{"relays[0].tls"}},
		{"this machine by IPv6, with brackets and without", []Relay{{Name: "a", Host: "[::1]", TLS: "none"}, {Name: "b", Host: "::1", TLS: "none"}}, nil},
		{"authorities without TLS", []Relay{{Host: "localhost", TLS: "none", CAFile: "x"}}, []string{"relays[0].ca_file"}},
		{"a user without a password", []Relay{{User: "u"}}, []string{"relays[0]"}},
		{"no token source", []Relay{{User: "u", Auth: "xoauth2"}}, []string{"relays[0].oauth"}},
		{"a key of no domain", []Relay{{DKIM: []DKIM{{Domain: "a b"}}}}, []string{"relays[0].dkim[0].domain"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &Shared{Relays: c.relays}
			s.Fill(around())
			if got := mistakes(s, around()); !slices.Equal(got, c.want) {
				t.Errorf("mistakes at %q, want %q", got, c.want)
			}
		})
	}
}

// TestHostsOfEveryForm are taken by both clients, which join them to the port.
func TestHostsOfEveryForm(t *testing.T) {
	desk := message.Address{Kind: message.Email, Value: "support@desk.example"}
	setup := descriptor.Setup{Peer: descriptor.Peer{Inbox: "support", Address: desk.Value}, Authorities: func(string) (*x509.CertPool, error) { return nil, nil }}
	for _, c := range []struct{ name, host, tls, dialed string }{
		{"a name", "mail.example.com", "starttls", "mail.example.com"},
		{"an IPv4 address", "192.0.2.1", "starttls", "192.0.2.1"},
		{"an IPv6 address", "2001:db8::1", "starttls", "2001:db8::1"},
		{"an IPv6 address in brackets", "[2001:db8::1]", "implicit", "2001:db8::1"},
		{"an IPv6 address with its link", "fe80::1%eth0", "implicit", "fe80::1%eth0"},
		{"this machine by IPv6, in the clear", "::1", "none", "::1"},
		{"the same in brackets", "[::1]", "none", "::1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			shared := &Shared{Relays: []Relay{{Name: "out", Host: c.host, TLS: c.tls}}}
			section := &Section{IMAP: &IMAP{Host: c.host, TLS: c.tls, User: "u", Password: values.NewSecret("p"), PostAction: "none"}}
			shared.Fill(around())
			section.Fill(around())
			if got := shared.Relays[0].Host; got != c.dialed {
				t.Errorf("the relay is %q", got)
			}
			if got := section.IMAP.Host; got != c.dialed {
				t.Errorf("the IMAP server is %q", got)
			}
			sender, err := submitter(shared.Relays[0], desk, setup)
			if err != nil {
				t.Fatalf("the relay is refused: %v", err)
			}
			if err := sender.Close(); err != nil {
				t.Error(err)
			}
			var ends descriptor.Ends
			if err := fetching(&ends, section.IMAP, setup); err != nil {
				t.Fatalf("the IMAP server is refused: %v", err)
			}
		})
	}
}

func TestWhatSectionsTell(t *testing.T) {
	s := &Section{SMTPDoor: true, TrustedAuthserv: []string{"mx"}, ReplyToFrom: []string{"a@b"}, IMAP: &IMAP{CAFile: "ca", PostAction: "seen", OAuth: &OAuth{TokenURL: "u"}}}
	want := descriptor.Facts{Handed: true, Marks: true, Trusted: []string{"mx"}, Writers: []string{"a@b"}, URLs: map[string]string{"imap.oauth.token_url": "u"},
		Files: []descriptor.File{{Path: "imap.ca_file", Name: "ca"}}}
	if diff := cmp.Diff(want, s.Facts()); diff != "" {
		t.Error(diff)
	}
	shared := &Shared{Relays: []Relay{{}, {CAFile: "ca", OAuth: &OAuth{TokenURL: "u"}, DKIM: []DKIM{{KeyFile: "key"}}}}}
	want = descriptor.Facts{URLs: map[string]string{"relays[1].oauth.token_url": "u"},
		Files: []descriptor.File{{Path: "relays[1].ca_file", Name: "ca"}, {Path: "relays[1].dkim[0].key_file", Name: "key", Secret: true}}}
	if diff := cmp.Diff(want, shared.Facts()); diff != "" {
		t.Error(diff)
	}
}

// found are what a section says of itself, as "kind path".
func found(s descriptor.Reviewer, a descriptor.Around) (out []string) {
	note := func(kind string) func(string, string) {
		return func(path, _ string) { out = append(out, kind+" "+path) }
	}
	s.Review(&descriptor.Findings{Around: a, Warn: note("warn"), Note: note("note"), Weak: func(path, _, _ string) { out = append(out, "weak "+path) },
		Fails: func(path string, err error) {
			if err != nil {
				out = append(out, "fails "+path)
			}
		}})
	return out
}

func TestWhatIsLegalAndShouldBeKnown(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(key, []byte("no PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	quiet, lmtp, other := around(), around(), around()
	quiet.Acknowledges, lmtp.LMTP = false, true
	other.Shared = &Shared{Relays: []Relay{{Name: "out", Envelope: "mailbox", User: "desk@mailbox.example"}}}
	for _, c := range []struct {
		name    string
		section descriptor.Reviewer
		around  descriptor.Around
		want    []string
	}{
		{"an inbox at our SMTP listener with a relay", &Section{SMTPDoor: true, Relay: "out"}, around(), nil},
		{"without a relay", &Section{SMTPDoor: true}, around(), []string{"warn relay"}},
		{"without a relay, where nobody is answered", &Section{SMTPDoor: true}, quiet, nil},
		{"at our LMTP listener, without a server that is believed", &Section{SMTPDoor: true, Relay: "out"}, lmtp, []string{"note trusted_authserv"}},
		{"fetched, without a server that is believed", &Section{Relay: "out", IMAP: &IMAP{Host: "h.example"}}, around(), []string{"note trusted_authserv"}},
		{"fetched from elsewhere without TLS", &Section{Relay: "out", IMAP: &IMAP{Host: "h.example", TLS: "none"}, TrustedAuthserv: []string{"mx"}}, around(), []string{"weak imap.tls"}},
		{"fetched on this machine without TLS", &Section{Relay: "out", IMAP: &IMAP{Host: "127.0.0.1", TLS: "none"}, TrustedAuthserv: []string{"mx"}}, around(), nil},
		{"a relay that signs in as another", &Section{SMTPDoor: true, Relay: "out"}, other, []string{"note relay"}},
		{"a relay elsewhere without TLS", &Shared{Relays: []Relay{{Host: "localhost", TLS: "none"}, {Host: "h.example", TLS: "none"}}}, around(), []string{"weak relays[1].tls"}},
		{"a key that is none", &Shared{Relays: []Relay{{DKIM: []DKIM{{KeyFile: key}}}}}, around(), []string{"fails relays[0].dkim[0].key_file"}},
	} {
		if got := found(c.section, c.around); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestRenew(t *testing.T) {
	old := &Section{SMTPDoor: true, Relay: "out", IMAP: &IMAP{Host: "a", Folders: []string{"INBOX"}, PostAction: "seen"}}
	next := &Section{Relay: "main", TrustedAuthserv: []string{"mx"}, IMAP: &IMAP{Host: "b", Folders: []string{"Sales"}, PostAction: "none"}}
	want := &Section{SMTPDoor: true, Relay: "main", IMAP: &IMAP{Host: "b", Folders: []string{"INBOX"}, PostAction: "seen"}}
	if diff := cmp.Diff(want, old.Renew(next)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(old, old.Renew(&Section{})); diff != "" {
		t.Errorf("what ends waits for a restart: %s", diff)
	}
	if old.IMAP.Host != "a" || old.Relay != "out" {
		t.Error("the running section has changed")
	}
}

// TestRelaysThatAreStillUsedStay, when the next configuration has them no more.
func TestRelaysThatAreStillUsedStay(t *testing.T) {
	running := &Shared{Relays: []Relay{{Name: "out", Host: "old"}, {Name: "second"}, {Name: "unused"}}}
	next := &Shared{Relays: []Relay{{Name: "out", Host: "new"}}}
	got := running.Renew(next, []descriptor.Section{&Section{Relay: "out"}, &Section{Relay: "second"}, &Section{Relay: "second"}, nil}).(*Shared)
	if names := strings.Join(got.names(), " "); names != "out second" || got.Relays[0].Host != "new" {
		t.Errorf("relays are %+v", got.Relays)
	}
	if part := got.Part(&Section{Relay: "second"}).(*Shared); len(part.Relays) != 1 || part.Relays[0].Name != "second" {
		t.Errorf("the inbox's part is %+v", part)
	}
	if part := got.Part(nil).(*Shared); len(part.Relays) != 0 {
		t.Errorf("of nobody: %+v", part)
	}
}
