package twilio

import (
	"crypto/sha256"
	"maps"
	"net/url"
	"slices"
	"strings"

	"frontdesk/channels/internal/signature"
	"frontdesk/channels/webhook"
)

// verify reports whether Twilio signed the request
// (https://www.twilio.com/docs/usage/security#validating-requests). The signature covers the URL as
// Twilio called it, and the form's parameters or, for a JSON body, its digest in the query. What
// Twilio called is not always what it was told: it may add or drop the default port and write the
// query in one of several ways, so each spelling is tried. None of them can be forged without the
// token.
// All spellings are computed, whichever fits, so that the time tells nothing.
func (c *Connector) verify(r webhook.Request, form url.Values) bool {
	given := r.Header.Get("X-Twilio-Signature")
	if given == "" || c.hook == nil || r.URL == nil {
		return false
	}
	var params []byte
	if form == nil {
		if !bodyMatches(r) {
			return false
		}
	} else {
		params = canonical(form)
	}
	ok := false
	for _, u := range spellings(c.hook, r.URL.RawQuery) {
		mac := signature.SHA1([]byte(c.cfg.AuthToken), []byte(u), params)
		ok = signature.MatchBase64(mac, given) || ok
	}
	return ok
}

// bodyMatches compares a JSON body with its digest in the query, which the signature covers.
func bodyMatches(r webhook.Request) bool {
	sum := sha256.Sum256(r.Body)
	return signature.MatchHex(sum[:], r.URL.Query().Get("bodySHA256"))
}

// canonical joins name and value of each parameter, sorted; a value that is repeated under one name
// counts once.
func canonical(form url.Values) []byte {
	var out []byte
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, v := range slices.Compact(slices.Sorted(slices.Values(form[name]))) {
			out = append(append(out, name...), v...)
		}
	}
	return out
}

// spellings lists the ways in which Twilio may have written the URL.
func spellings(hook *url.URL, query string) []string {
	var out []string
	for _, host := range hosts(hook) {
		for _, path := range paths(hook) {
			for _, q := range queries(query) {
				out = append(out, prefix(hook)+host+path+q)
			}
		}
	}
	return out
}

// prefix keeps credentials as they are configured: Twilio signs them.
func prefix(u *url.URL) string {
	if u.User != nil {
		return u.Scheme + "://" + u.User.String() + "@"
	}
	return u.Scheme + "://"
}

// hosts are the host as configured and with the default port added or taken away.
func hosts(u *url.URL) []string {
	port := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	switch u.Port() {
	case "":
		return []string{u.Host, u.Host + ":" + port}
	case port:
		return []string{u.Host, strings.TrimSuffix(u.Host, ":"+port)}
	}
	return []string{u.Host}
}

// paths are the path as configured and with a final slash added or taken away.
func paths(u *url.URL) []string {
	p := u.EscapedPath()
	if bare, ok := strings.CutSuffix(p, "/"); ok {
		return []string{p, bare}
	}
	return []string{p, p + "/"}
}

// queries are the query as received, with the apostrophe escaped, and written anew as older senders
// do: space as %20, the apostrophe as itself or escaped.
func queries(raw string) []string {
	if raw == "" {
		return []string{""}
	}
	legacy := reencode(raw)
	out := []string{raw, strings.ReplaceAll(raw, "'", "%27"), legacy, strings.ReplaceAll(legacy, "'", "%27")}
	slices.Sort(out)
	out = slices.Compact(out)
	for i := range out {
		out[i] = "?" + out[i]
	}
	return out
}

// reencode writes each pair of a query again, in its order, escaping what encodeURIComponent does.
func reencode(raw string) string {
	pairs := strings.Split(raw, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		pairs[i] = component(name) + "=" + component(value)
	}
	return strings.Join(pairs, "&")
}

// component escapes as encodeURIComponent does (ECMA-262): Go's QueryEscape differs in the signs below.
func component(s string) string {
	plain, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").
		Replace(url.QueryEscape(plain))
}
