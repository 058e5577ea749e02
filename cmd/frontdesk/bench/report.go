package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Report is what was measured. Its JSON is read by scripts that compare releases: names and keys stay.
type Report struct {
	Machine Machine  `json:"machine"`
	Quick   bool     `json:"quick"`
	Runs    int      `json:"runs"`
	Results []Result `json:"results"`
	Skipped []Skip   `json:"skipped"`
}

// Result is one figure, the median of its runs. Keys never change their meaning (testdata/bench-keys.txt holds them).
type Result struct {
	// Key is section.what, such as accept.sms.c1.rate; Unit is /s, ms, MiB or times.
	Key     string  `json:"key"`
	Section string  `json:"section"`
	Label   string  `json:"label"`
	Unit    string  `json:"unit"`
	Value   float64 `json:"value"`
	// All are the figures of the runs, in their order; Value is their median.
	All []float64 `json:"all"`

	title string
}

// Skip is a section that could not be measured, and why.
type Skip struct {
	Section string `json:"section"`
	Why     string `json:"why"`
}

func newReport(o options) *Report {
	return &Report{Quick: o.Quick, Runs: max(o.Runs, 1), Results: []Result{}, Skipped: []Skip{}}
}

// add takes one more figure. The label and the unit of the first one stay.
func (r *Report) add(s section, key, label, unit string, value float64) {
	i := slices.IndexFunc(r.Results, func(x Result) bool { return x.Key == key })
	if i < 0 {
		i = len(r.Results)
		r.Results = append(r.Results, Result{Key: key, Section: s.name, Label: label, Unit: unit, title: s.title})
	}
	x := &r.Results[i]
	x.All = append(x.All, value)
	x.Value = median(x.All)
}

func (r *Report) skip(s section, why string) {
	if !slices.ContainsFunc(r.Skipped, func(x Skip) bool { return x.Section == s.name }) {
		r.Skipped = append(r.Skipped, Skip{s.name, why})
	}
}

// median is the middle value, the mean of both middle ones of an even number, 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// JSON writes the report as one object.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Table writes the report for people.
func (r *Report) Table(w io.Writer) error {
	var b strings.Builder
	r.Machine.table(&b)
	fmt.Fprintf(&b, "runs       %d%s\n", r.Runs, map[bool]string{true: ", quick: short runs, for an impression", false: ", medians"}[r.Quick])
	wide := 0
	for _, x := range r.Results {
		wide = max(wide, len([]rune(x.Label)))
	}
	last := ""
	for _, x := range r.Results {
		if x.Section != last {
			last = x.Section
			fmt.Fprintf(&b, "\n%s [%s]\n", x.title, x.Section)
		}
		fmt.Fprintf(&b, "  %-*s  %12s %s%s\n", wide, x.Label, figure(x.Value), x.Unit, spread(x.All))
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(&b, "\n%s: skipped: %s\n", s.Section, s.Why)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// spread tells how far runs lie apart.
func spread(all []float64) string {
	if len(all) < 2 {
		return ""
	}
	return fmt.Sprintf("  (%s … %s)", figure(slices.Min(all)), figure(slices.Max(all)))
}

// figure writes a value with three or four digits that mean something.
func figure(v float64) string {
	switch a := max(v, -v); {
	case a >= 1000:
		return thousands(int64(v + 0.5))
	case a >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= 0.1 || a == 0:
		return strconv.FormatFloat(v, 'f', 2, 64)
	default:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
}

// thousands separates groups of digits with a space.
func thousands(v int64) string {
	s := strconv.FormatInt(v, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}
