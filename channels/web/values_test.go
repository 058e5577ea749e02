package web

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/doubling"
)

func TestFieldsOfAnyKindAreKeptAsPeopleReadThem(t *testing.T) {
	for _, c := range []struct {
		name, fields string
		want         values
	}{
		{"texts", `{"orderNo":"A-1","订单号":"B-2"}`, values{"orderNo": "A-1", "订单号": "B-2"}},
		{"a number keeps its digits", `{"orderNo":12345678901234567890,"amount":120.50}`, values{"orderNo": "12345678901234567890", "amount": "120.50"}},
		{"yes and no", `{"vip":true,"trial":false}`, values{"vip": "true", "trial": "false"}},
		{"null is none", `{"orderNo":null}`, values{}},
		{"a list", `{"orders":["A-1", "订单\u0042"]}`, values{"orders": `["A-1","订单B"]`}},
		{"an object within an object", `{"order":{"id":7,"items":[{"sku":"<b>"}]}}`, values{"order": `{"id":7,"items":[{"sku":"<b>"}]}`}},
		{"an empty name and an empty value", `{"":"x","k":""}`, values{"": "x", "k": ""}},
		{"characters beyond the first plane", `{"\ud83d\ude00":"\ud83d\ude00"}`, values{"😀": "😀"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, wrong := readJSON([]byte(`{"text":"x","fields":`+c.fields+`}`), true)
			if wrong != nil {
				t.Fatal(wrong)
			}
			if diff := cmp.Diff(c.want, got.Fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
	for _, fields := range []string{`[]`, `"x"`, `7`} {
		if _, wrong := readJSON([]byte(`{"fields":`+fields+`}`), true); wrong == nil || wrong.status != 400 {
			t.Errorf("fields %s: %v, want 400", fields, wrong)
		}
	}
}

func TestNestedFieldsCostNoMoreThanTheirLength(t *testing.T) {
	doubling.Check(t, 1<<15, func(n int) func() {
		raw := []byte(`{"fields":{"deep":` + strings.Repeat("[", 900) + strings.Repeat(`"x",`, n) + `"x"` + strings.Repeat("]", 900) + `}}`)
		return func() {
			if _, wrong := readJSON(raw, true); wrong != nil {
				t.Error(wrong)
			}
		}
	})
}

func FuzzFields(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":{"b":[null]}}`, `{"订单号":"x"}`, `null`, `[]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var v values
		if json.Unmarshal([]byte(raw), &v) != nil {
			return
		}
		again, err := json.Marshal(v)
		var back values
		if err != nil || json.Unmarshal(again, &back) != nil || !cmp.Equal(map[string]string(v), map[string]string(back)) && len(v) > 0 {
			t.Fatalf("%q reads as %v, and that as %v", raw, v, back)
		}
		for name, text := range v {
			if !utf8.ValidString(name) || !utf8.ValidString(text) {
				t.Fatalf("%q has a value that is no text", raw)
			}
		}
	})
}
