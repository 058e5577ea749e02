package service

import (
	"context"

	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/pipeline"
)

// deciding are the settings of a start, with the model that is the installation's. One that cannot be read stops nobody's messages: the
// one that comes with the program decides until it can.
func (a *Service) deciding() (*pipeline.Settings, error) {
	s, p, err := policy.Present(a.life, a.config, a.base.Ring, a.base.Store.Models)
	if err == nil {
		a.promotion = p.N
		return s, nil
	}
	a.logger.Error("the promoted model cannot be read; the one that comes with the program decides", "error", err)
	return policy.Settings(a.config, a.base.Ring)
}

// takeModel lets the line decide by what was promoted since, and reports whether there is something new. What cannot be read changes nothing.
func (a *Service) takeModel(ctx context.Context) bool {
	p, err := a.base.Store.Models.Present(ctx)
	if err == nil && p.N == a.promotion {
		return false
	}
	s, p, err := policy.Present(ctx, a.config, a.base.Ring, a.base.Store.Models)
	if err != nil {
		a.logger.Error("SIGHUP: the promoted model cannot be read; the one before decides", "error", err)
		return false
	}
	a.promotion = p.N
	a.processor.Use(s)
	return true
}
