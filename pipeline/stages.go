package pipeline

// stage is one step of the line, by the name that the trace gives it.
// Names stand in kept traces and in docs/architecture.md; one that changes its name changes what replay compares.
type stage string

// The stages.
const (
	stageAuthor      stage = "author"
	stageNormalize   stage = "normalize"
	stageRedact      stage = "redact"
	stageClassify    stage = "classify"
	stageAsk         stage = "ask"
	stageScan        stage = "scan"
	stageScreen      stage = "screen"
	stageDedupe      stage = "dedupe"
	stageSide        stage = "side"
	stageIdentify    stage = "identify"
	stageThread      stage = "thread"
	stagePrioritize  stage = "prioritize"
	stageRoute       stage = "route"
	stagePromise     stage = "promise"
	stageAnswer      stage = "answer"
	stageAcknowledge stage = "acknowledge"
)

// reading is the first half of the line, in the order of work: what the message itself says. Card numbers are
// masked before anything but normalize looks at the text.
var reading = [...]stage{
	stageAuthor,
	stageNormalize,
	stageRedact,
	stageClassify,
	stageAsk,
}

// deciding is the second half: what the message means, given what the database knows. Robots and copies leave
// first; a ticket is found or opened; then come its place, its promises and its answer. The promise depends on
// the queue, so routing comes before it.
var deciding = [...]stage{
	stageScan,
	stageScreen,
	stageDedupe,
	stageSide,
	stageIdentify,
	stageThread,
	stagePrioritize,
	stageRoute,
	stagePromise,
	stageAnswer,
	stageAcknowledge,
}

// walk takes the case through stages, until one of them ends the line.
func walk(c *Case, stages []stage) {
	for _, s := range stages {
		if work(c, s) {
			return
		}
	}
}

// work does one stage's work: it adds the finding to the case, and says whether the line ends with it. Four
// stages can end it. This is a switch, not a table of functions, because a call through a function value would move
// every case to the heap, which is half of all the memory that a message costs.
func work(c *Case, s stage) (ended bool) {
	switch s {
	case stageScreen:
		return screenSender(c)
	case stageDedupe:
		return foldCopies(c)
	case stageSide:
		return takeAside(c)
	case stageThread:
		return findTicket(c)

	case stageAuthor:
		findAuthor(c)
	case stageNormalize:
		readText(c)
	case stageRedact:
		maskSecrets(c)
	case stageClassify:
		classifyText(c)
	case stageAsk:
		askFacts(c)
	case stageScan:
		hearScanners(c)
	case stageIdentify:
		identifySender(c)
	case stagePrioritize:
		setPriority(c)
	case stageRoute:
		chooseQueue(c)
	case stagePromise:
		makePromises(c)
	case stageAnswer:
		findAnswers(c)
	case stageAcknowledge:
		acknowledgeSender(c)
	}
	return false
}
