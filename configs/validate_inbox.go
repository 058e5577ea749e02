package configs

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"frontdesk/configs/values"
)

// inboxName: the name stands in addresses of pages, in keys and in metrics, so it has letters that need no escape anywhere.
var inboxName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// inboxes checks each inbox, then what must not be twice among them.
func (v *validation) inboxes(c Config) {
	names := make([]string, len(c.Inboxes))
	for i, in := range c.Inboxes {
		names[i] = in.Name
		at := fmt.Sprintf("inboxes[%d]", i)
		v.inbox(at, in, c)
	}
	v.Unique(names, func(i int) string { return fmt.Sprintf("inboxes[%d].name", i) }, "inbox name")
	v.addresses(c.Inboxes)
}

// inbox checks what all channels have; the channel's own part checks itself (section.go).
func (v *validation) inbox(at string, in Inbox, c Config) {
	if in.Weight < 0 || in.Weight > 100 {
		v.Add(at+".weight", fmt.Sprintf("%d is no weight", in.Weight), "give a number from 1 to 100")
	}
	if in.Name != "" && !inboxName.MatchString(in.Name) {
		v.Add(at+".name", "the name has other letters than the addresses of pages allow", "use A-Z a-z 0-9 - and _, at most 64")
	}
	if in.Language != "" {
		v.Language(at+".language", in.Language, c.Desk.Languages)
	}
	if in.Queue != "" {
		v.Word(at+".queue", in.Queue, "queue", c.rules().QueueNames())
	}
}

// addresses reports one mail address or number that two inboxes claim.
func (v *validation) addresses(inboxes []Inbox) {
	owner := map[string]string{}
	for i, in := range inboxes {
		for j, address := range append([]string{in.Address}, in.Aliases...) {
			key := in.Channel + " " + strings.ToLower(address)
			at := fmt.Sprintf("inboxes[%d].address", i)
			if j > 0 {
				at = fmt.Sprintf("inboxes[%d].aliases[%d]", i, j-1)
			}
			if first, taken := owner[key]; taken && address != "" {
				v.Add(at, fmt.Sprintf("the inbox %q has this address already", first), "give each address to one inbox")
			}
			owner[key] = in.Name
		}
	}
}

// webhooks wants https beyond this machine: calls carry ticket numbers and a signature.
func (v *validation) webhooks(hooks []Webhook, queues []string) {
	for i, h := range hooks {
		for _, q := range h.Queues {
			v.Word(fmt.Sprintf("webhooks[%d].queues", i), q, "queue", queues)
		}
		v.hook(fmt.Sprintf("webhooks[%d]", i), h.URL, h.Secret)
	}
}

// hook wants https and a key of the standard's form where it says that it is one.
func (v *validation) hook(at, address string, secret values.Secret) {
	if text, is := strings.CutPrefix(secret.Reveal(), "whsec_"); is {
		if key, err := base64.StdEncoding.DecodeString(text); err != nil || len(key) < 24 {
			v.Add(at+".secret", "behind whsec_ there are no 24 bytes or more in base64", "make one: echo whsec_$(openssl rand -base64 32)")
		}
	}
	u, err := url.Parse(address)
	switch {
	case address == "":
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		v.Add(at+".url", "this is no web address", "write https://host/path")
	case u.Scheme == "http" && !values.IsLoopback(u.Hostname()):
		v.Add(at+".url", "the call would travel unencrypted", "write https://…")
	}
}
