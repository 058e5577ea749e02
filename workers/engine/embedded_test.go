package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"
	lua "github.com/yuin/gopher-lua"
	"golang.org/x/net/nettest"
)

func embedded(t testing.TB) *Embedded {
	t.Helper()
	e, err := StartEmbedded(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func clientOf(t testing.TB, e *Embedded) redis.UniversalClient {
	t.Helper()
	c := e.Client()
	t.Cleanup(func() { c.Close() })
	return c
}

// lineTo is a connection without a client's manners.
func lineTo(t testing.TB, e *Embedded) net.Conn {
	t.Helper()
	c, err := e.dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestConnectionsWithinTheProcessAreConnections: they behave as the standard library asks of every one.
func TestConnectionsWithinTheProcessAreConnections(t *testing.T) {
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		a, b := wire()
		return a, b, func() { a.Close(); b.Close() }, nil
	})
}

// TestTheInProcessRedisHasNoAddress: there is nothing to connect to but the process's own memory.
func TestTheInProcessRedisHasNoAddress(t *testing.T) {
	e := embedded(t)
	c := clientOf(t, e)
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if addr := e.data.Addr(); addr != "" {
		t.Errorf("it listens on %s", addr)
	}
	conn, err := c.(*redis.Client).Options().Dialer(t.Context(), "tcp", "127.0.0.1:6379")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, ok := conn.(*end); !ok {
		t.Errorf("a client's connection is a %T", conn)
	}
}

var malformed = map[string]string{
	"a string longer than memory":         "*1\r\n$9999999999999999\r\n",
	"a string as long as an integer goes": "*1\r\n$9223372036854775807\r\n",
	"a string of negative length":         "*1\r\n$-5\r\nPING\r\n",
	"a string that is none":               "*1\r\n$-1\r\n",
	"an array longer than memory":         "*9999999999999999\r\n",
	"an array of negative length":         "*-2147483648\r\n",
	"an array that is none":               "*-1\r\n",
	"an empty array":                      "*0\r\n",
	"an array with a sign":                "*+1\r\n$4\r\nPING\r\n",
	"a number with letters":               "*1\r\n$4x\r\nPING\r\n",
	"no number":                           "*\r\n$4\r\nPING\r\n",
	"a line without return":               "*1\n$4\nPING\n",
	"a string longer than it says":        "*1\r\n$2\r\nPING\r\n",
	"an inline command":                   "PING\r\n",
	"an integer as an argument":           "*1\r\n:4\r\n",
	"an array within an array":            "*1\r\n*1\r\n$4\r\nPING\r\n",
	"a line without an end":               "*" + strings.Repeat("1", 1<<16),
	"more arguments than any command has": fmt.Sprintf("*%d\r\n", maxArguments+1),
	"more bytes than any command has":     fmt.Sprintf("*2\r\n$4\r\nPING\r\n$%d\r\n", maxCommandBytes+1),
	"HTTP":                                "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	"TLS":                                 "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
	"zeros":                               strings.Repeat("\x00", 100) + "\n",
}

// TestAMalformedCommandEndsItsConnectionOnly is reproduction 01, "crash", and its kind.
func TestAMalformedCommandEndsItsConnectionOnly(t *testing.T) {
	e := embedded(t)
	c := clientOf(t, e)
	for name, text := range malformed {
		t.Run(name, func(t *testing.T) {
			line := lineTo(t, e)
			line.SetDeadline(time.Now().Add(20 * time.Second))
			if _, err := io.WriteString(line, text); err != nil && !errors.Is(err, io.ErrClosedPipe) {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(line)
			if err != nil || !strings.HasPrefix(string(answer), "-ERR Protocol error: ") || strings.Count(string(answer), "\n") != 1 {
				t.Errorf("answer %q, %v; want one protocol error and the end", answer, err)
			}
			if err := c.Ping(t.Context()).Err(); err != nil {
				t.Errorf("another connection: %v", err)
			}
		})
	}
}

// TestOnlyTheTaskQueuesCommandsAreTaken: whatever else a Redis can do, it is refused.
func TestOnlyTheTaskQueuesCommandsAreTaken(t *testing.T) {
	e := embedded(t)
	c := clientOf(t, e)
	for _, command := range []string{"FLUSHALL", "KEYS *", "CONFIG GET dir", "SHUTDOWN", "DEBUG SEGFAULT", "BLPOP a 0", "SCRIPT LOAD return", "EVAL_RO x 0",
		"EVALSHA_RO x 0", "MULTI", "WATCH a", "SETRANGE a 2000000000 x", "SETBIT a 4294967295 1", "PSUBSCRIBE (a+)+$", "SELECT 7", "RESTORE a 0 x", "SORT a", "AUTH x"} {
		args := []any{}
		for _, w := range strings.Fields(command) {
			args = append(args, w)
		}
		if err := c.Do(t.Context(), args...).Err(); !redis.HasErrorPrefix(err, "NOPERM") {
			t.Errorf("%s: %v, want NOPERM", command, err)
		}
	}
}

// foreign are scripts that nobody but an attacker would send, with what they would do.
var foreign = map[string]string{
	"reads a file by loadfile":       "local f, e = loadfile('/etc/passwd'); return tostring(e)",
	"reads a file by dofile":         "local ok, e = pcall(dofile, '/etc/passwd'); return tostring(e)",
	"reads a file by io":             "return io.open('/etc/passwd'):read('*a')",
	"reads a file by require":        "package.path = '/etc/passwd'; return require('x')",
	"loads a library":                "return package.loadlib('/lib/x.so', 'f')",
	"runs a program":                 "return os.execute('id')",
	"reads the environment":          "return os.getenv('HOME')",
	"loads code":                     "return loadstring('return 1')()",
	"loads code in parts":            "return load(function() return nil end)",
	"loads compiled code":            "return loadstring('\\27Lua')",
	"dumps compiled code":            "return string.dump(function() end)",
	"changes who it is":              "setfenv(1, {}) return 1",
	"takes what another one has":     "return getfenv(0).redis",
	"reaches all names":              "return _G.redis",
	"changes how strings behave":     "return getmetatable('').__index",
	"changes how tables behave":      "return setmetatable({}, {})",
	"starts a thread":                "return coroutine.create(function() end)",
	"starts a channel":               "return channel.make()",
	"looks into the machine":         "return debug.getinfo(1)",
	"prints":                         "print('x')",
	"fills the memory":               "return ('x'):rep(1e9)",
	"fills the memory by formatting": "return ('%1000000000d'):format(1)",
	"searches for ever":              "return ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'):gsub('.-.-.-.-.-b', '')",
	"hides its failure":              "return pcall(error)",
	"loads JSON":                     "return cjson.decode('[]')",
	"speaks to a connection":         "return redis.call('CLIENT', 'LIST')",
	"publishes":                      "return redis.call('PUBLISH', 'asynq:cancel', 'x')",
	"empties everything":             "return redis.call('FLUSHALL')",
	"runs another script":            "return redis.call('EVAL', 'return 1', 0)",
}

// TestOnlyTheTaskQueuesScriptsRun is reproduction 01, "readkey", "dofile" and "spin", and its kind: what is not
// one of Asynq's scripts is not run at all.
func TestOnlyTheTaskQueuesScriptsRun(t *testing.T) {
	c := clientOf(t, embedded(t))
	scripts := map[string]string{"runs for ever": "while true do end", "harmless": "return 1"}
	for name, script := range foreign {
		scripts[name] = script
	}
	for name, script := range scripts {
		if v, err := c.Eval(t.Context(), script, nil).Result(); !redis.HasErrorPrefix(err, "NOPERM") {
			t.Errorf("%s: %v, %v; want NOPERM", name, v, err)
		}
	}
}

// TestScriptsFindNothingToDoHarmWith: even a script of ours finds but what Asynq's call. The file that is not
// to be read is there.
func TestScriptsFindNothingToDoHarmWith(t *testing.T) {
	e := embedded(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("return 'sesame'"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, script := range foreign {
		proto, err := compile(strings.ReplaceAll(script, "/etc/passwd", secret))
		if err != nil {
			t.Fatal(err)
		}
		b, err := newLuabox(t.Context(), e.called)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := b.run(proto, nil, nil); err == nil {
			t.Errorf("%s: it has run and returned %v", name, v)
		}
		b.close()
	}
}

// TestScriptsFindTheseNamesAlone walks through everything that a script can reach by name.
func TestScriptsFindTheseNamesAlone(t *testing.T) {
	b := embedded(t).box
	var found []string
	var walk func(path string, v lua.LValue)
	walk = func(path string, v lua.LValue) {
		table, ok := v.(*lua.LTable)
		if !ok {
			found = append(found, path)
			return
		}
		if table.Metatable != lua.LNil {
			t.Errorf("%s has a metatable", path)
		}
		table.ForEach(func(k, v lua.LValue) { walk(path+"."+k.String(), v) })
	}
	walk("", b.machine.Get(lua.GlobalsIndex))
	slices.Sort(found)
	want := []string{".ipairs", ".next", ".pairs", ".redis.call", ".redis.error_reply", ".redis.status_reply", ".string.find", ".string.sub",
		".table.getn", ".table.insert", ".tonumber", ".tostring", ".type", ".unpack"}
	if !slices.Equal(found, want) {
		t.Errorf("a script finds %v, want %v", found, want)
	}
	// A string finds nothing by itself.
	if proto, err := compile("return ('abc'):sub(2, 2)"); err != nil {
		t.Fatal(err)
	} else if v, err := b.run(proto, nil, nil); err == nil {
		t.Errorf("a string has the methods of the library: %v", v)
	}
}

// TestAScriptThatNeverEndsIsEnded: and those after it run in a machine of their own.
func TestAScriptThatNeverEndsIsEnded(t *testing.T) {
	for name, script := range map[string]string{
		"a loop":                       "while true do end",
		"a loop that calls":            "while true do redis.call('GET', 'a') end",
		"a loop of numbers":            "for i = 1, 1e18 do end",
		"a function that calls itself": "local function f() return f() end return f()",
		"an iterator without an end":   "for x in function() return 1 end do end",
		"a repeat":                     "repeat local x = 1 until false",
	} {
		t.Run(name, func(t *testing.T) {
			e := embedded(t)
			e.box.took = 50 * time.Millisecond
			proto, err := compile(script)
			if err != nil {
				t.Fatal(err)
			}
			e.read["0000"] = proto
			c := clientOf(t, e)
			if err := c.EvalSha(t.Context(), "0000", nil).Err(); err == nil || !strings.Contains(err.Error(), "was ended") {
				t.Errorf("it ended with %v", err)
			}
			e.read["0001"], _ = compile("return redis.call('SET', KEYS[1], ARGV[1])")
			if v, err := c.EvalSha(t.Context(), "0001", []string{"a"}, "b").Result(); err != nil || v != "OK" {
				t.Errorf("the next script: %v, %v", v, err)
			}
		})
	}
}

// TestACommandThatPanicsForgetsEverythingAndNothingElse: the process lives on, and so do other connections,
// also when the lock of the data was held.
func TestACommandThatPanicsForgetsEverythingAndNothingElse(t *testing.T) {
	for name, command := range map[string]func(e *Embedded){
		"with the lock": func(e *Embedded) { e.data.Lock(); panic("broken") },
		"without it":    func(*Embedded) { panic("broken") },
	} {
		t.Run(name, func(t *testing.T) {
			e := embedded(t)
			c := clientOf(t, e)
			if err := c.Set(t.Context(), "a", "b", 0).Err(); err != nil {
				t.Fatal(err)
			}
			if err := e.data.Server().Register("BREAK", func(*server.Peer, string, []string) { command(e) }); err != nil {
				t.Fatal(err)
			}
			line := lineTo(t, e)
			e.read["0000"], _ = compile("return redis.call('GET', 'a')")
			p := server.NewPeer(bufio.NewWriter(io.Discard))
			e.dispatch(p, []string{"BREAK"})
			if !p.Closed() {
				t.Error("the connection goes on; what it was told may be half an answer")
			}
			if v, err := c.Get(t.Context(), "a").Result(); !errors.Is(err, redis.Nil) {
				t.Errorf("afterwards a is %q, %v; want nothing", v, err)
			}
			if err := c.EvalSha(t.Context(), "0000", nil).Err(); !errors.Is(err, redis.Nil) {
				t.Errorf("afterwards a script finds %v; want nothing", err)
			}
			if _, err := io.WriteString(line, "*1\r\n$4\r\nPING\r\n"); err != nil {
				t.Error(err)
			}
			if answer, err := bufio.NewReader(line).ReadString('\n'); err != nil || answer != "+PONG\r\n" {
				t.Errorf("another connection: %q, %v", answer, err)
			}
		})
	}
}

// TestALongPipelineNeedsNoReader: all of it is sent before the first answer is read.
func TestALongPipelineNeedsNoReader(t *testing.T) {
	c := clientOf(t, embedded(t))
	const commands = 20_000
	big := strings.Repeat("x", 100)
	got, err := c.Pipelined(t.Context(), func(p redis.Pipeliner) error {
		for range commands {
			p.Set(t.Context(), "a", big, 0)
			p.Get(t.Context(), "a")
		}
		return nil
	})
	if err != nil || len(got) != 2*commands {
		t.Errorf("%d answers, %v", len(got), err)
	}
}

// TestWhoReadsNothingHoldsUpNobody: a connection that is too far behind is ended.
func TestWhoReadsNothingHoldsUpNobody(t *testing.T) {
	e := embedded(t)
	c := clientOf(t, e)
	if err := c.Set(t.Context(), "a", strings.Repeat("x", 1<<20), 0).Err(); err != nil {
		t.Fatal(err)
	}
	line := lineTo(t, e)
	line.SetDeadline(time.Now().Add(30 * time.Second))
	for {
		_, err := io.WriteString(line, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n")
		if errors.Is(err, io.ErrClosedPipe) {
			break // it has been ended
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Ping(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := io.Copy(io.Discard, line); err != nil || n > maxAnswers {
		t.Errorf("%d bytes were kept, %v; want at most %d and the end", n, err, maxAnswers)
	}
}

// TestWhoListensHearsAndIsForgotten: Asynq tells its servers by a channel to give up a task.
func TestWhoListensHearsAndIsForgotten(t *testing.T) {
	c := clientOf(t, embedded(t))
	heard := c.Subscribe(t.Context(), "asynq:cancel")
	if _, err := heard.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(t.Context(), "asynq:cancel", "task").Err(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if m, err := heard.ReceiveMessage(ctx); err != nil || m.Payload != "task" {
		t.Fatalf("heard %v, %v", m, err)
	}
	heard.Close()
	for {
		n, err := c.PubSubNumSub(ctx, "asynq:cancel").Result()
		if err != nil {
			t.Fatal(err)
		}
		if n["asynq:cancel"] == 0 {
			return
		}
	}
}

func TestNobodyConnectsToAStoppedRedis(t *testing.T) {
	e, err := StartEmbedded(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := clientOf(t, e)
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	e.Close()
	if err := c.Ping(t.Context()).Err(); err == nil {
		t.Error("it answers")
	}
	if _, err := e.dial(); !errors.Is(err, errStopped) {
		t.Errorf("dialling: %v", err)
	}
}

// TestTheMonitorWorksWithoutAnAddress: the page of the queues, and what it asks for.
func TestTheMonitorWorksWithoutAnAddress(t *testing.T) {
	e := newEngine(t, embedded(t).Client())
	if err := e.Enqueue(t.Context(), Task{Kind: Process, IDs: []int64{1, 2}}); err != nil {
		t.Fatal(err)
	}
	page := e.Page("/queues")
	for path, want := range map[string]string{"/queues": "<html", "/queues/api/queues": `"queue":"live"`, "/queues/api/queues/live/pending_tasks": `"type":"message:process"`,
		"/queues/api/servers": "servers", "/queues/api/scheduler_entries": "entries", "/queues/api/redis_info": "in-process", "/queues/api/queue_stats": "live"} {
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d, %.300s; want %s in it", path, w.Code, w.Body, want)
		}
	}
}
