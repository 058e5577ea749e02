// Package crashloop breaks a running Frontdesk on purpose, for real, and then asks whether its promises held: the
// built program runs as processes of its own, messages arrive by every kind of door, and meanwhile processes are
// killed (-9) and frozen, Redis is emptied and taken away, PostgreSQL crashes and hangs, the disk is full. The loop
// keeps a ledger of its own and compares it with the database and with what the providers took.
//
// It is a test with flags:
//
//	go test ./cmd/crashloop                              a small loop of about a minute
//	go test ./cmd/crashloop -timeout 60m -profile proof  the proof: 300 kills and 30 of each other fault
//	go test ./cmd/crashloop -kills 50 -worlds lite       any mixture of one's own
//
// docs/testing.md says what each flag means and how to read the table.
package crashloop
