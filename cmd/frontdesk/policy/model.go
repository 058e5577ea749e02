package policy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"frontdesk/configs"
	"frontdesk/configs/rules"
	"frontdesk/pipeline"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/mind"
	"frontdesk/workers/store/models"
)

// lineModel is the model that the line asks beside the rules; nil: none.
func lineModel(c configs.Config) (*learned.Model, error) {
	if c.Classify.Model == rules.NoModel {
		return nil, nil
	}
	return mind.DefaultModel()
}

// classifying is what decides what messages are about. Without a model it is the rules.
func classifying(rules *classify.Classifier, model *learned.Model) classify.Model {
	if model == nil {
		return rules
	}
	return mind.New(rules, model)
}

// Present are Settings with the model that was promoted in the installation; where none was, those of Settings. The promotion says which it is. Their
// version names the model beside the configuration, since either decides. An error says that the model cannot be read: Settings still can.
func Present(ctx context.Context, c configs.Config, ring Keys, promoted *models.Store) (*pipeline.Settings, models.Promotion, error) {
	if c.Classify.Model == rules.NoModel {
		s, err := Settings(c, ring)
		return s, models.Promotion{}, err
	}
	model, p, err := promoted.Load(ctx)
	if err != nil {
		return nil, p, err
	}
	if model == nil {
		s, err := Settings(c, ring)
		return s, p, err
	}
	s, err := SettingsWith(c, ring, model)
	if err != nil {
		return nil, p, err
	}
	sum := sha256.Sum256([]byte(s.Version + p.Sum))
	s.Version = hex.EncodeToString(sum[:8])
	return s, p, nil
}
