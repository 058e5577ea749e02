// Package email is the mail channel as a whole: what an inbox configures (section.go), what all inboxes have in common (shared.go), and
// how an inbox is connected (open.go). What that is made of lies in the folders below; each knows only those that stand further down in
// this list:
//
//	smtpd           the server that mail is handed to, by SMTP and LMTP
//	imap            fetching a folder
//	relay, sink     handing mail over to a mail server, or to a folder of files
//	verdict         who really sent a mail
//	mbox            folders of mail that are imported
//	parse, compose  reading a mail; writing and signing one
//	oauth           access tokens
//	header          text, dates and domains of header fields
package email
