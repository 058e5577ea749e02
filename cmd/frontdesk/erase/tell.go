package erase

import (
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"

	"frontdesk/workers/store/erasure"
)

// howNamed says how a person is named.
const howNamed = "CONTACT is a contact's number such as 12, a mail address, a telephone number with its plus sign such as +8613800138000, or telegram:ID such as telegram:7712345678"

// tellNobody says that there was nothing to erase: whoever mistypes an address must not take that for an erasure.
func tellNobody(w io.Writer, searched map[string]int64) {
	total := int64(0)
	for _, rows := range searched {
		total += rows
	}
	fmt.Fprintf(w, "nothing of this person was found in %d rows, sealed ones opened, and nothing was changed\n", total)
	fmt.Fprintf(w, "if that is a surprise: %s, in the form in which 'frontdesk messages' and 'frontdesk trace' show it\n", howNamed)
}

// withLists is v with [] for each list that is nil, at any depth: a script may count on lists. It goes by reflection,
// because the types are those of package erasure, which has no business with JSON for scripts; a run prints once.
func withLists(v any) any {
	out := reflect.New(reflect.TypeOf(v)).Elem()
	out.Set(reflect.ValueOf(v))
	fillLists(out)
	return out.Interface()
}

// fillLists changes v in place, and what its pointers lead to. Maps are left as they are.
func fillLists(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fillLists(v.Elem())
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				fillLists(field)
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			fillLists(v.Index(i))
		}
	}
}

// tellFound says what would go, on the error stream, before the question. "Verified" is an address that the person
// has proven, "claimed" one that was only typed beside it: who erases should look at those twice.
func tellFound(w io.Writer, p erasure.Person, f erasure.Traces) {
	if p.Contact != 0 {
		fmt.Fprintf(w, "contact %d\n", p.Contact)
	}
	for _, a := range p.Addresses {
		how := "claimed"
		if a.Verified {
			how = "verified"
		}
		fmt.Fprintf(w, "  %-9s %s (%s)%s\n", a.Kind, a.Value, how, stoppedWord(a))
	}
	fmt.Fprintf(w, "would be erased: %d messages, %d tickets, %d effects\n", len(f.Messages), len(f.Tickets), len(f.Effects))
	o := f.Others
	fmt.Fprintf(w, "would be masked in what belongs to others: %d messages, %d tickets, %d decisions, %d effects; %d originals would go\n",
		len(o.Messages), len(o.Tickets), len(o.Decisions), len(o.Effects), len(o.Originals))
	if len(f.Undecided)+len(f.Sending) > 0 {
		fmt.Fprintf(w, "under way: %d messages are not decided yet, %d effects are being sent\n", len(f.Undecided), len(f.Sending))
	}
	tellKept(w, f)
}

func stoppedWord(a erasure.KnownAddress) string {
	if a.OptedOut {
		return ", said STOP"
	}
	return ""
}

// tellKept names parked messages of others that name this person: their originals are needed to decide them, so they
// stay until then.
func tellKept(w io.Writer, f erasure.Traces) {
	if len(f.Kept) > 0 {
		fmt.Fprintf(w, "parked messages of others whose originals name this person stay until they are released or dismissed: %v\n", f.Kept)
	}
}

// tellErased says what went, what was searched, and what was found. It is what the operator keeps as his proof:
// figures by table, no word of the person.
func tellErased(w io.Writer, r report) {
	d := r.Done
	fmt.Fprintf(w, "erased: %d messages, %d tickets, %d effects, %d originals, %d blobs, %d mails in the sink\n", d.Messages, d.Tickets, d.Effects, d.Originals, d.Blobs, r.SinkGone)
	fmt.Fprintf(w, "masked: %d rows of others; %d files stay since others have them as well\n", d.Mentions, d.Shared)
	total := int64(0)
	for _, table := range slices.Sorted(maps.Keys(d.Proof.Searched)) {
		total += d.Proof.Searched[table]
		fmt.Fprintf(w, "  searched %-16s %d rows\n", table, d.Proof.Searched[table])
	}
	if left := d.Proof.Left(); left > 0 {
		fmt.Fprintf(w, "FOUND %d rows: messages %v, tickets %v, effects %v, others %+v, addresses %d\n", left, d.Proof.Messages, d.Proof.Tickets, d.Proof.Effects, d.Proof.Others, d.Proof.Identity)
	} else {
		fmt.Fprintf(w, "nothing found in %d rows, sealed ones opened\n", total)
	}
	tellFiles(w, r)
	if d.Elsewhere > 0 {
		fmt.Fprintf(w, "%d phrases were not searched for in the files: others wrote them, too\n", d.Elsewhere)
	}
	if n := len(d.Proof.Undecided); n > 0 {
		fmt.Fprintf(w, "%d messages that name this person have come in since and are not decided yet\n", n)
	}
	tellKept(w, d.Proof)
}

// tellFiles says what the bytes of the files hold, and what to do where the database was too large to be rewritten
// unasked.
func tellFiles(w io.Writer, r report) {
	f := r.Files
	if f == nil {
		fmt.Fprintln(w, "the files are PostgreSQL's own: docs/operations.md says what VACUUM and its archived log keep, and for how long")
		return
	}
	if f.Rewrote {
		fmt.Fprintln(w, "the database file was written anew, since deleted text lay in its gaps")
	}
	if f.Logged {
		fmt.Fprintln(w, "NOT EMPTIED: the database's write-ahead log, which somebody reads")
	}
	if len(f.Found) == 0 {
		fmt.Fprintf(w, "nothing found in %d files (%d bytes) for %d words\n", f.Files, f.Bytes, f.Words)
		return
	}
	for _, found := range f.Found {
		fmt.Fprintln(w, "FOUND in", found)
	}
	if !f.Rewrote && !f.Logged {
		fmt.Fprintln(w, "the database file is large; run this again with --vacuum when it may be closed to others for a while")
	}
}
