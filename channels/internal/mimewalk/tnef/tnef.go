// Package tnef reads the winmail.dat files of Outlook (MS-OXTNEF): the attachments and the text that
// are hidden in them. It is bounded by the size of its input and never fails: what it cannot read
// is left out, and Clean says so.
package tnef

import (
	"encoding/binary"
	"strings"

	"frontdesk/channels/internal/mimewalk/charset"
)

// File is one attachment.
type File struct {
	// Name may be empty or a path; MediaType is in lower case, empty where none is given. ContentID is without brackets.
	Name      string
	MediaType string
	ContentID string
	Content   []byte // slice of the input
	Embedded  bool   // an object: a message in the same form, or a document of another program
	Whole     bool   // its content was given, even where it is empty
}

// Content is what a TNEF stream holds.
type Content struct {
	// Files are in the order of the stream. Text and HTML are UTF-8; each is empty where the stream has none.
	Files []File
	Text  string
	HTML  string
	RTF   []byte // decompressed body of a message that has nothing else
	Clean bool   // the stream was read to its end without a fault
}

// Attribute identifiers of MS-OXTNEF §2.1.3.2.
const (
	signature = 0x223e9f78

	attBody        = 0x0002800c
	attOEMCodepage = 0x00069007
	attMessage     = 0x00069003
	attRenderData  = 0x00069002
	attTitle       = 0x00018010
	attData        = 0x0006800f
	attAttachment  = 0x00069005
)

// maxFiles bounds the attachments of one stream.
// It is far above what people attach; an attribute that begins a file takes eleven bytes, so a mail of 25 MB could name two million.
const maxFiles = 500

// Parse reads a stream. ok is false when it is no TNEF at all.
// Nothing is decompressed but RTF, and Content of files are slices of b, so b must stay as it is while they are used.
func Parse(b []byte) (c Content, ok bool) {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != signature {
		return Content{}, false
	}
	s := stream{rest: b[6:], codepage: "windows-1252"}
	s.content.Clean = s.read()
	return s.content, true
}

// stream is the reading of one file: attributes one after the other, those of a file behind the one that begins it (attRenderData).
type stream struct {
	// codepage is that of 8-bit strings; current is the file whose attributes come, nil before the first.
	rest     []byte
	codepage string
	content  Content
	current  *File
}

// read walks the attributes; it reports whether the stream was whole.
func (s *stream) read() bool {
	for len(s.rest) >= 9 {
		level, id := s.rest[0], binary.LittleEndian.Uint32(s.rest[1:])
		size := uint64(binary.LittleEndian.Uint32(s.rest[5:]))
		if level != 1 && level != 2 || uint64(len(s.rest)) < 9+size+2 {
			return false
		}
		data := s.rest[9 : 9+size]
		s.rest = s.rest[9+size+2:] // a checksum of two bytes follows
		if !s.attribute(id, data) {
			return false
		}
	}
	return len(s.rest) == 0
}

// attribute takes one attribute in; false ends the reading: the stream is broken or has too many files. Unknown ones are skipped.
func (s *stream) attribute(id uint32, data []byte) bool {
	switch id {
	case attOEMCodepage:
		if len(data) >= 4 {
			s.codepage = codepageLabel(binary.LittleEndian.Uint32(data))
		}
	case attBody:
		if s.content.Text == "" {
			s.content.Text = s.string8(data)
		}
	case attMessage:
		return properties(data, s.messageProperty)
	case attRenderData:
		if len(s.content.Files) == maxFiles {
			return false
		}
		s.content.Files = append(s.content.Files, File{})
		s.current = &s.content.Files[len(s.content.Files)-1]
	case attTitle, attData, attAttachment:
		return s.current != nil && s.fileAttribute(id, data)
	}
	return true
}

// fileAttribute takes in an attribute of current. A title in attTitle is in the stream's code page; propLongName wins over it later.
func (s *stream) fileAttribute(id uint32, data []byte) bool {
	switch id {
	case attTitle:
		if s.current.Name == "" {
			s.current.Name = s.string8(data)
		}
	case attData:
		s.current.Content, s.current.Whole = data, true
	case attAttachment:
		return properties(data, s.fileProperty)
	}
	return true
}

// MAPI property identifiers (MS-OXPROPS).
const (
	propBody       = 0x1000
	propRTF        = 0x1009
	propHTML       = 0x1013
	propAttachData = 0x3701
	propAttachName = 0x3704
	propLongName   = 0x3707
	propMIMETag    = 0x370e
	propContentID  = 0x3712
)

// interfaceID is how many bytes before an object say what it is (MS-OXTNEF §2.1.3.4).
const interfaceID = 16

// messageProperty keeps the three forms of the body. HTML comes as a string or as bytes.
func (s *stream) messageProperty(id, kind uint16, value []byte) {
	switch id {
	case propBody:
		s.content.Text = s.text(kind, value)
	case propHTML:
		s.content.HTML = s.text(kind, value)
	case propRTF:
		if rtf, ok := inflateRTF(value); ok {
			s.content.RTF = rtf
		}
	}
}

// fileProperty keeps name, type and content of current. Content given as an attribute (attData) wins over the property's.
func (s *stream) fileProperty(id, kind uint16, value []byte) {
	f := s.current
	switch id {
	case propLongName:
		f.Name = s.text(kind, value)
	case propAttachName:
		if f.Name == "" {
			f.Name = s.text(kind, value)
		}
	case propMIMETag:
		f.MediaType = strings.ToLower(s.text(kind, value))
	case propContentID:
		f.ContentID = strings.Trim(s.text(kind, value), "<>")
	case propAttachData:
		if len(f.Content) != 0 {
			break
		}
		switch {
		case kind == kindBinary:
			f.Content, f.Whole = value, true
		case kind == kindObject && len(value) > interfaceID:
			f.Content, f.Embedded, f.Whole = value[interfaceID:], true, true
		}
	}
}

// text reads a string of either width; a binary body is HTML of unknown charset.
func (s *stream) text(kind uint16, value []byte) string {
	if kind == kindUnicode {
		t, _ := charset.Decode("utf-16le", value)
		return strings.TrimRight(t, "\x00")
	}
	return s.string8(value)
}

// string8 reads a string of one or two bytes a character, without its closing zeros.
// What the code page does not know becomes U+FFFD.
func (s *stream) string8(b []byte) string {
	t, _ := charset.Decode(s.codepage, b)
	return strings.TrimRight(t, "\x00")
}

// codepageLabel names a Windows code page.
// Unknown ones are read as Western: ASCII is right then, and that is most of a file's name. To add one, write its number and a label that
// package charset knows.
func codepageLabel(page uint32) string {
	switch page {
	case 936, 54936:
		return "gb18030"
	case 950:
		return "big5"
	case 932:
		return "shift_jis"
	case 949:
		return "euc-kr"
	case 65001:
		return "utf-8"
	case 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258:
		return "windows-125" + string(rune('0'+page%10))
	case 874:
		return "windows-874"
	}
	return "windows-1252"
}
