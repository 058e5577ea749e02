package configs

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"frontdesk/channels/descriptor"
	"frontdesk/channels/email"
	"frontdesk/channels/web"
	"frontdesk/configs/values"
)

// word is the value that must never be seen.
const word = "Sw0rdf1sh"

// holders are the shapes in which a secret sits in a program.
func holders() map[string]any {
	s := values.NewSecret(word)
	return map[string]any{
		"a secret":                        s,
		"a pointer to a secret":           &s,
		"a secret in an exported field":   struct{ Password values.Secret }{s},
		"a secret in an unexported field": struct{ password values.Secret }{s},
		"a secret behind two structs":     &struct{ a struct{ b *values.Secret } }{struct{ b *values.Secret }{&s}},
		"secrets in a list":               []values.Secret{s},
		"secrets in a map":                map[string]values.Secret{"a": s},
		"inboxes with everything":         []Inbox{{Section: &email.Section{IMAP: &email.IMAP{Password: s}}}, {Section: &web.APISection{API: &web.APISettings{Tokens: []values.Secret{s}}}}},
		"a configuration":                 Config{Database: Database{URL: s}, Shared: map[string]descriptor.Shared{"email": &email.Shared{Relays: []email.Relay{{Password: s}}}}},
		"a secret that was made an any":   any(s),
		"a secret in an error's text":     fmt.Errorf("signing in with %v: %w", s, fmt.Errorf("%s", s)),
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	for name, value := range holders() {
		t.Run(name, func(t *testing.T) {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p", "%t", "%10.3v"} {
				if got := fmt.Sprintf(verb, value); seen(got) {
					t.Errorf("%s shows %s", verb, got)
				}
			}
			if got := fmt.Sprint(value) + fmt.Sprintln(value); seen(got) {
				t.Errorf("Sprint shows %s", got)
			}
		})
	}
}

func TestSecretIsNeverMarshalled(t *testing.T) {
	for name, value := range holders() {
		t.Run(name, func(t *testing.T) {
			if got, err := json.Marshal(value); err != nil || seen(string(got)) {
				t.Errorf("JSON: %s, %v", got, err)
			}
			if got, err := yaml.Marshal(value); err != nil || seen(string(got)) {
				t.Errorf("YAML: %s, %v", got, err)
			}
			// XML knows no maps and no anonymous structs; what it can write must not show the secret.
			if got, err := xml.Marshal(value); err == nil && seen(string(got)) {
				t.Errorf("XML: %s", got)
			}
		})
	}
}

func TestSecretIsNeverLogged(t *testing.T) {
	for name, value := range holders() {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
				slog.New(h).With("a", value).Info("connecting", "b", value, slog.Group("c", "d", value))
			}
			if seen(out.String()) {
				t.Errorf("logged: %s", out.String())
			}
		})
	}
}

// seen looks for the word itself and for its hexadecimal forms.
func seen(text string) bool {
	for _, form := range []string{word, fmt.Sprintf("%x", word), fmt.Sprintf("%X", word)} {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}

func TestSecretSaysThatItIsOne(t *testing.T) {
	s := values.NewSecret(word)
	encoded, err := json.Marshal(map[string]values.Secret{"password": s})
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]string{
		"%v": fmt.Sprintf("%v", s), "%#v": fmt.Sprintf("%#v", s), "String": s.String(), "GoString": s.GoString(),
		"LogValue": s.LogValue().String(),
	} {
		if got != "[secret]" {
			t.Errorf("%s: got %q", what, got)
		}
	}
	if got, want := string(encoded), `{"password":"[secret]"}`; got != want {
		t.Errorf("JSON: got %s, want %s", got, want)
	}
}

func TestSecretReveals(t *testing.T) {
	s := values.NewSecret(word)
	if s.Reveal() != word || s.Empty() || !s.Equal(values.NewSecret(word)) || s.Equal(values.NewSecret("other")) {
		t.Error("a secret does not keep its value")
	}
	if e := values.NewSecret(""); !e.Empty() || e.Reveal() != "" || !e.Equal(values.Secret{}) {
		t.Error("an empty secret is not empty")
	}
}
