package storetest

import (
	"slices"
	"testing"

	"frontdesk/workers/store"
)

// namedCase is one case of the suite.
type namedCase struct {
	name string
	run  func(*desk)
}

// cases are the suite, in the order of a message's life.
func cases() []namedCase {
	return slices.Concat(firstCases(), laterCases())
}

func firstCases() []namedCase {
	return []namedCase{
		{"a delivery is recorded once and comes back as it was", recordOnce},
		{"sixteen concurrent deliveries of one id store one row", recordAtOnce},
		{"a bad item is a data error and records nothing of its lot", recordPoison},
		{"text that a database refuses is cleaned and keys stay apart", recordForeignBytes},
		{"a time in the future becomes the time of recording", recordFuture},
		{"a large original lies in the blob store", recordLarge},
		{"an item with a cause is parked", recordParked},
		{"undecided messages are counted and claimed", claimMessages},
		{"large undecided messages are read a few at a time", readWithin},

		{"a first message opens a ticket that the next batch knows", openTicket},
		{"two messages of one batch make one contact and one ticket", commitFollowing},
		{"what a batch sees of itself is what the next one is told", batchAgrees},
		{"the first matter after a greeting decides where its ticket belongs", commitSettle},
		{"two workers that decide what follows a greeting decide it once", commitSettleTwice},
		{"a plan upon an old version is a conflict and commits nothing", commitStale},
		{"two workers that commit the same messages open one ticket", commitTwice},
		{"two first messages of one contact at once conflict and make one contact", commitTwoFirst},
		{"a claimed address stays with its message until somebody proves it", commitTakenClaim},
		{"a ticket opened under a claim becomes the contact's who proves the address", commitAdoption},
		{"a failure is known of an address that is only claimed", claimFails},
		{"what somebody has said is known when he says it again", saidAgain},
		{"what was said in a message goes with it when it is taken out", saidTakenOut},
		{"the newest of much that somebody said are looked at", saidMuch},
		{"what was seen last of a message is known of its next version", commitVersions},
		{"a copy under another key is a conflict until it is a duplicate", commitCopy},
		{"a bad plan is a data error and commits nothing of its batch", commitPoison},
		{"an effect whose key is there already keeps its row", commitSameEffect},
		{"an original that must go goes with the commit", commitDropOriginal},
		{"what a person said about writing to him is kept", commitOptOut},
		{"facts answer for references, tokens, sends and bounced mail", factsOfMail},
		{"what a stranger claims is counted apart from what its owner proves", countApart},
		{"what the whole desk uses up is counted, and never overspent", countScopes},
		{"what a cap over the whole desk withheld goes when a person says so", releaseHeld},
		{"held acknowledgements go by name, and never where nothing may go", releaseNamed},
		{"a release is taken back until it is sent", holdBack},

		{"an answer goes out once, after its writer could take it back, and keeps the promise of a first reply", answerCustomer},
		{"D13: an answer to a mail goes to all whom it shows, below it, and what it stands on lies sealed", answerMail},
		{"a channel that carries no copies gets none", copiesAreRefused},
		{"an answer goes to another address of the customer's, and his answer to it comes back (D13)", answerElsewhere},
		{"who has not seen the newest words is shown them before he answers", answerOvertaken},
		{"what agents may not send goes by no path, and what they know they send is kept by its kind", answerChecked},
		{"files go with what is sent of their draft, and come back with it", answerEnclosed},
		{"files that agents send are erased with whom they are for", eraseEnclosed},
		{"snippets are edited by those who may, and what nobody could fill is refused", snippetsKept},
		{"a third party is asked beside the ticket, and its answer is no customer's (D16)", askThird},
		{"macros are edited by those who may, and what cannot be done is refused", macrosKept},
		{"a customer shows who he is by a code that is kept nowhere, with five answers to it", checkCustomer},
		{"a code is entered on our page, and its tries are those of the conversation", checkOnPage},
		{"a code goes where the company's system says, and the address is not kept", checkVouched},
		{"no code goes to who has said STOP, or was erased, since it was begun", checkMeanwhile}, {"an erasure that ends while a code is begun is known to it", checkBeside},
		{"an answer that is taken back is a draft again", answerUndone},
		{"D12: an answer that failed is sent once more when a person says so", answerFailed},
		{"a draft is saved once a ticket, person and kind, and no older page overwrites it", draftsStay},
		{"nobody answers where he has no right, and nothing goes without a text or to nobody", answersAreRefused},
		{"what agents wrote is found, and by nobody who may not see it", searchesAnswers},
		{"D2: of answers at the same moment one goes, and it is sent or taken back", answersRace},
		{"webhooks are told of tickets, and nothing is left out", ticketsTold}, {"several processes tell of a ticket once", ticketsToldOnce}, {"what was told is told once more, and forgotten in the end", toldAgain},
		{"where agents say that tickets belong is kept as examples", corrections}, {"a model becomes the line's, and the one before it again", modelsPromoted},
		{"people are told what they have chosen, as one, and once", peopleTold}, {"nobody is told of what he may not read, has seen, or has no more", peopleSpared}, {"whom a note names, and who leads, is told", namedTold},
		{"what waits for a way that is switched off is dropped", waysOff}, {"who answers nowhere is told in working hours, and who works at night is not absent", whoIsHere}, {"an answer that failed is told once", failuresToldOnce}, {"and so is one that came back", bouncesToldOnce},
		{"several processes tell people once", peopleToldOnce}, {"a webhook of a person's is sealed, and switched off when nothing arrives", ownHook}, {"tests are bounded, and what was sent is forgotten in the end", alertTests},
		{"searches are kept for oneself or a queue", keptViews}, {"a kept search that names who is erased goes", viewsOfTheErased},
		{"what is owed is escalated, each step once", escalated}, {"several processes escalate once", escalatedOnce},
		{"a resolution stands still while it is the customer's turn", standingStill}, {"so it does in merged tickets", standingMerged},
		{"D32: who writes after our answer is promised the next one, once a turn, and the first one stays", turnByTurn},
		{"D32: what a customer adds before our first words moves nothing, and the first reply breaks and escalates at its own time", firstStays},
		{"D32: a merged ticket escalates where it is worked on, and no more once that is answered", mergedEscalates},
		{"D32: a merging that is taken back lets each ticket escalate by itself", partedEscalates}, {"D32: closing where a merged ticket is worked on ends what was owed in both", closedMerged},
		{"D32: a mail at midnight is owed by working hours, and nobody is warned or hurried before they begin", midnightMail},
		{"D31: a turn is set aside, closed, and brought back with its time", turnsSetAside},
		{"the first reply is set aside, and brought back with its time", setAsideFirst},
		{"what a customer writes while an answer is under way is owed one of its own", writtenMeanwhile},
		{"a customer who writes as an answer goes out is promised the next one", turnsRace},
		{"nobody is owed the next reply who was erased", turnsOfTheErased},
		{"what is promised in open tickets follows other calendars, and is never told later", countedAnew},

		{"what was decided is read back with all that was known", readDecided},
		{"what people did is read back with all that it was decided upon", readActs},

		{"workers under fire make one contact and one ticket of each customer", underFire},

		{"a sent acknowledgement keeps its promise", settleSent},
		{"what was sent is asked about until its fate is known", checkSends},
		{"a late acknowledgement breaks its promise and settles it", settleLate},
		{"a broken promise stays broken when nobody can be reached after all", settleVoidLate},
		{"a row is not claimed before its time and only once", claimOnce},
		{"a claim that ran out comes back as unknown", claimRanOut},
		{"an attempt that outlived its claim leaves the row to the next one", claimRanOutLate},
		{"word of a failure that overtakes the send leaves the promise kept", failureOvertakes},
		{"a failed acknowledgement goes on at another address once", settleFallback},
		{"an acknowledgement that nobody can get voids its promise", settleVoid},
		{"a receipt before its row's record is not lost", receiptEarly},
		{"a later and worse fate wins over an earlier one", receiptRank},
		{"a bounce that calls the address gone marks it and asks for the fallback", commitBounce},
		{"a bounce of a full mailbox marks no address", commitFullMailbox},
		{"what becomes of messages is counted by inbox and cause", commitShares},
	}
}

func laterCases() []namedCase {
	return []namedCase{
		{"a release lets in the sender or the subject", releaseLearns},
		{"whom a person blocks is set aside until he is let in again", blocksSenders}, {"a block goes with the person who is erased", blocksOfTheErased},
		{"originals that are back are decided", originalsReturn},
		{"a bounce may come before its send is written down", bounceFirst},
		{"a digest lists nothing that was erased", eraseCovered},
		{"what was owed to an erased person about another's ticket is owed no more", eraseReader},
		{"what a digest lists that is being sent is erased after that", eraseListed},
		{"a digest settles the tickets that it covers", settleDigest},
		{"a decision is told when the last late digest is due", plannedDigest},
		{"a failure that is told before the send is recorded leaves the promise kept", failedFirst},

		{"messages are taken once, live and bulk ones apart", takeMessages},
		{"an inbox with much to decide leaves room for the others", takeInTurn},
		{"the sweep wakes open effects and no others", wakeEffects},
		{"a start rouses everything that is open", rouse},
		{"what a dead process held is taken over, what a living one holds is not", reclaim},
		{"what a dead process had sent is written down, if the row is the one", confirm},
		{"a send is a kept promise, whether its failure is heard of before its record or after", failedBeforeSettled},
		{"a promise is warned, then broken, each once", wakePromises},
		{"the notices of a promise are committed with its step", wakeNotices},
		{"any number of webhooks hears of a promise", wakeManyNotices},
		{"a void promise never wakes", wakeVoid},
		{"originals expire after their retention, parked ones never", expire},
		{"a lease is one holder's until it ends", lease},
		{"an inbox keeps the time of its first contact", inboxSeen},
		{"an inbox is not connected in the future", reconnect},
		{"a token comes back and a letter is listed", tokens},
		{"ids are dense and never given twice", sequences},

		{"a released message is decided again, a dismissed one is not", release},
		{"dismissing and closing are taken back", takenBack},
		{"an append is taken back", takeOut},
		{"open tickets come in the order of work, with who wrote them", openTickets},
		{"a ticket is closed once", closeTicket},
		{"tickets are found by number, address, name and words", findTickets},
		{"a page of found tickets goes on where the last one ended", findPages},
		{"whatever is typed is no error", findForeign},
		{"what is masked is not found", findMasked},
		{"several processes index each ticket once", findTogether},
		{"listings have the promised fields and pages", listings},
		{"listings run by the time of recording, whatever ids a process took", listingsByTime},
		{"a story tells all of a message", trace},
		{"the journal lists what people did, the newest first", journal},
		{"a ticket leads to those of the same customer", sameCustomer},
		{"what came since a time is counted by channel", came},
		{"an inbox owes since what it tried in vain was due", unsentSince},
		{"the counters agree with the tables", counters},

		{"a message waits for scanners once, and goes on with what they said", awaitOpinions},
		{"an opinion that comes after the decision is recorded as late", lateOpinions},
		{"a message whose scanners are silent wakes at its deadline", awaitDeadline},
		{"what was taken to be scanned and was not is handed back", unawait},
		{"what waits long for its turn is left alone by the sweep", postpone},
		{"a file that a scanner refuses is noted in its place", refuseFile},
	}
}

// personCases are about operators, and about persons who are erased.
func personCases() []namedCase {
	return []namedCase{
		{"a session is found by its secret, and ends idle, old, or with its token", operatorSessions},
		{"an ended session is gone at once, all but one on demand", operatorSessionsEnd},
		{"a link signs in once, in its time", operatorLinks},
		{"sessions are bounded in number", operatorSessionsBounded},

		{"an erased person is found nowhere and everybody else as before", erasePerson},
		{"what an erased person had sent does not come back", eraseTombs},
		{"a ticket that an erased person opened without proof goes like any other", eraseClaimed},
		{"an erased person's address leaves the index of the tickets in which others have given it", eraseNamed},
		{"the STOP of an erased person stays until START", eraseStopped},
		{"an erased person is not found from the moment of the erasure", eraseWords},
		{"a provider's id of a send goes where it may name the person", eraseSendIDs},
		{"a half-done erasure is seen and can be finished", eraseHalf},
		{"an erasure waits for what is not decided", eraseBusy},
		{"the books of a town in which everything has happened are clean", audited},
	}
}

// saidCases are about what was sent, as it was sent.
func saidCases() []namedCase {
	return []namedCase{
		{"each attempt keeps what it sent", saidEach},
		{"an attempt whose process died is told", saidDied},
		{"what a dead process had sent is kept as it sent it", saidConfirmed},
		{"what a dead process was sending is kept, unless more is known of it", saidBegun},
		{"what is kept of a text has a bound", saidLong},
		{"what was sent to an erased person is gone, and names nobody in what was sent to others", saidErased},
	}
}

// Run runs the suite. open gives each case an empty store.
func Run(t *testing.T, open func(t testing.TB) *store.Store) {
	for _, c := range slices.Concat(cases(), personCases(), saidCases(), tableCases(), agentCases(), handoutCases(), userCases(), changeCases(), mergeCases(), splitCases(), joinedCases(), provenCases(), suggestedCases(), sortingCases(), copyCases(), scenarioCases()) {
		t.Run(c.name, func(t *testing.T) {
			c.run(newDesk(t, open(t)))
		})
	}
}
