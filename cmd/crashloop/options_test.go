package crashloop

import (
	"flag"
	"fmt"
	"time"
)

// options are how much is broken, in all worlds together, and how much mail there is meanwhile.
type options struct {
	profile string
	worlds  string

	lite, posts  int // worlds on SQLite, worlds on PostgreSQL and Redis
	kills        int
	migrations   int // kills while a fresh database is made, in each world
	flushes      int
	redisAway    int
	databaseAway int
	freezes      int
	disks        int
	freezeFor    time.Duration
	rate         float64       // messages a second, each world
	delay        time.Duration // longest time a provider takes before it has taken a message
	hurry        bool          // let claims of dead processes run out at once before the last look
	rest         time.Duration // longest wait for rest
	seed         uint64
	dir          string
	keep         bool
	report       string
	binary       string
}

// given are the flags of this test binary.
var given = define(flag.CommandLine)

func define(f *flag.FlagSet) *options {
	o := &options{}
	f.StringVar(&o.profile, "profile", "quick", "quick, or proof: 320 kills and 32 of each other fault, frozen for 90 s; single flags still win")
	f.StringVar(&o.worlds, "worlds", "all", "lite (SQLite, one process), post (PostgreSQL, Redis, three processes) or all")
	f.IntVar(&o.lite, "lite", 0, "worlds on SQLite")
	f.IntVar(&o.posts, "post", 0, "worlds on PostgreSQL and Redis")
	f.IntVar(&o.kills, "kills", 0, "kill -9, in all worlds together: while running, starting and stopping")
	f.IntVar(&o.migrations, "migrations", 0, "kill -9 while a fresh database is made, in each world")
	f.IntVar(&o.flushes, "flushes", 0, "FLUSHALL of Redis")
	f.IntVar(&o.redisAway, "redis-away", 0, "Redis killed, away for seconds, started empty")
	f.IntVar(&o.databaseAway, "database-away", 0, "PostgreSQL crashed and restarted, or frozen for seconds")
	f.IntVar(&o.freezes, "freezes", 0, "SIGSTOP of a process")
	f.IntVar(&o.disks, "disks", 0, "disk full under the data directory of SQLite (needs root, for a small tmpfs)")
	f.DurationVar(&o.freezeFor, "freeze-for", 0, "how long a frozen process stands still")
	f.Float64Var(&o.rate, "rate", 0, "messages a second in each world")
	f.DurationVar(&o.delay, "delay", 40*time.Millisecond, "longest time that a provider takes over a message; a quarter of it passes between its taking and its answer")
	f.BoolVar(&o.hurry, "hurry", false, "before the last look, let the claims of dead processes run out at once instead of within two minutes")
	f.DurationVar(&o.rest, "rest", 6*time.Minute, "longest wait until everything has come to rest")
	f.Uint64Var(&o.seed, "seed", 0, "seed of what happens when; 0 for a new one. Processes are not deterministic: the same seed is a similar run")
	f.StringVar(&o.dir, "dir", "", "folder for the worlds; a temporary one when empty")
	f.BoolVar(&o.keep, "keep", false, "keep data and logs even if all is well")
	f.StringVar(&o.report, "report", "", "write the table as JSON to this file")
	f.StringVar(&o.binary, "binary", "", "a frontdesk program to use instead of building one")
	return o
}

// settle fills in from the profile what was not given by a flag.
func (o *options) settle(f *flag.FlagSet) error {
	profile := map[string]options{
		"quick": {lite: 1, posts: 1, kills: 14, migrations: 2, flushes: 1, redisAway: 1, databaseAway: 2, freezes: 2, disks: 1, freezeFor: 3 * time.Second, rate: 8, hurry: true},
		"proof": {lite: 6, posts: 4, kills: 320, migrations: 6, flushes: 32, redisAway: 32, databaseAway: 32, freezes: 40, disks: 32, freezeFor: 90 * time.Second, rate: 3.5},
	}
	p, ok := profile[o.profile]
	if !ok {
		return fmt.Errorf("-profile takes quick or proof, not %q", o.profile)
	}
	set := map[string]bool{}
	f.Visit(func(g *flag.Flag) { set[g.Name] = true })
	fill(set, "lite", &o.lite, p.lite)
	fill(set, "post", &o.posts, p.posts)
	fill(set, "kills", &o.kills, p.kills)
	fill(set, "migrations", &o.migrations, p.migrations)
	fill(set, "flushes", &o.flushes, p.flushes)
	fill(set, "redis-away", &o.redisAway, p.redisAway)
	fill(set, "database-away", &o.databaseAway, p.databaseAway)
	fill(set, "freezes", &o.freezes, p.freezes)
	fill(set, "disks", &o.disks, p.disks)
	fill(set, "freeze-for", &o.freezeFor, p.freezeFor)
	fill(set, "rate", &o.rate, p.rate)
	fill(set, "hurry", &o.hurry, p.hurry)
	switch o.worlds {
	case "all":
	case "lite":
		o.posts = 0
	case "post":
		o.lite = 0
	default:
		return fmt.Errorf("-worlds takes lite, post or all, not %q", o.worlds)
	}
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano())
	}
	return nil
}

func fill[T any](set map[string]bool, name string, to *T, value T) {
	if !set[name] {
		*to = value
	}
}

// share is the i-th of n nearly equal parts of a total.
func share(total, n, i int) int { return total*(i+1)/n - total*i/n }
