package channels

import "frontdesk/pipeline/message"

// Kind is a channel as the rest of Frontdesk sees it: what its folder exports. Nothing outside of the folder and the
// registry names it.
type Kind struct {
	Name   string // as configuration, rules and books write it, for ever
	Traits Traits
}

// Kinds are the channels that a program has, in the order in which people read them.
type Kinds []Kind

// Names lists them.
func (k Kinds) Names() []string {
	out := make([]string, len(k))
	for i, kind := range k {
		out[i] = kind.Name
	}
	return out
}

// Traits are those of all channels, by name.
func (k Kinds) Traits() map[string]Traits {
	out := make(map[string]Traits, len(k))
	for _, kind := range k {
		out[kind.Name] = kind.Traits
	}
	return out
}

// Line is what the line is told of each channel, by name.
func (k Kinds) Line() map[string]message.Traits {
	out := make(map[string]message.Traits, len(k))
	for _, kind := range k {
		out[kind.Name] = kind.Traits.Traits
	}
	return out
}
