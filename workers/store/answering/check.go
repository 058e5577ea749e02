package answering

import (
	"fmt"
	"slices"
	"strings"

	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/letter"
	"frontdesk/pipeline/outgoing"
)

// FoundError says what was found in a text that was to go out. Nothing was done. Where no finding blocks, it goes once its writer has named all
// of them (Writing.Despite).
type FoundError struct{ Findings []outgoing.Finding }

// Error implements error. It tells kinds alone: what was found is nothing for a log.
func (e *FoundError) Error() string {
	return fmt.Sprintf("the text holds what is not sent, or not without a word: %s", strings.Join(outgoing.Kinds(e.Findings), ", "))
}

// checked looks through what goes out, as it was typed and as it is read. What of it goes because its writer says so is noted by its kinds. A
// note is for colleagues: what must not be readable is masked in it.
func checked(h House, w Writing) (Writing, string, error) {
	if w.Kind == replies.Note {
		w.Text = h.Check.Mask(w.Text)
		return w, "", nil
	}
	found := h.Check.Look(w.Subject+"\n"+w.Text+"\n"+letter.Read(w.Text).Text(), w.Language)
	unsaid := func(f outgoing.Finding) bool { return !slices.Contains(w.Despite, f.Key()) }
	if outgoing.Blocks(found) || slices.ContainsFunc(found, unsaid) {
		return w, "", &FoundError{found}
	}
	return w, strings.Join(outgoing.Kinds(found), ","), nil
}
