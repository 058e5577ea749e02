package pipeline_test

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"testing"

	"frontdesk/pipeline"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/pipelinetest"
)

// places puts a secret into every part of a message that is stored or shown in words.
var places = []struct {
	name string
	put  func(m *message.Message, s pipelinetest.Secret)
}{
	{"text", func(m *message.Message, s pipelinetest.Secret) { m.Text = "Hello,\n" + s.Text + "\nBye" }},
	{"quoted text", func(m *message.Message, s pipelinetest.Secret) {
		m.Text = "thank you\n\nOn Monday, Li wrote:\n> " + strings.ReplaceAll(s.Text, "\n", "\n> ") + "\n> yours"
	}},
	{"HTML", func(m *message.Message, s pipelinetest.Secret) {
		m.Text, m.HTML = "", "<p>Hello</p><p>"+strings.ReplaceAll(html.EscapeString(s.Text), "\n", "<br>")+"</p>"
	}},
	{"subject", func(m *message.Message, s pipelinetest.Secret) { m.Subject = s.Text }},
	{"name of the sender", func(m *message.Message, s pipelinetest.Secret) { m.From.Name = s.Text }},
	{"name in Reply-To", func(m *message.Message, s pipelinetest.Secret) {
		m.ReplyTo = []message.Address{{Kind: message.Email, Value: "r@customer.example", Name: s.Text}}
	}},
	{"name of a file", func(m *message.Message, s pipelinetest.Secret) {
		m.Attachments = []message.Attachment{{Name: s.Text + ".png", MediaType: "image/png"}}
	}},
	{"type of a file", func(m *message.Message, s pipelinetest.Secret) {
		m.Attachments = []message.Attachment{{Name: "a.png", MediaType: s.Text}}
	}},
	{"id of a file", func(m *message.Message, s pipelinetest.Secret) {
		m.Attachments = []message.Attachment{{Name: "a.png", MediaType: "image/png", ContentID: s.Text}}
	}},
	{"field", func(m *message.Message, s pipelinetest.Secret) { m.Fields = map[string]string{"note": s.Text} }},
	{"what a provider adds", func(m *message.Message, s pipelinetest.Secret) { m.About = map[string]string{"username": s.Text} }},
	{"name of a field", func(m *message.Message, s pipelinetest.Secret) { m.Fields = map[string]string{s.Text: "yes"} }},
	{"problem", func(m *message.Message, s pipelinetest.Secret) { m.Problems = []string{s.Text} }},
}

// TestNoSecretOfTenThousandIsReadable puts secrets in all spellings into all places and searches all that
// the line decides to keep or to send.
func TestNoSecretOfTenThousandIsReadable(t *testing.T) {
	t.Parallel()
	st := settings(t)
	failed := map[string]int{}
	total := 0
	for i, s := range pipelinetest.Secrets(20261120, 10000) {
		p := places[i%len(places)]
		m := mail(int64(i+1), "support", "li@customer.example", "Question", "My payment failed.")
		m.MessageID, m.Key = "m@customer.example", "k"
		p.put(&m, s)
		c := pipeline.Decide(pipeline.Read(m, st, now), pipeline.Known{})
		kept, err := json.Marshal(struct {
			Plan    pipeline.Plan
			Numbers []string
			Core    string
			Fields  map[string]string
			About   map[string]string
			Row     any
		}{c.Plan, c.Numbers, c.Core, c.Message.Fields, c.Message.About, c.Message.ReplyTo})
		if err != nil {
			t.Fatal(err)
		}
		var plain any
		if err := json.Unmarshal(kept, &plain); err != nil {
			t.Fatal(err)
		}
		if shown := fmt.Sprint(plain); s.Readable(shown) {
			total++
			if failed[s.Form]++; failed[s.Form] == 1 && len(failed) < 40 {
				t.Errorf("%s in the %s is readable: %q (%s): %q / %q", s.Kind, p.name, s.Text, s.Form, c.Text.Visible, c.Text.Quoted)
			}
		}
	}
	if total > 0 {
		t.Errorf("%d of 10000 are readable: %v", total, failed)
	}
}
