package engine

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // by this digest Redis names scripts
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"
	lua "github.com/yuin/gopher-lua"
)

// Embedded is a Redis inside this process and for this process: it has no address. A client reaches it by
// a connection that never leaves the memory. It takes the commands that Asynq has, runs the scripts that Asynq
// has, one command at a time, and survives a command that fails badly.
//
// It forgets everything when the process ends, and may: the sweep rings again for whatever the database
// says is open.
type Embedded struct {
	stop chan struct{}
	done sync.WaitGroup

	mu    sync.Mutex // one command at a time
	data  *miniredis.Miniredis
	inner *server.Peer // for what scripts call
	said  bytes.Buffer // what inner was told
	box   *luabox
	ctx   context.Context // of its scripts; end ends it
	end   context.CancelFunc
	read  map[string]*lua.FunctionProto // scripts that were sent, by their digest

	lines  sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

// commands are what a client may send, beside scripts: what Asynq, its monitor and the engine send, and what
// Asynq's scripts call.
var commands = map[string]bool{
	"PING": true, "HELLO": true, "CLIENT": true, "INFO": true, // of the connection
	"SUBSCRIBE": true, "UNSUBSCRIBE": true, "PUBLISH": true, "PUBSUB": true,
	"DEL": true, "EXISTS": true, "EXPIRE": true, "EXPIREAT": true, "GET": true, "INCR": true, "SET": true, "SETEX": true, "SETNX": true,
	"HDEL": true, "HGET": true, "HMGET": true, "HSET": true, "HVALS": true,
	"LLEN": true, "LPUSH": true, "LRANGE": true, "LREM": true, "RPOPLPUSH": true, "RPUSH": true,
	"SADD": true, "SISMEMBER": true, "SMEMBERS": true, "SREM": true,
	"ZADD": true, "ZCARD": true, "ZRANGE": true, "ZRANGEBYSCORE": true, "ZREM": true, "ZREMRANGEBYRANK": true,
	"ZREMRANGEBYSCORE": true, "ZREVRANGE": true, "ZSCORE": true,
	"MEMORY": true,
}

// ofConnections are those that a script may not call.
var ofConnections = []string{"PING", "HELLO", "CLIENT", "INFO", "SUBSCRIBE", "UNSUBSCRIBE", "PUBLISH", "PUBSUB"}

// StartEmbedded starts one. It runs until Close, also when ctx has ended: what is under way is finished with it.
func StartEmbedded(ctx context.Context) (*Embedded, error) {
	e := &Embedded{stop: make(chan struct{}), data: miniredis.NewMiniRedis(), read: map[string]*lua.FunctionProto{}, open: map[net.Conn]struct{}{}}
	// It is not started but by a connection; the one that starts it is not needed.
	first, err := e.data.Dial()
	if err != nil {
		return nil, fmt.Errorf("starting the in-process Redis: %w", err)
	}
	if err := first.Close(); err != nil {
		return nil, fmt.Errorf("starting the in-process Redis: %w", err)
	}
	e.inner = server.NewPeer(bufio.NewWriter(&e.said))
	e.ctx, e.end = context.WithCancel(context.WithoutCancel(ctx))
	if e.box, err = newLuabox(e.ctx, e.called); err != nil {
		e.end()
		return nil, fmt.Errorf("starting the in-process Redis: %w", err)
	}
	e.done.Go(e.tick)
	return e, nil
}

// tick lets keys expire. miniredis has no clock of its own; its ClockTTL option would walk all
// keys at every command.
func (e *Embedded) tick() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			e.mu.Lock()
			e.data.FastForward(time.Second)
			e.mu.Unlock()
		case <-e.stop:
			return
		}
	}
}

// Client connects to it. Each client has connections of its own; they end with Close.
func (e *Embedded) Client() redis.UniversalClient {
	return redis.NewClient(&redis.Options{Addr: inProcess{}.String(), Protocol: 2, DisableIdentity: true,
		Dialer: func(context.Context, string, string) (net.Conn, error) { return e.dial() }})
}

// errStopped is what a client gets after Close.
var errStopped = errors.New("the in-process Redis has been stopped")

// dial makes a connection and serves its other end on a goroutine. After Close there is none.
func (e *Embedded) dial() (net.Conn, error) {
	client, line := wire()
	e.lines.Lock()
	defer e.lines.Unlock()
	if e.closed {
		return nil, errStopped
	}
	e.open[line] = struct{}{}
	e.done.Go(func() {
		e.serve(line)
		e.lines.Lock()
		defer e.lines.Unlock()
		delete(e.open, line)
	})
	return client, nil
}

// Close ends it: open connections, scripts that run, then the data. The engine must have stopped before; commands
// after it are errors.
func (e *Embedded) Close() {
	e.lines.Lock()
	e.closed = true
	for line := range e.open {
		line.Close()
	}
	e.lines.Unlock()
	close(e.stop)
	e.end()
	e.done.Wait()
	e.data.Close()
	e.box.close()
}

// serve answers one connection until it ends.
func (e *Embedded) serve(line *end) {
	defer line.Close()
	r := bufio.NewReader(line)
	p := server.NewPeer(bufio.NewWriter(line))
	listens := false
	for !p.Closed() && !line.lost() {
		args, err := readCommand(r)
		if err != nil {
			if wrong, ok := errors.AsType[*protocolError](err); ok {
				p.WriteError("ERR " + wrong.Error())
				p.Flush()
			}
			break
		}
		listens = e.do(p, args) || listens
		if r.Buffered() == 0 { // the answers to a pipeline go together
			p.Flush()
		}
	}
	if listens {
		e.dispatch(p, []string{"UNSUBSCRIBE"})
	}
}

// do answers one command, and says whether its client listens from now on.
func (e *Embedded) do(p *server.Peer, args []string) (listens bool) {
	name := strings.ToUpper(args[0])
	switch {
	case name == "EVAL" || name == "EVALSHA":
		e.script(p, name == "EVAL", args[1:])
	case !commands[name]:
		p.WriteError("NOPERM the in-process Redis serves the task queue alone and has no such command; set redis.url to use a Redis of your own")
	default:
		e.dispatch(p, args)
	}
	return name == "SUBSCRIBE"
}

// dispatch runs a command of miniredis.
func (e *Embedded) dispatch(p *server.Peer, args []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.survives(p, func() { e.data.Server().Dispatch(p, args) }) {
		p.Close()
	}
}

// survives runs a command and reports whether it has come to its end. One that panics may have left a half
// of its work, so everything is forgotten, as a crash of another Redis would; the sweep rings again.
func (e *Embedded) survives(p *server.Peer, command func()) (well bool) {
	defer func() {
		if well {
			return
		}
		_ = recover() // what it says may hold what the command was about
		// Nobody else uses miniredis: if it is locked, it is by the command that died.
		_ = e.data.TryLock()
		e.data.Unlock()
		e.data.FlushAll()
		p.WriteError("ERR the command failed; everything is forgotten")
	}()
	command()
	return true
}

// script answers EVAL and EVALSHA: which script, the number of keys, the keys, arguments. The lock is held for the
// whole script, as Redis does nothing else meanwhile either.
func (e *Embedded) script(p *server.Peer, whole bool, args []string) {
	if len(args) < 2 {
		p.WriteError("ERR wrong number of arguments for a script")
		return
	}
	digest := args[0]
	if whole {
		sum := sha1.Sum([]byte(args[0])) //nolint:gosec // see above
		digest = hex.EncodeToString(sum[:])
	}
	n, err := strconv.Atoi(args[1])
	if err != nil || n < 0 || n > len(args)-2 {
		p.WriteError("ERR wrong number of keys for a script")
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	keys := args[2 : 2+n]
	proto, err := e.known(digest, whole, args[0])
	if err != nil {
		p.WriteError(err.Error())
		return
	}
	e.run(p, proto, keys, args[2+n:])
}

// known finds a script that was sent, or takes one that is sent now.
func (e *Embedded) known(digest string, whole bool, text string) (*lua.FunctionProto, error) {
	if proto := e.read[digest]; proto != nil {
		return proto, nil
	}
	if !whole {
		return nil, errors.New("NOSCRIPT no such script yet")
	}
	if known[digest] == "" {
		return nil, errors.New("NOPERM the in-process Redis runs the task queue's scripts alone")
	}
	proto, err := compile(text)
	if err != nil {
		return nil, fmt.Errorf("ERR %w", err)
	}
	e.read[digest] = proto
	return proto, nil
}

// run runs a script. The machine of one that failed is thrown away.
func (e *Embedded) run(p *server.Peer, proto *lua.FunctionProto, keys, args []string) {
	v, err := e.box.run(proto, keys, args)
	if err == nil {
		fromLua(p, v, 0)
		return
	}
	p.WriteError("ERR " + err.Error())
	fresh, err := newLuabox(e.ctx, e.called)
	if err != nil {
		return // the one that there is has forgotten nothing that it knew
	}
	fresh.took = e.box.took
	e.box.close()
	e.box = fresh
}

// called answers a script's call.
func (e *Embedded) called(args []string) []byte {
	e.said.Reset()
	name := strings.ToUpper(args[0])
	if !commands[name] || slices.Contains(ofConnections, name) {
		return []byte("-ERR a script may not call this\r\n")
	}
	if !e.survives(e.inner, func() { e.data.Server().Dispatch(e.inner, args) }) {
		return []byte("-ERR the command failed; everything is forgotten\r\n")
	}
	e.inner.Flush()
	return e.said.Bytes()
}
