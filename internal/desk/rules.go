package desk

import (
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"hark/internal/mentions"
	"hark/internal/page"
)

// rulesPage is what desk/rules.html draws.
type rulesPage struct {
	frame
	Rules   []rule
	Stances []option
	Scopes  []option
	Value   string // as typed
	Wrong   wrong
	Problem string
	Done    *done
	Gone    bool // one was just taken back
}

// rule is a rule in words.
type rule struct {
	ID, Stance, Scope, Value string
	By                       string
	Made                     when
	Hits                     string
	Hit                      when
	Trusts                   bool
}

var stances = []named[mentions.Stance]{{mentions.Trust, "Trust: show at once"}, {mentions.Block, "Block: never show"}}

var scopes = []named[mentions.Scope]{
	{mentions.ByAuthor, "the author at"}, {mentions.ByPrefix, "pages that begin with"}, {mentions.ByHost, "the host"},
	{mentions.BySuffix, "the domain, with all below it,"}, {mentions.BySender, "the sender at the network address"},
}

// rules shows what was said once and for all.
func (d *Desk) rules(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	done, err := d.done(r.Context(), asked, place{at: rulesPlace})
	if err != nil {
		return err
	}
	return d.sendRules(w, r, http.StatusOK, rulesPage{Done: done, Gone: asked.Has("gone")})
}

func (d *Desk) sendRules(w http.ResponseWriter, r *http.Request, status int, p rulesPage) (err error) {
	if p.frame, err = d.frame(r, "Rules", "inbox"); err != nil {
		return err
	}
	if p.Stances == nil {
		p.Stances, p.Scopes = options(stances, mentions.Trust), options(scopes, mentions.ByAuthor)
	}
	list, err := d.inbox.Rules(r.Context())
	if err != nil {
		return err
	}
	for _, one := range list {
		p.Rules = append(p.Rules, d.ruleOf(one))
	}
	return d.send(w, status, "rules", p)
}

func (d *Desk) ruleOf(one mentions.Rule) rule {
	drawn := rule{ID: one.ID, Stance: "Blocked", Value: one.Value, By: one.By, Made: d.when(one.Created), Hit: d.when(one.Hit), Trusts: one.Stance == mentions.Trust}
	if drawn.Trusts {
		drawn.Stance = "Trusted"
	}
	for _, scope := range scopes {
		if scope.value == one.Scope {
			drawn.Scope = scope.name
		}
	}
	switch one.Hits {
	case 0:
		drawn.Hits = "It has not decided yet."
	case 1:
		drawn.Hits = "It has decided once"
	default:
		drawn.Hits = "It has decided " + plural(one.Hits, "time")
	}
	return drawn
}

// addRule makes a rule, or answers with what was typed and why it cannot be.
func (d *Desk) addRule(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	stance, scope, value := mentions.Stance(fields.Get("stance")), mentions.Scope(fields.Get("scope")), strings.TrimSpace(fields.Get("value"))
	done, err := d.inbox.AddRule(r.Context(), stance, scope, value, d.Who(r).Name)
	if invalid := (*mentions.Invalid)(nil); errors.As(err, &invalid) {
		return d.sendRules(w, r, http.StatusUnprocessableEntity, rulesPage{
			Stances: options(stances, stance), Scopes: options(scopes, scope), Value: fields.Get("value"), Wrong: wrong{invalid.Field: invalid.Text}})
	}
	if err != nil {
		return err
	}
	did := mentions.BlockHost
	if stance == mentions.Trust {
		did = mentions.TrustAuthor
	}
	return seeOther(w, r, place{at: rulesPlace}.address(told(did, done)...))
}

// takeBack removes a rule.
func (d *Desk) takeBack(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	if fields.Get("do") != "remove" {
		return &page.Error{Status: http.StatusBadRequest}
	}
	err = d.inbox.RemoveRule(r.Context(), chi.URLParam(r, "id"))
	if errors.Is(err, mentions.ErrNotFound) {
		return d.problem(w, r, http.StatusNotFound, place{at: rulesPlace}, "That rule is gone already. Nothing was done.")
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, place{at: rulesPlace}.address(carried{"gone", ""}))
}
