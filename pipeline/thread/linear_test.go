package thread

import (
	"strings"
	"testing"

	"frontdesk/internal/doubling"
)

// TestReadingReferencesIsLinear: tokens in subjects, signed addresses, Message-IDs, numbers.
func TestReadingReferencesIsLinear(t *testing.T) {
	for name, work := range map[string]func(s string){
		"subject tokens": func(s string) { FindSubjectToken(testMAC, s) },
		"reply address":  func(s string) { ParseReplyAddress(testMAC, s) },
		"message id":     func(s string) { ParseMessageID(testMAC, s); MadeFor(testMAC, s, "k") },
	} {
		t.Run(name, func(t *testing.T) {
			units := append(doubling.Units(), "[#T-1-aaaaaaaaaa] ", "[#T-1-", "[#T-9999999999999999999-a]", "[#T- 1 - a a]", "+t1.", "+t1.a@", "123456 ", "a123456", "ack.1.a.a@", "....")
			for _, frame := range [][2]string{{"", ""}, {"[#T-", "]"}, {"support+t1", ".aaaaaaaaaa@desk.example"}, {"<ack.", ".1.a.b@desk.example>"}} {
				doubling.Text(t, 16<<10, frame[0], frame[1], units, work)
			}
		})
	}
}

// TestATokenIsFoundWhereOneCanStand: behind beginnings of tokens, folded, and not behind more of them than a person writes.
func TestATokenIsFoundWhereOneCanStand(t *testing.T) {
	token := SubjectToken(testMAC, 123)
	for _, c := range []struct {
		name, subject string
		want          bool
	}{
		{"behind a beginning that nothing ends", "[#T-" + token, true},
		{"behind a long beginning", "[#T-" + strings.Repeat("a ", 500) + token, true},
		{"behind tokens of others", strings.Repeat("[#T-1-aaaaaaaaaa] ", 20) + token, true},
		{"folded", strings.ReplaceAll(token, "-", "-\r\n "), true},
		{"behind thousands", strings.Repeat("[#T-", 5000) + token, false},
		{"wider than one can be", strings.Replace(token, "-", "-"+strings.Repeat(" ", 500), 1), false},
	} {
		if _, ok := FindSubjectToken(testMAC, c.subject); ok != c.want {
			t.Errorf("%s: %v", c.name, ok)
		}
	}
}
