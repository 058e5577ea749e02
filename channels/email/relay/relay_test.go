package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
)

func TestSubmitHandsAMailOver(t *testing.T) {
	r := startRelay(t, plan{extensions: []string{"8BITMIME", "SIZE 1000000", "DSN"}})
	s := newTestter(t, testConfig(r))
	receipt, err := s.Send(t.Context(), "ack:12", emailtest.Mail())
	if err != nil {
		t.Fatal(err)
	}
	want := channels.Receipt{Key: "ack:12", ProviderID: "ack.12.k.s@desk.example", Status: channels.StatusSent, At: emailtest.Now}
	if diff := cmp.Diff(want, receipt); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
	mails, _ := r.got()
	if len(mails) != 1 {
		t.Fatalf("relay has %d mails, want 1", len(mails))
	}
	if !strings.HasPrefix(mails[0].Mail, "FROM:<> ") || !strings.Contains(mails[0].Mail, "SIZE=") {
		t.Errorf("MAIL %s, want the null sender and a size", mails[0].Mail)
	}
	if got, want := mails[0].Rcpt, "TO:<lina@customer.example> NOTIFY=NEVER"; got != want {
		t.Errorf("RCPT %s, want %s", got, want)
	}
	if !strings.Contains(mails[0].Raw, "Message-ID: <ack.12.k.s@desk.example>\n") {
		t.Errorf("mail lacks its id:\n%s", mails[0].Raw)
	}
}

func TestSubmitFaults(t *testing.T) {
	for _, tc := range []struct {
		name  string
		plan  plan
		class channels.Class
		code  string
		taken int // mails the relay took
	}{
		{"greeting says try later", plan{answers: map[string]string{"GREETING": "421 4.3.2 busy"}}, channels.Temporary, "421 4.3.2", 0},
		{"greeting refuses us, which is not the mail's fault", plan{answers: map[string]string{"GREETING": "554 5.7.1 no"}}, channels.Refused, "554 5.7.1", 0},
		{"greeting never comes", plan{silent: "GREETING"}, channels.Temporary, "", 0},
		{"connection cut at EHLO", plan{drop: "EHLO"}, channels.Temporary, "", 0},
		{"no answer to MAIL", plan{silent: "MAIL"}, channels.Temporary, "", 0},
		{"421 at MAIL", plan{answers: map[string]string{"MAIL": "421 4.7.0 slow down"}}, channels.Temporary, "421 4.7.0", 0},
		{"sender refused", plan{answers: map[string]string{"MAIL": "553 5.7.1 not yours"}}, channels.Refused, "553 5.7.1", 0},
		{"relay wants a login", plan{answers: map[string]string{"MAIL": "530 5.7.0 log in"}}, channels.Unauthorized, "530 5.7.0", 0},
		{"greylisted", plan{answers: map[string]string{"RCPT": "450 4.2.0 later"}}, channels.Temporary, "450 4.2.0", 0},
		{"mailbox unknown", plan{answers: map[string]string{"RCPT": "550 5.1.1 <lina@customer.example> unknown"}}, channels.Permanent, "550 5.1.1", 0},
		{"refused by policy", plan{answers: map[string]string{"RCPT": "550 5.7.26 unauthenticated"}}, channels.Refused, "550 5.7.26", 0},
		{"an old relay without enhanced codes", plan{answers: map[string]string{"RCPT": "550 no"}}, channels.Permanent, "550", 0},
		{"no valid recipients at DATA", plan{answers: map[string]string{"DATA": "554 5.5.1 none"}}, channels.Permanent, "554 5.5.1", 0},
		{"content refused after the dot", plan{answers: map[string]string{"BODY": "554 5.7.1 spam"}}, channels.Refused, "554 5.7.1", 0},
		{"disk full after the dot", plan{answers: map[string]string{"BODY": "452 4.3.1 full"}}, channels.Temporary, "452 4.3.1", 0},
		{"421 after the dot is an answer", plan{answers: map[string]string{"BODY": "421 4.3.0 bye"}}, channels.Temporary, "421 4.3.0", 0},
		{"connection cut after the dot", plan{drop: "DOT"}, channels.Unknown, "", 0},
		{"taken, but the answer is lost", plan{drop: "BODY"}, channels.Unknown, "", 1},
		{"taken, but no answer in time", plan{silent: "BODY"}, channels.Unknown, "", 1},
		{"nonsense after the dot", plan{answers: map[string]string{"BODY": "what?"}}, channels.Unknown, "", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := startRelay(t, tc.plan)
			cfg := testConfig(r)
			cfg.CommandTimeout, cfg.SubmissionTimeout = 200*time.Millisecond, 200*time.Millisecond
			_, err := newTestter(t, cfg).Send(t.Context(), "k", emailtest.Mail())
			var ce *channels.Error
			if !errors.As(err, &ce) {
				t.Fatalf("error = %v, want a *channels.Error", err)
			}
			if ce.Class != tc.class || ce.Code != tc.code {
				t.Errorf("class %q code %q, want %q %q (%v)", ce.Class, ce.Code, tc.class, tc.code, err)
			}
			if strings.Contains(err.Error(), "lina") {
				t.Errorf("the error shows an address: %v", err)
			}
			if mails, conns := r.got(); len(mails) != tc.taken || conns != 1 {
				t.Errorf("relay took %d mails on %d connections, want %d on 1", len(mails), conns, tc.taken)
			}
		})
	}
}

func TestSubmitLostInsideTheBodyIsTemporary(t *testing.T) {
	r := startRelay(t, plan{drop: "INBODY"})
	out := emailtest.Mail()
	out.Text = strings.Repeat("a line that fills the sockets\n", 400_000) // the dot cannot have left
	_, err := newTestter(t, testConfig(r)).Send(t.Context(), "k", out)
	var ce *channels.Error
	if !errors.As(err, &ce) || ce.Class != channels.Temporary {
		t.Errorf("error = %v, want temporary", err)
	}
}

func TestSubmitNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(&relay{addr: l.Addr().String()})
	_ = l.Close()
	_, err = newTestter(t, cfg).Send(t.Context(), "k", emailtest.Mail())
	var ce *channels.Error
	if !errors.As(err, &ce) || ce.Class != channels.Temporary {
		t.Errorf("error = %v, want temporary", err)
	}
}

func TestSubmitKeepsItsConnection(t *testing.T) {
	send := func(t *testing.T, s *Submitter, n int) {
		t.Helper()
		for range n {
			if _, err := s.Send(t.Context(), "k", emailtest.Mail()); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Run("for several mails", func(t *testing.T) {
		r := startRelay(t, plan{})
		send(t, newTestter(t, testConfig(r)), 5)
		if mails, conns := r.got(); len(mails) != 5 || conns != 1 {
			t.Errorf("%d mails on %d connections, want 5 on 1", len(mails), conns)
		}
	})
	t.Run("after a refusal", func(t *testing.T) {
		r := startRelay(t, plan{answers: map[string]string{"RCPT": "550 5.1.1 no"}})
		s := newTestter(t, testConfig(r))
		for range 3 {
			if _, err := s.Send(t.Context(), "k", emailtest.Mail()); err == nil {
				t.Fatal("no error")
			}
		}
		if _, conns := r.got(); conns != 1 || !r.said("RSET") {
			t.Errorf("%d connections, want 1 that was reset", conns)
		}
	})
	t.Run("not longer than it may", func(t *testing.T) {
		r := startRelay(t, plan{})
		cfg := testConfig(r)
		cfg.MailsPerConn = 2
		send(t, newTestter(t, cfg), 4)
		if _, conns := r.got(); conns != 2 {
			t.Errorf("%d connections, want 2", conns)
		}
	})
	t.Run("nor does the last mail wait for the relay's goodbye", func(t *testing.T) {
		r := startRelay(t, plan{silent: "QUIT"})
		cfg := testConfig(r)
		cfg.MailsPerConn = 1
		begun := time.Now()
		send(t, newTestter(t, cfg), 1)
		if took := time.Since(begun); took >= 2*time.Second {
			t.Errorf("a mail that was handed over is reported after %s", took)
		}
	})
	t.Run("not when it is unused", func(t *testing.T) {
		r := startRelay(t, plan{})
		cfg := testConfig(r)
		cfg.Idle = 20 * time.Millisecond
		send(t, newTestter(t, cfg), 1)
		<-r.ended
		if !r.said("QUIT") {
			t.Error("the connection was cut, not quit")
		}
	})
	t.Run("not after Close", func(t *testing.T) {
		r := startRelay(t, plan{})
		s := newTestter(t, testConfig(r))
		send(t, s, 1)
		_ = s.Close()
		<-r.ended
		send(t, s, 1)
		<-r.ended
	})
}

func TestSubmitRelayRestart(t *testing.T) {
	start := func(t *testing.T, plan plan) (*relay, *Submitter) {
		r := startRelay(t, plan)
		s := newTestter(t, testConfig(r))
		if _, err := s.Send(t.Context(), "k", emailtest.Mail()); err != nil {
			t.Fatal(err)
		}
		return r, s
	}
	t.Run("a dead connection is replaced at once", func(t *testing.T) {
		r, s := start(t, plan{})
		r.restart()
		<-r.ended
		if _, err := s.Send(t.Context(), "k2", emailtest.Mail()); err != nil {
			t.Errorf("error = %v, want none", err)
		}
		if mails, conns := r.got(); len(mails) != 2 || conns != 2 {
			t.Errorf("%d mails on %d connections, want 2 on 2", len(mails), conns)
		}
	})
	t.Run("a connection that the relay ended for being idle is replaced at once", func(t *testing.T) {
		r, s := start(t, plan{mailsMax: 1})
		<-r.ended
		if _, err := s.Send(t.Context(), "k2", emailtest.Mail()); err != nil {
			t.Errorf("error = %v, want none", err)
		}
	})
	t.Run("a relay that stays away is temporary after one try", func(t *testing.T) {
		r, s := start(t, plan{})
		r.become(plan{answers: map[string]string{"GREETING": "421 4.3.2 starting"}})
		r.restart()
		<-r.ended
		_, err := s.Send(t.Context(), "k2", emailtest.Mail())
		var ce *channels.Error
		if !errors.As(err, &ce) || ce.Class != channels.Temporary {
			t.Errorf("error = %v, want temporary", err)
		}
		if _, conns := r.got(); conns != 2 {
			t.Errorf("%d connections, want 2", conns)
		}
	})
	t.Run("an unknown outcome is never repeated by itself", func(t *testing.T) {
		r, s := start(t, plan{})
		r.become(plan{drop: "BODY"})
		r.restart()
		<-r.ended
		_, err := s.Send(t.Context(), "k2", emailtest.Mail())
		var ce *channels.Error
		if !errors.As(err, &ce) || ce.Class != channels.Unknown {
			t.Errorf("error = %v, want unknown", err)
		}
		if mails, _ := r.got(); len(mails) != 2 {
			t.Errorf("relay took %d mails, want 2", len(mails))
		}
	})
}

func TestSubmitContext(t *testing.T) {
	for name, tc := range map[string]struct {
		plan  plan
		class channels.Class
	}{
		"ended before the dot": {plan{silent: "RCPT"}, channels.Temporary},
		"ended after the dot":  {plan{silent: "BODY"}, channels.Unknown},
		"ended at the greeting": {
			plan{silent: "GREETING"}, channels.Temporary},
	} {
		t.Run(name, func(t *testing.T) {
			r := startRelay(t, tc.plan)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err := newTestter(t, testConfig(r)).Send(ctx, "k", emailtest.Mail())
			var ce *channels.Error
			if !errors.As(err, &ce) || ce.Class != tc.class {
				t.Errorf("error = %v, want class %q", err, tc.class)
			}
		})
	}
	t.Run("ended while all connections are busy", func(t *testing.T) {
		r := startRelay(t, plan{silent: "MAIL"})
		cfg := testConfig(r)
		cfg.Connections = 1
		s := newTestter(t, cfg)
		long, cancelLong := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { _, _ = s.Send(long, "a", emailtest.Mail()); close(done) }()
		for _, conns := r.got(); conns == 0; _, conns = r.got() {
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := s.Send(ctx, "b", emailtest.Mail()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error = %v, want the deadline", err)
		}
		if _, conns := r.got(); conns != 1 {
			t.Errorf("%d connections, want 1", conns)
		}
		cancelLong()
		<-done
	})
}

func TestSubmitManyAtOnce(t *testing.T) {
	r := startRelay(t, plan{mailsMax: 7})
	cfg := testConfig(r)
	cfg.Connections = 3
	s := newTestter(t, cfg)
	var wg sync.WaitGroup
	for range 60 {
		wg.Go(func() {
			if _, err := s.Send(t.Context(), "k", emailtest.Mail()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if mails, _ := r.got(); len(mails) != 60 {
		t.Errorf("relay took %d mails, want 60", len(mails))
	}
}

func TestSubmitTLS(t *testing.T) {
	server, client := emailtest.CA(t)
	_, stranger := emailtest.CA(t)
	for _, tc := range []struct {
		name     string
		plan     plan
		security string
		server   *tls.Config
		client   *tls.Config
		ok       bool
	}{
		{"STARTTLS", plan{}, "starttls", server, client, true},
		{"TLS from the start", plan{implicitTLS: true}, "tls", server, client, true},
		{"STARTTLS is not offered: no mail in clear", plan{}, "starttls", nil, client, false},
		{"STARTTLS is refused: no mail in clear", plan{answers: map[string]string{"STARTTLS": "454 4.7.0 no"}}, "starttls", server, client, false},
		{"the certificate is of another authority", plan{}, "starttls", server, stranger, false},
		{"the certificate is of another host", plan{implicitTLS: true}, "tls", server,
			&tls.Config{RootCAs: client.RootCAs, ServerName: "other.example"}, false},
		{"a relay that says nothing", plan{silent: "GREETING"}, "tls", server, client, false},
		{"a relay that says nothing in clear", plan{silent: "GREETING"}, "starttls", server, client, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := startRelayTLS(t, tc.plan, tc.server)
			cfg := testConfig(r)
			cfg.Security, cfg.TLSConfig, cfg.CommandTimeout = tc.security, tc.client, time.Second
			s := newTestter(t, cfg)
			_, err := s.Send(t.Context(), "k", emailtest.Mail())
			mails, _ := r.got()
			if tc.ok && (err != nil || len(mails) != 1) {
				t.Fatalf("error %v, %d mails, want one mail", err, len(mails))
			}
			var ce *channels.Error
			if !tc.ok && (!errors.As(err, &ce) || ce.Class != channels.Temporary || len(mails) != 0) {
				t.Fatalf("error %v, %d mails, want a temporary error and none", err, len(mails))
			}
			if tc.ok {
				if _, err := s.Send(t.Context(), "k", emailtest.Mail()); err != nil {
					t.Errorf("second mail: %v", err)
				}
			}
		})
	}
}

func TestSubmitLogin(t *testing.T) {
	token := func(context.Context) (string, error) { return "ya29.test", nil }
	for _, tc := range []struct {
		name  string
		offer string
		want  string // secret
		auth  Auth
		class channels.Class
		ok    bool
	}{
		{"PLAIN by preference", "LOGIN PLAIN", "\x00desk\x00pw", Auth{Username: "desk", Password: "pw"}, "", true},
		{"LOGIN where only that is offered", "LOGIN", "desk|pw|", Auth{Username: "desk", Password: "pw"}, "", true},
		{"LOGIN by configuration", "LOGIN PLAIN", "desk|pw|", Auth{Mechanism: "login", Username: "desk", Password: "pw"}, "", true},
		{"XOAUTH2", "XOAUTH2 PLAIN", "user=desk\x01auth=Bearer ya29.test\x01\x01", Auth{Username: "desk", Token: token}, "", true},
		{"wrong password", "PLAIN", "\x00desk\x00other", Auth{Username: "desk", Password: "pw"}, channels.Unauthorized, false},
		{"revoked token", "XOAUTH2", "x", Auth{Mechanism: "xoauth2", Username: "desk", Token: token}, channels.Unauthorized, false},
		{"nothing that we know is offered", "CRAM-MD5", "x", Auth{Username: "desk", Password: "pw"}, channels.Unauthorized, false},
		{"no login is offered", "", "x", Auth{Username: "desk", Password: "pw"}, channels.Unauthorized, false},
		{"no token to be had", "XOAUTH2", "x", Auth{Username: "desk", Token: func(context.Context) (string, error) {
			return "", errors.New("token server is down")
		}}, channels.Temporary, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := startRelay(t, plan{mechanisms: tc.offer, secret: tc.want})
			cfg := testConfig(r)
			cfg.Auth = tc.auth
			_, err := newTestter(t, cfg).Send(t.Context(), "k", emailtest.Mail())
			if tc.ok {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var ce *channels.Error
			if !errors.As(err, &ce) || ce.Class != tc.class {
				t.Fatalf("error = %v, want class %q", err, tc.class)
			}
			if s := err.Error(); strings.Contains(s, "pw") || strings.Contains(s, "ya29") || strings.Contains(s, "someone@") {
				t.Errorf("the error shows a secret or an address: %s", s)
			}
		})
	}
	t.Run("a login server that is down is temporary", func(t *testing.T) {
		r := startRelay(t, plan{mechanisms: "PLAIN", secret: "\x00desk\x00pw", answers: map[string]string{"AUTH": "454 4.7.0 later"}})
		cfg := testConfig(r)
		cfg.Auth = Auth{Username: "desk", Password: "pw"}
		_, err := newTestter(t, cfg).Send(t.Context(), "k", emailtest.Mail())
		var ce *channels.Error
		if !errors.As(err, &ce) || ce.Class != channels.Temporary || ce.Code != "454 4.7.0" {
			t.Errorf("error = %v, want temporary 454 4.7.0", err)
		}
	})
}

func TestSubmitEnvelope(t *testing.T) {
	verp, _ := verp("ack:12", "bounce@desk.example", emailtest.Digest)
	for _, tc := range []struct {
		name, envelope, key string
		automatic           bool
		from, notify        string
	}{
		{"automatic mail has no sender", "", "ack:12", true, "<>", "NEVER"},
		{"people's mail has the inbox's", "", "ack:12", false, "<support@desk.example>", "FAILURE"},
		{"VERP names the outbox row", "verp", "ack:12", true, "<" + verp + ">", "FAILURE"},
		{"VERP for people's mail", "verp", "ack:12", false, "<" + verp + ">", "FAILURE"},
		{"a key too long for VERP", "verp", strings.Repeat("k", 60), true, "<bounce@desk.example>", "FAILURE"},
		{"always the mailbox's", "mailbox", "ack:12", true, "<support@desk.example>", "FAILURE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := startRelay(t, plan{extensions: []string{"DSN"}})
			cfg := testConfig(r)
			cfg.Envelope, cfg.Bounce, cfg.MAC = tc.envelope, "bounce@desk.example", emailtest.Digest
			out := emailtest.Mail()
			out.Automatic = tc.automatic
			if _, err := newTestter(t, cfg).Send(t.Context(), tc.key, out); err != nil {
				t.Fatal(err)
			}
			mails, _ := r.got()
			if got := mails[0].Mail; got != "FROM:"+tc.from {
				t.Errorf("MAIL %s, want FROM:%s", got, tc.from)
			}
			if got := mails[0].Rcpt; !strings.HasSuffix(got, " NOTIFY="+tc.notify) {
				t.Errorf("RCPT %s, want NOTIFY=%s", got, tc.notify)
			}
		})
	}
}

func TestSubmitUTF8Addresses(t *testing.T) {
	out := emailtest.Mail()
	out.To.Value = "李娜@中国.example"
	t.Run("a relay that takes them", func(t *testing.T) {
		r := startRelay(t, plan{extensions: []string{"SMTPUTF8", "8BITMIME"}})
		if _, err := newTestter(t, testConfig(r)).Send(t.Context(), "k", out); err != nil {
			t.Fatal(err)
		}
		mails, _ := r.got()
		if got := mails[0].Rcpt; got != "TO:<李娜@xn--fiqs8s.example>" || !strings.Contains(mails[0].Mail, " SMTPUTF8") {
			t.Errorf("MAIL %s RCPT %s", mails[0].Mail, got)
		}
	})
	t.Run("a relay that does not", func(t *testing.T) {
		r := startRelay(t, plan{})
		s := newTestter(t, testConfig(r))
		_, err := s.Send(t.Context(), "k", out)
		var ce *channels.Error
		if !errors.As(err, &ce) || ce.Class != channels.Permanent || ce.Code != "5.6.7" {
			t.Errorf("error = %v, want permanent 5.6.7", err)
		}
		if _, err := s.Send(t.Context(), "k", emailtest.Mail()); err != nil {
			t.Error(err)
		}
		if _, conns := r.got(); conns != 1 {
			t.Errorf("%d connections, want 1", conns)
		}
	})
}

func TestSubmitProbe(t *testing.T) {
	server, client := emailtest.CA(t)
	r := startRelayTLS(t, plan{extensions: []string{"SIZE 52428800"}, mechanisms: "PLAIN", secret: "\x00desk\x00pw"}, server)
	cfg := testConfig(r)
	cfg.Security, cfg.TLSConfig, cfg.Auth = "starttls", client, Auth{Username: "desk", Password: "pw"}
	got, err := newTestter(t, cfg).Probe(t.Context())
	if want := r.addr + ", TLS 1.3, logged in by PLAIN, mails up to 50 MiB"; err != nil || got != want {
		t.Errorf("Probe = %q, %v, want %q", got, err, want)
	}
	if mails, _ := r.got(); len(mails) != 0 || !r.said("NOOP") {
		t.Error("the probe sent mail or asked nothing")
	}
	if !r.said("MAIL FROM:<>") || !r.said("RCPT TO:<support@desk.example>") || !r.said("RSET") || r.said("DATA") {
		t.Error("the probe did not try the envelope sender, or more than that")
	}
	cfg.Auth.Password = "wrong"
	if _, err := newTestter(t, cfg).Probe(t.Context()); err == nil {
		t.Error("a wrong password went unnoticed")
	}
}

// Providers of mailboxes take mail from the mailbox that signs in, and from nobody else.
func TestSubmitToARelayThatTakesItsOwnMailboxOnly(t *testing.T) {
	r := startRelay(t, plan{answers: map[string]string{"MAIL": "553 Mail from must equal authorized user"}})
	cfg := testConfig(r)
	cfg.Auth.Username, cfg.Mailbox = "", "desk@mailbox.example"
	for _, envelope := range []string{"null", "verp"} {
		cfg.Envelope, cfg.Bounce, cfg.MAC = envelope, "bounce@desk.example", emailtest.Digest
		_, err := newTestter(t, cfg).Probe(t.Context())
		var ce *channels.Error
		if !errors.As(err, &ce) || ce.Class != channels.Refused || !strings.Contains(err.Error(), "set envelope: mailbox") || !strings.Contains(err.Error(), "553") {
			t.Errorf("%s: error = %v, want what to set", envelope, err)
		}
	}
	cfg.Envelope = "mailbox"
	if _, err := newTestter(t, cfg).Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "the mailbox that signs in") {
		t.Errorf("error = %v, want what to write as user", err)
	}
	if !r.said("MAIL FROM:<desk@mailbox.example>") {
		t.Error("the mailbox was not tried")
	}
	r.become(plan{})
	if _, err := newTestter(t, cfg).Probe(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := newTestter(t, cfg).Send(t.Context(), "ack:1", emailtest.Mail()); err != nil {
		t.Fatal(err)
	}
	if mails, _ := r.got(); len(mails) != 1 || mails[0].Mail != "FROM:<desk@mailbox.example>" {
		t.Errorf("relay took %+v, want one mail from the mailbox", mails)
	}
}

func TestSubmitConfigIsChecked(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"address without a port":      func(c *Config) { c.Addr = "relay.example" },
		"a far relay without TLS":     func(c *Config) { c.Addr, c.Security = "relay.example:25", "none" },
		"a far relay by number":       func(c *Config) { c.Addr, c.Security = "203.0.113.1:25", "none" },
		"unknown security":            func(c *Config) { c.Security = "ssl" },
		"unknown mechanism":           func(c *Config) { c.Auth.Mechanism = "ntlm" },
		"xoauth2 without token":       func(c *Config) { c.Auth.Mechanism = "xoauth2" },
		"no sender":                   func(c *Config) { c.From.Value = "" },
		"unknown envelope":            func(c *Config) { c.Envelope = "void" },
		"mailbox that is no address":  func(c *Config) { c.Envelope, c.Mailbox = "mailbox", "desk" },
		"verp without digest":         func(c *Config) { c.Envelope, c.Bounce = "verp", "bounce@desk.example" },
		"verp without bounce address": func(c *Config) { c.Envelope, c.MAC = "verp", emailtest.Digest },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(&relay{addr: "127.0.0.1:25"})
			change(&cfg)
			if _, err := New(cfg); err == nil {
				t.Error("no error")
			}
		})
	}
}

// TestSubmitProbeNamesWhereBouncesComeBack and says what it means when the relay takes nothing for that address.
func TestSubmitProbeNamesWhereBouncesComeBack(t *testing.T) {
	for _, c := range []struct {
		name, envelope, answer string
		fails, warns           string
		rcpt                   string
	}{
		{"null", "null", "", "", "", "<support@desk.example>"},
		{"verp", "verp", "", "", "", "<bounce+"},
		{"mailbox", "mailbox", "", "", "", "<desk@mailbox.example>"},
		{"verp without a delimiter", "verp", "550 5.1.1 no such user", "recipient delimiter", "", ""},
		{"a mailbox that is not there", "mailbox", "550 5.1.1 no such user", "set envelope: null", "", ""},
		{"an inbox that it does not know", "null", "550 5.1.1 no such user", "", "lets this user write to everybody", ""},
		{"no relaying", "null", "554 5.7.1 relay access denied", "", "lets this user write to everybody", ""},
		{"greylisting", "verp", "450 4.2.0 greylisted", "", "try again", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := plan{}
			if c.answer != "" {
				plan.answers = map[string]string{"RCPT": c.answer}
			}
			r := startRelay(t, plan)
			cfg := testConfig(r)
			cfg.Auth.Username, cfg.Mailbox, cfg.Envelope, cfg.Bounce, cfg.MAC = "", "desk@mailbox.example", c.envelope, "bounce@desk.example", emailtest.Digest
			seen, err := newTestter(t, cfg).Probe(t.Context())
			doubt, warned := errors.AsType[*channels.Misgiving](err)
			switch {
			case seen == "" || warned != (c.warns != "") || err != nil && c.fails == "" && !warned || err == nil && c.fails != "":
				t.Errorf("Probe = %q, %v", seen, err)
			case warned && !strings.Contains(doubt.Text, c.warns), err != nil && !strings.Contains(err.Error(), c.fails):
				t.Errorf("it says %v", err)
			}
			if !r.began("RCPT TO:"+c.rcpt) || !r.said("RSET") || r.said("DATA") {
				t.Error("the probe named another address, or more than that")
			}
		})
	}
}
