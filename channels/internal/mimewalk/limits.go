// Package mimewalk finds the parts of a MIME message (RFC 2045, 2046) in linear time, within hard
// limits, and without copying a body. It is made for hostile and broken mail: there is no input
// that it refuses. What had to be repaired, or lay beyond a limit, is told beside the result.
package mimewalk

// Limits bound the work that one message may cause. A zero field means its default.
// The defaults are far above what mail programs write; TestHostile of cmd/frontdesk measures what hostile mail costs within them.
type Limits struct {
	Parts        int   // entities, containers included; default 1 000
	Depth        int   // nesting of multiparts; default 50
	HeaderBytes  int   // bytes of one entity's header that are kept, of one field half of them; default 256 KiB
	HeaderFields int   // fields of one entity's header that are kept; default 1 000
	DecodedBytes int64 // bytes of all decoded bodies together; default 64 MiB
}

// WithDefaults returns l with every zero field replaced by its default.
func (l Limits) WithDefaults() Limits {
	if l.Parts <= 0 {
		l.Parts = 1000
	}
	if l.Depth <= 0 {
		l.Depth = 50
	}
	if l.HeaderBytes <= 0 {
		l.HeaderBytes = 256 << 10
	}
	if l.HeaderFields <= 0 {
		l.HeaderFields = 1000
	}
	if l.DecodedBytes <= 0 {
		l.DecodedBytes = 64 << 20
	}
	return l
}

// Limit names one of the Limits.
type Limit string

// The limits that a message can exceed.
const (
	LimitParts   Limit = "parts"
	LimitDepth   Limit = "depth"
	LimitHeader  Limit = "header"
	LimitDecoded Limit = "decoded bytes"
)
