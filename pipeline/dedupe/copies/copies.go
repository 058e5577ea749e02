// Package copies tells whether a customer says the same thing again: typed once more, with a greeting, cut, forwarded, with slips. Of each
// message it draws a sketch, 100 to 500 bytes from which its words cannot be had without the key; two sketches are compared in well below a
// microsecond. It is pure.
//
// A text is looked at as the set of its shingles: four letters in a row, or two Chinese syllables without their tones. Two texts are near
// copies where they share 60 % of all their shingles and one has few of its own, as slips make them, or one has 90 % of those of the other,
// and no number parts them. Rewordings are none: no comparison of texts finds those without taking different problems for one.
package copies

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"sync"
)

// Digest is a keyed digest of its parts as lower-case hex, of 32 digits at least.
type Digest func(parts ...[]byte) string

// Maker draws sketches under one key. It may be used by many at once.
// Two makers with one key draw the same sketches, those with different keys none that can be compared.
type Maker struct {
	cipher cipher.Block
	pool   sync.Pool
}

// New makes a maker whose key is derived by the digest; nil without one.
func New(digest Digest) *Maker {
	if digest == nil {
		return nil
	}
	key, err := hex.DecodeString(digest([]byte("copies key"))[:32])
	if err != nil {
		return nil
	}
	c, err := aes.NewCipher(key)
	if err != nil { // no other length of key is asked for
		return nil
	}
	return &Maker{cipher: c}
}

// Text is what of a message is compared. All of it is redacted.
type Text struct {
	Words   string   // what the customer wrote
	Beside  string   // other places in which he names numbers: subject, fields
	Amounts []string // sums of money that he names, each in one spelling
}

// Sketch is what is kept of a message. It lies in the database, so its form is never changed without another version.
// Empty: there is nothing to compare.
type Sketch []byte

// The form of a sketch: version, hashes, numbers, amounts, marks, then the characters of the text as two bytes and the digest of the
// whole as eight; then numbers and amounts, four bytes each, and the hashes, three bytes each; each of the lists sorted. It is little-endian.
const (
	version   = 1
	head      = 15
	maxHashes = 160
	maxNamed  = 12
	more      = 1 // mark: more numbers than are kept; the last one kept is a digest of all
	partial   = 2 // mark: more shingles than are kept; those with the smallest hashes are
	eastward  = 4 // mark: most of it is in characters of which two are a shingle
)

// block is what is hashed at once: AES under a secret key, of which some bits are kept, is a function that nobody else can compute.
type block [4]uint32

// No character has these values: one stands in the shingles of the second stream, the other at the end of a whole text.
const (
	east   = 1 << 24
	ending = 2 << 24
)

// drawing is a sketch that is being drawn.
type drawing struct {
	cipher  cipher.Block
	buffer  [16]byte
	mac     [16]byte // of the whole, so far
	held    block    // of the whole, not yet in mac
	holds   int
	silent  bool // numbers count, words do not
	hashes  []uint32
	partial bool
	numbers []uint32
	amounts []uint32
	reader  reader
}

// Sketch draws a message. Its cost is linear in the text, and it leaves nothing behind but the sketch.
func (m *Maker) Sketch(t Text) Sketch {
	if m == nil {
		return nil
	}
	d, _ := m.pool.Get().(*drawing)
	if d == nil {
		d = &drawing{hashes: make([]uint32, 0, maxHashes+1), numbers: make([]uint32, 0, 64), amounts: make([]uint32, 0, 16)}
	}
	defer m.pool.Put(d)
	*d = drawing{cipher: m.cipher, hashes: d.hashes[:0], numbers: d.numbers[:0], amounts: d.amounts[:0]}
	d.reader = reader{d: d}
	d.reader.read(t.Words)
	d.reader.end()
	length, eastern := d.reader.length, 2*d.reader.hans > d.reader.length
	if length == 0 {
		return nil
	}
	d.finish()
	d.silent = true
	d.reader.read(t.Beside)
	for _, a := range t.Amounts {
		d.amount(a)
	}
	return d.encode(length, eastern)
}

// hash enciphers a block.
func (d *drawing) hash(b block) uint32 {
	for i, v := range b {
		binary.LittleEndian.PutUint32(d.buffer[4*i:], v)
	}
	d.cipher.Encrypt(d.buffer[:], d.buffer[:])
	return binary.LittleEndian.Uint32(d.buffer[:])
}

// shingle keeps the smallest hashes, each once, in their order.
func (d *drawing) shingle(b block) {
	if d.silent {
		return
	}
	h := d.hash(b) >> 8
	if len(d.hashes) == maxHashes && h >= d.hashes[maxHashes-1] {
		d.partial = d.partial || h > d.hashes[maxHashes-1]
		return
	}
	at, there := slices.BinarySearch(d.hashes, h)
	if there {
		return
	}
	d.hashes = slices.Insert(d.hashes, at, h)
	if len(d.hashes) > maxHashes {
		d.hashes, d.partial = d.hashes[:maxHashes], true
	}
}

func (d *drawing) number(b block, digits int) {
	if len(d.numbers) < cap(d.numbers) { // so many are in no customer's message; further ones part nothing
		d.numbers = append(d.numbers, d.hash(block{d.hash(b), uint32(digits)}))
	}
}

func (d *drawing) amount(text string) {
	if len(d.amounts) == cap(d.amounts) {
		return
	}
	var b block
	for i := range len(text) {
		b[i%4] = b[i%4]*263 + uint32(text[i])
	}
	d.amounts = append(d.amounts, d.hash(block{d.hash(b), uint32(len(text))}))
}

// whole takes a character into the digest of all, which is a CBC-MAC.
func (d *drawing) whole(c uint32) {
	if d.silent {
		return
	}
	d.held[d.holds] = c
	if d.holds++; d.holds == len(d.held) {
		d.chain()
	}
}

func (d *drawing) chain() {
	for i, v := range d.held {
		binary.LittleEndian.PutUint32(d.buffer[4*i:], v)
	}
	for i := range d.mac {
		d.mac[i] ^= d.buffer[i]
	}
	d.cipher.Encrypt(d.mac[:], d.mac[:])
	d.held, d.holds = block{}, 0
}

// finish ends the digest of all: with a block of its own that no text has, so that no text is the beginning of another one's.
func (d *drawing) finish() {
	d.chain()
	d.held = block{ending, ending, ending, uint32(d.reader.length)}
	d.chain()
}

// encode writes the sketch.
func (d *drawing) encode(length int, eastern bool) Sketch {
	numbers, marks := sorted(d.numbers), byte(0)
	if eastern {
		marks = eastward
	}
	if len(numbers) > maxNamed {
		all := uint32(0)
		for _, n := range numbers {
			all = d.hash(block{all, n})
		}
		numbers[0], marks = all, marks|more
		numbers = numbers[:1]
	}
	if d.partial {
		marks |= partial
	}
	amounts := sorted(d.amounts)
	amounts = amounts[:min(len(amounts), maxNamed)]
	out := make(Sketch, 0, head+4*(len(numbers)+len(amounts))+3*len(d.hashes))
	out = append(out, version, byte(len(d.hashes)), byte(len(numbers)), byte(len(amounts)), marks)
	out = binary.LittleEndian.AppendUint16(out, uint16(min(length, 1<<16-1)))
	out = append(out, d.mac[:8]...)
	for _, n := range numbers {
		out = binary.LittleEndian.AppendUint32(out, n)
	}
	for _, n := range amounts {
		out = binary.LittleEndian.AppendUint32(out, n)
	}
	for _, h := range d.hashes {
		out = append(out, byte(h), byte(h>>8), byte(h>>16))
	}
	return out
}

// sorted sorts a list in place and leaves out what stands there twice.
func sorted(list []uint32) []uint32 {
	slices.Sort(list)
	return slices.Compact(list)
}
