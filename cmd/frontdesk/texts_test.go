package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"frontdesk/templates"
)

// textsConfig is a configuration whose texts lie in a folder that holds these files.
func textsConfig(t *testing.T, files map[string]string) (config, folder string) {
	t.Helper()
	dir := t.TempDir()
	folder = filepath.Join(dir, "texts")
	write := func(path, text string) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		write(filepath.Join(folder, name), text)
	}
	config = filepath.Join(dir, "frontdesk.yaml")
	write(filepath.Join(dir, "master.key"), testKey+"\n")
	write(config, "desk: {name: Desk, domain: desk.example}\ndata_dir: "+dir+"\nkeys: {master: [{name: a, file: "+filepath.Join(dir, "master.key")+"}]}\n"+
		"inboxes: [{name: contact, channel: form}]\n"+
		"acknowledgements: {templates_dir: "+folder+"}\n")
	return config, folder
}

// TestTextsLieWhereTheHowtoSays puts a text at each place that the document names.
func TestTextsLieWhereTheHowtoSays(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/howto.md")
	if err != nil {
		t.Fatal(err)
	}
	_, tree, _ := strings.Cut(string(doc), "\n/etc/frontdesk/texts/\n")
	tree, _, _ = strings.Cut(tree, "```")
	files := map[string]string{}
	for _, name := range regexp.MustCompile(`(?m)^  (\S+\.txt)`).FindAllStringSubmatch(tree, -1) {
		files[name[1]] = map[bool]string{true: "Subject: Ours\n\nOurs of " + name[1], false: "Ours of " + name[1]}[strings.HasSuffix(name[1], ".mail.txt")]
		if strings.HasSuffix(name[1], "categories.txt") {
			files[name[1]] = `{{define "refund"}}Ours{{end}}`
		}
	}
	if len(files) < 3 {
		t.Fatalf("the document names %d texts", len(files))
	}
	config, _ := textsConfig(t, files)
	if code, out, errs := frontdesk(t, "check", "--offline", "--config", config); code != 0 {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	code, out, errs := frontdesk(t, "templates", "render", "--config", config, "--kind", string(templates.Acknowledgement), "--lang", "en")
	if code != 0 || !strings.Contains(out, "Ours of ack/en/acknowledgement.mail.txt") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

func TestAFolderOfWhichNoTextIsReadIsRefused(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"languages without ack": {"en/acknowledgement.mail.txt": "Subject: Ours\n\nOurs"},
		"hidden files only":     {".keep": ""},
		"a text too many":       {"ack/en/acknowledgement.mail.txt": "Subject: Ours\n\nOurs", "acknowledgement.mail.txt": "Subject: Ours\n\nOurs"},
	} {
		config, folder := textsConfig(t, files)
		for _, command := range [][]string{{"check", "--offline"}, {"check"}, {"serve"}, {"templates", "render"}} {
			code, out, errs := frontdesk(t, append(command, "--config", config)...)
			if code != 1 || !strings.Contains(errs, folder) || !strings.Contains(errs, "ack/<language>/<file>") {
				t.Errorf("%s, %v: exit %d: %s%s", name, command, code, out, errs)
			}
		}
	}
}
