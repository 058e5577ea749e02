package classify

import _ "embed"

//go:embed rules.txt
var defaultRules string

// DefaultRules returns the rules of the first home: seventeen categories of a payment company's
// customers, in Chinese and English.
// The form of rules.txt is that of ParseRules. A test reads the file, so an error here means a broken build.
func DefaultRules() (Rules, error) { return ParseRules(defaultRules) }
