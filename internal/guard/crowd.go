package guard

import (
	"cmp"
	"slices"
)

const (
	// crowdMost is how many are remembered at the same time; when there are more,
	// the smaller half is forgotten. Who comes again and again stays, however many
	// others come once.
	crowdMost = 2048
	// crowdKept is how many of a day are written down.
	crowdKept = 200
)

// crowd counts who is refused most, in a bounded amount of memory.
type crowd map[string]*member

// member is one of a crowd.
type member struct {
	name           string
	all, unwritten uint64
	reasons        []reasonCount // few: there is a handful of reasons
}

type reasonCount struct {
	reason string
	n      uint64
}

func (c crowd) add(name, reason string) {
	m := c[name]
	if m == nil {
		if len(c) >= crowdMost {
			c.shrink()
		}
		m = &member{name: name}
		c[name] = m
	}
	m.all++
	m.unwritten++
	for i := range m.reasons {
		if m.reasons[i].reason == reason {
			m.reasons[i].n++
			return
		}
	}
	m.reasons = append(m.reasons, reasonCount{reason, 1})
}

// shrink keeps the larger half.
func (c crowd) shrink() {
	for _, m := range c.largest()[crowdMost/2:] {
		delete(c, m.name)
	}
}

// largest lists the members, the busiest first.
func (c crowd) largest() []*member {
	list := make([]*member, 0, len(c))
	for _, m := range c {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b *member) int { return cmp.Compare(b.all, a.all) })
	return list
}

// mostly is the commonest reason.
func (m *member) mostly() string {
	return slices.MaxFunc(m.reasons, func(a, b reasonCount) int { return cmp.Compare(a.n, b.n) }).reason
}
