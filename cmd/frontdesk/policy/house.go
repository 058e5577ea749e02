package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"frontdesk/configs"
	"frontdesk/configs/rules"
	"frontdesk/configs/values"
	"frontdesk/templates/desk/admin"
)

// House is what the configuration fixes, as the desk shows it to those who look after it. The error is one of a file of public days.
func House(c configs.Config) (admin.House, error) {
	out := admin.House{Languages: c.Desk.Languages, Channels: c.Kinds.Names(), Limit: c.Agents.Limit, Cards: c.Outgoing.Cards, Identity: c.Outgoing.IdentityNumbers, Hidden: c.Access.HideAddresses}
	for _, q := range c.Queues {
		to := admin.Queue{Name: q.Name, HandOut: cmp.Or(q.HandOut, "pull"), Ahead: q.Ahead, Limit: q.Limit, InOrder: q.InOrder}
		if q.Overflow != nil {
			to.Overflow, to.After = q.Overflow.To, short(q.Overflow.After)
		}
		out.Queues = append(out.Queues, to)
	}
	for _, k := range Categories(c) {
		out.Categories = append(out.Categories, k.Key)
	}
	for _, w := range c.Outgoing.ForbiddenWords {
		out.Forbidden = append(out.Forbidden, admin.Forbidden{Languages: w.Languages, Words: w.Words, Action: cmp.Or(w.Action, "warn")})
	}
	for _, p := range c.Promises {
		out.Promises = append(out.Promises, promisedTo(p)...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Calendars)) {
		k, err := calendarOf(name, c.Calendars[name], c.Desk.Timezone)
		if err != nil {
			return out, fmt.Errorf("reading the calendar %s: %w", name, err)
		}
		out.Calendars = append(out.Calendars, k)
	}
	return out, nil
}

// short is a duration without parts that are zero: 1h30m, 24h.
func short(d values.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// promisedTo are the times that one rule promises.
func promisedTo(p rules.Promise) (out []admin.Promise) {
	var whom []string
	for _, of := range []struct {
		what string
		is   values.OneOrMore
	}{{"channel", p.Match.Channel}, {"inbox", p.Match.Inbox}, {"queue", p.Match.Queue}, {"category", p.Match.Category}, {"priority", p.Match.Priority}, {"language", p.Match.Language}, {"group", p.Match.Group}} {
		if len(of.is) > 0 {
			whom = append(whom, of.what+": "+strings.Join(of.is, ", "))
		}
	}
	for _, of := range []struct {
		kind string
		to   *rules.Target
	}{{"acknowledgement", p.Acknowledgement}, {"first-reply", p.FirstReply}, {"next-reply", p.NextReply}, {"resolution", p.Resolution}} {
		if of.to == nil {
			continue
		}
		one := admin.Promise{Whom: whom, Kind: of.kind, Within: short(of.to.Within), Calendar: of.to.Calendar}
		if of.to.Clock == "wall" {
			one.Calendar = ""
		}
		out = append(out, one)
	}
	return out
}

// calendarOf is a calendar with where its public days are from.
func calendarOf(name string, k rules.Calendar, zone string) (admin.Calendar, error) {
	out := admin.Calendar{Name: name, Zone: cmp.Or(k.Timezone, zone)}
	week := k.Week.Days()
	for n, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		out.Week = append(out.Week, admin.Hours{Day: day, Open: opening(week[(n+1)%7])})
	}
	days, err := Days(k)
	if err != nil {
		return out, err
	}
	for _, y := range days {
		year := admin.Year{Year: y.Year, Source: y.Source}
		for _, d := range y.Days {
			if d.Works {
				year.Work++
			} else {
				year.Off++
			}
		}
		out.Years = append(out.Years, year)
	}
	for _, h := range k.Holidays {
		out.Own = append(out.Own, admin.Day{When: h.Date.String(), Name: h.Name, Kind: "holiday"})
	}
	for _, w := range k.Workdays {
		out.Own = append(out.Own, admin.Day{When: w.Date.String(), Name: w.Name, Kind: "workday", Open: opening(w.Hours)})
	}
	for _, s := range k.Special {
		out.Own = append(out.Own, admin.Day{When: s.Date.String(), Name: s.Name, Kind: "special", Open: opening(s.Hours)})
	}
	return out, nil
}

func opening(all []values.Span) string {
	var out []string
	for _, s := range all {
		out = append(out, s.String())
	}
	return strings.Join(out, ", ")
}
