package policy

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"frontdesk/configs"
	"frontdesk/configs/holidays"
	"frontdesk/configs/rules"
	"frontdesk/configs/values"
	"frontdesk/pipeline/promise"
)

// calendars are compiled once, by their names; a rule of a promise names one.
func calendars(c configs.Config) (map[string]*promise.Hours, error) {
	out := map[string]*promise.Hours{}
	for _, name := range slices.Sorted(maps.Keys(c.Calendars)) { // in one order, as in Refused
		hours, err := calendar(name, c.Calendars[name], c.Desk.Timezone)
		if err != nil {
			return nil, fmt.Errorf("reading calendar %s: %w", name, err)
		}
		out[name] = hours
	}
	return out, nil
}

// calendar reads one calendar. A date range becomes its days. What is wrong in it, such as hours that overlap, is
// Compile's to tell.
func calendar(name string, k rules.Calendar, zone string) (*promise.Hours, error) {
	loc, err := time.LoadLocation(cmp.Or(k.Timezone, zone))
	if err != nil {
		return nil, fmt.Errorf("reading time zone: %w", err)
	}
	out := promise.Calendar{Name: name, Zone: loc}
	week := k.Week.Days()
	for day, s := range week {
		out.Week[day] = spans(s)
	}
	for _, h := range k.Holidays {
		out.Holidays = append(out.Holidays, dates(h.Date)...)
	}
	for _, w := range k.Workdays {
		for _, d := range dates(w.Date) {
			out.Workdays = append(out.Workdays, promise.Workday{Date: d, As: weekday(w.Like), Spans: spans(w.Hours)})
		}
	}
	days, err := Days(k)
	if err != nil {
		return nil, err
	}
	public(&out, days)
	for _, s := range k.Special {
		for _, d := range dates(s.Date) {
			out.Special = append(out.Special, promise.SpecialDay{Date: d, Spans: spans(s.Hours)})
		}
	}
	return out.Compile()
}

// maxDaysFile bounds a file of public days.
const maxDaysFile = 4 << 20

// Days are the public holidays and make-up workdays of a calendar: those that come with the program, and in the place of their years those of
// its file. A file that is not there yet holds nothing.
func Days(k rules.Calendar) (out holidays.Set, err error) {
	for _, name := range k.PublicHolidays {
		set, ok := holidays.Named(name)
		if !ok {
			return nil, fmt.Errorf("there are no public holidays %q", name)
		}
		out = out.With(set)
	}
	if k.DaysFile == "" {
		return out, nil
	}
	info, err := os.Stat(k.DaysFile)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return out, nil
	case err != nil:
		return nil, fmt.Errorf("reading days_file: %w", err)
	case info.Size() > maxDaysFile:
		return nil, fmt.Errorf("reading days_file: it has more than %d bytes", maxDaysFile)
	}
	text, err := os.ReadFile(k.DaysFile)
	if err != nil {
		return nil, fmt.Errorf("reading days_file: %w", err)
	}
	own, err := holidays.Read(string(text))
	if err != nil {
		return nil, fmt.Errorf("reading days_file: %w", err)
	}
	return out.With(own), nil
}

// public adds public days to a calendar, but those that it has days of its own for. A make-up workday is worked as a Monday, or if Monday is
// closed as the first day of the week that is open.
func public(to *promise.Calendar, days holidays.Set) {
	own := map[promise.Date]bool{}
	for _, d := range to.Holidays {
		own[d] = true
	}
	for _, w := range to.Workdays {
		own[w.Date] = true
	}
	as := time.Monday
	for n := range time.Weekday(7) {
		if day := (time.Monday + n) % 7; len(to.Week[day]) > 0 {
			as = day
			break
		}
	}
	for _, y := range days {
		for _, d := range y.Days {
			switch at := (promise.Date{Year: d.Date.Year, Month: d.Date.Month, Day: d.Date.Day}); {
			case own[at]:
			case d.Works:
				to.Workdays = append(to.Workdays, promise.Workday{Date: at, As: as})
			default:
				to.Holidays = append(to.Holidays, at)
			}
		}
	}
}

// spans are the hours of a day as times since midnight; configs counts minutes.
func spans(in []values.Span) []promise.Span {
	var out []promise.Span
	for _, s := range in {
		out = append(out, promise.Span{From: time.Duration(s.Start) * time.Minute, To: time.Duration(s.End) * time.Minute})
	}
	return out
}

func dates(r values.DateRange) []promise.Date {
	var out []promise.Date
	for _, d := range r.Days() {
		out = append(out, promise.Date{Year: d.Year, Month: d.Month, Day: d.Day})
	}
	return out
}

// weekday is the weekday whose hours a make-up workday has; Monday's unless it says otherwise.
func weekday(name string) time.Weekday {
	return time.Weekday(max(slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, cmp.Or(name, "mon")), 0))
}
