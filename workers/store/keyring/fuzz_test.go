package keyring_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"frontdesk/workers/store/keyring"
)

// FuzzParseKey reads foreign text as a master key: what is taken has the right size and is what was
// written, and no error quotes it.
func FuzzParseKey(f *testing.F) {
	f.Add(base64.StdEncoding.EncodeToString(make([]byte, keyring.KeySize)) + "\n")
	f.Add("not a key")
	f.Add(strings.Repeat("A", 1<<12))
	f.Fuzz(func(t *testing.T, text string) {
		key, err := keyring.ParseKey(text)
		if err != nil {
			if trimmed := strings.TrimSpace(text); len(trimmed) > 8 && strings.Contains(err.Error(), trimmed) {
				t.Errorf("the error quotes the key: %v", err)
			}
			return
		}
		if again, err := keyring.ParseKey(base64.StdEncoding.EncodeToString(key)); len(key) != keyring.KeySize || err != nil || string(again) != string(key) {
			t.Errorf("key of %d bytes, read again: %v", len(key), err)
		}
	})
}
