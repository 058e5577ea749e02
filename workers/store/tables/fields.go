package tables

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/workers/store/sql"
)

// Bounds of what is kept of a message's fields. Its original has all of it.
const (
	mostFields    = 100
	longestField  = 4 << 10 // bytes of a value
	longestFields = 64 << 10
)

// Field is something that a form or a program gave beside the text. Both are foreign words, masked.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// fieldsText is how fields are stored: pairs by name, with characters as they are, so that an erasure finds words in them.
func fieldsText(fields map[string]string) string {
	var out []Field
	size := 0
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		f := Field{begin(sql.Clean(name), longestField), begin(sql.Clean(fields[name]), longestField)}
		if size += len(f.Name) + len(f.Value); len(out) == mostFields || size > longestFields {
			break
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		return ""
	}
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if e.Encode(out) != nil {
		return "" // strings always marshal
	}
	return strings.TrimSpace(text.String())
}

// begin cuts a text at a limit in bytes, between two characters.
func begin(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
