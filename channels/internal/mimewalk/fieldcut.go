package mimewalk

import (
	"strings"
	"unicode/utf8"
)

// cutWindow is how far before a limit the place of a cut is looked for, in bytes.
const cutWindow = 8 << 10

// CutField returns the beginning of a field's raw value, at most limit bytes of it. It is cut where
// the value can best be cut: at a fold, between addresses, words or encoded-words, at worst between
// two characters.
// It serves address lists and References of megabytes: what reads them afterwards sees whole pieces, never half an address that
// would be somebody else's. A negative limit is 0.
func CutField(value string, limit int) string {
	if len(value) <= limit {
		return value
	}
	limit = max(limit, 0)
	from := limit - min(limit/2, cutWindow)
	return value[:from+cutPlace(value[from:limit])]
}

// cutPlace finds where in the last bytes before a limit to cut.
// The marks are in the order of how surely they stand between pieces.
func cutPlace(s string) int {
	for _, mark := range []struct {
		text string
		keep int // bytes of it that stay
	}{{"\n", 0}, {", ", 0}, {" ", 0}, {"\t", 0}, {"?==?", 2}, {",", 0}, {";", 0}} {
		if i := strings.LastIndex(s, mark.text); i >= 0 {
			return len(strings.TrimRight(s[:i+mark.keep], " \t\r\n"))
		}
	}
	for end := len(s); end > 0 && len(s)-end < utf8.UTFMax; end-- {
		if utf8.RuneStart(s[end-1]) {
			if utf8.FullRuneInString(s[end-1:]) {
				break
			}
			return end - 1
		}
	}
	return len(s)
}

// room is how many bytes of the header may still be kept.
func (h *headerScan) room() int { return h.limits.HeaderBytes - h.kept }

// settle ends the last field: what of it lies beyond the limits is cut off. A field that is too long
// leaves as much room as it takes, so that those behind it are still read.
// It is called when the next field begins, and at the end: only then is the length of the last one known, with its folds.
func (h *headerScan) settle() {
	if len(h.spans) == h.settled {
		return
	}
	h.settled = len(h.spans)
	last := &h.spans[h.settled-1]
	size, limit := last.end-last.name, h.room()
	switch {
	case h.over: // one of the extra fields
		limit = extraBytes
	case size > limit || size > h.limits.HeaderBytes/2:
		limit /= 2
	}
	if size > limit {
		h.cut = true
		limit = max(limit-(last.value-last.name), 0)
		last.end = last.value + len(CutField(string(h.raw[last.value:last.value+limit+1]), limit))
	}
	h.kept += last.end - last.name
}
