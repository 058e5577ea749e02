package workers

// Tidy leaves only what is open in the file. Lines of settled sends stay for a while otherwise, and a
// provider's id may tell whom it went to: on Telegram it holds the chat.
func (s *Slips) Tidy() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.renew(); err != nil {
		s.logger.Warn("clearing the notes of what was sent failed", "error", err)
	}
}
