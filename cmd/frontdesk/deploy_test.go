package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"frontdesk/configs"
)

// TestDeployedConfigurationLoads: the configuration in deploy/, and the same in the ConfigMap.
func TestDeployedConfigurationLoads(t *testing.T) {
	const file = "../../deploy/frontdesk.yaml"
	shared := mustRead(t, file)
	embedded := configMap(t, "../../deploy/kubernetes/10-config.yaml")
	if _, body, _ := strings.Cut(shared, "\ndesk:"); strings.TrimSpace("desk:"+body) != strings.TrimSpace(embedded) {
		t.Error("the ConfigMap holds another configuration than deploy/frontdesk.yaml")
	}
	secrets := t.TempDir()
	for name, value := range map[string]string{"master_key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "ops_token": strings.Repeat("t", 32), "relay_password": "test-password"} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"DATABASE_URL": "postgres://frontdesk:test@postgres:5432/frontdesk", "REDIS_URL": "redis://redis:6379/0",
		"RELAY_HOST": "relay.example", "RELAY_USER": "desk"}
	for name, text := range map[string]string{"deploy/frontdesk.yaml": shared, "the ConfigMap": embedded} {
		path := filepath.Join(t.TempDir(), "frontdesk.yaml")
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "/run/secrets/", secrets+"/")), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := configs.Load(path, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
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
