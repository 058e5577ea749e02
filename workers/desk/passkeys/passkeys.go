// Package passkeys asks browsers for passkeys and reads what they answer (Web Authentication, Level 3). It knows the protocol, and nothing of
// users and sessions.
package passkeys

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Why an answer lets nobody in.
var (
	// ErrRefused says that an answer is not one to our question, of that key, by its owner.
	ErrRefused = errors.New("the answer of a passkey was refused")
	// ErrCopied says that the answer is right, and that the key has counted no further since it was used: there may be a copy of it.
	ErrCopied = errors.New("the counter of a passkey went backwards")
)

// patience is how long a browser waits for its user.
const patience = 3 * time.Minute

// Person is whose keys they are. Handle is what a key keeps of him: it tells nobody who he is.
type Person struct {
	Handle      []byte
	Login, Name string
	Keys        []Key
}

// Key is what is kept of a passkey.
type Key struct {
	ID     string // in base64url, as browsers write it
	Record []byte // public key and flags
	Count  uint32 // how often it was used, as it says; always 0 for those that do not count
}

// Question is what a browser is asked, and what is to be kept until it has answered.
type Question struct {
	Options json.RawMessage // PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON
	Kept    []byte
}

// Asker asks on behalf of a desk at a site. It is safe for concurrent use.
type Asker struct{ library *webauthn.WebAuthn }

// New makes an asker. desk is what browsers call the desk.
func New(desk string, at Site) (*Asker, error) {
	library, err := webauthn.New(&webauthn.Config{
		RPID: at.ID, RPDisplayName: desk, RPOrigins: []string{at.Origin},
		AttestationPreference: protocol.PreferNoAttestation, // who has made a key is nobody's business here
		// A key is found without a name being typed, and asks its owner for a finger or a PIN, so that it can stand for a password and a second step.
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired},
		// How long a question counts is said by who keeps it, by his own clock.
		Timeouts: webauthn.TimeoutsConfig{Login: webauthn.TimeoutConfig{Timeout: patience, TimeoutUVD: patience}, Registration: webauthn.TimeoutConfig{Timeout: patience, TimeoutUVD: patience}},
	})
	if err != nil {
		return nil, fmt.Errorf("preparing to ask for passkeys: %w", err)
	}
	return &Asker{library}, nil
}

// owner is a person as the library wants him.
type owner struct {
	Person
	keys []webauthn.Credential
}

func (o owner) WebAuthnID() []byte                         { return o.Handle }
func (o owner) WebAuthnName() string                       { return o.Login }
func (o owner) WebAuthnDisplayName() string                { return o.Name }
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.keys }

func ownerOf(p Person) (o owner, err error) {
	o.Person = p
	if o.Name == "" {
		o.Name = p.Login
	}
	for _, k := range p.Keys {
		var c webauthn.Credential
		if err := json.Unmarshal(k.Record, &c); err != nil {
			return o, fmt.Errorf("reading a passkey: %w", err)
		}
		c.Authenticator.SignCount = k.Count
		o.keys = append(o.keys, c)
	}
	return o, nil
}

// keyOf is what is kept of a key. What it has shown of its maker is not.
func keyOf(c webauthn.Credential) (Key, error) {
	k := Key{ID: base64.RawURLEncoding.EncodeToString(c.ID), Count: c.Authenticator.SignCount}
	c.Attestation, c.Authenticator.SignCount, c.Authenticator.CloneWarning = webauthn.CredentialAttestation{}, 0, false
	var err error
	if k.Record, err = json.Marshal(c); err != nil {
		return k, fmt.Errorf("writing a passkey: %w", err)
	}
	return k, nil
}

// question packs what the library has made.
func question(options any, session *webauthn.SessionData) (q Question, err error) {
	if q.Options, err = json.Marshal(options); err == nil {
		q.Kept, err = json.Marshal(session)
	}
	if err != nil {
		return q, fmt.Errorf("writing a question for a passkey: %w", err)
	}
	return q, nil
}

// Create asks for a new passkey of a person. A device that holds one of his makes no second one.
func (a *Asker) Create(p Person) (Question, error) {
	o, err := ownerOf(p)
	if err != nil {
		return Question{}, err
	}
	var known []protocol.CredentialDescriptor
	for _, c := range o.keys {
		known = append(known, c.Descriptor())
	}
	made, session, err := a.library.BeginRegistration(o, webauthn.WithExclusions(known))
	if err != nil {
		return Question{}, fmt.Errorf("asking for a new passkey: %w", err)
	}
	return question(made.Response, session)
}

// Created is the passkey that an answer brings. ErrRefused: it brings none.
func (a *Asker) Created(p Person, kept, answer []byte) (Key, error) {
	session, err := unpacked(kept)
	if err != nil {
		return Key{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Key{}, refused(err)
	}
	c, err := a.library.CreateCredential(owner{Person: p}, session, parsed)
	if err != nil {
		return Key{}, refused(err)
	}
	return keyOf(*c)
}

// Anyone asks for a passkey of whoever it is: it stands for the name, the password and a second step, so its owner shows himself to it.
func (a *Asker) Anyone() (Question, error) {
	made, session, err := a.library.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Question{}, fmt.Errorf("asking for a passkey: %w", err)
	}
	return question(made.Response, session)
}

// One asks for one of a person's passkeys, besides his password: to have it is enough, though a key that can asks for more.
func (a *Asker) One(p Person) (Question, error) {
	o, err := ownerOf(p)
	if err != nil {
		return Question{}, err
	}
	made, session, err := a.library.BeginLogin(o, webauthn.WithUserVerification(protocol.VerificationPreferred))
	if err != nil {
		return Question{}, fmt.Errorf("asking for a passkey: %w", err)
	}
	return question(made.Response, session)
}

// Whose is which key an answer names; ok is false where it is no answer. Nothing of it is proven by that.
func Whose(answer []byte) (id string, ok bool) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return "", false
	}
	return base64.RawURLEncoding.EncodeToString(parsed.RawID), true
}

// Shown is the key by which an answer was given, with its new count. ErrRefused: it is no answer of one of the person's keys to the question.
// ErrCopied: see there.
func (a *Asker) Shown(p Person, kept, answer []byte) (Key, error) {
	session, err := unpacked(kept)
	if err != nil {
		return Key{}, err
	}
	o, err := ownerOf(p)
	if err != nil {
		return Key{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Key{}, refused(err)
	}
	o.synced(parsed)
	var c *webauthn.Credential
	if len(session.UserID) == 0 { // it was asked of anyone
		_, c, err = a.library.ValidatePasskeyLogin(func([]byte, []byte) (webauthn.User, error) { return o, nil }, session, parsed)
	} else {
		c, err = a.library.ValidateLogin(o, session, parsed)
	}
	if err != nil {
		return Key{}, refused(err)
	}
	if c.Authenticator.CloneWarning {
		return Key{}, ErrCopied
	}
	return keyOf(*c)
}

// synced lets a key begin to be kept in more than one place: stores of passwords do that to keys that they have made before they could, and the
// library refuses such a key for ever. The other way round stays refused. The answer's signature covers what is read here, and is looked at after.
func (o owner) synced(answer *protocol.ParsedCredentialAssertionData) {
	for i, c := range o.keys {
		if slices.Equal(c.ID, answer.RawID) && answer.Response.AuthenticatorData.Flags.HasBackupEligible() {
			o.keys[i].Flags.BackupEligible = true
		}
	}
}

func unpacked(kept []byte) (s webauthn.SessionData, err error) {
	if err = json.Unmarshal(kept, &s); err != nil {
		return s, fmt.Errorf("reading a question for a passkey: %w", err)
	}
	return s, nil
}

// refused says why, in the library's words, which hold nothing of the answer but names of its parts.
func refused(err error) error { return fmt.Errorf("%w: %s", ErrRefused, detail(err)) }

func detail(err error) string {
	if of, ok := errors.AsType[*protocol.Error](err); ok {
		return of.Details
	}
	return "it cannot be read"
}
