package worldtest

import "testing"

// TestSeed runs again the worlds that have found something, and those in which the mending was taken
// out again and missed. What each was has a direct test of its own where it was mended.
func TestSeed(t *testing.T) {
	r := newReady(t)
	for _, c := range []struct {
		seed uint64
		was  string
	}{
		{16, "a copy of a mail that was set aside was in conflict with its first copy for ever: workers, TestACopyOfAMailThatWasSetAsideIsDecided"},
		{15, "whatever was under work beside a message that killed the process was parked with it: workers, TestOnlyTheMessageUnderWorkIsClaimed"},
		{1121, "claims that could not be taken back were counted as deaths: workers, TestAClaimThatCannotBeTakenBackIsNoDeath"},
		{1139, "an acknowledgement that waited went out after STOP: workers, TestWhatWaitsForSomebodyWhoSaysStopIsWithheld"},
		{1001536, "a sweep that stepped promises and a batch that needed ids waited for each other: store, TestATransactionTakesItsIDsWhileSomebodyWaitsForMore"},
		{5097, "a digest that nobody could be sent left its promises owed: workers, TestADigestThatNobodyCanBeSentOwesNothing"},
		{12, "an attempt that came back after its claim had run out took the row from the next one: storetest, claimRanOutLate"},
		{3000053, "the same"},
		{5002387, "what returned after its person was erased was tried for ever: workers, TestWhatReturnsAfterItsPersonWasErased"},
	} {
		if w := runSeed(t, r, c.seed); w != nil && w.failed() {
			t.Logf("this seed once found: %s", c.was)
			report(t, w)
		}
	}
}
