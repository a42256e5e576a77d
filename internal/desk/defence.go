package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"hark/internal/authlog"
	"hark/internal/guard"
	"hark/internal/page"
	"hark/internal/settings"
)

// How much of each list the page shows.
const (
	busiestShown = 10
	bansShown    = 50
	linesShown   = 20
)

// defencePage is what desk/defence.html draws.
type defencePage struct {
	frame
	Span    span
	Spans   []span
	Pings   chart
	Logins  chart
	Steps   []step
	Tally   []tally
	Storm   stormNews
	Told    string // what fail2ban and the log have to do with each other
	Lost    string // lines that did not reach the log
	Busiest []busy
	Hosts   []busy
	Bans    []ban
	More    int // bans that are not shown
	Ended   int
	Door    string // requests of those who are banned
	Budgets []allowance
	Spared  string
	Lines   []logLine
	Older   []logLine

	Lengths []option
	Typed   typedBan
	Done    *banned
	Saved   string
	Wrong   wrong
	Problem string
}

// tally is an outcome and how often it came.
type tally struct {
	Class, Name, Say string
	Inbox            bool // it waits there
	N                uint64
}

// stormNews is what is to be said of storms.
type stormNews struct {
	On           bool
	Since, Until when
	Passed       bool // within a day
}

// busy is an address or host that was refused often.
type busy struct {
	Name, Mostly string
	N            uint64
	Banned       bool
}

// ban is a ban in words.
type ban struct {
	Name, By, Until, Why string
	Exact                when
}

// typedBan is what stands in the form.
type typedBan struct{ Address, For, Why string }

// banned is what was just done to a ban, and how it is undone.
type banned struct {
	Name, For, Why string
	Lifted         bool
}

// allowance is a budget with its use.
type allowance struct {
	Word, Name, Says string
	Burst, Minute    string
	Used             string
}

// logLine is a line of the auth log.
type logLine struct {
	At   when
	Text string
}

// Words for how long a ban lasts.
var lengths = []named[string]{{"1h", "for an hour"}, {"24h", "for a day"}, {"168h", "for a week"}, {"720h", "for 30 days"}, {"0", "for good"}}

// defence shows what was turned away, and who is.
func (d *Desk) defence(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	p := defencePage{}
	switch {
	case asked.Has("banned"):
		p.Done = &banned{Name: asked.Get("banned")}
	case asked.Has("lifted"):
		p.Done = &banned{Name: asked.Get("lifted"), For: asked.Get("for"), Why: asked.Get("why"), Lifted: true}
	case asked.Has("saved"):
		p.Saved = "Saved. It holds from now on."
	}
	return d.sendDefence(w, r, http.StatusOK, p)
}

func (d *Desk) sendDefence(w http.ResponseWriter, r *http.Request, status int, p defencePage) (err error) {
	if p.frame, err = d.frame(r, "Defence", "defence"); err != nil {
		return err
	}
	p.Span, p.Spans = spanned(r.URL.Query().Get("span")), spans
	if p.Lengths == nil {
		p.Lengths = options(lengths, "24h")
	}
	if p.Budgets == nil {
		chosen, err := d.settings.Defence(r.Context())
		if err != nil {
			return err
		}
		p.Budgets, p.Spared = d.allowances(chosen), string(chosen.Spared)
	}
	p.Storm = d.stormNews()
	p.Told, p.Lost = destination(d.authlog.Destination()), lost(d.authlog.Failed())
	p.Lines = d.logLines()
	if len(p.Lines) > linesShown {
		p.Lines, p.Older = p.Lines[:linesShown], p.Lines[linesShown:]
	}
	if err := d.fillCounts(r.Context(), &p); err != nil {
		return err
	}
	if err := d.fillBans(r.Context(), &p); err != nil {
		return err
	}
	return d.send(w, status, "defence", p)
}

// fillCounts fills in what was counted.
func (d *Desk) fillCounts(ctx context.Context, p *defencePage) error {
	books := d.guard.Books()
	if err := books.Write(ctx); err != nil {
		d.log.Warn("the newest numbers are not on the page", "error", err)
	}
	begin := p.Span.begin(d.now().In(d.settings.KnownZone()))
	sums, err := books.Sums(ctx, begin, p.Span.step, p.Span.steps)
	if err != nil {
		return err
	}
	p.Steps = p.Span.sort(sums, begin, p.book)
	p.Pings, p.Logins = pingsChart(p.Span, p.Steps), loginsChart(p.Span, p.Steps)
	p.Tally = tallied(sums)
	for sort, list := range map[string]*[]busy{guard.ByAddress: &p.Busiest, guard.ByHost: &p.Hosts} {
		found, err := books.Busiest(ctx, sort, begin, busiestShown)
		if err != nil {
			return err
		}
		for _, one := range found {
			*list = append(*list, busy{one.Name, mostly(one.Mostly), one.N, sort == guard.ByAddress && d.isBanned(one.Name)})
		}
	}
	return nil
}

// isBanned tells whether all of a network that a page names is banned.
func (d *Desk) isBanned(name string) bool {
	network, err := guard.ParseNetwork(name)
	return err == nil && d.bans.Banned(network.Addr())
}

// mostly is a reason in a word.
func mostly(reason string) string {
	if reason == guard.LoginFailed {
		return "failed logins"
	}
	if words, known := reasons[authlog.Reason(reason)]; known {
		return strings.ToLower(words.name)
	}
	return reason
}

// tallied adds up the outcomes of pings. Those that never came are left out, but
// for the two that one hopes for.
func tallied(sums []guard.Sum) []tally {
	of := map[string]uint64{}
	for _, s := range sums {
		switch {
		case s.Door == guard.Logins:
		case s.Outcome == guard.Refused:
			of[s.Reason] += s.N
		default:
			of["= "+s.Outcome] += s.N
		}
	}
	list := []tally{
		{"f-shown", "Shown", "The link was there, and nothing spoke against it.", false, of["= "+guard.Shown]},
		{"f-held", "Held", "", true, of["= "+guard.Held]},
	}
	if n := of["= "+guard.Spam]; n > 0 {
		list = append(list, tally{groups[0].class, "Spam", "The link was there, and much spoke against it.", false, n})
	}
	var refused []tally
	for _, reason := range authlog.Reasons() {
		if n := of[string(reason)]; n > 0 {
			words := reasons[reason]
			refused = append(refused, tally{groups[words.group].class, words.name, words.say, false, n})
		}
	}
	order := func(t tally) int {
		return slices.IndexFunc(groups[:], func(g group) bool { return g.class == t.Class })
	}
	slices.SortStableFunc(refused, func(a, b tally) int { return cmp.Compare(order(a), order(b)) })
	return append(list, refused...)
}

func (d *Desk) stormNews() (s stormNews) {
	since, on := d.guard.Storm()
	if on {
		return stormNews{On: true, Since: d.when(since)}
	}
	if last, was := d.guard.LastStorm(); was && d.now().Sub(last.Until) < 24*time.Hour {
		return stormNews{Passed: true, Since: d.when(last.Since), Until: d.when(last.Until)}
	}
	return stormNews{}
}

// destination says whether fail2ban can read the log where it is.
func destination(where string) string {
	kind, rest, _ := strings.Cut(where, ":")
	switch kind {
	case "file":
		return "The lines go to " + rest + ". fail2ban reads them if its jails name that file as their logpath."
	case "syslog+udp":
		return "The lines go to another machine (" + strings.TrimPrefix(rest, "//") + "). fail2ban has to run there."
	case "stderr":
		return "The lines go to standard error. fail2ban reads them where systemd runs hark and keeps them in its journal, and nowhere else."
	}
	return "The lines go to the system’s log. fail2ban reads them there: in the journal by the jails that come with hark, or in auth.log and syslog."
}

func lost(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s since the start did not reach the log and went to standard error. Is the log daemon running?", plural(int(n), "line"))
}

func (d *Desk) logLines() []logLine {
	var list []logLine
	for _, line := range d.authlog.Recent() {
		list = append(list, logLine{d.when(line.At), line.Text})
	}
	return list
}

// fillBans fills in who is banned.
func (d *Desk) fillBans(ctx context.Context, p *defencePage) error {
	list, err := d.bans.List(ctx)
	if err != nil {
		return err
	}
	now := d.now()
	for _, one := range list {
		switch {
		case !one.Holds(now):
			p.Ended++
		case len(p.Bans) == bansShown:
			p.More++
		default:
			drawn := ban{Name: one.Name(), By: bannedBy(one.By), Until: "for good", Why: one.Why, Exact: d.when(one.Until)}
			if !one.Until.IsZero() {
				drawn.Until = "ends " + d.until(one.Until)
			}
			p.Bans = append(p.Bans, drawn)
		}
	}
	if n := d.bans.TurnedAway(); n > 0 {
		p.Door = plural(int(n), "request") + " of theirs " + map[bool]string{true: "was", false: "were"}[n == 1] + " turned away since the start."
	}
	return nil
}

func bannedBy(by string) string {
	if jail, ours := strings.CutPrefix(by, "fail2ban-"); ours {
		return "fail2ban (" + jail + ")"
	}
	return by
}

// allowances are the budgets with what of them is used now.
func (d *Desk) allowances(chosen settings.Defence) []allowance {
	uses := d.guard.Uses()
	of := func(word, name, says string, a settings.Allowance, u guard.Use) allowance {
		burst, minute := a.Numbers()
		return allowance{word, name, says, fmt.Sprint(burst), fmt.Sprint(minute), used(u)}
	}
	return []allowance{
		of("address", "One address", "IPv6: one /64", chosen.Address, uses.Address),
		of("network", "Its network", "IPv4: /24, IPv6: /48", chosen.Network, uses.Network),
		of("source", "One source", "the host of the page that links", chosen.Source, uses.Source),
		of("target", "One post", "beyond it, answers wait for you", chosen.Target, uses.Target),
		of("total", "All together", "", chosen.Total, uses.Total),
		of("junk", "False pingbacks", "beyond it, a storm; 0: never", chosen.Junk, uses.Junk),
	}
}

func used(u guard.Use) string {
	if u.Used == 0 {
		return "nothing"
	}
	words := fmt.Sprint(u.Used)
	if u.Most != "" {
		words += " by " + u.Most
	}
	switch {
	case u.Most == "" || u.Empty == 0:
	case u.Empty == 1:
		words += "; one has none left"
	default:
		words += fmt.Sprintf("; %d have none left", u.Empty)
	}
	return words
}

// changeBan bans, or lifts a ban.
func (d *Desk) changeBan(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	switch fields.Get("do") {
	case "ban":
		return d.ban(w, r, fields)
	case "lift":
		return d.lift(w, r, fields)
	}
	return &page.Error{Status: http.StatusBadRequest}
}

func (d *Desk) ban(w http.ResponseWriter, r *http.Request, fields url.Values) error {
	typed := typedBan{fields.Get("address"), fields.Get("for"), fields.Get("why")}
	network, err := guard.ParseNetwork(typed.Address)
	length, known := time.ParseDuration(typed.For)
	if err == nil && (known != nil || length < 0) {
		return &page.Error{Status: http.StatusBadRequest}
	}
	one := guard.Ban{Network: network, By: d.Who(r).Name, Why: typed.Why}
	if length > 0 {
		one.Until = d.now().Add(length)
	}
	if err == nil && shutsOut(one, from(r)) {
		err = &guard.Unbannable{Text: "You are there yourself: your own address is " + from(r).String() + "."}
	}
	if err == nil {
		err = d.bans.Add(r.Context(), one)
	}
	if unbannable := (*guard.Unbannable)(nil); errors.As(err, &unbannable) {
		return d.sendDefence(w, r, http.StatusUnprocessableEntity, defencePage{Typed: typed, Lengths: options(lengths, typed.For), Wrong: wrong{"ban": unbannable.Text}})
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, "/desk/defence?"+url.Values{"banned": {one.Name()}}.Encode())
}

// shutsOut tells whether a ban would be about the one who makes it.
func shutsOut(b guard.Ban, by netip.Addr) bool { return by.IsValid() && b.Covers().Contains(by) }

func (d *Desk) lift(w http.ResponseWriter, r *http.Request, fields url.Values) error {
	network, err := guard.ParseNetwork(fields.Get("address"))
	if err != nil {
		return &page.Error{Status: http.StatusBadRequest, Err: err}
	}
	list, err := d.bans.List(r.Context())
	if err != nil {
		return err
	}
	back := url.Values{"lifted": {guard.Ban{Network: network}.Name()}}
	for _, one := range list {
		if one.Network == network && one.Holds(d.now()) {
			left := time.Duration(0)
			if !one.Until.IsZero() {
				left = one.Until.Sub(d.now()).Round(time.Second)
			}
			back.Set("for", left.String())
			back.Set("why", one.Why)
		}
	}
	if err := d.bans.Lift(r.Context(), network, ""); err != nil {
		return err
	}
	return seeOther(w, r, "/desk/defence?"+back.Encode())
}

// saveDefence keeps the budgets and who is spared, or takes back the budgets that
// hark comes with. The guard goes by them at once.
func (d *Desk) saveDefence(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	chosen := settings.DefaultDefence
	if fields.Get("do") != "defaults" {
		of := func(word string) settings.Allowance {
			return settings.Allowance(fields.Get(word+"_burst") + " " + fields.Get(word+"_minute"))
		}
		chosen.Address, chosen.Network, chosen.Source = of("address"), of("network"), of("source")
		chosen.Target, chosen.Total, chosen.Junk = of("target"), of("total"), of("junk")
	}
	chosen.Spared = settings.Networks(fields.Get("spared"))
	if err := d.settings.SaveDefence(r.Context(), chosen); err != nil {
		status, again := unsaved(err)
		if status == 0 {
			return err
		}
		return d.sendDefence(w, r, status, defencePage{Wrong: again.Wrong, Problem: again.Problem,
			Budgets: typedAllowances(d.allowances(chosen), fields), Spared: fields.Get("spared")})
	}
	if err := errors.Join(d.guard.Look(r.Context()), d.bans.Look(r.Context())); err != nil {
		return err
	}
	return seeOther(w, r, "/desk/defence?saved#budgets")
}

// typedAllowances puts back what was typed.
func typedAllowances(list []allowance, fields url.Values) []allowance {
	for i := range list {
		list[i].Burst, list[i].Minute = fields.Get(list[i].Word+"_burst"), fields.Get(list[i].Word+"_minute")
	}
	return list
}
