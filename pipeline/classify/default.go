package classify

import _ "embed"

//go:embed rules.txt
var defaultRules string

// DefaultRules returns the rules of the first home: seventeen categories of a payment company's
// customers, in Chinese and English.
func DefaultRules() (Rules, error) { return parseRules(defaultRules) }
