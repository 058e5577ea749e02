package main

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.yaml.in/yaml/v3"

	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/configs/values"
	"frontdesk/workers/store/pgserver"
)

const serverPassword = "9f86d081884c7d659a2feaa0"

// TestTheDeployedRedisTakesTLSAndItsPasswordAlone runs the command of deploy/compose.yaml with a real Redis, and comes to it as
// the processes do, with an authority of one's own in redis.ca_file.
func TestTheDeployedRedisTakesTLSAndItsPasswordAlone(t *testing.T) {
	t.Parallel()
	serverProgram(t, "redis-server")
	dir, address := t.TempDir(), freeTCP(t)
	cert, key := newCertificate(t, "127.0.0.1")
	other, _ := newCertificate(t, "127.0.0.1")
	named, namedKey := newCertificate(t, "elsewhere.example")
	for name, text := range map[string][]byte{"cert.pem": cert, "redis_key": key, "other.pem": other, "named.pem": named, "named_key": namedKey, "none.pem": []byte("none")} {
		write(t, dir+"/"+name, string(text))
	}
	deployedRedis(t, address, dir+"/cert.pem", dir+"/redis_key")
	wrongName := freeTCP(t)
	deployedRedis(t, wrongName, dir+"/named.pem", dir+"/named_key")
	for _, c := range []struct {
		name, url, ca, problem string
	}{
		{"the authority and the password", "rediss://:" + serverPassword + "@" + address, "cert.pem", ""},
		{"the system's authorities", "rediss://:" + serverPassword + "@" + address, "", "unknown authority"},
		{"another authority", "rediss://:" + serverPassword + "@" + address, "other.pem", "unknown authority"},
		{"a certificate of another name", "rediss://:" + serverPassword + "@" + wrongName, "named.pem", "certificate"},
		{"another password", "rediss://:guess@" + address, "cert.pem", "WRONGPASS"},
		{"no password", "rediss://" + address, "cert.pem", "NOAUTH"},
		{"no TLS", "redis://:" + serverPassword + "@" + address, "", "EOF"},
		{"a file without a certificate", "rediss://" + address, "none.pem", "holds no certificate"},
	} {
		r := configs.Redis{URL: values.NewSecret(c.url)}
		if c.ca != "" {
			r.CAFile = dir + "/" + c.ca
		}
		switch err := pinged(t, r); {
		case c.problem == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)):
			t.Errorf("%s: %v, want %q", c.name, err, c.problem)
		}
	}
	// A cluster's nodes are looked at likewise.
	err := pinged(t, configs.Redis{CAFile: dir + "/other.pem", Cluster: &configs.RedisCluster{Addrs: []string{address}, TLS: true, Password: values.NewSecret(serverPassword)}})
	if err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("a cluster with another authority: %v", err)
	}
}

// pinged connects as a process does and waits for an answer, again while the server is starting.
func pinged(t *testing.T, r configs.Redis) error {
	t.Helper()
	client, err := installation.ConnectRedis(configs.Config{Redis: r})
	if err != nil {
		return err
	}
	defer client.Close()
	deadline := time.Now().Add(20 * time.Second)
	for {
		if err = client.Ping(t.Context()).Err(); err == nil || !strings.Contains(err.Error(), "refused") || time.Now().After(deadline) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// deployedRedis runs the server as Compose would, at another address with other files.
func deployedRedis(t *testing.T, address, cert, key string) {
	t.Helper()
	var file struct {
		Services map[string]struct{ Command []string }
	}
	if err := yaml.Unmarshal([]byte(mustRead(t, "../../deploy/compose.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	args := file.Services["redis"].Command
	_, port, err := net.SplitHostPort(address)
	if err != nil || len(args) != 3 || strings.Count(args[2], "--tls-port 6379") != 1 {
		t.Fatalf("the command of Redis is %q, %v", args, err)
	}
	script := strings.NewReplacer("$$", "$", "--tls-port 6379", "--bind 127.0.0.1 --tls-port "+port, "/etc/redis/cert.pem", cert, "/run/secrets/redis_key", key).Replace(args[2])
	cmd := exec.Command("/bin/sh", "-c", script)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "REDIS_PASSWORD="+serverPassword)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill() //nolint:errcheck // it may have ended; the shell has become the server
		cmd.Wait()         //nolint:errcheck // it was killed
	})
	deadline := time.Now().Add(20 * time.Second)
	for {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("Redis does not listen: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if line, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/cmdline"); err == nil && strings.Contains(string(line), serverPassword) {
		t.Error("the list of processes shows the password")
	}
}

// TestTheDeployedPostgresTakesTLSAndItsPasswordAlone runs a real PostgreSQL by the rules of deploy/postgres/pg_hba.conf, and comes
// to it by addresses as in deploy/compose.yaml.
func TestTheDeployedPostgresTakesTLSAndItsPasswordAlone(t *testing.T) {
	t.Parallel()
	server, err := pgserver.New("", false)
	if errors.Is(err, pgserver.ErrMissing) && os.Getenv("FRONTDESK_REQUIRE_SERVERS") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Stop()
		server.Remove()
	})
	dir := t.TempDir()
	cert, key := newCertificate(t, "127.0.0.1")
	other, _ := newCertificate(t, "127.0.0.1")
	write(t, dir+"/ca.pem", string(cert))
	write(t, dir+"/other.pem", string(other))
	if err := errors.Join(server.TLS(cert, key, mustRead(t, "../../deploy/postgres/pg_hba.conf")), server.Start()); err != nil {
		t.Fatal(err)
	}
	if err := said(t, server.URL, "ALTER ROLE frontdesk PASSWORD '"+serverPassword+"'"); err != nil {
		t.Fatal(err)
	}
	at := func(password, mode, ca string) string {
		return "postgres://frontdesk:" + password + "@" + server.Address() + "/postgres?" + url.Values{"sslmode": {mode}, "sslrootcert": {dir + "/" + ca}}.Encode()
	}
	for _, c := range []struct{ name, url, problem string }{
		{"the authority and the password", at(serverPassword, "verify-full", "ca.pem"), ""},
		{"another authority", at(serverPassword, "verify-full", "other.pem"), "certificate"},
		{"another name", strings.Replace(at(serverPassword, "verify-full", "ca.pem"), "127.0.0.1", "localhost", 1), "certificate"},
		{"another password", at("guess", "verify-full", "ca.pem"), "password authentication failed"},
		{"no password", at("", "verify-full", "ca.pem"), "password"},
		{"no TLS", "postgres://frontdesk:" + serverPassword + "@" + server.Address() + "/postgres?sslmode=disable", "no pg_hba.conf entry"},
	} {
		switch err := said(t, c.url, "SELECT 1"); {
		case c.problem == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)):
			t.Errorf("%s: %v, want %q", c.name, err, c.problem)
		}
	}
}

func said(t *testing.T, address, statement string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, statement)
	return err
}
