package parse

import (
	"strings"
	"testing"

	"frontdesk/channels/email/internal/emailtest"
)

// A domain that somebody writes costs no more than its length, wherever it stands.
func TestDomainsCostLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	for name, prepare := range map[string]func(domain string) func(){
		"that of a result": func(d string) func() {
			return func() { parseAuthResults("mx; dkim=pass header.d=" + d).signed("bank.example") }
		},
		"that of a policy": func(d string) func() {
			return func() { parseAuthResults("mx; dmarc=pass header.from=" + d).dmarc("bank.example") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			twice(t, 12<<10, func(n int) func() { return prepare(emailtest.ManyLetters(n) + ".example") })
		})
	}
}

// What DNS has room for is still read.
func TestLongDomainsAreDomains(t *testing.T) {
	long := strings.Repeat("a", 63) + "."
	for _, c := range []struct{ name, domain, want string }{
		{"letters of another script", "bücher.example", "xn--bcher-kva.example"},
		{"a label of Chinese letters", "公司.example", "xn--55qx5d.example"},
		{"as long as a name may be", long + long + long + strings.Repeat("b", 61), long + long + long + strings.Repeat("b", 61)},
		{"longer than a name may be", long + long + long + strings.Repeat("b", 62), ""},
		{"a label that is too long", strings.Repeat("a", 64) + ".example", ""},
		{"a label of too many letters", emailtest.ManyLetters(3*64) + ".example", ""},
		{"a label that is too long in ASCII", strings.Repeat("中ü", 29) + ".example", ""},
		{"a name of too many letters that another stop parts", strings.Repeat(emailtest.ManyLetters(3*50)+"。", 6) + "example", ""},
		{"none", "", ""},
	} {
		if got := queryDomain(c.domain); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
