package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/workers"
	"frontdesk/workers/store/service"
)

// connectedSince makes an inbox one that was connected long ago, so that what waits at its source is
// no history.
func connectedSince(t testing.TB, c configs.Config, inbox string, since time.Time) {
	t.Helper()
	b, err := installation.Open(t.Context(), c, true)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Store.Service.InboxSeen(t.Context(), []service.InboxStatus{{Inbox: inbox, Channel: "telegram", State: workers.InboxOK, Contact: since}}, time.Now()); err != nil {
		t.Fatal(err)
	}
}

// today is the day of the test in a zone where it is four in the afternoon.
type today struct {
	zone *time.Location
	now  time.Time
}

func afternoon(t testing.TB) today {
	t.Helper()
	now := time.Now()
	offset := (16-now.UTC().Hour()+36)%24 - 12 // -12 … +11
	name := fmt.Sprintf("Etc/GMT%+d", -offset) // these names count westwards
	if offset == 0 {
		name = "Etc/GMT"
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	d := today{zone, now.In(zone)}
	if d.now.Hour() != 16 {
		t.Fatalf("it is %s in %s", d.now, name)
	}
	return d
}

// on is a time of the day n days from now.
func (d today) on(n, hour, minute int) time.Time {
	return time.Date(d.now.Year(), d.now.Month(), d.now.Day()+n, hour, minute, 0, 0, d.zone)
}

func (d today) date(n int) string { return d.on(n, 12, 0).Format(time.DateOnly) }

// in is the clock in so many minutes, as a calendar writes it.
func (d today) in(minutes int) (time.Time, string) {
	at := d.now.Add(time.Duration(minutes) * time.Minute).Truncate(time.Minute)
	return at, at.Format("15:04")
}

func (d today) weekday(n int) string {
	return strings.ToLower(d.on(n, 12, 0).Weekday().String()[:3])
}

// week writes the hours of each weekday but those of the days that are closed.
func (d today) week(hours string, closed ...int) string {
	var off []string
	for _, n := range closed {
		off = append(off, d.weekday(n))
	}
	var out []string
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		if !slices.Contains(off, day) {
			out = append(out, day+": "+hours)
		}
	}
	return "week: {" + strings.Join(out, ", ") + "}"
}

// hours is one calendar, and when a first reply within an hour is due by it.
type hours struct {
	name, zone, calendar, within string
	due                          func(at time.Time) time.Time
	local                        string // clock time that the customer reads, where it is known before
}

// pain23 are the calendars of the pain: a weekend, a holiday, lunch, make-up days, special days, DST.
func pain23(t testing.TB, d today) []hours {
	closing, close := d.in(30)
	lunch, noon := d.in(20)
	back, after := d.in(80)
	day := fmt.Sprintf(`["09:00-%s"]`, close)
	rest := func(n, hour, minute int) func(time.Time) time.Time {
		return func(at time.Time) time.Time { return d.on(n, hour, minute).Add(time.Hour - closing.Sub(at)) }
	}
	out := []hours{
		{name: "friday", calendar: d.week(day, 1, 2), due: rest(3, 9, 0)},
		{name: "holiday", calendar: d.week(day) + fmt.Sprintf("\n    holidays: [{date: %s..%s, name: 国庆节}]", d.date(1), d.date(2)), due: rest(3, 9, 0)},
		{name: "lunch", calendar: d.week(fmt.Sprintf(`["09:00-%s", "%s-23:00"]`, noon, after)), due: func(at time.Time) time.Time { return back.Add(time.Hour - lunch.Sub(at)) }},
		{name: "makeup-sunday", calendar: d.week(day, 1, 2) + fmt.Sprintf("\n    workdays: [{date: %s, like: %s, name: 调休}]", d.date(2), d.weekday(0)), due: rest(2, 9, 0)},
		{name: "makeup-hours", calendar: d.week(day, 1, 2) + fmt.Sprintf("\n    workdays: [{date: %s, hours: [\"13:15-17:00\"]}]", d.date(2)), due: rest(2, 13, 15)},
		{name: "special", calendar: d.week(day) + fmt.Sprintf("\n    special: [{date: %s, hours: [\"08:00-24:00\"], name: 双十一}]", d.date(1)), due: rest(1, 8, 0)},
		{name: "special-closed", calendar: d.week(day) + fmt.Sprintf("\n    special: [{date: %s, hours: []}]", d.date(1)), due: rest(2, 9, 0)},
		{name: "always", calendar: d.week(`["00:00-24:00"]`), due: func(at time.Time) time.Time { return at.Add(time.Hour) }},
	}
	for i := range out {
		out[i].zone, out[i].within = d.zone.String(), "1h"
	}
	return append(out, clockChanges(t, d.now)...)
}

// clockChanges are calendars that open on the next two days when New York changes its clocks. A day
// of 24 working hours then ends at one in the morning, or at eleven at night.
func clockChanges(t testing.TB, now time.Time) []hours {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	var out []hours
	local := now.In(zone)
	for n := 2; n < 400 && len(out) < 2; n++ {
		start := time.Date(local.Year(), local.Month(), local.Day()+n, 0, 0, 0, 0, zone)
		end := time.Date(local.Year(), local.Month(), local.Day()+n+1, 0, 0, 0, 0, zone)
		if end.Sub(start) == 24*time.Hour {
			continue
		}
		clock := map[bool]string{true: "01:00", false: "23:00"}[end.Sub(start) < 24*time.Hour]
		var week []string
		for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
			week = append(week, day+`: ["00:00-24:00"]`)
		}
		out = append(out, hours{name: "clock-change-" + clock[:2], zone: zone.String(), within: "24h", local: clock,
			calendar: "week: {" + strings.Join(week, ", ") + fmt.Sprintf("}\n    holidays: [%s..%s]", local.AddDate(0, 0, -1).Format(time.DateOnly), start.AddDate(0, 0, -1).Format(time.DateOnly)),
			due:      func(time.Time) time.Time { return start.Add(24 * time.Hour) }})
	}
	return out
}

// calendarFile writes a configuration with one inbox for each calendar.
func calendarFile(t testing.TB, dir string, all []hours) configs.Config {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "desk: {name: Desk, domain: desk.example}\ndata_dir: %s\nkeys: {master: [{name: first, file: %s}]}\n", dir, filepath.Join(dir, "keys", "master.key"))
	b.WriteString("listen: {http: 127.0.0.1:0, ops: 127.0.0.1:0, smtp: 127.0.0.1:0}\ninboxes:\n")
	for _, h := range all {
		fmt.Fprintf(&b, "  - {name: %[1]s, channel: email, address: %[1]s@desk.example, smtp_door: true}\n", h.name)
	}
	b.WriteString("calendars:\n")
	for _, h := range all {
		fmt.Fprintf(&b, "  %s:\n    timezone: %s\n    %s\n", h.name, h.zone, h.calendar)
	}
	b.WriteString("promises:\n")
	for _, h := range all {
		fmt.Fprintf(&b, "  - {match: {inbox: %[1]s}, first_reply: {within: %[2]s, calendar: %[1]s}}\n", h.name, h.within)
	}
	path := filepath.Join(dir, "frontdesk.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := configs.Load(path, func(string) (string, bool) { return "", false }, kinds.All())
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return c
}

// TestPain23PromisesByTheCalendar: what the customer reads and what the desk's clock runs on are the
// same time, by each kind of calendar. A later change of a calendar moves no promise that was made.
func TestPain23PromisesByTheCalendar(t *testing.T) {
	t.Parallel()
	d := afternoon(t)
	all := pain23(t, d)
	dir := t.TempDir()
	r := start(t, calendarFile(t, dir, all))
	for n, h := range all {
		text := "My payment failed yesterday, please check it."
		if n%2 == 1 {
			text = "我昨天付款失败了，但是钱已经扣了，请帮我查一下。"
		}
		from := h.name + "@customer.example"
		r.mustMail(from, human(from, "Payment", h.name+"@customer.example", text), h.name+"@desk.example")
	}
	r.settled(len(all))
	made := map[int64]time.Time{}
	for _, p := range r.promises("first-reply") {
		made[p.Ticket] = p.DueAt.Time
	}
	for n, h := range all {
		m := r.lastOf(h.name + "@customer.example")
		zone, err := time.LoadLocation(h.zone)
		if err != nil {
			t.Fatal(err)
		}
		due, want := made[m.Ticket].In(zone), h.due(m.ReceivedAt.Time).In(zone)
		if late := want.Sub(due); late < 0 || late >= time.Minute {
			t.Errorf("%s: the first reply is due at %s, want %s", h.name, due, want)
		}
		if h.local != "" && due.Format("15:04") != h.local {
			t.Errorf("%s: the customer's clock shows %s, want %s", h.name, due.Format("15:04"), h.local)
		}
		words := written(due, n%2 == 1, d.now)
		if body := bodyOf(t, r.letter(h.name+"@customer.example")); !strings.Contains(body, words) {
			t.Errorf("%s: the acknowledgement does not say %q:\n%s", h.name, words, body)
		}
	}
	r.stop()
	changed := slices.Clone(all)
	for i := range changed {
		changed[i].calendar, changed[i].zone, changed[i].within = d.week(`["00:00-24:00"]`), "UTC", "30m"
	}
	r = start(t, calendarFile(t, dir, changed))
	friday := r.lastOf("friday@customer.example")
	r.mustMail("friday@customer.example", human("friday@customer.example", "Re: Payment", "2@customer.example", "Any news about it?", "In-Reply-To: <friday@customer.example>"), "friday@desk.example")
	r.mustMail("new@customer.example", human("new@customer.example", "Payment", "3@customer.example", "My payment failed."), "friday@desk.example")
	r.settled(len(all) + 2)
	if k := r.lastOf("friday@customer.example").Ticket; k != friday.Ticket {
		t.Fatalf("the answer is in ticket %d, want %d", k, friday.Ticket)
	}
	fresh := r.lastOf("new@customer.example")
	for _, p := range r.promises("first-reply") {
		want, was := made[p.Ticket]
		switch {
		case was && p.DueAt.After(want):
			t.Errorf("ticket %d: announced for %s, after the change due at %s: later than the customer was told", p.Ticket, want, p.DueAt)
		case p.Ticket == fresh.Ticket && p.DueAt.Sub(fresh.ReceivedAt.Time) > 30*time.Minute:
			t.Errorf("the new ticket is due at %s, want within 30 minutes", p.DueAt)
		}
	}
}

// written is a time as a customer reads it, up to the name of the zone.
func written(at time.Time, chinese bool, now time.Time) string {
	layout := "Monday 2 January, 15:04 ("
	if chinese {
		layout = fmt.Sprintf("1月2日（星期%s）15:04（", []string{"日", "一", "二", "三", "四", "五", "六"}[at.Weekday()])
	}
	if at.Year() != now.In(at.Location()).Year() {
		layout = strings.Replace(layout, "January,", "January 2006,", 1)
		layout = strings.Replace(layout, "1月2日", "2006年1月2日", 1)
	}
	return at.Format(layout)
}
