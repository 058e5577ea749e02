package challenge

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func mac(parts ...[]byte) string {
	h := sha256.Sum256(bytes.Join(parts, []byte{0}))
	return hex.EncodeToString(h[:])
}

func TestWhatATextMayAnswer(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"the code alone", "482913", "[482913]"},
		{"in a sentence", "My code is 482913.", "[482913]"},
		{"in Chinese", "验证码482913，谢谢", "[482913]"},
		{"of full width", "４８２９１３", "[482913]"},
		{"parted in the middle", "482 913 or 482-913", "[482913 482913]"},
		{"a longer number", "Order 4829131 and 48291", "[]"},
		{"two numbers beside each other", "4829 13", "[]"},
		{"an amount before it", "500 482913", "[482913]"},
		{"four of them", "111111, 222222, 333333, 444444", "[111111 222222 333333]"},
		{"nothing", "", "[]"},
	} {
		if got := fmt.Sprint(Answers(c.text)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestACodeIsHiddenHoweverItIsWritten(t *testing.T) {
	for text, want := range map[string]string{
		"My code is 482913.":     "My code is ••••••.",
		"４８２９１３ 482-913 1482913": "•••••• •••••• 1482913",
		"111111":                 "111111",
	} {
		if got := Hide(text, "482913"); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// TestACodeIsItsChecksAlone: another check has another code, and another proof of the same code.
func TestACodeIsItsChecksAlone(t *testing.T) {
	seen := map[string]int{}
	for id := range int64(1000) {
		code := Code(mac, id)
		if len(code) != Digits || fmt.Sprint(Answers(code)) != "["+code+"]" {
			t.Fatalf("the code of %d is %q", id, code)
		}
		seen[code]++
		if Proof(mac, id, code) == Proof(mac, id+1, code) || strings.Contains(Proof(mac, id, code), code) {
			t.Errorf("the proof of %d tells of another, or its code", id)
		}
	}
	if len(seen) < 990 {
		t.Errorf("of a thousand checks there are %d codes", len(seen))
	}
}

func TestHowACodeIsTold(t *testing.T) {
	for language, want := range map[string]string{"en": "Your verification code is 482913", "zh-Hans-CN": "您的验证码是 482913", "zh-Hant-TW": "您的驗證碼是 482913", "fr": "Your verification code is 482913"} {
		subject, text := Text(language, "482913", "Acme")
		if subject == "" || strings.Contains(subject, "482913") || !strings.Contains(text, want) || !strings.HasSuffix(text, "Acme") {
			t.Errorf("%s: %q %q", language, subject, text)
		}
	}
}

// TestHowACodeIsAskedFor: in the conversation, with the page's link or without one; what carries the code has no link, and nobody is told to answer it where it
// came: an owner who has not written to us must not be led to prove somebody else's conversation.
func TestHowACodeIsAskedFor(t *testing.T) {
	for language, want := range map[string][2]string{"en": {"on our page: https://desk.example/check/x", "answer it here"}, "zh-Hans-CN": {"https://desk.example/check/x ", "在这里回复"}, "zh-Hant-TW": {"https://desk.example/check/x ", "在這裡回覆"}, "fr": {"https://desk.example/check/x", "answer it here"}} {
		with, without := Ask(language, "https://desk.example/check/x"), Ask(language, "")
		if !strings.Contains(with, want[0]) || !strings.Contains(with, want[1]) || !strings.Contains(without, want[1]) || strings.Contains(without, "http") || strings.Contains(without, "%!") || strings.Contains(with, "%!") {
			t.Errorf("%s: %q, %q", language, with, without)
		}
		if _, text := Text(language, "482913", "Acme"); strings.Contains(text, "http") || strings.Contains(text, "answer it here") {
			t.Errorf("%s: the code comes with %q", language, text)
		}
	}
}

// FuzzAnswers: what is found can be hidden, and hiding changes nothing else.
func FuzzAnswers(f *testing.F) {
	f.Add("482 913")
	f.Add("４８２９１３-1")
	f.Fuzz(func(t *testing.T, text string) {
		for _, code := range Answers(text) {
			if len(code) != Digits {
				t.Fatalf("a code of %q: %q", text, code)
			}
			hidden := Hide(text, code)
			for _, still := range Answers(hidden) {
				if still == code {
					t.Errorf("%q still holds %s", hidden, code)
				}
			}
			if utf8.ValidString(text) && !utf8.ValidString(hidden) {
				t.Errorf("%q becomes %q", text, hidden)
			}
		}
	})
}

// TestHowACodeThatJoinsIsTold: it says what to do for who has asked for nothing, and leads nowhere.
func TestHowACodeThatJoinsIsTold(t *testing.T) {
	for language, want := range map[string][2]string{"en": {"482913", "tell it to nobody"}, "zh-Hans-CN": {"482913", "请不要告诉任何人"}, "zh-Hant-TW": {"482913", "請不要告訴任何人"}, "fr": {"482913", "tell it to nobody"}} {
		subject, text := Joining(language, "482913", "Acme")
		if subject == "" || strings.Contains(subject, "482913") || !strings.Contains(text, want[0]) || !strings.Contains(text, want[1]) || strings.Contains(text, "http") || strings.Contains(text, "%!") || !strings.HasSuffix(text, "Acme") {
			t.Errorf("%s: %q %q", language, subject, text)
		}
	}
}
