package situation

import "context"

// Trim is what Run does each time.
func (s *Service) Trim(ctx context.Context) error { return s.trim(ctx) }
