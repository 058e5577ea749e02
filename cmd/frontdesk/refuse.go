package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"frontdesk/channels/email/compose"
	"frontdesk/channels/email/smtpd"
	"frontdesk/configs"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/classify"
	"frontdesk/workers/store"
)

// refused is why a start would fail for the configuration's sake, with the lines; nil when it would not. check and serve
// ask the same, before anything is made. What can be told by looking at a value has its rule in package configs; here each part
// is built as a start builds it, and thrown away.
func (o *options) refused(c configs.Config) error {
	var found configs.Problems
	for _, part := range []func(configs.Config, func(path string, err error)){refusedPlaces, refusedAuthorities, refusedServers, refusedInboxes, refusedPolicy} {
		part(c, func(path string, err error) {
			if err != nil {
				found = append(found, configs.Problem{Path: path, Text: err.Error()})
			}
		})
	}
	if len(found) == 0 {
		return nil
	}
	return configs.Locate(o.config, os.LookupEnv, found)
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
		add("listen.lmtp", smtpd.SocketPlace(path))
	}
	_, err := textsOf(c)
	add("acknowledgements.templates_dir", err)
	add("keys.master[0]", refuseConstantKey(c))
	for i, r := range c.Relays {
		for j, k := range r.DKIM {
			at := fmt.Sprintf("relays[%d].dkim[%d].key_file", i, j)
			pem, err := os.ReadFile(k.KeyFile)
			if err == nil {
				_, err = compose.ParseDKIMKey(k.Domain, k.Selector, pem)
			}
			add(at, err)
		}
	}
}

// noFolder refuses what is there and no folder. What is not there yet is made.
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

// refusedServers are addresses that cannot be read; nobody is asked.
func refusedServers(c configs.Config, add func(string, error)) {
	add("database.url", store.CheckURL(c.Database.URL.Reveal()))
	if !c.Redis.Embedded() {
		client, err := connectRedis(c)
		if err == nil {
			client.Close() // it has not connected
		}
		add("redis", err)
	}
	w := newWiring(needs{config: c})
	defer w.close()
	add("scanners", wireScanners(w, needs{config: c}))
}

// refusedInboxes are inboxes whose connector or sender cannot be made.
func refusedInboxes(c configs.Config, add func(string, error)) {
	n := dryNeeds(c)
	w := newWiring(n)
	defer w.close()
	for i, in := range c.Inboxes {
		add(fmt.Sprintf("inboxes[%d]", i), w.join(in, n))
	}
}

// dryNeeds are what connectors get that are made to be asked or thrown away.
func dryNeeds(c configs.Config) needs {
	// Instead of what is derived from the keys, which a check needs no database to have: as long, and nothing is signed with it.
	blank := func(parts ...[]byte) string { return strings.Repeat("-", 32) }
	nobody := func(parts ...[]byte) string { return "" }
	return needs{config: c, digest: nobody, token: blank, logger: slog.New(slog.DiscardHandler), asking: true}
}

// refusedPolicy is what the line decides with.
func refusedPolicy(c configs.Config, add func(string, error)) {
	for _, name := range slices.Sorted(maps.Keys(c.Calendars)) {
		_, err := calendar(name, c.Calendars[name], c.Desk.Timezone)
		add("calendars."+name, err)
	}
	if hours, err := calendars(c); err == nil {
		add("promises", promises(c, hours).Validate())
	}
	add("routing", routing(c).Validate())
	kinds := categories(c)
	folder := classify.NewFolder()
	_, err := classifier(c)
	add("categories", err)
	_, err = prioritizer(kinds, folder)
	add("categories", err)
	_, err = desk(kinds, answer.New(folder.Fold))
	add("categories", err)
	_, err = masker(c)
	add("redaction.order_formats", err)
	_, err = smsPolicy(c)
	add("sms.countries", err)
}
