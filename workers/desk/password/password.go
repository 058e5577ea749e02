// Package password digests passwords of people by Argon2id (RFC 9106), holds them against digests, and says which ones are too easy to
// guess.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// cost is what one digest takes. OWASP's Password Storage Cheat Sheet names 19 MiB, 2 passes and 1 lane as the least for Argon2id.
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

func usual() cost { return cost{memory: 19 << 10, passes: 2, lanes: 1} }

// Bounds of what is read in a PHC string: more was never written here, and would stop the process.
const (
	mostMemory = 1 << 18 // KiB
	mostPasses = 16
	mostLanes  = 16
)

const (
	saltSize = 16
	sumSize  = 32
	// mostAtOnce bounds the digests that are made at a time, and so their memory: 4 take 76 MiB.
	mostAtOnce = 4
	// mostWaiting bounds those who wait for one of them. A person waits a second then; further ones are told to come back.
	mostWaiting = 64
)

// ErrBusy says that so many are being let in just now that one more would wait too long.
var ErrBusy = errors.New("too many passwords are being looked at")

// errForm says that a kept digest cannot be read.
var errForm = errors.New("this is no PHC string of Argon2id")

// Hasher makes and compares digests, few at a time. It is safe for concurrent use.
type Hasher struct {
	cost    cost
	slots   chan struct{}
	waiting chan struct{}
	nobody  string
}

// New makes a hasher. A process needs one.
func New() *Hasher {
	return &Hasher{cost: usual(), slots: make(chan struct{}, min(mostAtOnce, max(1, runtime.GOMAXPROCS(0)))), waiting: make(chan struct{}, mostWaiting),
		nobody: written(usual(), random(saltSize), random(sumSize))}
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand)
	return b
}

// Digest is the PHC string of a password. ErrBusy, or ctx has ended.
func (h *Hasher) Digest(ctx context.Context, password string) (string, error) {
	salt := random(saltSize)
	sum, err := h.sum(ctx, h.cost, password, salt, sumSize)
	if err != nil {
		return "", err
	}
	return written(h.cost, salt, sum), nil
}

// Matches holds a password against a PHC string. Where there is none ("") it does the same work against a digest of nothing, so that
// nobody learns by the time which logins there are; ok is false then. old says that the digest was made at another cost and should be made
// anew. ErrBusy, or ctx has ended, or the string cannot be read.
func (h *Hasher) Matches(ctx context.Context, password, phc string) (ok, old bool, err error) {
	none := phc == ""
	if none {
		phc = h.nobody
	}
	c, salt, want, err := read(phc)
	if err != nil {
		return false, false, err
	}
	got, err := h.sum(ctx, c, password, salt, len(want))
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1 && !none
	return ok, ok && (c != h.cost || len(want) != sumSize || len(salt) != saltSize), nil
}

// sum waits for a slot and works. A password is one text however a keyboard has put it together: full width, or a letter and its accent
// apart (NFKC, as NIST SP 800-63B asks).
func (h *Hasher) sum(ctx context.Context, c cost, password string, salt []byte, size int) ([]byte, error) {
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return nil, ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to look at a password: %w", context.Cause(ctx))
	}
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, c.passes, c.memory, c.lanes, uint32(size)), nil
}

func written(c cost, salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.lanes, base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

// read takes a PHC string apart.
func read(phc string) (c cost, salt, sum []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errForm
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil || n != 3 {
		return c, nil, nil, errForm
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err == nil {
		sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err != nil || c.memory < 8 || c.memory > mostMemory || c.passes < 1 || c.passes > mostPasses || c.lanes < 1 || c.lanes > mostLanes || len(salt) < 8 || len(salt) > 64 || len(sum) < 16 || len(sum) > 64 {
		return c, nil, nil, errForm
	}
	return c, salt, sum, nil
}
