package acknowledge

import "frontdesk/pipeline/message"

// Mailbox is the identity by which acknowledgements to an address are counted.
func Mailbox(id message.Identity) message.Identity { return id.Mailbox() }
