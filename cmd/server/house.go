package main

import (
	"context"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"hark/internal/auth"
	"hark/internal/authlog"
	"hark/internal/courier"
	"hark/internal/database"
	"hark/internal/desk"
	"hark/internal/fetch"
	"hark/internal/guard"
	"hark/internal/media"
	"hark/internal/mentions"
	"hark/internal/page"
	"hark/internal/picture"
	"hark/internal/posts"
	"hark/internal/queue"
	choices "hark/internal/settings"
	"hark/internal/site"
	"hark/internal/visitors"
	"hark/internal/words"
	"hark/web"
)

// cacheBytes bounds what the page cache holds.
const cacheBytes = 24 << 20

// house is the whole program, wired.
type house struct {
	handler http.Handler
	routes  chi.Routes // what the handler leads to
	queue   *queue.Queue
	gate    *auth.Gate
	guard   *guard.Guard
	bans    *guard.Bans
	media   *media.Store
	posts   *posts.Store
	outbox  *mentions.Outbox
}

// build puts the rooms together, from the ground up.
func build(s settings, db *database.DB, alog *authlog.Log) (*house, error) {
	now, log := time.Now, slog.Default()
	store := choices.New(db)
	jobs := queue.New(db, log, now)
	if err := auth.NameAuthors(context.Background(), db); err != nil {
		return nil, err
	}
	gate := auth.New(db, alog, now)
	passkeys, err := auth.NewPasskeys(gate, s.url)
	if err != nil {
		return nil, err
	}
	warden := guard.New(alog, guard.DefaultBudgets(), now)
	warden.Books().Keep(db)
	warden.Follow(db, choices.Generation, budgets(store))
	bans := guard.NewBans(guard.BanOptions{DB: db, Trusted: s.proxies, Spared: spared(store), SparedBy: choices.Generation, Now: now})
	writing := posts.New(db, jobs, s.url, now)
	visitor := fetch.New(fetch.Options{Agent: fmt.Sprintf("hark/%s (%s; reads pages that link here or are linked from here)", version, s.url), Allow: s.allow})
	pictures := picture.New()
	languages, err := words.Open(web.Words)
	if err != nil {
		return nil, err
	}
	rooms := mentions.Rooms{
		DB: db, Queue: jobs, Posts: writing, Settings: store, Guard: warden, Log: log, Now: now, URL: s.url, Writers: gate.Writers, Topics: site.Topics,
		Fetch: visitor, Pictures: pictures, Languages: languages,
	}
	files, err := media.New(db, s.media, pictures, desk.Besides(gate, store), now)
	if err != nil {
		return nil, err
	}
	files.Work(jobs)
	carrier := courier.New(courier.Rooms{DB: db, Queue: jobs, Posts: writing, Media: files, Fetch: visitor, Log: log, Now: now, URL: s.url})
	rooms.Came = carrier.Came
	inbox := mentions.NewInbox(rooms)
	guests := site.NewVisitors(s.url, visitors.Options{DB: db, Fetch: visitor, Now: now})
	outbox := mentions.NewOutbox(rooms, inbox)

	static, err := page.NewStatic(web.Static)
	if err != nil {
		return nil, err
	}
	funcs := template.FuncMap{"asset": static.Asset}
	templates := page.NewTemplates(web.Templates, funcs, languages)
	var readers *site.Site
	failures := page.NewErrors(templates, log, frameOf(store, templates, &readers),
		page.Known{Err: posts.ErrNotFound, Status: http.StatusNotFound},
		page.Known{Err: mentions.ErrNotFound, Status: http.StatusNotFound},
		page.Known{Err: database.ErrFull, Status: http.StatusInsufficientStorage},
		page.Known{Err: database.ErrLocked, Status: http.StatusServiceUnavailable},
	)
	owner := desk.New(desk.Options{
		URL: s.url, Gate: gate, Passkeys: passkeys, Posts: writing, Inbox: inbox, Outbox: outbox, Courier: carrier, Settings: store,
		Guard: warden, Bans: bans, AuthLog: alog, Queue: jobs,
		Fetch: visitor, Pictures: pictures, Media: files, Visitors: guests,
		Pages: templates, Errors: failures, Log: log, Now: now,
	})
	readers = site.New(site.Options{
		URL: s.url, Posts: writing, Inbox: inbox, Outbox: outbox, Settings: store, Gate: gate, Guard: warden, Media: files, Visitors: guests,
		Pages: templates, Errors: failures, Cache: page.NewCache(db, cacheBytes), Static: static,
		Hub: func(ctx context.Context) (string, error) {
			telling, err := store.Telling(ctx)
			return telling.Hub, err
		},
		Who: owner.Who, HasOwner: gate.HasOwner, Ping: db.Ping, Now: now,
		Measured: site.Measured{
			Allow: s.measurers, Token: s.token, Version: version,
			Bans: bans, AuthLog: alog, Jobs: jobs.Standing,
		},
	})
	router := chi.NewRouter()
	router.Use(guard.ClientIP(s.proxies), owner.Remember, middleware.GetHead, readers.Count)
	owner.Routes(router)
	readers.Routes(router)
	handler := page.SecurityHeaders(s.https)(bans.Door(readers.Front(router)))
	return &house{handler: handler, routes: router, queue: jobs, gate: gate, guard: warden, bans: bans, media: files, posts: writing, outbox: outbox}, nil
}

// budgets gives the guard what the owner has chosen about pings.
func budgets(store *choices.Store) func(context.Context) (guard.Budgets, error) {
	return func(ctx context.Context) (guard.Budgets, error) {
		chosen, err := store.Defence(ctx)
		return guard.Budgets{
			Address: chosen.Address.Limit(), Network: chosen.Network.Limit(), Source: chosen.Source.Limit(),
			Target: chosen.Target.Limit(), Total: chosen.Total.Limit(), Junk: chosen.Junk.Limit(),
		}, err
	}
}

// spared gives the guard those whom the owner never wants to be banned.
func spared(store *choices.Store) func(context.Context) ([]netip.Prefix, error) {
	return func(ctx context.Context) ([]netip.Prefix, error) {
		chosen, err := store.Defence(ctx)
		return chosen.Spared.All(), err
	}
}

// frameOf says what stands on every error page. readers is built after this, and
// before the first request.
func frameOf(store *choices.Store, templates *page.Templates, readers **site.Site) func(context.Context) page.Site {
	return func(ctx context.Context) page.Site {
		chosen, err := store.Site(ctx)
		if err != nil {
			chosen = choices.Default
		}
		sheet, custom := (*readers).Sheets(chosen)
		return page.Site{Name: chosen.Title, Book: templates.Book(chosen.Spoken()), Sheet: sheet, Custom: custom}
	}
}
