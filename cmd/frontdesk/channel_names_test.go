package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"frontdesk/channels/kinds"
)

// namesChannels are packages that may name a channel: their folders, the registry, what plays customers and providers, and what is for
// tests alone.
var namesChannels = []string{"channels/...", "cmd/frontdesk/demo", "cmd/frontdesk/bench", "pipeline/pipelinetest", "workers/store/storetest/...", "workers/workerstest", "workers/worldtest/..."}

// words are places where a channel's name is another thing's word.
var words = map[string]string{
	"pipeline/message/message.go email":      "a kind of address, for which the line has rules",
	"pipeline/message/traits.go sms":         "a family of texts",
	"pipeline/identify/author.go form":       "how a mail came: a form of somebody's web site wrote it",
	"pipeline/line_read.go email":            "a field that programs send with every message",
	"pipeline/normalize/markup/tags.go form": "an element of HTML",
	"pipeline/screen/server.go api":          "a name of machines' mailboxes",
	"pipeline/screen/server.go email":        "a key in the notices of mail services",
}

// mailsRooms are imports of the mail channel's rooms: what the whole desk has once, not each inbox for itself.
var mailsRooms = map[string]string{
	"cmd/frontdesk/wiring":    "SMTP and LMTP listeners, the sink, and asking name servers again: one of each for the whole desk",
	"cmd/frontdesk/importing": "folders of mail",
}

// TestNobodyNamesAChannel: what has to be known of a channel is a trait. Whoever asks for its name has a fact that belongs into its
// folder.
func TestNobodyNamesAChannel(t *testing.T) {
	names := append(kinds.All().Names(), "twilio")
	used := map[string]bool{}
	for _, p := range packages(t) {
		own := strings.TrimPrefix(p.ImportPath, module)
		for _, imported := range p.Imports {
			name, ours := strings.CutPrefix(imported, module)
			room := below(name, "channels/email")
			if !ours || matches(own, namesChannels) || !room && !slices.ContainsFunc([]string{"channels/telegram", "channels/twilio", "channels/web"}, func(f string) bool { return below(name, f) }) {
				continue
			}
			if mailsRooms[own] == "" || !room {
				t.Errorf("%s imports %s; ask the channel's Kind", own, name)
			}
			used[own] = true
		}
		if matches(own, namesChannels) {
			continue
		}
		for _, file := range p.GoFiles {
			for _, at := range literals(t, filepath.Join(p.Dir, file), names) {
				key := own + "/" + file + " " + at.text
				if words[key] == "" {
					t.Errorf("%s names the channel %q; ask its traits", at.place, at.text)
				}
				used[key] = true
			}
		}
	}
	for _, table := range []map[string]string{words, mailsRooms} {
		for key := range table {
			if !used[key] {
				t.Errorf("the exception %q is not needed any more", key)
			}
		}
	}
}

type named struct{ text, place string }

// literals are the strings of a file that are one of these names. Tags of fields are none.
func literals(t *testing.T, path string, names []string) (out []named) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if text, err := strconv.Unquote(l.Value); err == nil && slices.Contains(names, text) {
				out = append(out, named{text, fset.Position(l.Pos()).String()})
			}
		}
		return true
	})
	return out
}
