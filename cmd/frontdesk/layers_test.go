package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The layers of Frontdesk, as this test holds them: which package may import which, by the imports
// that each one names itself. Run it with -count=1 after adding a package; the test cache does not
// see the files that `go list` reads.

// listed is a package as `go list -json` tells it.
type listed struct {
	ImportPath   string
	Dir          string
	Standard     bool
	GoFiles      []string
	TestGoFiles  []string
	XTestGoFiles []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

const module = "frontdesk/"

// layer is one row of the table: packages of ours, and what they may import of ours. A pattern that
// ends in /... means the folder itself and all below it; the first layer that fits a package counts.
type layer struct {
	packages []string
	may      []string
	but      []string // never, even where may would allow it
}

var layers = []layer{
	// Leaves: nothing of ours.
	{packages: []string{"pipeline/message", "pipeline/causes", "configs/values", "configs/entropy", "configs/check", "internal/..."}},
	// The configuration reads what channels say of theirs.
	{packages: []string{"configs/holidays"}, may: []string{"configs/values"}},
	{packages: []string{"configs/rules"}, may: []string{"configs/values", "configs/check"}},
	{packages: []string{"configs"}, may: []string{"configs/...", "channels", "pipeline/message"}},
	// Words: the pages of the operator and the built-in categories are folders of their own, since
	// each embeds its own files; the renderer may read them.
	{packages: []string{"templates"}, may: []string{"templates/...", "internal/segments"}},
	{packages: []string{"templates/desk"}, may: []string{"templates/desk/acts", "templates/said", "templates/words"}},
	{packages: []string{"templates/console"}, may: []string{"templates/said", "templates/words"}},
	{packages: []string{"templates/alerts", "templates/desk/admin", "templates/desk/signin"}, may: []string{"templates/words"}},
	{packages: []string{"templates/..."}},

	// The line: its stages know only the message, the line knows its stages.
	{packages: []string{"pipeline"}, may: []string{"pipeline/..."}, but: []string{"pipeline/pipelinetest", "pipeline/classify/classifytest", "pipeline/domain/machine/machinetest"}},
	{packages: []string{"pipeline/pipelinetest"}, may: []string{"pipeline/..."}},
	// Classification: rules, beside them a learned model and what trains it, above them the mind that decides by both.
	{packages: []string{"pipeline/classify/classifytest"}, may: []string{"pipeline/words"}},
	{packages: []string{"pipeline/classify/learned/vectors"}},
	{packages: []string{"pipeline/classify/learned"}, may: []string{"pipeline/words", "pipeline/classify", "pipeline/classify/learned/..."}},
	{packages: []string{"pipeline/classify/training"}, may: []string{"pipeline/words", "pipeline/classify", "pipeline/classify/learned", "pipeline/classify/learned/..."}},
	{packages: []string{"pipeline/tact"}, may: []string{"pipeline/classify"}},
	{packages: []string{"pipeline/classify/mind"}, may: []string{"pipeline/classify", "pipeline/classify/learned"}},
	// Ready answers are found by a model of the ways to ask them.
	{packages: []string{"pipeline/answer/fit"}, may: []string{"pipeline/classify", "pipeline/classify/learned", "pipeline/classify/training"}},
	// Two stages are rooms of several packages, which nobody else enters.
	{packages: []string{"pipeline/normalize/tidy"}},
	{packages: []string{"pipeline/normalize/..."}, may: []string{"pipeline/message", "pipeline/words", "pipeline/normalize/..."}},
	{packages: []string{"pipeline/redact/fold"}},
	{packages: []string{"pipeline/redact/numbers"}, may: []string{"pipeline/words"}},
	{packages: []string{"pipeline/redact/aloud"}, may: []string{"pipeline/redact/fold"}},
	{packages: []string{"pipeline/redact/values"}, may: []string{"pipeline/words"}},
	{packages: []string{"pipeline/redact"}, may: []string{"pipeline/words", "pipeline/redact/..."}},
	// What an agent may not send is looked for by the stage that masks what customers send.
	{packages: []string{"pipeline/outgoing"}, may: []string{"pipeline/message", "pipeline/words", "pipeline/redact"}},
	// The domain, from the ground up: a state machine is a table; each thing has a room, and knows no other; entries are about them;
	// the domain knows things, and no command; commands know the domain.
	{packages: []string{"pipeline/domain/machine"}},
	{packages: []string{"pipeline/domain/machine/machinetest"}, may: []string{"pipeline/domain/machine"}},
	{packages: []string{"pipeline/domain/parting"}, may: []string{"pipeline/domain/promises"}}, // what a split moves, with what it is promised
	{packages: things, may: []string{"pipeline/domain/machine", "pipeline/message"}},
	{packages: []string{"pipeline/domain/entries"}, may: things},
	{packages: []string{"pipeline/domain"}, may: slices.Concat(things, []string{"pipeline/domain/entries"})},
	{packages: []string{"pipeline/domain/commands", "pipeline/domain/commands/..."}, may: slices.Concat(things, []string{"pipeline/domain/entries", "pipeline/domain"})},
	// A stage may know a thing that it decides about.
	{packages: []string{"pipeline/..."}, may: slices.Concat(things, []string{"pipeline/message", "pipeline/causes", "pipeline/words", "pipeline/match", "pipeline/particulars"})},

	// The contracts and what connectors share.
	{packages: []string{"channels"}, may: []string{"channels/attach", "pipeline/message"}},
	{packages: []string{"channels/meta"}},
	{packages: []string{"channels/attach"}},
	{packages: []string{"channels/webhook"}, may: []string{"channels"}},
	{packages: []string{"channels/descriptor"}, may: []string{"channels", "channels/webhook", "pipeline/message", "configs/values", "configs/check"}},
	// The memory of what is being received is shared by all doors, and by their clients.
	{packages: []string{"channels/limits"}, may: []string{"channels/guard"}},
	// Shares of connections are for every listener, whoever serves it: a leaf.
	{packages: []string{"channels/guard"}},
	{packages: []string{"channels/internal/safehttp"}, may: []string{"internal/publicnet"}},
	{packages: []string{"channels/internal/..."}, may: []string{"channels/internal/..."}},
	{packages: []string{"channels/channelstest/..."}, may: []string{"channels", "channels/channelstest/...", "configs/values", "pipeline/message"}},
	// The registry alone knows all connectors.
	{packages: []string{"channels/kinds"}, may: []string{"channels", "channels/..."}, but: []string{"channels/channelstest/...", "channels/internal/..."}},
	// Mail's rooms, from the ground up: each knows those that are named, and none knows one above it.
	{packages: []string{"channels/email/internal/emailtest"}, may: []string{"channels", "pipeline/message"}},
	{packages: []string{"channels/email/imap/internal/wire"}},
	{packages: []string{"channels/email/header"}, may: []string{"channels/internal/..."}},
	{packages: []string{"channels/email/oauth"}, may: []string{"channels"}},
	{packages: []string{"channels/email/parse"}, may: []string{"channels", "channels/internal/...", "pipeline/message", "channels/email/header"}},
	{packages: []string{"channels/email/compose"}, may: []string{"channels", "pipeline/message", "channels/email/header"}},
	{packages: []string{"channels/email/mbox"}, may: []string{"channels", "channels/email/header"}},
	{packages: []string{"channels/email/imap"}, may: []string{"channels", "channels/email/oauth", "channels/email/imap/internal/wire"}},
	{packages: []string{"channels/email/verdict"}, may: []string{"channels", "pipeline/message", "channels/email/header", "channels/email/parse"}},
	{packages: []string{"channels/email/relay"}, may: []string{"channels", "pipeline/message", "channels/email/header", "channels/email/compose"}},
	{packages: []string{"channels/email/sink"}, may: []string{"channels", "pipeline/message", "channels/email/compose"}},
	{packages: []string{"channels/email/smtpd"}, may: []string{"channels", "channels/guard", "channels/email/header", "channels/email/verdict"}},
	{packages: []string{"channels/email"}, may: []string{"channels", "configs/values", "pipeline/message", "channels/email/..."}, but: []string{"channels/email/internal/..."}},
	{packages: []string{"channels/twilio"}, may: []string{"channels", "channels/guard", "channels/internal/...", "configs/values", "pipeline/message", "internal/segments"}},
	// A connector never knows another one. channelstest is for tests alone, which are not looked at here.
	{packages: []string{"channels/..."}, may: []string{"channels", "channels/guard", "channels/internal/...", "configs/values", "pipeline/message", "internal/accepts", "internal/publicnet"}},

	// The step before the decision reads and records; it knows no engine, no worker and no daemon.
	{packages: []string{"workers/enrich"}, may: []string{"channels", "pipeline/message", "pipeline/screen", "workers/enrich/scanners", "workers/store", "workers/store/backlog", "workers/store/base", "internal/groupcommit"}},
	// Scanners are asked through their contracts, as connectors are: their protocols know no worker. Their test
	// servers are for tests alone.
	{packages: []string{"workers/enrich/scanners"}},
	{packages: []string{"workers/enrich/..."}, may: []string{"workers/enrich/scanners"}},

	// The engine knows ids and Redis, the keys and blobs know bytes: nothing of ours.
	{packages: []string{"workers/engine/redistest"}, may: []string{"workers/engine/redisserver"}},
	{packages: []string{"workers/engine/...", "workers/store/keyring", "workers/store/blobs", "workers/store/pgserver"}, may: []string{"internal/follow"}},
	// The store takes what connectors deliver and what the line decides; it knows no worker and no
	// text. storetest and its servers are the suite that both databases pass.
	{packages: []string{"workers/store/storetest/..."}, may: []string{"channels", "channels/kinds", "pipeline/...", "workers/store/..."}},
	// The rooms of the store, from the ground up: each is given those on which it stands, and none knows one above it.
	{packages: []string{"workers/store/viewer"}},
	{packages: []string{"workers/store/sql"}, may: []string{"internal/follow"}},
	{packages: []string{"workers/store/tables", "workers/store/migrations"}, may: []string{"pipeline/...", "workers/store/sql"}},
	{packages: []string{"workers/store/base"}, may: []string{"channels", "pipeline/...", "workers/store/sql", "workers/store/tables", "workers/store/keyring", "workers/store/blobs"}},
	{packages: []string{"workers/store/..."}, may: []string{"channels", "pipeline/...", "workers/store/...", "internal/follow"}, but: []string{"workers/store/storetest/...", "workers/store/pgserver"}},
	// The ground under the tests of the workers' rooms knows none of them.
	{packages: []string{"workers/workerstest"}, may: []string{"channels", "channels/kinds", "pipeline/...", "workers/engine", "workers/enrich/scanners", "workers/store", "workers/store/..."}},
	{packages: []string{"workers"}, may: belowWorkers, but: forTests},
	// The rooms of the workers stand on what all of them share, and know no other room; the sweep knows what it has delivered.
	{packages: []string{"workers/receive"}, may: slices.Concat(belowWorkers, []string{"workers", "channels/guard", "internal/groupcommit"}), but: forTests},
	{packages: []string{"workers/decide"}, may: slices.Concat(belowWorkers, []string{"workers", "workers/enrich"}), but: forTests},
	{packages: []string{"workers/deliver"}, may: slices.Concat(belowWorkers, []string{"workers", "workers/enrich", "templates", "templates/alerts", "templates/words", "internal/groupcommit", "internal/hooks"}), but: forTests},
	// Who asks the company's system knows no store, and the page of a check meets it through an interface of its own.
	{packages: []string{"workers/vouching"}, may: []string{"internal/hooks", "pipeline/message", "pipeline/thread"}},
	{packages: []string{"workers/proving"}, may: []string{"channels/guard", "internal/accepts", "pipeline/challenge", "pipeline/message"}},
	{packages: []string{"workers/gauges"}, may: slices.Concat(belowWorkers, []string{"workers"}), but: forTests},
	{packages: []string{"workers/sweep"}, may: slices.Concat(belowWorkers, []string{"workers", "workers/deliver"}), but: forTests},
	// What stands before pages at which people sign in: a leaf.
	{packages: []string{"workers/gate"}},
	// What tells open pages what has happened: a leaf, which knows no page and no right.
	{packages: []string{"workers/live"}},
	// The rooms of the operator's listener, from the ground up.
	{packages: []string{"workers/ops/control"}},
	{packages: []string{"workers/ops/readable"}, may: []string{"pipeline/redact"}},
	{packages: []string{"workers/ops/frame"}, may: []string{"internal/accepts", "internal/assets", "pipeline/message", "templates/...", "workers/gate"}},
	{packages: []string{"workers/ops/entrance"}, may: []string{"workers/gate", "workers/ops/frame", "workers/store", "workers/store/operators"}},
	{packages: []string{"workers/ops/watch"}, may: []string{"pipeline/...", "workers", "workers/decide", "workers/engine", "workers/store/..."}, but: []string{"workers/store/storetest/...", "pipeline/pipelinetest"}},
	// The rooms of the desk's listener, from the ground up.
	{packages: []string{"workers/desk/password"}, may: []string{"configs/entropy"}},
	{packages: []string{"workers/desk/totp"}},
	{packages: []string{"workers/desk/oidc"}},
	{packages: []string{"workers/desk/passkeys"}},
	{packages: []string{"workers/desk/signin"}, may: []string{"internal/accepts", "internal/assets", "pipeline/message", "templates/desk/signin", "workers/gate", "workers/desk/oidc", "workers/desk/passkeys", "workers/desk/password", "workers/desk/totp",
		"workers/store", "workers/store/factors", "workers/store/links", "workers/store/logbook", "workers/store/signins", "workers/store/users", "workers/store/viewer"}},
	// What is read of a message is asked of the store; what makes copies is asked for their pictures' places alone.
	{packages: []string{"workers/copying/clean"}},
	{packages: []string{"workers/copying"}, may: []string{"pipeline/formatted", "pipeline/redact", "workers", "workers/copying/clean", "workers/decide", "workers/store", "workers/store/base", "workers/store/blobs", "workers/store/copies", "workers/store/keyring", "workers/store/view"}},
	{packages: []string{"workers/desk/reading"}, may: []string{"channels", "pipeline/thread", "workers/copying/clean", "workers/store", "workers/store/copies", "workers/store/view", "workers/store/viewer"}},
	{packages: []string{"workers/desk"}, may: []string{"pipeline/domain/agents", "workers/desk/signin", "workers/store", "workers/store/viewer"}},
	// The pages by which the desk is looked after have no other life than the rooms of the store that they show.
	{packages: []string{"workers/desk/admin"}, may: []string{"internal/assets", "pipeline/message", "templates/desk/admin", "templates/desk/signin", "workers/gate", "workers/desk/signin",
		"workers/store/alerting", "workers/store/logbook", "workers/store/sql", "workers/store/staff", "workers/store/users", "workers/store/viewer"}},
	// What somebody is told beside his pages is a page of his account; his webhook is a foreign address.
	{packages: []string{"workers/desk/alerts"}, may: []string{"internal/assets", "internal/publicnet", "pipeline/domain/alerts", "pipeline/message", "templates/desk/signin", "workers/desk/signin", "workers/store/alerting"}},
	// The agents' pages know who looks, and nobody who reads or writes: they are joined to those by interfaces of their own.
	{packages: []string{"workers/desk/pages"}, may: []string{"internal/accepts", "internal/assets", "internal/segments", "pipeline/letter", "pipeline/thread", "templates/desk", "templates/desk/acts", "workers/desk/further", "workers/store/viewer"}},
	{packages: []string{"workers/desk/further"}, may: []string{"templates/desk/acts", "workers/store/viewer"}},
	// Their live part likewise.
	{packages: []string{"workers/desk/events"}, may: []string{"pipeline/thread", "workers/live", "workers/store/viewer"}},
	// The one room that joins both.
	{packages: []string{"workers/desk/stored"}, may: []string{"channels", "workers/store/view", "workers/desk/events", "workers/live", "workers/store/changes", "pipeline/causes", "pipeline/domain", "pipeline/domain/...", "pipeline/letter", "pipeline/message", "pipeline/outgoing", "pipeline/particulars", "pipeline/promise", "pipeline/redact", "pipeline/route/assign", "pipeline/thread", "templates/desk", "templates/desk/acts", "workers/desk/further", "workers/desk/pages",
		"workers/store", "workers/store/answering", "workers/store/checking", "pipeline/challenge", "workers/store/desk", "workers/store/find", "workers/store/macros", "workers/store/mentioning", "workers/store/merging", "workers/store/persons", "workers/store/snippets", "workers/store/splitting", "workers/store/tagging", "workers/store/users", "workers/store/views", "workers/store/viewer", "workers/store/viewer/veil", "workers/vouching"}},
	// Workers never know a connector: they meet it through the contracts.
	{packages: []string{"workers/..."}, may: []string{"internal/groupcommit", "channels", "channels/guard", "pipeline/...", "templates/...", "workers/...", "internal/accepts", "internal/follow"},
		but: []string{"workers/enrich/rspamd", "workers/enrich/clamd", "workers/enrich/scannerstest", "workers/store/storetest/...", "workers/engine/redistest", "workers/workerstest", "pipeline/pipelinetest", "pipeline/domain/machine/machinetest"}},

	// The program's rooms, from the ground up. They know everything below cmd, except what is for tests and the stand-ins for
	// servers and providers: those are for the bench and the demonstration alone.
	{packages: []string{"cmd/frontdesk/trust"}, may: []string{"configs", "internal/publicnet"}},
	{packages: []string{"cmd/frontdesk/installation"}, may: slices.Concat(belowCmd, []string{"cmd/frontdesk/trust"}), but: standIns},
	{packages: []string{"cmd/frontdesk/policy"}, may: belowCmd, but: standIns},
	{packages: []string{"cmd/frontdesk/wiring"}, may: slices.Concat(belowCmd, []string{"cmd/frontdesk/policy", "cmd/frontdesk/trust"}), but: standIns},
	{packages: []string{"cmd/frontdesk/service"}, but: standIns,
		may: slices.Concat(belowCmd, []string{"cmd/frontdesk/policy", "cmd/frontdesk/trust", "cmd/frontdesk/wiring", "cmd/frontdesk/installation"})},
	{packages: []string{"cmd/frontdesk/terminal"}, may: []string{"workers/store/base"}},
	{packages: []string{"cmd/frontdesk/command"}, may: slices.Concat(belowCmd, []string{"cmd/frontdesk/installation"}), but: standIns},
	{packages: []string{"cmd/frontdesk/demo"}, but: forTests, may: slices.Concat(belowCmd, []string{"cmd/frontdesk/service", "cmd/frontdesk/installation"})},
	// The rooms of single commands. None knows another one.
	{packages: []string{"cmd/frontdesk/bench/proc"}},
	{packages: []string{"cmd/frontdesk/bench/histogram"}},
	{packages: []string{"cmd/frontdesk/bench/consoles"}, may: []string{"cmd/frontdesk/bench/histogram"}},
	{packages: []string{"cmd/frontdesk/bench/filled"}, but: standIns, may: slices.Concat(belowCmd, []string{"cmd/frontdesk/installation"})},
	{packages: []string{"cmd/frontdesk/bench/understanding"}, may: []string{"cmd/frontdesk/command", "cmd/frontdesk/terminal", "pipeline/classify", "pipeline/classify/learned", "pipeline/classify/training", "pipeline/classify/mind", "pipeline/words"}},
	{packages: []string{"cmd/frontdesk/bench/measured"}, but: standIns, may: slices.Concat(belowCmd, []string{"cmd/frontdesk/service"})},
	{packages: []string{"cmd/frontdesk/bench"}, but: forTests,
		may: slices.Concat(belowCmd, []string{"cmd/frontdesk/bench/...", "cmd/frontdesk/command", "cmd/frontdesk/service", "cmd/frontdesk/installation"})},
	{packages: commandRooms, but: standIns, may: slices.Concat(belowCmd, []string{"cmd/frontdesk/policy", "cmd/frontdesk/trust", "cmd/frontdesk/wiring", "cmd/frontdesk/installation",
		"cmd/frontdesk/service", "cmd/frontdesk/terminal", "cmd/frontdesk/command"})},
	{packages: []string{"cmd/..."}, may: []string{"..."}, but: standIns},
}

// things are the rooms of the domain that each hold one thing with its states.
var things = []string{"pipeline/domain/messages", "pipeline/domain/tickets", "pipeline/domain/effects", "pipeline/domain/promises", "pipeline/domain/contacts", "pipeline/domain/replies", "pipeline/domain/desk", "pipeline/domain/agents", "pipeline/domain/alerts", "pipeline/domain/parting"}

// contracts are the rooms of what channels and the house agree upon: who may know one, may know all.
var contracts = []string{"channels", "channels/attach", "channels/descriptor", "channels/limits", "channels/meta", "channels/webhook"}

// belowWorkers is on what the rooms of the workers stand, beside what all of them share.
var belowWorkers = []string{"channels", "pipeline/...", "workers/engine", "workers/store", "workers/store/..."}

// commandRooms are the commands that have a room of their own, besides the bench.
var commandRooms = []string{"cmd/frontdesk/audit", "cmd/frontdesk/calendars", "cmd/frontdesk/check", "cmd/frontdesk/erase", "cmd/frontdesk/faq", "cmd/frontdesk/importing", "cmd/frontdesk/learning", "cmd/frontdesk/listings", "cmd/frontdesk/replaying", "cmd/frontdesk/users"}

// belowCmd is everything that rooms of the program may use.
var belowCmd = []string{"pipeline/...", "channels/...", "workers/...", "templates/...", "configs/...", "internal/..."}

// forTests is what no program links, standIns what the service does not.
var (
	forTests = []string{"channels/channelstest", "channels/channelstest/toy", "channels/email/internal/...", "workers/enrich/scannerstest", "channels/internal/...", "workers/store/storetest/...", "workers/engine/redistest", "workers/workerstest", "pipeline/pipelinetest", "pipeline/classify/classifytest", "pipeline/domain/machine/machinetest"}
	standIns = slices.Concat(forTests, []string{"channels/channelstest/...", "workers/store/pgserver", "workers/engine/redisserver"})
)

// keeper says that packages of others are imported in these folders of ours and nowhere else, so
// that each can be replaced in one place. Tests may import them too where tests is set.
type keeper struct {
	packages []string // of others, as prefixes of import paths
	in       []string // of ours
	tests    []string // of ours, in test files only
	why      string
}

var keepers = []keeper{
	{packages: []string{"github.com/hibiken/asynq", "github.com/hibiken/asynqmon", "github.com/alicebob/miniredis", "github.com/yuin/gopher-lua"},
		in: []string{"workers/engine/..."}, why: "the queue stays behind one narrow seam"},
	{packages: []string{"github.com/redis/go-redis"},
		in:    []string{"workers/engine/...", "cmd/frontdesk/installation", "cmd/frontdesk/bench"},
		tests: []string{"cmd/crashloop", "cmd/frontdesk"},
		// installation chooses between the embedded, single, Sentinel and Cluster client and hands it on;
		// it calls nothing but Ping.
		why: "only the engine talks to Redis; the installation names the client's type"},
	{packages: []string{"github.com/jackc/pgx", "modernc.org/sqlite"},
		in: []string{"workers/store/sql", "workers/store/pgserver", "workers/store/storetest/postgres"},
		// End-to-end tests look into the database from outside, as an auditor would.
		tests: []string{"cmd/frontdesk", "cmd/crashloop", "workers/worldtest/...", "workers/store"}, why: "only the store talks to a database"},
	{packages: []string{"github.com/emersion/go-imap", "github.com/emersion/go-smtp", "github.com/emersion/go-msgauth", "github.com/emersion/go-message",
		"github.com/emersion/go-sasl", "blitiri.com.ar/go/spf"},
		in: []string{"channels/email/..."}, tests: []string{"cmd/frontdesk", "cmd/crashloop", "workers/worldtest/..."}, why: "mail's protocols are the mail connector's"},
	{packages: []string{"golang.org/x/crypto/argon2"},
		in: []string{"workers/desk/password"}, why: "passwords are digested in one place"},
	{packages: []string{"github.com/pquerna/otp", "github.com/boombuler/barcode"},
		in: []string{"workers/desk/totp"}, tests: []string{"workers/desk"}, why: "codes of authenticators are read in one place"},
	{packages: []string{"github.com/coreos/go-oidc"},
		in: []string{"workers/desk/oidc"}, why: "an issuer is asked in one place"},
	{packages: []string{"github.com/go-webauthn/webauthn"},
		in: []string{"workers/desk/passkeys"}, why: "passkeys are asked for in one place"},
	{packages: []string{"github.com/twilio/twilio-go"},
		in: []string{"channels/twilio"}, why: "Twilio's library is the SMS connector's"},
	{packages: []string{"github.com/nyaruka/phonenumbers"},
		in: []string{"channels/twilio", "channels/phones"}, why: "numbering plans are read in one place, and numbers where they come in"},
	{packages: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
		in: slices.Concat([]string{"cmd/frontdesk", "cmd/frontdesk/command", "cmd/frontdesk/bench", "cmd/frontdesk/bench/understanding"}, commandRooms), why: "only commands have flags"},
	{packages: []string{"go.yaml.in/yaml", "gopkg.in/yaml"},
		in: []string{"configs"}, tests: []string{"..."}, why: "only the configuration is YAML"},
	{packages: []string{"github.com/prometheus/client_golang"},
		in:    []string{"workers", "workers/gauges", "workers/workerstest", "workers/ops", "cmd/frontdesk/service", "cmd/frontdesk/bench/measured", "cmd/frontdesk/importing"},
		tests: []string{"cmd/frontdesk", "workers/..."}, why: "only workers count"},
	{packages: []string{"github.com/klauspost/compress"},
		in: []string{"workers/store/keyring"}, why: "only what is sealed is compressed"},
	{packages: []string{"github.com/yuin/goldmark"},
		in: []string{"pipeline/letter"}, why: "Markdown is read in one place, which writes all HTML of it"},
	{packages: []string{"github.com/microcosm-cc/bluemonday"},
		in: []string{"workers/copying/clean"}, why: "foreign HTML is made harmless in one place"},
	{packages: []string{"github.com/chromedp"},
		tests: []string{"cmd/frontdesk", "workers/desk", "workers/desk/alerts", "workers/desk/pages", "workers/desk/reading"}, why: "a browser is for tests alone"},
	{packages: []string{"github.com/google/go-cmp", "testing"},
		in:    []string{"channels/channelstest/...", "workers/store/storetest/...", "pipeline/classify/classifytest", "workers/engine/redistest", "workers/worldtest/...", "workers/workerstest", "workers/enrich/scannerstest", "pipeline/pipelinetest", "pipeline/domain/machine/machinetest", "internal/doubling", "channels/email/internal/emailtest"},
		tests: []string{"..."}, why: "what is for tests stays out of the binary"},
}

// impure is what a stage must not import: a decision has no clock, network, database, dice or log.
var impure = []string{"net", "net/http", "net/mail", "net/smtp", "net/textproto", "os", "os/exec", "database/sql", "math/rand", "math/rand/v2", "crypto/rand", "log", "log/slog", "io/fs", "syscall", "unsafe"}

// pure are the libraries of others that a stage may use.
var pure = []string{"golang.org/x/text", "golang.org/x/net/html", "github.com/yuin/goldmark"}

func TestPackagesImportOnlyWhatTheirLayerMay(t *testing.T) {
	for _, p := range packages(t) {
		own := strings.TrimPrefix(p.ImportPath, module)
		l, ok := layerOf(own)
		if !ok {
			t.Errorf("%s is in no layer; add it to the table", own)
			continue
		}
		for _, imported := range p.Imports {
			name, ours := strings.CutPrefix(imported, module)
			if slices.Contains(contracts, name) && !slices.Contains(contracts, own) {
				name = "channels"
			}
			if ours && (!matches(name, l.may) || matches(name, l.but)) {
				t.Errorf("%s imports %s, which its layer may not", own, name)
			}
		}
	}
}

func TestStagesArePure(t *testing.T) {
	for _, p := range packages(t) {
		own := strings.TrimPrefix(p.ImportPath, module)
		if !matches(own, []string{"pipeline/..."}) || own == "pipeline/pipelinetest" || own == "pipeline/classify/classifytest" { // which tests alone import
			continue
		}
		for _, imported := range p.Imports {
			if own == "pipeline/classify/training" && imported == "math/rand/v2" {
				continue // it is no stage, and each lot that it draws has a seed
			}
			if slices.Contains(impure, imported) {
				t.Errorf("%s imports %s; a decision has no clock, network, database, dice or log", own, imported)
			}
			if foreign(imported) && !slices.ContainsFunc(pure, func(q string) bool { return below(imported, q) }) {
				t.Errorf("%s imports %s, which is not among the pure libraries", own, imported)
			}
		}
	}
}

func TestLibrariesStayInTheirPlace(t *testing.T) {
	for _, p := range packages(t) {
		own := strings.TrimPrefix(p.ImportPath, module)
		for _, k := range keepers {
			if matches(own, k.in) {
				continue
			}
			if found := kept(k, p.Imports); found != "" {
				t.Errorf("%s imports %s: %s", own, found, k.why)
			}
			if found := kept(k, slices.Concat(p.TestImports, p.XTestImports)); found != "" && !matches(own, k.tests) {
				t.Errorf("the tests of %s import %s: %s", own, found, k.why)
			}
		}
	}
}

func TestConnectorsTestsKnowNoOtherConnector(t *testing.T) {
	for _, p := range packages(t) {
		own := strings.TrimPrefix(p.ImportPath, module)
		if !strings.HasPrefix(own, "channels/") || own == "channels/kinds" {
			continue
		}
		connector := strings.Join(strings.Split(own, "/")[:2], "/")
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			name, ours := strings.CutPrefix(imported, module)
			if ours && !matches(name, contracts) && !matches(name, []string{connector + "/...", "channels/guard", "channels/internal/...", "channels/channelstest/...", "configs/values", "configs/check", "pipeline/message", "internal/accepts", "internal/segments", "internal/publicnet", "internal/doubling"}) {
				t.Errorf("the tests of %s import %s", own, name)
			}
		}
	}
}

// TestNothingHappensOnImport forbids init functions: wiring is a map in cmd/frontdesk/wiring.
func TestNothingHappensOnImport(t *testing.T) {
	fset := token.NewFileSet()
	for _, p := range packages(t) {
		for _, name := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("%s has an init function", fset.Position(f.Pos()))
				}
			}
		}
	}
}

// TestThePatternsOfTheTable proves the test's own tool.
func TestThePatternsOfTheTable(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		want          bool
	}{
		{"pipeline/route", "pipeline/...", true},
		{"pipeline", "pipeline/...", true},
		{"pipelines", "pipeline/...", false},
		{"workers/store", "workers", false},
		{"workers", "workers", true},
		{"anything/at/all", "...", true},
	} {
		if got := matches(c.name, []string{c.pattern}); got != c.want {
			t.Errorf("matches(%q, %q) = %v", c.name, c.pattern, got)
		}
	}
}

// layerOf finds the row of a package.
func layerOf(name string) (layer, bool) {
	i := slices.IndexFunc(layers, func(l layer) bool { return matches(name, l.packages) })
	if i < 0 {
		return layer{}, false
	}
	return layers[i], true
}

// matches reports whether a package of ours fits one of the patterns.
func matches(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		folder, all := strings.CutSuffix(p, "...")
		folder = strings.TrimSuffix(folder, "/")
		return name == folder || all && (folder == "" || strings.HasPrefix(name, folder+"/"))
	})
}

// kept names the first import that a keeper keeps for itself.
func kept(k keeper, imports []string) string {
	for _, imported := range imports {
		if slices.ContainsFunc(k.packages, func(p string) bool { return below(imported, p) }) {
			return imported
		}
	}
	return ""
}

// below reports whether an import path is the package, or one below it, in any major version.
func below(path, of string) bool { return path == of || strings.HasPrefix(path, of+"/") }

// foreign reports whether a package is neither ours nor the standard library's.
func foreign(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

// packages lists this module. The go command comes with the toolchain that runs this test.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports", module+"...")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing packages: %v\n%s", err, errs.Bytes())
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("reading what go list says: %v", err)
		}
		all = append(all, p)
	}
	if len(all) < 20 {
		t.Fatalf("go list knows %d packages only", len(all))
	}
	slices.SortFunc(all, func(a, b listed) int { return cmp.Compare(a.ImportPath, b.ImportPath) })
	return all
}
