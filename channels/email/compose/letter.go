package compose

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"frontdesk/channels"
	"frontdesk/channels/attach"
)

// Letter is a composed mail with its envelope. Its texts are in memory; its files are read when it is written, each time anew, so
// that a mail costs memory for what was typed alone. It is a value and may be written by several at a time.
type Letter struct {
	// Recipients are for the envelope: To first, then those of Cc, each mailbox once.
	Recipients []Address
	pieces     []piece
}

// piece is a stretch of a mail: bytes as they are, or a file in base64.
type piece struct {
	text []byte
	file attach.File // where text is nil
}

// add takes what was written so far, and begins a new stretch.
func (l *Letter) add(h *headerWriter) {
	l.pieces = append(l.pieces, piece{text: h.b.Bytes()})
	*h = headerWriter{}
}

// head begins with the whole header.
func (l Letter) head() []byte { return l.pieces[0].text }

// under is the mail below more fields.
func (l Letter) under(fields []byte) Letter {
	l.pieces = append([]piece{{text: fields}}, l.pieces...)
	return l
}

// Under is the mail below one more field of unstructured text, folded and encoded as Mail does it. name is trusted, text is not.
func (l Letter) Under(name, text string) Letter {
	var h headerWriter
	h.words(name, words(text)...)
	return l.under(h.b.Bytes())
}

// Size is the number of bytes that Write gives.
func (l Letter) Size() (n int64) {
	for _, p := range l.pieces {
		if p.text != nil {
			n += int64(len(p.text))
			continue
		}
		lines := (p.file.Size + lineBytes - 1) / lineBytes
		n += (p.file.Size+2)/3*4 + 2*lines
	}
	return n
}

// Ready reads all files once, so that one that cannot be read is found before anything is said to a server. The error is that of Write.
func (l Letter) Ready(ctx context.Context) error { return l.Write(ctx, io.Discard) }

// Write writes the mail: header, empty line, body, with CRLF. It needs memory for a line or two beside the texts. Where a file cannot
// be read the error is a *channels.Error (see attach.File), and what was written is no whole mail; any other error is w's own.
func (l Letter) Write(ctx context.Context, w io.Writer) error {
	for _, p := range l.pieces {
		if p.text != nil {
			if _, err := w.Write(p.text); err != nil {
				return err
			}
			continue
		}
		if err := writeFile(ctx, w, p.file); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes a file in base64.
func writeFile(ctx context.Context, w io.Writer, f attach.File) error {
	r, err := f.Content(ctx)
	if err != nil {
		return unreadable(err)
	}
	defer r.Close()
	if err := writeBase64(w, r); err != nil {
		if source, ok := errors.AsType[*sourceError](err); ok {
			return unreadable(source.err)
		}
		return err
	}
	return nil
}

// unreadable says that a file could not be read, without its name.
func unreadable(err error) error {
	const op = "reading a file of a mail"
	fault := &channels.Error{Op: op, Code: "file", Err: err}
	if e, ok := errors.AsType[*channels.Error](err); ok {
		fault.Class, fault.After = e.Class, e.After
	}
	if fault.Class == channels.Gone {
		fault.Class = channels.Permanent // the file is, not the address
	}
	return fault
}

// sourceError marks what reading failed with, beside what writing does.
type sourceError struct{ err error }

// Error implements error.
func (s *sourceError) Error() string { return fmt.Sprintf("reading what is to be encoded: %v", s.err) }

// Unwrap implements error wrapping.
func (s *sourceError) Unwrap() error { return s.err }

// Base64 comes in lines of 76 characters (RFC 2045 §6.8): 57 bytes each. So many lines are made at a time.
const (
	lineBytes = 57
	linesMost = 256
)

// writeBase64 encodes all that r has, line by line. An error of r is a *sourceError.
func writeBase64(w io.Writer, r io.Reader) error {
	in := make([]byte, linesMost*lineBytes)
	out := make([]byte, 0, linesMost*78)
	for {
		n, err := io.ReadFull(r, in)
		out = out[:0]
		for part := in[:n]; len(part) > 0; {
			line := part[:min(lineBytes, len(part))]
			part = part[len(line):]
			out = append(base64.StdEncoding.AppendEncode(out, line), '\r', '\n')
		}
		if _, err := w.Write(out); err != nil {
			return err
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return &sourceError{err}
		}
	}
}
