// Package rspamd asks an rspamd "normal" worker, or its proxy, what it thinks of a mail: one POST to
// /checkv2 with the raw mail as the body and the envelope in the header
// (https://rspamd.com/doc/developers/protocol.html).
//
//	POST /checkv2 HTTP/1.1
//	From: customer@example.org
//	Rcpt: support@desk.example
//	IP: 203.0.113.7
//
//	{"is_skipped":false,"score":15.0,"required_score":15.0,"action":"reject",
//	 "symbols":{"GTUBE":{"name":"GTUBE","score":0.0}}}
package rspamd

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"frontdesk/workers/enrich/scanners"
)

// Name is that of the opinions.
const Name = "rspamd"

// Config says where rspamd is.
type Config struct {
	URL      string        // http://127.0.0.1:11333
	Password string        // of a worker that wants one; may be empty
	MaxSize  int64         // bytes of a mail; larger ones are not asked about. 0: 20 MiB
	Timeout  time.Duration // of one scan. 0: 10 s
	Parallel int           // scans at a time. 0: 8

	Roots *x509.CertPool // authorities that vouch for who answers; nil for the system's
}

// Client is safe for concurrent use.
type Client struct {
	config Config
	base   *url.URL
	http   *http.Client
	slots  chan struct{}
}

// maxAnswer bounds an answer, in bytes. A verdict with every symbol is some 20 KB.
const maxAnswer = 1 << 20

// New makes a client. It connects when first used.
func New(c Config) (*Client, error) {
	base, err := url.Parse(c.URL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, errors.New("making the rspamd client: its address is no http or https URL")
	}
	if c.MaxSize == 0 {
		c.MaxSize = 20 << 20
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Parallel == 0 {
		c.Parallel = 8
	}
	transport := &http.Transport{DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, MaxIdleConnsPerHost: c.Parallel,
		MaxConnsPerHost: c.Parallel + 1, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots}, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10, DisableCompression: true}
	return &Client{config: c, base: base, slots: make(chan struct{}, c.Parallel), http: &http.Client{Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// Close ends the connections that are idle.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// ScanMail asks for the verdict on one mail.
func (c *Client) ScanMail(ctx context.Context, m scanners.Mail) (scanners.Opinion, error) {
	o := scanners.Opinion{Scanner: Name, Asked: time.Now()}
	if int64(len(m.Raw)) > c.config.MaxSize {
		o.Verdict, o.At = scanners.TooLarge, o.Asked
		return o, nil
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return o, fmt.Errorf("asking rspamd: %w", scanners.ErrBusy)
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	body, err := c.call(ctx, http.MethodPost, "checkv2", m.Raw, header(m, c.config.Password))
	if err != nil {
		return o, fmt.Errorf("asking rspamd: %w", err)
	}
	o.At = time.Now()
	if err := read(body, &o); err != nil {
		return o, fmt.Errorf("asking rspamd: %w", err)
	}
	return o, nil
}

// Probe asks /ping, which answers "pong".
func (c *Client) Probe(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	body, err := c.call(ctx, http.MethodGet, "ping", nil, http.Header{})
	if err != nil {
		return "", fmt.Errorf("probing rspamd: %w", err)
	}
	if strings.TrimSpace(string(body)) != "pong" {
		return "", fmt.Errorf("probing rspamd: %w", scanners.ErrProtocol)
	}
	return "answers", nil
}

// header carries the envelope. A value that a header field cannot hold is left out.
func header(m scanners.Mail, password string) http.Header {
	h := http.Header{}
	set := func(name, value string) {
		if value != "" && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			h.Add(name, value)
		}
	}
	set("Password", password)
	if ip, err := netip.ParseAddr(m.Remote); err == nil {
		set("IP", ip.Unmap().String())
	}
	set("Helo", m.Helo)
	if m.HasMailFrom {
		set("From", m.MailFrom)
	}
	for _, to := range m.Recipients[:min(len(m.Recipients), maxRecipients)] {
		set("Rcpt", to)
	}
	set("Queue-Id", m.ID)
	return h
}

// maxRecipients bounds the envelope in the header, which a mail to thousands would make as large as it likes.
const maxRecipients = 100

// call makes one request. No error holds the address, which may have a password in it.
func (c *Client) call(ctx context.Context, method, path string, raw []byte, h http.Header) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base.JoinPath(path).String(), bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	req.Header = h
	res, err := c.http.Do(req)
	if err != nil {
		return nil, bare(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the answer: %w", err)
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("status %d: %w", res.StatusCode, scanners.ErrProtocol)
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("more than %d bytes: %w", maxAnswer, scanners.ErrProtocol)
	}
	return body, nil
}

// bare takes the URL out of an error, which may hold a password.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// answer is what /checkv2 says, as far as it is needed.
type answer struct {
	Skipped bool     `json:"is_skipped"`
	Score   *float64 `json:"score"`
	Action  string   `json:"action"`
	Symbols map[string]struct {
		Score float64 `json:"score"`
	} `json:"symbols"`
	Error string `json:"error"`
}

// read takes an answer apart. Without a score and an action it is none; "reject" is rspamd's own word for surely
// spam, all else is for the score.
func read(body []byte, o *scanners.Opinion) error {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return fmt.Errorf("reading its JSON: %w", scanners.ErrProtocol)
	}
	if a.Score == nil || a.Action == "" || a.Error != "" || math.IsNaN(*a.Score) || math.IsInf(*a.Score, 0) {
		return fmt.Errorf("no score or no action: %w", scanners.ErrProtocol)
	}
	o.Verdict, o.Score, o.Action, o.Symbols = scanners.Clean, a.Score, word(a.Action), symbols(a)
	if a.Action == "reject" {
		o.Verdict = scanners.Spam
	} else if a.Skipped {
		o.Detail = "rspamd skipped the mail by its own settings"
	}
	return nil
}

// symbols are the names of the rules that matched, the weightiest first. Their options may quote the
// mail and are left out.
func symbols(a answer) []string {
	out := slices.SortedFunc(maps.Keys(a.Symbols), func(x, y string) int {
		p, q := math.Abs(a.Symbols[x].Score), math.Abs(a.Symbols[y].Score)
		return cmp.Or(cmp.Compare(q, p), strings.Compare(x, y))
	})
	out = out[:min(len(out), scanners.MaxSymbols)]
	for i := range out {
		out[i] = word(out[i])
	}
	return out
}

// word bounds a word of rspamd's.
func word(s string) string {
	if len(s) > 64 {
		s = s[:64]
	}
	return strings.ToValidUTF8(s, "")
}
