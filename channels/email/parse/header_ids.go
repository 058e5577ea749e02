package parse

import (
	"frontdesk/channels/email/header"
)

import "strings"

// Limits of message identifiers.
const (
	// A thread's root is what its other mails share; the latest are what an answer belongs to. So the middle is what is left out.
	maxMessageID  = 998 // bytes, the longest line of RFC 5322 §2.1.1
	maxReferences = 100 // the first and the latest are kept
)

// messageIDs reads the identifiers of Message-ID, In-Reply-To and References: without brackets and
// white space, each once, in order. Some systems fold inside an identifier, quote it, encode it,
// or leave the brackets out.
// At most maxReferences come back; an identifier that is too long is left out, since cut it would be another one.
func messageIDs(raw string) []string {
	s := header.Line(raw, "")
	if strings.Contains(s, "=?") {
		s = header.Words(s)
	}
	var ids []string
	seen := make(map[string]bool, 4)
	add := func(id string) {
		id = cleanMessageID(id)
		if id != "" && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	if strings.IndexByte(s, '<') < 0 {
		for _, id := range bareMessageIDs(s) {
			add(id)
		}
		return cutReferences(ids)
	}
	for {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			return cutReferences(ids)
		}
		s = strings.TrimLeft(s[open:], "<")
		end := strings.IndexAny(s, "<>")
		if end < 0 {
			end = len(s)
		}
		add(s[:end])
		s = s[end:]
	}
}

// bareMessageIDs reads identifiers without brackets. A sentence that merely holds an address
// ("Your message to a@b of Monday") names none.
func bareMessageIDs(s string) []string {
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,;>\t", r) })
	if len(words) == 1 {
		return words
	}
	for _, w := range words {
		if !strings.Contains(w, "@") {
			return nil
		}
	}
	return words
}

// cleanMessageID removes what does not belong to an identifier.
// The case stays: identifiers are compared as they are (RFC 5322 §3.6.4).
func cleanMessageID(id string) string {
	if strings.ContainsAny(id, " \t") {
		id = strings.Join(strings.Fields(id), "")
	}
	id = strings.Trim(id, `"'<>,;`)
	if len(id) > maxMessageID {
		return ""
	}
	return id
}

// cutReferences keeps the root of a long thread and its latest messages.
func cutReferences(ids []string) []string {
	if len(ids) <= maxReferences {
		return ids
	}
	return append(ids[:1:1], ids[len(ids)-maxReferences+1:]...)
}

// firstID returns the first identifier of a field.
func firstID(raw string) string {
	if ids := messageIDs(raw); len(ids) > 0 {
		return ids[0]
	}
	return ""
}
