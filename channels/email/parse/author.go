package parse

import (
	"frontdesk/channels/internal/mimewalk"
)

// author is whom a mail names as its sender, in the reading of Decoder: no other address is judged than the one that
// is believed.
type author struct {
	Domain string // in ASCII and lower case; empty when there is none to ask DNS about
	Field  string // value of the one From field; of several, nothing
	Alone  bool   // one From field with one address; else no method can vouch for it
	Plain  bool   // and it can be read in one way only
}

// ReadAuthor reads no more of a mail than its author.
func ReadAuthor(raw []byte) author {
	j := readAuthor(raw)
	out := author{Domain: queryDomain(j.m.From.Domain())}
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
func Stated(raw []byte, trusted []string) Judgement {
	j := readAuthor(raw)
	said := j.statedVerdicts(trusted)
	said.Proven = said.Proven && j.plainFrom()
	return said
}

func readAuthor(raw []byte) *job {
	j := &job{tree: mimewalk.Walk(raw, mimewalk.Limits{})}
	j.hint = j.charsetHint()
	j.readFrom()
	return j
}
