package plans

import (
	"cmp"
	"slices"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// MarkFailed notes that nothing can be sent to these addresses any more.
func MarkFailed(addresses []string) sql.Call {
	slices.Sort(addresses)
	return sql.Do(`UPDATE identities SET failed = true WHERE address = ANY($1)`, sql.OrNone(addresses))
}

// LockIdentities locks what several statements of one transaction change, in the order in which everybody does: after
// outbox and promises.
func LockIdentities(addresses []string) sql.Call {
	slices.Sort(addresses)
	return sql.Ask(func(sql.Row) error { return nil }, `SELECT address FROM identities WHERE address = ANY($1) ORDER BY address FOR UPDATE`, slices.Compact(addresses))
}

// MarkAddresses writes which recipients can be sent nothing any more, and what was said about writing to some. They are locked after outbox
// and promises, as everywhere.
func (s *Store) MarkAddresses(p domain.Plan, now time.Time) (calls []sql.Call) {
	dead := sql.OrNone(slices.Clone(p.Dead))
	if len(dead)+len(p.Addresses) > 0 {
		calls = append(calls, LockIdentities(append(Keys(p.Addresses), dead...)))
	}
	if len(dead) > 0 {
		calls = append(calls, MarkFailed(dead))
	}
	return append(calls, s.Consents(p.Addresses, now)...)
}

// Keys are the keys of addresses.
func Keys(addresses []contacts.Address) []string {
	out := make([]string, len(addresses))
	for i, a := range addresses {
		out[i] = a.Key
	}
	return out
}

// IdentityRow is a row of the table identities.
type IdentityRow struct {
	Address   string
	Kind      message.AddressKind
	Value     string
	Contact   int64
	Verified  bool
	OptedOut  bool
	Failed    bool
	CreatedAt time.Time
}

var (
	markConsents = sql.Inserting[IdentityRow]("identities", `ON CONFLICT (address) DO UPDATE SET opted_out = excluded.opted_out`)
	unstopTombs  = sql.Updating[base.TombRow]("tombstones", "kind", "message", "blocked", "at")
)

// Consents writes what became of the consent of addresses, whose rows are locked. Of one of which the key alone is known there may be no
// row; then nobody needs to know. START takes back the STOP, too, that was kept of a person who was erased.
func (s *Store) Consents(addresses []contacts.Address, now time.Time) []sql.Call {
	var rows []IdentityRow
	var back []base.TombRow
	keys := map[bool][]string{}
	for _, a := range slices.SortedFunc(slices.Values(addresses), func(a, b contacts.Address) int { return cmp.Compare(a.Key, b.Key) }) {
		out := a.Consent == contacts.OptedOut
		if a.Identity.IsZero() {
			keys[out] = append(keys[out], a.Key)
			continue
		}
		rows = append(rows, IdentityRow{Address: a.Key, Kind: a.Identity.Kind, Value: a.Identity.Value, OptedOut: out, CreatedAt: now})
		if !out {
			back = append(back, base.TombRow{Digest: s.base.AddressTomb(a.Identity)})
		}
	}
	calls := []sql.Call{markConsents.Put(rows...), unstopTombs.Put(base.SortedTombs(back)...)}
	for _, out := range []bool{true, false} {
		if len(keys[out]) > 0 {
			calls = append(calls, sql.Do(`UPDATE identities SET opted_out = $2 WHERE address = ANY($1)`, keys[out], out))
		}
	}
	return calls
}

// addresses locks what is known of addresses.
func (l *loading) addresses(asked []contacts.Address) sql.Call {
	if len(asked) == 0 {
		return sql.Call{}
	}
	keys := Keys(asked)
	slices.Sort(keys)
	return sql.Ask(func(row sql.Row) error {
		var a contacts.Address
		var out bool
		err := row.Scan(&a.Key, &a.Identity.Kind, &a.Identity.Value, &out)
		a.Consent = contacts.ConsentOf(out)
		l.known.Addresses[a.Key] = a
		return err
	}, `SELECT address, kind, value, opted_out FROM identities WHERE address = ANY($1) ORDER BY address FOR UPDATE`, keys)
}

// tombs reads at which of the addresses a person said STOP before being erased. It comes after addresses.
func (l *loading) tombs(asked []contacts.Address) sql.Call {
	digests := map[string]contacts.Address{}
	for _, a := range asked {
		if !a.Identity.IsZero() {
			digests[l.s.base.AddressTomb(a.Identity)] = a
		}
	}
	if len(digests) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var digest string
		var stopped, blocked bool
		err := row.Scan(&digest, &stopped, &blocked)
		if a, ok := digests[digest]; ok && (stopped || blocked) {
			a.Consent = contacts.OptedOut
			l.known.Addresses[a.Key] = a
		}
		return err
	}, base.AskTombs, sql.KeysOf(digests))
}
