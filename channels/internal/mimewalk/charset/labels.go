package charset

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode/utf32"

	"golang.org/x/text/encoding/unicode"
)

// family groups charsets by how far a label may be trusted.
type family uint8

const (
	unknownLabel family = iota // nobody knows the label: guess
	asciiLabel                 // says only that the sender did not think about it: guess
	// utf8Label is trusted when the bytes agree. utf16Label stands for UTF-16 and UTF-32.
	utf8Label
	utf16Label
	stateful   // 7 bit with escapes: bytes above 0x7f cannot belong to it
	multibyte  // double-byte charsets of East Asia
	singleByte // everything else
)

// lookup finds what a label stands for.
// Own lists come first, because the indexes know gb2312 and the like in too narrow a sense, or under other names. A label that is
// seen in mail and not known is added to the list of its family; encoding is nil for UTF-8, ASCII and unknown.
func lookup(label string) (encoding.Encoding, family) {
	l := normalizeLabel(label)
	if e, f, ok := chinese(l); ok {
		return e, f
	}
	if e, f, ok := unicodes(l); ok {
		return e, f
	}
	if e, f, ok := eastern(l); ok {
		return e, f
	}
	if e := indexed(l); e != nil {
		return e, singleByte
	}
	return nil, unknownLabel
}

// normalizeLabel lower-cases a label and removes quotes, white space and an RFC 2231 language.
// What is left of nonsense is an empty label, which counts as ASCII.
func normalizeLabel(label string) string {
	l := strings.ToLower(strings.TrimFunc(label, func(r rune) bool {
		return r <= ' ' || strings.ContainsRune(`"'<>;,=`, r)
	}))
	l, _, _ = strings.Cut(l, "*")
	if i := strings.IndexByte(l, '$'); i > 0 { // "iso-2022-jp$ESC"
		l = l[:i]
	}
	return strings.TrimPrefix(strings.Trim(l, "_-"), "charset=")
}

// chinese knows the labels of mainland, Hong Kong and Taiwan mail. Everything of the GB family is
// read as GB18030, its superset: senders write gb2312 and mean GBK or more.
// Big5 is read with the additions of Hong Kong, as WHATWG's index has them.
func chinese(l string) (encoding.Encoding, family, bool) {
	switch l {
	case "gb2312", "gbk", "gb18030", "x-gbk", "cp936", "936", "ms936", "windows-936", "gb", "gb_2312", "gb_2312-80", "gb2312-80",
		"gb2312_charset", "gb18030-2000", "gb18030-2005", "gb18030-2022", "chinese", "csgb2312", "csgbk", "euc-cn", "euccn", "x-euc-cn",
		"iso-ir-58", "csiso58gb231280", "cn-gb", "hz-gb", "zh-cn", "x-cp20936", "gbk2312", "gb-2312", "gb-18030", "gb_18030":
		return simplifiedchinese.GB18030, multibyte, true
	case "hz-gb-2312", "hz":
		return simplifiedchinese.HZGB2312, stateful, true
	case "big5", "big-5", "big5-hkscs", "big5hkscs", "big5-eten", "big5_hkscs", "cn-big5", "csbig5", "x-x-big5", "x-big5", "cp950", "ms950",
		"windows-950", "950", "zh-tw", "chinesebig5", "zh_tw-big5":
		return traditionalchinese.Big5, multibyte, true
	case "iso-2022-cn", "iso-2022-cn-ext":
		return shiftedEncoding{simplifiedchinese.GBK}, stateful, true
	}
	return nil, 0, false
}

// unicodes knows the forms of Unicode and ASCII.
func unicodes(l string) (encoding.Encoding, family, bool) {
	switch l {
	case "utf-8", "utf8", "utf_8", "unicode-1-1-utf-8", "x-utf-8", "utf-8-sig", "utf8mb4", "cp65001", "65001", "utf-8n", "x-unicode20utf8", "utf":
		return nil, utf8Label, true
	case "utf-7", "utf7", "unicode-1-1-utf-7", "unicode-2-0-utf-7", "x-unicode-2-0-utf-7", "csunicode11utf7", "cp65000":
		return utf7Encoding{}, stateful, true
	case "utf-16", "utf16", "ucs-2", "ucs2", "iso-10646-ucs-2", "csunicode", "unicode", "utf-16be", "utf16be", "utf-16le", "utf16le", "unicodefeff", "unicodefffe", "x-utf-16le-bom":
		return utf16Encoding{big: strings.HasSuffix(l, "be"), little: strings.HasSuffix(l, "le")}, utf16Label, true
	case "utf-32", "utf32", "ucs-4", "utf-32be":
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM), utf16Label, true
	case "utf-32le":
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), utf16Label, true
	case "", "us-ascii", "ascii", "usascii", "ansi_x3.4-1968", "ansi_x3.4-1986", "iso-ir-6", "iso646-us", "iso_646.irv:1991", "us", "cp367", "ibm367", "csascii", "646",
		"default", "x-unknown", "unknown-8bit", "unknown", "x-user-defined", "binary", "8bit", "7bit", "none", "default_charset", "ansi", "not-specified", "text/plain":
		return nil, asciiLabel, true
	}
	return nil, 0, false
}

// eastern knows the labels of Japanese and Korean mail.
// EUC-KR stands for Microsoft's larger form of it, too (UHC).
func eastern(l string) (encoding.Encoding, family, bool) {
	if strings.HasPrefix(l, "iso-2022-jp") || strings.HasPrefix(l, "iso2022jp") || strings.HasPrefix(l, "iso2022-jp") {
		return japanese.ISO2022JP, stateful, true
	}
	switch l {
	case "csiso2022jp", "cp50220", "cp50221", "cp50222", "x-iso-2022-jp", "jis", "jis7":
		return japanese.ISO2022JP, stateful, true
	case "shift_jis", "shift-jis", "shiftjis", "sjis", "x-sjis", "csshiftjis", "ms_kanji", "cp932", "ms932", "932", "windows-31j", "cswindows31j", "windows-932", "x-ms-cp932", "shift_jisx0213", "shift_jis-2004", "sjis-win":
		return japanese.ShiftJIS, multibyte, true
	case "euc-jp", "eucjp", "x-euc-jp", "x-euc", "cseucpkdfmtjapanese", "euc_jp", "euc", "ujis", "eucjp-win", "eucjp-ms", "cp51932":
		return japanese.EUCJP, multibyte, true
	case "euc-kr", "euckr", "euc_kr", "cseuckr", "ks_c_5601", "ks_c_5601-1987", "ks_c_5601-1989", "ksc5601", "ksc_5601", "ks_c_5601_1987", "ks-c-5601-1987", "cp949", "ms949", "949",
		"uhc", "windows-949", "korean", "iso-ir-149", "csksc56011987", "x-windows-949", "ksc5601-1987", "cp51949":
		return korean.EUCKR, multibyte, true
	case "iso-2022-kr", "iso2022-kr", "iso2022kr", "csiso2022kr":
		return shiftedEncoding{korean.EUCKR}, stateful, true
	}
	return nil, 0, false
}

// indexed looks a label up in the indexes of WHATWG and IANA.
// The spellings tried are those that programs write: underscores, cp for windows or ibm, iso8859 without its hyphen.
func indexed(l string) encoding.Encoding {
	if e, err := htmlindex.Get(l); err == nil && e != encoding.Replacement && e != unicode.UTF8 {
		return e
	}
	switch l {
	case "cp850", "850", "ibm-850", "dos-850":
		return charmap.CodePage850
	case "mac-roman", "macroman", "x-mac-roman", "apple-roman":
		return charmap.Macintosh
	}
	for _, try := range []string{l, strings.ReplaceAll(l, "_", "-"), strings.Replace(l, "cp", "windows-", 1), strings.Replace(l, "cp", "ibm", 1),
		strings.Replace(l, "iso8859", "iso-8859", 1), strings.Replace(l, "win-", "windows-", 1), "windows-" + l} {
		if e, err := htmlindex.Get(try); err == nil && e != encoding.Replacement && e != unicode.UTF8 {
			return e
		}
		if e, err := ianaindex.MIME.Encoding(try); err == nil && e != nil {
			return e
		}
	}
	return nil
}
