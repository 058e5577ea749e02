package twilio

// home is the inbox that takes in what comes to a number, by way of a messaging service or of none: whose own number
// it is, else the first that uses the service. Empty: none of ours. Webhook and list ask the same, so a message
// has one home whichever of the two brings it first.
func (c *Connector) home(to, service string) string {
	if to != "" && to == c.cfg.Number {
		return c.cfg.Inbox
	}
	for _, n := range c.cfg.Account {
		if to != "" && to == n.Number {
			return n.Inbox
		}
	}
	for _, n := range c.cfg.Account {
		if service != "" && service == n.MessagingServiceSID {
			return n.Inbox
		}
	}
	if service != "" && service == c.cfg.MessagingServiceSID {
		return c.cfg.Inbox
	}
	return ""
}

// SharesWith implements channels.Sharer.
func (c *Connector) SharesWith() []string {
	var out []string
	for _, n := range c.cfg.Account {
		if n.Inbox != c.cfg.Inbox {
			out = append(out, n.Inbox)
		}
	}
	return out
}
