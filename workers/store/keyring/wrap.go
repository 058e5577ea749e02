package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
)

// Ways in which a key is wrapped.
const (
	wayMaster = "master" // AES-256-GCM under the master key
	wayIntake = "intake" // AES-256-GCM under the secret of the intake key
	wayPair   = "pair"   // HPKE to the public key, and the way of the intake around it: who can only write to the database cannot make one
)

// The suite of HPKE (RFC 9180): the hybrid of ML-KEM-768 and X25519, so that what is recorded today stays
// shut for tomorrow's machines, HKDF-SHA256 and AES-256-GCM.
func suite() (hpke.KEM, hpke.KDF, hpke.AEAD) {
	return hpke.MLKEM768X25519(), hpke.HKDFSHA256(), hpke.AES256GCM()
}

// holder is what is known of one master key.
type holder struct {
	name    string
	master  cipher.AEAD     // nil: only the intake key is here
	private hpke.PrivateKey // likewise
	public  hpke.PublicKey
	secret  []byte // of the intake key
	intake  cipher.AEAD
	known   bool // the shelf has the digest of the public key
}

// holderOf derives all that follows from a master key.
func holderOf(m Master) (*holder, error) {
	aead, err := newAEAD(m.Key)
	if err != nil {
		return nil, err
	}
	secret, err := hkdf.Key(sha256.New, m.Key, nil, "frontdesk intake secret 1", KeySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the intake key: %w", err)
	}
	seed, err := hkdf.Key(sha256.New, m.Key, nil, "frontdesk pair of originals 1", KeySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the pair of keys: %w", err)
	}
	kem, _, _ := suite()
	private, err := kem.DeriveKeyPair(seed)
	if err != nil {
		return nil, fmt.Errorf("deriving the pair of keys: %w", err)
	}
	h := &holder{name: m.Name, master: aead, private: private, public: private.PublicKey(), secret: secret}
	h.intake, err = newAEAD(secret)
	return h, err
}

// print is the digest of the public key.
func (h *holder) print() []byte {
	sum := sha256.Sum256(h.public.Bytes())
	return sum[:]
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

func wrapLabel(w Wrapped) []byte { return []byte("frontdesk key " + w.Kind + " " + w.Slot) }

// wrap wraps a key with the current master key, in the way of its kind. What is authenticated beside it is its kind
// and slot, so that no wrapped key can take another one's place.
func (r *Ring) wrap(w Wrapped, key []byte) (Wrapped, error) {
	h := r.masters[r.current]
	w.Master, w.Way = r.current, wayOf(w.Kind)
	aead := h.intake
	switch w.Way {
	case wayMaster:
		aead = h.master
	case wayPair:
		_, kdf, how := suite()
		var err error
		if key, err = hpke.Seal(h.public, kdf, how, wrapLabel(w), key); err != nil {
			return w, fmt.Errorf("sealing a data key to the public key: %w", err)
		}
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(key)+aead.Overhead())
	rand.Read(nonce) // never fails (crypto/rand)
	w.Wrapped = aead.Seal(nonce, nonce, key, wrapLabel(w))
	return w, nil
}

// unwrap needs the master key that wrapped it; ErrIntakeOnly where that is not here.
func (r *Ring) unwrap(w Wrapped) ([]byte, error) {
	h := r.masters[w.Master]
	if h == nil {
		return nil, &MissingError{Master: w.Master, Keys: 1}
	}
	aead := h.intake
	if w.Way == wayMaster {
		aead = h.master
	}
	if aead == nil || w.Way == wayPair && h.private == nil {
		return nil, ErrIntakeOnly
	}
	if w.Way != wayOf(w.Kind) && w.Way != wayMaster {
		return nil, fmt.Errorf("%w: data key %d is wrapped in a way that is not its kind's", ErrSealed, w.ID)
	}
	if len(w.Wrapped) < aead.NonceSize() {
		return nil, fmt.Errorf("%w: data key %d is cut off", ErrSealed, w.ID)
	}
	n := aead.NonceSize()
	key, err := aead.Open(nil, w.Wrapped[:n], w.Wrapped[n:], wrapLabel(w))
	if err == nil && w.Way == wayPair {
		_, kdf, how := suite()
		key, err = hpke.Open(h.private, kdf, how, wrapLabel(w), key)
	}
	if err != nil {
		return nil, fmt.Errorf("unwrapping data key %d with master key %q: wrong key or damaged", w.ID, w.Master)
	}
	return key, nil
}
