package mbox

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/email/internal/emailtest"
)

func plainDigest(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// readStored reads all mails below the paths.
func readStored(t testing.TB, limit int64, paths ...string) (mails []Stored, failed []error) {
	t.Helper()
	m := &Mailboxes{Paths: paths, Limit: limit, Digest: plainDigest}
	for mail, err := range m.Mails(t.Context()) {
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if mail.Skip == "" {
			mails = append(mails, mail)
		}
	}
	return mails, failed
}

func writeMail(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const sep = "From ann@customer.example Fri Nov 20 10:00:00 2026\n"

func TestMbox(t *testing.T) {
	inner := "see:\n\n" + sep + "Subject: 0\n\nnothing\n"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"two mails", sep + "Subject: 1\n\none\n\n" + sep + "Subject: 2\n\ntwo\n", []string{"Subject: 1\n\none\n", "Subject: 2\n\ntwo\n"}},
		{"with the line ends of mail", strings.ReplaceAll(sep+"Subject: 1\n\none\n\n"+sep+"Subject: 2\n\ntwo\n", "\n", "\r\n"),
			[]string{"Subject: 1\r\n\r\none\r\n", "Subject: 2\r\n\r\ntwo\r\n"}},
		{"quoted text is as it was", sep + "Subject: 1\n\n>From me\n>>From you\n> From it\n", []string{"Subject: 1\n\nFrom me\n>From you\n> From it\n"}},
		{"a text that begins with From", sep + "Subject: 1\n\nHello\n\nFrom the beginning it went wrong.\nIt did.\n", []string{"Subject: 1\n\nHello\n\nFrom the beginning it went wrong.\nIt did.\n"}},
		{"a separator without a date", "From -\nSubject: 1\n\none\n\nFrom nobody\nSubject: 2\n\ntwo\n", []string{"Subject: 1\n\none\n", "Subject: 2\n\ntwo\n"}},
		{"a separator without the empty line", sep + "Subject: 1\n\none\n" + sep + "Subject: 2\n\ntwo\n", []string{"Subject: 1\n\none\n", "Subject: 2\n\ntwo\n"}},
		{"a mail without a text", sep + "Subject: 1\n\n" + sep + "Subject: 2\n", []string{"Subject: 1\n", "Subject: 2\n"}},
		{"a mail without its empty line", sep + "Subject: 1\n" + sep + "Subject: 2\n\ntwo", []string{"Subject: 1\n", "Subject: 2\n\ntwo"}},
		{"lengths that lead to the end", sep + fmt.Sprintf("Content-Length: %d\nSubject: 1\n\n", len(inner)) + inner + "\n" + sep + "Content-Length: 4\nSubject: 2\n\ntwo\n",
			[]string{fmt.Sprintf("Content-Length: %d\nSubject: 1\n\n", len(inner)) + inner, "Content-Length: 4\nSubject: 2\n\ntwo\n"}},
		{"a length that is wrong", sep + "Content-Length: 9\nSubject: 1\n\none\n\n" + sep + "Content-Length: 999\nSubject: 2\n\ntwo\n",
			[]string{"Content-Length: 9\nSubject: 1\n\none\n", "Content-Length: 999\nSubject: 2\n\ntwo\n"}},
		{"a length in a file that has none else", sep + "Subject: 1\n\none\n\n" + sep + fmt.Sprintf("Content-Length: %d\nSubject: 2\n\ntwo\n\n%sSubject: 3\n\nthree\n", 5+len(sep)+18, sep),
			[]string{"Subject: 1\n\none\n", "Content-Length: 74\nSubject: 2\n\ntwo\n", "Subject: 3\n\nthree\n"}},
		{"the folder's own note", sep + "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\nX-IMAP: 1 2\n\nnote\n\n" + sep + "Subject: 2\n\ntwo\n", []string{"Subject: 2\n\ntwo\n"}},
		{"a file of this name that begins without a separator", "Subject: 1\n\none\n\n" + sep + "Subject: 2\n\ntwo\n", []string{"Subject: 1\n\none\n", "Subject: 2\n\ntwo\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			mails, failed := readStored(t, 1<<20, writeMail(t, filepath.Join(t.TempDir(), "box.mbox"), c.text))
			var got []string
			for _, m := range mails {
				got = append(got, string(m.Raw))
				if m.Size != int64(len(m.Raw)) {
					t.Errorf("size %d of %d bytes", m.Size, len(m.Raw))
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" || failed != nil {
				t.Errorf("mails (-want +got), failed %v:\n%s", failed, diff)
			}
		})
	}
}

func TestStoredMailsTellWhenTheyCame(t *testing.T) {
	dir := t.TempDir()
	mtime := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		name, file, text, want string
	}{
		{"the topmost Received counts", "a.eml", "Received: from a by b;\n Thu, 19 Nov 2026 10:00:00 +0800\nReceived: from c by a; Wed, 18 Nov 2026 10:00:00 +0800\nDate: Tue, 17 Nov 2026 10:00:00 +0800\n\nx", "2026-11-19T02:00:00Z"},
		{"else Date", "b.eml", "Date: Tue, 17 Nov 2026 10:00:00 +0800\n\nx", "2026-11-17T02:00:00Z"},
		{"a Received without a date is passed over", "c.eml", "Received: from a by b\nDate: Tue, 17 Nov 2026 10:00:00 +0800\n\nx", "2026-11-17T02:00:00Z"},
		{"else what the mailbox noted", "d.mbox", sep + "Subject: x\n\nx", "2026-11-20T10:00:00Z"},
		{"else the file", "e.eml", "Subject: x\n\nx", "2026-01-02T03:04:05Z"},
		{"a Maildir's names tell it", "box/cur/1795000000.M1P2.host:2,S", "Subject: x\n\nx", time.Unix(1795000000, 0).UTC().Format(time.RFC3339)},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeMail(t, filepath.Join(dir, c.file), c.text)
			if err := os.Chtimes(path, mtime, mtime); err != nil {
				t.Fatal(err)
			}
			if folder, _, ok := strings.Cut(c.file, "/"); ok {
				path = filepath.Join(dir, folder)
				if err := os.MkdirAll(filepath.Join(path, "new"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			mails, failed := readStored(t, 1<<20, path)
			if len(mails) != 1 || failed != nil || mails[0].At.Format(time.RFC3339) != c.want {
				t.Errorf("mails %+v, failed %v, want %s", mails, failed, c.want)
			}
		})
	}
}

func TestFoldersOfMails(t *testing.T) {
	dir := t.TempDir()
	mail := func(n string) string { return "Subject: " + n + "\n\n" + n + "\n" }
	for path, text := range map[string]string{
		"cur/3.x:2,S": mail("3"), "new/1.x": mail("1"), "tmp/0.x": mail("never"), "dovecot-uidlist": "3 V1\n", ".Sent/cur/4.x": mail("4"), ".Sent/new/.keep": "",
		".Sent.2025/new/5.x": mail("5"), ".Sent.2025/cur/2.x": mail("2"),
	} {
		writeMail(t, filepath.Join(dir, "maildir", path), text)
	}
	for path, text := range map[string]string{
		"a.eml": mail("1"), "sub/b.eml": mail("2"), "sub/box": sep + mail("3") + "\n" + sep + mail("4"), "notes.txt": "Dear: nobody\nthis is no mail\n",
		"picture.png": "\x89PNG", "msg.txt": "Received: from x\n" + mail("5"), ".git/config": mail("never"), "empty.eml": "",
	} {
		writeMail(t, filepath.Join(dir, "folder", path), text)
	}
	for _, c := range []struct {
		name, path string
		want       []string
		left       int
	}{
		{"a Maildir and its folders", "maildir", []string{"1", "3", "4", "2", "5"}, 0},
		{"a folder of files", "folder", []string{"1", "", "5", "2", "3", "4"}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			mails, failed := readStored(t, 1<<20, filepath.Join(dir, c.path))
			var got []string
			for _, m := range mails {
				got = append(got, fieldOf(m.Raw, "subject:"))
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
			for _, err := range failed {
				if !errors.Is(err, ErrNoMail) {
					t.Errorf("failed: %v", err)
				}
			}
			if len(failed) != c.left {
				t.Errorf("%d files left out, want %d", len(failed), c.left)
			}
		})
	}
	m := &Mailboxes{Paths: []string{filepath.Join(dir, "maildir"), filepath.Join(dir, "nowhere")}, Limit: 1 << 20, Digest: plainDigest}
	size, err := m.Size(t.Context())
	if err != nil || size != 5*int64(len(mail("1"))) {
		t.Errorf("size = %d, %v", size, err)
	}
	if _, failed := readStored(t, 1<<20, filepath.Join(dir, "nowhere")); len(failed) != 1 || !errors.Is(failed[0], fs.ErrNotExist) {
		t.Errorf("a path that is not there: %v", failed)
	}
	if mails, failed := readStored(t, 1<<20, os.DevNull); len(mails) != 0 || len(failed) != 1 {
		t.Errorf("a path that is no file: %d mails, %v", len(mails), failed)
	}
}

func TestOneMailHasOneKeyInEveryForm(t *testing.T) {
	dir := t.TempDir()
	text := "Subject: x\n\nFrom now on\n>From then\n\nend"
	quoted := strings.ReplaceAll(strings.ReplaceAll(text, "\n>From ", "\n>>From "), "\nFrom ", "\n>From ")
	paths := []string{
		writeMail(t, filepath.Join(dir, "a.eml"), text),
		writeMail(t, filepath.Join(dir, "b.eml"), strings.ReplaceAll(text, "\n", "\r\n")+"\r\n"),
		writeMail(t, filepath.Join(dir, "c.eml"), sep+text),
		writeMail(t, filepath.Join(dir, "d.mbox"), sep+quoted+"\n\n"),
		writeMail(t, filepath.Join(dir, "e"), strings.ReplaceAll(sep+quoted+"\n\n", "\n", "\r\n")),
	}
	mails, failed := readStored(t, 1<<20, paths...)
	if len(mails) != len(paths) || failed != nil {
		t.Fatalf("%d mails, failed %v", len(mails), failed)
	}
	for _, m := range mails {
		if m.Key != mails[0].Key {
			t.Errorf("%s: another key for\n%q", m.Path, m.Raw)
		}
	}
}

func TestALargeMailIsCutAndTheOthersAreNot(t *testing.T) {
	dir := t.TempDir()
	large := "Subject: large\n\n" + strings.Repeat("0123456789abcde\n", 1<<14)
	path := writeMail(t, filepath.Join(dir, "x.mbox"), sep+large+"\n"+sep+"Subject: small\n\nsmall\n\n"+sep+large+"more\n")
	mails, failed := readStored(t, 1000, path)
	if len(mails) != 3 || failed != nil {
		t.Fatalf("%d mails, failed %v", len(mails), failed)
	}
	sizes := []int64{int64(len(mails[0].Raw)), mails[1].Size, int64(len(mails[2].Raw))}
	if diff := cmp.Diff([]int64{1000, 22, 1000}, sizes); diff != "" || mails[0].Key == mails[2].Key || mails[0].Size < int64(len(large)) {
		t.Errorf("sizes (-want +got):\n%s", diff)
	}
}

// toMboxrd writes mails as one mbox, quoted so that nothing is lost.
func toMboxrd(w io.Writer, raw []byte) {
	io.WriteString(w, sep)
	for line := range bytes.Lines(raw) {
		if isFrom(bytes.TrimLeft(line, ">")) {
			io.WriteString(w, ">")
		}
		w.Write(line)
	}
	io.WriteString(w, "\n\n")
}

// TestTheCorporaSurviveAnMbox: each mail of the public corpora has the same key when it comes out of
// one mbox of them all, and none is lost.
func TestTheCorporaSurviveAnMbox(t *testing.T) {
	mails, failed := readStored(t, 64<<20, emailtest.Corpora(t))
	for _, err := range failed {
		if !errors.Is(err, ErrNoMail) {
			t.Errorf("failed: %v", err)
		}
	}
	var box bytes.Buffer
	want := map[string]int{}
	for _, m := range mails {
		toMboxrd(&box, m.Raw)
		want[m.Key]++
	}
	again, broken := readStored(t, 64<<20, writeMail(t, filepath.Join(t.TempDir(), "all.mbox"), box.String()))
	got := map[string]int{}
	for _, m := range again {
		got[m.Key]++
	}
	t.Logf("%d mails in %d keys, %d files left out", len(mails), len(want), len(failed))
	if len(mails) < 1000 || broken != nil {
		t.Errorf("%d mails, failed %v", len(mails), failed)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		for _, m := range mails {
			if got[m.Key] != want[m.Key] {
				t.Logf("lost: %s", m.Path)
			}
		}
		t.Errorf("%d mails came back of %d", len(again), len(mails))
	}
}

// FuzzMbox: whatever the bytes, reading ends, no mail is longer than the limit, and no more comes
// out than went in.
func FuzzMbox(f *testing.F) {
	f.Add([]byte(sep + "Subject: 1\n\none\n\n" + sep + "Content-Length: 4\n\ntwo\n"))
	f.Add([]byte("From -\r\nContent-Length: 99999999999999\r\n\r\n>From x\r\nFrom y\r\n"))
	f.Add([]byte(sep + sep + "\n\n\nFrom \n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		box := &mbox{r: bufio.NewReaderSize(bytes.NewReader(data), mboxBuffer), limit: 512, single: !isFrom(data)}
		total := int64(0)
		for {
			mail, err := box.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || len(mail.raw) > 512 || mail.size < int64(len(mail.raw)) {
				t.Fatalf("a mail of %d bytes, size %d: %v", len(mail.raw), mail.size, err)
			}
			storedAt(mail.raw, mail.at)
			if total += mail.size; total > int64(len(data)) {
				t.Fatalf("%d bytes came out of %d", total, len(data))
			}
		}
	})
}

func BenchmarkMbox(b *testing.B) {
	var box bytes.Buffer
	for i := range 1000 {
		toMboxrd(&box, fmt.Appendf(nil, "From: a@customer.example\nSubject: %d\n\n%s", i, strings.Repeat("some words in a line of text, as people write\n", 100)))
	}
	path := writeMail(b, filepath.Join(b.TempDir(), "x.mbox"), box.String())
	b.SetBytes(int64(box.Len()))
	for b.Loop() {
		if mails, _ := readStored(b, 1<<20, path); len(mails) != 1000 {
			b.Fatalf("%d mails", len(mails))
		}
	}
}
