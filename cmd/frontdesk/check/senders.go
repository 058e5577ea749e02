package check

import (
	"fmt"

	"frontdesk/channels/descriptor"
	"frontdesk/configs"
)

// notes are what inboxes say of themselves that works less well than it could.
func notes(c configs.Config) (out configs.Problems) {
	c.Inspect(descriptor.Findings{Note: func(path, text string) { out = append(out, configs.Problem{Path: path, Text: text}) }})
	return out
}

// unheardWarnings says whose acknowledgements reach nobody: each channel tells of its own inboxes, and here stands
// what only the whole knows, a form without an inbox that can write mail. Without a configuration file all mail is
// kept in the sink, as the ready line's page shows.
func unheardWarnings(c configs.Config) (out configs.Problems) {
	if !c.Acknowledgements.Enabled {
		return nil
	}
	c.Inspect(descriptor.Findings{Warn: func(path, text string) { out = append(out, configs.Problem{Path: path, Text: text}) }})
	traits := c.Kinds.Line()
	for _, in := range c.Inboxes {
		if traits[in.Channel].Mail {
			return out
		}
	}
	for i, in := range c.Inboxes {
		if in.Facts().Leaves {
			out = append(out, configs.Problem{Path: fmt.Sprintf("inboxes[%d]", i), Text: fmt.Sprintf("inbox %s: a visitor leaves his mail address and hears nothing, because no inbox can write mail; "+
				"add an inbox with channel: email and a relay", in.Name)})
		}
	}
	return out
}
