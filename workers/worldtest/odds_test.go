package worldtest

// odds say how likely each thing goes wrong. Each world has some of them at nothing, so that rare
// faults are seen alone as well as all together.
type odds struct {
	begin, statement, commit, conflict, answer     float64 // of the database, each time
	blob, think                                    float64
	ringLost, taskLost, taskTwice, taskLate        float64 // of the queue
	fetch, refetch                                 float64 // of mailboxes
	repeat, late, cut                              float64 // of what comes in
	refused, throttled, slow, lost, held           float64 // of what goes out
	undelivered                                    float64
	crash, second, asleep, flush, renumber, outage float64 // of processes and servers, each phase
	attacks                                        int     // of somebody who takes others' places, each phase at most
}

func newOdds(d *dice) odds {
	some := func(most float64) float64 {
		if d.chance(0.4) {
			return 0
		}
		return most * float64(1+d.n(100)) / 100
	}
	return odds{
		begin: some(0.05), statement: some(0.004), commit: some(0.05), conflict: some(0.05), answer: some(0.05), blob: some(0.1), think: some(0.2),
		ringLost: some(0.2), taskLost: some(0.2), taskTwice: some(0.2), taskLate: some(0.3),
		fetch: some(0.2), refetch: some(0.3), repeat: some(0.3), late: some(0.5), cut: some(0.2),
		refused: some(0.2), throttled: some(0.2), slow: some(0.3), lost: some(0.2), held: some(0.15), undelivered: some(0.3),
		crash: some(1), second: some(1), asleep: some(0.5), flush: some(0.5), renumber: some(0.3), outage: some(0.8),
		attacks: int(some(12)),
	}
}
