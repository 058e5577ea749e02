package descriptor

import (
	"iter"
	"slices"
	"strings"

	"frontdesk/pipeline/message"
)

// Traits are the facts by which the rest of Frontdesk treats a channel: the line's, and what workers and erasure ask besides.
// They are data: no code outside of the channel's folder asks for its name.
type Traits struct {
	message.Traits
	// Dead lists the provider's codes that say that nothing will ever arrive at the recipient's address. Every other permanent
	// failure may be our own fault (a wrong sender, a policy, an account), and must not cost a customer his address. Connectors whose
	// codes say too little give the class Gone instead.
	// A code is matched as a whole word, such as "5.1.1" or "21211".
	Dead []string
	// Opaque says that delivery keys, and the provider's ids of what we send, are numbers and digests of the provider's or of ours,
	// which name nobody. Where it is false an erasure takes those ids away.
	Opaque bool
	// InKey and InOriginal report whether a delivery key, or what the provider handed over, names the owner of an id. They are
	// asked where Address is a kind of the provider's own; nil: wherever the id stands by itself.
	InKey      func(key, id string) bool
	InOriginal func(raw []byte, id string) bool
	// Texts gives what the provider handed over as people read it, piece by piece, where its bytes are others: transfer encodings of a mail,
	// escapes of JSON, percent-encoding. An address that is looked for may stand there alone. facts are the delivery's (package meta). Nil: it
	// stands as it is read.
	Texts func(raw []byte, facts map[string]string) iter.Seq[string]
	// Conversation is the key of the conversation (message.Message.Thread) in which somebody at the address theirs answers what an inbox at the address ours has
	// sent to him. Nil: the channel has no conversations of its own, or joins an answer by what it quotes.
	Conversation func(ours, theirs string) string
}

// Unreachable reports whether a failure's code says that the address itself is dead. It may hold several words.
func (t Traits) Unreachable(code string) bool {
	return slices.ContainsFunc(strings.Fields(code), func(word string) bool { return slices.Contains(t.Dead, word) })
}

// KeyNames reports whether a delivery key names the owner of an id.
// Erasure asks it: what names the person goes, what does not stays for the books.
func (t Traits) KeyNames(key, id string) bool {
	if t.InKey != nil {
		return t.InKey(key, id)
	}
	return stands(key, id)
}

// OriginalNames reports whether what the provider handed over names the owner of an id.
// It is linear in the original, which may be tens of megabytes.
func (t Traits) OriginalNames(raw []byte, id string) bool {
	if t.InOriginal != nil {
		return t.InOriginal(raw, id)
	}
	return stands(string(raw), id)
}

// OriginalTexts are all forms in which what the provider handed over is to be searched: as it came, and as people read it.
func (t Traits) OriginalTexts(raw []byte, facts map[string]string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield(string(raw)) || t.Texts == nil {
			return
		}
		for text := range t.Texts(raw, facts) {
			if !yield(text) {
				return
			}
		}
	}
}

// stands reports whether an id stands in a text by itself, not within a longer one.
// An empty id stands nowhere.
func stands(text, id string) bool {
	for id != "" {
		at := strings.Index(text, id)
		if at < 0 {
			return false
		}
		end := at + len(id)
		if (at == 0 || !idByte(text[at-1])) && (end == len(text) || !idByte(text[end])) {
			return true
		}
		text = text[at+1:]
	}
	return false
}

// idByte is a byte that lengthens an id: 12 does not stand in 123, nor in chat_12.
func idByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '-'
}
