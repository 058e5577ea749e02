package markup

import (
	_ "embed" // the marks

	"frontdesk/pipeline/words"
)

//go:embed marks.txt
var markFile string

// markLists say in their file what each of them is.
var markLists = words.MustReadLists("normalize/markup/marks.txt", markFile)
