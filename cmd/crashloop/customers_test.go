package crashloop

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/channels/channelstest/telegramfake"
)

var errClosed = errors.New("no door is open")

// lanes is how many messages of one door may be under way at a time.
const lanes = 24

// write lets customers write by one door until traffic ends, in bursts. What was not accepted is
// tried again until patience ends.
func (w *world) write(traffic, patience context.Context, share float64, one func(ctx context.Context)) {
	slots := make(chan struct{}, lanes)
	var under sync.WaitGroup
	defer under.Wait()
	for traffic.Err() == nil {
		burst := 1 + rand.IntN(12)
		for range burst {
			select {
			case slots <- struct{}{}:
			case <-traffic.Done():
				return
			}
			under.Go(func() { defer func() { <-slots }(); one(patience) })
		}
		pause(traffic, time.Duration(float64(burst)/(w.opt.rate*share)*float64(time.Second)))
	}
}

// until tries until the door has said "received", or ctx ends. Once in a while the answer is taken
// for lost and the same message comes again.
func (w *world) until(ctx context.Context, n *note, try func() error) {
	again := rand.IntN(12) == 0
	for ctx.Err() == nil {
		w.ledger.tried(n)
		if try() == nil {
			w.ledger.accept(n)
			if !again {
				return
			}
			again = false
		}
		pause(ctx, time.Duration(20+rand.IntN(150))*time.Millisecond)
	}
}

func text(token string) string {
	return "Hello, my payment failed yesterday, please look into it. Thank you, " + token
}

func letter(from, token string) string {
	return fmt.Sprintf("From: %s\r\nTo: support@desk.example\r\nSubject: Payment failed\r\nDate: %s\r\nMessage-ID: <%s@customer.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n",
		from, time.Now().Format(time.RFC1123Z), token, text(token))
}

func mailAddress(n int) string { return fmt.Sprintf("customer@c%d.example", n) }

func (w *world) bySMTP(ctx context.Context) {
	n := w.ledger.open(bySMTP, mailAddress)
	raw := letter(n.address, n.token)
	w.until(ctx, n, func() error { return w.submit(n.address, raw) })
}

// submit hands a mail over; nil means that it was answered 250.
func (w *world) submit(from, raw string) error {
	_, at := w.front()
	if at == "" {
		return errClosed
	}
	conn, err := net.DialTimeout("tcp", at, 2*time.Second)
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	client := smtp.NewClient(conn)
	defer client.Close()
	return client.SendMail(from, []string{"support@desk.example"}, strings.NewReader(raw))
}

// byIMAP puts a mail into the mailbox: from then on it is owed.
func (w *world) byIMAP(context.Context) {
	n := w.ledger.open(byIMAP, mailAddress)
	w.ledger.tried(n)
	w.dovecot.Deliver(w.name, []byte("Return-Path: <"+n.address+">\r\n"+letter(n.address, n.token)))
	w.ledger.accept(n)
}

// bySMS lets a customer write to the number. Twilio has the message from then on; its call is
// repeated a few times, or is lost at once, and then the list alone knows.
func (w *world) bySMS(ctx context.Context) {
	door := bySMS
	if rand.IntN(10) == 0 {
		door = bySMSList
	}
	n := w.ledger.open(door, func(n int) string { return fmt.Sprintf("+1415%07d", 2000000+n) })
	_, form := w.providers.twilio.Arrive(n.address, twilioNumber, text(n.token))
	if door == bySMSList {
		w.ledger.tried(n)
		w.ledger.accept(n)
		return
	}
	w.until(ctx, n, func() error {
		status, err := w.providers.post(ctx, publicURL+"/hooks/hotline", form)
		return said(status, err)
	})
}

func (w *world) byTelegram(ctx context.Context) {
	n := w.ledger.open(byTelegram, func(n int) string { return strconv.Itoa(5000000 + n) })
	id, err := strconv.ParseInt(n.address, 10, 64)
	if err != nil {
		panic(err) // made above
	}
	update := string(w.providers.telegram.Write(telegramfake.Customer{ID: id, Name: "Bo", Language: "en"}, text(n.token)))
	w.until(ctx, n, func() error { return w.update(ctx, update) })
}

// update makes Telegram's call with the secret.
func (w *world) update(ctx context.Context, body string) error {
	at, _ := w.front()
	if at == "" {
		return errClosed
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+at+"/hooks/bot", strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", botSecret)
	res, err := w.client.Do(r)
	if err != nil {
		return err
	}
	res.Body.Close()
	return said(res.StatusCode, nil)
}

// said is nil where the answer was "received".
func said(status int, err error) error {
	if err == nil && status/100 != 2 {
		err = fmt.Errorf("answered %d", status)
	}
	return err
}

// bounce lets a mail of ours come back a little later, through the door.
func (w *world) bounce(m send) {
	w.running.Go(func() {
		ctx := w.patience
		pause(ctx, time.Duration(rand.IntN(3000))*time.Millisecond)
		n := w.ledger.open(byBounce, func(int) string { return "" })
		raw := fmt.Sprintf("From: MAILER-DAEMON@mx.customer.example\r\nTo: support@desk.example\r\nSubject: Undelivered Mail Returned to Sender\r\nMessage-ID: <%[1]s@mx.customer.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered. %[1]s\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.example\r\n\r\nFinal-Recipient: rfc822; %[2]s\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: %[3]s\r\n\r\n--b--\r\n",
			n.token, m.address, m.id)
		w.until(ctx, n, func() error { return w.submit("", raw) })
	})
}
