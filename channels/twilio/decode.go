package twilio

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// maxMedia is above Twilio's ten files a message.
// The list ends at the first number that is missing, so it costs nothing to ask for more.
const maxMedia = 32

// incomingMessage is what a webhook's form and the API's resource have in common.
// Country is that of the sender's number (ISO 3166-1), as Twilio guesses it; OptOutType is STOP, START or HELP, else empty.
type incomingMessage struct {
	// From and To are as Twilio writes them. NumMedia is a number in digits; Media are the files that were listed.
	From, To, Body string
	OptOutType     string
	Country        string
	NumMedia       string
	Media          []message.Attachment
}

// Decode reads a delivery of Receive or of Reconcile. The sender is vouched for by Twilio's signature.
// It asks nothing of the network: files are references until FetchMedia.
func (c *Connector) Decode(d channels.Delivery) (message.Message, error) {
	in, err := c.read(d.Raw)
	if err != nil {
		return message.Message{}, unparsable(err)
	}
	for _, raw := range []string{in.From, in.To} {
		if medium := otherMedium(raw); medium != "" {
			return message.Message{}, &channels.Error{Op: "decoding an SMS", Class: channels.Permanent, Cause: "not-connected",
				Err: fmt.Errorf("%s senders of Twilio are not connected yet; an SMS inbox takes in SMS and MMS", medium)}
		}
	}
	from, to := phone(in.From), phone(in.To)
	m := message.Message{
		Inbox: d.Inbox, Channel: d.Channel, Key: d.Key, At: d.At,
		From: from, Proven: strings.HasPrefix(from.Value, "+"),
		Text:        strings.ToValidUTF8(in.Body, "\ufffd"),
		OptOut:      optOut(in.OptOutType),
		Attachments: in.Media,
		Problems:    in.problems(from),
	}
	if !to.IsZero() {
		m.To = []message.Address{to}
		m.Envelope.Recipients = []string{to.Value}
	}
	m.Thread = conversation(to.Value, from.Value)
	if in.Country != "" {
		m.About = map[string]string{"number_country": strings.ToValidUTF8(in.Country, "\ufffd")}
	}
	return m, nil
}

// conversation is the key of what two numbers write to each other; "" where one of them is not known.
func conversation(ours, theirs string) string {
	if ours == "" || theirs == "" {
		return ""
	}
	return ours + " " + theirs
}

// unparsable parks what cannot be read.
func unparsable(err error) *channels.Error {
	return &channels.Error{Op: "decoding an SMS", Class: channels.Permanent, Cause: "unparsable", Err: err}
}

// read tells the two forms of original apart: a webhook's form, or the API's JSON.
func (c *Connector) read(raw []byte) (incomingMessage, error) {
	if len(raw) > 0 && raw[0] == '{' { // a form escapes the brace
		return c.readResource(raw)
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return incomingMessage{}, errors.New("the form is broken")
	}
	return readForm(form)
}

// readForm reads a webhook's parameters; an older name stands in for MessageSid where that is missing.
func readForm(form url.Values) (incomingMessage, error) {
	if firstOf(form, "MessageSid", "SmsMessageSid", "SmsSid") == "" {
		return incomingMessage{}, errors.New("the form holds no message id")
	}
	in := incomingMessage{
		From: form.Get("From"), To: form.Get("To"), Body: form.Get("Body"), Country: form.Get("FromCountry"),
		OptOutType: form.Get("OptOutType"), NumMedia: form.Get("NumMedia"),
	}
	for i := range maxMedia {
		n := strconv.Itoa(i)
		ref := form.Get("MediaUrl" + n)
		if ref == "" {
			break
		}
		in.Media = append(in.Media, attachment(ref, form.Get("MediaContentType"+n)))
	}
	return in, nil
}

// attachment is a file that is only named so far.
// Its parameters, such as a charset, are dropped. Names of files come with none.
func attachment(ref, mediaType string) message.Attachment {
	kind, _, _ := strings.Cut(strings.ToLower(mediaType), ";")
	if kind = strings.TrimSpace(kind); kind == "" || !utf8.ValidString(kind) {
		kind = "application/octet-stream"
	}
	return message.Attachment{Ref: strings.ToValidUTF8(ref, "\ufffd"), MediaType: kind}
}

// resource is a message of the list API; caughtUp is one together with its list of media, as
// Reconcile writes it.
type resource struct {
	// NumMedia is a number in digits, as the API writes it.
	SID      string `json:"sid"`
	From     string `json:"from"`
	To       string `json:"to"`
	Body     string `json:"body"`
	NumMedia string `json:"num_media"`
}

// Message is the resource's own bytes; Media is nil where the list could not be had.
type caughtUp struct {
	Message json.RawMessage `json:"message"`
	Media   []mediaResource `json:"media"`
}

// mediaResource is a file of a message, in the fields that are read.
type mediaResource struct {
	ContentType string `json:"content_type"`
	URI         string `json:"uri"` // /2010-04-01/Accounts/…/Media/ME….json
}

// A file that the list does not hold yet becomes a reference to its place there, so that it is asked for again later.
func (c *Connector) readResource(raw []byte) (incomingMessage, error) {
	var full caughtUp
	var r resource
	if err := json.Unmarshal(raw, &full); err != nil {
		return incomingMessage{}, errors.New("the JSON is broken")
	}
	if len(full.Message) > 0 {
		raw = full.Message
	}
	if err := json.Unmarshal(raw, &r); err != nil || r.SID == "" {
		return incomingMessage{}, errors.New("the JSON is no message")
	}
	in := incomingMessage{From: r.From, To: r.To, Body: r.Body, NumMedia: r.NumMedia}
	for _, m := range full.Media[:min(len(full.Media), maxMedia)] {
		ref := c.base.String() + strings.TrimSuffix(m.URI, ".json")
		in.Media = append(in.Media, attachment(ref, m.ContentType))
	}
	if n, err := strconv.Atoi(r.NumMedia); err == nil && full.Message != nil {
		for i := len(in.Media); i < min(n, maxMedia); i++ { // not listed yet
			in.Media = append(in.Media, attachment(c.place(r.SID, i), ""))
		}
	}
	return in, nil
}

// problems lists what could not be read.
func (in incomingMessage) problems(from message.Address) []string {
	var out []string
	if !strings.HasPrefix(from.Value, "+") {
		out = append(out, "the sender is not a telephone number that can be answered")
	}
	if !utf8.ValidString(in.Body) {
		out = append(out, "the text is not UTF-8")
	}
	if n, err := strconv.Atoi(in.NumMedia); err == nil && n != len(in.Media) {
		out = append(out, fmt.Sprintf("%d files are announced and %d are listed", n, len(in.Media)))
	}
	return out
}

// anonymous is what Twilio gives for a caller who hides the number: the keys of ANONYMOUS.
const anonymous = "+266696687"

// otherMedium names the medium of an address that is no number of the telephone network; empty for those. Twilio writes
// them as whatsapp:, messenger:, rcs: and the like.
func otherMedium(raw string) string {
	kind, _, ok := strings.Cut(strings.TrimSpace(raw), ":")
	switch kind = strings.ToLower(kind); {
	case !ok:
		return ""
	case kind == "whatsapp":
		return "WhatsApp"
	case kind == "messenger":
		return "Messenger"
	case kind == "rcs":
		return "RCS"
	}
	return fmt.Sprintf("%q", scheme(kind))
}

// phone reads a number into E.164. Short codes and sender names stay as they are.
func phone(raw string) message.Address {
	raw = strings.TrimSpace(strings.ToValidUTF8(raw, "\ufffd"))
	if raw == "" || raw == anonymous {
		return message.Address{}
	}
	if whole(raw) {
		return message.Address{Kind: message.Phone, Value: raw}
	}
	if n, err := phonenumbers.Parse(raw, ""); err == nil {
		raw = phonenumbers.Format(n, phonenumbers.E164)
	}
	return message.Address{Kind: message.Phone, Value: raw}
}

// whole reports whether a number is in E.164 already, as Twilio writes them: a plus sign and 7 to 15
// digits. Parsing it again would cost more than deciding what the message is about.
func whole(raw string) bool {
	digits, plus := strings.CutPrefix(raw, "+")
	if !plus || len(digits) < 7 || len(digits) > 15 || digits[0] == '0' {
		return false
	}
	return !strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
}

// scheme keeps the kind of an address for the evidence when it is a plain word.
func scheme(kind string) string {
	if len(kind) > 16 || strings.ContainsFunc(kind, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return "other"
	}
	return kind
}

// optOut is Twilio's word on what it has done by itself (Advanced Opt-Out). Without it the text alone tells, which is read later.
func optOut(word string) string {
	switch w := strings.ToLower(strings.TrimSpace(word)); w {
	case "stop", "start", "help":
		return w
	}
	return ""
}
