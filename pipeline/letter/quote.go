package letter

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"frontdesk/pipeline/message"
)

//go:embed wrote.txt
var wrote string

// Bounds of what is quoted.
const (
	longestQuote = 8 << 10 // bytes
	mostQuoted   = 100     // lines
)

// Quote is what a customer wrote, as Whole.Quote takes it: whose words they are and when he wrote them, in his language and at is in the desk's
// zone, and below that his own words. What he has quoted himself is not among them, and of a long text it is the beginning. Where he wrote
// nothing there is nothing to quote: "".
func Quote(language string, at time.Time, who, words string) string {
	var own []string
	size := 0
	for line := range strings.SplitSeq(strings.TrimSpace(strings.ReplaceAll(words, "\r", "")), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), ">") {
			continue
		}
		if room := longestQuote - size; len(line) >= room || len(own) == mostQuoted {
			own = append(own, strings.ToValidUTF8(line[:min(len(line), room)], "")+"\n[…]")
			break
		}
		size += len(line) + 1
		own = append(own, line)
	}
	text := strings.TrimSpace(strings.Join(own, "\n"))
	if text == "" {
		return ""
	}
	intro, layout := begins(language)
	return fmt.Sprintf(intro, at.Format(layout), strings.Join(strings.Fields(who), " ")) + "\n" + text
}

// begins is how a quote is begun in a language.
func begins(language string) (intro, layout string) {
	intros, layouts := map[string]string{}, map[string]string{}
	for line := range strings.Lines(wrote) {
		if tag, rest, is := strings.Cut(strings.TrimSpace(line), " | "); is && !strings.HasPrefix(tag, "#") {
			intros[tag], layouts[tag], _ = strings.Cut(rest, " | ")
		}
	}
	return message.Named(intros, language, intros["en"]), message.Named(layouts, language, layouts["en"])
}
