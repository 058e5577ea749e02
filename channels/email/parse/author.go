package parse

import (
	"frontdesk/channels/internal/mimewalk"
)

// Author is whom a mail names as its sender, in the reading of Decoder: no other address is judged than the one that
// is believed.
// It is for package verdict, which checks the mail before it is recorded and must judge the very address that the decoder will believe later.
type Author struct {
	Domain string // in ASCII and lower case; empty when there is none to ask DNS about
	Field  string // value of the one From field; of several, nothing
	Alone  bool   // one From field with one address; else no method can vouch for it
	Plain  bool   // and it can be read in one way only
}

// ReadAuthor reads no more of a mail than its author.
// It walks the MIME structure all the same, since the charset of unlabelled names is taken from the text's label; no body is decoded.
func ReadAuthor(raw []byte) Author {
	j := readAuthor(raw)
	out := Author{Domain: queryDomain(j.m.From.Domain())}
	value, ok := j.onlyFrom()
	if !ok {
		return out
	}
	out.Field = value
	out.Alone = len(parseAddresses(value, j.hint)) == 1
	out.Plain = out.Alone && j.plainFrom()
	return out
}

// Stated is what a server in trusted says of a mail's sender in its Authentication-Results (RFC 8601).
// A zero Judgement means that no server in trusted has said anything. The caller is one whose mail comes from a mailbox, where
// nothing can be checked any more: the connection is over.
func Stated(raw []byte, trusted []string) Judgement {
	j := readAuthor(raw)
	said := j.statedVerdicts(trusted)
	said.Proven = said.Proven && j.plainFrom()
	return said
}

// readAuthor runs the first steps of Decode, with the default limits.
func readAuthor(raw []byte) *job {
	j := &job{tree: mimewalk.Walk(raw, mimewalk.Limits{})}
	j.hint = j.charsetHint()
	j.readFrom()
	return j
}
