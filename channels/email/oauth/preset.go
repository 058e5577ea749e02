package oauth

// preset is what is known of a provider.
type preset struct {
	// token is the endpoint; {tenant} stands for the directory.
	token       string
	delegated   []string // scopes on behalf of the mailbox's owner
	application []string // scopes of an application that signs in for itself; nil: not possible
}

// presetOf knows Gmail (a restricted scope: it needs Google's review or an internal app) and
// Microsoft 365 (the enterprise application needs IMAP.AccessAsApp and a right on the mailbox).
func presetOf(name string) (preset, bool) {
	switch name {
	case "gmail":
		return preset{
			token:     "https://oauth2.googleapis.com/token",
			delegated: []string{"https://mail.google.com/"},
		}, true
	case "microsoft":
		return preset{
			token: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
			delegated: []string{
				"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access",
			},
			application: []string{"https://outlook.office365.com/.default"},
		}, true
	}
	return preset{}, false
}
