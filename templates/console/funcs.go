package console

import (
	"fmt"
	"html/template"
	"regexp"
	"time"
)

// funcs are what the templates may call.
// They close over the language and the zone, so that a template names neither. t is text with its arguments, word a value of the database.
func (p *Pages) funcs(lang string, c Config) template.FuncMap {
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	return template.FuncMap{
		"t":       func(key string, args ...any) string { return p.text(lang, key, args...) },
		"word":    func(group string, value any) string { return p.value(lang, group, value) },
		"tongue":  func(tag string) string { return p.tongue(lang, tag) },
		"trace":   func(words string) string { return p.Trace(lang, words) },
		"tone":    func(state any) string { return Tone(fmt.Sprint(state)) },
		"asset":   func(name string) string { return c.Assets[name] },
		"lang":    func() string { return map[string]string{English: "en", Chinese: "zh-Hans"}[lang] },
		"iso":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"full":    func(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04:05 MST") },
		"when":    func(t, now time.Time) string { return p.when(lang, t.In(zone), now.In(zone)) },
		"zone":    func() string { return zone.String() },
		"local":   func(text string, now time.Time) string { return p.local(lang, text, zone, now) },
		"clock":   func(t time.Time) string { return t.In(zone).Format("15:04:05") },
		"ago":     func(t, now time.Time) string { return p.ago(lang, now.Sub(t)) },
		"age":     func(t, now time.Time) string { return p.span(lang, max(0, now.Sub(t))) },
		"span":    func(d time.Duration) string { return p.span(lang, d) },
		"secs":    func(n int64) string { return p.span(lang, time.Duration(n)*time.Second) },
		"percent": func(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) },
		"bytes":   size,
		"dict":    func(pairs ...any) map[string]any { return dict(pairs) },
	}
}

// dict makes a map of keys and values, to hand several values to a part.
// A key without a value is left out.
func dict(pairs []any) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return out
}

// when is a time as short as it may be said today.
// Both are in the page's zone, since "today" depends on it.
func (p *Pages) when(lang string, t, now time.Time) string {
	switch {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return t.Format("15:04:05")
	case lang == Chinese && t.Year() == now.Year():
		return t.Format("1月2日 15:04")
	case lang == Chinese:
		return t.Format("2006年1月2日 15:04")
	case t.Year() == now.Year():
		return t.Format("2 Jan 15:04")
	default:
		return t.Format("2 Jan 2006 15:04")
	}
}

// utc is how the line writes a moment into what it found.
var utc = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// local writes the moments in what the line found as the page writes all others.
func (p *Pages) local(lang, text string, zone *time.Location, now time.Time) string {
	return utc.ReplaceAllStringFunc(text, func(s string) string {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return s
		}
		return p.when(lang, t.In(zone), now.In(zone))
	})
}

// ago says how long ago something was, or in how long it will be.
// A moment ahead of the clock is named as such: clocks of two machines differ.
func (p *Pages) ago(lang string, d time.Duration) string {
	switch {
	case d < 0:
		return p.text(lang, "time.in", p.span(lang, -d))
	case d < time.Second:
		return p.text(lang, "time.now")
	default:
		return p.text(lang, "time.ago", p.span(lang, d))
	}
}

// span is a length of time in its two largest units.
// Less than a second is 0 s; the rest is cut off, not rounded.
func (p *Pages) span(lang string, d time.Duration) string {
	units := []struct {
		key string
		d   time.Duration
	}{{"unit.d", 24 * time.Hour}, {"unit.h", time.Hour}, {"unit.m", time.Minute}, {"unit.s", time.Second}}
	for i, u := range units {
		if d < u.d {
			continue
		}
		text := p.text(lang, u.key, int64(d/u.d))
		if i+1 < len(units) {
			if rest := d % u.d / units[i+1].d; rest > 0 {
				text += " " + p.text(lang, units[i+1].key, int64(rest))
			}
		}
		return text
	}
	return p.text(lang, "unit.s", 0)
}

// size writes bytes with one digit behind the point, in binary units.
// A number below 0 is written in bytes.
func size(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	default:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
}

// Tone is the colour in which a state is shown: good, warn, bad, busy or calm.
// An unknown state is calm: a new one is shown before it has a colour. To give it one, add it to its case.
func Tone(state string) string {
	switch state {
	case "kept", "sent", "delivered", "ok", "ticketed", "appended", "released", "clean":
		return "good"
	case "warned", "parked", "awaiting", "withheld", "held", "fallback", "retry", "unknown", "died", "connecting", "high", "timeout", "unavailable", "too-large":
		return "warn"
	case "broken", "failed", "failing", "overdue", "urgent", "spam", "malware":
		return "bad"
	case "due", "recorded", "sending", "open":
		return "busy"
	default:
		return "calm"
	}
}
