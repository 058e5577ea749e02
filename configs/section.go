package configs

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/check"
)

// part is a struct whose fields are keys of a mapping. Channels have some, too: of their inboxes, and at the top of the file.
// The embedded value is the struct; a key is looked for in each part in turn.
type part struct {
	reflect.Value
	of string // channel to whose inboxes it belongs, where this is none of them
}

// parts are those of one mapping: its own struct first.
func (d *decoder) parts(s spot, v reflect.Value) []part {
	out := []part{{Value: v}}
	for _, shared := range inlined(v) {
		out = append(out, part{Value: shared})
	}
	in, ok := reflect.TypeAssert[*Inbox](v.Addr())
	if !ok {
		return out
	}
	channel := d.channelOf(s.node)
	for _, k := range d.kinds {
		if k.Section == nil {
			continue
		}
		section := k.Section()
		p := part{Value: reflect.ValueOf(section).Elem(), of: k.Name}
		if k.Name == channel {
			in.Section, p.of = section, ""
		}
		out = append(out, p)
	}
	return out
}

// keysIn lists the keys of all parts.
func keysIn(parts []part) (keys []string) {
	for _, p := range parts {
		keys = append(keys, keysOf(p.Type())...)
	}
	return keys
}

// channelOf reads the channel of an inbox before its other keys.
func (d *decoder) channelOf(node *yaml.Node) string {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if value := node.Content[i+1]; node.Content[i].Value == "channel" && value.Kind == yaml.ScalarNode && value.Tag != "!!null" {
			text, _ := expand(value.Value, d.env)
			return text
		}
	}
	return ""
}

// strays reports keys of an inbox that belong to another channel. Of a channel that nobody knows that is said instead.
func (d *decoder) strays(s spot, parts []part) {
	channel := d.channelOf(s.node)
	if channel == "" {
		return
	}
	for _, p := range parts {
		if p.of == "" {
			continue
		}
		for _, f := range fieldsOf(p.Type()) {
			if path := s.path + "." + f.key; !blank(p.Field(f.index)) && !d.unreadable[path] {
				at := d.places.find(path)
				d.unreadable[path] = true
				d.problems = append(d.problems, Problem{at.file, at.line, at.column, path, fmt.Sprintf("this belongs to an inbox of channel %s", p.of), "remove it, or correct the channel"})
			}
		}
	}
}

// inlined are the structs of channels among the fields of an inbox, and of a configuration.
func inlined(v reflect.Value) (out []reflect.Value) {
	if in, ok := reflect.TypeAssert[Inbox](v); ok && in.Section != nil {
		out = append(out, reflect.ValueOf(in.Section).Elem())
	}
	if c, ok := reflect.TypeAssert[Config](v); ok {
		for _, channel := range slices.Sorted(maps.Keys(c.Shared)) {
			out = append(out, reflect.ValueOf(c.Shared[channel]).Elem())
		}
	}
	return out
}

// section is one of a channel, with the path before its own paths, and what it may know.
// at is "inboxes[2]", and empty for what inboxes share.
type section struct {
	descriptor.Section
	at     string
	around descriptor.Around
}

// sections are those of the inboxes, and what inboxes share.
func (c Config) sections() (out []section) {
	for i, in := range c.Inboxes {
		if in.Section != nil {
			out = append(out, section{in.Section, fmt.Sprintf("inboxes[%d]", i), c.around(in)})
		}
	}
	for _, channel := range slices.Sorted(maps.Keys(c.Shared)) {
		out = append(out, section{c.Shared[channel], "", c.around(Inbox{})})
	}
	return out
}

// below is a path of the section's as one of the configuration's.
func (s section) below(path string) string { return strings.Trim(s.at+"."+path, ".") }

// around is what a channel's section may know beside itself.
// Sections are filled with it, too: only what fill fills before them has its defaults then.
func (c Config) around(in Inbox) descriptor.Around {
	return descriptor.Around{Inbox: in.Name, Address: in.Address, Aliases: in.Aliases, Domain: c.Desk.Domain, Languages: c.Desk.Languages, PublicURL: c.Listen.PublicURL,
		SMTP: c.Listen.SMTP != "", LMTP: c.Listen.LMTP != "", MaxMessage: c.Limits.MaxMessage, Categories: c.rules().CategoryKeys(), Acknowledges: c.Acknowledgements.Enabled,
		Shared: c.Shared[in.Channel]}
}

// validate lets the section look at itself.
func (s section) validate(v *validation) {
	s.Validate(&descriptor.Check{Around: s.around,
		Report: check.Report{Add: func(path, mistake, remedy string) { v.Add(s.below(path), mistake, remedy) }}})
}

// told is what one section tells.
type told struct {
	section
	descriptor.Facts
}

// facts are what the sections of a configuration tell.
func (c Config) facts() (out []told) {
	for _, s := range c.sections() {
		out = append(out, told{s, s.Section.Facts()})
	}
	return out
}

// Files are those that sections name, with whole paths.
func (c Config) Files() (out []descriptor.File) {
	for _, s := range c.facts() {
		for _, f := range s.Files {
			f.Path = s.below(f.Path)
			out = append(out, f)
		}
	}
	return out
}

// Inspect lets the sections tell what Validate takes and somebody should know, with whole paths. What has no function in f is not told.
func (c Config) Inspect(f descriptor.Findings) {
	for _, s := range c.sections() {
		if r, ok := s.Section.(descriptor.Reviewer); ok {
			r.Review(s.findings(f))
		}
	}
}

// findings puts the section's place before every path, and drops what f has no function for.
func (s section) findings(f descriptor.Findings) *descriptor.Findings {
	text := func(tell func(path, text string)) func(string, string) {
		return func(path, text string) {
			if tell != nil {
				tell(s.below(path), text)
			}
		}
	}
	return &descriptor.Findings{Around: s.around, Warn: text(f.Warn), Note: text(f.Note),
		Weak: func(path, mistake, accepted string) {
			if f.Weak != nil {
				f.Weak(s.below(path), mistake, accepted)
			}
		},
		Fails: func(path string, err error) {
			if f.Fails != nil {
				f.Fails(s.below(path), err)
			}
		}}
}
