package twilio

// segmentsOf tells in which encoding a text travels, "GSM-7" or "UCS-2", and as how many SMS it is
// charged. No text is no SMS.
func segmentsOf(text string) (encoding string, count int) {
	g := newGauge()
	for _, r := range text {
		g.add(r)
	}
	if g.unicode {
		return "UCS-2", g.ucs.count()
	}
	return "GSM-7", g.gsm.count()
}
