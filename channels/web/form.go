package web

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"frontdesk/channels"
	"frontdesk/channels/guard"
	"frontdesk/channels/internal/signature"
	"frontdesk/channels/meta"
	"frontdesk/channels/webhook"
)

var (
	_ webhook.Receiver = (*Form)(nil)
	_ channels.Decoder = (*Form)(nil)

	_ webhook.Salvager = (*Form)(nil)
)

// Topic is one choice in the form's list of topics: a category key and its names per language.
type Topic struct {
	// Key is the category's, such as refund: it is what a browser posts. Names are by BCP 47 tag.
	Key       string
	Names     map[string]string
	Questions []Question // that the desk has answered, for the page of questions
}

// FormConfig describes one hosted contact form.
type FormConfig struct {
	// Inbox is the configured account, and the last element of the page's path.
	Inbox   string
	Desk    string            // name of the desk, shown as the page's title
	Names   map[string]string // the desk's name by language (BCP 47), in its place
	Contact string            // address shown to visitors whose browser runs no script; may be empty
	// Languages of the page: those of en, zh-Hans and zh-Hant that are offered; the first one is for
	// visitors who speak none of them. Empty means all three, zh-Hans first.
	Languages []string
	Fields    []string // shown besides name, e-mail and text: phone, topic, order, files
	// Topics fill the list of the field topic; empty: the list is not shown, whatever Fields says.
	Topics []Topic
	// Answered are the categories with questions, for the page …/faq; empty: there is none.
	Answered []Topic
	// Find gives the keys of at most n questions that may answer what somebody looks for, best first; nil: words alone are looked for.
	Find   func(text string, n int) []string
	Secret []byte // signs challenges; at least 16 bytes, the same on every machine
	// Difficulty is how many hashes a visitor's browser tries on average; 0 means 50 000.
	Difficulty int
	// Lifetime is how long a challenge may be solved and posted; 0 means 1 h.
	Lifetime time.Duration
	// MinimumFill is the shortest time in which a person fills the form; 0 means 3 s.
	MinimumFill time.Duration
	PerHour     int   // posts of one address or IPv6 /64 an hour; 0 means 20
	MaxBody     int64 // bytes; 0 means 20 MiB
	// Clock and Remote serve Page only. Clock is time.Now when nil; Remote tells the visitor's
	// address behind trusted proxies, and is the host of RemoteAddr when nil.
	Clock  func() time.Time
	Remote func(*http.Request) string
}

// Form is one hosted contact form: a Webhook for what is posted, and Page for what is shown.
// Everything of it but the limiters is fixed after NewForm, so that Receive, Decode and Page may run at the same time.
type Form struct {
	// config is with its defaults. altcha's keys and contentKey are derived from its secret, one for each purpose.
	config     FormConfig
	altcha     altcha
	contentKey []byte // makes digests of what is posted
	// matcher chooses among config.Languages by what a browser accepts (RFC 9110 §12.5.4).
	matcher language.Matcher
	page    page
	faq     faq
	blank   map[string]channels.Answer // the page that shows nothing typed, by language; never written to
	// posts is charged for a post that has proven its work, challenges for each challenge that is asked for. Both are memory of
	// this process only: with several processes an address has as many allowances as there are processes.
	posts      *guard.Rate
	challenges *guard.Rate
}

// challengesPerPost is how many challenges an address may ask for, for each post it may make:
// reloads and languages cost one each.
const challengesPerPost = 5

// NewForm checks the configuration and prepares the page.
// The page without typed text is rendered here, once for each language: a flood of GET costs the copying of some kilobytes.
func NewForm(c FormConfig) (*Form, error) {
	if c.Inbox == "" || len(c.Secret) < 16 {
		return nil, errors.New("web: a form needs an inbox and a secret of at least 16 bytes")
	}
	c = c.withDefaults()
	var tags []language.Tag
	for _, l := range c.Languages {
		if _, ok := textsOf(l); !ok {
			return nil, fmt.Errorf("web: the form has no texts in %q, only in en, zh-Hans and zh-Hant", l)
		}
		tags = append(tags, language.Make(l))
	}
	p, err := newPage()
	if err != nil {
		return nil, fmt.Errorf("web: preparing page: %w", err)
	}
	f := &Form{
		config: c, matcher: language.NewMatcher(tags), page: p,
		altcha: altcha{
			key:        signature.SHA256(c.Secret, []byte("altcha "), []byte(c.Inbox)),
			keyV2:      signature.SHA256(c.Secret, []byte("altcha key "), []byte(c.Inbox)),
			difficulty: c.Difficulty, lifetime: c.Lifetime,
		},
		contentKey: signature.SHA256(c.Secret, []byte("content "), []byte(c.Inbox)),
		posts:      guard.NewRate(c.PerHour, time.Hour),
		challenges: guard.NewRate(c.PerHour*challengesPerPost, time.Hour),
		blank:      map[string]channels.Answer{},
	}
	if err := f.newFAQ(); err != nil {
		return nil, err
	}
	for _, l := range c.Languages {
		f.blank[l] = f.answer(http.StatusOK, shown{Language: l})
	}
	return f, nil
}

// withDefaults fills what is zero or negative. The numbers are those that the fields name; section.go has the same for the
// configuration file, where they are shown and checked.
func (c FormConfig) withDefaults() FormConfig {
	if len(c.Languages) == 0 {
		c.Languages = []string{"zh-Hans", "zh-Hant", "en"}
	}
	for _, d := range []struct {
		value    *int
		standard int
	}{{&c.Difficulty, 50_000}, {&c.PerHour, 20}} {
		if *d.value <= 0 {
			*d.value = d.standard
		}
	}
	if c.Lifetime <= 0 {
		c.Lifetime = time.Hour
	}
	if c.MinimumFill <= 0 {
		c.MinimumFill = 3 * time.Second
	}
	if c.MaxBody <= 0 {
		c.MaxBody = maxBody
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Remote == nil {
		c.Remote = remoteHost
	}
	return c
}

func (f *Form) shows(field string) bool { return slices.Contains(f.config.Fields, field) }

// Admit refuses a post of another media type than a form's, or one that is too large: only files may be
// large.
func (f *Form) Admit(r webhook.Request, length int64) (int64, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	limit := map[string]int64{"multipart/form-data": f.config.MaxBody, "application/x-www-form-urlencoded": min(maxEncoded, f.config.MaxBody)}[kind]
	switch {
	case err != nil || limit == 0:
		_, err := f.refuse(channels.Permanent, http.StatusUnsupportedMediaType, errMediaType.Error(), shown{Language: f.languageOf(r), Problem: "unreadable"})
		return 0, err
	case length > limit && kind == "multipart/form-data":
		_, err := f.refuse(channels.TooLarge, http.StatusRequestEntityTooLarge, "the body is too large", shown{Language: f.languageOf(r), Problem: "too-large"})
		return 0, err
	case length > limit:
		_, err := f.refuse(channels.TooLarge, http.StatusRequestEntityTooLarge, errTyped.Error(), shown{Language: f.languageOf(r), Problem: "too-long"})
		return 0, err
	}
	return limit, nil
}

// Overlong shows the form again to a visitor whose files are too large, with what he typed as far as it came before
// them: browsers send the fields in the order of the page.
func (f *Form) Overlong(r webhook.Request) error {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil
	}
	show := f.typed(readBeginning(params["boundary"], r.Body), f.languageOf(r))
	show.Problem, show.Again = "too-large", true
	_, err = f.refuse(channels.TooLarge, http.StatusRequestEntityTooLarge, "the body is too large", show)
	return err
}

// languageOf is the language of the page that a post came from.
func (f *Form) languageOf(r webhook.Request) string {
	asked := ""
	if r.URL != nil {
		asked = r.URL.Query().Get("lang")
	}
	return f.language(asked, r.Header.Get("Accept-Language"))
}

// Receive takes one posted form. The delivery's key is the signature of the solved challenge, so a
// replayed solution is known already: with the same content it is a repeat, with another one it is refused when
// that is known (reply). The visitor's share is charged only once he has proven his work.
// What looks like a machine is answered like anything else and parked; a refusal shows the form again
// with what was typed, unless that was more than a person types.
//
// The order is the defence. Size and media type cost nothing; reading is bounded by maxTyped and maxParts; the proof of work comes
// before the allowance, so that nobody uses up the allowance of others behind one address without computing; only then is
// anything recorded.
func (f *Form) Receive(r webhook.Request, now time.Time) (webhook.Received, error) {
	if _, err := f.Admit(r, int64(len(r.Body))); err != nil {
		return webhook.Received{}, err
	}
	tag := f.languageOf(r)
	p, err := readPost(r.Header.Get("Content-Type"), r.Body, maxTyped)
	if errors.Is(err, errTyped) {
		return f.refuse(channels.TooLarge, http.StatusRequestEntityTooLarge, err.Error(), shown{Language: tag, Problem: "too-long"})
	}
	if err != nil {
		status := http.StatusBadRequest
		if errors.Is(err, errMediaType) {
			status = http.StatusUnsupportedMediaType
		}
		return f.refuse(channels.Permanent, status, err.Error(), shown{Language: tag, Problem: "unreadable"})
	}
	show := f.typed(p, tag)
	tag = show.Language
	if p.unread {
		show.Problem = "unreadable"
		return f.refuse(channels.Permanent, http.StatusBadRequest, errCharset.Error(), show)
	}
	solved, err := f.altcha.verify(p.values["altcha"], now)
	if err != nil {
		show.Problem = "unproven"
		return f.refuse(channels.Unauthorized, http.StatusUnauthorized, err.Error(), show)
	}
	if wait, ok := f.posts.Take(caller(r.Remote), now); !ok {
		show.Problem = "too-many"
		return f.throttle(wait, show)
	}
	d := f.delivery(r, solved, tag, now)
	d.Content = p.digest(f.contentKey)
	if d.Evidence = f.machine(p, solved, now); d.Evidence != "" {
		d.Cause = "spam"
		return webhook.Received{Bad: []channels.Delivery{d}, Reply: f.reply(show)}, nil
	}
	if show.Problem = f.problem(p); show.Problem != "" {
		return f.refuse(channels.Permanent, http.StatusUnprocessableEntity, "the form is incomplete: "+show.Problem, show)
	}
	return webhook.Received{Deliveries: []channels.Delivery{d}, Reply: f.reply(show)}, nil
}

// typed is the page that shows again what came in a post, as far as it can be read.
// Values that are no UTF-8 are left out: nobody knows what they say, and the page is UTF-8.
func (f *Form) typed(p post, tag string) shown {
	if lang := p.values["lang"]; lang != "" {
		tag = f.language(lang, "")
	}
	show := shown{Language: tag, Values: map[string]string{}, Again: len(p.files) > 0}
	for name, value := range p.values {
		if utf8.ValidString(value) {
			show.Values[name] = value
		}
	}
	return show
}

// delivery is what is recorded of a post: the body as it came, and what is needed to read it again (its content type, the page's
// language). At is now: a form has no clock of its own that could be believed.
func (f *Form) delivery(r webhook.Request, solved proof, tag string, now time.Time) channels.Delivery {
	d := channels.Delivery{
		Inbox: f.config.Inbox, Channel: "form", Key: "form:" + solved.id, At: now, Raw: r.Body,
		Meta: map[string]string{meta.Content: r.Header.Get("Content-Type"), meta.Language: tag},
	}
	if r.Remote != "" {
		d.Meta[meta.Remote] = r.Remote
	}
	return d
}

// machine says why a post looks like a machine's, or "".
// Both signs are of the form alone, never of the words: spam is judged by nobody here. The posts are parked, so that a person can
// still let one out whose browser filled in the hidden field.
func (f *Form) machine(p post, solved proof, now time.Time) string {
	issued := solved.expires.Add(-f.config.Lifetime)
	switch {
	case p.values[honeypot] != "":
		return "honeypot: a field that no person sees was filled"
	case now.Sub(issued) < f.config.MinimumFill-time.Second: // expiries are whole seconds
		return "minimum fill time: the form was filled faster than a person can"
	}
	return ""
}

// problem names what a visitor has to correct, by the key of its text; "" when all is well.
// A wrong number beside a right mail address is no problem: the mail address is answered, the number is kept as a field.
func (f *Form) problem(p post) string {
	mail, number := strings.TrimSpace(p.values["email"]), strings.TrimSpace(p.values["phone"])
	switch {
	case mail == "" && (number == "" || !f.shows("phone")):
		return "no-address"
	case mail != "" && email(mail) == "":
		return "bad-email"
	case mail == "" && phone(number) == "":
		return "bad-phone"
	case strings.TrimSpace(p.values["text"]) == "" && len(p.files) == 0:
		return "no-text"
	}
	return ""
}

// refuse shows the form again, with what was typed and what to do.
func (f *Form) refuse(class channels.Class, status int, text string, show shown) (webhook.Received, error) {
	answer := f.answer(status, show)
	return webhook.Received{}, &channels.Error{Op: "receiving form", Class: class, Answer: &answer, Err: errors.New(text)}
}

// throttle answers 429 with the wait in Retry-After; what was typed stays in the page, so that waiting loses nothing.
func (f *Form) throttle(wait time.Duration, show shown) (webhook.Received, error) {
	answer := f.answer(http.StatusTooManyRequests, show)
	answer.Header.Set("Retry-After", seconds(wait))
	return webhook.Received{}, &channels.Error{Op: "receiving form", Class: channels.Throttled, After: wait, Answer: &answer,
		Err: errors.New("too many posts from one address")}
}

// reply thanks for what was recorded, now or before. A solved challenge that has brought another message already
// records nothing more: its visitor gets the form again with what he typed, and the page asks for a challenge of its own.
func (f *Form) reply(show shown) func([]channels.Recorded) channels.Answer {
	return func(recorded []channels.Recorded) channels.Answer {
		if slices.ContainsFunc(recorded, func(r channels.Recorded) bool { return r.Other }) {
			show.Problem = "used"
			return f.answer(http.StatusUnprocessableEntity, show)
		}
		return f.answer(http.StatusOK, shown{Language: show.Language, Done: true})
	}
}
