package engine

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// asynqScripts reads the texts of Asynq's scripts from its source, by the names of their variables.
func asynqScripts(t *testing.T) map[string]string {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/hibiken/asynq").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "internal", "rdb", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of Asynq in %s: %v", dir, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
				if text, ok := scriptOf(spec.Values[0]); ok {
					found[spec.Names[0].Name] = text
				}
			}
			return true
		})
	}
	return found
}

// scriptOf reads redis.NewScript(`…`).
func scriptOf(e ast.Expr) (string, bool) {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return "", false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "NewScript" {
		return "", false
	}
	text, err := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
	return text, err == nil
}

// TestTheKnownScriptsAreAsynqs: after another version of Asynq the table is what this test prints.
func TestTheKnownScriptsAreAsynqs(t *testing.T) {
	scripts := asynqScripts(t)
	if len(scripts) < 40 {
		t.Fatalf("only %d scripts found in Asynq's source", len(scripts))
	}
	want := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(scripts)) {
		sum := sha1.Sum([]byte(scripts[name]))
		digest := hex.EncodeToString(sum[:])
		want[digest] = strings.TrimPrefix(want[digest]+", "+name, ", ")
	}
	if maps.Equal(want, known) {
		return
	}
	var table strings.Builder
	for _, digest := range slices.Sorted(maps.Keys(want)) {
		fmt.Fprintf(&table, "\t%q: %q,\n", digest, want[digest])
	}
	t.Errorf("the scripts of Asynq are others; look at what they call, and put this into scripts.go:\n%s", table.String())
}

// TestTheScriptsOfAsynqFindWhatTheyCall: each of them runs to its end, or to an error of its own about what
// it was given, but never lacks a function or a command.
func TestTheScriptsOfAsynqFindWhatTheyCall(t *testing.T) {
	for name, text := range asynqScripts(t) {
		for _, line := range strings.Split(text, "\n") {
			code, _, _ := strings.Cut(line, "--")
			for _, call := range callsIn(code) {
				library, function, of := strings.Cut(call, ".")
				switch {
				case library == "redis" && of:
					if !slices.Contains([]string{"call", "error_reply", "status_reply"}, function) {
						t.Errorf("%s calls %s", name, call)
					}
				case of && !slices.Contains(allowed[library], function), !of && !slices.Contains(append(allowed[""], "function", "if", "and", "or", "not", "while"), call):
					t.Errorf("%s calls %s", name, call)
				}
			}
			for _, command := range commandsIn(code) {
				if !commands[strings.ToUpper(command)] {
					t.Errorf("%s calls Redis' %s", name, command)
				}
			}
		}
	}
}

// callsIn are the names before opening brackets.
func callsIn(code string) []string {
	var names []string
	for i := range len(code) {
		if code[i] != '(' {
			continue
		}
		end := strings.TrimRight(code[:i], " ")
		start := strings.LastIndexFunc(end, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == '.')
		}) + 1
		if start < len(end) {
			names = append(names, end[start:])
		}
	}
	return names
}

// commandsIn are the commands that redis.call is given.
func commandsIn(code string) []string {
	var names []string
	for _, part := range strings.Split(code, `redis.call("`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		names = append(names, name)
	}
	return names
}
