package stored

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/pipeline/particulars"
	"frontdesk/templates/desk"
	agents "frontdesk/workers/store/desk"
)

// manyFacts bounds how many sums or times of one conversation are listed.
const manyFacts = 4

// facts are what the customer has named, and what he is asked for: the ticket's numbers, and what his messages among the lines tell, the oldest first.
// Sums and times are read again for each view, so that nothing of a text is kept beside it.
func facts(k agents.Ticket, lines []agents.Line, zone *time.Location) (out []desk.Fact) {
	for _, n := range k.Numbers {
		out = append(out, desk.Fact{Key: "order-number", Value: n})
	}
	for _, l := range slices.Backward(lines) {
		if m := l.Message; m != nil && m.Side == 0 && !m.Erased {
			for _, f := range tells(m.Subject+"\n"+m.Visible, l.Time().In(cmp.Or(zone, time.UTC))) {
				if !slices.Contains(out, f) && count(out, f.Key) < manyFacts {
					out = append(out, f)
				}
			}
		}
	}
	for _, m := range k.Missing {
		out = append(out, desk.Fact{Key: m})
	}
	return out
}

// count is how many facts have a key.
func count(list []desk.Fact, key string) (n int) {
	for _, f := range list {
		if f.Key == key {
			n++
		}
	}
	return n
}

// tells are the facts of a text besides its numbers.
func tells(text string, at time.Time) (out []desk.Fact) {
	found := particulars.Read(text, at)
	for _, a := range found.Amounts {
		out = append(out, desk.Fact{Key: "amount", Value: strings.TrimSpace(strconv.FormatFloat(a.Value, 'f', -1, 64) + " " + a.Currency)})
	}
	for _, t := range found.Times {
		out = append(out, desk.Fact{Key: "time", Value: said(t)})
	}
	for _, f := range [...]desk.Fact{{Key: "phone-model", Value: found.Phone}, {Key: "app-version", Value: found.Version}, {Key: "recipient", Value: found.Recipient}} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// said writes a time as exactly as it was told; of a week its days.
func said(t particulars.Time) string {
	switch t.Unit {
	case "minute", "hour":
		return t.From.Format("2006-01-02 15:04")
	case "month":
		return t.From.Format("2006-01")
	case "week":
		return t.From.Format("2006-01-02") + " – " + t.From.AddDate(0, 0, 6).Format("2006-01-02")
	}
	return t.From.Format("2006-01-02")
}
