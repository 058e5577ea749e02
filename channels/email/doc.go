// Package email is the mail channel as a whole. Its rooms are the folders below, and each knows only those under it:
//
//	imap            fetching a folder
//	smtpd           the server that mail is handed to, by SMTP and LMTP
//	relay, sink     handing mail over to a relay, or to a folder of files
//	verdict, mbox   who really sent a mail; folders of mail that are imported
//	compose, oauth  writing a mail and its signature; access tokens
//	parse           reading a mail: header, addresses, text, files, reports
package email
