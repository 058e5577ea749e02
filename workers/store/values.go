package store

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/pipeline/message"
)

// micros is a time as it is stored: microseconds since 1970, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// clean makes text that both databases take: valid UTF-8 without NUL. What cannot stay is replaced
// by U+FFFD, never dropped.
func clean(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// maxKey bounds every text that is a key of an index, in bytes. PostgreSQL's limit is 2704.
const maxKey = 512

// key makes an indexable key of a text: the text itself, or its digest when it is too long or
// cannot be stored as it is. Different texts stay different.
func (s *Store) key(text string) string {
	if len(text) <= maxKey && strings.IndexByte(text, 0) < 0 && utf8.ValidString(text) {
		return text
	}
	return "digest:" + s.ring.Digest([]byte("key"), []byte(text))
}

// address is the key of an identity.
func (s *Store) address(id message.Identity) string {
	if id.IsZero() {
		return ""
	}
	return s.key(string(id.Kind) + ":" + id.Value)
}

func domainOf(id message.Identity) string {
	return message.Address{Kind: id.Kind, Value: id.Value}.Domain()
}

// list is a slice as JSON text, "" when it is empty.
func list[T any](values []T) string {
	if len(values) == 0 {
		return ""
	}
	b, err := json.Marshal(values)
	if err != nil {
		return "" // strings, numbers and identities always marshal
	}
	return clean(string(b))
}

func unlist[T any](text string) (out []T, err error) {
	if text == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(text), &out)
	return out, err
}
