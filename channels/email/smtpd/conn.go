package smtpd

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/channels/guard"
	"frontdesk/channels/limits"
)

// door is the listener in front of the protocol library: it counts sessions, refuses those
// over a limit, and can end every session without cutting off a message. What one remote may have is counted by
// channels/guard; its Listener is not used, for that closes a connection where a session has to be told 421.
//
// A mail server must not be kept out by those who only hold places: so nobody is refused while somebody stands still. Who makes room is
// chosen by progress first, and by who has most places only then (makeRoom, makeRoomFor, thinOut).
type door struct {
	net.Listener
	// max sessions are open at a time; patience is Config.Patience.
	max      int
	lmtp     bool
	domain   string // of the desk
	patience time.Duration
	limits   *limitTable
	now      func() time.Time

	taking sync.WaitGroup // messages that are being received or committed

	mu sync.Mutex
	// The lock is taken before that of a conn, never behind it.
	// stopped is set once and for all: no connection is let in any more.
	conns   map[*conn]struct{}
	leaving int // of these, how many were told to make room and are about to be gone
	stopped bool
}

// newDoor puts the limits before a listener.
func newDoor(inner net.Listener, cfg Config) *door {
	return &door{
		Listener: inner,
		max:      cfg.MaxSessions,
		lmtp:     cfg.LMTP,
		domain:   cfg.Domain,
		patience: cfg.Patience,
		limits:   newLimitTable(cfg.Limits),
		now:      cfg.Now,
		conns:    make(map[*conn]struct{}),
	}
}

// Accept returns the next connection that is within the limits.
func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if sc := d.admit(c); sc != nil {
			return sc, nil
		}
		refuse(c)
	}
}

// admit counts a connection in, or gives nil. First it asks for the remote's own share, then for a place among all.
func (d *door) admit(c net.Conn) *conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	remote := remote(c.RemoteAddr())
	if d.stopped || !d.limits.open(remote) && !(d.makeRoomFor(remote) && d.limits.open(remote)) {
		return nil
	}
	if len(d.conns)-d.leaving >= d.max && !d.makeRoom(min(d.patience, placePatience)) && !d.thinOut(remote) {
		d.limits.close(remote)
		return nil
	}
	sc := &conn{Conn: c, door: d, remote: remote, moved: time.Now()}
	sc.heard.Store(sc.moved.UnixNano())
	d.conns[sc] = struct{}{}
	return sc
}

// Bounds of a session's patience.
const (
	useless = 10 * time.Minute // without progress, after which a session is ended
	chatter = 96 << 10         // bytes of commands between two messages

	// placePatience is how long a session may stand still while another one waits for its place. A place is
	// cheaper to lose than a message that has come in part: whoever is ended has handed in nothing since.
	placePatience = 500 * time.Millisecond
)

// makeRoom ends the session that has made no progress for longest, if that is long enough: slow or silent clients,
// however many, keep nobody out. Progress is a message, or a step of one. The lock of the door is held.
func (d *door) makeRoom(patience time.Duration) bool {
	return d.endSlowest(time.Now().Add(-patience), func(*conn) bool { return true })
}

// makeRoomFor ends a session of a remote whose share is used up: one that is silent between messages, or has made no progress for
// as long as a message may take that stands still. Where its /48 has used up its own, that is looked at too. The lock of the
// door is held.
func (d *door) makeRoomFor(remote netip.Addr) bool {
	for range 2 { // an address, and its network
		if key, full := d.limits.full(remote); full && !d.endSlowest(time.Now(), func(c *conn) bool { return key.Contains(c.remote) && c.still(d.patience) }) {
			return false
		}
	}
	return true
}

// thinOut makes room for a remote among the sessions of the one that has most of them, though they get on. Few
// remotes with many sessions keep nobody out either. Servers of our own are no crowd.
func (d *door) thinOut(remote netip.Addr) bool {
	have := map[netip.Prefix]int{}
	for c := range d.conns {
		if _, waits := c.waits(); waits && !d.limits.exempt(c.remote) {
			have[client(c.remote)]++
		}
	}
	var crowd netip.Prefix
	for key, n := range have {
		if n > have[crowd] {
			crowd = key
		}
	}
	if have[crowd] < have[client(remote)]+2 {
		return false
	}
	return d.endSlowest(time.Now(), func(c *conn) bool { return client(c.remote) == crowd })
}

// client is what counts as one remote.
func client(remote netip.Addr) netip.Prefix {
	address, _ := guard.Client(remote)
	return address
}

// endSlowest ends, of those sessions, the one that has made no progress for longest, if it has made none since.
func (d *door) endSlowest(since time.Time, of func(*conn) bool) bool {
	var slowest *conn
	for c := range d.conns {
		if at, waits := c.waits(); waits && !at.After(since) && of(c) {
			slowest, since = c, at
		}
	}
	if slowest == nil || !slowest.expire() {
		return false
	}
	d.leave(slowest)
	return true
}

// leave gives the place of a session away that is about to be gone. The lock of the door is held.
func (d *door) leave(c *conn) {
	d.leaving++
	c.left = true
	d.limits.close(c.remote)
}

// refuse answers in place of a greeting. The socket is fresh, so that the write cannot block.
func refuse(c net.Conn) {
	_ = c.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = io.WriteString(c, "421 4.3.2 Too many sessions, come back later\r\n")
	_ = c.Close()
}

// forget counts a session out; its place may have been given away before.
func (d *door) forget(c *conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.conns, c)
	if c.left {
		d.leaving--
		return
	}
	d.limits.close(c.remote)
}

// stop refuses new connections and ends the sessions that are between messages.
func (d *door) stop() {
	_ = d.Listener.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	for c := range d.conns {
		c.end()
	}
}

// closeAll breaks all sessions off: the time to finish is over.
func (d *door) closeAll() {
	d.mu.Lock()
	open := slices.Collect(maps.Keys(d.conns))
	d.mu.Unlock()
	for _, c := range open {
		_ = c.Close()
	}
}

// remote is the zero Addr for sockets without an IP address.
func remote(a net.Addr) netip.Addr {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

// conn is one session's connection, below TLS. Ending a session moves its read deadline into
// the past: the library then answers 421 and hangs up, and no two goroutines write at a time.
type conn struct {
	net.Conn
	door   *door
	remote netip.Addr
	closed sync.Once
	gone   atomic.Bool // the peer has ended its side
	ahead  []byte      // read by probe or skip, not yet by the session
	last   []byte      // the end of what the session has read, at most as long as dot
	skips  bool        // the rest of a message that is refused is thrown away below the session

	heard   atomic.Int64 // Unix nanoseconds: when it last said something
	chatter atomic.Int64 // bytes of commands since the last message
	left    bool         // its place is given away; guarded by the lock of the door
	named   bool         // commands are looked at for a recipient without a domain no more

	mu      sync.Mutex
	busy    bool // a message is being received or committed
	ending  bool
	drains  bool        // the rest of a refused message is read and thrown away
	expired bool        // it made room for somebody
	moved   time.Time   // its last progress
	until   time.Time   // while a message is being received: when it has to be whole
	pace    limits.Pace // of it, to the step
}

// Read gives the session what comes: what was read ahead first, then the socket, with commands completed and counted.
func (c *conn) Read(b []byte) (int, error) {
	if c.skips && len(c.ahead) == 0 {
		if err := c.skip(); err != nil {
			return 0, c.noted(err)
		}
	}
	if len(c.ahead) > 0 {
		n := copy(b, c.ahead)
		c.ahead = c.ahead[n:]
		c.remember(b[:n])
		return n, nil
	}
	n, err := c.Conn.Read(b)
	c.heard.Store(time.Now().UnixNano())
	if c.listens() {
		if n = c.complete(b, n); c.chatter.Load() > chatter {
			return 0, errChatter
		}
	}
	c.remember(b[:n])
	return n, c.noted(err)
}

// errChatter ends a session that talks without end and hands nothing over.
var errChatter = errors.New("too many commands without a message")

// listens reports whether what is read belongs to commands.
func (c *conn) listens() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.busy && !c.drains
}

// drain notes that the rest of a refused message comes, until the answer.
func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drains = true
}

// noted notes that the peer has ended its side.
func (c *conn) noted(err error) error {
	if errors.Is(err, io.EOF) {
		c.gone.Store(true)
	}
	return err
}

// Write is an answer: what comes after it is for the session.
func (c *conn) Write(b []byte) (int, error) {
	c.skips = false
	c.mu.Lock()
	c.drains = false
	c.mu.Unlock()
	return c.Conn.Write(b)
}

// dot is the end of a message's data (RFC 5321 §4.1.1.4).
const dot = "\r\n.\r\n"

// remember keeps the last bytes that the session has read: the dot that ends a message may be cut between two reads.
func (c *conn) remember(b []byte) {
	c.last = append(c.last, b[max(0, len(b)-len(dot)+1):]...)
	c.last = append(c.last[:0], c.last[max(0, len(c.last)-len(dot)+1):]...)
}

// skip throws away what comes until the end of the data. The session, which looks at each byte, gets
// only that end: a message of any size costs little more than its way through the kernel.
func (c *conn) skip() error {
	given := len(c.last) // of block, what the session has
	block := append(make([]byte, 0, skipBlock), c.last...)
	for {
		n, err := c.Conn.Read(block[len(block):cap(block)])
		block = block[:len(block)+n]
		if at := bytes.Index(block, []byte(dot)); at >= 0 {
			c.ahead, c.skips = block[max(at, given):], false
			return nil
		}
		if err != nil {
			return err
		}
		keep := min(len(block), len(dot)-1)
		given = max(0, given-(len(block)-keep))
		block = append(block[:0], block[len(block)-keep:]...)
	}
}

// skipBlock is as much as a read from the kernel brings at once.
const skipBlock = 64 << 10

// probe reports whether the peer has hung up. It may only be called while the session waits for
// the message to be settled, when nobody else reads.
func (c *conn) probe(wait time.Duration) bool {
	if c.gone.Load() {
		return true
	}
	if len(c.ahead) > 0 {
		return false
	}
	b := make([]byte, 512)
	_ = c.Conn.SetReadDeadline(time.Now().Add(wait))
	n, err := c.Conn.Read(b) // what is read ahead is remembered when the session gets it
	c.ahead = b[:n]
	if errors.Is(err, io.EOF) {
		c.gone.Store(true)
	}
	return n == 0 && c.gone.Load()
}

// SetReadDeadline is overruled once the session is ending, or has been of no use for too long.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	latest := c.until
	if !c.busy {
		latest = c.moved.Add(useless)
	}
	switch {
	case c.expired, c.ending && !c.busy:
		t = past
	case !latest.IsZero() && (t.IsZero() || t.After(latest)):
		t = latest
	}
	return c.Conn.SetReadDeadline(t)
}

// progress notes that the session is of use: so much of its message is here.
// came is how many bytes of the message are here so far.
func (c *conn) progress(came int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = time.Now()
	c.pace.Came(int64(came), c.moved)
}

// Pace is how many bytes a second of a message came, 0 when it stands still, and whether it is being received for so long that
// this counts.
func (c *conn) Pace(now time.Time) (perSecond float64, late bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pace.PerSecond(now), !c.expired && !c.until.IsZero() && c.pace.Counts(now)
}

// Who is whose share the memory of its messages counts in; invalid for own mail servers.
func (c *conn) Who() netip.Addr {
	if c.door.limits.exempt(c.remote) {
		return netip.Addr{}
	}
	return c.remote
}

// GiveWay ends the session, because another message needs the memory of its own.
func (c *conn) GiveWay() bool {
	c.door.mu.Lock()
	defer c.door.mu.Unlock()
	if !c.expire() {
		return false
	}
	c.door.leave(c)
	return true
}

// receiving says until when the message has to be whole; the zero time when it is.
func (c *conn) receiving(until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until, c.moved = until, time.Now()
	c.pace = limits.NewPace(c.door.patience/5, c.moved)
}

// waits reports whether the session waits for its client, and since when.
func (c *conn) waits() (since time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moved, !c.expired && (!c.busy || !c.until.IsZero())
}

// still reports whether the session stands still: it has made no progress for that long, or is between messages and
// has said nothing for a fifth of that. A server that hands over as fast as it may open sessions loses none that way.
func (c *conn) still(patience time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	return now.Sub(c.moved) >= patience || !c.busy && now.Sub(time.Unix(0, c.heard.Load())) >= patience/5
}

// expire ends a session that waits for its client: reading fails from now on, and if that does not end it, it is
// closed. False when it has meanwhile got on.
func (c *conn) expire() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expired || c.busy && c.until.IsZero() {
		return false
	}
	c.expired, c.ending = true, true
	_ = c.Conn.SetReadDeadline(past)
	time.AfterFunc(2*time.Second, func() { _ = c.Close() })
	return true
}

// past is a deadline that is over.
var past = time.Unix(1, 0)

// end lets the session finish its message, if it is in one, and then closes it with 421.
func (c *conn) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ending = true
	if !c.busy {
		_ = c.Conn.SetReadDeadline(past)
	}
}

// begin marks the start of a message; false when the session is ending.
func (c *conn) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		return false
	}
	c.busy, c.moved = true, time.Now()
	c.chatter.Store(0)
	c.door.taking.Add(1)
	return true
}

// finish ends what begin has begun, whatever came of the message.
func (c *conn) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy, c.until, c.moved = false, time.Time{}, time.Now()
	c.door.taking.Done()
}

// isEnding reports whether no further message is taken.
func (c *conn) isEnding() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ending
}

// Close may be called more than once.
func (c *conn) Close() error {
	var err error
	c.closed.Do(func() {
		c.mu.Lock()
		c.ending = true // the library may be about to begin a message with a chunk that came before
		c.mu.Unlock()
		err = c.Conn.Close()
		c.door.forget(c)
	})
	return err
}
