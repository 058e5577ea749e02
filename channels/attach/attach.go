// Package attach holds what goes out beside a text: files, and the names and types under which they may be shown to whoever gets
// them. It is a leaf below the contracts of channels.
package attach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// File is one file that goes out. It is a value: whoever sends reads it through Open, once or several times, and keeps nothing.
type File struct {
	// Name is as a person wrote it, and Type as a browser told it: FileName and MediaType make of them what may stand in a header.
	Name, Type string
	// ContentID names a part that the HTML shows (cid:…, RFC 2392): local@domain, without brackets, each once in a message. Empty for
	// a file that is only attached, as most are.
	ContentID string
	Size      int64 // bytes, above 0; the content has exactly so many
	// Open gives the content from its beginning, the same bytes each time: a repeat of a send sends the same, and what is signed is read
	// before it is sent. It may be called by several at a time and is not called for what is refused. The caller closes the reader. ctx
	// bounds the reading, too. An error that is a *channels.Error keeps its class, such as Permanent for what was erased; any other is Temporary.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// Bytes is a file whose content is in memory. The content must not be changed afterwards.
func Bytes(name, mediaType string, content []byte) File {
	return File{Name: name, Type: mediaType, Size: int64(len(content)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}}
}

// ErrSize is what reading ends with where a content is shorter or longer than its file says. Whoever has announced the size must not
// go on with another one.
var ErrSize = errors.New("the content is not as long as was said")

// Content opens the file and holds it to its size: reading ends with ErrSize, and not with io.EOF, where another number of bytes
// comes.
func (f File) Content(ctx context.Context) (io.ReadCloser, error) {
	r, err := f.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening a file: %w", err)
	}
	return &exact{ReadCloser: r, left: f.Size}, nil
}

// exact is a content of a known length.
type exact struct {
	io.ReadCloser
	left int64 // bytes that are still to come
}

// Read implements io.Reader. It gives no byte beyond the length.
func (e *exact) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if int64(len(p)) > e.left {
		p = p[:max(e.left, 1)]
	}
	n, err := e.ReadCloser.Read(p)
	if int64(n) > e.left {
		return 0, ErrSize
	}
	e.left -= int64(n)
	if errors.Is(err, io.EOF) && e.left > 0 {
		return n, ErrSize
	}
	return n, err
}
