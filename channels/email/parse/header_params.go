package parse

import (
	"encoding/hex"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/channels/email/header"
	"frontdesk/channels/internal/mimewalk"
	"frontdesk/channels/internal/mimewalk/charset"
)

// maxFileName is how many characters of a file name are kept.
const maxFileName = 200

// partFileName finds the name of an attachment: filename of Content-Disposition, else name of
// Content-Type. The result holds no path, no control and no direction-changing characters.
// hint is the charset for names in raw 8-bit bytes. "" means that the part has no name.
func partFileName(p *mimewalk.Part, hint string) string {
	for _, source := range []struct {
		params []mimewalk.Param
		name   string
	}{{p.DispParams, "filename"}, {p.Params, "name"}, {p.DispParams, "name"}, {p.Params, "filename"}} {
		if name := safeFileName(paramText(source.params, source.name, hint)); name != "" {
			return name
		}
	}
	return ""
}

// paramText reads a parameter in whatever form it was given: RFC 2231 extended and continued first,
// then plain, with encoded-words decoded and raw 8-bit bytes read.
func paramText(params []mimewalk.Param, name, hint string) string {
	if v := extendedParam(params, name, hint); v != "" {
		return v
	}
	for _, p := range params {
		if p.Name == name {
			return header.Text(p.Value, hint)
		}
	}
	return ""
}

// paramSegment is one piece of a continued parameter (RFC 2231 §3).
type paramSegment struct {
	// extended says that value has percent escapes, and, in the first piece, a charset and a language before it.
	number   int
	extended bool
	value    string
}

// extendedParam joins and decodes the RFC 2231 forms name*, name*0, name*0*.
// Pieces may come in any order; gaps are joined over. A name without any such form gives "".
func extendedParam(params []mimewalk.Param, name, hint string) string {
	var segments []paramSegment
	for _, p := range params {
		suffix, ok := strings.CutPrefix(p.Name, name+"*")
		if !ok {
			continue
		}
		number, extended := strings.CutSuffix(suffix, "*")
		s := paramSegment{extended: extended || suffix == "", value: p.Value}
		if number != "" {
			n, err := strconv.Atoi(number)
			if err != nil || n < 0 {
				continue
			}
			s.number = n
		}
		segments = append(segments, s)
	}
	if len(segments) == 0 {
		return ""
	}
	sort.SliceStable(segments, func(i, j int) bool { return segments[i].number < segments[j].number })
	return joinSegments(segments, hint)
}

// joinSegments decodes the pieces; a repeated number is a repeated parameter and only its first
// value counts.
// Bytes are joined before they are decoded: a character may be cut between two pieces.
func joinSegments(segments []paramSegment, hint string) string {
	var raw []byte
	label := ""
	anyExtended := false
	for i, s := range segments {
		if i > 0 && s.number == segments[i-1].number {
			continue
		}
		v := s.value
		if s.extended {
			if i == 0 {
				if parts := strings.SplitN(v, "'", 3); len(parts) == 3 {
					label, v = parts[0], parts[2]
				}
			}
			anyExtended = true
			raw = appendPercent(raw, v)
		} else {
			raw = append(raw, v...)
		}
	}
	if !anyExtended {
		return header.Text(string(raw), hint)
	}
	if label == "" {
		label = hint
	}
	text, _ := charset.Decode(label, raw)
	return header.Words(header.Unfold(text))
}

// appendPercent decodes %XX.
func appendPercent(out []byte, v string) []byte {
	for i := 0; i < len(v); i++ {
		if v[i] == '%' && i+2 < len(v) {
			if c, err := hex.DecodeString(v[i+1 : i+3]); err == nil {
				out = append(out, c[0])
				i += 2
				continue
			}
		}
		out = append(out, v[i])
	}
	return out
}

// safeFileName keeps the last element of a path in either notation, without characters that lie
// about the name.
// The characters left out are controls and those that change the direction of writing: with them a name that
// ends in fdp.exe is shown as one that ends in exe.pdf.
func safeFileName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f', r == '\ufeff':
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(name)
	if strings.Trim(name, ".") == "" {
		return ""
	}
	return shortFileName(name)
}

// shortFileName cuts an overlong name before its extension.
func shortFileName(name string) string {
	runes := []rune(name)
	if len(runes) <= maxFileName {
		return name
	}
	ext := ""
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= 16 {
		ext = name[dot:]
	}
	return string(runes[:maxFileName-utf8.RuneCountInString(ext)]) + ext
}
