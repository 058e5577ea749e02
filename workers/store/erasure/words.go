package erasure

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
)

// Bounds of the words that are kept of a message for the search afterwards. Few and long ones tell more than many:
// each is looked for in every file, and a short one would be found everywhere.
const (
	wordsAtMost   = 60 // in all
	wordsOfOne    = 2  // of one message's text
	shortestWord  = 12 // bytes: shorter ones are everybody's
	phraseAtLeast = 24
	phraseAtMost  = 48
)

// remember takes phrases of a message that is about to be erased.
func (w *sweep) remember(m sweptMessage) {
	w.word("name", m.name)
	w.word("subject", m.subject)
	n := 0
	for line := range strings.Lines(m.visible) {
		if phrase := phraseOf(line); phrase != "" && n < wordsOfOne {
			w.word("text", phrase)
			n++
		}
	}
}

// phraseOf is the end of a line: beginnings are greetings, which everybody writes.
func phraseOf(line string) string {
	line = strings.TrimSpace(line)
	if len(line) > phraseAtMost {
		line = line[len(line)-phraseAtMost:]
		for line != "" && !utf8.RuneStart(line[0]) {
			line = line[1:]
		}
	}
	if len(line) < phraseAtLeast {
		return ""
	}
	return line
}

// word keeps a word that is long enough, while there is room.
func (w *sweep) word(kind, text string) {
	if text = strings.TrimSpace(text); len(text) >= shortestWord && len(w.words) < wordsAtMost {
		w.words = append(w.words, Word{kind, text})
	}
}

// seen strikes the words that others use as well off the list.
func (w *sweep) seen(texts ...string) {
	for word, only := range w.watch {
		if !only {
			continue
		}
		for _, t := range texts {
			if strings.Contains(t, word.Text) {
				w.watch[word] = false
			}
		}
	}
}

// headerOf is as much of a mail as is looked at for its header, in bytes.
const headerOf = 64 << 10

// header is the header of a mail, nil for what is no mail or has a header that is longer than headerOf.
func header(raw []byte) mail.Header {
	text := string(raw[:min(len(raw), headerOf)])
	if i := strings.Index(text, "\r\n\r\n"); i >= 0 {
		text = text[:i]
	}
	m, err := mail.ReadMessage(strings.NewReader(text + "\r\n\r\n"))
	if err != nil {
		return nil
	}
	return m.Header
}

func messageIDOf(raw []byte) string {
	return strings.Trim(strings.TrimSpace(header(raw).Get("Message-ID")), "<>")
}

// from reports whether an original that could not be decided is the person's own: by its envelope or
// its From.
func (w *sweep) from(raw []byte, facts map[string]string) bool {
	envelope := message.Address{Kind: message.Email, Value: facts[meta.MailFrom]}
	if w.n.own[envelope.Identity()] {
		return true
	}
	h := header(raw)
	if h == nil {
		return facts[meta.MailFrom] == "" // no mail: whoever a form or a text names wrote it
	}
	return w.n.in(h.Get("From"))
}
