package base

import (
	"maps"
	"testing"
	"unicode/utf8"
)

// FuzzOriginal opens foreign bytes as an original, and packs and opens what it was given.
func FuzzOriginal(f *testing.F) {
	f.Add([]byte{0, 0, 0, 2, '{', '}', 'x'}, "mail_from", "a@b")
	f.Add([]byte{255, 255, 255, 255}, "", "\xff")
	f.Fuzz(func(t *testing.T, raw []byte, key, value string) {
		if body, _, err := unpackOriginal(raw); err == nil && len(body) > len(raw) {
			t.Errorf("%d bytes became %d", len(raw), len(body))
		}
		meta := map[string]string{key: value}
		body, got, err := unpackOriginal(PackOriginal(raw, meta))
		if err != nil || string(body) != string(raw) {
			t.Fatalf("%q came back as %q, %v", raw, body, err)
		}
		if utf8.ValidString(key) && utf8.ValidString(value) && !maps.Equal(got, meta) {
			t.Errorf("facts %q came back as %q", meta, got)
		}
	})
}
