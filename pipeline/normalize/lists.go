package normalize

import (
	_ "embed" // the lists of words

	"frontdesk/pipeline/words"
)

//go:embed mail.txt
var mailFile string

//go:embed courtesy.txt
var courtesyFile string

// The files say what each of their lists is.
var (
	mailLists     = words.MustReadLists("normalize/mail.txt", mailFile)
	courtesyLists = words.MustReadLists("normalize/courtesy.txt", courtesyFile)
)
