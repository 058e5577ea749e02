// Package keyring keeps the keys under which Frontdesk seals what customers sent. Data keys are
// made anew each day and lie wrapped in the database; the master keys that wrap them never do.
// Everything sealed is compressed first.
package keyring

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// KeySize is the length of every key in bytes: AES-256.
const KeySize = 32

// Master is a named master key. Its name is kept with what it wraps.
type Master struct {
	Name string
	Key  []byte // KeySize bytes
}

// Wrapped is a key as it lies in the database.
type Wrapped struct {
	ID      uint32
	Kind    string // data, digest, token
	Slot    string // the day of a data key; "1" for the others
	Master  string // name of the master key that wraps it
	Wrapped []byte
}

// Shelf is where wrapped keys lie. Add keeps the first key of a kind and slot: a second one is
// dropped without an error. Replace changes Master and Wrapped of the key with that id.
type Shelf interface {
	Keys(ctx context.Context) ([]Wrapped, error)
	AddKey(ctx context.Context, k Wrapped, now time.Time) error
	ReplaceKey(ctx context.Context, k Wrapped) error
}

// Kinds of key.
const (
	kindData   = "data"
	kindDigest = "digest"
	kindToken  = "token"
)

// MissingError says that a key is wrapped by a master key that is not configured.
type MissingError struct {
	Master string
	Keys   int // how many keys need it
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("master key %q is not configured, and %d data keys are wrapped by it", e.Master, e.Keys)
}

// ErrSealed says that sealed bytes are damaged or were not sealed here.
var ErrSealed = errors.New("sealed bytes cannot be opened")

// ErrLost says that the key of the digests or that of the tokens is gone from a database in use. With a
// new one no message, reference or reply address of the past would be known again.
var ErrLost = errors.New("the key of the digests or of the tokens is not among the data keys in the database any more: restore the table data_keys from a backup")

// Ring seals and opens. It is safe for concurrent use. Before use, Attach must have succeeded.
type Ring struct {
	current string // name of the master that wraps new keys
	masters map[string]cipher.AEAD
	packer  packer

	mu     sync.RWMutex
	shelf  Shelf
	keys   map[uint32]cipher.AEAD
	now    uint32 // id of the data key that seals
	day    string // its slot
	digest []byte
	token  []byte
}

// Open makes a ring of master keys. The first one wraps what is new; the others only open.
func Open(masters []Master) (*Ring, error) {
	if len(masters) == 0 {
		return nil, errors.New("no master key is configured")
	}
	r := &Ring{current: masters[0].Name, masters: map[string]cipher.AEAD{}, keys: map[uint32]cipher.AEAD{}}
	for _, m := range masters {
		aead, err := newAEAD(m.Key)
		if err != nil {
			return nil, fmt.Errorf("reading master key %q: %w", m.Name, err)
		}
		if m.Name == "" || r.masters[m.Name] != nil {
			return nil, fmt.Errorf("master key %q: names must be given and differ", m.Name)
		}
		r.masters[m.Name] = aead
	}
	var err error
	r.packer, err = newPacker()
	return r, err
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("it has %d bytes, not %d", len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Attach takes the keys from the shelf and makes those that are missing.
func (r *Ring) Attach(ctx context.Context, shelf Shelf, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shelf = shelf
	if err := r.load(ctx); err != nil {
		return err
	}
	return r.turn(ctx, now)
}

// Turn makes a new data key when the day has changed. It costs nothing on the same day.
func (r *Ring) Turn(ctx context.Context, now time.Time) error {
	r.mu.RLock()
	same := r.day >= slotOf(now)
	r.mu.RUnlock()
	if same {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.turn(ctx, now)
}

func slotOf(now time.Time) string { return now.UTC().Format("2006-01-02") }

func (r *Ring) turn(ctx context.Context, now time.Time) error {
	if len(r.keys) > 0 && (r.digest == nil || r.token == nil) {
		return ErrLost
	}
	var want []Wrapped
	if r.digest == nil {
		want = append(want, Wrapped{Kind: kindDigest, Slot: "1"})
	}
	if r.token == nil {
		want = append(want, Wrapped{Kind: kindToken, Slot: "1"})
	}
	if r.day < slotOf(now) { // after the others: where there is a data key they were there as well
		want = append(want, Wrapped{Kind: kindData, Slot: slotOf(now)})
	}
	for _, w := range want {
		if err := r.shelf.AddKey(ctx, r.fresh(w.Kind, w.Slot), now); err != nil {
			return fmt.Errorf("keeping a new key: %w", err)
		}
	}
	if len(want) == 0 {
		return nil
	}
	return r.load(ctx)
}

func (r *Ring) fresh(kind, slot string) Wrapped {
	key := make([]byte, KeySize)
	rand.Read(key) //nolint:errcheck // never fails (crypto/rand)
	return r.wrap(Wrapped{Kind: kind, Slot: slot}, key)
}

func (r *Ring) wrap(w Wrapped, key []byte) Wrapped {
	aead := r.masters[r.current]
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+KeySize+aead.Overhead())
	rand.Read(nonce) //nolint:errcheck // never fails (crypto/rand)
	w.Master = r.current
	w.Wrapped = aead.Seal(nonce, nonce, key, wrapLabel(w))
	return w
}

func wrapLabel(w Wrapped) []byte { return []byte("frontdesk key " + w.Kind + " " + w.Slot) }

func (r *Ring) unwrap(w Wrapped) ([]byte, error) {
	aead := r.masters[w.Master]
	if len(w.Wrapped) < aead.NonceSize() {
		return nil, ErrSealed
	}
	n := aead.NonceSize()
	key, err := aead.Open(nil, w.Wrapped[:n], w.Wrapped[n:], wrapLabel(w))
	if err != nil {
		return nil, fmt.Errorf("unwrapping data key %d with master key %q: wrong key or damaged", w.ID, w.Master)
	}
	return key, nil
}

// load reads the shelf. A key that cannot be unwrapped is an error: what it sealed would be lost.
func (r *Ring) load(ctx context.Context) error {
	all, err := r.shelf.Keys(ctx)
	if err != nil {
		return fmt.Errorf("reading keys: %w", err)
	}
	if err := r.complete(all); err != nil {
		return err
	}
	for _, w := range all {
		key, err := r.unwrap(w)
		if err != nil {
			return err
		}
		if err := r.take(w, key); err != nil {
			return err
		}
	}
	return nil
}

func (r *Ring) complete(all []Wrapped) error {
	missing := map[string]int{}
	for _, w := range all {
		if r.masters[w.Master] == nil {
			missing[w.Master]++
		}
	}
	for name, n := range missing {
		return &MissingError{Master: name, Keys: n}
	}
	return nil
}

func (r *Ring) take(w Wrapped, key []byte) error {
	switch w.Kind {
	case kindDigest:
		r.digest = key
	case kindToken:
		r.token = key
	default:
		aead, err := newAEAD(key)
		if err != nil {
			return fmt.Errorf("reading data key %d: %w", w.ID, err)
		}
		keys := maps.Clone(r.keys)
		keys[w.ID] = aead
		r.keys = keys
		if w.Slot >= r.day {
			r.now, r.day = w.ID, w.Slot
		}
	}
	return nil
}

// Rewrap wraps every key that another master key wraps with the current one, and returns how many
// there were. Afterwards the old master key is needed no longer.
func (r *Ring) Rewrap(ctx context.Context) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all, err := r.shelf.Keys(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading keys: %w", err)
	}
	if err := r.complete(all); err != nil {
		return 0, err
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
		if err := r.shelf.ReplaceKey(ctx, r.wrap(w, key)); err != nil {
			return n, fmt.Errorf("keeping a rewrapped key: %w", err)
		}
		n++
	}
	return n, nil
}

// Sealed bytes are: version, key id, nonce, AES-GCM over the packed bytes.
const (
	version    = 1
	headerSize = 1 + 4
	nonceSize  = 12
)

// Seal compresses and encrypts.
func (r *Ring) Seal(plain []byte) []byte {
	r.mu.RLock()
	id, aead := r.now, r.keys[r.now]
	r.mu.RUnlock()
	packed := r.packer.pack(plain)
	out := make([]byte, headerSize+nonceSize, headerSize+nonceSize+len(packed)+aead.Overhead())
	out[0] = version
	binary.BigEndian.PutUint32(out[1:], id)
	nonce := out[headerSize:]
	rand.Read(nonce) //nolint:errcheck // never fails (crypto/rand)
	return aead.Seal(out, nonce, packed, out[:headerSize])
}

// Open decrypts and decompresses. A key that another process has made meanwhile is fetched.
func (r *Ring) Open(ctx context.Context, sealed []byte) ([]byte, error) {
	if len(sealed) < headerSize+nonceSize || sealed[0] != version {
		return nil, ErrSealed
	}
	aead, err := r.key(ctx, binary.BigEndian.Uint32(sealed[1:]))
	if err != nil {
		return nil, err
	}
	packed, err := aead.Open(nil, sealed[headerSize:headerSize+nonceSize], sealed[headerSize+nonceSize:], sealed[:headerSize])
	if err != nil {
		return nil, ErrSealed
	}
	return r.packer.unpack(packed)
}

func (r *Ring) key(ctx context.Context, id uint32) (cipher.AEAD, error) {
	r.mu.RLock()
	aead := r.keys[id]
	r.mu.RUnlock()
	if aead != nil {
		return aead, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shelf != nil {
		if err := r.load(ctx); err != nil {
			return nil, err
		}
	}
	if aead = r.keys[id]; aead == nil {
		return nil, fmt.Errorf("%w: data key %d is not there", ErrSealed, id)
	}
	return aead, nil
}

// Shelved is a ring that opens with what lies on the shelf at this moment and can be unwrapped, and
// remembers nothing else: it tells what the next process will be able to open. It cannot seal.
func (r *Ring) Shelved(ctx context.Context) (*Ring, error) {
	r.mu.RLock()
	shelf := r.shelf
	r.mu.RUnlock()
	all, err := shelf.Keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading keys: %w", err)
	}
	out := &Ring{masters: r.masters, packer: r.packer, keys: map[uint32]cipher.AEAD{}}
	for _, w := range all {
		if r.masters[w.Master] == nil {
			continue
		}
		if key, err := r.unwrap(w); err == nil {
			if err := out.take(w, key); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// KeyOf is the id of the data key under which bytes were sealed; 0 when they are not sealed.
func KeyOf(sealed []byte) uint32 {
	if len(sealed) < headerSize || sealed[0] != version {
		return 0
	}
	return binary.BigEndian.Uint32(sealed[1:])
}

// Digest is a keyed digest of the parts as 64 lower-case hex digits. Parts cannot run into each other.
func (r *Ring) Digest(parts ...[]byte) string {
	r.mu.RLock()
	key := r.digest
	r.mu.RUnlock()
	return mac(key, parts)
}

// Token is a digest under a key of its own, for what is shown to the outside: reply addresses,
// subject tokens, links.
func (r *Ring) Token(parts ...[]byte) string {
	r.mu.RLock()
	key := r.token
	r.mu.RUnlock()
	return mac(key, parts)
}

func mac(key []byte, parts [][]byte) string {
	if key == nil {
		panic("keyring: used before it was attached")
	}
	h := hmac.New(sha256.New, key)
	var length [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		h.Write(length[:])
		h.Write(p)
	}
	var sum [sha256.Size]byte
	return hex.EncodeToString(h.Sum(sum[:0]))
}
