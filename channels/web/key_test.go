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
