package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/webhook"
	"frontdesk/internal/doubling"
)

// doubles fails when work over sixteen times the bytes costs clearly more than sixteen works.
func doubles(t *testing.T, name string, n int, work func(n int)) {
	t.Helper()
	if t.Failed() {
		return
	}
	if doubling.Check(t, n, func(n int) func() { return func() { work(n) } }); t.Failed() {
		t.Log(name)
	}
}

// hostileTags are texts whose reading as a language costs the square of their length.
var hostileTags = map[string]func(n int) string{
	"garbage": func(n int) string { return "en-" + strings.Repeat("@-", n/2) },
	"variants": func(n int) string {
		return "en" + series(n/6, func(i int) string { return fmt.Sprintf("-%05d", i%99999) })
	},
	"extensions": func(n int) string {
		return "en" + series(n/5, func(i int) string { return "-" + string(rune('a'+i%22)) + "-bb" })
	},
	"digits":  func(n int) string { return "en-" + strings.Repeat("123456789-", n/10) },
	"lists":   func(n int) string { return strings.Repeat("en,", n/3) + "en" },
	"weights": func(n int) string { return "en;q=" + strings.Repeat("0", n) },
	"spaces":  func(n int) string { return "en" + strings.Repeat(" ", n) + ",de" },
}

func series(n int, one func(int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(one(i))
	}
	return b.String()
}

// TestReadingALanguageIsCheap: wherever a stranger names his language.
func TestReadingALanguageIsCheap(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	f, a := newTestForm(t, nil), newTestAPI(t)
	for name, tag := range hostileTags {
		texts := map[int]string{}
		at := func(n int) string {
			if texts[n] == "" {
				texts[n] = tag(n)
			}
			return texts[n]
		}
		doubles(t, name+" in the form's field", 25_000, func(n int) {
			r := webhook.Request{Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte("text=x&lang=" + at(n))}
			f.Receive(r, testTime)
		})
		doubles(t, name+" in the form's address", 25_000, func(n int) {
			f.Receive(webhook.Request{Header: http.Header{}, URL: &url.URL{RawQuery: "lang=" + at(n)}}, testTime)
		})
		doubles(t, name+" in Accept-Language", 25_000, func(n int) { f.language("", at(n)) })
		doubles(t, name+" in the API's body", 25_000, func(n int) {
			a.Receive(apiRequest(tokenA, "application/json", `{"from":{"email":"a@b.example"},"text":"x","language":"`+at(n)+`"}`), testTime)
		})
	}
}

// TestReadingABodyIsLinear: every way in which a body can be written.
func TestReadingABodyIsLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	a := newTestAPI(t)
	f := newTestForm(t, nil)
	multi := func(head, content string) string {
		return "--b\r\n" + head + "\r\n\r\n" + content + "\r\n--b--\r\n"
	}
	for name, c := range map[string]struct {
		kind string
		body func(n int) string
	}{
		"pairs":    {"application/x-www-form-urlencoded", func(n int) string { return series(n/8, func(i int) string { return fmt.Sprintf("k%05d=&", i) }) }},
		"one name": {"application/x-www-form-urlencoded", func(n int) string { return strings.Repeat("a=b&", n/4) }},
		"escapes":  {"application/x-www-form-urlencoded", func(n int) string { return "text=" + strings.Repeat("%27", n/3) }},
		"parts":    {"multipart/form-data; boundary=b", func(n int) string { return strings.Repeat("--b\r\n\r\n\r\n", n/9) + "--b--" }},
		"near boundaries": {"multipart/form-data; boundary=b", func(n int) string {
			return multi(`Content-Disposition: form-data; name="text"`, strings.Repeat("\r\n--", n/4))
		}},
		"dashes":       {"multipart/form-data; boundary=b", func(n int) string { return strings.Repeat("-", n) }},
		"part headers": {"multipart/form-data; boundary=b", func(n int) string { return multi(strings.Repeat("A: b\r\n", n/6)+"C: d", "x") }},
		"a long part header": {"multipart/form-data; boundary=b", func(n int) string {
			return multi(`Content-Disposition: form-data; name="`+strings.Repeat(`\"`, n/2)+`"`, "x")
		}},
		"parameters": {"multipart/form-data; boundary=b", func(n int) string {
			return multi("Content-Disposition: form-data"+series(n/8, func(i int) string { return fmt.Sprintf("; a*%d=b", i) }), "x")
		}},
		"continuations": {"multipart/form-data; boundary=b", func(n int) string {
			return multi("Content-Type: text/plain"+series(n/8, func(i int) string { return fmt.Sprintf("; a*%d=b", i) }), "x")
		}},
		"folded header": {"multipart/form-data; boundary=b", func(n int) string { return multi("A: b"+strings.Repeat("\r\n c", n/4), "x") }},
		"a file": {"multipart/form-data; boundary=b", func(n int) string {
			return multi(`Content-Disposition: form-data; name="f"; filename="`+strings.Repeat("../", 9)+`f"`, strings.Repeat("x", n))
		}},
		"nesting": {"application/json", func(n int) string { return `{"fields":` + strings.Repeat("[", n) }},
		"objects": {"application/json", func(n int) string { return `{"fields":` + strings.Repeat(`{"a":`, n/5) }},
		"keys": {"application/json", func(n int) string {
			return `{"fields":{` + series(n/14, func(i int) string { return fmt.Sprintf(`"k%07d":"",`, i) }) + `"z":"z"},"text":"x","from":{"email":"a@b.example"}}`
		}},
		"the same key": {"application/json", func(n int) string {
			return `{` + strings.Repeat(`"text":"a",`, n/11) + `"from":{"email":"a@b.example"}}`
		}},
		"escaped text": {"application/json", func(n int) string {
			return `{"text":"` + strings.Repeat(`\u0027`, n/6) + `","from":{"email":"a@b.example"}}`
		}},
		"a long address": {"application/json", func(n int) string {
			return `{"text":"x","from":{"email":"` + strings.Repeat("a.", n/2) + `@b.example"}}`
		}},
		"a long number": {"application/json", func(n int) string { return `{"text":"x","from":{"phone":"` + strings.Repeat("1 ", n/2) + `"}}` }},
		"a long id": {"application/json", func(n int) string {
			return `{"id":"` + strings.Repeat("1-", n/2) + `","text":"x","from":{"email":"a@b.example"}}`
		}},
		"files": {"application/json", func(n int) string {
			return `{"attachments":[` + strings.Repeat(`{"name":"a","content":""},`, n/26) + `{"name":"b","content":"AA=="}],"from":{"email":"a@b.example"}}`
		}},
		"a long name": {"application/json", func(n int) string {
			return `{"text":"x","from":{"email":"a@b.example","name":"` + strings.Repeat(`a\t`, n/3) + `"}}`
		}},
	} {
		texts := map[int]string{}
		doubles(t, name, 25_000, func(n int) {
			if texts[n] == "" {
				texts[n] = c.body(n)
			}
			r := apiRequest(tokenA, c.kind, texts[n])
			got, err := a.Receive(r, testTime)
			if err == nil {
				a.Decode(got.Deliveries[0])
			}
			f.Receive(r, testTime)
		})
	}
}

// TestARefusalShowsNoMoreThanWasAllowedIn: what is typed comes back escaped, five bytes for one.
func TestARefusalShowsNoMoreThanWasAllowedIn(t *testing.T) {
	f := newTestForm(t, nil)
	multi := func(fields ...string) string {
		var b strings.Builder
		for _, field := range fields {
			b.WriteString("--b\r\nContent-Disposition: form-data; name=\"" + field + "\"\r\n\r\n" + strings.Repeat("'", 40<<10) + "\r\n")
		}
		return b.String() + "--b--\r\n"
	}
	for _, c := range []struct {
		name, kind, body string
		status           int
	}{
		{"19 MiB of apostrophes", "application/x-www-form-urlencoded", "text=" + strings.Repeat("'", 19<<20), 413},
		{"19 MiB in a field that nobody knows", "application/x-www-form-urlencoded", "x=" + strings.Repeat("'", 19<<20), 413},
		{"a name without a value", "application/x-www-form-urlencoded", strings.Repeat("'", 19<<20), 413},
		{"a field twice", "application/x-www-form-urlencoded", "text=" + strings.Repeat("'", 40<<10) + "&text=" + strings.Repeat("'", 40<<10), 413},
		{"two long parts", "multipart/form-data; boundary=b", multi("text", "name"), 413},
		{"one part twice", "multipart/form-data; boundary=b", multi("text", "text"), 413},
		{"what a person may type", "application/x-www-form-urlencoded", "text=" + strings.Repeat("'", 60<<10), 401},
		{"Chinese that is written as three bytes each", "application/x-www-form-urlencoded", "text=" + strings.Repeat("%E6%82%A8", 20<<10), 401},
	} {
		_, err := f.Receive(webhook.Request{Header: http.Header{"Content-Type": {c.kind}}, Body: []byte(c.body)}, testTime)
		var e *channels.Error
		if !errors.As(err, &e) || e.Answer == nil || e.Answer.Status != c.status {
			t.Errorf("%s: %v, want status %d", c.name, err, c.status)
			continue
		}
		if len(e.Answer.Body) > 5*maxTyped+32<<10 {
			t.Errorf("%s: shown again as %d bytes", c.name, len(e.Answer.Body))
		}
		if c.status == 413 && len(e.Answer.Body) > 32<<10 {
			t.Errorf("%s: %d bytes say that it was too long", c.name, len(e.Answer.Body))
		}
	}
}

// TestOnlyAGoodProofIsCharged: posts without a proof of work, from one address or 20 000, leave
// everybody's allowance as it was.
func TestOnlyAGoodProofIsCharged(t *testing.T) {
	f := newTestForm(t, func(c *FormConfig) { c.PerHour = 1 })
	junk := func(remote string) {
		f.Receive(webhook.Request{Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte("x=1"), Remote: remote}, testTime)
	}
	for i := range 1_000 {
		junk(netip.AddrFrom16([16]byte{0x2a, 0x0e, 0xb1, 0x07, 0, 1, byte(i >> 8), byte(i), 15: 1}).String())
		junk("192.0.2.1")
	}
	post := func(remote string) error {
		r := formRequest(t, goodForm(t, f, testTime.Add(-time.Minute)))
		r.Remote = remote
		_, err := f.Receive(r, testTime)
		return err
	}
	for _, remote := range []string{"192.0.2.1", "192.0.2.2", "2a0e:b107:1:1::1", "2a0e:b107:1:2::1"} { // whose allowance of one an hour no junk has taken
		if err := post(remote); err != nil {
			t.Errorf("an honest visitor at %s: %v", remote, err)
		}
		var e *channels.Error
		if err := post(remote); !errors.As(err, &e) || e.Class != channels.Throttled {
			t.Errorf("his second post of one an hour: %v", err)
		}
	}
}

// TestNewVisitorsHaveTheirOwnChallenges: after a flood of requests for challenges from one /48.
func TestNewVisitorsHaveTheirOwnChallenges(t *testing.T) {
	remote := ""
	f := newTestForm(t, func(c *FormConfig) { c.Remote = func(*http.Request) string { return remote } })
	ask := func(from string) int {
		remote = from
		req, _ := http.NewRequest(http.MethodGet, "/form/contact/challenge", nil)
		return f.challenge(req).Status
	}
	for i := range 20_040 {
		ask(netip.AddrFrom16([16]byte{0x2a, 0x0e, 0xb1, 0x07, 0, 1, byte(i >> 8), byte(i), 15: 1}).String())
	}
	for i := range 250 {
		if status := ask(fmt.Sprintf("192.0.2.%d", i+1)); status != http.StatusOK {
			t.Fatalf("new visitor %d: %d", i, status)
		}
	}
}
