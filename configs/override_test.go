package configs

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/kinds"
	"frontdesk/configs/values"
)

// TestVariablesOfSecrets: one secret and a list of them, by the variable and by the file of its twin. No list of the schema has a variable
// yet; the next one will.
func TestVariablesOfSecrets(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "one"), "a,b\n")
	write(t, filepath.Join(dir, "two"), "a,b\r\n\n c \n")
	for _, c := range []struct {
		name string
		vars map[string]string
		one  string
		many []string
	}{
		{"none", nil, "", nil},
		{"one by its variable", map[string]string{"FRONTDESK_ONE": "a,b"}, "a,b", nil},
		{"one by its file", map[string]string{"FRONTDESK_ONE_FILE": filepath.Join(dir, "one")}, "a,b", nil},
		{"a list of one by its variable", map[string]string{"FRONTDESK_MANY": "a,b"}, "", []string{"a,b"}},
		{"a list by its variable", map[string]string{"FRONTDESK_MANY": "a,b\nc\n"}, "", []string{"a,b", "c"}},
		{"a list by its file", map[string]string{"FRONTDESK_MANY_FILE": filepath.Join(dir, "two")}, "", []string{"a,b", "c"}},
		{"empty variables", map[string]string{"FRONTDESK_ONE": "", "FRONTDESK_MANY": "", "FRONTDESK_MANY_FILE": ""}, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var section struct {
				One  values.Secret   `yaml:"one"`
				Many []values.Secret `yaml:"many"`
			}
			d := &decoder{env: fake(c.vars), places: places{}, unreadable: map[string]bool{}}
			set := d.override(reflect.ValueOf(&section).Elem(), "")
			var many []string
			for _, s := range section.Many {
				many = append(many, s.Reveal())
			}
			if diff := cmp.Diff(c.many, many); diff != "" || section.One.Reveal() != c.one || len(d.problems) > 0 {
				t.Errorf("one is %q, %v, many are (-want +got):\n%s", section.One.Reveal(), d.problems, diff)
			}
			if want := len(c.many) > 0 || c.one != ""; (set > 0) != want {
				t.Errorf("%d were set", set)
			}
		})
	}
}

// variables are the names of those that set what a type holds, twins of secrets included, each with its path. What a variable cannot set is left.
func variables(t reflect.Type, path string, note func(name, path string), left func(path string, t reflect.Type)) {
	for _, f := range fieldsOf(t) {
		at, of := strings.TrimPrefix(path+"."+f.key, "."), t.Field(f.index).Type
		name := "FRONTDESK_" + strings.ToUpper(strings.ReplaceAll(at, ".", "_"))
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		switch {
		case f.secret:
			note(name, at)
			note(name+"_FILE", at)
		case isScalar(of), of.Kind() == reflect.String, of.Kind() == reflect.Bool, of.Kind() == reflect.Int, of.Kind() == reflect.Float64,
			of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.String:
			note(name, at)
		case of.Kind() == reflect.Struct:
			variables(of, at, note, left)
		default:
			left(at, of)
		}
	}
}

// TestEveryVariableSetsOneValue, and what has none is a list of sections or under a free name.
func TestEveryVariableSetsOneValue(t *testing.T) {
	paths := map[string]string{}
	note := func(name, path string) {
		if former, taken := paths[name]; taken {
			t.Errorf("%s would set both %s and %s", name, former, path)
		}
		paths[name] = path
	}
	left := func(path string, of reflect.Type) {
		if of.Kind() != reflect.Map && (of.Kind() != reflect.Slice || of.Elem().Kind() != reflect.Struct || isScalar(of.Elem())) {
			t.Errorf("%s, a %s, is neither set by a variable nor a list of sections", path, of)
		}
	}
	variables(reflect.TypeFor[Config](), "", note, left)
	for _, k := range kinds.All() {
		if k.Shared != nil {
			variables(reflect.TypeOf(k.Shared()).Elem(), "", note, left)
		}
	}
	if len(paths) < 50 {
		t.Errorf("%d variables only", len(paths))
	}
}

// TestEachVariableIsRead: the decoder asks for all of them, by these names.
func TestEachVariableIsRead(t *testing.T) {
	asked := map[string]bool{}
	env := func(name string) (string, bool) {
		asked[name] = true
		return "", false
	}
	if _, err := Parse([]byte(minimal), "frontdesk.yaml", env, kinds.All()); err != nil {
		t.Fatal(err)
	}
	none := func(string, reflect.Type) {}
	variables(reflect.TypeFor[Config](), "", func(name, path string) {
		if !asked[name] {
			t.Errorf("%s is not set by %s", path, name)
		}
	}, none)
}
