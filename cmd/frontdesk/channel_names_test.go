package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
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
	"configs/defaults.go email":              "a scope of OpenID Connect",
	"workers/desk/admin/admin.go form":       "what was wrong with a form that was filled in",
	"workers/desk/admin/users.go email":      "a field of a form",
	"cmd/frontdesk/main.go telegram":         "what the program is, for those who have never seen it",
	"cmd/frontdesk/erase/tell.go telegram":   "an address in an example",
	"cmd/frontdesk/erase/erase.go telegram":  "an address in an example",
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

// common are names that are everybody's words, too: within a sentence they say nothing.
var common = []string{"email", "sms", "form", "api"}

// namesIn are the channels that a string names: it is the name, or has it in the quotes of SQL, or as a word where it is no common one.
func namesIn(text string, names []string) (out []string) {
	for _, name := range names {
		word := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(name) + `\b`)
		if text == name || strings.Contains(text, "'"+name+"'") || !slices.Contains(common, name) && word.MatchString(text) {
			out = append(out, name)
		}
	}
	return out
}

func TestWhichStringsNameAChannel(t *testing.T) {
	names := []string{"email", "sms", "telegram", "form"}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"the name itself", "sms", []string{"sms"}},
		{"a statement", "UPDATE outbox SET x = '' WHERE channel = 'sms'", []string{"sms"}},
		{"a part of a statement that is put together", " AND channel IN ('email', 'form')", []string{"email", "form"}},
		{"a sentence with a name that is nobody's word", "write telegram:ID", []string{"telegram"}},
		{"a name as people write it", "by mail, SMS, Telegram or form", []string{"telegram"}},
		{"a common word in a sentence", "an email of the form", nil},
		{"a word that begins so", "telegrams and 'forms'", nil},
		{"a setting", "sms.countries", nil},
	} {
		if got := namesIn(c.text, names); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q names %v, want %v", c.name, c.text, got, c.want)
		}
	}
}

// literals are the strings of a file that name one of these channels. Tags of fields and paths of imports are none.
func literals(t *testing.T, path string, names []string) (out []named) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch l := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			l.Tag = nil
		case *ast.BasicLit:
			if text, err := strconv.Unquote(l.Value); err == nil && l.Kind == token.STRING {
				for _, name := range namesIn(text, names) {
					out = append(out, named{name, fset.Position(l.Pos()).String()})
				}
			}
		}
		return true
	})
	return out
}
