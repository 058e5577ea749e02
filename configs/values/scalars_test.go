package values

import (
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "15m": 15 * time.Minute, "24h": 24 * time.Hour, "30d": 720 * time.Hour, "2w": 336 * time.Hour,
		"1d12h": 36 * time.Hour, "250ms": 250 * time.Millisecond, "0s": 0,
	} {
		var got Duration
		if err := got.Parse(text); err != nil || got.Std() != want {
			t.Errorf("%s: got %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "30", "d", "1.5h", "-1h", "1 h", "1y", "99999999999w", "9223372036854775807ns", "15250w15250w"} {
		var got Duration
		if err := got.Parse(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]Size{
		"0": 0, "1024": 1024, "25MiB": 25 << 20, "512 KiB": 512 << 10, "1GiB": 1 << 30, "10MB": 10_000_000, "3kB": 3000, "2k": 2048, "1gb": 1e9, "7B": 7,
	} {
		var got Size
		if err := got.Parse(text); err != nil || got != want {
			t.Errorf("%s: got %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "1.5MiB", "1PiB", "9223372036854775807KiB"} {
		var got Size
		if err := got.Parse(text); err == nil {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

func TestDateRanges(t *testing.T) {
	for text, want := range map[string]int{
		"2026-10-01": 1, "2026-10-01..2026-10-07": 7, "2026-12-30..2027-01-02": 4, "2028-02-28..2028-03-01": 3, "2027-02-28..2027-03-01": 2,
	} {
		var got DateRange
		if err := got.Parse(text); err != nil || len(got.Days()) != want || got.String() != text {
			t.Errorf("%s: got %v with %d days, %v; want %d", text, got, len(got.Days()), err, want)
		}
	}
	for _, text := range []string{"", "2026-2-1", "2026-02-30", "2026-10-07..2026-10-01", "2026-01-01..2028-01-01", "..", "2026-10-01..", "2026-10-01...2026-10-02"} {
		var got DateRange
		if err := got.Parse(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestSpans(t *testing.T) {
	for text, want := range map[string]Span{
		"09:00-12:00": {540, 720}, "00:00-24:00": {0, 1440}, "23:59-24:00": {1439, 1440}, "09:30 - 18:15": {570, 1095},
	} {
		var got Span
		if err := got.Parse(text); err != nil || got != want {
			t.Errorf("%s: got %v %v, want %v", text, got, err, want)
		}
	}
	if got, want := (Span{540, 1440}).String(), "09:00-24:00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, text := range []string{"", "9-17", "9:00-17:00", "09:00", "12:00-09:00", "09:00-09:00", "24:00-25:00", "09:00-12:00-13:00"} {
		var got Span
		if err := got.Parse(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
