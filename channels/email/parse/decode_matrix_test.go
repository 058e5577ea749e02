package parse

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// matrixCase is what truth.json says about one mail.
type matrixCase struct {
	Subject string  `json:"subject"`
	Text    string  `json:"text"`
	Name    *string `json:"att"`
	Kind    string  `json:"kind"`
}

func decodeFile(t testing.TB, path string) (message.Message, error) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return NewDecoder(DecoderConfig{}).Decode(channels.Delivery{Inbox: "mail", Channel: "email", Raw: raw})
}

// squeeze removes white space, so that line ends and folding do not count.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// TestDecodeMatrix decodes the charset, label, header, file-name and structure cases.
func TestDecodeMatrix(t *testing.T) {
	raw, err := os.ReadFile("testdata/matrix/truth.json")
	if err != nil {
		t.Fatal(err)
	}
	var truth map[string]matrixCase
	if err := json.Unmarshal(raw, &truth); err != nil {
		t.Fatal(err)
	}
	if len(truth) < 140 {
		t.Fatalf("truth.json holds %d cases only", len(truth))
	}
	for name, want := range truth {
		t.Run(want.Kind+"/"+name, func(t *testing.T) {
			m, err := decodeFile(t, filepath.Join("testdata/matrix", name+".eml"))
			if err != nil {
				t.Fatal(err)
			}
			if m.Subject != want.Subject {
				t.Errorf("subject is %q, want %q", m.Subject, want.Subject)
			}
			if got := squeeze(m.Text); !strings.Contains(got, squeeze(want.Text)) {
				t.Errorf("text is %.300q, want it to hold %q", m.Text, want.Text)
			}
			if want.Name != nil && !hasName(m, lastElement(*want.Name)) {
				t.Errorf("attachments are %v, want %q", names(m), lastElement(*want.Name))
			}
		})
	}
}

// lastElement cuts the path that some cases put before the name: it is stripped on purpose.
func lastElement(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		return name[i+1:]
	}
	return name
}

func hasName(m message.Message, name string) bool {
	for _, a := range m.Attachments {
		if a.Name == name {
			return true
		}
	}
	return false
}

func names(m message.Message) []string {
	var out []string
	for _, a := range m.Attachments {
		out = append(out, a.Name)
	}
	return out
}
