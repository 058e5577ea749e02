// Package cms reads the envelope of opaque S/MIME (RFC 8551, RFC 5652): what is signed or compressed, but not encrypted,
// stands in it for everybody to read. No signature is checked. It is bounded by the size of its input, copies
// a content only where that comes in pieces, and never fails: what it cannot read has no content.
package cms

import (
	"bytes"
	"compress/zlib"
	"encoding/asn1"
	"io"
)

// Kind is what a CMS object does to its content.
type Kind uint8

// The kinds. Unknown stands for bytes that are no CMS, too.
const (
	Unknown   Kind = iota
	Signed         // readable; without content where it is a signature or certificates alone
	Encrypted      // for whoever has a key
	Compressed
)

// Object identifiers of contents: RFC 5652, RFC 5083 and RFC 3274.
var (
	oidSigned     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidEnveloped  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 3}
	oidEncrypted  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 6}
	oidAuthData   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 23}
	oidCompressed = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 9}
)

// Open returns the content of a CMS object: a MIME entity. It is nil where there is none that can be read without a
// key, or none of at most limit bytes.
// limit is in bytes; callers pass what is left of the message's budget, so a small mail cannot unfold into a large one.
// Bytes behind the object are ignored.
func Open(b []byte, limit int64) (Kind, []byte) {
	info, _, ok := next(b)
	if !ok || info.tag != tagSequence {
		return Unknown, nil
	}
	id, rest, ok := next(info.body)
	wrapped, _, more := next(rest)
	if !ok || id.tag != tagOID || !more || wrapped.tag != tagExplicit0 {
		return Unknown, nil
	}
	switch kind := kindOf(id.body); kind {
	case Signed, Compressed:
		return kind, unpack(kind, wrapped.body, limit)
	default:
		return kind, nil
	}
}

// kindOf names the kind by the bytes of an object identifier. None that is known is longer than 11 bytes; 32 bounds the rest.
func kindOf(id []byte) Kind {
	var oid asn1.ObjectIdentifier
	whole := append([]byte{tagOID, byte(len(id))}, id...)
	if len(id) > 32 {
		return Unknown
	}
	if _, err := asn1.Unmarshal(whole, &oid); err != nil {
		return Unknown
	}
	switch {
	case oid.Equal(oidSigned):
		return Signed
	case oid.Equal(oidCompressed):
		return Compressed
	case oid.Equal(oidEnveloped), oid.Equal(oidEncrypted), oid.Equal(oidAuthData):
		return Encrypted
	}
	return Unknown
}

// unpack reads SignedData or CompressedData: both hold a version, one more element, and the content.
// A detached signature has no content: then it is nil.
func unpack(kind Kind, b []byte, limit int64) []byte {
	data, _, ok := next(b)
	if !ok || data.tag != tagSequence {
		return nil
	}
	_, rest, ok := next(data.body)
	_, rest, more := next(rest)
	inner, _, last := next(rest)
	if !ok || !more || !last || inner.tag != tagSequence {
		return nil
	}
	id, rest, ok := next(inner.body)
	wrapped, _, more := next(rest)
	if !ok || id.tag != tagOID || !more || wrapped.tag != tagExplicit0 {
		return nil
	}
	content := octets(wrapped.body)
	if kind == Compressed {
		return inflate(content, limit)
	}
	if int64(len(content)) > limit {
		return nil
	}
	return content
}

// inflate unpacks at most limit bytes.
// One byte more is asked for, to tell a content that fits from one that was cut. A cut one is no content.
func inflate(b []byte, limit int64) []byte {
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	defer r.Close()
	out, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil || int64(len(out)) > limit {
		return nil
	}
	return out
}
