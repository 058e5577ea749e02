package tnef

import "encoding/binary"

// prefill is the dictionary that compressed RTF starts with (MS-OXRTFCP §2.1.2.1).
const prefill = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

const (
	// maxRTF bounds what a few kilobytes may unfold to: the stream itself names a size of up to 4 GiB.
	dictionary = 4096
	compressed = 0x75465a4c // "LZFu"
	plain      = 0x414c454d // "MELA"
	maxRTF     = 8 << 20    // decompressed bytes
)

// inflateRTF decompresses an RTF body (MS-OXRTFCP).
// The header has four words: the size of what follows, that of the text, the kind, a checksum. The checksum is not verified: a
// damaged text is of more use than none.
func inflateRTF(b []byte) ([]byte, bool) {
	if len(b) < 16 {
		return nil, false
	}
	size, kind := binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
	body := b[16:]
	switch {
	case kind == plain:
		return body[:min(len(body), int(size))], true
	case kind != compressed || size > maxRTF:
		return nil, false
	}
	return expand(body, int(size))
}

// expand runs the LZ decoder: a control byte says for each of eight tokens whether it is a literal
// or a reference into the dictionary; a reference to the write position ends the stream.
// It returns what it has also when the stream is cut off; ok is false then.
// size is at most maxRTF. Two bytes may stand for 17, so a small input cannot claim much memory before it has shown what it is.
func expand(src []byte, size int) ([]byte, bool) {
	var dict [dictionary]byte
	write := copy(dict[:], prefill)
	out := make([]byte, 0, min(size, 16*len(src)))
	emit := func(c byte) {
		out = append(out, c)
		dict[write] = c
		write = (write + 1) % dictionary
	}
	for pos := 0; pos < len(src) && len(out) < size; {
		control := src[pos]
		pos++
		for bit := 0; bit < 8 && pos < len(src) && len(out) < size; bit++ {
			if control&(1<<bit) == 0 {
				emit(src[pos])
				pos++
				continue
			}
			if pos+1 >= len(src) {
				return out, false
			}
			token := binary.BigEndian.Uint16(src[pos:])
			pos += 2
			from, n := int(token>>4), int(token&0xf)+2
			if from == write {
				return out, true
			}
			for ; n > 0 && len(out) < size; n-- {
				emit(dict[from])
				from = (from + 1) % dictionary
			}
		}
	}
	return out, len(out) == size
}
