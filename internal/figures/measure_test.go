package figures

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// file is a Go file with what is counted in it.
type file struct {
	name           string
	test           bool
	code, comments int // lines
	functions      []int
	parsed         *ast.File
}

// pkg is a folder with Go files.
type pkg struct {
	folder string
	files  []file
	fset   *token.FileSet
}

// measure reads every package below a folder.
func measure(t *testing.T, dir string) []pkg {
	t.Helper()
	found := map[string]*pkg{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch name := d.Name(); {
		case d.IsDir() && path != dir && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		folder, err := filepath.Rel(dir, filepath.Dir(path))
		if err != nil {
			return err
		}
		p := found[folder]
		if p == nil {
			p = &pkg{folder: filepath.ToSlash(folder), fset: token.NewFileSet()}
			found[folder] = p
		}
		return p.read(path)
	})
	if err != nil {
		t.Fatalf("reading the tree: %v", err)
	}
	var tree []pkg
	for _, p := range found {
		p.tests()
		tree = append(tree, *p)
	}
	slices.SortFunc(tree, func(a, b pkg) int { return cmp.Compare(a.folder, b.folder) })
	return tree
}

// read adds a file to the package, unless it is generated.
func (p *pkg) read(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(p.fset, path, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if ast.IsGenerated(parsed) {
		return nil
	}
	f := file{name: filepath.Base(path), test: strings.HasSuffix(path, "_test.go"), parsed: parsed}
	f.code, f.comments = lines(content)
	for _, d := range parsed.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			f.functions = append(f.functions, p.line(fn.End())-p.line(fn.Pos())+1)
		}
	}
	p.files = append(p.files, f)
	return nil
}

func (p *pkg) line(at token.Pos) int { return p.fset.Position(at).Line }

// tests marks all files of a package that is for tests.
func (p *pkg) tests() {
	all := slices.ContainsFunc(strings.Split(p.folder, "/"), func(s string) bool { return strings.HasSuffix(s, "test") }) ||
		slices.ContainsFunc(p.files, func(f file) bool { return !f.test && imports(f.parsed, "testing") })
	for i := range p.files {
		p.files[i].test = p.files[i].test || all
	}
}

func imports(f *ast.File, path string) bool {
	return slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"`+path+`"` })
}

// lines counts the lines with a token that is no comment, and those with nothing but a comment.
func lines(content []byte) (code, comments int) {
	files := token.NewFileSet()
	f := files.AddFile("", -1, len(content))
	var s scanner.Scanner
	s.Init(f, content, nil, scanner.ScanComments)
	kind := map[int]bool{} // by line: whether there is code
	for {
		at, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && text == "\n" { // the scanner's own
			continue
		}
		first := f.Line(at)
		for i := range bytes.Count([]byte(text), []byte("\n")) + 1 {
			kind[first+i] = kind[first+i] || tok != token.COMMENT
		}
	}
	for _, isCode := range kind {
		if isCode {
			code++
		} else {
			comments++
		}
	}
	return code, comments
}

// product is what of the package is no test.
func (p pkg) product() []file {
	return slices.DeleteFunc(slices.Clone(p.files), func(f file) bool { return f.test })
}

func (p pkg) code() int { return sum(p.product(), func(f file) int { return f.code }) }

func (p pkg) comments() int { return sum(p.product(), func(f file) int { return f.comments }) }

func (p pkg) testCode() int { return sum(p.files, func(f file) int { return f.code }) - p.code() }

func (p pkg) functions() (out []int) {
	for _, f := range p.product() {
		out = append(out, f.functions...)
	}
	return out
}

// longest is how many lines the longest function has.
func (p pkg) longest() int { return slices.Max(append(p.functions(), 0)) }

// exported is how many names the package shows, methods and fields apart.
func (p pkg) exported() int {
	n := 0
	for _, f := range p.product() {
		for _, d := range f.parsed.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.IsExported() {
					n++
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					n += shown(spec)
				}
			}
		}
	}
	return n
}

func shown(spec ast.Spec) int {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			return 1
		}
	case *ast.ValueSpec:
		return len(slices.DeleteFunc(slices.Clone(s.Names), func(n *ast.Ident) bool { return !n.IsExported() }))
	}
	return 0
}

// methods counts the exported methods of each exported type.
func (p pkg) methods() map[string]int {
	out := map[string]int{}
	for _, f := range p.product() {
		for _, d := range f.parsed.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil && fn.Name.IsExported() {
				if name := receiver(fn.Recv.List[0].Type); ast.IsExported(name) {
					out[name]++
				}
			}
		}
	}
	return out
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// widest is the largest number of exported methods of one type.
func (p pkg) widest() int {
	most := 0
	for _, n := range p.methods() {
		most = max(most, n)
	}
	return most
}

// imported are the folders of this module's packages that the package imports.
func (p pkg) imported() (out []string) {
	for _, f := range p.product() {
		for _, i := range f.parsed.Imports {
			if folder, ours := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), "frontdesk/"); ours && !slices.Contains(out, folder) {
				out = append(out, folder)
			}
		}
	}
	return out
}

// nothing imports packages as if they were empty: names of other packages are no arrows.
type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, filepath.Base(path))
	p.MarkComplete()
	return p, nil
}

// arrows says for each product file, by name, which others of the package it uses.
func (p pkg) arrows() map[string][]string {
	var parsed []*ast.File
	for _, f := range p.product() {
		parsed = append(parsed, f.parsed)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: nothing{}, Error: func(error) {}} // what the imports would tell is unknown here, and no error
	own, _ := config.Check(p.folder, p.fset, parsed, info)             //nolint:errcheck // see Error
	out := map[string][]string{}
	for _, f := range p.product() {
		out[f.name] = nil
	}
	for use, of := range info.Uses {
		if of.Pkg() != own || !of.Pos().IsValid() {
			continue
		}
		from, to := p.fileOf(use.Pos()), p.fileOf(of.Pos())
		if from != to && !slices.Contains(out[from], to) {
			out[from] = append(out[from], to)
		}
	}
	return out
}

func (p pkg) fileOf(at token.Pos) string { return filepath.Base(p.fset.Position(at).Filename) }
