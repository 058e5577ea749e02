package twiliofake

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Sign makes the X-Twilio-Signature of a form that is posted to that URL.
func Sign(authToken, to string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(authToken))
	_, _ = io.WriteString(mac, to) // a hash never fails
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range slices.Compact(slices.Sorted(slices.Values(form[name]))) {
			_, _ = io.WriteString(mac, name+value)
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Post makes the signed webhook call to the hook's public URL, and sends it to at: the same URL, or
// where a proxy would pass it on to. The answer's status is returned.
func (s *Server) Post(ctx context.Context, client *http.Client, public, at string, form url.Values) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, fmt.Errorf("making the webhook call: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	r.Header.Set("X-Twilio-Signature", Sign(s.token, public, form))
	r.Header.Set("User-Agent", "TwilioProxy/1.1")
	res, err := client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("calling the webhook: %w", err)
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}
