package values

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden is what every way of printing a Secret shows.
const hidden = "[secret]"

// Secret is a value that cannot be printed by accident: every verb of fmt, JSON, YAML, text and
// slog show "[secret]". The value sits behind a pointer, so that even printing a struct that holds
// a Secret in an unexported field shows an address at most. Only Reveal gives it out.
type Secret struct{ value *string }

// NewSecret hides s. An empty s is the zero Secret.
// An empty key of the file is thus a key that was not written.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{value: &s}
}

// Reveal returns the value. Use it only where it is handed to the other side.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty reports whether no value was given.
func (s Secret) Empty() bool { return s.value == nil }

// Equal compares values; it is for tests and change detection, not for checking credentials.
func (s Secret) Equal(o Secret) bool { return s.Reveal() == o.Reveal() }

// Format hides the value from every verb of fmt.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// String returns "[secret]".
func (s Secret) String() string { return hidden }

// GoString returns "[secret]".
func (s Secret) GoString() string { return hidden }

// MarshalText returns "[secret]".
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON returns "[secret]" as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalYAML returns "[secret]".
func (s Secret) MarshalYAML() (any, error) { return hidden, nil }

// LogValue returns "[secret]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// Parse implements Scalar.
// It takes every text; what a secret may look like is its section's matter.
func (s *Secret) Parse(text string) error {
	*s = NewSecret(text)
	return nil
}
