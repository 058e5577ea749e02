// Package alerts writes what the people of the desk are told outside of it, in English and Chinese: which tickets, in which queues, and what has happened
// there. What customers have written stands in it only where the house says so, and no address does.
package alerts

import (
	"embed"
	"fmt"
	"strings"
	"unicode"

	"frontdesk/templates/words"
)

//go:embed words.txt
var files embed.FS

// Line is a ticket with what has happened there.
type Line struct {
	Kind    string // as in package pipeline/domain/alerts
	Ticket  string // such as T-25
	Queue   string // its key
	Subject string // "" where it is not to be shown
	N       int64
	URL     string // "" where none is known
}

// Letter is all that somebody is told at a time.
type Letter struct {
	Desk  string // its name
	URL   string // of the page on which he chooses what he is told; "" where none is known
	Test  bool
	Lines []Line
	More  int64 // that found no room
}

// Writer writes letters. It is safe for concurrent use.
type Writer struct {
	words map[string]map[string]string
}

// New reads the words. queues are their names, by language and key ("queue.billing"). It fails only for what is part of the program.
func New(queues map[string]map[string]string) (*Writer, error) {
	own, err := words.Read(files, queues)
	if err != nil {
		return nil, fmt.Errorf("reading the words of notifications: %w", err)
	}
	return &Writer{words: own}, nil
}

// Write is the letter in a language, words.English or words.Chinese: a subject of one line, and a text.
func (w *Writer) Write(language string, l Letter) (subject, text string) {
	say := w.words[language]
	if say == nil {
		say = w.words[words.English]
	}
	var out strings.Builder
	switch {
	case l.Test:
		subject = fmt.Sprintf(say["subject.test"], line(l.Desk))
		out.WriteString(say["test"] + "\n")
	case len(l.Lines) == 1 && l.More == 0:
		subject = fmt.Sprintf(say["subject.one"], line(l.Desk), say["kind."+l.Lines[0].Kind], l.Lines[0].Ticket)
	default:
		subject = fmt.Sprintf(say["subject.many"], line(l.Desk), int64(len(l.Lines))+l.More)
	}
	for _, one := range l.Lines {
		out.WriteString(w.line(say, one))
	}
	if l.More > 0 {
		out.WriteString(fmt.Sprintf(say["more"], l.More) + "\n")
	}
	if l.URL != "" {
		out.WriteString("\n" + fmt.Sprintf(say["choose"], l.URL) + "\n")
	}
	return subject, out.String()
}

// line is a ticket with what has happened there, and where it is.
func (w *Writer) line(say map[string]string, one Line) string {
	queue := one.Queue
	if name := say["queue."+queue]; name != "" {
		queue = name
	}
	what := say["kind."+one.Kind]
	if one.N > 1 {
		what = fmt.Sprintf(say["times"], what, one.N)
	}
	out := fmt.Sprintf(say["line"], one.Ticket, line(queue), what)
	if one.Subject != "" {
		out += " " + fmt.Sprintf(say["subject"], line(one.Subject))
	}
	if one.URL != "" {
		out += "\n  " + one.URL
	}
	return out + "\n"
}

// line is a text on one line, without what would end it or draw it another way round.
func line(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control)
	}), " ")
}

// Chat is a text as chats like Slack take it: what is markup of theirs stands for itself. What others have written is made harmless before: see Harmless.
func Chat(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// apart is put where chats would take two characters for more than they are. It has no width.
const apart = '\u200b'

// Harmless is a foreign text in which no chat finds anybody who is called, anything that leads away, or a picture that it would fetch: it looks the same, and what
// makes a mention, an address, a channel or a sign of a text is taken apart. Chats differ: what one of them knows is taken apart for all.
func Harmless(text string) string {
	var out strings.Builder
	var last rune
	for _, r := range text {
		if joins(last, r) {
			out.WriteRune(apart)
		}
		out.WriteRune(r)
		last = r
	}
	return out.String()
}

// joins reports whether some chat takes a character and the one behind it for more than two.
func joins(first, second rune) bool {
	if unicode.IsSpace(second) || second == apart {
		return false
	}
	switch first {
	case '@', '\uff20', '\ufe6b', '#', '~', ':', '.', '\uff0e', '<', '`', '$':
		return true // somebody, a tag, a channel, the scheme of an address and its host, a picture for a word
	case ']':
		return second == '(' || second == '[' // where words lead to
	case '\u3002', '\uff61':
		return second < unicode.MaxASCII // a host's name in Chinese, and no end of a sentence
	}
	return false
}
