package engine

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2/server"
	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// scriptTime is for how long a script may run. Asynq's take microseconds, and milliseconds over ten
// thousand tasks; nothing else of Redis runs meanwhile.
const scriptTime = 2 * time.Second

// Sizes of the machine: Asynq's scripts need a few dozen values, call nothing deep, and at times hand
// on a list of some hundred.
const (
	boxValues     = 1024
	boxValuesMost = 64 << 10
	boxCalls      = 64
)

// allowed are the functions that a script finds, by their place: those that Asynq's scripts call. There is
// none among them that reads a file, loads code, starts a thread or changes how a value behaves.
var allowed = map[string][]string{
	"":       {"ipairs", "pairs", "next", "tonumber", "tostring", "type", "unpack"},
	"string": {"find", "sub"},
	"table":  {"getn", "insert"},
}

// luabox is the machine in which scripts run, one at a time. It is kept from one to the next: none of them can leave
// anything in it but what it got. It has no files, no clock and no threads, bounded values and bounded time: a script
// that was tampered with can do no more than call the allowed commands.
type luabox struct {
	machine *lua.LState
	redis   *lua.LTable
	call    func(args []string) []byte // a command's answer, as it stands on the wire
	took    time.Duration              // at most
	ctx     context.Context            // of the whole in-process Redis
}

// newLuabox makes one whose scripts call Redis by call. They are ended with ctx.
func newLuabox(ctx context.Context, call func([]string) []byte) (*luabox, error) {
	l := lua.NewState(lua.Options{SkipOpenLibs: true, CallStackSize: boxCalls, RegistrySize: boxValues,
		RegistryMaxSize: boxValuesMost, RegistryGrowStep: boxValues})
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.StringLibName: lua.OpenString, lua.TabLibName: lua.OpenTable} {
		if err := l.CallByParam(lua.P{Fn: l.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return nil, fmt.Errorf("making the machine of scripts: %w", err)
		}
	}
	b := &luabox{machine: l, call: call, took: scriptTime, ctx: ctx}
	globals, ok := l.Get(lua.GlobalsIndex).(*lua.LTable)
	if !ok {
		return nil, errors.New("making the machine of scripts: no table of its names")
	}
	for _, part := range []string{"string", "table"} {
		lib, ok := globals.RawGetString(part).(*lua.LTable)
		if !ok {
			return nil, fmt.Errorf("making the machine of scripts: no library %s", part)
		}
		keepOnly(lib, allowed[part])
	}
	keepOnly(globals, append([]string{"string", "table"}, allowed[""]...))
	b.redis = l.NewTable()
	l.SetFuncs(b.redis, map[string]lua.LGFunction{"call": b.redisCall, "error_reply": reply("err"), "status_reply": reply("ok")})
	globals.RawSetString("redis", b.redis)
	return b, nil
}

// keepOnly takes everything out of a table but the names.
func keepOnly(t *lua.LTable, names []string) {
	kept := make(map[string]lua.LValue, len(names))
	for _, name := range names {
		kept[name] = t.RawGetString(name)
	}
	var all []lua.LValue
	t.ForEach(func(k, _ lua.LValue) { all = append(all, k) })
	for _, k := range all {
		t.RawSet(k, lua.LNil)
	}
	for name, v := range kept {
		t.RawSetString(name, v)
	}
}

// compile reads a script.
func compile(text string) (*lua.FunctionProto, error) {
	chunk, err := parse.Parse(strings.NewReader(text), "script")
	if err != nil {
		return nil, fmt.Errorf("reading a script: %w", err)
	}
	proto, err := lua.Compile(chunk, "script")
	if err != nil {
		return nil, fmt.Errorf("reading a script: %w", err)
	}
	return proto, nil
}

// run runs a script with its keys and arguments. After an error the box is good for no other one.
func (b *luabox) run(script *lua.FunctionProto, keys, args []string) (lua.LValue, error) {
	l := b.machine
	// Nobody waits for a script whose client has gone: it ends by itself, whole.
	ctx, cancel := context.WithTimeout(b.ctx, b.took)
	defer cancel()
	l.SetContext(ctx)
	l.SetGlobal("KEYS", b.list(keys))
	l.SetGlobal("ARGV", b.list(args))
	l.Push(l.NewFunctionFromProto(script))
	if err := l.PCall(0, 1, nil); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("a script has run for %s and was ended", b.took)
		}
		if failed, ok := errors.AsType[*lua.ApiError](err); ok && failed.Object != lua.LNil {
			return nil, errors.New(failed.Object.String())
		}
		return nil, err
	}
	v := l.Get(-1)
	l.SetTop(0)
	return v, nil
}

func (b *luabox) list(texts []string) *lua.LTable {
	t := b.machine.CreateTable(len(texts), 0)
	for _, text := range texts {
		t.Append(lua.LString(text))
	}
	return t
}

func (b *luabox) close() { b.machine.Close() }

// redisCall is redis.call: an error of the command ends the script.
func (b *luabox) redisCall(l *lua.LState) int {
	args := make([]string, l.GetTop())
	for i := range args {
		switch v := l.Get(i + 1).(type) {
		case lua.LString:
			args[i] = string(v)
		case lua.LNumber:
			args[i] = v.String()
		default:
			l.RaiseError("redis.call takes strings and numbers")
		}
	}
	if len(args) == 0 {
		l.RaiseError("redis.call without a command")
	}
	answer, err := server.ParseReply(bufio.NewReader(bytes.NewReader(b.call(args))))
	if err != nil {
		l.RaiseError("%s", err.Error())
	}
	l.Push(toLua(l, answer))
	return 1
}

// reply makes the table by which a script answers with an error or a status.
func reply(field string) lua.LGFunction {
	return func(l *lua.LState) int {
		t := l.NewTable()
		t.RawSetString(field, lua.LString(l.CheckString(1)))
		l.Push(t)
		return 1
	}
}

// toLua is an answer of Redis as scripts see it (redis.io, "Lua API", conversion of types, RESP2).
func toLua(l *lua.LState, answer any) lua.LValue {
	switch v := answer.(type) {
	case int:
		return lua.LNumber(v)
	case string:
		return lua.LString(v)
	case server.Simple:
		t := l.NewTable()
		t.RawSetString("ok", lua.LString(string(v)))
		return t
	case []any:
		t := l.CreateTable(len(v), 0)
		for _, item := range v {
			t.Append(toLua(l, item))
		}
		return t
	default:
		return lua.LFalse // nothing is there
	}
}

// fromLua answers with what a script has returned, by the same rules. Deeper than Asynq's it does not go.
func fromLua(p *server.Peer, v lua.LValue, depth int) {
	const deepest = 8
	switch v := v.(type) {
	case lua.LString:
		p.WriteBulk(string(v))
	case lua.LNumber:
		p.WriteInt(int(v))
	case *lua.LTable:
		if err := v.RawGetString("err"); err != lua.LNil {
			p.WriteError(err.String())
			return
		}
		if ok := v.RawGetString("ok"); ok != lua.LNil {
			p.WriteInline(ok.String())
			return
		}
		n := v.Len()
		if depth == deepest {
			n = 0
		}
		p.WriteLen(n)
		for i := 1; i <= n; i++ {
			fromLua(p, v.RawGetInt(i), depth+1)
		}
	default:
		if v == lua.LTrue {
			p.WriteInt(1)
			return
		}
		p.WriteNull()
	}
}
