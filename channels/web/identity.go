package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/internal/signature"
	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
)

// minIdentityKey is how many characters a key has at least that signs identities of an application's users: 128 bits where they are
// hex, as openssl rand -hex 16 writes them. Whoever guesses the key can write as any customer.
const minIdentityKey = 32

// identityVersion is the first line of what is signed: a signature of another scheme never fits this one.
const identityVersion = "frontdesk-identity-v1"

// Values of meta.Proven.
const (
	// Both are written for every delivery since identities can be signed; nothing in Meta means that an older version recorded it.
	provenYes = "yes"
	provenNo  = "no"
)

// identityText is what an application signs with HMAC-SHA256 (docs/channels/api.md): five lines, parted by LF, none
// behind the last one. Inbox, kind and a time never hold a line break; an address with one is never signed.
// Changing anything of it changes what every application has to sign: then identityVersion gets a new number, and both are taken for a time.
func identityText(inbox string, who message.Identity, until string) []byte {
	return []byte(strings.Join([]string{identityVersion, inbox, string(who.Kind), who.Value, until}, "\n"))
}

// vouches reports whether the application vouches for the sender that a body names, as it stood at the moment at: by a
// valid signature, or because the inbox takes its word. A signature that is not valid is a refusal, whatever else vouches.
func (a *API) vouches(in body, at time.Time) (bool, *refusal) {
	if in.From.Signature == "" && in.From.SignedUntil == "" {
		return a.config.TrustSender && len(in.sender()) > 0, nil
	}
	wrong := a.checkSignature(in, at)
	return wrong == nil, wrong
}

// checkSignature refuses a signature that does not hold at that moment; nil when it does. Each refusal has its own text, because
// whoever reads it holds a token already: he is a programmer at work, not a stranger who guesses.
func (a *API) checkSignature(in body, at time.Time) *refusal {
	sender := in.sender()
	switch {
	case len(a.config.IdentityKeys) == 0:
		return unsigned("this inbox takes no signed identities", "configure api.identity_keys, or leave from.signature and from.signed_until out")
	case in.From.Signature == "":
		return unsigned("from.signed_until is given without from.signature", "give both, or neither")
	case len(sender) == 0 || !signable(sender[0]):
		return unsigned("this address of from cannot be signed", "sign a mail address, a number with + and country code, or a numeric Telegram id")
	}
	if in.From.SignedUntil != "" {
		until, err := time.Parse(time.RFC3339, in.From.SignedUntil)
		if err != nil {
			return unsigned("from.signed_until is no time", "write it as 2026-05-06T10:00:00+08:00 (RFC 3339), and sign it as it is written")
		}
		if !at.Before(until) {
			return unsigned("the signature of from has expired", "sign again with a later from.signed_until, and send the same message with the same key")
		}
	}
	if !a.signed(identityText(a.config.Inbox, sender[0].Identity(), in.From.SignedUntil), in.From.Signature) {
		return unsigned("the signature of from is not valid", "sign the five lines that docs/channels/api.md shows with one of api.identity_keys; of several addresses the first of email, phone and telegram is signed")
	}
	return nil
}

// unsigned is 422 and not 401: the token was right, and asking for other credentials would mislead a client.
func unsigned(text, todo string) *refusal {
	return &refusal{channels.Permanent, http.StatusUnprocessableEntity, text, todo}
}

// signed compares with the signature under each key, without telling by its timing which one came near.
func (a *API) signed(text []byte, given string) bool {
	right := false
	for _, key := range a.config.IdentityKeys {
		if signature.MatchHex(signature.SHA256([]byte(key), text), given) {
			right = true
		}
	}
	return right
}

// signable reports whether an address has one canonical spelling that both sides come to. Letters beyond ASCII that are
// lower-cased into ASCII, such as the Kelvin sign, would let one mailbox be signed as another.
func signable(a message.Address) bool {
	switch a.Kind {
	case message.Email:
		return !slices.ContainsFunc([]rune(a.Value), func(r rune) bool {
			return r > 0x7f && strings.ContainsFunc(strings.ToLower(string(r)), func(l rune) bool { return l <= 0x7f })
		})
	case message.Phone:
		return true
	case chat:
		digits := strings.TrimPrefix(a.Value, "-")
		return digits != "" && len(digits) <= 20 && strings.Trim(digits, "0123456789") == ""
	}
	return false
}

// proven says what was found at the door. A delivery that was recorded by a version that did not note it is judged by
// its own time, not by the clock.
func (a *API) proven(in body, d channels.Delivery) bool {
	switch d.Meta[meta.Proven] {
	case provenYes:
		return true
	case provenNo:
		return false
	}
	yes, _ := a.vouches(in, d.At)
	return yes
}
