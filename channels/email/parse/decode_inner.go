package parse

import (
	"bytes"
	"strings"

	"frontdesk/channels/internal/mimewalk"
	"frontdesk/channels/internal/mimewalk/cms"
)

// maxWithin is how many mails may be packed in each other: a signature around another, around an encoded multipart.
// Each level walks its content anew, so the bound also keeps the cost linear.
const maxWithin = 4

// within reads a MIME entity that came out of a part, as if it stood in that part's place. It is false where it is too
// deep or the message has no more room for parts.
// Only the structure is read: the inner header is neither the message's subject nor its sender.
func (j *job) within(raw []byte) ([]segment, bool) {
	limits := j.limits
	limits.Parts -= j.parts
	if j.inside == maxWithin || limits.Parts <= 0 {
		return nil, false
	}
	outer := j.tree
	j.tree = mimewalk.Walk(raw, limits)
	j.inside, j.parts = j.inside+1, j.parts+len(j.tree.Parts)
	segments := j.collect(0, place{})
	for _, p := range j.tree.Problems {
		j.problem(p)
	}
	j.exceeded = append(j.exceeded, j.tree.Exceeded...)
	j.tree, j.inside = outer, j.inside-1
	return segments, true
}

// collectEncoded reads a multipart that is encoded as a whole, against RFC 2045 §6.4.
// It is false where decoding changes nothing: the body was not encoded at all.
func (j *job) collectEncoded(p *mimewalk.Part) ([]segment, bool) {
	inner, _ := mimewalk.Decode(p.Encoding, p.Body)
	if len(inner) == 0 || bytes.Equal(inner, p.Body) {
		return nil, false
	}
	head := "Content-Type:" + p.Get("Content-Type") + "\r\n\r\n"
	j.problem("a multipart that is encoded as a whole")
	return j.within(append([]byte(head), inner...))
}

// isEnvelope knows the parts of S/MIME that hold a whole mail (RFC 8551 §3.2), also under the type of a file, as
// gateways put it.
// The file's name counts for the root alone: elsewhere a .p7m may be somebody's document.
func isEnvelope(p *mimewalk.Part) bool {
	switch p.Type {
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		kind := strings.ToLower(p.Param("smime-type"))
		return kind != "certs-only" && kind != "signed-receipt"
	case "application/octet-stream":
		return p.Parent < 0 && strings.HasSuffix(strings.ToLower(partFileName(p, "")), ".p7m")
	}
	return false
}

// collectEnvelope reads what is signed or compressed, which needs no key. The rest stays a file; that a text is
// encrypted is noted.
// A person must see that a text could not be read, or he takes an empty ticket for an empty mail: hence Encrypted.
func (j *job) collectEnvelope(p *mimewalk.Part, at place) []segment {
	packed := j.content(p)
	kind, content := cms.Open(packed, j.budget)
	if kind == cms.Unknown && p.Encoding == mimewalk.Identity { // base64 that nobody announced
		if again, clean := mimewalk.DecodeBase64(bytes.TrimSpace(packed)); clean {
			kind, content = cms.Open(again, j.budget)
		}
	}
	if content != nil {
		if segments, ok := j.within(content); ok {
			j.problem("opaque S/MIME: its content was taken out, its signature was not checked")
			return segments
		}
	}
	if kind != cms.Signed {
		j.m.Encrypted = true
		j.problem("S/MIME: the text is encrypted or cannot be read")
	}
	j.attachContent(p, at, packed)
	return nil
}
