package smtpd

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"
)

// log says in constant words what the protocol library has to say, and drops the addresses and the values that it
// quotes.
// go-smtp wants an interface of its own for its log; this is it.
type log struct{ log *slog.Logger }

// Printf takes what go-smtp writes: a panic with its stack, the error that ended a session, and one of accepting.
func (s log) Printf(format string, v ...any) {
	var err error
	var stack string
	for _, value := range v {
		switch value := value.(type) {
		case error:
			err = value
		case []byte:
			stack = string(value)
		}
	}
	switch {
	case stack != "":
		s.log.Error("smtp session panicked", "stack", stack)
	case strings.HasPrefix(format, "accept"):
		s.log.Warn("accepting an smtp connection failed; tried again", "error", cause(err))
	default:
		s.log.Warn("smtp session failed", "error", cause(err))
	}
}

// Println is never called by go-smtp.
func (s log) Println(...any) { s.log.Warn("smtp session failed") }

// cause names the error that ended a session, without what the client said.
func cause(err error) string {
	var timeout net.Error
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case err == nil:
		return "unknown"
	case errors.Is(err, errChatter):
		return errChatter.Error()
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrUnexpectedEOF):
		return "the client broke the connection off"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "time is up"
	case errors.As(err, &record):
		return "the client did not speak TLS"
	case errors.As(err, &alert), strings.HasPrefix(err.Error(), "tls: "), strings.HasPrefix(err.Error(), "remote error: tls: "):
		return "the TLS handshake failed"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "too many open files"
	}
	return fmt.Sprintf("%T", err)
}
