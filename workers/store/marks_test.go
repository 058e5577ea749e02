package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"frontdesk/workers/store"
)

// before puts rows of an older program into a database: the named columns, and nothing in the others.
func before(t *testing.T, o store.Options, table string, numbers, texts string, row map[string]any) {
	t.Helper()
	var names, values []string
	add := func(name, value string) { names, values = append(names, name), append(values, value) }
	for name := range strings.FieldsSeq(numbers) {
		v, ok := row[name]
		if !ok {
			v = 0
		}
		add(name, fmt.Sprint(v))
	}
	for name := range strings.FieldsSeq(texts) {
		v, ok := row[name]
		if !ok {
			v = ""
		}
		add(name, "'"+fmt.Sprint(v)+"'")
	}
	for name, v := range row {
		if b, ok := v.(bool); ok {
			add(name, fmt.Sprint(b))
		}
	}
	if err := store.Exec(context.Background(), o, `INSERT INTO `+table+` (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(values, ", ")+`)`); err != nil {
		t.Fatal(err)
	}
}

// TestABlockIsNoStopAnyMore: at the upgrade, chats lose a STOP that their owners have not said; and what was sent lately is asked about.
func TestABlockIsNoStopAnyMore(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		ctx, o := context.Background(), withRing(t, o)
		if _, err := store.MigrateTo(ctx, o, day); err != nil {
			t.Fatal(err)
		}
		for _, undone := range []string{`DROP TABLE versions`, `DROP TABLE send_checks`, `DELETE FROM schema_migrations WHERE version IN (24, 25)`} {
			if err := store.Exec(ctx, o, undone); err != nil {
				t.Fatal(err)
			}
		}
		for value, kind := range map[string]string{"1": "telegram", "2": "telegram", "+85291234567": "phone"} {
			before(t, o, "identities", "contact created_at", "address kind value", map[string]any{"address": kind + ":" + value, "kind": kind, "value": value, "verified": true, "opted_out": true, "failed": false})
		}
		before(t, o, "messages", "id contact ticket duplicate_of decided_at expires_at", "inbox channel state cause evidence kind sender sender_kind sender_value sender_name subject visible quoted language category thread content fingerprint reference redacted",
			map[string]any{"id": 1, "channel": "telegram", "state": "suppressed", "cause": "opt-out", "sender_kind": "telegram", "sender_value": "2", "counted": false})
		const hour = 3600 * 1_000_000
		for i, row := range []map[string]any{{"state": "sent", "sent_at": 200 * hour}, {"state": "sent", "sent_at": 100 * hour}, {"state": "delivered", "sent_at": 200 * hour}, {"state": "sent", "sent_at": 200 * hour, "channel": "email"}} {
			row["id"], row["key"], row["kind"], row["provider_id"] = i+1, fmt.Sprint("k", i), "acknowledgement", fmt.Sprint("SM", i)
			if row["channel"] == nil {
				row["channel"] = "sms"
			}
			row["outcome_unknown"], row["needs_fallback"], row["counted"] = false, false, false
			before(t, o, "outbox", "id ticket message contact attempts created_at due_at next_at wake_at sent_at parts_done covered_by",
				"key kind inbox channel recipient to_kind to_value to_name payload state cause provider_id last_error holder domain domain_print", row)
		}
		if _, err := store.MigrateTo(ctx, o, day); err != nil {
			t.Fatal(err)
		}
		for what, statement := range map[string]string{
			"who blocked the bot is stopped no more": `SELECT 1 FROM identities WHERE value = '1' AND NOT opted_out AND failed`,
			"who said /stop is":                      `SELECT 1 FROM identities WHERE value = '2' AND opted_out AND NOT failed`,
			"so is who said STOP":                    `SELECT 1 FROM identities WHERE value = '+85291234567' AND opted_out AND NOT failed`,
			"one send is asked about":                `SELECT 1 FROM send_checks WHERE effect = 1 AND (SELECT count(*) FROM send_checks) = 1`,
		} {
			if found, err := store.Finds(ctx, o, statement); err != nil || !found {
				t.Errorf("%s: %v, %v", what, found, err)
			}
		}
	})
}
