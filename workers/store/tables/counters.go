package tables

import (
	"frontdesk/pipeline/domain/effects"
)

// Names under which an effect is counted: an acknowledgement among its like and among all effects.
const (
	CountEffect          = "effect"
	CountAcknowledgement = "acknowledgement"
)

// CountTurn is the name under which the promise of a next reply is counted.
const CountTurn = "turn"

// Counter is the name under which an effect of that kind is counted.
func Counter(kind string) string {
	if kind == effects.KindAcknowledgement || kind == effects.KindDigest {
		return CountAcknowledgement
	}
	return CountEffect
}
