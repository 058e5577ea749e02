package channelstest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/attach"
	"frontdesk/pipeline/message"
)

// personal is the bench's message as a person sends it.
func (b SenderBench) personal() channels.Outbound {
	out := b.Out
	out.Automatic = false
	return out
}

// some are files of several kinds, as many as go.
func some(most int) []attach.File {
	all := []attach.File{
		attach.Bytes("付款凭证 2026 年 5 月（最终版）.pdf", "application/pdf", bytes.Repeat([]byte("\r\n.\r\n--\x00\xff"), 2_000)),
		attach.Bytes("a\r\nBcc: x@y.example\".txt", "text/plain; charset=GBK", []byte("\n.\n")),
		attach.Bytes("", "nonsense\r\nX: y", []byte{0}),
	}
	return all[:min(len(all), most)]
}

// carried sends all that the traits promise at once, and wants it there as it was.
func carried(t *testing.T, c SenderCase) {
	b := c.Open(t)
	out := b.personal()
	var want Held
	if c.Carries.Cc > 0 {
		out.Cc = b.Others[:min(len(b.Others), c.Carries.Cc)]
		for _, a := range out.Cc {
			want.Cc = append(want.Cc, a.Value)
		}
	}
	if c.Carries.HTML {
		want.HTML = "<p>您好 &amp; <b>welcome</b></p>"
		out.HTML = want.HTML
	}
	out.Files = some(c.Carries.Files)
	if len(out.Files) == 0 && len(out.Cc) == 0 && out.HTML == "" {
		t.Skip("this channel carries a text alone")
	}
	for _, f := range out.Files {
		want.Files = append(want.Files, heldAs(t, f))
	}
	if r, err := b.Sender.Send(t.Context(), "key-1", out); err != nil || len(r.Refused) > 0 {
		t.Fatalf("receipt %+v, error %v", r, err)
	}
	if diff := cmp.Diff(want, b.Holds()); diff != "" {
		t.Errorf("the provider has something else (-want +got):\n%s", diff)
	}
	if got := strings.Join(b.Taken(), ""); got != out.Text {
		t.Errorf("the text is %q, want %q", got, out.Text)
	}
}

// heldAs is how a provider must show a file.
func heldAs(t *testing.T, f attach.File) HeldFile {
	t.Helper()
	r, err := f.Content(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return HeldFile{Name: attach.FileName(f.Name), Type: attach.MediaType(f.Type), Content: content}
}

// denials are messages that a channel of these traits must refuse, by the code that it must give.
func denials(t *testing.T, b SenderBench, c message.Carries) map[string]channels.Outbound {
	sized := func(sizes ...int64) (out []attach.File) {
		for _, size := range sizes {
			out = append(out, attach.File{Name: "a.bin", Size: size, Open: func(context.Context) (io.ReadCloser, error) {
				t.Error("a file of a message that does not fit was opened")
				return nil, io.ErrUnexpectedEOF
			}})
		}
		return out
	}
	all := map[string]channels.Outbound{}
	deny := func(code string, change func(*channels.Outbound)) {
		out := b.personal()
		change(&out)
		all[code] = out
	}
	if c.Cc == 0 {
		deny("no-copies", func(o *channels.Outbound) { o.Cc = []message.Address{o.To} })
	} else {
		deny("too-many-copies", func(o *channels.Outbound) { o.Cc = slices.Repeat(b.Others[:1], c.Cc+1) })
		deny("copies-of-automatic", func(o *channels.Outbound) { o.Cc, o.Automatic = b.Others[:1], true })
	}
	if c.HTML {
		deny("html-alone", func(o *channels.Outbound) { o.HTML, o.Text = "<p>a</p>", "" })
	} else {
		deny("no-html", func(o *channels.Outbound) { o.HTML = "<p>a</p>" })
	}
	if c.Files == 0 {
		deny("no-files", func(o *channels.Outbound) { o.Files = sized(1) })
		return all
	}
	deny("too-many-files", func(o *channels.Outbound) { o.Files = sized(slices.Repeat([]int64{1}, c.Files+1)...) })
	deny("file-too-large", func(o *channels.Outbound) { o.Files = sized(c.FileMax + 1) })
	deny("file-empty", func(o *channels.Outbound) { o.Files = sized(0) })
	if int64(c.Files)*c.FileMax > c.FilesMax {
		deny("files-too-large", func(o *channels.Outbound) {
			for left := c.FilesMax + 1; left > 0; left -= c.FileMax {
				o.Files = append(o.Files, sized(min(left, c.FileMax))...)
			}
		})
	}
	return all
}

// denied wants each refused with its code, and the next request to be that of another message: a fault that waits for a request is still
// there.
func denied(t *testing.T, c SenderCase) {
	for code, out := range denials(t, c.Open(t), c.Carries) {
		t.Run(code, func(t *testing.T) {
			b := c.Open(t)
			waits := slices.Contains(c.Faults, ServerError)
			if waits {
				b.Fault(ServerError)
			}
			_, err := b.Sender.Send(t.Context(), "key-1", out)
			if e := checkClass(t, err, b.Secrets, channels.Permanent); e.Code != code {
				t.Errorf("code %q, want %q", e.Code, code)
			}
			if n := len(b.Taken()); n != 0 {
				t.Errorf("the provider has %d messages, want none", n)
			}
			if _, err := b.Sender.Send(t.Context(), "key-2", b.Out); waits && err == nil {
				t.Error("the provider was spoken to")
			}
		})
	}
}

// unreadable lets a file break off, and later be whole: each part arrives once. One that is not there at all holds up everything.
func unreadable(t *testing.T, c SenderCase) {
	if c.Carries.Files == 0 {
		t.Skip("this channel takes no files")
	}
	b := c.Open(t)
	out := b.personal()
	whole := attach.Bytes("report.pdf", "application/pdf", bytes.Repeat([]byte("0123456789"), 4_000))
	broken, missing := whole, whole
	broken.Open = func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("0123"), failing{})), nil
	}
	missing.Open = func(context.Context) (io.ReadCloser, error) { return nil, errors.New("the store is away") }

	out.Files = []attach.File{missing}
	_, err := b.Sender.Send(t.Context(), "key-1", out)
	if e := checkClass(t, err, b.Secrets, channels.Temporary); e.Done != 0 || len(b.Taken()) != 0 {
		t.Errorf("%d parts are done and %d there, though a file is missing", e.Done, len(b.Taken()))
	}
	out.Files = []attach.File{broken}
	_, err = b.Sender.Send(t.Context(), "key-1", out)
	e := checkClass(t, err, b.Secrets, channels.Temporary)
	out.Files, out.Skip = []attach.File{whole}, e.Done
	if _, err := b.Sender.Send(t.Context(), "key-1", out); err != nil {
		t.Fatalf("sending again: %v", err)
	}
	if diff := cmp.Diff([]HeldFile{heldAs(t, whole)}, b.Holds().Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if got := strings.Join(b.Taken(), ""); got != out.Text {
		t.Errorf("the text is %q, want %q", got, out.Text)
	}
}

// failing is a source that cannot be read.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the disk is broken") }

// filesOnce begins behind each part in turn, where a channel sends several, and lets the next one fail first.
func filesOnce(t *testing.T, c SenderCase) {
	probe := c.Open(t)
	if c.Carries.Files == 0 || probe.Long == "" {
		t.Skip("this channel sends one message with all its files, or none")
	}
	out := probe.personal()
	out.Files = some(c.Carries.Files)
	if _, err := probe.Sender.Send(t.Context(), "key-1", out); err != nil {
		t.Fatal(err)
	}
	all := len(probe.Taken())
	if all != 1+len(out.Files) {
		t.Fatalf("%d parts, want a text and %d files", all, len(out.Files))
	}
	for skip := range all {
		b := c.Open(t)
		out.Skip = skip
		b.Fault(ServerError)
		_, err := b.Sender.Send(t.Context(), "key-1", out)
		if e := asError(t, err); e.Done != skip {
			t.Errorf("behind %d parts: Done = %d", skip, e.Done)
		}
		if _, err := b.Sender.Send(t.Context(), "key-1", out); err != nil {
			t.Fatalf("behind %d parts: %v", skip, err)
		}
		files := b.Holds().Files
		if got := len(b.Taken()); got != all-skip || !cmp.Equal(files, probe.Holds().Files[len(probe.Holds().Files)-len(files):]) {
			t.Errorf("behind %d parts: %d came, want %d", skip, got, all-skip)
		}
	}
}
