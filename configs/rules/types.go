package rules

import (
	"cmp"
	"net/url"
	"time"

	"frontdesk/configs/values"
)

// Calendar is when people work. A special day wins over a make-up workday, that over a holiday, that over the public days, and those
// over the week.
type Calendar struct {
	// Time zone (IANA name). Empty: the desk's.
	Timezone string `yaml:"timezone"`
	// Opening hours of each weekday; a day left out is closed.
	Week Week `yaml:"week"`
	// Public holidays and make-up workdays that come with the program: cn-mainland. Days of your own below win over them.
	PublicHolidays values.OneOrMore `yaml:"public_holidays" enum:"cn-mainland"`
	// File of further public holidays and make-up workdays, which "frontdesk calendar import" writes; its years win over those of public_holidays.
	DaysFile string `yaml:"days_file" check:"path"`
	// Closed days.
	Holidays []Holiday `yaml:"holidays"`
	// Make-up workdays: weekend days that are worked.
	Workdays []Workday `yaml:"workdays"`
	// Days with hours of their own: a sale, a festival, a half day.
	Special []SpecialDay `yaml:"special"`
}

// Week holds the spans of each weekday, such as "09:00-12:00".
type Week struct {
	// Spans of Monday.
	Mon []values.Span `yaml:"mon"`
	// Spans of Tuesday.
	Tue []values.Span `yaml:"tue"`
	// Spans of Wednesday.
	Wed []values.Span `yaml:"wed"`
	// Spans of Thursday.
	Thu []values.Span `yaml:"thu"`
	// Spans of Friday.
	Fri []values.Span `yaml:"fri"`
	// Spans of Saturday.
	Sat []values.Span `yaml:"sat"`
	// Spans of Sunday.
	Sun []values.Span `yaml:"sun"`
}

// Days returns the spans from Sunday to Saturday, indexed by time.Weekday.
func (w Week) Days() [7][]values.Span {
	return [7][]values.Span{w.Sun, w.Mon, w.Tue, w.Wed, w.Thu, w.Fri, w.Sat}
}

// Holiday is one closed day or range of days. In the file it may be the date alone.
type Holiday struct {
	// A day (2026-10-01) or a range (2026-10-01..2026-10-07).
	Date values.DateRange `yaml:"date" check:"required"`
	// Name of the holiday, for people.
	Name string `yaml:"name"`
}

// Shorthand is the key that the entry may be written as.
func (Holiday) Shorthand() string { return "date" }

// Workday is one make-up workday. In the file it may be the date alone; without like and hours it
// is worked like a Monday.
type Workday struct {
	// A day (2026-10-10) or a range of days.
	Date values.DateRange `yaml:"date" check:"required"`
	// Weekday whose hours it has.
	Like string `yaml:"like" enum:"mon,tue,wed,thu,fri,sat,sun"`
	// Hours of its own, instead of like.
	Hours []values.Span `yaml:"hours"`
	// Name, for people.
	Name string `yaml:"name"`
}

// Shorthand is the key that the entry may be written as.
func (Workday) Shorthand() string { return "date" }

// SpecialDay is a day with hours of its own.
type SpecialDay struct {
	// A day or a range of days.
	Date values.DateRange `yaml:"date" check:"required"`
	// Its hours; an empty list closes the day.
	Hours []values.Span `yaml:"hours"`
	// Name, for people.
	Name string `yaml:"name"`
}

// Match says which messages a rule is for: every key that is given must match, and a key with
// several values matches any of them. An empty match fits everything.
type Match struct {
	// Channels.
	Channel values.OneOrMore `yaml:"channel" enum:"@channels"`
	// Inbox names.
	Inbox values.OneOrMore `yaml:"inbox"`
	// Queues (not in routing, which chooses the queue).
	Queue values.OneOrMore `yaml:"queue"`
	// Category keys.
	Category values.OneOrMore `yaml:"category"`
	// Priorities.
	Priority values.OneOrMore `yaml:"priority" enum:"urgent,high,normal,low"`
	// Languages (BCP 47).
	Language values.OneOrMore `yaml:"language"`
	// Groups of contacts, to which the sender has proven to belong.
	Group values.OneOrMore `yaml:"group"`
}

// ContactGroup is customers to whom something else is promised.
type ContactGroup struct {
	// Name that rules refer to.
	Name string `yaml:"name" check:"required"`
	// Who belongs to it: addresses, @domains, telephone numbers.
	Members []string `yaml:"members"`
}

// Promise is one rule of what is promised to whom.
type Promise struct {
	// Whom it is for.
	Match Match `yaml:"match"`
	// Our automatic "received".
	Acknowledgement *Target `yaml:"acknowledgement"`
	// The first words of a person.
	FirstReply *Target `yaml:"first_reply"`
	// Our answer to what the customer writes after an answer, each time.
	NextReply *Target `yaml:"next_reply"`
	// The end of the matter.
	Resolution *Target `yaml:"resolution"`
	// Fractions of the time at which to warn, e.g. [0.5, 0.8].
	WarnAt []float64 `yaml:"warn_at"`
}

// Escalation is what is done about a promise that is still owed.
type Escalation struct {
	// Whose tickets; the queue is that in which the ticket is by then.
	Match Match `yaml:"match"`
	// Which promises. Empty: all of them.
	Of values.OneOrMore `yaml:"of" enum:"first_reply,next_reply,resolution"`
	// When: the share of the time that is used, e.g. 0.75; 1 is the deadline, more is behind it.
	At float64 `yaml:"at"`
	// In place of at: so long before the deadline, in the promise's own hours, e.g. 30m.
	Before values.Duration `yaml:"before"`
	// Raises the ticket to this priority.
	Priority string `yaml:"priority" enum:"urgent,high,normal"`
	// Moves the ticket to this queue.
	Queue string `yaml:"queue"`
	// Tells those who direct in its queue, as a mention does.
	TellLeads bool `yaml:"tell_leads"`
}

// Target is one promised time.
type Target struct {
	// The time promised, e.g. 24h.
	Within values.Duration `yaml:"within" check:"required"`
	// Calendar whose open hours are counted.
	Calendar string `yaml:"calendar"`
	// wall counts every hour, business only the calendar's. Empty: business with a calendar, else wall.
	Clock string `yaml:"clock" enum:"wall,business"`
}

// Queue is one line of waiting tickets.
type Queue struct {
	// Name that rules refer to.
	Name string `yaml:"name" check:"required"`
	// Title for people, per language.
	Title map[string]string `yaml:"title"`
	// How its tickets come to agents: to who asks for the next one (pull), or to who can begin one, unasked (push). Members of the queue alone are given work unasked.
	HandOut string `yaml:"hand_out" enum:"pull,push"`
	// How many tickets may wait in the hands of who is given another one (push).
	Ahead int `yaml:"ahead"`
	// Agents take the next ticket and choose none. Who directs the queue may.
	InOrder bool `yaml:"in_order"`
	// How much of this queue an agent may have in hand, in weights. 0: as much as agents.limit.
	Limit int `yaml:"limit"`
	// Where tickets go that have waited here too long and that nobody has.
	Overflow *Overflow `yaml:"overflow"`
}

// Overflow is where tickets go that nobody has taken for too long.
type Overflow struct {
	// The queue.
	To string `yaml:"to" check:"required"`
	// How long they wait before, in working hours (agents.calendar).
	After values.Duration `yaml:"after" check:"required"`
}

// Agents says how much those who answer have in hand at a time, and who gets what.
type Agents struct {
	// How much an agent may have in hand that is our turn, in weights. frontdesk user limit says another one for one of them.
	Limit int `yaml:"limit"`
	// What a ticket of a channel weighs; 1 where nothing is said.
	Weights map[string]int `yaml:"weights"`
	// How much of a channel an agent may have in hand, in weights.
	Limits map[string]int `yaml:"limits"`
	// How long those are waited for who know a ticket's category, before others get it. It counts in working hours.
	RelaxAfter values.Duration `yaml:"relax_after"`
	// The calendar in whose hours tickets wait. Empty: that of the first promise in business time; if there is none, the clock on the wall.
	Calendar string `yaml:"calendar"`
}

// CalendarOf is the name of the calendar in whose hours tickets wait; "" is the clock on the wall.
func (a Agents) CalendarOf(promised []Promise) string {
	for _, p := range promised {
		for _, t := range []*Target{p.FirstReply, p.Resolution} {
			if t != nil {
				a.Calendar = cmp.Or(a.Calendar, t.Calendar)
			}
		}
	}
	return a.Calendar
}

// Category is one kind of request.
type Category struct {
	// Key that rules refer to.
	Key string `yaml:"key" check:"required"`
	// Queue of its tickets.
	Queue string `yaml:"queue"`
	// Priority of its tickets. Empty: that of the built-in category of this key, else normal.
	Priority string `yaml:"priority" enum:"urgent,high,normal,low"`
	// Name for people, per language.
	Names map[string]string `yaml:"names"`
	// Facts that an agent needs and the acknowledgement asks for when they are missing.
	Facts []Fact `yaml:"facts"`
	// Questions with ready answers, matched by terms.
	FAQ []FAQ `yaml:"faq"`
	// Words and phrases that speak for the category, per language.
	Terms map[string][]string `yaml:"terms"`
}

// Fact is one thing to ask for.
type Fact struct {
	// Key: order-number, time, amount, screenshot, or one of your own.
	Key string `yaml:"key" check:"required"`
	// The words that ask for it, per language. Never ask for a password or a card number.
	Ask map[string]string `yaml:"ask" check:"required"`
}

// FAQ is one question with a ready answer.
type FAQ struct {
	// The question, per language.
	Question map[string]string `yaml:"question" check:"required"`
	// The answer, per language.
	Answer map[string]string `yaml:"answer" check:"required"`
	// Words and phrases that call for it, in any language; they count where there are no variants.
	Terms []string `yaml:"terms"`
	// Other ways to ask it, per language (zh serves both scripts): at most 64, of at most 200 characters. Nobody is shown one.
	Variants map[string][]string `yaml:"variants"`
}

// Route is one routing rule.
type Route struct {
	// Which messages it is for.
	Match Match `yaml:"match"`
	// Their queue.
	Queue string `yaml:"queue" check:"required"`
}

// Screening holds the guards and windows.
type Screening struct {
	// Senders that are parked: addresses, @domains, telephone numbers.
	Blocked []string `yaml:"blocked"`
	// Score of a spam daemon from which a message is parked.
	SpamThreshold float64 `yaml:"spam_threshold"`
	// Messages of one sender an hour from which the rest is parked.
	FloodPerHour int `yaml:"flood_per_hour"`
	// Acknowledgements to one address an hour.
	AcksPerSenderHour int `yaml:"max_acks_per_sender_hour"`
	// Acknowledgements to one address a day.
	AcksPerSenderDay int `yaml:"max_acks_per_sender_day"`
	// Acknowledgements of the whole desk a minute; the rest waits.
	AcksPerMinute int `yaml:"acks_per_minute"`
	// How long a mail waits whose sender could not be checked, because name servers of his own domain failed, while
	// they are asked again; at most 15m. 0 decides it at once. He counts as not proven when nothing comes of it.
	AskSendersAgain values.Duration `yaml:"ask_senders_again"`
	// Acknowledgements and digests of the whole desk an hour to addresses that nobody has proven: mail without a verdict, forms, the API. The rest is withheld as stranger-cap and waits for you. 0: no bound.
	AcksToStrangersHour int `yaml:"max_acks_to_strangers_hour"`
	// And a day. 0: no bound.
	AcksToStrangersDay int `yaml:"max_acks_to_strangers_day"`
	// How long what a customer says again continues his open ticket: nearly the same words, or the same number in the same category. A month at most; 0: never.
	FingerprintWindow values.Duration `yaml:"fingerprint_window"`
	// How long after closing an answer reopens the ticket; later it opens a new one.
	ReopenWithin values.Duration `yaml:"reopen_within"`
	// On channels without threads: how long after the last message another one continues the same ticket.
	ContinueWithin map[string]values.Duration `yaml:"continue_within"`
}

// NoModel as classify.model leaves classification to the rules.
const NoModel = "none"

// Classify says how it is told what a message is about.
type Classify struct {
	// The learned model that is asked beside the rules: default (the one that comes with the program) or none. Where it is not sure, the ticket goes to the inbox's queue or to default_queue. Default: default.
	Model string `yaml:"model" enum:"default,none"`
	// Somebody outside who is asked about messages of which the model is not sure: their masked text leaves the house. Default: nobody.
	SecondOpinion *SecondOpinion `yaml:"second_opinion"`
}

// SecondOpinion is an OpenAI-compatible endpoint that is asked which category a message has.
type SecondOpinion struct {
	// Its whole address, such as https://host/v1/chat/completions; https unless it stays on this machine. No redirect is followed.
	URL string `yaml:"url" check:"required"`
	// Name of the model that is asked.
	Model string `yaml:"model" check:"required"`
	// Key that it wants as a bearer token. Default: none.
	Key values.Secret `yaml:"key"`
	// How long a message waits for the answer, up to 30s. Default: 3s.
	Timeout values.Duration `yaml:"timeout"`
	// How many questions one process asks in an hour. Default: 200.
	PerHour int `yaml:"per_hour"`
	// And in a day (UTC). Default: 1000.
	PerDay int `yaml:"per_day"`
	// Only messages in these languages are asked about, such as [en, zh]. Default: all.
	Languages []string `yaml:"languages"`
	// Its address may lie in a private network. Without, only the public Internet is called, and this machine where the url names it.
	Private bool `yaml:"private"`
}

// Fill puts in what was not said.
func (s *SecondOpinion) Fill() {
	s.Timeout = cmp.Or(s.Timeout, values.Duration(3*time.Second))
	s.PerHour, s.PerDay = cmp.Or(s.PerHour, 200), cmp.Or(s.PerDay, 1000)
}

// Local reports whether its address names this machine itself.
func (s SecondOpinion) Local() bool {
	u, err := url.Parse(s.URL)
	return err == nil && values.IsLoopback(u.Hostname())
}

// Redaction says which numbers are no card numbers.
type Redaction struct {
	// Forms of your order, transaction and waybill numbers, as expressions (RE2) for the whole number: a number that fits one stays readable, even where it would also pass for a card. Without * and +, 8 to 64 characters long; what fits the cards of several networks is refused. Those of WeChat Pay, Alipay and all that begin with their day are known.
	OrderFormats []string `yaml:"order_formats"`
}

// SMS says which numbers get a text and what that may cost. Premium, shared-cost, toll-free, personal and
// satellite numbers never do.
type SMS struct {
	// Countries (ISO 3166, such as HK) whose mobile numbers get texts. Empty: those of the inboxes' own numbers.
	Countries []string `yaml:"countries"`
	// Answer those who wrote by SMS themselves from other countries too.
	AnswerAbroad bool `yaml:"answer_abroad"`
	// Texts a day to numbers of one range (country code and three digits) that somebody only typed. 0: no bound.
	ClaimedPerRange int `yaml:"max_claimed_per_range_day"`
	// Texts a day to numbers of one range from which somebody has written. 0: no bound.
	PerRange int `yaml:"max_per_range_day"`
	// Price of one part of a text, in the currency of your account.
	Price float64 `yaml:"price"`
	// Price by country, where it is another one.
	Prices map[string]float64 `yaml:"prices"`
	// What texts to numbers that somebody only typed may cost a day; each counts as three parts. 0: no bound.
	DailyBudget float64 `yaml:"daily_budget"`
}

// Acknowledgements says how our automatic "received" is made and sent.
type Acknowledgements struct {
	// Whether any are sent at all; false withholds them visibly.
	Enabled bool `yaml:"enabled"`
	// Channels to try, in this order, when the customer's own cannot be used.
	Fallback []string `yaml:"fallback" enum:"@answering"`
	// Folder of texts that replace the built-in ones of the same name.
	TemplatesDir string `yaml:"templates_dir" check:"path,exists"`
	// Sign the reply address (support+T123.…@), so that answers find their ticket. Your mail server must take plus addresses.
	SignReplyAddress bool `yaml:"sign_reply_address"`
	// Whether an acknowledgement has a paragraph of its own for who writes of danger to life, is in need, threatens with the law, had to wait or had to ask again.
	Tone bool `yaml:"tone"`
	// Categories whose built-in ready answers you have read and found true of your desk; those of others are given to nobody.
	ReviewedAnswers []string `yaml:"reviewed_answers"`
	// Channels that get the short text.
	ShortChannels []string `yaml:"short_channels" enum:"@answering"`
}
