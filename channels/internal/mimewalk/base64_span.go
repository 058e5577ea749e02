package mimewalk

import "bytes"

// DecodeText is Decode for a part that a person reads: what stands before and behind base64 without
// belonging to it comes back too, as it stands. Gateways and list servers write their lines there in plain
// text, under the header that says base64; the encoded text ends at its padding (RFC 4648 §3.2), or before
// the first line that cannot be base64.
// before and after are nil for any other encoding and for base64 that stands alone; they are in the part's charset, as out is.
func DecodeText(e Encoding, body []byte) (out, before, after []byte, clean bool) {
	if e != Base64 {
		out, clean = Decode(e, body)
		return out, nil, nil, clean
	}
	out, odd, clean := decodeBase64(body)
	if !odd && !ragged(body) {
		return out, nil, nil, clean
	}
	s := spanBase64(body)
	if s.first < 0 || s.whole(body) || !odd && !wordy(body[s.last:]) {
		return out, nil, nil, clean
	}
	out, _, _ = decodeBase64(s.coded)
	return out, bytes.TrimSpace(body[:s.first]), bytes.TrimSpace(body[s.last:]), false
}

// ragged reports whether a line follows one that is not as long as the first: encoders fill all lines but the last. The
// letters of a footer belong to the alphabet, too, and so do its rulers in the form for addresses (RFC 4648 §5).
// It is the cheap question before spanBase64: a body that passes needs no second reading.
func ragged(body []byte) bool {
	width, ended := 0, false
	for pos := 0; pos < len(body); {
		next, stop := lineEnd(body, pos)
		n := len(bytes.TrimSpace(body[pos:stop]))
		pos = next
		switch {
		case n == 0:
		case ended:
			return true
		case width == 0:
			width = n
			ended = n < leastWidth
		case n != width:
			ended = true
		}
	}
	return false
}

// wordy reports whether a line is a ruler or a word: no encoder's line, which is of mixed letters.
func wordy(text []byte) bool {
	for pos := 0; pos < len(text); {
		next, stop := lineEnd(text, pos)
		if l := measureBase64(text[pos:stop]); l.length > 0 && !l.varied {
			return true
		}
		pos = next
	}
	return false
}

// base64Span is where in a body the base64 stands.
type base64Span struct {
	first, last int    // offsets of its first byte and of the byte after its last; first is -1 where there is none
	coded       []byte // its lines, without those between them that are no base64

	ended bool // the padding was seen, or a line at the end of a group that is shorter than the others
	// The rest is the state between two lines.
	width int  // of the longest line, in characters
	blank bool // the line before is empty
	group int  // how many characters of an unfinished group of four there are
}

// whole reports whether nothing stands before, behind or between.
func (s *base64Span) whole(body []byte) bool {
	return len(bytes.TrimSpace(body[:s.first])) == 0 && len(bytes.TrimSpace(body[s.last:])) == 0 && len(s.coded) >= s.last-s.first
}

// spanBase64 judges line by line, each once; what it costs is linear in the body. Whether a line is base64 depends on the lines before
// it, since a footer's words consist of the same letters.
func spanBase64(body []byte) *base64Span {
	s := &base64Span{first: -1}
	rest := false // of a line that was cut behind its padding
	for pos := 0; pos < len(body); {
		next, stop := lineEnd(body, pos)
		line := body[pos:stop]
		if k := paddingEnd(line, rest); k > 0 {
			line, next, rest = line[:k], pos+k, true
		} else {
			rest = false
		}
		s.line(pos, next, line, body[pos:next])
		pos = next
	}
	return s
}

// line takes one line in; whole is the same with its line end.
func (s *base64Span) line(pos, next int, line, whole []byte) {
	l := measureBase64(line)
	if l.length == 0 {
		s.blank = s.first >= 0
		return
	}
	if s.belongs(l) {
		if s.first < 0 {
			s.first = pos
		}
		s.last, s.coded = next, append(s.coded, whole...)
		s.group = (s.group + l.symbols) % 4
		if l.padded {
			s.group = 0
		}
		last := s.group == 0 && l.length < max(s.width, leastWidth) // encoders fill all lines but the last (RFC 2045 §6.8)
		s.ended = s.ended && !l.long() || l.padded || last
		s.width = max(s.width, l.length)
	} else if s.first >= 0 {
		s.ended = true
	}
	s.blank = false
}

// belongs reports whether a line is base64, from what it consists of and from what came before: behind
// padding, or behind an empty line at the end of a group, a mere word of Latin letters is not.
func (s *base64Span) belongs(l base64Line) bool {
	switch {
	case !l.mixed, s.first >= 0 && s.group == 0 && l.foreign > 0 && !l.long():
		return false
	case s.first < 0, s.ended, s.blank && s.group == 0:
		return l.foreign*16 <= l.length && l.long() && !l.written || l.foreign == 0 && l.varied && (l.length >= shortBase64 || l.padded || s.first < 0)
	}
	return l.foreign*8 <= l.length
}

// shortBase64 is how long a word of letters and digits must be, in characters, to pass for base64 where none is expected.
// Words of people are shorter, or have no digits in them.
const shortBase64 = 16

// leastWidth is the least, in characters, that encoders are seen to fill.
// RFC 2045 §6.8 allows 76; a full line of fewer characters than this is taken for the last one.
const leastWidth = 56

// base64Line is what one line consists of.
type base64Line struct {
	// length is without white space around; symbols are characters of the alphabet; foreign are those that base64 does not consist of.
	length, symbols, foreign int
	mixed                    bool // it has letters or digits: a ruler has none
	varied                   bool // letters change their case, or digits or signs stand among them, as in no word
	padded                   bool // it ends in "="
	written                  bool // it has what stands between words, or in addresses: damage looks otherwise
}

// long lines are what encoders write; no text is that long without a space.
func (l base64Line) long() bool { return l.length >= 40 && l.varied }

// measureBase64 counts what a line consists of, once over it. lower says that the letter before was a small one: a capital behind it is
// what words do not have and base64 nearly always has.
func measureBase64(line []byte) (l base64Line) {
	line = bytes.TrimSpace(line)
	l.length = len(line)
	l.padded = l.length > 0 && line[l.length-1] == '='
	var lower, digits, letters, signs, turns bool
	for _, c := range line {
		switch v := b64Value[c]; {
		case v >= 64 && v != b64Pad:
			l.foreign++
			l.written = l.written || c == ' ' || c == ':' || c == '.' || c == '@'
			lower = false
			continue
		case v == b64Pad:
			continue
		}
		l.symbols++
		switch {
		case 'a' <= c && c <= 'z':
			letters, lower = true, true
		case 'A' <= c && c <= 'Z':
			letters, turns, lower = true, turns || lower, false
		case '0' <= c && c <= '9':
			digits, lower = true, false
		default:
			signs, lower = true, false
		}
	}
	l.mixed = letters || digits
	l.varied = turns || letters && (digits || signs) || l.mixed && l.padded
	return l
}

// paddingEnd finds padding with other text behind it on the same line; 0 where there is none, or where the
// line was cut already.
func paddingEnd(line []byte, cut bool) int {
	i := bytes.IndexByte(line, '=')
	if i <= 0 || cut {
		return 0
	}
	k := i
	for k < len(line) && line[k] == '=' {
		k++
	}
	rest := measureBase64(line[k:])
	if rest.length == 0 || rest.foreign == 0 && rest.mixed && rest.varied {
		return 0
	}
	if head := measureBase64(line[:k]); head.foreign*8 > head.length {
		return 0 // "a = b" is words
	}
	return k
}
