package main

import (
	"strings"
	"testing"
)

// TestWhatIsCutOffIsOneCommandAway: answers that stand in the quoted mail are shown by trace, and on the message's page.
func TestWhatIsCutOffIsOneCommandAway(t *testing.T) {
	const html = `<p>See my answers in red.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> support@desk.example<br><b>Sent:</b> Sunday, 29 November 2026 11:25<br>` +
		`<b>To:</b> Kim<br><b>Subject:</b> Re: Refund</p></div><p>To help you we still need:</p><p>- the amount <span style="color:red">20 EUR</span></p><p>- the card <span style="color:red">4111 1111 1111 1111</span></p>`
	c := testConfig(t)
	r := start(t, c)
	r.mustMail("kim@customer.example", human("Kim <kim@customer.example>", "Re: Refund", "1@customer.example", html, "MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8"))
	r.settled(1)
	m := r.messages()[0]
	if !strings.Contains(m.Text, "answers in red") || strings.Contains(m.Text, "20 EUR") {
		t.Fatalf("the text is %q", m.Text)
	}
	for _, args := range [][]string{{}, {"--json"}} {
		code, out, errs := frontdesk(t, append([]string{"trace", "1", "--data-dir", c.DataDir}, args...)...)
		if code != 0 || !strings.Contains(out, "20 EUR") || strings.Contains(out, "4111 1111 1111 1111") {
			t.Errorf("trace %v ended with %d: %s%s", args, code, out, errs)
		}
	}
	story, err := r.store.View.Trace(t.Context(), m.ID)
	if err != nil || !strings.Contains(story.Quoted, "20 EUR") {
		t.Errorf("the story has %q: %v", story.Quoted, err)
	}
}
