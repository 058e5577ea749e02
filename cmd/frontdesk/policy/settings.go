// Package policy turns configuration into what the line decides with.
package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/phones"
	"frontdesk/configs"
	"frontdesk/configs/rules"
	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/dedupe/copies"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/prioritize"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/redact"
	"frontdesk/pipeline/route"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/tact"
	"frontdesk/pipeline/thread"
	"frontdesk/templates"
	"frontdesk/templates/home"
	"frontdesk/workers/store/auditing"
)

// Keys draw what the line keeps and what customers carry; an installation's ring of keys does.
type Keys interface {
	Digest(parts ...[]byte) string
	Token(parts ...[]byte) string
}

// Settings turns the configuration into what the line decides with. It is the only bridge between the two: configs
// knows files, pipeline knows values. It is called once at a start, by replay, and by audit; nothing in it touches
// disk or network, so it can be called for a configuration that is only looked at. ring gives the keys of digests and
// tokens. The result is read by all workers at once and never changed. An error names the part that cannot be read.
// Refused below finds the same mistakes, each with its place in the file.
// The model that classifies is the one that comes with the program, unless classify.model says none.
func Settings(c configs.Config, ring Keys) (*pipeline.Settings, error) {
	model, err := lineModel(c)
	if err != nil {
		return nil, err
	}
	return SettingsWith(c, ring, model)
}

// SettingsWith is Settings with a model that somebody has loaded; nil: the rules classify alone.
func SettingsWith(c configs.Config, ring Keys, model *learned.Model) (*pipeline.Settings, error) {
	hours, err := calendars(c)
	if err != nil {
		return nil, err
	}
	kinds := Categories(c)
	folder := classify.NewFolder()
	rules, err := Rules(c)
	if err != nil {
		return nil, err
	}
	urgency, err := prioritizer(kinds, folder)
	if err != nil {
		return nil, err
	}
	finder := answer.New(folder.Fold)
	answers, err := Answers(c)
	if err != nil {
		return nil, err
	}
	kindsOf, err := desk(kinds, finder)
	if err != nil {
		return nil, err
	}
	mask, err := masker(c)
	if err != nil {
		return nil, err
	}
	sms, err := smsPolicy(c)
	if err != nil {
		return nil, err
	}
	s := &pipeline.Settings{
		Mask:    mask,
		Version: configVersion(c), Digest: ring.Digest, Copies: copies.New(ring.Digest), MAC: ring.Token,
		Channels: c.Kinds.Line(), Inboxes: lineInboxes(c), Domains: ownDomains(c), Answering: answering(c), Languages: languages(c), BodyLimit: 64 << 10,
		Screen: screening(c), Windows: windows(c), Caps: caps(c), SMS: sms,
		Classifier: classifying(rules, model), Words: rules, Prioritize: urgency, Signs: signs(), Tones: c.Acknowledgements.Tone, Route: routing(c), Promise: promises(c, hours), Groups: groups(c), Finder: finder, Answers: answers, Desk: kindsOf,
		BounceKey: bounceKey(c, ring.Token),
	}
	if err := s.Promise.Validate(); err != nil {
		return nil, fmt.Errorf("reading promises: %w", err)
	}
	if err := s.Route.Validate(); err != nil {
		return nil, fmt.Errorf("reading routing: %w", err)
	}
	return s, nil
}

// bounceKey reads which send of ours a report came back for, out of the address that it came to.
func bounceKey(c configs.Config, token channels.Digest) func(string) (string, bool) {
	return func(address string) (string, bool) {
		for _, k := range c.Kinds {
			if k.Returned != nil {
				if key, ok := k.Returned(address, token); ok {
					return key, true
				}
			}
		}
		return "", false
	}
}

// masker is what masks, with the order numbers that the configuration declares.
func masker(c configs.Config) (*redact.Masker, error) {
	m, err := redact.New(c.Redaction.OrderFormats)
	if err != nil {
		return nil, fmt.Errorf("reading redaction.order_formats: %w", err)
	}
	return m, nil
}

// configVersion names the configuration in each decision. Secrets marshal as a placeholder, so the
// digest tells nothing about them.
// It is sixteen hexadecimal digits. Each change of any setting makes another one, whether or not it changes a
// decision: who reads it only wants to know whether it was the very same file. A new field of configs.Config changes
// it with the upgrade.
func configVersion(c configs.Config) string {
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// lineInboxes are the inboxes as the line knows them: what their channel's section says of itself comes as Facts, so
// that no channel is named here.
func lineInboxes(c configs.Config) map[string]pipeline.Inbox {
	out := map[string]pipeline.Inbox{}
	for _, in := range c.Inboxes {
		facts := in.Facts()
		out[in.Name] = pipeline.Inbox{Name: in.Name, Channel: in.Channel, Address: strings.ToLower(in.Address), Language: in.Language, Queue: in.Queue,
			ReplyToFrom: lower(facts.Writers), Silent: !c.Acknowledgements.Enabled, Mark: facts.Marks, ClaimedSMS: facts.TextsTyped}
	}
	return out
}

func lower(list []string) (out []string) {
	for _, s := range list {
		out = append(out, strings.ToLower(s))
	}
	return out
}

// ownDomains are those of the desk and of its mail addresses, without those of mailbox providers, which are nobody's
// own. They tell who of a mail's addresses is one of us and who is its author (identify.WhoWrote).
func ownDomains(c configs.Config) []string {
	domains := map[string]bool{strings.ToLower(c.Desk.Domain): true}
	for _, in := range c.Inboxes {
		if !c.Kinds.Line()[in.Channel].Mail {
			continue
		}
		for _, a := range append([]string{in.Address}, in.Aliases...) {
			domains[message.Address{Kind: message.Email, Value: a}.Domain()] = true
		}
	}
	delete(domains, "")
	return slices.DeleteFunc(slices.Sorted(maps.Keys(domains)), acknowledge.SharedDomain)
}

// answering names, for each kind of address, the first inbox that can write to it. It is how an acknowledgement to a
// phone number finds the SMS inbox though the message came by the form. With two inboxes of a kind the order in the
// file decides.
func answering(c configs.Config) map[message.AddressKind]string {
	out := map[message.AddressKind]string{}
	for _, in := range c.Inboxes {
		kind := c.Kinds.Line()[in.Channel].Address
		if _, taken := out[kind]; kind != "" && !taken {
			out[kind] = in.Name
		}
	}
	return out
}

// languages puts the desk's default first.
func languages(c configs.Config) []string {
	out := []string{c.Desk.DefaultLanguage}
	for _, l := range c.Desk.Languages {
		if l != c.Desk.DefaultLanguage {
			out = append(out, l)
		}
	}
	return out
}

// windows are how long an answer continues its ticket. What the file leaves out stays at the default; a channel
// without an entry has its own.
func windows(c configs.Config) thread.Windows {
	w := thread.DefaultWindows()
	w.Reopen = time.Duration(c.Screening.ReopenWithin)
	w.Problem = time.Duration(c.Screening.FingerprintWindow)
	w.Conversations = map[string]time.Duration{}
	for channel, d := range c.Screening.ContinueWithin {
		w.Conversations[channel] = time.Duration(d)
	}
	return w
}

// caps bound acknowledgements to one sender, and to strangers together. 0 in the file is 0 here: no cap.
func caps(c configs.Config) acknowledge.Caps {
	out := acknowledge.DefaultCaps()
	out.SenderHour, out.SenderDay = c.Screening.AcksPerSenderHour, c.Screening.AcksPerSenderDay
	out.StrangerHour, out.StrangerDay = c.Screening.AcksToStrangersHour, c.Screening.AcksToStrangersDay
	return out
}

// partsOfAck is how many parts of a text an acknowledgement counts as: the most that it takes as a rule. The budget
// is spent before the text is written, so it counts the dear case.
const partsOfAck = 3

// smsPolicy says to which numbers the desk writes, by the world's numbering plans (package phones). Without
// sms.countries those are served in which the desk has numbers itself. Prices are in millionths of the currency's
// unit, as integers: a sum of a day's floats would drift. Look is called for each message with a phone number; it
// looks into tables and asks nobody.
func smsPolicy(c configs.Config) (acknowledge.SMS, error) {
	served, prices := map[string]bool{}, map[string]int64{}
	for _, code := range c.SMS.Countries {
		if !phones.Country(code) {
			return acknowledge.SMS{}, fmt.Errorf("reading sms.countries: %s has no numbering plan; write ISO 3166 codes such as HK", code)
		}
		served[code] = true
	}
	if len(served) == 0 {
		for _, in := range c.Inboxes {
			if n := phones.Look(in.Address); c.Kinds.Line()[in.Channel].Address == message.Phone && n.Region != "" {
				served[n.Region] = true
			}
		}
	}
	for code, price := range c.SMS.Prices {
		prices[code] = millionths(price * partsOfAck)
	}
	usual := millionths(c.SMS.Price * partsOfAck)
	return acknowledge.SMS{
		Abroad: c.SMS.AnswerAbroad, ClaimedPrefix: c.SMS.ClaimedPerRange, ShownPrefix: c.SMS.PerRange, Budget: millionths(c.SMS.DailyBudget),
		Look: func(number string) acknowledge.Phone {
			n := phones.Look(number)
			return acknowledge.Phone{Never: n.Kind == phones.Never, Mobile: n.Kind == phones.Mobile, Served: served[n.Region], Prefix: n.Prefix, Price: cmp.Or(prices[n.Region], usual)}
		},
	}, nil
}

func millionths(amount float64) int64 { return int64(math.Round(amount * 1e6)) }

// --- calendars and promises

// promises are the rules in their order: for each kind the first that fits makes the promise. A rule of the file that
// names three targets is three rules here.
func promises(c configs.Config, hours map[string]*promise.Hours) promise.Policy {
	out := promise.Policy{Calendars: hours}
	for _, r := range c.Promises {
		for _, t := range []struct {
			kind   promise.Kind
			target *rules.Target
		}{{promise.Acknowledgement, r.Acknowledgement}, {promise.FirstReply, r.FirstReply}, {promise.NextReply, r.NextReply}, {promise.Resolution, r.Resolution}} {
			if t.target == nil {
				continue
			}
			out.Rules = append(out.Rules, promise.Rule{Kind: t.kind, Rule: matching(r.Match), Within: time.Duration(t.target.Within), Clock: promise.Clock(t.target.Clock),
				Calendar: t.target.Calendar, Warn: r.WarnAt})
		}
	}
	kinds := map[string]promise.Kind{"first_reply": promise.FirstReply, "next_reply": promise.NextReply, "resolution": promise.Resolution}
	for _, e := range c.Escalations {
		one := promise.Escalation{Rule: matching(e.Match), At: e.At, Before: e.Before.Std(), Priority: e.Priority, Queue: e.Queue, Leads: e.TellLeads}
		for _, of := range e.Of {
			one.Kinds = append(one.Kinds, kinds[of])
		}
		out.Escalations = append(out.Escalations, one)
	}
	return out
}

// matching is a rule's condition. An empty list fits everything. Routing and promises share it, so that they cannot
// differ in what a language is.
func matching(m rules.Match) match.Rule {
	return match.Rule{Channels: m.Channel, Inboxes: m.Inbox, Queues: m.Queue, Categories: m.Category, Priorities: m.Priority, Groups: m.Group, Languages: m.Language}
}

// --- routing

// routing is the rules in their order; where none fits, the category's queue, then the default.
func routing(c configs.Config) route.Policy {
	out := route.Policy{Default: c.DefaultQueue}
	for _, r := range c.Routing {
		out.Rules = append(out.Rules, route.Rule{Rule: matching(r.Match), To: r.Queue})
	}
	return out
}

// --- what the messages are about

// AnswersNotes names the built-in ready answers that nobody has reviewed, and the reviewed ones that are not there.
// It is check's to show: a desk must not send what another company would have answered.
func AnswersNotes(c configs.Config) (notes configs.Problems) {
	const path = "acknowledgements.reviewed_answers"
	var unread, known []string
	for _, k := range home.Categories() {
		known = append(known, k.Key)
		own := slices.ContainsFunc(c.Categories, func(o rules.Category) bool { return o.Key == k.Key })
		if len(k.FAQ) > 0 && !own && !slices.Contains(c.Acknowledgements.ReviewedAnswers, k.Key) {
			unread = append(unread, k.Key)
		}
	}
	for _, key := range c.Acknowledgements.ReviewedAnswers {
		if !slices.Contains(known, key) {
			notes = append(notes, configs.Problem{Path: path, Text: fmt.Sprintf("acknowledgements.reviewed_answers: there are no built-in answers of a category %q; the categories are %s", key, strings.Join(known, ", "))})
		}
	}
	if len(unread) > 0 {
		notes = append(notes, configs.Problem{Path: path, Text: "the built-in ready answers of these categories were never reviewed, and no customer gets them: " + strings.Join(unread, ", ") +
			"; read them with frontdesk templates, then name the category in acknowledgements.reviewed_answers"})
	}
	return notes
}

// Categories are the built-in ones, with those of the configuration in their place or beside them, in that order. A
// queue that the desk does not have becomes the default queue. Ready answers are there for reviewed categories alone.
func Categories(c configs.Config) []home.Category {
	out := home.Categories()
	for i, k := range out {
		if !slices.Contains(c.Acknowledgements.ReviewedAnswers, k.Key) {
			out[i].FAQ = nil // what one company does is no answer of another's
		}
		if !slices.ContainsFunc(c.Queues, func(q rules.Queue) bool { return q.Name == k.Queue }) {
			out[i].Queue = c.DefaultQueue
		}
	}
	for _, k := range c.Categories {
		i := slices.IndexFunc(out, func(h home.Category) bool { return h.Key == k.Key })
		usual := string(prioritize.Normal)
		if i >= 0 { // one that takes a built-in one's place is as pressing, unless it says otherwise
			usual = out[i].Priority
		}
		own := home.Category{Key: k.Key, Queue: cmp.Or(k.Queue, c.DefaultQueue), Priority: cmp.Or(k.Priority, usual), Names: k.Names}
		for _, f := range k.Facts {
			own.Facts = append(own.Facts, home.Fact{Key: f.Key, Ask: f.Ask})
		}
		for _, f := range k.FAQ {
			own.FAQ = append(own.FAQ, home.FAQ{Key: keyOf(k.Key, f.Question), Question: f.Question, Answer: f.Answer, Terms: f.Terms, Variants: f.Variants})
		}
		if i >= 0 {
			out[i] = own
			continue
		}
		out = append(out, own)
	}
	return out
}

// ownTermWeight is what a term of the configuration counts: one of them is enough for its category. Who writes a term
// into his own file means it; built-in terms weigh less, since they have to fit everybody.
const ownTermWeight = 3

// Rules adds the configuration's terms to the built-in rules. A category that replaces a built-in one keeps the
// built-in terms as well: what is replaced is what is done about it, not how it is recognised.
func Rules(c configs.Config) (*classify.Classifier, error) {
	rules, err := classify.DefaultRules()
	if err != nil {
		return nil, fmt.Errorf("reading the built-in classification rules: %w", err)
	}
	for _, k := range c.Categories {
		own := classify.Category{Key: k.Key}
		for _, lang := range slices.Sorted(maps.Keys(k.Terms)) { // in one order, so that it is always the same mistake that is told
			for _, term := range k.Terms[lang] {
				own.Terms = append(own.Terms, classify.Term{Groups: [][]string{{term}}, Weight: ownTermWeight, Language: lang})
			}
		}
		if i := slices.IndexFunc(rules.Categories, func(b classify.Category) bool { return b.Key == k.Key }); i >= 0 {
			rules.Categories[i].Terms = append(rules.Categories[i].Terms, own.Terms...)
			continue
		}
		rules.Categories = append(rules.Categories, own)
	}
	model, err := classify.New(rules)
	if err != nil {
		return nil, fmt.Errorf("reading classification rules: %w", err)
	}
	return model, nil
}

// signs are read by one reader, which is made once: its words are the program's own.
var signs = sync.OnceValue(tact.New)

// prioritizer knows a category's usual priority; words in the text raise it. folder must be the same one as the
// classifier's, so that words are compared in one form.
func prioritizer(categories []home.Category, folder *classify.Folder) (*prioritize.Prioritizer, error) {
	policy := prioritize.Default()
	policy.Categories = map[string]prioritize.Level{}
	for _, k := range categories {
		policy.Categories[k.Key] = prioritize.Level(k.Priority)
	}
	p, err := prioritize.New(policy, folder.Fold)
	if err != nil {
		return nil, fmt.Errorf("reading priorities: %w", err)
	}
	return p, nil
}

// desk is what is done about each category, by its key: queue and missing facts by language. A
// category with a mistake in its facts is an error, with its key.
func desk(categories []home.Category, finder *answer.Finder) (map[string]pipeline.Category, error) {
	out := map[string]pipeline.Category{}
	for _, k := range categories {
		facts := map[string][]answer.Fact{}
		for _, f := range k.Facts {
			for lang, ask := range f.Ask {
				facts[lang] = append(facts[lang], answer.Fact{Key: f.Key, Ask: ask})
			}
		}
		d := pipeline.Category{Queue: k.Queue, Facts: map[string]*answer.Checklist{}}
		for _, lang := range slices.Sorted(maps.Keys(facts)) { // in one order, so that it is always the same mistake that is told
			checklist, err := finder.Checklist(facts[lang])
			if err != nil {
				return nil, fmt.Errorf("reading category %s: %w", k.Key, err)
			}
			d.Facts[lang] = checklist
		}
		out[k.Key] = d
	}
	return out, nil
}

// screening is what marks a message as a machine's or as our own: blocked senders, our addresses and role addresses,
// all in lower case.
func screening(c configs.Config) screen.Settings {
	s := screen.Settings{Blocked: c.Screening.Blocked, SpamThreshold: c.Screening.SpamThreshold, FloodPerHour: c.Screening.FloodPerHour, LoopID: c.Desk.Domain}
	for _, in := range c.Inboxes {
		for _, a := range append([]string{in.Address}, in.Aliases...) {
			if a != "" {
				s.Own = append(s.Own, strings.ToLower(a))
			}
		}
	}
	s.Roles = slices.Sorted(maps.Keys(RoleAddresses(c)))
	return s
}

// RoleAddresses are the addresses that each domain with mail has (RFC 5321 §4.5.1, RFC 2142 §4), with the first
// inbox of that domain at our SMTP door; those of the desk's own domain belong to the first of all.
// With a domain that has no inbox for mail at our door there are none. An inbox that has such an address itself keeps
// it (wiring.All).
func RoleAddresses(c configs.Config) map[string]string {
	out := map[string]string{}
	add := func(domain, inbox string) {
		for _, role := range []string{"postmaster@", "abuse@"} {
			if address := role + strings.ToLower(domain); out[address] == "" {
				out[address] = inbox
			}
		}
	}
	first := ""
	for _, in := range c.Inboxes {
		if !in.Facts().Handed {
			continue
		}
		first = cmp.Or(first, in.Name)
		for _, address := range append([]string{in.Address}, in.Aliases...) {
			if at := strings.LastIndexByte(address, '@'); at >= 0 {
				add(address[at+1:], in.Name)
			}
		}
	}
	if first != "" {
		add(cmp.Or(c.Desk.Domain, "localhost"), first)
	}
	return out
}

// PromisedBy tells which promises the configuration makes for a ticket, if it was decided with it. The audit compares
// them with the rows that are there. known is false for a ticket that another configuration has decided: nothing can
// be said about it. The moment does not matter, since only the kinds are compared.
func PromisedBy(s *pipeline.Settings) func(auditing.Opened) ([]string, bool) {
	return func(o auditing.Opened) (kinds []string, known bool) {
		if o.Config == "" || o.Config != s.Version {
			return nil, false
		}
		now := time.Now()
		for _, p := range promise.Make(s.Promise, promise.Facts{Case: match.Case{Channel: o.Channel, Queue: o.Queue, Category: o.Category, Priority: o.Priority,
			Inbox: o.Inbox, Language: o.Language}}, now, now) {
			kinds = append(kinds, string(p.Kind))
		}
		return kinds, true
	}
}

// Texts are the built-in texts and, over them, those of the folder that the configuration names. Every text is
// parsed, so that a mistake in one stops the start and not an acknowledgement.
func Texts(c configs.Config) (*templates.Set, error) {
	dir := c.Acknowledgements.TemplatesDir
	if dir == "" {
		return templates.New(nil)
	}
	set, err := templates.New(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("acknowledgements.templates_dir %s: %w", dir, err)
	}
	return set, nil
}

// Refused is what the line decides with, built and thrown away: add gets the place in the file with each error, and
// nil where a part is in order. check and serve call it. It goes on after an error, so that one run names all
// mistakes.
func Refused(c configs.Config, add func(string, error)) {
	for _, name := range slices.Sorted(maps.Keys(c.Calendars)) {
		_, err := calendar(name, c.Calendars[name], c.Desk.Timezone)
		add("calendars."+name, err)
	}
	if hours, err := calendars(c); err == nil {
		add("promises", promises(c, hours).Validate())
	}
	add("routing", routing(c).Validate())
	kinds := Categories(c)
	folder := classify.NewFolder()
	_, err := Rules(c)
	add("categories", err)
	_, err = prioritizer(kinds, folder)
	add("categories", err)
	_, err = desk(kinds, answer.New(folder.Fold))
	add("categories", err)
	_, err = masker(c)
	add("redaction.order_formats", err)
	_, err = smsPolicy(c)
	add("sms.countries", err)
	signatures(c, add)
	_, err = Outgoing(c)
	add("outgoing", err)
}

// MayGo reports whether anything may ever go to an address: to every one but the numbers to which nothing goes
// (premium, shared-cost, satellite). Who releases withheld acknowledgements by hand is bound by it, too.
func MayGo(c configs.Config) (func(message.Address) bool, error) {
	policy, err := smsPolicy(c)
	if err != nil {
		return nil, err
	}
	return func(a message.Address) bool { return a.Kind != message.Phone || !policy.Look(a.Value).Never }, nil
}
