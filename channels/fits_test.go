package channels_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"frontdesk/channels"
	"frontdesk/channels/attach"
	"frontdesk/pipeline/message"
)

func TestAMessageFitsItsChannel(t *testing.T) {
	all := message.Carries{Cc: 2, HTML: true, Files: 3, FileMax: 10, FilesMax: 15}
	file := func(size int64, id string) attach.File {
		return attach.File{Name: "a", Size: size, ContentID: id, Open: func(context.Context) (io.ReadCloser, error) {
			t.Error("a file was opened")
			return nil, io.EOF
		}}
	}
	cc := func(n int) []message.Address { return make([]message.Address, n) }
	for _, c := range []struct {
		name    string
		out     channels.Outbound
		carries message.Carries
		want    string
	}{
		{"a text, which every channel takes", channels.Outbound{Text: "a"}, message.Carries{}, ""},
		{"all that it carries", channels.Outbound{Text: "a", HTML: "b", Cc: cc(2), Files: []attach.File{file(10, "a@x"), file(4, "b@x"), file(1, "")}}, all, ""},
		{"two files that the text does not show", channels.Outbound{Text: "a", Files: []attach.File{file(1, ""), file(1, "")}}, all, ""},
		{"a copy", channels.Outbound{Text: "a", Cc: cc(1)}, message.Carries{HTML: true}, "no-copies"},
		{"too many copies", channels.Outbound{Text: "a", Cc: cc(3)}, all, "too-many-copies"},
		{"a copy of an acknowledgement", channels.Outbound{Text: "a", Cc: cc(1), Automatic: true}, all, "copies-of-automatic"},
		{"a formatted text", channels.Outbound{Text: "a", HTML: "b"}, message.Carries{Cc: 1}, "no-html"},
		{"a formatted text alone", channels.Outbound{HTML: "b"}, all, "html-alone"},
		{"a formatted text without end", channels.Outbound{Text: "a", HTML: strings.Repeat("b", 1<<20+1)}, all, "html-too-large"},
		{"a file", channels.Outbound{Text: "a", Files: []attach.File{file(1, "")}}, message.Carries{HTML: true}, "no-files"},
		{"too many files", channels.Outbound{Text: "a", Files: []attach.File{file(1, ""), file(1, ""), file(1, ""), file(1, "")}}, all, "too-many-files"},
		{"an empty file", channels.Outbound{Text: "a", Files: []attach.File{file(0, "")}}, all, "file-empty"},
		{"a file of less than nothing", channels.Outbound{Text: "a", Files: []attach.File{file(-5, "")}}, all, "file-empty"},
		{"a file without content", channels.Outbound{Text: "a", Files: []attach.File{{Size: 1}}}, all, "file-unreadable"},
		{"a large file", channels.Outbound{Text: "a", Files: []attach.File{file(11, "")}}, all, "file-too-large"},
		{"files that are large together", channels.Outbound{Text: "a", Files: []attach.File{file(10, ""), file(6, "")}}, all, "files-too-large"},
		{"sizes that run over together", channels.Outbound{Text: "a", Files: []attach.File{file(1<<63-1, ""), file(1<<63-1, "")}}, all, "file-too-large"},
		{"a header in the name of a part", channels.Outbound{Text: "a", Files: []attach.File{file(1, "a@x\r\nBcc: b@y")}}, all, "bad-content-id"},
		{"two parts of one name", channels.Outbound{Text: "a", Files: []attach.File{file(1, "a@x"), file(1, "a@x")}}, all, "content-id-twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.out.Skip = 1
			err := c.out.Fits(c.carries)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			e, ok := errors.AsType[*channels.Error](err)
			if !ok || e.Class != channels.Permanent || e.Code != c.want || e.Done != 1 {
				t.Errorf("error %#v, want a permanent one of code %s that keeps the parts that are there", err, c.want)
			}
		})
	}
}
