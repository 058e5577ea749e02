package redact

import (
	_ "embed" // the lists of words

	"frontdesk/pipeline/words"
)

//go:embed words.txt
var wordFile string

// wordLists say in their file what each of them is.
var wordLists = words.MustReadLists("redact/words.txt", wordFile)
