package tnef

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// builder writes TNEF streams.
type builder struct{ b []byte }

func newStream() *builder {
	s := &builder{}
	s.b = binary.LittleEndian.AppendUint32(s.b, signature)
	s.b = binary.LittleEndian.AppendUint16(s.b, 1)
	return s
}

func (s *builder) add(level byte, id uint32, data []byte) *builder {
	s.b = append(s.b, level)
	s.b = binary.LittleEndian.AppendUint32(s.b, id)
	s.b = binary.LittleEndian.AppendUint32(s.b, uint32(len(data)))
	s.b = append(append(s.b, data...), 0, 0)
	return s
}

type prop struct {
	id, kind uint16
	data     []byte
	named    bool
}

func props(list ...prop) []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(list)))
	for _, p := range list {
		out = binary.LittleEndian.AppendUint16(out, p.kind)
		out = binary.LittleEndian.AppendUint16(out, p.id)
		if p.named {
			out = append(out, make([]byte, 16)...)
			out = append(out, 1, 0, 0, 0, 2, 0, 0, 0, 'x', 0, 0, 0) // a name of two bytes, padded
		}
		if fixedSize(p.kind) == 0 {
			out = append(out, 1, 0, 0, 0)
			out = binary.LittleEndian.AppendUint32(out, uint32(len(p.data)))
		}
		out = append(out, p.data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}

func wide(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

// wholeStream has two files, a text and the usual furniture.
func wholeStream() []byte {
	return newStream().
		add(1, attOEMCodepage, []byte{0xa8, 0x03, 0, 0, 0, 0, 0, 0}). // 936
		add(1, 0x00089006, []byte{0, 0, 1, 0}).
		add(1, attMessage, props(
			prop{id: 0x0017, kind: 3, data: []byte{1, 0, 0, 0}},
			prop{id: 0x8001, kind: kindUnicode, data: wide("named"), named: true},
			prop{id: propBody, kind: kindUnicode, data: wide("您好")},
			prop{id: propHTML, kind: kindBinary, data: []byte("<p>hi</p>")})).
		add(2, attRenderData, make([]byte, 14)).
		add(2, attTitle, []byte("\xb7\xa2\xc6\xb1.PDF\x00")).
		add(2, attData, []byte("%PDF")).
		add(2, attRenderData, make([]byte, 14)).
		add(2, attTitle, []byte("PICTUR~1.PNG\x00")).
		add(2, attAttachment, props(
			prop{id: propAttachData, kind: kindBinary, data: []byte("PNG")},
			prop{id: propLongName, kind: kindUnicode, data: wide("截图 1.png")},
			prop{id: propMIMETag, kind: kindString, data: []byte("Image/PNG\x00")},
			prop{id: propContentID, kind: kindString, data: []byte("<i1@x>\x00")})).b
}

func TestParse(t *testing.T) {
	got, ok := Parse(wholeStream())
	want := Content{Clean: true, Text: "您好", HTML: "<p>hi</p>", Files: []File{
		{Name: "发票.PDF", Content: []byte("%PDF"), Whole: true},
		{Name: "截图 1.png", MediaType: "image/png", ContentID: "i1@x", Content: []byte("PNG"), Whole: true},
	}}
	if !ok {
		t.Fatal("not seen as TNEF")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestParseTellsWhatObjectsAre: an object has its bytes without what says of which kind it is.
func TestParseTellsWhatObjectsAre(t *testing.T) {
	object := func(value string) File {
		c, _ := Parse(newStream().add(2, attRenderData, make([]byte, 14)).add(2, attAttachment, props(prop{id: propAttachData, kind: kindObject, data: []byte(value)})).b)
		if len(c.Files) != 1 || !c.Clean {
			t.Fatalf("got %+v", c)
		}
		return c.Files[0]
	}
	kind := strings.Repeat("\x00", interfaceID)
	for value, want := range map[string]File{
		kind + "OLE": {Content: []byte("OLE"), Embedded: true, Whole: true},
		kind:         {},
		"short":      {},
	} {
		if diff := cmp.Diff(want, object(value)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", value, diff)
		}
	}
}

func TestParseKeepsWhatStandsBeforeTheDamage(t *testing.T) {
	whole := wholeStream()
	for n := range whole {
		c, ok := Parse(whole[:n])
		if ok && n > 6 && c.Clean && len(c.Files) == 2 && len(c.Files[1].Content) > 0 {
			t.Errorf("cut to %d of %d bytes, and clean", n, len(whole))
		}
	}
	c, _ := Parse(whole[:len(whole)-10])
	if len(c.Files) != 2 || string(c.Files[0].Content) != "%PDF" || c.Clean {
		t.Errorf("got %d files, clean %v", len(c.Files), c.Clean)
	}
}

func TestParseRefusesOthers(t *testing.T) {
	if _, ok := Parse([]byte("PK\x03\x04 no TNEF")); ok {
		t.Error("a zip file was taken for TNEF")
	}
	if c, ok := Parse([]byte("\x78\x9f\x3e\x22\x00\x00")); !ok || !c.Clean || len(c.Files) != 0 {
		t.Errorf("an empty stream gives %+v, %v", c, ok)
	}
}

func TestParseBoundsFiles(t *testing.T) {
	s := newStream()
	for range maxFiles + 10 {
		s.add(2, attRenderData, nil)
	}
	if c, _ := Parse(s.b); len(c.Files) != maxFiles || c.Clean {
		t.Errorf("%d files, clean %v", len(c.Files), c.Clean)
	}
}

func TestInflateRTF(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"the simple example of MS-OXRTFCP §4.1", "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0", "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"},
		{"the example with a crossing reference of §4.2", "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0", "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in, err := hex.DecodeString(c.in)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := inflateRTF(in)
			if !ok || string(got) != c.want {
				t.Errorf("got %q, %v", got, ok)
			}
		})
	}
}

func TestInflateRTFIsBounded(t *testing.T) {
	header := make([]byte, 16)
	binary.LittleEndian.PutUint32(header[4:], maxRTF+1)
	binary.LittleEndian.PutUint32(header[8:], compressed)
	if _, ok := inflateRTF(append(header, strings.Repeat("\xff", 1000)...)); ok {
		t.Error("a body over the limit was expanded")
	}
}

func FuzzTNEF(f *testing.F) {
	f.Add(wholeStream())
	f.Add([]byte("\x78\x9f\x3e\x22\x00\x00"))
	rtf, _ := hex.DecodeString("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
	f.Add(newStream().add(1, attMessage, props(prop{id: propRTF, kind: kindBinary, data: rtf})).b)
	f.Fuzz(func(t *testing.T, in []byte) {
		c, _ := Parse(in)
		total := 0
		for _, file := range c.Files {
			total += len(file.Content)
		}
		if len(c.Files) > maxFiles || total > len(in) || len(c.RTF) > maxRTF {
			t.Errorf("%d files, %d bytes, %d of RTF out of %d bytes", len(c.Files), total, len(c.RTF), len(in))
		}
	})
}
