package pipeline

// Stages lists the stages of both halves in the order of work, for tests.
func Stages() (first, second []string) {
	for _, s := range reading {
		first = append(first, string(s))
	}
	for _, s := range deciding {
		second = append(second, string(s))
	}
	return first, second
}
