package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"mime"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/replaying"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/screen"
)

// machines are the mails under testdata/machines that a machine wrote, with their cause; all others are of people,
// and open a ticket.
var machines = map[string]string{
	"autoreply-taken-for-bounce/noreply-mailbox-closed.eml":        causes.Automated,
	"autoreply-taken-for-bounce/noreply-null-sender.eml":           causes.Automated,
	"human-taken-for-autoreply/control-auto-submitted.eml":         causes.Automated,
	"human-taken-for-autoreply/control-ooo.eml":                    causes.Automated,
	"human-taken-for-autoreply/control-zh-auto.eml":                causes.Automated,
	"human-taken-for-bounce/control-bounce-daemon.eml":             causes.Backscatter,
	"human-taken-for-bounce/control-bounce-postmaster.eml":         causes.Backscatter,
	"machine-notification-taken-for-human/json-notification.eml":   causes.ServerNotice,
	"machine-notification-taken-for-human/list-server-refusal.eml": causes.ServerNotice,
	"doors/19-absence-tagged.eml":                                  causes.Automated,
	"doors/19-absence-thai.eml":                                    causes.Automated,
}

// wholeLine is the line as it is wired, without corpora.
func wholeLine(t *testing.T) *corpusRun {
	t.Helper()
	c := testConfig(t)
	b, err := installation.Open(t.Context(), c, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	line, _, err := replaying.Hindsight(t.Context(), c, b)
	if err != nil {
		t.Fatal(err)
	}
	return &corpusRun{t: t, line: line, inbox: c.Inboxes[0].Name}
}

func TestWhoIsAMachine(t *testing.T) {
	r, root := wholeLine(t), filepath.Join("testdata", "machines")
	files, err := filepath.Glob(filepath.Join(root, "*", "*.eml"))
	if err != nil || len(files) < 35 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		name, _ := filepath.Rel(root, path)
		t.Run(name, func(t *testing.T) {
			c, _ := r.mail([]byte(mustRead(t, path)))
			if got, want := c.Plan.Cause, machines[filepath.ToSlash(name)]; got != want || want == "" && (c.Plan.State != messages.Ticketed || c.Screen.Kind != screen.Human) {
				t.Errorf("%s for %q (%s), want cause %q: %v", c.Plan.State, got, c.Screen.Kind, want, c.Screen.Reasons)
			}
		})
	}
}

// personMail is what a customer's program makes of subject and text.
func personMail(n int, subject, text string, answer bool) []byte {
	from, more := fmt.Sprintf("c%d@customer.example", n), ""
	if answer {
		subject, more = "Re: "+subject, "In-Reply-To: <old@desk.example>\n"
	}
	return []byte("Return-Path: <" + from + ">\nFrom: " + from + "\nTo: support@localhost\nSubject: " + mime.QEncoding.Encode("utf-8", subject) + "\n" + more +
		fmt.Sprintf("Message-ID: <m%d@customer.example>\n", n) + "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + text + "\n")
}

// parksNobody fails for each mail that is not a person's ticket: a first one, an answer, and one to which a relay has
// given the null sender.
func (r *corpusRun) parksNobody(t *testing.T, n int, subject, text string) {
	t.Helper()
	if c, _ := r.mail(bytes.Replace(personMail(n, subject, text, false), []byte("Return-Path: <"), []byte("Return-Path: <>\nX-Path: <"), 1)); c.Plan.State != messages.Ticketed || c.Screen.Kind != screen.Human {
		t.Errorf("%q, %q, with the null sender: %s for %q (%s): %v", subject, text, c.Plan.State, c.Plan.Cause, c.Screen.Kind, c.Screen.Reasons)
	}
	for _, answer := range []bool{false, true} {
		c, _ := r.mail(personMail(n, subject, text, answer))
		if c.Plan.State != messages.Ticketed || c.Screen.Kind != screen.Human || c.Screen.Withhold == "robot-text" {
			t.Errorf("%q, %q, an answer: %v: %s for %q (%s): %v", subject, text, answer, c.Plan.State, c.Plan.Cause, c.Screen.Kind, c.Screen.Reasons)
		}
	}
}

// TestChineseSentencesAboutReturnedPayments: 400 sentences about returned, failed, refused and undelivered payments
// and cards, with subjects of the same words.
func TestChineseSentencesAboutReturnedPayments(t *testing.T) {
	r, n := wholeLine(t), 0
	for line := range strings.Lines(mustRead(t, filepath.Join("testdata", "machines", "chinese-payments.tsv"))) {
		subject, text, _ := strings.Cut(strings.TrimSpace(line), "\t")
		r.parksNobody(t, n, subject, text)
		n++
	}
	if n != 400 {
		t.Errorf("%d sentences, want 400", n)
	}
}

// TestCustomersSentencesAreNeverParked takes 3 000 sentences of BANKING77, evenly from the whole, each as subject
// and text.
func TestCustomersSentencesAreNeverParked(t *testing.T) {
	root := os.Getenv("FRONTDESK_SHARED")
	if root == "" {
		t.Skip("FRONTDESK_SHARED is not set: the data sets are not at hand")
	}
	f, err := os.Open(filepath.Join(root, "datasets", "banking77", "train.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 9000 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	r, n := wholeLine(t), 0
	for i := 1; i < len(rows) && n < 3000; i += 3 {
		r.parksNobody(t, n, strings.Join(strings.Fields(rows[i][0]), " "), rows[i][0])
		n++
	}
	if n != 3000 {
		t.Errorf("%d sentences, want 3000", n)
	}
}

// machinesOfCorpora names the mails in the folders of people that a machine wrote, looked at one by one.
var machinesOfCorpora = []string{
	"chatwoot-eml/spec/fixtures/files/auto_reply.eml", "chatwoot-eml/spec/fixtures/files/auto_reply_with_auto_submitted.eml", "chatwoot-eml/spec/fixtures/files/non_utf_encoded_mail.eml", // automatic replies
	"zammad-mail/test/data/mail/mail090.box",                                                                             // a ticket of another desk
	"spamassassin-ham/t/data/nice/001", "spamassassin-ham/t/data/nice/authres", "zammad-mail/test/data/mail/mail043.box", // newsletters
	"webklex-php-imap/tests/messages/mail_that_is_attachment.eml", // an aggregate report
}

// TestPeopleOfTheCorporaAreNoMachines: of a thousand mails that people wrote at most one is taken for a machine's.
func TestPeopleOfTheCorporaAreNoMachines(t *testing.T) {
	r := newCorpusRun(t)
	people, wrong := 0, 0
	err := filepath.WalkDir(r.root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !byPerson(path) || realReport(strings.ToLower(path)) || byProgram(path) {
			return err
		}
		c, _ := r.mail([]byte(mustRead(t, path)))
		if c.Message.From.IsZero() {
			return nil
		}
		people++
		switch c.Plan.Cause {
		case causes.Automated, causes.Backscatter, causes.ServerNotice, screen.SuppressReceipt, screen.SuppressReaction:
			wrong++
			t.Logf("%s: %s: from %s, subject %q: %v", path, c.Plan.Cause, c.Message.From.Value, c.Subject, c.Screen.Reasons)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d mails of people are taken for a machine's", wrong, people)
	if people < 400 || wrong*1000 > people {
		t.Errorf("%d of %d, want at most one in a thousand of 400 and more", wrong, people)
	}
}

// byProgram reports whether the file is one of those that a machine wrote.
func byProgram(path string) bool {
	for _, name := range machinesOfCorpora {
		if strings.HasSuffix(filepath.ToSlash(path), name) {
			return true
		}
	}
	return false
}

// TestADeadAddressLivesWhenSomebodyWritesFromIt goes the whole way: an acknowledgement, its bounce, a mail from the
// address. A full mailbox kills none.
func TestADeadAddressLivesWhenSomebodyWritesFromIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, status string }{{"gone", "5.1.1"}, {"full", "4.2.2"}, {"a quota of ours", "5.4.5"}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const kim = "kim@customer.example"
			r := start(t, testConfig(t))
			r.mustMail(kim, human(kim, "My refund", "k1@customer.example", "Where is my refund for order 778899?"))
			r.settled(1)
			until(t, func() string {
				if len(r.sent()) == 0 {
					return "nothing was sent"
				}
				return ""
			})
			bounce := "From: MAILER-DAEMON@mx.customer.example\nTo: support@desk.example\nSubject: Undelivered Mail Returned to Sender\nMessage-ID: <b@mx.customer.example>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.customer.example\n\nFinal-Recipient: rfc822; " + kim + "\nAction: failed\nStatus: " + c.status + "\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: " + headerOf(r.sent()[0], "Message-ID") + "\n\n--b--\n"
			if err := r.mail("", []string{"support@desk.example"}, bounce); err != nil {
				t.Fatal(err)
			}
			r.settled(2)
			first := r.outbox("acknowledgement")[0]
			if first.State != "failed" || first.Cause != "bounced" {
				t.Errorf("after the bounce: %s %s, want it failed", first.State, first.Cause)
			}
			r.mustMail(kim, human(kim, "Another question", "k2@customer.example", "How do I change my telephone number in the app?"))
			until(t, func() string {
				if n := len(r.outbox("acknowledgement")); n != 2 {
					return fmt.Sprintf("%d acknowledgements, want one for each ticket", n)
				}
				return ""
			})
			for _, o := range r.outbox("acknowledgement") {
				if o.Cause == "address-failed" || o.ID != first.ID && o.State != "withheld" && o.State != "sent" && o.State != "due" && o.State != "sending" {
					t.Errorf("after a mail from the address: %s %s", o.State, o.Cause)
				}
			}
		})
	}
}
