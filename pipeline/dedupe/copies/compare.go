package copies

import (
	"bytes"
	"encoding/binary"
)

// Likeness is how two messages relate.
type Likeness struct {
	// Equal says that the words are the same but for case, spaces and punctuation; Near that they are nearly the same. Neither holds
	// where numbers part the two.
	Equal, Near bool
	// Apart says that each names a number that the other does not.
	Apart bool
	// Money says that both name the same sum, and no number parts them.
	Money bool
}

// Bounds of a near copy.
const (
	shortest = 8  // characters; shorter texts are alike by chance
	alike    = 60 // percent of all shingles that both have
	within   = 90 // percent of the shingles of the one that the other has as well
	enough   = 8  // shingles that must be there to be compared for it, where not all were kept

	// slips is how many shingles each of two texts may have that the other has not: two slips of the fingers change some eight of four
	// letters, one that is no homophone two of two syllables. Where each has more of its own, a word stands in another one's place:
	// "terminal" for "account". Of a sample less is allowed, since it errs.
	slips, sampledSlips, easternSlips = 9, 6, 2
)

// parts of a sketch that has the right form; ok is false for any other.
type parts struct {
	length           int
	marks            byte
	whole            []byte
	numbers, amounts []byte
	hashes           []byte
}

func (s Sketch) parts() (p parts, ok bool) {
	if len(s) < head || s[0] != version {
		return parts{}, false
	}
	hashes, numbers, amounts := int(s[1]), int(s[2]), int(s[3])
	if len(s) != head+4*(numbers+amounts)+3*hashes {
		return parts{}, false
	}
	p = parts{marks: s[4], length: int(binary.LittleEndian.Uint16(s[5:])), whole: s[7:head]}
	rest := s[head:]
	p.numbers, rest = rest[:4*numbers], rest[4*numbers:]
	p.amounts, p.hashes = rest[:4*amounts], rest[4*amounts:]
	return p, true
}

// Compare says how two messages relate. What is empty, or was drawn by a program that knows another form, is like nothing.
// The order of the two makes no difference.
func Compare(a, b Sketch) (l Likeness) {
	p, ok := a.parts()
	q, fits := b.parts()
	if !ok || !fits {
		return Likeness{}
	}
	if l.Apart = apart(p, q); l.Apart {
		return l
	}
	l.Money = shared(p.amounts, q.amounts) > 0
	if l.Equal = bytes.Equal(p.whole, q.whole); l.Equal {
		return l
	}
	l.Near = min(p.length, q.length) >= shortest && near(p, q)
	return l
}

// apart reports whether neither list of numbers has all of the other. Where one is a digest of too many, they must be the same.
func apart(p, q parts) bool {
	if p.marks&more != 0 || q.marks&more != 0 {
		return !bytes.Equal(p.numbers, q.numbers)
	}
	return shared(p.numbers, q.numbers) < min(len(p.numbers), len(q.numbers))/4
}

// shared counts what two sorted lists of four bytes each have in common.
func shared(a, b []byte) (n int) {
	for len(a) > 0 && len(b) > 0 {
		switch x, y := binary.LittleEndian.Uint32(a), binary.LittleEndian.Uint32(b); {
		case x == y:
			n++
			a, b = a[4:], b[4:]
		case x < y:
			a = a[4:]
		default:
			b = b[4:]
		}
	}
	return n
}

// near compares the shingles. Of a long text only those with the smallest hashes are kept, so beyond the largest one that was kept of
// either nothing is known, and nothing is compared; what lies below is a fair sample of both.
func near(p, q parts) bool {
	limit := uint32(1<<24 - 1)
	for _, x := range []parts{p, q} {
		if x.marks&partial != 0 {
			limit = min(limit, at(x.hashes, len(x.hashes)-3))
		}
	}
	mine, theirs, both := common(p.hashes, q.hashes, limit)
	few := min(mine, theirs)
	if own := few - both; few > 0 && 100*both >= alike*(mine+theirs-both) {
		return int64(own)<<24 <= int64(slipsOf(p, q))*int64(limit+1)
	}
	if limit < 1<<24-1 && few < enough {
		return false
	}
	return 100*both >= within*few && few > 0
}

// slipsOf is how many shingles of its own each text may have.
func slipsOf(p, q parts) int {
	switch {
	case p.marks&q.marks&eastward != 0:
		return easternSlips
	case (p.marks|q.marks)&partial != 0:
		return sampledSlips
	}
	return slips
}

// common counts the hashes up to a limit: of the one, of the other, and of both.
func common(a, b []byte, limit uint32) (mine, theirs, both int) {
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		x, y := at(a, i), at(b, j)
		if min(x, y) > limit {
			break
		}
		if x <= y {
			mine++
			i += 3
		}
		if y <= x {
			theirs++
			j += 3
		}
		if x == y {
			both++
		}
	}
	return mine, theirs, both
}

// at is the hash at a place, behind the end one that is larger than all.
func at(list []byte, i int) uint32 {
	if i >= len(list) {
		return 1 << 24
	}
	return uint32(list[i]) | uint32(list[i+1])<<8 | uint32(list[i+2])<<16
}
