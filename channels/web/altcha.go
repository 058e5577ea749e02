package web

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels/internal/signature"
)

// maxPayload bounds the proof of work in a posted form; real ones have some 300 bytes.
const maxPayload = 4096

// proof is a solved challenge of ours.
type proof struct {
	// id is the challenge's signature as we compute it, in hex: the same for every replay of the challenge, whichever solution comes
	// with it. It becomes the delivery's key, so the database refuses the second use; nothing is remembered in memory.
	id string
	// expires is when the challenge ends, in whole seconds. The time of issue is this minus the form's lifetime.
	expires time.Time
}

// Errors of a proof of work. They say nothing of what was expected.
var (
	errNoProof  = errors.New("the proof of work is missing")
	errBadProof = errors.New("the proof of work is not valid")
	errOldProof = errors.New("the challenge has expired")
)

// altcha issues and verifies challenges of the ALTCHA protocol, versions 1 (SHA-256) and 2 (PBKDF2).
//
// The desk keeps no list of challenges: what a challenge needs to be judged stands in it, signed. So every process with the same
// secret accepts what another one has issued, and asking for challenges costs no memory. The price is that a challenge can be
// solved once and sent again until it expires; the delivery's key answers that (proof.id).
type altcha struct {
	key        []byte // signs challenges
	keyV2      []byte // signs derived keys of version 2
	difficulty int    // hashes that a solution takes on average
	// lifetime is how long a challenge counts from its issue.
	lifetime time.Duration
}

// challengeV1 is what a page gets to solve: the number below Max for which
// SHA-256(Salt + number) is Challenge. The names of the fields are the protocol's, as the widget and other solvers read them;
// hashes and signature are lower-case hex, the number is written in decimal.
type challengeV1 struct {
	Algorithm string `json:"algorithm"`
	Challenge string `json:"challenge"`
	Max       int    `json:"maxnumber"`
	Salt      string `json:"salt"`
	Signature string `json:"signature"`
}

// issue makes a challenge. The salt carries the expiry and ends in &, so that no digit of the number
// can be taken for one of the expiry.
func (a altcha) issue(now time.Time) (challengeV1, error) {
	salt, number, err := a.draw()
	if err != nil {
		return challengeV1{}, err
	}
	text := fmt.Sprintf("%s?expires=%d&", salt, now.Add(a.lifetime).Unix())
	return a.sealV1(text, number), nil
}

// sealV1 makes the challenge of a salt and a number. Issuing and verifying both go through it, so that they cannot differ: the
// verifier computes the challenge again from what was posted and compares it with the posted one.
func (a altcha) sealV1(salt string, number int) challengeV1 {
	sum := sha256.Sum256([]byte(salt + strconv.Itoa(number)))
	challenge := hex.EncodeToString(sum[:])
	return challengeV1{"SHA-256", challenge, 2 * a.difficulty, salt, hex.EncodeToString(signature.SHA256(a.key, []byte(challenge)))}
}

// draw takes a random salt and a random number up to twice the difficulty.
func (a altcha) draw() (string, int, error) {
	salt := make([]byte, 12)
	if _, err := rand.Read(salt); err != nil {
		return "", 0, fmt.Errorf("drawing a salt: %w", err)
	}
	n, err := rand.Int(rand.Reader, big.NewInt(int64(2*a.difficulty)))
	if err != nil {
		return "", 0, fmt.Errorf("drawing a number: %w", err)
	}
	return hex.EncodeToString(salt), int(n.Int64()), nil
}

// verify reads the form's field altcha: base64 of a JSON object. In version 1 its challenge is a text, in version 2 an object; that
// is how the two are told apart. The expiry is looked at last, so that only a proof which is otherwise right is told that it
// is too old; that visitor's page can ask for a new challenge. Without a payload it is errNoProof, at every other fault errBadProof.
func (a altcha) verify(payload string, now time.Time) (proof, error) {
	if strings.TrimSpace(payload) == "" {
		return proof{}, errNoProof
	}
	if len(payload) > maxPayload {
		return proof{}, errBadProof
	}
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(payload))
	if err != nil {
		return proof{}, errBadProof
	}
	var shape struct {
		Challenge json.RawMessage `json:"challenge"`
	}
	if json.Unmarshal(text, &shape) != nil {
		return proof{}, errBadProof
	}
	solved := a.verifyV1
	if bytes.HasPrefix(bytes.TrimSpace(shape.Challenge), []byte("{")) {
		solved = a.verifyV2
	}
	p, err := solved(text)
	if err == nil && !now.Before(p.expires) {
		err = errOldProof
	}
	return p, err
}

// verifyV1 checks version 1: the challenge is ours, and the number solves it.
// The cost is two digests, whatever is posted. The number needs no upper bound: only the one of the signed challenge fits.
func (a altcha) verifyV1(text []byte) (proof, error) {
	var p struct {
		Algorithm string `json:"algorithm"`
		Challenge string `json:"challenge"`
		Number    int    `json:"number"`
		Salt      string `json:"salt"`
		Signature string `json:"signature"`
	}
	if json.Unmarshal(text, &p) != nil || !strings.EqualFold(p.Algorithm, "SHA-256") || p.Number < 0 {
		return proof{}, errBadProof
	}
	ours := a.sealV1(p.Salt, p.Number)
	if !signature.MatchText(ours.Challenge, p.Challenge) || !signature.MatchText(ours.Signature, p.Signature) {
		return proof{}, errBadProof
	}
	expires, ok := expiryOf(p.Salt)
	if !ok {
		return proof{}, errBadProof
	}
	return proof{ours.Signature, expires}, nil
}

// expiryOf reads the time that our salts carry.
func expiryOf(salt string) (time.Time, bool) {
	_, query, _ := strings.Cut(salt, "?")
	values, err := url.ParseQuery(query)
	seconds, bad := strconv.ParseInt(values.Get("expires"), 10, 64)
	return time.Unix(seconds, 0), err == nil && bad == nil && strings.HasSuffix(salt, "&")
}
