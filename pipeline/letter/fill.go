package letter

import (
	"regexp"
	"slices"
	"strings"
)

// variable is a word in braces that stands for something of the ticket: {agent}.
var variable = regexp.MustCompile(`\{[A-Za-z_]{1,40}\}`)

// Fill puts values in the place of variables, such as {agent}. A value is a text: its signs are no marks. What is no known variable stays.
func Fill(text string, values map[string]string) string {
	return variable.ReplaceAllStringFunc(text, func(name string) string {
		value, known := values[strings.Trim(name, "{}")]
		if !known {
			return name
		}
		return escaped(value)
	})
}

// Unknown are the variables of a text that are none of the known ones, each once.
func Unknown(text string, known ...string) (out []string) {
	for _, name := range variable.FindAllString(text, -1) {
		if name = strings.Trim(name, "{}"); !slices.Contains(known, name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// escaped is a value on one line whose signs are no marks.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(s), " ") {
		if strings.ContainsRune("*_`[]~!", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// OfSignature are the variables of a signature: its agent's name, and the desk's.
func OfSignature() []string { return []string{"agent", "desk"} }
