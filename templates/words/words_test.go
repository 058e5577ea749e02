package words

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestATableOfWords(t *testing.T) {
	for _, c := range []struct {
		name, table string
		more        map[string]map[string]string
		want        map[string]map[string]string // nil: it is refused
	}{
		{"words in both languages", "# pages\n\nyes | Yes | 是\n no|No|否 \n", nil, map[string]map[string]string{"en": {"yes": "Yes", "no": "No"}, "zh": {"yes": "是", "no": "否"}}},
		{"the caller's go before", "yes | Yes | 是\n", map[string]map[string]string{"zh": {"yes": "好", "queue.a": "甲"}, "de": {"yes": "Ja"}}, map[string]map[string]string{"en": {"yes": "Yes"}, "zh": {"yes": "好", "queue.a": "甲"}}},
		{"a language is missing", "yes | Yes\n", nil, nil},
		{"a cell too many", "yes | Yes | 是 | Ja\n", nil, nil},
		{"a key twice", "yes | Yes | 是\nyes | Yea | 对\n", nil, nil},
	} {
		got, err := Read(fstest.MapFS{file: {Data: []byte(c.table)}}, c.more)
		if diff := cmp.Diff(c.want, got); diff != "" || (err == nil) != (c.want != nil) {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
	}
	if _, err := Read(fstest.MapFS{}, nil); err == nil {
		t.Error("no table, and no error")
	}
}
