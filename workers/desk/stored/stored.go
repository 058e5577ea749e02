// Package stored joins the agents' pages to the store: it makes what pages show of what the store knows, and acts of what pages ask for.
// Rights are the store's: each of its statements leaves out what the viewer may not see.
package stored

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/pipeline/domain"
	presence "frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/route/assign"
	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/merging"
	"frontdesk/workers/store/splitting"
	"frontdesk/workers/store/tagging"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/views"
	"frontdesk/workers/vouching"
)

// Config is what the pages are joined to.
type Config struct {
	Store     *store.Store
	House     answering.House
	Calendars map[string]*promise.Hours // by name
	// Channels are their traits by name, as far as an answer's box shows them.
	Channels map[string]Channel
	Rules    func() assign.Rules // how work is handed out; nil: to who asks for it
	// Ready are questions and answers of the desk that fit a text, best first; nil: there are none.
	Ready func(category, language, text string) [][2]string
	// Stake are the signs that a customer's message tells beside its matter, by their keys, with the words. Nil: nobody listens.
	Stake func(subject, text, language string) []desk.Reason
	// Guess is what a message may be about, best first, where that cannot be told for sure; says reports whether it says anything at all. Nil: nobody guesses.
	Guess func(subject, text, language string) (may []acts.Guess, says bool)
	// QueueOf is the queue in which a category is worked on. Nil: each is where its ticket lies.
	QueueOf func(category string) string
	// Queues and Categories are those to which a ticket may belong, by their keys.
	Queues, Categories []string
	Counting           splitting.Counting // how what a ticket that is split off is promised is counted
	// Vouch asks a system of the company's by which addresses the customer of a ticket can show who he is, by what is known of him; nil: there is none.
	Vouch func(ctx context.Context, ticket int64, known []vouching.Known) ([]vouching.Vouched, error)
	// CheckPage is the address of the page on which the code of a check is entered, by its link; "" where customers reach none. Nil: nowhere.
	CheckPage func(link string) string
	Now       func() time.Time // nil: time.Now
}

// Channel is what a box says of a channel.
type Channel struct {
	Parts bool // texts are counted in parts of SMS
}

// Desk joins the pages to the store. It is safe for concurrent use.
type Desk struct{ Config }

// New joins pages to a store.
func New(c Config) *Desk {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rules == nil {
		c.Rules = func() assign.Rules { return assign.Rules{} }
	}
	return &Desk{c}
}

// told is an error of the store as the pages know it.
func told(err error) error {
	for _, e := range []struct{ of, is error }{
		{agents.ErrOwned, pages.ErrTaken}, {agents.ErrFull, pages.ErrFull}, {agents.ErrInOrder, pages.ErrInOrder}, {answering.ErrTooLong, pages.ErrTooLong}, {answering.ErrNobody, pages.ErrNobody}, {answering.ErrNoFiles, pages.ErrNoFiles}, {domain.ErrMerged, pages.ErrMerged}, {merging.ErrForeign, pages.ErrForeign}, {agents.ErrAbsent, pages.ErrAbsent}, {tagging.ErrUnknown, pages.ErrRefused}, {views.ErrRefused, pages.ErrRefused}, {domain.ErrNotSo, pages.ErrNotSo},
		{store.ErrNotFound, pages.ErrNotFound},
	} {
		if errors.Is(err, e.of) {
			return fmt.Errorf("%w: %w", e.is, err)
		}
	}
	return err
}

// lists are the store's lists by the pages' names.
var lists = map[string]agents.List{
	"mine": agents.Mine, "at-risk": agents.AtRisk, "unassigned": agents.Unassigned, "pending": agents.Pending, "snoozed": agents.Snoozed, "closed": agents.Closed, "unsure": agents.Unsure,
}

// uncounted is the count of a list that nobody counts: closed tickets are all there ever were.
const uncounted = -1

// Counts counts the lists of a viewer, and his queues.
func (d *Desk) Counts(ctx context.Context, v viewer.Viewer) (out desk.Counts, err error) {
	c, err := d.Store.Desk.Counts(ctx, v, d.Now())
	if err != nil {
		return out, told(err)
	}
	tone := ""
	if c.AtRisk > 0 {
		tone = desk.Risk
	}
	out.Lists = []desk.Count{{Name: "mine", N: int64(c.Mine)}, {Name: "at-risk", N: int64(c.AtRisk), Tone: tone},
		{Name: "pending", N: int64(c.Pending)}, {Name: "snoozed", N: int64(c.Snoozed)}, {Name: "unassigned", N: int64(c.Unassigned)}, {Name: "unsure", N: int64(c.Unsure)}, {Name: "closed", N: uncounted}}
	named, err := d.Store.Mentions.Unseen(ctx, v)
	if err != nil {
		return out, told(err)
	}
	out.Lists = append(out.Lists, desk.Count{Name: "mentions", N: int64(named)})
	for _, q := range sorted(c.Queues) {
		out.Queues = append(out.Queues, desk.Count{Name: q, N: int64(c.Queues[q])})
	}
	return out, nil
}

// List reads a page of a list.
func (d *Desk) List(ctx context.Context, v viewer.Viewer, a pages.Asked) (desk.List, error) {
	if a.Name == "mentions" && !a.Queue {
		return d.mentioned(ctx, v, a.Limit)
	}
	seek := agents.Seek{List: lists[a.Name], Limit: a.Limit}
	if a.Queue {
		seek.List, seek.Queue = agents.Queue, a.Name
	}
	var err error
	if seek.After, err = placeOf(a.After); err != nil || seek.List == "" || a.Queue && !v.May(viewer.Read, a.Name) {
		return desk.List{}, pages.ErrNotFound
	}
	now := d.Now()
	page, err := d.Store.Desk.List(ctx, v, seek, now)
	if err != nil {
		return desk.List{}, told(err)
	}
	out := desk.List{Queue: a.Queue, Name: a.Name, Order: "newest"}
	switch seek.List {
	case agents.Mine, agents.Unassigned:
		out.Order = "rank"
	case agents.AtRisk:
		out.Order = "deadline"
	}
	names, err := d.names(ctx)
	if err != nil {
		return out, err
	}
	for _, c := range page.Cards {
		card := d.card(v, c, names, now)
		if seek.List == agents.Unsure && v.May(viewer.Answer, c.Queue) {
			card.Guesses = d.noted(c)
		}
		out.Cards = append(out.Cards, card)
	}
	if page.Next != (agents.Place{}) {
		out.Next = fmt.Sprintf("%d.%d", page.Next.At, page.Next.Ticket)
	}
	out.Total = uncounted // the pages count their lists, once a page
	return out, nil
}

// placeOf is where a page ended; an empty one is the beginning.
func placeOf(text string) (p agents.Place, err error) {
	if text == "" {
		return p, nil
	}
	at, ticket, _ := strings.Cut(text, ".")
	if p.At, err = strconv.ParseInt(at, 10, 64); err == nil {
		p.Ticket, err = strconv.ParseInt(ticket, 10, 64)
	}
	return p, err
}

// people are the users by id and by login.
type people struct {
	byID    map[int64]string
	byLogin map[string]string
}

// names are how colleagues see each other.
func (d *Desk) names(ctx context.Context) (people, error) {
	all, err := d.Store.Users.List(ctx)
	if err != nil {
		return people{}, told(err)
	}
	return named(all), nil
}

func named(all []users.User) people {
	p := people{byID: map[int64]string{}, byLogin: map[string]string{}}
	for _, u := range all {
		p.byID[u.ID], p.byLogin[u.Login] = u.Name, u.Name
	}
	return p
}

// Next is the ticket that a viewer was given and has not begun; else it takes the next one for him, of his queues and in a language that he speaks.
func (d *Desk) Next(ctx context.Context, v viewer.Viewer) (int64, error) {
	if lies, err := d.Store.Dispatch.Unbegun(ctx, v); !errors.Is(err, store.ErrNotFound) {
		return lies, told(err)
	}
	c, err := d.Store.Dispatch.Next(ctx, v, d.Rules(), d.Now())
	if errors.Is(err, store.ErrNotFound) && !errors.Is(err, agents.ErrFull) {
		return 0, pages.ErrNothing
	}
	return c.Ticket, told(err)
}

// Take gives a ticket that nobody has to the viewer.
func (d *Desk) Take(ctx context.Context, v viewer.Viewer, number int64) error {
	return told(d.Store.Desk.Take(ctx, v, number, d.Rules(), d.Now()))
}

// Here notes that a page of the viewer's is open.
func (d *Desk) Here(ctx context.Context, v viewer.Viewer) (string, error) {
	a, err := d.Store.Agents.Hear(ctx, v.User, d.Now())
	if a.Presence == presence.Away {
		return string(presence.Away), told(err)
	}
	return string(presence.Online), told(err)
}

// Away has the viewer go away, or come back.
func (d *Desk) Away(ctx context.Context, v viewer.Viewer, gone bool) error {
	on := presence.ComeBack
	if gone {
		on = presence.GoAway
	}
	return told(d.Store.Agents.Move(ctx, v.User, on, d.Now()))
}

// HandBack gives a ticket back.
func (d *Desk) HandBack(ctx context.Context, v viewer.Viewer, number int64) error {
	return told(d.Store.Desk.HandBack(ctx, v, number, d.Now()))
}

// Close closes a ticket.
func (d *Desk) Close(ctx context.Context, v viewer.Viewer, number int64) error {
	return told(d.Store.Desk.Close(ctx, v, number, d.Now()))
}

// Sort says where a ticket belongs.
func (d *Desk) Sort(ctx context.Context, v viewer.Viewer, number int64, queue, category string) error {
	if queue != "" && !slices.Contains(d.Queues, queue) || category != "" && !slices.Contains(d.Categories, category) {
		return fmt.Errorf("sorting a ticket: %w", pages.ErrRefused)
	}
	return told(d.Store.Desk.Route(ctx, v, number, agents.Belongs{Queue: queue, Category: category, Confirms: category != ""}, d.Now()))
}

// SetAside says that there is nothing to answer: no reply is owed any more.
func (d *Desk) SetAside(ctx context.Context, v viewer.Viewer, number int64) error {
	return told(d.Store.Desk.SetPending(ctx, v, number, d.Now()))
}

// CallUp takes SetAside back: the reply is owed again, by when it was owed before.
func (d *Desk) CallUp(ctx context.Context, v viewer.Viewer, number int64) error {
	return told(d.Store.Desk.SetWaiting(ctx, v, number, d.Now()))
}

// Reopen takes back that a ticket was closed.
func (d *Desk) Reopen(ctx context.Context, v viewer.Viewer, number int64) error {
	return told(d.Store.Desk.Reopen(ctx, v, number, d.Now()))
}

// Snooze puts a ticket away until a time.
func (d *Desk) Snooze(ctx context.Context, v viewer.Viewer, number int64, until time.Time) error {
	return told(d.Store.Desk.Snooze(ctx, v, number, until, d.Now()))
}
