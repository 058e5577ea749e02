package calendars

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/configs/rules"
	"frontdesk/configs/values"
)

const feed = "BEGIN:VCALENDAR\nPRODID:-//Test//EN\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270101\nDTEND;VALUE=DATE:20270104\nSUMMARY:元旦（休）\nEND:VEVENT\n" +
	"BEGIN:VEVENT\nDTSTART;VALUE=DATE:20270109\nSUMMARY:元旦（班）\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART:20270110T090000\nSUMMARY:Meeting\nEND:VEVENT\nEND:VCALENDAR\n"

// TestAnImport: a preview tells what changes and writes nothing; the import writes it, and the second time changes nothing.
func TestAnImport(t *testing.T) {
	dir := t.TempDir()
	file, days := filepath.Join(dir, "feed.ics"), filepath.Join(dir, "days.txt")
	if err := os.WriteFile(file, []byte(feed), 0o600); err != nil {
		t.Fatal(err)
	}
	k := rules.Calendar{DaysFile: days, PublicHolidays: values.OneOrMore{"cn-mainland"}}
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	run := func(preview bool) string {
		t.Helper()
		var b strings.Builder
		if err := importFile(&b, "mainland", k, file, preview, now); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	changes := "2027-01-01 Fri  as usual → closed    元旦\n2027-01-02 Sat  as usual → closed    元旦\n2027-01-03 Sun  as usual → closed    元旦\n2027-01-09 Sat  as usual → worked    元旦\n" +
		"2027: 4 days\nleft out: 0 events that recur, 1 with a time of day, 0 others\n"
	if got := run(true); got != changes {
		t.Errorf("the preview says\n%swant\n%s", got, changes)
	}
	if _, err := os.Stat(days); !os.IsNotExist(err) {
		t.Errorf("a preview writes: %v", err)
	}
	if got := run(false); !strings.HasPrefix(got, changes+"written to ") {
		t.Errorf("the import says\n%s", got)
	}
	text, err := os.ReadFile(days)
	if err != nil || !strings.Contains(string(text), "2027 feed.ics, -//Test//EN, imported 2026-11-30\noff 2027-01-01..2027-01-03 元旦\nwork 2027-01-09 元旦\n") || strings.Contains(string(text), "2026-10-01") {
		t.Errorf("written: %v\n%s", err, text)
	}
	if got := run(false); !strings.HasPrefix(got, "2027: 4 days\nnothing changes\n") {
		t.Errorf("the second time it says\n%s", got)
	}
}

func TestWhatIsNotImported(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.ics")
	if err := os.WriteFile(empty, []byte("BEGIN:VCALENDAR\nEND:VCALENDAR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		calendar rules.Calendar
		path     string
		want     string
	}{
		"a calendar that names no file":  {rules.Calendar{}, empty, "add days_file"},
		"a file that is not there":       {rules.Calendar{DaysFile: filepath.Join(dir, "d")}, filepath.Join(dir, "none"), "opening the calendar"},
		"a file without a day":           {rules.Calendar{DaysFile: filepath.Join(dir, "d")}, empty, "no whole day"},
		"days that somebody has damaged": {rules.Calendar{DaysFile: empty}, filepath.Join(dir, "feed.ics"), "days_file"},
	} {
		if name == "days that somebody has damaged" {
			if err := os.WriteFile(c.path, []byte(feed), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		err := importFile(&strings.Builder{}, "mainland", c.calendar, c.path, false, time.Now())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
