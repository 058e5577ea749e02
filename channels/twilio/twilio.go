// Package twilio connects one Twilio number or messaging service: SMS and MMS in by signed webhook,
// caught up by the list API after downtime; SMS out with status callbacks.
//
// Of twilio-go only client and rest/api/v2010 are used: the root package doubles the build time and
// adds nothing. Its request validator is not used, as it rejects valid signatures with a repeated
// parameter or an apostrophe, and its HTTP client is replaced (see caller).
package twilio

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"frontdesk/channels"
	"frontdesk/channels/internal/safehttp"
	"frontdesk/channels/webhook"
)

// Config is one Twilio inbox.
type Config struct {
	Inbox      string // name of the inbox
	AccountSID string // AC…
	AuthToken  string // signs the webhooks and opens the API
	// Number is the inbox's own number in E.164, or its short code: what comes to it is the inbox's. Empty: it has none.
	Number string
	// From is the number, short code or name that we send from; MessagingServiceSID (MG…) lets Twilio choose among the
	// numbers of a service, and what comes to those numbers is the inbox's, too. One is needed to send.
	From                string
	MessagingServiceSID string
	// Account lists all inboxes of the same account in the order of the configuration, this one included, so that a message
	// is one inbox's.
	Account []Neighbour
	// PublicURL is the webhook's URL exactly as Twilio calls it, without query: the signature covers
	// it, and a proxy may have changed host, port and path by the time a request comes here. Without
	// it nothing can be received and sends ask for no status callbacks.
	PublicURL string
	// BaseURL replaces https://api.twilio.com for tests, emulators and edge locations.
	BaseURL string
	// Roots are the authorities that vouch for who answers; nil for the system's.
	Roots *x509.CertPool
	// Client replaces the guarded client; the guard is then its maker's duty.
	Client *http.Client
}

// Neighbour is an inbox of the same account.
type Neighbour struct {
	// Number and MessagingServiceSID may be empty; Number is as in Config.
	Inbox, Number, MessagingServiceSID string
}

// Connector is one Twilio inbox. It implements Webhook, Reconciler, Decoder, Sender, Looker, Tracer,
// MediaFetcher and Prober, and is safe for concurrent use.
type Connector struct {
	cfg  Config
	base *url.URL // never nil
	hook *url.URL // nil without PublicURL
	http *http.Client
}

var (
	_ webhook.Receiver      = (*Connector)(nil)
	_ channels.Reconciler   = (*Connector)(nil)
	_ channels.Decoder      = (*Connector)(nil)
	_ channels.Sender       = (*Connector)(nil)
	_ channels.Looker       = (*Connector)(nil)
	_ channels.Tracer       = (*Connector)(nil)
	_ channels.MediaFetcher = (*Connector)(nil)
	_ channels.Prober       = (*Connector)(nil)
	_ channels.Sharer       = (*Connector)(nil)
)

// apiURL is what twilio-go puts before every path; request replaces it by the base.
const apiURL = "https://api.twilio.com"

// New checks the configuration and makes the connector. It asks nothing of the network.
func New(cfg Config) (*Connector, error) {
	if cfg.BaseURL == "" {
		cfg.BaseURL = apiURL
	}
	c := &Connector{cfg: cfg, http: cfg.Client}
	if err := c.cfg.validate(); err != nil {
		return nil, fmt.Errorf("configuring twilio inbox %q: %w", cfg.Inbox, err)
	}
	c.base, _ = url.Parse(strings.TrimSuffix(cfg.BaseURL, "/")) // validate has parsed both
	if cfg.PublicURL != "" {
		c.hook, _ = url.Parse(cfg.PublicURL)
	}
	if c.http == nil {
		c.http = c.guarded()
	}
	return c, nil
}

// guarded reaches Twilio, the stores where it keeps media, and the configured base.
func (c *Connector) guarded() *http.Client {
	return safehttp.New(safehttp.Config{
		Hosts:    []string{"twilio.com", "twiliocdn.com", "amazonaws.com", c.base.Hostname()},
		Loopback: safehttp.LoopbackURL(c.cfg.BaseURL), Roots: c.cfg.Roots,
	})
}

// validate refuses what Twilio would answer every call with an error for.
func (c Config) validate() error {
	switch {
	case c.Inbox == "":
		return errors.New("the inbox has no name")
	case !regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`).MatchString(c.AccountSID):
		return errors.New("the account SID is not AC and 32 hexadecimal digits")
	case c.AuthToken == "":
		return errors.New("the auth token is missing")
	case c.From != "" && !regexp.MustCompile(`^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|[0-9A-Za-z ]{1,11})$`).MatchString(c.From):
		return errors.New("from is neither a number in E.164, a short code nor a sender name")
	}
	if err := absolute(c.BaseURL); err != nil {
		return fmt.Errorf("reading the base URL: %w", err)
	}
	if c.PublicURL == "" {
		return nil
	}
	if err := absolute(c.PublicURL); err != nil {
		return fmt.Errorf("reading the public URL: %w", err)
	}
	return nil
}

// absolute wants a URL that paths and queries can be added to.
func absolute(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return errors.New("it is not a URL")
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return errors.New("it needs a scheme and a host")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("it may have no query and no fragment")
	}
	return nil
}
