package workers

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/channels"
	"frontdesk/channels/kinds"
	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/pipelinetest"
	"frontdesk/templates"
	"frontdesk/workers/engine"
	"frontdesk/workers/enrich"
	"frontdesk/workers/store"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/view"
)

// noon is the time of the tests that hold the clock.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

var mac = pipelinetest.MAC

func testSettings(t testing.TB) *pipeline.Settings {
	t.Helper()
	return pipelinetest.Settings(t, pipeline.Inbox{Name: "support", Channel: "email", Address: "support@desk.example"},
		pipeline.Inbox{Name: "hotline", Channel: "sms", Address: "+85230000000"}, pipeline.Inbox{Name: "bot", Channel: "telegram", Address: "desk_bot"})
}

// letter is the tests' raw form of a message.
type letter struct {
	Proven                                 bool
	From, Subject, Text, MessageID, Thread string
	Also                                   []string          // further telephone numbers that are claimed
	References                             []string          // nearest last
	Files                                  map[string]string // name → content
	Refs                                   []string          // files that the provider keeps
	Panic, Die                             bool              // of the decoder
	Cause                                  string            // parking cause that the decoder finds
}

func (l letter) raw() []byte {
	b, err := json.Marshal(l)
	if err != nil {
		panic(err)
	}
	return b
}

// letters decodes them.
type letters struct{ die func() }

func (d letters) Decode(in channels.Delivery) (message.Message, error) {
	var l letter
	if err := json.Unmarshal(in.Raw, &l); err != nil {
		return message.Message{}, &channels.Error{Op: "reading letter", Class: channels.Permanent, Err: errors.New("no letter")}
	}
	switch {
	case l.Panic:
		panic("the decoder trips")
	case l.Die:
		d.die()
	case l.Cause != "":
		return message.Message{}, &channels.Error{Op: "reading letter", Cause: l.Cause, Err: errors.New("refused")}
	}
	m := message.Message{Channel: in.Channel, From: message.Address{Kind: kinds.All().Line()[in.Channel].Address, Value: l.From}, Subject: l.Subject, Text: l.Text,
		Thread: l.Thread, MessageID: l.MessageID, References: l.References, Proven: in.Channel != "email" || l.Proven}
	if in.Channel != "email" && m.Thread == "" {
		m.Thread = l.From
	}
	if in.Channel == "email" {
		m.Envelope = message.Envelope{MailFrom: l.From, HasMailFrom: true, Recipients: []string{"support@desk.example"}}
		m.Headers = message.Headers{{Name: "From", Value: l.From}, {Name: "To", Value: "support@desk.example"}}
	}
	for _, a := range l.Also {
		m.Also = append(m.Also, message.Address{Kind: message.Phone, Value: a})
	}
	for name, content := range l.Files {
		m.Attachments = append(m.Attachments, message.Attachment{Name: name, MediaType: "text/plain", Content: []byte(content)})
	}
	for _, ref := range l.Refs {
		m.Attachments = append(m.Attachments, message.Attachment{Name: ref, MediaType: "image/png", Ref: ref})
	}
	return m, nil
}

// ringing is an engine that only writes down what it is asked for.
type ringing struct {
	mu    sync.Mutex
	tasks []engine.Task
}

func (r *ringing) Enqueue(_ context.Context, t engine.Task) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tasks = append(r.tasks, t)
	return nil
}

// rig is a desk without an engine: the test hands each task on by itself.
type rig struct {
	t         testing.TB
	store     *store.Store
	dir       string
	blobs     *shakyBlobs
	notifier  *Notifier
	logs      *logBuffer
	logger    *slog.Logger
	meter     *Meter
	settings  *pipeline.Settings
	writer    *Writer
	intake    *Intake
	processor *Processor
	senders   map[string]channels.Sender
	media     map[string]channels.MediaFetcher
	notices   map[string]NoticeSender
	mu        sync.Mutex
	now       time.Time // zero: the real time
}

// logBuffer is a log that tests may read while others write.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// shakyBlobs refuses as many puts as it is told to.
type shakyBlobs struct {
	blobs.Store
	mu     sync.Mutex
	refuse int
	puts   int
}

var errShaky = errors.New("the disk is full")

func (s *shakyBlobs) Put(ctx context.Context, digest string, sealed []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse > 0 {
		s.refuse--
		return errShaky
	}
	s.puts++
	return s.Store.Put(ctx, digest, sealed)
}

func (s *shakyBlobs) failNext(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = n
}

// prepared is what costs time to make and is the same for every test.
type prepared struct {
	once     sync.Once
	settings *pipeline.Settings
	texts    *templates.Set
	database []byte // an empty store
}

var ready prepared

func (p *prepared) make(t testing.TB) {
	t.Helper()
	p.once.Do(func() {
		texts, err := templates.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		s, err := store.Open(t.Context(), store.Options{Dir: dir, Migrate: true, Keyring: storetest.Keyring(t), Blobs: blobs.NewMemory()}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p.database, err = os.ReadFile(filepath.Join(dir, "frontdesk.db")); err != nil {
			t.Fatal(err)
		}
		p.settings, p.texts = testSettings(t), texts
	})
	if p.texts == nil || p.settings == nil {
		t.Fatal("an earlier test could not prepare what all need")
	}
}

// copied are settings that a test may change.
func (p *prepared) copied() *pipeline.Settings {
	s := *p.settings
	s.Inboxes = maps.Clone(s.Inboxes)
	return &s
}

func newRig(t testing.TB) *rig {
	t.Helper()
	ready.make(t)
	r := &rig{t: t, now: noon, logs: &logBuffer{}, blobs: &shakyBlobs{Store: blobs.NewMemory()}, settings: ready.copied(),
		senders: map[string]channels.Sender{}, media: map[string]channels.MediaFetcher{}, notices: map[string]NoticeSender{}}
	r.store = storetest.SQLite(t, func(o *store.Options) {
		r.dir, o.Blobs = o.Dir, r.blobs
		r.must(os.WriteFile(filepath.Join(r.dir, "frontdesk.db"), ready.database, 0o600))
	})
	r.logger = slog.New(slog.NewTextHandler(r.logs, nil))
	r.meter = NewMeter(prometheus.NewRegistry())
	r.notifier = NewNotifier(&ringing{}, r.logger)
	r.intake = r.newIntake(nil)
	r.processor = r.newProcessor()
	r.writer = &Writer{Channels: kinds.All().Traits(), Texts: ready.texts, DeskName: "Acme", Domain: "desk.example", Language: "en", Zone: time.UTC, Short: []string{"sms", "telegram"},
		SignReply: true, Inboxes: r.settings.Inboxes, Answering: r.settings.Answering,
		Fallback: []message.AddressKind{message.Email, message.Phone, "telegram"}, MAC: mac}
	return r
}

func (r *rig) newIntake(heard func(string, time.Time)) *Intake {
	in := NewIntake(IntakeConfig{Store: r.store, Notifier: r.notifier, Meter: r.meter, Logger: r.logger, Heard: heard})
	in.now = r.time
	return in
}

func (r *rig) newProcessor() *Processor { return r.asking(nil, NewQuarantine(r.store)) }

// asking makes a processor that asks others first.
func (r *rig) asking(s *enrich.Step, q *Quarantine) *Processor {
	decoders := map[string]channels.Decoder{"support": letters{}, "hotline": letters{}, "bot": letters{}}
	p := NewProcessor(ProcessorConfig{Store: r.store, Notifier: r.notifier, Decoders: decoders, Settings: r.settings, Quarantine: q, Courtesy: &Courtesy{},
		Enrich: s, Meter: r.meter, Logger: r.logger})
	p.now = r.time
	return p
}

func (r *rig) deliverer() *Deliverer {
	d := NewDeliverer(r.store, r.notifier, "worker-1", Outlets{Senders: r.senders, Media: r.media, Notices: r.notices}, r.writer, r.meter, r.logger)
	d.now = r.time
	d.kinds[effects.KindAcknowledgement].(*sending).now = r.time
	d.kinds[effects.KindMark].(*marking).now = r.time
	d.kinds[effects.KindMedia].(*fetching).now = r.time
	d.kinds[effects.KindNotice].(*noticing).now = r.time
	return d
}

// careful works on messages in quarantine, one after the other, whoever fails.
func (p *Processor) careful(ctx context.Context, ids []int64) (failed error) {
	for _, id := range ids {
		failed = errors.Join(failed, p.carefully(ctx, id, false))
	}
	return failed
}

func (r *rig) time() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now.IsZero() {
		return time.Now()
	}
	return r.now
}

// pass moves the clock on.
func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) same(what string, want, got any) {
	r.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		r.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// database runs a statement beside the store.
func (r *rig) database(statement string) {
	r.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.dir, "frontdesk.db")+"?_pragma=busy_timeout(10000)")
	r.must(err)
	defer db.Close()
	_, err = db.Exec(statement)
	r.must(err)
}

var channelOf = map[string]string{"support": "email", "hotline": "sms", "bot": "telegram"}

// delivery is a letter that the inbox's source received just now.
func (r *rig) delivery(inbox, key string, l letter) channels.Delivery {
	return channels.Delivery{Inbox: inbox, Channel: channelOf[inbox], Key: key, At: r.time(), Raw: l.raw()}
}

// accept records deliveries and returns their ids.
func (r *rig) accept(deliveries ...channels.Delivery) []int64 {
	r.t.Helper()
	recorded, err := r.intake.Accept(r.t.Context(), deliveries...)
	r.must(err)
	var ids []int64
	for _, d := range recorded {
		ids = append(ids, d.ID)
	}
	return ids
}

func (r *rig) process(ids ...int64) {
	r.t.Helper()
	r.must(r.processor.batch(r.t.Context(), ids, mode{}))
}

// next decides a batch of what is due.
func (r *rig) next() {
	r.t.Helper()
	_, err := r.processor.next(r.t.Context(), false)
	r.must(err)
}

// opened takes a letter in, decides it, and returns its story.
func (r *rig) opened(inbox, key string, l letter) view.Story {
	r.t.Helper()
	id := r.accept(r.delivery(inbox, key, l))[0]
	r.process(id)
	return r.story(id)
}

func (r *rig) story(id int64) view.Story {
	r.t.Helper()
	s, err := r.store.View.Trace(r.t.Context(), id)
	r.must(err)
	return s
}

// states are the states and causes of messages.
func (r *rig) states(ids ...int64) []string {
	r.t.Helper()
	var out []string
	for _, id := range ids {
		m := r.story(id).Message
		state := m.State
		if m.Cause != "" {
			state += " " + m.Cause
		}
		out = append(out, state)
	}
	return out
}

// effect is an outbox row as it stands.
func (r *rig) effect(id int64) view.OutboxRow {
	r.t.Helper()
	rows, err := r.store.View.Outbox(r.t.Context(), view.Page{ID: id})
	r.must(err)
	if len(rows) != 1 || rows[0].ID != id {
		r.t.Fatalf("there is no outbox row %d", id)
	}
	return rows[0]
}

// tasks takes what was rung for and nobody has heard.
func (r *rig) tasks() []engine.Task {
	var out []engine.Task
	for {
		select {
		case t := <-r.notifier.tasks:
			out = append(out, t)
		default:
			return out
		}
	}
}

// undecided counts what waits for its decision.
func (r *rig) undecided(inbox string) int {
	r.t.Helper()
	n, err := r.store.Backlog.CountUndecided(r.t.Context(), inbox)
	r.must(err)
	return n
}

func (r *rig) messages() []view.Message {
	r.t.Helper()
	list, err := r.store.View.Messages(r.t.Context(), view.Page{Limit: 1000})
	r.must(err)
	return list
}
