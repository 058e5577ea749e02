package desk

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
	"unicode"

	"frontdesk/templates/desk/acts"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// funcs are what templates may call. Those that depend on the language are bound to it, so that templates need not name it.
func (p *Pages) funcs(lang string, c Config) template.FuncMap {
	return template.FuncMap{
		"t":     func(key string, args ...any) string { return p.text(lang, key, args...) },
		"word":  func(group string, value any) string { return p.value(lang, group, value) },
		"asset": func(name string) string { return c.Assets[name] },
		"lang":  func() string { return map[string]string{English: "en", Chinese: "zh-Hans"}[lang] },
		"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"full":  func(t time.Time) string { return t.In(c.Zone).Format("2006-01-02 15:04:05 MST") },
		"clock": func(t time.Time) string { return t.In(c.Zone).Format("15:04") },
		"stamp": func(t, now time.Time) string { return p.stamp(lang, t, now) },
		"day":   func(t, now time.Time) string { return p.day(lang, t.In(c.Zone), now.In(c.Zone)) },
		"month": func(t time.Time) string { return p.month(lang, t.In(c.Zone)) },
		"due":   func(d Due, now time.Time) string { return p.due(lang, d, now) },
		"flow":  func(lines []Line) []item { return flow(lines, c.Zone) },
		"said":  func(l Line) string { return p.said(lang, l) },
		"ask":   func(f Fact, tag string) string { return p.ask(f, tag) },
		"why":   func(r Reason, urgent bool) reason { return p.reason(lang, r, urgent) },
		// evidence is why a message was set aside, as the line has said it in English.
		"evidence": func(words string) string { return p.phrases.In(lang, words) },
		"number":   number,
		"count":    count,
		"bytes":    size,
		"face":     face,
		"mark":     func(tag string) string { return mark(lang, tag) },
		"tongue":   func(tag string) string { return p.tongue(lang, tag) },
		"first":    firstLine,
		"reasons":  acts.Reasons, "priorities": acts.Priorities, "thens": acts.Thens,
		"field":  func(name, value string) string { return p.field(lang, name, value) },
		"odd":    func(i int) bool { return i%2 == 1 },
		"states": func() []string { return []string{"", "open", "closed"} },
		"dict":   dict,
		"list":   func(l List) string { return p.listName(lang, l) },
		"here":   func(l List) string { return l.address() },
	}
}

// number is a ticket's number as people read and write it.
func number(n int64) string { return "T-" + strconv.FormatInt(n, 10) }

// count is exact to 999.
func count(n int64) string {
	if n > 999 {
		return "999+"
	}
	return strconv.FormatInt(n, 10)
}

// size writes bytes without a digit behind the point: nobody decides by it.
func size(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%d KB", (n+1<<9)>>10)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
}

// face is the first character of a name, for the round mark beside what its bearer wrote.
func face(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "?"
}

// mark is a language in two letters, in the language of the page.
func mark(lang, tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	switch {
	case base == "zh" && lang == Chinese:
		return "中"
	case len(base) == 2 || len(base) == 3:
		return strings.ToUpper(base)
	default:
		return ""
	}
}

// tongue is a language's name in the language of the page; a tag that names none is shown as it is.
func (p *Pages) tongue(lang, tag string) string {
	if word, ok := p.words[lang]["language."+tag]; ok {
		return word
	}
	of, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	names := display.English.Tags()
	if lang == Chinese {
		names = display.Chinese.Tags()
	}
	if name := names.Name(of); name != "" {
		return name
	}
	return tag
}

// ask is the question for a missing fact, in the customer's language, as far as the pages have it.
func (p *Pages) ask(f Fact, tag string) string {
	lang := English
	if base, _, _ := strings.Cut(strings.ToLower(tag), "-"); base == Chinese {
		lang = Chinese
	}
	if strings.ContainsFunc(f.Key, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') }) { // no key of ours, but the words in which the house asks
		return p.text(lang, "facts.question.house", p.value(lang, "fact", f.Key))
	}
	return p.text(lang, "facts.question", p.value(lang, "fact", f.Key))
}

// month is when somebody wrote first: nobody needs the day.
func (p *Pages) month(lang string, t time.Time) string {
	if lang == Chinese {
		return t.Format("2006 年 1 月")
	}
	return t.Format("Jan 2006")
}

// firstLine is the first line of a text that says something, bounded: CSS cuts it to the width.
func firstLine(text string) string {
	const most = 160
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		n := 0
		for i := range line {
			if n++; n > most {
				return line[:i]
			}
		}
		return line
	}
	return ""
}

// dict makes a map of keys and values, to hand several values to a part. A key without a value is left out.
func dict(pairs ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return out
}

// listName is what people call a list.
func (p *Pages) listName(lang string, l List) string {
	if l.Queue {
		return p.value(lang, "queue", l.Name)
	}
	if l.Tag {
		return p.text(lang, "list.tag", l.Name)
	}
	return p.text(lang, "list."+l.Name)
}

// address is that of the list, below /desk/.
func (l List) address() string {
	if l.Queue {
		return "queues/" + l.Name
	}
	if l.Tag {
		return "tags/" + l.Name
	}
	return "lists/" + l.Name
}
