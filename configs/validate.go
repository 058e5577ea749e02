package configs

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/check"
	"frontdesk/configs/entropy"
	"frontdesk/configs/rules"
	"frontdesk/configs/values"
)

// validation collects what is wrong with a configuration whose every value could be read.
type validation struct {
	check.Report
	// places and unreadable are the decoder's; problems begin with those that decoding found.
	kinds      descriptor.Kinds
	places     places
	unreadable map[string]bool
	problems   Problems
}

// validation is one of what was decoded.
func (d *decoder) validation() *validation {
	v := &validation{kinds: d.kinds, places: d.places, unreadable: d.unreadable, problems: d.problems}
	v.Report.Add = v.note
	return v
}

// note notes a problem at path, unless the value there could not be read in the first place.
// A value that could not be read is empty in the Config, so complaints about it would be about a value that nobody wrote.
func (v *validation) note(path, text, fix string) {
	for p := path; p != ""; p = parent(p) {
		if v.unreadable[p] {
			return
		}
	}
	at := v.places.find(path)
	v.problems = append(v.problems, Problem{at.file, at.line, at.column, path, text, fix})
}

// all asks everything of a whole configuration. The order does not matter: problems are sorted by their places.
func (v *validation) all(c Config) {
	v.fields(reflect.ValueOf(c), "")
	v.desk(c.Desk)
	v.database(c)
	v.redis(c.Redis)
	v.keys(c.Keys)
	v.listen(c.Listen)
	v.inboxes(c)
	for _, s := range c.sections() {
		s.validate(v)
	}
	v.rules(c)
	v.scanners(c.Scanners)
	v.webhooks(c.Webhooks, c.rules().QueueNames())
	v.alerts(c)
	if h := c.Identity.Addresses; h != nil {
		v.hook("identity.addresses", h.URL, h.Secret)
	}
	v.secondOpinion(c.Classify)
	v.amounts(c)
	v.ownSecrets(c)
}

// minToken is the least length of a secret that guards a public door.
// 16 hexadecimal digits are 64 bits; Review asks for 80.
const minToken = 16

// ownSecrets refuses secrets of ours that everybody finds at once. What is weak by an estimate alone is Review's: a start must
// not fail upon a guess.
func (v *validation) ownSecrets(c Config) {
	doors := map[string]bool{}
	for _, f := range c.facts() {
		for path := range f.Doors {
			doors[f.below(path)] = true
		}
	}
	for at, s := range ownSecrets(c) {
		why := entropy.Certain(s.Reveal())
		if doors[at] && len(s.Reveal()) < minToken && why == "" {
			why = fmt.Sprintf("it has fewer than %d letters", minToken)
		}
		if why != "" && !s.Empty() {
			v.Add(at, "the secret can be guessed: "+why, makeSecret)
		}
	}
	if l := c.Listen; !l.MetricsToken.Empty() && l.MetricsToken.Equal(l.OpsToken) {
		v.Add("listen.metrics_token", "it is the same as listen.ops_token, so whoever collects metrics could do everything", makeSecret)
	}
	v.hostNames("listen.ops_names", c.Listen.OpsNames, "ops.example.com")
	v.hostNames("listen.desk_names", c.Listen.DeskNames, "desk.example.com")
}

// hostNames checks names under which pages are reached; they may have a port.
func (v *validation) hostNames(at string, names []string, such string) {
	for i, name := range names {
		if u, err := url.Parse("http://" + name); err != nil || u.Host != name || name == "" || !values.IsDomain(u.Hostname()) {
			v.Add(fmt.Sprintf("%s[%d]", at, i), "this is no host name", "write a name such as "+such+", without https:// and path")
		}
	}
}

// fields checks what the tags say, through every struct: required, exists, enum.
// It goes by reflection, so that a new key needs no code here: its tags say what is asked of it.
func (v *validation) fields(s reflect.Value, path string) {
	for _, f := range fieldsOf(s.Type()) {
		at := strings.TrimPrefix(path+"."+f.key, ".")
		value := s.Field(f.index)
		if f.has("required") && blank(value) {
			v.Add(at, "the value is missing", fmt.Sprintf("add %s", f.key))
			continue
		}
		if f.has("exists") && value.String() != "" {
			v.exists(at, value.String())
		}
		v.oneOf(at, value, allowed(f.enum, v.kinds))
		v.inside(at, value)
	}
	for _, section := range inlined(s) {
		v.fields(section, path)
	}
}

// allowed are the words of an enum, in which @channels stands for all channels and @answering for those that write to somebody.
func allowed(enum []string, kinds descriptor.Kinds) []string {
	if len(enum) != 1 {
		return enum
	}
	switch enum[0] {
	case "@channels":
		return kinds.Names()
	case "@answering":
		return namesOf(kinds, answers)
	}
	return enum
}

// inside walks into structs, lists of structs and maps of structs.
// Everything else has no keys below it.
func (v *validation) inside(at string, value reflect.Value) {
	switch value.Kind() {
	case reflect.Pointer:
		if !value.IsNil() {
			v.inside(at, value.Elem())
		}
	case reflect.Struct:
		if !isScalar(value.Type()) {
			v.fields(value, at)
		}
	case reflect.Slice:
		for i := range value.Len() {
			v.inside(at+"["+strconv.Itoa(i)+"]", value.Index(i))
		}
	case reflect.Map:
		for _, key := range value.MapKeys() {
			v.inside(at+"."+key.String(), value.MapIndex(key))
		}
	}
}

// blank reports whether a value is one that nobody gave.
func blank(v reflect.Value) bool {
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero() && v.Kind() != reflect.Struct || v.Kind() == reflect.Struct && isScalar(v.Type()) && v.IsZero()
}

// exists checks that a file or folder is there for this process; whether it can be read shows at the start.
func (v *validation) exists(at, path string) {
	if _, err := os.Stat(path); err != nil {
		v.Add(at, fmt.Sprintf("%s cannot be used: %s", path, cause(err)), "create it, or correct the path; relative paths start at the folder of the configuration file")
	}
}

// oneOf checks a word, or each of a list, against an enum; an empty word is a matter of "required".
func (v *validation) oneOf(at string, value reflect.Value, allowed []string) {
	if len(allowed) == 0 {
		return
	}
	if value.Kind() == reflect.Slice {
		for i := range value.Len() {
			v.oneOf(at+"["+strconv.Itoa(i)+"]", value.Index(i), allowed)
		}
		return
	}
	if word := value.String(); word != "" {
		v.Word(at, word, "value", allowed)
	}
}

// rules checks how tickets are treated.
func (v *validation) rules(c Config) {
	around := rules.Around{Report: v.Report, Read: func(path string) bool { return !v.unread(path) }, Timezone: c.Desk.Timezone, Channels: v.kinds.Names(), Converse: namesOf(v.kinds, converses)}
	for _, in := range c.Inboxes {
		around.Inboxes = append(around.Inboxes, in.Name)
	}
	c.rules().Validate(around)
}

// unread reports whether something at path, or within it, could not be read.
func (v *validation) unread(path string) bool {
	for p := range v.unreadable {
		if p == path || strings.HasPrefix(p, path+"[") {
			return true
		}
	}
	return false
}

// desk checks what the desk says of itself.
func (v *validation) desk(d Desk) {
	v.Zone("desk.timezone", d.Timezone)
	for i, tag := range d.Languages {
		v.Language(fmt.Sprintf("desk.languages[%d]", i), tag, nil)
	}
	v.Language("desk.default_language", d.DefaultLanguage, d.Languages)
	if d.Domain != "" && !values.IsDomain(d.Domain) {
		v.Add("desk.domain", "this is no domain name", "write a name such as support.example.com")
	}
}

// Postgres reports whether the URL names a PostgreSQL server rather than a SQLite file.
func (d Database) Postgres() bool {
	url := d.URL.Reveal()
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// database checks the address, and that roles which run apart share a database and a queue.
// A SQLite file and an in-process queue are one process's own.
func (v *validation) database(c Config) {
	if scheme, _, found := strings.Cut(c.Database.URL.Reveal(), "://"); found && !c.Database.Postgres() && scheme != "" {
		v.Add("database.url", "the kind of database is not known", "write postgres://user:password@host/name, or the path of a SQLite file")
	}
	v.Unique(c.Roles, func(i int) string { return fmt.Sprintf("roles[%d]", i) }, "role")
	if len(c.Roles) >= 3 || c.Database.Postgres() && !c.Redis.Embedded() {
		return
	}
	v.Add("roles", "part of the roles needs PostgreSQL and a Redis server, because the other roles run elsewhere",
		"set database.url to postgres://… and redis (unix:///path will do on one machine), or leave roles out")
}

// redis checks that there is one way to Redis at most, and that it can be read.
// The address itself is never shown: a password may stand in it.
func (v *validation) redis(r Redis) {
	ways := 0
	for _, given := range []bool{!r.URL.Empty(), r.Sentinel != nil, r.Cluster != nil} {
		if given {
			ways++
		}
	}
	if ways > 1 {
		v.Add("redis", "more than one kind of Redis is given", "keep one of url, sentinel and cluster")
	}
	if r.CAFile != "" && !r.encrypted() {
		v.Add("redis.ca_file", "the connection goes without TLS, so nobody's certificate is looked at", "write rediss:// in redis.url, set tls: true, or leave ca_file out")
	}
	if r.URL.Empty() {
		return
	}
	if u, err := url.Parse(r.URL.Reveal()); err != nil || !slices.Contains([]string{"redis", "rediss", "unix"}, u.Scheme) {
		v.Add("redis.url", "this is no address of a Redis server", "write redis://user:password@host:6379/0, rediss://… or unix:///path")
	}
}

// encrypted reports whether the connections go by TLS.
func (r Redis) encrypted() bool {
	return strings.HasPrefix(r.URL.Reveal(), "rediss://") || r.Sentinel != nil && r.Sentinel.TLS || r.Cluster != nil && r.Cluster.TLS
}

// keys checks that each key is in one place and that no two have one name: the name is written beside what it has sealed.
func (v *validation) keys(k Keys) {
	names := make([]string, len(k.Master))
	for i, key := range k.Master {
		names[i] = key.Name
		if (key.File == "") == (key.Env == "") {
			v.Add(fmt.Sprintf("keys.master[%d]", i), "the key must be in one place", "give either file or env")
		}
	}
	v.Unique(names, func(i int) string { return fmt.Sprintf("keys.master[%d].name", i) }, "key name")
	intake := make([]string, len(k.Intake))
	for i, key := range k.Intake {
		intake[i] = key.Name
		if (key.File == "") == (key.Env == "") {
			v.Add(fmt.Sprintf("keys.intake[%d]", i), "the key must be in one place", "give either file or env")
		}
	}
	v.Unique(intake, func(i int) string { return fmt.Sprintf("keys.intake[%d].name", i) }, "key name")
}

// listen checks addresses and what guards them. The operator's pages without a token are for this machine only.
func (v *validation) listen(l Listen) {
	for _, a := range []struct{ key, value string }{{"http", l.HTTP}, {"ops", l.Ops}, {"desk", l.Desk}, {"smtp", l.SMTP}, {"lmtp", l.LMTP}} {
		if a.value != "" && !isListen(a.value) && (a.key != "lmtp" || !strings.HasPrefix(a.value, "unix:/")) {
			v.Add("listen."+a.key, "this is no address to listen on", "write host:port such as 127.0.0.1:8080, or :8080 for every address")
		}
	}
	v.samePort(l)
	if host, _, err := net.SplitHostPort(l.Ops); err == nil && !values.IsLoopback(host) && l.OpsToken.Empty() {
		v.Add("listen.ops", "the operator's pages would be open to others", "listen on 127.0.0.1, or set listen.ops_token")
	}
	if (l.TLSCert == "") != (l.TLSKey == "") {
		v.Add("listen", "certificate and key go together", "give both tls_cert and tls_key, or neither")
	}
	for i, p := range l.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil && !isIP(p) {
			v.Add(fmt.Sprintf("listen.trusted_proxies[%d]", i), "this is no address or network", "write 10.0.0.5 or 10.0.0.0/8")
		}
	}
	if l.PublicURL != "" {
		v.web("listen.public_url", l.PublicURL)
	}
}

// samePort reports the second of two listeners on one port: it could not start.
// The later key is the one to correct.
func (v *validation) samePort(l Listen) {
	all := []struct{ key, value string }{{"http", l.HTTP}, {"ops", l.Ops}, {"desk", l.Desk}, {"smtp", l.SMTP}, {"lmtp", l.LMTP}}
	for i, a := range all {
		for _, b := range all[:i] {
			if overlap(a.value, b.value) {
				v.Add("listen."+a.key, fmt.Sprintf("listen.%s has this address already (%s)", b.key, b.value), "give each listener a port of its own; port 0 takes a free one")
			}
		}
	}
}

// overlap reports whether two addresses cannot be listened at side by side. A listener without a host, or at one that
// stands for all, takes the port everywhere, of IPv4 and IPv6.
// Names other than localhost are compared as they are written; the start finds what that misses.
func overlap(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	x, badX := strconv.Atoi(portA)
	y, badY := strconv.Atoi(portB)
	if errA != nil || errB != nil || badX != nil || badY != nil || x != y || x == 0 {
		return false
	}
	return everywhere(hostA) || everywhere(hostB) || sameHost(hostA) == sameHost(hostB)
}

// everywhere reports whether a host stands for all addresses.
func everywhere(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}

// sameHost is a host in one spelling.
func sameHost(host string) string {
	if strings.EqualFold(host, "localhost") {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String()
	}
	return strings.ToLower(host)
}

// isListen reports whether an address has a port and, before it, whatever net.Listen makes of it.
// A name before the port is taken; whether this machine has it shows at the start.
func isListen(address string) bool {
	_, port, err := net.SplitHostPort(address)
	n, bad := strconv.Atoi(port)
	return err == nil && bad == nil && n >= 0 && n <= 65535
}

// isIP reports whether a host is an address, not a name.
func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// web checks an absolute http(s) address without query.
func (v *validation) web(at, address string) {
	(&descriptor.Check{Report: v.Report}).Web(at, address)
}

// amounts checks that numbers that count or measure something are at least one.
// Keys for which 0 has a meaning, such as no bound, are not among them.
func (v *validation) amounts(c Config) {
	for _, a := range []struct {
		path   string
		amount int64
	}{
		{"database.max_connections", int64(c.Database.MaxConnections)},
		{"screening.flood_per_hour", int64(c.Screening.FloodPerHour)},
		{"screening.max_acks_per_sender_hour", int64(c.Screening.AcksPerSenderHour)},
		{"screening.max_acks_per_sender_day", int64(c.Screening.AcksPerSenderDay)},
		{"screening.acks_per_minute", int64(c.Screening.AcksPerMinute)},
		{"retention.originals", int64(c.Retention.Originals)},
		{"audit.every", int64(c.Audit.Every)},
		{"limits.max_body", int64(c.Limits.MaxBody)},
		{"limits.max_message", int64(c.Limits.MaxMessage)},
		{"limits.max_inflight", int64(c.Limits.MaxInFlight)},
		{"limits.max_media", int64(c.Limits.MaxMedia)},
		{"limits.max_undecided", int64(c.Limits.MaxUndecided)},
		{"limits.max_connections", int64(c.Limits.Connections)},
		{"limits.max_connections_per_address", int64(c.Limits.ConnectionsPerAddress)},
		{"limits.max_connections_per_network", int64(c.Limits.ConnectionsPerNetwork)},
		{"limits.smtp_sessions_per_remote", int64(c.Limits.SMTPSessions)},
		{"limits.smtp_messages_per_minute", int64(c.Limits.SMTPRate)},
		{"limits.shutdown", int64(c.Limits.Shutdown)},
	} {
		if a.amount <= 0 {
			v.Add(a.path, "nothing would work with this", "write more than 0, or leave the key out for the default")
		}
	}
}

// secondOpinion checks who is asked where the model is not sure.
func (v *validation) secondOpinion(c rules.Classify) {
	s, at := c.SecondOpinion, "classify.second_opinion"
	if s == nil {
		return
	}
	v.hook(at, s.URL, values.Secret{})
	if c.Model == rules.NoModel {
		v.Add(at, "rules alone are never unsure, so nobody would be asked", "leave it out, or write model: default")
	}
	if s.Timeout < 0 || s.Timeout.Std() > 30*time.Second {
		v.Add(at+".timeout", "a message does not wait so long", "write 1s to 30s")
	}
	if s.PerHour < 0 || s.PerDay < 0 {
		v.Add(at, "per_hour and per_day are numbers of questions", "write 1 or more, or leave them out")
	}
}
