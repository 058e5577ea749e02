package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/channels/descriptor"
	config "frontdesk/configs/values"
)

// FormSection is what an inbox with a contact form configures.
type FormSection struct {
	// Hosted contact form.
	Form *FormSettings `yaml:"form"`
}

// FormSettings are those of one hosted contact form: /form/NAME.
type FormSettings struct {
	// Languages of the page. Empty: those of the desk's that the page has words in.
	Languages []string `yaml:"languages"`
	// Fields shown besides name, e-mail and text.
	Fields []string `yaml:"fields" enum:"phone,topic,order,files"`
	// Topics to choose from: category keys. Empty: every category.
	Topics []string `yaml:"topics"`
	// Proof of work: the average number of hashes a visitor's browser tries.
	Difficulty int `yaml:"difficulty"`
	// Key that signs challenges. Empty: derived from the installation's key.
	Secret config.Secret `yaml:"secret"`
	// Fastest a person fills the form; faster posts are parked as spam.
	MinimumFill config.Duration `yaml:"minimum_fill"`
	// Posts from one address an hour.
	PerHour int `yaml:"per_hour"`
	// Whether a telephone number gets a text before it has shown, by a message of its own, whose it is.
	SMSToClaimed string `yaml:"sms_to_claimed" enum:"never,allowed"`
}

// APISection is what an inbox of the generic HTTP door configures.
type APISection struct {
	// Generic HTTP.
	API *APISettings `yaml:"api"`
}

// APISettings are those of one generic HTTP door: POST /api/v1/inboxes/NAME/messages.
type APISettings struct {
	// Bearer tokens that may post; several while one is being replaced.
	Tokens []config.Secret `yaml:"tokens" check:"required"`
	// Keys with which your application signs who its user is (from.signature), of 32 characters at least; several while one is being replaced.
	IdentityKeys []config.Secret `yaml:"identity_keys"`
	// Whoever holds a token has signed in the sender of every message himself: its first address is proven without a signature. Default: false.
	TrustSender bool `yaml:"trust_sender"`
	// Whether a telephone number gets a text before it has shown, by a message of its own, whose it is.
	SMSToClaimed string `yaml:"sms_to_claimed" enum:"never,allowed"`
}

// allowed is the word that lets texts go to numbers that somebody only typed.
const allowed = "allowed"

// pageLanguages are those in which the contact form has words.
func pageLanguages() []string { return []string{"zh-Hans", "zh-Hant", "en"} }

// Fill implements descriptor.Section.
func (s *FormSection) Fill(a descriptor.Around) {
	if s.Form == nil {
		s.Form = &FormSettings{}
	}
	f := s.Form
	if len(f.Languages) == 0 {
		f.Languages = slices.DeleteFunc(slices.Clone(a.Languages), func(tag string) bool { return !slices.Contains(pageLanguages(), tag) })
	}
	if len(f.Fields) == 0 {
		f.Fields = []string{"phone", "topic", "order", "files"}
	}
	f.Difficulty = cmp.Or(f.Difficulty, 50_000)
	f.MinimumFill = cmp.Or(f.MinimumFill, config.Duration(3*time.Second))
	f.PerHour = cmp.Or(f.PerHour, 20)
	f.SMSToClaimed = cmp.Or(f.SMSToClaimed, "never")
}

// Validate implements descriptor.Section.
func (s *FormSection) Validate(c *descriptor.Check) {
	f := s.Form
	if f == nil {
		return
	}
	if len(f.Languages) == 0 {
		c.Add("form.languages", "the page has no words in any of the desk's languages", "write some of: "+strings.Join(pageLanguages(), ", "))
	}
	for i, tag := range f.Languages {
		c.Word(fmt.Sprintf("form.languages[%d]", i), tag, "language of the page", pageLanguages())
	}
	for i, key := range f.Topics {
		c.Word(fmt.Sprintf("form.topics[%d]", i), key, "category", c.Categories)
	}
	if f.Difficulty < 1000 || f.Difficulty > 10_000_000 {
		c.Add("form.difficulty", "this much work is nothing, or never done on a telephone", "write 1000 to 10000000; 50000 takes about a second")
	}
}

// Facts implements descriptor.Section.
func (s *FormSection) Facts() descriptor.Facts {
	out := descriptor.Facts{Called: true, Leaves: true}
	if s.Form != nil {
		out.Secrets, out.Doors = map[string]config.Secret{"form.secret": s.Form.Secret}, map[string]bool{"form.secret": true}
		out.TextsTyped = s.Form.SMSToClaimed == allowed
	}
	return out
}

// Fill implements descriptor.Section.
func (s *APISection) Fill(descriptor.Around) {
	if s.API != nil {
		s.API.SMSToClaimed = cmp.Or(s.API.SMSToClaimed, "never")
	}
}

// Validate implements descriptor.Section.
// A key that is also a token would let every caller sign: the two are held by different programs on purpose.
func (s *APISection) Validate(c *descriptor.Check) {
	if s.API == nil {
		c.Add("api", "the value is missing", "add api with tokens")
		return
	}
	for i, token := range s.API.Tokens {
		if token.Empty() {
			c.Add(fmt.Sprintf("api.tokens[%d]", i), "the value is missing", "remove it, or make one with: openssl rand -hex 16")
		}
	}
	for i, key := range s.API.IdentityKeys {
		where := fmt.Sprintf("api.identity_keys[%d]", i)
		switch {
		case key.Empty():
			c.Add(where, "the value is missing", "remove it, or make one with: openssl rand -hex 32")
		case len(key.Reveal()) < minIdentityKey:
			c.Add(where, fmt.Sprintf("the key has fewer than %d characters", minIdentityKey), "make one with: openssl rand -hex 32")
		case slices.ContainsFunc(s.API.Tokens, key.Equal):
			c.Add(where, "the key is one of the tokens, so whoever may post could sign for anybody", "make another with: openssl rand -hex 32, and keep it on your server")
		}
	}
}

// Facts implements descriptor.Section.
func (s *APISection) Facts() descriptor.Facts {
	out := descriptor.Facts{Called: true, Secrets: map[string]config.Secret{}, Doors: map[string]bool{}}
	if s.API == nil {
		return out
	}
	for i, token := range s.API.Tokens {
		path := fmt.Sprintf("api.tokens[%d]", i)
		out.Secrets[path], out.Doors[path] = token, true
	}
	for i, key := range s.API.IdentityKeys {
		out.Secrets[fmt.Sprintf("api.identity_keys[%d]", i)] = key
	}
	out.TextsTyped = s.API.SMSToClaimed == allowed
	return out
}

// Renew implements descriptor.Renewer: tokens and keys may be exchanged.
func (s *APISection) Renew(next descriptor.Section) descriptor.Section {
	n, ok := next.(*APISection)
	if !ok || s.API == nil || n.API == nil {
		return s
	}
	a := *s.API
	a.Tokens, a.IdentityKeys = n.API.Tokens, n.API.IdentityKeys
	return &APISection{API: &a}
}
