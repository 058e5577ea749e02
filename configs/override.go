package configs

import (
	"reflect"
	"strings"

	"frontdesk/configs/values"
)

// override sets every value that is in no list and under no free name from its environment
// variable: FRONTDESK_ and the path in capitals with _ between, so that listen.ops_token is
// FRONTDESK_LISTEN_OPS_TOKEN and its twin FRONTDESK_LISTEN_OPS_TOKEN_FILE. Lists of words are
// separated by commas. An empty variable counts as not set. It returns how many were set.
func (d *decoder) override(v reflect.Value, path string) int {
	set := 0
	for _, f := range fieldsOf(v.Type()) {
		at := strings.TrimPrefix(path+"."+f.key, ".")
		set += d.overrideField(v.Field(f.index), f, at)
	}
	for _, part := range inlined(v) {
		set += d.override(part, path)
	}
	return set
}

// overrideField sets one value or walks into a section. Lists of sections have no variables: nobody could count them.
func (d *decoder) overrideField(v reflect.Value, f field, path string) int {
	switch {
	case f.secret:
		return d.overrideSecret(v, path)
	case isScalar(v.Type()), v.Kind() == reflect.String, v.Kind() == reflect.Bool, v.Kind() == reflect.Int, v.Kind() == reflect.Float64:
		return d.overrideScalar(v, path)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String:
		return d.overrideList(v, path)
	case v.Kind() == reflect.Struct:
		return d.override(v, path)
	case v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Struct:
		return d.overridePointer(v, path)
	}
	return 0
}

// lookup finds the variable of a path and notes it as the place of the value.
func (d *decoder) lookup(path, suffix string) (string, string, bool) {
	name := "FRONTDESK_" + strings.ToUpper(strings.ReplaceAll(path, ".", "_")) + suffix
	value, found := d.env(name)
	if !found || value == "" {
		return "", name, false
	}
	d.places[path] = place{file: name}
	return value, name, true
}

// overrideScalar sets one value as a file would; 1 when there is a variable, readable or not.
func (d *decoder) overrideScalar(v reflect.Value, path string) int {
	text, name, found := d.lookup(path, "")
	if !found {
		return 0
	}
	if fix := setScalar(v, text); fix != "" {
		d.unreadable[path] = true
		d.problems = append(d.problems, Problem{File: name, Path: path, Text: "the value cannot be read", Fix: fix})
	}
	return 1
}

// overrideSecret sets a secret from its variable, or from the file that its twin names. A list of secrets is read from lines in both:
// a comma may stand in a secret.
func (d *decoder) overrideSecret(v reflect.Value, path string) int {
	if text, _, found := d.lookup(path, ""); found {
		setSecret(v, values.NewSecret(text))
		return 1
	}
	file, name, found := d.lookup(path, "_FILE")
	if !found {
		return 0
	}
	value, err := readSecret(file)
	if err != nil {
		d.unreadable[path] = true
		d.problems = append(d.problems, Problem{File: name, Path: path, Text: "the secret's file cannot be used: " + err.Error(),
			Fix: "make the file readable for this process, with the secret as its only content"})
		return 1
	}
	setSecret(v, value)
	d.readFrom(path, file)
	return 1
}

// overrideList replaces a whole list of words.
func (d *decoder) overrideList(v reflect.Value, path string) int {
	text, _, found := d.lookup(path, "")
	if !found {
		return 0
	}
	words := strings.Split(text, ",")
	v.Set(reflect.MakeSlice(v.Type(), len(words), len(words)))
	for i, word := range words {
		v.Index(i).SetString(strings.TrimSpace(word))
	}
	return 1
}

// overridePointer makes an optional section only when one of its values is set.
func (d *decoder) overridePointer(v reflect.Value, path string) int {
	section := reflect.New(v.Type().Elem())
	if !v.IsNil() {
		section = v
	}
	set := d.override(section.Elem(), path)
	if set > 0 {
		v.Set(section)
	}
	return set
}
