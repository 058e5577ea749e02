// Package hooks signs what is posted to systems of the operator's, as Standard Webhooks says; a leaf.
package hooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Sign sets the fields of a signed call: webhook-id, webhook-timestamp and webhook-signature, v1,<base64 of HMAC-SHA256 of "id.timestamp.body">. A secret that
// begins with whsec_ is a key in base64, any other one is the key itself. The time lets a receiver refuse what somebody has recorded and plays again.
func Sign(h http.Header, secret []byte, id string, at time.Time, body []byte) error {
	key, err := keyOf(secret)
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", stamp)
	h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return nil
}

// keyOf is the key of a secret.
func keyOf(secret []byte) ([]byte, error) {
	text, is := strings.CutPrefix(string(secret), "whsec_")
	if !is {
		return secret, nil
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("the secret begins with whsec_ and is no base64 behind it")
	}
	return key, nil
}
