package redact

// Fields masks with no formats of a desk.
func Fields(fields map[string]string) (map[string]string, []Finding) {
	return new(Masker).Fields(fields)
}
