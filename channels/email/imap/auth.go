package imap

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"

	"frontdesk/channels"
	"frontdesk/channels/email/oauth"
)

// errSignIn says that the server did not take the credentials.
var errSignIn = errors.New("the server did not accept the credentials")

// auth holds how an account signs in, and lets it rest after refusals so that a revoked password
// is not tried again and again (which gets accounts and addresses locked).
type auth struct {
	// They are the configuration's. method is AuthPassword, AuthXOAUTH2 or AuthOAuthBearer; tokens is nil with a password.
	inbox, host, user, password, method string
	port                                int
	tokens                              oauth.TokenSource

	// mu guards fails and until: Fetch and what runs aside sign in by the same account. fails counts refusals in a row, until ends the rest.
	mu    sync.Mutex
	fails int
	until time.Time
}

// newAuth makes the account's state, which all connections of a Fetcher share: a refusal on one of them lets the others rest, too.
func newAuth(c Config) *auth {
	return &auth{
		inbox: c.Inbox, host: c.Host, port: c.Port, user: c.User, password: c.Password,
		method: c.Auth, tokens: c.Tokens,
	}
}

const (
	// The rest after a first refusal; it doubles with each other one in a row, up to restMax. So a server that counts bad sign-ins sees
	// few of them, and a password that was mended is noticed within an hour.
	restFirst = 5 * time.Minute
	restMax   = time.Hour
)

// gate refuses while the account rests.
// It costs no connection; After tells the runner when to come back.
func (a *auth) gate(now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !now.Before(a.until) {
		return nil
	}
	return a.fault(a.until.Sub(now), "", errors.New("the account rests after refused sign-ins"))
}

// accepted forgets earlier refusals.
func (a *auth) accepted() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fails, a.until = 0, time.Time{}
}

// refused sends the account to rest if err is a refusal of its credentials, and returns the error
// to report: it names the inbox and never the user or the secret.
func (a *auth) refused(now time.Time, err error) error {
	code := ""
	switch e, known := errors.AsType[*channels.Error](err); {
	case known && e.Class == channels.Unauthorized:
		code = e.Code
	case errors.Is(err, errSignIn):
		if status, ok := status(err); ok {
			code = codeOf(status)
		}
		err = errSignIn
	default:
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	wait := min(restFirst<<min(a.fails, 10), restMax)
	a.fails++
	a.until = now.Add(wait)
	return a.fault(wait, code, err)
}

// fault is the error of a refused sign-in, with the time to wait.
func (a *auth) fault(after time.Duration, code string, err error) error {
	return &channels.Error{Op: "signing in to inbox " + a.inbox, Class: channels.Unauthorized, After: after, Code: code, Err: err}
}

// secret is the password or an access token; fresh asks for one that was not used before.
// A password is the same every time; tokens come from the token source, which keeps and refreshes them for all connections.
func (a *auth) secret(ctx context.Context, fresh bool) (string, error) {
	if a.method == AuthPassword {
		return a.password, nil
	}
	return a.tokens.Token(ctx, fresh)
}

// signIn authenticates and learns what the server can do from then on.
// Capabilities are read before, to choose the mechanism, and again after: many servers tell IDLE, MOVE and others only to a user
// who is signed in (RFC 9051 §6.1.1).
func (s *session) signIn(ctx context.Context, a *auth, secret string) error {
	challenged := false
	err := s.run(ctx, s.quiet, func() error {
		s.caps = s.client.Caps()
		client := a.sasl(secret, s.caps, &challenged)
		if client == nil {
			return s.client.Login(a.user, secret).Wait()
		}
		return s.client.Authenticate(client)
	})
	if err != nil {
		return signInFault(err, challenged)
	}
	return s.run(ctx, s.quiet, func() error {
		s.caps = s.client.Caps()
		return nil
	})
}

// signInFault tells a refusal of the credentials from other trouble.
// Only a NO, or a BAD behind a challenge, is about the credentials. A BAD without one is a command that the server did not
// understand; SERVERBUG, UNAVAILABLE and throttling pass by themselves, and must not send the account to rest.
func signInFault(err error, challenged bool) error {
	status, ok := status(err)
	if !ok {
		return fmt.Errorf("signing in: %w", err)
	}
	passing := status.Type == imap.StatusResponseTypeBad && !challenged ||
		status.Code == imap.ResponseCodeServerBug || general(status)
	if passing {
		return fmt.Errorf("signing in: %w", err)
	}
	return fmt.Errorf("%w: %w", errSignIn, err)
}

// sasl chooses the mechanism; nil means the LOGIN command, which every server in use has, unless it
// says that it has not.
// AUTHENTICATE PLAIN is taken where the secret has characters beyond ASCII, which LOGIN cannot carry, or where LOGINDISABLED forbids LOGIN.
func (a *auth) sasl(secret string, caps imap.CapSet, challenged *bool) sasl.Client {
	switch a.method {
	case AuthXOAUTH2:
		return &bearer{mech: "XOAUTH2", challenged: challenged, reply: []byte{},
			first: "user=" + a.user + "\x01auth=Bearer " + secret + "\x01\x01"}
	case AuthOAuthBearer:
		return &bearer{mech: "OAUTHBEARER", challenged: challenged, reply: []byte{1}, first: fmt.Sprintf(
			"n,a=%s,\x01host=%s\x01port=%d\x01auth=Bearer %s\x01\x01", saslName(a.user), a.host, a.port, secret)}
	}
	plain := strings.ContainsFunc(a.user+secret, func(r rune) bool { return r > 0x7e })
	if caps.Has(imap.AuthCap(sasl.Plain)) && (plain || caps.Has(imap.CapLoginDisabled)) {
		return sasl.NewPlainClient("", a.user, secret)
	}
	return nil
}

// saslName escapes a name for the GS2 header (RFC 5801 §4).
func saslName(s string) string {
	return strings.NewReplacer("=", "=3D", ",", "=2C").Replace(s)
}

// bearer speaks XOAUTH2 and OAUTHBEARER (RFC 7628): all is said in the first answer. When the
// token is refused the server explains in a challenge, which must be answered before it says NO.
type bearer struct {
	// first is the whole initial answer. reply is what a challenge is answered with: empty for XOAUTH2, one control-A for OAUTHBEARER
	// (RFC 7628 §3.2.3). challenged is set when there was a challenge, which means that the token was refused.
	mech, first string
	reply       []byte
	challenged  *bool
}

// Start implements sasl.Client.
func (b *bearer) Start() (string, []byte, error) { return b.mech, []byte(b.first), nil }

// Next implements sasl.Client: the answer that lets the server go on to its NO.
func (b *bearer) Next([]byte) ([]byte, error) {
	*b.challenged = true
	return b.reply, nil
}
