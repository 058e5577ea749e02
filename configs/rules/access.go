package rules

import "frontdesk/configs/values"

// Access says how people get into the desk, and what is kept from them there.
type Access struct {
	// Roles from which the desk keeps where customers can be reached: agent, lead, administrator, auditor. They write to customers by name. Who has another role in a queue sees it there. Default: none.
	HideAddresses []string `yaml:"hide_addresses" enum:"agent,lead,administrator,auditor"`
	// Roles whose people show something besides their password when they sign in, an authenticator or a passkey, or a passkey alone: agent, lead, administrator, auditor. Who has nothing yet is led to where he sets it up, before anything else. Default: none.
	SecondFactor []string `yaml:"second_factor" enum:"agent,lead,administrator,auditor"`
	// Who vouches for your people, by OpenID Connect. Default: nobody; people have passwords.
	OIDC *OIDC `yaml:"oidc"`
}

// OIDC is an issuer of OpenID Connect. The address that it is told to lead back to is https://NAME/desk/sign-in/issuer/back, where NAME is one of listen.desk_names.
type OIDC struct {
	// Its address, as its tokens name it.
	Issuer string `yaml:"issuer" check:"required"`
	// What this desk is called there.
	ClientID string `yaml:"client_id" check:"required"`
	// The secret of this desk there.
	ClientSecret values.Secret `yaml:"client_secret"`
	// Name on the button.
	Name string `yaml:"name"`
	// What is asked of it beside openid. Default: profile, email.
	Scopes []string `yaml:"scopes"`
	// The claim in which groups stand. Default: groups.
	GroupsClaim string `yaml:"groups_claim"`
	// Which roles groups give. With any, roles of who comes so are those of his groups and no others.
	Groups []GroupRole `yaml:"groups"`
	// Believe the issuer that an address which it calls verified is the person's: then it finds the user who has that address. Whoever can have an address there becomes that user. Default: false.
	LinkByEmail bool `yaml:"link_by_email"`
}

// GroupRole is a role that a group gives.
type GroupRole struct {
	// Name of the group, as the issuer writes it.
	Group string `yaml:"group" check:"required"`
	// agent, lead, administrator or auditor.
	Role string `yaml:"role" check:"required" enum:"agent,lead,administrator,auditor"`
	// Queues in which the role holds. Default: all.
	Queues []string `yaml:"queues"`
}
