package redact

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Fields masks structured facts. A field's name is the context of its value: a field "cvv" holds
// a verification value, a field "password" is masked whole. What is
// a secret in a name itself is masked there. The map given is not changed; without
// a finding it is returned as it is. The formats are those of m.
// Names are taken in alphabetical order, so that one map always gives the same result.
func (m *Masker) Fields(fields map[string]string) (map[string]string, []Finding) {
	var found []Finding
	var alike alikeNames
	out := fields
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := fields[name]
		masked, f := m.field(name, value)
		shown, inName := m.Text(name)
		if len(f) == 0 && len(inName) == 0 {
			continue
		}
		if found == nil {
			out = maps.Clone(fields)
		}
		if len(inName) > 0 {
			delete(out, name)
			shown = alike.free(shown, out)
		}
		out[shown] = masked
		found = add(add(found, f), inName)
	}
	return out, found
}

// alikeNames counts names that differ in what is masked alone.
// Without the counts a map of a thousand such names would be searched a million times.
type alikeNames map[string]int

// free returns the name, or the name with a mark where a field has it already: "…_", then "…_3", "…_4".
func (a *alikeNames) free(name string, fields map[string]string) string {
	if *a == nil {
		*a = alikeNames{}
	}
	free := name
	for _, taken := fields[free]; taken; _, taken = fields[free] {
		if free = name + "_"; (*a)[name] > 0 {
			free += strconv.Itoa((*a)[name] + 2)
		}
		(*a)[name]++
	}
	return free
}

// field masks one value. The name is put before it as words, masked together with it, and taken off again.
func (m *Masker) field(name, value string) (string, []Finding) {
	if strings.TrimSpace(value) == "" {
		return value, nil
	}
	context := fieldWords.Replace(name) + ": "
	if isSecretName(name) {
		if strings.Trim(value, bullet+" ") == "" {
			return value, nil
		}
		return passwordMask, []Finding{{Kind: Password, Count: 1}}
	}
	masked, found := m.Text(context + value)
	if rest, ok := strings.CutPrefix(masked, context); ok {
		return rest, found
	}
	return m.Text(value) // the name itself held a secret; it is a name of ours or of a form
}

// fieldWords makes words of a field's name, fieldLetters one word.
var (
	fieldWords   = strings.NewReplacer("_", " ", "-", " ", ".", " ")
	fieldLetters = strings.NewReplacer("_", "", "-", "", " ", "")
)

// isSecretName reports whether a field of that name can hold nothing but a secret.
// A password that looks like a word would not be found in a text; here the name leaves no doubt.
func isSecretName(name string) bool {
	switch strings.ToLower(fieldLetters.Replace(name)) {
	case "password", "passwd", "pwd", "passphrase", "pin", "密码", "密碼", "口令", "登录密码", "支付密码", "currentpassword", "newpassword", "oldpassword":
		return true
	}
	return false
}
