package channels

import (
	"net/url"

	"frontdesk/configs/values"
)

// Section is what an inbox of a channel configures beside what all inboxes do: a pointer to a struct whose fields are keys of the
// inbox, with the tags yaml, check and enum as package configs reads them. The comment above a field is its description in the
// schema.
type Section interface {
	// Fill gives every empty value its default.
	Fill(Around)
	// Validate reports what is wrong, beside what the tags say.
	Validate(*Check)
	// Facts tells what others have to know of it. It works on sections that Validate refuses.
	Facts() Facts
}

// Around is what a section may know beside itself.
type Around struct {
	Address    string   // the inbox's own
	Languages  []string // of the desk
	PublicURL  string
	Categories []string
}

// Check collects what is wrong with a section. Paths are relative to the inbox: "twilio.base_url".
type Check struct {
	Around
	// Add notes a mistake at the path of its key, and what to do about it.
	Add func(path, mistake, remedy string)
	// Word notes a word that is none of those allowed; what says what they are.
	Word func(path, word, what string, allowed []string)
}

// Web checks an absolute http(s) address without query.
func (c *Check) Web(path, address string) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		c.Add(path, "this is no web address", "write https://host/path, without user, query and fragment")
	}
}

// Called notes that a provider calls us while nobody told it where.
func (c *Check) Called(path string) {
	if c.PublicURL == "" {
		c.Add(path, "the provider has to reach us and signs the address it calls", "set listen.public_url")
	}
}

// Facts are what a section tells to others. Paths are relative to the inbox, as in Check.
type Facts struct {
	Called bool              // a provider or customers come by the public listener
	URLs   map[string]string // addresses of others that are called, by path: http to another host can be listened to
	// Secrets are those that whoever runs the desk makes up, by path; Doors those of them that guard a public door.
	Secrets map[string]values.Secret
	Doors   map[string]bool
	// TextsTyped says that a number which somebody only typed gets a text.
	TextsTyped bool
	// Leaves says that a visitor leaves a mail address at which he expects to hear.
	Leaves bool
}

// Renewer is asked of a Section by assertion: what of the next configuration is taken while the desk runs, such as a new password. It
// returns a copy of the section with that changed; what else is new waits for a restart.
type Renewer interface {
	Renew(next Section) Section
}
