package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/configs"
	"frontdesk/workers/store/keyring"
)

// TestDeployedConfigurationLoads: the configuration in deploy/, and the same in the ConfigMap.
func TestDeployedConfigurationLoads(t *testing.T) {
	const file = "../../deploy/frontdesk.yaml"
	shared := mustRead(t, file)
	embedded := configMap(t, "../../deploy/kubernetes/10-config.yaml")
	if _, body, _ := strings.Cut(shared, "\ndesk:"); strings.TrimSpace("desk:"+body) != strings.TrimSpace(embedded) {
		t.Error("the ConfigMap holds another configuration than deploy/frontdesk.yaml")
	}
	secrets := deployedSecrets(t)
	env := map[string]string{"DATABASE_URL": "postgres://frontdesk:test@postgres:5432/frontdesk", "REDIS_URL": "rediss://redis:6379/0",
		"RELAY_HOST": "relay.example", "RELAY_USER": "desk"}
	for name, text := range map[string]string{"deploy/frontdesk.yaml": shared, "the ConfigMap": embedded} {
		path := filepath.Join(t.TempDir(), "frontdesk.yaml")
		if err := os.WriteFile(path, []byte(strings.NewReplacer("/run/secrets/", secrets+"/", "/etc/frontdesk/", secrets+"/").Replace(text)), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := configs.Load(path, func(name string) (string, bool) { v, ok := env[name]; return v, ok }, kinds.All())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, role := range []string{"intake", "work", "desk"} {
			c.Roles = []string{role}
			if err := c.Validate(); err != nil {
				t.Errorf("%s, role %s: %v", name, role, err)
			}
		}
	}
}

// deployedSecrets is a folder with the secrets that the configuration in deploy/ reads.
func deployedSecrets(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	const text = testKey
	key, err := keyring.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	intake, err := keyring.Master{Name: "first", Key: key}.IntakeKey()
	if err != nil {
		t.Fatal(err)
	}
	cert, _ := newCertificate(t, "redis")
	for name, value := range map[string]string{"ca.pem": string(cert), "master_key": text, "intake_key": intake.Text(), "ops_token": "kX4v9Qb2Zt7Lm5Rw8Nc1Hs6Yp3Jd0Gf", "relay_password": "test-password"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestDeployedCommandsTakeTheirConfiguration runs every command line of deploy/ with the variables of
// the image, up to the database, which is not there.
func TestDeployedCommandsTakeTheirConfiguration(t *testing.T) {
	lines := map[string][]string{}
	files, err := filepath.Glob("../../deploy/kubernetes/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "../../deploy/compose.yaml") {
		docs := yaml.NewDecoder(strings.NewReader(mustRead(t, file)))
		for {
			var doc any
			err := docs.Decode(&doc)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			commandLines(doc, func(args []string) { lines[filepath.Base(file)+": "+strings.Join(args, " ")] = args })
		}
	}
	if len(lines) != 8 {
		t.Errorf("deploy/ holds %d command lines, want 4 of Compose and 4 of Kubernetes", len(lines))
	}
	data, config := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "frontdesk.yaml")
	secrets := deployedSecrets(t)
	inside := strings.NewReplacer("/etc/frontdesk/ca.pem", secrets+"/ca.pem", "/run/secrets/", secrets+"/", "/srv/blobs", t.TempDir(), "/var/lib/frontdesk", data, "/etc/frontdesk/frontdesk.yaml", config)
	if err := os.WriteFile(config, []byte(inside.Replace(mustRead(t, "../../deploy/frontdesk.yaml"))), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, v := range imageVariables(t) {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, inside.Replace(value))
	}
	t.Setenv("DATABASE_URL", "postgres://frontdesk:test@127.0.0.1:1/frontdesk")
	t.Setenv("REDIS_URL", "rediss://127.0.0.1:1/0")
	t.Setenv("RELAY_HOST", "relay.example")
	t.Setenv("RELAY_USER", "desk")
	for name, args := range lines {
		t.Run(name, func(t *testing.T) {
			for i := range args {
				args[i] = inside.Replace(args[i])
			}
			if code, _, errs := frontdesk(t, args...); code != command.ExitFinding || !strings.Contains(errs, "opening PostgreSQL") {
				t.Errorf("ended with %d, want 1 for want of a database: %s", code, errs)
			}
		})
	}
}

// commandLines calls found with every list in a document that is a command line of ours.
func commandLines(node any, found func([]string)) {
	switch node := node.(type) {
	case map[string]any:
		for _, v := range node {
			commandLines(v, found)
		}
	case []any:
		var words []string
		for _, v := range node {
			word, ok := v.(string)
			if !ok {
				commandLines(v, found)
				continue
			}
			words = append(words, word)
		}
		if len(words) > 0 && (words[0] == "serve" || words[0] == "migrate") {
			found(words)
		}
	}
}

// imageVariables are those that the image sets.
func imageVariables(t *testing.T) []string {
	t.Helper()
	var out []string
	for line := range strings.Lines(mustRead(t, "../../deploy/Dockerfile")) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "ENV "); ok {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		t.Fatal("the image sets no variable")
	}
	return out
}

// TestTheDataDirectoryVariableWinsOverTheFile: one file for several processes, a data directory each.
func TestTheDataDirectoryVariableWinsOverTheFile(t *testing.T) {
	config := filepath.Join(t.TempDir(), "frontdesk.yaml")
	if err := os.WriteFile(config, []byte("desk: {name: Desk, domain: desk.example}\ndata_dir: of-the-file\nkeys: {master: [{name: first, env: KEY}]}\n"+
		"inboxes: [{name: support, channel: email, address: support@desk.example, smtp_door: true}]\nlisten: {smtp: '127.0.0.1:0'}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, variable string
		options        command.Options
		want, problem  string
	}{
		{name: "the file alone", options: command.Options{Kinds: kinds.All(), Config: config}, want: filepath.Join(filepath.Dir(config), "of-the-file")},
		{name: "the variable beside the file", variable: "/of/the/variable", options: command.Options{Kinds: kinds.All(), Config: config}, want: "/of/the/variable"},
		{name: "the variable alone", variable: "/of/the/variable", want: "/of/the/variable"},
		{name: "the flag beside the variable", variable: "/of/the/variable", options: command.Options{Kinds: kinds.All(), DataDir: "/of/the/flag"}, want: "/of/the/flag"},
		{name: "neither", want: "frontdesk-data"},
		{name: "both flags", options: command.Options{Kinds: kinds.All(), Config: config, ConfigFlag: true, DataDir: "/of/the/flag"}, problem: "--config and --data-dir exclude each other"},
		{name: "the flag beside the file's variable", options: command.Options{Kinds: kinds.All(), Config: config, DataDir: "/of/the/flag"}, problem: "FRONTDESK_CONFIG and --data-dir exclude each other"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("FRONTDESK_DATA_DIR", c.variable)
			got, err := c.options.Load()
			if c.problem != "" {
				if err == nil || !strings.Contains(err.Error(), c.problem) {
					t.Errorf("error is %v, want %q", err, c.problem)
				}
				return
			}
			if err != nil || got.DataDir != c.want {
				t.Errorf("data directory %q, %v; want %q", got.DataDir, err, c.want)
			}
			if key := got.Keys.Master[0].File; c.options.Config == "" && key != filepath.Join(c.want, "keys", "master.key") {
				t.Errorf("the key is looked for at %s", key)
			}
		})
	}
}

// configMap is the configuration in a manifest.
func configMap(t *testing.T, path string) string {
	t.Helper()
	docs := yaml.NewDecoder(strings.NewReader(mustRead(t, path)))
	for {
		var doc struct {
			Kind string            `yaml:"kind"`
			Data map[string]string `yaml:"data"`
		}
		err := docs.Decode(&doc)
		if errors.Is(err, io.EOF) {
			t.Fatalf("%s holds no ConfigMap", path)
		}
		if err != nil {
			t.Fatal(err)
		}
		if doc.Kind == "ConfigMap" {
			return doc.Data["frontdesk.yaml"]
		}
	}
}
