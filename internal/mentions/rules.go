package mentions

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"hark/internal/database"
)

// Stance is what a rule says.
type Stance string

// The stances.
const (
	Trust Stance = "trust" // shown at once, whatever else speaks against it
	Block Stance = "block" // never shown; its sender cannot tell
)

// Scope is what a rule is about.
type Scope string

// The scopes, the narrowest first: of several rules that fit the narrowest counts.
const (
	ByAuthor Scope = "author" // the address of an author, through bridges too
	ByPrefix Scope = "prefix" // a source's address, up to the end of a part of it
	ByHost   Scope = "host"   // where the source lives
	BySuffix Scope = "suffix" // a domain with all below it
	BySender Scope = "sender" // the address, or network, that sent the mention
)

var scopes = []Scope{ByAuthor, ByPrefix, ByHost, BySuffix, BySender}

// Rule is what the owner has said once and for all. It is listed, and can be
// taken back.
type Rule struct {
	ID      string
	Stance  Stance
	Scope   Scope
	Value   string // in its one spelling
	Created time.Time
	By      string // the name of who made it
	Hits    int    // how often it has decided
	Hit     time.Time
}

// Invalid says which field of a rule cannot be kept, and why, in a sentence.
type Invalid struct{ Field, Text string }

func (e *Invalid) Error() string { return e.Field + ": " + e.Text }

// rulesGeneration is the name that moves when a rule does.
const rulesGeneration = "rules"

// AddRule makes a rule, and has it decide about what is there already: what it
// trusts and waits is shown, what it blocks is spam. A rule about the same is
// replaced. What cannot be a rule is an *Invalid.
func (i *Inbox) AddRule(ctx context.Context, stance Stance, scope Scope, value, who string) (Done, error) {
	p, err := i.policy(ctx)
	if err != nil {
		return Done{}, err
	}
	rule := Rule{ID: database.NewID(), Stance: stance, Scope: scope, Value: value, By: who, Created: i.now()}
	if err := rule.check(p); err != nil {
		return Done{}, err
	}
	return i.enact(ctx, who, []Rule{rule}, nil)
}

// RemoveRule takes a rule back. What it has decided stays as it is.
func (i *Inbox) RemoveRule(ctx context.Context, id string) error {
	return i.db.InTx(ctx, func(tx *database.Tx) error { return removeRule(tx, id) })
}

func removeRule(tx *database.Tx, id string) error {
	n, err := tx.Exec("DELETE FROM rules WHERE id = $1", id)
	if err != nil {
		return fmt.Errorf("remove rule: %w", err)
	}
	if n == 0 {
		return ErrNotFound
	}
	tx.Touch(rulesGeneration)
	return nil
}

// Rules lists them, the newest first.
func (i *Inbox) Rules(ctx context.Context) ([]Rule, error) {
	rows, err := i.db.Query(ctx, "SELECT "+ruleColumns+" FROM rules ORDER BY created_at DESC, id DESC")
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	defer rows.Close()
	var list []Rule
	for rows.Next() {
		r, err := scanRule(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, *r)
	}
	return list, rows.Err()
}

const ruleColumns = "id, verdict, kind, value, created_at, created_by, hits, hit_at"

func scanRule(row interface{ Scan(...any) error }) (*Rule, error) {
	var r Rule
	var stance, scope string
	var created, hit int64
	if err := row.Scan(&r.ID, &stance, &scope, &r.Value, &created, &r.By, &r.Hits, &hit); err != nil {
		return nil, err
	}
	r.Stance, r.Scope, r.Created, r.Hit = Stance(stance), Scope(scope), database.Time(created), database.Time(hit)
	return &r, nil
}

// ruleAbout is the rule that is there about something, nil if none is.
func ruleAbout(tx *database.Tx, scope Scope, value string) (*Rule, error) {
	r, err := scanRule(tx.QueryRow("SELECT "+ruleColumns+" FROM rules WHERE kind = $1 AND value = $2", string(scope), value))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return r, err
}

// save writes the rule in place of one about the same. The key is its own, so that
// who undoes the older one does not find the newer.
func (r *Rule) save(tx *database.Tx) error {
	_, err := tx.Exec(`
		INSERT INTO rules (id, verdict, kind, value, created_at, created_by, hits, hit_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (kind, value) DO UPDATE
		SET id = excluded.id, verdict = excluded.verdict, created_at = excluded.created_at, created_by = excluded.created_by,
			hits = excluded.hits, hit_at = excluded.hit_at`,
		r.ID, string(r.Stance), string(r.Scope), r.Value, r.Created.Unix(), r.By, r.Hits, database.Unix(r.Hit))
	if err != nil {
		return fmt.Errorf("save rule: %w", err)
	}
	tx.Touch(rulesGeneration)
	return nil
}

// hit counts that a rule has decided. It moves no generation: nothing that is
// shown depends on it.
func hit(tx *database.Tx, id string, now time.Time) error {
	_, err := tx.Exec("UPDATE rules SET hits = hits + 1, hit_at = $1 WHERE id = $2", now.Unix(), id)
	if err != nil {
		return fmt.Errorf("count hit: %w", err)
	}
	return nil
}

// check brings the value into its one spelling, and refuses what would do
// nothing or too much.
func (r *Rule) check(p *policy) error {
	if r.Stance != Trust && r.Stance != Block {
		return &Invalid{"stance", "Trust, or block?"}
	}
	if err := r.spell(); err != nil {
		return err
	}
	if p.site.covers(*r) {
		return &Invalid{"value", "That is this site itself. What you link to yourself needs no rule."}
	}
	host := r.Value
	if r.Scope == ByPrefix {
		host, _, _ = strings.Cut(r.Value, "/")
	}
	onHost := r.Scope == ByHost || r.Scope == BySuffix || r.Scope == ByPrefix
	if r.Stance == Trust && onHost && p.answers.Bridges.Have(host) {
		return &Invalid{"value", "That is a bridge: everybody's words come through it, so there is nobody to trust. Trust its authors one by one."}
	}
	return nil
}

func (r *Rule) spell() error {
	typed := strings.TrimSpace(r.Value)
	switch r.Scope {
	case ByAuthor, ByPrefix:
		u, err := url.Parse(withScheme(typed))
		if r.Value = canonical(withScheme(typed)); err != nil || u.User != nil || r.Value == "" || len(r.Value) > longestKey || strings.ContainsAny(typed, " \t") {
			return &Invalid{"value", "That is no web address. Write it whole, like https://example.org/anna."}
		}
	case ByHost, BySuffix:
		host, _, _ := strings.Cut(canonical(withScheme(strings.TrimPrefix(typed, "*."))), "/")
		if r.Value = strings.TrimPrefix(host, "www."); host == "" || strings.ContainsAny(typed, " \t") {
			return &Invalid{"value", "That is no host. Write it like example.org."}
		}
		if r.Scope == BySuffix && !strings.Contains(r.Value, ".") {
			return &Invalid{"value", "That would be everybody below " + r.Value + ". Write a domain like example.org."}
		}
	case BySender:
		network, err := network(typed)
		if err != nil {
			return &Invalid{"value", "That is no network address. Write it like 203.0.113.7 or 203.0.113.0/24."}
		}
		r.Value = network.String()
	default:
		return &Invalid{"scope", "An author, a host, a domain, the beginning of an address, or a sender?"}
	}
	return nil
}

func withScheme(typed string) string {
	if strings.Contains(typed, "://") {
		return typed
	}
	return "https://" + typed
}

// network reads one address or a whole network.
func network(typed string) (netip.Prefix, error) {
	if one, err := netip.ParseAddr(typed); err == nil {
		one = one.Unmap().WithZone("")
		return netip.PrefixFrom(one, one.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(typed)
	if err != nil || prefix.Addr().Is4In6() {
		return netip.Prefix{}, errors.New("no network")
	}
	return prefix.Masked(), nil
}

// knock is what is known of a mention when rules are asked.
type knock struct {
	source  string // its canonical address
	author  string // canonical; empty before its source was read
	carried bool   // by a bridge
	found   string // where the source was in the end, canonical; empty before it was read
	moved   bool   // that is another site than the source's
	from    netip.Addr
}

// fits tells whether a rule is about a mention. Whom a page names as its author
// is only believed if the author lives there, or a bridge says so: else anybody
// could be trusted by naming a friend. Nor is an address trusted that leads
// elsewhere: else a friend's page that sends its readers on would be enough. A
// block needs no such proof, and is about both ends of such a way.
func (r *Rule) fits(k knock) bool {
	switch r.Scope {
	case ByAuthor:
		return k.author == r.Value && (r.Stance == Block || !k.moved && (k.carried || bareHost(k.source) == bareHost(k.author)))
	case BySender:
		network, err := netip.ParsePrefix(r.Value)
		return err == nil && network.Contains(k.from.Unmap())
	}
	source, found := r.reaches(k.source), r.reaches(cmp.Or(k.found, k.source))
	if r.Stance == Block {
		return source || found
	}
	return source && found && !k.carried
}

// reaches tells whether a rule about addresses is about this one.
func (r *Rule) reaches(key string) bool {
	host := bareHost(key)
	switch r.Scope {
	case ByPrefix:
		return within(key, r.Value)
	case ByHost:
		return host == r.Value
	case BySuffix:
		return host == r.Value || strings.HasSuffix(host, "."+r.Value)
	}
	return false
}

// within tells whether key is prefix, or goes on from it with a further part.
func within(key, prefix string) bool {
	rest, ok := strings.CutPrefix(key, prefix)
	return ok && (rest == "" || rest[0] == '/' || rest[0] == '?')
}

// bareHost is keyHost without www., for who asks whether two addresses belong
// to the same site.
func bareHost(key string) string { return strings.TrimPrefix(keyHost(key), "www.") }

// keyHost is the host of a canonical address.
func keyHost(key string) string {
	if end := strings.IndexAny(key, "/?"); end >= 0 {
		return key[:end]
	}
	return key
}

// inOrder sorts rules so that the narrowest comes first.
func inOrder(rules []Rule) []Rule {
	slices.SortStableFunc(rules, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(slices.Index(scopes, a.Scope), slices.Index(scopes, b.Scope)), cmp.Compare(len(b.Value), len(a.Value)))
	})
	return rules
}
