package promise

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/pipeline/match"
)

// Escalation is what is done about a promise that is still owed when so much of its time is used. All that take a case are done, each at its moment.
type Escalation struct {
	match.Rule
	Kinds    []Kind        // empty: replies and resolutions
	At       float64       // the share of the time that is used by then, such as 0.75; 1 is the deadline, more is behind it
	Before   time.Duration // in place of At: so long before the deadline, by the promise's clock
	Priority string        // to which the ticket is raised; empty: it keeps its own
	Queue    string        // to which it goes; empty: it stays
	Leads    bool          // those who direct its queue are told
}

// Step is what is to be done about one promise at one moment.
type Step struct {
	At       time.Time
	Name     string // which one it is, once for each promise: its kind, its turn and how much was used, such as "next-reply:2 0.75"
	Priority string
	Queue    string
	Leads    bool
}

// Promised is a promise as far as its steps depend on it.
type Promised struct {
	Kind     Kind
	Turn     int64
	Calendar string
	From     time.Time     // from when its clock has run without a pause
	Used     time.Duration // how much of its time was used by then
	Due      time.Time
}

// Steps are the steps of a promise of such a case, earliest first. Two of the same moment are one. Outside of the hours of a promise that runs by the
// wall clock a step waits for the next opening of any calendar, since it is for people to act upon.
func (p Policy) Steps(c match.Case, of Promised) (out []Step) {
	r := p.Resume(of.Calendar, of.From, of.From, of.From)
	whole := of.Used + r.between(of.From, of.Due)
	for _, e := range p.Escalations {
		if !e.takes(of.Kind) || !e.Takes(c) {
			continue
		}
		used, name := time.Duration(e.At*float64(whole)), strconv.FormatFloat(e.At, 'g', -1, 64)
		if e.Before > 0 {
			used, name = whole-e.Before, "-"+e.Before.String()
		}
		at := of.Due
		if used != whole {
			var err error
			if at, err = r.add(max(0, used-of.Used)); err != nil {
				continue
			}
		}
		if of.Calendar == "" {
			at = p.opens(at)
		}
		step := Step{At: at, Name: strings.TrimSuffix(fmt.Sprintf("%s:%d", of.Kind, of.Turn), ":0") + " " + name, Priority: e.Priority, Queue: e.Queue, Leads: e.Leads}
		if i := slices.IndexFunc(out, func(s Step) bool { return s.Name == step.Name }); i >= 0 {
			out[i].Priority, out[i].Queue, out[i].Leads = cmp.Or(out[i].Priority, e.Priority), cmp.Or(out[i].Queue, e.Queue), out[i].Leads || e.Leads
			continue
		}
		out = append(out, step)
	}
	slices.SortStableFunc(out, func(a, b Step) int { return a.At.Compare(b.At) })
	return out
}

// takes reports whether it is about promises of that kind. An acknowledgement is a program's, so nobody can hurry with it.
func (e Escalation) takes(kind Kind) bool {
	return kind != Acknowledgement && (len(e.Kinds) == 0 || slices.Contains(e.Kinds, kind))
}

// first is the first step of a promise that is made; zero: there is none.
func (p Policy) first(f Facts, made Promise) time.Time {
	if len(p.Escalations) == 0 || made.Kind == Acknowledgement {
		return time.Time{}
	}
	for _, s := range p.Steps(f.Case, Promised{Kind: made.Kind, Calendar: made.Calendar, From: made.From, Due: made.Due}) {
		return s.At
	}
	return time.Time{}
}

// opens is the next moment at which any calendar is open, from that one on; without calendars everybody always works.
func (p Policy) opens(at time.Time) time.Time {
	var first time.Time
	for _, h := range p.Calendars {
		if open, err := h.Add(at, 1); err == nil && (first.IsZero() || open.Before(first)) {
			first = open
		}
	}
	if first.IsZero() || !first.Add(-1).After(at) {
		return at
	}
	return first.Add(-1)
}
