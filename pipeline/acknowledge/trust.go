package acknowledge

import (
	"strings"

	"frontdesk/pipeline/message"
)

// Trusted reports whether an acknowledgement to that address goes to the person who wrote: the channel
// vouches for From, and the address is From. Any other recipient may be a third person in whose
// name, or to whose address, a stranger writes: such a person gets nothing of the stranger's words.
func Trusted(m message.Message, to message.Address) bool {
	return m.Proven && !to.IsZero() && to.Identity() == m.From.Identity()
}

// claimed marks the kind of an address that nobody has proven. No channel makes such a kind.
const claimed = "?"

// CountedAs is the identity under which what an address sends or gets is counted. What is proven and what is
// not never meet under one name.
func CountedAs(id message.Identity, trusted bool) message.Identity {
	if trusted || id.IsZero() {
		return id
	}
	return message.Identity{Kind: claimed + id.Kind, Value: id.Value}
}

// CountedDomain does the same for a mail domain.
// An empty domain stays empty.
func CountedDomain(domain string, trusted bool) string {
	if trusted || domain == "" {
		return domain
	}
	return claimed + domain
}

// DigestTo is whom a digest is for. A proven sender gets one at his very address; of what strangers
// claim, one for all spellings of a mailbox, so that nobody fills it by varying them.
func DigestTo(id message.Identity, trusted bool) message.Identity {
	if trusted {
		return id
	}
	return CountedAs(Mailbox(id), false)
}

// maxPlainID bounds the Message-IDs of strangers that are repeated.
// Those that programs make are shorter.
const maxPlainID = 200

// PlainID is a Message-ID if it looks like one that a program made: letters, digits and the marks of
// such programs, then a host name. A stranger's Message-ID is repeated so that the answer stands
// beside the question in his mail program; it must be no place for a sentence or a link.
// Empty for any other: the answer then refers to none.
func PlainID(id string) string {
	left, right, ok := strings.Cut(id, "@")
	if !ok || len(id) > maxPlainID || left == "" || right == "" || !all(left, "._-+=$") || !all(right, ".-") {
		return ""
	}
	return id
}

// all reports whether a text has only ASCII letters, digits and those marks.
func all(s, marks string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && strings.IndexByte(marks, c) < 0 {
			return false
		}
	}
	return true
}
