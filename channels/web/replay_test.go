package web

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
)

// TestASolvedChallengeBringsOneMessage: the same post again is a repeat; another text under the same challenge is not
// recorded, and its visitor is told so and keeps what he typed.
func TestASolvedChallengeBringsOneMessage(t *testing.T) {
	const path = "/form/contact?lang=en"
	for _, c := range []struct {
		name   string
		change map[string]string
		files  []file
		other  bool
	}{
		{"the same again", nil, nil, false},
		{"the same from the page in another language", map[string]string{"lang": "zh-Hant"}, nil, false},
		{"an empty field more", map[string]string{"company": ""}, nil, false},
		{"another text", map[string]string{"text": "And <another> matter: my card is blocked."}, nil, true},
		{"another address", map[string]string{"email": "hua@example.com"}, nil, true},
		{"another number", map[string]string{"order": "20260507"}, nil, true},
		{"another topic", map[string]string{"topic": "technical"}, nil, true},
		{"a file more", nil, []file{{"files", "a.txt", "text/plain", "hello"}}, true},
		{"a text that looks like a machine's", map[string]string{honeypot: "http://x.example", "text": "A second matter."}, nil, true},
	} {
		f := newTestForm(t, nil)
		h := newHost(t, f, f.Page())
		values := goodForm(t, f, testTime.Add(-time.Minute))
		post := func(values map[string]string, files ...file) (int, string) {
			kind, raw := multi(t, values, files...)
			status, _, text := exchange(t, http.MethodPost, h.URL+path, map[string]string{"Content-Type": kind}, raw)
			return status, text
		}
		if status, _ := post(values); status != 200 {
			t.Fatalf("the first: %d", status)
		}
		changed := maps.Clone(values)
		maps.Copy(changed, c.change)
		status, text := post(changed, c.files...)
		if len(h.recorded) != 1 {
			t.Errorf("%s: %d messages", c.name, len(h.recorded))
		}
		if !c.other {
			if status != 200 || strings.Contains(text, "<form") {
				t.Errorf("%s: %d", c.name, status)
			}
			continue
		}
		if status != 422 || !strings.Contains(text, `role="alert"`) || !strings.Contains(text, textsFor(t, changed["lang"]).Problems["used"]) {
			t.Errorf("%s: %d without a word of it", c.name, status)
		}
		if !strings.Contains(text, html.EscapeString(changed["text"])) && !strings.Contains(text, escaped(changed["text"])) {
			t.Errorf("%s: what was typed is lost", c.name)
		}
		if strings.Contains(text, values["altcha"]) || !strings.Contains(text, `data-challenge="/form/contact/challenge"`) {
			t.Errorf("%s: the page does not ask for another challenge", c.name)
		}
		changed["altcha"] = goodForm(t, f, testTime.Add(-time.Minute))["altcha"]
		if status, _ := post(changed, c.files...); status != 200 || len(h.recorded) != 2 {
			t.Errorf("%s, with a challenge of its own: %d, %d messages", c.name, status, len(h.recorded))
		}
	}
}

func textsFor(t *testing.T, tag string) texts {
	t.Helper()
	out, ok := textsOf(tag)
	if !ok {
		t.Fatalf("no texts in %q", tag)
	}
	return out
}

// TestWhatAReplayShowsIsBounded: the page of a refused replay holds no more than a form's text fields may have.
func TestWhatAReplayShowsIsBounded(t *testing.T) {
	f := newTestForm(t, nil)
	values := goodForm(t, f, testTime.Add(-time.Minute))
	values["text"] = strings.Repeat("'", 60<<10)
	got, err := f.Receive(formRequest(t, values), testTime)
	if err != nil {
		t.Fatal(err)
	}
	if a := got.Reply([]channels.Recorded{{ID: 1, Other: true}}); a.Status != 422 || len(a.Body) > 5*maxTyped+32<<10 {
		t.Errorf("%d with %d bytes", a.Status, len(a.Body))
	}
}

// TestTheDigestOfAPostTellsFieldsApart: none runs into the next, and it is the same however a post was encoded.
func TestTheDigestOfAPostTellsFieldsApart(t *testing.T) {
	attached := func(name, kind, content string) post {
		p := post{}
		p.files = append(p.files, attachment(name, kind, []byte(content)))
		return p
	}
	all := map[string]int{}
	posts := []post{
		{values: map[string]string{"a": "b"}}, {values: map[string]string{"ab": ""}}, {values: map[string]string{"a": "bc"}}, {values: map[string]string{"ab": "c"}},
		{values: map[string]string{"a": "1", "b": "2"}}, {values: map[string]string{"a": "1b2"}}, {values: map[string]string{"a": "2", "b": "1"}},
		attached("a", "text/plain", "b"), attached("ab", "text/plain", ""), attached("a", "image/png", "b"),
	}
	for i, p := range posts {
		d := p.digest([]byte("key"))
		if d == p.digest([]byte("other")) || d != p.digest([]byte("key")) {
			t.Error("the digest does not depend on the key alone")
		}
		if first, twice := all[d]; twice && i != 1 {
			t.Errorf("posts %d and %d have one digest", first, i)
		}
		all[d] = i
	}
	for _, text := range []string{"é 退款", "a & b = c", ""} {
		one, err := readEncoded(charset{}, []byte("text="+url.QueryEscape(text)+"&lang=en"), maxTyped)
		if err != nil {
			t.Fatal(err)
		}
		kind, raw := multi(t, map[string]string{"text": text, "altcha": "x"})
		two, err := readPost(kind, raw, maxTyped)
		if err != nil || one.digest(nil) != two.digest(nil) {
			t.Errorf("%q: two digests, %v", text, err)
		}
	}
}
