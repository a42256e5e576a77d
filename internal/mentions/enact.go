package mentions

import (
	"context"
	"errors"
	"slices"

	"hark/internal/database"
)

// makeRules makes a rule of each mention's author or host, and decides about all
// that it covers.
func (i *Inbox) makeRules(ctx context.Context, d Decision, who string, ids []string) (Done, error) {
	p, err := i.policy(ctx)
	if err != nil {
		return Done{}, err
	}
	var rules []Rule
	for _, id := range ids {
		m, err := i.ByID(ctx, id)
		if err != nil {
			return Done{}, err
		}
		rule, ok := i.ruleOf(p, m, d)
		if !ok {
			return Done{}, ErrNobody
		}
		rule.By = who
		same := func(r Rule) bool { return r.Value == rule.Value }
		if !slices.ContainsFunc(rules, same) {
			rules = append(rules, rule)
		}
	}
	return i.enact(ctx, who, rules, ids)
}

// ruleOf is the rule that a decision about a mention asks for. There is none
// about ourselves, about a bridge, or about an author without an address.
func (i *Inbox) ruleOf(p *policy, m *Mention, d Decision) (Rule, bool) {
	rule := Rule{ID: database.NewID(), Created: i.now(), Stance: Block, Scope: ByHost, Value: keyHost(m.key)}
	if d != BlockHost {
		rule.Scope, rule.Value = ByAuthor, m.AuthorURL
	}
	if d == TrustAuthor {
		rule.Stance = Trust
	}
	if m.Via == Own || d == BlockHost && p.carries(m.key) || rule.check(p) != nil {
		return rule, false
	}
	return rule, d == BlockHost || rule.fits(p.knock(m))
}

// Rulable tells for which of the decisions that make a rule there is somebody
// to make it about.
func (i *Inbox) Rulable(ctx context.Context, m *Mention) (map[Decision]bool, error) {
	p, err := i.policy(ctx)
	if err != nil {
		return nil, err
	}
	able := map[Decision]bool{}
	for _, d := range []Decision{TrustAuthor, BlockAuthor, BlockHost} {
		_, able[d] = i.ruleOf(p, m, d)
	}
	return able, nil
}

// knock is what rules ask about a mention that is stored.
func (p *policy) knock(m *Mention) knock {
	moved := slices.ContainsFunc(m.Signs, func(s Sign) bool { return s.Name == leadsOn })
	return knock{source: m.key, author: canonical(m.AuthorURL), carried: p.carries(m.key), from: m.from, moved: moved}
}

// mostCovered bounds how many mentions a new rule decides about at once.
const mostCovered = 5000

// enact saves rules and decides about what is there already and they cover, and
// about the mentions they were made from: what is trusted is shown, what is
// blocked is spam. All of it is one decision.
func (i *Inbox) enact(ctx context.Context, who string, rules []Rule, from []string) (done Done, err error) {
	covered := slices.Clone(from)
	for n := range rules {
		more, err := i.covered(ctx, &rules[n])
		if err != nil {
			return done, err
		}
		covered = append(covered, more...)
	}
	err = i.db.InTx(ctx, func(tx *database.Tx) error {
		b := i.batch(tx, who, TrustAuthor)
		for _, rule := range rules {
			if err := b.rule(rule); err != nil {
				return err
			}
		}
		for _, id := range ordered(covered) {
			if err := b.cover(id); err != nil {
				return err
			}
		}
		done, err = b.close()
		return err
	})
	return done, err
}

// rule saves a rule as part of the decision.
func (b *batch) rule(rule Rule) error {
	was, err := ruleAbout(b.tx, rule.Scope, rule.Value)
	if err != nil {
		return err
	}
	if err := rule.save(b.tx); err != nil {
		return err
	}
	if b.done.Rule = rule.ID; rule.Stance == Block {
		b.want = BlockHost
	}
	return b.remember("", was, b.inbox.now())
}

// cover decides about one mention, unless the rule comes too early or too late
// for it.
func (b *batch) cover(id string) error {
	r, err := lock(b.tx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	case r.State == Removed, b.want == TrustAuthor && r.Verified.IsZero():
		return nil
	}
	return b.decide(r)
}

// covered finds the mentions that a rule is about and would move.
func (i *Inbox) covered(ctx context.Context, rule *Rule) ([]string, error) {
	p, err := i.policy(ctx)
	if err != nil {
		return nil, err
	}
	where, few := "$1 <> ''", true
	switch rule.Scope {
	case ByAuthor:
		where = "author_key = $1 AND author_key <> ''" // as the index has it
	case ByHost:
		where = "host IN ($1, 'www.' || $1)"
	default:
		few = false
	}
	states := "'held', 'spam'"
	if rule.Stance == Block {
		states = "'held', 'shown', 'waiting'"
	}
	list, err := i.list(ctx, "SELECT "+columns+" FROM mentions WHERE "+where+" AND via <> 'own' AND "+stateOf(few)+" IN ("+states+") ORDER BY "+receivedAt(few)+" DESC LIMIT $2", rule.Value, mostCovered)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, m := range list {
		if rule.fits(p.knock(m)) {
			ids = append(ids, m.ID)
		}
	}
	return ids, nil
}
