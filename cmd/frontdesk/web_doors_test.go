package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/channels/channelstest/twiliofake"
	"frontdesk/configs"
	"frontdesk/configs/values"
	"frontdesk/workers/engine/redistest"
	"frontdesk/workers/store/storetest/postgres"
)

// databases is the PostgreSQL of the tests that only need databases of their own.
var databases postgres.Server

// onServers puts a configuration on PostgreSQL and Redis.
func onServers(c configs.Config, database, redis string) configs.Config {
	c.Database.URL, c.Redis.URL = values.NewSecret(database), values.NewSecret(redis)
	return c
}

// beside is the configuration of a second process of the same installation.
func beside(t testing.TB, c configs.Config) configs.Config {
	t.Helper()
	c.DataDir = t.TempDir()
	return c
}

// TestPain11WebhookTenTimesInParallel: the same call of Twilio, ten times at once on two processes,
// and again when its original is long gone, is one message.
func TestPain11WebhookTenTimesInParallel(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withHotline(t, &c)
	c = onServers(c, databases.Database(t), redistest.Start(t).URL())
	first := opened(t, c)
	processes := []*rig{first, opened(t, beside(t, c))}
	// Not in the list of the fake, where a process that catches up would find it once more.
	_, call := twiliofake.New(twilioAccount, twilioToken).Arrive("+8613800138000", twilioNumber, "我昨天付款失败了，但是钱已经扣了，请帮我查一下")
	tenTimes := func() {
		t.Helper()
		for i, got := range atOnce(10, func(i int) reply { return processes[i%2].sms(call) }) {
			if got.status != http.StatusOK || !strings.Contains(got.body, "<Response/>") {
				t.Errorf("call %d was answered %d %q, want 200 and empty TwiML", i, got.status, got.body)
			}
		}
	}
	one := func(when string) {
		t.Helper()
		first.settled(1)
		if m, k, s := first.messages(), first.tickets(), fake.Sent(); len(m) != 1 || len(k) != 1 || len(s) != 1 {
			t.Errorf("%s: %d messages, %d tickets, %d SMS of ours, want one each", when, len(m), len(k), len(s))
		}
	}
	tenTimes()
	one("at once")
	first.age(3 * 24 * time.Hour)
	processes[1].aged = first.aged
	tenTimes()
	one("three days later")
	if _, err := first.store.Files.Expire(t.Context(), time.Now().Add(400*24*time.Hour), 1000); err != nil {
		t.Fatal(err)
	}
	tenTimes()
	one("when the original is gone")
	repeated := first.counted("frontdesk_repeated_total") + processes[1].counted("frontdesk_repeated_total")
	if repeated != 29 {
		t.Errorf("%v repeats were counted, want 29", repeated)
	}
}

// atOnce calls f n times at the same moment.
func atOnce[R any](n int, f func(i int) R) []R {
	out := make([]R, n)
	gate := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-gate
			out[i] = f(i)
		})
	}
	close(gate)
	all.Wait()
	return out
}

// TestSameWebhookIDOnSixteenConnections: sixteen callers with one id, on each web channel.
func TestSameWebhookIDOnSixteenConnections(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	sms, bot := withHotline(t, &c), withBot(t, &c, "webhook")
	withDoors(&c)
	r := opened(t, c)
	_, call := sms.Arrive("+8613800138001", twilioNumber, "I cannot log in to my account, it says locked")
	update := bot.Write(telegramfake.Customer{ID: 71, Name: "Mei"}, "退款什么时候到账？订单号 20261120001")
	proof := r.challenge()
	for n, door := range []struct {
		name string
		call func() reply
	}{
		{"Twilio", func() reply { return r.sms(call) }},
		{"Telegram", func() reply { return r.update(update) }},
		{"API", func() reply {
			return r.api("order-7781-question", map[string]any{"from": map[string]any{"email": "wu@customer.example"}, "subject": "Refund", "text": "Where is my refund for order 7781?"})
		}},
		{"form", func() reply {
			return r.form("zhao@customer.example", "The wrong amount was charged on my card yesterday.", proof)
		}},
	} {
		fresh := 0
		for i, got := range atOnce(16, func(int) reply { return door.call() }) {
			if got.status != http.StatusOK && got.status != http.StatusAccepted {
				t.Errorf("%s, call %d: answered %d %q", door.name, i, got.status, got.body)
			}
			if got.status == http.StatusAccepted {
				fresh++
			}
		}
		if door.name == "API" && fresh != 1 {
			t.Errorf("API: %d callers were told 202, want exactly one", fresh)
		}
		r.settled(n + 1)
		if m, k := r.messages(), r.tickets(); len(m) != n+1 || len(k) != n+1 {
			t.Fatalf("%s: %d messages and %d tickets, want %d each", door.name, len(m), len(k), n+1)
		}
	}
}

// TestWebhookIDOfSixHundredCharacters: an id longer than any column is handled once, and another
// one that begins alike is another message.
func TestWebhookIDOfSixHundredCharacters(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	withHotline(t, &c)
	sms := twiliofake.New(twilioAccount, twilioToken) // another account's list, so that nothing is caught up with
	withDoors(&c)
	r := opened(t, c)
	long := strings.Repeat("id-", 200)
	for _, id := range []string{long, long[:599] + "X"} {
		_, call := sms.Arrive("+86138001380"+fmt.Sprint(len(id)%100), twilioNumber, "payment failed for order "+id[597:])
		call.Set("MessageSid", id)
		for range 2 {
			if got := r.sms(call); got.status != http.StatusOK {
				t.Errorf("Twilio was answered %d", got.status)
			}
			got := r.api(id, map[string]any{"from": map[string]any{"email": id[595:600] + "@customer.example"}, "text": "My refund is missing, " + id[597:]})
			if got.status/100 != 2 {
				t.Errorf("the API call was answered %d %s", got.status, got.body)
			}
		}
	}
	r.settled(4)
	if m := r.messages(); len(m) != 4 {
		t.Errorf("%d messages, want 4: two ids on two channels", len(m))
	}
}

// TestPain13FirstAttemptDiesAfterTheMark: the connection to the database breaks at every point of the
// first attempt in turn, also behind the commit. The provider's second attempt finds its message
// recorded once, whatever became of the first.
func TestPain13FirstAttemptDiesAfterTheMark(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withHotline(t, &c)
	database := databases.Database(t)
	cable := newCable(t, hostOf(t, database))
	c = onServers(c, cable.through(database), redistest.Start(t).URL())
	r := opened(t, c)
	const points = 24
	failed := 0
	for n := range points {
		_, call := fake.Arrive(fmt.Sprintf("+86138001390%02d", n), twilioNumber, fmt.Sprintf("订单 %d 付款失败，钱已经扣了", 8000+n))
		cable.CutAfter(n/2 + 1)
		for attempt := 0; ; attempt++ {
			got := r.sms(call)
			if got.status == http.StatusOK {
				break
			}
			if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
				t.Fatalf("point %d, attempt %d: answered %d %q, want 503 with Retry-After", n, attempt, got.status, got.body)
			}
			if attempt > 200 {
				t.Fatalf("point %d: still refused", n)
			}
			failed++
		}
	}
	cable.CutAfter(0)
	r.age(5 * time.Minute) // what the sweep rang for with a broken connection it rings for again after a minute
	r.settled(points)
	if m, k, s := r.messages(), r.tickets(), fake.Sent(); len(m) != points || len(k) != points || len(s) != points {
		t.Errorf("%d messages, %d tickets, %d acknowledgements at Twilio, want %d each", len(m), len(k), len(s), points)
		for _, o := range r.outbox("") {
			if o.State != "sent" || o.Attempts != 1 {
				t.Logf("effect %+v", o)
			}
		}
	}
	if failed == 0 {
		t.Error("no attempt failed: the test broke nothing")
	}
	t.Logf("%d attempts failed and were repeated", failed)
}

// TestDatabaseDownIsA503AndNothingIsLost: while the database is away, webhooks are answered 503 and
// mail 451; the providers' retries lose nothing.
func TestDatabaseDownIsA503AndNothingIsLost(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withHotline(t, &c)
	withDoors(&c)
	database := databases.Database(t)
	cable := newCable(t, hostOf(t, database))
	c = onServers(c, cable.through(database), redistest.Start(t).URL())
	r := opened(t, c)
	r.mustMail("before@customer.example", human("before@customer.example", "Payment failed", "0@customer.example", "My payment failed yesterday, order 4711."))
	r.settled(1)
	cable.Down()
	var calls []url.Values
	for n := range 5 {
		_, call := fake.Arrive(fmt.Sprintf("+861380013700%d", n), twilioNumber, "退款什么时候到账？")
		calls = append(calls, call)
	}
	try := func(n int) (sms, api int, mail error) {
		a := map[string]any{"from": map[string]any{"email": fmt.Sprintf("a%d@customer.example", n)}, "text": "Where is my refund?"}
		m := human(fmt.Sprintf("m%d@mail%d.example", n, n), "Login", fmt.Sprintf("m%d@mail.example", n), "I cannot log in.")
		return r.sms(calls[n]).status, r.api(fmt.Sprintf("k%d", n), a).status, r.mail(fmt.Sprintf("m%d@mail%d.example", n, n), []string{"support@desk.example"}, m)
	}
	for n := range calls {
		sms, api, mail := try(n)
		if sms != http.StatusServiceUnavailable || api != http.StatusServiceUnavailable || mail == nil || !strings.Contains(mail.Error(), "451") {
			t.Fatalf("without a database: SMS %d, API %d, mail %v; want 503, 503 and 451", sms, api, mail)
		}
	}
	cable.Up()
	for n := range calls {
		r.eventually(30*time.Second, func() string {
			if sms, api, mail := try(n); sms/100 != 2 || api/100 != 2 || mail != nil {
				return fmt.Sprintf("with the database back: SMS %d, API %d, mail %v", sms, api, mail)
			}
			return ""
		})
	}
	r.settled(16)
	if m, k := r.messages(), r.tickets(); len(m) != 16 || len(k) != 16 {
		t.Errorf("%d messages and %d tickets, want 16 each", len(m), len(k))
	}
}

// TestRedisDownEverythingIsProcessedWhenItIsBack: Redis only wakes. While it is away everything is
// taken in; when it is back everything is done.
func TestRedisDownEverythingIsProcessedWhenItIsBack(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withHotline(t, &c)
	redis := redistest.Start(t)
	c.Redis.URL = values.NewSecret(redis.URL())
	r := opened(t, c)
	redis.Down()
	for n := range 20 {
		r.mustMail(fmt.Sprintf("p%d@mail%d.example", n, n), human(fmt.Sprintf("p%d@mail%d.example", n, n), "Refund", fmt.Sprintf("%d@mail.example", n), fmt.Sprintf("Where is the refund of order %d?", 7000+n)))
		_, call := fake.Arrive(fmt.Sprintf("+86138001360%02d", n), twilioNumber, "密码忘记了，怎么重置？")
		if got := r.sms(call); got.status != http.StatusOK {
			t.Fatalf("an SMS was answered %d while Redis is away", got.status)
		}
	}
	redis.Up()
	r.settled(40)
	if k, acks := r.tickets(), len(r.sent())+len(fake.Sent()); len(k) != 40 || acks != 40 {
		t.Errorf("%d tickets and %d acknowledgements, want 40 each", len(k), acks)
	}
}

// TestThreeThousandChineseCharactersBySMS: a text over Twilio's limit goes out in parts, cut between
// characters as a reader sees them.
func TestThreeThousandChineseCharactersBySMS(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withHotline(t, &c)
	long := strings.Repeat("您的付款我们已经收到正在核对👩‍👩‍👧‍👦请放心🇨🇳谢谢", 120)
	if n := utf8.RuneCountInString(long); n < 3000 {
		t.Fatalf("the text has only %d characters", n)
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "ack", "zh-Hans"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ack", "zh-Hans", "acknowledgement.short.txt"), []byte("工单号 {{.TicketNumber}}。"+long+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Acknowledgements.TemplatesDir = dir
	r := opened(t, c)
	_, call := fake.Arrive("+8613800138000", twilioNumber, "我昨天付款失败了，但是钱已经扣了")
	r.sms(call)
	r.settled(1)
	var whole strings.Builder
	for i, m := range fake.Sent() {
		if !utf8.ValidString(m.Body) || strings.ContainsRune(m.Body, utf8.RuneError) {
			t.Errorf("part %d is cut inside a character", i+1)
		}
		for _, bad := range []string{"\u200d", "👩", "👧", "👦"} {
			if strings.HasPrefix(m.Body, bad) && !strings.HasPrefix(m.Body, "👩‍👩‍👧‍👦") || strings.HasSuffix(m.Body, "\u200d") {
				t.Errorf("part %d is cut inside a family", i+1)
			}
		}
		if flags := strings.Count(m.Body, "🇨") - strings.Count(m.Body, "🇨🇳"); flags != 0 {
			t.Errorf("part %d is cut inside a flag", i+1)
		}
		whole.WriteString(m.Body)
	}
	if n := len(fake.Sent()); n < 3 {
		t.Errorf("%d parts were sent, want several", n)
	}
	if got := whole.String(); !strings.HasSuffix(got, long) || !strings.HasPrefix(got, "工单号 T-") {
		t.Errorf("the parts together are not the text: %d of %d bytes", len(got), len(long))
	}
	if acks := r.outbox("acknowledgement"); len(acks) != 1 || acks[0].State != "sent" || acks[0].Attempts != 1 {
		t.Errorf("acknowledgements = %+v, want one, sent at once", acks)
	}
}

// TestNothingOfAForgeryIsKept stands here beside TestPain22ForgedWebhooks: what was refused is in no file.
func TestNothingOfAForgeryIsKept(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withHotline(t, &c)
	r := opened(t, c)
	_, call := fake.Arrive("+8613800138000", twilioNumber, "what Twilio has, and a catch-up may fetch")
	call.Set("Body", "forged-words-of-nobody")
	if got := r.post("/hooks/hotline", formKind, call.Encode(), "X-Twilio-Signature", "AAAA"); got.status != http.StatusUnauthorized {
		t.Errorf("answered %d, want 401", got.status)
	}
	r.stop()
	nowhere(t, c.DataDir, r.logs.String(), "forged-words-of-nobody")
	if bytes.Contains([]byte(r.logs.String()), []byte(twilioToken)) {
		t.Error("the log holds the token")
	}
}
