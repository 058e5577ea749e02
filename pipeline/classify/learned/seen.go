package learned

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"sort"
	"strings"
	"time"
)

// Learned tells from which labelled messages a model has learned.
type Learned struct {
	// Rows is how many they are.
	Rows int `json:"rows"`
	// Until is when the newest of them was labelled; zero where that was not noted of all.
	Until time.Time `json:"until,omitzero"`
	// Prints are four bytes of each, sorted; nil where they are too many. A print tells no word: it finds again who has the message.
	Prints []byte `json:"prints,omitempty"`
}

// mostPrints bounds what prints take of a file: 200 kB.
const mostPrints = 50_000

const printSize = 4

// Seen notes what a model learns from, by the prints of its messages.
func Seen(prints []uint32, until time.Time) *Learned {
	l := &Learned{Rows: len(prints), Until: until}
	if len(prints) > mostPrints {
		return l
	}
	sorted := slices.Clone(prints)
	slices.Sort(sorted)
	for _, p := range sorted {
		l.Prints = binary.BigEndian.AppendUint32(l.Prints, p)
	}
	return l
}

// Print is by what a message is known again: letters and spaces are alike however they are written.
func Print(subject, text string) uint32 {
	words := strings.Join(strings.Fields(strings.ToLower(subject+" "+text)), " ")
	return crc32.Checksum([]byte(words), castagnoli)
}

// From reports whether a model has learned from a message that was labelled at that time, zero where nobody noted it.
// known: that can be said.
func (l *Learned) From(print uint32, at time.Time) (has, known bool) {
	switch {
	case l == nil:
		return false, false
	case len(l.Prints) > 0 || l.Rows == 0:
		n := len(l.Prints) / printSize
		i := sort.Search(n, func(i int) bool { return l.print(i) >= print })
		return i < n && l.print(i) == print, true
	case l.Until.IsZero() || at.IsZero():
		return false, false
	}
	return !at.After(l.Until), true
}

func (l *Learned) print(i int) uint32 {
	return binary.BigEndian.Uint32(l.Prints[i*printSize:])
}
