package dedupe

import (
	"strconv"

	"frontdesk/pipeline/message"
)

// Version is what is known of the version of a message that was seen last.
type Version struct {
	// Message is the one that brought that version, Seen its Keys.Seen.
	Message int64  `json:"message"`
	Seen    string `json:"seen"`
	Erased  bool   `json:"erased,omitempty"` // its person was erased
}

// version names the message of which m is a version, and what a reader sees of it: its text and its files. What else can change of
// a message (reactions, the preview of a link, a mark of the provider's) is not seen in a ticket.
func version(m message.Message, digest Digest) (key, seen string) {
	if m.Version == "" {
		return "", ""
	}
	parts := [][]byte{[]byte("seen"), fold(m.Subject), fold(m.Text), fold(m.HTML)}
	for _, a := range m.Attachments {
		unique := a.Unique
		if unique == "" {
			unique = a.Ref
		}
		parts = append(parts, []byte(a.Name), []byte(a.MediaType), []byte(strconv.FormatInt(a.Size, 10)), []byte(unique))
	}
	return digest([]byte("version"), []byte(m.Inbox), []byte(m.Version))[:32], digest(parts...)[:32]
}

// Unchanged makes a copy of a version that shows what the last one showed.
func Unchanged(m message.Message, seen string, last *Version) (Finding, bool) {
	if last == nil || seen == "" || last.Seen != seen || last.Message == m.ID {
		return Finding{}, false
	}
	return Finding{Of: last.Message, Reason: "a version that shows what the last one showed"}, true
}
