package compose

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/attach"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/channels/email/parse"
	"frontdesk/pipeline/message"
)

// answer is a person's mail with all that one may hold.
func answer() channels.Outbound {
	picture := attach.Bytes("截图.png", "image/png", []byte("\x89PNG\r\n\x1a\n picture"))
	picture.ContentID = "image-1@desk.example"
	unseen := attach.Bytes("logo.png", "image/png", []byte("logo"))
	unseen.ContentID = "image-10@desk.example"
	return channels.Outbound{
		To:        message.Address{Kind: message.Email, Value: "lina@customer.example", Name: "Li Na"},
		Cc:        []message.Address{{Kind: message.Email, Value: "boss@customer.example", Name: "Boss"}, {Kind: message.Email, Value: "账务@例え.example"}},
		Subject:   "Re: refund [#T-12]",
		Text:      "您好，\n\n退款已办理，见附件。\n",
		HTML:      "<p>您好，</p>\n<p>退款已办理，见附件。<img src=\"cid:image-1@desk.example\" alt=\"\"></p>",
		Files:     []attach.File{attach.Bytes("invoice.pdf", "application/pdf", []byte("%PDF-1.7 ...")), picture, attach.Bytes("退款凭证 2026 年 5 月 (最终版).pdf", "APPLICATION/PDF", bytes.Repeat([]byte("0123456789"), 20)), unseen},
		MessageID: "reply.12.a.b@desk.example", InReplyTo: "q2@customer.example", References: []string{"q1@customer.example"}, Language: "zh-Hans",
	}
}

func TestComposeGoldenOfAnswers(t *testing.T) {
	only := func(change func(*channels.Outbound)) channels.Outbound {
		out := answer()
		change(&out)
		return out
	}
	for name, out := range map[string]channels.Outbound{
		"answer-all":   answer(),
		"answer-html":  only(func(o *channels.Outbound) { o.Files = nil }),
		"answer-image": only(func(o *channels.Outbound) { o.Files = o.Files[1:2]; o.Cc = nil }),
		"answer-files": only(func(o *channels.Outbound) { o.HTML, o.Text, o.Files = "", "See the files.", o.Files[:3] }),
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig()
			cfg.UTF8 = true
			got, err := written(out, cfg)
			if err != nil {
				t.Fatal(err)
			}
			again, err := written(out, cfg)
			if err != nil || !bytes.Equal(got, again) {
				t.Errorf("the second time it is another mail: %v", err)
			}
			path := filepath.Join("testdata", "smtp", name+".eml")
			if *updateSMTPGolden {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("mail (-want +got):\n%s", diff)
			}
			readBack(t, got, out)
		})
	}
}

// readBack reads a mail with our own parser and compares it with what was to be sent.
func readBack(t *testing.T, raw []byte, out channels.Outbound) {
	t.Helper()
	got, err := parse.NewDecoder(parse.DecoderConfig{}).Decode(channels.Delivery{Inbox: "i", Channel: "email", Key: "k", At: emailtest.Now, Raw: raw})
	if err != nil {
		t.Fatalf("reading it back: %v\n%s", err, raw)
	}
	if len(got.Problems) > 0 {
		t.Errorf("problems %q", got.Problems)
	}
	plain := func(s string) string { return strings.TrimRight(strings.ReplaceAll(lines(s), "\r\n", "\n"), "\n") }
	if want := plain(out.Text); strings.TrimRight(got.Text, "\n") != want {
		t.Errorf("text %q, want %q", got.Text, want)
	}
	html := ""
	if out.HTML != "" {
		html = plain(document(out))
	}
	if strings.TrimRight(strings.ReplaceAll(got.HTML, "\r\n", "\n"), "\n") != html {
		t.Errorf("HTML %q, want %q", got.HTML, html)
	}
	type file struct{ Name, Type, ID, Content string }
	var have, want []file
	for _, a := range got.Attachments {
		have = append(have, file{a.Name, a.MediaType, a.ContentID, string(a.Content)})
	}
	for _, inline := range []bool{true, false} {
		for _, f := range out.Files {
			if inline == (f.ContentID != "" && shows(out.HTML, f.ContentID)) {
				kind, _, _ := strings.Cut(attach.MediaType(f.Type), ";")
				want = append(want, file{attach.FileName(f.Name), kind, f.ContentID, content(t, f)})
			}
		}
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("files (-want +got):\n%s\n%s", diff, raw)
	}
}

func content(t *testing.T, f attach.File) string {
	t.Helper()
	r, err := f.Content(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestComposeCopies(t *testing.T) {
	out := answer()
	out.Cc = append(out.Cc, message.Address{Value: "LINA@customer.example"}, message.Address{Value: "boss@CUSTOMER.example"})
	cfg := testConfig()
	cfg.UTF8 = true
	l, err := Mail(out, cfg)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range l.Recipients {
		got = append(got, a.Spec())
	}
	if diff := cmp.Diff([]string{"lina@customer.example", "boss@customer.example", "账务@xn--r8jz45g.example"}, got); diff != "" {
		t.Errorf("envelope (-want +got):\n%s", diff)
	}
	raw, err := written(out, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if want := "\r\nCc: <boss@customer.example>, <账务@xn--r8jz45g.example>\r\n"; !bytes.Contains(raw, []byte(want)) {
		t.Errorf("no %q in\n%s", want, raw)
	}
	for name, bad := range map[string]string{"none": "", "two": "a@b.example, c@d.example", "a header": "a@b.example\r\nBcc: c@d.example"} {
		out := answer()
		out.Cc[1].Value = bad
		if _, err := Mail(out, cfg); emailtest.Error(t, err).Class != channels.Permanent || emailtest.Error(t, err).Code != "bad copy" {
			t.Errorf("%s: %v", name, err)
		}
	}
	many := answer()
	for i := range 50 {
		many.Cc = append(many.Cc[:i], message.Address{Value: strings.Repeat("a", 60) + string(rune('a'+i%26)) + string(rune('a'+i/26)) + "@" + strings.Repeat("b", 60) + ".example"})
	}
	raw, err = written(many, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 {
			t.Fatalf("a line of %d bytes", len(line))
		}
	}
}

func TestOnlyWhatTheTextShowsIsPartOfIt(t *testing.T) {
	for _, c := range []struct {
		name, html string
		want       bool
	}{
		{"shown", `<img src="cid:a@x.example">`, true},
		{"at the end", `cid:a@x.example`, true},
		{"another one that begins alike", `<img src="cid:a@x.examples">`, false},
		{"both", `<img src="cid:a@x.example2"><img src='cid:a@x.example'>`, true},
		{"not at all", `<p>a@x.example</p>`, false},
	} {
		if got := shows(c.html, "a@x.example"); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestAFileThatCannotBeReadEndsTheMail(t *testing.T) {
	gone := &channels.Error{Op: "opening", Class: channels.Gone, Code: "deleted", Err: errors.New("gone")}
	breaks := attach.Bytes("secret name.pdf", "", bytes.Repeat([]byte("x"), 40<<10))
	breaks.Open = func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("abc"), errReader{})), nil
	}
	short := attach.Bytes("secret name.pdf", "", []byte("abc"))
	short.Size++
	missing := attach.Bytes("secret name.pdf", "", []byte("abc"))
	missing.Open = func(context.Context) (io.ReadCloser, error) { return nil, gone }
	for _, c := range []struct {
		name string
		file attach.File
		want channels.Class
	}{
		{"breaks off", breaks, channels.Temporary}, {"is shorter", short, channels.Temporary}, {"is gone", missing, channels.Permanent},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := answer()
			out.Files = []attach.File{c.file}
			out.Cc = nil
			l, err := Mail(out, testConfig())
			if err != nil {
				t.Fatal(err)
			}
			_, signing := Sign(t.Context(), l, []DKIMKey{testKey(t)})
			for _, err := range []error{l.Ready(t.Context()), signing} {
				if e := emailtest.Error(t, err); e.Class != c.want || strings.Contains(err.Error(), "secret") {
					t.Errorf("error %v", err)
				}
			}
		})
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("the disk is broken") }

func testKey(t *testing.T) DKIMKey {
	_, e1, _ := emailtest.DKIMKeys(t, "desk.example")
	return DKIMKey{Domain: "desk.example", Selector: "e1", Signer: e1}
}

// FuzzComposeFiles writes a mail with whatever name, type and HTML, and reads it back.
func FuzzComposeFiles(f *testing.F) {
	f.Add("invoice.pdf", "application/pdf", "<p>a</p>", "text", []byte("content"))
	f.Add("付款凭证\r\nBcc: a@b\x00\".pdf", "image/png\r\nBcc: a@b", "<img src=\"cid:a@x.example\">\r\n--=_mixed\r\n", "--=_mixed.\r\n.\r\n", []byte("\r\n--=_mixed--\r\n"))
	f.Add("=?utf-8?q?a?= \u202eexe.pdf%41", "text/html; charset=gbk", "长\r文\n", "=", bytes.Repeat([]byte{0, 0xff, '\r'}, 100))
	f.Add("a'b''c*0*=.txt;x", "TEXT/plain; charset=\"\\\"\"", "", "x", []byte("."))
	f.Fuzz(func(t *testing.T, name, kind, html, text string, content []byte) {
		out := answer()
		out.Cc = out.Cc[:1]
		one, two := attach.Bytes(name, kind, content), attach.Bytes(name+"2", "image/gif", []byte("GIF89a"))
		two.ContentID = "a@x.example"
		out.Files, out.HTML, out.Text = []attach.File{one, two}, html, text
		raw, err := written(out, testConfig())
		if err != nil {
			if e := emailtest.Error(t, err); e.Class != channels.Permanent || len(content) > 0 && text != "" {
				t.Fatal(err)
			}
			return
		}
		for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") || bytes.ContainsFunc(line, func(r rune) bool { return r > 0x7e }) {
				t.Fatalf("bad line %q", line)
			}
		}
		whole := attach.Bytes(name, kind, content)
		out.Files[0] = whole
		if strings.TrimSpace(clean(text)) == "" || strings.TrimSpace(clean(html)) == "" && html != "" {
			return // our parser takes an empty text for none
		}
		fieldsOf(t, raw)
		readBack(t, raw, out)
	})
}

// fieldsOf wants no field in any header of the mail that was not written.
func fieldsOf(t *testing.T, raw []byte) {
	t.Helper()
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if bytes.HasPrefix(bytes.ToLower(line), []byte("bcc:")) {
			t.Fatalf("a value added %q", line)
		}
	}
}

// zeros is a file of that size that lies nowhere.
func zeros(size int64) attach.File {
	return attach.File{Name: "zeros.bin", Size: size, Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(nothing{}, size)), nil
	}}
}

type nothing struct{}

func (nothing) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// heap is what is in use, after what is not has been given back.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// weighed looks at the heap when the first half of the largest file has been read.
type weighed struct {
	io.ReadCloser
	left int64
	most *int64
}

func (w *weighed) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	before := w.left
	if w.left -= int64(n); before > Carries().FileMax/2 && w.left <= Carries().FileMax/2 {
		*w.most = max(*w.most, heap())
	}
	return n, err
}

func TestAMailCostsMemoryForItsTextsAlone(t *testing.T) {
	var most int64
	file := zeros(Carries().FileMax)
	open := file.Open
	file.Open = func(ctx context.Context) (io.ReadCloser, error) {
		r, err := open(ctx)
		return &weighed{r, file.Size, &most}, err
	}
	out := answer()
	out.Cc, out.Files = nil, []attach.File{file}
	l, err := Mail(out, testConfig())
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	if l, err = Sign(t.Context(), l, []DKIMKey{testKey(t)}); err != nil {
		t.Fatal(err)
	}
	n := &counted{}
	if err := l.Write(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if n.bytes != l.Size() || n.bytes < Carries().FileMax*4/3 {
		t.Errorf("%d bytes were written, %d announced", n.bytes, l.Size())
	}
	if cost := most - before; most == 0 || cost > 4<<20 {
		t.Errorf("in the middle of a mail of %d MiB it costs %d KiB of memory", n.bytes>>20, cost>>10)
	}
}

// counted counts what is written.
type counted struct{ bytes int64 }

func (c *counted) Write(p []byte) (int, error) { c.bytes += int64(len(p)); return len(p), nil }

func BenchmarkComposeFiles(b *testing.B) {
	out := answer()
	out.Cc, out.Files = nil, []attach.File{zeros(1 << 20)}
	b.SetBytes(1 << 20)
	b.ReportAllocs()
	for b.Loop() {
		l, err := Mail(out, testConfig())
		if err != nil {
			b.Fatal(err)
		}
		if err := l.Ready(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
