package configs

import "frontdesk/configs/values"

// The types of single values. Package values says more of each.
type (
	// Secret is a text that no log shows.
	Secret = values.Secret
	// Duration is a length of time.
	Duration = values.Duration
	// Size is a number of bytes.
	Size = values.Size
	// Date is a day in the calendar.
	Date = values.Date
	// DateRange is days in a row.
	DateRange = values.DateRange
	// Span is a part of a day.
	Span = values.Span
	// OneOrMore is a list that may be written as one value.
	OneOrMore = values.OneOrMore
)

// NewSecret hides s. An empty s is the zero Secret.
func NewSecret(s string) Secret { return values.NewSecret(s) }
