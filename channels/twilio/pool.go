package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"frontdesk/channels/internal/safehttp"
)

// maxPool is how many numbers of a messaging service are asked for; Twilio allows 400.
const maxPool = "1000"

// pool lists the numbers of the inbox's messaging service, as far as they are this inbox's. Listed messages name the service that they
// came by; this is for those that name none. Nothing is lost when it fails: the next reconciliation asks again, and looks
// back far beyond the last.
//
//	{"phone_numbers":[{"sid":"PN…","phone_number":"+15551234567","country_code":"US",…}],"meta":{…}}
func (c *Connector) pool(ctx context.Context) map[string]bool {
	if c.cfg.MessagingServiceSID == "" || c.home("", c.cfg.MessagingServiceSID) != c.cfg.Inbox {
		return nil
	}
	raw, err := c.getPool(ctx)
	if err != nil {
		return nil
	}
	var list struct {
		Numbers []struct {
			Number string `json:"phone_number"`
		} `json:"phone_numbers"`
	}
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	out := map[string]bool{}
	for _, n := range list.Numbers {
		if home := c.home(n.Number, c.cfg.MessagingServiceSID); n.Number != "" && home == c.cfg.Inbox {
			out[n.Number] = true
		}
	}
	return out
}

// getPool asks the messaging API, which lives at a host of its own and is not in the part of the SDK that is used.
// A base of another host, as in tests, serves both APIs.
func (c *Connector) getPool(ctx context.Context) ([]byte, error) {
	ctx, stop := context.WithTimeout(ctx, callTimeout)
	defer stop()
	u := *c.base
	if rest, ok := strings.CutPrefix(u.Host, "api."); ok {
		u.Host = "messaging." + rest
	}
	u.Path += "/v1/Services/" + url.PathEscape(c.cfg.MessagingServiceSID) + "/PhoneNumbers"
	u.RawQuery = "PageSize=" + maxPool
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, errors.New("making the request failed")
	}
	r.Header.Set("Accept", "application/json")
	r.SetBasicAuth(c.cfg.AccountSID, c.cfg.AuthToken)
	res, err := c.http.Do(r)
	if err != nil {
		return nil, safehttp.Redact(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, errors.New("the list of numbers was refused")
	}
	return safehttp.ReadAll(res.Body, maxAnswer)
}
