package tables

// TornAway stands for the time at which an original expires that was removed because it named a person
// who was erased. 0 stands for one that never does, or has.
const TornAway = -1

// OriginalRow is an original, sealed here or in the blob store.
type OriginalRow struct {
	ID      int64
	Blob    string
	Sealed  []byte
	DataKey uint32
}
