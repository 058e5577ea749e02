package base

import (
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/message"
	"frontdesk/workers/store/sql"
)

// PrintKey joins a domain and a fingerprint; empty when either is.
func (s *Store) PrintKey(domain, print string) string {
	if domain == "" || print == "" {
		return ""
	}
	return s.Key(domain + " " + print)
}

// Bound is key for texts that may be empty.
func (s *Store) Bound(text string) string {
	if text == "" {
		return ""
	}
	return s.Key(text)
}

// Key makes an indexable key of a text: the text itself, or its digest when it is too long or
// cannot be stored as it is. Different texts stay different.
func (s *Store) Key(text string) string {
	if len(text) <= sql.MaxKey && strings.IndexByte(text, 0) < 0 && utf8.ValidString(text) {
		return text
	}
	return "digest:" + s.Ring.Digest([]byte("key"), []byte(text))
}

// Address is the key of an identity.
func (s *Store) Address(id message.Identity) string {
	if id.IsZero() {
		return ""
	}
	return s.Key(string(id.Kind) + ":" + id.Value)
}

// DomainOf is the domain of a mail address, empty for identities of other kinds.
func DomainOf(id message.Identity) string {
	return message.Address{Kind: id.Kind, Value: id.Value}.Domain()
}
