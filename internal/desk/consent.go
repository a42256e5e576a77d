package desk

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/indieauth"
	"hark/internal/page"
)

// asking is an app's request that may be answered, and who is asked.
type asking struct {
	*indieauth.Request
	client client
	user   *auth.User
	me     string // whom the app is told that the user is
	email  string // that the app may be told; empty for none
}

// lives are how long an app may be allowed what it asks for.
var lives = []named[string]{
	{"day", "a day"}, {"month", "a month"}, {"year", "a year"}, {"ever", "until you revoke it"},
}

var lifeOf = map[string]time.Duration{"day": 24 * time.Hour, "month": 30 * 24 * time.Hour, "year": 365 * 24 * time.Hour, "ever": 0}

// consentPage is what desk/consent.html draws.
type consentPage struct {
	frame
	App     appFace
	Address string // the whole of the app's, where that is more than its host
	About   string // its page, empty for none
	Unread  string // why nothing is known of it
	To      string // where the answer goes, if it is elsewhere
	Who     string // the user's name
	Me      string
	Typed   string // whom the user said there to be, if that is another
	Old     bool   // it gives no proof
	Scopes  []option
	Strange []string // scopes that nobody here knows
	Lives   []option
	Fields  []carried
	Wrong   wrong
}

// appFace is how an app is shown.
type appFace struct {
	Name, Host string
	Logo       string // the address of its picture; empty for an initial
	Initial    string
}

func faceOf(name, address, logoKey string) appFace {
	host := indieauth.Host(address)
	f := appFace{Name: name, Host: host, Initial: initial(name)}
	if name == "" {
		f.Name, f.Initial = host, initial(host)
	}
	if logoKey != "" {
		f.Logo = "/auth/logo/" + logoKey
	}
	return f
}

func initial(name string) string {
	for _, r := range name {
		return strings.ToUpper(string(r))
	}
	return "?"
}

// consent asks the user whether an app gets what it asks for.
func (d *Desk) consent(w http.ResponseWriter, r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		query = url.Values{}
	}
	a, done, err := d.asked(w, r, query)
	if done || err != nil {
		return err
	}
	if known, err := d.proven(w, r, a); !known || err != nil {
		return err
	}
	return d.sendConsent(w, r, http.StatusOK, a, a.Scopes, "month", nil)
}

// asked reads what an app asks for. If that cannot be answered yet, or at all, it
// says so, and is done.
func (d *Desk) asked(w http.ResponseWriter, r *http.Request, query url.Values) (a *asking, done bool, err error) {
	request, wrong := indieauth.ReadRequest(query)
	if request == nil {
		return nil, true, d.sendNoConsent(w, r, http.StatusBadRequest, noConsentPage{
			Text: "An app has sent you here, and did not say rightly who it is or where the answer goes. Whoever makes it can mend that.", Detail: refusalText(wrong)})
	}
	a = &asking{Request: request, user: d.Who(r)}
	if a.client, err = d.clients.look(r.Context(), request.Client); err != nil {
		return nil, true, err
	}
	if done, err = d.unanswerable(w, r, a, wrong); done || err != nil {
		return nil, true, err
	}
	return a, false, nil
}

// proven makes sure that nobody has found a browser open, where an app is to do
// more than know who somebody is. Otherwise it asks for a proof.
func (d *Desk) proven(w http.ResponseWriter, r *http.Request, a *asking) (bool, error) {
	writes := slices.ContainsFunc(a.Scopes, func(one string) bool { return slices.Contains(auth.Scopes(), one) })
	known, err := d.isFresh(r)
	if err != nil || known || !writes {
		return known || !writes, err
	}
	return false, d.askProof(w, r, "/auth?"+a.Values().Encode())
}

// unanswerable says why a request cannot be answered, if it cannot. The app is
// told as well if the user goes back to it: nobody is sent to an address that
// somebody else made up without a look at it.
func (d *Desk) unanswerable(w http.ResponseWriter, r *http.Request, a *asking, wrong error) (done bool, err error) {
	p := noConsentPage{App: faceOf(a.client.Name, a.Client, a.client.LogoKey), Unread: a.client.Problem}
	if !a.client.Takes(a.Request) {
		p.Text = "It wants the answer to go to " + a.To() + ", and does not name that address as one of its own. So nothing is sent there."
		return true, d.sendNoConsent(w, r, http.StatusBadRequest, p)
	}
	refuse := func(status int, code, text string) error {
		p.Back = template.URL(a.Refuse(code, text, d.issuer()))
		return d.sendNoConsent(w, r, status, p)
	}
	if refusal := (*indieauth.Error)(nil); errors.As(wrong, &refusal) {
		p.Text, p.Detail = "It asks in a way that this site does not understand. Whoever makes it can mend that.", refusal.Text
		return true, refuse(http.StatusBadRequest, refusal.Code, refusal.Text)
	}
	a.me, p.Text, err = d.me(r, a.user)
	if err != nil {
		return true, err
	}
	if p.Text != "" {
		return true, refuse(http.StatusForbidden, indieauth.AccessDenied, "This account has no address here.")
	}
	letters, err := d.settings.Letters(r.Context())
	if err != nil {
		return true, err
	}
	a.email = letters.To
	if !a.Old {
		return false, nil
	}
	old, err := d.gate.OldApps(r.Context(), a.user.ID)
	if err != nil || slices.Contains(old, a.Client) {
		return err != nil, err
	}
	p.Text = "It is made as such apps were some years ago: it gives no proof that the code which it is handed reaches it and nobody else (PKCE). If there is no newer one, and you trust it all the same, you can let this one app in without."
	p.Old = appsPath + "?" + url.Values{"old": {a.Client}}.Encode()
	return true, refuse(http.StatusBadRequest, "invalid_request", "code_challenge is missing, with code_challenge_method S256 and response_type code.")
}

// me is whom other sites are told that a user is: the site's own address is that
// of its first owner, and everybody else is their page. For those who have none yet
// the sentence says so.
func (d *Desk) me(r *http.Request, user *auth.User) (address, sentence string, err error) {
	path, err := d.gate.Me(r.Context(), user.ID, d.posts.HasListed)
	if err != nil {
		return "", "", err
	}
	if path == "" {
		return "", "You have no page here yet by which others could know you. It is there once you have published something, or said something about yourself, in your account under ‘Your page’. To write with an app before that, make a token for it by hand, under ‘Apps’.", nil
	}
	return d.url + path, "", nil
}

// issuer is what the site calls itself (IndieAuth, section 3.1).
func (d *Desk) issuer() string { return d.url + "/" }

func refusalText(err error) string {
	if refusal := (*indieauth.Error)(nil); errors.As(err, &refusal) {
		return refusal.Text
	}
	return ""
}

func (d *Desk) sendConsent(w http.ResponseWriter, r *http.Request, status int, a *asking, chosen []string, life string, wrong wrong) error {
	p := consentPage{
		App: faceOf(a.client.Name, a.Client, a.client.LogoKey), About: a.client.Page, Unread: a.client.Problem,
		Who: a.user.DisplayName, Me: a.me, Old: a.Old, Lives: options(lives, life), Wrong: wrong,
	}
	var err error
	if p.frame, err = d.frame(r, "Let an app in", ""); err != nil {
		return err
	}
	p.User = nil // it is a door, and has no bar
	if a.Client != "https://"+p.App.Host+"/" {
		p.Address = a.Client
	}
	if !a.AtHome() {
		p.To = a.To()
	}
	if a.Me != "" && a.Me != a.me {
		p.Typed = a.Me
	}
	p.fillScopes(a, chosen)
	for name, values := range a.Values() {
		p.Fields = append(p.Fields, carried{name, values[0]})
	}
	slices.SortFunc(p.Fields, func(x, y carried) int { return strings.Compare(x.Name, y.Name) })
	page.FormsTo(w.Header(), a.Origin())
	return d.send(w, status, "consent", p)
}

// fillScopes offers what is asked for and can be given, one by one.
func (p *consentPage) fillScopes(a *asking, chosen []string) {
	can := a.offers()
	for _, scope := range a.Scopes {
		if !slices.Contains(can, scope) {
			if scope != auth.EmailScope {
				p.Strange = append(p.Strange, scope)
			}
			continue
		}
		p.Scopes = append(p.Scopes, option{Value: scope, Name: capital(a.words(scope)), Chosen: slices.Contains(chosen, scope)})
	}
}

// offers are what can be given at all.
func (a *asking) offers() []string {
	can := a.user.AppScopes()
	if a.email == "" || !slices.Contains(a.Scopes, auth.ProfileScope) {
		can = slices.DeleteFunc(can, func(one string) bool { return one == auth.EmailScope })
	}
	return can
}

func (a *asking) words(scope string) string {
	words := allowed([]string{scope}, nil) // translated where it is drawn
	if scope == auth.EmailScope {
		words += ", " + a.email
	}
	return words
}

// decideApp takes the user's answer, and sends them back to the app with it.
func (d *Desk) decideApp(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	query := url.Values{}
	for name, values := range fields {
		if name != "allow" && name != "life" && name != "do" {
			query[name] = values
		}
	}
	user, err := d.who(r)
	if err != nil {
		return err
	}
	if user == nil { // The form is asked for again: from the login page it could not lead to the app.
		return seeOther(w, r, "/login?next="+url.QueryEscape("/auth?"+query.Encode()))
	}
	a, done, err := d.asked(w, r, query)
	if done || err != nil {
		return err
	}
	if fields.Get("do") == "deny" {
		return seeOther(w, r, a.Refuse(indieauth.AccessDenied, "The user said no.", d.issuer()))
	}
	life, known := lifeOf[fields.Get("life")]
	if fields.Get("do") != "allow" || !known && fields.Get("life") != "" {
		return &page.Error{Status: http.StatusBadRequest}
	}
	if known, err := d.proven(w, r, a); !known || err != nil {
		return err
	}
	return d.allowApp(w, r, a, fields["allow"], life, fields.Get("life"))
}

func (d *Desk) allowApp(w http.ResponseWriter, r *http.Request, a *asking, ticked []string, life time.Duration, lifeWord string) error {
	var scopes []string
	for _, scope := range a.Scopes { // no more than was asked for
		if slices.Contains(ticked, scope) && slices.Contains(a.offers(), scope) {
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) > 0 && lifeWord == "" { // nobody who said nothing has said for ever
		return d.sendConsent(w, r, http.StatusUnprocessableEntity, a, scopes, "day", wrong{"life": "Say for how long."})
	}
	code, err := d.gate.Allow(r.Context(), a.user, auth.Consent{
		Client: a.Client, Name: a.client.Name, Redirect: a.Redirect, Challenge: a.Challenge,
		Me: a.me, Scopes: scopes, Life: life, Renews: a.client.Renews,
	})
	if invalid := (*auth.Invalid)(nil); errors.As(err, &invalid) {
		return d.sendConsent(w, r, http.StatusUnprocessableEntity, a, scopes, lifeWord, wrong{"scope": invalid.Text})
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, a.Accept(code, d.issuer()))
}

// noConsentPage is what desk/noconsent.html draws.
type noConsentPage struct {
	frame
	App    appFace // without a name where nobody knows which
	Text   string
	Detail string // for whoever makes the app
	Unread string
	Old    string       // where an app is let in without a proof; empty where that does not help
	Back   template.URL // to the app, with a refusal; empty for none. Its scheme may be the app's own
}

func (d *Desk) sendNoConsent(w http.ResponseWriter, r *http.Request, status int, p noConsentPage) (err error) {
	if p.frame, err = d.frame(r, "An app is not let in", ""); err != nil {
		return err
	}
	p.User = nil
	return d.send(w, status, "noconsent", p)
}

// logo serves the logo of an app that was looked at, as it was made anew here.
func (d *Desk) logo(w http.ResponseWriter, r *http.Request) error {
	found := d.clients.logoOf(chi.URLParam(r, "name"))
	if found == nil {
		return &page.Error{Status: http.StatusNotFound, Text: "There is no picture at this address."}
	}
	w.Header().Set("Content-Type", found.Type)
	w.Header().Set("Content-Length", strconv.Itoa(len(found.Bytes)))
	w.Write(found.Bytes)
	return nil
}
