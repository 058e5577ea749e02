// Package engine is the only place that knows Asynq. To everyone else it is a doorbell: it carries
// ids from the process that committed them to a process that works on them. The database is the
// truth; whatever is lost here (Redis emptied, restarted, failed over) is rung again by the sweep.
package engine

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// Kind names what is to be done with the ids of a task.
type Kind string

// The kinds of task.
const (
	Process Kind = "message:process"
	Deliver Kind = "outbox:deliver"
)

// Queues. Effects have a pool of their own, so that acknowledgements never wait behind an import. In a Redis
// that others may use too, their names carry the installation (see names).
const (
	QueueLive    = "live"
	QueueBulk    = "bulk"
	QueueEffects = "effects"
)

func queues() []string { return []string{QueueLive, QueueBulk, QueueEffects} }

// names are the names that the queues have in Redis.
type names struct {
	installation string
	heir         bool // tasks of an older program, which knew no installation, are worked off too
}

// of is the name of a queue.
func (n names) of(queue string) string {
	if n.installation == "" {
		return queue
	}
	return queue + "-" + n.installation
}

// all are the names under which a queue's tasks may lie; its own comes first.
func (n names) all(queue string) []string {
	if n.installation == "" || !n.heir {
		return []string{n.of(queue)}
	}
	return []string{n.of(queue), queue}
}

// own are the names of all queues.
func (n names) own() []string {
	var out []string
	for _, q := range queues() {
		out = append(out, n.of(q))
	}
	return out
}

// pool weighs the queues of one pool.
func (n names) pool(weights map[string]int) map[string]int {
	out := map[string]int{}
	for queue, weight := range weights {
		for _, name := range n.all(queue) {
			out[name] = weight
		}
	}
	return out
}

// Task is a wake-up: ids of one commit. It comes as soon as a pool looks for it. Whoever works in the process of the commit is told
// without it, and those of other processes that decide messages by Engine.Listen.
type Task struct {
	Kind  Kind
	IDs   []int64
	Inbox string // whose ids they are, so that none waits behind another one's thousands
	Bulk  bool
	// Attempt makes the task's id fresh when the sweep rings again: an id that Asynq has kept from a
	// lost task would refuse the new one (reference: Asynq issues 1055, 1144).
	Attempt int
}

// Work is a task at the worker.
type Work struct {
	Kind  Kind
	IDs   []int64
	Inbox string
	Bulk  bool
	Due   bool // its ids are due in the database; an older program, which enqueues too, leaves them to the task alone
}

// Handler does the work. An error brings the task back with a growing delay.
type Handler func(ctx context.Context, w Work) error

// Config says how the engine runs. Zero values are the defaults that stand beside the fields.
type Config struct {
	Redis redis.UniversalClient
	// Installation tells the queues in Redis from those of others; the same in every process of one. Empty where nobody
	// else can reach the Redis.
	Installation string
	// Heir works off what an older program, which knew no installation, has put or still puts into the queues without a name.
	Heir         bool
	ProcessLanes int           // concurrent tasks of the message pool; 64 if 0: they wait together for a look at the database
	DeliverLanes int           // concurrent tasks of the effects pool; 64 if 0
	Poll         time.Duration // how often an idle pool looks; one second if 0: what cannot wait comes by another way (see Task)
	Grace        time.Duration // how long a stop waits for running tasks; 20 s if 0
	Logger       *slog.Logger
	// Dead is told of a task that has failed for the last time. Asynq forgets such tasks by itself
	// after a while; the database must not.
	Dead func(ctx context.Context, w Work, err error)
}

// withDefaults fills what was left out. Lanes are many, since a task mostly waits for the next look at the database,
// together with the others.
func (c Config) withDefaults() Config {
	if c.ProcessLanes == 0 {
		c.ProcessLanes = 64
	}
	if c.DeliverLanes == 0 {
		c.DeliverLanes = 64
	}
	if c.Poll == 0 {
		c.Poll = time.Second
	}
	if c.Grace == 0 {
		c.Grace = 20 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Engine rings and answers. Enqueue may be used by many goroutines. Order of life: New, Start, Stop, Close; a process
// without the role work never calls Start and still enqueues.
type Engine struct {
	config  Config
	client  *asynq.Client
	inspect *asynq.Inspector
	pools   []*asynq.Server
	names   names
	me      string      // tells this engine's wake-ups from others'
	serving atomic.Bool // from Start until the end of Stop
}

// New joins an engine to its Redis. It connects when first used.
func New(c Config) (*Engine, error) {
	if c.Redis == nil {
		return nil, errors.New("making the engine: no Redis client")
	}
	c = c.withDefaults()
	n := names{c.Installation, c.Heir}
	c.Redis.AddHook(pause{})
	return &Engine{config: c, me: rand.Text(), names: n, client: asynq.NewClientFromRedisClient(c.Redis), inspect: asynq.NewInspectorFromRedisClient(c.Redis)}, nil
}

// payload is a task's body as it lies in Redis. Older and newer programs read it too, so a name stays and a new field
// may be left out.
type payload struct {
	IDs   []int64 `json:"ids"`
	Inbox string  `json:"inbox,omitempty"`
	Bulk  bool    `json:"bulk,omitempty"`
	Due   bool    `json:"due,omitempty"`
}

// maxIDs is far above what one commit brings together.
const maxIDs = 10_000

// decode reads what a task carries. Redis is not ours alone: what nobody here has enqueued is refused, and ids are
// looked up in the database, so that a forged task can only make us look.
func decode(raw []byte) (payload, error) {
	var p payload
	if err := json.Unmarshal(raw, &p); err != nil {
		return payload{}, errors.New("not in the form of a task")
	}
	if len(p.IDs) == 0 || len(p.IDs) > maxIDs || slices.Min(p.IDs) < 0 {
		return payload{}, fmt.Errorf("%d ids, or some that are none", len(p.IDs))
	}
	return p, nil
}

// maxRetry is far above what a task needs: a recovered lease counts as a failed attempt, and an
// archived task is not run again. The row in the database says when to give up.
const maxRetry = 25

// Enqueue rings for the ids. An error means that nobody was woken; the sweep will. A task of the same id that is
// there already is no error: it will do. It is one round trip to Redis, a second one for messages where other
// processes may listen.
func (e *Engine) Enqueue(ctx context.Context, t Task) error {
	if len(t.IDs) == 0 {
		return nil
	}
	body, err := json.Marshal(payload{IDs: t.IDs, Inbox: t.Inbox, Bulk: t.Bulk, Due: true})
	if err != nil {
		return fmt.Errorf("encoding task: %w", err)
	}
	_, err = e.client.EnqueueContext(ctx, asynq.NewTask(string(t.Kind), body),
		asynq.Queue(e.names.of(queueOf(t))), asynq.TaskID(taskID(t)), asynq.MaxRetry(maxRetry), asynq.Timeout(5*time.Minute))
	if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
		return fmt.Errorf("enqueueing %s: %w", t.Kind, err)
	}
	return e.wakeOthers(ctx, t)
}

func queueOf(t Task) string {
	switch {
	case t.Kind == Deliver:
		return QueueEffects
	case t.Bulk:
		return QueueBulk
	default:
		return QueueLive
	}
}

func taskID(t Task) string {
	return fmt.Sprintf("%s:%d-%d:%d", t.Kind, t.IDs[0], len(t.IDs), t.Attempt)
}

// Start opens the pools. It returns an error when Redis cannot be reached at all; later outages are waited out. h is
// called by many at a time, with a context that ends after five minutes or with a stop that has no more patience.
func (e *Engine) Start(ctx context.Context, h Handler) error {
	mux := asynq.NewServeMux()
	for _, kind := range []Kind{Process, Deliver} {
		mux.HandleFunc(string(kind), e.handler(kind, h))
	}
	messages := e.pool(e.config.ProcessLanes, map[string]int{QueueLive: 8, QueueBulk: 1}, "messages")
	effects := e.pool(e.config.DeliverLanes, map[string]int{QueueEffects: 1}, "effects")
	e.serving.Store(true)
	for _, pool := range []*asynq.Server{messages, effects} {
		if err := pool.Start(mux); err != nil {
			e.Stop()
			return fmt.Errorf("starting worker pool: %w", err)
		}
		e.pools = append(e.pools, pool)
	}
	return nil
}

// pool makes one of Asynq's servers. What it looks for by itself it looks for once a second: nothing waits for it.
func (e *Engine) pool(lanes int, queues map[string]int, name string) *asynq.Server {
	return asynq.NewServerFromRedisClient(e.config.Redis, asynq.Config{
		Concurrency:              lanes,
		Queues:                   e.names.pool(queues),
		TaskCheckInterval:        e.config.Poll,
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          e.config.Grace,
		RetryDelayFunc:           retryDelay,
		ErrorHandler:             asynq.ErrorHandlerFunc(e.failed),
		HealthCheckInterval:      time.Minute,
		Logger:                   logger{e.config.Logger.With("pool", name)},
		LogLevel:                 asynq.WarnLevel,
	})
}

// failed watches for the last failure of a task.
func (e *Engine) failed(ctx context.Context, t *asynq.Task, err error) {
	retried, _ := asynq.GetRetryCount(ctx)
	most, _ := asynq.GetMaxRetry(ctx)
	if e.config.Dead == nil || retried < most && !errors.Is(err, asynq.SkipRetry) {
		return
	}
	p, _ := decode(t.Payload()) // without ids when it cannot be read
	e.config.Dead(context.WithoutCancel(ctx), Work{Kind: Kind(t.Type()), IDs: p.IDs}, err)
}

// retryDelay grows from a second to a minute; by then the sweep has rung anew anyway.
func retryDelay(n int, _ error, _ *asynq.Task) time.Duration {
	return min(time.Second<<min(n, 6), time.Minute)
}

func (e *Engine) handler(kind Kind, h Handler) asynq.HandlerFunc {
	return func(ctx context.Context, t *asynq.Task) error {
		p, err := decode(t.Payload())
		if err != nil {
			return fmt.Errorf("decoding task: %w: %w", err, asynq.SkipRetry)
		}
		return h(ctx, Work{Kind: kind, IDs: p.IDs, Inbox: p.Inbox, Bulk: p.Bulk, Due: p.Due})
	}
}

// Quiet stops taking new tasks; running ones go on.
func (e *Engine) Quiet() {
	for _, p := range e.pools {
		p.Stop()
	}
}

// Stop waits for the running tasks, at most Config.Grace, and hands the others back.
func (e *Engine) Stop() {
	for _, p := range e.pools {
		p.Shutdown()
	}
	e.pools = nil
	e.serving.Store(false)
}

// Ping reports whether Redis answers.
func (e *Engine) Ping(ctx context.Context) error {
	if err := e.config.Redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("asking Redis: %w", err)
	}
	return nil
}

// readyFor is how long the mark of a question whether Redis takes tasks stays there.
const readyFor = 10 * time.Second

// Ready reports whether Redis takes tasks, by writing where they go: one that is full, or a replica that takes no writes,
// answers a Ping. It makes the queues visible to inspection, too: Asynq's client publishes a queue's name only once in
// its life, and Redis may have lost its memory since.
func (e *Engine) Ready(ctx context.Context) error {
	commands, _ := e.config.Redis.Pipelined(ctx, func(p redis.Pipeliner) error { // each of them has its error
		for _, name := range e.names.own() { // in a cluster each queue may be on a server of its own
			p.SAdd(ctx, "asynq:queues", name)
			p.Set(ctx, "asynq:{"+name+"}:ready", 1, readyFor)
		}
		return nil
	})
	for _, c := range commands {
		// Its user may be allowed what Asynq does, and no more: that is to name its queues, and not to write this mark.
		if err := c.Err(); err != nil && (c.Name() == "sadd" || !redis.HasErrorPrefix(err, "NOPERM")) {
			return fmt.Errorf("asking Redis to take a task: %w", err)
		}
	}
	return nil
}

// Depth is the state of one queue.
type Depth struct {
	Queue                              string
	Pending, Active, Retry, Archived   int
	Scheduled, ProcessedDay, FailedDay int
	Latency                            time.Duration // age of the oldest pending task
}

// Depths reports each queue of this installation. Asynq's inspector takes no context, so a Redis that hangs hangs
// this as well: ask Ping before.
func (e *Engine) Depths(context.Context) ([]Depth, error) {
	known, err := e.inspect.Queues()
	if err != nil {
		return nil, fmt.Errorf("listing queues: %w", err)
	}
	var out []Depth
	for _, q := range queues() {
		d := Depth{Queue: q}
		for _, name := range e.names.all(q) {
			if !slices.Contains(known, name) {
				continue
			}
			info, err := e.inspect.GetQueueInfo(name)
			if err != nil {
				return out, fmt.Errorf("inspecting queue %s: %w", q, err)
			}
			d.add(info)
		}
		out = append(out, d)
	}
	return out, nil
}

func (d *Depth) add(i *asynq.QueueInfo) {
	d.Pending, d.Active, d.Retry, d.Archived = d.Pending+i.Pending, d.Active+i.Active, d.Retry+i.Retry, d.Archived+i.Archived
	d.Scheduled, d.ProcessedDay, d.FailedDay = d.Scheduled+i.Scheduled, d.ProcessedDay+i.Processed, d.FailedDay+i.Failed
	d.Latency = max(d.Latency, i.Latency)
}

// Tidy deletes archived tasks. Their rows in the database are what counts, and a long archive
// breaks Asynq's own trimming.
func (e *Engine) Tidy() error {
	there, err := e.inspect.Queues() // one that has never held a task is not there yet
	if err != nil {
		return fmt.Errorf("listing queues: %w", err)
	}
	for _, q := range e.names.own() {
		if !slices.Contains(there, q) {
			continue
		}
		if _, err := e.inspect.DeleteAllArchivedTasks(q); err != nil && !errors.Is(err, asynq.ErrQueueNotFound) {
			return fmt.Errorf("tidying queue %s: %w", q, err)
		}
	}
	return nil
}

// errServing says that the pools still work, so that their connections stay open: Asynq's
// subscriber panics when they are closed under it.
var errServing = errors.New("the pools have not stopped")

// Close ends the connections. Stop first; while it has not ended they stay open, and an error says so.
func (e *Engine) Close() error {
	if e.serving.Load() {
		return fmt.Errorf("closing Redis: %w", errServing)
	}
	if err := e.config.Redis.Close(); err != nil {
		return fmt.Errorf("closing Redis: %w", err)
	}
	return nil
}
