package telegram

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
)

// FuzzDecode reads foreign bytes as a recorded update: it is parked with a cause, or it becomes a
// message that a database can keep, the same each time.
func FuzzDecode(f *testing.F) {
	c, err := New(testConfig())
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"update_id":1,"message":{"message_id":5,"date":1777898400,"chat":{"id":7,"type":"group","title":"x"},"from":{"id":7,"username":"a"},"text":"x"}}`))
	f.Add([]byte(`{"message":{"message_id":5,"chat":{"id":7},"document":{"file_id":"a","file_name":"../../etc/x","file_size":-1},"caption":"\ud800"}}`))
	f.Add([]byte(`{"edited_message":{"message_id":5,"chat":{"id":-7},"sticker":{"emoji":"x"},"location":{"latitude":1e300}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := channels.Delivery{Inbox: "bot", Channel: "telegram", Key: "7:5", At: testNow(), Raw: raw}
		m, err := c.Decode(d)
		if err != nil {
			if e, ok := err.(*channels.Error); !ok || e.Cause == "" {
				t.Errorf("error without a parking cause: %v", err)
			}
			return
		}
		if again, err := c.Decode(d); err != nil || !cmp.Equal(m, again) {
			t.Errorf("decoding twice differs: %v", err)
		}
		for _, s := range []string{m.Text, m.Subject, m.From.Name, m.From.Value} {
			if strings.ToValidUTF8(s, "") != s || strings.ContainsRune(s, 0) {
				t.Errorf("not storable: %q", s)
			}
		}
		for _, a := range m.Attachments {
			if strings.ContainsAny(a.Name, "/\\\r\n") || a.Size < 0 {
				t.Errorf("attachment %q of %d bytes", a.Name, a.Size)
			}
		}
	})
}

// FuzzAnswer reads foreign bytes as an answer of the Bot API: a failure is put into our own words,
// and its class and wait stay within what the line knows.
func FuzzAnswer(f *testing.F) {
	f.Add(200, []byte(`{"ok":true,"result":{"message_id":1}}`))
	f.Add(429, []byte(`{"ok":false,"description":"Too Many Requests: retry after 9","parameters":{"retry_after":9}}`))
	f.Add(400, []byte(`{"ok":false,"description":"Bad Request: SECRET upgraded to a supergroup","parameters":{"migrate_to_chat_id":-100}}`))
	f.Add(429, []byte(`{"ok":false,"parameters":{"retry_after":9223372036854775807}}`))
	f.Fuzz(func(t *testing.T, status int, raw []byte) {
		result, err := read(status, raw)
		if err == nil {
			if status != 200 {
				t.Errorf("status %d with %q is a success", status, result)
			}
			return
		}
		if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("the provider's words are in the error: %v", err)
		}
		for _, write := range []bool{false, true} {
			if e := fail("sending", err, write); e.After < 0 {
				t.Errorf("wait of %v", e.After)
			}
		}
	})
}
