package wire

import (
	"bytes"
	"slices"
)

// knownItems takes items out of a line of a FETCH answer that the library does not know and
// would give up at (X-GM-… unasked, for one). RFC822 is what servers of old call BODY[] (RFC 9051
// appendix E). within says that the line goes on behind a literal. An unknown item whose value is a literal stays: the
// mail is then found to break the parser.
// It works in place: the line only becomes shorter.
func knownItems(line []byte, within bool) []byte {
	i := 0
	if !within {
		if i = bytes.IndexByte(line, '(') + 1; i == 0 {
			return line
		}
	}
	for i < len(line) {
		switch c := line[i]; {
		case c == ' ':
			i++
			continue
		case !AtomChar(c):
			return line // the list's end, or nothing that we understand
		}
		name := itemName(line[i:])
		value := i + len(name)
		end := value + valueEnd(line[value:])
		switch {
		case is(name, "RFC822"):
			copy(line[i:value], "BODY[]") // as long as the other
		case !knownItem(name) && end > value && !bytes.HasPrefix(bytes.TrimLeft(line[value:], " "), []byte("{")):
			line = append(line[:i], line[end:]...)
			continue
		}
		i = max(end, i+1)
	}
	return line
}

// itemName cuts off an item's name; that of a body section goes on to its bracket and offset.
func itemName(s []byte) []byte {
	i := 0
	for i < len(s) && AtomChar(s[i]) && s[i] != '[' {
		i++
	}
	if i < len(s) && s[i] == '[' {
		end := bytes.IndexByte(s[i:], ']')
		if end < 0 {
			return s
		}
		for i += end + 1; i < len(s) && s[i] != ' ' && s[i] != ')'; {
			i++
		}
	}
	return s[:i]
}

// knownItem lists the items that the library reads; it must grow with the library.
func knownItem(name []byte) bool {
	name, _, _ = bytes.Cut(name, []byte("["))
	return slices.ContainsFunc([]string{"UID", "FLAGS", "BODY", "RFC822.SIZE", "INTERNALDATE", "MODSEQ", "ENVELOPE", "BODYSTRUCTURE", "BINARY", "BINARY.SIZE"}, func(known string) bool {
		return is(name, known)
	})
}

// valueEnd is the length of the spaces and the value that s begins with: a list, a quoted string, or
// whatever runs to the next space or parenthesis.
func valueEnd(s []byte) int {
	depth, quoted, begun := 0, false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
			begun = true
		case quoted:
		case c == '(':
			depth++
			begun = true
		case c == ')' && depth == 0, c == '\r', c == '\n':
			return i
		case c == ')':
			depth--
		case c == ' ' && depth == 0 && begun:
			return i
		case c != ' ':
			begun = true
		}
		if begun && depth == 0 && !quoted && (s[i] == ')' || s[i] == '"') {
			return i + 1
		}
	}
	return len(s)
}
