package desk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/indieauth"
	"hark/internal/page"
	"hark/internal/words"
)

const appsPath = accountPath + "/apps"

// longestClient is how much of an app's address is carried.
const longestClient = 2048

// appsPage is what desk/apps.html draws.
type appsPage struct {
	accountFrame
	URL   string
	Apps  []app
	Token string   // a new one, this once
	For   string   // the app that it is for
	Old   []oldApp // that are let in as they are
	Let   string   // an address that may become one of them, as typed
}

// oldApp is an app that gives no proof, or shows its token twice, and is let in.
type oldApp struct{ Address, Host string }

// app is a program that was given a token.
type app struct {
	ID, Name, May string
	Made, Used    when
	Expires       when
	Expired       bool
	Face          *appFace // of one that asked by IndieAuth
}

// newAppPage is what desk/newapp.html draws.
type newAppPage struct {
	accountFrame
	Name   string // as typed
	Scopes []option
}

// scopeWords are what a token can allow, in words.
var scopeWords = []named[string]{
	{"create", "publish posts"}, {"draft", "write drafts, which you publish"}, {"update", "change posts"}, {"delete", "delete posts"}, {"undelete", "bring deleted posts back"},
	{"media", "upload pictures and other files"},
}

// identityWords are what an app can ask besides.
var identityWords = []named[string]{{auth.ProfileScope, "know the name you show"}, {auth.EmailScope, "know your address for letters"}}

// apps lists the tokens of the account.
func (d *Desk) apps(w http.ResponseWriter, r *http.Request) error {
	var p appsPage
	switch done := r.URL.Query(); {
	case done.Has("revoked"):
		p.Saved = "Revoked. That token opens nothing any more."
	case done.Has("let"):
		p.Saved = "That app may come in as it is. Go back to it and try again."
	case done.Has("barred"):
		p.Saved = "That app has to keep to the rules again. What it was allowed before stays, until you revoke it."
	case done.Has("old"):
		p.Let = cut(done.Get("old"), longestClient)
	}
	return d.sendApps(w, r, http.StatusOK, p)
}

func (d *Desk) sendApps(w http.ResponseWriter, r *http.Request, status int, p appsPage) error {
	if err := d.fillAccount(r, &p.accountFrame, "apps"); err != nil {
		return err
	}
	p.URL = d.url
	list, err := d.gate.Apps(r.Context(), p.User.ID)
	if err != nil {
		return err
	}
	for _, one := range list {
		drawn := app{
			ID: one.ID, Name: one.Name, May: allowed(one.Scopes, p.book), Made: d.when(one.Made), Used: d.when(one.Used),
			Expires: d.when(one.Expires), Expired: one.Expired,
		}
		if one.Client != "" {
			face := faceOf(one.Name, one.Client, "")
			drawn.Face = &face
		}
		p.Apps = append(p.Apps, drawn)
	}
	old, err := d.gate.OldApps(r.Context(), p.User.ID)
	if err != nil {
		return err
	}
	for _, address := range old {
		p.Old = append(p.Old, oldApp{address, indieauth.Host(address)})
	}
	return d.send(w, status, "apps", p)
}

// changeOldApp lets an app in that does not keep to the rules, or no more.
func (d *Desk) changeOldApp(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	address, user := fields.Get("client"), d.Who(r)
	switch fields.Get("do") {
	case "bar":
		if err := d.gate.BarOld(r.Context(), user.ID, address); err != nil {
			return err
		}
		return seeOther(w, r, appsPath+"?barred")
	case "let":
	default:
		return &page.Error{Status: http.StatusBadRequest}
	}
	known, err := d.isFresh(r)
	if err != nil {
		return err
	}
	if !known {
		return d.askProof(w, r, appsPath+"?"+url.Values{"old": {cut(address, longestClient)}}.Encode())
	}
	err = d.gate.LetOld(r.Context(), user.ID, address)
	if invalid := (*auth.Invalid)(nil); errors.As(err, &invalid) {
		return d.sendApps(w, r, http.StatusUnprocessableEntity, appsPage{Let: address, accountFrame: accountFrame{Wrong: wrong{invalid.Field: invalid.Text}}})
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, appsPath+"?let")
}

// allowed are scopes in words.
func allowed(scopes []string, book *words.Book) string {
	var said []string
	for _, one := range identityWords {
		if slices.Contains(scopes, one.value) {
			said = append(said, book.Sentence(one.name))
		}
	}
	for _, one := range scopeWords {
		if slices.Contains(scopes, one.value) {
			said = append(said, book.Sentence(one.name))
		}
	}
	return strings.Join(said, ", ")
}

// newApp shows the form by which an app is given a token.
func (d *Desk) newApp(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	scopes := asked["scope"]
	if !asked.Has("scope") {
		scopes = []string{"create"}
	}
	return d.sendNewApp(w, r, http.StatusOK, newAppPage{Name: asked.Get("name")}, scopes)
}

func (d *Desk) sendNewApp(w http.ResponseWriter, r *http.Request, status int, p newAppPage, scopes []string) error {
	if err := d.fillAccount(r, &p.accountFrame, "apps"); err != nil {
		return err
	}
	for _, one := range scopeWords {
		p.Scopes = append(p.Scopes, option{Value: one.value, Name: capital(one.name), Chosen: slices.Contains(scopes, one.value)})
	}
	return d.send(w, status, "newapp", p)
}

// addApp makes a token and shows it, this once. It asks who it is, so that nobody
// keeps a way in who finds a browser open.
func (d *Desk) addApp(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	name, scopes := fields.Get("name"), fields["scope"]
	known, err := d.isFresh(r)
	if err != nil {
		return err
	}
	if !known {
		return d.askProof(w, r, appsPath+"/new?"+url.Values{"name": {cut(name, longestSearch)}, "scope": scopes[:min(len(scopes), len(scopeWords))]}.Encode())
	}
	token, err := d.gate.AddApp(r.Context(), d.Who(r), strings.Join(scopes, " "), name, from(r))
	if invalid := (*auth.Invalid)(nil); errors.As(err, &invalid) {
		return d.sendNewApp(w, r, http.StatusUnprocessableEntity, newAppPage{Name: name, accountFrame: accountFrame{Wrong: wrong{invalid.Field: invalid.Text}}}, scopes)
	}
	if err != nil {
		return err
	}
	return d.sendApps(w, r, http.StatusOK, appsPage{Token: token, For: strings.TrimSpace(name)})
}

// revokeApp has a token open nothing any more.
func (d *Desk) revokeApp(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	if fields.Get("do") != "revoke" {
		return &page.Error{Status: http.StatusBadRequest}
	}
	err = d.gate.RevokeApp(r.Context(), d.Who(r).ID, chi.URLParam(r, "id"), from(r))
	if errors.Is(err, auth.ErrNoApp) {
		return d.sendApps(w, r, http.StatusNotFound, appsPage{accountFrame: accountFrame{Problem: "That token is revoked already."}})
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, appsPath+"?revoked")
}
