package main

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/channels/kinds"
	"frontdesk/channels/limits"
	"frontdesk/configs"
	"frontdesk/workers"
	"frontdesk/workers/gauges"
)

// What the documentation says is held against the code here: configuration blocks, commands,
// metrics, causes and links.

const projectRoot = "../.."

// documents reads every page, by its path below the project.
func documents(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/channels/*.md"} {
		files, err := filepath.Glob(filepath.Join(projectRoot, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			name, err := filepath.Rel(projectRoot, f)
			if err != nil {
				t.Fatal(err)
			}
			out[filepath.ToSlash(name)] = string(b)
		}
	}
	if len(out) < 12 {
		t.Fatalf("found %d pages only", len(out))
	}
	return out
}

var yamlBlock = regexp.MustCompile("(?ms)^( *)```yaml\n(.*?)^ *```")

// TestConfigurationInTheDocsIsAccepted completes each block that begins at the top of the file with
// the sections that it leaves out, and reads it as `check --offline` would.
func TestConfigurationInTheDocsIsAccepted(t *testing.T) {
	base := map[string]string{
		"desk":   "desk: {name: Desk, domain: desk.example}\n",
		"keys":   "keys: {master: [{name: first, env: KEY}]}\n",
		"listen": "listen: {public_url: \"https://desk.example\"}\n",
		"relays": "relays: [{name: outgoing, host: smtp.example.com}]\n",
	}
	secret, bot := filepath.Join(t.TempDir(), "secret"), filepath.Join(t.TempDir(), "bot")
	if err := errors.Join(os.WriteFile(secret, []byte(strings.Repeat("0123456789abcdef", 4)), 0o600), os.WriteFile(bot, []byte("4242:test-bot-token"), 0o600)); err != nil {
		t.Fatal(err)
	}
	env := func(name string) (string, bool) {
		if strings.HasPrefix(name, "FRONTDESK_") {
			return "", false
		}
		if strings.Contains(name, "ACCOUNT_SID") {
			return "AC0123456789abcdef0123456789abcdef", true
		}
		return "0123456789abcdef0123456789abcdef", true
	}
	blocks := 0
	for page, text := range documents(t) {
		for _, m := range yamlBlock.FindAllStringSubmatch(text, -1) {
			block := regexp.MustCompile("(?m)^"+m[1]).ReplaceAllString(m[2], "")
			if strings.HasPrefix(block, " ") {
				continue // a part of an inbox, which its page shows in place
			}
			for section, words := range base {
				if !regexp.MustCompile(`(?m)^` + section + `:`).MatchString(block) {
					block += words
				}
			}
			block = regexp.MustCompile(`( token_file: )/etc/frontdesk/telegram[\w.-]*`).ReplaceAllString(block, "${1}"+bot)
			block = regexp.MustCompile(`/etc/frontdesk/[\w.-]+`).ReplaceAllString(block, secret)
			if _, err := configs.Parse([]byte(block), page, env, kinds.All()); err != nil {
				t.Errorf("%s: %v\n%s", page, err, block)
			}
			blocks++
		}
	}
	if blocks < 10 {
		t.Errorf("only %d blocks of configuration were found", blocks)
	}
}

// TestEveryCommandIsInTheReadme looks for the name of each command, and for an example in its help.
func TestEveryCommandIsInTheReadme(t *testing.T) {
	readme := documents(t)["README.md"]
	for _, c := range newRoot(kinds.All()).Commands() {
		if name := c.Name(); name != "help" && !regexp.MustCompile("(?m)^\\| `"+name+"[ `]").MatchString(readme) {
			t.Errorf("the README's table has no line for %q", name)
		}
		if c.Name() != "help" && c.Example == "" {
			t.Errorf("the help of %q has no example", c.Name())
		}
	}
}

// describer takes down what is registered.
type describer struct{ collectors []prometheus.Collector }

func (d *describer) Register(c prometheus.Collector) error {
	d.collectors = append(d.collectors, c)
	return nil
}
func (d *describer) MustRegister(cs ...prometheus.Collector) {
	d.collectors = append(d.collectors, cs...)
}
func (d *describer) Unregister(prometheus.Collector) bool { return false }

// TestEveryMetricIsDocumented compares both ways.
func TestEveryMetricIsDocumented(t *testing.T) {
	d := &describer{}
	workers.NewMeter(d).Crowd(d, limits.NewBudget(1, 1))
	d.MustRegister(gauges.New(t.Context(), nil, nil))
	real := map[string]bool{}
	for _, c := range d.collectors {
		descs := make(chan *prometheus.Desc, 64)
		c.Describe(descs)
		close(descs)
		for desc := range descs {
			_, rest, _ := strings.Cut(desc.String(), `fqName: "`)
			name, _, _ := strings.Cut(rest, `"`)
			real[name] = true
		}
	}
	page := documents(t)["docs/operations.md"]
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(frontdesk_[a-z_]+)`").FindAllStringSubmatch(page, -1) {
		documented[m[1]] = true
	}
	for name := range real {
		if !documented[name] {
			t.Errorf("docs/operations.md does not have the metric %s", name)
		}
	}
	for name := range documented {
		if !real[name] {
			t.Errorf("docs/operations.md has the metric %s, which does not exist", name)
		}
	}
	for _, name := range regexp.MustCompile(`frontdesk_[a-z_]+`).FindAllString(page, -1) {
		if !real[name] {
			t.Errorf("docs/operations.md names %s, which is no metric", name)
		}
	}
}

// TestEveryCauseIsDocumented looks for each cause for which something is parked, withheld or
// suppressed.
func TestEveryCauseIsDocumented(t *testing.T) {
	page := documents(t)["docs/operations.md"]
	causes := constants(t, "pipeline/causes/causes.go", "")
	causes = append(causes, constants(t, "pipeline/screen/screen.go", "withhold", "Suppress")...)
	if len(causes) < 40 {
		t.Fatalf("found %d causes only", len(causes))
	}
	for _, cause := range causes {
		if !strings.Contains(page, "`"+cause+"`") {
			t.Errorf("docs/operations.md does not have the cause %q", cause)
		}
	}
}

// constants reads the string constants of a file whose names begin with one of the prefixes.
func constants(t *testing.T, path string, prefixes ...string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(projectRoot, path), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		for _, prefix := range prefixes {
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok && strings.HasPrefix(spec.Names[0].Name, prefix) {
				if value, err := strconv.Unquote(lit.Value); err == nil {
					out = append(out, value)
				}
			}
		}
		return true
	})
	return out
}

var (
	link    = regexp.MustCompile(`[^!]\[[^\]]*\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	fence   = regexp.MustCompile("(?ms)^ *```.*?^ *```")
)

// TestLinksInTheDocsLead follows each link inside the project to its file and heading.
func TestLinksInTheDocsLead(t *testing.T) {
	pages := documents(t)
	for page, text := range pages {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			path := page
			if target != "" {
				path = filepath.ToSlash(filepath.Join(filepath.Dir(page), target))
			}
			if _, err := os.Stat(filepath.Join(projectRoot, path)); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
				continue
			}
			if anchor != "" && !anchors(pages[path])[anchor] {
				t.Errorf("%s links to %s, and there is no such heading", page, m[1])
			}
		}
	}
}

// anchors are the names under which the headings of a page are reached.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			default:
				return -1
			}
		}, strings.TrimSpace(m[1]))
		out[name] = true
	}
	return out
}

var (
	testName  = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w*`)
	testFunc  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w*)\(`)
	provenBy  = regexp.MustCompile(`\(((?:Test|Fuzz)[A-Z]\w*(?:, (?:Test|Fuzz)[A-Z]\w*)*)\)$`)
	promising = regexp.MustCompile(`(?s)\n## Somebody without any secret\n(.*)\n## What it was tried against\n`)
)

// TestEverySecurityPromiseHasItsTest reads docs/security.md: each promise ends with its tests, and every test
// that the page names is a function of the project.
func TestEverySecurityPromiseHasItsTest(t *testing.T) {
	page := documents(t)["docs/security.md"]
	found := promising.FindStringSubmatch(page)
	if found == nil {
		t.Fatal("docs/security.md has no promises between its first and its last attacker")
	}
	promises := bullets(found[1])
	if len(promises) < 60 {
		t.Errorf("docs/security.md has %d promises only", len(promises))
	}
	for _, p := range promises {
		if !provenBy.MatchString(p) {
			t.Errorf("this promise does not end with the tests that prove it, as (TestName, TestOther): %s", p)
		}
	}
	known := testFunctions(t)
	for _, name := range testName.FindAllString(page, -1) {
		if !known[name] {
			t.Errorf("docs/security.md names %s, which is no test of the project", name)
		}
	}
}

// bullets joins the lines of each list item of a text.
func bullets(text string) []string {
	var out []string
	open := false
	for line := range strings.Lines(text) {
		words := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "* "), strings.HasPrefix(line, "- "):
			out, open = append(out, words[2:]), true
		case open && strings.HasPrefix(line, "  ") && words != "":
			out[len(out)-1] += " " + words
		default:
			open = false
		}
	}
	return out
}

// testFunctions are the names of all tests and fuzz targets of the project.
func testFunctions(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir(projectRoot, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && (name == ".git" || name == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range testFunc.FindAllSubmatch(b, -1) {
			out[string(m[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestNoPartOfAPageIsLeft: parts that were written apart are put into their page.
func TestNoPartOfAPageIsLeft(t *testing.T) {
	parts, err := filepath.Glob(filepath.Join(projectRoot, "docs", "*.part.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		t.Errorf("docs/%s is to become a part of its page, docs/security.md", filepath.Base(p))
	}
}

// TestBullets tells where a list item ends.
func TestBullets(t *testing.T) {
	got := bullets("words\n* one\n  goes on (TestA)\n* two\n\n  apart\n- three\nno more\n")
	if diff := cmp.Diff([]string{"one goes on (TestA)", "two", "three"}, got); diff != "" {
		t.Errorf("bullets (-want +got):\n%s", diff)
	}
	for text, want := range map[string]bool{"yes (TestA, FuzzB)": true, "no": false, "(TestA) in the middle": false, "no (see TestA)": false} {
		if provenBy.MatchString(text) != want {
			t.Errorf("%q ends with tests: %t, want %t", text, !want, want)
		}
	}
}
