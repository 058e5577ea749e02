package mimewalk

import (
	"bytes"
	"encoding/base64"
	"mime/quotedprintable"
	"strings"
	"testing"
)

// FuzzTransfer decodes foreign bytes under every transfer encoding: the output never grows beyond the
// input, and what the standard library encodes comes back whole.
func FuzzTransfer(f *testing.F) {
	f.Add([]byte("aGVsbG8=\r\naGVsbG8="))
	f.Add([]byte("=E4=BD=A0=\r\n=zz=4"))
	f.Add([]byte("begin 644 a.txt\n#0V%T\n`\nend\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		for e := range Encoding(8) {
			if out, _ := Decode(e, bytes.Clone(in)); len(out) > len(in)+1 {
				t.Errorf("encoding %d: %d bytes became %d", e, len(in), len(out))
			}
		}
		if out, clean := DecodeBase64([]byte(base64.StdEncoding.EncodeToString(in))); !clean || !bytes.Equal(out, in) {
			t.Errorf("base64 of %q came back as %q", in, out)
		}
		var quoted bytes.Buffer
		w := quotedprintable.NewWriter(&quoted)
		w.Binary = true
		_, _ = w.Write(in)
		_ = w.Close()
		if out, clean := decodeQuoted(quoted.Bytes()); !clean || !bytes.Equal(out, in) {
			t.Errorf("quoted-printable of %q came back as %q", in, out)
		}
	})
}

// FuzzUU looks for a uuencoded file: the place that it names lies within the text.
func FuzzUU(f *testing.F) {
	f.Add([]byte("hello\nbegin 644 a.txt\n#0V%T\n`\nend\nbye"))
	f.Add([]byte("begin 644 \nend"))
	f.Fuzz(func(t *testing.T, in []byte) {
		name, content, start, stop, ok := FindUU(in)
		if !ok {
			return
		}
		if start < 0 || stop < start || stop > len(in) || len(content) > len(in) || strings.Contains(name, "\n") {
			t.Errorf("file %q of %d bytes at %d to %d of %d", name, len(content), start, stop, len(in))
		}
	})
}

// FuzzParams reads a structured header field: the parameters are bounded by what was written.
func FuzzParams(f *testing.F) {
	f.Add(`text/plain; charset=utf-8; name*0*=UTF-8''a%20; name*1=b`)
	f.Add(`attachment; filename="a\"b"; filename*=''%; x`)
	f.Add(`a;;;=;"=";*=*;name*99999999999=x`)
	f.Fuzz(func(t *testing.T, value string) {
		kind, params := ParseParams(value)
		size := len(kind)
		for _, p := range params {
			size += len(p.Name) + len(p.Value)
		}
		if size > 3*len(value) { // lower-casing makes some letters longer, and U+FFFD of a broken byte
			t.Errorf("%d bytes out of %d", size, len(value))
		}
		if cut := CutField(value, 100); len(cut) > 100 || !strings.HasPrefix(value, cut) {
			t.Errorf("cut to %d bytes", len(cut))
		}
	})
}
