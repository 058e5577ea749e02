// Package pipelinetest makes what tests of the line decide with.
package pipelinetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/prioritize"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/route"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/thread"
)

// MAC is a keyed digest under a key that everybody knows.
func MAC(parts ...[]byte) string {
	h := hmac.New(sha256.New, []byte("test key"))
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Settings are a desk's with every default, a queue named general, and these inboxes: of each kind of
// address the first one answers.
func Settings(t testing.TB, inboxes ...pipeline.Inbox) *pipeline.Settings {
	t.Helper()
	rules, err := classify.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	model, err := classify.New(rules)
	if err != nil {
		t.Fatal(err)
	}
	folder := classify.NewFolder()
	urgency, err := prioritize.New(prioritize.Default(), folder.Fold)
	if err != nil {
		t.Fatal(err)
	}
	s := &pipeline.Settings{Version: "test", Digest: MAC, MAC: MAC, Inboxes: map[string]pipeline.Inbox{}, Answering: map[message.AddressKind]string{},
		Languages: []string{"zh-Hans", "zh-Hant", "en"}, Windows: thread.DefaultWindows(), Caps: acknowledge.DefaultCaps(), Classifier: model, Prioritize: urgency,
		Route: route.Policy{Default: "general"}, Promise: promise.Policy{}, Finder: answer.New(folder.Fold), Desk: map[string]pipeline.Category{}}
	kinds := map[string]message.AddressKind{"email": message.Email, "sms": message.Phone, "telegram": message.Telegram}
	var own []string
	for _, in := range inboxes {
		s.Inboxes[in.Name] = in
		if kind := kinds[in.Channel]; s.Answering[kind] == "" {
			s.Answering[kind] = in.Name
		}
		if in.Channel == "email" {
			own = append(own, in.Address)
		}
	}
	s.Screen = screen.Settings{Own: own}
	return s
}
