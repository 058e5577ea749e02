package service

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/channels/guard"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/configs"
	"frontdesk/workers/decide"
	"frontdesk/workers/ops"
	"frontdesk/workers/store"
	"frontdesk/workers/store/view"
)

// operatorToken opens the operator's page.
type operatorToken struct {
	text  string
	made  bool // by a start, and kept in the data directory; else it was configured
	fresh bool // by this very start
	shown bool // the start has come so far that it was shown
}

// tokenBytes is how much chance is in a token that a start makes: 256 bits, which nobody guesses however fast he may
// ask.
const tokenBytes = 32

// TokenFile holds the token that a start makes when none is configured.
func TokenFile(dir string) string { return filepath.Join(dir, "ops.token") }

// openToken is the configured token, or the one in the data directory. A first start makes that. Two processes that
// start at once on one data directory do not race: the directory has one owner.
func openToken(c configs.Config) (operatorToken, error) {
	if !c.Listen.OpsToken.Empty() {
		return operatorToken{text: c.Listen.OpsToken.Reveal()}, nil
	}
	path := TokenFile(c.DataDir)
	text, err := ReadToken(path)
	if err == nil {
		return operatorToken{text: text, made: true}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return operatorToken{}, fmt.Errorf("reading the token of the operator's page: %w", err)
	}
	random := make([]byte, tokenBytes)
	rand.Read(random) // never fails (crypto/rand)
	text = base64.RawURLEncoding.EncodeToString(random)
	if err := writeToken(path, text); err != nil {
		return operatorToken{}, fmt.Errorf("keeping the token of the operator's page: %w", err)
	}
	return operatorToken{text: text, made: true, fresh: true}, nil
}

// ReadToken reads a token that nobody but this user can have put there: in a folder that others may write into, one
// could lie there that somebody else knows.
func ReadToken(path string) (string, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	if why := notOurs(info); why != "" {
		return "", fmt.Errorf("%s %s; remove it, and the next start makes another (chmod 0600 is enough if you put it there yourself)", path, why)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(b))
	if random, err := base64.RawURLEncoding.DecodeString(text); err != nil || len(random) < tokenBytes/2 {
		return "", fmt.Errorf("%s holds no token that a start has made; remove it, and the next start makes another, or set listen.ops_token", path)
	}
	return text, nil
}

// writeToken writes a file that was not there, whole or not at all: the name is linked to a finished file, and
// link(2) fails where one is.
func writeToken(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "new-token-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text + "\n")
	if serr := f.Sync(); err == nil {
		err = serr
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

// arm reads or makes the token, where the operator's page is served. Sessions that rest upon an earlier one end:
// their secret may be why the token was taken away.
func (a *Service) arm(ctx context.Context) (err error) {
	if a.operator == nil {
		return nil
	}
	if a.token, err = openToken(a.config); err != nil || !a.token.fresh {
		return err
	}
	_, err = a.base.Store.Operators.EndSessions(ctx, a.base.Store.Operators.Ground(""), "")
	return err
}

// disarm forgets a token that nobody was shown, because the start has failed: the next one makes another and shows that.
func (a *Service) disarm() {
	if a.token.fresh && !a.token.shown {
		if err := os.Remove(TokenFile(a.config.DataDir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			a.logger.Warn("removing a token that was not shown failed", "error", err)
		}
	}
}

// SignInLink signs in at a page by the secret of a link. page has no slash at its end. The page takes the secret out
// of the address at once.
func SignInLink(page, secret string) string { return page + "/?token=" + url.QueryEscape(secret) }

// LinkFor is how long a link waits to be used: long enough to walk from the terminal to a browser, too short for a
// log to be worth reading.
const LinkFor = 10 * time.Minute

// SessionGround is what sessions rest upon under this configuration, as a keyed digest: a changed token gives another
// ground, so that all sessions of the old one have ended without a write.
func SessionGround(c configs.Config, s *store.Store) string {
	return s.Operators.Ground(c.Listen.OpsToken.Reveal())
}

// Link makes a link that signs in once, within LinkFor. What a terminal shows lies in logs and in windows that others
// see, so it is never the token itself. Where the token was configured, there is none ("" and no error): its owner
// has it.
func (a *Service) Link(ctx context.Context, page string) (string, error) {
	if !a.token.made {
		return "", nil
	}
	now := time.Now()
	secret, err := a.base.Store.Operators.Invite(ctx, SessionGround(a.config, a.base.Store), "", now.Add(LinkFor), now)
	if err != nil {
		return "", err
	}
	return SignInLink(page, secret), nil
}

// showLink says how to get into the page: by a link at the start that has made its token, by the command at any other. Tools read
// standard output, people the terminal.
func (a *Service) showLink(ctx context.Context, at Addresses) {
	a.token.shown = true
	if !a.token.made || a.given.Notes == nil {
		return
	}
	page := "http://" + Dialable(at.Ops)
	if !a.token.fresh {
		fmt.Fprintf(a.given.Notes, "page  %s  ('frontdesk login' makes a link that signs in)\n", page)
		return
	}
	link, err := a.Link(ctx, page)
	if err != nil {
		a.logger.Warn("making a link to the operator's page failed; 'frontdesk login' makes one", "error", err)
		return
	}
	fmt.Fprintf(a.given.Notes, "page  %s\n      (good once, for %d minutes; 'frontdesk login' makes a new link, and %s keeps the token)\n", link, int(LinkFor.Minutes()), TokenFile(a.config.DataDir))
}

// page makes the handler of the operator's listener. It is made when the listener opens, after the workers that it
// looks at.
func (a *Service) page(ctx context.Context) (http.Handler, error) {
	may, err := policy.MayGo(a.config)
	if err != nil {
		return nil, fmt.Errorf("making the operator's pages: %w", err)
	}
	return ops.New(ops.Config{Store: a.base.Store, Engine: a.engine, Registry: a.registry, Sink: a.wiring.SinkPage(), Onlooker: a.onlooker,
		Token: a.token.text, Made: a.token.made, MetricsToken: a.config.Listen.MetricsToken.Reveal(), Names: operatorNames(a.config), Proxied: a.config.Listen.OpsNames,
		Remote: a.door.Remote, Admitted: admitted, Desk: a.config.Desk.Name, DeskNames: a.config.Desk.Names, Zone: a.config.Desk.Timezone, Logger: a.logger,
		Queues: a.engine.Page("/queues"), Titles: pageTitles(a.config), Mask: a.settings.Mask, Original: a.originals(), May: may, Channels: a.settings.Channels, Wake: a.sweep.Wake, Done: ctx.Done()})
}

// originals opens what came, where this process may: one without a master key can't.
func (a *Service) originals() func(context.Context, view.Message) (decide.Original, error) {
	return decide.Originals{Store: a.base.Store, Decoders: a.wiring.Decoders, Mask: a.settings.Mask}.Open
}

// operatorNames are the names under which operators reach the page: those configured, this machine's, and those in the
// addresses of our listeners.
func operatorNames(c configs.Config) []string { return pageNames(c.Listen.OpsNames, c.Listen.Ops) }

func pageNames(configured []string, address string) []string {
	names := append([]string{}, configured...)
	if host, err := os.Hostname(); err == nil && host != "" {
		names = append(names, host)
	}
	if host, _, err := net.SplitHostPort(address); err == nil && host != "" {
		names = append(names, host)
	}
	return names
}

// operatorTimes end a connection to the operator's listener. A stream of events sets its own. They are values, so
// that tests need not wait.
type operatorTimes struct{ header, read, write, idle time.Duration }

func usualTimes() operatorTimes {
	return operatorTimes{header: 10 * time.Second, read: 30 * time.Second, write: time.Minute, idle: time.Minute}
}

// serveOperator serves the page until ctx ends. Every connection ends by itself, whatever its other side does or leaves.
func serveOperator(ctx context.Context, l net.Listener, h http.Handler, t operatorTimes) error {
	l = guard.Listen(l, operatorLimits())
	srv := &http.Server{Handler: h, ReadHeaderTimeout: t.header, ReadTimeout: t.read, WriteTimeout: t.write, IdleTimeout: t.idle,
		MaxHeaderBytes: 16 << 10, ConnState: rested, ConnContext: guard.Context, BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	return serveUntil(ctx, srv, l)
}

// Dialable is the address under which a listener of this machine is reached: 0.0.0.0 and :: are places to listen, and
// no one can be called there.
func Dialable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
