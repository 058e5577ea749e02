package configs

import (
	"fmt"
	"reflect"

	"go.yaml.in/yaml/v3"

	"frontdesk/channels"
)

// part is a struct whose fields are keys of a mapping. Of an inbox its channel has one, too.
type part struct {
	reflect.Value
	of string // channel to whose inboxes it belongs, where this is none of them
}

// parts are those of one mapping: its own struct first.
func (d *decoder) parts(s spot, v reflect.Value) []part {
	out := []part{{Value: v}}
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

// channelOf reads the channel of an inbox before its other keys.
func (d *decoder) channelOf(node *yaml.Node) string {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if value := node.Content[i+1]; node.Content[i].Value == "channel" && value.Kind == yaml.ScalarNode {
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
			if path := s.path + "." + f.key; !p.Field(f.index).IsZero() && !d.unreadable[path] {
				at := d.places.find(path)
				d.unreadable[path] = true
				d.problems = append(d.problems, Problem{at.file, at.line, at.column, path, fmt.Sprintf("this belongs to an inbox of channel %s", p.of), "remove it, or correct the channel"})
			}
		}
	}
}

// inlined is the section of a channel among the fields of an inbox, as a struct.
func inlined(v reflect.Value) (out []reflect.Value) {
	if in, ok := reflect.TypeAssert[Inbox](v); ok && in.Section != nil {
		out = append(out, reflect.ValueOf(in.Section).Elem())
	}
	return out
}

// around is what a channel's section may know beside itself.
func (c Config) around(in Inbox) channels.Around {
	return channels.Around{Address: in.Address, Languages: c.Desk.Languages, PublicURL: c.Listen.PublicURL, Categories: categoryKeys(c)}
}

// told is what one section tells, with what its paths begin with.
type told struct {
	at string
	channels.Facts
}

// facts are what the sections of a configuration tell.
func (c Config) facts() (out []told) {
	for i, in := range c.Inboxes {
		if in.Section != nil {
			out = append(out, told{fmt.Sprintf("inboxes[%d].", i), in.Section.Facts()})
		}
	}
	return out
}
