// Package desk is the blog as its owner meets it: the doors (sign in, set up),
// the editor, the posts, what others say and what was told to them, what was turned
// away, the settings.
//
// Every page works without a script. Nothing of it is kept in a cache, and
// nothing that a cookie can do is done for a form of another site.
package desk

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/authlog"
	"hark/internal/courier"
	"hark/internal/fetch"
	"hark/internal/guard"
	"hark/internal/media"
	"hark/internal/mentions"
	"hark/internal/page"
	"hark/internal/picture"
	"hark/internal/posts"
	"hark/internal/queue"
	"hark/internal/settings"
	"hark/internal/visitors"
	"hark/internal/words"
)

// Options are what the desk stands on.
type Options struct {
	URL      string // of the site, no trailing slash
	Gate     *auth.Gate
	Passkeys *auth.Passkeys // nil for none
	Posts    *posts.Store
	Inbox    *mentions.Inbox
	Outbox   *mentions.Outbox
	Courier  *courier.Courier // nil where no files are brought
	Settings *settings.Store
	Guard    *guard.Guard
	Bans     *guard.Bans
	AuthLog  *authlog.Log    // for its last lines
	Fetch    *fetch.Client   // reads what apps say of themselves
	Pictures *picture.Maker  // makes their logos anew
	Media    *media.Store    // what writers have uploaded
	Visitors *visitors.Book  // the readers who are known
	Queue    *queue.Queue    // nil where no letters are written
	Pages    *page.Templates // with desk/*.html
	Errors   *page.Errors
	Log      *slog.Logger
	Now      func() time.Time
}

// Desk serves the owner's pages. New is its only door.
type Desk struct {
	gate     *auth.Gate
	passkeys *auth.Passkeys
	posts    *posts.Store
	inbox    *mentions.Inbox
	outbox   *mentions.Outbox
	courier  *courier.Courier
	settings *settings.Store
	guard    *guard.Guard
	bans     *guard.Bans
	authlog  *authlog.Log
	clients  *clients
	media    *media.Store
	visitors *visitors.Book
	fetch    *fetch.Client
	pictures *picture.Maker
	pages    *page.Templates
	errors   *page.Errors
	log      *slog.Logger
	now      func() time.Time

	url     string
	cookies cookies
}

// New makes the desk.
func New(o Options) *Desk {
	d := &Desk{
		gate: o.Gate, passkeys: o.Passkeys, posts: o.Posts, inbox: o.Inbox, outbox: o.Outbox, courier: o.Courier, settings: o.Settings,
		guard: o.Guard, bans: o.Bans, authlog: o.AuthLog, clients: newClients(o.Fetch, o.Pictures, o.Now), media: o.Media, visitors: o.Visitors, fetch: o.Fetch, pictures: o.Pictures,
		pages: o.Pages, errors: o.Errors, log: o.Log, now: o.Now,
		url: o.URL, cookies: newCookies(strings.HasPrefix(o.URL, "https://")),
	}
	if o.Queue != nil {
		d.writeOfArrivals(o.Queue)
	}
	return d
}

// Routes adds the owner's pages.
func (d *Desk) Routes(r chi.Router) {
	handle := d.errors.Handle
	r.Group(func(r chi.Router) {
		r.Use(page.Unstored, d.errors.SameSite(d.url), d.Remember)
		r.Get("/login", handle(d.login))
		r.Post("/login", handle(d.enter))
		r.Post("/login/passkey", d.errors.Door(d.askPasskey))
		r.Get("/login/code", handle(d.code))
		r.Post("/login/code", handle(d.enterCode))
		r.Post("/logout", handle(d.leave))
		r.Get("/setup", handle(d.setup))
		r.Post("/setup", handle(d.makeOwner))
		r.Get("/reset", handle(d.reset))
		r.Post("/reset", handle(d.choosePassword))
		r.Get("/invite", handle(d.invited))
		r.Post("/invite", handle(d.acceptInvitation))
		r.Get("/auth", handle(d.owner(d.consent)))
		r.Post("/auth/decide", handle(d.decideApp))
		r.Get("/auth/logo/{name}", d.errors.Door(d.owner(d.logo)))
		r.Get("/desk", handle(d.owner(d.front)))
		r.Get("/desk/write", handle(d.may(auth.Write, d.write)))
		r.Post("/desk/write", handle(d.withFiles(writeLimit, d.mayLater(auth.Write, writeLimit, d.saveDraft))))
		r.Get("/desk/write/{id}", handle(d.may(auth.Write, d.write)))
		r.Post("/desk/write/{id}", handle(d.withFiles(writeLimit, d.mayLater(auth.Write, writeLimit, d.saveDraft))))
		r.Post("/desk/preview", handle(d.may(auth.Write, d.preview)))
		r.Post("/desk/copy", handle(d.may(auth.Write, d.keep)))
		r.Get("/desk/media", handle(d.may(auth.Write, d.files)))
		r.Post("/desk/media", handle(d.may(auth.Write, d.withFiles(formLimit, d.upload))))
		r.Post("/desk/media/words", handle(d.mayLater(auth.Write, writeLimit, d.sayOfFiles)))
		r.Post("/desk/media/{id}", handle(d.may(auth.Write, d.changeFile)))
		r.Get("/desk/find", handle(d.may(auth.Write, d.find)))
		r.Get("/desk/share", handle(d.may(auth.Write, d.share)))
		r.Get("/site.webmanifest", d.errors.Handle(d.manifest))
		r.Get("/desk/posts", handle(d.may(auth.Write, d.list)))
		r.Post("/desk/posts/{id}", handle(d.may(auth.Write, d.movePost)))
		r.Get("/desk/posts/{id}/revisions", handle(d.may(auth.Write, d.revisions)))
		r.Post("/desk/posts/{id}/revisions", handle(d.may(auth.Write, d.restoreRevision)))
		r.Get("/desk/templates", handle(d.may(auth.Write, d.templates)))
		r.Get("/desk/templates/{id}", handle(d.may(auth.Write, d.template)))
		r.Post("/desk/templates/{id}", handle(d.mayLater(auth.Write, writeLimit, d.changeTemplate)))
		r.Get("/desk/inbox", handle(d.may(auth.Decide, d.mentions)))
		r.Post("/desk/inbox", handle(d.may(auth.Decide, d.decideMany)))
		r.Post("/desk/inbox/undo", handle(d.may(auth.Decide, d.undo)))
		r.Get("/desk/inbox/rules", handle(d.may(auth.Decide, d.rules)))
		r.Post("/desk/inbox/rules", handle(d.mayLater(auth.Decide, formLimit, d.addRule)))
		r.Post("/desk/inbox/rules/{id}", handle(d.may(auth.Decide, d.takeBack)))
		r.Get("/desk/inbox/{id}", handle(d.may(auth.Decide, d.mention)))
		r.Post("/desk/inbox/{id}", handle(d.may(auth.Decide, d.decide)))
		r.Get("/desk/outbox", handle(d.may(auth.Write, d.deliveries)))
		r.Post("/desk/outbox/{id}", handle(d.may(auth.Write, d.decideDelivery)))
		r.Get("/desk/defence", handle(d.may(auth.Defend, d.defence)))
		r.Post("/desk/defence/bans", handle(d.mayLater(auth.Defend, formLimit, d.changeBan)))
		r.Post("/desk/defence/budgets", handle(d.mayLater(auth.Defend, formLimit, d.saveDefence)))
		r.Get("/desk/settings", handle(d.may(auth.Choose, d.choices)))
		r.Post("/desk/settings", handle(d.mayLater(auth.Choose, writeLimit, d.saveChoices)))
		r.Get("/desk/settings/look", handle(d.may(auth.Choose, d.looks)))
		r.Post("/desk/settings/look", handle(d.withPicture(writeLimit, d.mayLater(auth.Choose, writeLimit, d.saveLook))))
		r.Get("/desk/settings/look/sample.css", d.errors.Door(d.may(auth.Choose, d.sampleSheet)))
		r.Get("/desk/settings/answers", handle(d.may(auth.Choose, d.answers)))
		r.Post("/desk/settings/answers", handle(d.mayLater(auth.Choose, writeLimit, d.saveAnswers)))
		r.Get("/desk/settings/telling", handle(d.may(auth.Choose, d.telling)))
		r.Post("/desk/settings/telling", handle(d.mayLater(auth.Choose, writeLimit, d.saveTelling)))
		r.Get("/desk/settings/letters", handle(d.may(auth.Choose, d.letters)))
		r.Post("/desk/settings/letters", handle(d.mayLater(auth.Choose, formLimit, d.saveLetters)))
		r.Get("/desk/settings/readers", handle(d.may(auth.Choose, d.readers)))
		r.Post("/desk/settings/readers", handle(d.mayLater(auth.Choose, formLimit, d.changeReaders)))
		r.Get("/desk/people", handle(d.may(auth.Invite, d.people)))
		r.Post("/desk/people/invitations", handle(d.may(auth.Invite, d.invite)))
		r.Post("/desk/people/invitations/{id}", handle(d.may(auth.Invite, d.takeInvitationBack)))
		r.Post("/desk/people/{id}", handle(d.may(auth.Invite, d.changePerson)))
		r.Get("/desk/account", handle(d.owner(d.account)))
		r.Post("/desk/account/sessions", handle(d.owner(d.endSession)))
		r.Post("/desk/account/devices", handle(d.owner(d.forgetDevice)))
		r.Post("/desk/account/name", handle(d.ownerLater(formLimit, d.rename)))
		r.Post("/desk/account/password", handle(d.owner(d.changePassword)))
		r.Post("/desk/account/news", handle(d.owner(d.putAway)))
		r.Get("/desk/account/page", handle(d.owner(d.profile)))
		r.Post("/desk/account/page", handle(d.withPicture(formLimit, d.ownerLater(formLimit, d.saveProfile))))
		r.Get("/desk/account/activity", handle(d.owner(d.activity)))
		r.Get("/desk/account/apps", handle(d.owner(d.apps)))
		r.Post("/desk/account/apps", handle(d.owner(d.addApp)))
		r.Get("/desk/account/apps/new", handle(d.owner(d.fresh(d.newApp))))
		r.Post("/desk/account/apps/old", handle(d.owner(d.changeOldApp)))
		r.Post("/desk/account/apps/{id}", handle(d.owner(d.revokeApp)))
		r.Get("/desk/account/prove", handle(d.owner(d.prove)))
		r.Post("/desk/account/prove", handle(d.owner(d.checkProof)))
		r.Get("/desk/account/passkeys", handle(d.owner(d.listPasskeys)))
		r.Post("/desk/account/passkeys", handle(d.owner(d.addPasskey)))
		r.Get("/desk/account/passkeys/new", handle(d.owner(d.fresh(d.newPasskey))))
		r.Post("/desk/account/passkeys/begin", d.errors.Door(d.owner(d.beginPasskey)))
		r.Post("/desk/account/passkeys/{id}", handle(d.owner(d.changePasskey)))
		r.Get("/desk/account/codes", handle(d.owner(d.codes)))
		r.Post("/desk/account/codes", handle(d.owner(d.changeCodes)))
		r.Get("/desk/account/codes/key.png", handle(d.owner(d.keyPicture)))
	})
}

// front leads to where most visits of the desk begin.
func (d *Desk) front(w http.ResponseWriter, r *http.Request) error {
	return seeOther(w, r, "/desk/write")
}

// frame is what every page of the desk shows around its own.
type frame struct {
	book      *words.Book // in whose language it is
	Site      settings.Site
	User      *auth.User // nil at the doors
	Title     string
	Here      string // the word of the bar that is current
	Undecided int    // mentions that wait for a decision
	News      []arrival
	NewsPath  string // where they are put away to
}

// Speaks makes each page a [page.Speaker].
func (f frame) Speaks() *words.Book { return f.book }

// spoken is the language of the desk.
func (d *Desk) spoken(site settings.Site) *words.Book { return d.pages.Book(site.Spoken()) }

// book is that language, for what is named before a page has its frame.
func (d *Desk) book(ctx context.Context) (*words.Book, error) {
	site, err := d.settings.Site(ctx)
	return d.spoken(site), err
}

// Language is that of the page, as BCP 47 writes it.
func (f frame) Language() string { return f.book.Tag() }

// FromRight tells whether what the page says is read from the right.
func (f frame) FromRight() bool { return f.book.FromRight() }

// frame makes the frame of a page. At the doors nothing is counted.
func (d *Desk) frame(r *http.Request, title, here string) (frame, error) {
	site, err := d.settings.Site(r.Context())
	if err != nil {
		return frame{}, err
	}
	book := d.spoken(site)
	f := frame{book: book, Site: site, User: d.Who(r), Title: book.Say(title), Here: here}
	if f.User == nil {
		return f, nil
	}
	if f.User.May(auth.Decide) {
		if f.Undecided, err = d.inbox.Undecided(r.Context()); err != nil {
			return frame{}, err
		}
	}
	return f, d.fillNews(r, &f)
}

// What the bar leads to.

func (f frame) MayDecide() bool { return f.User.May(auth.Decide) }
func (f frame) MayTell() bool   { return f.User.May(auth.Tell) }
func (f frame) MayDefend() bool { return f.User.May(auth.Defend) }
func (f frame) MayChoose() bool { return f.User.May(auth.Choose) }
func (f frame) MayInvite() bool { return f.User.May(auth.Invite) }

// send draws a page and answers with it.
func (d *Desk) send(w http.ResponseWriter, status int, name string, data any) error {
	body, err := d.pages.Render("desk/"+name, data)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // A client that does not listen any more gets no second answer.
	return nil
}

func seeOther(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
