package pipeline

// mostReady is how many ready answers an agent is offered.
const mostReady = 3

// Ready are the desk's ready answers about a category that fit a text, best first, as question and answer in the reader's language; nil where
// there are none in it, or nothing fits. It is what an acknowledgement would carry, for whoever answers later.
func (s *Settings) Ready(category, language, text string) (out [][2]string) {
	shelf := inLanguage(s.Desk[category].FAQ, &Case{Settings: s, Language: language})
	if shelf == nil {
		return nil
	}
	for _, m := range shelf.Find(beginning(text, coreBytes), mostReady) {
		out = append(out, [2]string{m.FAQ.Question, m.FAQ.Answer})
	}
	return out
}
