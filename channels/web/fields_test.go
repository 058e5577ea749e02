package web

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/meta"
)

// TestWhatCannotBeReadAsAnAddressIsKeptForPeople: nothing that a visitor typed is dropped.
func TestWhatCannotBeReadAsAnAddressIsKeptForPeople(t *testing.T) {
	f := newTestForm(t, nil)
	for _, c := range []struct {
		name   string
		typed  map[string]string
		from   string
		fields map[string]string
	}{
		{"all is readable", map[string]string{"name": "Li", "email": "li@example.com", "phone": "13800138000", "order": "7"}, "li@example.com", map[string]string{"order-number": "7"}},
		{"a number that nobody could call", map[string]string{"name": "Li", "email": "li@example.com", "phone": "ext. 12"}, "li@example.com", map[string]string{"phone": "ext. 12"}},
		{"an address with a slip", map[string]string{"name": "Li", "email": "li@@example", "phone": "13800138000"}, "+8613800138000", map[string]string{"email": "li@@example"}},
		{"no address at all", map[string]string{"name": "Li Lei", "email": "li at example", "phone": "none"}, "", map[string]string{"email": "li at example", "phone": "none", "name": "Li Lei"}},
	} {
		c.typed["text"] = "Where is my money?"
		contentType, raw := multi(t, c.typed)
		m, err := f.Decode(channels.Delivery{Inbox: "contact", Channel: "form", Key: "k", At: testTime, Raw: raw, Meta: map[string]string{meta.Content: contentType}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.fields, m.Fields); diff != "" || m.From.Value != c.from || m.Subject != "" {
			t.Errorf("%s: from %q, subject %q, fields (-want +got):\n%s", c.name, m.From.Value, m.Subject, diff)
		}
	}
	in := body{From: sender{Email: "nobody", Phone: "x", Name: "Kim"}, Fields: map[string]string{"phone": "the caller's own", "tier": "gold"}}
	if diff := cmp.Diff(map[string]string{"email": "nobody", "name": "Kim", "phone": "the caller's own", "tier": "gold"}, in.message().Fields); diff != "" {
		t.Errorf("a program's (-want +got):\n%s", diff)
	}
}

// TestNamesThatPeopleReadAlike: one of several values stands under a name, and it is the same one each time that the original is read.
func TestNamesThatPeopleReadAlike(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields map[string]string
		want   map[string]string
	}{
		{"names that differ", map[string]string{"order": "1", "orders": "2"}, map[string]string{"order": "1", "orders": "2"}},
		{"a name with a space before it, and one behind", map[string]string{" order": "1", "order": "2", "order ": "3"}, map[string]string{"order": "2"}},
		{"none that is written as it is read", map[string]string{"order\n": "1", "order ": "2", "\torder": "3"}, map[string]string{"order": "3"}},
		{"an empty name", map[string]string{"": "1", " ": "2"}, map[string]string{"": "1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 40 {
				if diff := cmp.Diff(c.want, body{Fields: c.fields}.message().Fields); diff != "" {
					t.Fatalf("fields (-want +got):\n%s", diff)
				}
			}
		})
	}
}
