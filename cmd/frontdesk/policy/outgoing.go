package policy

import (
	"cmp"

	"frontdesk/configs"
	"frontdesk/pipeline/outgoing"
)

// Outgoing is the check of what agents send. The error says which part of the section outgoing cannot be read.
func Outgoing(c configs.Config) (*outgoing.Check, error) {
	mask, err := masker(c)
	if err != nil {
		return nil, err
	}
	out := outgoing.Config{Mask: mask, Cards: outgoing.Action(cmp.Or(c.Outgoing.Cards, string(outgoing.Block))), Identity: outgoing.Action(cmp.Or(c.Outgoing.IdentityNumbers, string(outgoing.Warn)))}
	for _, w := range c.Outgoing.ForbiddenWords {
		out.Words = append(out.Words, outgoing.Words{Languages: w.Languages, Words: w.Words, Action: outgoing.Action(cmp.Or(w.Action, string(outgoing.Warn)))})
	}
	return outgoing.New(out)
}
