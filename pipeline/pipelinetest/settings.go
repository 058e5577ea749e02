// Package pipelinetest makes what tests of the line decide with.
package pipelinetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/dedupe/copies"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/prioritize"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/route"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/tact"
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

// Channels are the traits of the channels that this program has; a test of the registry holds them to the folders' own.
func Channels() map[string]message.Traits {
	const day = 24 * time.Hour
	mail := message.Carries{Cc: 50, HTML: true, Files: 50, FileMax: 25 << 20, FilesMax: 25 << 20}
	chat := message.Carries{Files: 10, FileMax: 50_000_000, FilesMax: 100_000_000}
	return map[string]message.Traits{
		"email":    {Address: message.Email, Mail: true, Words: message.WordsMail, Carries: mail},
		"sms":      {Address: message.Phone, Carrier: true, Words: message.WordsSMS, Continues: 3 * day},
		"telegram": {Address: "telegram", Words: message.WordsChat, Continues: 3 * day, Carries: chat},
		"form":     {Typed: true, Words: message.WordsMail},
		"api":      {Typed: true, Words: message.WordsMail, Continues: 3 * day},
	}
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
	s := &pipeline.Settings{Version: "test", Digest: MAC, Copies: copies.New(MAC), MAC: MAC, Channels: Channels(), Inboxes: map[string]pipeline.Inbox{}, Answering: map[message.AddressKind]string{},
		Languages: []string{"zh-Hans", "zh-Hant", "en"}, Windows: thread.DefaultWindows(), Caps: acknowledge.DefaultCaps(), Classifier: model, Prioritize: urgency, Signs: tact.New(), Tones: true,
		Route: route.Policy{Default: "general"}, Promise: promise.Policy{}, Finder: answer.New(folder.Fold), Desk: map[string]pipeline.Category{}}
	var own []string
	for _, in := range inboxes {
		s.Inboxes[in.Name] = in
		if kind := s.Channels[in.Channel].Address; s.Answering[kind] == "" {
			s.Answering[kind] = in.Name
		}
		if s.Channels[in.Channel].Mail {
			own = append(own, in.Address)
		}
	}
	s.Screen = screen.Settings{Own: own}
	return s
}
