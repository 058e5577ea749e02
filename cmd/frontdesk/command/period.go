package command

import (
	"fmt"
	"time"

	"frontdesk/configs"
)

// Period reads two moments, the earlier one first. A period that ends before it begins is an error: it would
// hold nothing, and of nothing everything is true.
func Period(from, to [2]string, c configs.Config) (first, last time.Time, err error) {
	if first, err = instant(from[0], from[1], false, c); err != nil {
		return first, last, err
	}
	if last, err = instant(to[0], to[1], true, c); err != nil {
		return first, last, err
	}
	if !last.IsZero() && !last.After(first) {
		return first, last, Usage(fmt.Errorf("--%s %s ends before --%s %s begins", to[0], to[1], from[0], from[1]))
	}
	return first, last, nil
}

// instant reads a moment as people write it in a flag: a day in the desk's time zone, or RFC 3339.
// end makes a day mean its last moment, so that --from 2026-11-01 --to 2026-11-01 is one day.
func instant(flag, text string, end bool, c configs.Config) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	zone, err := time.LoadLocation(c.Desk.Timezone)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading time zone: %w", err)
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		if end {
			day = day.AddDate(0, 0, 1)
		}
		return day, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, Usage(fmt.Errorf("--%s takes a day such as 2026-11-01, or a moment such as 2026-11-01T09:00:00+08:00, not %q", flag, text))
	}
	return t, nil
}
