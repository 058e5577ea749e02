package gate

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
)

// Policy allows what is served from here, and nothing inline (Content Security Policy): a text of a stranger that
// slipped through the templates' escaping could run nothing and call nobody.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Headers sets what every answer carries, with that Content Security Policy.
func Headers(policy string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// SameSite refuses what a page of another site has a browser send. A page of one of the proxied names may act, though it was asked for under
// another one: a proxy of ours has that name.
func SameSite(proxied []string) (*http.CrossOriginProtection, error) {
	same := http.NewCrossOriginProtection()
	for _, name := range proxied {
		for _, scheme := range []string{"http://", "https://"} {
			if err := same.AddTrustedOrigin(scheme + name); err != nil {
				return nil, err
			}
		}
	}
	return same, nil
}

// FromElsewhere reports whether the browser itself says that another site, or another port of ours, has it send what may
// act. Names that are trusted are for browsers that do not say it: what else is served under one of them is not trusted.
func FromElsewhere(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site"
}

// OwnPath is a path of ours to go on to, whatever somebody has put into a form or an address; home if it is none.
func OwnPath(next, home string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return home
	}
	return cmp.Or(u.RequestURI(), home)
}

// CameFrom is the page of ours that a button was pressed on, or home.
func CameFrom(r *http.Request, home string) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host {
		return home
	}
	return OwnPath(u.RequestURI(), home)
}

// Secure reports whether the browser came by TLS, here or at a proxy. A false claim only costs the
// one who makes it his own session.
func Secure(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") || strings.HasPrefix(r.Header.Get("Origin"), "https://")
}
