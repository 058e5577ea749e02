package stored

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/pipeline/causes"
	presence "frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/commands/persons"
	"frontdesk/pipeline/domain/commands/split"
	work "frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/answering"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/viewer/veil"
)

const (
	pageLines   = 50      // lines of a ticket on a page
	longestLine = 8 << 10 // bytes of a text that a page shows at once
)

func sorted[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }

// card is a ticket in a list.
func (d *Desk) card(v viewer.Viewer, c agents.Card, names people, now time.Time) desk.Card {
	return desk.Card{Number: c.Ticket, Name: c.Customer, Subject: c.Subject, Last: oneLine(c.LastWords), Language: c.Language, Channel: c.Channel, Category: c.Category,
		Urgent: c.Priority == "urgent", Unread: c.Messages > c.Seen, Tags: c.Tags, Draft: c.Drafted, Owner: others(v, c.Owner, names), Due: d.due(c, now)}
}

// oneLine is a text as one line: the first line of a mail says "Hello," and no more.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// others is who has a ticket, where that is not the viewer.
func others(v viewer.Viewer, owner int64, names people) string {
	if owner == 0 || owner == v.User {
		return ""
	}
	return names.byID[owner]
}

// due is until when an answer is promised, in business time.
func (d *Desk) due(c agents.Card, now time.Time) desk.Due {
	out := desk.Due{At: c.Due, Paused: c.State == work.Pending, Stands: c.State == work.Pending && !c.Paused.IsZero()}
	if c.Due.IsZero() || c.Gone() {
		return desk.Due{Paused: out.Paused, Stands: out.Stands}
	}
	out.Left = c.Due.Sub(now)
	if h := d.Calendars[c.Calendar]; h != nil {
		out.Left = h.Between(now, c.Due)
	}
	if late := now.After(c.Due); late && out.Left >= 0 { // over outside of the hours is over, too
		out.Left = -time.Nanosecond
	}
	return out
}

// states are those of a work item by the pages' names.
var states = map[work.State]string{work.Waiting: "open", work.Pending: "pending", work.Snoozed: "snoozed", work.Gone: "closed", "": "closed"}

// Ticket reads a ticket with the newest of its lines below one.
func (d *Desk) Ticket(ctx context.Context, v viewer.Viewer, number int64, before string) (desk.Ticket, error) {
	now := d.Now()
	k, err := d.Store.Desk.Ticket(ctx, v, number)
	if err != nil {
		return desk.Ticket{}, told(err)
	}
	lines, earlier, err := d.Store.Desk.Timeline(ctx, v, number, markOf(before), pageLines)
	if err != nil {
		return desk.Ticket{}, told(err)
	}
	names, err := d.names(ctx)
	if err != nil {
		return desk.Ticket{}, err
	}
	out := desk.Ticket{Number: number, Subject: k.Subject, Language: k.Language, Queue: k.Queue, Category: k.Category, Urgent: k.Priority == "urgent",
		State: states[k.State], Due: d.due(k.Card, now), Owed: owed(k), Until: k.Wake, Owner: names.byID[k.Owner], Mine: k.Owner != 0 && k.Owner == v.User,
		Acts: v.May(viewer.Answer, k.Queue) && k.MergedInto == 0, Into: k.MergedInto, Tags: k.Tags, Earlier: int64(earlier), Person: d.person(k), Facts: facts(k, lines, d.House.Zone), Why: why(k, false), Promised: promised(k)}
	if out.Acts && out.State != "closed" && len(d.Queues) > 0 {
		out.Sorting = &acts.Sorting{Queues: d.Queues, Categories: d.Categories}
		if before == "" && earlier == 0 {
			out.Guesses = d.guesses(k, lines)
		}
		out.Why = why(k, len(out.Guesses) > 0)
	}
	out.Why = append(out.Why, d.stake(k, lines)...)
	if out.Merged, err = d.merged(ctx, v, k.Card, names); err != nil {
		return desk.Ticket{}, err
	}
	if out.Parted, err = d.parted(ctx, v, number, names); err != nil {
		return desk.Ticket{}, err
	}
	same, by, err := d.same(ctx, v, &k, names)
	if err != nil {
		return desk.Ticket{}, err
	}
	out.Same = same
	fresh := k.Messages - k.Seen // of all lines; the newest come first
	if before != "" {
		fresh = 0
	}
	for _, l := range lines {
		if l.Ticket != number && l.Act != nil && l.Act.After.Into != 0 {
			continue // the ticket that is shown has its own line of it
		}
		line := shown(v, cmp.Or(l.Ticket, number), l, names, now)
		if l.Ticket != number {
			line.Of = l.Ticket
		}
		if line.Kind == desk.Message {
			line.New = fresh > 0
			fresh--
		}
		out.Lines = append(out.Lines, line)
	}
	slices.Reverse(out.Lines)
	if len(out.Lines) > 0 {
		out.Before = out.Lines[0].ID
	}
	for _, o := range k.Others {
		state := "open"
		if o.Status == "closed" {
			state = "closed"
		}
		out.Others = append(out.Others, desk.Other{Number: o.ID, Subject: o.Subject, State: state, At: o.OpenedAt.Time, By: by[o.Contact]})
	}
	if out.Acts {
		out.Perhaps = perhaps(k, out.Parted)
	}
	return out, nil
}

// promised is what is promised in a ticket, in the order in which it falls due on a usual one.
func promised(k agents.Ticket) (out []acts.Promised) {
	order := []string{promises.Acknowledgement, promises.FirstReply, promises.NextReply, promises.Resolution}
	for _, p := range k.Promises {
		one := acts.Promised{Kind: p.Kind, Turn: p.Turn, State: p.State, Due: p.DueAt.Time, Done: p.SettledAt.Time}
		switch {
		case !p.PausedAt.IsZero():
			one.State = "paused"
		case p.State == string(promises.Warned):
			one.State = string(promises.Due)
		case p.State == string(promises.Broken) && !p.SettledAt.IsZero():
			one.State = "late"
		}
		for _, was := range k.Were {
			if was.Kind == p.Kind && was.Turn == p.Turn && (was.Ticket == 0 || was.Ticket == p.Ticket) {
				one.Were = append(one.Were, was.Due)
			}
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b acts.Promised) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)), cmp.Compare(a.Turn, b.Turn))
	})
	if turns := slices.IndexFunc(out, func(p acts.Promised) bool { return p.Turn > 0 }); turns >= 0 {
		newest := turns
		for newest < len(out) && out[newest].Turn > 0 {
			newest++
		}
		out = slices.Delete(out, turns, max(turns, newest-turnsShown))
	}
	return out
}

// turnsShown is how many turns a page shows, the newest ones.
const turnsShown = 5

// owed is the kind of the promise that is due next; empty: nothing is owed.
func owed(k agents.Ticket) string {
	for _, p := range k.Promises {
		if p.SettledAt.IsZero() && p.Kind != promises.Acknowledgement && p.DueAt.Equal(k.Due) {
			return p.Kind
		}
	}
	return ""
}

// person is the customer, with the channel by which each of his addresses is written to.
func (d *Desk) person(k agents.Ticket) desk.Person {
	p := desk.Person{Name: k.Customer, Language: k.Language, Since: k.OpenedAt}
	for _, o := range k.Others {
		if o.OpenedAt.Before(p.Since) {
			p.Since = o.OpenedAt.Time
		}
	}
	for _, a := range k.Addresses {
		_, channel, ok := d.House.Ways("", a.Kind)
		if !ok {
			channel = k.Channel
		}
		p.Addresses = append(p.Addresses, desk.Address{Channel: channel, Text: a.Value, Proven: a.Verified})
	}
	return p
}

// why says why a ticket is where it is. A guess is no reason.
func why(k agents.Ticket, guessed bool) (out []desk.Reason) {
	if !guessed {
		out = []desk.Reason{{Word: "category", Of: k.Category}, {Word: "queue", Of: k.Queue}}
	}
	if k.Language != "" && k.Language != "und" {
		out = append(out, desk.Reason{Word: "language", Of: k.Language})
	}
	if k.Handed != "" && k.Handed != presence.ReasonBeyond {
		out = append(out, desk.Reason{Word: "because", Of: k.Handed})
	}
	return out
}

// lineID names a line of any kind.
func lineID(m agents.Mark) string { return string(m.Kind) + "-" + strconv.FormatInt(m.ID, 10) }

// markOf is the mark of a line by its name; of what is no name one that no line has.
func markOf(id string) agents.Mark {
	if id == "" {
		return agents.Mark{}
	}
	kind, number, _ := strings.Cut(id, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		n = -1
	}
	return agents.Mark{Kind: agents.Kind(kind), ID: n}
}

// shown is a line as a page shows it.
func shown(v viewer.Viewer, number int64, l agents.Line, names people, now time.Time) desk.Line {
	out := desk.Line{ID: lineID(l.Mark), At: l.Time()}
	switch {
	case l.Message != nil:
		m := l.Message
		out.Kind, out.By, out.Channel, out.Side = desk.Message, cmp.Or(m.Name, m.From), m.Channel, m.Side
		out.Because = m.Because
		if m.Side != 0 {
			out.Kind = acts.Third
		}
		out.Text, out.Cut = begin(m.Visible)
		quote, cut := begin(m.Quoted)
		out.Quote, out.Cut = quote, out.Cut || cut
		of := messageURL(number, l.ID)
		for _, f := range m.Files {
			out.Files = append(out.Files, attached(of, m.Visible, f))
		}
		if m.Formatted {
			out.Formed = of + "/formatted"
		}
		if m.Original {
			out.Original = of + "/original"
		}
	case l.Reply != nil:
		r := l.Reply
		out.Kind, out.By, out.Mine, out.Channel, out.Language = desk.Reply, cmp.Or(names.byID[r.Author], r.Name), r.Author == v.User, r.Channel, r.Language
		if r.Kind == replies.Note {
			out.Kind = desk.Note
		}
		if out.Side = r.Side; r.Side != 0 {
			out.Kind, out.Quote = acts.Forward, r.Quote
			for _, a := range r.Recipients.To {
				out.To = cmp.Or(a.Name, a.Value)
			}
		}
		out.Text, out.Cut = begin(r.Text)
		for _, f := range r.Files {
			out.Files = append(out.Files, desk.File{ID: f.ID, Name: f.Name, Bytes: f.Size, Shown: f.Shown, URL: fileURL(number, f.ID)})
		}
		if r.Markup == replies.Markdown {
			out.HTML = formatted(out.Text, out.Files)
		}
		out.Sending, out.Despite = sending(l.ID, *r, now), r.Despite
	case l.Send != nil:
		out.Kind, out.Channel = desk.Acknowledgement, l.Send.Channel
		if state := effects.State(l.Send.State); state != effects.Sent && state != effects.Delivered {
			out.Kind, out.Word = desk.Event, "acknowledgement-"+l.Send.State
		}
	case l.Act != nil:
		shownAct(&out, *l.Act, names)
	}
	return out
}

// shownAct is what was done with a ticket.
func shownAct(out *desk.Line, act agents.Act, names people) {
	out.Kind, out.Word = desk.Event, did(act)
	if act.Who != entries.Service {
		out.By = cmp.Or(names.byLogin[act.Who], act.Who)
	}
	switch i, what := act.After.Desk, act.What; {
	case i != nil && what == entries.ActSnooze && !i.Wake.IsZero():
		out.Detail = i.Wake.Format(time.RFC3339)
	case i != nil && what == entries.ActGive:
		out.By = names.byID[i.Owner] // who was given it
	case what == entries.ActTag || what == entries.ActUntag:
		out.Detail = act.Reason
	case what == entries.ActSnooze:
		out.Word = "snoozed-until-answer"
	case what == entries.ActClose && act.Reason != "":
		out.Word = "closed." + act.Reason
	case what == promises.ActEscalate:
		out.Detail = act.Reason + "|" + changed(act.Before.Priority, act.After.Priority) + "|" + changed(act.Before.Queue, act.After.Queue)
	case what == entries.ActRoute:
		out.Word, out.Detail = routed(act)
	case what == split.ActSplit || what == split.ActSplitOff:
		out.Link = act.After.Into
	case act.After.Into != 0:
		out.Detail = thread.TicketNumber(act.After.Into)
	}
}

// did is the pages' word for what was done, with the reason where the desk has done it by itself, or beyond a limit.
func did(a agents.Act) string {
	switch {
	case a.What == entries.ActHandBack && a.Reason != "":
		return "returned." + a.Reason
	case a.What == entries.ActGive && a.Reason != "":
		return "given." + a.Reason
	}
	return cmp.Or(deeds[a.What], a.What)
}

// routed is the pages' word for a ticket that belongs elsewhere, and where that is.
func routed(a agents.Act) (word, of string) {
	switch {
	case a.Who == entries.Service && a.Reason == entries.ReasonLearned:
		return "learned", a.After.Category
	case a.Who == entries.Service:
		return "overflowed", ""
	case a.After.Queue != a.Before.Queue:
		return "moved", a.After.Queue
	}
	return "sorted", a.After.Category
}

// changed is what a value has become; empty where it has stayed.
func changed(before, after string) string {
	if after == before {
		return ""
	}
	return after
}

// deeds are the pages' words for what was done.
var deeds = map[string]string{entries.ActTake: "taken", entries.ActGive: "given", entries.ActHandBack: "handed-back", entries.ActClose: "closed", entries.ActReopen: "reopened",
	entries.ActSnooze: "snoozed", entries.ActWake: "woken", entries.ActMerge: "merged", entries.ActTakeIn: "took-in", entries.ActUndoMerge: "unmerged", entries.ActGiveOut: "gave-out", persons.ActJoin: "joined",
	split.ActSplit: "split", split.ActSplitOff: "split-off", entries.ActUndoReply: "undone", entries.ActRetryReply: "retried"}

// begin is the beginning of a text that a page shows at once, between two characters.
func begin(text string) (string, bool) {
	if len(text) <= longestLine {
		return text, false
	}
	return strings.ToValidUTF8(text[:longestLine], "") + "…", true
}

// sending is how far an answer has come.
func sending(id int64, r agents.Reply, now time.Time) desk.Sending {
	switch r.State {
	case "":
		return desk.Sending{}
	case effects.Due:
		if left := r.Next.Sub(now); r.Attempts == 0 && left > 0 {
			return desk.Sending{Reply: id, State: "held", Left: int(left.Seconds()) + 1}
		}
		return desk.Sending{State: "sending"}
	case effects.Sending, effects.Sent, effects.Delivered:
		return desk.Sending{State: string(r.State)}
	}
	if r.Cause == causes.Undone {
		return desk.Sending{State: "undone"}
	}
	out := desk.Sending{Reply: id, State: "failed", Cause: r.Cause}
	if r.Cause != "" && strings.Trim(r.Cause[:1], "0123456789") == "" { // a provider's own code: it says more to him than to people
		out.Cause, out.Code = "rejected", r.Cause
	}
	return out
}

// Whole is the whole text of a line, of a message with what it quotes.
func (d *Desk) Whole(ctx context.Context, v viewer.Viewer, number int64, line string) (string, error) {
	l, err := d.Store.Desk.Line(ctx, v, number, markOf(line))
	switch {
	case err != nil:
		return "", told(err)
	case l.Message != nil:
		return strings.TrimSpace(l.Message.Visible + "\n\n" + l.Message.Quoted), nil
	case l.Reply != nil:
		return l.Reply.Text, nil
	}
	return "", pages.ErrNotFound
}

// Saw notes that a viewer has been shown the newest messages of a ticket; who was given it has begun it by that.
func (d *Desk) Saw(ctx context.Context, v viewer.Viewer, number int64, line string) error {
	cards, err := d.Store.Desk.Cards(ctx, v, []int64{number})
	if err == nil && len(cards) == 0 {
		err = pages.ErrNotFound
	}
	if err != nil {
		return told(err)
	}
	k := cards[0]
	if k.Owner == v.User && k.Begun.IsZero() {
		err = d.Store.Desk.Begin(ctx, v, number, d.Now())
	}
	if err == nil {
		err = d.Store.Mentions.Saw(ctx, v, number, d.Now())
	}
	if err != nil || k.Messages <= k.Seen {
		return told(err)
	}
	lines, _, err := d.Store.Desk.Timeline(ctx, v, number, agents.Mark{}, pageLines)
	if err != nil {
		return told(err)
	}
	return told(d.Store.Desk.Saw(ctx, v, number, k.Messages-behind(lines, line), d.Now()))
}

// behind is how many messages have come behind a line, of lines with the newest first: whoever was shown that line has not seen them.
func behind(lines []agents.Line, line string) (n int) {
	for _, l := range lines {
		if lineID(l.Mark) == line {
			break
		}
		if l.Message != nil && l.Message.Side == 0 {
			n++
		}
	}
	return n
}

// Box is what the viewer answers with.
func (d *Desk) Box(ctx context.Context, v viewer.Viewer, number int64, by string) (desk.Answer, error) {
	g, ways, err := d.chosen(ctx, v, number, by)
	if err != nil {
		return desk.Answer{}, told(err)
	}
	drafts, err := d.Store.Answering.Drafts(ctx, v, number)
	if err != nil {
		return desk.Answer{}, told(err)
	}
	out := desk.Answer{Seen: g.Talk, Ground: d.digest(g), Channel: g.Channel, Language: g.Language, Limits: desk.Limits{Parts: d.Channels[g.Channel].Parts, NoFiles: len(g.Recipients.To) > 0 && g.Carries.Files == 0}, Ways: ways,
		Reply: draftOf(drafts[replies.Answer]), Note: draftOf(drafts[replies.Note])}
	if out.Reply.Files, err = d.beside(ctx, v, number, replies.Answer); err == nil {
		out.Note.Files, err = d.beside(ctx, v, number, replies.Note)
	}
	if err != nil {
		return desk.Answer{}, err
	}
	if g.Elsewhere {
		out.By = by
	}
	for i, all := range [][]message.Address{g.Recipients.To, g.Recipients.Cc} {
		for _, a := range all {
			out.Recipients = append(out.Recipients, desk.Recipient{Name: a.Name, Address: a.Value, Proven: g.Proves(a), Copy: i == 1})
		}
	}
	for _, l := range g.Left {
		out.Recipients = append(out.Recipients, desk.Recipient{Name: l.Address.Name, Address: l.Address.Value, Copy: true, Left: string(l.Why)})
	}
	if !v.May(viewer.Contact, g.Queue) { // he writes to whom he is shown by name; the store knows where that is
		for i, r := range out.Recipients {
			out.Recipients[i].Name, out.Recipients[i].Address = veil.Text(r.Name), veil.Value(r.Address)
		}
	}
	return out, nil
}

func draftOf(d answering.Draft) desk.Draft {
	return desk.Draft{Text: d.Text, Version: d.Version, SavedAt: d.SavedAt}
}
