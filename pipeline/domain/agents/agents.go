// Package agents is who works at the desk just now: whether somebody is there, how much he has in hand, and what stays his when he goes.
package agents

import (
	"time"

	"frontdesk/pipeline/domain/machine"
)

// Presence is whether somebody is there.
type Presence string

// The presences of an agent. Who is away or offline is absent: he is given nothing, and does not keep everything.
const (
	Online  Presence = "online"
	Away    Presence = "away"    // he has said so, or has let too much lie that he was given
	Offline Presence = "offline" // nothing is heard of him
)

// Event is an event in the day of an agent.
type Event string

// The events of an agent.
const (
	Hear       Event = "hear"        // a page of his is open
	GoAway     Event = "go away"     // he says so
	ComeBack   Event = "come back"   // he says so, or takes work
	Leave      Event = "leave"       // he signs out
	FallSilent Event = "fall silent" // nothing was heard of him for Silence
	Miss       Event = "miss"        // he was given something and has not begun it
	MissAgain  Event = "miss again"  // for the third time
)

// Machine is the state machine of an agent.
var Machine = machine.Table[Presence, Event]{
	{From: Offline, On: Hear, To: Online},
	{From: Offline, On: GoAway, To: Away},
	{From: Offline, On: ComeBack, To: Online},
	{From: Online, On: Hear, To: Online},
	{From: Online, On: GoAway, To: Away},
	{From: Online, On: ComeBack, To: Online},
	{From: Online, On: Leave, To: Offline},
	{From: Online, On: FallSilent, To: Offline},
	{From: Online, On: Miss, To: Online},
	{From: Online, On: MissAgain, To: Away},
	{From: Away, On: Hear, To: Away},
	{From: Away, On: GoAway, To: Away},
	{From: Away, On: ComeBack, To: Online},
	{From: Away, On: Leave, To: Offline},
	{From: Away, On: FallSilent, To: Offline},
}

// Bounds of presence, by the clock on the wall.
const (
	Silence  = 60 * time.Second // of whom nothing is heard for so long is offline
	Quiet    = 20 * time.Second // a sign of life that comes sooner than that after another one is not noted
	Patience = 5 * time.Minute  // what was given lies so long until it goes back
	Break    = 20 * time.Minute // what was begun waits so long for who is absent; what its customer answers, for who is on a break
	misses   = 3                // who has let so many lie is away
)

// DefaultRoom is how much an agent may have in hand, in weights, unless he has a room of his own.
const DefaultRoom = 6

// Agent is somebody who works at the desk.
type Agent struct {
	User     int64 // id
	Presence Presence
	HeardAt  time.Time // the last sign of life, to within Quiet
	SinceAt  time.Time // since when he is there, or absent
	Room     int64     // the weights that he may have in hand; 0: DefaultRoom
	Load     int64     // the weights of what is his and our turn
	NotBegun int64     // how many of these he was given and has not begun
	Missed   int64     // what he was given and let lie, since he has last come back
	GivenAt  time.Time // when he last took something, or was given it
}

// Absent reports whether he is not there.
func (a Agent) Absent() bool { return a.Presence != Online }

// Fits reports whether he may take work of that weight. Who has nothing in hand takes any.
func (a Agent) Fits(weight int64) bool {
	room := a.Room
	if room == 0 {
		room = DefaultRoom
	}
	return a.Load == 0 || a.Load+weight <= room
}

// After is the agent after an event; ok is false where it means nothing.
func (a Agent) After(on Event, now time.Time) (_ Agent, ok bool) {
	was := a.Absent()
	if on == Miss && a.Missed+1 >= misses {
		on = MissAgain
	}
	if a.Presence == "" {
		a.Presence = Offline
	}
	to, ok := Machine.Next(a.Presence, on)
	if !ok {
		return a, false
	}
	a.Presence = to
	switch on {
	case Hear, GoAway:
		a.HeardAt = now
	case ComeBack:
		a.HeardAt, a.Missed = now, 0
	case Miss, MissAgain:
		a.Missed++
	}
	if a.Absent() != was {
		a.SinceAt = now
	}
	return a, true
}

// Heard is the agent when a page of his is open; changed is false where that is known well enough.
func (a Agent) Heard(now time.Time) (_ Agent, changed bool) {
	if a.Presence != Offline && a.Presence != "" && now.Sub(a.HeardAt) < Quiet {
		return a, false
	}
	return a.After(Hear, now)
}

// Silent is the agent of whom nothing is heard; ok is false where something was, or he is offline already.
func (a Agent) Silent(now time.Time) (_ Agent, ok bool) {
	if now.Sub(a.HeardAt) < Silence {
		return a, false
	}
	return a.After(FallSilent, now)
}

// Work is what decides whether an item stays with its owner. It is our turn.
type Work struct {
	Since time.Time // since when its customer waits
	Given time.Time // to its owner
	Begun time.Time // by him, since then; zero: it is not
}

// Reasons for which work goes back to all.
const (
	ReasonAbsent   = "owner-absent"        // he was given it, and went before he began it
	ReasonUnbegun  = "not-begun"           // he is there, was given it, and has let it lie
	ReasonAnswered = "answered-while-away" // its customer has written after nothing was heard of him any more
	ReasonLong     = "owner-absent-longer" // he has begun it, and does not come back
	ReasonBeyond   = "given-beyond-limit"  // of a giving: he has more in hand than he should
)

// Returns says why work goes back from its owner to all; "" while it stays his. It keeps its place either way. Work that he had before its
// customer wrote again is a conversation: it waits for who is there, however long he is busy, and for who is on a break.
func (a Agent) Returns(w Work, now time.Time) string {
	offline, conversation := a.Absent() && a.Presence != Away, w.Given.Before(w.Since)
	switch {
	case !a.Absent() && w.Begun.IsZero() && !conversation && now.Sub(w.Given) >= Patience:
		return ReasonUnbegun
	case !a.Absent():
		return ""
	case offline && conversation && !w.Since.Before(a.SinceAt):
		return ReasonAnswered
	case w.Begun.IsZero() && (offline || !conversation):
		return ReasonAbsent
	case now.Sub(a.SinceAt) >= Break:
		return ReasonLong
	}
	return ""
}
