package twilio

import (
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

func decodeForm(t *testing.T, form url.Values) (message.Message, error) {
	t.Helper()
	return newConnector(t, testConfig()).Decode(channels.Delivery{
		Inbox: "hotline", Channel: "sms", Key: "SM1", At: testNow(), Raw: []byte(form.Encode()),
	})
}

func TestDecode(t *testing.T) {
	customer := message.Address{Kind: message.Phone, Value: theirs}
	desk := message.Address{Kind: message.Phone, Value: ours}
	base := message.Message{
		Inbox: "hotline", Channel: "sms", Key: "SM1", At: testNow(), From: customer, Proven: true,
		To: []message.Address{desk}, Envelope: message.Envelope{Recipients: []string{ours}},
		Thread: ours + " " + theirs, Text: "hi", About: map[string]string{"number_country": "US"},
	}
	for _, c := range []struct {
		name string
		form url.Values
		want func(*message.Message)
	}{
		{"a plain message", sms("hi"), func(*message.Message) {}},
		{"Chinese", sms("我的付款失败了😀"), func(m *message.Message) { m.Text = "我的付款失败了😀" }},
		{"a number of the mainland", with(sms("hi"), "From", "+86 138 0013 8000"), func(m *message.Message) {
			m.From.Value, m.Thread = "+8613800138000", ours+" +8613800138000"
		}},
		{"pictures", with(sms("hi"), "NumMedia", "2",
			"MediaUrl0", "https://api.twilio.com/m/0", "MediaContentType0", "image/JPEG; x=1", "MediaUrl1", "https://api.twilio.com/m/1"),
			func(m *message.Message) {
				m.Attachments = []message.Attachment{
					{Ref: "https://api.twilio.com/m/0", MediaType: "image/jpeg"},
					{Ref: "https://api.twilio.com/m/1", MediaType: "application/octet-stream"},
				}
			}},
		{"fewer pictures than announced", with(sms("hi"), "NumMedia", "3"), func(m *message.Message) {
			m.Problems = []string{"3 files are announced and 0 are listed"}
		}},
		{"Twilio says STOP", with(sms("please end this"), "OptOutType", "STOP"), func(m *message.Message) {
			m.Text, m.OptOut = "please end this", "stop"
		}},
		{"Twilio says HELP", with(sms("hi"), "OptOutType", "HELP"), func(m *message.Message) { m.OptOut = "help" }},
		{"the customer writes Stop", sms(" Stop\n"), func(m *message.Message) { m.Text = " Stop\n" }},
		{"the customer writes 退订", sms("退订"), func(m *message.Message) { m.Text = "退订" }},
		{"the customer writes START", sms("START"), func(m *message.Message) { m.Text = "START" }},
		{"a sentence with stop in it", sms("please stop my payment"), func(m *message.Message) { m.Text = "please stop my payment" }},
		{"a short code", with(sms("hi"), "From", "72727"), func(m *message.Message) {
			m.From.Value, m.Thread, m.Proven = "72727", ours+" 72727", false
			m.Problems = []string{"the sender is not a telephone number that can be answered"}
		}},
		{"a hidden number", with(sms("hi"), "From", "+266696687"), func(m *message.Message) {
			m.From, m.Thread, m.Proven = message.Address{}, "", false
			m.Problems = []string{"the sender is not a telephone number that can be answered"}
		}},
		{"bytes that are no UTF-8", with(sms("hi"), "Body", "caf\xe9"), func(m *message.Message) {
			m.Text, m.Problems = "caf\ufffd", []string{"the text is not UTF-8"}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := base
			c.want(&want)
			got, err := decodeForm(t, c.form)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeParks(t *testing.T) {
	for _, c := range []struct {
		name, raw, evidence string
		cause               string // unparsable if empty
	}{
		{"a WhatsApp address", with(sms("hi"), "From", "whatsapp:"+theirs).Encode(), `WhatsApp senders of Twilio are not connected yet`, "not-connected"},
		{"a WhatsApp user name", with(sms("hi"), "From", "whatsapp:US.1234").Encode(), `WhatsApp senders`, "not-connected"},
		{"a WhatsApp sender of ours", with(sms("hi"), "To", "WhatsApp:"+theirs).Encode(), `WhatsApp senders`, "not-connected"},
		{"a page on Facebook", with(sms("hi"), "From", "messenger:1234").Encode(), `Messenger senders`, "not-connected"},
		{"RCS", with(sms("hi"), "To", "rcs:topay_agent").Encode(), `RCS senders`, "not-connected"},
		{"a channel of next year", with(sms("hi"), "From", "viber:1234").Encode(), `"viber" senders`, "not-connected"},
		{"a listed WhatsApp message", `{"sid":"SM1","from":"whatsapp:+14158675309","to":"whatsapp:+1","body":"hi"}`, "WhatsApp senders", "not-connected"},
		{"an address of no known kind", with(sms("hi"), "From", "Card 4111: 1").Encode(), `"other" senders`, "not-connected"},
		{"a form without an id", "From=%2B1&Body=x", "no message id", ""},
		{"a broken form", "MessageSid=%zz", "form is broken", ""},
		{"broken JSON", `{"sid":`, "JSON is broken", ""},
		{"JSON that is no message", `{"hello": 1}`, "no message", ""},
		{"nothing", "", "no message id", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := newConnector(t, testConfig()).Decode(channels.Delivery{Inbox: "hotline", Key: "SM1", Raw: []byte(c.raw)})
			e, ok := errors.AsType[*channels.Error](err)
			if !ok || e.Cause != either(c.cause, "unparsable") || !strings.Contains(err.Error(), c.evidence) || strings.Contains(err.Error(), "4158675309") {
				t.Errorf("error %v, want unparsable because %q, without the number", err, c.evidence)
			}
		})
	}
}

func TestDecodeOfTheListIsThatOfTheWebhook(t *testing.T) {
	raw, err := os.ReadFile("testdata/caught-up.json")
	if err != nil {
		t.Fatal(err)
	}
	c := newConnector(t, testConfig())
	got, err := c.Decode(channels.Delivery{Inbox: "hotline", Channel: "sms", Key: "SM1", At: testNow(), Raw: raw})
	if err != nil {
		t.Fatal(err)
	}
	want, err := decodeForm(t, with(sms("退款 please"), "FromCountry", "-", "NumMedia", "1", "MediaContentType0", "image/png", "MediaUrl0",
		"https://api.twilio.com/2010-04-01/Accounts/"+testAccount+"/Messages/MM0123456789abcdef0123456789abcdef/Media/ME1"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("message (-webhook +list):\n%s", diff)
	}
}

func FuzzDecode(f *testing.F) {
	c, err := New(testConfig())
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(sms("hello").Encode()))
	f.Add([]byte(`{"message":{"sid":"SM1","from":"+1","body":"x","num_media":"1"},"media":[{"uri":"/a.json"}]}`))
	f.Add([]byte(`{"sid":"SM1","from":"whatsapp:+1"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := channels.Delivery{Inbox: "hotline", Channel: "sms", Key: "SM1", At: testNow(), Raw: raw}
		m, err := c.Decode(d)
		if err != nil {
			if e, ok := errors.AsType[*channels.Error](err); !ok || e.Cause == "" {
				t.Errorf("error without a parking cause: %v", err)
			}
			return
		}
		again, err := c.Decode(d)
		if err != nil || !cmp.Equal(m, again) {
			t.Errorf("decoding twice differs: %v", err)
		}
		if m.Text != strings.ToValidUTF8(m.Text, "") || len(m.Attachments) > maxMedia {
			t.Errorf("message with broken text or %d files", len(m.Attachments))
		}
	})
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
