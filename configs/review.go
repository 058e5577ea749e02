package configs

import (
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/entropy"
	"frontdesk/configs/values"
)

// makeSecret is what to do about a weak secret.
const makeSecret = "make one with: openssl rand -hex 16; every secret of 80 bits or more is accepted"

// Review looks a file over for what is legal and yet weak: secrets that can be guessed by our estimate, files that others may
// read or change, connections to other hosts that can be listened to. Each finding says what would be accepted. What Load
// refuses is not repeated; Review works on a file that Load refuses, as far as it can be read.
func Review(path string, env Environment, kinds descriptor.Kinds) (Problems, error) {
	data, err := readLimited(path)
	if err != nil {
		return nil, err
	}
	d := &decoder{file: path, dir: filepath.Dir(path), env: env, kinds: kinds, places: places{"": {path, 1, 1}}, unreadable: map[string]bool{}}
	root, ok := d.document(data)
	if !ok {
		return nil, nil // Load says why
	}
	c := sections(kinds)
	d.decode(spot{node: root}, reflect.ValueOf(&c).Elem())
	return d.review(c, path), nil
}

// ReviewDefault is Review for an installation without a file.
// The environment may still bring weak secrets.
func ReviewDefault(dataDir string, env Environment, kinds descriptor.Kinds) Problems {
	d := &decoder{env: env, kinds: kinds, places: places{}, unreadable: map[string]bool{}}
	return d.review(base(dataDir, kinds), "")
}

// Locate gives problems that were found with a configuration after Load their places in the file, by their paths; "" for
// an installation without a file, whose problems have none.
func Locate(path string, env Environment, kinds descriptor.Kinds, found Problems) Problems {
	d := &decoder{env: env, kinds: kinds, places: places{}, unreadable: map[string]bool{}}
	if path != "" {
		d.file, d.dir, d.places = path, filepath.Dir(path), places{"": {path, 1, 1}}
		data, err := readLimited(path)
		if root, ok := d.document(data); err == nil && ok {
			c := sections(kinds)
			d.decode(spot{node: root}, reflect.ValueOf(&c).Elem())
			d.override(reflect.ValueOf(&c).Elem(), "")
		}
	}
	out := make(Problems, len(found))
	for i, p := range found {
		at := d.places.find(p.Path)
		p.File, p.Line, p.Column = at.file, at.line, at.column
		out[i] = p
	}
	return out.sorted()
}

// readLimited reads a byte more than a configuration may have, so that document can say so.
func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading configuration: %w", err)
	}
	return data, nil
}

// review goes through a configuration that was decoded so far from the file at path; "" when there is none.
func (d *decoder) review(c Config, path string) Problems {
	d.override(reflect.ValueOf(&c).Elem(), "")
	fill(&c)
	d.problems = nil // they are Load's
	r := &review{validation: d.validation(), env: d.env}
	r.secrets(c)
	r.masters(c.Keys)
	r.database(c.Database)
	r.redis(c.Redis)
	r.plain(c)
	r.behind(c)
	r.desk(c.Listen)
	r.files(c, path, d)
	return r.problems.sorted()
}

// review collects what is weak.
type review struct {
	*validation
	env    Environment
	master int // number of the user whose data directory it is
}

// ownSecrets are the secrets that whoever runs the desk makes up, by their paths.
// Passwords to other servers are not among them: others choose and guard those.
func ownSecrets(c Config) map[string]values.Secret {
	out := map[string]values.Secret{"listen.ops_token": c.Listen.OpsToken, "listen.metrics_token": c.Listen.MetricsToken}
	for _, f := range c.facts() {
		for path, secret := range f.Secrets {
			out[f.below(path)] = secret
		}
	}
	for i, h := range c.Webhooks {
		out[fmt.Sprintf("webhooks[%d].secret", i)] = h.Secret
	}
	if h := c.Identity.Addresses; h != nil {
		out["identity.addresses.secret"] = h.Secret
	}
	return out
}

// secrets finds those of ours that can be guessed. Those for which that is certain are Load's.
func (r *review) secrets(c Config) {
	for at, s := range ownSecrets(c) {
		if s.Empty() || entropy.Certain(s.Reveal()) != "" {
			continue
		}
		if bits := entropy.Bits(s.Reveal()); bits < entropy.Enough {
			r.Add(at, fmt.Sprintf("the secret can be guessed: about %d bits by our estimate of how people make them up", int(bits)), makeSecret)
		}
	}
}

// masters finds a key for what is new that no chance has made. The others only open what they have sealed, and must stay as they are.
func (r *review) masters(k Keys) {
	for i, m := range k.Master[:min(1, len(k.Master))] {
		at, text := fmt.Sprintf("keys.master[%d].file", i), ""
		if m.Env != "" {
			at = fmt.Sprintf("keys.master[%d].env", i)
			text, _ = r.env(m.Env)
		} else if b, err := os.ReadFile(m.File); err == nil {
			text = string(b)
		}
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil || len(key) == 0 {
			continue // a start says so
		}
		if bits := entropy.KeyBits(key); bits < entropy.EnoughKey {
			r.Add(at, fmt.Sprintf("the master key is not random: about %d bits by our estimate", int(bits)),
				"put a new key first, made with: openssl rand -base64 32, and leave this one behind it for what it has sealed; 32 random bytes are accepted")
		}
	}
}

// database looks at an address of PostgreSQL.
// The driver reads PGHOST, PGSSLMODE and service files as libpq does, so what the address leaves out is looked for there.
func (r *review) database(d Database) {
	if !d.Postgres() {
		return
	}
	hosts, user, query := postgresParts(d.URL.Reveal())
	if password, _ := user.Password(); password != "" {
		r.password("database.url", password)
	}
	named := slices.ContainsFunc(hosts, func(h string) bool { return h != "" })
	if service, _ := r.env("PGSERVICE"); query.Get("service")+service != "" && (!named || slices.ContainsFunc(hosts, values.IsElsewhere)) && !encrypted(query.Get("sslmode")) {
		r.Add("database.url", "a service file says where the database is, and may say that it goes there without TLS", "write sslmode=verify-full into the address itself, which comes before the service file; or name the host there")
		return
	}
	if host, ok := r.env("PGHOST"); ok && !named {
		hosts = strings.Split(host, ",")
	}
	if !slices.ContainsFunc(hosts, values.IsElsewhere) {
		return
	}
	mode := query.Get("sslmode")
	if mode == "" {
		mode, _ = r.env("PGSSLMODE")
	}
	if !encrypted(mode) {
		text := "the connection to another host may go without TLS"
		if mode == "disable" {
			text = "the connection to another host goes without TLS"
		}
		r.Add("database.url", text, "add ?sslmode=verify-full&sslrootcert=/path/ca.pem; require and verify-ca are accepted too, though require proves nothing about who answers")
	}
}

// encrypted reports whether a connection of that sslmode never goes without TLS.
func encrypted(sslmode string) bool {
	return slices.Contains([]string{"require", "verify-ca", "verify-full"}, sslmode)
}

// postgresParts takes an address apart, which may name several hosts.
// url.Parse refuses several hosts, so they are cut apart here. What cannot be read has no parts.
func postgresParts(address string) (hosts []string, user *url.Userinfo, query url.Values) {
	_, rest, _ := strings.Cut(address, "://")
	rest, text, _ := strings.Cut(rest, "?")
	query, err := url.ParseQuery(text)
	if err != nil {
		query = url.Values{}
	}
	authority, _, _ := strings.Cut(rest, "/")
	user = url.User("")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		if u, err := url.Parse("postgres://" + authority[:i] + "@host/"); err == nil && u.User != nil {
			user = u.User
		}
		authority = authority[i+1:]
	}
	list := authority
	for _, key := range []string{"host", "hostaddr"} {
		if h := query.Get(key); h != "" {
			list = h
		}
	}
	if p := query.Get("password"); p != "" {
		user = url.UserPassword("", p)
	}
	for h := range strings.SplitSeq(list, ",") {
		if host, _, err := net.SplitHostPort(h); err == nil {
			h = host
		}
		hosts = append(hosts, h)
	}
	return hosts, user, query
}

// password finds one to a server of ours that is among the first to be tried.
func (r *review) password(at, password string) {
	if entropy.Certain(password) != "" || entropy.Bits(password) < entropy.EnoughPassword {
		r.Add(at, "the password in it can be guessed", "give the server another, made with: openssl rand -hex 16; 40 bits or more are accepted")
	}
}

// redis looks at the task queue, which whoever reaches it can empty, fill or read the ids of.
func (r *review) redis(c Redis) {
	if c.Embedded() {
		return
	}
	if u, err := url.Parse(c.URL.Reveal()); !c.URL.Empty() && err == nil && u.Scheme != "unix" {
		password, _ := u.User.Password()
		if skip := u.Query().Get("skip_verify"); u.Scheme == "rediss" && values.IsElsewhere(u.Hostname()) && skip != "" && skip != "false" && skip != "0" {
			r.Add("redis.url", "the connection proves nothing about who answers (skip_verify), so that whoever stands between reads the password", "leave skip_verify away; redis.ca_file names a private authority")
		}
		r.queue("redis.url", []string{u.Hostname()}, u.Scheme == "rediss", password, "write rediss:// (ca_file names a private authority)")
	}
	if s := c.Sentinel; s != nil {
		r.queue("redis.sentinel", hostsOf(s.Addrs), s.TLS, s.Password.Reveal(), "set tls: true")
	}
	if s := c.Cluster; s != nil {
		r.queue("redis.cluster", hostsOf(s.Addrs), s.TLS, s.Password.Reveal(), "set tls: true")
	}
}

// queue looks at one way to Redis.
// A list of hosts counts as another host's as soon as one is.
func (r *review) queue(at string, hosts []string, tls bool, password, fix string) {
	if slices.ContainsFunc(hosts, values.IsElsewhere) && !tls {
		r.Add(at, "the connection to another host goes without TLS", fix+"; a Redis on this machine is accepted without")
	}
	switch {
	case password == "":
		r.Add(at, "the Redis server asks for no password, so whoever reaches it can stop the work", "give it one (requirepass or an ACL user) and write it here; unix:///path is accepted without")
	default:
		r.password(at, password)
	}
}

// hostsOf are the hosts of addresses, without their ports.
// What has no port is taken as it is.
func hostsOf(addrs []string) []string {
	var out []string
	for _, a := range addrs {
		if host, _, err := net.SplitHostPort(a); err == nil {
			a = host
		}
		out = append(out, a)
	}
	return out
}

// plain finds connections to other hosts that can be listened to.
func (r *review) plain(c Config) {
	for _, f := range c.facts() {
		for path, address := range f.URLs {
			r.http(f.below(path), address)
		}
	}
	c.Inspect(descriptor.Findings{Weak: r.Add})
	r.http("listen.public_url", c.Listen.PublicURL)
	if s := c.Scanners.Rspamd; s != nil {
		r.http("scanners.rspamd.url", s.URL)
	}
	if s := c.Scanners.Clamd; s != nil && !strings.HasPrefix(s.Address, "unix:") && slices.ContainsFunc(hostsOf([]string{s.Address}), values.IsElsewhere) {
		r.Add("scanners.clamd.address", "customers' files go to another host without TLS, which clamd does not have", "use its socket (unix:/path), or a tunnel with TLS that ends at 127.0.0.1")
	}
}

// behind finds a public listener whose visitors all have one address: customers come by https, which it does not speak
// itself, so a proxy is before it. Unnamed, that one's address is everybody's, and one visitor uses up the shares of all.
func (r *review) behind(c Config) {
	called := slices.ContainsFunc(c.facts(), func(f told) bool { return f.Called })
	if called && strings.HasPrefix(c.Listen.PublicURL, "https://") && c.Listen.HTTP != "" && len(c.Listen.TrustedProxies) == 0 {
		r.Add("listen.trusted_proxies", "customers come by https, so through a proxy, and none is named: all of them have its address, and one can use up the posts and connections of all",
			"name the address of the proxy, which must overwrite X-Forwarded-For (deploy/proxy); 127.0.0.1 is accepted for one on this machine")
	}
}

// desk finds a desk at which passwords go in the clear, or whose agents all have one address.
func (r *review) desk(l Listen) {
	host, _, err := net.SplitHostPort(l.Desk)
	switch {
	case err != nil || len(l.TrustedProxies) > 0:
	case !values.IsLoopback(host):
		r.Add("listen.desk", "passwords and customers' texts go over the network without TLS, which this listener does not speak",
			"listen on 127.0.0.1, or put a proxy with TLS before it and name that in listen.trusted_proxies")
	case len(l.DeskNames) > 0:
		r.Add("listen.trusted_proxies", "agents come to listen.desk_names through a proxy, and none is named: all of them have its address, and wrong passwords of one slow down all",
			"name the address of the proxy, which must overwrite X-Forwarded-For (deploy/proxy); 127.0.0.1 is accepted for one on this machine")
	}
}

// http finds an address of another host that is called in the clear.
func (r *review) http(at, address string) {
	u, err := url.Parse(address)
	if err == nil && u.Scheme == "http" && values.IsElsewhere(u.Hostname()) {
		r.Add(at, "what is sent there can be read on the way", "write https://…; http is accepted for an address of this machine")
	}
}

// files finds files and folders that others may read or change.
func (r *review) files(c Config, path string, d *decoder) {
	r.master = owner(c.DataDir)
	if path != "" {
		r.file("", path, d.written)
	}
	for at, name := range d.twins {
		r.file(at, name, true)
	}
	named, secrets := c.files()
	for at, name := range named {
		r.file(at, name, false)
	}
	for at, name := range secrets {
		r.file(at, name, true)
	}
	if file := c.Database.sqliteFile(); file != "" && filepath.Dir(file) != filepath.Clean(c.DataDir) { // that folder is closed
		r.file("database.url", file, true)
	}
	r.texts("acknowledgements.templates_dir", c.Acknowledgements.TemplatesDir)
	r.folder("data_dir", c.DataDir)
	r.folder("blobs.dir", c.Blobs.Dir)
}

// folder looks at one that keeps what customers sent. Each file in it is closed by itself; who may only list the folder
// learns their names.
// A folder that is not there yet is made by the start, with the right mode.
func (r *review) folder(at, path string) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	if who := others(info, false); who != "" {
		r.Add(at, fmt.Sprintf("%s has mode %04o: %s", path, mode(info), who), "chmod 0700 "+path+" is accepted")
	}
	r.way(at, path)
}

// texts looks at a folder of texts: whoever may change one writes to customers in the desk's name.
func (r *review) texts(at, dir string) {
	if dir == "" {
		return
	}
	r.folder(at, dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // a start says so
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.Type().IsRegular() {
			if who := others(info, false); who != "" {
				path := filepath.Join(dir, e.Name())
				r.Add(at, fmt.Sprintf("%s has mode %04o: %s", path, mode(info), who), "chmod 0644 "+path+" is accepted, since no secret stands in it")
			}
		} else if err == nil && e.Type()&os.ModeSymlink != 0 {
			r.file(at, filepath.Join(dir, e.Name()), false)
		}
	}
}

// sqliteFile is the path of a SQLite file that the configuration names, relative to the folder of the process; empty for none.
func (d Database) sqliteFile() string {
	if d.URL.Empty() || d.Postgres() {
		return ""
	}
	return strings.TrimPrefix(d.URL.Reveal(), "sqlite:")
}

// files are the files that a configuration names, by their paths: those whose content is believed, and those that hold a
// secret.
func (c Config) files() (believed, secret map[string]string) {
	believed = map[string]string{"ca_file": c.CAFile, "redis.ca_file": c.Redis.CAFile, "listen.tls_cert": c.Listen.TLSCert}
	secret = map[string]string{"listen.tls_key": c.Listen.TLSKey}
	for i, k := range c.Keys.Master {
		secret[fmt.Sprintf("keys.master[%d].file", i)] = k.File
	}
	for i, k := range c.Keys.Intake {
		secret[fmt.Sprintf("keys.intake[%d].file", i)] = k.File
	}
	for _, f := range c.Files() {
		if f.Secret {
			secret[f.Path] = f.Name
		} else {
			believed[f.Path] = f.Name
		}
	}
	if c.Database.Postgres() {
		_, _, query := postgresParts(c.Database.URL.Reveal())
		if root := query.Get("sslrootcert"); root != "system" {
			believed["database.url sslrootcert"] = root
		}
		believed["database.url sslcert"], secret["database.url sslkey"] = query.Get("sslcert"), query.Get("sslkey")
	}
	none := func(_, name string) bool { return name == "" }
	maps.DeleteFunc(believed, none)
	maps.DeleteFunc(secret, none)
	return believed, secret
}

// file looks at one file and at the folder in which it could be replaced.
func (r *review) file(at, path string, secret bool) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	if who := others(info, secret); who != "" {
		accepted := "chmod 0600 " + path + " is accepted, and 0640 if it belongs to root and the group is the service's alone"
		if !secret {
			accepted = "chmod 0644 " + path + " is accepted, since no secret stands in it"
		}
		r.Add(at, fmt.Sprintf("%s has mode %04o: %s", path, mode(info), who), accepted)
	}
	r.way(at, path)
}

// others says who besides us may do what to a file; "" when nobody may do what he should not. A group may read what belongs to
// another user, such as root: it is how the service itself reads it then.
// secret says that reading is harm enough.
func others(info os.FileInfo, secret bool) string {
	perm := info.Mode().Perm()
	ours := ownedByUs(info)
	switch {
	case perm&0o006 == 0o006 || perm&0o002 != 0 && secret:
		return "every user of this machine can read and change it"
	case perm&0o002 != 0:
		return "every user of this machine can change it"
	case perm&0o020 != 0 && (ours || !info.IsDir()):
		return "its group can change it"
	case perm&0o004 != 0 && secret:
		return "every user of this machine can read it"
	case perm&0o040 != 0 && secret && ours:
		return "its group can read it"
	}
	return ""
}

// mode is the permissions as people write them, in octal.
func mode(info os.FileInfo) uint32 { return uint32(info.Mode().Perm()) & math.MaxUint16 }
