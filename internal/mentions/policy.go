package mentions

import (
	"context"
	"slices"
	"sync"

	"hark/internal/settings"
)

// policy is all that the owner has chosen about mentions, as it was at a moment.
type policy struct {
	site    site
	words   settings.Site
	answers settings.Answers
	letters settings.Letters
	rules   []Rule // the narrowest first

	numbers []uint64 // of the generations it was made from
}

// policies keeps the newest.
type policies struct {
	mu     sync.Mutex
	newest *policy
}

// policy reads what the owner has chosen, anew only after a change.
func (i *Inbox) policy(ctx context.Context) (*policy, error) {
	numbers, err := i.db.Generations(ctx, settings.Generation, rulesGeneration)
	if err != nil {
		return nil, err
	}
	i.policies.mu.Lock()
	defer i.policies.mu.Unlock()
	if p := i.policies.newest; p != nil && slices.Equal(p.numbers, numbers) {
		return p, nil
	}
	p := &policy{numbers: numbers}
	if p.words, err = i.settings.Site(ctx); err != nil {
		return nil, err
	}
	if p.answers, err = i.settings.Answers(ctx); err != nil {
		return nil, err
	}
	if p.letters, err = i.settings.Letters(ctx); err != nil {
		return nil, err
	}
	rules, err := i.Rules(ctx)
	if err != nil {
		return nil, err
	}
	p.rules, p.site = inOrder(rules), i.site.with(p.answers.Aliases)
	i.policies.newest = p
	return p, nil
}

// rule finds the narrowest rule about a mention, nil if none is.
func (p *policy) rule(k knock) *Rule {
	for n := range p.rules {
		if p.rules[n].fits(k) {
			return &p.rules[n]
		}
	}
	return nil
}

// moved tells whether an address leads to another site in the end. From one
// bridge to another is no other site.
func (p *policy) moved(source, found string) bool {
	return bareHost(source) != bareHost(found) && !(p.carries(source) && p.carries(found))
}

// suspects tells whether either end of the way to a source is on the owner's list.
func (p *policy) suspects(k knock) bool {
	return p.answers.Suspects.Have(keyHost(k.source)) || p.answers.Suspects.Have(keyHost(k.found))
}

// carries tells whether a bridge lives at a canonical address.
func (p *policy) carries(key string) bool { return p.answers.Bridges.Have(keyHost(key)) }
