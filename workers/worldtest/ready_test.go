package worldtest

import (
	"context"
	"database/sql/driver"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/email/relay"
	"frontdesk/channels/kinds"
	"frontdesk/channels/web"
	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/prioritize"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/route"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/thread"
	"frontdesk/templates"
	"frontdesk/workers/deliver"
	"frontdesk/workers/store"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/keyring"
)

type driverConnector = driver.Connector

// The desk's addresses.
const (
	support = "support@desk.example"
	billing = "billing@desk.example"
	hotline = "+85230000000"
)

var mailboxes = map[string]string{support: "support", billing: "billing"}

// ready is what costs time to make and is the same for every world.
type ready struct {
	file       *file
	texts      *templates.Set
	classifier classify.Model
	urgency    *prioritize.Prioritizer
	finder     *answer.Finder
	promises   promise.Policy
	form       *web.Form // every process has the same secret
}

func newReady(t testing.TB) *ready {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r := &ready{}
	var err error
	r.texts, err = templates.New(nil)
	must(err)
	rules, err := classify.DefaultRules()
	must(err)
	r.classifier, err = classify.New(rules)
	must(err)
	folder := classify.NewFolder()
	r.urgency, err = prioritize.New(prioritize.Default(), folder.Fold)
	must(err)
	r.finder = answer.New(folder.Fold)
	r.promises, err = promises()
	must(err)
	r.form, err = web.NewForm(web.FormConfig{Inbox: "form", Desk: "Acme Pay", Fields: []string{"phone", "order"}, Secret: []byte("a test secret of the form"), Difficulty: 4, PerHour: 1 << 30})
	must(err)
	r.file, err = newFile(memory())
	must(err)
	t.Cleanup(func() { must(r.file.close()) })
	return r
}

// empty is a migrated database without a row.
func empty(dir string) error {
	ring, err := keyring.Open([]keyring.Master{{Name: "test", Key: make([]byte, keyring.KeySize)}})
	if err != nil {
		return err
	}
	s, err := store.Open(context.Background(), store.Options{Channels: kinds.All().Traits(), Dir: dir, Migrate: true, Keyring: ring, Blobs: blobs.NewMemory()}, time.Now())
	if err != nil {
		return err
	}
	return s.Close(context.Background())
}

// promises are an acknowledgement within a day, a first reply within eight office hours, and four for each next one.
func promises() (promise.Policy, error) {
	zone := time.FixedZone("HKT", 8*3600)
	office := promise.Calendar{Name: "office", Zone: zone}
	for day := time.Monday; day <= time.Friday; day++ {
		office.Week[day] = []promise.Span{{From: 9 * time.Hour, To: 18 * time.Hour}}
	}
	hours, err := office.Compile()
	if err != nil {
		return promise.Policy{}, err
	}
	p := promise.Policy{Calendars: map[string]*promise.Hours{"office": hours}, Default: "office", Warn: []float64{0.5, 0.8}, Rules: []promise.Rule{
		{Kind: promise.Acknowledgement, Within: ackWithin}, {Kind: promise.FirstReply, Within: 8 * time.Hour, Clock: promise.Business},
		{Kind: promise.NextReply, Within: 4 * time.Hour, Clock: promise.Business},
		{Kind: promise.Resolution, Within: 24 * time.Hour, Clock: promise.Wall}}}
	return p, p.Validate()
}

const ackWithin = 24 * time.Hour

// policy is what a world's operators have decided about strangers.
type policy struct {
	hour, day int  // acknowledgements of the whole desk to strangers
	claimed   bool // numbers that somebody typed get texts
}

// Caps over texts to numbers that somebody typed, a day.
const (
	claimedPrefix = 4 // to numbers that begin alike
	textPrice     = 50_000
	textBudget    = 3 * textPrice
)

// caps are the usual ones, with caps over all strangers that a world comes to.
func (p policy) caps() acknowledge.Caps {
	c := acknowledge.DefaultCaps()
	c.StrangerHour, c.StrangerDay = p.hour, p.day
	return c
}

// look reads a number: the desk serves mobiles of one country.
func look(number string) acknowledge.Phone {
	return acknowledge.Phone{Mobile: true, Served: strings.HasPrefix(number, "+86"), Prefix: number[:min(len(number), 8)], Price: textPrice}
}

func (r *ready) settings(ring *keyring.Ring, p policy) *pipeline.Settings {
	return &pipeline.Settings{Version: "world", Channels: kinds.All().Line(), Digest: ring.Digest, MAC: ring.Token, BodyLimit: 64 << 10,
		Inboxes: map[string]pipeline.Inbox{
			"support": {Name: "support", Channel: "email", Address: support}, "billing": {Name: "billing", Channel: "email", Address: billing, Queue: "billing"},
			"hotline": {Name: "hotline", Channel: "sms", Address: hotline}, "bot": {Name: "bot", Channel: "telegram", Address: "desk_bot"}, "app": {Name: "app", Channel: "api", ClaimedSMS: p.claimed}, "form": {Name: "form", Channel: "form", ClaimedSMS: p.claimed}},
		Answering: map[message.AddressKind]string{message.Email: "support", message.Phone: "hotline", "telegram": "bot"},
		Languages: []string{"en", "zh-Hans", "zh-Hant"}, Screen: screen.Settings{Own: []string{support, billing}, LoopID: "desk.example", FloodPerHour: 60},
		Windows: thread.DefaultWindows(), Caps: p.caps(), SMS: acknowledge.SMS{Look: look, ClaimedPrefix: claimedPrefix, Budget: textBudget}, Classifier: r.classifier, Prioritize: r.urgency,
		Route: route.Policy{Default: "general"}, Promise: r.promises, Finder: r.finder, Desk: map[string]pipeline.Category{},
		BounceKey: func(a string) (string, bool) { return relay.ParseVERP(a, ring.Token) }}
}

func (r *ready) writer(s *pipeline.Settings) *deliver.Writer {
	return &deliver.Writer{Channels: kinds.All().Traits(), Texts: r.texts, DeskName: "Acme Pay", Domain: "desk.example", Language: "en", Zone: time.UTC, Calendars: s.Promise.Calendars,
		Short: []string{"sms", "telegram"}, SignReply: true, Inboxes: s.Inboxes, Answering: s.Answering,
		Fallback: []message.AddressKind{message.Email, message.Phone, "telegram"}, MAC: s.MAC, Phone: look}
}
