// Package viewer is who looks and acts at the desk, and what he may: a leaf. Every read and write of the desk takes a Viewer, and its
// statement leaves out what he may not see, so that no page, list, count, stream or file has to remember a right.
package viewer

import "slices"

// Role is a set of rights that a person is given in a queue, or in all of them.
type Role string

// The roles.
const (
	Agent         Role = "agent"         // reads and answers
	Lead          Role = "lead"          // and gives work to others, and takes it from them
	Administrator Role = "administrator" // and looks after users, queues and texts
	Auditor       Role = "auditor"       // reads everything and the log, and changes nothing
)

// Roles are all roles, in the order in which pages list them.
func Roles() []Role { return []Role{Agent, Lead, Administrator, Auditor} }

// Right is one thing that a role allows.
type Right string

// The rights.
const (
	Read       Right = "read"       // tickets, messages, files
	Answer     Right = "answer"     // take, answer, note, close, snooze, tag
	Direct     Right = "direct"     // give to others, take from them, beyond capacity
	Administer Right = "administer" // users, roles, queues, texts
	Audit      Right = "audit"      // the log of who did and read what
	// Contact is to see where customers can be reached. It comes with Read, unless the house keeps it from a role (Veiled).
	Contact Right = "contact"
)

// rights is what each role allows. An auditor answers nobody, and an administrator without a further role answers nobody, too: who
// looks after the desk need not read in the name of the company.
var rights = map[Role][]Right{
	Agent:         {Read, Answer},
	Lead:          {Read, Answer, Direct},
	Administrator: {Read, Administer, Audit},
	Auditor:       {Read, Audit},
}

// Every stands for all queues in a Grant.
const Every = ""

// Grant is a role in a queue; of all queues where Queue is Every.
type Grant struct {
	Role  Role
	Queue string
}

// Viewer is a person who is signed in. The zero Viewer may nothing.
type Viewer struct {
	User     int64 // id in the table users
	Login    string
	Name     string // as colleagues see it
	Language string // of the pages: BCP 47
	Grants   []Grant
	Veiled   []Role // from which the house keeps where customers can be reached
}

// allows reports whether a grant gives the viewer a right in its queue.
func (v Viewer) allows(g Grant, right Right) bool {
	if right == Contact {
		return !slices.Contains(v.Veiled, g.Role) && slices.Contains(rights[g.Role], Read)
	}
	return slices.Contains(rights[g.Role], right)
}

// May reports whether the viewer has a right in a queue.
func (v Viewer) May(right Right, queue string) bool {
	return slices.ContainsFunc(v.Grants, func(g Grant) bool {
		return (g.Queue == Every || g.Queue == queue) && v.allows(g, right)
	})
}

// Where names the queues in which the viewer has a right, sorted; every is true where he has it in all of them, and then there are no
// names. Neither: nowhere.
func (v Viewer) Where(right Right) (queues []string, every bool) {
	for _, g := range v.Grants {
		switch {
		case !v.allows(g, right):
		case g.Queue == Every:
			return nil, true
		default:
			queues = append(queues, g.Queue)
		}
	}
	slices.Sort(queues)
	return slices.Compact(queues), false
}

// Anywhere reports whether the viewer has a right in any queue: for what lies in none.
func (v Viewer) Anywhere(right Right) bool {
	queues, every := v.Where(right)
	return every || len(queues) > 0
}
