package keyring

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Place is where sealed bytes lie. What was sealed for one place opens at no other: it is authenticated with the
// bytes and not stored in them.
type Place struct {
	kind  string // of the data key
	what  string
	id    int64
	texts [4]string
}

// Original is the place of a message's original.
func Original(message int64, inbox string) Place {
	return Place{kind: kindOriginal, what: "original", id: message, texts: [4]string{inbox}}
}

// Row is the place of what hangs on a message in a table, such as its decision. texts are what else tells
// its row from others, and what of it must not be changed; at most four.
func Row(table string, message int64, texts ...string) Place {
	p := Place{kind: kindData, what: table, id: message}
	copy(p.texts[:], texts)
	return p
}

// Content is the place of what is named by the keyed digest of its content. Who opens it compares the digest,
// so that what was sealed in the older way is bound as well.
func Content(digest string) Place {
	return Place{kind: kindData, what: "content", texts: [4]string{digest}}
}

// Secret is the place of a saved secret. Every process can open it.
func Secret(name string) Place {
	return Place{kind: kindSecret, what: "secret", texts: [4]string{name}}
}

// bind is what is authenticated beside the bytes: their header and their place.
func (p Place) bind(header []byte) []byte {
	out := make([]byte, 0, 64+len(p.what)+len(p.texts[0])+len(p.texts[1])+len(p.texts[2])+len(p.texts[3]))
	out = append(out, header...)
	out = append(append(out, p.what...), 0)
	out = binary.BigEndian.AppendUint64(out, uint64(p.id)) // only a pattern of bits
	for _, t := range p.texts {
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(t))), t...) // short
	}
	return out
}

// Sealed bytes are: version, key id, nonce, AES-GCM over the packed bytes. Version 2 is bound to its place;
// version 1 is older and was bound to none.
const (
	version    = 2
	older      = 1
	headerSize = 1 + 4
	nonceSize  = 12
)

// The nonce is random. Under one key at most a day's values are sealed, far below where random nonces of 96 bits
// would repeat.
func (r *Ring) seal(id uint32, aead cipher.AEAD, plain []byte, at Place) []byte {
	packed := r.packer.pack(plain)
	out := make([]byte, headerSize+nonceSize, headerSize+nonceSize+len(packed)+aead.Overhead())
	out[0] = version
	binary.BigEndian.PutUint32(out[1:], id)
	nonce := out[headerSize:]
	rand.Read(nonce) // never fails (crypto/rand)
	return aead.Seal(out, nonce, packed, at.bind(out[:headerSize]))
}

// Seal compresses and encrypts for a place that is none of an original. In a process with intake keys alone
// only secrets can be sealed so; anything else panics, for nothing there writes it.
func (r *Ring) Seal(plain []byte, at Place) []byte {
	r.mu.RLock()
	id := r.now
	if at.kind == kindSecret {
		id = r.secret
	}
	key := r.keys[id]
	r.mu.RUnlock()
	if key.aead == nil || key.kind != at.kind {
		panic("keyring: no key here seals " + at.what)
	}
	return r.seal(id, key.aead, plain, at)
}

// originalPeriod is how long originals are sealed under one data key. Then the process forgets it, and one
// that has intake keys alone can no longer read even what it sealed itself.
const originalPeriod = 15 * time.Minute

// Sealer seals originals under one data key. It is safe for concurrent use, and asks nobody: its key was made
// beforehand, by Ring.Originals.
type Sealer struct {
	ID    uint32 // of the data key
	ring  *Ring
	aead  cipher.AEAD
	since time.Time
}

// Seal compresses and encrypts an original.
func (s *Sealer) Seal(plain []byte, message int64, inbox string) []byte {
	return s.ring.seal(s.ID, s.aead, plain, Original(message, inbox))
}

// Originals is what seals originals at that time. Every so often it makes a new data key, which goes to the
// shelf sealed to the public key.
func (r *Ring) Originals(ctx context.Context, now time.Time) (*Sealer, error) {
	fits := func(s *Sealer) bool {
		return s != nil && !now.Before(s.since.Add(-originalPeriod)) && now.Before(s.since.Add(originalPeriod))
	}
	if s := r.sealer(); fits(s) {
		return s, nil
	}
	done, err := r.ask(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if s := r.sealer(); fits(s) {
		return s, nil
	}
	var mine [8]byte
	rand.Read(mine[:]) // never fails (crypto/rand)
	key, err := r.content(ctx, kindOriginal)
	if err != nil {
		return nil, err
	}
	w, err := r.wrap(Wrapped{Kind: kindOriginal, Slot: now.UTC().Format(time.RFC3339) + " " + hex.EncodeToString(mine[:])}, key)
	if err != nil {
		return nil, err
	}
	if w.ID, err = r.shelf.AddKey(ctx, w, now); err != nil {
		return nil, fmt.Errorf("keeping a new key: %w", err)
	}
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	s := &Sealer{ID: w.ID, ring: r, aead: aead, since: now}
	r.learn(func() {
		if r.original = s; r.whole {
			r.keep(w, aead)
		}
	})
	return s, nil
}

func (r *Ring) sealer() *Sealer {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.original
}

// Drop forgets a sealer whose data key is not on the shelf any more; the next one gets a new key. It happens after a
// restore from a backup.
func (r *Ring) Drop(s *Sealer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.original == s {
		r.original = nil
	}
	delete(r.keys, s.ID)
}

// Open decrypts and decompresses what was sealed for that place. A key that another process has made
// meanwhile is fetched. ErrSealed: damaged, from elsewhere, or its key is lost. ErrIntakeOnly: this process
// may not read it.
func (r *Ring) Open(ctx context.Context, sealed []byte, at Place) ([]byte, error) {
	if len(sealed) < headerSize+nonceSize || sealed[0] != version && sealed[0] != older {
		return nil, fmt.Errorf("%w: they are cut off, or were not sealed by Frontdesk", ErrSealed)
	}
	if !r.whole && at.kind != kindSecret {
		return nil, ErrIntakeOnly
	}
	kind, label := at.kind, sealed[:headerSize]
	if sealed[0] == older {
		if !r.takesOlder(at) {
			return nil, fmt.Errorf("%w: they are of the form of older versions, and were put here after the upgrade", ErrSealed)
		}
		kind = kindData
	} else {
		label = at.bind(label)
	}
	return r.open(ctx, sealed, label, kind)
}

// OpenOlder opens what was sealed before things were bound to their places, to seal it anew.
func (r *Ring) OpenOlder(ctx context.Context, sealed []byte) ([]byte, error) {
	if !IsOlder(sealed) || len(sealed) < headerSize+nonceSize {
		return nil, ErrSealed
	}
	return r.open(ctx, sealed, sealed[:headerSize], kindData)
}

// IsOlder reports whether bytes were sealed before things were bound to their places.
func IsOlder(sealed []byte) bool { return len(sealed) > 0 && sealed[0] == older }

// takesOlder reports whether what is bound to no place is taken at that place: where it hangs on a message that
// was recorded before the mark, or its content is compared.
func (r *Ring) takesOlder(at Place) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return at.what == "content" || at.id > 0 && at.id < r.mark
}

func (r *Ring) open(ctx context.Context, sealed, label []byte, kind string) ([]byte, error) {
	id := binary.BigEndian.Uint32(sealed[1:])
	aead, err := r.key(ctx, id, kind)
	if err != nil {
		return nil, err
	}
	packed, err := aead.Open(nil, sealed[headerSize:headerSize+nonceSize], sealed[headerSize+nonceSize:], label)
	if err != nil {
		return nil, fmt.Errorf("%w: they are damaged, or were sealed for another place", ErrSealed)
	}
	return r.packer.unpack(packed)
}

// key is the data key of that id, from memory or from the shelf; one of another kind is refused, so that a key opens
// only what it is for.
func (r *Ring) key(ctx context.Context, id uint32, kind string) (cipher.AEAD, error) {
	k := r.held(id)
	if k.aead == nil {
		if err := r.fetch(ctx, id); err != nil {
			return nil, err
		}
		k = r.held(id)
	}
	if k.aead == nil || k.kind != kind {
		return nil, fmt.Errorf("%w: data key %d is not there, or not for this", ErrSealed, id)
	}
	return k.aead, nil
}

func (r *Ring) held(id uint32) opener {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys[id]
}

// fetch takes one key from the shelf; none where it is not there.
// An unknown id is no error here: the caller says ErrSealed.
func (r *Ring) fetch(ctx context.Context, id uint32) error {
	r.mu.RLock()
	shelf := r.shelf
	r.mu.RUnlock()
	if shelf == nil {
		return nil
	}
	w, there, err := shelf.Key(ctx, id)
	if err != nil || !there {
		return err
	}
	key, err := r.unwrap(w)
	if err == nil && (w.Kind == kindData || w.Kind == kindOriginal || w.Kind == kindSecret) {
		err = r.take(w, key)
	}
	var missing *MissingError
	if err != nil && !errors.As(err, &missing) && !errors.Is(err, ErrIntakeOnly) && !errors.Is(err, ErrSealed) {
		return fmt.Errorf("%w: %w", ErrSealed, err)
	}
	return err
}

// Shelved is a ring that opens with what lies on the shelf at this moment and can be unwrapped, and
// remembers nothing else: it tells what the next process will be able to open. It cannot seal.
func (r *Ring) Shelved(ctx context.Context) (*Ring, error) {
	r.mu.RLock()
	shelf := r.shelf
	out := &Ring{masters: r.masters, whole: r.whole, packer: r.packer, shelf: shelf, mark: r.mark, asking: make(chan struct{}, 1), keys: map[uint32]opener{}}
	r.mu.RUnlock()
	all, err := shelf.Keys(ctx, kindData, kindSecret)
	if err != nil {
		return nil, fmt.Errorf("reading keys: %w", err)
	}
	for _, w := range all {
		if key, err := out.unwrap(w); err == nil {
			if err := out.take(w, key); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// KeyOf is the id of the data key under which bytes were sealed; 0 when they are not sealed.
func KeyOf(sealed []byte) uint32 {
	if len(sealed) < headerSize || sealed[0] != version && sealed[0] != older {
		return 0
	}
	return binary.BigEndian.Uint32(sealed[1:])
}
