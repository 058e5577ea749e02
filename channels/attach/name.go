package attach

import (
	"mime"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameMax is in bytes. File systems take 255; the rest is for what a reader's program puts before or behind a name.
const nameMax = 200

// unnamed is what a file without a usable name is called.
const unnamed = "file"

// FileName is the name under which a file goes out: one line of valid UTF-8 of at most 200 bytes, without what no file system takes
// (separators, quotes, wildcards), and without characters that change the direction of writing, by which a program would look like a
// picture. The extension outlives a cut. It is never empty. It costs time in proportion to the name.
func FileName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError || hidden(r):
			return -1
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case strings.ContainsRune(`/\<>:"|?*`, r):
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.Trim(strings.Join(strings.Fields(name), " "), " ")
	name = strings.TrimRight(shortened(name), " .") // Windows drops them, and what is left may be another file
	if strings.Trim(name, ". ") == "" {
		return unnamed
	}
	return name
}

// hidden are signs of direction, and marks that nobody sees.
func hidden(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\u061c' || r == '\ufeff'
}

// shortened cuts a name before its extension, between characters.
func shortened(name string) string {
	if len(name) <= nameMax {
		return name
	}
	ext := ""
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= 16 {
		ext = name[dot:]
	}
	end := nameMax - len(ext)
	for end > 0 && !utf8.RuneStart(name[end]) {
		end--
	}
	return strings.TrimRight(name[:end], " .") + ext
}

// octets is the type of a file of which nothing else is known (RFC 2046 §4.5.1).
const octets = "application/octet-stream"

var (
	// typeForm is type/subtype as IANA registers them (RFC 6838 §4.2).
	typeForm = regexp.MustCompile(`^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$`)
	// charsetForm is a name of a charset (RFC 2978 §2.3).
	charsetForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+:-]{0,39}$`)
)

// MediaType is the type under which a file goes out: type/subtype in lower case, and the charset of a text where one is told. What is
// no media type is application/octet-stream. So are mails and other composites: they may not be encoded (RFC 2046 §5.2.1), and their
// bytes are to arrive as they are.
func MediaType(s string) string {
	kind, params, err := mime.ParseMediaType(s)
	if err != nil || !typeForm.MatchString(kind) || strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") {
		return octets
	}
	if charset := params["charset"]; strings.HasPrefix(kind, "text/") && charsetForm.MatchString(charset) {
		return kind + "; charset=" + strings.ToLower(charset)
	}
	return kind
}

// contentID is what may stand behind cid: without escapes (RFC 2392 §2).
var contentID = regexp.MustCompile(`^[A-Za-z0-9._+=~-]{1,100}@[A-Za-z0-9.-]{1,100}$`)

// IsContentID reports whether a File.ContentID may be used: it is local@domain of plain letters, digits and . _ + = ~ -.
func IsContentID(id string) bool { return contentID.MatchString(id) }
