// Package parse reads mail: it decodes whatever comes (MIME, charsets, broken headers, files within files, reports), names the
// author as everybody else in the channel is to see him, and reads what trusted servers say of him.
package parse

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"frontdesk/channels"
	"frontdesk/channels/internal/mimewalk"
	"frontdesk/pipeline/message"
)

// Parking causes that the decoder gives.
const (
	causeUnparsable = "unparsable"
	causeTooLarge   = "too-large"
)

// maxProblems bounds what is told about one broken message.
// The texts are ours, so there are not many different ones; those of the walk come first.
const maxProblems = 40

// DecoderConfig says whom a Decoder believes and how much work it does for one message.
type DecoderConfig struct {
	// TrustedAuthserv lists the authserv-ids whose Authentication-Results are believed (RFC 8601
	// §5), with "*.example.com" for all hosts of a provider, or TrustMicrosoft. Empty: none.
	TrustedAuthserv []string
	// Limits bound the walk; zero fields mean the defaults of mimewalk.
	Limits mimewalk.Limits
}

// Decoder makes normalized messages of raw mail. It implements channels.Decoder and is safe for
// concurrent use.
type Decoder struct {
	// Both are fixed by NewDecoder.
	trusted []string
	limits  mimewalk.Limits
}

var _ channels.Decoder = Decoder{}

// NewDecoder returns a Decoder.
// It copies what it is given and never fails: an empty configuration believes nobody and has the default limits.
func NewDecoder(c DecoderConfig) Decoder {
	return Decoder{trusted: append([]string(nil), c.TrustedAuthserv...), limits: c.Limits.WithDefaults()}
}

// Decode reads one mail. It repairs what it can and says so in Message.Problems; the only errors are
// for what is no message at all (cause "unparsable") and for what lies beyond the limits in whole
// (cause "too-large"). The contents of attachments may share memory with d.Raw.
//
// Order matters: the header gives the charset hint and the addresses, the envelope and From are needed for the verdicts, and a report
// is looked for last, because a bounce without a report part is known by its text. Cost is linear in Raw, up to the limits.
func (d Decoder) Decode(del channels.Delivery) (message.Message, error) {
	if len(bytes.TrimSpace(del.Raw)) == 0 {
		return message.Message{}, decodeError(causeUnparsable, errors.New("the message is empty"))
	}
	j := job{tree: mimewalk.Walk(del.Raw, d.limits), budget: d.limits.DecodedBytes, maxFiles: d.limits.Parts, limits: d.limits}
	j.parts = len(j.tree.Parts)
	j.m = message.Message{Inbox: del.Inbox, Channel: del.Channel, Key: del.Key, At: del.At}
	if j.m.Channel == "" {
		j.m.Channel = "email"
	}
	j.problems = append(j.problems, j.tree.Problems...)
	j.readHeader()
	j.readEnvelope(del.Meta)
	j.readFrom()
	j.readVerdicts(del.Meta, d.trusted)
	j.readBody()
	j.readReport()
	j.m.Problems = j.problems
	for _, l := range []mimewalk.Limit{mimewalk.LimitDepth, mimewalk.LimitParts} {
		if slices.Contains(j.tree.Exceeded, l) {
			j.m.Exceeded = string(l)
		}
	}
	if len(j.tree.Exceeded)+len(j.exceeded) > 0 && isHollow(&j.m) {
		return message.Message{}, decodeError(causeTooLarge, errors.New("the message exceeds the limits in whole"))
	}
	return j.m, nil
}

// isHollow reports whether nothing a person could use came out.
func isHollow(m *message.Message) bool {
	return m.Subject == "" && strings.TrimSpace(m.Text) == "" && strings.TrimSpace(m.HTML) == "" && len(m.Attachments) == 0
}

// decodeError is an error that parks the message with that cause.
func decodeError(cause string, err error) error {
	return &channels.Error{Op: "decoding mail", Class: channels.Permanent, Cause: cause, Err: err}
}

// job is the decoding of one message.
type job struct {
	// tree is the one being read: within changes it for a mail that is packed in another.
	tree     mimewalk.Tree
	m        message.Message
	hint     string // charset for unlabelled 8-bit header bytes
	budget   int64  // decoded bytes that are still allowed
	maxFiles int    // files that may be taken out of texts
	// exceeded holds the limits that decoding went over; those of the walk are in tree.
	exceeded []mimewalk.Limit
	problems []string

	packed    []segment // text found in a winmail.dat
	packedRTF []byte    // the same as RTF

	loose      []looseText // text parts that became files because of their place
	invitation string      // what the first invitation says

	// limits bound all trees of the message together, so that packing a mail into a mail gives no more room.
	limits mimewalk.Limits
	parts  int // parts of what was packed in other parts, so far
	inside int // how deep that is packed
}

// problem notes what was repaired, once.
func (j *job) problem(text string) {
	if slices.Contains(j.problems, text) {
		return
	}
	if len(j.problems) < maxProblems {
		j.problems = append(j.problems, text)
	}
}

// root is the message itself; there always is one.
func (j *job) root() *mimewalk.Part { return &j.tree.Parts[0] }
