package telegram

import (
	"encoding/json"
	"fmt"
	"strings"
)

// What the Bot API calls a Message is one of two things: what somebody has written, sent or shared, and
// Telegram's own note that something has happened in the chat (a service message). The fields tell them apart.
// A new version of the API brings fields that nobody here knows. A message with nothing else is parked as unknown, so that no customer's words
// are lost; its field is then added to one of the three lists.
type content int

const (
	words   content = iota // somebody's: it becomes a message, whatever else it holds
	event                  // Telegram's: nobody has to answer it
	unknown                // a field that is in none of the lists below: a person has to look
	frame                  // of a field: it says nothing by itself
)

// wordFields hold what a person has written, sent or shared.
func wordFields() []string {
	return []string{
		"text", "caption", "animation", "audio", "document", "paid_media", "photo", "sticker", "story", "video", "video_note", "voice",
		"checklist", "contact", "dice", "game", "poll", "venue", "location", "invoice", "web_app_data", "passport_data", "giveaway", "giveaway_winners",
	}
}

// eventFields are the service messages, those of earlier versions of the API included.
func eventFields() []string {
	return []string{
		"new_chat_members", "new_chat_member", "new_chat_participant", "left_chat_member", "left_chat_participant",
		"new_chat_title", "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created",
		"chat_owner_left", "chat_owner_changed", "message_auto_delete_timer_changed", "migrate_to_chat_id", "migrate_from_chat_id", "pinned_message",
		"successful_payment", "refunded_payment", "users_shared", "user_shared", "chat_shared", "gift", "unique_gift", "gift_upgrade_sent",
		"connected_website", "write_access_allowed", "proximity_alert_triggered", "boost_added", "chat_background_set",
		"checklist_tasks_done", "checklist_tasks_added", "poll_option_added", "poll_option_deleted", "managed_bot_created",
		"direct_message_price_changed", "paid_message_price_changed", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
		"forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created", "giveaway_completed",
		"suggested_post_approved", "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid", "suggested_post_refunded",
		"video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited",
		"voice_chat_scheduled", "voice_chat_started", "voice_chat_ended", "voice_chat_participants_invited",
	}
}

// frameFields say from whom, when, where and how a message came, and nothing by themselves.
func frameFields() []string {
	return []string{
		"message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count", "sender_business_bot", "sender_tag",
		"date", "business_connection_id", "chat", "forward_origin", "forward_from", "forward_from_chat", "forward_from_message_id", "forward_signature",
		"forward_sender_name", "forward_date", "is_topic_message", "is_automatic_forward", "reply_to_message", "external_reply", "quote", "reply_to_story",
		"reply_to_checklist_task_id", "reply_to_poll_option_id", "via_bot", "edit_date", "has_protected_content", "is_from_offline", "is_paid_post", "media_group_id", "author_signature",
		"paid_star_count", "entities", "link_preview_options", "suggested_post_info", "effect_id", "caption_entities", "show_caption_above_media",
		"has_media_spoiler", "reply_markup",
	}
}

// fieldKinds tells of each field that is known what it makes of a message.
var fieldKinds = kindsOfFields()

// kindsOfFields joins the three lists. A field in two of them would get either kind, by chance.
func kindsOfFields() map[string]content {
	out := map[string]content{}
	for kind, names := range map[content][]string{words: wordFields(), event: eventFields(), frame: frameFields()} {
		for _, name := range names {
			out[name] = kind
		}
	}
	return out
}

// contentOf says what a message is; name is the field that nobody knows. A message with a frame alone is
// somebody's: the API does not show everything that can be sent.
func contentOf(body []byte) (kind content, name string) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return words, "" // whoever reads it says what is wrong
	}
	for f, value := range fields {
		if string(value) == "null" {
			continue
		}
		switch k, known := fieldKinds[f]; {
		case !known && (name == "" || f < name):
			name = f
		case known && k == words:
			return words, ""
		case known && k == event:
			kind = event
		}
	}
	if kind == words && name != "" {
		return unknown, fieldName(name)
	}
	return kind, ""
}

// fieldName is a field's name as it may stand in a sentence.
func fieldName(name string) string {
	if len(name) > 64 || strings.ContainsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' }) {
		return "with an unusual name"
	}
	return name
}

// shared are the things that a message may hold beside text and files, as far as a person reads them.
// Each is nil where the message has none.
type shared struct {
	Contact   *contact   `json:"contact"`
	Location  *location  `json:"location"`
	Venue     *venue     `json:"venue"`
	Poll      *poll      `json:"poll"`
	Checklist *checklist `json:"checklist"`
	Dice      *dice      `json:"dice"`
	Game      *titled    `json:"game"`
	Invoice   *titled    `json:"invoice"`
	Story     *story     `json:"story"`
	WebApp    *webApp    `json:"web_app_data"`
	Paid      *paid      `json:"paid_media"`
	Passport  *struct{}  `json:"passport_data"`
}

// contact is a card from an address book; UserID is 0 where its owner is not on Telegram.
type contact struct {
	Phone     string `json:"phone_number"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	UserID    int64  `json:"user_id"`
}

// location is in degrees (WGS 84).
type location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// The types below hold what lines writes of them; see the types of the same names in the Bot API.
type venue struct {
	Title   string `json:"title"`
	Address string `json:"address"`
}

type poll struct {
	Question string `json:"question"`
	Options  []struct {
		Text string `json:"text"`
	} `json:"options"`
}

type checklist struct {
	Title string `json:"title"`
	Tasks []struct {
		Text string `json:"text"`
		Done int64  `json:"completion_date"`
	} `json:"tasks"`
}

type dice struct {
	Emoji string `json:"emoji"`
	Value int    `json:"value"`
}

type titled struct {
	Title       string `json:"title"`
	Description string `json:"description"`
}

type story struct {
	Chat chat `json:"chat"`
}

type webApp struct {
	Data   string `json:"data"`
	Button string `json:"button_text"`
}

type paid struct {
	Media []json.RawMessage `json:"paid_media"`
}

// lines puts into text what a person would see.
// The labels are English, since nobody knows yet which language the sender reads; it is the desk that reads them.
func (s shared) lines() []string {
	var out []string
	add := func(label string, parts ...string) { out = append(out, label+": "+join(", ", parts...)) }
	if c := s.Contact; c != nil {
		add("Contact", join(" ", c.FirstName, c.LastName), c.Phone)
	}
	if v := s.Venue; v != nil {
		add("Place", v.Title, v.Address)
	}
	if l := s.Location; l != nil {
		add("Location", fmt.Sprintf("%.6f, %.6f", l.Latitude, l.Longitude))
	}
	if p := s.Poll; p != nil {
		add("Poll", p.Question)
		for _, o := range p.Options {
			out = append(out, "- "+o.Text)
		}
	}
	if l := s.Checklist; l != nil {
		add("Checklist", l.Title)
		for _, t := range l.Tasks {
			out = append(out, map[bool]string{false: "[ ] ", true: "[x] "}[t.Done != 0]+t.Text)
		}
	}
	return append(out, s.rarities()...)
}

// rarities are lines for what a desk seldom gets.
// Each says enough for a person to answer that it was seen; nobody needs more of a dice.
func (s shared) rarities() []string {
	var out []string
	add := func(label string, parts ...string) { out = append(out, label+": "+join(", ", parts...)) }
	if d := s.Dice; d != nil {
		out = append(out, fmt.Sprintf("%s %d", d.Emoji, d.Value))
	}
	if g := s.Game; g != nil {
		add("Game", g.Title, g.Description)
	}
	if i := s.Invoice; i != nil {
		add("Invoice", i.Title, i.Description)
	}
	if t := s.Story; t != nil {
		add("Story", join(" ", t.Chat.Title, t.Chat.FirstName))
	}
	if w := s.WebApp; w != nil {
		out = append(out, w.Data)
	}
	if p := s.Paid; p != nil {
		add("Paid media", fmt.Sprintf("%d files", len(p.Media)))
	}
	if s.Passport != nil {
		add("Telegram Passport", "encrypted data")
	}
	return out
}
