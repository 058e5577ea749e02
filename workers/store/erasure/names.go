package erasure

import (
	"strings"

	"frontdesk/channels/descriptor"
	"frontdesk/pipeline/message"
)

// masked stands where an address was. It is found by no form of any address, so that a second search finds nothing
// there.
const masked = "[erased]"

// names are the forms in which a person's addresses occur in texts. They are compared in lower case by ASCII alone,
// byte by byte, so that a place in the folded text is the same place in the text. A mail address is also found as a
// URL writes it (%40).
type names struct {
	forms    []form
	ids      []message.Identity // of providers' own kinds: in a text they mean nothing but where something says so
	keys     []string           // in the database's own columns: "kind:value"
	own      map[message.Identity]bool
	channels map[string]descriptor.Traits
}

// form is one spelling with what may stand beside it.
type form struct {
	text string // in lower case
	edge func(before, after string) bool
}

// names makes the forms. A phone number shorter than seven digits is looked for as an address only, never in texts:
// it would stand in every order number.
func (s *Store) names(p Person) *names {
	n := &names{own: map[message.Identity]bool{}, channels: s.base.Channels}
	for _, a := range p.Addresses {
		n.own[a.Identity] = true
		n.keys = append(n.keys, s.base.Address(a.Identity))
		value := foldASCII(a.Value)
		switch a.Kind {
		case message.Email:
			n.forms = append(n.forms, form{value, mailEdge}, form{strings.Replace(value, "@", "%40", 1), mailEdge})
		case message.Phone:
			if digits := strings.TrimPrefix(value, "+"); len(digits) >= 7 {
				n.forms = append(n.forms, form{digits, digitEdge})
			}
		default:
			n.ids = append(n.ids, a.Identity)
		}
	}
	return n
}

// spellings are the forms in which an address lies in files of ours, where nothing tells where it begins. A bare chat
// id would be found in any number, so there it is looked for with what stands before it.
func spellings(id message.Identity) []string {
	switch id.Kind {
	case message.Email, message.Phone:
		return []string{id.Value}
	}
	kind := string(id.Kind)
	return []string{kind + ":" + id.Value, kind + id.Value, "|" + id.Value, `"value":"` + id.Value + `"`, `"provider":"` + id.Value + ":"}
}

// Names tells which texts name a person, for what lies outside of the store (the mail sink). The function may be
// called by several at a time.
func (s *Store) Names(p Person) func(text string) bool {
	n := s.names(p)
	return func(text string) bool { return n.in(text) }
}

// mailEdge keeps ann@x.example from being found in joann@x.example and in ann@x.example.org.
func mailEdge(before, after string) bool {
	if before != "" && (word(before[len(before)-1]) || strings.IndexByte(".+%-", before[len(before)-1]) >= 0) && !strings.HasSuffix(before, "%3c") && !strings.HasSuffix(before, "%3d") {
		return false
	}
	if after == "" || !word(after[0]) && after[0] != '-' && after[0] != '.' {
		return true
	}
	return after[0] == '.' && (len(after) == 1 || !word(after[1]))
}

// digitEdge keeps a number from being found within a longer one. What is dialled before it, 00 in place of the plus
// sign, belongs to it.
func digitEdge(before, after string) bool {
	if after != "" && digit(after[0]) {
		return false
	}
	before = strings.TrimSuffix(before, "00")
	return before == "" || !digit(before[len(before)-1])
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// word is a byte that continues an address. Letters of other scripts stand beside addresses without a
// space, so they do not.
func word(c byte) bool { return digit(c) || 'a' <= c && c <= 'z' || c == '_' }

// next finds the first name in a folded text from that place on.
// end is behind the name; at is -1 where there is none. Several forms may fit: the first place counts.
func (n *names) next(folded string, from int) (at, end int) {
	at = -1
	for _, f := range n.forms {
		for i := from; ; {
			j := strings.Index(folded[i:], f.text)
			if j < 0 {
				break
			}
			j += i
			if f.edge(folded[:j], folded[j+len(f.text):]) {
				if at < 0 || j < at {
					at, end = j, j+len(f.text)
				}
				break
			}
			i = j + 1
		}
	}
	return at, end
}

// in reports whether one of the texts names the person.
func (n *names) in(texts ...string) bool {
	for _, t := range texts {
		if t == "" {
			continue
		}
		if at, _ := n.next(foldASCII(t), 0); at >= 0 {
			return true
		}
	}
	return false
}

// mask replaces the names in a text; a plus sign before a number goes with it. A text that names nobody comes back as
// it is.
func (n *names) mask(text string) string {
	folded := foldASCII(text)
	var b strings.Builder
	last := 0
	for {
		at, end := n.next(folded, last)
		if at < 0 {
			break
		}
		if at > last && text[at-1] == '+' {
			b.WriteString(text[last : at-1])
		} else {
			b.WriteString(text[last:at])
		}
		b.WriteString(masked)
		last = end
	}
	if last == 0 {
		return text
	}
	b.WriteString(text[last:])
	return b.String()
}

// foldASCII folds ASCII letters only, so that every byte keeps its place.
func foldASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// inKey reports whether a key of the database is made of an address: "kind:value", "inbox|chat", "inbox|chat/topic",
// "chat:message" and what in() finds.
func (n *names) inKey(channel, key string) bool {
	for _, id := range n.ids {
		if converses(key, id.Value) || strings.HasSuffix(key, string(id.Kind)+":"+id.Value) {
			return true
		}
		if t, uses := n.uses(channel, id.Kind); uses && t.KeyNames(key, id.Value) {
			return true
		}
	}
	return n.in(key)
}

// converses reports whether a conversation, which is a key behind its inbox, is a chat or a topic of it.
func converses(thread, chat string) bool {
	key := thread[strings.LastIndexByte(thread, '|')+1:]
	rest, found := strings.CutPrefix(key, chat)
	return found && len(key) < len(thread) && (rest == "" || rest[0] == '/')
}

// uses finds the traits of a channel that names people by addresses of that kind. A channel that this program does
// not know, since its connector was taken out, may have named them so: then the general forms count.
func (n *names) uses(channel string, kind message.AddressKind) (descriptor.Traits, bool) {
	t, known := n.channels[channel]
	return t, channel != "" && (!known || t.Address == kind)
}

// inProvider reports whether a provider's name of a send to an address of that kind names the person.
func (n *names) inProvider(kind message.AddressKind, key string) bool {
	for channel, t := range n.channels {
		if t.Address == kind && key != "" && n.inKey(channel, key) {
			return true
		}
	}
	return false
}

// owns reports whether an address is the person's, however it is written.
func (n *names) owns(id message.Identity) bool {
	return n.own[message.Address{Kind: id.Kind, Value: id.Value}.Identity()]
}

// inJSON reports whether JSON of ours holds one of the identities.
func (n *names) inJSON(text string) bool {
	for _, id := range n.ids {
		if strings.Contains(text, inJSON(id, id.Value)) {
			return true
		}
	}
	return n.in(text)
}

// inJSON is an identity as JSON of ours holds it, with another value in its place.
func inJSON(id message.Identity, value string) string {
	return `"` + string(id.Kind) + `","value":"` + value + `"`
}

// inOriginal reports whether what a provider handed over names the person, as it came or as people read it.
func (n *names) inOriginal(channel string, raw []byte, meta map[string]string) bool {
	for _, id := range n.ids {
		if t, uses := n.uses(channel, id.Kind); uses && t.OriginalNames(raw, id.Value) {
			return true
		}
	}
	for _, v := range meta {
		if n.in(v) {
			return true
		}
	}
	for text := range n.channels[channel].OriginalTexts(raw, meta) {
		if n.in(text) {
			return true
		}
	}
	return false
}
