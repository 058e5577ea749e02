package descriptor

import (
	"net/url"

	"frontdesk/configs/check"
	"frontdesk/configs/values"
)

// Section is what an inbox of a channel configures beside what all inboxes do: a pointer to a struct whose fields are keys of the
// inbox, with the tags yaml, check and enum as package configs reads them. The comment above a field is its description in the
// schema.
// Fill comes first, then Validate, then the rest. They are called when the configuration is read, one after another, and ask nothing of the
// network.
type Section interface {
	// Fill gives every empty value its default.
	Fill(Around)
	// Validate reports what is wrong, beside what the tags say.
	Validate(*Check)
	// Facts tells what others have to know of it. It works on sections that Validate refuses.
	Facts() Facts
}

// Shared is what all inboxes of a channel have in common: a pointer to a struct whose fields are keys at the top of the file, such as
// the relays of mail.
// Renew is called at SIGHUP. Neither configuration is changed by it: it returns a new value, since sends go on meanwhile.
type Shared interface {
	Section
	// Part is what of it an inbox uses.
	Part(inbox Section) Section
	// Renew is what the next configuration's is taken over while the desk runs: all of it, and what inboxes still use that it has no more.
	Renew(next Shared, inboxes []Section) Shared
}

// Around is what a section may know beside itself.
// It is what the configuration says elsewhere, so that a section can check itself without knowing the whole.
type Around struct {
	Inbox, Address string // the inbox's own; empty for what inboxes share
	Aliases        []string
	Domain         string   // of the desk
	Languages      []string // of the desk
	PublicURL      string
	SMTP, LMTP     bool // which listeners for mail the desk has
	MaxMessage     values.Size
	Categories     []string
	Acknowledges   bool   // whether customers are answered at all
	Shared         Shared // by the inboxes of the channel; nil for none
}

// Check collects what is wrong with a section. Paths are relative to the inbox: "twilio.base_url".
type Check struct {
	Around
	check.Report
}

// Web checks an absolute http(s) address without query.
// A path is allowed: providers that are stood in for in tests answer below one.
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
// The zero Facts are those of a section that tells nothing.
type Facts struct {
	Called bool              // a provider or customers come by the public listener
	URLs   map[string]string // addresses of others that are called, by path: http to another host can be listened to
	// Secrets are those that whoever runs the desk makes up, by path; Doors those of them that guard a public door.
	Secrets map[string]values.Secret
	Doors   map[string]bool
	Files   []File   // that are named
	Trusted []string // servers that are believed about who sent a message
	Writers []string // senders that write for others: addresses, and @domain for all of one
	// Handed says that our SMTP and LMTP listeners take its mail; Marks, that something is done to each message at its source.
	Handed, Marks bool
	// TextsTyped says that a number which somebody only typed gets a text.
	TextsTyped bool
	// Leaves says that a visitor leaves a mail address at which he expects to hear.
	Leaves bool
}

// File is one that a section names. Path is that of its key, Name the file's own.
// It must be readable when the desk starts, and is read again at SIGHUP.
type File struct {
	Path, Name string
	Secret     bool // it holds a secret; else certificates of authorities (PEM) that are believed
}

// Reviewer is asked of a Section by assertion: what Validate takes and whoever runs the desk should know.
// It is asked by `frontdesk check` and at a start, never while mail is handled.
type Reviewer interface {
	Review(*Findings)
}

// Findings collects what a Reviewer finds. Paths are relative, as in Check.
type Findings struct {
	Around
	Weak  func(path, mistake, accepted string) // legal, and can be guessed or listened to
	Fails func(path string, err error)         // what a start fails at, where only reading a file tells
	Warn  func(path, text string)              // what a start takes and does not do what was meant
	Note  func(path, text string)              // what works less well than it could
}

// Renewer is asked of a Section by assertion: what of the next configuration is taken while the desk runs, such as a new password. It
// returns a copy of the section with that changed; what else is new waits for a restart.
// A section without it keeps its old values until a restart. Nothing by which a decoder reads may be taken so: recorded originals are
// read by the decoder that the process began with.
type Renewer interface {
	Renew(next Section) Section
}
