package answer

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Key is the one spelling of a fact's or a field's name: lower case, half width, words joined by "-". "orderNumber",
// "Order_Number", "ORDER NUMBER" and "order-number:" are one name. What programs and forms call a built-in fact otherwise
// ("order_no", "orderId", "订单号") is that fact's key.
func Key(name string) string {
	key := spelled(name)
	if fact, ok := otherNames[key]; ok {
		return fact
	}
	if fact, ok := otherNames[strings.ReplaceAll(key, "-", "")]; ok {
		return fact
	}
	return key
}

// longestName bounds what is looked at of a name, in bytes.
const longestName = 256

// spelled joins the words of a name.
// Only a small letter before a capital parts words, so "orderID" is order-id and "ID" is id.
func spelled(name string) string {
	var out strings.Builder
	var before rune
	for _, r := range width.Narrow.String(name[:min(len(name), longestName)]) {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsNumber(r):
			r = '-'
		case unicode.IsUpper(r) && unicode.IsLower(before):
			out.WriteByte('-')
		}
		if r != '-' || before != '-' {
			out.WriteRune(unicode.ToLower(r))
		}
		before = r
	}
	return strings.Trim(out.String(), "-")
}

// otherNames are what the built-in facts are called elsewhere, as Key spells it without "-", each with its fact.
var otherNames = func() map[string]string {
	out := map[string]string{}
	for _, fact := range nameLists.Names() {
		for _, name := range nameLists.Words(fact) {
			out[name] = fact
		}
	}
	return out
}()

// named reports whether a field gives the fact, however the field is spelled. A key of an installation's own stands for itself.
func (e Evidence) named(key string) bool {
	for name, value := range e.Fields {
		if strings.TrimSpace(value) != "" && (spelled(name) == key || Key(name) == key) {
			return true
		}
	}
	return false
}

// Numbers are the values of those fields that name an order or a transaction, a line each.
// They are in the order of the fields' names, so that one message always gives the same text.
func Numbers(fields map[string]string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if key := Key(name); key == "order-number" || key == "transaction-number" {
			value := fields[name]
			out = append(out, value[:min(len(value), longestName)])
		}
	}
	return strings.Join(out, "\n")
}

// Spell gives the fields that answer a built-in fact that fact's key; all others keep their names, and so does a second
// one for the same fact. The map given is not changed.
// So the rest of the line asks for a fact by one name, whatever the program called it.
func Spell(fields map[string]string) map[string]string {
	if len(fields) == 0 {
		return fields
	}
	out := make(map[string]string, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		key := Key(name)
		fact := slices.Contains(nameLists.Names(), key)
		_, given := fields[key]
		_, taken := out[key]
		if !fact || given || taken {
			key = name
		}
		out[key] = fields[name]
	}
	return out
}
