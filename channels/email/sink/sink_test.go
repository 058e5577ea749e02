package sink

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/attach"
	"frontdesk/channels/email/compose"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/pipeline/message"
)

func newTest(t testing.TB, dir string) *Sink {
	t.Helper()
	s, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func inboxConfig() compose.Config {
	return compose.Config{
		From: message.Address{Kind: message.Email, Value: "support@desk.example", Name: "ACME 客服"},
		Now:  time.Date(2026, 5, 4, 17, 30, 0, 0, time.FixedZone("CST", 8*3600)),
	}
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestSinkKeepsMailForPeople(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sink")
	s := newTest(t, dir)
	cfg := inboxConfig()
	out := emailtest.Mail()
	out.Subject = "回复：退款 [#T-12]"
	receipt, err := s.For(cfg).Send(t.Context(), "ack:12", out)
	if err != nil {
		t.Fatal(err)
	}
	want := channels.Receipt{Key: "ack:12", ProviderID: out.MessageID, Status: channels.StatusSent, At: cfg.Now}
	if diff := cmp.Diff(want, receipt); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
	check := func(list []Mail) {
		t.Helper()
		if len(list) != 1 {
			t.Fatalf("%d mails, want 1", len(list))
		}
		m := list[0]
		if m.Key != "ack:12" || m.To != "lina@customer.example" || m.Subject != out.Subject || !m.At.Equal(cfg.Now) {
			t.Errorf("mail = %+v", m)
		}
		f, err := s.Open(m.Name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		raw, _ := io.ReadAll(f)
		if int64(len(raw)) != m.Size {
			t.Errorf("size = %d, want %d", m.Size, len(raw))
		}
		h, text := emailtest.Read(t, raw)
		if h.Get("X-Outbox-Key") != "ack:12" || !strings.HasPrefix(text, "We have it.") {
			t.Errorf("mail:\n%s", raw)
		}
	}
	check(s.List())
	check(newTest(t, dir).List()) // as after a restart
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder mode = %v, %v, want 0700", info.Mode(), err)
	}
}

func TestSinkOneKeyIsOneFile(t *testing.T) {
	dir := t.TempDir()
	s := newTest(t, dir)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			out := emailtest.Mail()
			out.Text = fmt.Sprint("attempt ", i)
			if _, err := s.Send(t.Context(), "same key", out); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := newTest(t, dir).Send(t.Context(), "same key", emailtest.Mail()); err != nil {
		t.Error(err)
	}
	if n, files := len(s.List()), files(t, dir); n != 1 || len(files) != 1 {
		t.Errorf("%d mails in the list, files %v, want one", n, files)
	}
}

func TestSinkListIsBounded(t *testing.T) {
	dir := t.TempDir()
	s := newTest(t, dir)
	for i := range listMax + 20 {
		cfg := inboxConfig()
		cfg.From.Value = "support@desk.example"
		cfg.Now = emailtest.Now.Add(time.Duration(i) * time.Second)
		if _, err := s.For(cfg).Send(t.Context(), fmt.Sprint("k", i), emailtest.Mail()); err != nil {
			t.Fatal(err)
		}
	}
	for name, list := range map[string][]Mail{"same process": s.List(), "after a restart": newTest(t, dir).List()} {
		t.Run(name, func(t *testing.T) {
			if len(list) != listMax || list[0].Key != fmt.Sprint("k", listMax+19) || list[listMax-1].Key != "k20" {
				t.Errorf("%d mails from %s to %s", len(list), list[0].Key, list[len(list)-1].Key)
			}
		})
	}
}

func TestSinkOpensOnlyItsOwn(t *testing.T) {
	dir := t.TempDir()
	s := newTest(t, filepath.Join(dir, "sink"))
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../secret", "", ".", "/etc/hostname", strings.Repeat("0", 32) + ".eml", "0.eml"} {
		if f, err := s.Open(name); !errors.Is(err, fs.ErrNotExist) {
			if f != nil {
				_ = f.Close()
			}
			t.Errorf("Open(%q) = %v, want not exist", name, err)
		}
	}
}

func TestSinkAfterACrash(t *testing.T) {
	dir := t.TempDir()
	s := newTest(t, dir)
	if _, err := s.Send(t.Context(), "k", emailtest.Mail()); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"mail-1.tmp": "half", "notes.txt": "of a person", strings.Repeat("a", 32) + ".eml": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := newTest(t, dir)
	if n := len(again.List()); n != 2 {
		t.Errorf("%d mails, want 2", n)
	}
	if files := files(t, dir); len(files) != 3 {
		t.Errorf("files = %v, want the two mails and the notes", files)
	}
}

func TestSinkFaults(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sink")
	s := newTest(t, dir)
	if got, err := s.Probe(t.Context()); err != nil || got == "" {
		t.Errorf("Probe = %q, %v", got, err)
	}
	out := emailtest.Mail()
	out.To.Value = "nobody"
	_, err := s.Send(t.Context(), "k", out)
	var ce *channels.Error
	if !errors.As(err, &ce) || ce.Class != channels.Permanent {
		t.Errorf("a bad address: error = %v, want permanent", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	_, err = s.Send(t.Context(), "k", emailtest.Mail())
	if !errors.As(err, &ce) || ce.Class != channels.Temporary {
		t.Errorf("a lost folder: error = %v, want temporary", err)
	}
	if _, err := s.Probe(t.Context()); err == nil {
		t.Error("Probe found a folder that is gone")
	}
	if _, err := New(string([]byte{0})); err == nil {
		t.Error("an impossible folder was made")
	}
}

func BenchmarkSink(b *testing.B) {
	s := newTest(b, b.TempDir())
	out := emailtest.Mail()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Send(b.Context(), fmt.Sprint(i), out); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSinkListForgetsFilesThatAreGone(t *testing.T) {
	dir := t.TempDir()
	s := newTest(t, dir)
	for _, key := range []string{"ack:1", "ack:2"} {
		if _, err := s.For(inboxConfig()).Send(t.Context(), key, emailtest.Mail()); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(dir, s.List()[0].Name)); err != nil {
		t.Fatal(err)
	}
	if list := s.List(); len(list) != 1 || list[0].Key != "ack:1" {
		t.Errorf("list = %+v", list)
	}
}

func TestTheSinkHasABound(t *testing.T) {
	fill := func(t *testing.T, s *Sink, from, to int, text string) {
		t.Helper()
		for i := from; i < to; i++ {
			out := emailtest.Mail()
			out.Text = text
			cfg := inboxConfig()
			cfg.Now = cfg.Now.Add(time.Duration(i) * time.Second)
			if _, err := s.For(cfg).Send(t.Context(), fmt.Sprint("k", i), out); err != nil {
				t.Fatal(err)
			}
		}
	}
	keys := func(s *Sink) (out []string) {
		for _, m := range s.List() {
			out = append(out, m.Key)
		}
		return out
	}
	for name, c := range map[string]struct {
		most      int
		mostBytes int64
		text      string
		before    int // mails that lie there from before
		want      []string
	}{
		"of files":                           {3, 1 << 20, "Hi", 0, []string{"k7", "k6", "k5"}},
		"of bytes":                           {100, 60 << 10, strings.Repeat("words ", 4000), 0, []string{"k7", "k6"}},
		"the newest stays, however large":    {100, 10, "Hi", 0, []string{"k7"}},
		"what lies there from before counts": {3, 1 << 20, "Hi", 6, []string{"k7", "k6", "k5"}},
		"a folder within its bounds":         {100, 1 << 20, "Hi", 0, []string{"k7", "k6", "k5", "k4", "k3", "k2", "k1", "k0"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fill(t, newTest(t, dir), 0, c.before, c.text)
			s, err := newSink(dir, c.most, c.mostBytes)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(files(t, dir)); n > c.most {
				t.Errorf("%d files lie there after the start, want %d at most", n, c.most)
			}
			fill(t, s, c.before, 8, c.text)
			if diff := cmp.Diff(c.want, keys(s)); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
			if files := files(t, dir); len(files) != len(c.want) {
				t.Errorf("%d files lie there, want %d", len(files), len(c.want))
			}
			fill(t, s, 7, 8, c.text) // an attempt again: it is there
			if n := len(files(t, dir)); n != len(c.want) {
				t.Errorf("%d files after a repeat, want %d", n, len(c.want))
			}
		})
	}
}

func TestTheSinkGoesOnWhenAFileIsGone(t *testing.T) {
	dir := t.TempDir()
	s, err := newSink(dir, 2, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		if _, err := s.For(inboxConfig()).Send(t.Context(), fmt.Sprint("k", i), emailtest.Mail()); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, s.List()[0].Name)); err != nil { // somebody was erased
			t.Fatal(err)
		}
	}
	if n := len(files(t, dir)); n != 0 {
		t.Errorf("%d files are left", n)
	}
	if len(s.files) > 2 || s.bytes < 0 {
		t.Errorf("the sink takes account of %d files of %d bytes", len(s.files), s.bytes)
	}
}

func TestSinkListsCopiesAndFiles(t *testing.T) {
	dir := t.TempDir()
	s := newTest(t, dir)
	out := emailtest.Mail()
	out.Automatic = false
	out.Cc = []message.Address{{Kind: message.Email, Value: "ann@customer.example"}, {Kind: message.Email, Value: "李娜@customer.example"}}
	broken := attach.Bytes("a.pdf", "application/pdf", []byte("abc"))
	broken.Size++
	out.Files = []attach.File{attach.Bytes("b.pdf", "application/pdf", []byte("abc")), broken}
	if _, err := s.Send(t.Context(), "k", out); emailtest.Error(t, err).Code != "file" || len(files(t, dir)) != 0 || len(s.List()) != 0 {
		t.Fatalf("%v, files %v", err, files(t, dir))
	}
	out.Files[1].Size--
	if _, err := s.Send(t.Context(), "k", out); err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string][]Mail{"same process": s.List(), "after a restart": newTest(t, dir).List()} {
		if len(list) != 1 || list[0].Cc != "ann@customer.example, 李娜@customer.example" || list[0].Files != 2 || list[0].Key != "k" {
			t.Errorf("%s: %+v", name, list)
		}
		if info, err := os.Stat(filepath.Join(dir, list[0].Name)); err != nil || info.Size() != list[0].Size {
			t.Errorf("%s: size %d, the file's is %v, %v", name, list[0].Size, info.Size(), err)
		}
	}
}
