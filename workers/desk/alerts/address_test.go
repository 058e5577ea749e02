package alerts

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"frontdesk/internal/publicnet"
)

// FuzzAddress: what is taken for the address of a webhook is one that can be called, by https and in the public Internet where it says so itself, and its host can
// be shown.
func FuzzAddress(f *testing.F) {
	for _, text := range []string{"https://hooks.chat.example/services/T1/B2/x", "https://10.0.0.1/x", "https://[::1]:8080/", "https://user@hooks.chat.example/", "http://hooks.chat.example/", "https://localhost./", "https://a\r\nb/", "HTTPS://Hooks.Chat.Example:443/?a=b#c", "//x", "https://127.1/", "https://xn--bcher-kva.example/"} {
		f.Add(text, false)
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, private bool) {
		host, ok := Address(text, private)
		if !ok {
			if host != "" {
				t.Errorf("%q is refused, and has the host %q", text, host)
			}
			return
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !private || len(text) > longest {
			t.Errorf("%q is taken (%v)", text, err)
		}
		if host == "" || strings.ContainsFunc(host, unicode.IsControl) {
			t.Errorf("of %q the host %q is shown", text, host)
		}
		if ip, err := netip.ParseAddr(host); err == nil && !private && !publicnet.Public(ip) {
			t.Errorf("%q leads to %s", text, ip)
		}
	})
}
