package desk

import (
	"strconv"
	"strings"
	"time"
)

// escalated is why something was done about a promise, and what, as a sentence. detail is the steps, the priority and the queue that the ticket got,
// each after a bar; the last two are empty where they stay.
func (p *Pages) escalated(lang, detail string) string {
	steps, rest, _ := strings.Cut(detail, "|")
	priority, queue, _ := strings.Cut(rest, "|")
	steps, _, _ = strings.Cut(steps, " (") // of a ticket that is merged into this one
	var said []string
	for step := range strings.SplitSeq(steps, ";") {
		of, when, _ := strings.Cut(step, " ")
		kind, _, _ := strings.Cut(of, ":")
		kind = p.value(lang, "escalated.of", kind)
		share, err := strconv.ParseFloat(when, 64)
		if left, is := strings.CutPrefix(when, "-"); is {
			d, _ := time.ParseDuration(left)
			said = append(said, p.text(lang, "escalated.left", p.span(lang, d), kind))
		} else if err == nil {
			said = append(said, p.text(lang, "escalated.used", strconv.FormatFloat(share*100, 'f', -1, 64), kind))
		}
	}
	if priority != "" {
		said = append(said, p.text(lang, "escalated.priority", p.value(lang, "escalated.to", priority)))
	}
	if queue != "" {
		said = append(said, p.text(lang, "escalated.queue", p.value(lang, "queue", queue)))
	}
	and := ", "
	if lang == Chinese {
		and = "，"
	}
	return p.text(lang, "escalated.joined", strings.Join(said, and))
}
