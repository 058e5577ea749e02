// Package keyring keeps the keys under which Frontdesk seals what customers sent. Data keys lie wrapped in
// the database; the master keys that wrap them never do. Everything sealed is compressed first, and bound to
// the place where it lies.
//
// Of each master key two things are derived: a pair of keys (HPKE, RFC 9180), whose public half seals the data
// keys of originals, and a secret that wraps what every process needs (digests, tokens, saved secrets). The
// public half and that secret are the intake key: a process that has no other can record and cannot read.
package keyring

import (
	"context"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"sync"
	"time"
)

// KeySize is the length of every symmetric key in bytes: AES-256.
const KeySize = 32

// Master is a named master key. Its name is kept with what it wraps.
type Master struct {
	Name string
	Key  []byte // KeySize bytes
}

// Wrapped is a key as it lies in the database.
type Wrapped struct {
	ID      uint32
	Kind    string // data, original, digest, token, secret, pair, mark
	Slot    string // the day of a data key, the beginning of an original's; a name or "1" for the others
	Way     string // how it is wrapped: master, intake, pair
	Master  string // name of the master key that wraps it
	Wrapped []byte
}

// Wrap says how many keys a master key wraps in one way.
type Wrap struct {
	Way, Master string
	Keys        int
}

// Shelf is where wrapped keys lie: the table data_keys (base.ShelfIn). Its methods may be called by several processes
// at a time; AddKey decides which of two first keys counts.
type Shelf interface {
	// Keys are those of the kinds, in the order of their ids.
	Keys(ctx context.Context, kinds ...string) ([]Wrapped, error)
	// Key is the key with that id; false where there is none.
	Key(ctx context.Context, id uint32) (Wrapped, bool, error)
	// Wraps tells what wraps the keys on the shelf.
	Wraps(ctx context.Context) ([]Wrap, error)
	// AddKey keeps the first key of a kind and slot, and returns its id: a second one is dropped.
	AddKey(ctx context.Context, k Wrapped, now time.Time) (uint32, error)
	// ReplaceKey changes Way, Master and Wrapped of the key with that id.
	ReplaceKey(ctx context.Context, k Wrapped) error
	// Reached is the first message id that was never given out.
	Reached(ctx context.Context) (int64, error)
}

// Kinds of key. Each seals one sort of thing, so that a key that leaks, or is handed to a process with less rights,
// opens no more than that.
const (
	kindData     = "data"     // of a day: seals what processes with the master key write
	kindOriginal = "original" // of a process and some minutes: seals originals
	kindDigest   = "digest"
	kindToken    = "token"
	kindSecret   = "secret" // seals saved secrets, which every process reads
	kindPair     = "pair"   // no key: the digest of a public key, by which an intake key is known to be right
	kindMark     = "mark"   // no key: the message id from which on nothing is taken that is bound to no place
)

// steady are the kinds of which there are few; those of originals are fetched one by one.
var steady = []string{kindData, kindDigest, kindToken, kindSecret, kindPair, kindMark}

// wayOf is how a key of that kind is wrapped.
func wayOf(kind string) string {
	switch kind {
	case kindOriginal:
		return wayPair
	case kindData, kindMark:
		return wayMaster
	}
	return wayIntake
}

// MissingError says that a key is wrapped by a master key that is not configured.
type MissingError struct {
	Master string
	Keys   int // how many keys need it
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("master key %q is not configured, and %d data keys are wrapped by it", e.Master, e.Keys)
}

// ErrSealed says that sealed bytes are damaged, were not sealed here, or were sealed for another place.
var ErrSealed = errors.New("sealed bytes cannot be opened")

// ErrIntakeOnly says that this process has the intake key alone, with which nothing recorded can be read.
var ErrIntakeOnly = errors.New("this process has the intake key alone and cannot read what was recorded; a process with the master key can")

// ErrUnprepared says that no process with the master key has ever prepared the database for intake keys.
var ErrUnprepared = errors.New("the database is not prepared for a process with the intake key alone: run 'frontdesk migrate', or start a process with the role work, with the master key first")

// ErrLost says that a key which is made once is gone from a database in use. With a new one no message,
// reference or reply address of the past would be known again.
var ErrLost = errors.New("a key that is made only once (of the digests, tokens or secrets, or the mark of the older ones) is not among the data keys in the database any more: restore the table data_keys from a backup")

// Ring seals and opens. It is safe for concurrent use. Before use, Attach must have succeeded. Sealing asks nobody;
// opening may fetch a key from the shelf, so it must not be done within a transaction that has taken the writer.
type Ring struct {
	// current is the name of the master that wraps new keys; masters has all of them, by name.
	current string // name of the master that wraps new keys
	masters map[string]*holder
	whole   bool // the master keys are here, not only intake keys
	packer  packer

	// asking is full while somebody makes or replaces keys on the shelf. mu guards what is below and is never held
	// then: a transaction that digests, seals or opens while the shelf waits for the writer of that very transaction
	// would wait for ever.
	asking    chan struct{}
	mu        sync.RWMutex
	shelf     Shelf
	keys      map[uint32]opener // of every kind that seals; originals' only some
	now       uint32            // id of the data key that seals
	day       string            // its slot
	secret    uint32            // id of the key of secrets
	digest    *macKey
	token     *macKey
	mark      int64 // 0: unknown
	original  *Sealer
	originals int // how many keys of originals are in keys
}

// opener is a data key with what it may open.
type opener struct {
	kind string
	aead cipher.AEAD
}

// Open makes a ring of master keys. The first one wraps what is new; the others only open.
func Open(masters []Master) (*Ring, error) {
	holders := make([]*holder, len(masters))
	for i, m := range masters {
		var err error
		if holders[i], err = holderOf(m); err != nil {
			return nil, fmt.Errorf("reading master key %q: %w", m.Name, err)
		}
	}
	return ring(holders, true)
}

// OpenIntake makes a ring of intake keys: it seals originals and cannot open any.
func OpenIntake(keys []IntakeKey) (*Ring, error) {
	holders := make([]*holder, len(keys))
	for i, k := range keys {
		var err error
		if holders[i], err = k.holder(); err != nil {
			return nil, fmt.Errorf("reading intake key %q: %w", k.Name, err)
		}
	}
	return ring(holders, false)
}

// ring joins holders; the first one wraps what is new.
func ring(holders []*holder, whole bool) (*Ring, error) {
	if len(holders) == 0 {
		return nil, errors.New("no master key is configured")
	}
	r := &Ring{current: holders[0].name, masters: map[string]*holder{}, whole: whole, asking: make(chan struct{}, 1), keys: map[uint32]opener{}}
	for _, h := range holders {
		if h.name == "" || r.masters[h.name] != nil {
			return nil, fmt.Errorf("master key %q: names must be given and differ", h.name)
		}
		r.masters[h.name] = h
	}
	var err error
	r.packer, err = newPacker()
	return r, err
}

// Whole reports whether the ring can read what was recorded.
func (r *Ring) Whole() bool { return r.whole }

// Attach takes the keys from the shelf and makes those that are missing. A start calls it once. *MissingError: a
// master key is not configured; ErrUnprepared: a process with intake keys alone is the first; ErrLost: the table was
// damaged.
func (r *Ring) Attach(ctx context.Context, shelf Shelf, now time.Time) error {
	return r.attach(ctx, shelf, true, func() error { return r.turn(ctx, now) })
}

// Fits looks whether the configured keys open what a shelf holds, as Attach would, and writes nothing there. An empty
// shelf fits every key. The ring is of no use afterwards.
func (r *Ring) Fits(ctx context.Context, shelf Shelf) error {
	return r.attach(ctx, shelf, false, func() error { return nil })
}

// attach takes the keys from the shelf; rewrap is as for load. whole is what a ring that holds the master keys does then.
func (r *Ring) attach(ctx context.Context, shelf Shelf, rewrap bool, whole func() error) error {
	done, err := r.ask(ctx)
	if err != nil {
		return err
	}
	defer done()
	r.learn(func() { r.shelf = shelf })
	if err := r.complete(ctx); err != nil {
		return err
	}
	if err := r.load(ctx, rewrap); err != nil {
		return err
	}
	if r.whole {
		return whole()
	}
	return r.prepared(ctx)
}

// ask waits for its turn to make keys, until ctx ends.
func (r *Ring) ask(ctx context.Context) (done func(), err error) {
	select {
	case r.asking <- struct{}{}:
		return func() { <-r.asking }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for data keys: %w", context.Cause(ctx))
	}
}

// complete looks whether every master key is configured that wraps something this ring needs.
func (r *Ring) complete(ctx context.Context) error {
	wraps, err := r.shelf.Wraps(ctx)
	if err != nil {
		return fmt.Errorf("reading keys: %w", err)
	}
	missing := map[string]int{}
	for _, w := range wraps {
		if r.masters[w.Master] == nil && (r.whole || w.Way == wayIntake) {
			missing[w.Master] += w.Keys
		}
	}
	for name, n := range missing {
		return &MissingError{Master: name, Keys: n}
	}
	return nil
}

// prepared looks whether a process with intake keys alone finds what it needs, and whether its public key is
// the half of a pair that others have: what is sealed to another one nobody could read.
func (r *Ring) prepared(ctx context.Context) error {
	if digest, token, secret := r.ready(); !digest || !token || !secret {
		return ErrUnprepared
	}
	all, err := r.shelf.Keys(ctx, kindPair)
	if err != nil {
		return fmt.Errorf("reading keys: %w", err)
	}
	for _, w := range all {
		if w.Slot != r.current || r.masters[w.Master] == nil {
			continue
		}
		print, err := r.unwrap(w)
		if err != nil {
			return err
		}
		if !hmac.Equal(print, r.masters[r.current].print()) {
			return fmt.Errorf("intake key %q is not that of the master key of this name: make it again with 'frontdesk keys intake'", r.current)
		}
		return nil
	}
	return fmt.Errorf("no process with master key %q has started yet, so nobody could read what is sealed for it: start one before those with its intake key", r.current)
}

// Turn makes a new data key when the day has changed. It costs nothing on the same day, and does nothing in a
// process that has intake keys alone.
func (r *Ring) Turn(ctx context.Context, now time.Time) error {
	r.mu.RLock()
	same := !r.whole || r.day >= slotOf(now)
	r.mu.RUnlock()
	if same {
		return nil
	}
	done, err := r.ask(ctx)
	if err != nil {
		return err
	}
	defer done()
	return r.turn(ctx, now)
}

func slotOf(now time.Time) string { return now.UTC().Format("2006-01-02") }

// missing are the keys that are to be made. The mark comes before the key of secrets and that before any other new
// thing, so that where there is the one and not the other, somebody took it away.
func (r *Ring) missing(now time.Time) (want []Wrapped, err error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	used := r.now != 0
	if used && (r.digest == nil || r.token == nil) || r.secret != 0 && r.mark == 0 {
		return nil, ErrLost
	}
	for _, k := range []struct {
		there bool
		Wrapped
	}{{r.digest != nil, Wrapped{Kind: kindDigest, Slot: "1"}}, {r.token != nil, Wrapped{Kind: kindToken, Slot: "1"}},
		{r.mark != 0, Wrapped{Kind: kindMark, Slot: "1"}}, {r.secret != 0, Wrapped{Kind: kindSecret, Slot: "1"}},
		{r.masters[r.current].known, Wrapped{Kind: kindPair, Slot: r.current}},
		{r.day >= slotOf(now), Wrapped{Kind: kindData, Slot: slotOf(now)}}} {
		if !k.there {
			want = append(want, k.Wrapped)
		}
	}
	return want, nil
}

// turn makes what is missing of the steady keys. Two processes may do so at once: AddKey keeps the first one's, and
// load takes that.
func (r *Ring) turn(ctx context.Context, now time.Time) error {
	want, err := r.missing(now)
	if err != nil {
		return err
	}
	for _, w := range want {
		key, err := r.content(ctx, w.Kind)
		if err != nil {
			return err
		}
		if w, err = r.wrap(w, key); err != nil {
			return err
		}
		if _, err := r.shelf.AddKey(ctx, w, now); err != nil {
			return fmt.Errorf("keeping a new key: %w", err)
		}
	}
	if len(want) == 0 {
		return nil
	}
	return r.load(ctx, true)
}

// content is what a new key of the kind is.
func (r *Ring) content(ctx context.Context, kind string) ([]byte, error) {
	switch kind {
	case kindPair:
		return r.masters[r.current].print(), nil
	case kindMark:
		reached, err := r.shelf.Reached(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the last message id: %w", err)
		}
		return binary.BigEndian.AppendUint64(nil, uint64(max(reached, 1))), nil // positive
	}
	key := make([]byte, KeySize)
	rand.Read(key) // never fails (crypto/rand)
	return key, nil
}

// load reads the steady keys. One that cannot be unwrapped is an error: what it sealed would be lost. A ring
// of intake keys takes only those that are for it. What was wrapped in an older way is wrapped anew.
func (r *Ring) load(ctx context.Context, rewrap bool) error {
	all, err := r.shelf.Keys(ctx, steady...)
	if err != nil {
		return fmt.Errorf("reading keys: %w", err)
	}
	for _, w := range all {
		if !r.whole && w.Way != wayIntake {
			continue
		}
		if r.masters[w.Master] == nil {
			if !r.whole {
				continue
			}
			return &MissingError{Master: w.Master, Keys: 1}
		}
		key, err := r.unwrap(w)
		if err != nil {
			return err
		}
		if err := r.take(w, key); err != nil {
			return err
		}
		if w.Way == wayOf(w.Kind) || !rewrap {
			continue
		}
		if w, err = r.wrap(w, key); err == nil {
			err = r.shelf.ReplaceKey(ctx, w)
		}
		if err != nil {
			return fmt.Errorf("keeping a rewrapped key: %w", err)
		}
	}
	return nil
}

// take remembers a key that was unwrapped, as its kind is used.
func (r *Ring) take(w Wrapped, key []byte) error {
	switch w.Kind {
	case kindDigest:
		r.learn(func() { r.digest = &macKey{key: key} })
	case kindToken:
		r.learn(func() { r.token = &macKey{key: key} })
	case kindPair:
		if h := r.masters[w.Slot]; h != nil {
			r.learn(func() { h.known = true })
		}
	case kindMark:
		if len(key) != 8 {
			return fmt.Errorf("reading data key %d: %w", w.ID, ErrSealed)
		}
		r.learn(func() { r.mark = int64(binary.BigEndian.Uint64(key)) }) // was an int64
	default:
		aead, err := newAEAD(key)
		if err != nil {
			return fmt.Errorf("reading data key %d: %w", w.ID, err)
		}
		r.learn(func() { r.keep(w, aead) })
	}
	return nil
}

// ready reports which of the keys are there that every process needs.
func (r *Ring) ready() (digest, token, secret bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.digest != nil, r.token != nil, r.secret != 0
}

// learn changes what is remembered.
func (r *Ring) learn(what func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	what()
}

// originalsKept bounds how many keys of originals are in memory: at four an hour those of ten days of one process. At
// the bound all are forgotten and fetched again as they are needed.
const originalsKept = 1024

// keep remembers a key that seals; mu is held.
func (r *Ring) keep(w Wrapped, aead cipher.AEAD) {
	if w.Kind == kindOriginal && r.keys[w.ID].aead == nil {
		if r.originals++; r.originals > originalsKept {
			for id, k := range r.keys {
				if k.kind == kindOriginal {
					delete(r.keys, id)
				}
			}
			r.originals = 1
		}
	}
	r.keys[w.ID] = opener{w.Kind, aead}
	switch {
	case w.Kind == kindSecret:
		r.secret = w.ID
	case w.Kind == kindData && w.Slot >= r.day:
		r.now, r.day = w.ID, w.Slot
	}
}

// Rewrap wraps every key that another master key wraps with the current one, and returns how many
// there were. Afterwards the old master key is needed no longer. Processes that record must have the new one,
// or its intake key, before.
func (r *Ring) Rewrap(ctx context.Context) (int, error) {
	if !r.whole {
		return 0, ErrIntakeOnly
	}
	done, err := r.ask(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	if err := r.complete(ctx); err != nil {
		return 0, err
	}
	all, err := r.shelf.Keys(ctx, append([]string{kindOriginal}, steady...)...)
	if err != nil {
		return 0, fmt.Errorf("reading keys: %w", err)
	}
	n := 0
	for _, w := range all {
		if w.Master == r.current {
			continue
		}
		key, err := r.unwrap(w)
		if err != nil {
			return n, err
		}
		if w, err = r.wrap(w, key); err != nil {
			return n, err
		}
		if err := r.shelf.ReplaceKey(ctx, w); err != nil {
			return n, fmt.Errorf("keeping a rewrapped key: %w", err)
		}
		n++
	}
	return n, nil
}

// Digest is a keyed digest of the parts as 64 lower-case hex digits (HMAC-SHA256). Parts cannot run into each other,
// since each has its length before it. It costs about a microsecond and is called many times a message.
func (r *Ring) Digest(parts ...[]byte) string {
	r.mu.RLock()
	key := r.digest
	r.mu.RUnlock()
	return key.sum(parts)
}

// Token is a digest under a key of its own, for what is shown to the outside: reply addresses,
// subject tokens, links.
func (r *Ring) Token(parts ...[]byte) string {
	r.mu.RLock()
	key := r.token
	r.mu.RUnlock()
	return key.sum(parts)
}

// macKey is a key of digests, with what was made of it: half of a short digest's cost is to begin with a key.
type macKey struct {
	key  []byte
	free sync.Pool // of hash.Hash
}

// sum reuses hash states, which hold the key already. Using it before Attach is a mistake of the program, and panics.
func (k *macKey) sum(parts [][]byte) string {
	if k == nil {
		panic("keyring: used before it was attached")
	}
	h, ok := k.free.Get().(hash.Hash)
	if !ok {
		h = hmac.New(sha256.New, k.key)
	}
	defer k.free.Put(h)
	h.Reset()
	var length [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		h.Write(length[:])
		h.Write(p)
	}
	var sum [sha256.Size]byte
	return hex.EncodeToString(h.Sum(sum[:0]))
}
