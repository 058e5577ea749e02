package relay

import (
	"context"
	"errors"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"frontdesk/channels"
)

// login says who we are, if the configuration says so.
// Without a user name nothing is said: relays within a network know us by our address.
func (c *conn) login(ctx context.Context) error {
	if c.cfg.Auth.Username == "" {
		return nil
	}
	c.auth = c.mechanism()
	if c.auth == "" || !c.SupportsAuth(c.auth) {
		return &channels.Error{Op: "logging in to relay", Class: channels.Unauthorized, Code: "no AUTH",
			Err: errors.New("the relay offers no mechanism that we could use")}
	}
	client, err := c.saslClient(ctx)
	if err != nil {
		return &channels.Error{Op: "fetching access token", Err: err}
	}
	if err := c.Auth(client); err != nil {
		return loginFault(err)
	}
	return nil
}

// mechanism is the configured one, or the best that fits the secret we have.
// "" means that the relay offers none of those that fit.
func (c *conn) mechanism() string {
	auth := c.cfg.Auth
	if auth.Mechanism != "" {
		return strings.ToUpper(auth.Mechanism)
	}
	if auth.Token != nil {
		return "XOAUTH2"
	}
	for _, name := range []string{sasl.Plain, sasl.Login} {
		if c.SupportsAuth(name) {
			return name
		}
	}
	return ""
}

// saslClient makes the client of the chosen mechanism. A token is asked for now and not kept: its source knows when it expires.
func (c *conn) saslClient(ctx context.Context) (sasl.Client, error) {
	auth := c.cfg.Auth
	switch c.auth {
	case sasl.Plain:
		return sasl.NewPlainClient("", auth.Username, auth.Password), nil
	case sasl.Login:
		return &login{answers: []string{auth.Username, auth.Password}}, nil
	default:
		token, err := auth.Token(ctx)
		return xoAuth2{user: auth.Username, token: token}, err
	}
}

// login answers whatever is asked with the name and then the password: relays differ in how
// they word the questions, and some take no name in the first line.
type login struct{ answers []string }

// Start implements sasl.Client: no initial answer, since not every relay takes one.
func (l *login) Start() (string, []byte, error) { return sasl.Login, nil, nil }

// Next implements sasl.Client.
func (l *login) Next([]byte) ([]byte, error) {
	if len(l.answers) == 0 {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	answer := l.answers[0]
	l.answers = l.answers[1:]
	return []byte(answer), nil
}

// xoAuth2 is the mechanism of Google and Microsoft for OAuth 2 access tokens.
type xoAuth2 struct{ user, token string }

// Start implements sasl.Client: everything is said in the initial answer.
func (x xoAuth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next answers the challenge that tells of a failure, so that the refusal itself follows.
func (x xoAuth2) Next([]byte) ([]byte, error) { return []byte{}, nil }

// loginFault tells refused credentials (5xx) from a relay that cannot check them now.
func loginFault(err error) error {
	if se, ok := errors.AsType[*smtp.SMTPError](err); ok && se.Code >= 500 {
		reply := reply{code: se.Code, enhanced: se.EnhancedCode}
		return &channels.Error{Op: "logging in to relay", Class: channels.Unauthorized, Code: reply.String(), Err: reply}
	}
	return fault("logging in to relay", elsewhere, err)
}
