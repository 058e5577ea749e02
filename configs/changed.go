package configs

import (
	"fmt"
	"reflect"

	"frontdesk/channels/descriptor"
)

// Changed names the settings in which two configurations differ, in the order of the file: "limits.max_body", "inboxes.support.address".
// Entries of a list with names are named by them. It tells no value.
func Changed(a, b Config) []string {
	return changed("", reflect.ValueOf(a), reflect.ValueOf(b))
}

// changed walks down as long as both sides have the same structure, and names the deepest setting that differs. A list without names, or a
// value, is named as a whole.
func changed(path string, a, b reflect.Value) []string {
	switch {
	case reflect.DeepEqual(a.Interface(), b.Interface()):
		return nil
	case a.Kind() == reflect.Pointer && !a.IsNil() && !b.IsNil():
		return changed(path, a.Elem(), b.Elem())
	case a.Kind() == reflect.Struct && keyed(a.Type()):
		var out []string
		theirs := sectionField(a.Type())
		for _, f := range fieldsOf(a.Type()) {
			if theirs >= 0 && f.index > theirs {
				out, theirs = append(out, changedSections(path, inlined(a), inlined(b))...), -1
			}
			at := f.key
			if path != "" {
				at = path + "." + f.key
			}
			out = append(out, changed(at, a.Field(f.index), b.Field(f.index))...)
		}
		if theirs >= 0 {
			out = append(out, changedSections(path, inlined(a), inlined(b))...)
		}
		return out
	case a.Kind() == reflect.Slice && a.Type().Elem().Kind() == reflect.Struct && named(a) && named(b):
		return changedList(path, a, b)
	}
	return []string{path}
}

// changedSections compares what channels have in an inbox; of another channel that is told already.
func changedSections(path string, a, b []reflect.Value) (out []string) {
	for i := range min(len(a), len(b)) {
		if a[i].Type() == b[i].Type() {
			out = append(out, changed(path, a[i], b[i])...)
		}
	}
	return out
}

// sectionField is the index of the field with what channels have among its keys; -1 for none.
func sectionField(t reflect.Type) int {
	for i := range t.NumField() {
		if f := t.Field(i).Type; f == reflect.TypeFor[descriptor.Section]() || f == reflect.TypeFor[map[string]descriptor.Shared]() {
			return i
		}
	}
	return -1
}

// keyed reports whether a struct is a section of the file: each field has a key.
func keyed(t reflect.Type) bool {
	return len(fieldsOf(t)) > 0
}

// named reports whether each entry of a list has a name.
func named(list reflect.Value) bool {
	for i := range list.Len() {
		if name := list.Index(i).FieldByName("Name"); !name.IsValid() || name.Kind() != reflect.String || name.Len() == 0 {
			return false
		}
	}
	return true
}

// changedList compares two lists by the names of their entries; only when all are the same and equal, their order differs.
func changedList(path string, a, b reflect.Value) (out []string) {
	before, after := byName(a), byName(b)
	for i := range a.Len() {
		name := a.Index(i).FieldByName("Name").String()
		if at, there := after[name]; there {
			out = append(out, changed(path+"."+name, a.Index(i), b.Index(at))...)
		} else {
			out = append(out, fmt.Sprintf("%s.%s (taken away)", path, name))
		}
	}
	for i := range b.Len() {
		name := b.Index(i).FieldByName("Name").String()
		if _, there := before[name]; !there {
			out = append(out, fmt.Sprintf("%s.%s (new)", path, name))
		}
	}
	if len(out) == 0 {
		out = []string{path + " (their order)"}
	}
	return out
}

// byName is the place of each entry.
func byName(list reflect.Value) map[string]int {
	out := map[string]int{}
	for i := range list.Len() {
		out[list.Index(i).FieldByName("Name").String()] = i
	}
	return out
}
