package configs

import (
	"frontdesk/channels/descriptor"
)

// Inbox is one account that customers write to.
type Inbox struct {
	// Name, for ever: it is part of every message's key. Letters, digits, - and _.
	Name string `yaml:"name" check:"required"`
	// Kind of medium.
	Channel string `yaml:"channel" check:"required" enum:"@channels"`
	// Our address on that medium: mail address, telephone number with +, bot name.
	Address string `yaml:"address"`
	// Further addresses that reach the same inbox.
	Aliases []string `yaml:"aliases"`
	// Name beside the address in what we send.
	DisplayName string `yaml:"display_name"`
	// Language to assume when the message does not show it (BCP 47).
	Language string `yaml:"language"`
	// Queue of tickets that no routing rule and no category claims.
	Queue string `yaml:"queue"`
	// Share of the work against the other inboxes' while all have much to do: 1 to 100. Default: 1.
	Weight int `yaml:"weight"`
	// Show its messages to the scanners, where any are configured. Default: true.
	Scan *bool `yaml:"scan"`
	// What stands below what agents write, by language (BCP 47), in Markdown. {agent} is the agent's name, {desk} the desk's. A language without one takes that of English. Default: none.
	Signature map[string]string `yaml:"signature"`
	// Quote the customer's mail below the answer to it: that mail alone, and its beginning where it is long. Default: true.
	Quote *bool `yaml:"quote"`
	// Section is what the channel's own keys say; nil for a channel that has none.
	Section descriptor.Section
}

// Quotes reports whether answers quote what they answer.
func (in Inbox) Quotes() bool { return in.Quote == nil || *in.Quote }

// Facts are what the inbox's section tells; nothing for a channel that has none.
func (in Inbox) Facts() descriptor.Facts {
	if in.Section == nil {
		return descriptor.Facts{}
	}
	return in.Section.Facts()
}
