package twilio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/internal/safehttp"
)

// FetchMedia gets one file of a message. Credentials go to Twilio only; it redirects to a store, which
// is asked without them. The media type is what the server says.
func (c *Connector) FetchMedia(ctx context.Context, ref string, limit int64) (io.ReadCloser, string, error) {
	u, err := c.mediaURL(ref)
	if err != nil {
		return nil, "", &channels.Error{Op: "fetching media", Class: channels.Permanent, Err: err}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, "", &channels.Error{Op: "fetching media", Class: channels.Permanent, Err: errors.New("making the request failed")}
	}
	r.SetBasicAuth(c.cfg.AccountSID, c.cfg.AuthToken)
	ctx, seen := safehttp.Observe(ctx)
	res, err := c.http.Do(r.WithContext(ctx))
	switch {
	case errors.Is(err, safehttp.ErrBlocked):
		return nil, "", &channels.Error{Op: "fetching media", Class: channels.Permanent, Err: safehttp.Redact(err)}
	case err != nil:
		return nil, "", fail("fetching media", &failure{err: safehttp.Redact(err)}, false)
	}
	if e := mediaRefused(res, seen.RetryAfter(), limit); e != nil {
		_ = res.Body.Close()
		return nil, "", e
	}
	return safehttp.Limit(res.Body, limit), res.Header.Get("Content-Type"), nil
}

// mediaURL admits URLs of Twilio and of the configured base.
func (c *Connector) mediaURL(ref string) (*url.URL, error) {
	u, err := url.Parse(ref)
	switch {
	case err != nil || u.User != nil:
		return nil, errors.New("the reference is no plain URL")
	case u.Scheme == c.base.Scheme && u.Host == c.base.Host:
		return u, nil
	case u.Scheme == "https" && safehttp.Below(u.Hostname(), "twilio.com"):
		return u, nil
	}
	return nil, fmt.Errorf("the reference is not to Twilio: %w", safehttp.ErrBlocked)
}

func mediaRefused(res *http.Response, wait time.Duration, limit int64) *channels.Error {
	switch {
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return &channels.Error{Op: "fetching media", Class: channels.Permanent, Err: errors.New("the file is gone")}
	case res.StatusCode != http.StatusOK:
		return fail("fetching media", &failure{sent: true, status: res.StatusCode, wait: wait}, false)
	case res.ContentLength > limit:
		return &channels.Error{Op: "fetching media", Class: channels.TooLarge, Err: safehttp.ErrTooLarge}
	}
	return nil
}

// Probe asks for the account and says what it is.
func (c *Connector) Probe(ctx context.Context) (string, error) {
	api, _ := c.api(ctx)
	a, err := api.FetchAccount(c.cfg.AccountSID)
	if err != nil {
		return "", fail("asking for the account", err, false)
	}
	if s := text(a.Status); s != "active" {
		return "", &channels.Error{Op: "asking for the account", Class: channels.Unauthorized, Err: fmt.Errorf("the account is %q", s)}
	}
	return fmt.Sprintf("the %s account is active", text(a.Type)), nil
}
