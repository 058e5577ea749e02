package console

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var han = regexp.MustCompile(`\p{Han}`)

// says are the functions of the line to which words for its trace are given.
var says = []string{"note", "is", "because", "setAside", "park", "Sprintf", "add"}

// TestEachLineOfATraceIsInChinese: whatever the stages of the line say in words has its Chinese in trace.txt.
func TestEachLineOfATraceIsInChinese(t *testing.T) {
	p, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, words := range append(traceWords(t), evidenceWords(t)...) {
		found++
		if filled := strings.NewReplacer("%d", "7", "%s", "x", "%g", "7", "%v", "x", "%.10g", "7", "%.4g", "7").Replace(strings.TrimPrefix(words, ", ")); !han.MatchString(p.Trace(Chinese, filled)) {
			t.Errorf("no Chinese for %q", words)
		}
	}
	if found < 80 {
		t.Errorf("only %d sentences were found", found)
	}
}

// TestTraceSaysWhatStandsInSentencesToo: what fills a sentence is said in its turn, and what has no word stays.
func TestTraceSaysWhatStandsInSentencesToo(t *testing.T) {
	p, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]string{
		"withheld: stranger-cap":     "暂不发送：未验证来信上限",
		"category fraud: urgent":     "类别 fraud：紧急",
		"continues by reply-address": "续接工单，依据：签名回复地址",
		"answers ticket 7, but nothing proves its sender, and the ticket is a proven person's": "回复工单 7，但无法验证发件人，而该工单属于已验证的人",
		"nothing proves the sender: his address is a claim; a contact has proven to own it":    "无法验证发件人：该地址仅为自称；已有联系人验证过该地址",
		"the same mail, altered on the way; it brings more than the first":                     "同一封邮件，途中被改动；比首份多出内容",
		"acknowledgement by 2026-11-29T15:00:00Z, first-reply by 2026-11-30T02:00:00Z":         "回执，截止 2026-11-29T15:00:00Z，首次答复，截止 2026-11-30T02:00:00Z",
		"退款 in subject +4.5": "退款 in subject +4.5",
		"":                   "",
	} {
		if got := p.Trace(Chinese, words); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
		if got := p.Trace(English, words); got != words {
			t.Errorf("%q in English: %q", words, got)
		}
	}
}

// evidenceWords are the sentences by which doors and readers say why they set something aside.
func evidenceWords(t *testing.T) (out []string) {
	t.Helper()
	for _, folder := range []string{"../../channels", "../../workers/decide", "../../workers/receive", "../../cmd/frontdesk/importing"} {
		sources(t, folder, func(_ string, n ast.Node) {
			switch n := n.(type) {
			case *ast.CallExpr:
				name := ""
				switch f := n.Fun.(type) {
				case *ast.SelectorExpr:
					name = f.Sel.Name
				case *ast.Ident:
					name = f.Name
				}
				if slices.Contains([]string{"unreadable", "unread", "parkedCase"}, name) {
					for _, e := range n.Args {
						out = append(out, literals(e)...)
					}
				}
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					if f, ok := l.(*ast.SelectorExpr); ok && f.Sel.Name == "Evidence" {
						for _, e := range n.Rhs {
							out = append(out, literals(e)...)
						}
					}
				}
			case *ast.FuncDecl:
				if n.Name.Name == "machine" && n.Type.Results != nil && len(n.Type.Results.List) == 1 {
					ast.Inspect(n, func(n ast.Node) bool {
						if r, ok := n.(*ast.ReturnStmt); ok {
							out = append(out, literals(r.Results[0])...)
						}
						return true
					})
				}
			}
		})
	}
	if len(out) < 10 {
		t.Errorf("only %d sentences were found: %q", len(out), out)
	}
	return out
}

// sources calls f with each node of the program's files below a folder.
func sources(t *testing.T, folder string, f func(path string, n ast.Node)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "pipelinetest") || strings.Contains(path, "channelstest") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			f(path, n)
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// traceWords are the sentences in the source of the stages.
func traceWords(t *testing.T) (out []string) {
	t.Helper()
	sources(t, "../../pipeline", func(path string, n ast.Node) {
		if filepath.Base(filepath.Dir(path)) == "training" { // no stage: it tells a person at a terminal how far it is
			return
		}
		for _, e := range spoken(n) {
			out = append(out, literals(e)...)
		}
		if r, ok := n.(*ast.ReturnStmt); ok && slices.Contains([]string{"withhold.go", "bounce.go"}, filepath.Base(path)) && (filepath.Base(filepath.Dir(path)) == "pipeline" || len(r.Results) == 2) {
			for _, e := range r.Results {
				out = append(out, literals(e)...)
			}
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// spoken are the expressions of a node that end up in a trace.
func spoken(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains(says, f.Sel.Name) {
			return n.Args
		}
	case *ast.KeyValueExpr:
		if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Reason" {
			return []ast.Expr{n.Value}
		}
	case *ast.AssignStmt:
		for _, l := range n.Lhs {
			switch l := l.(type) {
			case *ast.SelectorExpr:
				if l.Sel.Name == "Reason" || l.Sel.Name == "Reasons" {
					return n.Rhs
				}
			case *ast.Ident:
				if l.Name == "reason" || l.Name == "why" || l.Name == "found" {
					return n.Rhs
				}
			}
		}
	}
	return nil
}

// literals are the sentences in an expression: of more than one word.
func literals(e ast.Expr) (out []string) {
	ast.Inspect(e, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil && strings.Contains(strings.TrimSpace(s), " ") && strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyz") {
				out = append(out, s)
			}
		}
		return true
	})
	return out
}
