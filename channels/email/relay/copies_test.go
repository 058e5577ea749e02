package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/attach"
	"frontdesk/channels/email/compose"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/pipeline/message"
)

const (
	li  = "lina@customer.example"
	ann = "ann@customer.example"
	bob = "bob@partner.example"
)

// withCopies is a person's mail to one, with copies to two.
func withCopies() channels.Outbound {
	out := emailtest.Mail()
	out.Automatic = false
	out.Cc = []message.Address{{Kind: message.Email, Value: ann}, {Kind: message.Email, Value: bob}}
	return out
}

func TestToDecidesAboutCopies(t *testing.T) {
	for _, c := range []struct {
		name    string
		plan    plan
		mails   int
		class   channels.Class // of an error
		code    string         // likewise
		refused []string
		reason  string
	}{
		{"all are taken", plan{}, 1, "", "", nil, ""},
		{"a copy is refused", plan{refuses: map[string]string{ann: "550 5.1.1 <ann@customer.example> unknown"}}, 1, "", "", []string{ann}, "copies refused: 550 5.1.1"},
		{"a copy is put off", plan{refuses: map[string]string{bob: "450 4.2.0 greylisted"}}, 1, "", "", []string{bob}, "copies refused: 450 4.2.0"},
		{"all copies are refused", plan{refuses: map[string]string{ann: "550 5.1.1 x", bob: "550 5.1.1 x"}}, 1, "", "", []string{ann, bob}, "copies refused: 550 5.1.1"},
		{"for different reasons", plan{refuses: map[string]string{ann: "550 5.1.1 x", bob: "452 4.5.3 too many"}}, 1, "", "", []string{ann, bob}, "copies refused: 550 5.1.1, 452 4.5.3"},
		{"To is refused for good", plan{refuses: map[string]string{li: "550 5.1.1 x"}}, 0, channels.Permanent, "550 5.1.1", nil, ""},
		{"To is put off", plan{refuses: map[string]string{li: "450 4.2.0 x"}}, 0, channels.Temporary, "450 4.2.0", nil, ""},
		{"everybody is refused", plan{refuses: map[string]string{li: "550 5.1.1 x", ann: "550 5.1.1 x", bob: "550 5.1.1 x"}}, 0, channels.Permanent, "550 5.1.1", nil, ""},
		{"the relay hangs up at a copy", plan{refuses: map[string]string{ann: "421 4.3.0 bye"}}, 0, channels.Temporary, "421 4.3.0", nil, ""},
		{"the whole mail is refused for somebody's mailbox", plan{answers: map[string]string{"BODY": "550 5.1.1 no such user"}}, 0, channels.Permanent, "550", nil, ""},
		{"the whole mail is refused before its data for somebody's mailbox", plan{answers: map[string]string{"DATA": "550 5.2.1 mailbox disabled"}}, 0, channels.Permanent, "550", nil, ""},
		{"the whole mail is too large", plan{answers: map[string]string{"BODY": "552 5.3.4 too large"}}, 0, channels.Permanent, "552 5.3.4", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := startRelay(t, c.plan)
			s := newTestter(t, testConfig(r))
			got, err := s.Send(t.Context(), "k", withCopies())
			if mails, _ := r.got(); len(mails) != c.mails {
				t.Errorf("%d mails went out, want %d", len(mails), c.mails)
			}
			if c.mails == 0 {
				if e := emailtest.Error(t, err); e.Class != c.class || e.Code != c.code || strings.Contains(err.Error(), "@") {
					t.Errorf("error %v, class %q, code %q, want %q, %q", err, e.Class, e.Code, c.class, c.code)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			var refused []string
			for _, a := range got.Refused {
				refused = append(refused, a.Value)
			}
			if diff := cmp.Diff(c.refused, refused); diff != "" || got.Reason != c.reason || strings.Contains(got.Reason, "@") {
				t.Errorf("refused (-want +got):\n%s, reason %q, want %q", diff, got.Reason, c.reason)
			}
			// What was said of this mail leaves no trace in the next one on the connection.
			r.become(plan{})
			r.restart()
			if _, err := s.Send(t.Context(), "k2", emailtest.Mail()); err != nil {
				t.Fatal(err)
			}
			if mails, _ := r.got(); len(mails[len(mails)-1].Copies) != 0 {
				t.Error("the next mail goes to others, too")
			}
		})
	}
}

func TestARefusedMailLeavesNoRecipientBehind(t *testing.T) {
	r := startRelay(t, plan{refuses: map[string]string{ann: "550 5.1.1 x"}})
	s := newTestter(t, testConfig(r))
	to := func(value string, cc ...message.Address) channels.Outbound {
		out := withCopies()
		out.To.Value, out.Cc = value, cc
		return out
	}
	if _, err := s.Send(t.Context(), "k1", to(ann, withCopies().Cc[1])); err == nil {
		t.Fatal("To was refused, and the mail went out")
	}
	if _, err := s.Send(t.Context(), "k2", to(li)); err != nil {
		t.Fatal(err)
	}
	mails, conns := r.got()
	if len(mails) != 1 || len(mails[0].Copies) != 0 || !strings.Contains(mails[0].Rcpt, li) || conns != 1 {
		t.Errorf("mails %+v by %d connections, want one to %s by one", mails, conns, li)
	}
}

func TestTheEnvelopeSenderOfAMailWithCopies(t *testing.T) {
	r := startRelay(t, plan{extensions: []string{"DSN"}})
	cfg := testConfig(r)
	cfg.Envelope, cfg.Bounce, cfg.MAC = "verp", "bounce@desk.example", emailtest.Digest
	s := newTestter(t, cfg)
	alone := withCopies()
	alone.Cc = nil
	for _, out := range []channels.Outbound{alone, withCopies()} {
		if _, err := s.Send(t.Context(), "ack:12", out); err != nil {
			t.Fatal(err)
		}
	}
	mails, _ := r.got()
	from := func(i int) string {
		addr, _, _ := strings.Cut(strings.TrimPrefix(mails[i].Mail, "FROM:<"), ">")
		return addr
	}
	if key, ok := ParseVERP(from(0), emailtest.Digest); !ok || key != "ack:12" {
		t.Errorf("a mail to one comes back to %s", from(0))
	}
	if from(1) != "bounce@desk.example" {
		t.Errorf("a mail with copies comes back to %s, by which a copy's bounce would be the customer's", from(1))
	}
	for _, rcpt := range append(mails[1].Copies, mails[1].Rcpt) {
		if !strings.Contains(rcpt, "NOTIFY=FAILURE") {
			t.Errorf("recipient %s", rcpt)
		}
	}
}

func TestACopyThatNeedsSMTPUTF8(t *testing.T) {
	out := withCopies()
	out.Cc[0].Value = "李娜@customer.example"
	for _, c := range []struct {
		extensions []string
		mails      int
	}{{nil, 0}, {[]string{"SMTPUTF8"}, 1}} {
		r := startRelay(t, plan{extensions: c.extensions})
		_, err := newTestter(t, testConfig(r)).Send(t.Context(), "k", out)
		if mails, _ := r.got(); len(mails) != c.mails {
			t.Errorf("extensions %v: %d mails", c.extensions, len(mails))
		}
		if c.mails == 0 && emailtest.Error(t, err).Class != channels.Permanent {
			t.Errorf("error %v", err)
		}
	}
}

// A mail with files is announced with its size, signed, and goes out in pieces; what breaks off while it goes out is no mail.
func TestFilesGoOutAsAnnounced(t *testing.T) {
	content := bytes.Repeat([]byte("\r\n.\r\n.."), 1<<20/7)
	key, e1, _ := emailtest.DKIMKeys(t, "desk.example")
	for _, c := range []struct {
		name string
		keys []compose.DKIMKey
		fail int // opening at which the file breaks off; 0: never
	}{
		{"not signed", nil, 0},
		{"signed twice", []compose.DKIMKey{{Domain: "desk.example", Selector: "r1", Signer: key}, {Domain: "desk.example", Selector: "e1", Signer: e1}}, 0},
		{"broken before", nil, 1},
		{"broken while it goes out", nil, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := startRelay(t, plan{extensions: []string{"SIZE 50000000", "DSN"}})
			cfg := testConfig(r)
			cfg.DKIM = c.keys
			s := newTestter(t, cfg)
			out := withCopies()
			file := attach.Bytes("large.bin", "", content)
			whole, opened := file.Open, 0
			file.Open = func(ctx context.Context) (io.ReadCloser, error) {
				if opened++; opened == c.fail {
					return io.NopCloser(io.MultiReader(bytes.NewReader(content[:1<<19]), errReader{})), nil
				}
				return whole(ctx)
			}
			out.Files = []attach.File{file}
			_, err := s.Send(t.Context(), "k", out)
			mails, _ := r.got()
			if c.fail > 0 {
				if e := emailtest.Error(t, err); e.Class != channels.Temporary || e.Code != "file" || len(mails) != 0 || r.began("MAIL") != (c.fail == 2) {
					t.Fatalf("error %v, %d mails", err, len(mails))
				}
				if _, err = s.Send(t.Context(), "k", out); err != nil {
					t.Fatal(err)
				}
				mails, _ = r.got()
			} else if err != nil {
				t.Fatal(err)
			}
			raw := strings.ReplaceAll(mails[0].Raw, "\n", "\r\n")
			if want := fmt.Sprintf("SIZE=%d", len(raw)); !strings.Contains(mails[0].Mail, want) {
				t.Errorf("%s, want %s", mails[0].Mail, want)
			}
			if !strings.Contains(mails[0].Mail, "RET=HDRS") {
				t.Errorf("%s: a bounce would bring the files back", mails[0].Mail)
			}
			if got := held(t, mails[0].Raw).Files; len(got) != 1 || !bytes.Equal(got[0].Content, content) {
				t.Error("the file has changed on the way")
			}
		})
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("the disk is broken") }
