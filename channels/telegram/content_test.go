package telegram

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"frontdesk/channels"
	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/pipeline/message"
)

// update wraps the fields of a message as Telegram brings them.
func updateOf(t *testing.T, kind string, fields map[string]any) []byte {
	t.Helper()
	m := map[string]any{"message_id": 42, "date": 1777898400, "chat": map[string]any{"id": -1001, "type": "supergroup"},
		"from": map[string]any{"id": 111, "first_name": "Li"}}
	for k, v := range fields {
		m[k] = v
	}
	raw, err := json.Marshal(map[string]any{"update_id": 7, kind: m})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestTelegramsOwnNotesAreNobodysWords: each service message of the Bot API is passed over, alone and beside the fields that
// any message has.
func TestTelegramsOwnNotesAreNobodysWords(t *testing.T) {
	c := newConnector(t, testConfig())
	for _, field := range eventFields() {
		for name, value := range map[string]any{"an object": map[string]any{}, "a list": []any{map[string]any{"id": 5}}, "true": true, "a number": -1005} {
			raw := updateOf(t, "message", map[string]any{field: value, "sender_chat": map[string]any{"id": -1001}, "has_protected_content": true})
			if d, ok := c.delivery(raw, testNow()); ok {
				t.Errorf("%s with %s became a delivery: %q", field, name, d.Cause)
			}
		}
	}
}

// TestWhatSomebodySendsIsHisWhateverItIs: each kind of content is taken in and decoded.
func TestWhatSomebodySendsIsHisWhateverItIs(t *testing.T) {
	c := newConnector(t, testConfig())
	for _, field := range wordFields() {
		value := any(map[string]any{})
		switch field {
		case "text", "caption":
			value = "hello"
		case "photo":
			value = []any{map[string]any{"file_id": "f"}}
		}
		d, ok := c.delivery(updateOf(t, "message", map[string]any{field: value, "pinned_message": map[string]any{}}), testNow())
		if !ok || d.Cause != "" {
			t.Errorf("%s: %v, %q, want it taken in", field, ok, d.Cause)
			continue
		}
		if _, err := c.Decode(d); err != nil {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestWhatNoVersionKnowsWaitsForAPerson(t *testing.T) {
	c := newConnector(t, testConfig())
	for _, tc := range []struct {
		name     string
		kind     string
		fields   map[string]any
		taken    bool
		evidence string // empty: not parked
	}{
		{"a field of a later version", "message", map[string]any{"hologram": map[string]any{}}, true, "its field is hologram"},
		{"one beside an event that is known", "message", map[string]any{"hologram": map[string]any{}, "boost_added": map[string]any{}}, false, ""},
		{"one beside a text", "message", map[string]any{"hologram": map[string]any{}, "text": "hello"}, true, ""},
		{"a name that is no name", "message", map[string]any{"<b>4111 1111": 1}, true, "with an unusual name"},
		{"a field that is null", "message", map[string]any{"hologram": nil}, true, ""},
		{"nothing that the API shows", "message", nil, true, ""},
		{"an event that is edited", "edited_message", map[string]any{"edit_date": 1777898500, "forum_topic_edited": map[string]any{}}, false, ""},
		{"a step of a live location", "edited_message", map[string]any{"edit_date": 1777898500, "location": map[string]any{"latitude": 22.3, "live_period": 900}}, false, ""},
		{"its last step", "edited_message", map[string]any{"edit_date": 1777898500, "location": map[string]any{"latitude": 22.3}}, false, ""},
		{"its first", "message", map[string]any{"location": map[string]any{"latitude": 22.3, "live_period": 900}}, true, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, ok := c.delivery(updateOf(t, tc.kind, tc.fields), testNow())
			if ok != tc.taken || (d.Cause != "") != (tc.evidence != "") || !strings.Contains(d.Evidence, tc.evidence) {
				t.Errorf("taken %v, %q %q", ok, d.Cause, d.Evidence)
			}
		})
	}
}

// TestAnswersStayInTheirTopic: what was asked in a topic is answered there, and never in the general one by number.
func TestAnswersStayInTheirTopic(t *testing.T) {
	c, fake := withFake(t)
	group := telegramfake.Customer{ID: 111, Name: "Li", Chat: -1003}
	fake.Write(group, "hello")
	for _, tc := range []struct {
		file  string
		topic int64
	}{{"forum-topic", 7}, {"forum-general", 0}, {"group-thread-is-no-topic", 0}, {"group-reply", 0}} {
		raw, err := os.ReadFile("testdata/" + tc.file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		d, _ := c.delivery(raw, testNow())
		m, err := c.Decode(d)
		if err != nil {
			t.Fatal(err)
		}
		chat, _, _ := strings.Cut(m.Thread, "/")
		fake.Write(telegramfake.Customer{ID: 111, Chat: mustInt(t, chat)}, "hello")
		if _, err := c.Send(t.Context(), "k", channels.Outbound{To: m.From, Thread: m.Thread, Text: "received"}); err != nil {
			t.Fatal(err)
		}
		if sent := fake.Sent(); sent[len(sent)-1].Topic != tc.topic {
			t.Errorf("%s: answered in topic %d, want %d", tc.file, sent[len(sent)-1].Topic, tc.topic)
		}
	}
	fake.CloseTopic(-1003, 7)
	if _, err := c.Send(t.Context(), "k", channels.Outbound{To: message.Address{Kind: "telegram", Value: "111"}, Thread: "-1003/7", Text: "received"}); err != nil {
		t.Errorf("a topic that is no more: %v, want it in the chat around it", err)
	}
	fake.Migrate(-1003, -2003)
	if _, err := c.Send(t.Context(), "k", channels.Outbound{To: message.Address{Kind: "telegram", Value: "111"}, Thread: "-1003/7", Text: "received"}); err != nil {
		t.Errorf("a group that moved: %v", err)
	}
	for _, thread := range []string{"-1003/", "-1003/x", "/7"} {
		if _, err := where(thread); err == nil {
			t.Errorf("%q was taken for a conversation", thread)
		}
	}
}

func mustInt(t *testing.T, s string) int64 {
	t.Helper()
	at, err := where(s)
	if err != nil {
		t.Fatal(err)
	}
	return at.chat
}
