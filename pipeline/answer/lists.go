package answer

import (
	_ "embed" // the lists of words

	"frontdesk/pipeline/words"
)

//go:embed facts.txt
var factFile string

//go:embed names.txt
var nameFile string

// The files say what each of their lists is.
var (
	factLists = words.MustReadLists("answer/facts.txt", factFile)
	nameLists = words.MustReadLists("answer/names.txt", nameFile)
)
