package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"frontdesk/configs"
	"frontdesk/pipeline/letter"
	answers "frontdesk/workers/store/answering"
)

// Letterheads are what each inbox puts below what agents write, by its name. Only mail quotes: a chat shows what was said before by itself.
func Letterheads(c configs.Config) map[string]answers.Letterhead {
	out := map[string]answers.Letterhead{}
	for _, in := range c.Inboxes {
		out[in.Name] = answers.Letterhead{Signatures: in.Signature, Quote: in.Quotes() && c.Kinds.Line()[in.Channel].Mail}
	}
	return out
}

// signatures tells of each signature in which nothing would be put in the place of a variable.
func signatures(c configs.Config, add func(string, error)) {
	for i, in := range c.Inboxes {
		for _, lang := range slices.Sorted(maps.Keys(in.Signature)) {
			if unknown := letter.Unknown(in.Signature[lang], letter.OfSignature()...); len(unknown) > 0 {
				add(fmt.Sprintf("inboxes[%d].signature.%s", i, lang), fmt.Errorf("reading a signature: there is no variable {%s}, but {%s}", strings.Join(unknown, "}, {"),
					strings.Join(letter.OfSignature(), "} and {")))
			}
		}
	}
}
