package keyring

import (
	"bytes"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// IntakeKey is what a process needs that takes messages in and reads none: the public half of a master key's pair,
// and the secret that wraps what every process needs. Whoever steals it can forge digests and tokens and read saved
// secrets, and cannot read a message.
type IntakeKey struct {
	Name   string // of the master key
	Public hpke.PublicKey
	secret []byte
}

// intakePrefix begins an intake key, so that nobody takes a master key for one, or the other way round.
const intakePrefix = "frontdesk-intake-1:"

// checkSize is the length of the check sum: what is sealed to a public key with a slip in it is lost.
const checkSize = 8

// IntakeKey derives the intake key from a master key.
func (m Master) IntakeKey() (IntakeKey, error) {
	h, err := holderOf(m)
	if err != nil {
		return IntakeKey{}, err
	}
	return IntakeKey{Name: m.Name, Public: h.public, secret: h.secret}, nil
}

// Text is the key as it is written in files and variables: one line. It is a secret: it signs and opens what
// every process signs and opens.
func (k IntakeKey) Text() string {
	raw := append(bytes.Clone(k.secret), k.Public.Bytes()...)
	sum := sha256.Sum256(raw)
	return intakePrefix + base64.StdEncoding.EncodeToString(append(raw, sum[:checkSize]...))
}

// ParseIntake reads what Text has written. No error quotes it.
func ParseIntake(name, text string) (IntakeKey, error) {
	text = strings.TrimSpace(text)
	body, found := strings.CutPrefix(text, intakePrefix)
	if !found {
		if _, err := ParseKey(text); err == nil {
			return IntakeKey{}, errors.New("this is a master key; 'frontdesk keys intake' makes the intake key of it, and the master key is to stay away from processes that only take in")
		}
		return IntakeKey{}, fmt.Errorf("an intake key begins with %s, as 'frontdesk keys intake' prints it", intakePrefix)
	}
	raw, err := base64.StdEncoding.DecodeString(body)
	if err != nil || len(raw) <= KeySize+checkSize {
		return IntakeKey{}, errors.New("the intake key is cut off or damaged")
	}
	raw, check := raw[:len(raw)-checkSize], raw[len(raw)-checkSize:]
	if sum := sha256.Sum256(raw); !bytes.Equal(sum[:checkSize], check) {
		return IntakeKey{}, errors.New("the intake key is cut off or damaged")
	}
	kem, _, _ := suite()
	public, err := kem.NewPublicKey(raw[KeySize:])
	if err != nil {
		return IntakeKey{}, errors.New("the intake key holds no public key of this version")
	}
	return IntakeKey{Name: name, Public: public, secret: raw[:KeySize]}, nil
}

func (k IntakeKey) holder() (*holder, error) {
	if k.Public == nil {
		return nil, errors.New("it has no public key")
	}
	aead, err := newAEAD(k.secret)
	if err != nil {
		return nil, err
	}
	return &holder{name: k.Name, public: k.Public, secret: k.secret, intake: aead}, nil
}
