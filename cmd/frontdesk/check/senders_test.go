package check

import (
	"strings"
	"testing"

	"frontdesk/channels/email"
	"frontdesk/channels/kinds"
	"frontdesk/channels/web"
	"frontdesk/configs"
)

// TestCheckWarnsOfAFormThatNobodyAnswers: its visitors leave mail addresses.
func TestCheckWarnsOfAFormThatNobodyAnswers(t *testing.T) {
	t.Parallel()
	kind, _ := kinds.All().Find(web.FormChannel)
	mail, form := configs.Inbox{Name: "support", Channel: email.Channel, Section: &email.Section{Relay: "out"}}, configs.Inbox{Name: "contact", Channel: web.FormChannel, Section: kind.Section()}
	c := configs.Config{Kinds: kinds.All()}
	c.Acknowledgements.Enabled = true
	for _, at := range []struct {
		name    string
		inboxes []configs.Inbox
		want    []string
	}{
		{"with a mail inbox", []configs.Inbox{form, mail}, nil},
		{"alone", []configs.Inbox{form}, []string{"inboxes[0]"}},
		{"with a mail inbox without a relay", []configs.Inbox{form, {Name: "support", Channel: email.Channel, Section: &email.Section{}}}, []string{"inboxes[1].relay"}},
	} {
		c.Inboxes = at.inboxes
		got := unheardWarnings(c)
		if len(got) != len(at.want) || len(got) > 0 && got[0].Path != at.want[0] {
			t.Errorf("%s: %+v", at.name, got)
		}
	}
	c.Acknowledgements.Enabled = false
	if got := unheardWarnings(c); got != nil {
		t.Errorf("without acknowledgements: %+v", got)
	}
}

func TestCheckSaysWhatUndeclaredOrderNumbersCost(t *testing.T) {
	t.Parallel()
	var c configs.Config
	if notes := formatNotes(c); len(notes) != 1 || notes[0].Path != "redaction.order_formats" || !strings.Contains(notes[0].Text, "12 of 100") {
		t.Errorf("notes = %q", notes)
	}
	c.Redaction.OrderFormats = []string{`TX\d{16}`}
	if notes := formatNotes(c); notes != nil {
		t.Errorf("notes = %q", notes)
	}
}
