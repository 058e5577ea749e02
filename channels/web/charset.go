package web

import (
	"bytes"
	"errors"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// errCharset says that a text is not in the charset that it should be in. What it says can't be known, so nothing of
// it is taken.
var errCharset = errors.New("the text is not in UTF-8, nor in a charset that its content type names")

// charset reads text in one charset. The zero value is UTF-8.
type charset struct {
	other   encoding.Encoding // nil for UTF-8
	pairs   bool              // writes a letter as several bytes (GB18030, Big5, Shift_JIS, UTF-16 …)
	unknown bool              // named, and nobody here reads it
}

// charsetNamed finds a charset by one of the names that browsers know (WHATWG Encoding §4.2); "" is UTF-8.
func charsetNamed(name string) charset {
	name = strings.TrimSpace(name)
	if name == "" {
		return charset{}
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return charset{unknown: true}
	}
	switch canonical, _ := htmlindex.Name(e); canonical {
	case "utf-8":
		return charset{}
	case "", "replacement":
		return charset{unknown: true}
	case "gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr", "utf-16be", "utf-16le":
		return charset{other: e, pairs: true}
	}
	return charset{other: e}
}

// charsetOf finds the charset that a media type names.
func charsetOf(contentType string) charset {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return charset{}
	}
	return charsetNamed(params["charset"])
}

// read returns the text, and whether each byte of it was read. Without a byte order mark.
// On false the text is the raw bytes: they may be shown to nobody as a text, yet a recorded body is read on with them.
func (c charset) read(raw []byte) (string, bool) {
	if c.other == nil || c.butUTF8(raw) {
		return string(bytes.TrimPrefix(raw, []byte("\ufeff"))), utf8.Valid(raw)
	}
	text, err := c.other.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return string(raw), false
	}
	return string(bytes.TrimPrefix(text, []byte("\ufeff"))), true
}

// butUTF8 reports whether a text is UTF-8 although another charset is named: many programs name one out of habit (Java's
// ISO-8859-1). What is no UTF-8 is not taken for it, and hardly a text of one byte a letter is UTF-8 by chance. A
// pair of GBK is a letter of UTF-8 more often, and then one below U+0800, which Chinese has none of.
func (c charset) butUTF8(raw []byte) bool {
	if !utf8.Valid(raw) {
		return false
	}
	if !c.pairs {
		return true
	}
	return bytes.ContainsFunc(raw, func(r rune) bool { return r >= 0x800 }) && bytes.IndexByte(raw, 0) < 0
}
