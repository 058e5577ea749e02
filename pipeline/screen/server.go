package screen

import (
	"encoding/json"
	"strings"

	"frontdesk/pipeline/words"
)

// A server's notice is what a program of the mail world writes that is neither a bounce in its form nor anybody's
// answer: an event of a mail service as JSON, the refusal of a list server, the error log of a mail server. A
// website's form that writes JSON is a customer's and none of these.

// serverNotice recognises them. Each takes a sender that is no person and a content that only such a program has.
func (c *check) serverNotice() bool {
	from := c.m.From.Value
	switch {
	case mailEvent(c.m.Text) && (robot(from) || program(from) || c.nullSender() || c.headers.robotField() != ""):
		c.is(Auto, "an event of a mail service, as JSON")
	case c.headers.reportType() == "tlsrpt", dmarcSubject(c.subject) && len(c.m.Attachments) > 0:
		c.is(Auto, "a report of another mail server about many mails (RFC 7489, RFC 8460)")
	case c.fromList() && (refusals.In(c.subject, nil) || refusals.In(c.text, nil)):
		c.is(Auto, "a list server refuses a mail")
	case strings.HasPrefix(c.subject, "postfix smtp server: errors from") && daemon(from):
		c.is(Auto, "the error log of a mail server")
	default:
		return false
	}
	c.server = true
	return true
}

// dmarcSubject knows the subject that RFC 7489 §7.2.1.1 gives to aggregate reports.
func dmarcSubject(s string) bool {
	return strings.HasPrefix(s, "report domain:") && strings.Contains(s, "submitter:") || strings.HasPrefix(s, "report-domain:") || strings.HasPrefix(s, "[preview] report domain:")
}

// program reports whether an address is one under which services write to programs and people.
func program(address string) bool {
	local, _, _ := strings.Cut(addr(address), "@")
	switch unmarked(local) {
	case "notify", "notifier", "notice", "notices", "event", "events", "webhook", "webhooks", "hook", "hooks", "alert", "alerts", "monitor", "monitoring", "mailer", "mailservice", "emailservice", "delivery", "deliveries", "tracking", "feedback", "bot", "robot", "system", "api", "mta", "smtp", "relay":
		return true
	}
	return false
}

// fromList reports whether a list server itself wrote: by its address, or by the list's address under the fields
// of its mail.
func (c *check) fromList() bool {
	from := addr(c.m.From.Value)
	local, _, _ := strings.Cut(from, "@")
	switch {
	case software(local):
		return true
	case !c.headers.list() && !c.headers.has("x-list-administrivia") && !c.headers.has("x-beenthere") && !c.headers.has("x-mailman-version"):
		return false
	case listServer(from):
		return true
	}
	id, _ := c.headers.first("list-id")
	name, _ := c.headers.first("x-ml-name")
	return local != "" && (strings.EqualFold(strings.TrimSpace(name), local) || strings.Contains(strings.ToLower(id), "<"+local+".") || c.headers.contains("x-beenthere", from))
}

// software reports whether a local part is the name of list software.
func software(local string) bool {
	switch local {
	case "listserv", "majordomo", "sympa", "ezmlm", "fml", "listproc", "lyris":
		return true
	}
	return false
}

// listServer reports whether an address is that of a list server or of the list's administration.
func listServer(address string) bool {
	local, _, _ := strings.Cut(addr(address), "@")
	switch local {
	case "listserv", "majordomo", "mailman", "sympa", "ezmlm", "fml", "listproc", "lyris", "listmaster", "lists", "googlegroups":
		return true
	}
	for _, end := range []string{"-admin", "-owner", "-request", "-bounces", "-ctl", "-help", "+owner", "+bounces", "-noreply", "+noreply"} {
		if strings.HasSuffix(local, end) {
			return true
		}
	}
	return strings.HasPrefix(local, "owner-") || strings.HasPrefix(local, "majordomo-") || strings.HasPrefix(local, "listserv")
}

// refusalPhrases are how list servers say that they do not take a mail.
var refusalPhrases = []string{
	"only subscribers may post", "only members may post", "only subscribers can post", "only members can post", "subscribers only", "members only", "not allowed to post", "not permitted to post", "not authorized to post", "not authorised to post", "non-member", "nonmember", "not a member", "not subscribed", "not a subscriber", "awaits moderator approval", "being held", "held for moderation", "moderator approval", "message rejected",
	"has been rejected", "was rejected", "your post to", "your message to the list", "posting to", "loop alert", "duplicated message-id", "unrecognized command", "command not recognized", "results of your email commands", "you are not a member", "post was refused",
	"不是该列表的成员", "不是本列表的成员", "等待管理员审核", "等待版主审核", "没有权限发送", "无权发帖", "订阅者才能", "投稿できません", "登録されていません", "メンバーではありません", "承認待ち", "회원만", "구독자만",
	"nur mitglieder", "nur abonnenten", "wartet auf die freigabe", "nicht berechtigt", "réservée aux abonnés", "réservé aux abonnés", "en attente de modération", "n'êtes pas abonné", "solo los suscriptores", "solo suscriptores", "pendiente de aprobación", "apenas membros", "apenas assinantes", "solo gli iscritti", "in attesa di approvazione", "alleen leden", "tylko subskrybenci", "только подписчик", "только участник", "ожидает одобрения", "yalnızca üyeler",
}

var refusals = words.NewList(refusalPhrases...)

// Limits of what is read of an event.
const (
	maxEvent      = 64 << 10 // bytes
	maxEventDepth = 6
	maxEventTail  = 800 // bytes behind the event: the footer of the service
)

// mailEvent reports whether a text is the event of a mail service: JSON that names what became of a mail.
func mailEvent(text string) bool {
	text = strings.TrimSpace(clip(text, maxEvent))
	if text == "" || text[0] != '{' && text[0] != '[' {
		return false
	}
	text = strings.ReplaceAll(text, "!\n ", "") // where an old mail server has cut the line
	d := json.NewDecoder(strings.NewReader(text))
	var v any
	if d.Decode(&v) != nil || len(text)-int(d.InputOffset()) > maxEventTail {
		return false
	}
	return eventIn(v, 0)
}

// eventIn looks for a field that names an event of a mail, at most so deep.
func eventIn(v any, depth int) bool {
	if depth > maxEventDepth {
		return false
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if eventIn(item, depth+1) {
				return true
			}
		}
	case map[string]any:
		for key, item := range v {
			if s, ok := item.(string); ok && mailEventField(key, s) {
				return true
			}
			if eventIn(item, depth+1) {
				return true
			}
		}
	case string: // notification services put the event, as a text, into an envelope of their own
		if strings.HasPrefix(v, "{") && len(v) < maxEvent {
			var inner any
			return json.Unmarshal([]byte(v), &inner) == nil && eventIn(inner, depth+1)
		}
	}
	return false
}

// mailEventField reports whether a field says what became of a mail. Words that other programs use, too, such as
// open and failed, count in a field that is named for events alone.
func mailEventField(key, value string) bool {
	key, value = unmarked(strings.ToLower(key)), unmarked(strings.ToLower(strings.TrimSpace(value)))
	return eventKeys[key] && (mailEvents[value] || anyEvents[value]) || stateKeys[key] && mailEvents[value]
}

// All are compared without marks, lower-case.
var (
	eventKeys = wordSet("event eventtype eventname notificationtype recordtype")
	stateKeys = wordSet("type status state action messagetype")

	mailEvents = wordSet("delivered bounce bounced hardbounce softbounce complaint complained spamreport spamcomplaint deferred permanentfail temporaryfail deliverydelay renderingfailure")
	anyEvents  = wordSet("delivery dropped open opened click clicked processed rejected reject failed unsubscribe unsubscribed accepted send sent transient permanent blocked invalidemail subscriptionchange")
)

func wordSet(list string) map[string]bool {
	out := map[string]bool{}
	for _, word := range strings.Fields(list) {
		out[word] = true
	}
	return out
}
