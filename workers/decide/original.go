package decide

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize"
	"frontdesk/pipeline/redact"
	"frontdesk/workers/store"
	"frontdesk/workers/store/view"
)

// Bounds of what is shown of an original.
const (
	originalText    = 256 << 10 // bytes of its text
	originalHTML    = 1 << 20   // bytes of its HTML; what is larger is shown as text only
	originalHeaders = 200
	originalHeader  = 2000 // bytes of one header field
)

// Original is a message as it came, made readable for a person. Secrets are masked in all of it, as in what is kept.
type Original struct {
	Headers message.Headers
	Text    string // all of it: quoted history and signature too
	HTML    string // foreign and hostile; empty where there is none, where it is too large, or where Hidden says why
	Hidden  bool   // there is HTML, and something in it had to be masked: it is shown as text only
	Masked  bool   // something in it had to be masked
	Cut     bool   // not all of it is shown
	Raw     bool   // it could not be decoded: Text is its bytes
}

// Originals opens the originals of messages.
type Originals struct {
	Store    *store.Store
	Decoders map[string]channels.Decoder // by inbox
	Mask     *redact.Masker
}

// Open reads a message's original. store.ErrNotFound: it is gone, or there never was one.
func (o Originals) Open(ctx context.Context, m view.Message) (Original, error) {
	raw, meta, err := o.Store.Files.Original(ctx, m.ID)
	if err != nil {
		return Original{}, fmt.Errorf("opening the original of message %d: %w", m.ID, err)
	}
	decoded, err := o.decode(channels.Delivery{Inbox: m.Inbox, Channel: m.Channel, Key: m.Key, At: m.ReceivedAt.Time, Raw: raw, Meta: meta})
	if err != nil {
		return o.bare(raw), nil
	}
	return o.readable(decoded), nil
}

var errNoDecoder = errors.New("its inbox is not configured any more")

// decode reads it as the line does. What made the line panic is not read either.
func (o Originals) decode(d channels.Delivery) (m message.Message, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("reading panicked: %v", cause)
		}
	}()
	decoder, ok := o.Decoders[d.Inbox]
	if !ok {
		return m, errNoDecoder
	}
	return decoder.Decode(d)
}

// bare is what nobody can decode: its bytes, masked.
func (o Originals) bare(raw []byte) Original {
	out := Original{Raw: true, Cut: len(raw) > originalText}
	text := strings.ToValidUTF8(string(raw[:min(len(raw), originalText)]), "\uFFFD")
	var found []redact.Finding
	out.Text, found = o.Mask.Text(text)
	out.Masked = len(found) > 0
	return out
}

func (o Originals) readable(m message.Message) Original {
	text := normalize.Body(m, originalText)
	out := Original{Cut: text.Truncated}
	shown, found := o.Mask.Text(text.Full)
	out.Text, out.Masked = shown, len(found) > 0
	for _, h := range m.Headers[:min(len(m.Headers), originalHeaders)] {
		name, inName := o.Mask.Text(upTo(h.Name, originalHeader))
		value, inValue := o.Mask.Text(upTo(h.Value, originalHeader))
		out.Masked = out.Masked || len(inName)+len(inValue) > 0
		out.Headers = append(out.Headers, message.Header{Name: name, Value: value})
	}
	switch {
	case m.HTML == "":
	case len(found) > 0:
		out.Hidden = true
	case len(m.HTML) > originalHTML:
		out.Cut = true
	default:
		out.HTML = m.HTML
	}
	return out
}

// upTo cuts a text at a limit in bytes.
func upTo(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
