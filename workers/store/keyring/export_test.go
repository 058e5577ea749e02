package keyring

import (
	"crypto/rand"
	"encoding/binary"
)

// SealOlder seals as programs did that bound nothing to its place.
func SealOlder(r *Ring, plain []byte) []byte {
	packed := r.packer.pack(plain)
	out := make([]byte, headerSize+nonceSize)
	out[0] = older
	binary.BigEndian.PutUint32(out[1:], r.now)
	rand.Read(out[headerSize:])
	return r.keys[r.now].aead.Seal(out, out[headerSize:], packed, out[:headerSize])
}

// WrapOlder wraps all keys as those programs did.
func WrapOlder(r *Ring, w Wrapped) Wrapped {
	key, err := r.unwrap(w)
	if err != nil {
		panic(err)
	}
	h := r.masters[w.Master]
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	w.Way, w.Wrapped = wayMaster, h.master.Seal(nonce, nonce, key, wrapLabel(w))
	return w
}
