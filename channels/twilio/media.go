package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"frontdesk/channels"
	"frontdesk/channels/internal/safehttp"
)

// FetchMedia gets one file of a message. A reference that only says the file's place in the message's list is looked up there first.
// Credentials go to Twilio only; it redirects to a store, which
// is asked without them. The media type is what the server says.
// The caller closes the reader; a file that turns out larger than limit ends it with an error (safehttp.Limit).
func (c *Connector) FetchMedia(ctx context.Context, ref string, limit int64) (io.ReadCloser, string, error) {
	u, err := c.mediaURL(ref)
	if err != nil {
		return nil, "", &channels.Error{Op: "fetching media", Class: channels.Permanent, Err: err}
	}
	if strings.HasSuffix(u.Path, listOfMedia) {
		if u, err = c.placed(ctx, u); err != nil {
			return nil, "", err
		}
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
// References lie in the database and came from outside once, so they are judged again each time. The SSRF guard below looks at addresses, this
// one at who gets our credentials.
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

// listOfMedia ends the URL of a message's list of files. A reference to it names a file by its place there, in the fragment: that is
// how a file is kept in mind that the list did not hold when the message was caught up.
const listOfMedia = "/Media.json"

// place makes such a reference.
// n counts from 0.
func (c *Connector) place(sid string, n int) string {
	return c.base.String() + "/2010-04-01/Accounts/" + c.cfg.AccountSID + "/Messages/" + url.PathEscape(sid) + listOfMedia + "#" + strconv.Itoa(n)
}

// placed finds the file in the list.
// A file that the list does not hold yet is asked for again by the worker for some hours (NotYet).
func (c *Connector) placed(ctx context.Context, u *url.URL) (*url.URL, error) {
	const op = "listing media"
	n, err := strconv.Atoi(u.Fragment)
	if err != nil || n < 0 || n >= maxMedia {
		return nil, &channels.Error{Op: op, Class: channels.Permanent, Err: errors.New("the reference names no place")}
	}
	list, err := c.media(ctx, path.Base(strings.TrimSuffix(u.Path, listOfMedia)))
	if err != nil {
		if e := (&channels.Error{}); errors.As(err, &e) && e.Class == channels.Permanent {
			e.Class = channels.NotYet // the message itself is known
		}
		return nil, err
	}
	if n >= len(list) {
		return nil, &channels.Error{Op: op, Class: channels.NotYet, Err: errors.New("the list does not hold the file yet")}
	}
	found, err := c.mediaURL(c.base.String() + strings.TrimSuffix(list[n].URI, ".json"))
	if err != nil {
		return nil, &channels.Error{Op: op, Class: channels.Permanent, Err: err}
	}
	return found, nil
}

// media asks for the list of a message's files.
// One page holds all: a message has ten files at most.
func (c *Connector) media(ctx context.Context, sid string) ([]mediaResource, error) {
	api, call := c.api(ctx)
	if _, err := api.PageMedia(sid, (&openapi.ListMediaParams{}).SetPageSize(maxMedia), "", ""); err != nil {
		return nil, fail("listing media", err, false)
	}
	var list struct {
		Media []mediaResource `json:"media_list"`
	}
	if err := json.Unmarshal(call.body, &list); err != nil {
		return nil, fail("listing media", err, false)
	}
	return list.Media, nil
}

// mediaRefused is the error of an answer that brings no file; nil for one that does. Files may come some time after their message, hence NotYet.
func mediaRefused(res *http.Response, wait time.Duration, limit int64) *channels.Error {
	switch {
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return &channels.Error{Op: "fetching media", Class: channels.NotYet, Code: strconv.Itoa(res.StatusCode), Err: errors.New("the file is not there, or not yet")}
	case res.StatusCode != http.StatusOK:
		return fail("fetching media", &failure{sent: true, status: res.StatusCode, wait: wait}, false)
	case res.ContentLength > limit:
		return &channels.Error{Op: "fetching media", Class: channels.TooLarge, Err: safehttp.ErrTooLarge}
	}
	return nil
}

// Probe asks for the account and says what it is.
// A suspended account answers, too, and would send nothing.
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
