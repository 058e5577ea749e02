package policy

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"frontdesk/configs/rules"
	"frontdesk/configs/values"
)

// TestPublicDays: those of the program, a file's in the place of their year, and days of one's own before both.
func TestPublicDays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "days.txt")
	if err := os.WriteFile(file, []byte("2025 an import\noff 2025-03-03 a day of ours\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	office := []values.Span{{Start: 9 * 60, End: 18 * 60}}
	day := func(m time.Month, d int) values.DateRange {
		at := values.Date{Year: 2026, Month: m, Day: d}
		return values.DateRange{First: at, Last: at}
	}
	hours, err := calendar("mainland", rules.Calendar{Timezone: "Asia/Shanghai", Week: rules.Week{Mon: office, Tue: office, Wed: office, Thu: office, Fri: office},
		PublicHolidays: values.OneOrMore{"cn-mainland"}, DaysFile: file,
		Holidays: []rules.Holiday{{Date: day(10, 10)}}, Workdays: []rules.Workday{{Date: day(10, 2), Like: "fri"}}}, "UTC")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		at   time.Time
		open bool
	}{
		{"a weekday", time.Date(2026, 10, 8, 12, 0, 0, 0, hours.Zone()), true},
		{"a public holiday", time.Date(2026, 10, 1, 12, 0, 0, 0, hours.Zone()), false},
		{"a Sunday that is worked in exchange", time.Date(2026, 9, 20, 12, 0, 0, 0, hours.Zone()), true},
		{"a Sunday", time.Date(2026, 9, 13, 12, 0, 0, 0, hours.Zone()), false},
		{"a public holiday that one's own workday makes a day of work", time.Date(2026, 10, 2, 12, 0, 0, 0, hours.Zone()), true},
		{"a make-up workday that one's own holiday closes", time.Date(2026, 10, 10, 12, 0, 0, 0, hours.Zone()), false},
		{"a day of the file", time.Date(2025, 3, 3, 12, 0, 0, 0, hours.Zone()), false},
		{"a public holiday of a year that the file has", time.Date(2025, 10, 1, 12, 0, 0, 0, hours.Zone()), true},
	} {
		if got := hours.Open(c.at); got != c.open {
			t.Errorf("%s: open %t", c.name, got)
		}
	}
	if err := os.WriteFile(file, []byte("2025 an import\noff someday\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := calendar("mainland", rules.Calendar{DaysFile: file}, "UTC"); err == nil {
		t.Error("a damaged file is read")
	}
}
