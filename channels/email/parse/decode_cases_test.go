package parse

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
)

// expectedMail is what a mail of testdata/cases must be decoded to.
type expectedMail struct {
	Visible, VisibleContains string
	VisibleLacks             []string
	FromName                 string   `json:"from_name"`
	Attachments              []string // names
	Bytes                    int      `json:"attachment_bytes_at_least"`
	Why                      string
}

func (e *expectedMail) UnmarshalJSON(b []byte) error {
	type plain expectedMail
	var names struct {
		plain
		VisibleContains string   `json:"visible_contains"`
		VisibleLacks    []string `json:"visible_lacks"`
	}
	err := json.Unmarshal(b, &names)
	*e = expectedMail(names.plain)
	e.VisibleContains, e.VisibleLacks = names.VisibleContains, names.VisibleLacks
	return err
}

// Mails of real situations, each a kind of its own: what is said in them is found, and no file is lost.
func TestDecodeMailsOfRealSituations(t *testing.T) {
	lists, err := filepath.Glob("testdata/cases/*/expected.json")
	if err != nil || len(lists) < 7 {
		t.Fatalf("%d kinds: %v", len(lists), err)
	}
	for _, list := range lists {
		var want map[string]expectedMail
		b, err := os.ReadFile(list)
		if err == nil {
			err = json.Unmarshal(b, &want)
		}
		if err != nil {
			t.Fatal(err)
		}
		for name, e := range want {
			path := filepath.Join(filepath.Dir(list), name)
			t.Run(strings.TrimPrefix(path, "testdata/cases/"), func(t *testing.T) { e.check(t, path) })
		}
	}
}

func (e *expectedMail) check(t *testing.T, path string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewDecoder(DecoderConfig{}).Decode(channels.Delivery{Raw: raw})
	if err != nil {
		t.Fatal(err)
	}
	said := m.Text + m.HTML
	if e.Visible != "" && strings.TrimSpace(said) != e.Visible || !strings.Contains(said, e.VisibleContains) {
		t.Errorf("%s: got %q", e.Why, said)
	}
	for _, w := range e.VisibleLacks {
		if strings.Contains(said, w) {
			t.Errorf("%s: %q is in %q", e.Why, w, said)
		}
	}
	if e.FromName != "" && m.From.Name != e.FromName {
		t.Errorf("%s: the sender is %q", e.Why, m.From.Name)
	}
	var names []string
	size := 0
	for _, a := range m.Attachments {
		names, size = append(names, a.Name), size+len(a.Content)
	}
	if e.Attachments != nil && !cmp.Equal(e.Attachments, names) {
		t.Errorf("%s: files %q", e.Why, names)
	}
	if size < e.Bytes {
		t.Errorf("%s: %d bytes in files %q", e.Why, size, names)
	}
}
