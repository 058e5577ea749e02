package veil

import (
	"strings"
	"testing"
)

func TestAddressesAreTakenOutOfTexts(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a text without one stays as it is", "退款 TP0012, 3 days, T-17", "退款 TP0012, 3 days, T-17"},
		{"an address of mail", "Write to li.na+pay@example.com.", "Write to •••."},
		{"one in brackets, with a name", `"Li Na" <li@mail.example>`, `"Li Na" <•••>`},
		{"one in another script", "用户@例子.公司 您好", "••• 您好"},
		{"one in full width", "li＠example．com", "•••"},
		{"a number with a country code", "call +86 138-0013-8000 today", "call ••• today"},
		{"one that is dialled with zeros", "call 0044 20 7946 0958", "call •••"},
		{"a mobile number of mainland China", "手机13800138000，谢谢", "手机13800138000，谢谢"[:6] + "•••，谢谢"},
		{"a fixed one with its area code", "tel 010-12345678", "tel •••"},
		{"an order number stays", "order 8801 2345 6789 01", "order 8801 2345 6789 01"},
		{"an amount and a date stay", "CNY 13800.00 on 2026-11-30", "CNY 13800.00 on 2026-11-30"},
	} {
		if got := Text(c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if Value("") != "" || Value("li@example.com") != Hidden {
		t.Error("an address is not hidden")
	}
}

// FuzzText: nothing that is left holds an address, and hiding twice hides no more.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"li@example.com", "a@b@c.d", "+4930123456789", "x 13800138000 y", "@", "1@"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := Text(text)
		if again := Text(once); again != once {
			t.Errorf("%q becomes %q, then %q", text, once, again)
		}
		if strings.Contains(Text(text+" li@example.com"), "li@example.com") {
			t.Errorf("an address behind %q is shown", text)
		}
	})
}
