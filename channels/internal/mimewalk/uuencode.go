package mimewalk

import "bytes"

// FindUU finds the first uuencoded file in a text: its name, its content, and where in the text it
// starts and stops. A "begin" that is not followed by a first valid line is only a word.
// The form is that of POSIX uuencode; mail programs of old put files into the text so, without any header. A caller that wants
// all files calls it again behind stop.
func FindUU(text []byte) (name string, content []byte, start, stop int, ok bool) {
	for pos := 0; pos < len(text); {
		i := bytes.Index(text[pos:], []byte("begin "))
		if i < 0 {
			return "", nil, 0, 0, false
		}
		pos += i
		if pos == 0 || text[pos-1] == '\n' {
			if name, content, stop, ok = uuFile(text, pos); ok {
				return name, content, pos, stop, true
			}
		}
		pos += len("begin ")
	}
	return "", nil, 0, 0, false
}

// uuFile reads the file whose "begin" line is at pos.
// A file whose "end" is missing is kept up to the first line that is none of its own.
func uuFile(text []byte, pos int) (name string, content []byte, stop int, ok bool) {
	next, end := lineEnd(text, pos)
	words := bytes.SplitN(text[pos:end], []byte(" "), 3)
	if len(words) < 3 || !isMode(words[1]) {
		return "", nil, 0, false
	}
	name = string(bytes.TrimSpace(words[2]))
	for lines := 0; next < len(text); lines++ {
		at := next
		next, end = lineEnd(text, at)
		line := text[at:end]
		if bytes.Equal(bytes.TrimSpace(line), []byte("end")) {
			return name, content, next, lines > 0
		}
		var good bool
		if content, good = uuLine(content, line); !good {
			return name, content, at, len(content) > 0
		}
	}
	return name, content, len(text), len(content) > 0
}

// isMode reports whether w is the octal file mode of a "begin" line.
func isMode(w []byte) bool {
	if len(w) < 3 || len(w) > 4 {
		return false
	}
	for _, c := range w {
		if c < '0' || c > '7' {
			return false
		}
	}
	return true
}

// uuLine decodes one line: a length, then groups of four characters for three bytes. Trailing
// spaces that a relay has cut are taken as zeros.
func uuLine(out, line []byte) ([]byte, bool) {
	if len(line) == 0 {
		return out, true
	}
	for _, c := range line {
		if c < ' ' || c > '`' {
			return out, false
		}
	}
	n := int(line[0]-' ') & 0x3f
	line = line[1:]
	if want := (n + 2) / 3 * 4; len(line) > want+1 || len(line) < (n*8+5)/6-8 {
		return out, false
	}
	at := func(i int) byte {
		if i >= len(line) {
			return 0
		}
		return (line[i] - ' ') & 0x3f
	}
	for i := 0; n > 0; i, n = i+4, n-3 {
		a, b, c, d := at(i), at(i+1), at(i+2), at(i+3)
		group := [3]byte{a<<2 | b>>4, b<<4 | c>>2, c<<6 | d}
		out = append(out, group[:min(n, 3)]...)
	}
	return out, true
}
