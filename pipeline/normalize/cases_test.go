package normalize

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestVisibleOfRealSituations reads mails of real situations, each a kind of its own. Their bodies are plain text.
func TestVisibleOfRealSituations(t *testing.T) {
	t.Parallel()
	lists, err := filepath.Glob("testdata/cases/*/expected.json")
	if err != nil || len(lists) < 4 {
		t.Fatalf("%d kinds: %v", len(lists), err)
	}
	for _, list := range lists {
		var mails map[string]struct {
			Visible, Why string
			Contains     string `json:"visible_contains"`
		}
		if err := json.Unmarshal([]byte(read(t, list)), &mails); err != nil {
			t.Fatal(err)
		}
		for name, want := range mails {
			path := filepath.Join(filepath.Dir(list), name)
			t.Run(strings.TrimPrefix(path, "testdata/cases/"), func(t *testing.T) {
				_, body, _ := strings.Cut(strings.ReplaceAll(read(t, path), "\r\n", "\n"), "\n\n")
				got := visible(body)
				if want.Visible != "" && got != want.Visible || !strings.Contains(got, want.Contains) {
					t.Errorf("%s: visible text is %q", want.Why, got)
				}
			})
		}
	}
}
