package further

import (
	"context"

	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/viewer"
)

// Refused says why a macro is not kept, as a key of the pages' words.
type Refused struct{ Word string }

func (r *Refused) Error() string { return "the macro is not kept: " + r.Word }

// Macros are texts with acts that agents run on a ticket, and ready answers that they put in.
type Macros interface {
	// Fitting are those of a ticket, with their texts in its customer's language, filled; and the desk's ready answers that fit what he wrote last.
	Fitting(ctx context.Context, v viewer.Viewer, number int64) ([]acts.Macro, []acts.Ready, error)
	// Run puts the text of a macro behind the draft of the viewer's answer, and does its acts one by one; it says of each what became of it.
	Run(ctx context.Context, v viewer.Viewer, number int64, name string) ([]acts.Ran, error)
	All(ctx context.Context, v viewer.Viewer) ([]acts.Macro, error)
	// Edits reports whether the viewer may Save.
	Edits(v viewer.Viewer) bool
	// Save keeps a macro; one that says and does nothing is taken away. *Refused: nothing was done.
	Save(ctx context.Context, v viewer.Viewer, m acts.Macro) error
}
