package pages

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"frontdesk/pipeline/letter"
	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/viewer"
)

// fake is a desk in memory that behaves like the real one: rights stand in what it gives, a key is done once, a reply can be taken back
// for undoFor, a draft has a version, and who has not seen the newest words is told so once.
type fake struct {
	views     []acts.View
	blocks    []acts.Block
	mu        sync.Mutex
	now       func() time.Time
	tickets   map[int64]*kept
	replies   map[int64]*outgone
	keys      map[string]int64
	files     map[int64]desk.File
	contents  map[int64]Upload
	beside    map[draftKey][]int64
	drafts    map[draftKey]desk.Draft
	last      int64 // id, of lines and replies
	drafted   int64 // version, of all drafts
	down      error // what every call gives; nil: it works
	saves     int
	saw       map[int64]int64
	moved     bool           // customers have other addresses than a moment ago
	full      bool           // nobody has room for more
	gone      map[int64]bool // who is away
	heard     int
	merged    map[int64]int64
	elsewhere string // another address of each customer's, by SMS; empty: none
}

type kept struct {
	desk.Ticket
	owner   int64
	snoozed time.Time
	short   bool // its channel is counted in parts
}

type outgone struct {
	desk.Sent
	by    int64
	until time.Time
	text  string
	state string
}

type draftKey struct {
	number, user int64
	note         bool
}

const undoFor = 10 * time.Second

func newFake() *fake {
	return &fake{now: time.Now, tickets: map[int64]*kept{}, replies: map[int64]*outgone{}, keys: map[string]int64{}, files: map[int64]desk.File{}, contents: map[int64]Upload{}, beside: map[draftKey][]int64{}, drafts: map[draftKey]desk.Draft{}, saw: map[int64]int64{}, gone: map[int64]bool{}, merged: map[int64]int64{}, last: 1000}
}

// lin may answer payments, chen is her colleague, wu reads only, and out is of another queue.
var (
	lin  = viewer.Viewer{User: 1, Login: "lin", Name: "林晓", Language: "zh-Hans", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "payments"}, {Role: viewer.Agent, Queue: "refund"}}}
	chen = viewer.Viewer{User: 2, Login: "chen", Name: "Chen Jing", Language: "en", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "payments"}}}
	wu   = viewer.Viewer{User: 3, Login: "wu", Name: "Wu Audit", Language: "en", Grants: []viewer.Grant{{Role: viewer.Auditor}}}
	out  = viewer.Viewer{User: 4, Login: "out", Name: "Otto", Language: "en", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "accounts"}}}
)

// open adds a ticket with a customer's message.
func (f *fake) open(number int64, queue, channel, language, name, subject, text string, left time.Duration) *kept {
	f.mu.Lock()
	defer f.mu.Unlock()
	k := &kept{short: channel == "sms"}
	k.Number, k.Queue, k.Subject, k.Language, k.State = number, queue, subject, language, "open"
	k.Due = desk.Due{At: f.now().Add(left), Left: left}
	k.Person = desk.Person{Name: name, Language: language, Since: f.now().AddDate(-1, 0, 0), Addresses: []desk.Address{{Channel: channel, Text: "+86 138 0013 5521", Proven: true}}}
	f.tickets[number] = k
	f.say(k, desk.Line{Kind: desk.Message, By: name, Channel: channel, Language: language, Text: text, New: true})
	return k
}

// say adds a line; the lock is held.
func (f *fake) say(k *kept, l desk.Line) int64 {
	f.last++
	l.ID = "m-" + strconv.FormatInt(f.last, 10)
	if l.At.IsZero() {
		l.At = f.now()
	}
	k.Lines = append(k.Lines, l)
	return f.last
}

// idOf is a line's number.
func idOf(l desk.Line) int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(l.ID, "m-"), 10, 64)
	if err != nil { // no place of ours
		return 0
	}
	return n
}

// see is a ticket that the viewer may read; the lock is held.
func (f *fake) see(v viewer.Viewer, number int64) (*kept, error) {
	if f.down != nil {
		return nil, f.down
	}
	k := f.tickets[number]
	if k == nil || !v.May(viewer.Read, k.Queue) {
		return nil, fmt.Errorf("reading ticket %d: %w", number, ErrNotFound)
	}
	return k, nil
}

// hold is a ticket that the viewer may change; the lock is held.
func (f *fake) hold(v viewer.Viewer, number int64) (*kept, error) {
	k, err := f.see(v, number)
	if err == nil && !v.May(viewer.Answer, k.Queue) {
		err = fmt.Errorf("changing ticket %d: %w", number, ErrRefused)
	}
	return k, err
}

func (f *fake) in(v viewer.Viewer, k *kept, name string, queue bool) bool {
	mine := k.owner == v.User && k.State != "closed"
	switch {
	case !v.May(viewer.Read, k.Queue):
		return false
	case queue:
		return k.Queue == name && k.State != "closed"
	case name == "mine":
		return mine && k.State == "open"
	case name == "at-risk":
		return k.State == "open" && k.Due.Tone() != ""
	case name == "unassigned":
		return k.owner == 0 && k.State == "open"
	case name == "unsure":
		return k.State != "closed" && len(k.Guesses) > 0
	case name == "pending", name == "snoozed":
		return mine && k.State == name
	default:
		return k.State == "closed"
	}
}

func (f *fake) sorted() []*kept {
	var all []*kept
	for _, k := range f.tickets {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b *kept) int { return a.Due.At.Compare(b.Due.At) })
	return all
}

func (f *fake) Counts(_ context.Context, v viewer.Viewer) (c desk.Counts, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	count := func(name string, queue bool) desk.Count {
		n := desk.Count{Name: name}
		for _, k := range f.tickets {
			if f.in(v, k, name, queue) {
				n.N++
				if tone := k.Due.Tone(); k.State == "open" && (n.Tone == "" || tone == desk.Over) {
					n.Tone = tone
				}
			}
		}
		return n
	}
	for _, name := range lists() {
		c.Lists = append(c.Lists, count(name, false))
	}
	for _, q := range []string{"payments", "refund", "accounts", "cross-border", "security"} {
		if v.May(viewer.Read, q) {
			c.Queues = append(c.Queues, count(q, true))
		}
	}
	return c, f.down
}

func (f *fake) List(_ context.Context, v viewer.Viewer, a Asked) (l desk.List, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a.Queue && !v.May(viewer.Read, a.Name) {
		return l, fmt.Errorf("reading queue: %w", ErrNotFound)
	}
	l.Name, l.Queue, l.Order = a.Name, a.Queue, "deadline"
	after, _ := strconv.Atoi(a.After)
	for _, k := range f.sorted() {
		if !f.in(v, k, a.Name, a.Queue) {
			continue
		}
		if l.Total++; int(l.Total) <= after || len(l.Cards) >= a.Limit {
			continue
		}
		_, draft := f.drafts[draftKey{k.Number, v.User, false}]
		c := desk.Card{Number: k.Number, Name: k.Person.Name, Subject: k.Subject, Language: k.Language, Category: k.Category, Urgent: k.Urgent, Due: k.Due, Draft: draft}
		if a.Name == "unsure" {
			c.Guesses = k.Guesses
		}
		for _, line := range k.Lines {
			if line.Kind == desk.Message {
				c.Last, c.Channel, c.Unread = line.Text, line.Channel, c.Unread || line.New
			}
		}
		if k.owner != v.User {
			c.Owner = k.Owner
		}
		l.Cards = append(l.Cards, c)
	}
	if shown := after + len(l.Cards); shown < int(l.Total) && len(l.Cards) > 0 {
		l.Next = strconv.Itoa(shown)
	}
	return l, f.down
}

// pageOf is how many lines a ticket shows at once, cut where a text ends on the page.
const (
	pageOf = 50
	cutAt  = 20000
)

func (f *fake) Ticket(_ context.Context, v viewer.Viewer, number int64, before string) (desk.Ticket, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.see(v, number)
	if err != nil {
		return desk.Ticket{}, err
	}
	t := k.Ticket
	t.Mine, t.Acts = k.owner == v.User, v.May(viewer.Answer, k.Queue)
	t.Until = k.snoozed
	t.Lines = slices.Clone(k.Lines)
	if before != "" {
		t.Lines = slices.DeleteFunc(t.Lines, func(l desk.Line) bool { return idOf(l) >= idOf(desk.Line{ID: before}) })
	}
	if over := len(t.Lines) - pageOf; over > 0 {
		t.Lines, t.Earlier = t.Lines[over:], int64(over)
	}
	for i := range t.Lines {
		l := &t.Lines[i]
		l.Mine = l.By == v.Name
		l.New = l.New && idOf(*l) > f.saw[number]
		if len(l.Text) > cutAt {
			l.Text, l.Cut = strings.ToValidUTF8(l.Text[:cutAt], ""), true
		}
		if r := f.replies[l.Sending.Reply]; r != nil {
			l.Sending.State = f.fate(r)
		}
	}
	if len(t.Lines) > 0 {
		t.Before = t.Lines[0].ID
	}
	return t, nil
}

func (f *fake) fate(r *outgone) string {
	if r.state == "held" && !f.now().Before(r.until) {
		r.state = "sent"
	}
	return r.state
}

func (f *fake) Whole(_ context.Context, v viewer.Viewer, number int64, line string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.see(v, number)
	if err != nil {
		return "", err
	}
	for _, l := range k.Lines {
		if l.ID == line {
			return l.Text, nil
		}
	}
	return "", ErrNotFound
}

func (f *fake) Saw(_ context.Context, _ viewer.Viewer, number int64, line string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.saw[number] = idOf(desk.Line{ID: line})
	return f.down
}

func (f *fake) Here(_ context.Context, v viewer.Viewer) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.heard++
	if f.gone[v.User] {
		return "away", f.down
	}
	return "online", f.down
}

func (f *fake) Away(_ context.Context, v viewer.Viewer, gone bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone[v.User] = gone
	return f.down
}

func (f *fake) Next(_ context.Context, v viewer.Viewer) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.full {
		return 0, ErrFull
	}
	for _, k := range f.sorted() {
		if k.owner == 0 && k.State == "open" && v.May(viewer.Answer, k.Queue) {
			f.give(v, k, "taken")
			return k.Number, f.down
		}
	}
	return 0, ErrNothing
}

func (f *fake) give(v viewer.Viewer, k *kept, word string) {
	k.owner, k.Owner = v.User, v.Name
	f.say(k, desk.Line{Kind: desk.Event, By: v.Name, Word: word})
}

// change does something to a ticket that is in a state for it.
func (f *fake) change(v viewer.Viewer, number int64, word string, may func(*kept) error, do func(*kept)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.hold(v, number)
	if err == nil {
		err = may(k)
	}
	if err != nil {
		return err
	}
	do(k)
	f.say(k, desk.Line{Kind: desk.Event, By: v.Name, Word: word})
	return nil
}

func so(ok bool) error {
	if !ok {
		return ErrNotSo
	}
	return nil
}

func (f *fake) Take(_ context.Context, v viewer.Viewer, number int64) error {
	return f.change(v, number, "taken", func(k *kept) error {
		if k.owner != 0 && k.owner != v.User {
			return ErrTaken
		}
		if f.full {
			return ErrFull
		}
		return so(k.owner == 0)
	}, func(k *kept) { k.owner, k.Owner = v.User, v.Name })
}

func (f *fake) HandBack(_ context.Context, v viewer.Viewer, number int64) error {
	return f.change(v, number, "handed-back", func(k *kept) error { return so(k.owner == v.User) }, func(k *kept) { k.owner, k.Owner = 0, "" })
}

func (f *fake) Close(_ context.Context, v viewer.Viewer, number int64) error {
	return f.change(v, number, "closed", func(k *kept) error { return so(k.State != "closed") }, func(k *kept) { k.State = "closed" })
}

func (f *fake) Reopen(_ context.Context, v viewer.Viewer, number int64) error {
	return f.change(v, number, "reopened", func(k *kept) error { return so(k.State == "closed") }, func(k *kept) { k.State = "open" })
}

func (f *fake) Sort(_ context.Context, v viewer.Viewer, number int64, queue, category string) error {
	return f.change(v, number, "sorted", func(k *kept) error { return so(queue != k.Queue || category != k.Category || len(k.Guesses) > 0) }, func(k *kept) { k.Queue, k.Category, k.Guesses = queue, category, nil })
}

func (f *fake) SetAside(_ context.Context, v viewer.Viewer, number int64) error {
	return f.change(v, number, "set-pending", func(k *kept) error { return so(k.State == "open") }, func(k *kept) { k.State = "pending" })
}

func (f *fake) CallUp(_ context.Context, v viewer.Viewer, number int64) error {
	return f.change(v, number, "set-waiting", func(k *kept) error { return so(k.State == "pending") }, func(k *kept) { k.State = "open" })
}

func (f *fake) Snooze(_ context.Context, v viewer.Viewer, number int64, until time.Time) error {
	return f.change(v, number, "snoozed", func(k *kept) error { return so(k.State == "open") }, func(k *kept) { k.State, k.snoozed = "snoozed", until })
}

// newest is the newest line of somebody else; the lock is held.
func newest(k *kept, v viewer.Viewer) (id int64) {
	for _, l := range k.Lines {
		if l.Kind == desk.Message || (l.Kind == desk.Reply || l.Kind == desk.Note) && l.By != v.Name {
			id = idOf(l)
		}
	}
	return id
}

func (f *fake) Box(_ context.Context, v viewer.Viewer, number int64, by string) (desk.Answer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.hold(v, number)
	if err != nil {
		return desk.Answer{}, err
	}
	a := desk.Answer{Seen: newest(k, v), Ground: f.ground(k), Language: k.Language, Channel: k.Person.Addresses[0].Channel, Limits: desk.Limits{Parts: k.short}}
	for i, at := range k.Person.Addresses {
		a.Recipients = append(a.Recipients, desk.Recipient{Name: k.Person.Name, Address: at.Text, Proven: at.Proven, Copy: i > 0})
	}
	if at := f.elsewhere; at != "" {
		a.Ways = []acts.Way{{ID: acts.ByItself, Channel: a.Channel, Address: k.Person.Addresses[0].Text, Chosen: by != "phone"}, {ID: "phone", Channel: "sms", Address: at, Chosen: by == "phone"}, {ID: "chat", Address: "@ann", Why: "no-way"}}
		if by == "phone" {
			a.By, a.Channel, a.Recipients, a.Ground = by, "sms", []desk.Recipient{{Address: at, Proven: true}}, "phone"
			a.Limits = desk.Limits{Parts: true, NoFiles: true}
		}
	}
	a.Reply, a.Note = f.drafts[draftKey{number, v.User, false}], f.drafts[draftKey{number, v.User, true}]
	a.Reply.Files, a.Note.Files = f.besides(draftKey{number, v.User, false}), f.besides(draftKey{number, v.User, true})
	return a, nil
}

// ground is what recipients stand on; the lock is held.
func (f *fake) ground(k *kept) string { return fmt.Sprint(k.Person.Addresses, f.moved) }

func (f *fake) Save(_ context.Context, v viewer.Viewer, number int64, in Kept) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.hold(v, number); err != nil {
		return 0, err
	}
	f.saves++
	key := draftKey{number, v.User, in.Note}
	if has := f.drafts[key]; has.Version != in.Version {
		return 0, &Conflict{Now: has}
	}
	f.drafted++
	if in.Text == "" {
		delete(f.drafts, key)
		return 0, nil
	}
	f.drafts[key] = desk.Draft{Text: in.Text, Version: f.drafted, SavedAt: f.now()}
	return f.drafted, nil
}

func (f *fake) Reply(_ context.Context, v viewer.Viewer, number int64, o Outgoing) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.hold(v, number)
	if err == nil && f.merged[number] != 0 {
		err = ErrMerged
	}
	if err != nil {
		return 0, err
	}
	if id := f.keys[o.Key]; id > 0 {
		return id, nil
	}
	if newest(k, v) > o.Seen && !o.Anyway {
		over := &Overtaken{}
		for _, l := range k.Lines {
			if idOf(l) > o.Seen && l.Kind != desk.Event && l.By != v.Name {
				over.Lines = append(over.Lines, l)
			}
		}
		return 0, over
	}
	if strings.Contains(o.Text, "4111 1111 1111 1111") {
		return 0, &Found{What: []desk.Reason{{Word: "card"}}}
	}
	if strings.Contains(o.Text, "quite sure") && o.Despite != "shown" {
		return 0, &Found{What: []desk.Reason{{Word: "word", Of: "quite sure"}}, Despite: "shown"}
	}
	if want := f.ground(k); o.Ground != "" && o.Ground != want && (o.By != "phone" || o.Ground != "phone") {
		return 0, ErrChanged
	}
	if len(o.Text) > 100000 {
		return 0, ErrTooLong
	}
	f.last++
	id := f.last
	f.keys[o.Key] = id
	f.replies[id] = &outgone{Sent: desk.Sent{Reply: id, Number: number, To: k.Person.Name}, by: v.User, until: f.now().Add(undoFor), text: o.Text, state: "held"}
	delete(f.drafts, draftKey{number, v.User, false})
	sent := f.besides(draftKey{number, v.User, false})
	delete(f.beside, draftKey{number, v.User, false})
	k.State, k.Due.Paused = "pending", true
	f.say(k, desk.Line{Kind: desk.Reply, By: v.Name, Channel: k.Person.Addresses[0].Channel, Language: k.Language, Text: o.Text, Files: sent, Sending: desk.Sending{Reply: id, State: "held"}})
	return id, nil
}

func (f *fake) Note(_ context.Context, v viewer.Viewer, number int64, o Outgoing) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.hold(v, number)
	if err == nil && f.merged[number] != 0 {
		err = ErrMerged
	}
	if err != nil || f.keys[o.Key] > 0 {
		return err
	}
	f.keys[o.Key] = f.say(k, desk.Line{Kind: desk.Note, By: v.Name, Text: o.Text})
	delete(f.drafts, draftKey{number, v.User, true})
	return nil
}

// sent is a reply of the viewer's own; the lock is held.
func (f *fake) sent(v viewer.Viewer, id int64) (*outgone, error) {
	r := f.replies[id]
	if f.down != nil {
		return nil, f.down
	}
	if r == nil || r.by != v.User {
		return nil, ErrNotFound
	}
	return r, nil
}

func (f *fake) Sent(_ context.Context, v viewer.Viewer, id int64) (desk.Sent, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.sent(v, id)
	if err != nil || r.state == "undone" {
		return desk.Sent{}, ErrNotFound
	}
	s := r.Sent
	s.Left = max(0, int(r.until.Sub(f.now()).Seconds()))
	return s, nil
}

func (f *fake) Undo(_ context.Context, v viewer.Viewer, id int64) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.sent(v, id)
	if err != nil {
		return 0, err
	}
	if f.fate(r) != "held" {
		return r.Number, ErrLate
	}
	r.state = "undone"
	k := f.tickets[r.Number]
	k.Lines = slices.DeleteFunc(k.Lines, func(l desk.Line) bool { return l.Sending.Reply == id })
	k.State, k.Due.Paused = "open", false
	f.drafted++
	f.drafts[draftKey{r.Number, v.User, false}] = desk.Draft{Text: r.text, Version: f.drafted, SavedAt: f.now()}
	return r.Number, nil
}

func (f *fake) Retry(_ context.Context, v viewer.Viewer, id int64) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.sent(v, id)
	if err != nil {
		return 0, err
	}
	if r.state != "failed" {
		return r.Number, ErrNotSo
	}
	r.state, r.until = "held", f.now()
	return r.Number, nil
}

func (f *fake) Enclose(_ context.Context, v viewer.Viewer, number int64, u Upload) (desk.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.hold(v, number); err != nil {
		return desk.File{}, err
	}
	if strings.HasSuffix(u.Name, ".exe") {
		return desk.File{}, ErrNoFiles
	}
	f.last++
	file := desk.File{ID: f.last, Name: u.Name, Bytes: int64(len(u.Content)), Shown: u.Pasted, URL: fmt.Sprintf("/desk/tickets/T-%d/files/%d", number, f.last)}
	f.files[f.last], f.contents[f.last] = file, u
	f.beside[draftKey{number, v.User, u.Note}] = append(f.beside[draftKey{number, v.User, u.Note}], f.last)
	return file, nil
}

func (f *fake) Remove(_ context.Context, v viewer.Viewer, number, id int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, note := range []bool{false, true} {
		k := draftKey{number, v.User, note}
		if slices.Contains(f.beside[k], id) {
			f.beside[k] = slices.DeleteFunc(f.beside[k], func(other int64) bool { return other == id })
			delete(f.files, id)
			return nil
		}
	}
	return ErrNotFound
}

func (f *fake) File(_ context.Context, v viewer.Viewer, number, id int64) (name, kind string, content []byte, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.see(v, number); err != nil {
		return "", "", nil, err
	}
	u, ok := f.contents[id]
	if !ok {
		return "", "", nil, ErrNotFound
	}
	if strings.HasPrefix(string(u.Content), "\x89PNG") {
		kind = "image/png"
	}
	return u.Name, kind, u.Content, nil
}

func (f *fake) Preview(_ context.Context, v viewer.Viewer, number int64, note bool, text, _ string) (template.HTML, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.hold(v, number); err != nil {
		return "", err
	}
	whole := letter.Whole{Text: text}
	if !note {
		whole.Signature = "Wang Fang"
	}
	return template.HTML(whole.HTML(func(name string) string {
		for _, file := range f.files {
			if fmt.Sprint(file.ID) == name {
				return file.URL
			}
		}
		return ""
	})), nil
}

// besides are the files beside a draft.
func (f *fake) besides(k draftKey) (out []desk.File) {
	for _, id := range f.beside[k] {
		out = append(out, f.files[id])
	}
	return out
}

// Search finds tickets by a word of their subjects, and one by its number.
func (f *fake) Search(_ context.Context, v viewer.Viewer, s Sought) (l desk.List, called int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down != nil {
		return l, 0, f.down
	}
	for _, k := range f.sorted() {
		switch {
		case !v.May(viewer.Read, k.Queue), s.State == "open" && k.State == "closed", s.State == "closed" && k.State != "closed":
		case s.Text == fmt.Sprint("T-", k.Number):
			return l, k.Number, nil
		case s.Text != "" && strings.Contains(k.Subject, s.Text):
			before, after, _ := strings.Cut(k.Subject, s.Text)
			l.Cards = append(l.Cards, desk.Card{Number: k.Number, Subject: k.Subject, Language: k.Language, Hit: []string{before, s.Text, after}})
			l.Total++
		}
	}
	return l, 0, nil
}

func (f *fake) Root(_ context.Context, v viewer.Viewer, number int64) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if into := f.merged[number]; into != 0 {
		number = into
	}
	if k := f.tickets[number]; k == nil || !v.May(viewer.Read, k.Queue) {
		return 0, f.down
	}
	return number, f.down
}

func (f *fake) Joining(_ context.Context, v viewer.Viewer, number, into int64) (acts.Joining, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, o := f.tickets[number], f.tickets[into]
	if k == nil || o == nil || k == o || f.merged[into] != 0 || !v.May(viewer.Answer, k.Queue) || !v.May(viewer.Answer, o.Queue) {
		return acts.Joining{}, ErrNotFound
	}
	return acts.Joining{Number: into, Subject: o.Subject, Name: o.Person.Name, Queue: o.Queue, Foreign: k.Person.Name != o.Person.Name}, f.down
}

func (f *fake) Merge(ctx context.Context, v viewer.Viewer, number, into int64, foreign bool) (int64, error) {
	j, err := f.Joining(ctx, v, number, into)
	if err == nil && j.Foreign && !foreign {
		err = ErrForeign
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil && f.merged[number] != 0 {
		err = ErrMerged
	}
	if err == nil {
		k := f.tickets[number]
		f.merged[number], k.State = into, "closed"
		f.tickets[into].Merged = append(f.tickets[into].Merged, acts.Merged{Number: number, Subject: k.Subject, Foreign: j.Foreign, By: v.Name, At: f.now(), Undo: true})
	}
	return into, err
}

func (f *fake) Unmerge(_ context.Context, v viewer.Viewer, number int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	into := f.merged[number]
	if into == 0 {
		return ErrNotFound
	}
	delete(f.merged, number)
	f.tickets[number].State, f.tickets[into].Merged = "open", nil
	return nil
}

func (f *fake) Choices(_ context.Context, v viewer.Viewer) (acts.Choices, error) {
	c := acts.Choices{Tags: []string{"VIP", "退款"}}
	if queues, every := v.Where(viewer.Direct); every || len(queues) > 0 {
		c.Tagged, c.People = true, []acts.Person{{ID: 1, Name: "林晓"}, {ID: 2, Name: "Chen Jing"}}
	}
	return c, f.down
}

func (f *fake) Apply(ctx context.Context, v viewer.Viewer, number int64, b Batch) error {
	switch b.Act {
	case "close":
		return f.Close(ctx, v, number)
	case "hand-back":
		return f.HandBack(ctx, v, number)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.hold(v, number)
	if err != nil {
		return err
	}
	switch b.Act {
	case "snooze":
		k.State = "snoozed"
	case "tag":
		k.Tags = append(k.Tags, b.Tag)
	case "untag":
		k.Tags = nil
	case "give":
		k.owner = b.To
	}
	return nil
}

func (f *fake) Tagged(_ context.Context, v viewer.Viewer, a Asked) (desk.List, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := desk.List{Name: a.Name, Tag: true}
	for _, k := range f.tickets {
		if v.May(viewer.Read, k.Queue) && slices.Contains(k.Tags, a.Name) {
			l.Cards = append(l.Cards, desk.Card{Number: k.Number, Subject: k.Subject, Tags: k.Tags})
		}
	}
	return l, f.down
}

func (f *fake) AddTag(_ context.Context, v viewer.Viewer, shown string) error {
	if queues, every := v.Where(viewer.Direct); !every && len(queues) == 0 || shown == "" {
		return ErrRefused
	}
	return f.down
}

func (f *fake) Parked(_ context.Context, v viewer.Viewer, cause string, _ int64, _ int) ([]acts.Parked, error) {
	if !asides(v) {
		return nil, ErrNotFound
	}
	var out []acts.Parked
	for _, p := range []acts.Parked{{ID: 9, Cause: "spam", Evidence: "score 12; no sender address", Name: "Mallory", Channel: "email", Subject: "Buy", Text: "now", At: f.now()}, {ID: 8, Cause: "unauthenticated-reply", Name: "Li", Channel: "email", At: f.now()}} {
		if cause == "" || p.Cause == cause {
			out = append(out, p)
		}
	}
	return out, f.down
}

func (f *fake) Settle(_ context.Context, v viewer.Viewer, message int64, act string) error {
	if act == "block" && message == 8 {
		return ErrNotSo
	}
	if !asides(v) || message != 9 {
		return ErrNotFound
	}
	if act == "block" {
		f.blocks = append(f.blocks, acts.Block{ID: int64(len(f.blocks) + 1), Address: "mallory@evil.example", Message: message, At: f.now(), By: v.Login})
	}
	return f.down
}

func (f *fake) Blocks(_ context.Context, v viewer.Viewer, before int64, limit int) ([]acts.Block, error) {
	if !asides(v) {
		return nil, ErrNotFound
	}
	var out []acts.Block
	for _, b := range slices.Backward(f.blocks) {
		if (before == 0 || b.ID < before) && len(out) < limit {
			out = append(out, b)
		}
	}
	return out, f.down
}

func (f *fake) Unblock(_ context.Context, v viewer.Viewer, id int64) error {
	left := slices.DeleteFunc(slices.Clone(f.blocks), func(b acts.Block) bool { return b.ID == id })
	if !asides(v) || len(left) == len(f.blocks) {
		return ErrNotFound
	}
	f.blocks = left
	return f.down
}

func (f *fake) Views(_ context.Context, v viewer.Viewer) ([]acts.View, error) { return f.views, nil }

func (f *fake) SaveView(_ context.Context, v viewer.Viewer, one acts.View) error {
	if one.Name == "" || one.Queue != "" && !v.May(viewer.Answer, one.Queue) {
		return ErrRefused
	}
	one.ID, one.Drop = int64(len(f.views)+1), true
	f.views = append(f.views, one)
	return nil
}

func (f *fake) DropView(_ context.Context, _ viewer.Viewer, id int64) error {
	if id < 1 || int(id) > len(f.views) {
		return ErrNotFound
	}
	f.views = f.views[:id-1]
	return nil
}
