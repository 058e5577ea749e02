package web

import (
	"testing"

	"frontdesk/channels"
)

// TestAKeyOfAnotherMessageIsRefused by 422, whoever chose it, and a repeat is told from it by the content.
func TestAKeyOfAnotherMessageIsRefused(t *testing.T) {
	if got := accepted([]channels.Recorded{{ID: 1, Other: true}}).Status; got != 422 {
		t.Errorf("another message under a known key: %d", got)
	}
	a := newTestAPI(t)
	content := func(text string) string {
		r := apiRequest(tokenA, "application/json", `{"id":"k1","from":{"email":"u@c.example"},"text":"`+text+`"}`)
		d, _ := receive(t, a, r)
		return d.Content
	}
	if content("first") == content("SECOND") || content("first") != content("first") || content("first") == "" {
		t.Error("the content does not tell messages apart")
	}
}

// TestNothingThatIsGivenTwiceIsLost: the API refuses what has no one meaning, and what it took before is still read; a form's texts stand one below the other.
func TestNothingThatIsGivenTwiceIsLost(t *testing.T) {
	parts := func(pairs ...string) (contentType, body string) {
		for i := 0; i < len(pairs); i += 2 {
			body += "--b\r\nContent-Disposition: form-data; name=\"" + pairs[i] + "\"\r\n\r\n" + pairs[i+1] + "\r\n"
		}
		return "multipart/form-data; boundary=b", body + "--b--\r\n"
	}
	const whole = `{"from":{"email":"a@b.example"},"text":"a"}`
	multipart, texts := parts("from.email", "a@b.example", "text", "a", "text", "b")
	_, messages := parts("message", whole, "message", `{"from":{"email":"a@b.example"},"text":"b"}`)
	_, both := parts("message", whole, "text", "b")
	_, same := parts("from.email", "a@b.example", "text", "a", "text", "a", "text", "")
	for _, c := range []struct {
		name, kind, body string
		refused          bool
	}{
		{"a key of JSON", "application/json", `{"from":{"email":"a@b.example"},"text":"a","text":"b"}`, true},
		{"a key that differs in case", "application/json", `{"from":{"email":"a@b.example"},"text":"a","Text":"b"}`, true},
		{"a key inside", "application/json", `{"from":{"email":"a@b.example","phone":"+85221234567","phone":"+85221234568"},"text":"a"}`, true},
		{"a field", "application/json", `{"from":{"email":"a@b.example"},"text":"a","fields":{"order":"1","order":"2"}}`, true},
		{"a file's name", "application/json", `{"from":{"email":"a@b.example"},"text":"a","attachments":[{"name":"a","name":"b","content":"YQ=="}]}`, true},
		{"fields that differ in case are two", "application/json", `{"from":{"email":"a@b.example"},"text":"a","fields":{"order":"1","Order":"2"}}`, false},
		{"two files have the same keys", "application/json", `{"from":{"email":"a@b.example"},"text":"text","fields":{"text":"text"},"attachments":[{"name":"a","content":"YQ=="},{"name":"a","content":"YQ=="}]}`, false},
		{"two texts of a form", multipart, texts, true}, {"two messages of a form", multipart, messages, true}, {"a message and a text", multipart, both, true},
		{"the same twice", multipart, same, false}, {"two texts, urlencoded", "application/x-www-form-urlencoded", "from.email=a@b.example&text=a&text=b", true},
	} {
		if _, wrong := readBody(c.kind, []byte(c.body), true); (wrong != nil) != c.refused || wrong != nil && wrong.status != 400 {
			t.Errorf("%s: %v", c.name, wrong)
		}
		if _, wrong := readBody(c.kind, []byte(c.body), false); wrong != nil {
			t.Errorf("%s, recorded by an older version: %v", c.name, wrong)
		}
	}
	for kind, body := range map[string]string{multipart: texts, "application/x-www-form-urlencoded": "text=a&text=b&text=&text=a&altcha=x&altcha=y"} {
		p, err := readPost(kind, []byte(body), maxTyped)
		if err != nil || p.values["text"] != "a\nb" || p.values["altcha"] > "x" {
			t.Errorf("%q, %v", p.values, err)
		}
	}
}
