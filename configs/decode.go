package configs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/check"
	"frontdesk/configs/values"
)

// Bounds of one file; a configuration is far below them.
const (
	// maxValues and maxDepth stop a file whose aliases unfold to billions of values out of some lines.
	maxFile   = 4 << 20 // bytes
	maxValues = 200_000 // values after following aliases
	maxDepth  = 32      // mappings and lists inside each other
	maxSecret = 64 << 10
)

// decoder fills a Config from YAML nodes and remembers where each value was. yaml.v3's own
// decoder stops at types, loses positions and knows neither twins nor shorthands.
//
// It never stops at a fault: whoever runs the desk sees all of them at once. What could not be read is remembered (unreadable), so that
// validation does not complain about the same value a second time.
type decoder struct {
	file     string
	dir      string // relative paths start here
	env      Environment
	kinds    descriptor.Kinds
	places   places
	problems Problems
	values   int
	// unreadable are the paths whose value is wrong already, so that nobody calls it missing too.
	unreadable map[string]bool
	twins      map[string]string // files that secrets were read from, by their paths
	written    bool              // a secret stands in the file itself
}

// spot is one value's way through the file.
type spot struct {
	// path is as problems show it: inboxes[0].imap.host; depth counts mappings and lists around.
	node  *yaml.Node
	path  string
	depth int
}

// below is a value within it; step begins with a dot or a bracket.
func (s spot) below(node *yaml.Node, step string) spot {
	path := s.path + step
	if s.path == "" {
		path = strings.TrimPrefix(step, ".")
	}
	return spot{node, path, s.depth + 1}
}

// problem notes what is wrong with a value, at its place.
func (d *decoder) problem(s spot, text, fix string) {
	d.unreadable[s.path] = true
	where := d.at(s.node)
	d.problems = append(d.problems, Problem{where.file, where.line, where.column, s.path, text, fix})
}

// at is the place of a node. The parser gives none to some empty values; the top of the file
// stands in for it.
func (d *decoder) at(n *yaml.Node) place {
	return place{d.file, max(1, n.Line), max(1, n.Column)}
}

// decode puts the value at s into v. Whatever is wrong is noted and the rest goes on.
func (d *decoder) decode(s spot, v reflect.Value) {
	where := d.at(s.node)
	if s.node.Kind == yaml.AliasNode {
		s.node = s.node.Alias
	}
	if d.values++; d.values > maxValues || s.depth > maxDepth {
		if d.values <= maxValues+1 {
			d.problem(s, "the file is nested too deeply or repeats itself too often", "write the values out instead of using aliases")
		}
		d.values = maxValues + 1
		return
	}
	d.places[s.path] = where
	if s.node.Kind == yaml.ScalarNode && s.node.Tag == "!!null" {
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	d.decodeKind(s, v)
}

// decodeKind decodes by what the field is. Types of package values read themselves from a scalar, structs or not.
func (d *decoder) decodeKind(s spot, v reflect.Value) {
	switch {
	case isScalar(v.Type()):
		d.scalar(s, v)
	case v.Kind() == reflect.Struct:
		d.mapping(s, v)
	case v.Kind() == reflect.Map:
		d.dictionary(s, v)
	case v.Kind() == reflect.Slice:
		d.list(s, v)
	default:
		d.scalar(s, v)
	}
}

// mapping fills a struct from a YAML mapping, or its one shorthand field from a scalar.
func (d *decoder) mapping(s spot, v reflect.Value) {
	if short, ok := reflect.TypeAssert[interface{ Shorthand() string }](v); ok && s.node.Kind == yaml.ScalarNode {
		f, _ := fieldNamed(v.Type(), short.Shorthand())
		d.decode(s.below(s.node, "."+f.key), v.Field(f.index))
		return
	}
	parts := d.parts(s, v)
	if s.node.Kind != yaml.MappingNode {
		d.problem(s, "here belong keys with values", "the keys are: "+strings.Join(keysIn(parts), ", "))
		return
	}
	d.eachKey(s, func(key string, at spot) {
		if !d.known(parts, key, at) {
			d.unknown(s, at, key, parts)
		}
	})
	d.strays(s, parts)
}

// known puts a value into the part of a mapping that has its key, or the file of a secret; false when none has.
func (d *decoder) known(parts []part, key string, at spot) bool {
	for _, p := range parts {
		if f, ok := fieldNamed(p.Type(), key); ok {
			d.field(at, p.Field(f.index), f)
			return true
		}
		if f, ok := twinNamed(p.Type(), key); ok {
			d.twin(at, p.Field(f.index), parent(at.path)+"."+f.key)
			return true
		}
	}
	return false
}

// unknown notes a key that nothing reads. It names the nearest known one, since most are typing errors.
func (d *decoder) unknown(s, at spot, key string, parts []part) {
	keys := keysIn(parts)
	fix := check.Suggest(key, keys)
	if fix == "" {
		fix = "the keys here are: " + strings.Join(keys, ", ")
	}
	where := d.places[at.path]
	if key != "" { // an empty key has the path of what is around it
		delete(d.places, at.path)
	}
	d.problems = append(d.problems, Problem{d.file, where.line, where.column, s.path, fmt.Sprintf("unknown key %q", key), fix})
}

// eachKey calls do for every key of a mapping with the spot of its value; the key's own place is
// known under the value's path until the value is decoded.
func (d *decoder) eachKey(s spot, do func(key string, at spot)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(s.node.Content); i += 2 {
		k, value := s.node.Content[i], s.node.Content[i+1]
		at := s.below(value, "."+k.Value)
		if k.Kind != yaml.ScalarNode || k.Tag == "!!merge" {
			at.node, at.path = k, s.path
			d.problem(at, "keys are plain words", "write the keys out; merge keys (<<) and lists as keys are not supported")
			continue
		}
		if line, twice := seen[k.Value]; twice {
			at.node = k
			d.problem(at, fmt.Sprintf("the key is given twice, first in line %d", line), "keep one of them")
			continue
		}
		seen[k.Value] = k.Line
		d.places[at.path] = d.at(k)
		do(k.Value, at)
	}
}

// field decodes the value of a key. A path in it starts at the file's folder, wherever the process runs.
func (d *decoder) field(at spot, v reflect.Value, f field) {
	if f.secret && !v.IsZero() {
		d.twice(at, at.path)
		return
	}
	d.decode(at, v)
	if f.has("path") && v.Kind() == reflect.String && v.String() != "" && !filepath.IsAbs(v.String()) {
		v.SetString(filepath.Join(d.dir, v.String()))
	}
}

// twin reads a secret from the file that its _file key names.
func (d *decoder) twin(at spot, v reflect.Value, secret string) {
	if !v.IsZero() {
		d.twice(at, secret)
		return
	}
	var name string
	before := len(d.problems)
	d.decode(at, reflect.ValueOf(&name).Elem())
	if len(d.problems) > before || name == "" {
		return
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(d.dir, name)
	}
	value, err := readSecret(name)
	if err != nil {
		d.problem(at, "the secret's file cannot be used: "+err.Error(), "make the file readable for this process, with the secret as its only content")
		return
	}
	setSecret(v, value)
	d.readFrom(at.path, name)
	d.places[strings.TrimPrefix(secret, ".")] = d.places[at.path]
}

// readFrom remembers the file of a secret.
func (d *decoder) readFrom(path, name string) {
	if d.twins == nil {
		d.twins = map[string]string{}
	}
	d.twins[path] = name
}

// twice notes a secret that is given beside its _file twin.
func (d *decoder) twice(at spot, secret string) {
	d.problem(at, "the secret is given twice", fmt.Sprintf("keep one of %s and its _file twin", strings.TrimPrefix(secret, ".")))
}

// readSecret reads a small regular file and cuts one line end off.
// Errors name no path: the problem does. A trailing line end is an editor's.
func readSecret(name string) (values.Secret, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return values.Secret{}, errors.New(cause(err))
	case !info.Mode().IsRegular():
		return values.Secret{}, errors.New("it is no regular file")
	case info.Size() > maxSecret:
		return values.Secret{}, errors.New("it is too large for a secret")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return values.Secret{}, errors.New(cause(err))
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if value == "" {
		return values.Secret{}, errors.New("it is empty")
	}
	return values.NewSecret(value), nil
}

// setSecret sets a secret, or a list of them from lines.
func setSecret(v reflect.Value, value values.Secret) {
	if v.Kind() != reflect.Slice {
		v.Set(reflect.ValueOf(value))
		return
	}
	var secrets []values.Secret
	for line := range strings.Lines(value.Reveal()) {
		if line = strings.TrimSpace(line); line != "" {
			secrets = append(secrets, values.NewSecret(line))
		}
	}
	v.Set(reflect.ValueOf(secrets))
}

// cause is a file error without the path and the system call.
func cause(err error) string {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err.Error()
	}
	return err.Error()
}

// dictionary fills a map whose keys the user chooses.
func (d *decoder) dictionary(s spot, v reflect.Value) {
	if s.node.Kind != yaml.MappingNode {
		d.problem(s, "here belong names with values", "write each as name: value")
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	d.eachKey(s, func(key string, at spot) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.decode(at, item)
		v.SetMapIndex(reflect.ValueOf(key), item)
	})
}

// list fills a slice. A single word is taken for a list of one where the type allows it.
func (d *decoder) list(s spot, v reflect.Value) {
	if s.node.Kind == yaml.ScalarNode && v.Type() == reflect.TypeFor[values.OneOrMore]() {
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		d.decode(s.below(s.node, "[0]"), v.Index(0))
		return
	}
	if s.node.Kind != yaml.SequenceNode {
		d.problem(s, "here belongs a list", "write [a, b], or one item a line, each after a dash")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(s.node.Content), len(s.node.Content)))
	for i, item := range s.node.Content {
		d.decode(s.below(item, "["+strconv.Itoa(i)+"]"), v.Index(i))
	}
}

// scalar expands and sets one value.
func (d *decoder) scalar(s spot, v reflect.Value) {
	if s.node.Kind != yaml.ScalarNode {
		d.problem(s, "here belongs one value, not a list or keys", "")
		return
	}
	if v.Type() == reflect.TypeFor[values.Secret]() && discloses(s.path, s.node.Value) {
		d.written = true
	}
	text, wrong := expand(s.node.Value, d.env)
	if wrong != nil {
		d.problem(s, wrong.text, wrong.fix)
		return
	}
	if fix := setScalar(v, text); fix != "" {
		d.problem(s, "the value cannot be read", fix)
	}
}

// discloses reports whether a secret stands in what was written: not where a variable stands in its place, and not in an address
// without a password.
func discloses(path, written string) bool {
	if written == "" || strings.Contains(written, "${") {
		return false
	}
	return path != "database.url" && path != "redis.url" || strings.Contains(written, "@")
}

// setScalar sets v from text; the answer says what to write instead, "" when all is well.
// Numbers are whole (32 bits) or finite; true and false are written so: yes and on are other words in other YAML readers.
func setScalar(v reflect.Value, text string) string {
	if custom, ok := reflect.TypeAssert[values.Scalar](v.Addr()); ok {
		if text == "" {
			return ""
		}
		if err := custom.Parse(text); err != nil {
			return err.Error()
		}
		return ""
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return "write true or false"
		}
		v.SetBool(text == "true")
	case reflect.Int:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return "write a whole number such as 993"
		}
		v.SetInt(n)
	case reflect.Float64:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n-n != 0 {
			return "write a number such as 0.8"
		}
		v.SetFloat(n)
	}
	return ""
}

// isScalar reports whether a type reads itself from one value.
func isScalar(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[values.Scalar]())
}
