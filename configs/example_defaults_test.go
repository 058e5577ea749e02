package configs

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"frontdesk/channels/kinds"
)

var (
	oneDefault  = regexp.MustCompile(`Default: ([^\s,;\[]+?)[.,;]?(?: \(|[.,;] |$)`)
	twoDefaults = regexp.MustCompile(`Default: (\S+) and (\S+?)\.(?: |$)`)
	firstChoice = regexp.MustCompile(`([a-z]+) \(default\)`)
)

// TestTheExampleTellsTheDefaults takes each key away from the example whose comment tells a plain
// default, and looks at what it is then.
func TestTheExampleTellsTheDefaults(t *testing.T) {
	data, err := os.ReadFile("frontdesk.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	toldDefaults(doc.Content[0], "", told)
	const least = 45
	if len(told) < least {
		t.Errorf("only %d comments tell a default, want %d or more: %v", len(told), least, told)
	}
	for path, want := range told {
		t.Run(path, func(t *testing.T) {
			var doc yaml.Node
			if err := yaml.Unmarshal(data, &doc); err != nil {
				t.Fatal(err)
			}
			without(t, doc.Content[0], path)
			rest, err := yaml.Marshal(&doc)
			if err != nil {
				t.Fatal(err)
			}
			c, _ := Parse(rest, "frontdesk.example.yaml", exampleEnvironment(), kinds.All()) // a key that is missed is no matter here
			switch in := &c.Inboxes[0]; path {
			case "inboxes.0.scan":
				scanned := in.Scanned()
				in.Scan = &scanned
			case "inboxes.0.quote":
				quotes := in.Quotes()
				in.Quote = &quotes
			case "inboxes.0.weight":
				in.Weight++ // none counts as one
			}
			if got := valueAt(t, reflect.ValueOf(c), path); !isWritten(t, got, want) {
				t.Errorf("the example says %q, it is %v", want, got)
			}
		})
	}
}

// toldDefaults notes the default of each key under node whose comment tells one.
func toldDefaults(node *yaml.Node, path string, told map[string]string) {
	if node.Kind == yaml.SequenceNode {
		for i, item := range node.Content {
			toldDefaults(item, path+"."+strconv.Itoa(i), told)
		}
	}
	if node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		comment := strings.Join(strings.Fields(strings.ReplaceAll(key.HeadComment, "#", " ")), " ")
		if value.Kind == yaml.MappingNode || slices.ContainsFunc(value.Content, func(n *yaml.Node) bool { return n.Kind == yaml.MappingNode }) {
			toldDefaults(value, at, told)
			continue
		}
		switch {
		case twoDefaults.MatchString(comment):
			m := twoDefaults.FindStringSubmatch(comment)
			told[at], told[strings.TrimPrefix(path+"."+node.Content[i+2].Value, ".")] = m[1], m[2]
		case oneDefault.MatchString(comment):
			all := oneDefault.FindAllStringSubmatch(comment, -1)
			last := all[len(all)-1][1] // before it there may be a key that is commented out
			if !slices.Contains([]string{"these", "default_queue", "desk.default_language", "limits.max_message"}, last) {
				told[at] = last
			}
		case firstChoice.MatchString(comment):
			told[at] = firstChoice.FindStringSubmatch(comment)[1]
		}
	}
}

// without takes one key out of a document.
func without(t *testing.T, node *yaml.Node, path string) {
	t.Helper()
	name, rest, more := strings.Cut(path, ".")
	if n, err := strconv.Atoi(name); err == nil && node.Kind == yaml.SequenceNode {
		without(t, node.Content[n], rest)
		return
	}
	for i := 0; i < len(node.Content); i += 2 {
		switch {
		case node.Content[i].Value != name:
		case more:
			without(t, node.Content[i+1], rest)
			return
		default:
			node.Content = slices.Delete(node.Content, i, i+2)
			return
		}
	}
	t.Fatalf("there is no %s", path)
}

// valueAt is what a configuration holds at a path of the file.
func valueAt(t *testing.T, v reflect.Value, path string) reflect.Value {
	t.Helper()
	for name := range strings.SplitSeq(path, ".") {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if n, err := strconv.Atoi(name); err == nil && v.Kind() == reflect.Slice {
			v = v.Index(n)
			continue
		}
		if v.Kind() == reflect.Map {
			v = v.MapIndex(reflect.ValueOf(name))
			continue
		}
		f, ok := fieldNamed(v.Type(), name)
		for _, section := range inlined(v) {
			if !ok {
				if f, ok = fieldNamed(section.Type(), name); ok {
					v = section
				}
			}
		}
		if !ok {
			t.Fatalf("there is no %s in %s", name, v.Type())
		}
		v = v.Field(f.index)
	}
	return v
}

// isWritten reports whether text is how the file writes the value.
func isWritten(t *testing.T, got reflect.Value, text string) bool {
	t.Helper()
	if got.Kind() == reflect.Slice && got.Type().Elem().Kind() == reflect.String {
		return text == "none" && got.Len() == 0 || got.Len() == 1 && got.Index(0).String() == text
	}
	if text == "none" && got.Kind() == reflect.String && got.Len() == 0 {
		return true
	}
	if got.Kind() == reflect.Pointer {
		if got.IsNil() {
			return false
		}
		got = got.Elem()
	}
	want := reflect.New(got.Type()).Elem()
	if fix := setScalar(want, text); fix != "" {
		t.Errorf("the example's %q cannot be read: %s", text, fix)
		return false
	}
	return reflect.DeepEqual(got.Interface(), want.Interface())
}

// TestTheDocsTellTheDefaults: wherever the docs write `key.of.a.section` (value).
func TestTheDocsTellTheDefaults(t *testing.T) {
	pattern := regexp.MustCompile("`([a-z_]+\\.[a-z_]+)` \\(([0-9]+) ?([A-Za-z]*?)(?:ays)?[),;]")
	files, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range append(files, "../README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
			found++
			if got := valueAt(t, reflect.ValueOf(Default("frontdesk-data", kinds.All())), m[1]); !isWritten(t, got, m[2]+m[3]) {
				t.Errorf("%s says that %s is %s%s, it is %v", file, m[1], m[2], m[3], got)
			}
		}
	}
	if found < 3 {
		t.Errorf("the docs tell %d defaults, want 3 or more", found)
	}
}
