// Package holidays holds public holidays and make-up workdays (调休) as data: each year with where it is from. Sets of the program come with it;
// others are files in the same form, which an import of a calendar (iCal) writes.
package holidays

import (
	_ "embed" // the sets of the program
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"frontdesk/configs/values"
)

// Set is the holidays and make-up workdays of some place, by year.
type Set []Year

// Year is what is known of one year, the days in order. Source says where it stands, for people.
type Year struct {
	Year   int
	Source string
	Days   []Day
}

// Day is one day that is not as its weekday is: closed, or worked. Name is the holiday's.
type Day struct {
	Date  values.Date
	Works bool
	Name  string
}

//go:embed cn-mainland.txt
var mainland string

var sets = map[string]string{"cn-mainland": mainland}

// Names are the sets that come with the program.
func Names() []string { return slices.Sorted(maps.Keys(sets)) }

// Named is a set that comes with the program. ok is false where there is none of that name.
func Named(name string) (s Set, ok bool) {
	text, ok := sets[name]
	if !ok {
		return nil, false
	}
	s, err := Read(text)
	return s, err == nil // a test reads each of them
}

// Bounds of a set that is read: an entry of each day of fifty years is more than anybody has.
const (
	maxDays = 20_000
	maxName = 300
)

// Read reads a set: a line "2026 SOURCE" begins a year, "off DAY[..DAY] NAME" and "work DAY[..DAY] NAME" are its days; "#" begins a comment.
// Errors name the line. The same day may not stand there twice.
func Read(text string) (Set, error) {
	var out Set
	seen := map[values.Date]bool{}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := out.line(line, seen); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	out.order()
	return out, nil
}

var errLine = errors.New(`write "2026 SOURCE", "off 2026-10-01..2026-10-07 NAME" or "work 2026-10-10 NAME"`)

// line takes one line in.
func (s *Set) line(line string, seen map[values.Date]bool) error {
	word, rest, _ := strings.Cut(line, " ")
	if word != "off" && word != "work" {
		return s.begin(word, strings.TrimSpace(rest))
	}
	days, name, _ := strings.Cut(strings.TrimSpace(rest), " ")
	var r values.DateRange
	if err := r.Parse(days); err != nil {
		return err
	}
	if len(*s) == 0 {
		return errors.New("a day stands before the first year")
	}
	year := &(*s)[len(*s)-1]
	for _, d := range r.Days() {
		switch {
		case seen[d]:
			return fmt.Errorf("%s stands there twice", d)
		case d.Year != year.Year:
			return fmt.Errorf("%s stands under %d", d, year.Year)
		case len(seen) >= maxDays:
			return fmt.Errorf("more than %d days", maxDays)
		}
		seen[d] = true
		year.Days = append(year.Days, Day{Date: d, Works: word == "work", Name: Clip(strings.TrimSpace(name))})
	}
	return nil
}

// begin begins a year.
func (s *Set) begin(word, source string) error {
	var first values.Date
	if len(word) != 4 || first.Parse(word+"-01-01") != nil || source == "" {
		return errLine
	}
	if slices.ContainsFunc(*s, func(y Year) bool { return y.Year == first.Year }) {
		return fmt.Errorf("%d stands there twice", first.Year)
	}
	*s = append(*s, Year{Year: first.Year, Source: source})
	return nil
}

// Clip makes a name fit for a line: no line breaks, and no longer than a name is.
func Clip(name string) string {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " ")
	if r := []rune(name); len(r) > maxName {
		return string(r[:maxName])
	}
	return name
}

// order puts years and days in their order.
func (s Set) order() {
	slices.SortFunc(s, func(a, b Year) int { return a.Year - b.Year })
	for _, y := range s {
		slices.SortFunc(y.Days, func(a, b Day) int { return strings.Compare(a.Date.String(), b.Date.String()) })
	}
}

// Text is the set in the form that Read takes. Days that follow each other and are alike stand on one line.
func (s Set) Text() string {
	var b strings.Builder
	for _, y := range s {
		fmt.Fprintf(&b, "\n%d %s\n", y.Year, Clip(y.Source))
		for i := 0; i < len(y.Days); {
			last := i
			for last+1 < len(y.Days) && y.Days[last+1].Date == y.Days[last].Date.Next() && y.Days[last+1].Works == y.Days[i].Works && y.Days[last+1].Name == y.Days[i].Name {
				last++
			}
			word := "off"
			if y.Days[i].Works {
				word = "work"
			}
			b.WriteString(strings.TrimSpace(fmt.Sprintf("%s %s %s", word, values.DateRange{First: y.Days[i].Date, Last: y.Days[last].Date}, y.Days[i].Name)) + "\n")
			i = last + 1
		}
	}
	return strings.TrimPrefix(b.String(), "\n")
}

// With is the set with the years of another one in the place of its own.
func (s Set) With(other Set) Set {
	out := slices.DeleteFunc(slices.Clone(s), func(y Year) bool {
		return slices.ContainsFunc(other, func(o Year) bool { return o.Year == y.Year })
	})
	out = append(out, other...)
	out.order()
	return out
}

// Change is one day that two sets hold otherwise; nil: it is as its weekday is.
type Change struct {
	Date          values.Date
	Before, After *Day
}

// Changes lists the days that the set holds otherwise than the one before it, in order. Another name alone is no change.
func (s Set) Changes(before Set) []Change {
	all := map[values.Date]*Change{}
	at := func(d Day) *Change {
		if all[d.Date] == nil {
			all[d.Date] = &Change{Date: d.Date}
		}
		return all[d.Date]
	}
	for _, y := range before {
		for _, d := range y.Days {
			at(d).Before = &d
		}
	}
	for _, y := range s {
		for _, d := range y.Days {
			at(d).After = &d
		}
	}
	var out []Change
	for _, c := range all {
		if c.Before == nil || c.After == nil || c.Before.Works != c.After.Works {
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.Date.String(), b.Date.String()) })
	return out
}
