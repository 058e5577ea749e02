package web

import (
	"bytes"
	"cmp"
	_ "embed" // the page
	"fmt"
	"html/template"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"frontdesk/channels"
	"frontdesk/channels/guard"
	"frontdesk/pipeline/message"
)

//go:embed page/faq.html
var faqHTML string

// Question is one question of the desk's with its answer, by language (BCP 47).
type Question struct {
	Key              string // as FormConfig.Find names it
	Question, Answer map[string]string
}

// Bounds of the page of questions.
const (
	maxQuery       = 200 // characters that are looked for
	mostFound      = 10
	answerShare    = 0.6             // what a word counts that stands in the answer alone
	searchesFactor = 15              // searches of an address an hour, for each post it may make
	faqAge         = 5 * time.Minute // for which a cache may keep the page without a search
)

// faq is the page of questions. It does not change after newFAQ, but for the limiter.
type faq struct {
	template *template.Template
	policy   string
	blank    map[string]channels.Answer // the page without a search, by language; of languages without questions there is none
	words    map[string]faqWords        // by language
	searches *guard.Rate
}

// faqWords are the questions of a language, ready for searching.
type faqWords struct {
	asked []asked
	rare  map[string]float64 // by word: how much it tells
}

// asked is a question as it is shown, and folded for searching.
type asked struct {
	Question, Answer string
	key              string
	title, folded    string // the question alone, and both
}

// faqGroup are the questions of a category.
type faqGroup struct {
	Name      string
	Questions []asked
}

// faqView is all that the template needs. What was looked for goes through html/template; Style alone is trusted.
type faqView struct {
	Language, Query, Desk, Inbox string
	Text                         texts
	Languages                    []choice
	Groups                       []faqGroup
	Busy                         bool
	Style                        template.CSS
}

// newFAQ prepares the page in each of the form's languages.
func (f *Form) newFAQ() error {
	t, err := template.New("faq").Parse(faqHTML)
	if err != nil {
		return fmt.Errorf("web: preparing the page of questions: %w", err)
	}
	f.faq = faq{template: t, blank: map[string]channels.Answer{}, words: map[string]faqWords{}, searches: guard.NewRate(f.config.PerHour*searchesFactor, time.Hour),
		policy: "default-src 'none'; style-src " + hashOf(pageCSS) + "; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}
	groups := map[string][]faqGroup{}
	for _, l := range f.config.Languages {
		var all []asked
		for _, topic := range f.config.Answered {
			group := faqGroup{Name: topic.name(l)}
			for _, q := range topic.Questions {
				if question, answer := q.Question[l], q.Answer[l]; question != "" && answer != "" {
					group.Questions = append(group.Questions, asked{question, answer, q.Key, foldFAQ(question), foldFAQ(question + "\n" + answer)})
				}
			}
			if len(group.Questions) > 0 {
				groups[l] = append(groups[l], group)
				all = append(all, group.Questions...)
			}
		}
		if len(all) > 0 {
			f.faq.words[l] = faqWords{all, rareness(all)}
		}
	}
	for l := range groups { // when all are known, since each page names the languages of the others
		f.faq.blank[l] = f.faqAnswer(http.StatusOK, faqView{Language: l, Groups: groups[l]})
	}
	return nil
}

// answered reports whether there are questions in a language.
func (f *Form) answered(tag string) bool {
	_, ok := f.faq.words[tag]
	return ok
}

// questions answers GET …/faq, with ?q= for a search. It asks nobody and writes nothing but the limiter.
func (f *Form) questions(r *http.Request) (channels.Answer, bool) {
	tag := f.language(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	if !f.answered(tag) {
		return channels.Answer{}, false
	}
	query := cleanLine(r.URL.Query().Get("q"))
	if query == "" {
		return f.faq.blank[tag], true
	}
	for n := utf8.RuneCountInString(query); n > maxQuery; n-- {
		_, size := utf8.DecodeLastRuneInString(query)
		query = query[:len(query)-size]
	}
	if wait, ok := f.faq.searches.Take(caller(f.config.Remote(r)), f.config.Clock()); !ok {
		answer := f.faqAnswer(http.StatusTooManyRequests, faqView{Language: tag, Query: query, Busy: true})
		answer.Header.Set("Retry-After", seconds(wait))
		return answer, true
	}
	view := faqView{Language: tag, Query: query}
	if found := f.found(tag, query); len(found) > 0 {
		view.Groups = []faqGroup{{Questions: found}}
	}
	return f.faqAnswer(http.StatusOK, view), true
}

// faqAnswer renders the page. A cache may keep it, but for searches: what somebody looks for is his own.
func (f *Form) faqAnswer(status int, v faqView) channels.Answer {
	v.Text, _ = textsOf(v.Language)
	v.Desk, v.Inbox, v.Style = message.Named(f.config.Names, v.Language, f.config.Desk), f.config.Inbox, template.CSS(pageCSS)
	for _, l := range f.config.Languages {
		if other, _ := textsOf(l); f.answered(l) {
			v.Languages = append(v.Languages, choice{l, other.Own, l == v.Language})
		}
	}
	var out bytes.Buffer
	if err := f.faq.template.Execute(&out, v); err != nil {
		return channels.Answer{Status: http.StatusInternalServerError}
	}
	h := f.headers(v.Language)
	h.Set("Content-Security-Policy", f.faq.policy)
	if v.Query == "" {
		h.Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(faqAge.Seconds())))
	}
	return channels.Answer{Status: status, Header: h, Body: out.Bytes()}
}

// understood is how many questions are shown that fit by what they mean; those that hold the words stand behind them.
const understood = 3

// found are the questions that may answer what was looked for.
func (f *Form) found(tag, query string) (out []asked) {
	words := f.faq.words[tag]
	if f.config.Find != nil {
		for _, key := range f.config.Find(query, understood) {
			if i := slices.IndexFunc(words.asked, func(a asked) bool { return a.key == key }); i >= 0 {
				out = append(out, words.asked[i])
			}
		}
	}
	for _, a := range words.find(query) {
		if len(out) < mostFound && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// find are the questions that hold at least half of what the query's words tell, best first.
func (w faqWords) find(query string) []asked {
	type hit struct {
		asked
		share float64
	}
	all := 0.0
	looked := faqTerms(foldFAQ(query))
	for _, word := range looked {
		all += w.weight(word)
	}
	var hits []hit
	for _, a := range w.asked {
		share := 0.0
		for _, word := range looked {
			switch {
			case strings.Contains(a.title, word):
				share += w.weight(word) / all
			case strings.Contains(a.folded, word): // an answer has many words
				share += answerShare * w.weight(word) / all
			}
		}
		if share >= 0.5 {
			hits = append(hits, hit{a, share})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.share, a.share) })
	var out []asked
	for _, h := range hits[:min(mostFound, len(hits))] {
		out = append(out, h.asked)
	}
	return out
}

// weight is what a word tells; one that stands in no question tells half as much as the rarest.
func (w faqWords) weight(word string) float64 {
	if r, known := w.rare[word]; known {
		return r
	}
	return math.Log(1+float64(len(w.asked))) / 2
}

// rareness gives the words of all questions their weight: what stands in every one tells nothing.
func rareness(all []asked) map[string]float64 {
	counts := map[string]int{}
	for _, a := range all {
		for _, word := range faqTerms(a.folded) {
			counts[word]++
		}
	}
	out := map[string]float64{}
	for word, n := range counts {
		out[word] = math.Log(1 + float64(len(all)-n)/float64(n))
	}
	return out
}

// foldFAQ brings text into the form in which it is searched: lower case, a space before each word, so that a word's beginning can be looked for.
func foldFAQ(text string) string {
	var b strings.Builder
	word := false
	for _, r := range strings.ToLower(text) {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r)
		han := unicode.Is(unicode.Han, r)
		if letter && !word && !han || !letter && word {
			b.WriteByte(' ')
		}
		word = letter && !han
		if letter {
			b.WriteRune(r)
		} else if !strings.HasSuffix(b.String(), " ") {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// faqTerms are what is looked for of a folded text, each once: the beginnings of words, and pairs of Chinese characters; a character alone
// where it stands so.
func faqTerms(folded string) (out []string) {
	add := func(term string) {
		if !slices.Contains(out, term) {
			out = append(out, term)
		}
	}
	for field := range strings.FieldsSeq(folded) {
		letters := []rune(field)
		for i := 0; i < len(letters); {
			if !unicode.Is(unicode.Han, letters[i]) {
				end := i
				for end < len(letters) && !unicode.Is(unicode.Han, letters[end]) {
					end++
				}
				add(" " + string(stem(letters[i:end])))
				i = end
				continue
			}
			paired := i+1 < len(letters) && unicode.Is(unicode.Han, letters[i+1])
			switch {
			case paired:
				add(string(letters[i : i+2]))
			case i == 0 || !unicode.Is(unicode.Han, letters[i-1]):
				add(string(letters[i]))
			}
			i++
		}
	}
	return out
}

// stem is the beginning of a word that its other forms have, too: refunds, refunded and refund.
func stem(word []rune) []rune {
	for _, ending := range []string{"ing", "ed", "es", "s"} {
		if s := string(word); strings.HasSuffix(s, ending) && len(word)-len(ending) >= 4 {
			return word[:len(word)-len(ending)]
		}
	}
	return word
}
