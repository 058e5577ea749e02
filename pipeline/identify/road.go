package identify

import (
	"bytes"
	"slices"
	"strings"

	"frontdesk/pipeline/message"
)

// name is the name of a field, lower-case, without a copy on the heap; longer ones are none of those that are looked for.
type name struct {
	// n is 0 for a name that is too long.
	bytes [48]byte
	n     int
}

// nameOf costs no allocation: it is asked of every field of every mail.
func nameOf(f message.Header) (n name) {
	if len(f.Name) > len(n.bytes) {
		return n
	}
	n.n = copy(n.bytes[:], f.Name)
	for i, c := range n.bytes[:n.n] {
		if 'A' <= c && c <= 'Z' {
			n.bytes[i] |= 0x20
		}
	}
	return n
}

// listed reports whether the mail carries the fields of a list (RFC 2369, RFC 2919).
func listed(h message.Headers) bool {
	for _, f := range h {
		n := nameOf(f)
		switch string(n.bytes[:n.n]) {
		case "list-id", "list-post", "mailing-list", "x-beenthere":
			return true
		}
	}
	return false
}

// ownList reports whether the list that a mail came through is one of our own addresses.
func (d Desk) ownList(h message.Headers) bool {
	for _, f := range h {
		n := nameOf(f)
		switch string(n.bytes[:n.n]) {
		case "list-post", "mailing-list", "x-beenthere":
			if d.anyOurs(f.Value) {
				return true
			}
		case "list-id": // <support.desk.example> stands for support@desk.example
			id := f.Value[strings.LastIndexByte(f.Value, '<')+1:]
			local, domain, ok := strings.Cut(strings.Trim(id, "<> "), ".")
			if ok && d.Ours(local+"@"+domain) {
				return true
			}
		}
	}
	return false
}

// anyOurs reports whether one of the addresses in a field's value is ours.
func (d Desk) anyOurs(value string) bool {
	for a := range addresses(value) {
		if d.Ours(a) {
			return true
		}
	}
	return false
}

// forwarded reports whether the mail was handed on by another mailbox. Forwarders say so in a field, or they put
// themselves into the envelope: then it is an address that the mail had been delivered to, one of ours, or made of
// another sender's.
func (d Desk) forwarded(m message.Message, envelope string) bool {
	if envelope != "" && m.From.Identity().Mailbox().Value != (message.Identity{Kind: message.Email, Value: envelope}).Mailbox().Value {
		if d.Ours(envelope) || rewritten(envelope) || holds(m.To, envelope) || holds(m.Cc, envelope) {
			return true
		}
	}
	for _, f := range m.Headers {
		switch road := roadField(f); {
		case road == handedOn && (strings.Contains(f.Value, "@") || strings.EqualFold(f.Name, "X-Forwarded-Encrypted")): // web proxies have a field of that name for hosts
			return true
		case envelope == "" || envelope == strings.ToLower(m.From.Value):
		case road == deliveredTo && contains(f.Value, envelope), road == receivedFor && contains(behindFor(f.Value), envelope):
			return true
		}
	}
	return false
}

// Fields that tell of the road.
const (
	noRoad      = iota
	handedOn    // somebody has handed the mail on
	deliveredTo // it was delivered to the addresses in it
	receivedFor // it was received for the address behind "for" (RFC 5321 §4.4)
)

// roadField knows the fields by what their names say, since every system has names of its own.
func roadField(f message.Header) int {
	n := nameOf(f)
	lower := n.bytes[:n.n]
	switch string(lower) {
	case "received":
		return receivedFor
	case "delivered-to", "envelope-to", "x-delivered-to", "x-original-to", "x-envelope-to", "x-rcpt-to", "x-apparently-to", "x-beenthere", "x-loop":
		return deliveredTo
	}
	for _, word := range carriers {
		if bytes.Contains(lower, word) {
			return handedOn
		}
	}
	return noRoad
}

// carriers are words in the names of fields that those add who hand mail on.
var carriers = [][]byte{[]byte("forward"), []byte("resent-"), []byte("redirected"), []byte("inbox-rules-loop")}

// rewritten reports whether a forwarder has made an envelope sender of another one: the sender rewriting scheme (SRS0,
// SRS1, and Exchange's name+SRS=), and Gmail's +caf_=.
func rewritten(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	switch {
	case strings.HasPrefix(local, "srs0") || strings.HasPrefix(local, "srs1"):
		return len(local) > 4 && strings.ContainsAny(local[4:5], "=+-")
	}
	return strings.Contains(local, "+srs=") || strings.Contains(local, "+caf_=")
}

// encoded reports whether an envelope sender holds another address, a number of the sending system's, or says that it is for bounces: those go
// there, and no person reads what arrives. A tag that protects a person's own address (BATV) is not meant.
func encoded(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	if strings.HasPrefix(local, "prvs=") || strings.HasPrefix(local, "btv1=") {
		return false
	}
	return strings.Contains(local, "=") || strings.Contains(address, "bounce") || digits(local) >= 16
}

// server reports whether an envelope sender is the user under which a web server runs, or one that takes no mail.
func server(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	switch local {
	case "www-data", "www", "wwwrun", "apache", "apache2", "httpd", "nginx", "web", "webserver", "nobody", "root", "daemon", "cgi-mailer", "php", "wordpress", "anonymous":
		return true
	}
	return false
}

// digits counts ASCII digits.
func digits(s string) (n int) {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// behindFor is what a Received field says behind "for". Before it may stand the sender's address.
func behindFor(value string) string {
	value = value[:min(len(value), maxField)]
	i := strings.LastIndex(value, " for ")
	if i < 0 {
		return ""
	}
	rest, _, _ := strings.Cut(value[i+len(" for "):], ";")
	return rest
}

// holds reports whether a list has the address, in any case of letters.
func holds(list []message.Address, address string) bool {
	return slices.ContainsFunc(list, func(a message.Address) bool { return strings.EqualFold(a.Value, address) })
}

// contains reports whether a field's value names the address.
func contains(value, address string) bool {
	for a := range addresses(value) {
		if a == address {
			return true
		}
	}
	return false
}

// mailbox is the first address of a field's value, with the name before it.
func mailbox(value string) message.Address {
	for a := range addresses(value) {
		name, _, found := strings.Cut(value, "<")
		if !found {
			name = ""
		}
		return message.Address{Kind: message.Email, Value: a, Name: strings.Trim(name, `'" `)}
	}
	return message.Address{}
}

// maxField is how much of one field is looked at, in bytes.
const maxField = 4 << 10

// addresses are the words of a value that look like mail addresses, lower-case, without brackets and schemes.
func addresses(value string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if !strings.Contains(value, "@") {
			return
		}
		value = value[:min(len(value), maxField)]
		for word := range strings.FieldsFuncSeq(strings.ToLower(value), func(r rune) bool { return strings.ContainsRune(" \t\r\n<>,;()\"'", r) }) {
			word = strings.TrimPrefix(word, "mailto:")
			word, _, _ = strings.Cut(word, "?")
			if at := strings.IndexByte(word, '@'); at > 0 && at < len(word)-1 && !yield(word) {
				return
			}
		}
	}
}

// bare is an envelope sender without brackets, lower-case, and without the tag that protects it from forged bounces
// (BATV, prvs=tag=local@domain).
func bare(path string) string {
	path = strings.ToLower(strings.Trim(path, "<> "))
	if tagged, ok := strings.CutPrefix(path, "prvs="); ok {
		if tag, address, ok := strings.Cut(tagged, "="); ok && len(tag) == 10 {
			return address
		}
	}
	return path
}
