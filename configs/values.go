package configs

import "frontdesk/configs/values"

// The types of single values.
type (
	Secret    = values.Secret
	Duration  = values.Duration
	Size      = values.Size
	Date      = values.Date
	DateRange = values.DateRange
	Span      = values.Span
	OneOrMore = values.OneOrMore
)

// NewSecret hides s. An empty s is the zero Secret.
func NewSecret(s string) Secret { return values.NewSecret(s) }
