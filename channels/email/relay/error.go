package relay

import (
	"errors"
	"fmt"
	"net/textproto"

	"github.com/emersion/go-smtp"

	"frontdesk/channels"
)

// reply is a relay's refusal without its words, which tend to quote addresses.
type reply struct {
	// code has three digits; enhanced is zero where the relay gives none (RFC 2034); blame is worked out from its words.
	code     int
	enhanced smtp.EnhancedCode
	blame    blame
}

// replyOf reads a refusal; the words are looked at and not kept.
func replyOf(se *smtp.SMTPError, at step) reply {
	r := reply{code: se.Code, enhanced: se.EnhancedCode}
	r.blame = r.blames(at, se.Message)
	return r
}

// String is the code as people and the configuration of dead codes know it: "550 5.1.1".
func (r reply) String() string {
	if r.enhanced[0] <= 0 {
		return fmt.Sprint(r.code)
	}
	return fmt.Sprintf("%d %d.%d.%d", r.code, r.enhanced[0], r.enhanced[1], r.enhanced[2])
}

// Error implements error.
func (r reply) Error() string { return "the relay refused" }

// class says what a reply to a mail means: 4xx is for now, 5xx for good where the mail or its recipient is to blame.
// A relay that wants us to log in (RFC 4954 §6), or takes no mail of ours, may be mended.
func (r reply) class() channels.Class {
	switch {
	case r.code == 530 || r.code == 535 || r.code == 538:
		return channels.Unauthorized
	case r.blame == ours:
		return channels.Refused
	case r.code >= 500 && r.blame != passing:
		return channels.Permanent
	default:
		return channels.Temporary
	}
}

// errGarbled stands for an answer that is no SMTP, whose words are not repeated.
var errGarbled = errors.New("the relay's answer is not one of SMTP")

// wordless puts a place holder for an error that quotes the relay.
func wordless(err error) error {
	var protocol textproto.ProtocolError
	var reply *textproto.Error
	if errors.As(err, &protocol) || errors.As(err, &reply) {
		return errGarbled
	}
	return err
}

// fault is an error before the final dot: without a reply, the mail was not taken.
// A lost connection is marked as stale: the pool tries such a mail once more on a new one.
func fault(op string, at step, err error) *channels.Error {
	var se *smtp.SMTPError
	if !errors.As(err, &se) {
		return &channels.Error{Op: op, Err: fmt.Errorf("%w: %w", errStale, wordless(err))}
	}
	reply := replyOf(se, at)
	fault := &channels.Error{Op: op, Class: reply.class(), Code: reply.String(), Err: reply}
	if se.Code == 421 { // the relay is about to hang up, or did so long ago
		fault.Err = fmt.Errorf("%w: %w", errStale, reply)
	}
	return fault
}

// endFault is an error at the final dot. Without an answer the relay may or may not have taken the
// mail, unless we know that the dot never left.
func (c *conn) endFault(err error) *channels.Error {
	const op = "ending mail data"
	if se, ok := errors.AsType[*smtp.SMTPError](err); ok {
		reply := replyOf(se, data)
		return &channels.Error{Op: op, Class: reply.class(), Code: reply.String(), Err: reply}
	}
	if c.sock.writeFailed.Load() {
		return fault(op, data, err)
	}
	return &channels.Error{Op: op, Class: channels.Unknown, Err: wordless(err)}
}

// dialFault is an error before any mail was named: it is never the mail's fault.
func dialFault(op string, err error) error {
	var se *smtp.SMTPError
	if !errors.As(err, &se) {
		return &channels.Error{Op: op, Err: wordless(err)}
	}
	reply := replyOf(se, elsewhere)
	fault := &channels.Error{Op: op, Code: reply.String(), Err: reply}
	switch reply.class() {
	case channels.Unauthorized:
		fault.Class = channels.Unauthorized
	case channels.Refused, channels.Permanent:
		fault.Class = channels.Refused
	}
	return fault
}
