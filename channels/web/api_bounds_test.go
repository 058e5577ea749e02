package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/meta"
	"frontdesk/channels/webhook"
)

// TestAMessageOfTheAPIHasBounds: what costs a row or a line each is counted, whichever way the message is encoded; what lies within is taken,
// and what was recorded before there were bounds is still read.
func TestAMessageOfTheAPIHasBounds(t *testing.T) {
	a, err := NewAPI(APIConfig{Inbox: "app", Tokens: []string{tokenA}, Digest: testDigest, MaxBody: 20 << 20})
	if err != nil {
		t.Fatal(err)
	}
	const who = `"from":{"email":"a@b.example"}`
	many := func(n int, one func(i int) string) string {
		var all []string
		for i := range n {
			all = append(all, one(i))
		}
		return strings.Join(all, ",")
	}
	files := func(n int) string {
		return `{` + who + `,"text":"t","attachments":[` + many(n, func(int) string { return `{"name":"a","content":""}` }) + `]}`
	}
	pairs := func(n int) string {
		return `{` + who + `,"text":"t","fields":{` + many(n, func(i int) string { return fmt.Sprintf(`"k%d":"v"`, i) }) + `}}`
	}
	text := func(n, html int) string {
		return `{` + who + `,"text":"` + strings.Repeat("x", n) + `","html":"` + strings.Repeat("y", html) + `"}`
	}
	for name, c := range map[string]struct {
		body  string
		taken bool
	}{
		"as many attachments as may be": {files(maxFiles), true},
		"one more":                      {files(maxFiles + 1), false},
		"very many":                     {files(600_000), false},
		"as many fields as may be":      {pairs(maxPairs), true},
		"one field more":                {pairs(maxPairs + 1), false},
		"as much text as may be":        {text(maxWritten/2, maxWritten/2), true},
		"a byte more":                   {text(maxWritten/2, maxWritten/2+1), false},
		"a long subject":                {`{` + who + `,"text":"t","subject":"` + strings.Repeat("x", maxAround) + `"}`, false},
		"a long value":                  {`{` + who + `,"text":"t","fields":{"a":"` + strings.Repeat("x", maxAround) + `"}}`, false},
		"a long name of a file":         {`{` + who + `,"text":"t","attachments":[{"content":"","name":"` + strings.Repeat("x", maxAround) + `"}]}`, false},
		"a long thread":                 {`{` + who + `,"text":"t","thread":"` + strings.Repeat("x", maxAround) + `"}`, false},
	} {
		encoded, inPart := multi(t, map[string]string{"message": c.body})
		for way, r := range map[string]webhook.Request{"JSON": apiRequest(tokenA, "application/json", c.body), "multipart": apiRequest(tokenA, encoded, string(inPart))} {
			_, err := a.Receive(r, time.Now())
			if c.taken != (err == nil) {
				t.Errorf("%s, by %s: %v", name, way, err)
			}
			var e *channels.Error
			if !c.taken && (!errors.As(err, &e) || e.Answer == nil || e.Answer.Status != http.StatusRequestEntityTooLarge || !strings.Contains(string(e.Answer.Body), "send at most")) {
				t.Errorf("%s, by %s: is answered %+v", name, way, e)
			}
		}
		if _, err := a.Decode(channels.Delivery{Raw: []byte(c.body), Meta: map[string]string{meta.Content: "application/json"}}); err != nil {
			t.Errorf("%s, recorded before: %v", name, err)
		}
	}
}
