package bench

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []float64
		want float64
	}{
		{"nothing has none", nil, 0},
		{"one is its own", []float64{7}, 7},
		{"the middle one of an odd number", []float64{9, 1, 5}, 5},
		{"the mean of both middle ones of an even number", []float64{4, 1, 3, 100}, 3.5},
		{"one outlier moves nothing", []float64{10, 11, 12, 13, 9999}, 12},
	} {
		in := append([]float64(nil), c.in...)
		if got := median(c.in); got != c.want {
			t.Errorf("%s: median(%v) = %v, want %v", c.name, c.in, got, c.want)
		}
		if diff := cmp.Diff(in, c.in); diff != "" {
			t.Errorf("%s: the values were moved: %s", c.name, diff)
		}
	}
}

func TestFiguresHaveThreeDigitsThatMeanSomething(t *testing.T) {
	for in, want := range map[float64]string{0: "0.00", 0.0421: "0.042", 0.33: "0.33", 7.456: "7.46", 22.71: "22.7", 999.4: "999", 1234.6: "1 235", 1234567: "1 234 567"} {
		if got := figure(in); got != want {
			t.Errorf("figure(%v) = %q, want %q", in, got, want)
		}
	}
}

func TestAReportTellsMediansAndWhatWasSkipped(t *testing.T) {
	r := newReport(options{Runs: 3})
	s := section{name: "accept", title: "Accepts"}
	for _, v := range []float64{900, 1100, 1000} {
		r.add(s, "accept.sms.c1.rate", "1 connection", "/s", v)
	}
	r.skip(section{name: "imap"}, "no Dovecot")
	r.skip(section{name: "imap"}, "no Dovecot")
	var table, js bytes.Buffer
	if err := r.Table(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Accepts [accept]", "1 000 /s  (900 … 1 100)", "imap: skipped: no Dovecot"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, table.String())
		}
	}
	if err := r.JSON(&js); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Results []Result
		Skipped []Skip
	}
	if err := json.Unmarshal(js.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []Result{{Key: "accept.sms.c1.rate", Section: "accept", Label: "1 connection", Unit: "/s", Value: 1000, All: []float64{900, 1100, 1000}}}
	if diff := cmp.Diff(want, got.Results, cmp.AllowUnexported(Result{})); diff != "" {
		t.Error(diff)
	}
	if len(got.Skipped) != 1 {
		t.Errorf("skipped is %v", got.Skipped)
	}
}
