package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"strconv"
	"sync/atomic"

	"frontdesk/channels/attach"
)

// photoMax is the most bytes of sendPhoto. Its other bounds (width and height 10 000 together, one at most twenty times the other) are
// Telegram's to see: what it refuses as a picture goes as a document.
const photoMax = 10_000_000

// unread is a file of ours that could not be read.
type unread struct{ err error }

// Error implements error.
func (u *unread) Error() string { return fmt.Sprintf("reading a file: %v", u.err) }

// Unwrap implements error wrapping.
func (u *unread) Unwrap() error { return u.err }

// upload sends a file: a picture so that it is seen in the chat, everything else, and a picture that Telegram cannot show, as a document
// under its name. It needs memory for some kilobytes of it. An error is a *failure or an *unread.
func (c *Connector) upload(ctx context.Context, at place, f attach.File) (json.RawMessage, error) {
	if kind := attach.MediaType(f.Type); (kind == "image/jpeg" || kind == "image/png") && f.Size <= photoMax {
		raw, err := c.uploadAs(ctx, at, f, "sendPhoto", "photo")
		if fault, ok := errors.AsType[*failure](err); !ok || fault.why != whyPicture && fault.why != whyTooBig {
			return raw, err
		}
	}
	return c.uploadAs(ctx, at, f, "sendDocument", "document")
}

// uploadAs does one of the methods that take a file, as a form (RFC 7578).
func (c *Connector) uploadAs(ctx context.Context, at place, f attach.File, method, field string) (json.RawMessage, error) {
	before, behind, kind, err := form(at, f, field)
	if err != nil {
		return nil, &failure{why: "the parameters cannot be written"}
	}
	content, err := f.Content(ctx)
	if err != nil {
		return nil, &unread{err}
	}
	source := &watched{ReadCloser: content}
	body := struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(before), source, bytes.NewReader(behind)), source}
	raw, err := c.post(ctx, method, kind, body, int64(len(before))+f.Size+int64(len(behind)))
	if broke := source.broke.Load(); err != nil && broke != nil {
		return nil, &unread{*broke} // a form without its end is no message
	}
	return raw, err
}

// form is what stands in the body before and behind the content, and the body's type.
func form(at place, f attach.File, field string) (before, behind []byte, kind string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	err = w.WriteField("chat_id", strconv.FormatInt(at.chat, 10))
	if at.topic != 0 {
		err = errors.Join(err, w.WriteField("message_thread_id", strconv.FormatInt(at.topic, 10)))
	}
	_, cerr := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="` + field + `"; filename="` + attach.FileName(f.Name) + `"`}, // a FileName has no quotes
		"Content-Type":        {attach.MediaType(f.Type)},
	})
	end := b.Len()
	err = errors.Join(err, cerr, w.Close())
	return b.Bytes()[:end], b.Bytes()[end:], w.FormDataContentType(), err
}

// watched remembers why reading a content failed: the HTTP client, which reads it in a goroutine of its own, tells it as the failure of a
// request.
type watched struct {
	io.ReadCloser
	broke atomic.Pointer[error]
}

// Read implements io.Reader.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.broke.Store(&err)
	}
	return n, err
}
