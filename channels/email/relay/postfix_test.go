package relay

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/attach"
	"frontdesk/channels/channelstest"
	"frontdesk/channels/channelstest/postfix"
	"frontdesk/channels/email/internal/emailtest"
)

// nobody owns the mailboxes: Postfix writes into none of root's.
const nobody = 65534

// mailboxes makes a folder for each and a Postfix that delivers there.
func mailboxes(t *testing.T, addresses ...string) (*postfix.Server, map[string]string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "boxes")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	boxes := map[string]string{}
	for _, a := range addresses {
		boxes[a] = filepath.Join(dir, a)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return postfix.Start(t, postfix.Config{Mailboxes: boxes, UID: nobody, GID: nobody}), boxes
}

// delivered waits for the mails of a mailbox.
func delivered(t *testing.T, maildir string, n int) (raw [][]byte) {
	t.Helper()
	var names []string
	for end := time.Now().Add(20 * time.Second); len(names) < n && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		names, _ = filepath.Glob(filepath.Join(maildir, "new", "*"))
	}
	if len(names) != n {
		t.Fatalf("%d mails in %s, want %d", len(names), filepath.Base(maildir), n)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, text)
	}
	return raw
}

// TestAnAnswerGoesThroughPostfix sends a mail with all that one holds through a real server, to two that it knows and one that it
// does not, and compares what comes out at the other end.
func TestAnAnswerGoesThroughPostfix(t *testing.T) {
	t.Parallel()
	server, boxes := mailboxes(t, li, ann, "bob@customer.example")
	cfg := testConfig(&relay{addr: server.MX})
	s := newTestter(t, cfg)
	out := withCopies()
	out.Cc[1].Value = "nobody@customer.example"
	out.Text, out.HTML = "您好，\n.\n..\nFrom here on: see the files.\n", "<p>您好</p>\n<p>.<img src=\"cid:i-1@desk.example\"></p>"
	picture := attach.Bytes("截图.png", "image/png", []byte("\x89PNG\r\n\x1a\n"))
	picture.ContentID = "i-1@desk.example"
	out.Files = []attach.File{picture, attach.Bytes("发票（最终版）.pdf", "application/pdf", bytes.Repeat([]byte("\r\n.\r\nFrom \x00\xff"), 20_000))}
	r, err := s.Send(t.Context(), "k", out)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Refused) != 1 || r.Refused[0].Value != "nobody@customer.example" || r.Reason != "copies refused: 550 5.1.1" {
		t.Errorf("refused %v, reason %q", r.Refused, r.Reason)
	}
	want := channelstest.Held{Cc: []string{ann, "nobody@customer.example"}, HTML: out.HTML}
	for _, f := range out.Files {
		content := new(bytes.Buffer)
		c, err := f.Content(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := content.ReadFrom(c); err != nil {
			t.Fatal(err)
		}
		want.Files = append(want.Files, channelstest.HeldFile{Name: f.Name, Type: f.Type, Content: content.Bytes()})
	}
	for _, to := range []string{li, ann} {
		raw := delivered(t, boxes[to], 1)[0]
		if diff := cmp.Diff(want, held(t, string(raw))); diff != "" {
			t.Errorf("%s got something else (-want +got):\n%s", to, diff)
		}
		if got := text(t, string(raw)); got != out.Text {
			t.Errorf("%s got the text %q", to, got)
		}
	}

	// The server takes 10 MB, and says so before it has seen the mail; then one whose To it does not know, whatever it says of Cc.
	large := withCopies()
	large.Files = []attach.File{attach.Bytes("a", "", make([]byte, 9<<20))}
	_, err = s.Send(t.Context(), "k2", large)
	if e := emailtest.Error(t, err); e.Class != channels.Permanent || e.Code != "552 5.3.4" {
		t.Errorf("a mail that is too large: %v", err)
	}
	unknown := withCopies()
	unknown.To.Value, unknown.Cc = "nobody@customer.example", unknown.Cc[:1]
	unknown.Cc[0].Value = "bob@customer.example"
	_, err = s.Send(t.Context(), "k3", unknown)
	if e := emailtest.Error(t, err); e.Class != channels.Permanent || e.Code != "550 5.1.1" {
		t.Errorf("a To that nobody knows: %v", err)
	}
	alone := withCopies()
	alone.Cc = nil
	if _, err := s.Send(t.Context(), "k4", alone); err != nil {
		t.Fatal(err)
	}
	delivered(t, boxes[li], 2)
	delivered(t, boxes["bob@customer.example"], 0)
}
