package cms

// Tags with their class and form (X.690 §8.1.2).
const (
	tagOctets      = 0x04
	tagOID         = 0x06
	tagOctetPieces = 0x24 // an octet string in pieces
	tagSequence    = 0x30
	tagExplicit0   = 0xa0
)

// maxDepth bounds how deep elements of indefinite length lie in each other; CMS needs five levels above its content.
const maxDepth = 16

// element is one element of BER.
type element struct {
	// tag is the identifier octet with class and form; body is the content, a slice of the input.
	tag  byte
	body []byte
}

// next reads the element at the beginning of b, in definite or indefinite length.
// It reads BER and not DER alone: who signs a mail while reading it writes pieces of indefinite length. rest is what stands
// behind the element; ok is false where b is cut off or no element.
func next(b []byte) (e element, rest []byte, ok bool) {
	head, length, ok := header(b)
	if !ok {
		return element{}, nil, false
	}
	if length >= 0 {
		return element{b[0], b[head : head+length]}, b[head+length:], true
	}
	n, ok := indefinite(b[head:], maxDepth)
	if !ok {
		return element{}, nil, false
	}
	return element{b[0], b[head : head+n]}, b[head+n+2:], true
}

// header reads tag and length; a length below 0 is indefinite. It is never more than there is.
// Four bytes of length are more than a mail has; longer ones are refused.
func header(b []byte) (head, length int, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f { // no tag of CMS takes two bytes
		return 0, 0, false
	}
	switch n := int(b[1] & 0x7f); {
	case b[1] < 0x80:
		return 2, n, n <= len(b)-2
	case n == 0:
		return 2, -1, b[0]&0x20 != 0
	case n > 4 || len(b) < 2+n:
		return 0, 0, false
	default:
		for _, c := range b[2 : 2+n] {
			length = length<<8 | int(c)
		}
		return 2 + n, length, length <= len(b)-2-n
	}
}

// indefinite is how many bytes stand before the end mark of an element of indefinite length.
// Every byte is read once for each level that it lies in, so maxDepth also bounds the cost.
func indefinite(b []byte, depth int) (n int, ok bool) {
	for at := 0; len(b)-at >= 2; {
		if b[at] == 0 && b[at+1] == 0 {
			return at, true
		}
		head, length, ok := header(b[at:])
		if !ok || depth == 0 {
			return 0, false
		}
		if length < 0 {
			if length, ok = indefinite(b[at+head:], depth-1); !ok {
				return 0, false
			}
			length += 2
		}
		at += head + length
	}
	return 0, false
}

// octets joins the octet strings in b: one, or the pieces of one.
// One piece is returned without a copy.
func octets(b []byte) []byte {
	e, _, ok := next(b)
	switch {
	case !ok:
		return nil
	case e.tag == tagOctets:
		return e.body
	case e.tag != tagOctetPieces:
		return nil
	}
	out := make([]byte, 0, len(e.body))
	for rest := e.body; len(rest) > 0; {
		var piece element
		if piece, rest, ok = next(rest); !ok {
			return nil
		}
		switch piece.tag {
		case tagOctets:
			out = append(out, piece.body...)
		case tagOctetPieces:
			out = append(out, octetsOnce(piece.body)...)
		default:
			return nil
		}
	}
	return out
}

// octetsOnce joins pieces one level deeper; nobody divides them further.
func octetsOnce(b []byte) (out []byte) {
	for len(b) > 0 {
		piece, rest, ok := next(b)
		if !ok || piece.tag != tagOctets {
			return out
		}
		out, b = append(out, piece.body...), rest
	}
	return out
}
