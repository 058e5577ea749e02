package check

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"frontdesk/channels/descriptor"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/configs"
	"frontdesk/workers/store"
)

// Refused is why a start would fail for the sake of the configuration in a file, with the lines; nil when it would not. check and serve
// ask the same, before anything is made. What can be told by looking at a value has its rule in package configs; here each part
// is built as a start builds it, and thrown away.
func Refused(file string, c configs.Config) error {
	var found configs.Problems
	for _, part := range []func(configs.Config, func(path string, err error)){refusedPlaces, refusedAuthorities, refusedServers, refusedInboxes, policy.Refused} {
		part(c, func(path string, err error) {
			if err != nil {
				found = append(found, configs.Problem{Path: path, Text: err.Error()})
			}
		})
	}
	if len(found) == 0 {
		return nil
	}
	return configs.Locate(file, os.LookupEnv, c.Kinds, found)
}

// refusedPlaces are files and folders that a start opens.
func refusedPlaces(c configs.Config, add func(string, error)) {
	add("data_dir", noFolder(c.DataDir))
	add("blobs.dir", noFolder(c.Blobs.Dir))
	if c.Listen.TLSCert != "" {
		_, err := tls.LoadX509KeyPair(c.Listen.TLSCert, c.Listen.TLSKey)
		add("listen.tls_cert", err)
	}
	if path, ok := strings.CutPrefix(c.Listen.LMTP, "unix:"); ok {
		add("listen.lmtp", wiring.SocketPlace(path))
	}
	_, err := policy.Texts(c)
	add("acknowledgements.templates_dir", err)
	add("keys.master[0]", installation.RefuseConstantKey(c))
	c.Inspect(descriptor.Findings{Fails: add})
}

// noFolder refuses what is there and no folder. What is not there yet is made by the start, "" is a setting that was
// not made. Whether the folder may be written is not tried: check may run as another user than the service.
func noFolder(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || path == "" {
		return nil
	}
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is there and no folder: name another one, or take it away", filepath.Clean(path))
	}
	return err
}

// refusedServers are addresses that cannot be read; nobody is asked. A Redis client connects with its first command,
// scanners with their first message.
func refusedServers(c configs.Config, add func(string, error)) {
	add("database.url", store.CheckURL(c.Database.URL.Reveal()))
	if !c.Redis.Embedded() {
		client, err := installation.ConnectRedis(c)
		if err == nil {
			client.Close() // it has not connected
		}
		add("redis", err)
	}
	w := wiring.New(wiring.Needs{Config: c})
	defer w.Close()
	add("scanners", wiring.JoinScanners(w, wiring.Needs{Config: c}))
}

// refusedInboxes are inboxes whose connector or sender cannot be made. All of them are tried, so that one run names
// every mistake.
func refusedInboxes(c configs.Config, add func(string, error)) {
	n := wiring.Dry(c)
	w := wiring.New(n)
	defer w.Close()
	for i, in := range c.Inboxes {
		add(fmt.Sprintf("inboxes[%d]", i), w.Join(in, n))
	}
}
