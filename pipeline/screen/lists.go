package screen

import (
	_ "embed" // the lists of words

	"frontdesk/pipeline/words"
)

//go:embed notices.txt
var noticeFile string

//go:embed bounces.txt
var bounceFile string

//go:embed receipts.txt
var receiptFile string

//go:embed servers.txt
var serverFile string

//go:embed optout.txt
var optFile string

// The files say what each of their lists is.
var (
	noticeLists  = words.MustReadLists("screen/notices.txt", noticeFile)
	bounceLists  = words.MustReadLists("screen/bounces.txt", bounceFile)
	receiptLists = words.MustReadLists("screen/receipts.txt", receiptFile)
	serverLists  = words.MustReadLists("screen/servers.txt", serverFile)
	optLists     = words.MustReadLists("screen/optout.txt", optFile)
)

// Absence notices.
var (
	programs  = newTagList(noticeLists.Words("headings of programs"))
	absent    = newTagList(noticeLists.Words("headings of people"))
	receipted = newTagList(receiptLists.Words("headings"))

	away      = newPhrases(noticeLists.Words("away"))
	selfNamed = noticeLists.List("automatic answer")
	confirms  = noticeLists.List("confirmations")
	covering  = noticeLists.List("beside")
	matters   = noticeLists.List("matters")
	noMatters = noticeLists.Words("no matters")
	greetings = noticeLists.Words("greetings")

	selfLabels = noticeLists.List("labels")
	asking     = newPhrases(noticeLists.Words("asking"))
	contacting = newPhrases(noticeLists.Words("contact"))
	urgent     = newPhrases(noticeLists.Words("urgent"))
	mine       = newPhrases(noticeLists.Words("mine"))

	commandVerbs = noticeLists.Set("commands")
	joins        = noticeLists.Set("joining words")
	begins       = noticeLists.Set("beginnings")
	leads        = noticeLists.Set("leads")
	gatewayWords = noticeLists.Words("gateways")
)

// Delivery reports.
var (
	bounceSubjects = bounceLists.Words("subjects")
	reportSubjects = bounceLists.Words("headings")
	failureWords   = bounceLists.List("failures")
	mailboxWords   = bounceLists.List("mailboxes")
	openings       = bounceLists.List("openings")
)
