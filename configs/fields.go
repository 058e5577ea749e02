package configs

import (
	"reflect"
	"slices"
	"strings"

	"frontdesk/configs/values"
)

// field is one key of a struct.
type field struct {
	// key is the tag yaml, index the field's place in its struct. checks and enum are the tags of those names, at their commas.
	key    string
	index  int
	checks []string
	enum   []string
	secret bool
}

// has reports whether the tag check names that one.
func (f field) has(check string) bool { return slices.Contains(f.checks, check) }

// fieldsOf lists the keys of a struct type in their order; a field without one is none of the file's.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		if tag.Get("yaml") == "" {
			continue
		}
		f := field{key: tag.Get("yaml"), index: i, secret: isSecret(t.Field(i).Type)}
		if checks := tag.Get("check"); checks != "" {
			f.checks = strings.Split(checks, ",")
		}
		if enum := tag.Get("enum"); enum != "" {
			f.enum = strings.Split(enum, ",")
		}
		fields = append(fields, f)
	}
	return fields
}

// isSecret reports whether a field takes a _file twin.
func isSecret(t reflect.Type) bool {
	return t == reflect.TypeFor[values.Secret]() || t == reflect.TypeFor[[]values.Secret]()
}

// fieldNamed is the field of a key.
func fieldNamed(t reflect.Type, key string) (field, bool) {
	for _, f := range fieldsOf(t) {
		if f.key == key {
			return f, true
		}
	}
	return field{}, false
}

// twinNamed finds the secret whose file the key names.
func twinNamed(t reflect.Type, key string) (field, bool) {
	name, ok := strings.CutSuffix(key, "_file")
	f, found := fieldNamed(t, name)
	return f, ok && found && f.secret
}

// keysOf lists every key that a struct takes, twins too.
func keysOf(t reflect.Type) []string {
	var keys []string
	for _, f := range fieldsOf(t) {
		keys = append(keys, f.key)
		if f.secret {
			keys = append(keys, f.key+"_file")
		}
	}
	return keys
}
