package domain

// EraseEffect says that the person is erased to whom a row goes: what is due is withheld, and what would go on at another
// address does not. What is under way is left as it is: the caller waits for it.
type EraseEffect struct {
	Effect int64
	Cause  string
}

// Needs are the row, and its ticket's promises.
func (c EraseEffect) Needs(k *Known) (n Needs) {
	e, ok := k.Effects[c.Effect]
	switch {
	case !ok:
		n.Effects = []int64{c.Effect}
	case e.State == EffectDue && e.Kind == KindAcknowledgement && e.Ticket != 0:
		n.Promises = []int64{e.Ticket}
	}
	return n
}

func (c EraseEffect) decide(d *deciding) error {
	before, ok := d.Effects[c.Effect]
	e := before
	switch {
	case ok && e.State == EffectDue:
		e.after(Withhold)
		e.close()
		e.Cause = c.Cause
		if e.Kind == KindAcknowledgement { // its ticket may be another's, in whose name somebody wrote
			d.each(e.Ticket, func(p Promise) (Promise, bool) { return OnErase(p, c.Cause, false, d.now) })
		}
	case ok && e.State == EffectFailed && e.NeedsFallback:
		e.close()
	default:
		return nil
	}
	d.setEffect(before, e)
	return nil
}

// ErasePromises says that a person whom a ticket concerns is erased: the acknowledgement is owed no more, and nothing is where
// nobody is left.
type ErasePromises struct {
	Ticket     int64
	NobodyLeft bool
	Cause      string
}

// Needs are the ticket's promises.
func (c ErasePromises) Needs(*Known) Needs { return Needs{Promises: []int64{c.Ticket}} }

func (c ErasePromises) decide(d *deciding) error {
	d.each(c.Ticket, func(p Promise) (Promise, bool) { return OnErase(p, c.Cause, c.NobodyLeft, d.now) })
	return nil
}

// PromiseAnew says that the first message with a matter settles a ticket that a greeting has opened: its promises were made anew, and each
// open one moves to the earlier of its two times. Kinds that the ticket has none of are added by whoever commits the message.
type PromiseAnew struct {
	Ticket int64
	Made   []Promise
}

// Needs are the ticket's promises.
func (c PromiseAnew) Needs(*Known) Needs { return Needs{Promises: []int64{c.Ticket}} }

func (c PromiseAnew) decide(d *deciding) error {
	for _, made := range c.Made {
		if p, there := d.Promises[PromiseKey{c.Ticket, made.Kind}]; there {
			after, changed := p.Hastened(made, d.now)
			d.setPromise(p, after, changed)
		}
	}
	return nil
}
