package telegram

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/attach"
	"frontdesk/channels/channelstest/telegramfake"
)

// picture is a PNG of that size.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPicturesAreSeenAndFilesKeepTheirNames(t *testing.T) {
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 9, 9)), nil); err != nil {
		t.Fatal(err)
	}
	small := picture(t, 30, 20)
	for _, c := range []struct {
		name string
		file attach.File
		want telegramfake.File
	}{
		{"a picture", attach.Bytes("截图.png", "image/png", small), telegramfake.File{Name: "截图.png", Type: "image/png", Content: small, Photo: true}},
		{"a photograph", attach.Bytes("a.jpg", "image/jpeg", photo.Bytes()), telegramfake.File{Name: "a.jpg", Type: "image/jpeg", Content: photo.Bytes(), Photo: true}},
		{"a strip that Telegram does not show", attach.Bytes("long.png", "image/png", picture(t, 4, 200)), telegramfake.File{Name: "long.png", Type: "image/png", Content: picture(t, 4, 200)}},
		{"what is called a picture", attach.Bytes("a.png", "image/png", []byte("x")), telegramfake.File{Name: "a.png", Type: "image/png", Content: []byte("x")}},
		{"a film of pictures", attach.Bytes("a.gif", "image/gif", []byte("GIF89a")), telegramfake.File{Name: "a.gif", Type: "image/gif", Content: []byte("GIF89a")}},
		{"a document", attach.Bytes("发票\r\nX: \".pdf", "application/pdf", []byte("%PDF")), telegramfake.File{Name: "发票 X_ _.pdf", Type: "application/pdf", Content: []byte("%PDF")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bot, fake := withFake(t)
			fake.Write(li(), "hello")
			out := outbound("see")
			out.Files = []attach.File{c.file}
			r, err := bot.Send(t.Context(), "k", out)
			if err != nil {
				t.Fatal(err)
			}
			sent := fake.Sent()
			if len(sent) != 2 || sent[0].Text != "see" || sent[1].File == nil {
				t.Fatalf("sent %+v, want the text and then the file", sent)
			}
			if diff := cmp.Diff(c.want, *sent[1].File); diff != "" {
				t.Errorf("file (-want +got):\n%s", diff)
			}
			if !strings.HasPrefix(r.ProviderID, "111:") || sent[1].ID <= sent[0].ID {
				t.Errorf("receipt %+v", r)
			}
		})
	}
}

func TestAFileAlone(t *testing.T) {
	bot, fake := withFake(t)
	fake.Write(li(), "hello")
	out := outbound("")
	out.Files = []attach.File{attach.Bytes("a.pdf", "application/pdf", []byte("x"))}
	if _, err := bot.Send(t.Context(), "k", out); err != nil || len(fake.Sent()) != 1 {
		t.Errorf("%v, %d messages", err, len(fake.Sent()))
	}
}

func TestFilesFollowAGroupAndLeaveATopic(t *testing.T) {
	bot, fake := withFake(t)
	group := li()
	group.Chat = -5
	fake.Write(group, "hello")
	fake.Migrate(-5, -1005)
	fake.CloseTopic(-1005, 7)
	out := outbound("")
	out.Thread = "-5/7"
	out.Files = []attach.File{attach.Bytes("a.png", "image/png", picture(t, 5, 5)), attach.Bytes("b.pdf", "application/pdf", []byte("x"))}
	if _, err := bot.Send(t.Context(), "k", out); err != nil {
		t.Fatal(err)
	}
	for _, m := range fake.Sent() {
		if m.Chat != -1005 || m.Topic != 0 || m.File == nil {
			t.Errorf("sent %+v", m)
		}
	}
	if n := len(fake.Sent()); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
}

func TestAFileInATopic(t *testing.T) {
	bot, fake := withFake(t)
	fake.Write(li(), "hello")
	out := outbound("")
	out.Thread = "111/9"
	out.Files = []attach.File{attach.Bytes("b.pdf", "application/pdf", []byte("x"))}
	if _, err := bot.Send(t.Context(), "k", out); err != nil {
		t.Fatal(err)
	}
	if m := fake.Sent()[0]; m.Topic != 9 {
		t.Errorf("sent to topic %d", m.Topic)
	}
}

// What befalls a file says nothing of the chat, and nothing of the text is sent where a file is not there.
func TestClassesOfFiles(t *testing.T) {
	erased := &channels.Error{Op: "opening", Class: channels.Gone, Err: errors.New("erased")}
	for _, c := range []struct {
		name string
		open func(context.Context) (io.ReadCloser, error)
		want channels.Class
		sent int
	}{
		{"the store is away", func(context.Context) (io.ReadCloser, error) { return nil, errors.New("away") }, channels.Temporary, 0},
		{"it was erased", func(context.Context) (io.ReadCloser, error) { return nil, erased }, channels.Permanent, 0},
		{"it is shorter", func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("a")), nil }, channels.Temporary, 1},
		{"it is longer", func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("abcd")), nil }, channels.Temporary, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			bot, fake := withFake(t)
			fake.Write(li(), "hello")
			out := outbound("text")
			file := attach.Bytes("secret.pdf", "application/pdf", []byte("abc"))
			file.Open = c.open
			out.Files = []attach.File{file}
			_, err := bot.Send(t.Context(), "k", out)
			e, ok := errors.AsType[*channels.Error](err)
			if !ok || e.Class != c.want || e.Done != c.sent || len(fake.Sent()) != c.sent || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v, %d messages; want class %q and %d", err, len(fake.Sent()), c.want, c.sent)
			}
		})
	}
}

func TestClassesOfUploads(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   channels.Class
	}{
		{"too large for a local server", 413, `{"ok":false,"error_code":413,"description":"Request Entity Too Large"}`, channels.TooLarge},
		{"too large for a proxy", 413, `<html>`, channels.Temporary},
		{"documents are not allowed", 400, `{"ok":false,"description":"Bad Request: not enough rights to send documents to the chat"}`, channels.Permanent},
		{"no answer of the API", 502, `<html>`, channels.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := outbound("")
			out.Files = []attach.File{attach.Bytes("a.pdf", "application/pdf", []byte("x"))}
			_, err := answering(t, c.status, c.body).Send(t.Context(), "k", out)
			if e, ok := errors.AsType[*channels.Error](err); !ok || e.Class != c.want {
				t.Errorf("error %#v, want class %q", err, c.want)
			}
		})
	}
}
