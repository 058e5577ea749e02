package rules

// Access says how people get into the desk, and what is kept from them there.
type Access struct {
	// Roles from which the desk keeps where customers can be reached: agent, lead, administrator, auditor. They write to customers by name. Who has another role in a queue sees it there. Default: none.
	HideAddresses []string `yaml:"hide_addresses" enum:"agent,lead,administrator,auditor"`
}
