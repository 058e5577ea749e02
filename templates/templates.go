// Package templates holds the texts that Frontdesk writes to customers by itself, and renders
// them: confirmations, late confirmations and digests, for mail and in a short form,
// in English and in both scripts of Chinese. An installation may replace any of them.
//
// The files lie under ack/<language>/: <kind>.mail.txt begins with a line "Subject: …" and an
// empty line, <kind>.short.txt is all text, and categories.txt defines one paragraph a category,
// which <kind>.mail.txt finds in .Paragraph. They are text/template with the fields of Data, the
// comparisons and logic of that package, len, index and join; nothing that could run without end.
package templates

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sort"
	"strings"
	"text/template"

	"frontdesk/internal/segments"
)

// SMSParts is how many parts an SMS should have at most.
// Each part is paid for, and telephones show long messages in pieces.
const SMSParts = 3

// Kind says what a text is for.
type Kind string

// The kinds of text.
const (
	Acknowledgement     Kind = "acknowledgement"      // a ticket was opened
	AcknowledgementLate Kind = "acknowledgement-late" // the same, later than promised
	Digest              Kind = "digest"               // one confirmation for several tickets
)

// Kinds lists the kinds in a fixed order.
func Kinds() []Kind { return []Kind{Acknowledgement, AcknowledgementLate, Digest} }

// Data is what a text may say. Every value is cleaned before it is used: words of a customer can
// add no header, no line and no link to a text of ours.
type Data struct {
	// Every field may be empty; a text leaves out the sentence that needs it. DeskName is in the customer's language already.
	DeskName     string // who signs
	TicketNumber string // reference for people, such as T-20260506-0001
	Token        string // signed subject token with its brackets; empty leaves it out
	Language     string // BCP 47 tag of the customer's language
	Fallback     string // language used when there is no text in Language; English when empty, or when it is Chinese and Language is not
	Category     string // key of the category, for its paragraph
	Channel      string // its name, as the configuration writes it
	Parts        int    // how many parts of a text message the short form should have at most; 0: no bound
	Short        bool   // the short form: no subject, no salutation
	FirstReplyBy string // the promised time, written out; empty when none is promised
	Greeting     bool   // the customer has said nothing but hello: he is asked what it is about
	Late         bool   // turns Acknowledgement into AcknowledgementLate
	Tone         string // chooses the paragraph "tone-…" of categories.txt, such as tone-danger; empty for none

	Missing      []string // facts to ask for, worded in the customer's language
	Answers      []Answer // FAQ answers; at most three are shown
	Subject      string   // the customer's own subject, with or without "Re:"
	CustomerName string   // used in the salutation when it looks like a name

	Digest []DigestItem // the tickets of a digest, at most MostListed or MostListedShort
	Count  int          // how many there are
	More   int          // how many of them are not listed
}

// MostListed and MostListedShort are how many tickets a digest names, as a mail and in the short form. What comes on top is
// counted: somebody who writes a thousand mails must not have a thousand lines sent to whom he names.
const (
	MostListed      = 50
	MostListedShort = 10
)

// Answer is one FAQ answer.
type Answer struct {
	// Answer may have several lines; Question is one.
	Question, Answer string
}

// DigestItem is one ticket of a digest.
type DigestItem struct {
	// Subject and FirstReplyBy may be empty: to an unproven address a ticket goes by its number alone.
	TicketNumber, Subject, FirstReplyBy string
}

// Text is a rendered text.
type Text struct {
	Subject  string // one line; empty in the short form
	Body     string // lines end in \n; no trailing blank lines
	Language string // the language that was found for it
}

// Set holds all texts, ready to render. It is safe for concurrent use.
// A text is chosen by language first, then by kind and form: see chain.
// It holds parsed templates and no data, so one Set serves all workers.
type Set struct {
	// languages are those that have a text, sorted.
	texts      map[key]*template.Template
	paragraphs map[string]*template.Template // by language
	languages  []string
}

// key names one text.
type key struct {
	// lang is the folder's name: en, zh-Hans, zh-Hant-HK.
	lang string
	kind Kind
	form string // mail or short
}

// path is where the text lies.
func (k key) path() string { return fmt.Sprintf("ack/%s/%s.%s.txt", k.lang, k.kind, k.form) }

//go:embed ack
var embedded embed.FS

// New reads the embedded texts and lays overrides over them, which may be nil. A file of overrides
// replaces the embedded one of the same path; in categories.txt each definition replaces its own.
// Other languages may be added. Every text is rendered once with sample data, so that an error in
// a template shows here and not on the way to a customer. Overrides of which no text would be read
// are refused, and so is anything beside their ack/ that is not hidden.
// It is called at start, and again at each change of the configuration; the old Set stays good for who holds it.
func New(overrides fs.FS) (*Set, error) {
	if overrides == nil {
		return newSet(embedded)
	}
	if err := lieInPlace(overrides); err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	return newSet(embedded, overrides)
}

// newSet lays file systems over each other, the first one lowest.
// Each layer is read twice: alone, to see which places yield to it, and over what is there.
func newSet(layers ...fs.FS) (*Set, error) {
	s := &Set{texts: map[key]*template.Template{}, paragraphs: map[string]*template.Template{}}
	for _, files := range layers {
		if files == nil {
			continue
		}
		own := &Set{texts: map[key]*template.Template{}, paragraphs: map[string]*template.Template{}}
		if err := own.load(files); err != nil {
			return nil, fmt.Errorf("reading templates: %w", err)
		}
		s.yield(own)
		if err := s.load(files); err != nil {
			return nil, fmt.Errorf("reading templates: %w", err)
		}
	}
	found := map[string]bool{}
	for k := range s.texts {
		found[k.lang] = true
	}
	s.languages = slices.Sorted(maps.Keys(found))
	if err := s.tryAll(); err != nil {
		return nil, fmt.Errorf("trying templates: %w", err)
	}
	return s, nil
}

// yield takes away the texts of single places that stand before a text of the language which another layer brings: who
// wrote his own for all readers of Traditional Chinese means those of Hong Kong, too.
func (s *Set) yield(own *Set) {
	for k := range own.texts {
		for mine := range s.texts {
			if mine.kind == k.kind && mine.form == k.form && strings.HasPrefix(mine.lang, k.lang+"-") {
				delete(s.texts, mine)
			}
		}
	}
	for lang := range own.paragraphs {
		for mine := range s.paragraphs {
			if strings.HasPrefix(mine, lang+"-") {
				delete(s.paragraphs, mine)
			}
		}
	}
}

// Languages lists the languages that have at least one text.
func (s *Set) Languages() []string { return slices.Clone(s.languages) }

// view is what a template sees.
// Paragraph is the category's, rendered already; empty for none, and within a paragraph itself.
type view struct {
	Data
	Paragraph string
	Care      string // that of the tone
}

// Render writes one text. An unknown category simply has no paragraph; an unknown kind, or a
// language without that kind that has no fallback either, is an error.
// It may be called by several at a time; d is not changed.
func (s *Set) Render(kind Kind, d Data) (Text, error) {
	if kind == Acknowledgement && d.Late {
		kind = AcknowledgementLate
	}
	form := "mail"
	if d.Short {
		form = "short"
	}
	for _, lang := range s.chain(tongues(d.Language, d.Fallback)...) {
		if t := s.texts[key{lang, kind, form}]; t != nil {
			text, err := s.render(t, lang, clean(d))
			if err != nil {
				return Text{}, fmt.Errorf("rendering %s.%s in %s: %w", kind, form, lang, err)
			}
			return text, nil
		}
	}
	return Text{}, fmt.Errorf("rendering %s.%s: no such text in %q", kind, form, d.Language)
}

// tongues are the languages to try. Who writes in another language than Chinese reads English rather than the Chinese of
// the desk.
func tongues(language, fallback string) []string {
	if language != "" && !isChinese(language) && isChinese(fallback) {
		return []string{language, "en", fallback}
	}
	return []string{language, fallback}
}

// isChinese reports whether a tag is one of Chinese, in any script.
func isChinese(language string) bool {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(language), "_", "-"), "-")
	return base == "zh"
}

// render executes a text in a language. d is clean already. A short message that is too long asks for fewer facts.
func (s *Set) render(t *template.Template, lang string, d Data) (Text, error) {
	paragraph, err := s.paragraph(lang, d, d.Category)
	if err != nil {
		return Text{}, err
	}
	care := ""
	if d.Tone != "" {
		if care, err = s.paragraph(lang, d, "tone-"+d.Tone); err != nil {
			return Text{}, err
		}
	}
	seen := view{d, paragraph, care}
	out, err := execute(t, seen)
	if err != nil {
		return Text{}, err
	}
	if d.Short && d.Parts > 0 && len(d.Missing) > 0 && segments.Count(tidy(out)) > d.Parts {
		if out, err = fewer(t, seen); err != nil {
			return Text{}, err
		}
	}
	return split(out, d.Short, lang), nil
}

// fewer renders a short message with as many facts to ask for as fit into its parts, or none.
// It searches by halves, since each try renders the whole text.
func fewer(t *template.Template, v view) (out string, err error) {
	all := v.Missing
	at := sort.Search(len(all), func(less int) bool { // the fewer, the shorter
		if err != nil {
			return true
		}
		v.Missing = all[:len(all)-1-less]
		var tried string
		if tried, err = execute(t, v); err == nil && segments.Count(tidy(tried)) <= v.Parts {
			out = tried
			return true
		}
		return false
	})
	if err == nil && at == len(all) {
		v.Missing = nil
		out, err = execute(t, v)
	}
	return out, err
}

// paragraph renders the paragraph of a name, a category's or a tone's, if the language has one.
func (s *Set) paragraph(lang string, d Data, name string) (string, error) {
	for _, l := range []string{d.Language, lang} { // a text that all read alike may have a paragraph of one place
		for _, of := range s.chain(l) {
			if of != lang && !strings.HasPrefix(of, lang+"-") && !strings.HasPrefix(lang, of+"-") {
				continue // in another language
			}
			if t := s.defined(of, name); t != nil {
				out, err := execute(t, view{Data: d})
				return strings.TrimSpace(out), err
			}
		}
	}
	return "", nil
}

// defined is a paragraph in just that language; nil for none.
func (s *Set) defined(lang, name string) *template.Template {
	all := s.paragraphs[lang]
	if all == nil || name == "" {
		return nil
	}
	if t := all.Lookup(name); t != nil && t.Tree != nil {
		return t
	}
	return nil
}

// split takes the subject line off a mail.
func split(out string, short bool, lang string) Text {
	if short {
		return Text{Body: tidy(out), Language: lang}
	}
	head, body, _ := strings.Cut(strings.ReplaceAll(out, "\r\n", "\n"), "\n")
	return Text{Subject: oneLine(strings.TrimPrefix(head, subjectPrefix)), Body: tidy(body), Language: lang}
}

// subjectPrefix begins the first line of every mail's text.
const subjectPrefix = "Subject:"
