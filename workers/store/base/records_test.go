package base

import (
	"encoding/json"
	"testing"

	"frontdesk/pipeline"
)

func checkTrace(t *testing.T, trace []pipeline.Line) {
	t.Helper()
	want, err := json.Marshal(trace)
	if err != nil {
		t.Fatal(err)
	}
	got, err := appendTrace(nil, trace)
	if err != nil || string(got) != string(want) {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}

func TestATraceIsWrittenAsJSONIs(t *testing.T) {
	for name, trace := range map[string][]pipeline.Line{
		"plain text":              {{Stage: "screen", Found: "human"}, {Stage: "route", Found: "payments", Why: "queue of category payment-failed: it's so"}},
		"without a finding":       {{Stage: "scan"}},
		"Chinese":                 {{Stage: "screen", Found: "退款", Why: "转账被退回"}},
		"quotation and backslash": {{Stage: "screen", Found: `a "quoted" word`, Why: `\path`}},
		"markup":                  {{Stage: "screen", Found: "<script>&amp;", Why: "a>b"}},
		"control characters":      {{Stage: "screen", Found: "a\x00b\x1b[1m", Why: "\n\t\r"}},
		"broken UTF-8":            {{Stage: "screen", Found: "\xff\xfe", Why: "\u2028\u2029\x7f"}},
	} {
		t.Run(name, func(t *testing.T) { checkTrace(t, trace) })
	}
}

func FuzzTrace(f *testing.F) {
	f.Add("screen", "human", "it \"says\" so\x00")
	f.Fuzz(func(t *testing.T, stage, found, why string) {
		checkTrace(t, []pipeline.Line{{Stage: stage, Found: found, Why: why}, {Stage: stage, Found: why}})
	})
}
