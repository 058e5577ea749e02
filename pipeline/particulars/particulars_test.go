package particulars

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// line is a text of a list with what it tells.
type line struct{ section, text, want string }

// readList reads a file of testdata.
func readList(t *testing.T, name string) []line {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []line
	section := ""
	for l := range strings.Lines(string(data)) {
		l = strings.TrimSpace(l)
		if text, want, ok := strings.Cut(l, " => "); ok && !strings.HasPrefix(l, "# ") {
			out = append(out, line{section, text, want})
		} else if strings.HasPrefix(l, "[") {
			section = strings.Trim(l, "[]")
		}
	}
	return out
}

// told writes what was found as a list has it.
func told[T any](found []T, write func(T) string) string {
	out := make([]string, len(found))
	for i, f := range found {
		out[i] = write(f)
	}
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, ", ")
}

func amount(a Amount) string {
	if a.Currency == "" {
		a.Currency = "?"
	}
	return fmt.Sprintf("%s %.10g", a.Currency, a.Value)
}

func TestSumsAsPeopleWriteThem(t *testing.T) {
	for _, l := range readList(t, "amounts.txt") {
		if got := told(Amounts(l.text), amount); got != l.want {
			t.Errorf("[%s] %q: %s, want %s", l.section, l.text, got, l.want)
		}
	}
}

func TestNumbersAsPeopleWriteThem(t *testing.T) {
	for _, l := range readList(t, "numbers.txt") {
		if got := told(Numbers(l.text), func(n string) string { return n }); got != l.want {
			t.Errorf("[%s] %q: %s, want %s", l.section, l.text, got, l.want)
		}
	}
}

// written is when the texts of times.txt are read.
var written = time.Date(2026, 11, 18, 15, 20, 0, 0, time.FixedZone("HKT", 8*3600))

func TestTimesAsPeopleWriteThem(t *testing.T) {
	write := func(f Time) string {
		switch f.Unit {
		case "day":
			return f.From.Format("2006-01-02")
		case "hour":
			return f.From.Format("2006-01-02T15")
		case "minute":
			return f.From.Format("2006-01-02T15:04")
		case "month":
			return f.From.Format("2006-01")
		case "week":
			y, w := f.From.ISOWeek()
			return fmt.Sprintf("%d-W%d", y, w)
		}
		return f.From.Format("2006-01-02T") + f.Part
	}
	for _, l := range readList(t, "times.txt") {
		if got := told(Times(l.text, written), write); got != l.want {
			t.Errorf("[%s] %q: %s, want %s", l.section, l.text, got, l.want)
		}
	}
}

func TestNamesAsPeopleWriteThem(t *testing.T) {
	for _, l := range readList(t, "names.txt") {
		f := Read(l.text, written)
		if got := fmt.Sprintf("%s; %s; %s", cmp.Or(f.Phone, "-"), cmp.Or(f.Version, "-"), cmp.Or(f.Recipient, "-")); got != l.want {
			t.Errorf("[%s] %q: %s, want %s", l.section, l.text, got, l.want)
		}
	}
}
