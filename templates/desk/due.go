package desk

import (
	"time"
)

// Tones say how urgent something is. Empty: calm.
const (
	Risk = "risk" // will go wrong: less than an hour of business time is left
	Over = "over" // has gone wrong
)

// Due is until when an answer is promised. The zero Due promises nothing.
type Due struct {
	At     time.Time
	Left   time.Duration // business time until At; below 0: business time since
	Paused bool          // the customer's turn
	Stands bool          // and the clock of what is promised stands still meanwhile
}

// Tone is amber under an hour, red only when it is over.
func (d Due) Tone() string {
	switch {
	case d.Paused || d.Stands || d.At.IsZero():
		return ""
	case d.Left < 0:
		return Over
	case d.Left < time.Hour:
		return Risk
	default:
		return ""
	}
}

// due is the time left in plain words: minutes under an hour, else a clock time with its day. Minutes are cut off, so that nobody is
// promised one that he does not have. now is when the page is made.
func (p *Pages) due(lang string, d Due, now time.Time) string {
	at, today := d.At.In(p.zone), now.In(p.zone)
	switch {
	case d.Stands:
		return p.text(lang, "due.stands")
	case d.Paused:
		return p.text(lang, "due.paused")
	case d.At.IsZero():
		return ""
	case d.Left > -time.Minute && d.Left < time.Minute:
		return p.text(lang, "due.now")
	case d.Left < -24*time.Hour:
		return p.text(lang, "due.since", p.date(lang, at, today))
	case d.Left < 0:
		return p.text(lang, "due.over", p.span(lang, -d.Left))
	case d.Left < time.Hour:
		return p.text(lang, "due.left", p.span(lang, d.Left))
	case sameDay(at, today):
		return p.text(lang, "due.today", at.Format("15:04"))
	case at.Sub(today) < 6*24*time.Hour:
		return p.text(lang, "due.by", p.weekday(lang, at)+" "+at.Format("15:04"))
	default:
		return p.text(lang, "due.by", p.date(lang, at, today)+" "+at.Format("15:04"))
	}
}

// span is a length of business time: hours and minutes.
func (p *Pages) span(lang string, d time.Duration) string {
	hours, minutes := int64(d/time.Hour), int64(d%time.Hour/time.Minute)
	switch {
	case hours == 0:
		return p.text(lang, "unit.min", minutes)
	case minutes == 0:
		return p.text(lang, "unit.h", hours)
	default:
		return p.text(lang, "unit.h", hours) + " " + p.text(lang, "unit.min", minutes)
	}
}

// day names a day in a separator of a ticket. Both are in the desk's zone.
func (p *Pages) day(lang string, t, now time.Time) string {
	switch {
	case sameDay(t, now):
		return p.text(lang, "day.today")
	case sameDay(t, now.AddDate(0, 0, -1)):
		return p.text(lang, "day.yesterday")
	default:
		return p.weekday(lang, t) + " " + p.date(lang, t, now)
	}
}

// stamp is a moment as short as it may be said today.
func (p *Pages) stamp(lang string, t, now time.Time) string {
	t, now = t.In(p.zone), now.In(p.zone)
	clock := t.Format("15:04")
	switch {
	case sameDay(t, now):
		return clock
	case t.After(now) && t.Sub(now) < 6*24*time.Hour:
		return p.weekday(lang, t) + " " + clock
	default:
		return p.date(lang, t, now) + " " + clock
	}
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

// date is a day of the calendar, with its year where that is not this one.
func (p *Pages) date(lang string, t, now time.Time) string {
	switch {
	case lang == Chinese && t.Year() == now.Year():
		return t.Format("1 月 2 日")
	case lang == Chinese:
		return t.Format("2006 年 1 月 2 日")
	case t.Year() == now.Year():
		return t.Format("2 Jan")
	default:
		return t.Format("2 Jan 2006")
	}
}

// weekday is the short name of a day of the week.
func (p *Pages) weekday(lang string, t time.Time) string {
	return p.text(lang, "weekday."+t.Format("Mon"))
}
