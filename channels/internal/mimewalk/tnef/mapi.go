package tnef

import "encoding/binary"

// Property types of MS-OXCDATA §2.11.1.
const (
	kindString  = 0x001e
	kindUnicode = 0x001f
	kindObject  = 0x000d
	kindBinary  = 0x0102
	multiple    = 0x1000
	firstNamed  = 0x8000 // identifiers from here on carry a name
)

// cursor reads little-endian values and remembers whether it ran out of bytes.
type cursor struct {
	// b is what is left. After bad every read gives zero values, so callers check once, at the end.
	b   []byte
	bad bool
}

// take cuts off n bytes, or none and sets bad. n is 64 bits wide so that no sum of lengths overflows.
func (c *cursor) take(n uint64) []byte {
	if c.bad || n > uint64(len(c.b)) {
		c.bad = true
		return nil
	}
	v := c.b[:n]
	c.b = c.b[n:]
	return v
}

// u16 and u32 read a number of two and four bytes.
func (c *cursor) u16() uint16 {
	if v := c.take(2); v != nil {
		return binary.LittleEndian.Uint16(v)
	}
	return 0
}

func (c *cursor) u32() uint32 {
	if v := c.take(4); v != nil {
		return binary.LittleEndian.Uint32(v)
	}
	return 0
}

// sized takes a length and that many bytes, padded to four.
// The padding may be missing at the end only at the price of bad.
func (c *cursor) sized() []byte {
	n := uint64(c.u32())
	v := c.take(n)
	c.take((4 - n%4) % 4)
	return v
}

// properties calls visit for the first value of each property of a list.
// A property whose type is unknown ends the list, since its length is unknown, too.
func properties(b []byte, visit func(id, kind uint16, value []byte)) bool {
	c := cursor{b: b}
	for n := c.u32(); n > 0 && !c.bad; n-- {
		kind, id := c.u16(), c.u16()
		if id >= firstNamed {
			c.take(16)
			if c.u32() == 0 {
				c.take(4)
			} else {
				c.sized()
			}
		}
		value := c.value(kind)
		if !c.bad {
			visit(id, kind&^multiple, value)
		}
	}
	return !c.bad
}

// value takes the value or values of one property and returns the first.
// Each turn takes bytes or sets bad, so a count of four thousand million ends with the input.
func (c *cursor) value(kind uint16) []byte {
	base := kind &^ multiple
	count := uint32(1)
	variable := base == kindString || base == kindUnicode || base == kindObject || base == kindBinary
	if variable || kind&multiple != 0 {
		count = c.u32()
	}
	var first []byte
	for i := uint32(0); i < count && !c.bad; i++ {
		var v []byte
		if variable {
			v = c.sized()
		} else if size := fixedSize(base); size > 0 {
			v = c.take(size)
		} else {
			c.bad = true
		}
		if i == 0 {
			first = v
		}
	}
	return first
}

// fixedSize is how many bytes a value of a fixed type takes, padding included; 0 for unknown types.
// Numbers are padded to four bytes, so a Boolean takes four.
func fixedSize(kind uint16) uint64 {
	switch kind {
	case 0x0002, 0x0003, 0x0004, 0x000a, 0x000b:
		return 4
	case 0x0005, 0x0006, 0x0007, 0x0014, 0x0040:
		return 8
	case 0x0048:
		return 16
	}
	return 0
}
