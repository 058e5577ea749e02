package words

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Lists are the named lists of words of one data file: what a person who reads no Go can extend. They do not change, so that
// many may use them at a time.
// file stands in errors; of holds the words of each list in the order of the file.
type Lists struct {
	file  string
	names []string
	of    map[string][]entry
}

// listReader reads a file into its Lists.
type listReader struct {
	*Lists
	lines map[string]int // of the words of the list that is read, where each stands
}

// entry is one word with the line on which it stands.
// The line is for the errors of Each.
type entry struct {
	word string
	line int
}

// ReadLists reads the text of a data file:
//
//	# a comment
//	[greetings]                a list, its words follow
//	hello | hi there | 你好     words, parted by |
//	"to mr " | "\u007c"        in quotes, as Go writes them, what a line would lose otherwise
//
// A word stands in a list once. An error begins with the name of the file and the line.
func ReadLists(file, text string) (*Lists, error) {
	l := listReader{Lists: &Lists{file: file, of: map[string][]entry{}}, lines: make(map[string]int, 512)}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if err := l.read(strings.TrimSpace(line), n); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, n, err)
		}
	}
	if err := l.filled(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", file, n, err)
	}
	return l.Lists, nil
}

// MustReadLists is ReadLists for a file that the program holds itself: that it can be read is proven by a test.
func MustReadLists(file, text string) *Lists {
	l, err := ReadLists(file, text)
	if err != nil {
		panic(err)
	}
	return l
}

// read takes one line, without the blanks around it.
func (l *listReader) read(line string, n int) error {
	switch {
	case line == "" || line[0] == '#':
		return nil
	case line[0] == '[':
		return l.begin(line)
	case len(l.names) == 0:
		return fmt.Errorf("a word before the first list: %q", line)
	}
	for part := range strings.SplitSeq(line, "|") {
		if err := l.add(strings.TrimSpace(part), n); err != nil {
			return err
		}
	}
	return nil
}

// begin begins the list that a line names.
func (l *listReader) begin(line string) error {
	name, closed := strings.CutSuffix(line[1:], "]")
	if !closed || name == "" || name != strings.TrimSpace(name) {
		return fmt.Errorf("no name of a list: %q", line)
	}
	if _, there := l.of[name]; there {
		return fmt.Errorf("the list [%s] is there already", name)
	}
	if err := l.filled(); err != nil {
		return err
	}
	l.names, l.of[name] = append(l.names, name), nil
	clear(l.lines)
	return nil
}

// filled refuses a list without words.
func (l *listReader) filled() error {
	if len(l.names) == 0 {
		return nil
	}
	if name := l.names[len(l.names)-1]; len(l.of[name]) == 0 {
		return fmt.Errorf("the list [%s] is empty", name)
	}
	return nil
}

// add appends a word to the last list.
func (l *listReader) add(word string, n int) error {
	if strings.HasPrefix(word, `"`) {
		plain, err := strconv.Unquote(word)
		if err != nil {
			return fmt.Errorf("reading %s: %w", word, err)
		}
		word = plain
	}
	if word == "" {
		return errors.New("an empty word")
	}
	name := l.names[len(l.names)-1]
	if first, there := l.lines[word]; there {
		return fmt.Errorf("%q stands in [%s] twice, first on line %d", word, name, first)
	}
	l.of[name], l.lines[word] = append(l.of[name], entry{word, n}), n
	return nil
}

// Names are the names of the lists, in the order of the file.
func (l *Lists) Names() []string { return l.names }

// Words are the words of a list, in the order of the file. It panics where the file has no such list.
func (l *Lists) Words(name string) []string {
	entries := l.entries(name)
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.word
	}
	return out
}

// Set is the set of a list's words.
// The map is new, and the caller's.
func (l *Lists) Set(name string) map[string]bool {
	entries := l.entries(name)
	out := make(map[string]bool, len(entries))
	for _, e := range entries {
		out[e.word] = true
	}
	return out
}

// List makes a List of a list's words.
func (l *Lists) List(name string) *List { return NewList(l.Words(name)...) }

// Each hands each word of a list to read, for lists whose words are rows of a table. Its error says on which line the row is.
func (l *Lists) Each(name string, read func(row string) error) error {
	for _, e := range l.entries(name) {
		if err := read(e.word); err != nil {
			return fmt.Errorf("%s:%d: reading %q: %w", l.file, e.line, e.word, err)
		}
	}
	return nil
}

// entries panics for a name that is not there: names stand in code, so a test meets it.
func (l *Lists) entries(name string) []entry {
	entries, there := l.of[name]
	if !there {
		panic(l.file + " has no list [" + name + "]")
	}
	return entries
}
