package pages

import (
	"context"
	"errors"
	"html/template"
	"strings"
	"time"

	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/viewer"
)

// What may come of a request. Whoever is joined here wraps these; everything else is a fault of the desk (503).
var (
	ErrNotFound = errors.New("no such ticket, list or reply, or not for this viewer") // he cannot tell which
	ErrRefused  = errors.New("the viewer may not do that")
	ErrTaken    = errors.New("somebody else has the ticket")
	ErrNotSo    = errors.New("the ticket is in no state for that")
	ErrInOrder  = errors.New("the tickets of its queue are taken in their order")
	ErrFull     = errors.New("the viewer has as much in hand as he should")
	ErrNothing  = errors.New("no ticket is waiting")
	ErrLate     = errors.New("the reply has gone out")
	ErrTooLong  = errors.New("the text is too long for its channel")
	ErrNobody   = errors.New("the reply has no recipient")
	ErrAbsent   = errors.New("the one to whom it is given is not there")
	ErrMerged   = errors.New("the ticket is merged into another one")
	ErrForeign  = errors.New("the tickets are of different customers, and nobody has said that they are to be merged all the same")
	ErrNoFiles  = errors.New("the channel takes no such file, or no more of them")
	ErrChanged  = errors.New("the recipients are others than the page showed")
)

// Conflict says that a draft was changed since the version that was named: by the same person, in another window.
type Conflict struct{ Now desk.Draft }

func (*Conflict) Error() string { return "the draft was changed elsewhere" }

// Found says that a reply holds what is not sent, or not without a word of its writer.
type Found struct {
	What    []desk.Reason // each thing: its kind, and the word where it is one
	Despite string        // with which it goes (Outgoing.Despite); empty: it does not go
}

func (*Found) Error() string { return "the reply holds what is not sent without a word" }

// Overtaken says that a customer or a colleague has written since the line that was seen. Lines are what they wrote.
type Overtaken struct{ Lines []desk.Line }

func (*Overtaken) Error() string { return "somebody has written meanwhile" }

// Missed says that a note was left, and names people who were told nothing: nobody bears these logins, or they may not read the ticket.
type Missed struct{ Logins []string }

func (m *Missed) Error() string { return "nobody was told who bears " + strings.Join(m.Logins, ", ") }

// Asked is which part of a list is asked for.
type Asked struct {
	Name  string // of the list, or the queue's key
	Queue bool
	Tag   bool   // Name is a tag
	After string // where the page before ended (desk.List.Next); empty: from the top
	Limit int
}

// Sought is what somebody looks for.
type Sought struct {
	Text  string // as it was typed, at most 200 characters
	State string // "open", "closed"; empty: all
	After string // where the page before ended; empty: from the top
	Limit int
}

// Tickets reads. What the viewer may not read is ErrNotFound. It gives values; times in words, names in a language and addresses of pages
// are this package's. Card.Due and Ticket.Due hold business time, as the queue's calendar has it.
type Tickets interface {
	// Counts are those of the lists mine, at-risk, pending, snoozed, unassigned, unsure and closed, and of each queue that he may read.
	Counts(ctx context.Context, v viewer.Viewer) (desk.Counts, error)
	List(ctx context.Context, v viewer.Viewer, a Asked) (desk.List, error)
	// Search looks for tickets. called is the ticket that the text names by its number; 0: none.
	Search(ctx context.Context, v viewer.Viewer, s Sought) (l desk.List, called int64, err error)
	// Ticket has the newest lines before a place (desk.Ticket.Before); "": the newest. Later and Answer stay empty. Lines with a long text
	// have its beginning.
	Ticket(ctx context.Context, v viewer.Viewer, number int64, before string) (desk.Ticket, error)
	// Whole is the whole text of a line whose beginning a ticket shows.
	Whole(ctx context.Context, v viewer.Viewer, number int64, line string) (string, error)
	// Saw notes that the viewer has been shown all lines up to this one.
	Saw(ctx context.Context, v viewer.Viewer, number int64, line string) error
}

// Acts changes whose ticket it is, and its state. An act that means nothing in the ticket's state is ErrNotSo.
type Acts interface {
	// Next gives the viewer the ticket that is most urgent among what he may answer, and names it. ErrNothing: none waits. ErrFull: he is
	// to answer something first.
	Next(ctx context.Context, v viewer.Viewer) (number int64, err error)
	Take(ctx context.Context, v viewer.Viewer, number int64) error // ErrTaken: somebody was faster; ErrFull
	HandBack(ctx context.Context, v viewer.Viewer, number int64) error
	Close(ctx context.Context, v viewer.Viewer, number int64) error
	Reopen(ctx context.Context, v viewer.Viewer, number int64) error
	Snooze(ctx context.Context, v viewer.Viewer, number int64, until time.Time) error
	SetAside(ctx context.Context, v viewer.Viewer, number int64) error // there is nothing to answer
	CallUp(ctx context.Context, v viewer.Viewer, number int64) error   // takes that back
	// Sort says where a ticket belongs: its queue and its category, each one of those that its page offers (desk.Ticket.Sorting).
	Sort(ctx context.Context, v viewer.Viewer, number int64, queue, category string) error
}

// Merges has tickets worked on as one.
type Merges interface {
	// Root is the ticket in which one is worked on: itself, where it is merged into no other. 0: the viewer may not read that.
	Root(ctx context.Context, v viewer.Viewer, number int64) (root int64, err error)
	// Joining says what merging a ticket into another one would join. Asked stays empty. ErrNotFound: they cannot be merged.
	Joining(ctx context.Context, v viewer.Viewer, number, into int64) (acts.Joining, error)
	// Merge merges a ticket into another one. ErrForeign: they are of different customers, and foreign does not say that the viewer knows it.
	Merge(ctx context.Context, v viewer.Viewer, number, into int64, foreign bool) (root int64, err error)
	// Unmerge takes that back.
	Unmerge(ctx context.Context, v viewer.Viewer, number int64) error
}

// Presence is who is there.
type Presence interface {
	// Here notes that a page of the viewer's is open, and gives "online" or "away" (agents.Presence).
	Here(ctx context.Context, v viewer.Viewer) (presence string, err error)
	// Away has the viewer go away, or come back.
	Away(ctx context.Context, v viewer.Viewer, gone bool) error
}

// Outgoing is a reply or a note as it was posted.
type Outgoing struct {
	Key    string // posted twice, it is done once: the second time gives the same id
	Seen   int64  // how much was said, as the writer's page had it (desk.Answer.Seen)
	Ground string // what the recipients on his page stood on (desk.Answer.Ground); of a note empty. It comes from a browser
	Text   string // not blank; lines end in \n
	Anyway bool   // though somebody has written meanwhile
	// Despite is what its writer was shown (Found.Despite), who sends it all the same. It comes from a browser.
	Despite string
	By      string // the way that he has chosen (desk.Answer.By); empty: none
}

// Kept is a draft as it was posted.
type Kept struct {
	Note    bool // of a note; else of a reply
	Text    string
	Seen    int64
	Version int64 // that it follows; 0: none
}

// Upload is a file as it was posted.
type Upload struct {
	Note       bool   // beside a note; else beside a reply
	Name, Type string // as the browser tells them
	Pasted     bool   // into the text, where it is to stand
	By         string // as Outgoing.By
	Content    []byte
}

// Files keeps files beside the viewer's drafts, and gives those of a ticket.
type Files interface {
	// Enclose keeps a file. Its Shown says whether it may stand in the text. ErrTooLong, ErrNoFiles: nothing was done.
	Enclose(ctx context.Context, v viewer.Viewer, number int64, u Upload) (desk.File, error)
	Remove(ctx context.Context, v viewer.Viewer, number, file int64) error
	// File reads one. kind is that of an image which may be shown; "" for every other content.
	File(ctx context.Context, v viewer.Viewer, number, file int64) (name, kind string, content []byte, err error)
	// Preview is what would go out of a text, formatted, or as a plain text where the channel takes no more.
	Preview(ctx context.Context, v viewer.Viewer, number int64, note bool, text, by string) (template.HTML, error)
}

// Answers writes to customers, and keeps what is being written.
type Answers interface {
	// Box is what the viewer answers with: recipients, channel, limits, drafts and Seen. Key stays empty. by is the way that he has chosen; where nothing may go that
	// way, By is empty and the answer goes where it goes by itself. ErrRefused: he may not.
	Box(ctx context.Context, v viewer.Viewer, number int64, by string) (desk.Answer, error)
	// Save keeps a draft; an empty text drops it. A *Conflict has what is kept. Behind a sent reply its draft's version is over, so that
	// one that was late cannot bring the text back.
	Save(ctx context.Context, v viewer.Viewer, number int64, k Kept) (version int64, err error)
	// Reply hands a reply over, to be taken back for some seconds, and drops its draft. *Overtaken, *Found, ErrTooLong, ErrNobody, ErrChanged: nothing was done.
	Reply(ctx context.Context, v viewer.Viewer, number int64, o Outgoing) (reply int64, err error)
	// Note adds a note. Nobody is asked whether he has seen everything: no customer reads it.
	Note(ctx context.Context, v viewer.Viewer, number int64, o Outgoing) error
	// Sent is a reply of the viewer's own, and for how long it can be taken back by the server's clock.
	Sent(ctx context.Context, v viewer.Viewer, reply int64) (desk.Sent, error)
	// Undo takes a reply back, whose text is a draft again; ErrLate: it has gone out.
	Undo(ctx context.Context, v viewer.Viewer, reply int64) (number int64, err error)
	// Retry sends a reply that has failed once more.
	Retry(ctx context.Context, v viewer.Viewer, reply int64) (number int64, err error)
}
