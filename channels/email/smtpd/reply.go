package smtpd

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-smtp"

	"frontdesk/channels"
	"frontdesk/channels/email/header"
)

// says is an answer with its enhanced status code (RFC 3463).
func says(code, class, subject, detail int, text string) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, subject, detail}, Message: text}
}

// closing is the answer of a listener that stops (RFC 5321 §3.8).
func closing() *smtp.SMTPError { return says(421, 4, 3, 2, "Closing, come back later") }

// refusal is the answer to a message that was not committed. It never shows the cause.
// Only what can never be recorded gets a 5xx: a sender repeats a 4xx for days, and gives up at a 5xx with a bounce to the customer.
func refusal(err error) *smtp.SMTPError {
	var ce *channels.Error
	if !errors.As(err, &ce) {
		return says(451, 4, 3, 0, "Not recorded, try again later")
	}
	switch ce.Class {
	case channels.Throttled:
		return says(452, 4, 3, 1, "Too much work, try again later")
	case channels.TooLarge:
		return says(552, 5, 3, 4, "Message is too large")
	case channels.Permanent, channels.Unauthorized, channels.OptedOut, channels.WindowClosed:
		return says(554, 5, 6, 0, "Message refused")
	default:
		return says(451, 4, 3, 0, "Not recorded, try again later")
	}
}

// readError is the answer when the message itself could not be received.
func readError(err error) *smtp.SMTPError {
	var netErr net.Error
	switch {
	case errors.Is(err, smtp.ErrDataTooLarge):
		return smtp.ErrDataTooLarge
	case errors.Is(err, smtp.ErrTooLongLine):
		return says(554, 5, 6, 0, "Line too long")
	case errors.Is(err, errBudget):
		return says(452, 4, 3, 1, "Too many messages under way, try again later")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return says(421, 4, 4, 2, "Message came too slowly")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, smtp.ErrDataReset):
		return says(451, 4, 4, 2, "Message was not finished")
	default:
		return says(451, 4, 4, 0, "Message was not received")
	}
}

// unclean reports addresses that no mailbox has: control characters, or longer than a path
// may be (RFC 5321 §4.5.3.1.3, with room for UTF-8).
func unclean(addr string) bool {
	return len(addr) > 512 || !utf8.ValidString(addr) || strings.ContainsFunc(addr, unicode.IsControl)
}

// text makes foreign words fit for storage: valid UTF-8, no control characters but line ends,
// at most 16 KiB.
func text(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) > 16<<10 {
		s = strings.ToValidUTF8(s[:16<<10], "")
	}
	return s
}

// inbox asks for the address as it came and then without its +suffix, both in lower case and
// with an ASCII domain.
func inbox(ask func(string) (string, bool), addr string) (string, bool) {
	addr = strings.ToLower(addr)
	local, domain, ok := header.SplitAddress(addr)
	if !ok {
		return "", false
	}
	if ascii, err := header.ASCIIDomain(domain); err == nil {
		domain = ascii
	}
	if inbox, ok := ask(local + "@" + domain); ok {
		return inbox, true
	}
	base, _, tagged := strings.Cut(local, "+")
	if !tagged || base == "" {
		return "", false
	}
	return ask(base + "@" + domain)
}
