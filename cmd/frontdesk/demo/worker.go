package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"frontdesk/templates/home"
	"frontdesk/workers"
	"frontdesk/workers/store"
	"frontdesk/workers/store/viewer"
)

// pace is how fast a worker of the demonstration works. He leaves some tickets to whoever signs in, so that there is
// something to take.
type pace struct {
	first, rest, read, write, beat time.Duration // about; rest is between two tickets
	leaves                         int           // tickets that wait and are left alone
}

// human is the pace of a demonstration that somebody looks at.
func human() pace {
	return pace{first: 25 * time.Second, rest: 25 * time.Second, read: 7 * time.Second, write: 10 * time.Second, beat: 20 * time.Second, leaves: 4}
}

// about is a time between 3/4 and 5/4 of d.
func about(d time.Duration) time.Duration {
	return d*3/4 + time.Duration(draw(int(d/time.Millisecond)/2+1))*time.Millisecond
}

// worker is an agent who works by himself, on the desk's own pages: by what stands on them and by their forms, as a
// person does. What he reads of a ticket to find an answer he reads with his own rights.
type worker struct {
	colleague
	pace
	store *store.Store
	view  viewer.Viewer
	desk  string // address of the desk
	http  *http.Client
	done  int // tickets so far
}

// work signs in and works until ctx ends.
func (w *worker) work(ctx context.Context, password string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	w.http = &http.Client{Jar: jar, Timeout: 20 * time.Second}
	if _, err := w.post(ctx, "/desk/sign-in", url.Values{"login": {w.login}, "password": {password}}); err != nil {
		return fmt.Errorf("signing in: %w", err)
	}
	beating, stop := context.WithCancel(ctx)
	gone := make(chan struct{})
	go func() { defer close(gone); w.beats(beating) }()
	defer func() { stop(); <-gone }()
	if !workers.Sleep(ctx, about(w.first)) {
		return nil
	}
	for workers.Sleep(ctx, about(w.rest)) {
		if err := w.one(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// beats says that his page is open, as one does that is.
func (w *worker) beats(ctx context.Context) {
	for again := true; again; again = workers.Sleep(ctx, w.beat) {
		_, _ = w.post(ctx, "/desk/here", nil) // the next one comes soon
	}
}

// one takes the next ticket and works on it, unless little waits.
func (w *worker) one(ctx context.Context) error {
	c, err := w.store.Desk.Counts(ctx, w.view, time.Now())
	if err != nil || c.Unassigned <= w.leaves {
		return err
	}
	p, err := w.post(ctx, "/desk/next", url.Values{"from": {"lists/mine"}})
	if err != nil {
		return fmt.Errorf("taking the next ticket: %w", err)
	}
	number, ok := p.ticket()
	if !ok { // nothing is for him
		return nil
	}
	w.done++
	if !w.does(ctx, number, "reading", w.read) {
		return nil
	}
	if w.done%5 == 0 {
		return w.passesOn(ctx, number)
	}
	return w.answers(ctx, number)
}

// answers writes an answer and sends it. Where the customer has written meanwhile the page comes back with what is
// new, and he sends once more.
func (w *worker) answers(ctx context.Context, number int64) error {
	text, err := w.answer(ctx, number)
	if err != nil {
		return err
	}
	if !w.does(ctx, number, "writing", w.write) {
		return nil
	}
	p, err := w.get(ctx, ticketPath(number))
	for range 2 {
		if err != nil {
			return fmt.Errorf("opening ticket %d: %w", number, err)
		}
		fields, ok := p.fields(ticketPath(number) + "/reply")
		if !ok { // it is somebody else's by now, or cannot be answered
			return nil
		}
		fields.Set("text", text)
		fields.Set("then", "stay")
		if p, err = w.post(ctx, ticketPath(number)+"/reply", fields); errors.Is(err, errChanged) {
			err = nil
		}
		if err == nil && p.at.Query().Get("sent") != "" {
			break
		}
	}
	if w.done%3 != 0 || !workers.Sleep(ctx, w.read) {
		return err
	}
	return w.closes(ctx, number)
}

// closes closes a ticket that is answered for good.
func (w *worker) closes(ctx context.Context, number int64) error {
	p, err := w.get(ctx, ticketPath(number))
	if err != nil {
		return fmt.Errorf("opening ticket %d: %w", number, err)
	}
	if fields, ok := p.fields(ticketPath(number) + "/close"); ok {
		fields.Set("reason", "solved")
		if _, err = w.post(ctx, ticketPath(number)+"/close", fields); errors.Is(err, errChanged) {
			return nil // the customer has written meanwhile: it is looked at anew
		}
	}
	return err
}

// passesOn asks the lead in a note, and hands back.
func (w *worker) passesOn(ctx context.Context, number int64) error {
	p, err := w.get(ctx, ticketPath(number))
	if err != nil {
		return fmt.Errorf("opening ticket %d: %w", number, err)
	}
	fields, ok := p.fields(ticketPath(number) + "/note")
	if !ok {
		return nil
	}
	fields.Set("text", w.asks)
	if p, err = w.post(ctx, ticketPath(number)+"/note", fields); err != nil {
		return fmt.Errorf("writing a note on ticket %d: %w", number, err)
	}
	if fields, ok = p.fields(ticketPath(number) + "/hand-back"); ok {
		_, err = w.post(ctx, ticketPath(number)+"/hand-back", fields)
	}
	return err
}

// answer is what he writes: the desk's own answer to the question that the customer's words come nearest to, or that
// it is being looked at.
func (w *worker) answer(ctx context.Context, number int64) (string, error) {
	k, err := w.store.Desk.Ticket(ctx, w.view, number)
	if err != nil {
		return "", fmt.Errorf("reading ticket %d: %w", number, err)
	}
	language := home.English
	switch {
	case strings.HasPrefix(k.Language, home.Traditional):
		language = home.Traditional
	case strings.HasPrefix(k.Language, "zh"):
		language = home.Simplified
	}
	said := strings.ToLower(k.Subject + " " + k.LastWords)
	opening := map[string]string{
		home.English:     "Hello, thank you for writing to us. This is " + w.name + ".",
		home.Simplified:  "您好，感谢您的来信，我是客服 " + w.name + "。",
		home.Traditional: "您好，感謝您的來信，我是客服 " + w.name + "。",
	}
	looking := map[string]string{
		home.English:     "I have looked at your case and passed it to the colleagues who can see the transaction. You will hear from me again today.",
		home.Simplified:  "您反映的情况我已经查看，并转给能够核对交易的同事，今天内给您答复。",
		home.Traditional: "您反映的情況我已經查看，並轉給能夠核對交易的同事，今天內給您答覆。",
	}
	return opening[language] + "\n\n" + nearest(k.Category, said, language, looking[language]), nil
}

// nearest is the answer of the category's question that most of its terms speak for; otherwise where none does.
func nearest(category, said, language, otherwise string) string {
	best := 0
	for _, c := range home.Categories() {
		if c.Key != category {
			continue
		}
		for _, q := range c.FAQ {
			n := 0
			for _, term := range q.Terms {
				if strings.Contains(said, strings.ToLower(term)) {
					n++
				}
			}
			if n > best {
				best, otherwise = n, q.Answer[language]
			}
		}
	}
	return otherwise
}

// does says for about so long what he does with a ticket: colleagues who read it see that.
func (w *worker) does(ctx context.Context, number int64, what string, about time.Duration) bool {
	const each = 4 * time.Second
	for left := about; left > 0; left -= each {
		_, _ = w.send(ctx, http.MethodPost, ticketPath(number)+"/here", "application/json", `{"does":"`+what+`"}`) // the next one comes soon
		if !workers.Sleep(ctx, min(left, each)) {
			return false
		}
	}
	return true
}

func ticketPath(number int64) string { return "/desk/tickets/T-" + strconv.FormatInt(number, 10) }

func (w *worker) get(ctx context.Context, path string) (page, error) {
	return w.send(ctx, http.MethodGet, path, "", "")
}

func (w *worker) post(ctx context.Context, path string, form url.Values) (page, error) {
	return w.send(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode())
}

// errRefused: the desk has shown why on the page.
var errRefused = errors.New("the desk has refused it")

// errChanged: since something has changed beneath the form. It is an errRefused, too.
var errChanged = fmt.Errorf("%w: something has changed meanwhile", errRefused)

// largestPage bounds what is read of one.
const largestPage = 8 << 20

// send asks the desk, and follows where it leads. A page of a status from 400 on is errRefused.
func (w *worker) send(ctx context.Context, method, path, kind, body string) (page, error) {
	req, err := http.NewRequestWithContext(ctx, method, w.desk+path, strings.NewReader(body))
	if err != nil {
		return page{}, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := w.http.Do(req)
	if err != nil {
		return page{}, err
	}
	defer res.Body.Close()
	p, err := readPage(io.LimitReader(res.Body, largestPage))
	p.at = res.Request.URL
	if err == nil && res.StatusCode >= http.StatusBadRequest {
		why := errRefused
		if res.StatusCode == http.StatusConflict {
			why = errChanged
		}
		err = fmt.Errorf("%s: status %d: %w", path, res.StatusCode, why)
	}
	return p, err
}

var ticketAt = regexp.MustCompile(`^/desk/tickets/T-([0-9]{1,18})$`)

// ticket is the number of the ticket whose page it is.
func (p page) ticket() (number int64, ok bool) {
	m := ticketAt.FindStringSubmatch(p.at.Path)
	if m == nil {
		return 0, false
	}
	number, err := strconv.ParseInt(m[1], 10, 64)
	return number, err == nil
}
