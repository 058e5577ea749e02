// Package telegram connects one bot of the Telegram Bot API (https://core.telegram.org/bots/api):
// messages in by long poll or by webhook, out by sendMessage. It is plain HTTP: the known libraries
// confirm an update before its handler has finished, and here an update is confirmed only once it is
// committed.
//
// The bot's token is part of every URL, so no URL ever gets into an error.
package telegram

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/internal/safehttp"
	"frontdesk/channels/internal/signature"
	"frontdesk/channels/webhook"
)

// Config is one bot.
type Config struct {
	Inbox string // name of the inbox
	Token string // 123456:secret, from @BotFather
	// WebhookSecret is the secret_token given to setWebhook. Without it no webhook call is let in.
	WebhookSecret string
	// PollTimeout is how long Telegram holds a poll when there is nothing. 0 means 50 s, the most.
	PollTimeout time.Duration
	// BaseURL replaces https://api.telegram.org, for tests and for a Bot API server of one's own.
	BaseURL string
	// Roots are the authorities that vouch for who answers; nil for the system's.
	Roots *x509.CertPool
	// Client replaces the guarded client; the guard is then its maker's duty.
	Client *http.Client
}

// Connector is one bot. It implements Fetcher or, with a webhook set, Webhook, and Decoder, Sender,
// MediaFetcher and Prober. It is safe for concurrent use, but Telegram allows one Fetch at a time.
type Connector struct {
	// base is the API's address without a slash at its end; it never changes.
	cfg  Config
	bot  string // the bot's own user id, the first part of its token
	base string
	http *http.Client
}

var (
	_ channels.Fetcher      = (*Connector)(nil)
	_ webhook.Receiver      = (*Connector)(nil)
	_ channels.Decoder      = (*Connector)(nil)
	_ channels.Sender       = (*Connector)(nil)
	_ channels.MediaFetcher = (*Connector)(nil)
	_ channels.Prober       = (*Connector)(nil)
)

// New checks the configuration and makes the connector. It asks nothing of the network.
func New(cfg Config) (*Connector, error) {
	cfg.PollTimeout = cmp.Or(cfg.PollTimeout, 50*time.Second)
	base := strings.TrimSuffix(cmp.Or(cfg.BaseURL, "https://api.telegram.org"), "/")
	if err := cfg.validate(base); err != nil {
		return nil, fmt.Errorf("configuring telegram inbox %q: %w", cfg.Inbox, err)
	}
	c := &Connector{cfg: cfg, base: base, http: cfg.Client}
	c.bot, _, _ = strings.Cut(cfg.Token, ":")
	if c.http == nil {
		u, _ := url.Parse(base) // validate has parsed it
		c.http = safehttp.New(safehttp.Config{
			Hosts: []string{u.Hostname()}, Loopback: safehttp.LoopbackURL(base), Redirects: -1, Roots: cfg.Roots,
			Header: cfg.PollTimeout + 10*time.Second, Total: cfg.PollTimeout + 60*time.Second,
		})
	}
	return c, nil
}

// validate refuses what no call could succeed with. The longest poll of 50 s is what Telegram holds one for.
func (c Config) validate(base string) error {
	u, err := url.Parse(base)
	switch {
	case c.Inbox == "":
		return errors.New("the inbox has no name")
	case !regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`).MatchString(c.Token):
		return errors.New("the token is not of the form 123456:secret")
	case c.WebhookSecret != "" && !regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`).MatchString(c.WebhookSecret):
		return errors.New("the webhook secret may have 1 to 256 letters, digits, _ and -")
	case c.PollTimeout < time.Second || c.PollTimeout > 50*time.Second:
		return errors.New("the poll timeout is not between 1 s and 50 s")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("the base URL needs a scheme and a host")
	}
	return nil
}

// maxAnswer is far above 100 updates with 4096 characters and their entities.
const maxAnswer = 16 << 20

// call does one method and returns its result. An error is a *failure.
func (c *Connector) call(ctx context.Context, method string, params any) (json.RawMessage, error) {
	body, err := json.Marshal(params)
	if err != nil {
		return nil, &failure{why: "the parameters cannot be written"}
	}
	return c.post(ctx, method, "application/json", io.NopCloser(bytes.NewReader(body)), int64(len(body)))
}

// post hands a method's parameters over, of that type and length, and returns its result. The body is closed. An error is a *failure.
func (c *Connector) post(ctx context.Context, method, kind string, body io.ReadCloser, length int64) (json.RawMessage, error) {
	ctx, seen := safehttp.Observe(ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/bot"+c.cfg.Token+"/"+method, body)
	if err != nil {
		_ = body.Close()
		return nil, &failure{why: "the request cannot be made"}
	}
	r.ContentLength = length
	r.Header.Set("Content-Type", kind)
	res, err := c.http.Do(r)
	if err != nil {
		return nil, &failure{sent: seen.Sent(), why: "no answer came", err: c.safe(err)}
	}
	defer res.Body.Close()
	raw, err := safehttp.ReadAll(res.Body, maxAnswer)
	if err != nil {
		return nil, &failure{sent: true, why: "the answer broke off", err: c.safe(err)}
	}
	return read(res.StatusCode, raw)
}

// safe takes the URL, and whatever else may hold the token, out of an error.
func (c *Connector) safe(err error) error {
	err = safehttp.Redact(err)
	if strings.Contains(err.Error(), c.cfg.Token) {
		return errors.New("the transport failed")
	}
	return err
}

// digest names what has no id of its own, without telling what is in it.
func (c *Connector) digest(raw []byte) string {
	return "digest." + hex.EncodeToString(signature.SHA256([]byte(c.cfg.Token), raw))
}

// Probe asks who the bot is.
// It costs one call (getMe) and leaves updates and webhook as they are.
func (c *Connector) Probe(ctx context.Context) (string, error) {
	raw, err := c.call(ctx, "getMe", struct{}{})
	if err != nil {
		return "", fail("asking for the bot", err, false)
	}
	var me struct {
		Username string `json:"username"`
	}
	if err := json.Unmarshal(raw, &me); err != nil || me.Username == "" {
		return "", &channels.Error{Op: "asking for the bot", Err: errors.New("the answer names no bot")}
	}
	return "the bot is @" + me.Username, nil
}

// Close drops idle connections.
func (c *Connector) Close() error {
	c.http.CloseIdleConnections()
	return nil
}
