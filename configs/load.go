package configs

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"

	"frontdesk/channels/descriptor"
)

// Load reads the file at path, puts environment variables in, fills defaults and validates; kinds are the channels that the program has. The
// error is Problems when the file was read, with everything that is wrong with it.
// It asks the environment and reads files that are named as holding secrets; it changes nothing and asks no server. Config is returned with
// Problems too, as far as it could be read.
func Load(path string, env Environment, kinds descriptor.Kinds) (Config, error) {
	data, err := readLimited(path)
	if err != nil {
		return Config{}, err
	}
	return Parse(data, path, env, kinds)
}

// Parse is Load for a file already read; path names it in problems, and relative paths inside the
// file start at its folder.
func Parse(data []byte, path string, env Environment, kinds descriptor.Kinds) (Config, error) {
	d := &decoder{file: path, dir: filepath.Dir(path), env: env, kinds: kinds, places: places{"": {path, 1, 1}}, unreadable: map[string]bool{}}
	root, ok := d.document(data)
	if !ok {
		return Config{}, d.problems.err()
	}
	c := sections(kinds)
	d.decode(spot{node: root}, reflect.ValueOf(&c).Elem())
	d.override(reflect.ValueOf(&c).Elem(), "")
	fill(&c)
	v := d.validation()
	v.all(c)
	return c, v.problems.err()
}

// LoadDefault is Default with the environment's overrides, for an installation without a file. The
// error is Problems.
func LoadDefault(dataDir string, env Environment, kinds descriptor.Kinds) (Config, error) {
	d := &decoder{env: env, kinds: kinds, places: places{}, unreadable: map[string]bool{}}
	c := base(dataDir, kinds)
	d.override(reflect.ValueOf(&c).Elem(), "")
	fill(&c)
	v := d.validation()
	v.all(c)
	return c, v.problems.err()
}

// Validate checks a configuration that was changed or built in code; its problems carry paths and
// no lines.
func (c Config) Validate() error {
	v := (&decoder{kinds: c.Kinds}).validation()
	v.all(c)
	return v.problems.err()
}

// Validate checks the addresses alone, as flags may have changed them.
func (l Listen) Validate() error {
	v := (&decoder{}).validation()
	v.listen(l)
	return v.problems.err()
}

// document reads the one YAML document of the file. It is not ok when nothing can be read.
func (d *decoder) document(data []byte) (*yaml.Node, bool) {
	if len(data) > maxFile {
		d.problems = append(d.problems, Problem{File: d.file, Line: 1, Column: 1, Text: "the file is larger than 4 MiB", Fix: "this is no configuration of Frontdesk"})
		return nil, false
	}
	reader := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	err := reader.Decode(&doc)
	if errors.Is(err, io.EOF) || err == nil && empty(&doc) {
		d.problems = append(d.problems, Problem{File: d.file, Line: 1, Column: 1, Text: "the file is empty", Fix: "start from configs/frontdesk.example.yaml"})
		return nil, false
	}
	if err != nil {
		d.syntax(err)
		return nil, false
	}
	if err := reader.Decode(&more); err == nil {
		d.problems = append(d.problems, Problem{File: d.file, Line: max(1, more.Line), Column: max(1, more.Column), Text: "the file holds a second document", Fix: "remove the line with --- and what follows it"})
	} else if !errors.Is(err, io.EOF) {
		d.syntax(err)
	}
	return doc.Content[0], true
}

// empty reports whether a document holds nothing, or null.
func empty(doc *yaml.Node) bool {
	return len(doc.Content) == 0 || doc.Content[0].Kind == yaml.ScalarNode && doc.Content[0].Tag == "!!null"
}

// yamlError takes the line out of the parser's text, the only place where it says it.
var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntax turns a parser's error into a problem with its line.
func (d *decoder) syntax(err error) {
	line, text := 1, err.Error()
	if m := yamlError.FindStringSubmatch(text); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	d.problems = append(d.problems, Problem{File: d.file, Line: line, Column: 1, Text: "this is not YAML: " + text,
		Fix: "look at the indentation, colons and quotes in and just above this line"})
}
