package engine

import (
	"context"
	"strings"
	"testing"
	"time"
)

// TestProcessesTellEachOtherWords: the others of the installation hear them, nobody else does, and no endless ones.
func TestProcessesTellEachOtherWords(t *testing.T) {
	engines := shared(t, Config{Installation: "aaaa"}, Config{Installation: "aaaa"}, Config{Installation: "bbbb"})
	type word struct {
		who  int
		text string
	}
	heard := make(chan word, 100)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for i, e := range engines {
		go e.Heed(ctx, func(text string) { heard <- word{i, text} })
	}
	say := func(text string) {
		t.Helper()
		if err := engines[0].Say(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	for said := false; !said; { // until the second one has subscribed
		say("7 1 r")
		select {
		case w := <-heard:
			if said = true; w != (word{1, "7 1 r"}) {
				t.Fatalf("heard %+v", w)
			}
		case <-time.After(10 * time.Millisecond):
		}
	}
	say(strings.Repeat("x", longestWord+1))
	say("the end")
	for w := range heard {
		if w.who != 1 || w.text != "7 1 r" && w.text != "the end" {
			t.Errorf("process %d has heard %q", w.who, w.text)
		}
		if w.text == "the end" {
			break
		}
	}
}

func TestNobodyIsToldThroughARedisThatNobodyElseReaches(t *testing.T) {
	e, err := StartEmbedded(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	alone := newEngine(t, e.Client())
	alone.Heed(t.Context(), func(string) { t.Error("heard") }) // returns
	if err := alone.Say(t.Context(), "7 1 r"); err != nil {
		t.Error(err)
	}
}
