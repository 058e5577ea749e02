package safehttp

import (
	"errors"
	"io"
)

// ErrTooLarge is what reading ends with when a body is longer than its limit.
var ErrTooLarge = errors.New("answer is larger than its limit")

// ReadAll reads a body of at most limit bytes; of a longer one it returns ErrTooLarge.
func ReadAll(r io.Reader, limit int64) ([]byte, error) {
	return io.ReadAll(&limited{r: r, left: limit})
}

// Limit returns a body that fails with ErrTooLarge instead of giving more than limit bytes.
func Limit(body io.ReadCloser, limit int64) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{&limited{r: body, left: limit}, body}
}

// limited differs from io.LimitedReader: running into the limit is an error, not an end.
type limited struct {
	// left is how many bytes may still come.
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (l *limited) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if int64(len(p))-1 > l.left {
		p = p[:l.left+1] // one more than allowed, to see whether there is more
	}
	n, err := l.r.Read(p)
	if int64(n) > l.left {
		n, l.left = int(l.left), 0
		return n, ErrTooLarge
	}
	l.left -= int64(n)
	return n, err
}
