package demo

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"time"

	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/channels/channelstest/twiliofake"
	"frontdesk/channels/telegram"
	"frontdesk/channels/twilio"
	"frontdesk/channels/web"
	"frontdesk/configs"
	"frontdesk/configs/values"
)

// Names and addresses of the demonstration's further inboxes. The number is one that is never given
// out.
const (
	smsInbox      = "hotline"
	telegramInbox = "telegram"
	formInbox     = "contact"
	apiInbox      = "app"
	number        = "+15005550006"
	account       = "AC00000000000000000000000000000001"
	fillTime      = 3 * time.Second // the least time in which a visitor fills the form
)

// fakes are the providers that this process plays, on loopback. They are the fakes of the connectors' tests, so they
// speak as the real ones do.
type fakes struct {
	sms      *twiliofake.Server
	telegram *telegramfake.Server
	servers  []*http.Server

	smsURL, telegramURL           string
	smsToken, botToken, apiBearer string
}

// startFakes serves the fakes on free ports. Their secrets and ids are new each time: a second
// demonstration on the same data repeats none.
func startFakes() (*fakes, error) {
	f := &fakes{smsToken: rand.Text(), botToken: "7000000001:" + rand.Text(), apiBearer: rand.Text()}
	f.sms, f.telegram = twiliofake.New(account, f.smsToken), telegramfake.New(f.botToken)
	var err error
	if f.smsURL, err = f.serve(f.sms); err == nil {
		f.telegramURL, err = f.serve(f.telegram)
	}
	if err != nil {
		f.close()
		return nil, fmt.Errorf("starting the demonstration's providers: %w", err)
	}
	now := time.Now()
	f.sms.Base = f.smsURL
	// Ids and update numbers go on from the clock: a second run on the same data must not repeat those of the first.
	f.sms.Begin(int(now.UnixMilli()))
	f.telegram.Restart(now.Unix())
	return f, nil
}

func (f *fakes) serve(h http.Handler) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	f.servers = append(f.servers, srv)
	go func() { _ = srv.Serve(l) }() // ends with close
	return "http://" + l.Addr().String(), nil
}

func (f *fakes) close() {
	for _, srv := range f.servers {
		_ = srv.Close() // nothing is left to do about it
	}
}

// inboxes are those beside the embedded default's own: Telegram, and what needs the public HTTP
// listener where there is one.
func (f *fakes) inboxes(public bool) []configs.Inbox {
	chat := configs.Inbox{Name: telegramInbox, Channel: telegram.Channel, Address: "desk_bot", Section: &telegram.Section{Telegram: &telegram.Bot{
		Token: values.NewSecret(f.botToken), Mode: "poll", BaseURL: f.telegramURL}}}
	if !public {
		return []configs.Inbox{chat}
	}
	return []configs.Inbox{
		chat,
		{Name: smsInbox, Channel: twilio.Channel, Address: number, Section: &twilio.Section{Twilio: &twilio.Account{
			AccountSID: account, AuthToken: values.NewSecret(f.smsToken), From: number, BaseURL: f.smsURL}}},
		{Name: formInbox, Channel: web.FormChannel, Section: &web.FormSection{Form: &web.FormSettings{Languages: []string{"zh-Hans", "zh-Hant", "en"},
			Fields: []string{"phone", "topic", "order", "files"}, Difficulty: 50_000, MinimumFill: values.Duration(fillTime), PerHour: 200}}},
		{Name: apiInbox, Channel: web.APIChannel, Section: &web.APISection{API: &web.APISettings{TrustSender: true, Tokens: []values.Secret{values.NewSecret(f.apiBearer)}}}},
	}
}
