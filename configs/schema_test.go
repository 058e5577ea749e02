package configs

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"frontdesk/channels/descriptor"
	"frontdesk/channels/kinds"
	"frontdesk/configs/values"
)

// TestSchema keeps frontdesk.schema.json the image of the Go structs: the same keys, types,
// choices and descriptions. Run with -update after a change of the structs.
func TestSchema(t *testing.T) {
	s := schemaWriter{docs: fieldDocs(t), kinds: kinds.All(), definitions: map[string]any{}}
	root := s.object(reflect.TypeFor[Config]())
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "Frontdesk configuration"
	root["definitions"] = s.definitions
	var got bytes.Buffer
	out := json.NewEncoder(&got)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(root); err != nil {
		t.Fatal(err)
	}
	if *update {
		write(t, "frontdesk.schema.json", got.String())
	}
	want, err := os.ReadFile("frontdesk.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("frontdesk.schema.json does not show the structs; run go test ./configs -run TestSchema -update\n%s", diff)
	}
}

// TestSchemaDescribesEveryKey: a key without a comment has no help in the editor.
func TestSchemaDescribesEveryKey(t *testing.T) {
	docs := fieldDocs(t)
	for _, s := range allTypes() {
		for i := range s.NumField() {
			if name := docName(s, s.Field(i)); s.Field(i).Tag.Get("yaml") != "" && docs[name] == "" {
				t.Errorf("%s has no comment", name)
			}
		}
	}
}

// TestSchemaNamesTheKeysOfTheExample walks the example through the schema, as an editor would.
func TestSchemaNamesTheKeysOfTheExample(t *testing.T) {
	var schema map[string]any
	var example any
	for name, to := range map[string]func([]byte) error{
		"frontdesk.schema.json":  func(b []byte) error { return json.Unmarshal(b, &schema) },
		"frontdesk.example.yaml": func(b []byte) error { return yaml.Unmarshal(b, &example) },
	} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := to(data); err != nil {
			t.Fatal(err)
		}
	}
	definitions := schema["definitions"].(map[string]any)
	var walk func(at string, value any, s map[string]any)
	walk = func(at string, value any, s map[string]any) {
		for _, choice := range asList(s["anyOf"]) {
			if choice := choice.(map[string]any); choice["type"] != "string" {
				s = choice
			}
		}
		if ref, ok := s["$ref"].(string); ok {
			s = definitions[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
		}
		switch value := value.(type) {
		case map[string]any:
			properties, _ := s["properties"].(map[string]any)
			for key, item := range value {
				next, ok := properties[key].(map[string]any)
				if !ok {
					next, ok = s["additionalProperties"].(map[string]any)
				}
				if !ok {
					t.Errorf("%s.%s is not in the schema", at, key)
					continue
				}
				walk(at+"."+key, item, next)
			}
		case []any:
			for _, item := range value {
				items, ok := s["items"].(map[string]any)
				if !ok {
					t.Errorf("%s is no list in the schema", at)
					return
				}
				walk(at+"[]", item, items)
			}
		}
	}
	walk("", example, schema)
}

func asList(v any) []any {
	list, _ := v.([]any)
	return list
}

// schemaWriter makes JSON Schema of struct types.
type schemaWriter struct {
	docs        map[string]string // by docName
	kinds       descriptor.Kinds
	definitions map[string]any
}

func (s schemaWriter) object(t reflect.Type) map[string]any {
	properties := map[string]any{}
	s.properties(t, properties)
	for _, k := range s.kinds {
		if t == reflect.TypeFor[Inbox]() && k.Section != nil {
			s.properties(reflect.TypeOf(k.Section()).Elem(), properties)
		}
		if t == reflect.TypeFor[Config]() && k.Shared != nil {
			s.properties(reflect.TypeOf(k.Shared()).Elem(), properties)
		}
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
}

func (s schemaWriter) properties(t reflect.Type, properties map[string]any) {
	for _, f := range fieldsOf(t) {
		doc := s.docs[docName(t, t.Field(f.index))]
		p := s.value(t.Field(f.index).Type, allowed(f.enum, s.kinds))
		if _, ref := p["$ref"]; ref {
			p = map[string]any{"anyOf": []any{p}} // draft 7 ignores what stands beside $ref
		}
		p["description"] = doc
		properties[f.key] = p
		if f.secret {
			properties[f.key+"_file"] = map[string]any{"type": "string", "description": "File that holds " + f.key + " as its only content. " + doc}
		}
	}
}

// docName names the field of a struct: "channels/twilio.Account.From".
func docName(t reflect.Type, f reflect.StructField) string {
	return strings.TrimPrefix(t.PkgPath(), "frontdesk/") + "." + t.Name() + "." + f.Name
}

func (s schemaWriter) value(t reflect.Type, enum []string) map[string]any {
	switch {
	case t == reflect.TypeFor[values.OneOrMore]():
		one := scalarSchema(reflect.String, enum)
		return map[string]any{"anyOf": []any{one, map[string]any{"type": "array", "items": one}}}
	case isScalar(t):
		return scalarOf(t)
	case t.Kind() == reflect.Pointer:
		return s.value(t.Elem(), enum)
	case t.Kind() == reflect.Slice:
		return map[string]any{"type": "array", "items": s.value(t.Elem(), enum)}
	case t.Kind() == reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.value(t.Elem(), enum)}
	case t.Kind() == reflect.Struct:
		return s.reference(t)
	}
	return scalarSchema(t.Kind(), enum)
}

func (s schemaWriter) reference(t reflect.Type) map[string]any {
	name := t.Name()
	if !strings.HasPrefix(t.PkgPath(), reflect.TypeFor[Config]().PkgPath()) {
		name = path.Base(t.PkgPath()) + "." + name
	}
	if _, done := s.definitions[name]; !done {
		s.definitions[name] = map[string]any{}
		s.definitions[name] = s.object(t)
	}
	ref := map[string]any{"$ref": "#/definitions/" + name}
	if _, short := reflect.Zero(t).Interface().(interface{ Shorthand() string }); short {
		return map[string]any{"anyOf": []any{map[string]any{"type": "string"}, ref}}
	}
	return ref
}

// scalarOf describes our own scalar types by a pattern; ${…} is allowed everywhere.
func scalarOf(t reflect.Type) map[string]any {
	pattern := map[string]string{
		"Duration":  `^([0-9]+(ms|s|m|h|d|w))+$|\$\{`,
		"Date":      `^([0-9]{4}-[0-9]{2}-[0-9]{2})?$|\$\{`,
		"DateRange": `^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?$|\$\{`,
		"Span":      `^[0-2][0-9]:[0-5][0-9] *- *[0-2][0-9]:[0-5][0-9]$|\$\{`,
	}[t.Name()]
	switch {
	case pattern != "":
		return map[string]any{"type": "string", "pattern": pattern}
	case t == reflect.TypeFor[values.Size]():
		return map[string]any{"type": []any{"integer", "string"}}
	}
	return map[string]any{"type": "string"}
}

func scalarSchema(kind reflect.Kind, enum []string) map[string]any {
	// A number or a switch may also be a variable.
	variable := map[string]any{"type": "string", "pattern": `\$\{`}
	switch kind {
	case reflect.Bool:
		return map[string]any{"anyOf": []any{map[string]any{"type": "boolean"}, variable}}
	case reflect.Int:
		return map[string]any{"anyOf": []any{map[string]any{"type": "integer"}, variable}}
	case reflect.Float64:
		return map[string]any{"anyOf": []any{map[string]any{"type": "number"}, variable}}
	}
	if enum == nil {
		return map[string]any{"type": "string"}
	}
	return map[string]any{"anyOf": []any{map[string]any{"type": "string", "enum": enum}, variable}}
}

// fieldDocs reads the comments above the fields of structs of this package and of the channels'.
func fieldDocs(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	var names []string
	for _, folder := range []string{"*.go", "rules/*.go", "../channels/*/*.go"} {
		found, err := filepath.Glob(folder)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	for _, name := range names {
		folder := strings.TrimPrefix(filepath.ToSlash(filepath.Join("configs", filepath.Dir(name))), "/")
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, ident := range f.Names {
						docs[folder+"."+spec.Name.Name+"."+ident.Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
					}
				}
			}
			return true
		})
	}
	return docs
}
