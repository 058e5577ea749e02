package domain

// PromiseCame says that the next moment of a promise has come: that of a warning, or its deadline.
type PromiseCame struct{ PromiseKey }

// Needs are the promise.
func (c PromiseCame) Needs(*Known) Needs { return Needs{Promises: []int64{c.Ticket}} }

func (c PromiseCame) decide(d *deciding) error {
	p, there := d.Promises[c.PromiseKey]
	if !there || !p.Open() || p.Next.IsZero() || p.Next.After(d.now) {
		return ErrNotSo
	}
	after, moved := p.Wake(d.now)
	d.setPromise(p, after, true)
	d.plan.Moved = append(d.plan.Moved, moved)
	return nil
}
