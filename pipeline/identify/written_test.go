package identify

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/message"
)

func shown(ids []message.Identity) (out []string) {
	for _, id := range ids {
		out = append(out, id.Value)
	}
	return out
}

func TestAddressesThatATextNames(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"none", "Where is my parcel 20261130, 8821?", "[]"},
		{"a mailbox", "or write to Li.Na@Mail.Example, please", "[li.na@mail.example]"},
		{"one at the end of a sentence", "It is li@mail.example.", "[li@mail.example]"},
		{"in Chinese", "我的邮箱是li@mail.example，电话13800138000。", "[li@mail.example +8613800138000]"},
		{"a number with a country code", "call +49 (30) 1234-5678", "[+493012345678]"},
		{"one that is dialled", "0049 30 12345678", "[+493012345678]"},
		{"a mobile one in groups", "138 0013 8000", "[+8613800138000]"},
		{"a piece of a longer number", "order 9913800138000", "[]"},
		{"the same twice", "+4930123456 and +49 30 123456", "[+4930123456]"},
		{"too short a number", "+49 3012", "[]"},
	} {
		if got := fmt.Sprint(shown(Written(c.text))); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestSignaturesOfWhatIsFoldedAway(t *testing.T) {
	for _, c := range []struct{ name, hidden, want string }{
		{"a signature", "Li Na\n+86 138 0013 8000\n\nOn Monday Ann wrote:\n> hello", "Li Na\n+86 138 0013 8000"},
		{"a quotation", "> hello\n> li@mail.example", ""},
		{"the head of a forwarded mail", "From: Li <li@mail.example>\nTo: x@y.example", ""},
		{"in Chinese", "发件人：李 <li@mail.example>", ""},
		{"a line that says who wrote", "On Monday li@mail.example wrote:\nhello", ""},
		{"one behind some words", "Li\nOn Monday li@mail.example wrote:\nhello", ""},
		{"a forwarding mark", "-----Original Message-----\nli@mail.example", ""},
		{"nothing", "", ""},
	} {
		if got := Signature(c.hidden); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzWritten: what is found stands there, and there is not too much of it.
func FuzzWritten(f *testing.F) {
	f.Add("li@mail.example +49 30 12345678")
	f.Add("13800138000")
	f.Fuzz(func(t *testing.T, text string) {
		found := Written(text)
		if len(found) > mostWritten {
			t.Errorf("%d are found", len(found))
		}
		for _, id := range found {
			if id.Kind == message.Email && !strings.Contains(strings.ToLower(text), strings.ToLower(id.Value[:1])) || id.IsZero() {
				t.Errorf("%q is not in %q", id.Value, text)
			}
		}
		if s := Signature(text); strings.Count(s, "\n") >= signatureLines {
			t.Errorf("a signature of %d lines", strings.Count(s, "\n"))
		}
	})
}

func TestWrittenCostsLinearTime(t *testing.T) {
	for name, piece := range map[string]string{"mail": "a@b.", "numbers": "+49 30 ", "digits": "1", "signs": "+(-)"} {
		t.Run(name, func(t *testing.T) {
			doubling.Check(t, 1<<10, func(n int) func() {
				text := strings.Repeat(piece, n)
				return func() { Written(text); Signature(text) }
			})
		})
	}
}
