package configs

// Outgoing says what agents may not send, or only knowingly. What is sent despite of a warning stands in the ticket, by its kind.
type Outgoing struct {
	// Payment card numbers: off, warn (the agent is shown it and may send all the same) or block. Default: block.
	Cards string `yaml:"cards" enum:"off,warn,block"`
	// Identity numbers of mainland China: off, warn or block. Default: warn.
	IdentityNumbers string `yaml:"identity_numbers" enum:"off,warn,block"`
	// Words that are not to be said. Default: none.
	ForbiddenWords []ForbiddenWords `yaml:"forbidden_words"`
}

// ForbiddenWords are words that are not to be said to customers of some languages.
type ForbiddenWords struct {
	// Languages of the customers (BCP 47). Default: all.
	Languages []string `yaml:"languages"`
	// The words, in any case of letters, Simplified or Traditional; words with spaces as they are written.
	Words []string `yaml:"words" check:"required"`
	// warn or block. Default: warn.
	Action string `yaml:"action" enum:"warn,block"`
}
