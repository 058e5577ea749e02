package normalize

import (
	_ "embed" // the lists of words

	"frontdesk/pipeline/words"
)

//go:embed mail.txt
var mailFile string

//go:embed courtesy.txt
var courtesyFile string

//go:embed latin.txt
var latinFile string

// The files say what each of their lists is.
var (
	mailLists     = words.MustReadLists("normalize/mail.txt", mailFile)
	courtesyLists = words.MustReadLists("normalize/courtesy.txt", courtesyFile)
	latinLists    = words.MustReadLists("normalize/latin.txt", latinFile)
)
