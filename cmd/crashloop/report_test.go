package crashloop

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// result is what became of one world, or of all.
type result struct {
	World         string         `json:"world"`
	Seconds       float64        `json:"seconds"`
	Faults        map[string]int `json:"faults"`
	Messages      map[string]int `json:"messages"` // by door
	Accepted      int            `json:"accepted"`
	Refused       int            `json:"tried_again"` // tries beyond the first: not answered, refused, or repeated on purpose
	Tickets       int            `json:"tickets"`
	States        map[string]int `json:"states"`
	Parked        map[string]int `json:"parked"`
	Duplicates    int            `json:"duplicates_recognised"`
	Acknowledged  int            `json:"acknowledged"`
	Callbacks     int            `json:"status_callbacks"`
	Audits        int            `json:"audits"`
	Lost          int            `json:"lost"`
	Double        int            `json:"tickets_twice"`
	Silent        int            `json:"never_acknowledged"`
	Twice         int            `json:"acknowledged_twice"` // against the rule: SMS, or mail under another Message-ID
	MailAgain     int            `json:"mail_repeats"`       // under the same Message-ID
	SMSAgain      int            `json:"sms_repeats"`
	TelegramAgain int            `json:"telegram_repeats"`
	Ready         float64        `json:"longest_start_seconds"`
	Longest       float64        `json:"longest_acknowledgement_seconds"`
	Median        float64        `json:"median_acknowledgement_seconds"`
	P99           float64        `json:"p99_acknowledgement_seconds"`
	Rest          float64        `json:"rest_seconds"` // from the last message to rest
	Violations    []string       `json:"violations"`

	waits []time.Duration
}

func newResult(world string) result {
	return result{World: world, Faults: map[string]int{}, Messages: map[string]int{}, States: map[string]int{}, Parked: map[string]int{}}
}

func (r *result) figures() {
	slices.Sort(r.waits)
	if n := len(r.waits); n > 0 {
		r.Median, r.P99, r.Longest = r.waits[n/2].Seconds(), r.waits[n*99/100].Seconds(), r.waits[n-1].Seconds()
	}
}

// sum adds the worlds up.
func sum(all []result) result {
	s := newResult("all")
	add := func(to, from map[string]int) {
		for k, n := range from {
			to[k] += n
		}
	}
	for _, r := range all {
		add(s.Faults, r.Faults)
		add(s.Messages, r.Messages)
		add(s.States, r.States)
		add(s.Parked, r.Parked)
		for _, f := range []struct{ to, from *int }{{&s.Accepted, &r.Accepted}, {&s.Refused, &r.Refused}, {&s.Tickets, &r.Tickets},
			{&s.Duplicates, &r.Duplicates}, {&s.Acknowledged, &r.Acknowledged}, {&s.Callbacks, &r.Callbacks}, {&s.Audits, &r.Audits},
			{&s.Lost, &r.Lost}, {&s.Double, &r.Double}, {&s.Silent, &r.Silent}, {&s.Twice, &r.Twice},
			{&s.MailAgain, &r.MailAgain}, {&s.SMSAgain, &r.SMSAgain}, {&s.TelegramAgain, &r.TelegramAgain}} {
			*f.to += *f.from
		}
		s.Seconds, s.Ready, s.Rest = max(s.Seconds, r.Seconds), max(s.Ready, r.Ready), max(s.Rest, r.Rest)
		s.waits = append(s.waits, r.waits...)
		for _, v := range r.Violations {
			s.Violations = append(s.Violations, r.World+": "+v)
		}
	}
	s.figures()
	return s
}

// print writes the table, a world a column.
func print(to io.Writer, all []result) {
	total := sum(all)
	columns := append(slices.Clone(all), total)
	if len(all) == 1 {
		columns = all
	}
	out := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, of func(r result) any) {
		fmt.Fprintf(out, "%s\t", name)
		for _, r := range columns {
			fmt.Fprintf(out, "%v\t", of(r))
		}
		fmt.Fprintln(out)
	}
	group := func(title string, keys map[string]int, of func(r result) map[string]int) {
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			row(title+k, func(r result) any { return of(r)[k] })
		}
	}
	seconds := func(s float64) string { return fmt.Sprintf("%.1f s", s) }
	row("", func(r result) any { return r.World })
	row("wall time", func(r result) any { return seconds(r.Seconds) })
	group("fault: ", total.Faults, func(r result) map[string]int { return r.Faults })
	group("sent by ", total.Messages, func(r result) map[string]int { return r.Messages })
	row("accepted", func(r result) any { return r.Accepted })
	row("tries again", func(r result) any { return r.Refused })
	row("tickets", func(r result) any { return r.Tickets })
	group("", total.States, func(r result) map[string]int { return r.States })
	group("parked: ", total.Parked, func(r result) map[string]int { return r.Parked })
	row("acknowledged", func(r result) any { return r.Acknowledged })
	row("status callbacks", func(r result) any { return r.Callbacks })
	row("audits", func(r result) any { return r.Audits })
	row("LOST", func(r result) any { return r.Lost })
	row("TICKETS TWICE", func(r result) any { return r.Double })
	row("NEVER ACKNOWLEDGED", func(r result) any { return r.Silent })
	row("ACKNOWLEDGED TWICE", func(r result) any { return r.Twice })
	row("mail repeats, same Message-ID", func(r result) any { return r.MailAgain })
	row("SMS repeats", func(r result) any { return r.SMSAgain })
	row("Telegram repeats", func(r result) any { return r.TelegramAgain })
	row("longest start to ready", func(r result) any { return seconds(r.Ready) })
	row("accepted to acknowledged, median", func(r result) any { return seconds(r.Median) })
	row("… p99", func(r result) any { return seconds(r.P99) })
	row("… longest", func(r result) any { return seconds(r.Longest) })
	row("last message to rest", func(r result) any { return seconds(r.Rest) })
	row("VIOLATIONS", func(r result) any { return len(r.Violations) })
	_ = out.Flush() // to a buffer
}

// save writes the table as JSON.
func save(path string, o *options, all []result) error {
	text, err := json.MarshalIndent(map[string]any{"profile": o.profile, "seed": o.seed, "freeze_seconds": o.freezeFor.Seconds(), "worlds": all, "total": sum(all)}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
