package twilio

import (
	"cmp"
	"regexp"
	"strings"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/values"
)

// Section is what an SMS inbox configures.
type Section struct {
	// SMS by Twilio.
	Twilio *Account `yaml:"twilio"`
}

// Account is one Twilio number or messaging service.
type Account struct {
	// Account SID (AC…).
	AccountSID string `yaml:"account_sid" check:"required"`
	// Auth token; it also signs the webhooks.
	AuthToken values.Secret `yaml:"auth_token" check:"required"`
	// Sending number with +. Empty: the inbox's address.
	From string `yaml:"from"`
	// Messaging service (MG…) to send through instead of one number.
	MessagingServiceSID string `yaml:"messaging_service_sid"`
	// Address of the API, for tests and regions.
	BaseURL string `yaml:"base_url"`
}

var (
	// The forms of Twilio's SIDs: two letters and 32 hexadecimal digits.
	accountForm = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	serviceForm = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
	// A number, a short code, or a sender name (GSM 03.40 has room for 11 letters).
	fromForm = regexp.MustCompile(`^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|[0-9A-Za-z ]{1,11})$`)
)

// Fill implements descriptor.Section.
func (s *Section) Fill(a descriptor.Around) {
	if s.Twilio == nil {
		return
	}
	s.Twilio.BaseURL = cmp.Or(s.Twilio.BaseURL, "https://api.twilio.com")
	if s.Twilio.MessagingServiceSID == "" {
		s.Twilio.From = cmp.Or(s.Twilio.From, a.Address)
	}
}

// Validate implements descriptor.Section.
func (s *Section) Validate(c *descriptor.Check) {
	if strings.Contains(c.Address, ":") || s.Twilio != nil && strings.Contains(s.Twilio.From, ":") {
		c.Add("address", "senders of WhatsApp, Messenger and RCS are not connected yet", "write the number of an SMS sender, such as +85221234567")
	} else if c.Address == "" && (s.Twilio == nil || s.Twilio.From == "") || c.Address != "" && !values.IsPhone(c.Address) {
		c.Add("address", "this is no telephone number", "write it with + and country code, such as +85221234567")
	}
	if s.Twilio == nil {
		c.Add("twilio", "the value is missing", "add twilio with account_sid and auth_token")
		return
	}
	c.Called("twilio")
	c.Web("twilio.base_url", s.Twilio.BaseURL)
	if s.Twilio.From == "" && s.Twilio.MessagingServiceSID == "" {
		c.Add("twilio.from", "nothing says who sends", "give the inbox an address, or set from or messaging_service_sid")
	}
	s.Twilio.ids(c)
}

// ids checks what Twilio would answer each call with "not found" for.
func (t *Account) ids(c *descriptor.Check) {
	for _, id := range []struct {
		key, value string
		form       *regexp.Regexp
		text, fix  string
	}{
		{"account_sid", t.AccountSID, accountForm, "this is no account SID", "copy it from Twilio's console: AC and 32 digits 0-9 a-f"},
		{"messaging_service_sid", t.MessagingServiceSID, serviceForm, "this is no SID of a messaging service", "copy it from Twilio's console: MG and 32 digits 0-9 a-f"},
		{"from", t.From, fromForm, "this is no sender", "write a number with + and country code, a short code of 3 to 8 digits, or a sender name of at most 11 letters A-Z a-z, digits and spaces"},
	} {
		if id.value != "" && !id.form.MatchString(id.value) {
			c.Add("twilio."+id.key, id.text, id.fix)
		}
	}
}

// Facts implements descriptor.Section.
func (s *Section) Facts() descriptor.Facts {
	out := descriptor.Facts{Called: true}
	if s.Twilio != nil {
		out.URLs = map[string]string{"twilio.base_url": s.Twilio.BaseURL}
	}
	return out
}

// Renew implements descriptor.Renewer: the token may be exchanged.
func (s *Section) Renew(next descriptor.Section) descriptor.Section {
	n, ok := next.(*Section)
	if !ok || s.Twilio == nil || n.Twilio == nil {
		return s
	}
	t := *s.Twilio
	t.AuthToken = n.Twilio.AuthToken
	return &Section{Twilio: &t}
}
