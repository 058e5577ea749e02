package cms

import (
	"bytes"
	"compress/zlib"
	"encoding/asn1"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
)

// der writes an element of definite length.
func der(tag byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	switch n := len(body); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, body...)
	case n < 0x10000:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body...)
	default:
		return append([]byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, body...)
	}
}

// ber writes an element of indefinite length.
func ber(tag byte, parts ...[]byte) []byte {
	return append(append([]byte{tag, 0x80}, bytes.Join(parts, nil)...), 0, 0)
}

func oid(t testing.TB, id asn1.ObjectIdentifier) []byte {
	t.Helper()
	b, err := asn1.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var oidData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}

// object writes a CMS object around a content, with write for its constructed elements.
func object(t testing.TB, kind asn1.ObjectIdentifier, write func(byte, ...[]byte) []byte, content []byte) []byte {
	t.Helper()
	inner := write(tagSequence, oid(t, oidData), write(tagExplicit0, content))
	return write(tagSequence, oid(t, kind), write(tagExplicit0, write(tagSequence, []byte{2, 1, 1}, write(0x31), inner, write(0x31))))
}

func TestOpen(t *testing.T) {
	mail := []byte("Content-Type: text/plain\r\n\r\n我的退款还没有到账。\r\n")
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	w.Write(mail)
	w.Close()
	cases := []struct {
		name string
		in   []byte
		kind Kind
		want []byte
	}{
		{"signed, in definite lengths", object(t, oidSigned, der, der(tagOctets, mail)), Signed, mail},
		{"signed, in indefinite lengths", object(t, oidSigned, ber, ber(tagOctetPieces, der(tagOctets, mail[:10]), der(tagOctets, mail[10:]))), Signed, mail},
		{"signed, its pieces in pieces", object(t, oidSigned, ber, ber(tagOctetPieces, ber(tagOctetPieces, der(tagOctets, mail[:9])), der(tagOctets, mail[9:]))), Signed, mail},
		{"signed, pieces of definite length", object(t, oidSigned, der, der(tagOctetPieces, der(tagOctets, mail))), Signed, mail},
		{"signed, and bytes behind it", append(object(t, oidSigned, der, der(tagOctets, mail)), "\r\n"...), Signed, mail},
		{"a signature without content", der(tagSequence, oid(t, oidSigned), der(tagExplicit0, der(tagSequence, []byte{2, 1, 1}, der(0x31), der(tagSequence, oid(t, oidData)), der(0x31)))), Signed, nil},
		{"compressed", object(t, oidCompressed, ber, der(tagOctets, packed.Bytes())), Compressed, mail},
		{"compressed and damaged", object(t, oidCompressed, der, der(tagOctets, packed.Bytes()[:20])), Compressed, nil},
		{"encrypted", object(t, oidEnveloped, der, der(tagOctets, mail)), Encrypted, nil},
		{"encrypted with a proof", object(t, oidAuthData, ber, der(tagOctets, mail)), Encrypted, nil},
		{"data alone", object(t, oidData, der, der(tagOctets, mail)), Unknown, nil},
		{"an end mark that is missing", object(t, oidSigned, ber, der(tagOctets, mail))[:60], Unknown, nil},
		{"a length beyond the end", []byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 1}, Unknown, nil},
		{"no CMS", []byte("Content-Type: text/plain\r\n\r\nhello"), Unknown, nil},
		{"nothing", nil, Unknown, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			kind, got := Open(c.in, 1<<20)
			if kind != c.kind || !bytes.Equal(got, c.want) {
				t.Errorf("got kind %d, %q, want kind %d, %q", kind, got, c.kind, c.want)
			}
		})
	}
}

func TestOpenIsBounded(t *testing.T) {
	var bomb bytes.Buffer
	w := zlib.NewWriter(&bomb)
	w.Write(make([]byte, 32<<20))
	w.Close()
	if _, got := Open(object(t, oidCompressed, der, der(tagOctets, bomb.Bytes())), 1<<20); got != nil {
		t.Errorf("%d bytes come out of %d", len(got), bomb.Len())
	}
	if _, got := Open(object(t, oidSigned, der, der(tagOctets, make([]byte, 2000))), 1999); got != nil {
		t.Error("the limit does not count for what is signed")
	}
	deep := strings.Repeat("\x30\x80", 100_000) + strings.Repeat("\x00\x00", 100_000)
	if kind, _ := Open([]byte(deep), 1<<20); kind != Unknown {
		t.Errorf("kind %d", kind)
	}
}

func TestOpenCostsLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	head := string(object(t, oidSigned, ber, nil))
	head = head[:len(head)-16]
	doubling.Text(t, 32<<10, head, "", []string{"\x30\x80", "\x24\x80", "\x04\x00", "\x04\x01a", "\x00", "\x30\x00", "\x24\x80\x04\x00\x00\x00"}, func(b string) { Open([]byte(b), 1<<20) })
}

func FuzzOpen(f *testing.F) {
	f.Add(object(f, oidSigned, der, der(tagOctets, []byte("Content-Type: text/plain\r\n\r\nx"))))
	f.Add(object(f, oidSigned, ber, ber(tagOctetPieces, der(tagOctets, []byte("a")), der(tagOctets, []byte("b")))))
	f.Add(object(f, oidCompressed, ber, der(tagOctets, []byte{0x78, 0x9c, 3, 0, 0, 0, 0, 1})))
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, got := Open(b, 1<<16)
		if kind == Unknown && got != nil || kind == Encrypted && got != nil || len(got) > 1<<16 {
			t.Errorf("kind %d with %d bytes", kind, len(got))
		}
	})
}
